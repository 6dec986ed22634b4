//! The gateway that ships, as strangers meet it: in front of a provider that refuses for a while, over TLS, and with its limits.

use crate::stage::authority::Authority;
use crate::stage::gateway::{Mail, NAME, Ports, Postfix, gateway, why_not};
use crate::stage::milter::Milter;
use crate::stage::smtp::{Mood, Sink};
use crate::stage::stranger::Stranger;
use crate::stage::{free_port, honest, wait_for};
use tempfile::TempDir;

/// What is otherwise than it ships: this machine's other addresses are strangers, nobody asks the DNS who they are, and no answer
/// of the provider's is too late for a busy machine. The minute of the limits is an hour, because a slow machine needs longer.
const STRANGERS: [&str; 5] = [
    "mynetworks=127.0.0.1/32",
    "smtpd_peername_lookup=no",
    "address_verify_poll_delay=1s",
    "address_verify_poll_count=120",
    "anvil_rate_time_unit=3600s",
];

const CARLA: &str = "carla@comune.siena.it";

/// The gateway, the filter, and a provider as the test wants it.
struct Door {
    gateway: Postfix,
    provider: Sink,
    _milter: Milter,
    _folder: TempDir,
}

impl Door {
    fn open() -> Self {
        Self::with(&[])
    }

    /// Where mail for these domains goes to the provider, too.
    fn with(domains: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (milter, provider) = (Milter::start(folder.path(), &["--no-dns"]), Sink::start());
        let ports = Ports { own: free_port(), milter: milter.port, provider: provider.port };
        let papers = Authority::new("nota").certify(NAME);
        let all = ["comune.siena.it"].iter().chain(domains);
        let lines: Vec<String> =
            all.map(|domain| format!("{{{domain}=relay:[127.0.0.1]:{}}}", provider.port)).collect();
        let transport = format!("transport_maps=inline:{{{}}}", lines.join(","));
        let mut own = STRANGERS.to_vec();
        own.push(&transport);
        let gateway = gateway(folder.path(), ports, &papers, if domains.is_empty() { &STRANGERS } else { &own });
        Self { gateway, provider, _milter: milter, _folder: folder }
    }

    /// A stranger that calls from `127.0.0.last`.
    fn stranger(&self, last: u8) -> Stranger {
        Stranger::greeted(last, self.gateway.port)
    }

    /// Waits until the provider keeps so many messages and none waits.
    fn wait_kept(&self, many: usize) -> Vec<String> {
        wait_for("the messages arrive", || {
            let waiting = self.gateway.hurry();
            (waiting == 0 && self.provider.kept().len() >= many).then_some(())
        });
        self.provider.kept()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_refuses_for_a_while_waits_and_arrives_once() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let door = Door::open();
    // It says "later" when it is asked about the recipient, and when it has the whole message: the sender hears a yes all the same.
    door.provider.be(Mood::LaterToAll);
    assert_eq!(door.stranger(9).deliver(CARLA, &honest("primo")).0, 250);
    wait_for("the provider was asked", || (door.provider.asked() >= 2).then_some(()));
    door.provider.be(Mood::LaterAtTheEnd);
    assert_eq!(door.stranger(9).deliver(CARLA, &honest("secondo")).0, 250);
    wait_for("the provider was given both", || {
        door.gateway.hurry();
        let taken = door.provider.taken();
        let given = |word: &str| taken.iter().any(|one| String::from_utf8_lossy(&one.message).contains(word));
        (given("Subject: primo") && given("Subject: secondo")).then_some(())
    });
    assert!(door.provider.kept().is_empty());
    assert_eq!(door.gateway.hurry(), 2, "both wait");
    door.provider.be(Mood::Takes);
    let kept = door.wait_kept(2);
    for word in ["primo", "secondo"] {
        let found = kept.iter().filter(|text| text.contains(&format!("Subject: {word}\r\n"))).count();
        assert_eq!(found, 1, "{word} arrives once: {kept:?}");
    }
    assert_eq!(kept.len(), 2, "nobody is written to beside");
    assert!(kept.iter().all(|text| text.contains("X-Baluardo-Verdict: deliver\r\n")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_provider_refuses_for_good_after_it_was_taken_comes_back_to_its_sender() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let door = Door::with(&["straniero.example"]);
    door.provider.be(Mood::NeverAtTheEnd);
    assert_eq!(door.stranger(9).deliver(CARLA, &honest("quarto")).0, 250);
    let kept = door.wait_kept(1);
    assert_eq!(kept.len(), 1, "{kept:?}");
    let notice = &kept[0];
    assert!(notice.contains("To: x@straniero.example") && notice.contains("never"), "{notice}");
    assert!(notice.contains("multipart/report") && notice.contains("Subject: quarto"), "{notice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mailbox_that_the_provider_does_not_have_and_a_domain_of_others_are_refused_before_the_message() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let door = Door::open();
    let mut stranger = door.stranger(9);
    assert_eq!(stranger.say("MAIL FROM:<x@straniero.example>").0, 250);
    let unknown = stranger.say("RCPT TO:<nessuno@comune.siena.it>");
    assert_eq!(unknown.0, 550, "{unknown:?}");
    let other = stranger.say("RCPT TO:<chiunque@altrove.example>");
    assert_eq!(other.0, 554, "the gateway sends for nobody: {other:?}");
    assert_eq!(stranger.say(&format!("RCPT TO:<{CARLA}>")).0, 250);
    assert_eq!(stranger.say("RSET").0, 250);
    assert_eq!(stranger.deliver(CARLA, &honest("terzo")).0, 250);
    assert_eq!(door.wait_kept(1).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mail_goes_through_tls_on_both_sides_of_the_gateway() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let folder = tempfile::tempdir().unwrap();
    let milter = Milter::start(folder.path(), &["--no-dns"]);
    let mail = Mail::with(folder.path(), free_port(), milter.port, &STRANGERS);
    let plain = Stranger::greeted(9, mail.gateway.port).say("EHLO straniero.example");
    assert!(plain.1.contains("STARTTLS"), "{plain:?}");
    let mut stranger = Stranger::greeted(9, mail.gateway.port).secured(NAME, &mail.authority);
    let secured = stranger.say("EHLO straniero.example");
    assert!(secured.0 == 250 && !secured.1.contains("STARTTLS"), "{secured:?}");
    assert_eq!(stranger.deliver(CARLA, &honest("cifrato")).0, 250);
    let stored = wait_for("the message arrives", || mail.mailbox("carla").pop());
    let text = String::from_utf8_lossy(&stored).replace("\n\t", " ");
    let hops: Vec<&str> = text.lines().filter(|line| line.starts_with("Received:")).collect();
    let by = |name: &str| hops.iter().find(|line| line.contains(&format!("by {name} ("))).copied().unwrap_or_default();
    assert!(by("fornitore.example").contains("with ESMTPS id"), "{hops:?}");
    assert!(by(NAME).contains("with ESMTPS id"), "{hops:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_above_the_limit_is_refused_whether_its_size_is_told_or_not() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let door = Door::open();
    let mut stranger = door.stranger(9);
    let limit: usize = 50 << 20;
    assert!(stranger.say("EHLO straniero.example").1.contains(&format!("SIZE {limit}\r\n")));
    let told = stranger.say(&format!("MAIL FROM:<x@straniero.example> SIZE={}", limit + 1));
    assert_eq!(told.0, 552, "{told:?}");
    assert_eq!(stranger.say("RSET").0, 250);
    let line = [vec![b'a'; 998], b"\r\n".to_vec()].concat();
    let large = [honest("grande"), line.repeat(limit / line.len() + 1)].concat();
    let untold = stranger.deliver(CARLA, &large);
    assert_eq!(untold.0, 552, "{untold:?}");
    assert_eq!(stranger.deliver(CARLA, &honest("piccolo")).0, 250);
    let kept = door.wait_kept(1);
    assert!(kept.len() == 1 && kept[0].contains("Subject: piccolo"));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_stranger_too_eager_is_asked_to_come_later_and_others_are_served() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let door = Door::open();
    let port = door.gateway.port;
    // At once: 20 connections of one address.
    let open: Vec<Stranger> = (0..20).map(|_| door.stranger(21)).collect();
    let one_more = Stranger::from(21, port).greeting;
    assert!(one_more.0 == 421 && one_more.1.contains("too many connections"), "{one_more:?}");
    drop(open);
    // In a minute: 60 connections.
    for _ in 0..60 {
        assert_eq!(door.stranger(22).say("QUIT").0, 221);
    }
    let one_more = Stranger::from(22, port).greeting;
    assert!(one_more.0 == 421 && one_more.1.contains("too many connections"), "{one_more:?}");
    // In a minute: 120 messages, however many connections bring them.
    let (mut begun, mut answer) = (0, (250, String::new()));
    'all: for _ in 0..4 {
        let mut stranger = door.stranger(23);
        for _ in 0..40 {
            answer = stranger.say("MAIL FROM:<x@straniero.example>");
            if answer.0 != 250 {
                break 'all;
            }
            begun += 1;
            assert_eq!(stranger.say("RSET").0, 250);
        }
    }
    assert_eq!((begun, answer.0), (120, 450), "{answer:?}");
    assert!(answer.1.contains("too much mail"), "{answer:?}");
    // Who sends no more than others do is served meanwhile.
    assert_eq!(door.stranger(24).deliver(CARLA, &honest("paziente")).0, 250);
    assert_eq!(door.wait_kept(1).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_message_hidden_behind_odd_line_ends_stays_a_part_of_the_first() {
    if let Some(why) = why_not() {
        return println!("not run: {why}");
    }
    let door = Door::open();
    for (last, end) in [(31, "\n.\n"), (32, "\n.\r\n"), (33, "\r.\r"), (34, "\r\n.\n")] {
        let mut stranger = door.stranger(last);
        for line in ["MAIL FROM:<x@straniero.example>", &format!("RCPT TO:<{CARLA}>"), "DATA"] {
            assert!(stranger.say(line).0 < 400);
        }
        let hidden = "MAIL FROM:<capo@comune.siena.it>\r\nRCPT TO:<carla@comune.siena.it>\r\nDATA\r\nSubject: dentro\r\n\r\nciao";
        let text = format!("Subject: fuori {last}\r\n\r\nuno{end}{hidden}\r\n.\r\n");
        stranger.write(text.as_bytes());
        let answer = stranger.hear();
        assert_eq!(answer.0, 250, "{end:?}: {answer:?}");
        let bye = stranger.say("QUIT");
        assert_eq!(bye.0, 221, "{end:?}: one message, one answer: {bye:?}");
    }
    let kept = door.wait_kept(4);
    assert_eq!(kept.len(), 4, "{kept:?}");
    for text in kept {
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(head.contains("Subject: fuori ") && text.contains("Subject: dentro"), "{text}");
    }
}
