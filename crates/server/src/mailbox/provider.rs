//! Asks a provider for a token (RFC 6749, section 6), and finds out what its refusal means.

use super::reach::{Reach, Stream};
use baluardo_model::mailbox::MailboxTrouble;
use baluardo_service::mailbox::{Credential, Trouble};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1::handshake;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, USER_AGENT};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// The longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The most bytes of an answer.
const MOST_BYTES: usize = 256 << 10;
/// For how long a token is good whose provider does not say, in seconds; and the longest that is believed.
const USUAL: u64 = 3_600;
const LONGEST: u64 = 86_400;

/// What the provider answers.
#[derive(Deserialize)]
struct Answer {
    access_token: Option<String>,
    /// A number, which some providers write as a text.
    expires_in: Option<Value>,
    refresh_token: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

/// What the provider gave.
pub(super) struct Granted {
    pub(super) token: String,
    pub(super) lasts: Duration,
    /// What renews from now on; none where it stays the same.
    pub(super) renewed: Option<String>,
}

/// Asks for a token.
pub(super) async fn ask(reach: &Reach, credential: &Credential) -> Result<Granted, Trouble> {
    let Credential::Oauth2 { client_secret, refresh_token, .. } = credential else {
        return Err(refused("this mailbox has a password"));
    };
    let asked = timeout(PATIENCE, post(reach, credential)).await.unwrap_or_else(|_| Err(refused("no answer in time")));
    let granted = asked.and_then(|(status, body)| read(status, &body));
    // A provider may say back what it was told.
    granted.map_err(|trouble| trouble.without(refresh_token).without(client_secret))
}

/// Posts the form, and gives what came back.
async fn post(reach: &Reach, credential: &Credential) -> Result<(StatusCode, Bytes), Trouble> {
    let Credential::Oauth2 { token_url, client, client_secret, refresh_token } = credential else {
        return Err(refused("this mailbox has a password"));
    };
    let url = Url::parse(token_url).map_err(refused)?;
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    let secure = url.scheme() == "https";
    // The mail server has a name, too: what is wrong here is said with this one.
    let there = |trouble: Trouble| Trouble { said: format!("{host}: {}", trouble.said), ..trouble };
    let tcp = reach.connect(&host, port, !secure).await.map_err(there)?;
    let stream: Stream = if secure { reach.secure(&host, tcp).await.map_err(there)? } else { Box::new(tcp) };
    let form = form(client, client_secret, refresh_token);
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
    let answer = sender.send_request(request).await.map_err(refused)?;
    let status = answer.status();
    let body = Limited::new(answer.into_body(), MOST_BYTES).collect().await.map_err(refused)?.to_bytes();
    Ok((status, body))
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

fn read(status: StatusCode, body: &[u8]) -> Result<Granted, Trouble> {
    let unclear = || refused(format!("the provider answers {status}"));
    let answer: Answer = serde_json::from_slice(body).map_err(|_| unclear())?;
    if let Some(error) = &answer.error {
        let said = format!("{error} {}", answer.error_description.as_deref().unwrap_or_default());
        return Err(Trouble::new(meaning(error), said.trim()));
    }
    if !status.is_success() {
        return Err(unclear());
    }
    let token = answer.access_token.filter(|token| !token.is_empty() && !token.contains(char::is_control));
    let token = token.ok_or_else(|| refused("the provider gave no token"))?;
    let lasts = answer.expires_in.as_ref().and_then(seconds).unwrap_or(USUAL).min(LONGEST);
    let renewed = answer.refresh_token.filter(|token| !token.is_empty());
    Ok(Granted { token, lasts: Duration::from_secs(lasts), renewed })
}

fn seconds(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// What the provider's word means: RFC 6749, section 5.2, and what `OpenID` Connect adds, which Microsoft uses here, too.
fn meaning(error: &str) -> MailboxTrouble {
    match error {
        "invalid_grant" | "interaction_required" | "consent_required" | "login_required" => {
            MailboxTrouble::ConsentNeeded
        }
        "invalid_client" | "unauthorized_client" => MailboxTrouble::ClientRefused,
        _ => MailboxTrouble::TokenRefused,
    }
}

fn refused(why: impl std::fmt::Display) -> Trouble {
    Trouble::new(MailboxTrouble::TokenRefused, why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(status: u16, body: &str) -> Result<Granted, Trouble> {
        read(StatusCode::from_u16(status).unwrap(), body.as_bytes())
    }

    fn trouble(status: u16, body: &str) -> MailboxTrouble {
        answered(status, body).err().expect("nothing is granted").trouble
    }

    #[test]
    fn a_token_lasts_as_long_as_its_provider_says_in_a_number_or_a_text() {
        for (said, lasts) in [("60", 60), ("\"60\"", 60), ("null", USUAL), ("99999999", LONGEST), ("\"soon\"", USUAL)] {
            let granted = answered(200, &format!("{{\"access_token\":\"a\",\"expires_in\":{said}}}")).ok().unwrap();
            assert_eq!(
                (granted.token.as_str(), granted.lasts.as_secs(), granted.renewed),
                ("a", lasts, None),
                "{said}"
            );
        }
        let granted = answered(200, "{\"access_token\":\"a\",\"refresh_token\":\"b\"}").ok().unwrap();
        assert_eq!(granted.renewed.as_deref(), Some("b"));
    }

    #[test]
    fn what_a_person_must_do_is_told_apart_from_what_passes() {
        assert_eq!(trouble(400, "{\"error\":\"invalid_grant\"}"), MailboxTrouble::ConsentNeeded);
        assert_eq!(trouble(400, "{\"error\":\"interaction_required\"}"), MailboxTrouble::ConsentNeeded);
        assert_eq!(trouble(401, "{\"error\":\"invalid_client\"}"), MailboxTrouble::ClientRefused);
        assert_eq!(trouble(400, "{\"error\":\"temporarily_unavailable\"}"), MailboxTrouble::TokenRefused);
        assert_eq!(trouble(503, "<html>later</html>"), MailboxTrouble::TokenRefused);
        assert_eq!(trouble(500, "{}"), MailboxTrouble::TokenRefused);
        assert_eq!(trouble(200, "{\"access_token\":\"a\\r\\nb2 LOGOUT\"}"), MailboxTrouble::TokenRefused);
    }

    #[test]
    fn what_a_provider_says_back_of_our_secrets_is_not_repeated() {
        let said = Trouble::new(MailboxTrouble::TokenRefused, "no: rt-123 and s3gr3to");
        assert_eq!(said.without("rt-123").without("s3gr3to").without("").said, "no: … and …");
    }
}
