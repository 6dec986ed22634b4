//! Who may do what, to whose rows: one table, one door to every scope.
//!
//! A stranger's tenant is "not found", never "forbidden", so that nobody learns who else is here. The consortium's
//! operators reach into a comune only while the comune leaves its switch on central management; when it manages
//! itself, they keep only counts and the audit log that both sides read.

use crate::error::Error;
use crate::house::House;
use crate::mail::standing_policy;
use baluardo_model::TenantId;
use baluardo_model::identity::{Actor, Management, Role, Tenant, TenantKind};
use baluardo_model::mail::ConsortiumSees;
use baluardo_store::{ConsortiumScope, TenantScope, Tx};

/// Everything that can be asked, by a stable word that the audit log and token scopes use.
macro_rules! acts {
    ($($(#[$doc:meta])* $name:ident = $code:literal),+ $(,)?) => {
        /// Something that can be asked.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Act { $($(#[$doc])* $name),+ }

        impl Act {
            /// Every act, for tables and tests that must cover all.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable word.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }
        }
    };
}

acts! {
    /// Read the overview of the own tenant.
    SeeOverview = "overview.read",
    /// Read the list of member comuni with the counts of each.
    SeeMembers = "members.read",
    /// Read which comuni take part, and sums in which none of them is recognised.
    SeeAdhesion = "adhesion.read",
    /// Read which addresses try several members.
    SeeCampaigns = "campaigns.read",
    /// Read the queue of requests.
    SeeRequests = "requests.read",
    /// Approve, refuse, pause and resume requests.
    DecideRequest = "requests.decide",
    /// Read devices.
    SeeDevices = "devices.read",
    /// Make enrolment tokens.
    EnrolDevice = "devices.enrol",
    /// Revoke devices and order scans.
    CommandDevice = "devices.command",
    /// Read what was looked for on devices, and what was found.
    SeeHunts = "hunts.read",
    /// Look for something on devices.
    Hunt = "hunts.write",
    /// Read the code that lets somebody stop the agent of a device, and allow it by order.
    LetStop = "devices.let_stop",
    /// Order devices to gather evidence.
    CollectEvidence = "evidence.collect",
    /// Read and download evidence.
    SeeEvidence = "evidence.read",
    /// Delete evidence before its time.
    DeleteEvidence = "evidence.delete",
    /// Roll folders of devices back to a moment, and read what that would do.
    RollBack = "devices.rollback",
    /// Read the policy.
    SeePolicy = "policy.read",
    /// Change the policy.
    ChangePolicy = "policy.write",
    /// Read findings.
    SeeFindings = "findings.read",
    /// Mark findings as handled.
    HandleFinding = "findings.handle",
    /// Read the quarantine.
    SeeQuarantine = "quarantine.read",
    /// Release and delete quarantined files.
    ChangeQuarantine = "quarantine.write",
    /// Read who may sign in.
    SeePeople = "people.read",
    /// Invite people, change and disable them, sign them out.
    ManagePeople = "people.write",
    /// Read the audit log.
    SeeAudit = "audit.read",
    /// Move the switch between central and local management.
    SwitchManagement = "management.switch",
    /// Change settings such as the patron's day.
    ChangeSettings = "settings.write",
    /// Make and revoke tokens for the JSON API.
    ManageTokens = "tokens.write",
    /// Read the local inbox of an installation that sends no mail.
    SeeLocalMail = "local_mail.read",
    /// Read which messages are held and why.
    SeeHeldMail = "mail.read",
    /// Read what a held message says.
    ReadHeldMail = "mail.content",
    /// Release and delete held messages.
    ChangeHeldMail = "mail.write",
    /// Read, make and withdraw rules for senders.
    RuleSenders = "mail.senders",
    /// Report a message.
    ReportMail = "mail.report",
    /// Read what people reported.
    SeeReports = "mail.reports",
    /// Say what a reported message is.
    DecideReport = "mail.reports.decide",
    /// Change what happens to mail, and claim mail domains.
    ChangeMailPolicy = "mail.policy",
    /// Read what receivers say of mail in the name of the domains, and bring their reports in.
    SeeMailHealth = "mail.health",
    /// Add, change and remove mailboxes at providers, and read how they stand.
    ManageMailboxes = "mail.mailboxes",
    /// Decide which comune a mail domain belongs to.
    DecideMailDomain = "mail.domains",
    /// An agent's exchange.
    Exchange = "agent.exchange",
}

/// What a role may do in its own tenant.
#[must_use]
pub fn own(role: Role, act: Act) -> bool {
    use Act as A;
    match role {
        Role::Operator => !matches!(act, A::SwitchManagement | A::Exchange),
        Role::Rtd => {
            let consortiums = matches!(
                act,
                A::SeeMembers
                    | A::SeeAdhesion
                    | A::SeeCampaigns
                    | A::SeeRequests
                    | A::DecideRequest
                    | A::DecideMailDomain
            );
            !consortiums && !matches!(act, A::SeeLocalMail | A::Exchange)
        }
        Role::Clerk => matches!(act, A::SeeOverview | A::ReportMail),
        Role::PoliceAnalyst => matches!(act, A::SeeOverview),
        Role::Coordinator => matches!(act, A::SeeOverview | A::SeeAdhesion),
        Role::Auditor => matches!(act, A::SeeOverview | A::SeeAudit | A::SeePolicy | A::SeeAdhesion),
    }
}

/// What a consortium's operator may do in a member comune.
#[must_use]
pub fn over_member(management: Management, act: Act) -> bool {
    use Act as A;
    match management {
        Management::Central => matches!(
            act,
            A::SeeOverview
                | A::SeeDevices
                | A::EnrolDevice
                | A::CommandDevice
                | A::SeeHunts
                | A::Hunt
                | A::RollBack
                | A::LetStop
                | A::CollectEvidence
                | A::SeeEvidence
                | A::DeleteEvidence
                | A::SeePolicy
                | A::ChangePolicy
                | A::SeeFindings
                | A::HandleFinding
                | A::SeeQuarantine
                | A::ChangeQuarantine
                | A::SeeAudit
                | A::SeeHeldMail
                | A::ReadHeldMail
                | A::ChangeHeldMail
                | A::SeeMailHealth
                | A::RuleSenders
                | A::SeeReports
                | A::DecideReport
        ),
        Management::Local => matches!(act, A::SeeAudit),
    }
}

/// Asks for the rows of `tenant` in order to do `act`.
///
/// # Errors
/// [`Error::NotFound`] when the tenant does not exist or is no business of the actor's; [`Error::Forbidden`] when it is
/// but this act is not theirs.
#[crate::act]
pub async fn tenant_scope(tx: &mut Tx, actor: &Actor, act: Act, tenant: TenantId) -> Result<TenantScope, Error> {
    let found = tx.platform().find_tenant(tenant).await?.ok_or(Error::NotFound)?;
    decide(actor, act, &found)?;
    let scope = platform_scope(tenant);
    if needed_of_mail(act) != ConsortiumSees::Nothing && tenant_of(actor).is_some_and(|home| home != tenant) {
        let granted = standing_policy(tx, scope).await?.consortium;
        let enough = granted == ConsortiumSees::Content || granted == needed_of_mail(act);
        return if enough { Ok(scope) } else { Err(Error::Forbidden) };
    }
    Ok(scope)
}

/// What a comune must have granted to the consortium before its operators may do `act`, beside the management of devices.
const fn needed_of_mail(act: Act) -> ConsortiumSees {
    match act {
        Act::SeeHeldMail | Act::ChangeHeldMail | Act::RuleSenders | Act::SeeReports | Act::DecideReport => {
            ConsortiumSees::List
        }
        Act::ReadHeldMail => ConsortiumSees::Content,
        _ => ConsortiumSees::Nothing,
    }
}

/// Whether `actor` may do `act` on the rows of `tenant`: pages ask it before they show a button. An error is a no.
#[crate::act]
pub async fn may(house: &House, actor: &Actor, act: Act, tenant: TenantId) -> bool {
    match house.store.read().await {
        Ok(mut tx) => tenant_scope(&mut tx, actor, act, tenant).await.is_ok(),
        Err(_) => false,
    }
}

/// Asks for the actor's own rows.
///
/// # Errors
/// As [`tenant_scope`].
#[crate::act]
pub async fn own_scope(tx: &mut Tx, actor: &Actor, act: Act) -> Result<TenantScope, Error> {
    let tenant = tenant_of(actor).ok_or(Error::Forbidden)?;
    tenant_scope(tx, actor, act, tenant).await
}

/// The rows that a device's exchange may touch: its own tenant's, named by its certificate and by nothing else.
///
/// # Errors
/// [`Error::Forbidden`] for everybody who is not a device.
pub(crate) fn device_scope(actor: &Actor) -> Result<TenantScope, Error> {
    let Actor::Device { tenant, .. } = actor else { return Err(Error::Forbidden) };
    #[expect(clippy::disallowed_methods, reason = "the rights table is the one place that grants scopes")]
    Ok(TenantScope::granted(*tenant))
}

/// Asks for what a consortium may see of its members. The platform itself gets the first consortium.
///
/// # Errors
/// [`Error::Forbidden`] for everybody who does not work for a consortium or may not do `act` there.
#[crate::act]
pub async fn consortium_scope(tx: &mut Tx, actor: &Actor, act: Act) -> Result<ConsortiumScope, Error> {
    let home = match tenant_of(actor) {
        Some(tenant) => tx.platform().find_tenant(tenant).await?,
        None if *actor == Actor::Platform => tx.platform().first_consortium().await?,
        None => None,
    };
    let home = home.filter(|tenant| tenant.kind == TenantKind::Consortium).ok_or(Error::Forbidden)?;
    decide(actor, act, &home)?;
    #[expect(clippy::disallowed_methods, reason = "the rights table is the one place that grants scopes")]
    Ok(ConsortiumScope::granted(home.id))
}

/// The rows of a tenant for a step of the platform itself, where no right of an actor is asked: the tenant was found by
/// a secret that somebody showed (a link, a cookie, a token) or by the address at sign-in, or a right over the
/// consortium was asked for just before.
#[must_use]
pub(crate) const fn platform_scope(tenant: TenantId) -> TenantScope {
    #[expect(clippy::disallowed_methods, reason = "the rights table is the one place that grants scopes")]
    TenantScope::granted(tenant)
}

/// The front desk of a consortium, where everybody may hand in a request and ask for it by its id.
#[must_use]
pub(crate) const fn desk_scope(consortium: TenantId) -> ConsortiumScope {
    #[expect(clippy::disallowed_methods, reason = "the rights table is the one place that grants scopes")]
    ConsortiumScope::granted(consortium)
}

/// The tenant that an actor belongs to.
#[must_use]
pub const fn tenant_of(actor: &Actor) -> Option<TenantId> {
    match actor {
        Actor::Person { tenant, .. } | Actor::Token { tenant, .. } | Actor::Device { tenant, .. } => Some(*tenant),
        Actor::Platform | Actor::Public => None,
    }
}

fn decide(actor: &Actor, act: Act, target: &Tenant) -> Result<(), Error> {
    let (home, role) = match actor {
        Actor::Platform => return Ok(()),
        Actor::Public => return Err(Error::Forbidden),
        Actor::Device { tenant, .. } => {
            return match (*tenant == target.id, act) {
                (true, Act::Exchange) => Ok(()),
                (true, _) => Err(Error::Forbidden),
                (false, _) => Err(Error::NotFound),
            };
        }
        Actor::Token { scopes, .. } if !scopes.iter().any(|scope| scope == act.code()) => {
            return Err(Error::Forbidden);
        }
        Actor::Person { tenant, role, .. } | Actor::Token { tenant, role, .. } => (*tenant, *role),
    };
    if home == target.id {
        return if own(role, act) { Ok(()) } else { Err(Error::Forbidden) };
    }
    if role != Role::Operator || home != target.consortium {
        return Err(Error::NotFound);
    }
    if over_member(target.management, act) { Ok(()) } else { Err(Error::Forbidden) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use baluardo_model::{PersonId, Timestamp};

    fn id(last: u8) -> TenantId {
        TenantId(format!("00000000-0000-7000-8000-0000000000{last:02x}").parse().unwrap())
    }

    fn comune(management: Management) -> Tenant {
        Tenant {
            id: id(2),
            kind: TenantKind::Comune,
            consortium: id(1),
            name: "Siena".to_owned(),
            cadastral_code: Some("I726".to_owned()),
            management,
            created_at: Timestamp::from_micros(0),
        }
    }

    fn person(tenant: TenantId, role: Role) -> Actor {
        let who: PersonId = "00000000-0000-7000-8000-0000000000ff".parse().unwrap();
        Actor::Person { id: who, tenant, role, name: "N".to_owned() }
    }

    #[test]
    fn a_stranger_never_learns_that_a_tenant_exists() {
        for role in Role::ALL {
            for act in Act::ALL {
                let answer = decide(&person(id(9), role), *act, &comune(Management::Central));
                assert!(matches!(answer, Err(Error::NotFound)), "{role:?} {act:?}");
            }
        }
    }

    #[test]
    fn local_management_leaves_the_consortium_only_the_log() {
        for act in Act::ALL {
            let answer = decide(&person(id(1), Role::Operator), *act, &comune(Management::Local));
            assert_eq!(answer.is_ok(), *act == Act::SeeAudit, "{act:?}");
        }
    }

    #[test]
    fn the_switch_is_the_comunes_own() {
        let act = Act::SwitchManagement;
        assert!(decide(&person(id(2), Role::Rtd), act, &comune(Management::Central)).is_ok());
        assert!(decide(&person(id(1), Role::Operator), act, &comune(Management::Central)).is_err());
    }

    #[test]
    fn a_token_does_only_what_its_scopes_say() {
        let token = Actor::Token {
            id: "00000000-0000-7000-8000-0000000000ee".parse().unwrap(),
            tenant: id(2),
            role: Role::Rtd,
            scopes: vec!["findings.read".to_owned()],
        };
        for act in Act::ALL {
            let answer = decide(&token, *act, &comune(Management::Central));
            assert_eq!(answer.is_ok(), *act == Act::SeeFindings, "{act:?}");
        }
    }
}
