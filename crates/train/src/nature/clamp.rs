//! `ClaMP`: headers of Windows programs as a table of numbers. The trees learn from it, and are measured on it against what
//! others reached on the same table: then they learn from one part of it and judge the other.

use crate::forest::{Row, train};
use crate::git;
use crate::measure::{auc, caught_at};
use baluardo_detect::nature::PE_FEATURES;
use std::collections::HashSet;
use std::path::Path;

/// Where the table stands.
const TABLE: &str = "dataset/ClaMP_Integrated-5184.csv";

/// Ways in which the table is cut into a part to learn from and one to judge.
const CUTS: u64 = 3;

/// The rows of the table, without doubles.
pub(crate) fn rows(data: &Path) -> anyhow::Result<Vec<Row>> {
    let Some(folder) = git::folder(data, "urwithajit9/ClaMP") else { return Ok(Vec::new()) };
    let Some((_, object)) = git::list(&folder)?.into_iter().find(|(path, _)| path == TABLE) else {
        return Ok(Vec::new());
    };
    let bytes = git::Objects::open(&folder)?.read(&object)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines();
    let heads: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let mut known = HashSet::new();
    let mut rows = Vec::new();
    for line in lines {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |name: &str| {
            let at = heads.iter().position(|head| *head == name)?;
            cells.get(at)?.trim().parse::<f32>().ok()
        };
        let values: Vec<f32> = PE_FEATURES.iter().map(|(name, _)| cell(name).unwrap_or(f32::NAN)).collect();
        // Files that differ in length and spread alone are the same header.
        let names = ["filesize", "E_file", "E_text", "E_data"];
        let header = PE_FEATURES.iter().zip(&values).filter(|((name, _), _)| !names.contains(name));
        let key: Vec<u32> = header.map(|(_, value)| value.to_bits()).collect();
        if let Some(class) = cell("class")
            && known.insert(key)
        {
            rows.push(Row { values, hostile: class > 0.5, weight: 1.0 });
        }
    }
    Ok(rows)
}

/// Learns from seven tenths of the table and judges the rest.
pub(crate) fn judge(data: &Path) -> anyhow::Result<()> {
    let rows = rows(data)?;
    if rows.is_empty() {
        return Ok(());
    }
    for cut in 0..CUTS {
        let part = |at: &usize| crate::example::mix((*at as u64) << 8 | cut) % 10 < 3;
        let (out, known): (Vec<usize>, Vec<usize>) = (0..rows.len()).partition(part);
        let known: Vec<Row> = known.into_iter().map(|at| rows[at].clone()).collect();
        let forest = train(&known, 0.0);
        let points: Vec<(f32, bool)> =
            out.iter().map(|at| (forest.ask(&rows[*at].values, &mut |_, _| {}), rows[*at].hostile)).collect();
        println!(
            "ClaMP without doubles, cut {}: {} learned, {} judged: AUC {:.4}, caught at 1 % {:.3}, at 0.1 % {:.3}",
            cut + 1,
            known.len(),
            points.len(),
            auc(&points),
            caught_at(&points, 0.01),
            caught_at(&points, 0.001)
        );
    }
    Ok(())
}
