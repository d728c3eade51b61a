//! `probe`: the main job.

use clap::Args;

use super::accept::accepted_type;
use super::{CommandError, Output};
use crate::diagnosis::ExitStatus;
use crate::evidence::Depth;
use crate::oci::Reference;
use crate::session::{Assignment, Examined, Session};

/// What `probe` is told.
#[derive(Debug, Args)]
pub struct ProbeArguments {
    /// The image, as any tool writes it: alpine, ghcr.io/o/n:t, n@sha256:…, https://host/v2/n/manifests/t
    #[arg(value_name = "REF")]
    pub(super) reference: String,

    /// Judge for a client that accepts this media type, or what a short name as oci-index stands for; may be repeated [default: the four types of current clients]
    #[arg(long, value_name = "TYPE", value_parser = accepted_type)]
    accept: Vec<String>,
}

impl ProbeArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        // Parsed here and not by the argument parser, whose message would repeat a password that was pasted along.
        let reference = Reference::parse(&self.reference)?;
        let assignment = Assignment {
            reference: &reference,
            accept: &self.accept,
            depth: Depth::Probe,
            mended: None,
            one_of_many: false,
        };
        let Examined { report, mut redactor, .. } = session.examine(assignment, &|_, _| {}).await?;
        output.report(&report, &mut redactor)?;
        Ok(report.exit)
    }
}
