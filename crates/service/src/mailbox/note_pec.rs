//! Notes a suspicious message of a PEC mailbox, and writes to the RTD about a hostile one. The message itself is never touched.

use super::letters::hostile_pec;
use crate::audit::record;
use crate::error::Error;
use crate::fleet::foreign_text::name;
use crate::house::House;
use crate::live::Topic;
use crate::mail::{content, reasons, thousandths, tidy, word};
use crate::rights::platform_scope;
use baluardo_mail::Verdict;
use baluardo_mail::pec::PecMessage;
use baluardo_model::identity::{Actor, Role};
use baluardo_model::{MailboxId, OutboxId, TenantId};
use baluardo_store::mail::held::HeldReason;
use baluardo_store::mail::pec::NewPecNote;

/// A message of a PEC mailbox that was judged.
#[derive(Clone, Copy, Debug)]
pub struct SeenPec<'a> {
    /// In which mailbox.
    pub mailbox: MailboxId,
    /// The address of the mailbox.
    pub address: &'a str,
    /// The whole message.
    pub bytes: &'a [u8],
    /// The same, taken apart.
    pub message: &'a PecMessage,
    /// What was judged in Italian and English; none of receipts.
    pub verdicts: Option<(&'a Verdict, &'a Verdict)>,
}

/// Writes the note, once for each message, and with it the letter where it is hostile. Gives whether it is new.
///
/// # Errors
/// What the store says; then nothing was written.
#[crate::act]
pub async fn note_pec(house: &House, tenant: TenantId, seen: &SeenPec<'_>) -> Result<bool, Error> {
    let scope = platform_scope(tenant);
    let note = note(seen);
    let mut tx = house.store.write().await?;
    if !tx.tenant(scope).note_pec(&note, house.now()).await? {
        return Ok(false);
    }
    if note.hostile {
        let mut people = tx.tenant(scope).people_with_role(Role::Rtd).await?;
        people.retain(|person| person.disabled_at.is_none());
        let key: String = note.identity.chars().take(32).collect();
        for person in people {
            let mail = hostile_pec(house, &person.person, seen.address, &note);
            let id = OutboxId::new(house.now(), house.chance.as_ref());
            let once = format!("pec {key} {}", person.person.id);
            tx.tenant(scope).put_mail(id, &once, &mail, house.now()).await?;
        }
        let target = format!("mailbox {}", seen.mailbox);
        record(house, &mut tx, scope, &Actor::Platform, "pec.hostile", target, &note.class).await?;
    }
    tx.commit().await?;
    house.live().tell(tenant, Topic::Mail, seen.mailbox);
    Ok(true)
}

fn note(seen: &SeenPec<'_>) -> NewPecNote {
    let letter = baluardo_mail::Letter::read(seen.bytes);
    let data = seen.message.certificate.clone().unwrap_or_default();
    let subject = if data.subject.is_empty() { letter.subject } else { data.subject };
    let sender = if data.sender.is_empty() { letter.from } else { data.sender };
    let virus = seen.message.tells_of_virus();
    let mut why: Vec<HeldReason> = seen.verdicts.map_or_else(Vec::new, |(it, en)| reasons(it, en));
    if virus {
        why.insert(0, told_of_virus());
    }
    NewPecNote {
        mailbox: seen.mailbox,
        identity: content::digest(seen.bytes),
        kind: seen.message.kind.code().to_owned(),
        sender: name(&sender),
        provider: name(&data.provider),
        subject: tidy(&subject),
        sent: name(&data.at),
        identifier: name(&data.identifier),
        class: if virus {
            "malware".to_owned()
        } else {
            seen.verdicts.map_or_else(String::new, |(it, _)| word(it.class))
        },
        score: if virus { 1_000 } else { seen.verdicts.map_or(0, |(it, _)| thousandths(it.score)) },
        hostile: virus || seen.verdicts.is_some_and(|(it, _)| it.action.stops()),
        reasons: why,
    }
}

fn told_of_virus() -> HeldReason {
    HeldReason {
        code: "pec_virus".to_owned(),
        it: "Il gestore PEC dice di aver trovato un virus in un messaggio: se lo avete inviato voi, un vostro computer è \
             probabilmente infetto"
            .to_owned(),
        en: "The PEC provider says that it found a virus in a message: if it was you who sent it, one of your computers is \
             probably infected"
            .to_owned(),
    }
}
