//! A whole message: judged, kept where it must be, and answered.

use super::authentic::{Examiner, Question};
use super::fate::{Fate, fate, of_trouble, reconcile};
use super::gathered::Gathered;
use super::judging::{Bench, Incoming, Opinion};
use super::marks;
use super::owner;
use super::route::Route;
use super::tally::Tally;
use baluardo_mail::milter::Reply;
use baluardo_mail::{Authentic, authors};
use baluardo_model::TenantId;
use baluardo_model::mail::{MailPolicy, Outcome};
use baluardo_service::mail::{self, Arriving, Destination};
use baluardo_service::{Error, House};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tracing::{error, info, warn};

/// Longest time that the database may take for one message.
const PATIENCE: Duration = Duration::from_secs(30);

/// What every message is answered with.
#[derive(Debug)]
pub(super) struct Office {
    pub(super) bench: Bench,
    /// For recipients whose comune has no rule here.
    pub(super) policy: MailPolicy,
    pub(super) house: Option<Arc<House>>,
    pub(super) tally: Tally,
    /// The name under which is written what was found of SPF, DKIM and DMARC: by this filter, or, where it does not look
    /// itself, by one before it.
    pub(super) authserv: Option<String>,
    /// Who finds that out.
    pub(super) examiner: Option<Arc<Examiner>>,
}

/// The answer to a message: what is to be changed, and the last word.
pub(super) type Answer = Vec<Reply>;

/// Where one recipient stands.
struct Place {
    destination: Option<Destination>,
    fate: Fate,
    stored: bool,
}

impl Office {
    /// The name under which this filter writes what proves the sender of messages that come by this way; none where it does
    /// not look.
    pub(super) fn writes_as(&self, route: &Route) -> Option<String> {
        self.examiner.as_ref()?;
        let known = [self.authserv.as_deref().unwrap_or_default(), route.server.as_str(), "baluardo"];
        known.into_iter().find(|name| !name.is_empty()).map(str::to_owned)
    }

    /// The name of the filter before this one that is believed.
    pub(super) fn believes(&self) -> Option<&str> {
        self.authserv.as_deref().filter(|_| self.examiner.is_none())
    }

    /// Answers a message. `queue` is the mail server's name for it, for the log.
    pub(super) async fn answer(&self, mut letter: Gathered, queue: &str) -> Answer {
        let recipients = letter.bare_recipients();
        let identity = mail::identity(&letter.bare_sender(), &recipients, &letter.bytes);
        let id: String = identity.chars().take(16).collect();
        if letter.no_room {
            return tell(queue, &id, "later", "no memory is free", vec![marks::later(&id)]);
        }
        if letter.too_forged {
            return tell(queue, &id, "refused", "headers of ours without end", vec![marks::refusal(None, &id)]);
        }
        let bytes = Arc::new(std::mem::take(&mut letter.bytes));
        let results = letter.results.take();
        let mut incoming = Incoming { bytes, sender: letter.bare_sender(), results, authentic: None };
        if self.passes(&letter, &recipients, &incoming.bytes).await {
            let removed = letter.removals().map(|(at, header)| Reply::Change { at, header });
            let answer = removed.chain(marks::released(&id)).chain([Reply::Continue]).collect();
            return tell(queue, &id, "passed", "released", answer);
        }
        incoming.authentic = self.examine(&letter, &recipients, &incoming.bytes).await;
        let incoming = Arc::new(incoming);
        let opinion = self.bench.judge(&incoming).await;
        if let Err(why) = opinion {
            warn!(queue, id, why, "a message could not be judged");
        }
        let judged = opinion.as_ref().map_err(|why| *why);
        let mut places = self.places(&recipients, judged, letter.cut).await;
        self.keep(&mut places, &letter, &recipients, &incoming.bytes, judged).await;
        self.last_word(&places, &letter, incoming.authentic.as_ref(), judged, queue, &id)
    }

    /// What proves the message's sender, where there is anything to prove.
    async fn examine(&self, letter: &Gathered, recipients: &[String], bytes: &Arc<Vec<u8>>) -> Option<Authentic> {
        let examiner = self.examiner.as_ref().filter(|examiner| examiner.looks_at(&letter.route))?;
        let authors = authors(bytes);
        let own = patient(owner::own_of(self.house.as_deref(), &authors, recipients)).await.unwrap_or_else(|why| {
            warn!(%why, "whose domain a message names could not be asked");
            None
        });
        let question = Question {
            bytes: Arc::clone(bytes),
            whole: !letter.cut,
            sender: letter.bare_sender(),
            route: letter.route.clone(),
            authors,
            own,
        };
        Some(examiner.examine(question).await)
    }

    /// Whether somebody released this message.
    async fn passes(&self, letter: &Gathered, recipients: &[String], bytes: &[u8]) -> bool {
        let (Some(house), Some(mark)) = (&self.house, &letter.mark) else { return false };
        match patient(mail::may_pass(house, mark, recipients, bytes)).await {
            Ok(passes) => passes,
            Err(why) => {
                warn!(%why, "whether a message was released could not be asked");
                false
            }
        }
    }

    /// Where each recipient stands before anything is kept.
    async fn places(&self, recipients: &[String], judged: Result<&Opinion, &str>, cut: bool) -> Vec<Place> {
        let found = match &self.house {
            Some(house) => patient(mail::destinations(house, recipients)).await,
            None => Ok(vec![None; recipients.len()]),
        };
        let destinations = found.unwrap_or_else(|why| {
            error!(%why, "whose mail it is could not be asked");
            Vec::new()
        });
        if destinations.len() != recipients.len() {
            // Nobody knows which rules hold: what was said on the command line for trouble does.
            let fate = of_trouble(&self.policy);
            return recipients.iter().map(|_| Place { destination: None, fate, stored: false }).collect();
        }
        let policy_of = |place: &Option<Destination>| match place {
            Some(destination) => fate(judged, &destination.policy),
            None => fate(judged, &self.policy),
        };
        let mut fates: Vec<Fate> = destinations.iter().map(policy_of).collect();
        let can_keep: Vec<bool> = destinations.iter().map(|place| place.is_some() && !cut).collect();
        reconcile(&mut fates, &can_keep);
        let places = destinations.into_iter().zip(fates);
        places.map(|(destination, fate)| Place { destination, fate, stored: false }).collect()
    }

    /// Keeps the message for every comune that holds it. What cannot be kept comes later or is delivered with a mark, as that
    /// comune says; nothing is taken from the envelope that is not in the database.
    async fn keep(
        &self,
        places: &mut [Place],
        letter: &Gathered,
        recipients: &[String],
        bytes: &[u8],
        judged: Result<&Opinion, &str>,
    ) {
        let (Some(house), Ok(opinion)) = (&self.house, judged) else { return };
        if letter.cut {
            return;
        }
        let sender = letter.bare_sender();
        let english = opinion.english.as_ref().unwrap_or(&opinion.verdict);
        for tenant in holders(places) {
            let is_theirs = |place: &Place| {
                place.fate == Fate::Hold && place.destination.as_ref().is_some_and(|held| held.tenant == tenant)
            };
            let theirs: Vec<String> = places
                .iter()
                .zip(recipients)
                .filter(|(place, _)| is_theirs(place))
                .map(|(_, recipient)| recipient.clone())
                .collect();
            let arriving = Arriving { sender: &sender, recipients: &theirs, bytes, verdict: &opinion.verdict, english };
            let kept = patient(mail::hold_message(house, tenant, &arriving)).await;
            for place in places.iter_mut().filter(|place| is_theirs(place)) {
                match &kept {
                    Ok(_) => place.stored = true,
                    Err(why) => {
                        error!(%why, "a message could not be kept");
                        let policy = place.destination.as_ref().map_or(&self.policy, |held| &held.policy);
                        place.fate = of_trouble(policy);
                    }
                }
            }
        }
    }

    /// What the mail server is told.
    fn last_word(
        &self,
        places: &[Place],
        letter: &Gathered,
        found: Option<&Authentic>,
        judged: Result<&Opinion, &str>,
        queue: &str,
        id: &str,
    ) -> Answer {
        let class = judged.map_or("unjudged", |opinion| marks::class_word(opinion.verdict.class));
        if places.iter().any(|place| place.fate == Fate::Later) {
            self.count(places, |_| Some(Outcome::Later));
            return tell(queue, id, "later", class, vec![marks::later(id)]);
        }
        if places.iter().all(|place| place.fate == Fate::Refuse) {
            self.count(places, |_| Some(Outcome::Refused));
            return tell(queue, id, "refused", class, vec![marks::refusal(judged.ok(), id)]);
        }
        let staying: Vec<&Place> = places.iter().filter(|place| !place.stored).collect();
        if staying.is_empty() {
            // The database has it, for everybody: the mail server says yes and forgets it.
            return tell(queue, id, "held", class, vec![Reply::Discard]);
        }
        let tagged = staying.iter().any(|place| place.fate == Fate::Tag);
        let by_server = staying.iter().any(|place| place.fate == Fate::Hold);
        let action = if by_server {
            "quarantine"
        } else if tagged {
            "tag"
        } else {
            "deliver"
        };
        let mut answer: Answer = letter.removals().map(|(at, header)| Reply::Change { at, header }).collect();
        answer.extend(marks::headers(action, judged, id));
        answer.extend(found.zip(letter.authserv.as_deref()).map(|(found, name)| marks::results(found, name)));
        if tagged && let Some(prefix) = self.common_prefix(&staying) {
            answer.extend(marks::subject(letter, prefix));
        }
        let stored = places.iter().zip(&letter.recipients).filter(|(place, _)| place.stored);
        answer.extend(stored.map(|(_, recipient)| Reply::RemoveRecipient(recipient.clone())));
        if by_server {
            answer.push(Reply::Hold(format!("Baluardo {id}: {class}")));
        }
        answer.push(Reply::Continue);
        self.count(places, |place| match place.fate {
            Fate::Deliver => Some(Outcome::Delivered),
            Fate::Tag => Some(Outcome::Tagged),
            Fate::Hold | Fate::Refuse | Fate::Later => None,
        });
        let partly = if staying.len() < places.len() { "held for some, " } else { "" };
        let word = if by_server {
            "held by the mail server"
        } else if tagged {
            "tagged"
        } else {
            "delivered"
        };
        tell(queue, id, &format!("{partly}{word}"), class, answer)
    }

    /// The mark before the subject, where all to whom the message goes want the same.
    fn common_prefix<'a>(&'a self, staying: &[&'a Place]) -> Option<&'a str> {
        let mut wanted = staying
            .iter()
            .map(|place| place.destination.as_ref().map_or(&self.policy, |held| &held.policy).prefix.as_str());
        let first = wanted.next()?;
        wanted.all(|prefix| prefix == first).then_some(first)
    }

    /// Counts the message once for each comune.
    fn count(&self, places: &[Place], outcome: impl Fn(&Place) -> Option<Outcome>) {
        let mut counted: Vec<(TenantId, Outcome)> = Vec::new();
        for place in places {
            let (Some(held), Some(outcome)) = (&place.destination, outcome(place)) else { continue };
            if !counted.contains(&(held.tenant, outcome)) {
                counted.push((held.tenant, outcome));
            }
        }
        self.tally.add(&counted);
    }
}

/// The comuni that hold the message.
fn holders(places: &[Place]) -> Vec<TenantId> {
    let mut tenants: Vec<TenantId> = places
        .iter()
        .filter(|place| place.fate == Fate::Hold)
        .filter_map(|place| place.destination.as_ref().map(|held| held.tenant))
        .collect();
    tenants.sort_unstable();
    tenants.dedup();
    tenants
}

/// Waits for the database, but not for ever.
async fn patient<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(PATIENCE, work).await.unwrap_or(Err(Error::Busy))
}

/// One line of the log for each message, without anything of its content or its people.
fn tell(queue: &str, id: &str, outcome: &str, class: &str, answer: Answer) -> Answer {
    info!(queue, id, outcome, class, "message");
    answer
}
