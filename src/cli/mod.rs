//! The command line: arguments in, exit status out.

mod arguments;
mod captured;
mod configuration;
mod ending;
pub(crate) mod password;
mod place;
mod run;
mod shell;
#[cfg(all(test, feature = "lab"))]
mod tests;
mod texts;
mod waiting;

pub(crate) use arguments::{Global, LAB};
pub use captured::{Captured, captured};
pub(crate) use ending::{beside, end_when_told, told_to_end};
pub(crate) use place::{
    Colour, coloured, complain, reader_has_gone, runtime, size, standard_output, whose_machine, width,
};
pub(crate) use run::INSECURE;
pub use run::{Opening, Shell, grammar, main};
pub(crate) use texts::{takes_next, texts_apart};
pub(crate) use waiting::{progress, tell_of_waiting};
