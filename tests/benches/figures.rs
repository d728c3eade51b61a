//! Figures in small tables.

use std::time::Duration;

/// Something measured, and what is aimed at.
pub struct Figure {
    name: &'static str,
    measured: Option<f64>,
    aim: f64,
    unit: &'static str,
}

impl Figure {
    /// A figure that is to be small. `None` is one that cannot be measured here.
    pub fn less_than(name: &'static str, measured: Option<f64>, aim: f64, unit: &'static str) -> Self {
        Self { name, measured, aim, unit }
    }

    pub fn row(&self) -> Vec<String> {
        let (measured, verdict) = match self.measured {
            Some(measured) if measured > self.aim => (format!("{measured:.1} {}", self.unit), "MISSED"),
            Some(measured) => (format!("{measured:.1} {}", self.unit), ""),
            None => ("cannot be measured here".to_owned(), ""),
        };
        vec![self.name.to_owned(), measured, format!("< {} {}", self.aim, self.unit), verdict.to_owned()]
    }
}

/// The one in the middle: a run that was disturbed does not count.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Prints columns as wide as they have to be, the first from the left, numbers from the right.
pub fn print_table(heads: &[&str], rows: &[Vec<String>]) {
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let all = || std::iter::once(&heads).chain(rows);
    let widths: Vec<usize> =
        (0..heads.len()).map(|column| all().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
    for row in all() {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, &width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("{cell:>width$}"),
        });
        println!("{}", cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}
