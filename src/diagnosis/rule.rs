//! How a rule is declared: its documentation for people, its name, its place, and the function that examines a case.

use super::{Case, Finding};

/// The order in which causes are looked for: an earlier one hides the later ones, so it is found first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// Whether what was typed is a reference at all.
    Reference,
    /// Whether it is asked for in the right place: before what closed or wrong places answer is taken for a cause.
    Place,
    /// Name look-up, connection, proxy, TLS.
    Transport,
    /// Whether this is a registry at all.
    Registry,
    /// What stands behind the registry or its name: its storage, the registry that a cache fetches from, several servers.
    Backend,
    /// Challenges, credentials, tokens.
    Authentication,
    /// Permission, policy and rate limits.
    Authorization,
    /// Accept headers and media types.
    Negotiation,
    /// Configurations and other blobs that were asked for as manifests.
    Config,
    /// Names, tags and digests that do not exist.
    Name,
    /// Digests and sizes.
    Integrity,
    /// Indexes and platforms.
    Tree,
    /// Artifacts that are not images.
    Artifact,
    /// HEAD.
    Head,
    /// What is left: the server failed.
    Server,
}

impl Family {
    /// The family's name, as its folder has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reference => "reference",
            Self::Place => "place",
            Self::Transport => "transport",
            Self::Registry => "registry",
            Self::Backend => "backend",
            Self::Authentication => "authentication",
            Self::Authorization => "authorization",
            Self::Negotiation => "negotiation",
            Self::Config => "config",
            Self::Name => "name",
            Self::Integrity => "integrity",
            Self::Tree => "tree",
            Self::Artifact => "artifact",
            Self::Head => "head",
            Self::Server => "server",
        }
    }
}

/// A rule: one cause, and how it is recognised.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name, which is never changed and never used again.
    pub name: &'static str,
    /// Where it stands in the order of causes.
    pub family: Family,
    /// What people read about it; Markdown, the first line is the summary.
    pub documentation: &'static str,
    /// The names of the more general rules that have nothing to add where this one speaks: see
    /// [`judge`](super::judge()).
    pub instead_of: &'static [&'static str],
    /// Looks at a case. `None` where the rule has nothing to say.
    pub examine: fn(&Case<'_>) -> Option<Finding>,
}

impl Rule {
    /// The first line of the documentation.
    pub fn summary(&self) -> &'static str {
        self.documentation.lines().next().unwrap_or_default().trim()
    }
}

/// Declares the rule of a file. The doc comment is the documentation that people read; the examining function is
/// called `examine`. A particular rule names the general ones that have nothing to add where it speaks, one by one or as
/// a list that the rules of a family share: `"a" in Name, instead_of: ["b"]`, `"a" in Name, instead_of: GENERAL`.
macro_rules! rule {
    ($(#[doc = $line:literal])+ $name:literal in $family:ident $(, instead_of: $general:tt)?) => {
        pub(crate) const RULE: $crate::diagnosis::Rule = $crate::diagnosis::rule::row! {
            $(#[doc = $line])+
            $name in $family $(, instead_of: $general)?, examine: examine
        };
    };
}

/// The same as a value, for a table of rules that differ in a few words alone: with the examining function.
macro_rules! row {
    (
        $(#[doc = $line:literal])+
        $name:literal in $family:ident $(, instead_of: $general:tt)?, examine: $examine:expr
    ) => {
        $crate::diagnosis::Rule {
            name: $name,
            family: $crate::diagnosis::Family::$family,
            documentation: concat!($($line, "\n"),+),
            instead_of: $crate::diagnosis::rule::general!($($general)?),
            examine: $examine,
        }
    };
}

/// The names of general rules, as a slice.
macro_rules! general {
    () => {
        &[]
    };
    ([$($name:literal),* $(,)?]) => {
        &[$($name),*]
    };
    ($list:ident) => {
        $list
    };
}

pub(crate) use {general, row, rule};
