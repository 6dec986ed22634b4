//! From a description to a connection that is signed in.

use super::line::{Answer, Line, Piece, alive};
use super::reach::Reach;
use super::session::Session;
use super::token::Tokens;
use baluardo_mail::imap::{Response, Status, argument, code_words};
use baluardo_model::mailbox::{MailboxTls, MailboxTrouble};
use baluardo_service::mailbox::{Connection, Credential, Trouble};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use std::collections::BTreeSet;

/// Connects and signs in.
pub(super) async fn sign_in(reach: &Reach, tokens: &mut Tokens, to: &Connection) -> Result<Session, Trouble> {
    let mut session = connect(reach, to).await?;
    let answer = match &to.credential {
        Credential::Password(password) => by_password(&mut session, &to.login, password).await?,
        Credential::Oauth2 { .. } => {
            let token = tokens.fresh(reach, &to.credential).await?;
            let answer = by_token(&mut session, &to.login, &token).await?;
            if answer.status != Status::Ok {
                tokens.forget();
            }
            answer
        }
    };
    let answer = answer.yes(MailboxTrouble::LoginRefused)?;
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

/// A server that speaks IMAP begins by saying so.
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
        return proof(session, "PLAIN", format!("\0{login}\0{password}").as_bytes()).await;
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

async fn by_token(session: &mut Session, login: &str, token: &str) -> Result<Answer, Trouble> {
    if !session.can("AUTH=XOAUTH2") {
        return Err(Trouble::new(MailboxTrouble::LoginUnknown, "the server knows no XOAUTH2"));
    }
    proof(session, "XOAUTH2", format!("user={login}\x01auth=Bearer {token}\x01\x01").as_bytes()).await
}

/// Shows a proof, at once or when it is asked for (RFC 4959).
async fn proof(session: &mut Session, way: &str, proof: &[u8]) -> Result<Answer, Trouble> {
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
    // A server that asks again tells first why it refuses, and waits for an empty line before it says no.
    for _ in 0..3 {
        if let Some(answer) = session.line.until_asked(&tag, &mut before).await? {
            return Ok(answer);
        }
        session.line.write(b"\r\n").await?;
    }
    Err(Trouble::new(MailboxTrouble::LoginUnknown, "the server asks for more than was agreed"))
}
