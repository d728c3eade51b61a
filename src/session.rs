//! What one run remembers, and the one place where doing and judging meet.
//!
//! The session turns what the user said into requests, has the answers judged, asks what the rules still want to know,
//! and makes the report. It knows nothing of terminals.

mod assignment;
mod began;
mod bound;
mod certs_folders;
mod conversation;
mod credentials;
mod judged;
mod logins;
mod memory;
mod reaching;
mod registry_settings;
mod run;
mod secrets;
mod simulation;
mod words;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::sync::{Mutex, watch};

use crate::auth::credentials::Sources;
use crate::endpoint::NoAddress;
use crate::evidence::{CredentialTrail, Depth, OverHttp, Pseudonyms, Record, RunOptions};
use crate::lab::Lab;
use crate::oci::{Platform, Reference};
use crate::registry::{Dialogue, Progress};
use crate::transport::{Ended, Limits, Network, ResolveTo, Stop, TransportError};
use judged::report_of;

pub use judged::{Examined, replayed};
use registry_settings::RegistrySettings;
use run::Run;
use secrets::{hosts, redactor, secrets};
pub use words::AsksARegistry;

pub use assignment::Assignment;
pub use began::Began;
pub use bound::Bound;
pub use conversation::{Conversation, Stopped};
pub use logins::Logins;
pub use memory::{MOST_KEPT, Memory, Remembered};
pub use simulation::{LabChoice, SimulationError};

/// What the user said about how to ask, for every command alike.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The platform that is wanted.
    pub platform: Platform,
    /// The logins that were given, each for one registry.
    pub logins: Logins,
    /// Where credentials are looked for, where none were given for a registry.
    pub stored: Option<Sources>,
    /// Options that hold for one registry each.
    pub bound: Vec<Bound>,
    /// Hosts that may receive credentials, for whichever registry.
    pub trusted_realms: Vec<String>,
    /// The same for one registry each: the registry, and the host.
    pub trusted_pairs: Vec<(String, String)>,
    /// Speak plain HTTP to every registry.
    pub plain_http: bool,
    /// Ignore certificate faults of every registry.
    pub insecure: bool,
    /// A file with further trusted authorities.
    pub authority_file: Option<PathBuf>,
    /// Connect elsewhere for these hosts.
    pub resolve: Vec<ResolveTo>,
    /// How long the whole run may take.
    pub timeout: Option<Duration>,
    /// Make results that everybody may read: what has labels in them in the place of itself, but for the hosts of a run.
    pub public: Option<Pseudonyms>,
    /// Ask the lab in the place of the network.
    pub lab: Option<LabChoice>,
}

impl Settings {
    /// What holds where the user says nothing.
    pub fn new() -> Self {
        Self {
            platform: Platform::of_this_machine(),
            logins: Logins::default(),
            stored: None,
            bound: Vec::new(),
            trusted_realms: Vec::new(),
            trusted_pairs: Vec::new(),
            plain_http: false,
            insecure: false,
            authority_file: None,
            resolve: Vec::new(),
            timeout: None,
            public: None,
            lab: None,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

/// Why a run could not even begin.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Nothing can be sent.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// There is no lab to ask.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// The reference makes no address.
    #[error(transparent)]
    Address(#[from] NoAddress),
    /// A recording answers, and has no such thing.
    #[error("a recording has no TLS handshake of its own; ask the registry for one")]
    NotRecorded,
}

/// One run.
pub struct Session {
    settings: Settings,
    stop: watch::Receiver<Option<Stop>>,
    asks: AsksARegistry,
    memory: Option<Rc<Memory>>,
    /// Whether what is asked is only to be ready for later.
    aside: bool,
    /// Whether whoever reads a result can type the next command where it stands.
    typed: bool,
    /// The credential helper that is being asked.
    helper: RefCell<Option<String>>,
    /// What is to be said beside the results.
    remarks: RefCell<BTreeSet<&'static str>>,
    began: Began,
    ended: Ended,
    /// The ways to the network that were used so far.
    networks: RefCell<Vec<Arc<Network>>>,
    /// The labs that were started so far.
    labs: Mutex<Vec<Rc<Lab>>>,
}

impl Session {
    /// A session with these settings, which ends early when `stop` says so. `asks` knows the commands.
    pub fn new(settings: Settings, stop: watch::Receiver<Option<Stop>>, asks: AsksARegistry) -> Self {
        Self {
            settings,
            stop,
            asks,
            memory: None,
            aside: false,
            typed: false,
            helper: RefCell::default(),
            remarks: RefCell::default(),
            began: Began::default(),
            ended: Ended::default(),
            networks: RefCell::default(),
            labs: Mutex::default(),
        }
    }

    /// Whether results are for everybody to read.
    pub fn is_for_everybody(&self) -> bool {
        self.settings.public.is_some()
    }

    /// The same as one of several that follow each other and share a memory.
    #[must_use]
    pub fn remembering(self, memory: Rc<Memory>) -> Self {
        Self { memory: Some(memory), ..self }
    }

    /// The same beside another one that may be under way: what is exchanged gets its numbers later, from
    /// [`Memory::settle`].
    #[must_use]
    pub fn aside(self) -> Self {
        Self { aside: true, ..self }
    }

    /// The same where whoever reads a result can type the next command: commands are shown as they are typed there.
    #[must_use]
    pub fn typed(self, typed: bool) -> Self {
        Self { typed, ..self }
    }

    /// The program that is being asked for a credential: a helper may show a question somewhere, and wait for an answer.
    /// Its name fits the grammar of those.
    pub fn helper(&self) -> Option<String> {
        self.helper.borrow().as_ref().map(|name| format!("docker-credential-{name}"))
    }

    /// When the last run began, which may be under way.
    pub fn began(&self) -> Began {
        self.began.clone()
    }

    /// What came of the requests so far, for whoever ends the run before they are judged.
    pub fn ended(&self) -> Ended {
        self.ended.clone()
    }

    /// How long a run may take.
    pub fn total(&self) -> Duration {
        self.settings.timeout.unwrap_or(Limits::DEFAULT.total)
    }

    /// Whether exchanges are kept under their numbers when a command is over.
    pub fn remembers(&self) -> bool {
        self.memory.is_some()
    }

    /// Sends every Accept variant against a reference, asks what the rules want to know beyond that, and says what the
    /// answers mean. `progress` is told how many of the questions are answered, round by round.
    ///
    /// The redactor knows the secrets of the run; what is made of the report goes through it once more.
    ///
    /// # Errors
    /// Where nothing could be sent at all. Whatever goes wrong afterwards is in the report.
    pub async fn examine(&self, assignment: Assignment<'_>, progress: &Progress<'_>) -> Result<Examined, SessionError> {
        let Assignment { reference, accept, depth, mended, one_of_many } = assignment;
        let lab = self.lab(reference).await?;
        let transport = self.transport(reference, lab.as_deref())?;
        let (settings, trail) = self.with_credentials(reference).await;
        let settings = self.where_it_is(settings, reference, &transport).await?;
        let record = Record {
            mended,
            one_of_many,
            options: self.options(&settings, accept),
            ..self.record(reference, depth, trail, lab.as_deref())
        };
        let dialogue = Dialogue::new(record, settings.access.clone(), transport)?;
        let mut run = Run { dialogue, progress };
        run.dialogue.recall(self.last_number(), None);
        run.through(accept).await?;
        let over_http = run.record().authentication.over_http;
        self.note(over_http.filter(|over_http| matches!(over_http, OverHttp::Sent(_))));
        run.dialogue.record_mut().interrupted = self.stop.borrow().is_some();
        let mut redactor = redactor(&settings, &run.dialogue);
        let record = redactor.sealed(run.record());
        let report = report_of(&record, &mut redactor, self.asks);
        if let Some(memory) = &self.memory {
            memory.note_login_advice(&report.findings);
            memory.learn(&run.dialogue, &settings, lab.as_ref(), &self.stop);
            memory.note_untrusted_realm(&run.dialogue);
            memory.keep(&mut run.dialogue, &settings, self.aside);
        }
        Ok(Examined { record, report, redactor })
    }

    /// What a record keeps of how its run was asked for.
    fn options(&self, settings: &RegistrySettings, accept: &[String]) -> RunOptions {
        RunOptions { typed: self.typed, follows: self.remembers(), ..settings.options(accept) }
    }

    /// The lab that answers in the place of the network: where commands follow each other, the same as long as it has
    /// the registry.
    async fn lab(&self, reference: &Reference) -> Result<Option<Rc<Lab>>, SimulationError> {
        let Some(choice) = self.settings.lab else { return Ok(None) };
        let last = self.memory.as_ref().and_then(|memory| memory.scenario());
        let scenario = choice.scenario(reference, last)?;
        if let Some(lab) = self.memory.as_ref().and_then(|memory| memory.lab(scenario)) {
            return Ok(Some(lab));
        }
        // References of one command that the same scenario has are asked of the same lab.
        let mut labs = self.labs.lock().await;
        if let Some(lab) = labs.iter().find(|lab| lab.scenario().name() == scenario.name()) {
            return Ok(Some(Rc::clone(lab)));
        }
        let lab = Rc::new(Lab::start(scenario, None).await.map_err(SimulationError::Lab)?);
        labs.push(Rc::clone(&lab));
        if let Some(memory) = &self.memory {
            memory.keep_lab(&lab);
        }
        Ok(Some(lab))
    }

    fn last_number(&self) -> u64 {
        self.memory.as_ref().map_or(0, |memory| memory.last_number())
    }

    /// Begins a conversation with the registry of a reference.
    ///
    /// # Errors
    /// Where nothing could be sent at all.
    pub async fn converse(&self, reference: &Reference) -> Result<Conversation<'_>, SessionError> {
        Conversation::with(self, reference).await
    }

    /// Begins a conversation with the registry of a reference in which nobody logs in: no stored credential is looked for.
    ///
    /// # Errors
    /// Where nothing could be sent at all.
    pub async fn converse_without_login(&self, reference: &Reference) -> Result<Conversation<'_>, SessionError> {
        Conversation::without_login(self, reference).await
    }

    /// The platform that is wanted.
    pub fn platform(&self) -> &Platform {
        &self.settings.platform
    }

    /// The record of a run that is about to begin.
    fn record(&self, reference: &Reference, depth: Depth, trail: CredentialTrail, lab: Option<&Lab>) -> Record {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok();
        Record {
            now: now.and_then(|now| i64::try_from(now.as_secs()).ok()),
            simulation: lab.map(|lab| lab.scenario().name().into()),
            trail,
            ..Record::new(reference.clone(), depth, self.settings.platform.clone())
        }
    }

    /// Comes back when the run is to end.
    pub async fn until_stopped(&self) {
        // Without anybody who could say so, the run ends at once.
        let _ = self.stop.clone().wait_for(Option::is_some).await;
    }
}
