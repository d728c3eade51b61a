//! The output of other programs as records: what people have before they know this one.
//!
//! Each format has a reader of its own, which makes a list of requests and answers of it (`exchanges`); everything after
//! that is the same for all. Secrets, which no run knows here, are found by name and by form and removed before anything
//! else sees a record. What a log lacks is missing in the record as well.

mod accept;
mod answers;
mod bounded;
mod command;
mod crane;
mod ctr;
mod curl;
mod exchanges;
mod failures;
mod go_dump;
mod groups;
mod handshakes;
mod har;
mod lines;
mod logrus;
mod message;
mod oras;
mod places;
mod records;
mod report;
mod requests;
mod secrets;
#[cfg(test)]
mod tests;
mod times;

use self::exchanges::Log;
use self::lines::{lines, text_of};
use self::records::records;
use self::report::ReportLog;
use self::secrets::secrets_of;
use crate::evidence::{Maker, Provenance, Record, Redactor};

/// Why bytes cannot be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotImported {
    /// No known program writes that, or it has no requests with answers.
    #[error(
        "it has no requests with their answers in a known form: those of `curl -v`, `crane -v`, `oras --debug`, \
         `ctr images pull --http-dump`, HAR 1.2, or a report in JSON"
    )]
    Unknown,
    /// Answers without the addresses that they came from.
    #[error("it has answers, but not the requests; add the command lines, or use `curl -v`")]
    Unaddressed,
    /// None of the requests is about an image.
    #[error("none of its requests is about a repository")]
    NoImage,
    /// It has more requests or images than are read.
    #[error("it has more than 4000 requests or 1000 images, the limits for a log; cut it down to the pull in question")]
    TooMany,
    /// It has more different secrets than can be searched for.
    #[error("it has more than 1000 different secrets, the limit for a log; cut it down to the pull in question")]
    TooManySecrets,
}

/// Reads the output of another program, whose format is recognized by its contents. Returns a record for each image, without
/// secrets, which names the program.
///
/// # Errors
/// See [`NotImported`].
pub fn imported(bytes: &[u8]) -> Result<Vec<Record>, NotImported> {
    let text = text_of(bytes);
    let records = match text.trim_start().starts_with(['{', '[']) {
        true => of_json(&text)?,
        false => None,
    };
    let (kind, records) = match records {
        Some(records) => records,
        None => {
            let (kind, log) = read(&text)?;
            (kind, sealed(&log, None)?)
        }
    };
    let from = |record: Record| {
        let provenance = Provenance { at: record.now, maker: Maker::Other(kind), is_incomplete: false };
        Record { provenance: Some(provenance), ..record }
    };
    Ok(records.into_iter().map(from).collect())
}

/// The records of a HAR file or of reports. `None` if the text is neither.
fn of_json(text: &str) -> Result<Option<(&'static str, Vec<Record>)>, NotImported> {
    if let Some(log) = har::read(text)? {
        return Ok(Some(("a HAR file", sealed(&log, None)?)));
    }
    let reports = report::read(text)?;
    if reports.is_empty() {
        return Ok(None);
    }
    let mut records = Vec::new();
    for report in &reports {
        records.extend(sealed(&report.log, Some(report))?);
    }
    Ok(Some(("a report in JSON", records)))
}

/// The records of a log, without secrets.
fn sealed(log: &Log, report: Option<&ReportLog>) -> Result<Vec<Record>, NotImported> {
    let secrets = secrets_of(log)?;
    let mut redactor = Redactor::new(secrets.iter().map(|(what, secret)| (*what, secret)));
    records(log, report, &mut redactor)
}

/// The requests in the output of a program, and what it is.
fn read(text: &str) -> Result<(&'static str, Log), NotImported> {
    let lines = lines(text);
    let lines: Vec<&str> = lines.iter().map(|line| &**line).collect();
    // A file may have the output of several programs; the one with the most requests is read.
    type Read = fn(&[&str]) -> Result<Log, NotImported>;
    let formats: [(&str, Read); 4] = [
        ("an oras log", oras::read),
        ("a crane log", crane::read),
        ("a ctr log", ctr::read),
        ("a curl transcript", curl::read),
    ];
    let (mut best, mut unaddressed) = (("", Log::default()), false);
    for (kind, read) in formats {
        match read(&lines) {
            Ok(log) if log.exchanges.len() > best.1.exchanges.len() => best = (kind, log),
            Err(NotImported::Unaddressed) => unaddressed = true,
            Ok(_) => {}
            Err(error) => return Err(error),
        }
    }
    match best {
        (_, log) if log.exchanges.is_empty() => {
            Err(if unaddressed { NotImported::Unaddressed } else { NotImported::Unknown })
        }
        best => Ok(best),
    }
}
