// Pages that make a person, or the browser, carry the malware in.

rule ClickFix_Instructions
{
    meta:
        description_it = "Pagina che mette un comando negli appunti e invita a incollarlo in Esegui (ClickFix)"
        description_en = "Page that puts a command on the clipboard and tells the visitor to paste it into Run (ClickFix)"
        severity = "high"
        technique = "T1204.004"
    strings:
        $copy1 = /navigator\s{0,4}\.\s{0,4}clipboard\s{0,4}\.\s{0,4}writeText/
        $copy2 = /execCommand\s{0,4}\(\s{0,4}["']copy["']/
        $keys1 = /\b(win|windows|windows (key|button)|tasto windows)(<[^>]{0,40}>|&nbsp;|\s){0,4}\+(<[^>]{0,40}>|&nbsp;|\s){0,4}(r|x)\b/ nocase
        $keys2 = /\bctrl(<[^>]{0,40}>|&nbsp;|\s){0,4}\+(<[^>]{0,40}>|&nbsp;|\s){0,4}v\b/ nocase
        $command = /["'`][^"'`\n]{0,40}\b(powershell|mshta|cmd(\.exe)? \/c|msiexec|rundll32|curl\s[^"'`\n]{1,200}\|)[^"'`\n]{6}/ nocase
    condition:
        filesize < 2MB and any of ($copy*) and all of ($keys*) and $command
}

rule HTML_Smuggling
{
    meta:
        description_it = "Pagina che ricostruisce un file nascosto nel proprio testo e lo scarica da sola"
        description_en = "Page that rebuilds a file hidden in its own text and downloads it by itself"
        severity = "high"
        technique = "T1027.006"
    strings:
        $blob = /new\s{1,4}Blob\s{0,4}\(/
        $decode = /(\batob\s{0,4}\(|new\s{1,4}Uint8Array\b)/
        $link = /(createObjectURL|msSaveOrOpenBlob|msSaveBlob)/
        $click = /\.click\s{0,4}\(\s{0,4}\)/
        $name = /\.download\s{0,4}=|setAttribute\s{0,4}\(\s{0,4}["']download["']/
        // Zip, Windows program, RAR, 7z or cabinet, in base64.
        $payload = /["'`](UEsDB[A-Za-z0-9+\/]|TV[oqpr][A-Za-z0-9+\/]{3}|UmFyIR|N3q8rycc|TVNDR)[A-Za-z0-9+\/=]{500}/
    condition:
        // No program begins a page: large ones are thus not searched at all.
        filesize < 32MB and uint32(0) != 0x464C457F and uint16(0) != 0x5A4D and $blob and $decode and $link and $click and $name and $payload
}
