//! HTML as the eye sees it: visible text, what is hidden, links with the words shown, forms, pictures, scripts.

use super::{Link, MOST_LINKS};

/// Bytes of visible text that are kept.
const MOST_VISIBLE: usize = 64 << 10;
/// Sources of pictures that are kept.
const MOST_PICTURES: usize = 40;
/// Open elements that are remembered.
const MOST_OPEN: usize = 200;

/// What a page shows and holds.
#[derive(Debug, Default)]
pub(super) struct Page {
    pub(super) text: String,
    pub(super) hidden: usize,
    pub(super) links: Vec<Link>,
    pub(super) forms: usize,
    pub(super) password_fields: usize,
    pub(super) pictures: usize,
    pub(super) scripts: usize,
    pub(super) refresh: bool,
    pub(super) far_below: bool,
    /// Where pictures are fetched from, a few.
    pub(super) picture_sources: Vec<String>,
    /// Plain letters written as numbers (`&#97;`), which only hides them from filters.
    pub(super) coded_letters: usize,
    /// Small coloured cells of tables.
    pub(super) painted_cells: usize,
    open: Vec<(String, bool)>,
    anchor: Option<(String, String)>,
}

impl Page {
    /// Reads a page.
    pub(super) fn read(html: &str) -> Self {
        let mut page = Self { far_below: pushes_down(html), ..Self::default() };
        let mut rest = html;
        while let Some(at) = rest.find('<') {
            page.words(rest.get(..at).unwrap_or_default());
            let from = rest.get(at..).unwrap_or_default();
            rest = page.markup(from);
        }
        page.words(rest);
        page.close_anchor();
        page
    }

    /// One tag, comment or a lone `<`; gives what follows it.
    fn markup<'a>(&mut self, from: &'a str) -> &'a str {
        if let Some(comment) = from.strip_prefix("<!--") {
            return comment.split_once("-->").map_or("", |(_, after)| after);
        }
        let starts_tag =
            from.chars().nth(1).is_some_and(|next| next.is_ascii_alphabetic() || matches!(next, '/' | '!' | '?'));
        if !starts_tag {
            self.words("<");
            return from.get(1..).unwrap_or_default();
        }
        let end = tag_end(from);
        let tag = from.get(1..end).unwrap_or_default();
        let after = from.get(end + 1..).unwrap_or_default();
        if let Some(name) = tag.strip_prefix('/') {
            self.close(&name_of(name));
            return after;
        }
        let name = name_of(tag);
        self.open_tag(&name, tag);
        if matches!(name.as_str(), "script" | "style" | "title") {
            return skip_to_close(after, &name);
        }
        after
    }

    fn open_tag(&mut self, name: &str, tag: &str) {
        match name {
            "a" | "area" => self.open_anchor(tag),
            "img" | "image" => self.picture(tag),
            "form" => {
                self.forms += 1;
                if let Some(action) = attribute(tag, "action") {
                    self.link(&action, "");
                }
            }
            "input" if attribute(tag, "type").is_some_and(|kind| kind.eq_ignore_ascii_case("password")) => {
                self.password_fields += 1;
            }
            "script" => self.scripts += 1,
            "meta" => {
                self.refresh |= attribute(tag, "http-equiv").is_some_and(|kind| kind.eq_ignore_ascii_case("refresh"));
            }
            "iframe" => {
                if let Some(source) = attribute(tag, "src") {
                    self.link(&source, "");
                }
            }
            "br" | "p" | "div" | "tr" | "li" | "h1" | "h2" | "h3" | "table" => self.gap('\n'),
            "td" | "th" => {
                self.painted_cells += usize::from(is_painted(tag));
                self.gap(' ');
            }
            _ => {}
        }
        const EMPTY: &[&str] = &["img", "br", "hr", "meta", "link", "input", "area", "col", "base", "source", "wbr"];
        if !EMPTY.contains(&name) && !tag.ends_with('/') && self.open.len() < MOST_OPEN {
            let hidden = self.is_hidden() || hides(tag);
            self.open.push((name.to_owned(), hidden));
        }
    }

    fn picture(&mut self, tag: &str) {
        self.pictures += 1;
        if self.picture_sources.len() < MOST_PICTURES
            && let Some(source) = attribute(tag, "src").filter(|source| source.contains("//"))
        {
            self.picture_sources.push(entities(&source).chars().take(500).collect());
        }
    }

    fn close(&mut self, name: &str) {
        if name == "a" {
            self.close_anchor();
        }
        if let Some(at) = self.open.iter().rposition(|(open, _)| open == name) {
            self.open.truncate(at);
        }
        if matches!(name, "p" | "div" | "tr" | "li" | "h1" | "h2" | "h3") {
            self.gap('\n');
        }
    }

    fn is_hidden(&self) -> bool {
        self.open.last().is_some_and(|(_, hidden)| *hidden)
    }

    fn words(&mut self, raw: &str) {
        if raw.is_empty() {
            return;
        }
        let text = entities(raw);
        self.coded_letters += coded_letters(raw);
        if self.is_hidden() {
            self.hidden += text.trim().len();
            return;
        }
        if let Some((_, shown)) = &mut self.anchor
            && shown.len() < 400
        {
            shown.push_str(&text);
        }
        if self.text.len() < MOST_VISIBLE {
            for letter in text.chars() {
                if letter.is_whitespace() { self.gap(' ') } else { self.text.push(letter) }
            }
        }
    }

    fn gap(&mut self, gap: char) {
        if self.text.ends_with(' ') && gap == '\n' {
            self.text.pop();
        }
        if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(gap);
        }
    }

    fn open_anchor(&mut self, tag: &str) {
        self.close_anchor();
        if let Some(target) = attribute(tag, "href") {
            self.anchor = Some((target, String::new()));
        }
    }

    fn close_anchor(&mut self) {
        if let Some((target, shown)) = self.anchor.take() {
            self.link(&target, &shown);
        }
    }

    fn link(&mut self, target: &str, shown: &str) {
        if self.links.len() < MOST_LINKS && !target.trim().is_empty() {
            let shown = shown.split_whitespace().collect::<Vec<_>>().join(" ");
            self.links.push(Link { target: entities(target).trim().chars().take(4_000).collect(), shown });
        }
    }
}

/// Whether a cell is coloured and no larger than a dot of a drawing.
fn is_painted(tag: &str) -> bool {
    let coloured = find_ignoring_case(tag, "bgcolor").is_some() || find_ignoring_case(tag, "background").is_some();
    let width = attribute(tag, "width").or_else(|| {
        let style = attribute(tag, "style")?.to_ascii_lowercase();
        Some(style.split_once("width:")?.1.trim().to_owned())
    });
    let digits = |width: String| width.chars().take_while(char::is_ascii_digit).collect::<String>();
    coloured && width.is_some_and(|width| digits(width).parse::<u32>().is_ok_and(|width| width <= 12))
}

/// Whether a style asks for a height or margin that no screen has.
fn pushes_down(html: &str) -> bool {
    const SIZES: &[(&str, u32)] = &[("px", 3_000), ("vh", 300), ("em", 200), ("rem", 200), ("pt", 3_000)];
    let lower = html.get(..html.len().min(200_000)).unwrap_or_default();
    ["height:", "margin-top:", "padding-top:", "margin-bottom:", "padding-bottom:"].iter().any(|name| {
        lower.match_indices(name).take(500).any(|(at, _)| {
            let before = lower.get(..at).and_then(|before| before.chars().next_back());
            let value = lower.get(at + name.len()..).unwrap_or_default().trim_start();
            let digits = value.bytes().take(9).take_while(u8::is_ascii_digit).count();
            let number: u32 = value.get(..digits).and_then(|digits| digits.parse().ok()).unwrap_or(0);
            let unit = value.get(digits..).unwrap_or_default();
            // A limit from above (max-height) is no size, and rules for screens (min-height: 1px) are small.
            before != Some('-') && SIZES.iter().any(|(name, most)| unit.starts_with(name) && number >= *most)
        })
    })
}

/// Where a tag ends, quotes respected as far as they are closed within 4,000 bytes.
fn tag_end(from: &str) -> usize {
    let mut quote = None;
    for (at, byte) in from.bytes().enumerate().take(4_000) {
        match (quote, byte) {
            (None, b'>') => return at,
            (None, b'"' | b'\'') if at > 0 && from.as_bytes().get(at - 1) == Some(&b'=') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    from.find('>').unwrap_or(from.len())
}

fn name_of(tag: &str) -> String {
    tag.chars().take_while(char::is_ascii_alphanumeric).take(12).collect::<String>().to_ascii_lowercase()
}

fn skip_to_close<'a>(after: &'a str, name: &str) -> &'a str {
    let mut rest = after;
    while let Some(at) = rest.find("</") {
        rest = rest.get(at + 2..).unwrap_or_default();
        if name_of(rest) == name {
            return rest.split_once('>').map_or("", |(_, after)| after);
        }
    }
    ""
}

/// The value of an attribute, entities left as they are.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag;
    while let Some(at) = find_ignoring_case(rest, wanted) {
        let before = rest.get(..at)?.chars().next_back();
        let after = rest.get(at + wanted.len()..)?;
        let value = after.trim_start();
        if before.is_some_and(|before| before.is_whitespace() || matches!(before, '"' | '\'' | '/'))
            && let Some(value) = value.strip_prefix('=')
        {
            let value = value.trim_start();
            let quote = value.chars().next()?;
            return Some(match quote {
                '"' | '\'' => value.get(1..)?.split(quote).next()?.to_owned(),
                _ => value.split([' ', '\n', '\t', '>']).next()?.to_owned(),
            });
        }
        rest = after;
    }
    None
}

fn find_ignoring_case(hay: &str, needle: &str) -> Option<usize> {
    hay.as_bytes().windows(needle.len()).position(|window| window.eq_ignore_ascii_case(needle.as_bytes()))
}

/// Whether a tag hides what stands in it.
fn hides(tag: &str) -> bool {
    let Some(style) = attribute(tag, "style") else {
        return find_ignoring_case(tag, " hidden").is_some()
            && attribute(tag, "hidden").is_none_or(|value| value != "false");
    };
    let style: String = style.chars().filter(|letter| !letter.is_whitespace()).collect::<String>().to_ascii_lowercase();
    const HIDING: &[&str] = &[
        "display:none",
        "visibility:hidden",
        "font-size:0",
        "font-size:1px",
        "opacity:0;",
        "max-height:0",
        "mso-hide:all",
    ];
    HIDING.iter().any(|way| style.contains(way) && !style.contains("font-size:0.")) || style.ends_with("opacity:0")
}

/// Character references: the few with names that mail uses, and all numbers.
pub(super) fn entities(raw: &str) -> String {
    if !raw.contains('&') {
        return raw.to_owned();
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| rest.get(1..end)).and_then(reference) {
            Some(letter) => {
                out.push(letter);
                rest = rest.get(end.unwrap_or_default() + 1..).unwrap_or_default();
            }
            None => {
                out.push('&');
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

/// How many plain letters a text writes as numbers.
fn coded_letters(raw: &str) -> usize {
    let is_letter = |rest: &str| {
        let name = rest.split_once(';').map_or("", |(name, _)| name);
        name.len() < 8 && reference(&format!("#{name}")).is_some_and(|letter| letter.is_ascii_alphabetic())
    };
    raw.match_indices("&#").take(2_000).filter(|(at, _)| raw.get(at + 2..).is_some_and(is_letter)).count()
}

fn reference(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    const NAMED: &[(&str, char)] = &[
        ("amp", '&'),
        ("lt", '<'),
        ("gt", '>'),
        ("quot", '"'),
        ("apos", '\''),
        ("nbsp", ' '),
        ("egrave", 'è'),
        ("eacute", 'é'),
        ("agrave", 'à'),
        ("igrave", 'ì'),
        ("ograve", 'ò'),
        ("ugrave", 'ù'),
        ("Egrave", 'È'),
        ("euro", '€'),
        ("rsquo", '’'),
        ("lsquo", '’'),
        ("ldquo", '"'),
        ("rdquo", '"'),
        ("ndash", '-'),
        ("mdash", '-'),
        ("hellip", '…'),
        ("copy", '©'),
        ("reg", '®'),
        ("deg", '°'),
        ("raquo", '»'),
        ("laquo", '«'),
        ("bull", '•'),
        ("middot", '·'),
        ("shy", '\u{AD}'),
        ("zwnj", '\u{200C}'),
        ("zwj", '\u{200D}'),
    ];
    NAMED.iter().find(|(known, _)| *known == name).map(|(_, letter)| *letter)
}

#[cfg(test)]
mod tests {
    use super::Page;

    #[test]
    fn the_eye_sees_the_text_and_not_what_is_hidden() {
        let page = Page::read(
            "<p>Gentile <b>utente</b></p><div style=\"DISPLAY: none\">weather</div><a href='http://a.it/?a=1&amp;b=2'>poste.it</a>",
        );
        assert_eq!(page.text, "Gentile utente\nposte.it");
        assert_eq!(page.hidden, 7);
        assert_eq!(
            page.links.first().map(|link| (link.target.as_str(), link.shown.as_str())),
            Some(("http://a.it/?a=1&b=2", "poste.it"))
        );
    }

    #[test]
    fn a_page_that_is_cut_in_a_tag_is_read_to_its_end() {
        let page = Page::read("ciao <a href=\"http://b.it/");
        assert_eq!(page.text.trim(), "ciao");
        assert!(Page::read("<").text.contains('<'));
    }
}
