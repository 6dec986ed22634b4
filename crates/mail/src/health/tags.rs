//! Records that are lists of `name=value`, parted by semicolons: DKIM's keys, DMARC, MTA-STS, TLS-RPT.

/// Bytes of a record that are read; no honest one is a quarter as long.
const MOST_BYTES: usize = 8 << 10;
/// Tags of a record.
const MOST_TAGS: usize = 64;

/// The tags of one record, names in lower case, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tags(Vec<(String, String)>);

impl Tags {
    /// Reads a record; none when it is no such list, too long, not plain ASCII, or names a tag twice.
    pub(super) fn read(text: &[u8]) -> Option<Self> {
        let text = str::from_utf8(text).ok().filter(|text| text.is_ascii() && text.len() <= MOST_BYTES)?;
        let mut tags = Self::default();
        for piece in text.split(';').map(str::trim).filter(|piece| !piece.is_empty()) {
            let (name, value) = piece.split_once('=')?;
            let name = name.trim().to_ascii_lowercase();
            let plain = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
            if !plain || tags.0.len() >= MOST_TAGS || tags.get(&name).is_some() {
                return None;
            }
            tags.0.push((name, value.trim().to_owned()));
        }
        Some(tags)
    }

    /// The value of a tag.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The first tag's name.
    pub(super) fn first(&self) -> Option<&str> {
        self.0.first().map(|(name, _)| name.as_str())
    }

    /// With another value for a tag, which stands behind `after` where it was not there before.
    pub(super) fn with(mut self, name: &str, value: &str, after: &str) -> Self {
        if let Some((_, old)) = self.0.iter_mut().find(|(known, _)| known == name) {
            value.clone_into(old);
            return self;
        }
        let at = self.0.iter().position(|(known, _)| known == after).map_or(self.0.len(), |at| at + 1);
        self.0.insert(at.min(self.0.len()), (name.to_owned(), value.to_owned()));
        self
    }

    /// Without a tag.
    pub(super) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    /// As a record.
    pub(super) fn written(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }
}

/// Those of `texts` that begin with `v=` and this version, as its standard writes it.
pub(super) fn of_version<'a>(texts: &'a [Vec<u8>], version: &str) -> Vec<&'a [u8]> {
    texts.iter().map(Vec::as_slice).filter(|text| is_of_version(text, version)).collect()
}

fn is_of_version(text: &[u8], version: &str) -> bool {
    let value = text.trim_ascii_start().strip_prefix(b"v").map(<[u8]>::trim_ascii_start);
    let value = value.and_then(|rest| rest.strip_prefix(b"=")).map(<[u8]>::trim_ascii_start);
    let rest = value.and_then(|value| value.strip_prefix(version.as_bytes()));
    rest.is_some_and(|rest| matches!(rest.trim_ascii_start().first(), None | Some(b';')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_changed_and_written() {
        let tags = Tags::read(b"v=DMARC1 ; p=none;RUA= mailto:a@b.it ;").unwrap();
        assert_eq!((tags.first(), tags.get("rua"), tags.get("sp")), (Some("v"), Some("mailto:a@b.it"), None));
        let changed = tags.with("p", "reject", "v").with("sp", "reject", "p").without("rua");
        assert_eq!(changed.written(), "v=DMARC1; p=reject; sp=reject");
    }

    #[test]
    fn what_is_no_list_of_tags_is_none() {
        let long = [b"v=DMARC1; p=".to_vec(), vec![b'a'; 100_000]].concat();
        for text in [&b"v=DMARC1 p none; x"[..], b"p=none; p=reject", b"=x", b"a b=c", "v=\u{e8}".as_bytes(), &long] {
            assert_eq!(Tags::read(text), None, "{}", String::from_utf8_lossy(text));
        }
        assert_eq!(Tags::read(b" ;; "), Some(Tags::default()));
    }

    #[test]
    fn versions_are_told_apart() {
        let texts = [&b"v=DMARC1; p=none"[..], b"v = DMARC1;", b"v=DMARC10", b"v=dmarc1", b"V=DMARC1", b"x", b"\xff"];
        let texts = texts.map(<[u8]>::to_vec);
        assert_eq!(of_version(&texts, "DMARC1"), [&texts[0][..], &texts[1][..]]);
    }
}
