//! Arguments in, exit status out. Everything else is in the library.

#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    ociscope::internals::main(std::env::args_os(), ociscope::internals::SHELL)
}
