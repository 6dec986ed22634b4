//! What the words ask for, in Italian and English.
//!
//! Each rule wants words of several groups near each other: one word alone says nothing, and offices write about
//! payments, deadlines and passwords all day.

use super::fact::{Fact, Facts};
use crate::read::Letter;

/// Characters that are read; what a letter wants stands near its beginning or its end.
const HEAD: usize = 6_000;

/// A rule: one word of each group must stand in the same stretch of text.
struct Rule {
    fact: Fact,
    groups: &'static [&'static [&'static str]],
}

const URGENT: &[&str] = &[
    "urgente", "urgentemente", "immediatamente", "entro 24 ore", "entro 48 ore", "entro 12 ore", "entro oggi", "entro e non oltre", "il prima possibile", "con urgenza", "ultimo avviso", "ultimo sollecito",
    "senza indugio", "subito", "tassativamente", "urgent", "immediately", "within 24 hours", "within 48 hours", "as soon as possible", "final notice", "last warning", "act now", "expires today",
    "scade oggi", "in giornata", "entro la fine della giornata", "in mattinata", "entro un'ora", "final reminder", "right away",
];
const ACCESS: &[&str] = &[
    "password", "credenziali", "dati di accesso", "accedi", "accedere", "effettuare il login", "verifica il tuo", "verificare il tuo", "verificare i suoi dati", "verificare i tuoi dati", "confermare i dati",
    "conferma i tuoi dati", "conferma la tua identità", "confermare la sua identità", "confermare la tua identità", "aggiornare i dati", "aggiorna i tuoi dati", "aggiornare i suoi dati", "riattivare", "riattiva", "convalidare", "convalida", "log in", "login", "sign in",
    "verify your", "confirm your", "update your", "validate your", "reactivate", "your credentials", "keep current password", "keep same password", "mantieni la password", "inserire nuovamente",
];
const ACCOUNT: &[&str] = &[
    "account", "conto", "casella", "carta", "utenza", "profilo", "identità digitale", "spid", "dominio", "servizio", "mailbox", "e-mail", "email", "wallet", "password", "subscription", "abbonamento", "dispositivo", "posta",
];
const THREAT: &[&str] = &[
    "sospes", "sospen", "bloccat", "disattivat", "disabilitat", "limitat", "cancellat", "eliminat", "chius", "scadut", "in scadenza", "scadrà", "interrott", "attività sospett", "accesso non autorizzat", "accesso anomal",
    "accesso insolit", "suspend", "locked", "deactivat", "disabled", "restrict", "terminat", "deleted", "closed", "expired", "will expire", "unusual activity", "unauthorized", "unauthorised", "suspicious", "on hold", "blocked", "limited",
];

const RULES: &[Rule] = &[
    Rule { fact: Fact::Urgency, groups: &[URGENT] },
    Rule { fact: Fact::AsksAccess, groups: &[ACCESS, &["clic", "link", "pulsante", "bottone", "click", "button", "here", "below", "qui", "di seguito", "allegato", "attached"]] },
    Rule { fact: Fact::AccountThreat, groups: &[ACCOUNT, THREAT] },
    Rule {
        fact: Fact::ClickFix,
        groups: &[
            &["windows + r", "windows+r", "win+r", "win + r", "tasto windows", "windows key", "finestra esegui", "run dialog", "powershell", "prompt dei comandi", "command prompt", "terminale", "terminal", "cmd.exe", "mshta", "barra degli indirizzi", "esplora file"],
            &["ctrl+v", "ctrl + v", "incolla", "incollare", "paste", "copia e incolla", "copiare il comando", "copia il comando", "copiate", "-enc", "iex", "irm ", "invoke-"],
        ],
    },
    Rule {
        fact: Fact::BankChange,
        groups: &[
            &["iban", "coordinate bancarie", "conto corrente", "banca d'appoggio", "bank details", "bank account", "banking details", "account details", "direct deposit"],
            &[
                "nuovo", "nuove", "nuova", "cambiat", "cambio", "modificat", "variat", "variazione", "aggiornat", "sostitui", "aggiornare", "modificare", "variare", "cambiare", "cessato", "non più attiv", "non è più", "in fase di chiusura", "revisione contabile", "new bank", "changed", "update", "new account", "different account",
            ],
            &["bonifico", "pagament", "fattur", "stipendi", "accredit", "versament", "saldo", "payment", "invoice", "salary", "payroll", "transfer", "mandato", "mandati", "liquidazion", "emolument"],
        ],
    },
    Rule {
        fact: Fact::PaymentPressure,
        groups: &[
            &["bonifico", "pagamento", "wire transfer", "bank transfer", "disposizione di pagamento", "saldo immediato", "payment"],
            &["urgente", "urgenza", "immediat", "in giornata", "entro oggi", "subito", "riservat", "confidenzial", "urgent", "today", "immediately", "confidential", "discrezione", "il prima possibile", "in mattinata", "entro un'ora"],
            &["puoi", "può", "riesci", "riesce", "ho bisogno", "mi serve", "devi", "necessito", "sono in riunione", "non chiamar", "can you", "i need", "please process", "are you", "procedi", "procedere", "occorre disporre", "effettuare"],
        ],
    },
    Rule { fact: Fact::GiftCards, groups: &[&["gift card", "carte regalo", "carta regalo", "buoni regalo", "itunes", "google play", "paysafecard", "carte prepagate", "buoni amazon", "amazon gift", "steam card"], &["codici", "codice", "foto", "gratta", "acquist", "compra", "codes", "code", "scratch", "purchase", "buy", "pictures"]] },
    Rule {
        fact: Fact::QuickTask,
        groups: &[
            &["sei in ufficio", "sei disponibile", "è disponibile", "sei libero", "sei libera", "are you available", "are you free", "are you at your desk", "quick task", "un favore", "una cortesia", "quick favor", "quick favour", "tuo numero di cellulare", "numero di cellulare", "mobile number", "cell number", "whatsapp"],
            &["riunione", "meeting", "non posso parlare", "non posso rispondere", "solo via mail", "solo per email", "rispondi a questa", "can't talk", "cannot talk", "reply", "subito", "discret", "riservat", "urgent", "conference"],
        ],
    },
    Rule { fact: Fact::Secrecy, groups: &[&["massima riservatezza", "strettamente confidenziale", "strettamente riservat", "non parlarne", "non ne parli", "resti tra noi", "acquisizione riservata", "keep this confidential", "strictly confidential", "between us", "do not discuss", "don't tell", "senza informare", "non informare"]] },
    Rule {
        fact: Fact::Windfall,
        groups: &[
            &["eredità", "lotteria", "donazione", "ha vinto", "hai vinto", "premio", "vincitore", "beneficiario", "inheritance", "lottery", "next of kin", "beneficiary", "winner", "you have won", "you've won", "compensation", "donation", "donate", "reward", "selected", "congratulations", "fund", "gift", "selezionato", "iphone"],
            &["milioni", "million", "usd", "$", "£", "€", "euro", "dollars", "claim", "riscuot", "ritira", "reclama", "prize", "survey", "sondaggio"],
            &["contatt", "rispond", "contact", "reply", "clic", "claim", "deceased", "defunto", "attorney", "avvocato", "barrister", "bank of", "courier", "diplomat", "survey", "sondaggio", "consegna"],
        ],
    },
    Rule { fact: Fact::Extortion, groups: &[&["bitcoin", "btc", "usdt", "litecoin", "ethereum"], &["webcam", "registrato", "video", "i tuoi contatti", "your contacts", "recorded", "malware", "trojan", "hacked", "hackerato", "dati sottratti", "masturb", "leak", "esfiltrat"]] },
    Rule { fact: Fact::ParcelFee, groups: &[&["pacco", "spedizione", "consegna", "parcel", "package", "delivery", "shipment", "giacenza", "corriere"], &["in attesa", "sospes", "non è stato possibile", "tassa", "spese di", "costi di", "dazi", "dogan", "riprogramm", "pending", "on hold", "customs", "fee", "reschedule", "failed", "unable to deliver", "address"], &["clic", "paga", "pagar", "conferma", "link", "click", "confirm", "pay", "€", "$", "verific"]] },
    Rule { fact: Fact::Refund, groups: &[&["rimborso", "refund", "indennizzo", "bonus", "contravvenzione", "sanzione", "multa", "cartella esattoriale", "avviso di accertamento", "mancato pagamento", "tax return", "unpaid toll"], &["clic", "link", "accedi", "accedere", "click", "conferma", "inserire", "richied", "riscuot", "portale", "pulsante", "claim", "scarica"]] },
    Rule { fact: Fact::Impersonal, groups: &[&["gentile cliente", "gentile utente", "caro cliente", "caro utente", "dear customer", "dear user", "dear client", "dear friend", "dear beneficiary", "dear sir/madam", "dear email user", "gentile contribuente", "gentile titolare", "gentile destinatari", "dear valued", "dear account", "dear member", "gentile cittadin"]] },
    Rule { fact: Fact::CallBack, groups: &[&["call us", "call our", "toll free", "helpline", "chiami il numero", "contatti il numero", "call immediately", "customer care", "support number"], &["charged", "addebit", "invoice", "subscription", "renew", "order", "transaction", "abbonamento", "transazione"], &["cancel", "annull", "refund", "dispute", "rimborso", "not authorize", "did not", "non riconosc"]] },
    Rule {
        fact: Fact::MailboxFull,
        groups: &[
            &["casella", "mailbox", "posta elettronica", "quota", "spazio", "inbox", "webmail", "storage", "archiviazione", "messaggi in sospeso", "messaggi in arrivo", "incoming messages", "email account"],
            &["pien", "esaurit", "superat", "limite", "full", "exceeded", "almost", "in sospeso", "pending", "undelivered", "held", "trattenut", "bloccati", "in quarantena", "quarantined", "upgrade", "aggiornament"],
            &["clic", "click", "accedi", "verifica", "liber", "aument", "release", "rilasci", "verify", "recover", "ripristin", "confirm", "increase", "aggiorna"],
        ],
    },
    Rule {
        fact: Fact::SharedDocument,
        groups: &[
            &["documento condiviso", "ha condiviso", "shared a file", "shared document", "shared a document", "shared with you", "nuovo documento", "documento protetto", "firma elettronica", "review and sign", "firma il documento", "voicemail", "messaggio vocale", "fax", "document has been", "secure document", "secure message", "scanned document", "scansione"],
            &["visualizza", "apri", "view", "open", "review", "sign", "scarica", "download", "firma", "listen", "ascolta", "play", "access"],
        ],
    },
];

pub(super) fn look(letter: &Letter, facts: &mut Facts) {
    let words = words_of(letter);
    for rule in RULES {
        let mut seen = "";
        let all = rule.groups.iter().all(|group| {
            let hit = group.iter().find(|phrase| holds(&words, phrase));
            if seen.is_empty() {
                seen = hit.copied().unwrap_or_default();
            }
            hit.is_some()
        });
        facts.add_if(all, rule.fact, seen);
    }
}

/// Subject and text in lower case, runs of space made one, typographic apostrophes made plain.
fn words_of(letter: &Letter) -> String {
    let mut out = String::with_capacity(HEAD);
    let all = letter.subject.chars().chain([' ', '.', ' ']).chain(letter.text.chars());
    for one in all.take(HEAD).flat_map(char::to_lowercase) {
        match one {
            '\u{200B}'..='\u{200F}' | '\u{AD}' | '\u{FEFF}' | '\u{2060}' => {}
            '’' | '`' | '´' => out.push('\''),
            space if space.is_whitespace() => {
                if !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether a phrase stands in the text at the beginning of a word.
fn holds(text: &str, phrase: &str) -> bool {
    let starts_word = |at: usize| !text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(char::is_alphanumeric);
    let symbol = phrase.starts_with(['$', '€', '£', '-']);
    text.match_indices(phrase).any(|(at, _)| symbol || starts_word(at))
}

#[cfg(test)]
mod tests {
    use super::super::fact::{Fact, Facts};
    use crate::read::Letter;

    fn facts(text: &str) -> Facts {
        Facts::of(&Letter::read(format!("From: a@b.it\nSubject: x\n\n{text}\n").as_bytes()))
    }

    #[test]
    fn orders_to_paste_into_a_system_window_are_known() {
        assert!(facts("Premere tasto Windows + R, poi Ctrl + V e Invio.").has(Fact::ClickFix));
        assert!(!facts("La riunione si tiene sul terminale del porto.").has(Fact::ClickFix));
    }

    #[test]
    fn new_bank_details_are_known_and_a_plain_invoice_is_not() {
        assert!(facts("Vi comunichiamo che il nostro IBAN è cambiato: il bonifico va fatto sulle nuove coordinate.").has(Fact::BankChange));
        assert!(!facts("In allegato la fattura n. 12 del mese di maggio.").has(Fact::BankChange));
    }
}
