//! `probe`: the main job.

use clap::Args;

use super::accept::accepted_type;
use super::{CommandError, CommandSpec, EntryKind, Group, Output, Overview, Shown};
use crate::diagnosis::ExitStatus;
use crate::evidence::Depth;
use crate::oci::Reference;
use crate::report::{Published, WrittenReport};
use crate::session::{Assignment, Examined, Session};

/// The description of `probe`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Cause,
        at: (1, 0),
        usage: "probe REF  or  REF",
        about: "every Accept header, side by side",
    }),
    examples: &[
        ("probe", "the image that the prompt names"),
        ("probe gcr.io/deepvariant-docker/deepvariant:0.5.0", "another one, and go there"),
        ("gcr.io/deepvariant-docker/deepvariant:0.5.0", "the same"),
        ("probe --accept docker-v1", "judged for a client that accepts this"),
        ("probe > report.md", "into a file, to paste into an issue"),
    ],
    by_platform: true,
    moves_the_shell: true,
    meant_by: Some(EntryKind::Manifest),
    takes: Some(EntryKind::Manifest),
    shown: Shown::of_a_manifest,
    forms: &[Published::of::<WrittenReport<'_>>()],
    asks_a_registry: true,
    ..CommandSpec::named("probe")
};

/// What `probe` is told.
#[derive(Debug, Args)]
pub struct ProbeArguments {
    /// The image, as any tool writes it: alpine, ghcr.io/o/n:t, n@sha256:…, https://host/v2/n/manifests/t
    #[arg(value_name = "REF")]
    pub(super) reference: String,

    /// Judge for a client that accepts this media type, or what a short name as oci-index stands for; may be repeated [default: the four types of current clients]
    #[arg(long, value_name = "TYPE", value_parser = accepted_type)]
    accept: Vec<String>,

    /// Write the verdict alone, on one line; JSON has all of the report
    #[arg(long)]
    brief: bool,
}

impl ProbeArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        // Parsed here and not by the argument parser, whose message would repeat a password that was pasted along.
        let reference = Reference::parse(&self.reference)?;
        output.set_brief(self.brief);
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
