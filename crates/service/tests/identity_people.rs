//! Who may invite, disable and see whom; the switch of management; tokens.

mod stage;

use baluardo_model::PersonId;
use baluardo_model::identity::{Actor, Management, Role};
use baluardo_service::identity::{self, Invitation, NewToken, PersonState, SignedIn};
use baluardo_service::{House, fleet};
use baluardo_testkit::TestHouse;
use baluardo_testkit::people::*;
use stage::*;

story!(
    people_are_invited_into_the_roles_of_their_body,
    nobody_reaches_people_of_another_body,
    the_last_who_can_manage_people_stays,
    two_who_disable_each_other_at_once_do_not_both_succeed,
    whoever_is_disabled_is_out_at_once,
    disabling_a_person_ends_each_session_and_token_at_the_next_request,
    the_switch_hides_the_comune_from_the_consortium,
    the_patron_is_a_day_of_the_year,
    a_token_may_at_most_what_its_maker_may,
    a_revoked_or_expired_token_is_nobody,
);

fn invitation(email: &str, role: Role) -> Invitation {
    Invitation { email: email.to_owned(), name: "Nuova Persona".to_owned(), role, office: "Anagrafe".to_owned() }
}

/// The answer to an invitation.
async fn try_invite(
    house: &House,
    who: &SignedIn,
    email: &str,
    role: Role,
) -> Result<PersonId, baluardo_service::Error> {
    identity::invite_person(house, &who.actor, who.tenant.id, &invitation(email, role)).await
}

async fn both(test: &TestHouse) -> (Entered, Entered) {
    let operator = found(test).await;
    let rtd = activate(test, &operator.actor, "I726", "rtd@siena.example").await;
    (operator, rtd)
}

async fn people_are_invited_into_the_roles_of_their_body(test: TestHouse) {
    let house = &test.house;
    let (operator, rtd) = both(&test).await;
    let may = [
        (&operator, vec![Role::Operator, Role::Coordinator, Role::PoliceAnalyst, Role::Auditor]),
        (&rtd, vec![Role::Rtd, Role::Clerk, Role::Auditor]),
    ];
    for (who, roles) in may {
        for role in Role::ALL {
            let email = format!("{}@{}.example", role.code().replace('_', "-"), who.person.role.code());
            let answer = try_invite(house, who, &email, role).await;
            match answer {
                Ok(_) => assert!(roles.contains(&role), "{role:?}"),
                Err(refused) => assert_eq!((roles.contains(&role), refused.code()), (false, "role_not_here")),
            }
        }
    }
    let doubled = try_invite(house, &rtd, "CLERK@rtd.example", Role::Clerk);
    assert_eq!(code(doubled.await), "email_taken");
    let people = identity::list_people(house, &rtd.actor, rtd.tenant.id).await.unwrap();
    let clerk = people.iter().find(|person| person.role == Role::Clerk).unwrap();
    assert_eq!((clerk.state, clerk.office.as_deref()), (PersonState::Invited, Some("Anagrafe")));
    assert_eq!(people.iter().filter(|person| person.state == PersonState::Active).count(), 1);
    identity::resend_link(house, &rtd.actor, rtd.tenant.id, clerk.id).await.unwrap();
    let entered = enter(house, &link_in(&mail_to(&test, "clerk@rtd.example").await.unwrap())).await;
    let clerk = signed_in(house, &entered.0).await;
    let answer = try_invite(house, &clerk, "x@rtd.example", Role::Clerk);
    assert_eq!(code(answer.await), "forbidden", "a clerk invites nobody");
    assert_eq!(code(identity::list_people(house, &clerk.actor, clerk.tenant.id).await), "forbidden");
}

async fn nobody_reaches_people_of_another_body(test: TestHouse) {
    let house = &test.house;
    let (operator, rtd) = both(&test).await;
    let other = activate(&test, &operator.actor, "D612", "rtd@firenze.example").await;
    assert_eq!(code(identity::list_people(house, &other.actor, rtd.tenant.id).await), "not_found");
    assert_eq!(code(identity::disable_person(house, &other.actor, rtd.tenant.id, rtd.person.id).await), "not_found");
    assert_eq!(
        code(identity::disable_person(house, &other.actor, other.tenant.id, rtd.person.id).await),
        "not_found",
        "a person of another body is not found among the own ones"
    );
    assert_eq!(code(identity::resend_link(house, &other.actor, other.tenant.id, rtd.person.id).await), "not_found");
    assert_eq!(code(identity::sign_out_everywhere(house, &other.actor, rtd.person.id).await), "not_found");
    assert_eq!(code(identity::get_tenant(house, &other.actor, rtd.tenant.id).await), "not_found");
    assert_eq!(code(identity::list_tenants(house, &other.actor).await), "forbidden");
    assert_eq!(code(identity::list_people(house, &operator.actor, rtd.tenant.id).await), "forbidden");
    signed_in_still(house, &rtd).await;
}

async fn signed_in_still(house: &House, who: &SignedIn) {
    let people = identity::list_people(house, &Actor::Platform, who.tenant.id).await.unwrap();
    let person = people.iter().find(|person| person.id == who.person.id).unwrap();
    assert_eq!(person.state, PersonState::Active);
}

async fn the_last_who_can_manage_people_stays(test: TestHouse) {
    let house = &test.house;
    let (operator, rtd) = both(&test).await;
    for who in [&operator, &rtd] {
        let tenant = who.tenant.id;
        let alone = identity::disable_person(house, &who.actor, tenant, who.person.id).await;
        assert_eq!(code(alone), "last_manager");
        let email = format!("second@{}.example", who.person.role.code());
        let invited = try_invite(house, who, &email, who.person.role).await;
        let still_alone = identity::disable_person(house, &who.actor, tenant, who.person.id).await;
        assert_eq!(code(still_alone), "last_manager", "who was invited and did not enter cannot manage");
        enter(house, &link_in(&mail_to(&test, &email).await.unwrap())).await;
        identity::disable_person(house, &who.actor, tenant, who.person.id).await.unwrap();
        let last = identity::disable_person(house, &Actor::Platform, tenant, invited.unwrap()).await;
        assert_eq!(code(last), "last_manager", "not even the command line locks everybody out");
    }
}

async fn two_who_disable_each_other_at_once_do_not_both_succeed(test: TestHouse) {
    let house = &test.house;
    let operator = found(&test).await;
    let second = invite(&test, &operator.actor, operator.tenant.id, "due@consorzio.example", Role::Operator).await;
    let tenant = operator.tenant.id;
    let (one, two) = tokio::join!(
        identity::disable_person(house, &operator.actor, tenant, second.person.id),
        identity::disable_person(house, &second.actor, tenant, operator.person.id),
    );
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
    assert_eq!(code(if one.is_ok() { two } else { one }), "last_manager");
}

async fn whoever_is_disabled_is_out_at_once(test: TestHouse) {
    let house = &test.house;
    let (operator, rtd) = both(&test).await;
    let clerk = try_invite(house, &rtd, "c@siena.example", Role::Clerk).await.unwrap();
    let (session, app) = enter(house, &link_in(&mail_to(&test, "c@siena.example").await.unwrap())).await;
    identity::disable_person(house, &rtd.actor, rtd.tenant.id, clerk).await.unwrap();
    assert!(identity::authenticate_session(house, &session.cookie_secret).await.unwrap().is_none());
    test.clock.advance(MINUTE);
    let number = app.code(house.now());
    let again = identity::sign_in_password(house, "c@siena.example", PASSWORD, &number, &client(1)).await;
    assert_eq!(code(again), "signin_wrong");
    assert_eq!(code(identity::resend_link(house, &rtd.actor, rtd.tenant.id, clerk).await), "person_disabled");
    identity::enable_person(house, &rtd.actor, rtd.tenant.id, clerk).await.unwrap();
    identity::sign_in_password(house, "c@siena.example", PASSWORD, &number, &client(1)).await.unwrap();
    let log = acts(house, &rtd.tenant).await;
    assert!(log.contains(&"people.disable".to_owned()) && log.contains(&"people.enable".to_owned()));
    assert_eq!(acts(house, &operator.tenant).await.iter().filter(|act| act.starts_with("people.")).count(), 1);
}

async fn disabling_a_person_ends_each_session_and_token_at_the_next_request(test: TestHouse) {
    let house = &test.house;
    let (_, rtd) = both(&test).await;
    let second = invite(&test, &rtd.actor, rtd.tenant.id, "b@siena.example", Role::Rtd).await;
    let make = async |actor: &Actor| {
        let new = NewToken { name: "t".to_owned(), ..token(&rtd, None, &["findings.read"], 30) };
        identity::create_token(house, actor, &new).await.unwrap().secret
    };
    let (theirs, ours) = (make(&second.actor).await, make(&rtd.actor).await);
    identity::disable_person(house, &rtd.actor, rtd.tenant.id, second.person.id).await.unwrap();
    assert!(identity::authenticate_session(house, &second.browser.cookie_secret).await.unwrap().is_none());
    assert_eq!(identity::authenticate_token(house, &theirs).await.unwrap(), None);
    assert!(identity::authenticate_token(house, &ours).await.unwrap().is_some(), "the tokens of others stay");
    identity::enable_person(house, &rtd.actor, rtd.tenant.id, second.person.id).await.unwrap();
    assert_eq!(identity::authenticate_token(house, &theirs).await.unwrap(), None, "what was revoked stays so");
}

async fn the_switch_hides_the_comune_from_the_consortium(test: TestHouse) {
    let house = &test.house;
    let (operator, rtd) = both(&test).await;
    let siena = rtd.tenant.id;
    assert_eq!(rtd.tenant.management, Management::Central);
    let devices =
        |actor: Actor| async move { fleet::list_devices(house, &actor, siena, &fleet::DeviceFilter::default()).await };
    devices(operator.actor.clone()).await.unwrap();
    let not_theirs = identity::switch_management(house, &operator.actor, siena, Management::Local).await;
    assert_eq!(code(not_theirs), "forbidden", "the switch is the comune's own");
    identity::switch_management(house, &rtd.actor, siena, Management::Local).await.unwrap();
    assert_eq!(code(devices(operator.actor.clone()).await), "forbidden");
    devices(rtd.actor.clone()).await.unwrap();
    identity::get_tenant(house, &operator.actor, siena).await.unwrap();
    baluardo_service::audit::export_audit(house, &operator.actor, siena).await.unwrap();
    identity::switch_management(house, &rtd.actor, siena, Management::Local).await.unwrap();
    identity::switch_management(house, &rtd.actor, siena, Management::Central).await.unwrap();
    devices(operator.actor.clone()).await.unwrap();
    let switches = acts(house, &rtd.tenant).await.into_iter().filter(|act| act == "management.switch").count();
    assert_eq!(switches, 2, "a switch that does not move is no act");
    let of_consortium = identity::switch_management(house, &Actor::Platform, operator.tenant.id, Management::Central);
    assert_eq!(code(of_consortium.await), "not_a_comune");
}

async fn the_patron_is_a_day_of_the_year(test: TestHouse) {
    let house = &test.house;
    let operator = found(&test).await;
    let tenant = operator.tenant.id;
    assert_eq!(identity::patron(house, &operator.actor, tenant).await.unwrap(), None);
    assert_eq!(code(identity::set_patron(house, &operator.actor, tenant, Some((2, 30))).await), "patron_day");
    identity::set_patron(house, &operator.actor, tenant, Some((12, 7))).await.unwrap();
    let patron = identity::patron(house, &operator.actor, tenant).await.unwrap().unwrap();
    assert_eq!((patron.month(), patron.day()), (12, 7));
    identity::set_patron(house, &operator.actor, tenant, None).await.unwrap();
    assert_eq!(identity::patron(house, &operator.actor, tenant).await.unwrap(), None);
}

fn token(who: &SignedIn, role: Option<Role>, scopes: &[&str], days: u32) -> NewToken {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    NewToken { tenant: who.tenant.id, name: "Cruscotto".to_owned(), role, scopes, days }
}

async fn a_token_may_at_most_what_its_maker_may(test: TestHouse) {
    let house = &test.house;
    let (operator, rtd) = both(&test).await;
    let refused = [
        (token(&rtd, None, &[], 30), "scopes_empty"),
        (token(&rtd, None, &["findings.raed"], 30), "scope_unknown"),
        (token(&rtd, None, &["requests.decide"], 30), "scope_above"),
        (token(&rtd, None, &["agent.exchange"], 30), "scope_above"),
        (token(&rtd, Some(Role::Operator), &["overview.read"], 30), "role_not_here"),
        (token(&rtd, Some(Role::Clerk), &["findings.read"], 30), "scope_above"),
        (token(&rtd, None, &["findings.read"], 0), "days_range"),
        (token(&rtd, None, &["findings.read"], 366), "days_range"),
        (token(&operator, None, &["findings.read"], 30), "not_found"),
    ];
    for (new, why) in refused {
        assert_eq!(code(identity::create_token(house, &rtd.actor, &new).await), why, "{new:?}");
    }
    let new = token(&rtd, None, &["findings.read", "devices.read", "findings.read"], 30);
    let made = identity::create_token(house, &rtd.actor, &new).await.unwrap();
    let bearer = identity::authenticate_token(house, &made.secret).await.unwrap().unwrap();
    match &bearer {
        Actor::Token { id, tenant, role, scopes } => {
            assert_eq!((*id, *tenant, *role), (made.id, rtd.tenant.id, Role::Rtd));
            assert_eq!(scopes, &["devices.read", "findings.read"]);
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(code(identity::list_people(house, &bearer, rtd.tenant.id).await), "forbidden");
    let all = token(&rtd, None, &["tokens.write", "people.read"], 30);
    let keeper = identity::create_token(house, &rtd.actor, &all).await.unwrap();
    let keeper = identity::authenticate_token(house, &keeper.secret).await.unwrap().unwrap();
    identity::list_people(house, &keeper, rtd.tenant.id).await.unwrap();
    assert_eq!(code(identity::create_token(house, &keeper, &all).await), "forbidden", "a token makes no tokens");
}

async fn a_revoked_or_expired_token_is_nobody(test: TestHouse) {
    let house = &test.house;
    let operator = found(&test).await;
    let tenant = operator.tenant.id;
    let make = || async {
        identity::create_token(house, &Actor::Platform, &token(&operator, None, &["requests.read"], 2)).await
    };
    let (one, two) = (make().await.unwrap(), make().await.unwrap());
    assert!(identity::authenticate_token(house, &one.secret).await.unwrap().is_some());
    identity::revoke_token(house, &operator.actor, tenant, one.id).await.unwrap();
    identity::revoke_token(house, &operator.actor, tenant, one.id).await.unwrap();
    assert_eq!(identity::authenticate_token(house, &one.secret).await.unwrap(), None);
    test.clock.advance(2 * DAY);
    assert_eq!(identity::authenticate_token(house, &two.secret).await.unwrap(), None);
    assert_eq!(identity::authenticate_token(house, "baluardo_x").await.unwrap(), None);
    let listed = identity::list_tokens(house, &operator.actor, tenant).await.unwrap();
    assert!(listed.len() == 2 && listed.iter().all(|token| !token.works));
    let log = acts(house, &operator.tenant).await;
    assert_eq!(log.iter().filter(|act| *act == "tokens.revoke").count(), 1);
}
