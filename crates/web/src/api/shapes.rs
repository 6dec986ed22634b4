//! What values of the floors below look like in JSON, for the OpenAPI document alone: those floors know no faces. A test
//! holds each shape to the real thing.

mod policy;

pub use policy::{IntrusionPolicy, MailPolicy, PackRef, Policy, PolicyChange};

use serde_json::Value;
use utoipa::ToSchema;

/// A fresh enrolment token: the line is shown once and kept nowhere.
#[derive(Debug, ToSchema)]
pub struct EnrolTicket {
    /// Its id, to withdraw it.
    pub id: String,
    /// The line to paste on the computer.
    pub line: String,
    /// When it ends.
    #[schema(format = DateTime)]
    pub expires_at: String,
}

/// How often something was refused at the agents' door.
#[derive(Debug, ToSchema)]
pub struct Refusal {
    /// The stable code of the refusal: `wire.too_large`, `device.revoked`, `door.handshake` and the like.
    pub code: String,
    /// How often.
    pub count: u64,
    /// When last.
    #[schema(format = DateTime)]
    pub last_at: String,
    /// What was said the last time; may hold foreign text.
    pub last_detail: String,
}

/// A token for this API, without its secret.
#[derive(Debug, ToSchema)]
pub struct Token {
    /// Which.
    pub id: String,
    /// What its maker calls it.
    pub name: String,
    /// The role that it acts as.
    pub role: String,
    /// What it may do.
    pub scopes: Vec<String>,
    /// Since when.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// Until when.
    #[schema(format = DateTime)]
    pub expires_at: String,
    /// When it was revoked.
    #[schema(format = DateTime)]
    pub revoked_at: Option<String>,
    /// When it was last used, to the minute.
    #[schema(format = DateTime)]
    pub used_at: Option<String>,
    /// Whether it works now.
    pub works: bool,
}

/// A line of the audit log with its digests.
#[derive(Debug, ToSchema)]
pub struct AuditLine {
    /// Its place, from 1, without gaps.
    pub seq: u64,
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// `person`, `token`, `device`, `platform` or `public`.
    pub actor_kind: String,
    /// Id of the actor; empty for platform and public.
    pub actor: String,
    /// Name of the actor at that time.
    pub actor_name: String,
    /// Role of the actor at that time; empty where there is none.
    pub actor_role: String,
    /// Tenant of the actor.
    pub actor_tenant: String,
    /// What was done, by the stable word of the act.
    pub act: String,
    /// On what: a kind and an id.
    pub target: String,
    /// What a reader needs to know of it.
    pub detail: String,
    /// Digest of the line before; empty for the first.
    pub previous: String,
    /// SHA-256 over the digest before, the number and every field, each with its length before it.
    pub digest: String,
}

/// Why a verdict fell.
#[derive(Debug, ToSchema)]
pub struct Reason {
    /// Which engine: `sha256`, `eicar`, `yara`, `guard`.
    pub engine: String,
    /// The rule, indicator or signal that fired.
    pub rule: String,
    /// What it saw, in words for a technician; foreign text.
    pub detail: String,
}

/// What a person said of a file that was found.
#[derive(Debug, ToSchema)]
pub struct Label {
    /// SHA-256 of the content.
    pub sha256: String,
    /// `harmful` or `harmless`.
    pub judgement: String,
    /// The finding that it was said of.
    pub finding: String,
    /// What had been found, by its stable word.
    pub kind: String,
    /// Why the verdict had fallen.
    pub reasons: Vec<Reason>,
    /// What the person wrote; empty when nothing.
    pub note: String,
    /// Who said so.
    pub decided_by: String,
    /// When.
    #[schema(format = DateTime)]
    pub decided_at: String,
}

/// A step of a finding's story.
#[derive(Debug, ToSchema)]
pub struct Step {
    /// When.
    #[schema(format = DateTime)]
    pub at: String,
    /// What, by its stable word.
    pub kind: String,
    /// File, process or error; foreign text.
    pub detail: String,
    /// How many files this step concerns; 0 where that means nothing.
    pub files: u64,
}

/// Where an order can be followed: it stands among the orders of its device.
#[derive(Debug, ToSchema)]
pub struct OrderReference {
    /// The order's id.
    pub order: String,
}

/// What was made, to ask for it later.
#[derive(Debug, ToSchema)]
pub struct Reference {
    /// Its id.
    pub id: String,
}

/// Why an act did not happen (RFC 9457, `application/problem+json`).
#[derive(Debug, ToSchema)]
pub struct Problem {
    /// Always `about:blank`: the code says more.
    pub r#type: String,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// A stable code for programs.
    pub code: String,
    /// What is wrong and what to do, in English.
    pub detail: String,
    /// The field that is wrong, where one is; the first, where several are.
    pub field: Option<String>,
    /// Every field that is wrong, in the order of the form.
    #[schema(required = false)]
    pub errors: Vec<WrongField>,
}

/// A field that is wrong.
#[derive(Debug, ToSchema)]
pub struct WrongField {
    /// Its name.
    pub field: String,
    /// A stable code for programs.
    pub code: String,
    /// What is wrong and what to do, in English.
    pub detail: String,
}

/// A passkey of the person who asks.
#[derive(Debug, ToSchema)]
pub struct Passkey {
    /// Which.
    pub id: String,
    /// What its owner calls it; empty when they never said.
    pub name: String,
    /// When it was made.
    #[schema(format = DateTime)]
    pub created_at: String,
    /// When it last worked.
    #[schema(format = DateTime)]
    pub used_at: Option<String>,
}

/// The password of the person who asks.
#[derive(Debug, ToSchema)]
pub struct Password {
    /// Since when it is this one.
    #[schema(format = DateTime)]
    pub set_at: String,
    /// Since when the second factor is this one.
    #[schema(format = DateTime)]
    pub totp_set_at: String,
    /// When the two last worked.
    #[schema(format = DateTime)]
    pub used_at: Option<String>,
}

/// How a person signs in.
#[derive(Debug, ToSchema)]
pub struct Credentials {
    /// Their passkeys, the oldest first.
    pub passkeys: Vec<Passkey>,
    /// Their password with its second factor.
    pub password: Option<Password>,
    /// Whether one way to sign in may be removed, because another remains.
    pub several: bool,
    /// Whether they confirmed who they are within the last ten minutes.
    pub proved: bool,
    /// Whether passkeys can be used at the address of this console.
    pub passkeys_possible: bool,
}

/// Any JSON: what browsers and authenticators say to each other (Web Authentication).
#[derive(Debug, ToSchema)]
#[schema(value_type = Object)]
pub struct Ceremony(pub Value);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::ApiError;
    use crate::pages::rows::order_reference;
    use axum::response::IntoResponse as _;
    use baluardo_model::Timestamp;
    use baluardo_model::identity::Role;
    use baluardo_model::protection::StepKind;
    use baluardo_service::Error;
    use baluardo_service::audit::{AuditEntry, AuditLine as RealLine};
    use baluardo_service::fleet::{EnrolTicket as RealTicket, PolicyChange as RealChange, RefusalRow};
    use baluardo_service::identity::{MyCredentials, PasskeyView, PasswordView, TokenView};
    use serde::Serialize;
    use std::collections::BTreeSet;

    /// The names of the fields in the JSON of a value.
    fn fields(value: impl Serialize) -> BTreeSet<String> {
        let json = serde_json::to_value(value).unwrap();
        json.as_object().unwrap().keys().cloned().collect()
    }

    /// The names of the fields in a shape.
    fn shape<S: ToSchema>() -> BTreeSet<String> {
        let schema = serde_json::to_value(S::schema()).unwrap();
        fields(&schema["properties"])
    }

    #[test]
    fn every_shape_is_that_of_the_real_thing() {
        let at = Timestamp::from_micros(0);
        let policy = baluardo_model::fleet::Policy::starting();
        assert_eq!(shape::<Policy>(), fields(&policy));
        assert_eq!(shape::<IntrusionPolicy>(), fields(policy.intrusion));
        assert_eq!(shape::<PolicyChange>(), fields(RealChange::from(&policy)));
        let text = String::new;
        assert_eq!(shape::<EnrolTicket>(), fields(RealTicket { id: text(), line: text(), expires_at: at }));
        let refusal = RefusalRow { code: text(), count: 0, last_at: at, last_detail: text() };
        assert_eq!(shape::<Refusal>(), fields(refusal));
        let id = "00000000-0000-7000-8000-000000000001";
        let token = TokenView {
            id: id.parse().unwrap(),
            name: text(),
            role: Role::Rtd,
            scopes: Vec::new(),
            created_at: at,
            expires_at: at,
            revoked_at: None,
            used_at: None,
            works: true,
        };
        assert_eq!(shape::<Token>(), fields(token));
        let entry = AuditEntry {
            at,
            actor_kind: text(),
            actor: text(),
            actor_name: text(),
            actor_role: text(),
            actor_tenant: text(),
            act: text(),
            target: text(),
            detail: text(),
        };
        assert_eq!(shape::<AuditLine>(), fields(RealLine { seq: 1, entry, previous: text(), digest: text() }));
        let reason = baluardo_model::protection::Reason { engine: text(), rule: text(), detail: text() };
        assert_eq!(shape::<Reason>(), fields(reason));
        let step = baluardo_model::protection::Step { at, kind: StepKind::Detected, detail: text(), files: 0 };
        assert_eq!(shape::<Step>(), fields(step));
        assert_eq!(shape::<OrderReference>(), fields(order_reference(id.parse().unwrap())));
        let passkey = PasskeyView { id: text(), name: text(), created_at: at, used_at: None };
        let password = PasswordView { set_at: at, totp_set_at: at, used_at: None };
        assert_eq!((shape::<Passkey>(), shape::<Password>()), (fields(&passkey), fields(password)));
        let (passkeys, password) = (vec![passkey], Some(password));
        let (several, proved, passkeys_possible, totp) = (true, true, true, None);
        let mine = MyCredentials { passkeys, password, several, proved, passkeys_possible, totp };
        assert_eq!(shape::<Credentials>(), fields(mine));
    }

    #[tokio::test]
    async fn a_problem_is_shaped_as_it_is_told() {
        let response = ApiError::from(Error::invalid("name", "required", "x")).into_response();
        let body = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
        let told: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(shape::<Problem>(), fields(told));
    }
}
