//! Tells cargo that the scenarios of the lab are part of the program: the macro that takes them in does not.

#![allow(clippy::print_stdout)]

fn main() {
    println!("cargo::rerun-if-changed=src/lab/scenarios");
}
