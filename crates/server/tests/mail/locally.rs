//! The milter with what a comune knows: rules for senders, known senders, and reports that come by mail.

use crate::house::World;
use crate::stage::client::{MailServer, inserted, last, removed};
use crate::stage::milter::Milter;
use crate::stage::{honest, phish, wait_for};
use baluardo_model::Clock as _;
use baluardo_model::mail::reports::ReportWay;
use baluardo_model::mail::senders::{SenderAct, SenderSeen};
use baluardo_server::ambient::SystemClock;
use baluardo_service::mail::{self, NewSenderRule, ReportFilter, ReportRow};
use baluardo_testkit::people::mail_to;
use std::path::Path;
use std::time::Duration;

const DESK: &str = "segnala@comune.siena.it";
/// The domain that `phish` writes from.
const PHISHER: &str = "consegne-rapide-48213.top";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn milter(folder: &Path) -> Milter {
    Milter::start(folder, &["--state", folder.join("state").to_str().unwrap()])
}

fn attached(name: &str, content: &str) -> Vec<u8> {
    format!(
        "From: Anna <anna@fornitore.example>\r\nTo: ufficio@comune.siena.it\r\nSubject: Fattura\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n\
         --x\r\n\r\nIn allegato la fattura del mese.\r\n--x\r\nContent-Type: application/octet-stream\r\n\
         Content-Disposition: attachment; filename=\"{name}\"\r\n\r\n{content}\r\n--x--\r\n"
    )
    .into_bytes()
}

/// What somebody forwards: the message is attached.
fn forward(inner: &[u8]) -> Vec<u8> {
    let head = "To: segnala@comune.siena.it\r\nSubject: I: strano\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n\
                --bb\r\n\r\nGuardate.\r\n--bb\r\nContent-Type: message/rfc822\r\n\r\n";
    [head.as_bytes(), inner, b"\r\n--bb--\r\n"].concat()
}

/// A message that nothing speaks against, as one of many.
fn offer(word: &str) -> Vec<u8> {
    format!(
        "From: Offerte <info@offerte{word}.example>\r\nTo: ufficio@comune.siena.it\r\nSubject: Proposta {word}\r\n\r\n\
         Gentile ufficio, la nostra azienda organizza corsi di aggiornamento per il personale degli enti locali e vorrebbe proporre \
         un incontro di presentazione presso la vostra sede, senza alcun impegno, nel giorno che preferite della prossima settimana. \
         In attesa di un cortese riscontro porgiamo cordiali saluti. Pratica {word}\r\n"
    )
    .into_bytes()
}

impl World {
    async fn rule(&self, act: SenderAct, subject: &str) {
        let new = NewSenderRule { act, subject: subject.to_owned(), reason: "prova".to_owned(), days: 9 };
        mail::make_sender_rule(&self.test.house, &self.siena.actor, self.siena.tenant.id, &new).await.unwrap();
    }

    async fn reports(&self) -> Vec<ReportRow> {
        let (house, siena) = (&self.test.house, &self.siena);
        mail::list_reports(house, &siena.actor, siena.tenant.id, &ReportFilter::default()).await.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_of_the_comune_holds_or_delivers_for_that_comune_alone() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(&folder.path().join("state")).await;
    let milter = milter(folder.path());
    let mut server = MailServer::connect(milter.port);
    world.rule(SenderAct::Block, "comune.prova.it").await;
    world.rule(SenderAct::Allow, PHISHER).await;
    let both = ["a@comune.siena.it", "b@comune.lucca.it"];
    let said = server.deliver("anna.bianchi@comune.prova.it", &both, &honest("bloccato"));
    assert_eq!((removed(&said), last(&said)), (vec!["<a@comune.siena.it>".to_owned()], 'c'));
    assert_eq!(inserted(&said, "X-Baluardo-Verdict").as_deref(), Some("deliver"));
    let held = world.held(&world.siena).await;
    assert_eq!((held.len(), held[0].reasons[0].code.as_str()), (1, "sender_blocked"));
    assert!(held[0].reasons[0].it.contains("bloccato") && held[0].reasons[0].en.contains("blocked"));

    let sender = format!("rimbalzi@{PHISHER}");
    let said = server.deliver(&sender, &["a@comune.siena.it"], &phish("consentito"));
    assert_eq!(inserted(&said, "X-Baluardo-Verdict").as_deref(), Some("deliver"));
    assert!(inserted(&said, "X-Baluardo-Reasons").unwrap().starts_with("sender_allowed"));
    let said = server.deliver("x@altrove.example", &["a@comune.siena.it"], &phish("finto"));
    assert_eq!(last(&said), 'd', "who only claims to be the allowed sender is held");
    let said = server.deliver(&sender, &["b@comune.lucca.it"], &phish("altrove"));
    assert_eq!(last(&said), 'd', "what Siena allows is held for Lucca");

    // What was delivered counts in a preview, once the counts are written.
    let (house, siena) = (&world.test.house, &world.siena);
    let block = NewSenderRule { act: SenderAct::Block, subject: PHISHER.to_owned(), ..NewSenderRule::default() };
    wait_for("the delivered message is counted", || {
        let preview = mail::preview_sender_rule(house, &siena.actor, siena.tenant.id, &block);
        let preview = tokio::task::block_in_place(|| tokio::runtime::Handle::current().block_on(preview));
        (preview.unwrap().stopped == 1).then_some(())
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_or_allowed_senders_hijacked_account_brings_no_hostile_attachment_in() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(&folder.path().join("state")).await;
    let anna = "anna@fornitore.example";
    for days in (1..=9).rev() {
        world.test.clock.set(SystemClock.now().minus(DAY * days));
        let end = [(world.siena.tenant.id, anna.to_owned(), SenderSeen::Delivered, 5)];
        mail::count_senders(&world.test.house, &end).await.unwrap();
    }
    world.test.clock.set(SystemClock.now());
    let milter = milter(folder.path());
    let mut server = MailServer::connect(milter.port);
    let to = ["ufficio@comune.siena.it"];
    let said = server.deliver(anna, &to, &attached("fattura.txt", "Totale 120 euro"));
    assert_eq!(inserted(&said, "X-Baluardo-Verdict").as_deref(), Some("deliver"));
    assert_eq!(last(&server.deliver(anna, &to, &attached("fattura.pdf.js", "var a;"))), 'd');
    world.rule(SenderAct::Allow, anna).await;
    assert_eq!(last(&server.deliver(anna, &to, &attached("fattura2.pdf.js", "var b;"))), 'd');
    let held = world.held(&world.siena).await;
    assert!(held.len() == 2 && held.iter().all(|row| row.class == "malware"), "{held:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_forwarded_to_the_desk_is_answered_and_goes_no_further() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(&folder.path().join("state")).await;
    let milter = milter(folder.path());
    let mut server = MailServer::connect(milter.port);
    server.log_in("carla");
    let said = server.deliver("carla@comune.siena.it", &[DESK], &forward(&phish("inoltrato")));
    assert_eq!(said, [('d', Vec::new())]);
    let reports = world.reports().await;
    assert_eq!(reports.len(), 1);
    let report = &reports[0].report;
    assert_eq!((report.way, report.counts, report.class.as_str()), (ReportWay::Mail, true, "phishing"));
    assert!(report.subject.starts_with("inoltrato:") && report.author.contains("Poste Italiane"));
    let answer = mail_to(&world.test, "carla@comune.siena.it").await.expect("the reporter hears of it");
    assert!(answer.contains("tentativo di phishing"), "{answer}");
    assert!(world.held(&world.siena).await.is_empty(), "a report is no suspicious message of its reporter");

    // Beside other recipients only the desk is served; nobody else may report, and without a login it does not count.
    let to = [DESK, "ufficio@comune.siena.it"];
    let said = server.deliver("dario@comune.siena.it", &to, &forward(&honest("altro")));
    assert_eq!((removed(&said), last(&said)), (vec![format!("<{DESK}>")], 'c'));
    let said = server.deliver("x@altrove.example", &[DESK], &honest("da fuori"));
    assert_eq!(last(&said), 'c', "from outside it is an address like any other");
    let reports = world.reports().await;
    assert_eq!(reports.len(), 2);
    assert!(reports.iter().any(|row| !row.report.counts && row.report.reporter_name == "dario@comune.siena.it"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_enough_people_reported_is_held_when_more_of_it_comes() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::on(&folder.path().join("state")).await;
    let milter = milter(folder.path());
    let mut server = MailServer::connect(milter.port);
    let comes = |server: &mut MailServer, word: &str| {
        last(&server.deliver(&format!("info@offerte{word}.example"), &["ufficio@comune.siena.it"], &offer(word)))
    };
    assert_eq!(comes(&mut server, "prima"), 'c');
    for (name, word) in [("carla", "alfa"), ("dario", "beta"), ("elena", "gamma")] {
        assert_eq!(comes(&mut server, &format!("non{word}")), 'c', "not before enough people said so");
        server.log_in(name);
        server.deliver(&format!("{name}@comune.siena.it"), &[DESK], &forward(&offer(word)));
    }
    assert_eq!(comes(&mut server, "dopo"), 'd');
    let held = world.held(&world.siena).await;
    assert_eq!((held.len(), held[0].reasons[0].code.as_str()), (1, "reported_alike"));
    assert_eq!(last(&server.deliver("a@b.example", &["ufficio@comune.siena.it"], &honest("diverso"))), 'c');
    let lucca = server.deliver("info@offerte.example", &["b@comune.lucca.it"], &offer("lucca"));
    assert_eq!(last(&lucca), 'c', "what one comune's people reported is held for it alone");
}
