//! The declaration of a rule: its documentation, its name, its family, and the function that examines a case.

use super::{Case, Finding};

/// The order in which causes are examined: an earlier one hides later ones, so it comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// The input is not a reference.
    Reference,
    /// The request goes to the wrong place: examined before the answers of closed or wrong places are taken for a
    /// cause.
    Place,
    /// Name lookup, connection, proxy, TLS.
    Transport,
    /// The server is not a registry.
    Registry,
    /// The registry's backend: its storage, the upstream registry of a cache, several servers under one name.
    Backend,
    /// Challenges, credentials, tokens.
    Authentication,
    /// Permission, policy and rate limits.
    Authorization,
    /// Accept headers and media types.
    Negotiation,
    /// Configs and other blobs that were requested as manifests.
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
    /// The rest: the server failed.
    Server,
}

impl Family {
    /// The family's name, which is also that of its folder.
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

/// The source of what a rule rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Basis {
    /// What servers answered, or did not answer.
    Answers,
    /// What was found on the machine of the run: its credentials, its certificates. In a recording, only its author knows
    /// that.
    Machine,
}

/// A rule: one cause, and the evidence for it.
#[derive(Clone, Copy)]
pub struct Rule {
    /// Its name, which never changes and is never reused.
    pub name: &'static str,
    /// Its place in the order of causes.
    pub family: Family,
    /// Its documentation for users, in Markdown; the first line is the title.
    pub documentation: &'static str,
    /// The names of the more general rules that this one replaces: see [`judge`](super::judge()).
    pub instead_of: &'static [&'static str],
    /// What it rests on.
    pub basis: Basis,
    /// Examines a case. `None` if the rule has no finding.
    pub examine: fn(&Case<'_>) -> Option<Finding>,
}

impl Rule {
    /// The title, which is the first line of the documentation.
    pub fn summary(&self) -> &'static str {
        self.documentation.lines().next().unwrap_or_default().trim()
    }
}

/// Declares the rule of a file. The doc comment is the documentation for users; the examining function is called
/// `examine`. A particular rule names the general ones that it replaces, one by one or as a list that the rules of a
/// family share: `"a" in Name, instead_of: ["b"]`, `"a" in Name, instead_of: GENERAL`. One that rests on the machine of the
/// run says so last: `"a" in Name, basis: machine`.
macro_rules! rule {
    (
        $(#[doc = $line:literal])+
        $name:literal in $family:ident $(, instead_of: $general:tt)? $(, basis: $basis:ident)?
    ) => {
        pub(crate) const RULE: $crate::diagnosis::Rule = $crate::diagnosis::rule::row! {
            $(#[doc = $line])+
            $name in $family $(, instead_of: $general)? $(, basis: $basis)?, examine: examine
        };
    };
}

/// Declares a rule as a value, with its examining function, for a table of rules that differ in a few words.
macro_rules! row {
    (
        $(#[doc = $line:literal])+
        $name:literal in $family:ident $(, instead_of: $general:tt)? $(, basis: $basis:ident)?, examine: $examine:expr
    ) => {
        $crate::diagnosis::Rule {
            name: $name,
            family: $crate::diagnosis::Family::$family,
            documentation: concat!($($line, "\n"),+),
            instead_of: $crate::diagnosis::rule::general!($($general)?),
            basis: $crate::diagnosis::rule::basis!($($basis)?),
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

/// The basis of a rule.
macro_rules! basis {
    () => {
        $crate::diagnosis::Basis::Answers
    };
    (machine) => {
        $crate::diagnosis::Basis::Machine
    };
}

pub(crate) use {basis, general, row, rule};
