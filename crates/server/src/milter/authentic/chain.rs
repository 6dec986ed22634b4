//! Who passed a message on, and what they say of it (ARC, RFC 8617).

use super::signatures;
use baluardo_mail::{AuthResults, Finding, Proof, organisation};
use mail_auth::{ArcOutput, AuthenticatedMessage, MessageAuthenticator};
use tokio::time::{Instant, timeout_at};

/// Hands through which a message may have gone; the standard allows 50, each of which costs a question.
const MOST_SETS: usize = 10;

/// Whether the chain holds, and who of the trusted says that the author was proven when the message came to them.
pub(super) async fn check(
    dns: &MessageAuthenticator,
    message: &AuthenticatedMessage<'_>,
    trusted: &[String],
    author: &str,
    until: Instant,
) -> (Proof, Option<String>) {
    if message.ams_headers.len() > MOST_SETS {
        return (Proof::Fail, None);
    }
    let Ok(output) = timeout_at(until, dns.verify_arc(message)).await else { return (Proof::TempError, None) };
    // A chain that does not hold fails; there is no other word for it (RFC 8617 section 4.1.3).
    let proof = match signatures::proof(output.result()) {
        Proof::Neutral | Proof::PermError => Proof::Fail,
        proof => proof,
    };
    let vouched = if proof == Proof::Pass { vouched(&output, trusted, author) } else { None };
    (proof, vouched)
}

/// Goes from the last hand back as long as each is trusted, to the first that saw the author proven.
fn vouched(output: &ArcOutput<'_>, trusted: &[String], author: &str) -> Option<String> {
    for set in output.sets().iter().rev() {
        let sealer = set.seal.header.d.to_lowercase();
        let is_trusted = |domain: &String| sealer.strip_suffix(domain.as_str()).is_some_and(ends_a_label);
        if !trusted.iter().any(is_trusted) {
            return None;
        }
        let said = AuthResults::read(set.results.value)?;
        if said.findings.iter().any(|finding| proves(finding, author)) {
            return Some(sealer);
        }
    }
    None
}

fn ends_a_label(rest: &str) -> bool {
    rest.is_empty() || rest.ends_with('.')
}

/// Whether a result says that the author's domain, or what belongs to the same organisation, was proven.
fn proves(finding: &Finding, author: &str) -> bool {
    let property = match finding.method.as_str() {
        "dmarc" => finding.property("header.from"),
        "dkim" => finding.property("header.d").or(finding.property("header.i")),
        "spf" => finding.property("smtp.mailfrom"),
        _ => None,
    };
    let domain = property.map(|value| value.rsplit('@').next().unwrap_or_default().to_lowercase());
    finding.result == "pass"
        && !author.is_empty()
        && domain.is_some_and(|domain| organisation(&domain) == organisation(author))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_trusted_hand_says_counts_only_about_the_author() {
        let proven = |text: &str| {
            let said = AuthResults::read(format!("i=1; liste.example; {text}").as_bytes()).unwrap();
            said.findings.iter().any(|finding| proves(finding, "comune.siena.it"))
        };
        assert!(proven("dmarc=pass header.from=comune.siena.it"));
        assert!(proven("dkim=pass header.i=@posta.comune.siena.it"));
        assert!(proven("spf=pass smtp.mailfrom=anna@comune.siena.it"));
        assert!(!proven("dmarc=pass header.from=evil.example"));
        assert!(!proven("dmarc=fail header.from=comune.siena.it"));
        assert!(!proven("dmarc=pass"));
        assert!(!proven("arc=pass header.from=comune.siena.it"));
    }
}
