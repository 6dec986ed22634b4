//! Tokens by which one signs in where passwords are not taken: kept in memory while they last, and shared by all who go to a
//! mailbox, because some providers take back what renews once it was used.

use super::provider::ask;
use super::reach::Reach;
use super::watch::Failed;
use baluardo_model::{MailboxId, TenantId};
use baluardo_service::House;
use baluardo_service::mailbox::{self, Credential};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A token is renewed this long before it ends.
const EARLY: Duration = Duration::from_secs(120);

/// The tokens of all mailboxes. They are told to nobody who prints this.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<HashMap<MailboxId, Arc<tokio::sync::Mutex<Kept>>>>);

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens")
    }
}

/// What is known of one mailbox.
#[derive(Default)]
struct Kept {
    /// As the database has it; with another, somebody changed the mailbox, and nothing here is worth anything.
    with: Option<Credential>,
    token: Option<(String, Instant)>,
    /// As the database is to have it, because the provider handed out another token that renews.
    unwritten: Option<Credential>,
}

/// A token.
pub(super) struct Token {
    pub(super) text: String,
    /// Whether the provider gave it just now.
    pub(super) fresh: bool,
}

impl Tokens {
    fn of(&self, mailbox: MailboxId) -> Arc<tokio::sync::Mutex<Kept>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(all.entry(mailbox).or_default())
    }

    /// A token that is good as far as is known. What the provider hands out in place of the one that renews is in the database
    /// before this returns.
    pub(super) async fn get(
        &self,
        house: &House,
        reach: &Reach,
        (tenant, mailbox): (TenantId, MailboxId),
    ) -> Result<Token, Failed> {
        let kept = self.of(mailbox);
        // Who comes meanwhile waits, and takes what this one brings. So the database is asked here, and not before.
        let mut kept = kept.lock().await;
        let credential = mailbox::open_mailbox(house, tenant, mailbox).await?.connection.credential;
        if kept.with.as_ref() != Some(&credential) {
            *kept = Kept { with: Some(credential.clone()), ..Kept::default() };
        }
        let which = (tenant, mailbox);
        kept.write(house, which).await?;
        if let Some((text, _)) = kept.token.as_ref().filter(|(_, until)| *until > now()) {
            return Ok(Token { text: text.clone(), fresh: false });
        }
        let credential = kept.with.clone().unwrap_or(credential);
        let granted = ask(reach, &credential).await?;
        kept.unwritten = granted.renewed.and_then(|renewed| renewing_by(&credential, renewed));
        kept.token = Some((granted.token.clone(), now() + granted.lasts.saturating_sub(EARLY)));
        kept.write(house, which).await?;
        Ok(Token { text: granted.token, fresh: true })
    }

    /// Takes a token for worthless.
    pub(super) async fn forget(&self, mailbox: MailboxId, token: &str) {
        let kept = self.of(mailbox);
        let mut kept = kept.lock().await;
        if kept.token.as_ref().is_some_and(|(text, _)| text == token) {
            kept.token = None;
        }
    }
}

impl Kept {
    /// Writes what is to be in the database.
    async fn write(&mut self, house: &House, (tenant, mailbox): (TenantId, MailboxId)) -> Result<(), Failed> {
        let (Some(before), Some(after)) = (&self.with, &self.unwritten) else { return Ok(()) };
        let written = mailbox::renew_token(house, tenant, mailbox, before, after).await?;
        let after = self.unwritten.take();
        if written {
            self.with = after;
            Ok(())
        } else {
            Err(Failed::Gone)
        }
    }
}

/// The same with another token that renews; none where it is the same one.
fn renewing_by(credential: &Credential, renewed: String) -> Option<Credential> {
    let Credential::Oauth2 { token_url, client, client_secret, refresh_token } = credential else { return None };
    (renewed != *refresh_token).then(|| Credential::Oauth2 {
        token_url: token_url.clone(),
        client: client.clone(),
        client_secret: client_secret.clone(),
        refresh_token: renewed,
    })
}

fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_model::mailbox::MailboxAuth;
    use baluardo_service::mailbox::NewMailbox;
    use baluardo_testkit::TestHouse;
    use baluardo_testkit::people::{activate, found};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    /// A provider that takes back what renews once it was used; it writes down what it is shown.
    async fn provider() -> (String, Arc<Mutex<Vec<String>>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}/token", listener.local_addr().unwrap());
        let shown = Arc::new(Mutex::new(Vec::new()));
        let book = Arc::clone(&shown);
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let (mut asked, mut room) = (String::new(), [0; 4_096]);
                while !asked.contains("&client_secret=") {
                    let length = stream.read(&mut room).await.unwrap();
                    asked.push_str(std::str::from_utf8(&room[..length]).unwrap());
                }
                let renews = asked.split("refresh_token=").nth(1).unwrap().split('&').next().unwrap();
                let number = {
                    let mut book = book.lock().unwrap();
                    book.push(renews.to_owned());
                    book.len()
                };
                let body = format!("{{\"access_token\":\"opens-{number}\",\"refresh_token\":\"renews-{number}\"}}");
                let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
                stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
            }
        });
        (address, shown)
    }

    #[tokio::test]
    async fn who_guards_and_who_tries_share_a_token_and_what_renews_is_never_used_twice() {
        let test = TestHouse::in_memory().await;
        let operator = found(&test).await;
        let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
        let (token_url, shown) = provider().await;
        let mut new = NewMailbox {
            address: "posta@comune.siena.it".to_owned(),
            host: "imaps.fornitore.example".to_owned(),
            port: 993,
            auth: MailboxAuth::Oauth2,
            client: "app".to_owned(),
            client_secret: "segreto".to_owned(),
            refresh_token: "renews-0".to_owned(),
            token_url,
            ..NewMailbox::default()
        };
        let (house, tenant) = (&test.house, rtd.tenant.id);
        let id = mailbox::add_mailbox(house, &rtd.actor, tenant, &new).await.unwrap();
        let reach = Reach::new(true, &[]).unwrap();
        let other = reach.clone();
        let get = async |reach: &Reach| reach.tokens.get(house, reach, (tenant, id)).await.ok().unwrap();

        let (one, two) = tokio::join!(get(&reach), get(&other));
        assert_eq!((one.text.as_str(), two.text.as_str(), one.fresh != two.fresh), ("opens-1", "opens-1", true));
        reach.tokens.forget(id, "opens-0").await;
        assert!(!get(&other).await.fresh, "another token was meant");
        reach.tokens.forget(id, "opens-1").await;
        assert_eq!(get(&other).await.text, "opens-2");
        // The next life of the server knows what the database has.
        let later = Reach::new(true, &[]).unwrap();
        assert_eq!(get(&later).await.text, "opens-3");
        // What a person types counts at once.
        new.refresh_token = "typed".to_owned();
        mailbox::change_mailbox(house, &rtd.actor, tenant, id, &new).await.unwrap();
        assert_eq!(get(&later).await.text, "opens-4");
        assert_eq!(*shown.lock().unwrap(), ["renews-0", "renews-1", "renews-2", "typed"]);
        let kept = mailbox::open_mailbox(house, tenant, id).await.unwrap().connection.credential;
        assert!(matches!(kept, Credential::Oauth2 { refresh_token, .. } if refresh_token == "renews-4"));
    }

    #[tokio::test]
    async fn what_a_person_typed_meanwhile_is_not_written_over() {
        let test = TestHouse::in_memory().await;
        let operator = found(&test).await;
        let rtd = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
        let new = NewMailbox {
            address: "posta@comune.siena.it".to_owned(),
            host: "imaps.fornitore.example".to_owned(),
            port: 993,
            auth: MailboxAuth::Oauth2,
            client: "app".to_owned(),
            refresh_token: "typed".to_owned(),
            token_url: "https://fornitore.example/token".to_owned(),
            ..NewMailbox::default()
        };
        let (house, tenant) = (&test.house, rtd.tenant.id);
        let id = mailbox::add_mailbox(house, &rtd.actor, tenant, &new).await.unwrap();
        let typed = mailbox::open_mailbox(house, tenant, id).await.unwrap().connection.credential;
        let before = renewing_by(&typed, "older".to_owned()).unwrap();
        let after = renewing_by(&typed, "late".to_owned()).unwrap();
        assert!(!mailbox::renew_token(house, tenant, id, &before, &after).await.unwrap());
        assert!(mailbox::open_mailbox(house, tenant, id).await.unwrap().connection.credential == typed);
        assert!(mailbox::renew_token(house, tenant, id, &typed, &after).await.unwrap());
        assert!(mailbox::open_mailbox(house, tenant, id).await.unwrap().connection.credential == after);
    }
}
