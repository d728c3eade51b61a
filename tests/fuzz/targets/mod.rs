//! The targets, one file each. A target is given bytes and panics where a property does not hold.

mod auth_file;
mod certificate;
mod challenge;
mod error_body;
mod image_config;
mod line;
mod manifest;
mod pasted;
mod pull_secret;
mod recording;
mod redactor;
mod reference;
mod sanitiser;
mod token;
mod transcript;

/// What is run over each input.
pub type Target = fn(&[u8]);

/// Every target under its name, which is also that of its corpus.
pub const TARGETS: [(&str, Target); 15] = [
    ("auth_file", auth_file::run),
    ("certificate", certificate::run),
    ("challenge", challenge::run),
    ("error_body", error_body::run),
    ("image_config", image_config::run),
    ("line", line::run),
    ("manifest", manifest::run),
    ("pasted", pasted::run),
    ("pull_secret", pull_secret::run),
    ("recording", recording::run),
    ("redactor", redactor::run),
    ("reference", reference::run),
    ("sanitiser", sanitiser::run),
    ("token", token::run),
    ("transcript", transcript::run),
];

/// Whether a text can be shown: nothing in it acts on a terminal.
#[track_caller]
fn assert_printable(text: &str) {
    assert!(text.chars().all(ociscope::internals::is_safe), "{text:?} acts on a terminal");
}
