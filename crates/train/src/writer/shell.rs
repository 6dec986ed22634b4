//! What a message is worn in: plain text, the HTML of several makers, codings, quotes, files. It does not know which side wears
//! it, so that it cannot give it away.

use crate::learner::Dice;

/// What goes into one message.
#[derive(Clone, Debug, Default)]
pub(super) struct Content {
    pub(super) paragraphs: Vec<String>,
    /// Words shown, and where they lead.
    pub(super) links: Vec<(String, String)>,
    /// An earlier message, as the answer quotes it.
    pub(super) quoted: Option<String>,
    /// What an invitation is about.
    pub(super) event: Option<String>,
}

/// Quotes an earlier message as one of several programs does.
pub(super) fn quote(content: &mut Content, earlier: &str, dice: &mut Dice) {
    let head = match dice.below(5) {
        0 => "Il giorno lun 3 feb alle ore 10:12 Ufficio <ufficio@ente.example> ha scritto:",
        1 => "-----Messaggio originale-----\nDa: Ufficio\nInviato: martedì\nA: Protocollo",
        2 => "Da: Ufficio <ufficio@ente.example>\nInviato: lunedì 10:12\nOggetto: richiesta",
        3 => "On Mon, Feb 3 at 10:12 AM Office wrote:",
        _ => "Am 03.02. um 10:12 schrieb Amt:",
    };
    content.quoted = Some(format!("{head}\n> {earlier}"));
}

/// The text of a header, coded where it must be, and seldom where it need not.
pub(super) fn header_text(text: &str, dice: &mut Dice) -> String {
    if text.is_ascii() && !dice.chance(4) || dice.chance(30) {
        return text.to_owned();
    }
    if dice.chance(50) {
        return format!("=?UTF-8?B?{}?=", base64(text.as_bytes(), false));
    }
    let coded: String = text
        .bytes()
        .map(|byte| match byte {
            b' ' => "_".to_owned(),
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => char::from(byte).to_string(),
            other => format!("={other:02X}"),
        })
        .collect();
    format!("=?utf-8?Q?{coded}?=")
}

/// The body with its own headers.
pub(super) fn body(content: &Content, dice: &mut Dice) -> String {
    let plain = plain(content, dice);
    if content.event.is_none() && dice.chance(40) {
        return part("text/plain", &plain, dice);
    }
    let html = page(content, dice);
    if content.event.is_none() && dice.chance(45) {
        return part("text/html", &html, dice);
    }
    let edge = format!("=_alt{}", dice.below(1_000_000));
    let mut out = format!("Content-Type: multipart/alternative; boundary=\"{edge}\"\n\n");
    for (kind, text) in [("text/plain", &plain), ("text/html", &html)] {
        out.push_str(&format!("--{edge}\n{}\n", part(kind, text, dice)));
    }
    if let Some(event) = &content.event {
        out.push_str(&format!(
            "--{edge}\nContent-Type: text/calendar; charset=utf-8; method=REQUEST\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:{event}\nEND:VEVENT\nEND:VCALENDAR\n"
        ));
    }
    out.push_str(&format!("--{edge}--\n"));
    out
}

fn plain(content: &Content, dice: &mut Dice) -> String {
    let mut paragraphs = content.paragraphs.clone();
    let at = paragraphs.len().saturating_sub(dice.below(3)).max(1).min(paragraphs.len());
    for (shown, target) in content.links.iter().rev() {
        let line = match dice.below(3) {
            0 => target.clone(),
            1 => format!("{shown} <{target}>"),
            _ => format!("{shown}: {target}"),
        };
        paragraphs.insert(at, line);
    }
    paragraphs.extend(content.quoted.clone());
    paragraphs.join(if dice.chance(60) { "\n\n" } else { "\n" })
}

/// The HTML of one of several makers: by hand, Word, a builder of newsletters, a webmail, a template with a button, bare lines.
fn page(content: &Content, dice: &mut Dice) -> String {
    let shell = dice.below(6);
    let (open, each, close) = match shell {
        0 => ("<html><body>", ("<p>", "</p>"), "</body></html>"),
        1 => (
            "<html><head><style>.a{font-size:14px}</style></head><body lang=IT><div class=WordSection1>",
            ("<p class=MsoNormal><span style='font-family:Calibri'>", "<o:p></o:p></span></p>"),
            "</div></body></html>",
        ),
        2 => (
            "<!DOCTYPE html><html><body style=\"background:#f2f2f2\"><table width=\"600\" align=\"center\"><tr><td><img src=\"cid:logo\" alt=\"logo\"></td></tr>",
            ("<tr><td style=\"padding:12px;font-family:Arial\">", "</td></tr>"),
            "</table></body></html>",
        ),
        3 => ("<div dir=\"ltr\">", ("<div>", "</div><div><br></div>"), "</div>"),
        4 => (
            "<html><body><center><div style=\"max-width:560px;border:1px solid #ddd\">",
            ("<div style=\"padding:8px 24px;line-height:1.5\">", "</div>"),
            "</div></center></body></html>",
        ),
        _ => ("", ("", "<br><br>"), ""),
    };
    let mut html = open.to_owned();
    if dice.chance(15) {
        html.push_str("<div style=\"display:none;max-height:0\">Leggi il messaggio nel browser</div>");
    }
    for paragraph in &content.paragraphs {
        html.push_str(&format!("{}{}{}\n", each.0, paragraph.replace('\n', "<br>"), each.1));
    }
    for (at, (shown, target)) in content.links.iter().enumerate() {
        let style = if at == 0 && matches!(shell, 2 | 4) {
            " style=\"background:#0066cc;color:#fff;padding:10px;text-decoration:none\""
        } else {
            ""
        };
        html.push_str(&format!("{}<a href=\"{target}\"{style}>{shown}</a>{}\n", each.0, each.1));
    }
    if let Some(quoted) = &content.quoted {
        html.push_str(&format!("<blockquote>{}</blockquote>", quoted.replace('\n', "<br>")));
    }
    html.push_str(close);
    html
}

/// One part, in one of the codings that programs choose.
fn part(kind: &str, text: &str, dice: &mut Dice) -> String {
    let (coding, body) = match dice.below(10) {
        0..=4 => ("8bit", format!("{text}\n")),
        5..=8 => ("quoted-printable", quoted_printable(text)),
        _ => ("base64", base64(text.as_bytes(), true)),
    };
    format!("Content-Type: {kind}; charset=utf-8\nContent-Transfer-Encoding: {coding}\n\n{body}\n")
}

fn quoted_printable(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        let mut width = 0;
        for byte in line.bytes() {
            let plain = byte != b'=' && (byte == b' ' || byte.is_ascii_graphic());
            let one = if plain { char::from(byte).to_string() } else { format!("={byte:02X}") };
            if width + one.len() > 73 {
                out.push_str("=\n");
                width = 0;
            }
            width += one.len();
            out.push_str(&one);
        }
        out.push('\n');
    }
    out
}

fn base64(bytes: &[u8], lines: bool) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for (at, three) in bytes.chunks(3).enumerate() {
        if lines && at > 0 && at % 19 == 0 {
            out.push('\n');
        }
        let number = (0..3).fold(0_usize, |number, at| number << 8 | usize::from(*three.get(at).unwrap_or(&0)));
        for (place, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            out.push(if place > three.len() { '=' } else { char::from(LETTERS[number >> shift & 63]) });
        }
    }
    out
}

/// Wraps a body and a file into one message; a locked file is an archive that asks for a password.
pub(super) fn with_file(out: &mut String, body: &str, name: &str, locked: bool, dice: &mut Dice) {
    let edge = format!("=_{}", dice.below(1_000_000));
    let kind = match name.rsplit('.').next().unwrap_or_default() {
        "pdf" => "application/pdf",
        "jpg" | "jpeg" => "image/jpeg",
        "png" => "image/png",
        "html" | "shtml" | "htm" => "text/html",
        _ => "application/octet-stream",
    };
    let content = match kind {
        "application/pdf" => "%PDF-1.4\n1 0 obj".to_owned(),
        "text/html" => "<html><body><script>location.href=atob('aHR0cA==')</script><form><input type=\"password\"></form></body></html>".to_owned(),
        _ if locked => "PK\u{3}\u{4}\u{14}\0\u{1}\0\u{8}\0".to_owned(),
        _ => format!("{}", dice.below(9_999)),
    };
    out.push_str(&format!("Content-Type: multipart/mixed; boundary=\"{edge}\"\n\n--{edge}\n{body}\n--{edge}\n"));
    out.push_str(&format!("Content-Type: {kind}; name=\"{name}\"\nContent-Disposition: attachment; filename=\"{name}\"\n\n{content}\n--{edge}--\n"));
}
