//! Texts that mean something in a script, found in one pass. A `^` at the beginning or the end of a text says that no letter
//! may stand there.

use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::sync::LazyLock;

/// Each sign with the texts, in lower case, that show it.
macro_rules! signs {
    ($($name:ident: $($text:literal)+;)+) => {
        /// Something that a script says.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Sign { $($name,)+ }

        impl Sign {
            /// How many there are.
            pub(super) const COUNT: usize = [$(stringify!($name),)+].len();
        }

        const TEXTS: &[(Sign, &str)] = &[$($((Sign::$name, $text),)+)+];
    };
}

signs! {
    // Fetching something.
    WebClient: "downloadstring" "downloadfile" "downloaddata" "net.webclient" "^openread(";
    WebRequest: "^invoke-webrequest" "^iwr^" "^invoke-restmethod" "^irm^" "start-bitstransfer" "net.webrequest" "net.httpwebrequest";
    HttpObject: "msxml2.xmlhttp" "msxml2.serverxmlhttp" "microsoft.xmlhttp" "winhttprequest" "serverxmlhttp" "internetexplorer.application";
    UrlToFile: "urldownloadtofile" "urlmon" "wininet" "internetopenurl";
    SystemFetch: "bitsadmin" "-urlcache" "certutil" "^ftp -s" "finger.exe";
    Curl: "^curl -" "^curl http" "^curl $" "^curl \"" "^wget -" "^wget http" "^wget $" "^wget \"" "^tftp " "^ftpget ";
    PyFetch: "urllib.request" "urllib2." "^urlopen(" "requests.get(" "requests.post(" "urlretrieve(" "httplib.";
    NodeFetch: "require('https')" "require(\"https\")" "require('http')" "require(\"http\")" "require('axios" "require(\"axios" "require('request')";
    Url: "http://" "https://" "ftp://" "hxxp";
    UrlByNumber: "://1" "://2" "://3" "://4" "://5" "://6" "://7" "://8" "://9";
    // Running something.
    Invoke: "^invoke-expression" "^iex^" "|iex" ".invokescript(" "scriptblock]::create" "^invoke-command" ".(\"iex" "&(\"iex" "('iex" "i`e`x";
    InvokeOdd: "$pshome[" "$env:comspec[" "$shellid[" "$verbosepreference.tostring" "'ie'+'x'" "(gv '*mdr*')" "*mdr*" "-f'ie" "&( $" "&($" ".( $" ".($" "invoke-mimi";
    WshShell: "wscript.shell" "shell.application" "^shellexecute" "new:72c24dd5" "new:13709620" "f935dc22";
    WshRun: ".run(" ".run " ".exec(" ".exec " "^shellexecute";
    VbaShell: "^shell(" "^shell " "^shell$(" "^shell!" "createprocess" "^winexec" "shellexecutea" ".shellexecute" "interaction.shell";
    WmiRun: "win32_process" "winmgmts:" "invoke-wmimethod" "process call create" "invoke-cimmethod";
    StartProcess: "start-process" "^saps " "diagnostics.process" "^start /b" "createobject(\"word.application" ;
    EvalJs: "^eval(" "new function(" "^execscript" "window[\"eval" "this[\"eval" "['eval']" "constructor(\"return" ".constructor(";
    ExecuteVbs: "^executeglobal" "^execute(" "^execute " "^eval(";
    PyRun: "^os.system(" "subprocess." "^os.popen(" "^os.exec" "^pty.spawn" "popen(";
    PyExec: "^exec(" "^eval(" "^compile(" "getattr(__builtins__" "__import__('builtins')" "__import__('os')" "__import__(\"os\")";
    PhpRun: "^system(" "^shell_exec(" "^passthru(" "^proc_open(" "^popen(" "^pcntl_exec(" "^exec(" "`$_";
    PhpEval: "^eval(" "^assert(" "create_function(" "^eval (" "@eval" "@assert" "call_user_func" "array_map(" "usort(" "array_filter(";
    PhpInput: "$_post" "$_get" "$_request" "$_cookie" "php://input" "$_server['http" "$_server[\"http" "getallheaders(" "$http_";
    PipeToShell: "| sh^" "|sh^" "| bash" "|bash" "| /bin/sh" "| /bin/bash" "| sudo sh" "| sudo bash" "| python" "|python" "-o- | " "bash <(curl" "bash <(wget" "sh -c \"$(curl" "sh -c \"$(wget" "| perl";
    NodeRun: "child_process" "^execsync(" "^spawn(" "^spawnsync(";
    SystemTool: "^mshta" "^regsvr32" "^rundll32" "^wscript.exe" "^cscript" "^msiexec" "installutil" "regasm" "^msbuild" "odbcconf" "^cmstp";
    CommandLine: "cmd.exe" "cmd /c" "cmd /k" "%comspec%" "cmd.exe /c" "^cmd /" "/c start";
    CallsPowerShell: "powershell -" "powershell.exe" "powershell /" "^pwsh^" "powershell ";
    // Hiding.
    EncodedCommand: "-enc " "-encodedcommand" "-encoded " "-enco " "-encod " "-ec " " -e jab" " -e sq" " /enc " " -en jab" " -e aq" "-e ja";
    FromBase64: "frombase64string" "b64decode" "base64_decode" "^atob(" "bin.base64" "base64.b64" "'base64')" "\"base64\")" "urlsafe_b64" "certutil -decode" "b85decode" "a85decode";
    Base64Pipe: "base64 -d" "base64 --decode" "base64 -di" "openssl enc -d" "openssl base64 -d" "base64 -i -d" "xxd -r";
    Unpack: "io.compression" "deflatestream" "gzipstream" "gzinflate" "gzuncompress" "gzdecode" "zlib.decompress" "marshal.loads" "lzma.decompress" "bz2.decompress" "str_rot13" "codecs.decode" "fernet(";
    CharCodes: "^chr(" "^chrw(" "^chr$(" "[char]" "fromcharcode" "^chr (" "char[]" "chr(int(" "^chrb(";
    Xor: "-bxor" " xor " "^ord(" "charcodeat(" "^asc(" "^ascw(" "^asc (";
    Reverse: "strreverse" ".reverse()" "[array]::reverse" "[::-1]" "strrev(" "righttoleft" "[-1..-";
    Replace: ".replace(" "-replace" "^replace(" "str_replace(" "-creplace" "preg_replace(";
    Unescape: "^unescape(" "decodeuricomponent(" "%u9090" "urldecode(";
    HiddenWindow: "-w hidden" "-windowstyle hidden" "-windowstyle h" "-w h " "-win hidden" "-wi hidden" "-window hidden" "windowstyle]::hidden" "vbhide" "createnowindow" "-w 1 " "-win h" "showwindow" "-windowstyle 1" "startupinfo" ".hide()";
    HiddenRun: ", 0, false" ",0,false" ", 0, true" ",0,true" ", 0)" ",0)" ", vbhide" ", 0, 0" ",0,0";
    Bypass: "-nop " "-noprofile" "-noni" "-ep bypass" "-executionpolicy bypass" "-exec bypass" "executionpolicy unrestricted" "-ex bypass" "-exec byp" "-ep unre" "set-executionpolicy" "-nop-";
    Amsi: "amsiutils" "amsiinitfailed" "amsiscanbuffer" "amsi.dll" "amsicontext" "amsiscan" "scriptblocklogging" "etweventwrite" "enablescriptblock" "amsienable";
    Dynamic: "callbyname" "getobject(\"new" "getobject(\"winmgmts" "invokemember" "gettype(\"system" "$executioncontext" "getmethod(" "globals()[" "__builtins__" "chr(46)";
    // Getting rid of protection and of traces.
    Defender: "set-mppreference" "disablerealtimemonitoring" "add-mppreference" "disableantispyware" "windefend" "disableantivirus" "mpcmdrun" "uninstall-windowsfeature windows-defender" "disablebehaviormonitoring";
    Firewall: "netsh advfirewall" "netsh firewall" "set-netfirewallprofile" "setenforce 0" "iptables -f" "ufw disable" "iptables stop" "apparmor stop" "stop apparmor" "iptables -p input accept" "selinux=disabled" "stop firewalld";
    Backups: "delete shadows" "shadowcopy delete" "wbadmin delete" "recoveryenabled no" "bootstatuspolicy" "win32_shadowcopy" "resize shadowstorage";
    Traces: "history -c" "unset histfile" "histfile=/dev/null" "histsize=0" "wevtutil cl" "clear-eventlog" "> /var/log/" ">/var/log/" "rm -rf /var/log" "rm -f /var/log" "set +o history" "/var/log/wtmp" "~/.bash_history";
    OtherMiners: "pkill -f" "killall -9" "kill -9" "^pkill " "^killall ";
    DeletesItself: "rm -f $0" "rm -- \"$0\"" "rm $0" "rm -rf $0" "deletefile(wscript.scriptfullname" "deletefile wscript.scriptfullname" "os.remove(__file__" "unlink(__file__" "deletefile(wsh.scriptfullname" "shred -u" "rm \"$0\"" "os.unlink(__file__";
    // A line back to somebody.
    TcpClient: "sockets.tcpclient" "system.net.sockets" "net.sockets.tcp";
    DevTcp: "/dev/tcp/" "/dev/udp/";
    Interactive: "bash -i" "sh -i" "/bin/sh','-i" "\"/bin/sh\",\"-i" "pty.spawn" "0>&1" "0<&" ">&3 2>&3" "<&5" "|/bin/sh -i" "cmd.exe\", \"/k";
    Netcat: "nc -e" "ncat -e" "nc.traditional" "nc -c" "ncat --exec" "nc -lvp" "nc -lp" "nc -l -p" "netcat -e" "| nc " "|nc " "socat " "ncat " "powercat";
    Fifo: "mkfifo /tmp" "mknod /tmp" "mkfifo $" "/tmp/f;";
    PySocket: "socket.socket(" "socket.af_inet" "socket.connect(" "^.connect((";
    Dup: "os.dup2(" ".fileno()" "dup2(";
    PhpSocket: "fsockopen(" "stream_socket_client(" "socket_create(" "pfsockopen(" "curl_init(";
    Listens: ".bind((" ".listen(" "tcplistener" "httplistener" ".accept()";
    // Memory of other programs.
    Memory: "virtualalloc" "createremotethread" "writeprocessmemory" "rtlmovememory" "virtualprotect" "createthread" "ntallocatevirtualmemory" "queueuserapc" "ntunmapviewofsection" "heapcreate" "enumsystemlocales" "rtlcopymemory" "memfd_create" "mmap.mmap(" "ctypes.memmove" "zwwrite";
    Native: "getprocaddress" "getdelegateforfunctionpointer" "marshal]::copy" "getmodulehandle" "loadlibrary" "dllimport" "ptrsafe" "private declare" "public declare" "ctypes.windll" "unsafenativemethods" "definedynamicassembly";
    LoadAssembly: "reflection.assembly" "assembly]::load" "appdomain]::currentdomain" "::loadwithpartialname" ".entrypoint.invoke" "binaryformatter" "deserialize_2" "dynamicinvoke";
    ShellCode: "0xfc,0xe8" "0xfc,0x48" "\\xfc\\xe8" "\\xfc\\x48" "0xfc, 0xe8" "0xfc, 0x48" "&hfc" "shellcode" "meterpreter" "reflectivepe" "0x90,0x90" "\\x90\\x90";
    // Secrets.
    Credentials: "mimikatz" "sekurlsa" "lsass" "minidump" "/etc/shadow" "login data" "cookies.sqlite" "logins.json" "leveldb" "local state" "^kerberoast" "hashdump" "dumpcreds" "invoke-dcsync" "ntds.dit" "cryptunprotectdata" "vaultcmd" "get-keystrokes" "sam\\domains";
    Keys: "getasynckeystate" "setwindowshookex" "keylogger" "get-keystrokes" "pynput" "copyfromscreen" "imagegrab";
    Wallet: "metamask" "exodus" "electrum" "wallet.dat" "\\atomic\\" "bitcoin" "coinbase" "ethereum";
    HostFacts: "socket.gethostname(" "getpass.getuser(" "platform.node(" "os.getlogin(" "os.uname(" "os.hostname(" "os.userinfo(" "$env:computername" "%computername%" "uname -a" "`whoami`" "$(whoami)" "gethostbyname(" "os.environ.copy(" "dict(os.environ" "win32_computersystem" "process.env)";
    DropPoint: "webhooks/" "ngrok" "pastebin.com" "transfer.sh" "discordapp" "discord.com/api" "api.telegram.org" "oastify" "oast." "interact.sh" "burpcollab" "pipedream" "requestbin" "webhook.site" "file.io" "bit.ly/" "tinyurl" "duckdns" "hastebin" "anonfile" ".onion" "paste.ee" "0x0.st" "no-ip" "raw.githubusercontent" "gist.github" "canarytokens" "bpaste" "ix.io" "controlc.com" "rentry.co" "dropbox.com/s";
    // Staying.
    RunKey: "currentversion\\run" "currentversion\\\\run" "regwrite" "\\winlogon" "userinit" "hkcu\\software\\microsoft\\windows\\currentversion" "image file execution";
    Tasks: "schtasks" "new-scheduledtask" "register-scheduledtask" "schedule.service" "^at.exe";
    Startup: "startup\\" "specialfolders(\"startup" "\\start menu\\programs" "getspecialfolder" "xlstart" "specialfolders(\"appdata" "\\\\startup";
    Cron: "crontab " "/etc/cron" "/var/spool/cron" "@reboot" "/etc/rc.local" "/etc/init.d/" "/etc/profile.d" ".bashrc" "/etc/rc.d" "update-rc.d" "chkconfig --add" "systemctl enable" "launchagents" "/etc/systemd/system";
    SshKeys: ".ssh/authorized_keys" "authorized_keys" "ssh-rsa aaaa";
    Preload: "ld.so.preload" "ld_preload" "insmod " "/etc/pam.d" "chattr +i" "chattr -i" "chattr -ia";
    WmiEvents: "__eventfilter" "commandlineeventconsumer" "activescripteventconsumer" "__filtertoconsumer";
    // Files.
    Stream: "adodb.stream" ".savetofile" "responsebody" "writeallbytes" "xmlhttp.responsebody" "wbsavetofile";
    FileSystem: "scripting.filesystemobject" "createtextfile" "opentextfile" ".copyfile" "file_put_contents" "fwrite(" "fputs(";
    TempFolder: "%temp%" "$env:temp" "environ(\"temp" "environ$(\"temp" "environ(\"tmp" "environ(\"appdata" "%appdata%" "$env:appdata" "getspecialfolder(2" "gettemppath" "\\temp\\" "programdata" "%tmp%" "environ(\"userprofile" "$env:public" "users\\public" "tempfile.gettempdir" "environ(\"public" "expandenvironmentstrings";
    UnixTemp: "/tmp/" "/var/tmp" "/dev/shm" "/var/run/" "cd /tmp";
    DotExe: ".exe\"" ".exe'" ".exe " ".scr\"" ".dll\"" ".dll," ".bat\"" ".vbs\"" ".hta\"" ".exe)" ".exe;" ".exe,";
    MakeRunnable: "chmod +x" "chmod 777" "chmod 0777" "chmod 755" "chmod 700" "chmod a+x" "chmod u+x";
    Upload: "move_uploaded_file" "$_files" "enctype=\"multipart" "copy($_files" "php_uname" "posix_getpwuid" "safe_mode" "disable_functions";
    WebShellName: "c99" "r57" "b374k" "^wso^" "filesman" "webshell" "web shell" "backdoor" "phpspy" "indoxploit" "mini shell" "hacked by" "shell bypass" "weevely" "antsword" "behinder" "godzilla" "china chopper" "0byte" "uploader by" "hacker" "marijuana";
    // Macros that start by themselves.
    AutoOpen: "autoopen" "auto_open" "document_open" "workbook_open" "autoexec^" "autonew" "workbook_activate" "app_documentopen" "document_new" "auto_activate";
    AutoClose: "autoclose" "auto_close" "document_close" "workbook_beforeclose" "workbook_deactivate" "inkpicture" "_layout(" "_onconnecting(" "frame1_" "multipage1_" "_painted(" "_beforenavigate2(";
    SpreadsMacro: "normaltemplate" "vbproject" "vbcomponents" "codemodule" "insertlines" "virusprotection" "organizercopy" "addfromstring" "addfromfile" "accessvbom";
    StoresInDocument: "activedocument.variables" "customdocumentproperties" "builtindocumentproperties" "alternativetext" ".controltiptext" ".caption" "userform1." "activesheet.cells(" ".tag" "shapes(1)";
    Sandbox: "numlock" "win32_bios" "vmware" "virtualbox" "sbiedll" "vboxservice" "isdebuggerpresent" "wireshark" "recentfiles.count" "procmon" "sandboxie" "qemu-ga" "/sys/class/dmi" "processor_identifier";
    Spreads: ".vbs\" copy" "autorun.inf" "mapinamespace" "addressentries" "createitem(0" "addresslists" "removabledrive" "drivetype = 2" "drivetype=2" "drivetype = 1" "net use \\\\";
    // Machines of others.
    Miner: "xmrig" "stratum+tcp" "stratum+ssl" "minerd" "cryptonight" "--donate-level" "minexmr" "nanopool" "supportxmr" "randomx" "kdevtmpfsi" "kinsing" "coinhive" "c3pool" "hashvault" "moneroocean";
    Busybox: "/bin/busybox" "busybox wget" "busybox tftp" "tftp -g" "tftp -c get" "-r mips" ".mpsl" ".arm7" ".arm5" ".mips" ".sh4" ".x86" ".ppc" ".m68k" ".spc";
    Attack: "ddos" "udp flood" "synflood" "ransom" "your files have been encrypted" "exploit" "payload" "privesc" "bruteforce" "reverse shell" "reverse_tcp" "backdoor" "keylog" "botnet" "rootkit" "bypassuac" "eventvwr" "fodhelper" "empire" "cobalt";
    CryptFiles: "aesmanaged" "rijndaelmanaged" "createencryptor" "fernet.generate_key" "aes.new(" "openssl enc -aes" "gpg -c" "openssl_encrypt" "rsacryptoservice";
    Walks: "os.walk(" "get-childitem -recurse" "glob.glob(" "-recurse" "rglob(" "find / " "getfolder(" "directory.getfiles";
    // Installing a package runs code.
    SetupPy: "setuptools" "distutils" "cmdclass" "^setup(";
    InstallHook: "cmdclass" "install.run(" "develop.run(" "egg_info" "class postinstall" "(install)" "(develop)" "preinstall" "postinstall";
    // Good signs.
    Documented: ".synopsis" ".description" ".parameter " "@param " "@return" ":param " "args:" "returns:" "usage:" "@since" "'* @";
    Licensed: "copyright" "licence" "license" "spdx-";
    Signed: "sig # begin signature block";
    Tested: "import unittest" "import pytest" "describe(" "should -be" "should be" "assert.equal" "assertequal" "jest.fn" "@test" "it(\"" "it('";
    Modular: "module.exports" "export default" "export {" "exports." "define(" "sourcemappingurl" "\"use strict\"" "'use strict'" "__all__" "if __name__" "namespace " "export-modulemember";
    CheckedVb: "option explicit" "err.description" "worksheets(" "range(" ".cells(" "on error goto" "userform" "msgbox" "docmd." "currentdb" "recordset";
    CheckedSh: "set -e" "set -u" "debconf" "dpkg-" "deb-systemd" "usage()" "getopts" "autoconf" "config.status" "pkg-config";
}

/// Signs that comments may show too.
pub(super) const GOOD: &[Sign] =
    &[Sign::Documented, Sign::Licensed, Sign::Signed, Sign::Tested, Sign::Modular, Sign::CheckedVb, Sign::CheckedSh];

/// A text without its `^`, and whether it has one before and after.
fn parts(text: &str) -> (&str, bool, bool) {
    let bare = text.strip_prefix('^').unwrap_or(text);
    let inner = bare.strip_suffix('^').unwrap_or(bare);
    (inner, bare.len() < text.len(), inner.len() < bare.len())
}

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let texts = TEXTS.iter().map(|(_, text)| parts(text).0);
    AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(texts).ok()
});

/// Shows each sign of a text in lower case with its place.
pub(super) fn find_signs(text: &[u8], show: &mut dyn FnMut(Sign, usize)) {
    let Some(finder) = FINDER.as_ref() else { return };
    let letter = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|byte| is_letter(*byte));
    for found in finder.find_overlapping_iter(text) {
        let Some((sign, pattern)) = TEXTS.get(found.pattern().as_usize()) else { continue };
        let (_, begins, ends) = parts(pattern);
        if begins && letter(found.start().checked_sub(1)) || ends && letter(Some(found.end())) {
            continue;
        }
        show(*sign, found.start());
    }
}

const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<Sign> {
        let mut found = Vec::new();
        find_signs(text.as_bytes(), &mut |sign, _| found.push(sign));
        found
    }

    #[test]
    fn words_are_not_found_in_longer_words() {
        assert!(shown("iex $x").contains(&Sign::Invoke));
        assert!(!shown("complexiexact").contains(&Sign::Invoke));
        assert!(!shown("retrieval(").contains(&Sign::EvalJs));
    }

    #[test]
    fn every_text_is_in_lower_case_and_found() {
        for (sign, text) in TEXTS {
            let (bare, _, _) = parts(text);
            assert_eq!(bare, bare.to_lowercase(), "{text}");
            assert!(shown(bare).contains(sign), "{text}");
        }
    }
}
