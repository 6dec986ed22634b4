//! One finding as a story: what was seen, what was done, what is left to do.

use crate::error::Error;
use crate::fleet::OrderRow;
use crate::house::House;
use crate::protection::campaigns::{Campaign, told};
use crate::protection::order_restore::{Restorable, restorable};
use crate::rights::{Act, tenant_scope};
use baluardo_model::fleet::Device;
use baluardo_model::identity::Actor;
use baluardo_model::protection::{Finding, Step};
use baluardo_model::{FindingId, TenantId};
use baluardo_store::protection::findings::FindingRow;
use baluardo_store::protection::labels::Label;
use baluardo_store::protection::quarantine::QuarantineRow;
use serde::Serialize;

/// Everything about one finding. Texts that come from the agent are foreign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FindingDetail {
    /// As the list shows it, with the figures as known now.
    pub row: FindingRow,
    /// The story as the agent sent it.
    pub finding: Finding,
    /// Where it happened.
    pub device: Option<Device>,
    /// Every step, in the order in which it happened.
    pub timeline: Vec<Step>,
    /// Files that went into quarantine.
    pub quarantine: Vec<QuarantineRow>,
    /// What people ordered about it or about those files, oldest first.
    pub orders: Vec<OrderRow>,
    /// Whether files that are missing can be ordered back now.
    pub restorable: Restorable,
    /// The campaign that it belongs to, where the tenant may know of one.
    pub campaign: Option<Campaign>,
    /// What a person said of the file, here or in another finding of the same content.
    pub label: Option<Label>,
}

/// One finding of `tenant`.
///
/// # Errors
/// [`Error::NotFound`] when the tenant has no such finding; as [`tenant_scope`].
#[crate::act]
pub async fn get_finding(
    house: &House,
    actor: &Actor,
    tenant: TenantId,
    finding: FindingId,
) -> Result<FindingDetail, Error> {
    let mut tx = house.store.read().await?;
    let scope = tenant_scope(&mut tx, actor, Act::SeeFindings, tenant).await?;
    let mut rows = tx.tenant(scope);
    let (row, story) = rows.finding(finding).await?.ok_or(Error::NotFound)?;
    let device = rows.device(row.device).await?;
    let timeline = merge(&story.steps, rows.later_steps(finding).await?);
    let quarantine = rows.quarantine_of_finding(finding, row.device, house.now()).await?;
    let mut orders = rows.orders_about(&finding.to_string()).await?;
    for item in &quarantine {
        orders.extend(rows.orders_about(&item.id.to_string()).await?);
    }
    orders.sort_by_key(|order| (order.issued_at, order.id));
    let campaign = rows.share_of_finding(finding).await?.as_ref().and_then(told);
    let label = match &row.sha256 {
        Some(sha256) => rows.label_of(&sha256.to_ascii_lowercase()).await?,
        None => None,
    };
    let restorable = restorable(&row, device.as_ref(), &orders, house.now());
    Ok(FindingDetail { row, finding: story, device, timeline, quarantine, orders, restorable, campaign, label })
}

/// The story's own steps and those that came after it, each once, by time; steps of one instant stay in order.
fn merge(first: &[Step], later: Vec<Step>) -> Vec<Step> {
    let mut steps = first.to_vec();
    for step in later {
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    steps.sort_by_key(|step| step.at);
    steps
}
