//! Text that comes from outside, and values that must not leak, each as a type of its own: the ground that every other
//! room is built on.
//!
//! [`Untrusted`] cannot be displayed without being made visible first, and [`Secret`] cannot be displayed at all. What
//! is to be cut is marked, and cut after secrets were taken out ([`cut_at_marks`]).

mod cuts;
mod secret;
mod untrusted;

pub use cuts::cut_at_marks;
pub(crate) use cuts::{each_part, has_marks};
pub use secret::Secret;
pub use untrusted::{Untrusted, cut, is_safe};
