//! A message as the engine sees it.

use super::header::Headers;
use super::html::Page;
use super::mime::Parts;
use super::{MOST_BYTES, MOST_LINKS, address, codes};

/// A link: where it leads, and what is shown for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// The address behind it.
    pub target: String,
    /// The words on it; empty for a link that stands in the text as it is.
    pub shown: String,
}

/// A file that came with the message. Only its two ends are kept.
#[derive(Clone, Debug, Default)]
pub struct Attachment {
    /// File name as the sender gave it; may be empty.
    pub name: String,
    /// Media type as the sender gave it, in lower case.
    pub media_type: String,
    /// The first bytes.
    pub head: Vec<u8>,
    /// The last bytes, where the head does not hold them.
    pub tail: Vec<u8>,
    /// Whether it was meant to be shown within the text.
    pub inline: bool,
}

/// What Italian certified mail (PEC, RFC 6109) says of itself in its headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pec {
    /// An envelope around a message: the one within is judged.
    Envelope,
    /// An envelope around ordinary mail that came into a PEC mailbox.
    Anomaly,
    /// A receipt of the provider.
    Receipt,
}

/// A message taken apart.
#[derive(Clone, Debug, Default)]
pub struct Letter {
    /// Decoded subject.
    pub subject: String,
    /// Name shown for the sender.
    pub from_name: String,
    /// Address of the sender in lower case.
    pub from: String,
    /// Address that answers go to, where it is given.
    pub reply_to: String,
    /// Envelope sender, where the receiving server wrote it down.
    pub return_path: String,
    /// Recipients in To and Cc.
    pub to: Vec<String>,
    /// Whether it claims to answer an earlier message.
    pub answers: bool,
    /// Whether it went through a list or a bulk sender, as its headers say.
    pub list: bool,
    /// Hosts of the way out of a list that the headers offer.
    pub ways_out: Vec<String>,
    /// Whether letters that need no coding were coded, in a header or in the text.
    pub coded_needlessly: bool,
    /// Whether there is HTML and no plain text beside it.
    pub page_only: bool,
    /// Whether the page pushes text far below what anybody scrolls to.
    pub far_below: bool,
    /// The results of the receiving server's own checks, where it wrote them above the first `Received`.
    pub authentication: Option<String>,
    /// What PEC it is, if any.
    pub pec: Option<Pec>,
    /// Plain text and visible text of the HTML; the HTML alone where it says more.
    pub text: String,
    /// Bytes of text in the HTML that no eye sees.
    pub hidden: usize,
    /// Links in HTML and text.
    pub links: Vec<Link>,
    /// What QR codes in pictures, documents and the text say, where that is a web address. They are among the links, too.
    pub code_links: Vec<String>,
    /// Links within attached documents.
    pub file_links: Vec<String>,
    /// Small coloured cells of tables, with which a picture can be drawn.
    pub painted_cells: usize,
    /// Forms in the HTML.
    pub forms: usize,
    /// Password fields in the HTML.
    pub password_fields: usize,
    /// Pictures in the HTML.
    pub pictures: usize,
    /// Where the pictures of the HTML are fetched from, a few.
    pub picture_sources: Vec<String>,
    /// Plain letters that the HTML writes as numbers.
    pub coded_letters: usize,
    /// Domains that signed the message, as its own DKIM headers say.
    pub signers: Vec<String>,
    /// Whether a script of a web site sent it, as its headers say.
    pub by_script: bool,
    /// Scripts in the HTML.
    pub scripts: usize,
    /// Whether the HTML moves on by itself.
    pub refresh: bool,
    /// Whether there is HTML.
    pub html: bool,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// Messages within the message.
    pub nested: usize,
    /// Whether something was left unread because of a bound.
    pub cut: bool,
}

impl Letter {
    /// Reads a message, whatever it is: bytes that are no mail give a letter with nothing but text.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let whole = bytes.len() <= MOST_BYTES;
        let mut letter = Self::at(bytes.get(..bytes.len().min(MOST_BYTES)).unwrap_or_default(), 0);
        letter.cut |= !whole;
        letter
    }

    fn at(bytes: &[u8], depth: usize) -> Self {
        let (headers, body) = Headers::read(bytes);
        let mut parts = Parts::default();
        parts.walk(&headers, body, 0);
        let mut letter = Self::from_headers(&headers);
        letter.nested = parts.messages.len();
        letter.cut = parts.cut || headers.cut;
        letter.coded_needlessly |= parts.coded_needlessly;
        letter.take_text(&parts.plain, &parts.html);
        letter.attachments = parts.files.drain(..).map(Attachment::from_file).collect();
        codes::read(&mut letter, &parts.plain);
        if letter.pec == Some(Pec::Envelope)
            && depth == 0
            && let Some(inner) = parts.messages.first()
        {
            let mut inner = Self::at(inner, depth + 1);
            inner.pec = Some(Pec::Envelope);
            inner.cut |= letter.cut;
            return inner;
        }
        if depth < 2 {
            for message in &parts.messages {
                letter.take_nested(Self::at(message, depth + 1));
            }
        }
        letter
    }

    fn from_headers(headers: &Headers) -> Self {
        let sender = address::first(&headers.text("from").unwrap_or_default());
        let answer = address::first(&headers.text("reply-to").unwrap_or_default());
        let back = address::first(&headers.text("return-path").unwrap_or_default());
        let mut to = address::all(&headers.text("to").unwrap_or_default());
        to.extend(address::all(&headers.text("cc").unwrap_or_default()));
        Self {
            subject: headers.text("subject").unwrap_or_default().chars().take(1_000).collect(),
            from_name: sender.name.chars().take(300).collect(),
            from: sender.address,
            reply_to: answer.address,
            return_path: back.address,
            to,
            answers: headers.has("in-reply-to") || headers.has("references"),
            list: headers.has("list-id") || headers.has("list-unsubscribe") || headers.has("list-post"),
            ways_out: ways_out(&headers.text("list-unsubscribe").unwrap_or_default()),
            coded_needlessly: ["subject", "from"].iter().any(|name| headers.coded_needlessly(name)),
            authentication: headers.above_received("authentication-results").map(|value| value.to_ascii_lowercase()),
            signers: headers.all("dkim-signature").filter_map(signer).take(8).collect(),
            by_script: by_script(headers),
            pec: pec(headers),
            ..Self::default()
        }
    }

    fn take_text(&mut self, plain: &str, html: &str) {
        let page = Page::read(html);
        self.html = !html.is_empty();
        self.page_only = self.html && plain.trim().is_empty();
        self.hidden = page.hidden;
        self.forms = page.forms;
        self.password_fields = page.password_fields;
        self.pictures = page.pictures;
        self.picture_sources = page.picture_sources;
        self.coded_letters = page.coded_letters;
        self.scripts = page.scripts;
        self.painted_cells = page.painted_cells;
        self.refresh = page.refresh;
        self.far_below = page.far_below;
        self.links = page.links;
        // What the eye meets is the HTML where there is any; some senders put a sentence there and the rest in the plain part.
        self.text = if page.text.len() * 3 >= plain.trim().len() { page.text } else { plain.to_owned() };
        links_in(&self.text, &mut self.links);
        if self.links.is_empty() {
            links_in(plain, &mut self.links);
        }
    }

    fn take_nested(&mut self, inner: Self) {
        if self.text.len() < 2_000 {
            self.text.push('\n');
            self.text.push_str(&inner.text);
        }
        self.links.extend(inner.links);
        self.links.truncate(MOST_LINKS);
        self.code_links.extend(inner.code_links);
        self.file_links.extend(inner.file_links);
        self.attachments.extend(inner.attachments);
        self.attachments.truncate(100);
        self.forms += inner.forms;
        self.password_fields += inner.password_fields;
        self.cut |= inner.cut;
    }

    /// The domain of the sender's address; empty where there is none.
    #[must_use]
    pub fn from_domain(&self) -> &str {
        domain_of(&self.from)
    }
}

impl Attachment {
    fn from_file(file: super::mime::File) -> Self {
        Self { name: file.name, media_type: file.media_type, head: file.head, tail: file.tail, inline: file.inline }
    }
}

/// Hosts in a List-Unsubscribe header: of web addresses and of mail addresses.
fn ways_out(value: &str) -> Vec<String> {
    let ways = value.split([',', '<', '>', ' ']).filter(|way| way.contains(':')).take(8);
    let host = |way: &str| {
        let rest =
            way.strip_prefix("mailto:").map(domain_of).or_else(|| way.split_once("://").map(|(_, rest)| rest))?;
        let host = rest.split(['/', '?', '#', ':']).next()?.to_lowercase();
        host.contains('.').then_some(host)
    };
    ways.filter_map(host).collect()
}

/// What stands behind the last `@`.
pub(crate) fn domain_of(address: &str) -> &str {
    address.rsplit_once('@').map_or("", |(_, domain)| domain)
}

/// The domain that a DKIM header names (RFC 6376, 3.5).
fn signer(value: &[u8]) -> Option<String> {
    let value = String::from_utf8_lossy(value);
    let domain = value.split(';').find_map(|tag| tag.trim().strip_prefix("d="))?;
    Some(domain.trim().chars().take(253).collect::<String>().to_lowercase())
}

/// Whether the headers name a script of a web site as the sending program.
fn by_script(headers: &Headers) -> bool {
    let program = headers.text("x-mailer").unwrap_or_default().to_lowercase();
    headers.has("x-php-originating-script") || headers.has("x-php-script") || program.contains("phpmailer")
}

/// X-Trasporto is asked first: envelopes carry a reference header that receipts have too.
fn pec(headers: &Headers) -> Option<Pec> {
    let transport = headers.token("x-trasporto");
    match transport.as_deref() {
        Some("posta-certificata") => Some(Pec::Envelope),
        Some(_) => Some(Pec::Anomaly),
        None => headers.has("x-ricevuta").then_some(Pec::Receipt),
    }
}

/// Links that stand in text as they are.
fn links_in(text: &str, links: &mut Vec<Link>) {
    let ends =
        |letter: char| letter.is_whitespace() || matches!(letter, '<' | '>' | '"' | '\'' | '|' | '\u{AB}' | '\u{BB}');
    for word in text.split(ends) {
        if links.len() >= MOST_LINKS {
            return;
        }
        let Some(at) = word.find("http").or_else(|| word.find("www.")).or_else(|| word.find("hxxp")) else { continue };
        let target = word.get(at..).unwrap_or_default().trim_end_matches(['.', ',', ';', ')', ']', ':', '!', '?']);
        let is_link = target.starts_with("http://")
            || target.starts_with("https://")
            || target.starts_with("hxxp")
            || target.starts_with("www.");
        if is_link
            && target.len() > 8
            && target.len() < 4_000
            && !links.iter().any(|known| known.target == target || known.shown == target)
        {
            links.push(Link { target: target.to_owned(), shown: String::new() });
        }
    }
}
