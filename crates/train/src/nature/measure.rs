//! How well numbers tell malware from honest files.

/// The chance that a hostile file stands above an honest one.
pub(crate) fn auc(points: &[(f32, bool)]) -> f64 {
    let mut sorted = points.to_vec();
    sorted.sort_by(|left, right| left.0.total_cmp(&right.0));
    let (mut rank, mut sum, mut at) = (0.0, 0.0, 0);
    while at < sorted.len() {
        let end = at + sorted[at..].iter().take_while(|point| point.0 == sorted[at].0).count();
        let middle = rank + (end - at + 1) as f64 / 2.0;
        sum += sorted[at..end].iter().filter(|point| point.1).count() as f64 * middle;
        rank += (end - at) as f64;
        at = end;
    }
    let bad = points.iter().filter(|point| point.1).count() as f64;
    let good = points.len() as f64 - bad;
    if bad == 0.0 || good == 0.0 { 0.5 } else { (sum - bad * (bad + 1.0) / 2.0) / (bad * good) }
}

/// The share of hostile files above the level that so large a share of honest ones passes.
pub(crate) fn caught_at(points: &[(f32, bool)], share: f64) -> f64 {
    let mut honest: Vec<f32> = points.iter().filter(|point| !point.1).map(|point| point.0).collect();
    honest.sort_by(|left, right| right.total_cmp(left));
    let allowed = (honest.len() as f64 * share).floor() as usize;
    let level = honest.get(allowed).copied().unwrap_or(f32::NEG_INFINITY);
    let bad: Vec<f32> = points.iter().filter(|point| point.1).map(|point| point.0).collect();
    bad.iter().filter(|height| **height > level).count() as f64 / bad.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_perfect_order_is_one_and_no_order_a_half() {
        let perfect = [(0.0, false), (1.0, false), (2.0, true), (3.0, true)];
        assert!((auc(&perfect) - 1.0).abs() < 1e-9);
        assert!((auc(&[(1.0, true), (1.0, false)]) - 0.5).abs() < 1e-9);
        assert!((caught_at(&perfect, 0.0) - 1.0).abs() < 1e-9);
        assert!((caught_at(&[(1.0, true), (2.0, false)], 0.0)).abs() < 1e-9);
    }
}
