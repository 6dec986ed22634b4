//! A signed-in person changes how they sign in: after proving who they are, never the last way, told to them and to the
//! log.

mod stage;

use baluardo_service::House;
use baluardo_service::identity::{self, NewSession, SignedIn};
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::*;
use stage::authenticator::{Authenticator, ORIGIN};
use stage::*;

story!(
    a_password_is_changed_by_who_knows_it_and_other_sessions_end,
    a_browser_left_open_changes_nothing_until_its_holder_is_proved,
    guessing_within_a_session_is_slowed_down_as_signing_in_is,
    a_new_second_factor_takes_the_place_of_the_old_one,
    passkeys_are_added_named_and_removed_but_never_the_last_way,
    a_password_is_added_to_a_passkey_and_taken_away_again,
    nobody_reaches_anothers_passkey,
);

const NEW: &str = "cinque gatti dormono tranquilli";

/// The first operator, with the app of their second factor.
async fn olga(test: &TestHouse) -> (NewSession, CodeApp) {
    let (_, link) = identity::found_consortium(&test.house, "Consorzio", OPERATOR, "Olga").await.unwrap();
    enter(&test.house, &secret_of(&link.unwrap().url)).await
}

/// Signs the operator in once more, with the code of half a minute later.
async fn again(test: &TestHouse, password: &str, app: &CodeApp) -> Result<NewSession, baluardo_service::Error> {
    test.clock.advance(MINUTE / 2);
    let now = app.code(test.house.now());
    identity::sign_in_password(&test.house, OPERATOR, password, &now, &client(1)).await
}

/// Whoever holds a session; nobody when it ended.
async fn holder(house: &House, session: &NewSession) -> Option<SignedIn> {
    identity::authenticate_session(house, &session.cookie_secret).await.unwrap()
}

async fn add_key(house: &House, me: &SignedIn, name: &str, id: &[u8]) -> Authenticator {
    let mut key = Authenticator::new(id);
    let start = identity::start_passkey_addition(house, me, name).await.unwrap();
    let answer = key.create(&start, ORIGIN);
    identity::finish_passkey_addition(house, me, &start.ceremony, answer).await.unwrap();
    key
}

async fn a_password_is_changed_by_who_knows_it_and_other_sessions_end(test: TestHouse) {
    let house = &test.house;
    let (other, app) = olga(&test).await;
    let mine = again(&test, PASSWORD, &app).await.unwrap();
    identity::request_link(house, OPERATOR, &client(1)).await.unwrap();
    let waiting = link_in(&mail_to(&test, OPERATOR).await.unwrap());
    let me = signed_in(house, &mine).await;
    let change = async |present: &str, new: &str| identity::change_password(house, &me, present, new).await;
    assert_eq!(code(change(PASSWORD, "corta").await), "password_short");
    assert_eq!(code(change(PASSWORD, PASSWORD).await), "password_same");
    assert_eq!(code(change("non la so davvero", NEW).await), "password_present_wrong");
    assert!(holder(house, &other).await.is_some(), "nothing has changed so far");

    change(PASSWORD, NEW).await.unwrap();
    assert!(holder(house, &other).await.is_none(), "who was signed in elsewhere is out");
    assert!(holder(house, &mine).await.is_some(), "who changed it stays");
    assert_eq!(code(identity::open_link(house, &waiting).await), "link_used", "a link that waited is closed");
    assert_eq!(code(again(&test, PASSWORD, &app).await), "signin_wrong");
    again(&test, NEW, &app).await.unwrap();
    let letter = mail_to(&test, OPERATOR).await.unwrap();
    assert!(letter.contains("la password è stata cambiata") && !letter.contains(NEW), "{letter}");
    let told = acts(house, &me.tenant).await;
    assert!(told.contains(&"credential.password_changed".to_owned()) && told.contains(&"proof.failed".to_owned()));
}

async fn a_browser_left_open_changes_nothing_until_its_holder_is_proved(test: TestHouse) {
    let house = &test.house;
    let (session, app) = olga(&test).await;
    let fresh = signed_in(house, &session).await;
    let mut key = add_key(house, &fresh, "telefono", b"the key of olga").await;
    let id = identity::list_credentials(house, &fresh).await.unwrap().passkeys.remove(0).id;
    test.clock.advance(MINUTE * 10);

    let me = signed_in(house, &session).await;
    let seen = identity::list_credentials(house, &me).await.unwrap();
    assert!(!seen.proved && seen.totp.is_none(), "no secret is shown");
    let now = app.code(house.now());
    let refused = [
        identity::change_password(house, &me, PASSWORD, NEW).await,
        identity::change_totp(house, &me, &now).await,
        identity::remove_password(house, &me).await,
        identity::rename_passkey(house, &me, &id, "altro").await,
        identity::remove_passkey(house, &me, &id).await,
        identity::start_passkey_addition(house, &me, "").await.map(drop),
        identity::finish_passkey_addition(house, &me, "x", serde_json::json!({})).await,
    ];
    for answer in refused {
        assert_eq!(code(answer), "proof_needed");
    }

    identity::prove_password(house, &me, PASSWORD, &now).await.unwrap();
    assert_eq!(code(identity::prove_password(house, &me, PASSWORD, &now).await), "proof_wrong", "a code works once");
    let me = signed_in(house, &session).await;
    identity::rename_passkey(house, &me, &id, "telefono di Olga").await.unwrap();

    test.clock.advance(MINUTE * 10);
    let me = signed_in(house, &session).await;
    let start = identity::start_passkey_proof(house, &me).await.unwrap();
    let phished = key.get(&start, "https://localhost.evil.example");
    assert_eq!(code(identity::finish_passkey_proof(house, &me, &start.ceremony, phished).await), "passkey_wrong");
    let start = identity::start_passkey_proof(house, &me).await.unwrap();
    let answer = key.get(&start, ORIGIN);
    identity::finish_passkey_proof(house, &me, &start.ceremony, answer.clone()).await.unwrap();
    let twice = identity::finish_passkey_proof(house, &me, &start.ceremony, answer).await;
    assert_eq!(code(twice), "ceremony_over");
    let me = signed_in(house, &session).await;
    assert!(identity::list_credentials(house, &me).await.unwrap().proved);
    test.clock.set(house.now().minus(HOUR));
    assert!(!identity::list_credentials(house, &me).await.unwrap().proved, "a proof from the future proves nothing");
}

async fn guessing_within_a_session_is_slowed_down_as_signing_in_is(test: TestHouse) {
    let house = &test.house;
    let (session, app) = olga(&test).await;
    let me = signed_in(house, &session).await;
    for _ in 0..3 {
        assert_eq!(code(identity::prove_password(house, &me, "una prova qualunque", "000000").await), "proof_wrong");
    }
    for _ in 0..2 {
        let wrong = identity::change_password(house, &me, "una prova qualunque", NEW).await;
        assert_eq!(code(wrong), "password_present_wrong");
    }
    assert_eq!(code(identity::prove_password(house, &me, PASSWORD, "000000").await), "throttled");
    assert_eq!(code(identity::change_password(house, &me, PASSWORD, NEW).await), "throttled");
    again(&test, PASSWORD, &app).await.unwrap();
}

async fn a_new_second_factor_takes_the_place_of_the_old_one(test: TestHouse) {
    let house = &test.house;
    let (other, app) = olga(&test).await;
    let mine = again(&test, PASSWORD, &app).await.unwrap();
    let me = signed_in(house, &mine).await;
    let shown = async || identity::list_credentials(house, &me).await.unwrap().totp.unwrap().secret;
    let secret = shown().await;
    assert_eq!(secret, shown().await, "the same on every copy of the page");
    let new = CodeApp::of(&secret);
    assert_eq!(
        code(identity::change_totp(house, &me, &app.code(house.now())).await),
        "code_wrong",
        "the old app's code"
    );
    identity::change_totp(house, &me, &new.code(house.now())).await.unwrap();
    assert_ne!(secret, shown().await, "the next one is another");
    assert!(holder(house, &other).await.is_none() && holder(house, &mine).await.is_some());
    assert_eq!(code(again(&test, PASSWORD, &app).await), "signin_wrong");
    again(&test, PASSWORD, &new).await.unwrap();
}

async fn passkeys_are_added_named_and_removed_but_never_the_last_way(test: TestHouse) {
    let house = &test.house;
    let (session, _) = olga(&test).await;
    let me = signed_in(house, &session).await;
    assert_eq!(code(identity::remove_password(house, &me).await), "last_way");
    assert_eq!(code(identity::remove_passkey(house, &me, "password").await), "not_found");
    assert_eq!(code(identity::start_passkey_addition(house, &me, &"x".repeat(61)).await), "too_long");
    let mut phone = add_key(house, &me, " telefono ", b"the phone of olga").await;
    let mut desk = add_key(house, &me, "", b"the desk of olga").await;
    let twin = Authenticator::new(b"the desk of olga")
        .create(&identity::start_passkey_addition(house, &me, "").await.unwrap(), ORIGIN);
    let start = identity::start_passkey_addition(house, &me, "").await.unwrap();
    assert_eq!(code(identity::finish_passkey_addition(house, &me, &start.ceremony, twin).await), "passkey_wrong");

    let seen = identity::list_credentials(house, &me).await.unwrap();
    let names: Vec<&str> = seen.passkeys.iter().map(|key| key.name.as_str()).collect();
    assert!(names.contains(&"telefono") && names.contains(&""), "{names:?}");
    let id = |name: &str| seen.passkeys.iter().find(|key| key.name == name).unwrap().id.clone();
    identity::rename_passkey(house, &me, &id(""), "ufficio").await.unwrap();
    assert_eq!(code(identity::rename_passkey(house, &me, &id(""), "  ").await), "required");

    let start = identity::start_passkey_sign_in(house, OPERATOR, &client(1)).await.unwrap();
    let answer = phone.get(&start, ORIGIN);
    let elsewhere = identity::finish_passkey_sign_in(house, &start.ceremony, answer, &client(1)).await.unwrap();
    let used = identity::list_credentials(house, &me).await.unwrap();
    let phone_row = used.passkeys.iter().find(|key| key.name == "telefono").unwrap();
    assert_eq!(phone_row.used_at, Some(house.now()));

    identity::remove_passkey(house, &me, &id("telefono")).await.unwrap();
    assert!(holder(house, &elsewhere).await.is_none(), "whoever came in with it is out");
    let start = identity::start_passkey_sign_in(house, OPERATOR, &client(1)).await.unwrap();
    let answer = phone.get(&start, ORIGIN);
    let lost = identity::finish_passkey_sign_in(house, &start.ceremony, answer, &client(1)).await;
    assert_eq!(code(lost), "passkey_wrong");
    identity::remove_password(house, &me).await.unwrap();
    assert_eq!(code(identity::remove_passkey(house, &me, &id("")).await), "last_way");
    let start = identity::start_passkey_sign_in(house, OPERATOR, &client(1)).await.unwrap();
    let answer = desk.get(&start, ORIGIN);
    identity::finish_passkey_sign_in(house, &start.ceremony, answer, &client(1)).await.unwrap();
}

async fn a_password_is_added_to_a_passkey_and_taken_away_again(test: TestHouse) {
    let house = &test.house;
    let (session, app) = olga(&test).await;
    let me = signed_in(house, &session).await;
    let now = app.code(house.now());
    assert_eq!(code(identity::add_password(house, &me, NEW, &now).await), "password_there");
    add_key(house, &me, "telefono", b"the key of olga").await;
    identity::remove_password(house, &me).await.unwrap();
    assert_eq!(code(identity::remove_password(house, &me).await), "password_none");
    assert_eq!(code(identity::change_password(house, &me, PASSWORD, NEW).await), "password_none");
    assert_eq!(code(identity::change_totp(house, &me, &now).await), "password_none");
    let seen = identity::list_credentials(house, &me).await.unwrap();
    assert!(seen.password.is_none() && !seen.several);
    let new = CodeApp::of(&seen.totp.unwrap().secret);
    identity::add_password(house, &me, NEW, &new.code(house.now())).await.unwrap();
    again(&test, NEW, &new).await.unwrap();
}

async fn nobody_reaches_anothers_passkey(test: TestHouse) {
    let house = &test.house;
    let (session, _) = olga(&test).await;
    let me = signed_in(house, &session).await;
    add_key(house, &me, "telefono", b"the key of olga").await;
    let id = identity::list_credentials(house, &me).await.unwrap().passkeys.remove(0).id;
    let rtd = activate(&test, &me.actor, "I726", "anna@comune.siena.it").await;
    assert_eq!(code(identity::rename_passkey(house, &rtd.signed, &id, "mia").await), "not_found");
    assert_eq!(code(identity::remove_passkey(house, &rtd.signed, &id).await), "not_found");
    assert_eq!(code(identity::start_passkey_proof(house, &rtd.signed).await), "passkey_none");
    let start = identity::start_passkey_addition(house, &me, "").await.unwrap();
    let stolen = Authenticator::new(b"the key of anna").create(&start, ORIGIN);
    let answer = identity::finish_passkey_addition(house, &rtd.signed, &start.ceremony, stolen).await;
    assert_eq!(code(answer), "passkey_wrong", "a challenge is for the person who asked");
    let passkeys = identity::list_credentials(house, &me).await.unwrap().passkeys;
    assert_eq!((passkeys.len(), passkeys[0].name.as_str()), (1, "telefono"));
}
