//! A whole message: judged, kept where it must be, and answered.

use super::authentic::{Examiner, Question};
use super::desk;
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
use baluardo_model::mail::senders::SenderSeen;
use baluardo_model::mail::{MailPolicy, Outcome};
use baluardo_service::mail::{self, Arriving, Destination, Newcomer};
use baluardo_service::{Error, House};
use std::collections::HashMap;
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
    /// What was judged, with what their comune knows.
    judged: Judged,
    fate: Fate,
    /// Whether the database has the message for them, or the report that they were to get.
    stored: bool,
}

/// What was judged, or why it could not be.
type Judged = Result<Arc<Opinion>, &'static str>;

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
        if let Some(found) = &incoming.authentic {
            incoming.results = Some(found.for_facts());
        }
        let incoming = Arc::new(incoming);
        let opinion = self.bench.judge(&incoming).await;
        if let Err(why) = opinion {
            warn!(queue, id, why, "a message could not be judged");
        }
        let judged = opinion.map(Arc::new);
        let mut places = self.places(&recipients, &judged, &incoming, letter.cut).await;
        if let Some(house) = &self.house {
            if !letter.cut && judged.as_ref().is_ok_and(|opinion| opinion.sketch.brings_dmarc) {
                desk::take_dmarc(house, &incoming.bytes).await;
            }
            let author = judged.as_ref().map_or("", |opinion| opinion.sketch.author.as_str());
            for at in desk::take_reports(house, &letter, &recipients, &incoming, author).await {
                if let Some(place) = places.get_mut(at) {
                    *place = Place { destination: None, judged: judged.clone(), fate: Fate::Deliver, stored: true };
                }
            }
        }
        self.keep(&mut places, &letter, &recipients, &incoming.bytes).await;
        self.last_word(&places, &letter, &judged, &incoming, queue, &id)
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
    async fn places(&self, recipients: &[String], judged: &Judged, incoming: &Incoming, cut: bool) -> Vec<Place> {
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
            let place = || Place { destination: None, judged: judged.clone(), fate, stored: false };
            return recipients.iter().map(|_| place()).collect();
        }
        let opinions = self.local_opinions(&destinations, judged, incoming).await;
        let opinions: Vec<Judged> = destinations
            .iter()
            .map(|place| place.as_ref().and_then(|place| opinions.get(&place.tenant)).unwrap_or(judged).clone())
            .collect();
        let policy_of =
            |place: &Option<Destination>| place.as_ref().map_or(&self.policy, |place| &place.policy).clone();
        let of = |(place, judged): (&Option<Destination>, &Judged)| {
            fate(judged.as_deref().map_err(|why| *why), &policy_of(place))
        };
        let mut fates: Vec<Fate> = destinations.iter().zip(&opinions).map(of).collect();
        let can_keep: Vec<bool> = destinations.iter().map(|place| place.is_some() && !cut).collect();
        reconcile(&mut fates, &can_keep);
        let places = destinations.into_iter().zip(fates).zip(opinions);
        places.map(|((destination, fate), judged)| Place { destination, judged, fate, stored: false }).collect()
    }

    /// What was judged with what each comune knows. Where that cannot be asked, what the message itself says has to do.
    async fn local_opinions(
        &self,
        destinations: &[Option<Destination>],
        judged: &Judged,
        incoming: &Incoming,
    ) -> HashMap<TenantId, Judged> {
        let mut known = HashMap::new();
        let (Some(house), Ok(opinion)) = (&self.house, judged) else { return known };
        let writer = incoming.writer(&opinion.sketch.author);
        let newcomer = Newcomer { writer, fingerprint: &opinion.sketch.fingerprint };
        for place in destinations.iter().flatten() {
            if known.contains_key(&place.tenant) {
                continue;
            }
            match patient(mail::know_locally(house, place.tenant, &place.policy, &newcomer)).await {
                Ok(local) => drop(known.insert(place.tenant, Ok(Arc::new(opinion.with(&local))))),
                Err(why) => {
                    error!(%why, "what a comune knows of a message could not be asked");
                    known.insert(place.tenant, judged.clone());
                }
            }
        }
        known
    }

    /// Keeps the message for every comune that holds it. What cannot be kept comes later or is delivered with a mark, as that
    /// comune says; nothing is taken from the envelope that is not in the database.
    async fn keep(&self, places: &mut [Place], letter: &Gathered, recipients: &[String], bytes: &[u8]) {
        let Some(house) = &self.house else { return };
        if letter.cut {
            return;
        }
        let sender = letter.bare_sender();
        for (tenant, opinion) in holders(places) {
            let english = opinion.english.as_ref().unwrap_or(&opinion.verdict);
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
        judged: &Judged,
        incoming: &Incoming,
        queue: &str,
        id: &str,
    ) -> Answer {
        // What stays for several comuni carries what the first of them knows.
        let judged = places.iter().find(|place| !place.stored).map_or(judged, |place| &place.judged);
        let judged = judged.as_deref().map_err(|why| *why);
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
        let found = incoming.authentic.as_ref();
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
        self.count_senders(&staying, incoming);
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

    /// Counts the author once for each comune to which the message is delivered.
    fn count_senders(&self, staying: &[&Place], incoming: &Incoming) {
        let mut counted: Vec<TenantId> = Vec::new();
        for place in staying {
            let (Some(held), Ok(opinion)) = (&place.destination, &place.judged) else { continue };
            let seen = match place.fate {
                Fate::Deliver if incoming.writer(&opinion.sketch.author).is_proven() => SenderSeen::Delivered,
                Fate::Deliver | Fate::Tag => SenderSeen::Unproven,
                Fate::Hold | Fate::Refuse | Fate::Later => continue,
            };
            if !counted.contains(&held.tenant) {
                counted.push(held.tenant);
                self.tally.add_sender(held.tenant, &opinion.sketch.author, seen);
            }
        }
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

/// The comuni that hold the message, each with what was judged for it.
fn holders(places: &[Place]) -> Vec<(TenantId, Arc<Opinion>)> {
    let mut holders: Vec<(TenantId, Arc<Opinion>)> = Vec::new();
    for place in places.iter().filter(|place| place.fate == Fate::Hold) {
        let (Some(held), Ok(opinion)) = (&place.destination, &place.judged) else { continue };
        if holders.iter().all(|(known, _)| *known != held.tenant) {
            holders.push((held.tenant, Arc::clone(opinion)));
        }
    }
    holders
}

/// Waits for the database, but not for ever.
pub(super) async fn patient<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(PATIENCE, work).await.unwrap_or(Err(Error::Busy))
}

/// One line of the log for each message, without anything of its content or its people.
fn tell(queue: &str, id: &str, outcome: &str, class: &str, answer: Answer) -> Answer {
    info!(queue, id, outcome, class, "message");
    answer
}
