//! Tokens by which one signs in where passwords are not taken: renewed at the provider (RFC 6749, section 6), kept in memory while
//! they last.

use super::reach::{Reach, Stream};
use baluardo_model::mailbox::MailboxTrouble;
use baluardo_service::mailbox::{Credential, Trouble};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, USER_AGENT};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use std::time::{Duration, Instant};
use tokio::time::timeout;
use url::Url;

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes of an answer.
const MOST_BYTES: usize = 256 << 10;
/// A token is renewed this long before it ends.
const EARLY: Duration = Duration::from_secs(120);
/// For how long a token is good whose provider does not say.
const USUAL: u64 = 3_600;

/// What the provider answers.
#[derive(Deserialize)]
struct Granted {
    access_token: Option<String>,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// The token of one mailbox.
#[derive(Default)]
pub(super) struct Tokens {
    token: Option<(String, Instant)>,
    /// What renews from now on, where the provider handed out another.
    pub(super) renewed: Option<String>,
}

impl Tokens {
    /// A token that is good.
    pub(super) async fn fresh(&mut self, reach: &Reach, credential: &Credential) -> Result<String, Trouble> {
        let now = now();
        if let Some((token, _)) = self.token.as_ref().filter(|(_, until)| *until > now) {
            return Ok(token.clone());
        }
        let granted = ask(reach, credential, self.renewed.as_deref()).await?;
        let token = granted.access_token.ok_or_else(|| refused("the provider gave no token"))?;
        let lasts = Duration::from_secs(granted.expires_in.unwrap_or(USUAL).min(86_400)).saturating_sub(EARLY);
        self.token = Some((token.clone(), now + lasts));
        if granted.refresh_token.is_some() {
            self.renewed = granted.refresh_token;
        }
        Ok(token)
    }

    /// Takes the token for worthless.
    pub(super) fn forget(&mut self) {
        self.token = None;
    }
}

fn now() -> Instant {
    Instant::now()
}

async fn ask(reach: &Reach, credential: &Credential, renewed: Option<&str>) -> Result<Granted, Trouble> {
    let Credential::Oauth2 { token_url, client, client_secret, refresh_token } = credential else {
        return Err(refused("this mailbox has a password"));
    };
    let url = Url::parse(token_url).map_err(refused)?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let secure = url.scheme() == "https";
    let tcp = reach.connect(&host, port, !secure).await?;
    let stream: Stream = if secure { reach.secure(&host, tcp).await? } else { Box::new(tcp) };
    let form = form(client, client_secret, renewed.unwrap_or(refresh_token));
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(refused)?;
    tokio::spawn(connection);
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let name = url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
    let request = Request::post(path)
        .header(HOST, name)
        .header(USER_AGENT, concat!("baluardo/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Full::new(Bytes::from(form)))
        .map_err(refused)?;
    let work = async {
        let answer = sender.send_request(request).await.map_err(refused)?;
        let status = answer.status();
        let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await.map_err(refused)?.to_bytes();
        Ok((status, body))
    };
    let (status, body) = timeout(PATIENCE, work).await.unwrap_or_else(|_| Err(refused("no answer in time")))?;
    let granted: Granted =
        serde_json::from_slice(&body).map_err(|_| refused(format!("the provider answers {status}")))?;
    match &granted.error {
        // Both are the provider's words; none of ours is in them.
        Some(error) => Err(refused(format!("{error} {}", granted.error_description.as_deref().unwrap_or_default()))),
        None if status.is_success() => Ok(granted),
        None => Err(refused(format!("the provider answers {status}"))),
    }
}

fn form(client: &str, client_secret: &str, refresh_token: &str) -> String {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "refresh_token").append_pair("client_id", client);
    form.append_pair("refresh_token", refresh_token);
    if !client_secret.is_empty() {
        form.append_pair("client_secret", client_secret);
    }
    form.finish()
}

fn refused(why: impl std::fmt::Display) -> Trouble {
    Trouble::new(MailboxTrouble::TokenRefused, why)
}
