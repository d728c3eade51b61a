//! What the shell knows between two lines: where one is, what every command is told, and what came of the last one.

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
use crate::session::{Memory, Remembered, Settings};
use crate::text::Secret;
use crate::transport::Stop;

/// What the shell knows between two lines.
pub(super) struct State {
    /// What was said when it was opened.
    pub settings: Settings,
    /// What was said since, for every further command.
    pub sticky: Sticky,
    /// Every exchange, and what is known of registries.
    pub memory: Rc<Memory>,
    /// Ends the command that runs.
    pub stop: watch::Sender<Option<Stop>>,
    /// The image that commands are about where they do not say.
    pub current: Option<Reference>,
    /// What answers have named.
    pub seen: Seen,
    /// What the last command that lists has listed, each as it can be asked for.
    pub list: List,
    /// The number of the exchange that the last command was about.
    pub shown: Option<ExchangeId>,
    /// Whether the last command came to anything.
    pub last_status: Option<ExitStatus>,
    /// What the last result began with, as to where it comes from.
    pub told: Rc<RefCell<String>>,
    /// How results are written where a line says nothing; `None` where nothing was said at all.
    pub format: Option<Format>,
    /// When they are coloured.
    pub colour: Colour,
    /// Whether colour was asked for by hand.
    pub asks_for_colour: bool,
    /// How results are shown, by what was said when it was opened.
    pub display: Display,
    /// The result of the last line, where it has not been shown yet.
    pub unshown: Option<Unshown>,
    /// Registries and hosts of realms that may not have the credentials, by the user's own word.
    pub declined: Vec<(String, String)>,
    /// What was said once and need not be said again.
    pub said: BTreeSet<String>,
    /// The guided walk, while it lasts.
    pub walk: Option<Walk>,
    /// What keeps passwords from leaving the machine.
    pub guard: Guard,
    /// Whether the shell is about to close.
    pub is_leaving: bool,
    /// Whether somebody types; else it is a script.
    pub is_interactive: bool,
    /// Whether standard input had a password in it, so that lines come from the terminal itself.
    pub is_beside_input: bool,
}

/// Why there is no exchange to look at.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NumberError {
    /// Nothing was asked yet.
    #[error("nothing was asked yet; `probe REF` asks a registry")]
    Nothing,
    /// It was never given.
    #[error("there is no #{0}; the last is #{1}")]
    NotGiven(u64, u64),
    /// It is too long ago.
    #[error("#{0} is forgotten: only the last exchanges are kept, from #{1} on")]
    Forgotten(u64, u64),
}

/// How far the guided walk has come, and what was before it.
pub(super) struct Walk {
    /// The step that is next, from 0.
    pub step: usize,
    /// The settings to go back to.
    pub settings: Settings,
    /// The place to go back to.
    pub current: Option<Reference>,
}

impl State {
    /// Goes to an image.
    pub fn go_to(&mut self, reference: Reference) {
        if self.current.as_ref() != Some(&reference) {
            self.shown = None;
            self.last_status = None;
        }
        let registry = reference.registry().clone();
        self.visit(Some(&registry), std::slice::from_ref(&registry));
        self.current = Some(reference);
    }

    /// The settings that every further command begins with: those of the beginning, and what was set for one registry.
    pub fn settings_now(&self) -> Settings {
        let mut settings = self.settings.clone();
        settings.bound.extend(self.sticky.bound().cloned());
        if self.sticky.is_on("public") {
            settings.public.get_or_insert_with(whose_machine);
        }
        settings
    }

    /// Whether what is longer than the screen goes through a pager: only in an interactive shell.
    pub fn pages(&self, line: &Global) -> bool {
        self.is_interactive && self.sticky.is_on("pager") && !line.display.refuses_pager()
    }

    /// Whether a line prints nothing but usage errors. A whole script may be quiet; a person who types wants to see something.
    pub fn is_quiet(&self, line: &Global) -> bool {
        line.display.is_quiet() || (self.display.is_quiet() && !self.is_interactive)
    }

    /// Notes that a line names registries. What waits for one is bound to the first, and what is kept for others stays
    /// with them; both are said, the latter once.
    pub fn visit(&mut self, first: Option<&Host>, all: &[Host]) {
        // The guided walk asks the lab, whose registries only have the names of others.
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

    /// Every secret that is known here, each with what it is.
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

    /// The exchange of a number, or without one that which the last command was about.
    ///
    /// # Errors
    /// Where there is none, or not any more.
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

    /// An exchange as it can be shown, and what has to be kept out of what is made of it.
    pub fn shown_exchange(&self, one: &Remembered) -> (ShownExchange, Redactor) {
        let mut redactor = one.redactor();
        let all = self.memory.exchanges();
        // Only what belongs to the same run can repeat what was signed for it.
        let kin = all.iter().filter(|other| other.reference == one.reference).map(|other| &other.exchange);
        let shown = shown(one.id, &one.exchange, kin, &mut redactor);
        (shown, redactor)
    }

    /// Notes what a command has shown by the exchanges since a number: its list, where it has one, and what it was about.
    /// That is the answer to what was asked, and not to what was asked along with it to understand that.
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
