// First stages on Windows: scripts, shortcuts and macros that fetch and start something else.

rule PowerShell_Encoded_Download
{
    meta:
        description_it = "PowerShell con un comando codificato in base64 che scarica o decodifica altro codice"
        description_en = "PowerShell with a base64 command that downloads or unpacks more code"
        severity = "critical"
        technique = "T1059.001"
    strings:
        $powershell = "powershell" ascii wide nocase
        $flag = /\s[\-\/]e(c|n|nc|ncoded|ncodedcommand)?\s{1,4}["']?[A-Za-z0-9+\/]{60}/ ascii wide nocase
        $web = "Net.WebClient" wide base64
        $string = "DownloadString" wide base64
        $file = "DownloadFile" wide base64
        $request = "Invoke-WebRequest" wide base64
        $invoke = "Invoke-Expression" wide base64
        $unpack = "FromBase64String" wide base64
        $sockets = "Net.Sockets.TCPClient" wide base64
    condition:
        filesize < 4MB and $powershell and $flag and any of ($web, $string, $file, $request, $invoke, $unpack, $sockets)
}

rule PowerShell_Hidden_Download
{
    meta:
        description_it = "PowerShell in finestra nascosta che scarica codice e lo esegue subito"
        description_en = "PowerShell in a hidden window that downloads code and runs it at once"
        severity = "high"
        technique = "T1059.001"
    strings:
        $powershell = "powershell" ascii wide nocase
        $hidden = /\s[\-\/]w(i|in|indowstyle)?\s{1,4}(h|hid|hidden|1)\s/ ascii wide nocase
        $cradle1 = /(\biex\b|invoke-expression)[^\n]{0,120}(downloadstring|invoke-webrequest|invoke-restmethod|\biwr\s|\birm\s)/ nocase
        $cradle2 = /(downloadstring|\biwr\s|\birm\s|invoke-webrequest|invoke-restmethod)[^\n]{0,200}\|\s{0,4}(iex\b|invoke-expression)/ nocase
    condition:
        filesize < 256KB and $powershell and $hidden and any of ($cradle*)
}

rule HTA_Dropper
{
    meta:
        description_it = "Applicazione HTA che avvia comandi di sistema o scarica file"
        description_en = "HTA application that starts system commands or downloads files"
        severity = "high"
        technique = "T1218.005"
    strings:
        $hta = /<hta:application/ nocase
        $shell = /(CreateObject|ActiveXObject)\s{0,4}\(\s{0,4}["'](WScript\.Shell|Shell\.Application)["']/ nocase
        $run = /\.(Run|Exec|ShellExecute)\b/ nocase
        $fetch = /(powershell|bitsadmin|certutil|mshta\s|MSXML2\.(Server)?XMLHTTP|regsvr32|rundll32)/ nocase
    condition:
        filesize < 1MB and all of them
}

rule Script_Download_And_Run
{
    meta:
        description_it = "Script VBS o JS che scarica un file, lo salva e lo avvia"
        description_en = "VBS or JS script that downloads a file, saves it and starts it"
        severity = "high"
        technique = "T1059.005"
    strings:
        $http = /(CreateObject|ActiveXObject)\s{0,4}\(\s{0,4}["'](MSXML2\.(Server)?XMLHTTP|Microsoft\.XMLHTTP|WinHttp\.WinHttpRequest)/ nocase
        $stream = /(CreateObject|ActiveXObject)\s{0,4}\(\s{0,4}["']ADODB\.Stream["']/ nocase
        $save = /\.SaveToFile\b/ nocase
        $shell = /(CreateObject|ActiveXObject)\s{0,4}\(\s{0,4}["'](WScript\.Shell|Shell\.Application)["']/ nocase
        $run = /\.(Run|Exec|ShellExecute)\b/ nocase
    condition:
        filesize < 1MB and all of them
}

rule Office_Macro_Autorun_Shell
{
    meta:
        description_it = "Macro di Office che parte da sola e avvia comandi di sistema"
        description_en = "Office macro that starts by itself and runs system commands"
        severity = "high"
        technique = "T1204.002"
    strings:
        $auto = /\bSub\s{1,4}(Auto_?Open|AutoExec|Auto_?Close|Document_Open|Document_Close|Workbook_Open)\s{0,4}\(/ nocase
        $shell = /(\bShell\s{0,2}\(?\s{0,2}["A-Za-z]|CreateObject\s{0,4}\(\s{0,4}"(WScript\.Shell|Shell\.Application)")/ nocase
        $what = /(powershell|cmd(\.exe)?\s{1,4}\/c|mshta\s|certutil|bitsadmin|regsvr32|rundll32|URLDownloadToFile)/ nocase
    condition:
        filesize < 4MB and all of them
}

rule Shortcut_Runs_Script
{
    meta:
        description_it = "Collegamento di Windows (LNK) che avvia PowerShell o mshta con codice nascosto o scaricato"
        description_en = "Windows shortcut (LNK) that starts PowerShell or mshta with hidden or downloaded code"
        severity = "high"
        technique = "T1204.002"
    strings:
        $program = /(powershell|mshta|cmd\.exe)/ ascii wide nocase
        $encoded = /[\-\/]e(c|n|nc|ncodedcommand)?\s{1,4}[A-Za-z0-9+\/]{40}/ ascii wide nocase
        $hidden = /[\-\/]w(i|in|indowstyle)?\s{1,4}(h|hid|hidden|1)\s/ ascii wide nocase
        $remote = /(mshta(\.exe)?["']?\s{1,4}["']?https?:\/\/|downloadstring|invoke-expression|frombase64string)/ ascii wide nocase
    condition:
        filesize < 1MB and uint32(0) == 0x0000004C and uint32(4) == 0x00021401 and $program and any of ($encoded, $hidden, $remote)
}
