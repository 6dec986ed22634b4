//! A mailbox as a person describes it, and whether that can be.

use super::secret::{Credential, Secret};
use crate::error::{Error, Faults};
use baluardo_model::mail::domain_of;
use baluardo_model::mailbox::{MailboxAuth, MailboxKind, MailboxTls, QUARANTINE_FOLDER, is_folder};
use baluardo_store::mail::mailboxes::MailboxSettings;

/// The most characters of a name, and of a secret.
const MOST_NAME: usize = 250;
const MOST_SECRET: usize = 8_000;

/// A mailbox as somebody typed it. Secrets that are left empty stay as they were.
#[derive(Clone, Default)]
pub struct NewMailbox {
    /// What kind.
    pub kind: MailboxKind,
    /// Its address.
    pub address: String,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: MailboxTls,
    /// The name by which one signs in; empty for the address.
    pub login: String,
    /// How.
    pub auth: MailboxAuth,
    /// The password.
    pub password: String,
    /// The client's name at the provider of tokens.
    pub client: String,
    /// Its secret.
    pub client_secret: String,
    /// What renews tokens.
    pub refresh_token: String,
    /// Where they are renewed.
    pub token_url: String,
    /// The folder for quarantine; empty for the usual one.
    pub folder: String,
    /// The name under which the provider writes what it found of SPF, DKIM and DMARC; empty to believe nobody.
    pub authserv: String,
    /// Whether it is guarded.
    pub enabled: bool,
}

impl std::fmt::Debug for NewMailbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewMailbox").field("address", &self.address).field("host", &self.host).finish_non_exhaustive()
    }
}

/// How a mailbox is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connection {
    /// What kind it is.
    pub kind: MailboxKind,
    /// Its address.
    pub address: String,
    /// The server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: MailboxTls,
    /// The name by which one signs in.
    pub login: String,
    /// How.
    pub credential: Credential,
    /// The folder for quarantine.
    pub folder: String,
    /// Whose findings of SPF, DKIM and DMARC are believed.
    pub authserv: String,
}

/// What was typed, as far as it is no secret, or all that is wrong with it.
pub(super) fn checked(new: &NewMailbox) -> Result<MailboxSettings, Error> {
    let mut faults = Faults::default();
    let host = new.host.trim().trim_end_matches('.').to_lowercase();
    faults.take(host_is_good(&host));
    let address = new.address.trim().to_owned();
    if domain_of(&address).is_none() || !one_line(&address, MOST_NAME) {
        faults.take::<()>(wrong("address", "mailbox.address_bad", "write the address of the mailbox"));
    }
    if new.port == 0 {
        faults.take::<()>(wrong("port", "mailbox.port_bad", "give a port: 993 in most cases"));
    }
    let login = if new.login.trim().is_empty() { address.clone() } else { new.login.trim().to_owned() };
    if !one_line(&login, MOST_NAME) {
        faults.take::<()>(wrong("login", "mailbox.login_bad", "write the name in one line"));
    }
    if new.tls == MailboxTls::Plain && !is_this_machine(&host) {
        let why = "without TLS only this machine itself is reached: anybody on the way could read the password";
        faults.take::<()>(wrong("tls", "mailbox.plain_far", why));
    }
    let folder = if new.folder.trim().is_empty() { QUARANTINE_FOLDER } else { new.folder.trim() };
    if !is_folder(folder) {
        faults.take::<()>(wrong("folder", "mailbox.folder_bad", "use letters, digits, spaces and - _ . /"));
    }
    let authserv = new.authserv.trim().to_lowercase();
    if !authserv.chars().all(|letter| letter.is_ascii_graphic() && letter != ';') || authserv.len() > MOST_NAME {
        faults.take::<()>(wrong("authserv", "mailbox.authserv_bad", "write the one word before the semicolon"));
    }
    let (client, token_url) = token_service(new, &mut faults);
    let settings = MailboxSettings {
        kind: new.kind,
        address,
        host,
        port: new.port,
        tls: new.tls,
        login,
        auth: new.auth,
        client,
        token_url,
        sealed: String::new(),
        folder: folder.to_owned(),
        authserv,
        enabled: new.enabled,
    };
    faults.none()?;
    Ok(settings)
}

fn token_service(new: &NewMailbox, faults: &mut Faults) -> (String, String) {
    if new.auth == MailboxAuth::Password {
        return (String::new(), String::new());
    }
    let (client, token_url) = (new.client.trim().to_owned(), new.token_url.trim().to_owned());
    if client.is_empty() || !one_line(&client, MOST_NAME) {
        faults.take::<()>(wrong("client", "mailbox.client_missing", "write the client id of the registration"));
    }
    let good = url::Url::parse(&token_url).is_ok_and(|url| {
        let local = url.host_str().is_some_and(|host| is_this_machine(host.trim_matches(['[', ']'])));
        let plain = url.username().is_empty() && url.password().is_none();
        plain && url.host_str().is_some() && (url.scheme() == "https" || (url.scheme() == "http" && local))
    });
    if !good || !one_line(&token_url, 1_000) {
        faults.take::<()>(wrong("token_url", "mailbox.token_url_bad", "write an address that begins with https://"));
    }
    (client, token_url)
}

/// The secrets as they will be: what was typed, or what was kept before.
pub(super) fn secrets(new: &NewMailbox, before: Option<Secret>) -> Result<Secret, Error> {
    let before = before.unwrap_or_default();
    let typed = |typed: &str, kept: String| if typed.is_empty() { kept } else { typed.to_owned() };
    let secret = Secret {
        password: typed(&new.password, before.password),
        client_secret: typed(new.client_secret.trim(), before.client_secret),
        refresh_token: typed(new.refresh_token.trim(), before.refresh_token),
    };
    match new.auth {
        MailboxAuth::Password if !one_line(&secret.password, MOST_SECRET) => {
            wrong("password", "mailbox.password_missing", "write the password of the mailbox")
        }
        MailboxAuth::Oauth2 if !one_line(&secret.refresh_token, MOST_SECRET) => {
            wrong("refresh_token", "mailbox.token_missing", "paste the refresh token")
        }
        MailboxAuth::Password => Ok(Secret { password: secret.password, ..Secret::default() }),
        MailboxAuth::Oauth2 => Ok(Secret { password: String::new(), ..secret }),
    }
}

/// Whether what was typed leads elsewhere than before. Then the secret must be typed again: nobody sends it to another server
/// who does not know it.
pub(super) fn leads_elsewhere(before: &MailboxSettings, after: &MailboxSettings) -> bool {
    before.host != after.host
        || before.port != after.port
        || before.tls != after.tls
        || before.login != after.login
        || before.auth != after.auth
        || before.client != after.client
        || before.token_url != after.token_url
}

/// Whether no secret was typed.
pub(super) fn without_secret(new: &NewMailbox) -> bool {
    match new.auth {
        MailboxAuth::Password => new.password.is_empty(),
        MailboxAuth::Oauth2 => new.refresh_token.trim().is_empty(),
    }
}

fn host_is_good(host: &str) -> Result<(), Error> {
    let name = baluardo_model::mail::is_domain(host) || host == "localhost";
    if name || host.parse::<std::net::IpAddr>().is_ok() {
        return Ok(());
    }
    wrong("host", "mailbox.host_bad", "write the name of the server, such as imaps.esempio.it")
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn one_line(text: &str, most: usize) -> bool {
    !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}

fn wrong<T>(field: &'static str, code: &'static str, message: &str) -> Result<T, Error> {
    Err(Error::invalid(field, code, message))
}
