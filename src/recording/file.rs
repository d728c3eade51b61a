//! The file format of recordings, `ociscope.recording/1`: JSON, with the records of all runs of a command.
//!
//! Every later version reads it. A field is added with a default, and none changes its meaning.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::har::CREATOR as HAR_CREATOR;
use super::import::{NotImported, imported};
use crate::evidence::{Build, Maker, Provenance, Record, UnreadRecord, instant};
use crate::oci::Reference;

/// The name of the format, with its version.
const SCHEMA: &str = "ociscope.recording/1";
/// The name of the format, without a version.
const FAMILY: &str = "ociscope.recording/";
/// The maximum number of runs: as many as a command has references.
const MOST_RUNS: usize = 10_000;

/// The runs of one command, or of a session of the shell.
#[derive(Debug, Clone)]
pub struct Recording {
    /// When it was written, in seconds since 1970. `None` for the output of another program.
    pub at: Option<i64>,
    /// How it ended.
    pub ended: Ended,
    /// Whether names were replaced by pseudonyms.
    pub public: bool,
    /// The runs, in the order of their references. There is at least one.
    pub runs: Vec<Record>,
    /// The positions of the runs about each reference, in their order.
    by_reference: HashMap<String, Vec<usize>>,
}

/// The end of a recorded command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ended {
    /// It sent all its requests.
    Complete,
    /// The user, a signal or the time limit ended it.
    Interrupted,
}

/// Why bytes are not a recording that can be used.
#[derive(Debug, thiserror::Error)]
pub enum UnreadRecording {
    /// They are neither in this format nor the output of a known program.
    #[error("it is not a recording, and {0}")]
    Other(#[from] NotImported),
    /// A later version of the format.
    #[error("its format is {0}, and this version of ociscope reads {SCHEMA}; use a newer version")]
    Newer(String),
    /// The head of the file is invalid.
    #[error("it does not have the form of a recording: {0}")]
    Form(&'static str),
    /// It has no runs.
    #[error("it contains no requests")]
    Empty,
    /// It has more runs than are read.
    #[error("it contains more than {MOST_RUNS} runs, the limit for a recording")]
    TooMany,
    /// One of its runs cannot be judged.
    #[error("it is not a valid recording: {0}")]
    Run(#[from] UnreadRecord),
}

/// The head of the file, which tells its format.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow)]
    schema: Option<Cow<'a, str>>,
}

/// The file.
#[derive(Serialize, Deserialize)]
struct Written<'a, R> {
    #[serde(borrow)]
    schema: Cow<'a, str>,
    #[serde(borrow)]
    made: Made<'a>,
    ended: Ended,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    public: bool,
    runs: Vec<R>,
}

/// What made the file.
#[derive(Serialize, Deserialize)]
struct Made<'a> {
    /// In UTC, by RFC 3339.
    at: Option<Cow<'a, str>>,
    version: Cow<'a, str>,
    os: Cow<'a, str>,
    arch: Cow<'a, str>,
}

impl Recording {
    /// Creates a recording of these runs.
    pub fn new(at: Option<i64>, ended: Ended, public: bool, runs: Vec<Record>) -> Self {
        let mut by_reference: HashMap<String, Vec<usize>> = HashMap::new();
        for (at, run) in runs.iter().enumerate() {
            by_reference.entry(run.reference.to_string()).or_default().push(at);
        }
        Self { at, ended, public, runs, by_reference }
    }

    /// Reads a file: a recording, or the output of another program ([`imported`]). Its runs know that they come from there.
    ///
    /// # Errors
    /// See [`UnreadRecording`].
    pub fn read(bytes: &[u8]) -> Result<Self, UnreadRecording> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if !Self::is_one(bytes)? {
            let runs = imported(bytes)?;
            let at = runs.iter().filter_map(|run| run.now).min();
            return Ok(Self::new(at, Ended::Complete, false, runs));
        }
        let Written { made, ended, public, runs, .. } = serde_json::from_slice::<Written<'_, &RawValue>>(bytes)
            .map_err(|error| UnreadRecording::Run(error.into()))?;
        let build = Build { version: made.version.into(), os: made.os.into(), arch: made.arch.into() };
        if !build.is_well_formed() {
            return Err(UnreadRecording::Form("`made` does not name a version and a system"));
        }
        let at = made.at.map(|at| moment(&at)).transpose()?;
        if runs.len() > MOST_RUNS {
            return Err(UnreadRecording::TooMany);
        }
        let is_incomplete = ended == Ended::Interrupted;
        let read = |run: &RawValue| {
            let record = Record::read(run.get().as_bytes())?;
            let maker = Maker::Ociscope(build.clone());
            let provenance = Provenance { at: record.now, maker, is_incomplete: is_incomplete || record.ended_early() };
            Ok(Record { provenance: Some(provenance), ..record })
        };
        let runs = runs.into_iter().map(read).collect::<Result<Vec<_>, UnreadRecord>>()?;
        if runs.is_empty() {
            return Err(UnreadRecording::Empty);
        }
        Ok(Self::new(at, ended, public, runs))
    }

    /// Whether bytes are a recording in this format. Of a file that claims to be one in another version, too.
    ///
    /// # Errors
    /// Fails if it is one in a later version.
    fn is_one(bytes: &[u8]) -> Result<bool, UnreadRecording> {
        let Ok(Head { schema: Some(schema) }) = serde_json::from_slice::<Head<'_>>(bytes) else { return Ok(false) };
        match schema.strip_prefix(FAMILY) {
            None => Ok(false),
            Some(_) if schema == SCHEMA => Ok(true),
            Some(version) if version.len() < 20 && version.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(UnreadRecording::Newer(schema.into_owned()))
            }
            Some(_) => Err(UnreadRecording::Form("its version is not a number")),
        }
    }

    /// The file, of runs that were written by [`Recording::written_run`].
    ///
    /// # Errors
    /// Errors of the serializer.
    pub fn write(&self, runs: &[Box<RawValue>]) -> Result<String, serde_json::Error> {
        let Build { version, os, arch } = Build::current();
        let at = self.at.map(|at| instant(at).into());
        let made = Made { at, version: version.into(), os: os.into(), arch: arch.into() };
        let written = Written {
            schema: SCHEMA.into(),
            made,
            ended: self.ended,
            public: self.public,
            runs: runs.iter().collect(),
        };
        serde_json::to_string(&written).map(|text| format!("{text}\n"))
    }

    /// One run as it is in the file, to be searched for secrets before it is written.
    ///
    /// # Errors
    /// Errors of the serializer.
    pub fn written_run(run: &Record) -> Result<Box<RawValue>, serde_json::Error> {
        serde_json::value::to_raw_value(run)
    }

    /// The runs about a reference: the same one, however it was written.
    pub fn about(&self, reference: &Reference) -> impl DoubleEndedIterator<Item = &Record> {
        let places = self.by_reference.get(&reference.to_string()).map(Vec::as_slice).unwrap_or_default();
        places.iter().map(|&at| &self.runs[at])
    }

    /// The references of its runs, each once, in their order.
    pub fn references(&self) -> Vec<&Reference> {
        let mut first: Vec<usize> = self.by_reference.values().filter_map(|places| places.first().copied()).collect();
        first.sort_unstable();
        first.into_iter().map(|at| &self.runs[at].reference).collect()
    }
}

/// Whether a file that begins with these bytes was written as a recording by this program, so that another one may replace
/// it.
pub fn is_ours(beginning: &[u8]) -> bool {
    let beginning = beginning.trim_ascii_start();
    let has = |words: &str| beginning.windows(words.len()).any(|window| window == words.as_bytes());
    beginning.starts_with(b"{") && (has(FAMILY) || has(HAR_CREATOR))
}

/// A time in RFC 3339, in seconds since 1970.
fn moment(text: &str) -> Result<i64, UnreadRecording> {
    let time = OffsetDateTime::parse(text, &Rfc3339);
    time.map(OffsetDateTime::unix_timestamp).map_err(|_| UnreadRecording::Form("`made.at` is not a time"))
}
