//! The command line: arguments in, exit status out.

mod arguments;
mod captured;
mod configuration;
mod delivery;
mod display;
mod ending;
mod file;
mod held;
mod pager;
pub(crate) mod password;
mod place;
mod preferences;
mod run;
mod shell;
#[cfg(all(test, feature = "lab"))]
mod tests;
mod texts;
mod waiting;

pub(crate) use arguments::{Global, LAB};
pub use captured::{Captured, captured};
pub(crate) use delivery::{Delivery, Place};
pub(crate) use display::{Display, format_by_name};
pub(crate) use ending::{Writing, beside, end_when_told, told_to_end};
pub(crate) use place::{Colour, coloured, complain, runtime, size, standard_output, whose_machine, width};
pub(crate) use run::INSECURE;
pub use run::{Opening, Shell, grammar, main};
pub(crate) use texts::{takes_next, texts_apart};
pub(crate) use waiting::{progress, tell_of_waiting};
