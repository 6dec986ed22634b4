//! Takes a pack of rules and indicators in, tells what of it is in force, and hands it to the devices.

use super::follow_packs::follow_packs;
use crate::audit::record;
use crate::error::Error;
use crate::fleet::actor_name;
use crate::house::House;
use crate::rights::{Act, tenant_scope};
use crate::secret::hex;
use baluardo_detect::indicators::Indicators;
use baluardo_detect::packs::{self, Gathered};
use baluardo_detect::scan::{RulesReport, Scanner};
use baluardo_model::TenantId;
use baluardo_model::identity::Actor;
use baluardo_store::fleet::packs::{LeftOut, PackRow};
use baluardo_wire::pack::PIECE;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use sha2::{Digest as _, Sha256};

/// The most characters of a pack's name.
const MAX_NAME: usize = 80;

/// The most packs of one tenant: each costs memory on every device.
pub(super) const MAX_PACKS: usize = 16;

/// Rules and lines that are named as not in force.
const NAMED: usize = 100;

/// A pack on its way in.
#[derive(Debug)]
pub struct NewPack {
    /// What people call it; one of the same name is replaced.
    pub name: String,
    /// What its files held.
    pub content: Gathered,
}

/// Takes a pack in and has every device that it is for follow it: those of the comune, or, for a pack of the consortium, those
/// of the consortium and of the comuni that left it the management.
///
/// # Errors
/// [`Error::Invalid`] `pack.name` (empty or too long), `pack.empty` (nothing of it can be used; the message says why),
/// `pack.too_large`; [`Error::Conflict`] `pack.too_many`; as [`tenant_scope`].
#[crate::act]
pub async fn import_pack(house: &House, actor: &Actor, tenant: TenantId, new: NewPack) -> Result<PackRow, Error> {
    let name = checked_name(&new.name)?;
    // Who may not bring one in does not make this server compile it.
    tenant_scope(&mut house.store.read().await?, actor, Act::ChangePolicy, tenant).await?;
    let made = tokio::task::spawn_blocking(move || make(new.content)).await.map_err(Error::internal)??;
    let mut tx = house.store.write().await?;
    let scope = tenant_scope(&mut tx, actor, Act::ChangePolicy, tenant).await?;
    let others = tx.tenant(scope).packs().await?.into_iter().filter(|pack| pack.name != name).count();
    if others >= MAX_PACKS {
        return Err(Error::conflict("pack.too_many", format!("there are {MAX_PACKS} packs already: remove one first")));
    }
    let row = PackRow { name, imported_at: house.now(), imported_by: actor_name(actor), ..made.row };
    let mut rows = tx.tenant(scope);
    rows.keep_pack(&row).await?;
    for (seq, piece) in (0..).zip(made.bytes.chunks(PIECE)) {
        rows.keep_pack_piece(&row.sha256, seq, BASE64.encode(piece)).await?;
    }
    rows.forget_pack_pieces().await?;
    let detail = format!(
        "{} rules, {} indicators, {} exclusions, {} left out, SHA-256 {}",
        row.rules, row.indicators, row.exclusions, row.skipped, row.sha256
    );
    record(house, &mut tx, scope, actor, "pack.imported", format!("pack {}", row.name), &detail).await?;
    tx.commit().await?;
    follow_packs(house, actor, tenant).await?;
    Ok(row)
}

/// The name of a pack.
pub(super) fn checked_name(given: &str) -> Result<String, Error> {
    let name: String = given.trim().chars().filter(|c| !c.is_control()).collect();
    if name.is_empty() || name.chars().count() > MAX_NAME {
        let message = format!("give the pack a name of at most {MAX_NAME} characters");
        return Err(Error::invalid("name", "pack.name", message));
    }
    Ok(name)
}

struct Made {
    row: PackRow,
    bytes: Vec<u8>,
}

/// Compiles the rules only to see what becomes of them, and writes the pack.
fn make(content: Gathered) -> Result<Made, Error> {
    let Gathered { rules, indicators, left_out, lines_left_out } = content;
    let compiled = Scanner::with_packs(&[], rules.iter().cloned(), Indicators::default());
    let (_, RulesReport { compiled, skipped, .. }) = compiled.map_err(Error::internal)?;
    let rule = |rule: &baluardo_detect::scan::SkippedRule| LeftOut {
        place: rule.rule.as_ref().map_or_else(|| rule.file.clone(), |name| format!("{}: {name}", rule.file)),
        reason: rule.reason.clone(),
    };
    let lines = left_out.into_iter().map(|(place, reason)| LeftOut { place, reason });
    let report: Vec<LeftOut> = skipped.iter().map(rule).chain(lines).take(NAMED).collect();
    if compiled == 0 && indicators.is_empty() {
        let why =
            report.first().map_or_else(|| "it is empty".to_owned(), |left| format!("{}: {}", left.place, left.reason));
        return Err(Error::invalid("content", "pack.empty", format!("nothing of this pack can be used: {why}")));
    }
    let bytes = packs::write(&rules, &indicators);
    if bytes.len() as u64 > packs::LONGEST {
        let message = format!("the pack has {} bytes, {} are the most: make two of it", bytes.len(), packs::LONGEST);
        return Err(Error::invalid("content", "pack.too_large", message));
    }
    let row = PackRow {
        name: String::new(),
        sha256: hex(&Sha256::digest(&bytes)),
        bytes: bytes.len() as u64,
        rules: compiled as u64,
        indicators: indicators.len() as u64,
        exclusions: indicators.exclusions() as u64,
        skipped: skipped.len() as u64 + lines_left_out,
        report,
        imported_at: baluardo_model::Timestamp::from_micros(0),
        imported_by: String::new(),
    };
    Ok(Made { row, bytes })
}
