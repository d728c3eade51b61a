//! From evidence to its meaning. Everything here is pure: rules read a [`Case`] and return findings; open questions
//! they return as a [`Query`](crate::evidence::Query), which the session answers.
//!
//! In reading order: [`Case`] is the input of a rule, [`Finding`] its result, [`CommandLine`] the only form of the
//! commands that it advises, [`Rule`] its declaration; [`catalogue()`] lists all rules, [`judge`] runs them.
//! [`reading()`] explains the answers in sentences, whether or not anything is wrong.

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
pub(crate) mod testing;
mod undecodable;

pub use anatomy::{Node, Presence, Role, anatomy};
pub use case::Case;
pub(crate) use case::response_words;
pub use catalogue::catalogue;
pub use command::{CommandLine, Unfit, Word, WordKind};
pub(crate) use command::{WordPart, words};
pub use engine::{Judgement, judge};
pub use exit_status::ExitStatus;
pub use finding::{CLEARTEXT_LOGINS, Certainty, Finding, Fix, Quote, Severity, with_cleartext_logins};
pub(crate) use layers::read_of_small_layer;
pub use reading::reading;
pub use rule::{Basis, Family, Rule};
