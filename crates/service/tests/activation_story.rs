//! From the request of a comune to its RTD's first session, and everything that can be decided on the way.

mod stage;

use baluardo_model::activation::{RequestState, ServiceCode};
use baluardo_model::identity::{Actor, Management, Role};
use baluardo_model::sla::SlaState;
use baluardo_service::activation::{
    self, RequestFilter, RequestShown, SubmitRequest, approve_request, get_request, pause_request, refuse_request,
    resume_request,
};
use baluardo_service::identity::{self, ClientHint};
use baluardo_service::{Error, fleet, outbox};
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::*;
use stage::*;

story!(
    a_comune_asks_is_activated_and_enters,
    the_same_is_asked_once_at_a_time,
    of_two_operators_who_decide_at_once_one_is_told,
    a_pause_stops_the_clock_and_is_told_to_the_comune,
    a_clock_that_jumps_makes_no_deadline_kept_or_missed_for_good,
    a_refusal_says_why_and_the_comune_may_ask_again,
    an_update_changes_the_rtd_and_the_former_one_hears_of_it,
    an_approval_that_cannot_be_completed_leaves_no_trace,
    only_operators_see_and_decide,
    the_queue_is_searched_and_sorted_by_deadline,
    the_public_figures_count_kept_and_missed,
    a_flood_of_requests_is_slowed_down,
);

fn form(service: ServiceCode, code: &str, email: &str) -> SubmitRequest {
    let mut application = application(code, email);
    if service == ServiceCode::Update {
        application.note = "Nuova RTD".to_owned();
    }
    SubmitRequest { service, application }
}

async fn a_comune_asks_is_activated_and_enters(test: TestHouse) {
    let house = &test.house;
    let operator = found(&test).await;
    let form = form(ServiceCode::Activation, "i726", "Anna@Siena.example");
    let receipt = activation::submit_request(house, &form, &client(1)).await.unwrap();
    // Monday 2 November 2026; five days later is Saturday 7, whose midnight in Rome is 23:00 UTC.
    assert_eq!(receipt.deadline.unwrap().rfc3339(), "2026-11-07T23:00:00Z");
    let told = mail_to(&test, "anna@siena.example").await.unwrap();
    assert!(told.contains("07/11/2026") && told.contains(&receipt.id.to_string()), "{told}");

    let waiting = activation::list_requests(house, &operator.actor, &RequestFilter::default()).await.unwrap();
    assert_eq!((waiting.found, waiting.waiting, waiting.overdue), (1, 1, 0));
    assert_eq!(waiting.requests[0].comune, "Siena");
    test.clock.advance(DAY);
    approve_request(house, &operator.actor, receipt.id).await.unwrap();
    let mail = mail_to(&test, "anna@siena.example").await.unwrap();
    assert!(mail.contains("gestione locale"), "the letter names the switch: {mail}");
    let (session, _) = enter(house, &link_in(&mail)).await;
    let rtd = signed_in(house, &session).await;
    assert_eq!((rtd.person.role, rtd.person.email.as_str()), (Role::Rtd, "anna@siena.example"));
    assert_eq!((rtd.tenant.name.as_str(), rtd.tenant.management), ("Siena", Management::Central));
    assert_eq!(rtd.tenant.cadastral_code.as_deref(), Some("I726"));
    assert_eq!(fleet::get_policy(house, &rtd.actor, rtd.tenant.id).await.unwrap().version, 1);

    let seen = get_request(house, &operator.actor, receipt.id).await.unwrap();
    assert_eq!((seen.state, seen.sla.state), (RequestState::Approved, SlaState::Kept));
    let log: Vec<_> = seen.request.log.iter().map(|event| (event.kind.code(), event.by)).collect();
    assert_eq!(log, [("received", None), ("approved", Some(operator.person.id)), ("mail_sent", None)]);
    let status = activation::receipt_status(house, receipt.id).await.unwrap();
    assert_eq!((status.state, status.comune.as_str()), (RequestState::Approved, "Siena"));
    let acts = acts(house, &rtd.tenant).await;
    assert_eq!(acts, ["member.join", "people.invite", "credential.set", "signin.ok"]);
}

async fn the_same_is_asked_once_at_a_time(test: TestHouse) {
    let house = &test.house;
    let ask = |service, email: &'static str| async move {
        activation::submit_request(house, &form(service, "I726", email), &ClientHint::default()).await
    };
    assert_eq!(code(ask(ServiceCode::Activation, "a@siena.example").await), "not_founded");
    let operator = found(&test).await;
    assert_eq!(code(ask(ServiceCode::Update, "a@siena.example").await), "not_a_member");
    let (one, two) =
        tokio::join!(ask(ServiceCode::Activation, "a@siena.example"), ask(ServiceCode::Activation, "b@siena.example"),);
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    let (kept, refused) = if one.is_ok() { (one, two) } else { (two, one) };
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), "request_open");
    let id = kept.unwrap().id;
    assert!(!refused.to_string().contains(&id.to_string()), "the receipt of another is a secret");
    approve_request(house, &operator.actor, id).await.unwrap();
    assert_eq!(code(ask(ServiceCode::Activation, "c@siena.example").await), "already_member");
}

async fn of_two_operators_who_decide_at_once_one_is_told(test: TestHouse) {
    let house = &test.house;
    let operator = found(&test).await;
    let second = invite(&test, &operator.actor, operator.tenant.id, "due@consorzio.example", Role::Operator).await;
    let id = ask(&test, "I726", "a@siena.example").await;
    let (yes, no) = tokio::join!(
        approve_request(house, &operator.actor, id),
        refuse_request(house, &second.actor, id, "Manca la firma"),
    );
    assert!(yes.is_ok() != no.is_ok(), "{yes:?} {no:?}");
    let state = if yes.is_ok() { RequestState::Approved } else { RequestState::Refused };
    assert_eq!(code(if yes.is_ok() { no } else { yes }), "request_concluded");
    let seen = get_request(house, &operator.actor, id).await.unwrap();
    assert_eq!((seen.state, seen.request.log.len()), (state, 2));
    let members = identity::list_tenants(house, &operator.actor).await.unwrap();
    assert_eq!(members.len(), usize::from(state == RequestState::Approved));
    for again in [
        approve_request(house, &operator.actor, id).await,
        pause_request(house, &operator.actor, id, "Attesa").await,
        resume_request(house, &operator.actor, id).await,
    ] {
        assert_eq!(code(again), "request_concluded");
    }
}

async fn a_pause_stops_the_clock_and_is_told_to_the_comune(test: TestHouse) {
    let house = &test.house;
    let operator = found(&test).await.signed.actor;
    let id = ask(&test, "I726", "a@siena.example").await;
    assert_eq!(code(pause_request(house, &operator, id, "  ").await), "required");
    assert_eq!(code(resume_request(house, &operator, id).await), "request_not_paused");
    pause_request(house, &operator, id, "Serve la delibera").await.unwrap();
    assert_eq!(code(pause_request(house, &operator, id, "Ancora").await), "request_paused");
    assert!(mail_to(&test, "a@siena.example").await.unwrap().contains("Serve la delibera"));
    test.clock.advance(30 * DAY);
    let status = activation::receipt_status(house, id).await.unwrap();
    assert_eq!((status.state, status.sla.state), (RequestState::Paused, SlaState::Paused));
    assert_eq!(status.reason.as_deref(), Some("Serve la delibera"));
    resume_request(house, &operator, id).await.unwrap();
    let status = activation::receipt_status(house, id).await.unwrap();
    assert_eq!((status.state, status.sla.state, status.reason), (RequestState::Open, SlaState::Running, None));
    pause_request(house, &operator, id, "Serve la firma").await.unwrap();
    assert!(mail_to(&test, "a@siena.example").await.unwrap().contains("Serve la firma"));
    approve_request(house, &operator, id).await.unwrap();
}

async fn a_clock_that_jumps_makes_no_deadline_kept_or_missed_for_good(test: TestHouse) {
    let house = &test.house;
    let operator = found(&test).await.signed.actor;
    let id = ask(&test, "I726", "a@siena.example").await;
    let right = house.now();
    let shown = async || activation::receipt_status(house, id).await.unwrap();
    let deadline = shown().await.sla.deadline;
    test.clock.set(right.plus(2 * 365 * DAY));
    assert_ne!(shown().await.sla.state, SlaState::Running, "two years are too long");
    test.clock.set(right);
    assert_eq!((shown().await.sla.state, shown().await.sla.deadline), (SlaState::Running, deadline));
    // What is decided under a wrong clock stands, and the log keeps its order.
    test.clock.set(right.minus(2 * 365 * DAY));
    pause_request(house, &operator, id, "Serve la delibera").await.unwrap();
    assert_eq!(shown().await.state, RequestState::Paused);
    test.clock.set(right);
    resume_request(house, &operator, id).await.unwrap();
    assert_eq!(shown().await.state, RequestState::Open);
    approve_request(house, &operator, id).await.unwrap();
    assert_eq!(shown().await.state, RequestState::Approved);
    assert!(mail_to(&test, "a@siena.example").await.is_some());
}

async fn a_refusal_says_why_and_the_comune_may_ask_again(test: TestHouse) {
    let house = &test.house;
    let operator = found(&test).await.signed.actor;
    let id = ask(&test, "I726", "a@siena.example").await;
    assert_eq!(code(refuse_request(house, &operator, id, "").await), "required");
    refuse_request(house, &operator, id, "L'indirizzo non è istituzionale").await.unwrap();
    let mail = mail_to(&test, "a@siena.example").await.unwrap();
    assert!(mail.contains("L'indirizzo non è istituzionale") && !mail.contains("/link/"), "{mail}");
    let status = activation::receipt_status(house, id).await.unwrap();
    assert_eq!(status.reason.as_deref(), Some("L'indirizzo non è istituzionale"));
    assert_eq!(get_request(house, &operator, id).await.unwrap().request.log.last().unwrap().kind.code(), "mail_sent");
    let again = ask(&test, "I726", "anna@comune.siena.example").await;
    approve_request(house, &operator, again).await.unwrap();
}

async fn an_update_changes_the_rtd_and_the_former_one_hears_of_it(test: TestHouse) {
    let house = &test.house;
    let operator = found(&test).await.signed.actor;
    let old = activate(&test, &operator, "I726", "anna@siena.example").await;
    let ask = |email: &'static str, name: &'static str| async move {
        let mut form = form(ServiceCode::Update, "I726", email);
        form.application.rtd_name = name.to_owned();
        let receipt = activation::submit_request(house, &form, &ClientHint::default()).await.unwrap();
        outbox::deliver_due_mail(house, None).await.unwrap();
        receipt
    };
    let receipt = ask("anna@siena.example", "Anna Bianchi Rossi").await;
    // One day: asked on Monday 2, due at the end of Tuesday 3.
    assert_eq!(receipt.deadline.unwrap().rfc3339(), "2026-11-03T23:00:00Z");
    let seen = get_request(house, &operator, receipt.id).await.unwrap();
    assert_eq!(seen.before.map(|before| before.rtd_name).as_deref(), Some("Anna Bianchi"));
    approve_request(house, &operator, receipt.id).await.unwrap();
    let people = identity::list_people(house, &old.actor, old.tenant.id).await.unwrap();
    assert_eq!(people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), ["Anna Bianchi Rossi"]);
    assert!(!mail_to(&test, "anna@siena.example").await.unwrap().contains("/link/"), "she can enter already");

    let receipt = ask("bruno@siena.example", "Bruno Verdi").await;
    approve_request(house, &operator, receipt.id).await.unwrap();
    let warned = mail_to(&test, "anna@siena.example").await.unwrap();
    assert!(warned.contains("Bruno Verdi") && warned.contains("bruno@siena.example"), "{warned}");
    let (session, _) = enter(house, &link_in(&mail_to(&test, "bruno@siena.example").await.unwrap())).await;
    let new = signed_in(house, &session).await;
    assert_eq!(new.tenant.id, old.tenant.id);
    identity::disable_person(house, &new.actor, new.tenant.id, old.person.id).await.unwrap();
}

async fn an_approval_that_cannot_be_completed_leaves_no_trace(test: TestHouse) {
    let house = &test.house;
    let operator = found(&test).await.signed.actor;
    activate(&test, &operator, "I726", "rtd@siena.example").await;
    let id = ask(&test, "D612", "rtd@siena.example").await;
    outbox::deliver_due_mail(house, None).await.unwrap();
    let before = outbox::list_local_mail(house).await.unwrap().len();
    assert_eq!(code(approve_request(house, &operator, id).await), "email_taken");
    let seen = get_request(house, &operator, id).await.unwrap();
    assert_eq!((seen.state, seen.request.log.len()), (RequestState::Open, 1));
    assert_eq!(identity::list_tenants(house, &operator).await.unwrap().len(), 1, "no comune was made");
    outbox::deliver_due_mail(house, None).await.unwrap();
    assert_eq!(outbox::list_local_mail(house).await.unwrap().len(), before, "no mail was written");
    refuse_request(house, &operator, id, "L'indirizzo è di un altro Comune").await.unwrap();
}

async fn only_operators_see_and_decide(test: TestHouse) {
    let house = &test.house;
    let operator = found(&test).await;
    let rtd = activate(&test, &operator.actor, "I726", "rtd@siena.example").await.signed.actor;
    let auditor =
        invite(&test, &operator.actor, operator.tenant.id, "aud@consorzio.example", Role::Auditor).await.signed.actor;
    let id = ask(&test, "D612", "rtd@firenze.example").await;
    for actor in [rtd, auditor, Actor::Public] {
        let filter = RequestFilter::default();
        assert_eq!(code(activation::list_requests(house, &actor, &filter).await), "forbidden", "{actor:?}");
        assert_eq!(code(get_request(house, &actor, id).await), "forbidden", "{actor:?}");
        assert_eq!(code(approve_request(house, &actor, id).await), "forbidden", "{actor:?}");
        assert_eq!(code(refuse_request(house, &actor, id, "No").await), "forbidden", "{actor:?}");
        assert_eq!(code(pause_request(house, &actor, id, "No").await), "forbidden", "{actor:?}");
        assert_eq!(code(outbox::mail_state(house, &actor).await), "forbidden", "{actor:?}");
    }
    let unknown = "00000000-0000-7000-8000-000000000000".parse().unwrap();
    assert_eq!(code(approve_request(house, &operator.actor, unknown).await), "not_found");
    assert_eq!(code(activation::receipt_status(house, unknown).await), "not_found");
}

async fn the_queue_is_searched_and_sorted_by_deadline(test: TestHouse) {
    let house = &test.house;
    let operator = found(&test).await.signed.actor;
    let siena = ask(&test, "I726", "a@siena.example").await;
    test.clock.advance(DAY);
    let firenze = ask(&test, "D612", "b@firenze.example").await;
    let napoli = ask(&test, "F839", "c@napoli.example").await;
    test.clock.advance(DAY);
    let roma = ask(&test, "H501", "d@roma.example").await;
    pause_request(house, &operator, siena, "Attesa").await.unwrap();
    refuse_request(house, &operator, napoli, "Doppia").await.unwrap();
    let find = |shown, text: &str| {
        let filter = RequestFilter { shown, text: text.to_owned(), ..RequestFilter::default() };
        async move {
            let page = activation::list_requests(house, &Actor::Platform, &filter).await.unwrap();
            page.requests.into_iter().map(|view| view.request.id).collect::<Vec<_>>()
        }
    };
    assert_eq!(find(RequestShown::Waiting, "").await, [firenze, roma, siena], "by deadline, what is paused last");
    assert_eq!(find(RequestShown::Concluded, "").await, [napoli]);
    assert_eq!(find(RequestShown::All, "").await.first(), Some(&roma));
    assert_eq!(find(RequestShown::All, "FIRENZE").await, [firenze]);
    assert_eq!(find(RequestShown::All, "f839").await, [napoli]);
    let updates = RequestFilter { service: Some(ServiceCode::Update), ..RequestFilter::default() };
    assert_eq!(activation::list_requests(house, &operator, &updates).await.unwrap().found, 0);
    test.clock.advance(30 * DAY);
    let page = activation::list_requests(house, &operator, &RequestFilter::default()).await.unwrap();
    assert_eq!((page.waiting, page.overdue), (3, 2));
}

async fn the_public_figures_count_kept_and_missed(test: TestHouse) {
    let house = &test.house;
    assert!(activation::sla_figures(house).await.unwrap().months.is_empty());
    let operator = found(&test).await.signed.actor;
    let kept = ask(&test, "I726", "a@siena.example").await;
    let late = ask(&test, "D612", "b@firenze.example").await;
    ask(&test, "F839", "c@napoli.example").await;
    pause_request(house, &operator, kept, "Anna è in ferie").await.unwrap();
    resume_request(house, &operator, kept).await.unwrap();
    test.clock.advance(2 * DAY);
    approve_request(house, &operator, kept).await.unwrap();
    test.clock.advance(28 * DAY);
    refuse_request(house, &operator, late, "Doppia").await.unwrap();
    ask(&test, "H501", "d@roma.example").await;
    let figures = activation::sla_figures(house).await.unwrap();
    let told: Vec<_> = figures
        .months
        .iter()
        .map(|month| (month.month.as_str(), month.received, month.kept, month.missed, month.running))
        .collect();
    assert_eq!(told, [("2026-12", 1, 0, 0, 1), ("2026-11", 3, 1, 2, 0)]);
    assert_eq!(figures.months[1].median_days, Some(16.0));
    let total = figures.totals.iter().find(|total| total.service == ServiceCode::Activation).unwrap();
    assert_eq!((total.received, total.kept, total.missed, total.running), (4, 1, 2, 1));
    let text = serde_json::to_string(&figures).unwrap();
    assert!(!text.contains("Siena") && !text.contains("Anna") && !text.contains('@'), "{text}");
    let outcome = activation::SlaOutcome::Kept;
    let cases = activation::sla_cases(house, "2026-11", ServiceCode::Activation, outcome).await.unwrap();
    assert_eq!(cases.iter().map(|case| case.comune.as_str()).collect::<Vec<_>>(), ["Siena"]);
    let text = serde_json::to_string(&cases).unwrap();
    assert!(!text.contains("Anna") && !text.contains('@'), "a reason is told to the comune alone: {text}");
}

async fn a_flood_of_requests_is_slowed_down(test: TestHouse) {
    let house = &test.house;
    found(&test).await;
    let comuni = ["I726", "D612", "F839", "H501", "F205", "L219"];
    let mut answers = Vec::new();
    for comune in comuni {
        let form = form(ServiceCode::Activation, comune, "a@b.example");
        answers.push(activation::submit_request(house, &form, &client(5)).await);
    }
    assert!(matches!(answers.pop(), Some(Err(Error::Throttled { seconds: 60 }))));
    assert!(answers.iter().all(Result::is_ok), "{answers:?}");
}
