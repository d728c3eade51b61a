//! The state of one run, and the only place where doing and judging meet.
//!
//! The session turns the user's input into requests, has the answers judged, sends the rules' additional queries, and
//! creates the report. It does not use a terminal.

mod assignment;
mod began;
mod bound;
mod certs_folders;
mod conversation;
mod credentials;
mod examination;
mod judged;
mod logins;
mod memory;
mod reaching;
mod recorded;
mod recorder;
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
use crate::evidence::{CredentialTrail, Depth, Pseudonyms, Record, RunOptions};
use crate::lab::Lab;
use crate::oci::{Platform, Reference};
use crate::registry::Dialogue;
use crate::transport::{Ended, Limits, Network, ResolveTo, Stop, TransportError};

pub use examination::Compared;
pub use judged::{Examined, replayed};
use recorder::Run as Kept;
use registry_settings::RegistrySettings;
use secrets::{hosts, redactor, secrets, users};
pub use words::AsksARegistry;

pub use assignment::Assignment;
pub use began::Began;
pub use bound::Bound;
pub use conversation::{Conversation, Stopped};
pub use logins::Logins;
pub use memory::{MOST_KEPT, Memory, Remembered};
pub use recorded::OpenedRecording;
pub use recorder::{Recorder, RecorderError};
pub use simulation::{LabChoice, SimulationError};

/// The user's settings for requests, common to all commands.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The selected platform.
    pub platform: Platform,
    /// The logins given by the user, each for one registry.
    pub logins: Logins,
    /// The stores to search for the credentials of a registry without a given login.
    pub stored: Option<Sources>,
    /// Options that each apply to one registry.
    pub bound: Vec<Bound>,
    /// Hosts that may receive credentials of any registry.
    pub trusted_realms: Vec<String>,
    /// Pairs of a registry and a host that may receive its credentials.
    pub trusted_pairs: Vec<(String, String)>,
    /// Whether to use plain HTTP for every registry.
    pub plain_http: bool,
    /// Whether to ignore certificate faults of every registry.
    pub insecure: bool,
    /// A file with additional trusted authorities.
    pub authority_file: Option<PathBuf>,
    /// Address overrides for these hosts.
    pub resolve: Vec<ResolveTo>,
    /// The time limit of the whole run.
    pub timeout: Option<Duration>,
    /// The pseudonyms for anonymized results, except for the hosts of a run; `None` for ordinary results.
    pub public: Option<Pseudonyms>,
    /// The lab to use instead of the network.
    pub lab: Option<LabChoice>,
    /// The recording that answers instead of the network.
    pub recording: Option<OpenedRecording>,
}

impl Settings {
    /// The default settings.
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
            recording: None,
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

/// Why a run could not start.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// Requests cannot be sent.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// There is no suitable lab.
    #[error(transparent)]
    Simulation(#[from] SimulationError),
    /// The reference does not form a valid address.
    #[error(transparent)]
    Address(#[from] NoAddress),
    /// A recording answers, and does not contain the request.
    #[error("the recording does not contain {0}, and nothing is sent while a recording answers")]
    NotRecorded(String),
}

/// One run.
pub struct Session {
    settings: Settings,
    stop: watch::Receiver<Option<Stop>>,
    asks: AsksARegistry,
    memory: Option<Rc<Memory>>,
    /// Whether requests are auxiliary, in preparation for later commands.
    aside: bool,
    /// Whether the reader of a result can enter the next command in the same place.
    typed: bool,
    /// The credential helper that is running.
    helper: RefCell<Option<String>>,
    /// Remarks to print in addition to the results.
    remarks: RefCell<BTreeSet<&'static str>>,
    began: Began,
    ended: Ended,
    /// The networks used so far.
    networks: RefCell<Vec<Arc<Network>>>,
    /// The labs started so far.
    labs: Mutex<Vec<Rc<Lab>>>,
    /// What keeps the records of its runs.
    recorders: Vec<Rc<Recorder>>,
}

impl Session {
    /// Creates a session with these settings, which ends early on `stop`. `asks` recognizes commands that contact a
    /// registry.
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
            recorders: Vec::new(),
        }
    }

    /// Whether results are anonymized.
    pub fn is_for_everybody(&self) -> bool {
        self.settings.public.is_some()
    }

    /// Makes this session one of several that follow each other and share a memory.
    #[must_use]
    pub fn remembering(self, memory: Rc<Memory>) -> Self {
        Self { memory: Some(memory), ..self }
    }

    /// Makes this session keep the record of each run there.
    #[must_use]
    pub fn recording_to(mut self, recorder: Rc<Recorder>) -> Self {
        self.recorders.push(recorder);
        self
    }

    /// Makes this session run in the background of another one: its exchanges get their numbers later, from
    /// [`Memory::settle`].
    #[must_use]
    pub fn aside(self) -> Self {
        Self { aside: true, ..self }
    }

    /// Makes this session interactive: commands are shown as they are entered in the shell.
    #[must_use]
    pub fn typed(self, typed: bool) -> Self {
        Self { typed, ..self }
    }

    /// The credential helper that is running: it may show a prompt somewhere, and wait for an answer. Its name fits the
    /// grammar of helper names.
    pub fn helper(&self) -> Option<String> {
        self.helper.borrow().as_ref().map(|name| format!("docker-credential-{name}"))
    }

    /// When the last run began, which may be in progress.
    pub fn began(&self) -> Began {
        self.began.clone()
    }

    /// The outcomes of the requests so far, for ending the run before they are judged.
    pub fn ended(&self) -> Ended {
        self.ended.clone()
    }

    /// The time limit of a run.
    pub fn total(&self) -> Duration {
        self.settings.timeout.unwrap_or(Limits::DEFAULT.total)
    }

    /// Whether exchanges are kept under their numbers when a command ends.
    pub fn remembers(&self) -> bool {
        self.memory.is_some()
    }

    /// The place of a run that begins, in each recorder.
    fn tickets(&self) -> Vec<usize> {
        self.recorders.iter().map(|recorder| recorder.begin()).collect()
    }

    /// Keeps the sealed record of a run if this session records. Background requests are not recorded, nor are answers of a
    /// recording.
    fn keep_record(
        &self,
        tickets: &[usize],
        sealed: impl Fn() -> Record,
        settings: &RegistrySettings,
        dialogue: &Dialogue,
    ) {
        if self.aside || dialogue.is_of_recording() {
            return;
        }
        for (recorder, &ticket) in self.recorders.iter().zip(tickets) {
            recorder.keep(Kept {
                ticket,
                record: sealed(),
                secrets: secrets(settings, dialogue),
                users: users(settings),
            });
        }
    }

    /// The options of a run that its record keeps.
    fn options(&self, settings: &RegistrySettings, accept: &[String]) -> RunOptions {
        RunOptions { typed: self.typed, follows: self.remembers(), ..settings.options(accept) }
    }

    /// The lab that answers instead of the network: successive commands use the same one as long as it has the
    /// registry.
    async fn lab(&self, reference: &Reference) -> Result<Option<Rc<Lab>>, SimulationError> {
        let Some(choice) = self.settings.lab else { return Ok(None) };
        let last = self.memory.as_ref().and_then(|memory| memory.scenario());
        let scenario = choice.scenario(reference, last)?;
        if let Some(lab) = self.memory.as_ref().and_then(|memory| memory.lab(scenario)) {
            return Ok(Some(lab));
        }
        // References of one command that belong to the same scenario share a lab.
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

    /// Starts a conversation with the registry of a reference.
    ///
    /// # Errors
    /// Fails if nothing could be sent at all.
    pub async fn converse(&self, reference: &Reference) -> Result<Conversation<'_>, SessionError> {
        Conversation::with(self, reference).await
    }

    /// Starts an anonymous conversation with the registry of a reference: stored credentials are not looked up.
    ///
    /// # Errors
    /// Fails if nothing could be sent at all.
    pub async fn converse_without_login(&self, reference: &Reference) -> Result<Conversation<'_>, SessionError> {
        Conversation::without_login(self, reference).await
    }

    /// The selected platform.
    pub fn platform(&self) -> &Platform {
        &self.settings.platform
    }

    /// The record of a run that is about to start.
    fn record(&self, reference: &Reference, depth: Depth, trail: CredentialTrail, lab: Option<&Lab>) -> Record {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).ok();
        Record {
            now: now.and_then(|now| i64::try_from(now.as_secs()).ok()),
            simulation: lab.map(|lab| lab.scenario().name().into()),
            trail,
            ..Record::new(reference.clone(), depth, self.settings.platform.clone())
        }
    }

    /// Returns when the run has to end.
    pub async fn until_stopped(&self) {
        // If the sender is gone, the run ends at once.
        let _ = self.stop.clone().wait_for(Option::is_some).await;
    }
}
