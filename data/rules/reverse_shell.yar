// Reverse shells: scripts that give a shell of this computer to another one.

rule Reverse_Shell_Bash
{
    meta:
        description_it = "Comando che apre una shell verso un altro computer (bash, nc, mkfifo)"
        description_en = "Command that opens a shell towards another computer (bash, nc, mkfifo)"
        severity = "critical"
        technique = "T1059.004"
    strings:
        $tcp = /sh\s{1,4}-i\s{0,4}[0-9&>]{1,4}\s{0,4}\/dev\/(tcp|udp)\/[0-9A-Za-z.\-]{4,64}\/[0-9]{2,5}/
        $fd1 = /exec\s{1,4}[0-9]{1,3}<>\s{0,4}\/dev\/tcp\/[0-9A-Za-z.\-]{4,64}\/[0-9]{2,5}/
        $fd2 = /\b(ba|z|da)?sh\s{1,4}(-i\s{1,4})?<&\s{0,2}[0-9]{1,3}\s{1,4}>&\s{0,2}[0-9]/
        $fifo = /mkfifo\s{1,4}[^\s;|]{1,64}\s{0,4};[^\n]{0,80}sh\s{1,4}-i[^\n]{0,40}\|\s{0,4}(nc|ncat|netcat|openssl s_client)\s/
    condition:
        filesize < 256KB and ($tcp or $fifo or ($fd1 and $fd2))
}

rule Reverse_Shell_Python
{
    meta:
        description_it = "Programma Python che collega una shell a una connessione verso l'esterno"
        description_en = "Python program that ties a shell to an outgoing connection"
        severity = "critical"
        technique = "T1059.006"
    strings:
        $socket = "socket.socket("
        $connect = /\.connect\s{0,2}\(\s{0,2}\(\s{0,2}['"]/
        $dup = /os\.dup2\s{0,2}\(\s{0,2}[a-z_]{1,16}\.fileno\(\)\s{0,2},\s{0,2}[012]\s{0,2}\)/
        $shell = /(pty\.spawn|subprocess\.(call|run|Popen)|os\.(system|execl|execv|execve))\s{0,2}\(\s{0,2}\[?\s{0,2}['"](\/bin\/)?(ba|z|da)?sh\b/
    condition:
        filesize < 256KB and $socket and $connect and #dup >= 2 and $shell
}

rule Reverse_Shell_Perl_Ruby_PHP
{
    meta:
        description_it = "Programma Perl, Ruby o PHP che collega una shell a una connessione verso l'esterno"
        description_en = "Perl, Ruby or PHP program that ties a shell to an outgoing connection"
        severity = "critical"
        technique = "T1059"
    strings:
        $perl1 = /open\s{0,2}\(\s{0,2}STDIN\s{0,2},\s{0,2}["']>&/
        $perl2 = /open\s{0,2}\(\s{0,2}STDOUT\s{0,2},\s{0,2}["']>&/
        $perl3 = /exec\s{0,2}[\({]\s{0,2}["']\/bin\/(ba|z|da)?sh(\s-i)?["']/
        $perl4 = /(connect\s{0,2}\(|IO::Socket::INET)/
        $ruby = /TCPSocket\.(new|open)\s{0,2}\([^\n]{1,100}exec\s{0,2}(\(|sprintf)[^\n]{0,40}\/bin\/(ba|z|da)?sh\s-i/
        $php = /fsockopen\s{0,2}\([^\n]{1,100}(exec|shell_exec|system|passthru|popen|proc_open)\s{0,2}\(\s{0,2}["'](\/bin\/)?(ba|z|da)?sh\s-i\s{0,2}<&/
    condition:
        filesize < 256KB and (all of ($perl*) or $ruby or $php)
}
