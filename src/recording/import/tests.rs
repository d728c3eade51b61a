//! Transcripts of real programs: what is read of them was written down by hand. They are in `tests/transcripts`, whose README
//! says how each was made.

mod formats;
mod secrets;
mod shapes;

use std::path::Path;

use super::imported;
use crate::commands::asks_a_registry;
use crate::evidence::Record;
use crate::report::Report;
use crate::session::replayed;

/// A transcript by its name.
fn transcript(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The exchanges of a record, as `GET URL status`.
fn exchanges(record: &Record) -> Vec<String> {
    let shown = record.journal.iter().map(|(_, exchange)| {
        let status = exchange.status().map(|status| status.to_string());
        let kind = || exchange.failure.as_ref().map_or("nothing", |failure| failure.kind.as_str()).to_owned();
        format!("{} {} {}", exchange.request.method.as_str(), exchange.request.url, status.unwrap_or_else(kind))
    });
    shown.collect()
}

/// The report of a record, judged again.
fn report(record: &Record) -> Report {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // What was imported can be written and read.
    let written = serde_json::to_vec(record).unwrap();
    let read = Record { provenance: record.provenance.clone(), ..Record::read(&written).unwrap() };
    assert_eq!(serde_json::to_vec(&read).unwrap(), written);
    runtime.block_on(replayed(&read, asks_a_registry)).unwrap().report
}

/// The rules that find something in a record, with their certainty.
fn rules(record: &Record) -> Vec<String> {
    let report = report(record);
    let findings = report.findings.iter();
    findings.map(|finding| format!("{} {:?}", finding.rule, finding.certainty).to_lowercase()).collect()
}

/// Reads a transcript of one image.
fn one(bytes: &[u8]) -> Record {
    let mut records = imported(bytes).unwrap();
    assert_eq!(records.len(), 1, "{:?}", records.iter().map(|record| record.reference.to_string()).collect::<Vec<_>>());
    records.remove(0)
}
