//! The state of the shell between two lines: the current image, the settings, and the result of the last command.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use tokio::sync::watch;

use super::guard::Guard;
use super::seen::Seen;
use super::sticky::Sticky;
use super::unshown::Unshown;
use crate::cli::{Colour, Display, Global, complain, whose_machine};
use crate::commands::{CommandSpec, Exchanges, Format, List, Selection, Shown};
use crate::diagnosis::ExitStatus;
use crate::evidence::{ExchangeId, Redactor, own_header_is_secret};
use crate::oci::{Host, Reference};
use crate::report::{ShownExchange, shown};
use crate::session::{Memory, Recorder, Remembered, Settings};
use crate::text::Secret;
use crate::transport::Stop;

/// The state of the shell between two lines.
pub(super) struct State {
    /// The settings that it was opened with.
    pub settings: Settings,
    /// The settings of the session.
    pub sticky: Sticky,
    /// Every exchange, and the state of registries.
    pub memory: Rc<Memory>,
    /// The runs so far, for `record`.
    pub recorder: Rc<Recorder>,
    /// Stops the running command.
    pub stop: watch::Sender<Option<Stop>>,
    /// The image of commands that name none.
    pub current: Option<Reference>,
    /// Digests and platforms that answers have named.
    pub seen: Seen,
    /// The entries of the last list, each as a reference.
    pub list: List,
    /// The number of the exchange that the last command was about.
    pub shown: Option<ExchangeId>,
    /// The status of the last command that sent a request.
    pub last_status: Option<ExitStatus>,
    /// The status of the last diagnosis, until another command sends a request.
    pub verdict: Option<ExitStatus>,
    /// The provenance remark of the last result.
    pub last_remark: Rc<RefCell<String>>,
    /// The output format; `None` if none was given.
    pub format: Option<Format>,
    /// When to use color.
    pub colour: Colour,
    /// Whether color was asked for by hand.
    pub asks_for_colour: bool,
    /// The display settings that the shell was opened with.
    pub display: Display,
    /// The result of the last line, if it has not been shown yet.
    pub unshown: Option<Unshown>,
    /// Pairs of a registry and a realm host that the user has declined to trust.
    pub declined: Vec<(String, String)>,
    /// Remarks that were already printed.
    pub said: BTreeSet<String>,
    /// The tutorial, while it lasts.
    pub walk: Option<Walk>,
    /// Lines for the simulated registries. Elsewhere they would go to real ones, so they are not suggested there.
    pub lab_lines: BTreeSet<String>,
    /// What keeps passwords from leaving the machine.
    pub guard: Guard,
    /// Whether the shell is about to close.
    pub is_leaving: bool,
    /// Whether a user types the lines; else they are a script.
    pub is_interactive: bool,
    /// Whether standard input contained a password, so that lines are read from the terminal itself.
    pub is_beside_input: bool,
}

/// Why there is no exchange to look at.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NumberError {
    /// Nothing was sent yet.
    #[error("no exchanges yet; `probe REF` sends requests")]
    Nothing,
    /// The number was not used yet.
    #[error("there is no #{0}; the last is #{1}")]
    NotGiven(u64, u64),
    /// The exchange is not kept any more.
    #[error("#{0} is no longer kept; the oldest exchange is #{1}")]
    Forgotten(u64, u64),
}

/// The position in the tutorial, and the state before it.
pub(super) struct Walk {
    /// The next step, from 0.
    pub step: usize,
    /// The settings to restore.
    pub settings: Settings,
    /// The current image to restore.
    pub current: Option<Reference>,
}

impl State {
    /// Goes to an image.
    pub fn go_to(&mut self, reference: Reference) {
        if self.current.as_ref() != Some(&reference) {
            self.shown = None;
            self.last_status = None;
            self.verdict = None;
        }
        let registry = reference.registry().clone();
        self.visit(Some(&registry), std::slice::from_ref(&registry));
        self.current = Some(reference);
    }

    /// The settings of further commands: those of the opening, and those set for one registry.
    pub fn settings_now(&self) -> Settings {
        let mut settings = self.settings.clone();
        settings.bound.extend(self.sticky.bound().cloned());
        if let Some(opened) = &settings.recording {
            let recorded = opened.recording().runs.first().map(|run| run.platform.clone());
            settings.platform = recorded.unwrap_or(settings.platform);
        }
        if self.sticky.is_on("public") {
            settings.public.get_or_insert_with(whose_machine);
        }
        settings
    }

    /// Whether results longer than the screen go through a pager: only in an interactive shell.
    pub fn pages(&self, line: &Global) -> bool {
        self.is_interactive && self.sticky.is_on("pager") && !line.display.refuses_pager()
    }

    /// Whether a line prints nothing but usage errors. A whole script may be quiet; an interactive shell is not.
    pub fn is_quiet(&self, line: &Global) -> bool {
        line.display.is_quiet() || (self.display.is_quiet() && !self.is_interactive)
    }

    /// Notes that a line names registries. Settings that are not bound yet are bound to the first; those for other registries
    /// are not used. Both are remarked on, the latter once.
    pub fn visit(&mut self, first: Option<&Host>, all: &[Host]) {
        // The registries of the tutorial only have the names of real ones.
        if self.walk.is_some() {
            return;
        }
        if let Some(first) = first {
            let names = [self.settings.bind(first), self.sticky.bind(first)].concat();
            if !names.is_empty() {
                let verb = if names.len() == 1 { "is" } else { "are" };
                let words = format!("{} {verb} used for {first} only", names.join(", "));
                complain(&self.settings_now().for_reader(first, &words));
            }
        }
        let now = self.settings_now();
        for registry in all {
            let mut by_registry: BTreeMap<Host, Vec<String>> = BTreeMap::new();
            for (name, other) in now.inactive_for(registry) {
                by_registry.entry(other).or_default().push(name);
            }
            for (other, names) in by_registry {
                let words = format!("{}: kept for {other}, not used for {registry}", names.join(", "));
                if self.said.insert(words.clone()) {
                    complain(&now.for_reader(registry, &words));
                }
            }
        }
    }

    /// Every known secret, with its kind.
    pub fn secrets(&self) -> Vec<(&'static str, Secret)> {
        let mut known = self.memory.secrets();
        known.extend(self.settings.logins.secrets());
        let bound = self.settings.bound.iter().flat_map(|bound| &bound.headers);
        let bound = bound.map(|(name, value)| (name.as_str(), value.clone()));
        let sticky = self.sticky.get("header").iter().filter_map(|header| header.split_once(':'));
        let sticky = sticky.map(|(name, value)| (name.trim(), Secret::new(value.trim())));
        let secret = bound.chain(sticky).filter(|(name, value)| own_header_is_secret(name, value.reveal()));
        known.extend(secret.map(|(_, value)| ("header value", value)));
        known.extend(self.guard.forgotten.iter().cloned());
        known
    }

    /// The exchange with a number, or the one that the last command was about.
    ///
    /// # Errors
    /// Where there is none, or it is no longer kept.
    pub fn exchange(&self, number: Option<u64>) -> Result<Rc<Remembered>, NumberError> {
        let id = match number {
            Some(number) => ExchangeId::new(number),
            None => {
                let last = || self.memory.last().map(|remembered| remembered.id);
                self.shown.or_else(last).ok_or(NumberError::Nothing)?
            }
        };
        self.memory.get(id).ok_or_else(|| {
            let number = id.number();
            let first = self.memory.exchanges().first().map(|first| first.id.number());
            match (self.memory.last_number(), first) {
                (0, _) | (_, None) => NumberError::Nothing,
                (last, _) if number == 0 || number > last => NumberError::NotGiven(number, last),
                (_, Some(first)) => NumberError::Forgotten(number, first),
            }
        })
    }

    /// An exchange in printable form, and the redactor for anything derived from it.
    pub fn shown_exchange(&self, one: &Remembered) -> (ShownExchange, Redactor) {
        let mut redactor = one.redactor();
        let all = self.memory.exchanges();
        // Only exchanges about the same reference can repeat a signed address.
        let kin = all.iter().filter(|other| other.reference == one.reference).map(|other| &other.exchange);
        let shown = shown(one.id, &one.exchange, kin, &mut redactor);
        (shown, redactor)
    }

    /// Notes the list that a command has shown, and the exchange that it was about, by the exchanges since a number. Auxiliary
    /// requests do not count.
    pub fn note_shown(&mut self, spec: &CommandSpec, selection: Selection, before: u64) {
        let exchanges = self.memory.since(before);
        let Shown { list, exchange } = (spec.shown)(&Exchanges { made: &exchanges, selection });
        let last = || exchanges.iter().rev().find(|one| !one.aside).map(|one| one.id);
        self.shown = exchange.or_else(last).or(self.shown);
        if let Some(list) = list {
            self.list = list;
        }
    }
}
