//! What a provider wrote above a message that it delivered into a mailbox.

use super::header::Headers;
use super::{address, decode};

/// What is known of a message that lies in a mailbox, beside what it says itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delivered {
    /// The sender of the envelope, from `Return-Path`; empty where the provider did not write it.
    pub sender: String,
    /// What the provider found of SPF, DKIM and DMARC (RFC 8601).
    pub results: Option<String>,
    /// The message's own number; empty for none.
    pub message_id: String,
}

impl Delivered {
    /// Reads it. `authserv` is the name under which the provider writes its findings: of `Authentication-Results` only the
    /// uppermost with that name is believed, because whoever sends a message can write the others. Empty for none at all.
    #[must_use]
    pub fn read(bytes: &[u8], authserv: &str) -> Self {
        let (headers, _) = Headers::read(bytes);
        let back = headers.above_received("return-path").unwrap_or_default();
        let results = headers.all("authentication-results").find_map(|value| {
            let text = String::from_utf8_lossy(value);
            let (who, found) = text.split_once(';')?;
            // A number of the version may follow the name.
            let who = who.split_whitespace().next()?;
            (!authserv.is_empty() && who.eq_ignore_ascii_case(authserv)).then(|| found.to_owned())
        });
        let message_id = headers.raw("message-id").map(|id| decode::guess(id).trim().to_owned()).unwrap_or_default();
        Self { sender: address::first(&back).address, results, message_id }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"Return-Path: <Capo@example.it>\r\nReceived: from a\r\n\
        Authentication-Results: mx.fornitore.example 1; spf=pass smtp.mailfrom=example.it\r\n\
        Authentication-Results: mx.fornitore.example; dkim=pass header.d=poste.it\r\n\
        Message-ID: <1@example.it>\r\nFrom: a@example.it\r\n\r\nciao\r\n";

    #[test]
    fn only_the_uppermost_finding_of_the_named_provider_is_believed() {
        let found = Delivered::read(MESSAGE, "MX.fornitore.example");
        assert_eq!(found.sender, "capo@example.it");
        assert_eq!(found.results.as_deref(), Some(" spf=pass smtp.mailfrom=example.it"));
        assert_eq!(found.message_id, "<1@example.it>");
        assert_eq!(Delivered::read(MESSAGE, "altro.example").results, None);
        assert_eq!(Delivered::read(MESSAGE, "").results, None);
    }

    #[test]
    fn a_return_path_below_the_providers_lines_is_the_senders_own_writing() {
        let forged = b"Received: from a\r\nReturn-Path: <capo@comune.it>\r\n\r\nciao\r\n";
        assert_eq!(Delivered::read(forged, "").sender, "");
    }
}
