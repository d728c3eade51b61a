//! The shell: what scripts get of it, what somebody sees who types, and what its documents show.

mod bindings;
mod completion;
mod endurance;
mod examples;
pub mod guide;
mod history;
mod hostile;
mod json;
mod leaving;
mod login;
mod prompt;
mod redirection;
mod reports;
mod scripts;
mod trust;
mod words;
