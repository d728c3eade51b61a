//! The command line: from arguments to an exit status.

mod arguments;
mod captured;
mod completion;
mod configuration;
mod delivery;
mod display;
mod ending;
mod file;
mod foreign;
mod held;
mod help;
mod hosts;
mod meant;
mod pager;
pub(crate) mod password;
mod place;
mod preferences;
mod recording;
mod run;
mod shell;
#[cfg(all(test, feature = "lab"))]
mod tests;
mod texts;
mod waiting;

pub(crate) use arguments::{Global, LAB};
pub use captured::{Captured, captured};
pub(crate) use completion::USUAL_PLATFORMS;
pub(crate) use delivery::{Delivery, Place};
pub(crate) use display::{Display, format_by_name, other_format};
pub(crate) use ending::{Writing, end_at_signal, end_signal, in_background};
pub use file::Existing;
pub(crate) use file::at_home;
pub(crate) use foreign::{Door, Foreign, foreign};
pub(crate) use help::Help;
pub(crate) use hosts::hosts;
pub(crate) use meant::{has_mark, host_of, is_topic, names_known_registry};
pub(crate) use place::{Colour, coloured, complain, runtime, size, standard_output, whose_machine, width};
pub(crate) use recording::{RecordingFile, RecordingFileError, read_recording, requests};
pub(crate) use run::INSECURE;
pub use run::{Opening, Shell, grammar, main};
pub(crate) use texts::{takes_next, texts_apart};
pub(crate) use waiting::{progress, tell_of_waiting};
