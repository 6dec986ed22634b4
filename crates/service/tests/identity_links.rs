//! One-time links: who gets one, and how often it works.

mod stage;

use baluardo_model::Timestamp;
use baluardo_model::identity::Actor;
use baluardo_service::{audit, identity};
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::*;
use stage::*;

story!(
    the_first_operator_enters_by_the_link,
    founding_again_makes_nothing_new,
    looking_at_a_link_does_not_use_it_up,
    a_used_an_expired_and_a_foreign_link_are_refused_and_recorded,
    of_two_who_use_a_link_at_once_one_enters,
    a_weak_password_or_a_wrong_code_leaves_the_link_good,
    a_new_credential_ends_what_was_open_under_the_old_one,
);

async fn the_first_operator_enters_by_the_link(test: TestHouse) {
    let house = &test.house;
    let (tenant, link) = identity::found_consortium(house, " Consorzio ", OPERATOR, "Olga Neri").await.unwrap();
    assert_eq!(tenant.name, "Consorzio");
    let link = link.unwrap();
    assert!(link.url.starts_with("https://localhost:8443/link/"));
    assert_eq!(link.expires_at, house.now().plus(7 * DAY));
    let secret = secret_of(&link.url);
    let landing = identity::open_link(house, &secret).await.unwrap();
    assert_eq!((landing.email.as_str(), landing.tenant.as_str()), (OPERATOR, "Consorzio"));
    assert!(landing.passkeys);
    let (session, _) = enter(house, &secret).await;
    let signed = signed_in(house, &session).await;
    assert_eq!(signed.tenant, tenant);
    assert_eq!(signed.csrf, session.csrf);
    assert!(matches!(signed.actor, Actor::Person { .. }));
    assert_eq!(acts(house, &tenant).await, ["consortium.found", "people.invite", "credential.set", "signin.ok"]);
}

async fn founding_again_makes_nothing_new(test: TestHouse) {
    let house = &test.house;
    let (first, one) = identity::found_consortium(house, "Consorzio", OPERATOR, "Olga").await.unwrap();
    let (again, two) = identity::found_consortium(house, "Altro", "altro@altro.example", "Altra").await.unwrap();
    assert_eq!(first, again);
    assert_ne!(one.unwrap().url, two.clone().unwrap().url, "the operator who did not enter yet gets a fresh link");
    enter(house, &secret_of(&two.unwrap().url)).await;
    let (_, none) = identity::found_consortium(house, "Consorzio", OPERATOR, "Olga").await.unwrap();
    assert_eq!(none, None);
    assert_eq!(code(identity::found_consortium(&TestHouse::in_memory().await.house, "", "x", "y").await), "required");
}

async fn looking_at_a_link_does_not_use_it_up(test: TestHouse) {
    let house = &test.house;
    let (_, link) = identity::found_consortium(house, "Consorzio", OPERATOR, "Olga").await.unwrap();
    let secret = secret_of(&link.unwrap().url);
    let first = identity::open_link(house, &secret).await.unwrap();
    let second = identity::open_link(house, &secret).await.unwrap();
    assert_eq!(first, second, "the page shows the same secret for the app each time");
    enter(house, &secret).await;
}

async fn a_used_an_expired_and_a_foreign_link_are_refused_and_recorded(test: TestHouse) {
    let house = &test.house;
    let (tenant, link) = identity::found_consortium(house, "Consorzio", OPERATOR, "Olga").await.unwrap();
    let used = secret_of(&link.unwrap().url);
    let (_, link) = identity::found_consortium(house, "Consorzio", OPERATOR, "Olga").await.unwrap();
    let other = secret_of(&link.unwrap().url);
    enter(house, &used).await;
    assert_eq!(code(identity::open_link(house, &used).await), "link_used");
    assert_eq!(code(identity::complete_setup_password(house, &used, PASSWORD, "000000").await), "link_used");
    assert_eq!(code(identity::open_link(house, &other).await), "link_used", "the first use closes the others");
    assert_eq!(code(identity::open_link(house, "not-a-link-of-ours").await), "not_found");
    assert_eq!(code(identity::complete_setup_password(house, "x", PASSWORD, "000000").await), "not_found");

    identity::request_link(house, OPERATOR, &client(1)).await.unwrap();
    let asked = link_in(&mail_to(&test, OPERATOR).await.unwrap());
    test.clock.advance(DAY - MINUTE);
    identity::open_link(house, &asked).await.unwrap();
    test.clock.advance(MINUTE);
    assert_eq!(code(identity::open_link(house, &asked).await), "link_expired");
    assert_eq!(code(identity::start_passkey_setup(house, &asked).await), "link_expired");

    let log = audit::export_audit(house, &Actor::Platform, tenant.id).await.unwrap();
    let refused: Vec<&str> =
        log.iter().filter(|line| line.entry.act == "link.refused").map(|line| line.entry.detail.as_str()).collect();
    assert_eq!(refused, ["link_used", "link_expired"]);
}

async fn of_two_who_use_a_link_at_once_one_enters(test: TestHouse) {
    let house = &test.house;
    let (_, link) = identity::found_consortium(house, "Consorzio", OPERATOR, "Olga").await.unwrap();
    let secret = secret_of(&link.unwrap().url);
    let landing = identity::open_link(house, &secret).await.unwrap();
    let number = CodeApp::of(&landing.totp.secret).code(house.now());
    let use_it = || identity::complete_setup_password(house, &secret, PASSWORD, &number);
    let (one, two) = tokio::join!(use_it(), use_it());
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert_eq!(code(if one.is_ok() { two } else { one }), "link_used");
}

async fn a_weak_password_or_a_wrong_code_leaves_the_link_good(test: TestHouse) {
    let house = &test.house;
    let (_, link) = identity::found_consortium(house, "Consorzio", OPERATOR, "Olga").await.unwrap();
    let secret = secret_of(&link.unwrap().url);
    let landing = identity::open_link(house, &secret).await.unwrap();
    let app = CodeApp::of(&landing.totp.secret);
    let right = app.code(house.now());
    let long_ago = app.code(Timestamp::from_micros(0));
    assert_eq!(code(identity::complete_setup_password(house, &secret, "corta", &right).await), "password_short");
    assert_eq!(code(identity::complete_setup_password(house, &secret, PASSWORD, &long_ago).await), "code_wrong");
    assert_eq!(code(identity::complete_setup_password(house, &secret, PASSWORD, "").await), "code_wrong");
    identity::complete_setup_password(house, &secret, PASSWORD, &right).await.unwrap();
}

async fn a_new_credential_ends_what_was_open_under_the_old_one(test: TestHouse) {
    let house = &test.house;
    let (_, link) = identity::found_consortium(house, "Consorzio", OPERATOR, "Olga").await.unwrap();
    let (old, old_app) = enter(house, &secret_of(&link.unwrap().url)).await;
    identity::request_link(house, OPERATOR, &client(1)).await.unwrap();
    signed_in(house, &old).await;
    let (new, new_app) = enter(house, &link_in(&mail_to(&test, OPERATOR).await.unwrap())).await;
    assert!(identity::authenticate_session(house, &old.cookie_secret).await.unwrap().is_none());
    signed_in(house, &new).await;
    test.clock.advance(MINUTE);
    let try_app = |app: &CodeApp| {
        let number = app.code(house.now());
        async move { identity::sign_in_password(house, OPERATOR, PASSWORD, &number, &client(1)).await }
    };
    assert_eq!(code(try_app(&old_app).await), "signin_wrong", "the old app makes no codes any more");
    try_app(&new_app).await.unwrap();
}
