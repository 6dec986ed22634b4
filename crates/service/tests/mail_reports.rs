//! Reported messages: the answer, who may report, what holds look-alikes, and what a flood changes.

mod stage;

use baluardo_mail::{Class, Fingerprint, Letter};
use baluardo_model::TenantId;
use baluardo_model::identity::Role;
use baluardo_model::mail::MailPolicy;
use baluardo_model::mail::reports::{ReportState, ReportWay};
use baluardo_service::mail::{self, Newcomer, ReportFilter, ReportRow, Writer};
use baluardo_service::{Error, audit};
use baluardo_testkit::TestHouse;
use baluardo_testkit::mail::phish;
use baluardo_testkit::people::{Entered, activate, found, invite, mail_to};
use stage::{DAY, HOUR, code, story};

struct World {
    test: TestHouse,
    siena: Entered,
    lucca: Entered,
    clerks: Vec<Entered>,
}

async fn world(test: TestHouse) -> World {
    let operator = found(&test).await;
    let siena = activate(&test, &operator.actor, "I726", "anna@comune.siena.it").await;
    let lucca = activate(&test, &operator.actor, "E715", "luca@comune.lucca.it").await;
    for (rtd, domain) in [(&siena, "comune.siena.it"), (&lucca, "comune.lucca.it")] {
        mail::claim_domain(&test.house, &rtd.actor, rtd.tenant.id, domain).await.unwrap();
        mail::decide_domain(&test.house, &operator.actor, rtd.tenant.id, domain, true).await.unwrap();
    }
    let mut clerks = Vec::new();
    for name in ["carla", "dario", "elena"] {
        let email = format!("{name}@comune.siena.it");
        clerks.push(invite(&test, &siena.actor, siena.tenant.id, &email, Role::Clerk).await);
    }
    World { test, siena, lucca, clerks }
}

/// A message that the engine finds nothing in, of one campaign: `word` is what differs.
fn quiet(word: &str) -> Vec<u8> {
    format!(
        "From: Ufficio abbonamenti <info{word}@rivista-locale.example>\r\nTo: ufficio@comune.siena.it\r\nSubject: Rinnovo {word}\r\n\r\n\
         Gentile ufficio, vi scriviamo a proposito dell'abbonamento alla nostra rivista che scade alla fine del mese prossimo. \
         Per continuare a riceverla basta rispondere indicando il numero di copie e l'ufficio che le riceve, come negli anni passati. \
         Restiamo a disposizione per ogni chiarimento e vi auguriamo buon lavoro. Codice {word}\r\n"
    )
    .into_bytes()
}

impl World {
    fn tenant(&self) -> TenantId {
        self.siena.tenant.id
    }

    async fn report(&self, who: &Entered, bytes: Vec<u8>) -> Result<ReportRow, Error> {
        mail::report_message(&self.test.house, &who.actor, who.tenant.id, bytes).await
    }

    /// As what a message is held for a comune because people reported its like.
    async fn reported(&self, tenant: TenantId, bytes: &[u8], policy: &MailPolicy) -> Option<Class> {
        let fingerprint = Fingerprint::of(&Letter::read(bytes));
        let newcomer = Newcomer { writer: Writer::default(), fingerprint: &fingerprint };
        mail::know_locally(&self.test.house, tenant, policy, &newcomer).await.unwrap().reported
    }

    async fn held(&self, bytes: &[u8]) -> bool {
        self.reported(self.tenant(), bytes, &MailPolicy::default()).await.is_some()
    }

    async fn decide(&self, rtd: &Entered, row: &ReportRow, state: ReportState) {
        let done =
            mail::decide_report(&self.test.house, &rtd.actor, rtd.tenant.id, row.report.id, state, "visto").await;
        done.unwrap();
    }
}

story!(
    a_clerk_hears_at_once_what_a_message_is,
    enough_people_hold_what_is_alike_and_the_rtd_has_the_last_word,
    what_is_left_after_21_days_is_a_label_without_anybody_in_it
);

async fn a_clerk_hears_at_once_what_a_message_is(test: TestHouse) {
    let world = world(test).await;
    let carla = &world.clerks[0];
    let row = world.report(carla, phish("esempio")).await.unwrap();
    assert_eq!((row.report.class.as_str(), row.report.action.as_str()), ("phishing", "quarantine"));
    assert!(!row.report.reasons.is_empty() && row.report.counts && row.state == ReportState::Open);
    let letter = mail_to(&world.test, "carla@comune.siena.it").await.unwrap();
    assert!(letter.contains("tentativo di phishing") && letter.contains("«esempio:"), "{letter}");
    let first: String = row.report.reasons[0].it.chars().take(20).collect();
    assert!(letter.contains(&first), "{letter}");
    let again = world.report(carla, phish("esempio")).await.unwrap();
    assert_eq!(again.report.id, row.report.id, "the same message again is the same report");

    let (house, rtd) = (&world.test.house, &world.siena.actor);
    let list = mail::list_reports(house, rtd, world.tenant(), &ReportFilter::default()).await.unwrap();
    assert_eq!(list.len(), 1);
    assert_eq!(mail::reports_waiting(house, rtd, world.tenant()).await.unwrap(), 1);
    assert_eq!(code(mail::get_report(house, &carla.actor, world.tenant(), row.report.id).await), "forbidden");
    assert_eq!(
        code(mail::get_report(house, &world.lucca.actor, world.lucca.tenant.id, row.report.id).await),
        "not_found"
    );
    for (bytes, refused) in
        [(b" \r\n".to_vec(), "mail.report_empty"), (vec![b'a'; (25 << 20) + 1], "mail.report_large")]
    {
        assert_eq!(code(world.report(carla, bytes).await), refused);
    }
    let log = format!("{:?}", audit::export_audit(house, rtd, world.tenant()).await.unwrap());
    assert!(log.contains("mail.reported") && !log.contains("consegne-rapide") && !log.contains("esempio:"), "{log}");
}

async fn enough_people_hold_what_is_alike_and_the_rtd_has_the_last_word(test: TestHouse) {
    let world = world(test).await;
    let mut last = None;
    for (clerk, word) in world.clerks.iter().zip(["uno", "due", "tre"]) {
        assert!(!world.held(&quiet("quattro")).await, "not before enough people said so");
        last = Some(world.report(clerk, quiet(word)).await.unwrap());
    }
    let last = last.unwrap();
    assert!(last.holding && last.reporters == 3);
    assert!(world.held(&quiet("quattro")).await);
    assert!(!world.held(&phish("altro")).await, "what is not alike is not held");
    let policy = MailPolicy { share_reports: true, ..MailPolicy::default() };
    let lucca = world.lucca.tenant.id;
    assert_eq!(world.reported(lucca, &quiet("x"), &policy).await, None, "people's reports alone hold for their comune");
    world.decide(&world.siena, &last, ReportState::Harmless).await;
    assert!(!world.held(&quiet("quattro")).await);
    let later = world.report(&world.siena, quiet("cinque")).await.unwrap();
    assert!(!later.holding && later.state == ReportState::Harmless, "the word stands for those that come after");
    world.decide(&world.siena, &last, ReportState::Hostile).await;
    assert!(world.held(&quiet("quattro")).await);
    assert_eq!(world.reported(lucca, &quiet("x"), &policy).await, None, "Siena shares nothing");
}

#[tokio::test]
async fn what_an_rtd_confirmed_is_held_for_others_where_both_share() {
    let world = world(TestHouse::in_memory().await).await;
    let (house, lucca) = (&world.test.house, world.lucca.tenant.id);
    let shares = MailPolicy { share_reports: true, ..MailPolicy::default() };
    mail::change_mail_policy(house, &world.siena.actor, world.tenant(), &shares).await.unwrap();
    let row = world.report(&world.clerks[0], phish("uno")).await.unwrap();
    assert_eq!(world.reported(lucca, &phish("due"), &shares).await, None);
    world.decide(&world.siena, &row, ReportState::Hostile).await;
    assert_eq!(world.reported(lucca, &phish("due"), &shares).await, Some(Class::Phishing));
    assert_eq!(world.reported(lucca, &phish("due"), &MailPolicy::default()).await, None, "Lucca does not share");
    mail::change_mail_policy(house, &world.siena.actor, world.tenant(), &MailPolicy::default()).await.unwrap();
    assert_eq!(world.reported(lucca, &phish("due"), &shares).await, None, "what was shared is taken back");
    assert!(world.held(&phish("due")).await);
}

#[tokio::test]
async fn one_person_alone_holds_nothing_however_much_they_report() {
    let world = world(TestHouse::in_memory().await).await;
    let dario = &world.clerks[1];
    for number in 0..20 {
        let row = world.report(dario, quiet(&format!("n{number}"))).await.unwrap();
        assert!(row.report.counts && !row.holding && row.reporters == 1);
    }
    let row = world.report(dario, quiet("oltre")).await.unwrap();
    assert!(!row.report.counts, "beyond some reports a day they do not count");
    for number in 0..39 {
        world.report(dario, quiet(&format!("m{number}"))).await.unwrap();
    }
    assert_eq!(code(world.report(dario, quiet("troppo")).await), "throttled");
    assert!(!world.held(&quiet("altro")).await);
    world.test.clock.advance(DAY + HOUR);
    world.report(dario, quiet("domani")).await.unwrap();
}

#[tokio::test]
async fn who_mostly_reports_what_is_harmless_is_not_counted_any_more() {
    let world = world(TestHouse::in_memory().await).await;
    let elena = &world.clerks[2];
    let texts = [
        "Oggi lo sportello chiude alle dodici per la riunione sindacale del personale nella sala grande del municipio",
        "Domani mattina arriva il tecnico della stampante e servono le chiavi del magazzino vicino alla scala antincendio",
        "La mensa scolastica cambia fornitore da gennaio e il nuovo menù sarà pubblicato sul sito insieme alle tariffe",
    ];
    for text in texts {
        let message = format!("From: collega@comune.siena.it\r\nSubject: avviso\r\n\r\n{text}\r\n");
        let row = world.report(elena, message.into_bytes()).await.unwrap();
        assert!(row.report.counts, "{text}");
        world.decide(&world.siena, &row, ReportState::Harmless).await;
    }
    let row = world.report(elena, quiet("uno")).await.unwrap();
    assert!(!row.report.counts);
    for clerk in &world.clerks[..2] {
        world.report(clerk, quiet("uno")).await.unwrap();
    }
    assert!(!world.held(&quiet("due")).await, "two who are heard are not three");
}

#[tokio::test]
async fn a_forwarded_message_is_answered_and_counts_only_where_it_is_sure_who_wrote() {
    let world = world(TestHouse::in_memory().await).await;
    let house = &world.test.house;
    let inner = String::from_utf8(phish("inoltrato")).unwrap();
    let outer = format!(
        "From: gina@comune.siena.it\r\nTo: segnala@comune.siena.it\r\nSubject: I: strano\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nGuardate\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--\r\n"
    );
    let report = async |from: &str, proven: bool| {
        mail::report_by_mail(house, world.tenant(), from, proven, outer.clone().into_bytes()).await
    };
    let row = report("Gina@comune.siena.it", false).await.unwrap();
    assert!(row.report.subject.starts_with("inoltrato:") && row.report.author.contains("Poste Italiane"));
    assert_eq!((row.report.way, row.report.counts, row.report.class.as_str()), (ReportWay::Mail, false, "phishing"));
    let letter = mail_to(&world.test, "gina@comune.siena.it").await.unwrap();
    assert!(
        letter.contains("phishing") && !letter.contains("inoltrato:"),
        "who may not have written is told nothing of it"
    );
    for stranger in ["x@altrove.example", "luca@comune.lucca.it", "", "gina"] {
        assert_eq!(code(report(stranger, true).await), "not_found", "{stranger}");
    }
    let carla = report("carla@comune.siena.it", true).await.unwrap();
    assert!(carla.report.counts && !carla.holding);
    // The same person in the console is no second person.
    let console = world.report(&world.clerks[0], phish("inoltrato")).await.unwrap();
    assert_eq!(console.reporters, 2);
    assert!(!console.holding);
    assert!(
        report("dario@comune.siena.it", true).await.unwrap().holding,
        "two people, of what the engine suspects too"
    );
    assert!(world.held(&phish("ancora")).await);
}

async fn what_is_left_after_21_days_is_a_label_without_anybody_in_it(test: TestHouse) {
    let world = world(test).await;
    let (house, rtd) = (&world.test.house, &world.siena.actor);
    let row = world.report(&world.clerks[0], phish("uno")).await.unwrap();
    world.decide(&world.siena, &row, ReportState::Hostile).await;
    world.test.clock.advance(DAY * 22);
    assert_eq!(mail::forget_mail(house).await.unwrap(), 1);
    assert!(mail::list_reports(house, rtd, world.tenant(), &ReportFilter::default()).await.unwrap().is_empty());
    assert!(world.held(&phish("due")).await, "what the RTD said is remembered by digests");
    world.test.clock.advance(DAY * 70);
    assert!(!world.held(&phish("due")).await, "and holds for ninety days after the last report");
    world.test.clock.advance(DAY * 300);
    mail::forget_mail(house).await.unwrap();
    assert_eq!(mail::forget_mail(house).await.unwrap(), 0);
}
