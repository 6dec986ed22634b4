//! Which language a text is written in, told by the text; its name only adds weight to what the text shows.

use crate::nature::Kind;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use std::sync::LazyLock;

/// How much of a text is asked, in bytes.
const ASKED: usize = 24 * 1024;

/// Points from which a language is believed.
const ENOUGH: u32 = 6;

/// Points that a name adds.
const BY_NAME: u32 = 4;

/// The same mark counts so often.
const REPEATS: u32 = 3;

/// Texts in lower case that speak for a language, and how many points they give.
macro_rules! marks {
    ($($kind:ident $worth:literal: $($mark:literal)+;)+) => {
        const MARKS: &[(Kind, u32, &str)] = &[$($((Kind::$kind, $worth, $mark),)+)+];
    };
}

marks! {
    PowerShell 3: "[system." "new-object" "write-host" "-encodedcommand" "invoke-" "[cmdletbinding" "get-"
        "[convert]::" "start-process" "set-" "iex(" "iex " "|iex" "[char]" "-join" "[byte[]]" "[string]" "out-null"
        "write-output" "add-type" "import-module";
    PowerShell 2: "$env:" "param(" " -eq " "$_." "$true" "foreach-object" "]::" "-f'" "-replace" "$null" "-match";
    PowerShell 4: "powershell -" "powershell.exe";
    JavaScript 2: "function(" "function (" "var " "const " "let " "===" "return " "this." ".length;" ".prototype"
        "typeof " "/*" ".join(" ".split(" "eval(" "};";
    JavaScript 3: "document." "module.exports" "require(" "=>" "wscript.createobject" "string.fromcharcode" "window."
        "\"use strict\"" "'use strict'" "new array(" ".charcodeat(" "wscript.sleep(" "parseint(";
    JavaScript 4: "new activexobject";
    VbScript 3: "createobject(" "wscript.echo" "on error resume next" "wscript.quit" "executeglobal"
        "wscript.scriptfullname" "vbscript" "chr(" "wscript.arguments" "getobject(" "wscript.sleep " "execute(";
    VbScript 2: "\ndim " "\nset " "end sub" "end function" "end if" "msgbox" "option explicit" " then\r\n" "\nconst ";
    Vba 12: "attribute vb_name";
    Vba 3: "end sub" "private sub " "public sub " " as string" " as long" " as object" " as variant" " as integer"
        "worksheet" "public declare" "private declare" "application.";
    Vba 4: "activedocument" "activeworkbook" "thisworkbook" "thisdocument" "autoopen" "document_open" "workbook_open"
        "ptrsafe" "auto_open";
    Vba 2: "end function" "\ndim " "byval " "option explicit" "msgbox";
    Shell 2: "\nfi" "; then" "\ndone" "; do" "echo " "esac" "\nexport " "if [ " "/bin/" "cd " "rm -" "$(" "sudo ";
    Shell 3: "chmod " "wget " "curl " "/dev/null" "| sh" "|sh" "| bash" "/tmp/" "/dev/tcp/" "mkfifo ";
    Python 3: "\nimport " "\nfrom " "__name__" "__init__" "import os" "exec(" "setup(" "__import__" "import base64"
        "import socket";
    Python 2: "\ndef " "    def " "self." "elif " "print(" "except " "lambda " "none" "with open(" "\nclass " "\ntry:"
        "true)";
    Php 8: "<?php";
    Php 6: "<?=";
    Php 3: "$_post" "$_get" "$_request";
    Php 4: "<?\n" "<? " "<?\r\n";
}

/// Endings of names, and the language that they speak for.
macro_rules! ends {
    ($($kind:ident: $($end:literal)+;)+) => {
        const ENDS: &[(&str, Kind)] = &[$($(($end, Kind::$kind),)+)+];
    };
}

ends! {
    PowerShell: "ps1" "psm1" "psd1";
    JavaScript: "js" "mjs" "cjs" "jse";
    VbScript: "vbs" "vbe" "wsf" "hta";
    Vba: "vba" "bas" "cls" "frm";
    Shell: "sh" "bash";
    Python: "py" "pyw";
    Php: "php" "phtml" "php5" "phar";
}

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(MARKS.iter().map(|(_, _, mark)| mark)).ok()
});

/// Endings of what speaks about scripts, or looks like one, and is not run by a double click: sources of other languages,
/// prose, data, pages. Such a file is a script only if it begins as one.
const OTHERS: &str = " rs c h cc cpp hpp cs go java kt swift rb pl pm pod t lua tcl vim el lisp hs ml r jl d pas f90 s asm txt md rst \
    adoc tex texi org json jsonl xml yml yaml toml ini cfg conf css scss less html htm xhtml svg po pot csv tsv log in am ac m4 \
    cmake mk mak yar yara sigma rules ipynb ts tsx jsx vue diff patch snap map lock eml msg rtf ps1xml psc1 example sample tmpl tpl \
    twig erb j2 mustache hbs properties gradle proto sql sgml man 1 2 3 4 5 6 7 8 ";

/// The language, if one is told by its marks.
pub(super) fn language(text: &[u8], name: &str) -> Option<Kind> {
    let mut head = Vec::with_capacity(ASKED + 1);
    // Words at the beginning of a line are known by the line end before.
    head.push(b'\n');
    head.extend(text.iter().take(ASKED).map(u8::to_ascii_lowercase));
    let first = head.get(1..).unwrap_or_default().trim_ascii_start();
    if let Some(kind) = by_shebang(first) {
        return kind;
    }
    let named = by_name(name);
    if is_other(name) && !first.starts_with(b"<?php") {
        return None;
    }
    let mut points = count(&head);
    if let Some((_, point)) = named.and_then(|kind| points.iter_mut().find(|(each, _)| *each == kind)) {
        *point += BY_NAME;
    }
    if first.starts_with(b"<") && !first.starts_with(b"<?") && !first.starts_with(b"<#") {
        return markup(&head, named);
    }
    // PHP may stand after any page.
    let has = |kind: Kind| points.iter().find(|(each, _)| *each == kind).map_or(0, |(_, point)| *point);
    if has(Kind::Php) >= 8 {
        return Some(Kind::Php);
    }
    if let Some(kind) = named.filter(|kind| has(*kind) >= ENOUGH && *kind != Kind::VbScript) {
        return Some(kind);
    }
    // Of equal points the first language counts, so that the answer is always the same.
    let best = points.iter().rev().max_by_key(|(_, point)| *point)?;
    if best.1 < ENOUGH {
        return None;
    }
    // Without a name, prose and data about scripts must not pass for one.
    let second = points.iter().filter(|(kind, _)| *kind != best.0).map(|(_, point)| *point).max().unwrap_or(0);
    let close = best.0 == Kind::VbScript || best.0 == Kind::Vba;
    (named == Some(best.0) || best.1 >= 2 * ENOUGH && (close || best.1 >= second + 4)).then_some(best.0)
}

fn count(head: &[u8]) -> Vec<(Kind, u32)> {
    let mut points: Vec<(Kind, u32)> = Kind::SCRIPTS.iter().map(|kind| (*kind, 0)).collect();
    let Some(finder) = FINDER.as_ref() else { return points };
    let mut seen = vec![0_u32; MARKS.len()];
    for found in finder.find_overlapping_iter(head) {
        let number = found.pattern().as_usize();
        let (Some(times), Some((kind, worth, _))) = (seen.get_mut(number), MARKS.get(number)) else { continue };
        *times += 1;
        if *times <= REPEATS
            && let Some((_, point)) = points.iter_mut().find(|(each, _)| each == kind)
        {
            *point += worth;
        }
    }
    points
}

/// What the first line of a script of Unix says: `Some(None)` when it names a language that is not known here.
fn by_shebang(first: &[u8]) -> Option<Option<Kind>> {
    let line = first.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let words = line.split(|byte| matches!(byte, b'/' | b' ' | b'\t' | b'\r'));
    let known = |word: &[u8]| {
        if [b"sh".as_slice(), b"bash", b"dash", b"ksh", b"zsh", b"ash"].contains(&word) {
            return Some(Kind::Shell);
        }
        let told =
            [("python", Kind::Python), ("node", Kind::JavaScript), ("pwsh", Kind::PowerShell), ("php", Kind::Php)];
        told.into_iter().find_map(|(begin, kind)| word.starts_with(begin.as_bytes()).then_some(kind))
    };
    Some(words.filter(|word| *word != b"bin" && *word != b"env").find_map(known))
}

fn by_name(name: &str) -> Option<Kind> {
    let (_, end) = name.rsplit(['/', '\\', '!']).next()?.rsplit_once('.')?;
    ENDS.iter().find_map(|(known, kind)| end.eq_ignore_ascii_case(known).then_some(*kind))
}

fn is_other(name: &str) -> bool {
    let name = name.rsplit(['/', '\\', '!']).next().unwrap_or_default();
    let end = name.rsplit_once('.').map(|(_, end)| end.to_lowercase()).unwrap_or_default();
    OTHERS.split_whitespace().any(|other| other == end)
}

/// Pages are looked at only when they are applications of Windows, which run with a user's rights.
fn markup(head: &[u8], named: Option<Kind>) -> Option<Kind> {
    let has = |needle: &str| head.windows(needle.len()).any(|window| window == needle.as_bytes());
    if !(named == Some(Kind::VbScript)
        || has("<hta:application")
        || has("wscript.shell")
        || has("<scriptlet")
        || has("<registration"))
    {
        return None;
    }
    if !has("<script") {
        return None;
    }
    Some(if has("vbscript") { Kind::VbScript } else { Kind::JavaScript })
}
