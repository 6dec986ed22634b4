//! What the texts within a program speak of, found in one pass over its beginning.

use super::bytes::{number, piece};
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::sync::LazyLock;

/// Bytes that are looked through.
const REACH: usize = 1 << 20;

/// Groups of texts; the group's number is its feature.
const GROUPS: [&[&str]; 12] = [
    // 0: address and requests written by hand
    &["http://", "GET /", "POST /", "User-Agent:", "HTTP/1.1\r\n", "Host: "],
    // 1: other programs run
    &["/bin/sh", "cmd.exe", "cmd /c", "powershell", "wget ", "curl ", "chmod ", "busybox", "rundll32", "schtasks"],
    // 2: staying
    &[
        "/etc/rc",
        "/etc/cron",
        "crontab",
        "/etc/init.d",
        "CurrentVersion\\Run",
        "ld.so.preload",
        "authorized_keys",
        "systemctl enable",
        "\\Startup",
    ],
    // 3: other machines of things, and passwords of theirs
    &[
        "/dev/watchdog",
        "/dev/misc/watchdog",
        "TSource Engine",
        "admin\0",
        "xc3511",
        "vizxv",
        "/proc/net/tcp",
        "M-SEARCH",
        "enable\0system\0shell\0",
        "telnet",
    ],
    // 4: mining
    &["stratum+tcp", "xmrig", "cryptonight", "donate-level", "randomx", "minerd"],
    // 5: memory of other programs
    &[
        "VirtualAlloc",
        "WriteProcessMemory",
        "CreateRemoteThread",
        "NtUnmapViewOfSection",
        "SetThreadContext",
        "VirtualProtect",
        "QueueUserAPC",
        "process_vm_writev",
        "ptrace",
    ],
    // 6: keys and screen
    &["GetAsyncKeyState", "SetWindowsHookEx", "GetKeyboardState", "BitBlt", "GetClipboardData"],
    // 7: fetching
    &["URLDownloadToFile", "InternetOpen", "HttpSendRequest", "WinHttpOpen", "WSAStartup", "InternetReadFile"],
    // 8: against watching
    &[
        "IsDebuggerPresent",
        "CheckRemoteDebugger",
        "SbieDll",
        "VBoxService",
        "vmtoolsd",
        "OutputDebugString",
        "TracerPid",
        "wireshark",
    ],
    // 9: locks and ransom
    &["CryptEncrypt", "CryptGenKey", "vssadmin", "bitcoin", "decrypt", ".onion", "ransom", "BCryptEncrypt"],
    // 10: flooding
    &["flood", "UDP Flood", "attack", "DDoS", "PRIVMSG", "JOIN #", "synflood", "botnet"],
    // 11: packers
    &[
        "UPX!",
        "UPX0",
        ".aspack",
        "PECompact",
        "Themida",
        ".vmp0",
        "MPRESS",
        ".petite",
        "Nullsoft",
        "This file is packed",
    ],
];

/// How many groups there are.
pub(super) const COUNT: usize = GROUPS.len();

static FINDER: LazyLock<Option<(AhoCorasick, Vec<usize>)>> = LazyLock::new(|| {
    let texts: Vec<&str> = GROUPS.iter().flat_map(|group| group.iter().copied()).collect();
    let of: Vec<usize> = GROUPS.iter().enumerate().flat_map(|(at, group)| group.iter().map(move |_| at)).collect();
    AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(texts).ok().map(|finder| (finder, of))
});

/// How many different texts of each group stand in the program.
pub(super) fn mentions(bytes: &[u8]) -> [f32; COUNT] {
    let mut counts = [0.0; COUNT];
    let Some((finder, of)) = FINDER.as_ref() else { return counts };
    let mut seen = vec![false; of.len()];
    for found in finder.find_overlapping_iter(piece(bytes, 0, REACH)) {
        let pattern = found.pattern().as_usize();
        let (Some(seen), Some(group)) = (seen.get_mut(pattern), of.get(pattern)) else { continue };
        if !*seen {
            *seen = true;
            if let Some(count) = counts.get_mut(*group) {
                *count += number(1);
            }
        }
    }
    counts
}
