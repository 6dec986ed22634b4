//! Figures of several runs: least, middle and most, as a table for people and as JSON for programs.

use serde::Serialize;

/// The figures of one benchmark, in the order in which they were first noted.
#[derive(Debug)]
pub(crate) struct Figures {
    bench: &'static str,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    unit: &'static str,
    values: Vec<f64>,
}

/// One row as it is printed.
#[derive(Debug, PartialEq, Serialize)]
struct Line<'a> {
    bench: &'a str,
    figure: &'a str,
    unit: &'a str,
    min: f64,
    median: f64,
    max: f64,
    runs: usize,
}

impl Figures {
    pub(crate) const fn of(bench: &'static str) -> Self {
        Self { bench, rows: Vec::new() }
    }

    /// Notes what one run measured.
    pub(crate) fn note(&mut self, name: impl Into<String>, unit: &'static str, value: f64) {
        let name = name.into();
        match self.rows.iter_mut().find(|row| row.name == name) {
            Some(row) => row.values.push(value),
            None => self.rows.push(Row { name, unit, values: vec![value] }),
        }
    }

    /// Prints the table, then one line of JSON for each figure.
    pub(crate) fn print(&self) {
        let widest = self.rows.iter().map(|row| row.name.chars().count()).max().unwrap_or(0);
        println!("\n{:widest$}  {:>10} {:>10} {:>10}  runs", self.bench, "min", "median", "max");
        let lines: Vec<Line<'_>> = self.rows.iter().filter_map(|row| self.line(row)).collect();
        for line in &lines {
            let Line { figure, unit, min, median, max, runs, .. } = line;
            println!(
                "{figure:widest$}  {:>10} {:>10} {:>10}  {runs:>4}  {unit}",
                short(*min),
                short(*median),
                short(*max)
            );
        }
        println!();
        for line in &lines {
            // A struct of texts and finite numbers always has a JSON form.
            println!("{}", serde_json::to_string(line).unwrap_or_default());
        }
    }

    fn line<'a>(&'a self, row: &'a Row) -> Option<Line<'a>> {
        let mut values = row.values.clone();
        values.sort_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let runs = values.len();
        let median = (values.get((runs - 1) / 2)? + values.get(runs / 2)?) / 2.0;
        Some(Line { bench: self.bench, figure: &row.name, unit: row.unit, min, median, max, runs })
    }
}

/// Three digits that count, and no more of a large number than its whole part.
fn short(value: f64) -> String {
    let places = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    format!("{value:.places$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_is_its_least_its_middle_and_its_most() {
        let mut figures = Figures::of("test");
        for value in [4.0, 1.0, 3.0, 2.0] {
            figures.note("even", "ms", value);
        }
        figures.note("one", "ms", 7.0);
        let found: Vec<_> = figures.rows.iter().filter_map(|row| figures.line(row)).collect();
        let told: Vec<_> = found.iter().map(|line| (line.figure, line.min, line.median, line.max, line.runs)).collect();
        assert_eq!(told, [("even", 1.0, 2.5, 4.0, 4), ("one", 7.0, 7.0, 7.0, 1)]);
    }

    #[test]
    fn numbers_are_short() {
        assert_eq!([short(7_123.4), short(34.62), short(0.125)], ["7123", "34.6", "0.12"]);
    }
}
