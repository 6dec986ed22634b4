//! Mail that brings reports. What people of a comune forward to its address for reports is judged and answered, and goes no further;
//! what receivers elsewhere report of its domains is kept.

use super::answer::patient;
use super::gathered::Gathered;
use super::judging::Incoming;
use baluardo_model::mail::domain_of;
use baluardo_model::mail::reports::is_desk;
use baluardo_service::{Error, House, mail};
use tracing::{info, warn};

/// Takes the reports that a message brings, and gives the places of the recipients that are served by that. Only people who write from
/// a domain of the comune may report; for everybody else, and where a report cannot be kept, the address is one like any other.
pub(super) async fn take_reports(
    house: &House,
    letter: &Gathered,
    recipients: &[String],
    incoming: &Incoming,
    author: &str,
) -> Vec<usize> {
    let desks: Vec<usize> =
        (0..recipients.len()).filter(|at| recipients.get(*at).is_some_and(|to| is_desk(to))).collect();
    if desks.is_empty() || letter.cut {
        return Vec::new();
    }
    let found = match patient(mail::destinations(house, recipients)).await {
        Ok(found) => found,
        Err(why) => {
            warn!(%why, "whose report it is could not be asked");
            return Vec::new();
        }
    };
    let mut taken = Vec::new();
    for at in desks {
        let Some(Some(desk)) = found.get(at) else { continue };
        let proven = logged_in(letter, &incoming.sender) || is_proven(incoming, author);
        let report = mail::report_by_mail(house, desk.tenant, &incoming.sender, proven, incoming.bytes.to_vec());
        match patient(report).await {
            Ok(row) => {
                info!(report = %row.report.id, class = row.report.class, "a message was reported by mail");
                taken.push(at);
            }
            // Whoever floods the desk is not told so, and nobody has to look at the flood.
            Err(Error::Throttled { .. }) => taken.push(at),
            Err(why) => info!(%why, "a message to the desk is no report"),
        }
    }
    taken
}

/// Keeps the DMARC reports that a message brings, for the domains of the comuni. The message goes its way, whatever comes of it.
pub(super) async fn take_dmarc(house: &House, bytes: &[u8]) {
    match patient(mail::take_dmarc(house, bytes)).await {
        Ok(done) if done.kept > 0 => info!(kept = done.kept, "a message brought DMARC reports"),
        Ok(_) => {}
        Err(why) => warn!(%why, "the DMARC reports of a message could not be kept"),
    }
}

/// Whether the sender logged in to the mail server under their own name: their address, or what stands before the @.
fn logged_in(letter: &Gathered, sender: &str) -> bool {
    let local = sender.split('@').next().unwrap_or_default();
    letter.login.as_deref().is_some_and(|login| login.eq_ignore_ascii_case(sender) || login.eq_ignore_ascii_case(local))
}

/// Whether a trusted filter found that the author's domain wrote, and the sender of the envelope is the author.
fn is_proven(incoming: &Incoming, author: &str) -> bool {
    let passed = incoming.results.as_deref().is_some_and(|results| results.to_ascii_lowercase().contains("dmarc=pass"));
    passed && domain_of(author).is_some() && author.eq_ignore_ascii_case(&incoming.sender)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::milter::gathered::Room;

    #[test]
    fn a_login_proves_the_address_that_it_is_for_and_no_other() {
        let mut letter = Gathered::new(b"<carla@comune.it>", &Room::new(1, 1));
        assert!(!logged_in(&letter, "carla@comune.it"));
        for (login, proves) in [("Carla@comune.it", true), ("carla", true), ("luca", false), ("", false)] {
            letter.login = Some(login.to_owned());
            assert_eq!(logged_in(&letter, "carla@comune.it"), proves, "{login}");
        }
    }

    #[test]
    fn another_domains_proof_proves_nothing() {
        let incoming = |results: &str| Incoming {
            sender: "carla@comune.it".to_owned(),
            results: Some(results.to_owned()),
            ..Incoming::default()
        };
        assert!(is_proven(&incoming("spf=pass; dmarc=pass"), "carla@comune.it"));
        assert!(!is_proven(&incoming("spf=pass; dmarc=pass"), "x@attacca.example"));
        assert!(!is_proven(&incoming("spf=pass"), "carla@comune.it"));
    }
}
