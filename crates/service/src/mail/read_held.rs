//! What a held message says: as plain text, with links spelled out and attachments by name, and nothing that could act.

use super::content::open;
use crate::audit::record;
use crate::error::Error;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use baluardo_mail::Letter;
use baluardo_model::identity::Actor;
use baluardo_model::{HeldMailId, TenantId};
use serde::Serialize;

/// The most characters of text that are shown.
const MOST_TEXT: usize = 20_000;
/// The most links, and the most attachments, that are listed.
const MOST_LISTED: usize = 100;

/// A link of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldLink {
    /// The words that the reader would have seen.
    pub shown: String,
    /// Where it really leads.
    pub target: String,
}

/// An attachment of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldFile {
    /// Its name.
    pub name: String,
    /// What it says it is.
    pub media_type: String,
}

/// What a message says. All of it comes from outside and is text, never markup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldContent {
    /// The visible text.
    pub text: String,
    /// Whether more stands in the message than is shown.
    pub cut: bool,
    /// Its links, those in QR codes too.
    pub links: Vec<HeldLink>,
    /// Its attachments.
    pub files: Vec<HeldFile>,
}

/// What a held message of `tenant` says. That somebody read it stands in the log.
///
/// # Errors
/// [`Error::NotFound`] when the tenant holds no such message; [`Error::Conflict`] `mail.content_gone` when it was released or
/// deleted; as [`tenant_scope`].
#[crate::act]
pub async fn read_held(house: &House, actor: &Actor, tenant: TenantId, id: HeldMailId) -> Result<HeldContent, Error> {
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ReadHeldMail, tenant).await?;
    let row = tx.tenant(scope).held_mail(id).await?.ok_or(Error::NotFound)?;
    let Some(bytes) = open(house, &mut tx, scope, &row).await? else {
        return Err(Error::conflict("mail.content_gone", "the content of this message is not kept any more"));
    };
    record(house, &mut tx, scope, actor, "mail.content_read", format!("mail {id}"), "").await?;
    tx.commit().await?;
    Ok(shown(&Letter::read(&bytes)))
}

fn shown(letter: &Letter) -> HeldContent {
    let text: String = letter.text.chars().take(MOST_TEXT).map(plain).collect();
    let written = letter.links.iter().map(|link| HeldLink { shown: line(&link.shown), target: line(&link.target) });
    let coded = letter.code_links.iter().chain(&letter.file_links);
    let coded = coded.map(|target| HeldLink { shown: String::new(), target: line(target) });
    let files = letter.attachments.iter();
    let files = files.map(|file| HeldFile { name: line(&file.name), media_type: line(&file.media_type) });
    let listed = letter.links.len() + letter.code_links.len() + letter.file_links.len();
    HeldContent {
        cut: letter.cut || letter.text.chars().count() > MOST_TEXT || listed > MOST_LISTED,
        text,
        links: written.chain(coded).take(MOST_LISTED).collect(),
        files: files.take(MOST_LISTED).collect(),
    }
}

/// Letters that turn the direction of writing or show nothing are how addresses are disguised: they are made visible.
fn plain(letter: char) -> char {
    match letter {
        '\n' | '\t' => letter,
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        letter if letter.is_control() => ' ',
        letter => letter,
    }
}

fn line(text: &str) -> String {
    text.chars().take(2_000).map(|letter| if letter == '\n' || letter == '\t' { ' ' } else { plain(letter) }).collect()
}
