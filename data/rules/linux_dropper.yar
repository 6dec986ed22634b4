// First stages and persistence on Linux.

rule Shell_Runs_Download_From_Bare_Address
{
    meta:
        description_it = "Script che scarica da un indirizzo IP nudo ed esegue subito, nascondendo le tracce"
        description_en = "Script that runs what it downloads from a bare IP address and hides its traces"
        severity = "high"
        technique = "T1105"
    strings:
        $pipe = /(curl|wget)\s[^\n|]{0,160}https?:\/\/[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}[:\/][^\n|]{0,160}\|\s{0,4}(sudo\s{1,4})?(ba|z|da)?sh\b/
        $hide1 = /base64\s{1,4}(-d|-D|--decode)/
        $hide2 = "/dev/shm/"
        $hide3 = /history\s{1,4}-c\b/
        $hide4 = /(unset|export)\s{1,4}HISTFILE/
        $hide5 = /rm\s{1,4}-r?f\s{1,4}(\$0|\/var\/log\/)/
        $hide6 = /chattr\s{1,4}\+i/
        $hide7 = /nohup\s[^\n]{1,120}>\s{0,2}\/dev\/null\s{1,4}2>&1\s{0,2}&/
    condition:
        filesize < 256KB and $pipe and any of ($hide*)
}

rule Shell_Runs_Base64_Literal
{
    meta:
        description_it = "Script che esegue un lungo comando nascosto in base64"
        description_en = "Script that runs a long command hidden in base64"
        severity = "high"
        technique = "T1140"
    strings:
        $run = /echo\s{1,4}(-n\s{1,4})?["']?[A-Za-z0-9+\/]{80,8000}={0,2}["']?\s{0,4}\|\s{0,4}base64\s{1,4}(-d|-D|--decode)\s{0,4}\|\s{0,4}(sudo\s{1,4})?(ba|z|da)?sh\b/
    condition:
        filesize < 1MB and $run
}

rule Cron_Runs_Download
{
    meta:
        description_it = "Riga di cron che scarica ed esegue codice a ogni scadenza (persistenza)"
        description_en = "Cron line that downloads and runs code again and again (persistence)"
        severity = "high"
        technique = "T1053.003"
    strings:
        $line = /(\*|[0-9]{1,2}|\*\/[0-9]{1,2})\s{1,4}(\*|[0-9]{1,2}|\*\/[0-9]{1,2})\s{1,4}\*\s{1,4}\*\s{1,4}\*\s{1,4}[^\n]{0,40}(curl|wget)\s[^\n|]{0,200}\|\s{0,4}(ba|z|da)?sh\b/
    condition:
        filesize < 256KB and $line
}

rule Script_Carries_ELF
{
    meta:
        description_it = "Script che contiene un programma Linux in base64, lo scrive e lo avvia"
        description_en = "Script that carries a Linux program in base64, writes it and starts it"
        severity = "high"
        technique = "T1027"
    strings:
        // \x7FELF, 32 or 64 bits, little endian, version 1.
        $elf = /f0VMRg[EI]BAQ[A-Za-z0-9+\/\r\n]{200}/
        $decode = /base64\s{1,4}(-d|-D|--decode)|b64decode|FromBase64/
        $run = /chmod\s{1,4}(\+x|[0-7]?7[0-7]{2})|os\.chmod|memfd_create/
    condition:
        filesize < 32MB and uint16be(0) == 0x2321 and all of them
}

rule Preload_Rootkit_Install
{
    meta:
        description_it = "Script che si inserisce in ogni programma del sistema tramite ld.so.preload (rootkit)"
        description_en = "Script that slips into every program of the system through ld.so.preload (rootkit)"
        severity = "critical"
        technique = "T1574.006"
    strings:
        $write = /(>>?|\btee\s{1,4}(-a\s{1,4})?)\s{0,4}["']?\/etc\/ld\.so\.preload\b/
        $lock = /chattr\s{1,4}\+[ai]{1,2}\s[^\n]{0,40}ld\.so\.preload/
        $build = /cc\s[^\n]{0,120}-shared\b/
        $fetch = /(curl|wget)\s[^\n]{1,200}\.so\b/
        $odd = /\/(dev\/shm|tmp|var\/tmp)\/[^\s"']{1,60}\.so\b/
    condition:
        filesize < 1MB and $write and any of ($lock, $build, $fetch, $odd)
}
