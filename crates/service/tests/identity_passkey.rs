//! Passkeys: made by a link, used to sign in, refused where they should be.

mod stage;

use baluardo_service::identity::{self, PasskeyStart};
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::*;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde_json::json;
use stage::authenticator::{Authenticator, ORIGIN};
use stage::*;

story!(
    a_passkey_is_set_by_a_link_and_signs_in,
    an_answer_works_once_and_only_for_its_challenge,
    a_passkey_of_elsewhere_is_refused,
    an_unknown_address_gets_a_challenge_too,
);

async fn first_link(test: &TestHouse) -> String {
    let (_, link) = identity::found_consortium(&test.house, "Consorzio", OPERATOR, "Olga").await.unwrap();
    secret_of(&link.unwrap().url)
}

/// An operator with one passkey.
async fn operator_with_key(test: &TestHouse) -> Authenticator {
    let mut key = Authenticator::new(b"the key of olga");
    let link = first_link(test).await;
    let start = identity::start_passkey_setup(&test.house, &link).await.unwrap();
    let answer = key.create(&start, ORIGIN);
    identity::finish_passkey_setup(&test.house, &link, &start.ceremony, answer).await.unwrap();
    key
}

async fn a_passkey_is_set_by_a_link_and_signs_in(test: TestHouse) {
    let house = &test.house;
    let mut key = Authenticator::new(b"the key of olga");
    let link = first_link(&test).await;
    let start = identity::start_passkey_setup(house, &link).await.unwrap();
    identity::open_link(house, &link).await.unwrap();
    let answer = key.create(&start, ORIGIN);
    let session = identity::finish_passkey_setup(house, &link, &start.ceremony, answer).await.unwrap();
    assert_eq!(signed_in(house, &session).await.person.email, OPERATOR);
    assert_eq!(code(identity::open_link(house, &link).await), "link_used");

    let start = identity::start_passkey_sign_in(house, " Olga@consorzio.example", &client(1)).await.unwrap();
    assert_eq!(start.options["publicKey"]["allowCredentials"][0]["id"], BASE64.encode(b"the key of olga"));
    let answer = key.get(&start, ORIGIN);
    let session = identity::finish_passkey_sign_in(house, &start.ceremony, answer, &client(1)).await.unwrap();
    let olga = signed_in(house, &session).await;
    assert_eq!(acts(house, &olga.tenant).await.last().map(String::as_str), Some("signin.ok"));
    let listed = identity::list_people(house, &olga.actor, olga.tenant.id).await.unwrap();
    assert_eq!((listed[0].passkeys, listed[0].has_password), (1, false));

    key.counter = 0;
    let start = identity::start_passkey_sign_in(house, OPERATOR, &client(1)).await.unwrap();
    let copied = key.get(&start, ORIGIN);
    let answer = identity::finish_passkey_sign_in(house, &start.ceremony, copied, &client(1)).await;
    assert_eq!(code(answer), "passkey_wrong", "a counter that went back shows a copied key");
}

async fn an_answer_works_once_and_only_for_its_challenge(test: TestHouse) {
    let house = &test.house;
    let mut key = operator_with_key(&test).await;
    let start = identity::start_passkey_sign_in(house, OPERATOR, &client(1)).await.unwrap();
    let answer = key.get(&start, ORIGIN);
    identity::finish_passkey_sign_in(house, &start.ceremony, answer.clone(), &client(1)).await.unwrap();
    let replay = identity::finish_passkey_sign_in(house, &start.ceremony, answer.clone(), &client(1)).await;
    assert_eq!(code(replay), "ceremony_over");

    let other = identity::start_passkey_sign_in(house, OPERATOR, &client(1)).await.unwrap();
    let replay = identity::finish_passkey_sign_in(house, &other.ceremony, answer, &client(1)).await;
    assert_eq!(code(replay), "passkey_wrong");

    let late = identity::start_passkey_sign_in(house, OPERATOR, &client(1)).await.unwrap();
    let answer = key.get(&late, ORIGIN);
    test.clock.advance(5 * MINUTE);
    let answer = identity::finish_passkey_sign_in(house, &late.ceremony, answer, &client(1)).await;
    assert_eq!(code(answer), "ceremony_over");

    let unread = identity::start_passkey_sign_in(house, OPERATOR, &client(1)).await.unwrap();
    let nonsense = identity::finish_passkey_sign_in(house, &unread.ceremony, json!({ "id": 7 }), &client(1)).await;
    assert_eq!(code(nonsense), "passkey_unreadable");
}

async fn a_passkey_of_elsewhere_is_refused(test: TestHouse) {
    let house = &test.house;
    let mut key = operator_with_key(&test).await;
    let start = identity::start_passkey_sign_in(house, OPERATOR, &client(1)).await.unwrap();
    let phished = key.get(&start, "https://localhost.evil.example");
    let answer = identity::finish_passkey_sign_in(house, &start.ceremony, phished, &client(1)).await;
    assert_eq!(code(answer), "passkey_wrong");

    let mut stranger = Authenticator::new(b"the key of olga");
    let start = identity::start_passkey_sign_in(house, OPERATOR, &client(1)).await.unwrap();
    let forged = stranger.get(&start, ORIGIN);
    let answer = identity::finish_passkey_sign_in(house, &start.ceremony, forged, &client(1)).await;
    assert_eq!(code(answer), "passkey_wrong");

    identity::request_link(house, OPERATOR, &client(1)).await.unwrap();
    let link = link_in(&mail_to(&test, OPERATOR).await.unwrap());
    let start = identity::start_passkey_setup(house, &link).await.unwrap();
    let twin = Authenticator::new(b"the key of olga").create(&start, ORIGIN);
    let answer = identity::finish_passkey_setup(house, &link, &start.ceremony, twin).await;
    assert!(["passkey_taken", "passkey_wrong"].contains(&code(answer)), "one passkey is one person's");
    identity::open_link(house, &link).await.unwrap();
}

async fn an_unknown_address_gets_a_challenge_too(test: TestHouse) {
    let house = &test.house;
    let mut key = operator_with_key(&test).await;
    let known = identity::start_passkey_sign_in(house, OPERATOR, &client(1)).await.unwrap();
    let one = identity::start_passkey_sign_in(house, "nessuno@consorzio.example", &client(1)).await.unwrap();
    let two = identity::start_passkey_sign_in(house, "nessuno@consorzio.example", &client(1)).await.unwrap();
    let shape = |start: &PasskeyStart| {
        let options = start.options["publicKey"].as_object().unwrap();
        (options.keys().cloned().collect::<Vec<_>>(), options["allowCredentials"].as_array().unwrap().len())
    };
    assert_eq!(shape(&known), shape(&one));
    let id = |start: &PasskeyStart| start.options["publicKey"]["allowCredentials"][0]["id"].clone();
    assert_eq!(id(&one), id(&two), "an unknown address seems to have the same passkey each time");
    let fields = |start: &PasskeyStart| {
        start.options["publicKey"]["allowCredentials"][0].as_object().unwrap().keys().cloned().collect::<Vec<_>>()
    };
    assert_eq!(fields(&known), fields(&one));
    let answer = key.get(&one, ORIGIN);
    let answer = identity::finish_passkey_sign_in(house, &one.ceremony, answer, &client(1)).await;
    assert_eq!(code(answer), "ceremony_over");
}
