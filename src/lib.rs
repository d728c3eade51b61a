//! Find out why a container image will not pull.
//!
//! This is the library of the program `ociscope`, for programs that want an answer as a value: [`diagnose`] asks a registry
//! and judges what it answers, [`explain`] says what an error means without asking anybody.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use ociscope::{ExitStatus, Reference, Settings, diagnose};
//!
//! let reference = Reference::parse("registry-3.example/demo/tagged:3.0")?;
//! // The lab is a registry inside this program; without it, the network is asked.
//! let settings = Settings::for_the_lab("distribution-3-tag-missing")?;
//! let mut report = diagnose(&reference, settings).await?;
//! assert_eq!(report.exit_status(), ExitStatus::NotFound);
//! assert!(report.to_text(80)?.contains("tag-not-found"));
//! # Ok(())
//! # }
//! ```
//!
//! # Stability
//!
//! The version is below 1.0. What is named on this page changes with the second number of the version at the earliest, and
//! the change is in its notes. The JSON of a report, the names of rules and the exit statuses change less: fields, rules and
//! statuses are added, and none changes its meaning. Everything else in this crate is internal.

#![forbid(unsafe_code)]
// The rooms are documented for those who work on them, and refer to each other.
#![allow(rustdoc::private_intra_doc_links)]

pub(crate) mod auth;
pub(crate) mod cli;
pub(crate) mod commands;
pub(crate) mod comparison;
pub(crate) mod diagnosis;
pub(crate) mod endpoint;
pub(crate) mod evidence;
pub(crate) mod explanation;
pub(crate) mod image;
pub(crate) mod knowledge;
#[cfg_attr(not(feature = "lab"), path = "lab/absent.rs")]
pub(crate) mod lab;
pub(crate) mod oci;
pub(crate) mod probe;
pub(crate) mod recipe;
pub(crate) mod recording;
pub(crate) mod registry;
pub(crate) mod report;
pub(crate) mod session;
pub(crate) mod shell;
pub(crate) mod text;
pub(crate) mod transport;

use std::io;

use tokio::sync::watch;

pub use crate::commands::{OutputError, asks_a_registry};
pub use crate::diagnosis::ExitStatus;
pub use crate::evidence::UnreadRecord;
pub use crate::explanation::{Explanation, UnknownTopic};
#[cfg(feature = "lab")]
pub use crate::lab::NoSuchScenario;
pub use crate::oci::{Platform, Reference, Refusal};
pub use crate::recording::UnreadRecording;
pub use crate::session::{SessionError, Settings};

use crate::commands::{Format, Output};
use crate::evidence::{Depth, Record, Redactor};
use crate::recording::{Ended, Recording};
use crate::report::Style;
use crate::session::{Assignment, Examined, Session, replayed};

/// Asks the registry of a reference whatever may explain why the image cannot be pulled, and says what the answers mean.
///
/// Nothing is read from the environment or from files but what `settings` say. It needs a Tokio runtime with time and I/O.
///
/// # Errors
/// Where nothing could be sent at all. What goes wrong afterwards is in the report.
pub async fn diagnose(reference: &Reference, settings: Settings) -> Result<Report, SessionError> {
    let assignment = Assignment { reference, accept: &[], depth: Depth::Diagnosis, mended: None, one_of_many: false };
    // The sender is kept until the end: without it the run would count as stopped.
    let (_running, stop) = watch::channel(None);
    let session = Session::new(settings, stop, asks_a_registry);
    let Examined { record, report, redactor } = session.examine(assignment, &|_, _| {}).await?;
    Ok(Report { record, report, redactor })
}

/// Says what a word or a pasted error means: the name of a rule, an error code, a status, a header, a media type, or what a
/// client printed. Nobody is asked.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let explanation = ociscope::explain("MANIFEST_UNKNOWN").map_err(|unknown| unknown.to_string())?;
/// assert!(explanation.to_markdown()?.contains("MANIFEST_UNKNOWN"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where nothing is known about it.
pub fn explain(text: &str) -> Result<Explanation, Box<UnknownTopic>> {
    explanation::explain(&text::Untrusted::from(text))
}

/// What a diagnosis came to. Every form of it is searched for the secrets of the run before it is given out.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # use ociscope::{Reference, Settings, diagnose};
/// let reference = Reference::parse("ghcr.io/example/greeting:1.0")?;
/// let mut report = diagnose(&reference, Settings::for_the_lab("ghcr-healthy")?).await?;
/// let json: serde_json::Value = serde_json::from_str(&report.to_json()?)?;
/// assert_eq!(json["exit_code"], 0);
/// assert!(report.to_markdown()?.contains("ghcr.io/example/greeting:1.0"));
/// assert!(report.to_html()?.starts_with("<!DOCTYPE html>"));
/// # Ok(())
/// # }
/// ```
pub struct Report {
    record: Record,
    report: report::Report,
    redactor: Redactor,
}

impl Report {
    /// What the program would end with.
    pub fn exit_status(&self) -> ExitStatus {
        self.report.exit
    }

    /// The names of the rules that found something, the most important first.
    pub fn rules(&self) -> impl Iterator<Item = &str> {
        self.report.findings.iter().map(|finding| finding.rule)
    }

    /// The report as text of this many columns, without colours.
    ///
    /// # Errors
    /// Where a secret would be in it.
    pub fn to_text(&mut self, width: usize) -> Result<String, OutputError> {
        self.in_format(Format::Terminal, width)
    }

    /// The report for an issue.
    ///
    /// # Errors
    /// Where a secret would be in it.
    pub fn to_markdown(&mut self) -> Result<String, OutputError> {
        self.in_format(Format::Markdown, 80)
    }

    /// The report for a browser: one page with all evidence, which loads nothing and runs no script.
    ///
    /// # Errors
    /// Where a secret would be in it.
    pub fn to_html(&mut self) -> Result<String, OutputError> {
        self.in_format(Format::Html, 80)
    }

    /// The report for programs, as `ociscope diagnose --json` has it.
    ///
    /// # Errors
    /// Where a secret would be in it.
    pub fn to_json(&mut self) -> Result<String, OutputError> {
        self.in_format(Format::Json, 80)
    }

    /// Everything that was observed, in the format `ociscope.recording/1`, to be judged again by [`Report::of_recording`] or
    /// `ociscope diagnose --from FILE`. It has no secret of the run, and every later version reads it.
    ///
    /// # Errors
    /// Where a secret would be in it.
    pub fn to_recording(&self) -> Result<String, OutputError> {
        let run = Recording::written_run(&self.record).map_err(io::Error::other)?;
        self.redactor.last_scan(run.get())?;
        let ended = if self.record.ended_early() { Ended::Interrupted } else { Ended::Complete };
        let recording = Recording::new(self.record.now, ended, false, vec![self.record.clone()]);
        Ok(recording.write(&[run]).map_err(io::Error::other)?)
    }

    /// The report of a recording of one run: what it means by the rules of today. Nothing is asked, and the clock is that of
    /// the run.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # use ociscope::{Reference, Report, Settings, diagnose};
    /// let reference = Reference::parse("registry-3.example/demo/tagged:3.0")?;
    /// let report = diagnose(&reference, Settings::for_the_lab("distribution-3-tag-missing")?).await?;
    /// let recording = report.to_recording()?;
    /// let again = Report::of_recording(recording.as_bytes()).await?;
    /// assert!(again.rules().eq(report.rules()));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Where the bytes are not a recording, or one of several runs.
    pub async fn of_recording(recording: &[u8]) -> Result<Self, RecordingError> {
        let Recording { runs, .. } = Recording::read(recording)?;
        let [run] = &runs[..] else { return Err(RecordingError::Several(runs.len())) };
        let Examined { record, report, redactor } = replayed(run, asks_a_registry).await?;
        Ok(Self { record, report, redactor })
    }

    fn in_format(&mut self, format: Format, width: usize) -> Result<String, OutputError> {
        written(format, width, |output| output.report(&self.report, &mut self.redactor))
    }
}

/// Why a recording cannot be judged.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// The bytes are not a recording.
    #[error(transparent)]
    Unread(#[from] UnreadRecording),
    /// It has several runs.
    #[error("the recording has {0} runs, and a report is about one")]
    Several(usize),
    /// It is about a reference that makes no address.
    #[error(transparent)]
    Session(#[from] SessionError),
}

/// What is written to an output of this format, as a text without colours.
fn written(
    format: Format,
    width: usize,
    write: impl FnOnce(&mut Output<'_>) -> Result<(), OutputError>,
) -> Result<String, OutputError> {
    let mut written = Vec::new();
    let mut output = Output::new(&mut written, format, Style::new(false), width);
    write(&mut output)?;
    output.finish()?;
    drop(output);
    // Every form of a result is a text.
    Ok(String::from_utf8_lossy(&written).into_owned())
}

impl Explanation {
    /// The explanation for an issue.
    ///
    /// # Errors
    /// Never, as long as there is memory: it is written to a text.
    pub fn to_markdown(&self) -> Result<String, OutputError> {
        let mut redactor = Redactor::default();
        written(Format::Markdown, 80, |output| output.fetched(&self.document, &self.to_json(), &mut redactor))
    }
}

#[cfg(feature = "lab")]
impl Settings {
    /// Settings under which a scenario of the lab answers, and nothing else is asked. `ociscope lab list` names them.
    ///
    /// # Errors
    /// Where there is no scenario of that name.
    pub fn for_the_lab(scenario: &str) -> Result<Self, NoSuchScenario> {
        let scenario = lab::scenario(scenario)?;
        Ok(Self { lab: Some(session::LabChoice::Named(scenario)), ..Self::new() })
    }
}

/// What the program itself, its tests, its fuzz targets and its benchmarks use. It may change at any time.
#[doc(hidden)]
pub mod internals {
    pub use crate::auth::challenge::read_challenges;
    pub use crate::auth::credentials::{Config, read_pull_secret};
    pub use crate::auth::realm::{TrustedRealms, judge};
    pub use crate::auth::scope::Scope;
    pub use crate::auth::token::read_token;
    pub use crate::cli::{Captured, captured, grammar, main};
    pub use crate::diagnosis::{Rule, catalogue};
    pub use crate::evidence::{Body, PresentedChain, Redactor, Response, body_kind, day, error_entries, markup_words};
    pub use crate::explanation::text_of;
    pub use crate::image::{ImageConfig, Manifest, disputed_fields};
    pub use crate::knowledge::{KnownRegistry, known_registry};
    #[cfg(feature = "lab")]
    pub use crate::lab::{Lab, Piece, Scenario, content, dialects, pieces, scenario, scenarios};
    pub use crate::oci::{Algorithm, Digest, Place, Scheme};
    pub use crate::recording::Recording;
    pub use crate::shell::{SHELL, line};
    pub use crate::text::{Secret, Untrusted, cut_at_marks, is_safe};
}
