//! `config --as`: the settings of an image in the form of another tool.

use clap::ValueEnum;

use super::WrittenConfig;
use crate::commands::fetched::{self, NotFetched};
use crate::commands::{CommandError, Output};
use crate::diagnosis::ExitStatus;
use crate::diagnosis::content::Image;
use crate::evidence::ExchangeId;
use crate::image::ImageConfig;
use crate::oci::{Algorithm, Digest, Reference, Scheme};
use crate::recipe::{Recipe, Subject};
use crate::session::Conversation;
use crate::text::MOST_VALUES;

/// The forms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum As {
    /// A definition for Apptainer and Singularity
    Apptainer,
    /// A Dockerfile with the image as its base
    Dockerfile,
    /// A file for `docker run --env-file`
    Env,
    /// A `docker run` command, for sh
    Run,
}

impl As {
    fn recipe(self) -> Recipe {
        match self {
            Self::Apptainer => Recipe::Apptainer,
            Self::Dockerfile => Recipe::Dockerfile,
            Self::Env => Recipe::EnvFile,
            Self::Run => Recipe::Run,
        }
    }
}

/// The manifest of an image, as far as its digest depends on it.
pub(super) struct Found {
    /// The answer that has the manifest.
    manifest: ExchangeId,
    /// The digest in the index; `None` if the reference leads to the manifest directly.
    listed: Option<Digest>,
    /// Whether it is a schema 1 manifest, whose digest is that of a part of its bytes.
    is_schema_1: bool,
}

impl Found {
    /// The manifest of an image.
    pub fn of(image: &Image) -> Self {
        let listed = image.entry.as_ref().and_then(|entry| entry.digest.as_str().parse().ok());
        Self { manifest: image.shown, listed, is_schema_1: false }
    }

    /// A schema 1 manifest.
    pub fn in_schema_1(manifest: ExchangeId) -> Self {
        Self { manifest, listed: None, is_schema_1: true }
    }

    /// The reference by the digest of the manifest. The digest was verified, or is that of the bytes received; with schema 1,
    /// it is the one that the registry names, and may be unknown.
    fn pinned(&self, conversation: &Conversation<'_>) -> Reference {
        let reference = conversation.reference();
        let of_bytes = || {
            let response = conversation.journal().get(self.manifest).response.as_ref()?;
            Some(Digest::of(Algorithm::Sha256, &response.body.bytes))
        };
        let announced = || conversation.journal().observation(self.manifest)?.announced.clone();
        let digest = self.listed.clone().or_else(|| reference.digest().cloned());
        let digest = digest.or_else(|| if self.is_schema_1 { announced() } else { of_bytes() });
        digest.map_or_else(|| reference.clone(), |digest| reference.with_digest(digest))
    }
}

/// Writes the config in this form.
///
/// # Errors
/// Where it has a secret of the run, has to be anonymized, or cannot be written.
pub(super) fn write(
    form: As,
    image: &Found,
    (answer, config): (ExchangeId, &ImageConfig),
    conversation: &Conversation<'_>,
    output: &mut Output<'_>,
) -> Result<ExitStatus, CommandError> {
    if config.is_cut() {
        let problem = format!("the config has more than {MOST_VALUES} values, so not all of it was read");
        let refusal =
            NotFetched { at: answer, exit: ExitStatus::Incomplete, findings: Vec::new(), problem: Some(problem) };
        return fetched::failed::<WrittenConfig>(conversation, refusal, output);
    }
    let pinned = image.pinned(conversation);
    let subject = Subject {
        reference: conversation.reference(),
        pinned: &pinned,
        scheme: conversation.origin().map_or(Scheme::Https, |origin| origin.scheme()),
        simulation: conversation.simulation(),
    };
    let text = form.recipe().of(&subject, config);
    // Quotes may separate the parts of a secret, so the values are searched without them too.
    let values = config.value().to_string();
    output.raw_from(text.as_bytes(), values.as_bytes(), &conversation.redactor())?;
    Ok(ExitStatus::Success)
}
