//! The command line: arguments in, exit status out.

mod arguments;
mod run;

pub use run::main;
