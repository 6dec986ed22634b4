//! What the actors did, as a table for people and one line of JSON for programs.

use super::actors::Actor;
use super::figures::median;
use super::scene::Outcome;
use serde_json::json;

#[derive(Default)]
pub(super) struct Table {
    attacks: Vec<Outcome>,
    honest: Vec<Outcome>,
    skipped: Vec<String>,
}

impl Table {
    pub(super) fn skipped(&mut self, actor: &Actor, tool: &str) {
        println!("{:24} skipped: {tool} is not installed", actor.name);
        self.skipped.push(actor.name.to_owned());
    }

    /// Notes what came of one actor, and prints its row at once.
    pub(super) fn note(&mut self, actor: &Actor, attacks: bool, it: &Outcome) {
        let list = if attacks { &mut self.attacks } else { &mut self.honest };
        if list.is_empty() {
            let what = if attacks { "attacks" } else { "honest work" };
            println!("\n{what:24} {:>9} {:>7} {:>5} {:>8}", "ended", "touched", "lost", "ms");
        }
        println!("{:24} {:>9} {:>7} {:>5} {:>8}  {}", actor.name, it.how, it.touched, it.lost, it.millis, it.note);
        list.push(it.clone());
    }

    pub(super) fn holds(&self) -> bool {
        self.attacks.iter().all(|it| it.stopped && it.lost == 0) && self.honest.iter().all(|it| !it.disturbed)
    }

    pub(super) fn print(&self) {
        let touched: Vec<u64> = self.attacks.iter().map(|it| it.touched).collect();
        let stopped = self.attacks.iter().filter(|it| it.stopped).count();
        let lost: u64 = self.attacks.iter().map(|it| it.lost).sum();
        let disturbed = self.honest.iter().filter(|it| it.disturbed).count();
        let line = json!({
            "bench": "ransomware",
            "attacks": self.attacks.len(),
            "stopped": stopped,
            "files_lost": lost,
            "touched_median": median(&touched),
            "touched_max": touched.iter().max(),
            "honest": self.honest.len(),
            "disturbed": disturbed,
            "skipped": self.skipped,
        });
        println!("\n{stopped} of {} attacks stopped, {lost} files lost", self.attacks.len());
        println!("{disturbed} of {} honest works disturbed", self.honest.len());
        println!("{line}");
    }
}
