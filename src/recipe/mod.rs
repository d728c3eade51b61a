//! An image config in the forms that other tools read: an Apptainer definition, a Dockerfile, an env file, a `docker run`
//! command. And its history as build steps. Pure.
//!
//! A config is as hostile as any document of a server. A value is written so that the tool reads it back byte for byte; if
//! the form cannot hold it, a comment says so instead. No value becomes a command, a section or an instruction.

mod apptainer;
mod dockerfile;
mod env_file;
mod quoting;
mod run;
mod settings;
mod steps;
#[cfg(test)]
mod tests;

pub use steps::{Step, steps};

use crate::image::ImageConfig;
use crate::oci::{Reference, Scheme};
use crate::text::Untrusted;
use settings::Settings;

/// A form of an image config.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recipe {
    /// An Apptainer or Singularity definition.
    Apptainer,
    /// A Dockerfile whose base is the image.
    Dockerfile,
    /// A file for `docker run --env-file`.
    EnvFile,
    /// A `docker run` command, for POSIX shells.
    Run,
}

/// The image that a recipe is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The image as the user named it.
    pub reference: &'a Reference,
    /// The same image by the digest of its manifest; by its tag only if the digest is unknown.
    pub pinned: &'a Reference,
    /// The scheme under which its registry was reached.
    pub scheme: Scheme,
    /// The lab scenario that answered instead of the network.
    pub simulation: Option<&'a str>,
}

impl Recipe {
    /// Writes a config in this form. The text ends with a line break.
    pub fn of(self, subject: &Subject<'_>, config: &ImageConfig) -> String {
        let settings = Settings::of(config);
        match self {
            Self::Apptainer => apptainer::definition(subject, &settings),
            Self::Dockerfile => dockerfile::dockerfile(subject, &settings),
            Self::EnvFile => env_file::env_file(subject, &settings),
            Self::Run => run::command(subject, &settings),
        }
    }
}

impl Subject<'_> {
    /// The registry, as Docker and its relatives read it: a name without a dot and without a port would be a part of a
    /// repository on Docker Hub, so its port is written.
    fn host(&self) -> String {
        let host = self.pinned.registry();
        // Only references to such hosts have a scheme in their full form.
        match self.pinned.to_string().starts_with("oci://") {
            true => format!("{host}:{}", self.scheme.default_port()),
            false => host.to_string(),
        }
    }

    /// The repository with the digest, or with the tag if the digest is unknown. Not with both, which some tools refuse.
    fn repository(&self) -> String {
        let repository = self.pinned.repository();
        match self.pinned.digest() {
            Some(digest) => format!("{repository}@{digest}"),
            None => format!("{repository}:{}", self.pinned.selector()),
        }
    }

    /// The image in one word, for Docker.
    fn image(&self) -> String {
        format!("{}/{}", self.host(), self.repository())
    }

    /// The comments that every recipe begins with. The first one ends the directives of a Dockerfile (`# syntax=`).
    fn remarks(&self, settings: &Settings) -> Vec<String> {
        let platform = settings.platform.as_ref().map(|platform| format!(" ({})", named(platform.as_str())));
        let platform = platform.unwrap_or_default();
        let mut remarks = vec![format!("Written by ociscope from the image config of {}{platform}.", self.reference)];
        remarks.extend(
            self.simulation.map(|scenario| format!("Lab scenario {scenario}: a simulated registry, not the real one.")),
        );
        if self.pinned.digest().is_none() {
            remarks.push("The digest of the image is unknown, and its tag may move.".to_owned());
        }
        let unread = |field: &&str| format!("{field} does not have the type that clients expect, and is left out.");
        remarks.extend(settings.unread.iter().map(unread));
        remarks
    }
}

/// A text of the config for a comment: on one line, short, and without anything that acts.
fn named(text: &str) -> String {
    const LONGEST: usize = 80;
    let shown = Untrusted::from(text).cut_within(LONGEST);
    if shown.chars().all(|c| c.is_ascii_alphanumeric() || "_-./:".contains(c)) {
        return shown;
    }
    // Apptainer replaces `{{ NAME }}` anywhere in a definition.
    format!("“{}”", shown.replace(['“', '”'], "\"").replace("{{", "{ {"))
}

/// Why a form cannot hold a value, as the end of a sentence.
type Unfit = &'static str;

/// The comment instead of a value.
fn left_out(what: &str, name: &str, why: Unfit) -> String {
    let name = if name.is_empty() { String::new() } else { format!(" {}", named(name)) };
    format!("# {what}{name} is left out: {why}.")
}
