//! Signing in with a password and a code, and how long a session lasts.

mod stage;

use baluardo_model::identity::{Actor, Role};
use baluardo_service::identity::{self, NewSession};
use baluardo_service::{Error, House, audit, outbox};
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::*;
use stage::*;

story!(
    a_code_works_once,
    whatever_is_wrong_gets_the_same_answer,
    guessing_gets_slower_and_an_honest_sign_in_forgives,
    guesses_made_at_once_are_counted_one_by_one,
    one_network_that_tries_many_addresses_is_slowed_down,
    asking_for_a_link_tells_nobody_who_is_known,
    a_session_ends_when_it_rests_and_when_it_is_old,
    a_session_of_a_future_that_never_came_is_nobodys,
    signing_out_ends_one_session_or_all,
    what_has_ended_is_swept_away,
);

async fn operator(test: &TestHouse) -> CodeApp {
    let (_, link) = identity::found_consortium(&test.house, "Consorzio", OPERATOR, "Olga").await.unwrap();
    enter(&test.house, &secret_of(&link.unwrap().url)).await.1
}

async fn sign_in(house: &House, app: &CodeApp) -> Result<NewSession, Error> {
    identity::sign_in_password(house, OPERATOR, PASSWORD, &app.code(house.now()), &client(1)).await
}

async fn a_code_works_once(test: TestHouse) {
    let house = &test.house;
    let app = operator(&test).await;
    assert_eq!(code(sign_in(house, &app).await), "signin_wrong", "the code of the setup was used there");
    test.clock.advance(MINUTE / 2);
    sign_in(house, &app).await.unwrap();
    assert_eq!(code(sign_in(house, &app).await), "signin_wrong");
    test.clock.advance(MINUTE / 2);
    let before = house.now().minus(MINUTE / 2);
    let late = app.code(before);
    let replay = identity::sign_in_password(house, OPERATOR, PASSWORD, &late, &client(1)).await;
    assert_eq!(code(replay), "signin_wrong", "an earlier step than the last one is over");
    sign_in(house, &app).await.unwrap();
}

async fn whatever_is_wrong_gets_the_same_answer(test: TestHouse) {
    let house = &test.house;
    let app = operator(&test).await;
    let olga = found_again(house).await;
    let person = invite(
        &test,
        &olga,
        identity::first_consortium(house).await.unwrap().id,
        "eva@consorzio.example",
        Role::Auditor,
    )
    .await;
    identity::disable_person(house, &olga, person.tenant.id, person.person.id).await.unwrap();
    test.clock.advance(MINUTE);
    let right = app.code(house.now());
    for (email, password, number) in [
        ("nessuno@consorzio.example", PASSWORD, right.as_str()),
        ("no address at all", PASSWORD, right.as_str()),
        ("eva@consorzio.example", PASSWORD, right.as_str()),
        (OPERATOR, "un'altra password lunga", right.as_str()),
        (OPERATOR, PASSWORD, "000000"),
        (OPERATOR, "", ""),
    ] {
        let refused = identity::sign_in_password(house, email, password, number, &client(1)).await.unwrap_err();
        assert!(
            matches!(&refused, Error::Invalid { field: "password", code: "signin_wrong", .. }),
            "{email}: {refused:?}"
        );
    }
    let log = audit::export_audit(house, &Actor::Platform, person.tenant.id).await.unwrap();
    let failed: Vec<_> = log.iter().filter(|line| line.entry.act == "signin.failed").collect();
    assert_eq!(failed.len(), 3, "only tries at somebody known are logged, with that person");
    assert!(log.iter().all(|line| !line.entry.detail.contains(PASSWORD) && !line.entry.detail.contains(&right)));
}

/// The operator as an actor, without a new sign-in.
async fn found_again(house: &House) -> Actor {
    let tenant = identity::first_consortium(house).await.unwrap().id;
    let olga = identity::list_people(house, &Actor::Platform, tenant).await.unwrap().remove(0);
    Actor::Person { id: olga.id, tenant, role: olga.role, name: olga.name }
}

async fn guessing_gets_slower_and_an_honest_sign_in_forgives(test: TestHouse) {
    let house = &test.house;
    let app = operator(&test).await;
    let guesser = client(9);
    let guess = || identity::sign_in_password(house, OPERATOR, "una password sbagliata", "000000", &guesser);
    test.clock.advance(MINUTE);
    for _ in 0..5 {
        assert_eq!(code(guess().await), "signin_wrong");
    }
    assert!(matches!(guess().await, Err(Error::Throttled { seconds: 4 })));
    assert!(matches!(sign_in(house, &app).await, Err(Error::Throttled { .. })), "the right one waits as well");
    test.clock.advance(MINUTE / 15);
    assert_eq!(code(guess().await), "signin_wrong");
    assert!(matches!(guess().await, Err(Error::Throttled { seconds: 8 })));
    test.clock.advance(MINUTE / 6);
    sign_in(house, &app).await.unwrap();
    for _ in 0..5 {
        assert_eq!(code(guess().await), "signin_wrong", "after an honest sign-in all is forgiven");
    }
    assert!(matches!(guess().await, Err(Error::Throttled { seconds: 4 })));
    test.clock.advance(DAY);
    assert_eq!(code(guess().await), "signin_wrong");
}

async fn guesses_made_at_once_are_counted_one_by_one(test: TestHouse) {
    operator(&test).await;
    let mut guesses = tokio::task::JoinSet::new();
    for n in 0..20_u32 {
        let house = std::sync::Arc::clone(&test.house);
        guesses.spawn(async move {
            let password = format!("una password sbagliata {n}");
            identity::sign_in_password(&house, OPERATOR, &password, "000000", &client(1)).await.unwrap_err().code()
        });
    }
    let answers = guesses.join_all().await;
    assert_eq!(answers.iter().filter(|code| **code == "signin_wrong").count(), 5, "{answers:?}");
    assert_eq!(answers.iter().filter(|code| **code == "throttled").count(), 15, "{answers:?}");
}

async fn one_network_that_tries_many_addresses_is_slowed_down(test: TestHouse) {
    let house = &test.house;
    operator(&test).await;
    let mut answers = Vec::new();
    for n in 0..31 {
        let email = format!("persona{n}@comune.example");
        answers.push(code(identity::sign_in_password(house, &email, "una password qualunque", "", &client(7)).await));
    }
    assert_eq!(answers.pop(), Some("throttled"));
    assert!(answers.iter().all(|code| *code == "signin_wrong"));
    let elsewhere = identity::sign_in_password(house, "a@comune.example", "x", "", &client(8)).await;
    assert_eq!(code(elsewhere), "signin_wrong");
}

async fn asking_for_a_link_tells_nobody_who_is_known(test: TestHouse) {
    let house = &test.house;
    operator(&test).await;
    for address in [OPERATOR, "nessuno@consorzio.example"] {
        for _ in 0..3 {
            identity::request_link(house, address, &client(3)).await.unwrap();
        }
        let fourth = identity::request_link(house, address, &client(3)).await;
        assert!(matches!(fourth, Err(Error::Throttled { seconds: 60 })), "{address}: {fourth:?}");
    }
    outbox::deliver_due_mail(house, None).await.unwrap();
    let mails = outbox::list_local_mail(house).await.unwrap();
    assert_eq!(mails.len(), 3);
    assert!(mails.iter().all(|mail| mail.to == OPERATOR));
    assert_eq!(code(identity::request_link(house, "niente", &client(3)).await), "email_invalid");
}

async fn a_session_ends_when_it_rests_and_when_it_is_old(test: TestHouse) {
    let house = &test.house;
    let app = operator(&test).await;
    test.clock.advance(MINUTE);
    let rested = sign_in(house, &app).await.unwrap();
    test.clock.advance(12 * HOUR);
    assert!(identity::authenticate_session(house, &rested.cookie_secret).await.unwrap().is_none());

    let used = sign_in(house, &app).await.unwrap();
    assert_eq!(used.max_age, 7 * DAY);
    for _ in 0..15 {
        test.clock.advance(11 * HOUR);
        signed_in(house, &used).await;
    }
    test.clock.advance(3 * HOUR);
    assert!(identity::authenticate_session(house, &used.cookie_secret).await.unwrap().is_none(), "7 days are over");
    assert!(identity::authenticate_session(house, "no such cookie").await.unwrap().is_none());
}

async fn a_session_of_a_future_that_never_came_is_nobodys(test: TestHouse) {
    let house = &test.house;
    let app = operator(&test).await;
    test.clock.advance(MINUTE);
    let right = house.now();
    let good = sign_in(house, &app).await.unwrap();
    test.clock.advance(2 * 365 * DAY);
    let wrong = sign_in(house, &app).await.unwrap();
    assert!(identity::authenticate_session(house, &good.cookie_secret).await.unwrap().is_none());
    signed_in(house, &wrong).await;
    test.clock.set(right);
    assert!(identity::authenticate_session(house, &wrong.cookie_secret).await.unwrap().is_none(), "or for two years");
    // A clock that is put right by minutes signs nobody out.
    signed_in(house, &good).await;
    test.clock.set(right.minus(HOUR));
    signed_in(house, &good).await;
}

async fn signing_out_ends_one_session_or_all(test: TestHouse) {
    let house = &test.house;
    let app = operator(&test).await;
    let mut sessions = Vec::new();
    for _ in 0..3 {
        test.clock.advance(MINUTE);
        sessions.push(sign_in(house, &app).await.unwrap());
    }
    let me = signed_in(house, &sessions[2]).await;
    identity::sign_out(house, &sessions[0].cookie_secret).await.unwrap();
    identity::sign_out(house, &sessions[0].cookie_secret).await.unwrap();
    assert!(identity::authenticate_session(house, &sessions[0].cookie_secret).await.unwrap().is_none());
    signed_in(house, &sessions[1]).await;
    let ended = identity::sign_out_everywhere(house, &me.actor, me.person.id).await.unwrap();
    assert_eq!(ended, 3, "the two of now and the one of the setup");
    for session in &sessions {
        assert!(identity::authenticate_session(house, &session.cookie_secret).await.unwrap().is_none());
    }
}

async fn what_has_ended_is_swept_away(test: TestHouse) {
    let house = &test.house;
    let app = operator(&test).await;
    assert_eq!(code(identity::sign_in_password(house, "x@y.example", "z", "", &client(1)).await), "signin_wrong");
    test.clock.advance(MINUTE);
    let session = sign_in(house, &app).await.unwrap();
    let now = identity::sweep(house).await.unwrap();
    assert_eq!((now.links, now.sessions, now.ceremonies, now.tries), (0, 0, 0, 0), "nothing has ended long ago");
    signed_in(house, &session).await;
    test.clock.advance(100 * DAY);
    let later = identity::sweep(house).await.unwrap();
    assert_eq!((later.links, later.sessions), (1, 2));
    assert!(later.tries >= 2, "{later:?}");
}
