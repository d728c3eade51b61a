//! The observations of one run, as one value: rules, reports and comparisons are functions of it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{
    Authentication, CredentialTrail, CredentialUse, Exchange, ExchangeId, FailureKind, Journal, Matrix, Provenance,
    Query, Reply, RunOptions,
};
use crate::knowledge::{KnownRegistry, known_registry};
use crate::oci::{Origin, Platform, Reference, Refusal};

/// The end of the year 9999, in seconds since 1970.
const LATEST: i64 = 253_402_300_799;

/// The depth of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Depth {
    /// The requested manifest only, in all variants.
    Probe,
    /// Everything that may explain why the image cannot be pulled: its contents, other names, other identities.
    Diagnosis,
    /// The asking client's requests, for one of many references: a run that finds an error continues as a diagnosis.
    Batch,
}

impl Depth {
    /// Whether the run covers everything that a pull needs, not only one manifest.
    pub fn goes_deep(self) -> bool {
        match self {
            Self::Diagnosis | Self::Batch => true,
            Self::Probe => false,
        }
    }

    /// Whether a run of this depth sends a rule's query. A probe is about one manifest; everything else is for a
    /// diagnosis.
    pub fn allows(self, query: &Query) -> bool {
        self.goes_deep() || matches!(query, Query::HasBlob(_)) || query.is_about_the_scheme()
    }
}

/// The task of one run, and all its observations. It borrows nothing, and judging and reporting use nothing else.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The requested reference.
    pub reference: Reference,
    /// The error in the user's input, if it is not a reference and the likely intended one is examined instead.
    #[serde(rename = "corrected")]
    pub mended: Option<Refusal>,
    /// The depth of the run.
    pub depth: Depth,
    /// The selected platform.
    pub platform: Platform,
    /// Whether other references are examined in the same run. Then fewer layers are read whole, and clients other than
    /// the asking one are tried only if something is wrong.
    pub one_of_many: bool,
    /// The lab scenario that answers instead of the network.
    pub simulation: Option<Cow<'static, str>>,
    /// The start of the run by the clock of this machine, in seconds since 1970.
    pub now: Option<i64>,
    /// Where a credential was looked for. Empty if one was given, or none was to be used.
    pub trail: CredentialTrail,
    /// Whether the system has no certificate store, and the bundled list was used.
    pub bundled_roots: bool,
    /// The directories on this machine in which container engines look for certificates of the registry, each with the
    /// names of its files, safe to print. Looked for only after TLS failed.
    pub certs_folders: Vec<String>,
    /// The origin of the registry; known after the first request.
    pub origin: Option<Origin>,
    /// The exchange that shows that plain HTTP answered after HTTPS was tried first on this loopback registry.
    pub fell_back_to_http: Option<ExchangeId>,
    /// The authentication before the first query, whose grant the queries were sent with: clients that begin with `/v2/`
    /// take the challenge from there, and some send credentials unasked. `None` if the run began without a grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authenticated_before: Option<Authentication>,
    /// The authentication trace.
    pub authentication: Authentication,
    /// All exchanges.
    pub journal: Journal,
    /// The answers to the Accept variants, side by side.
    pub matrix: Matrix,
    /// The rules' queries, with their answers.
    pub answered: Vec<Reply>,
    /// All queries in the order in which they were sent, with their answers; a recording answers in that order.
    pub asked: Vec<Reply>,
    /// The outcome of each answered challenge, as it was known then.
    #[serde(rename = "handshakes")]
    pub stories: Vec<Authentication>,
    /// Whether plain HTTP was to be tried if HTTPS is not spoken: the registry is on the loopback device.
    pub may_be_plain: bool,
    /// The number of queries that were not sent because of a bound.
    pub left_out: usize,
    /// The number of queries to which the recording that answers them has no answer. Zero for a run that sent them.
    #[serde(skip)]
    pub unrecorded: usize,
    /// The file that it was read from. `None` for a run of this program.
    #[serde(skip)]
    pub provenance: Option<Provenance>,
    /// Whether the user ended the run.
    pub interrupted: bool,
    /// The options of the run.
    pub options: RunOptions,
}

/// Why bytes are not a valid record.
#[derive(Debug, thiserror::Error)]
pub enum UnreadRecord {
    /// They are not JSON of the right form.
    #[error("it does not have the form of a recording: {0}")]
    Form(#[from] serde_json::Error),
    /// Parts of it contradict each other.
    #[error("parts of it contradict each other: {0}")]
    Contradiction(&'static str),
}

impl Record {
    /// Creates the record of a run for a reference, without any requests yet.
    pub fn new(reference: Reference, depth: Depth, platform: Platform) -> Self {
        Self {
            reference,
            mended: None,
            depth,
            platform,
            one_of_many: false,
            simulation: None,
            now: None,
            trail: CredentialTrail::default(),
            bundled_roots: false,
            certs_folders: Vec::new(),
            origin: None,
            fell_back_to_http: None,
            authenticated_before: None,
            authentication: Authentication::not_asked(CredentialUse::Anonymous),
            journal: Journal::default(),
            matrix: Matrix::default(),
            answered: Vec::new(),
            asked: Vec::new(),
            stories: Vec::new(),
            may_be_plain: false,
            left_out: 0,
            unrecorded: 0,
            provenance: None,
            interrupted: false,
            options: RunOptions::default(),
        }
    }

    /// Reads a record that was written as JSON. Its author is unknown, so its contents are as hostile as a server's
    /// words, and its internal references are checked.
    ///
    /// # Errors
    /// Fails if the record cannot be judged as it is.
    pub fn read(json: &[u8]) -> Result<Self, UnreadRecord> {
        serde_json::from_slice::<Self>(json)?.checked()
    }

    /// Checks the internal references of a record that somebody else wrote, and restores what is derived from others.
    ///
    /// # Errors
    /// Fails if the record cannot be judged as it is.
    pub fn checked(mut self) -> Result<Self, UnreadRecord> {
        let years = 0..=LATEST;
        if self.now.is_some_and(|now| !years.contains(&now)) {
            return Err(UnreadRecord::Contradiction("the time when it began is not one"));
        }
        if self.mended.as_ref().is_some_and(|refusal| refusal.input.get(refusal.at.clone()).is_none()) {
            return Err(UnreadRecord::Contradiction("the fault of the reference is not in the input"));
        }
        let pairs = self.matrix.pairs.iter().flat_map(|(head, get)| [head, get]);
        let probed = self.matrix.probes.iter().filter_map(|probe| probe.exchange.as_ref());
        let answered = self.answered.iter().chain(&self.asked).flat_map(|answered| &answered.exchanges);
        let stories = self.stories.iter().chain([&self.authentication]).chain(&self.authenticated_before);
        let stories = stories.flat_map(|story| [&story.challenged_by, &story.token]);
        let stories = stories.chain([&self.fell_back_to_http]).flatten();
        let named = pairs.chain(probed).chain(answered).chain(stories);
        if named.copied().any(|id| !self.journal.has(id)) {
            return Err(UnreadRecord::Contradiction("an exchange that it names is not in it"));
        }
        self.matrix = std::mem::take(&mut self.matrix).restored(&self.journal);
        Ok(self)
    }

    /// Whether the user, a signal or the time limit ended the run, so that it lacks answers.
    pub fn ended_early(&self) -> bool {
        let is_cut = |exchange: &Exchange| {
            let kind = exchange.failure.as_ref().map(|failure| &failure.kind);
            matches!(kind, Some(FailureKind::Interrupted | FailureKind::Deadline))
        };
        self.interrupted || self.journal.iter().any(|(_, exchange)| is_cut(exchange))
    }

    /// The known facts about the registry with its name.
    pub fn known(&self) -> Option<&'static KnownRegistry> {
        known_registry(self.reference.registry().name())
    }
}
