//! From what was observed to what it means. Everything here is pure: rules read a [`Case`] and return findings; what
//! they would still like to know, they ask for as a [`Query`](crate::evidence::Query), and somebody else goes and finds out.
//!
//! In reading order: [`Case`] is what a rule sees, [`Finding`] is what it returns, [`CommandLine`] is the only form of a
//! command that it advises, [`Rule`] is how it is declared, [`catalogue()`] lists them all, [`judge`] runs them. [`reading()`]
//! says in sentences what the answers mean, whether or not anything is wrong.

mod anatomy;
pub(crate) mod case;
mod catalogue;
mod command;
pub(crate) mod content;
mod delivery;
mod encoding;
mod engine;
mod exit_status;
mod finding;
mod layers;
mod part;
mod reading;
mod rule;
mod rules;
mod sentence;
pub(crate) mod tags;
#[cfg(test)]
mod testing;
mod undecodable;

pub use anatomy::{Node, Presence, Role, anatomy};
pub use case::Case;
pub(crate) use case::response_words;
pub use catalogue::catalogue;
pub use command::{CommandLine, Unfit, Word, WordKind};
pub(crate) use command::{WordPart, words};
pub use engine::{Judgement, judge};
pub use exit_status::ExitStatus;
pub use finding::{CLEARTEXT_LOGINS, Certainty, Finding, Fix, Severity, with_cleartext_logins};
pub use reading::reading;
pub use rule::{Family, Rule};
