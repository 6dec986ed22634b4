//! From a description to a connection that is signed in.

use super::line::{Answer, Line, Piece, alive};
use super::reach::Reach;
use super::session::Session;
use super::watch::Failed;
use baluardo_mail::imap::{Response, Status, argument, code_words};
use baluardo_model::mailbox::{MailboxTls, MailboxTrouble};
use baluardo_model::{MailboxId, TenantId};
use baluardo_service::House;
use baluardo_service::mailbox::{Connection, Credential, Trouble};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::collections::BTreeSet;

/// Connects and signs in.
pub(super) async fn sign_in(
    house: &House,
    reach: &Reach,
    which: (TenantId, MailboxId),
    to: &Connection,
) -> Result<Session, Failed> {
    let mut session = connect(reach, to).await?;
    let answer = match &to.credential {
        Credential::Password(password) => {
            let answer = by_password(&mut session, &to.login, password).await;
            let answer = answer.and_then(|answer| answer.yes(MailboxTrouble::LoginRefused));
            // A server may say back what it was shown.
            answer.map_err(|trouble| trouble.without(password))?
        }
        Credential::Oauth2 { .. } => by_tokens(house, reach, which, to, &mut session).await?,
    };
    // What the server can do may be more now.
    session.can = match code_words(&answer.code, "CAPABILITY") {
        Some(words) => upper(words),
        None => capabilities(&mut session.line).await?,
    };
    Ok(session)
}

async fn connect(reach: &Reach, to: &Connection) -> Result<Session, Trouble> {
    let tcp = reach.connect(&to.host, to.port, to.tls == MailboxTls::Plain).await?;
    let line = match to.tls {
        MailboxTls::Implicit => {
            let mut line = Line::new(reach.secure(&to.host, tcp).await?);
            greeting(&mut line).await?;
            line
        }
        MailboxTls::Plain => {
            let mut line = Line::new(Box::new(tcp));
            greeting(&mut line).await?;
            line
        }
        MailboxTls::Starttls => {
            let mut line = Line::new(Box::new(tcp));
            greeting(&mut line).await?;
            if !capabilities(&mut line).await?.contains("STARTTLS") {
                return Err(Trouble::new(MailboxTrouble::NoStarttls, "the server offers no STARTTLS"));
            }
            line.command("STARTTLS").await?.yes(MailboxTrouble::NoStarttls)?;
            Line::new(reach.secure(&to.host, line.bare()?).await?)
        }
    };
    let mut session = Session { line, can: BTreeSet::new() };
    session.can = capabilities(&mut session.line).await?;
    Ok(session)
}

/// A server that speaks IMAP begins by saying so. One that says that we are signed in already (PREAUTH) knows us from nowhere.
async fn greeting(line: &mut Line) -> Result<(), Trouble> {
    match alive(line.hear().await?)? {
        Response::Said { status: Status::Ok, .. } => Ok(()),
        _ => Err(Trouble::new(MailboxTrouble::NotImap, "what answers there does not greet as IMAP does")),
    }
}

async fn capabilities(line: &mut Line) -> Result<BTreeSet<String>, Trouble> {
    let answer = line.command("CAPABILITY").await?.yes(MailboxTrouble::NotImap)?;
    let words = answer.before.into_iter().find_map(|response| match response {
        Response::Capability(words) => Some(words),
        _ => None,
    });
    Ok(upper(words.unwrap_or_default()))
}

fn upper(words: Vec<String>) -> BTreeSet<String> {
    words.into_iter().map(|word| word.to_ascii_uppercase()).collect()
}

async fn by_password(session: &mut Session, login: &str, password: &str) -> Result<Answer, Trouble> {
    if session.can("AUTH=PLAIN") {
        return proof(session, "PLAIN", format!("\0{login}\0{password}").as_bytes(), b"").await;
    }
    if session.can("LOGINDISABLED") {
        let why = "the server takes no password on this connection";
        return Err(Trouble::new(MailboxTrouble::LoginUnknown, why));
    }
    let mut pieces = vec![Piece::Text("LOGIN ".to_owned())];
    for (at, word) in [login, password].into_iter().enumerate() {
        if at == 1 {
            pieces.push(Piece::Text(" ".to_owned()));
        }
        let (text, counted) = argument(word.as_bytes());
        pieces.push(counted.map_or(Piece::Text(text), Piece::Counted));
    }
    session.line.pieces(pieces).await
}

/// With the token that is kept; where the server does not take it, which ends tokens before their time, with a fresh one.
async fn by_tokens(
    house: &House,
    reach: &Reach,
    which: (TenantId, MailboxId),
    to: &Connection,
    session: &mut Session,
) -> Result<Answer, Failed> {
    loop {
        let token = reach.tokens.get(house, reach, which).await?;
        let answer = by_token(session, to, &token.text).await.map_err(|trouble| trouble.without(&token.text));
        if answer.as_ref().is_ok_and(|answer| answer.status == Status::Ok) {
            return Ok(answer?);
        }
        reach.tokens.forget(which.1, &token.text).await;
        let answer = answer?;
        if token.fresh {
            let refused = answer.yes(MailboxTrouble::TokenUnfit);
            return Ok(refused.map_err(|trouble| trouble.without(&token.text))?);
        }
    }
}

async fn by_token(session: &mut Session, to: &Connection, token: &str) -> Result<Answer, Trouble> {
    let login = &to.login;
    if session.can("AUTH=XOAUTH2") {
        return proof(session, "XOAUTH2", format!("user={login}\x01auth=Bearer {token}\x01\x01").as_bytes(), b"").await;
    }
    if session.can("AUTH=OAUTHBEARER") {
        // RFC 7628, section 3.1; the name as RFC 5801 writes it.
        let login = login.replace('=', "=3D").replace(',', "=2C");
        let (host, port) = (&to.host, to.port);
        let proven = format!("n,a={login},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01");
        return proof(session, "OAUTHBEARER", proven.as_bytes(), b"\x01").await;
    }
    Err(Trouble::new(MailboxTrouble::LoginUnknown, "the server knows neither XOAUTH2 nor OAUTHBEARER"))
}

/// Shows a proof, at once or when it is asked for (RFC 4959). `end` is what a server gets that asks again.
async fn proof(session: &mut Session, way: &str, proof: &[u8], end: &[u8]) -> Result<Answer, Trouble> {
    let proof = BASE64.encode(proof);
    let mut before = Vec::new();
    let tag = if session.can("SASL-IR") {
        session.line.begin(&format!("AUTHENTICATE {way} {proof}")).await?
    } else {
        let tag = session.line.begin(&format!("AUTHENTICATE {way}")).await?;
        if let Some(answer) = session.line.until_asked(&tag, &mut before).await? {
            return Ok(answer);
        }
        session.line.write(format!("{proof}\r\n").as_bytes()).await?;
        tag
    };
    // A server that asks again tells first why it refuses, and waits for an answer without worth before it says no.
    for _ in 0..3 {
        if let Some(answer) = session.line.until_asked(&tag, &mut before).await? {
            return Ok(answer);
        }
        session.line.write(format!("{}\r\n", BASE64.encode(end)).as_bytes()).await?;
    }
    Err(Trouble::new(MailboxTrouble::LoginUnknown, "the server asks for more than was agreed"))
}
