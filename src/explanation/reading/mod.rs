//! Reading what people paste: cleaned of what terminals and logs did to it, split into messages, each on one line.

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
