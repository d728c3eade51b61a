//! Prepares pasted text: reverts what terminals and logs did to it, and splits it into messages of one line each.

mod clean;
mod condensed;
mod decode;
mod heads;
mod messages;
mod wording;

pub(super) use clean::cleaned;
pub use condensed::{Condensed, Condenser};
pub use decode::{is_utf_16, text_of};
pub(super) use messages::{Origin, messages};
pub(super) use wording::Pasted;
