//! `daticert.xml`: what the provider certifies of a message (RFC 6109, 4.4).

use super::xml::{Event, events};

/// The most recipients that are kept.
const MOST_RECIPIENTS: usize = 100;
/// The most characters of one value.
const MOST_TEXT: usize = 1_000;

/// The data of an envelope or receipt. All of it is text from outside; what is missing is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Certificate {
    /// What it belongs to (`tipo`): `posta-certificata`, `accettazione` and so on.
    pub kind: String,
    /// What went wrong (`errore`): `nessuno`, `no-dest`, `no-dominio`, `virus`, `altro`.
    pub error: String,
    /// Who sent the message (`mittente`).
    pub sender: String,
    /// To whom (`destinatari`).
    pub recipients: Vec<String>,
    /// About what (`oggetto`).
    pub subject: String,
    /// When, with the zone: `02/11/2026 10:00:00 +0100` (`data`).
    pub at: String,
    /// The provider's number for it (`identificativo`).
    pub identifier: String,
    /// The message's own number (`msgid`).
    pub message_id: String,
    /// Who certifies this (`gestore-emittente`).
    pub provider: String,
    /// The recipient whose mailbox this is about (`consegna`).
    pub delivered_to: String,
    /// What went wrong, in the provider's words (`errore-esteso`).
    pub error_text: String,
}

impl Certificate {
    /// Reads the file; none when it is no such file, or one that brings definitions of its own.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let mut data = Self::default();
        let mut open: Vec<String> = Vec::new();
        let (mut day, mut hour, mut zone) = (String::new(), String::new(), String::new());
        let mut is_ours = false;
        for event in events(bytes)? {
            match event {
                Event::Open { name, attributes } => {
                    let value = |wanted: &str| attributes.iter().find(|(key, _)| key == wanted).map(|(_, value)| value);
                    if name == "postacert" && open.is_empty() {
                        is_ours = true;
                        data.kind = bounded(value("tipo").map_or("", String::as_str));
                        data.error = bounded(value("errore").map_or("", String::as_str));
                    }
                    if name == "destinatari" && data.recipients.len() < MOST_RECIPIENTS {
                        data.recipients.push(String::new());
                    }
                    if name == "data" {
                        zone = bounded(value("zona").map_or("", String::as_str));
                    }
                    open.push(name);
                }
                Event::Close => drop(open.pop()),
                Event::Text(text) => match open.last().map_or("", String::as_str) {
                    "giorno" => day = bounded(&text),
                    "ora" => hour = bounded(&text),
                    element => data.take(element, &text),
                },
            }
        }
        data.at = format!("{day} {hour} {zone}").trim().to_owned();
        is_ours.then_some(data)
    }

    fn take(&mut self, element: &str, text: &str) {
        let into = match element {
            "mittente" => &mut self.sender,
            "oggetto" => &mut self.subject,
            "identificativo" => &mut self.identifier,
            "msgid" => &mut self.message_id,
            "gestore-emittente" => &mut self.provider,
            "consegna" => &mut self.delivered_to,
            "errore-esteso" => &mut self.error_text,
            "destinatari" => match self.recipients.last_mut() {
                Some(last) => last,
                None => return,
            },
            _ => return,
        };
        *into = bounded(&format!("{into}{text}"));
    }
}

fn bounded(text: &str) -> String {
    let text: String =
        text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(MOST_TEXT).collect();
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATA: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<postacert tipo="avvenuta-consegna" errore="nessuno">
  <intestazione>
    <mittente>protocollo@pec.comune.prova.it</mittente>
    <destinatari tipo="certificato">ditta@pec.example</destinatari>
    <destinatari tipo="esterno">altro@example.it</destinatari>
    <risposte>protocollo@pec.comune.prova.it</risposte>
    <oggetto>Bando &amp; disciplinare &#232; &lt;n. 3&gt;</oggetto>
  </intestazione>
  <dati>
    <gestore-emittente>GESTORE DI PROVA S.p.A.</gestore-emittente>
    <data zona="+0100"><giorno>02/11/2026</giorno><ora>10:00:01</ora></data>
    <identificativo>prova1.20261102100001.00001@pec.example</identificativo>
    <msgid>&lt;abc@pec.comune.prova.it&gt;</msgid>
    <ricevuta tipo="completa"/>
    <consegna>ditta@pec.example</consegna>
    <errore-esteso><![CDATA[5.1.1 - <nessuno>]]></errore-esteso>
  </dati>
</postacert>"#;

    #[test]
    fn the_data_of_a_receipt_are_read_whole() {
        let data = Certificate::read(DATA.as_bytes()).unwrap();
        assert_eq!((data.kind.as_str(), data.error.as_str()), ("avvenuta-consegna", "nessuno"));
        assert_eq!(data.sender, "protocollo@pec.comune.prova.it");
        assert_eq!(data.recipients, ["ditta@pec.example", "altro@example.it"]);
        assert_eq!(data.subject, "Bando & disciplinare \u{e8} <n. 3>");
        assert_eq!(data.at, "02/11/2026 10:00:01 +0100");
        assert_eq!(data.message_id, "<abc@pec.comune.prova.it>");
        assert_eq!(data.identifier, "prova1.20261102100001.00001@pec.example");
        assert_eq!(data.provider, "GESTORE DI PROVA S.p.A.");
        assert_eq!((data.delivered_to.as_str(), data.error_text.as_str()), ("ditta@pec.example", "5.1.1 - <nessuno>"));
    }

    #[test]
    fn other_letters_than_unicode_are_read_by_their_name() {
        let text = DATA.replace("UTF-8", "ISO-8859-1").replace("GESTORE", "Qualit\u{e0}");
        let bytes: Vec<u8> = text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()).collect();
        assert_eq!(Certificate::read(&bytes).unwrap().provider, "Qualit\u{e0} DI PROVA S.p.A.");
    }

    #[test]
    fn what_is_another_file_gives_nothing() {
        for other in
            ["", "ciao", "<html/>", "<a><postacert tipo=\"x\"/></a>", "<!DOCTYPE a [<!ENTITY b \"c\">]><postacert/>"]
        {
            assert_eq!(Certificate::read(other.as_bytes()), None, "{other}");
        }
    }
}
