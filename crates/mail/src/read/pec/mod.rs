//! Italian certified mail (PEC: DPR 68/2005, technical rules of the decree of 2 November 2005, RFC 6109): what an envelope or a
//! receipt is, the message within, and what the provider certifies of it.
//!
//! The provider's signature is over the envelope, and says that somebody with a PEC mailbox sent what lies within, not that it
//! is harmless: so the message within is what is judged.

mod certificate;
mod parts;
mod xml;

pub use certificate::Certificate;

use super::header::Headers;
use crate::verdict::{Arrival, Language, Verdict, judge_arriving};

/// What a receipt of the provider says (header `X-Ricevuta`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// The sender's provider took the message (`accettazione`).
    Accepted,
    /// It did not (`non-accettazione`).
    NotAccepted,
    /// The recipient's provider took it over (`presa-in-carico`).
    TakenOver,
    /// It lies in the mailbox (`avvenuta-consegna`).
    Delivered,
    /// It could not be delivered (`errore-consegna`).
    NotDelivered,
    /// It could not be delivered for hours (`preavviso-errore-consegna`).
    Late,
    /// A virus was found in it (`rilevazione-virus`).
    Virus,
    /// Something that the rules do not have.
    Unknown,
}

/// What a message in a PEC mailbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// No PEC at all.
    Ordinary,
    /// A certified message (`busta di trasporto`).
    Envelope,
    /// Ordinary mail, or damaged mail, in an envelope that says so (`busta di anomalia`).
    Anomaly,
    /// A receipt.
    Receipt(Receipt),
}

impl Kind {
    /// The stable word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Envelope => "envelope",
            Self::Anomaly => "anomaly",
            Self::Receipt(_) => "receipt",
        }
    }
}

/// A message of a PEC mailbox.
#[derive(Clone, Debug)]
pub struct PecMessage {
    /// What it is.
    pub kind: Kind,
    /// What the provider certifies (`daticert.xml`), where it can be read.
    pub certificate: Option<Certificate>,
    /// The message within (`postacert.eml`).
    pub inner: Option<Vec<u8>>,
}

impl PecMessage {
    /// Reads a message, whatever it is.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let bytes = bytes.get(..bytes.len().min(super::MOST_BYTES)).unwrap_or_default();
        let (headers, body) = Headers::read(bytes);
        let kind = kind(&headers);
        if kind == Kind::Ordinary {
            return Self { kind, certificate: None, inner: None };
        }
        let found = parts::find(&headers, body);
        Self { kind, certificate: found.data.as_deref().and_then(Certificate::read), inner: found.message }
    }

    /// Whether the provider says that it found a virus: in what came, or in what left this mailbox.
    #[must_use]
    pub fn tells_of_virus(&self) -> bool {
        let certified = self.certificate.as_ref().is_some_and(|data| data.error == "virus");
        self.kind == Kind::Receipt(Receipt::Virus) || (matches!(self.kind, Kind::Receipt(_)) && certified)
    }

    /// Judges the message: what lies in an envelope, never the envelope's own good signature. `bytes` is the whole. None for
    /// receipts, which are the provider's own writing.
    #[must_use]
    pub fn judge(&self, bytes: &[u8], language: Language) -> Option<Verdict> {
        if matches!(self.kind, Kind::Receipt(_)) {
            return None;
        }
        let inner = self.inner.as_deref().unwrap_or(bytes);
        // Of ordinary mail in an envelope nobody certifies the sender.
        let certified = self.certificate.as_ref().filter(|_| self.kind == Kind::Envelope);
        let sender = certified.map_or("", |data| data.sender.as_str());
        Some(judge_arriving(inner, &Arrival { sender, ..Arrival::default() }, language))
    }
}

/// X-Trasporto is asked first: envelopes carry a reference header that receipts have too.
fn kind(headers: &Headers) -> Kind {
    if let Some(transport) = headers.token("x-trasporto") {
        return if transport == "posta-certificata" { Kind::Envelope } else { Kind::Anomaly };
    }
    let Some(receipt) = headers.token("x-ricevuta") else { return Kind::Ordinary };
    Kind::Receipt(match receipt.as_str() {
        "accettazione" => Receipt::Accepted,
        "non-accettazione" => Receipt::NotAccepted,
        "presa-in-carico" => Receipt::TakenOver,
        "avvenuta-consegna" => Receipt::Delivered,
        "errore-consegna" => Receipt::NotDelivered,
        "preavviso-errore-consegna" => Receipt::Late,
        "rilevazione-virus" => Receipt::Virus,
        _ => Receipt::Unknown,
    })
}
