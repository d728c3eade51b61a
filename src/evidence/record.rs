//! What one run observed, as one value: rules, reports and comparisons are functions of it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{Authentication, CredentialTrail, CredentialUse, ExchangeId, Journal, Matrix, Query, Reply, RunOptions};
use crate::knowledge::{KnownRegistry, known_registry};
use crate::oci::{Origin, Platform, Reference, Refusal};

/// The end of the year 9999, in seconds since 1970.
const LATEST: i64 = 253_402_300_799;

/// How far a run goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Depth {
    /// The one manifest that was asked for, in all variants.
    Probe,
    /// Everything that may explain why the image cannot be pulled: what it is made of, other names, other identities.
    Diagnosis,
}

impl Depth {
    /// Whether a run of this depth asks something that rules want to know. A probe is about one manifest; everything else
    /// is for a diagnosis.
    pub fn allows(self, query: &Query) -> bool {
        self == Self::Diagnosis || matches!(query, Query::HasBlob(_)) || query.is_about_the_scheme()
    }
}

/// What one run was asked to find out, and everything that it observed. It borrows nothing, and nothing that is judged or
/// shown comes from anywhere else.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The reference that was asked about.
    pub reference: Reference,
    /// What was typed, where it is not a reference, and what was probably meant is looked at instead.
    pub mended: Option<Refusal>,
    /// How far the run goes.
    pub depth: Depth,
    /// The platform that is wanted.
    pub platform: Platform,
    /// Small layers may be read whole: not where the reference is one of many.
    pub reads_small_layers: bool,
    /// The lab scenario that answers, where it is not the network.
    pub simulation: Option<Cow<'static, str>>,
    /// When the run began by the clock of this machine, in seconds since 1970.
    pub now: Option<i64>,
    /// Where a credential was looked for. Empty where one was given, or none was to be used.
    pub trail: CredentialTrail,
    /// The system has no certificate store, and the list that comes with the program was used.
    pub bundled_roots: bool,
    /// The folders on this machine in which container engines find certificates for the registry, each with the names of
    /// its files, safe to print. Looked for after TLS failed, and not before.
    pub certs_folders: Vec<String>,
    /// Where the registry answers; known after the first request.
    pub origin: Option<Origin>,
    /// HTTPS was tried first on this loopback registry, and plain HTTP then answered: the exchange that shows it.
    pub fell_back_to_http: Option<ExchangeId>,
    /// The story of the credentials.
    pub authentication: Authentication,
    /// Every exchange.
    pub journal: Journal,
    /// The answers to the Accept variants, side by side.
    pub matrix: Matrix,
    /// What rules wanted to know beyond that.
    pub answered: Vec<Reply>,
    /// Every query in the order in which it was sent, with what came of it; in that order a recording answers again.
    pub asked: Vec<Reply>,
    /// What became of each challenge that was answered, as it was known then.
    pub stories: Vec<Authentication>,
    /// Plain HTTP was to be tried where HTTPS is not spoken: the registry is on the loopback device.
    pub may_be_plain: bool,
    /// How many queries were not asked because there were too many.
    pub left_out: usize,
    /// Whether the user ended the run.
    pub interrupted: bool,
    /// What the run was told.
    pub options: RunOptions,
}

/// Why bytes are not a record.
#[derive(Debug, thiserror::Error)]
pub enum UnreadRecord {
    /// They are not JSON of its form.
    #[error("it does not have the form of a recording: {0}")]
    Form(#[from] serde_json::Error),
    /// Parts of it contradict each other.
    #[error("parts of it contradict each other: {0}")]
    Contradiction(&'static str),
}

impl Record {
    /// A run about a reference, in which nothing was asked yet.
    pub fn new(reference: Reference, depth: Depth, platform: Platform) -> Self {
        Self {
            reference,
            mended: None,
            depth,
            platform,
            reads_small_layers: true,
            simulation: None,
            now: None,
            trail: CredentialTrail::default(),
            bundled_roots: false,
            certs_folders: Vec::new(),
            origin: None,
            fell_back_to_http: None,
            authentication: Authentication::not_asked(CredentialUse::Anonymous),
            journal: Journal::default(),
            matrix: Matrix::default(),
            answered: Vec::new(),
            asked: Vec::new(),
            stories: Vec::new(),
            may_be_plain: false,
            left_out: 0,
            interrupted: false,
            options: RunOptions::default(),
        }
    }

    /// Reads a record that was written as JSON. Who wrote it is not known: what is in it is as hostile as the words of a
    /// server, and what it says of other parts of itself is checked.
    ///
    /// # Errors
    /// Where it cannot be judged as it is.
    pub fn read(json: &[u8]) -> Result<Self, UnreadRecord> {
        let mut record = serde_json::from_slice::<Self>(json)?;
        let years = 0..=LATEST;
        if record.now.is_some_and(|now| !years.contains(&now)) {
            return Err(UnreadRecord::Contradiction("the time when it began is not one"));
        }
        if record.mended.as_ref().is_some_and(|refusal| refusal.input.get(refusal.at.clone()).is_none()) {
            return Err(UnreadRecord::Contradiction("the fault of the reference is not in what was typed"));
        }
        let pairs = record.matrix.pairs.iter().flat_map(|(head, get)| [head, get]);
        let probed = record.matrix.probes.iter().filter_map(|probe| probe.exchange.as_ref());
        let answered = record.answered.iter().chain(&record.asked).flat_map(|answered| &answered.exchanges);
        let stories = record.stories.iter().chain([&record.authentication]);
        let stories = stories.flat_map(|story| [&story.challenged_by, &story.token]);
        let stories = stories.chain([&record.fell_back_to_http]).flatten();
        let named = pairs.chain(probed).chain(answered).chain(stories);
        if named.copied().any(|id| !record.journal.has(id)) {
            return Err(UnreadRecord::Contradiction("an exchange that it names is not in it"));
        }
        record.matrix = std::mem::take(&mut record.matrix).restored(&record.journal);
        Ok(record)
    }

    /// What is known about the registry by its name.
    pub fn known(&self) -> Option<&'static KnownRegistry> {
        known_registry(self.reference.registry().name())
    }
}
