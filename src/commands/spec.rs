//! The description of a command, next to its arguments: for the shell, the help and the documents. Nothing else refers to
//! commands by name.

use super::shown::{EntryKind, Exchanges, Shown};
use crate::report::Published;

/// A line, and its purpose.
pub type Example = (&'static str, &'static str);

/// The description of a command.
#[derive(Clone, Copy)]
pub struct CommandSpec {
    /// The name in the grammar.
    pub name: &'static str,
    /// The place in the overview of `help`; without one it is listed at the end.
    pub overview: Option<Overview>,
    /// Command lines for the help, with their purpose; the first two are in the short help. A test parses each of them.
    pub one_shot: &'static [Example],
    /// Lines of the shell, with their purpose. A test runs each of them in the lab, after a probe of
    /// gcr.io/deepvariant-docker/deepvariant:0.5.0.
    pub examples: &'static [Example],
    /// Whether it sends requests, so that the options of a run apply.
    pub asks_a_registry: bool,
    /// Whether it takes a platform as an option. For other commands a platform is an entry of an index.
    pub by_platform: bool,
    /// Whether its image becomes the current image.
    pub moves_the_shell: bool,
    /// The kind of list entry that means this command when typed alone.
    pub meant_by: Option<EntryKind>,
    /// The kind of list entries that it takes; `None` for all.
    pub takes: Option<EntryKind>,
    /// Set if it takes two references, of which the first may be the current image. With this option it takes one.
    pub two_unless: Option<&'static str>,
    /// The list and the exchange that it has shown, derived from its exchanges.
    pub shown: fn(&Exchanges<'_>) -> Shown,
    /// How it reads text without quotes.
    pub text: Option<FreeText>,
    /// The forms of its JSON.
    pub forms: &'static [Published],
}

impl CommandSpec {
    /// A description with nothing but a name.
    pub const fn named(name: &'static str) -> Self {
        Self {
            name,
            overview: None,
            one_shot: &[],
            examples: &[],
            asks_a_registry: false,
            by_platform: false,
            moves_the_shell: false,
            meant_by: None,
            takes: None,
            two_unless: None,
            shown: |_| Shown::default(),
            text: None,
            forms: &[],
        }
    }

    /// Whether it takes list entries of this kind.
    pub fn is_about(&self, kind: EntryKind) -> bool {
        self.takes.is_none_or(|taken| taken == kind)
    }
}

/// A place in the overview of `help`. Commands of a row share a line.
#[derive(Debug, Clone, Copy)]
pub struct Overview {
    /// The group.
    pub group: Group,
    /// The row in the group, and the position in the row.
    pub at: (u8, u8),
    /// The usage.
    pub usage: &'static str,
    /// The purpose; empty if the command before it in the row has it.
    pub about: &'static str,
}

/// The groups of `help`, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Why an image cannot be pulled.
    Cause,
    /// What an image is made of.
    Content,
    /// The exchanges.
    Exchanges,
    /// Other requests and settings.
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
            Self::Rest => "More",
        }
    }
}

/// The options of a command whose other words are one text, as it was pasted.
#[derive(Debug, Clone, Copy)]
pub struct FreeText {
    /// Options before the text whose value is the next word: all that the grammar has.
    pub leading: &'static [&'static str],
    /// Options after the text whose value is the next word.
    pub with_value: &'static [&'static str],
    /// Other options after the text.
    pub after: &'static [&'static str],
}
