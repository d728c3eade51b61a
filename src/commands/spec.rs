//! The description of a command, next to its arguments: for the shell, its help and the documents. Whatever needs to know
//! something of a command asks its [`CommandSpec`]; nothing else knows commands by their names.

use super::shown::{EntryKind, Exchanges, Shown};
use crate::report::Published;

/// A line to type, and its purpose.
pub type Example = (&'static str, &'static str);

/// The description of a command.
#[derive(Clone, Copy)]
pub struct CommandSpec {
    /// Its name in the grammar.
    pub name: &'static str,
    /// Its place on the screen of `help`; without one it is named at the end.
    pub overview: Option<Overview>,
    /// Lines to type in the shell, with their purpose. A test runs each of them in the lab, after a probe of
    /// gcr.io/deepvariant-docker/deepvariant:0.5.0, so none of them can be wrong for long.
    pub examples: &'static [Example],
    /// Whether it asks a registry, so that the options of a run apply to it.
    pub asks_a_registry: bool,
    /// Whether it is about an image for a platform. For all others a platform names an entry of an index.
    pub by_platform: bool,
    /// Whether the prompt goes to the image that it asked for.
    pub moves_the_shell: bool,
    /// The kind of thing whose name alone means this command.
    pub meant_by: Option<EntryKind>,
    /// The entries of a list that it takes; without it, all.
    pub takes: Option<EntryKind>,
    /// The list and the exchange that it has shown, by the exchanges that it made.
    pub shown: fn(&Exchanges<'_>) -> Shown,
    /// Its reading of text that needs no quotes.
    pub text: Option<FreeText>,
    /// The forms of its JSON.
    pub forms: &'static [Published],
}

impl CommandSpec {
    /// A command with nothing but a name.
    pub const fn named(name: &'static str) -> Self {
        Self {
            name,
            overview: None,
            examples: &[],
            asks_a_registry: false,
            by_platform: false,
            moves_the_shell: false,
            meant_by: None,
            takes: None,
            shown: |_| Shown::default(),
            text: None,
            forms: &[],
        }
    }

    /// Whether it can be about an entry of this kind.
    pub fn is_about(&self, kind: EntryKind) -> bool {
        self.takes.is_none_or(|taken| taken == kind)
    }
}

/// A place on the screen of `help`. Commands of one row share a line.
#[derive(Debug, Clone, Copy)]
pub struct Overview {
    /// The question that it answers.
    pub group: Group,
    /// The row of the group, and the place in it.
    pub at: (u8, u8),
    /// The words to type.
    pub usage: &'static str,
    /// The purpose; empty where the command before it in the row states it.
    pub about: &'static str,
}

/// The questions of `help`, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Why an image cannot be pulled.
    Cause,
    /// What an image is made of.
    Content,
    /// What was exchanged.
    Exchanges,
    /// How to ask in another way.
    Change,
    /// Everything else.
    Rest,
}

impl Group {
    /// All groups, in their order.
    pub const ALL: [Self; 5] = [Self::Cause, Self::Content, Self::Exchanges, Self::Change, Self::Rest];

    /// The group as a question.
    pub fn question(self) -> &'static str {
        match self {
            Self::Cause => "Why does it not pull?",
            Self::Content => "What is it made of?",
            Self::Exchanges => "What did the registry say?",
            Self::Change => "Try something else",
            Self::Rest => "And",
        }
    }
}

/// The reading of a line as text: all of it is the argument, as it was pasted, but for these options.
#[derive(Debug, Clone, Copy)]
pub struct FreeText {
    /// Options whose value is the next word.
    pub with_value: &'static [&'static str],
    /// Options that people write after the text.
    pub after: &'static [&'static str],
}
