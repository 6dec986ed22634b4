//! How far the protection reaches: how many comuni take part, and what is known of their devices, as sums in which nobody
//! is recognised.
//!
//! A sum of devices is told only where at least [`FEWEST`] comuni stand behind it. Where that hides a single region, the
//! smallest of the others is hidden with it, so that no subtraction from the total brings it back.

use crate::error::Error;
use crate::fleet::member_overview::{MemberRow, member_rows};
use crate::house::House;
use crate::rights::Act;
use baluardo_model::identity::{Actor, Management};
use baluardo_model::register::Register;
use serde::Serialize;
use std::collections::BTreeMap;

/// The fewest comuni behind a figure that is told.
pub const FEWEST: u64 = 5;

/// Devices of several comuni together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// Devices with an agent.
    pub devices: u64,
    /// Those that spoke within the last quarter of an hour.
    pub answering: u64,
}

/// What is known of one region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegionFigures {
    /// Its name.
    pub region: String,
    /// Comuni of the region in the register.
    pub comuni: u64,
    /// Comuni that take part.
    pub members: u64,
    /// Their devices; none where too few comuni have any.
    pub coverage: Option<Coverage>,
}

/// How far the protection reaches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AdhesionFigures {
    /// Comuni in the register.
    pub comuni: u64,
    /// Comuni that take part.
    pub members: u64,
    /// Those of them that the consortium manages.
    pub central: u64,
    /// Those of them with at least one device.
    pub equipped: u64,
    /// All devices; none where too few comuni have any.
    pub coverage: Option<Coverage>,
    /// Regions in which somebody takes part, by name.
    pub regions: Vec<RegionFigures>,
}

/// The figures of the actor's consortium.
///
/// # Errors
/// As [`crate::rights::consortium_scope`].
#[crate::act]
pub async fn adhesion_figures(house: &House, actor: &Actor) -> Result<AdhesionFigures, Error> {
    Ok(figures(&member_rows(house, actor, Act::SeeAdhesion).await?, Register::shipped()))
}

/// What comuni add up to.
#[derive(Default)]
struct Sum {
    members: u64,
    equipped: u64,
    coverage: Coverage,
}

impl Sum {
    fn add(&mut self, row: &MemberRow) {
        self.members += 1;
        self.equipped += u64::from(row.devices > 0);
        self.coverage.devices += row.devices;
        self.coverage.answering += row.devices.saturating_sub(row.silent);
    }

    fn told(&self) -> Option<Coverage> {
        (self.equipped >= FEWEST).then_some(self.coverage)
    }
}

fn figures(members: &[MemberRow], register: &Register) -> AdhesionFigures {
    let mut all = Sum::default();
    let mut regions: BTreeMap<&str, Sum> = BTreeMap::new();
    for row in members {
        all.add(row);
        let comune = row.cadastral_code.as_deref().and_then(|code| register.comune(code));
        if let Some(comune) = comune {
            regions.entry(&comune.region).or_default().add(row);
        }
    }
    let mut figures: Vec<RegionFigures> = regions
        .iter()
        .map(|(region, sum)| RegionFigures {
            region: (*region).to_owned(),
            comuni: register.all().iter().filter(|comune| comune.region == *region).count() as u64,
            members: sum.members,
            coverage: sum.told(),
        })
        .collect();
    hide_a_second(&mut figures, |region| regions.get(region).is_some_and(|sum| sum.equipped > 0));
    AdhesionFigures {
        comuni: register.all().len() as u64,
        members: all.members,
        central: members.iter().filter(|row| row.management == Management::Central).count() as u64,
        equipped: all.equipped,
        coverage: all.told(),
        regions: figures,
    }
}

/// Hides the region with the fewest devices where exactly one with devices is hidden already.
fn hide_a_second(regions: &mut [RegionFigures], has_devices: impl Fn(&str) -> bool) {
    let hidden = regions.iter().filter(|one| one.coverage.is_none() && has_devices(&one.region)).count();
    if hidden != 1 {
        return;
    }
    let shown = regions.iter_mut().filter(|one| one.coverage.is_some());
    if let Some(smallest) = shown.min_by_key(|one| one.coverage.map_or(0, |coverage| coverage.devices)) {
        smallest.coverage = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::MemberReason;

    /// So many comuni of a region, each with so many devices, one of them silent.
    fn members(region: &str, count: usize, devices: u64) -> Vec<MemberRow> {
        let register = Register::shipped();
        let comuni = register.all().iter().filter(|comune| comune.region == region);
        let row = |comune: &baluardo_model::register::Comune| MemberRow {
            tenant: "00000000-0000-7000-8000-000000000001".parse().unwrap(),
            name: comune.name.clone(),
            cadastral_code: Some(comune.cadastral_code.clone()),
            management: Management::Central,
            devices,
            silent: devices.min(1),
            not_covered: None,
            open_findings: None,
            worst_severity: None,
            risk: 0,
            reason: MemberReason::Calm,
            reason_count: 0,
            last_change: None,
        };
        comuni.take(count).map(row).collect()
    }

    fn shown(figures: &AdhesionFigures) -> Vec<(&str, Option<u64>)> {
        figures.regions.iter().map(|one| (one.region.as_str(), one.coverage.map(|sum| sum.devices))).collect()
    }

    #[test]
    fn five_comuni_are_a_figure_and_four_are_not() {
        let four = figures(&members("Calabria", 4, 10), Register::shipped());
        assert_eq!((four.members, four.equipped, four.coverage), (4, 4, None));
        let five = figures(&members("Calabria", 5, 10), Register::shipped());
        assert_eq!(five.coverage, Some(Coverage { devices: 50, answering: 45 }));
        assert_eq!(shown(&five), [("Calabria", Some(50))]);
        assert!(five.comuni > 7_000 && five.regions[0].comuni > 300);
    }

    #[test]
    fn comuni_without_devices_stand_behind_no_figure() {
        let rows = [members("Calabria", 4, 10), members("Toscana", 9, 0)].concat();
        let told = figures(&rows, Register::shipped());
        assert_eq!((told.members, told.equipped, told.coverage), (13, 4, None));
    }

    #[test]
    fn no_subtraction_brings_a_hidden_region_back() {
        let rows = [members("Calabria", 6, 10), members("Molise", 1, 7), members("Toscana", 5, 3)].concat();
        let told = figures(&rows, Register::shipped());
        assert_eq!(told.coverage.map(|sum| sum.devices), Some(82));
        assert_eq!(shown(&told), [("Calabria", Some(60)), ("Molise", None), ("Toscana", None)]);
        let two = [members("Calabria", 6, 10), members("Molise", 1, 7), members("Umbria", 2, 3)].concat();
        assert_eq!(shown(&figures(&two, Register::shipped()))[0], ("Calabria", Some(60)), "two hide each other");
    }
}
