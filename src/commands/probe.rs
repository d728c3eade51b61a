//! `probe`: every Accept variant, side by side.

use clap::Args;

use super::accept::accepted_type;
use super::references::ReferenceList;
use super::{CommandError, CommandSpec, EntryKind, FROM, Group, Output, Overview, Shown};
use crate::diagnosis::ExitStatus;
use crate::evidence::Depth;
use crate::oci::{Host, Reference};
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
    one_shot: &[
        ("ociscope probe ghcr.io/acme/api:1.4.2", ""),
        ("ociscope probe --accept docker-v1 alpine:3.20", "judge for an old client"),
        ("ociscope probe --format md alpine:3.20 > report.md", "for an issue"),
        ("ociscope probe -f images.txt", "one reference a line"),
    ],
    examples: &[
        ("probe", "the image in the prompt"),
        ("probe gcr.io/deepvariant-docker/deepvariant:0.5.0", "another image, and go there"),
        ("gcr.io/deepvariant-docker/deepvariant:0.5.0", "the same"),
        ("probe --accept docker-v1", "judge for a client that accepts this type"),
        ("probe > report.md", "write a report to paste into an issue"),
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

/// The arguments of `probe`.
#[derive(Debug, Args)]
pub struct ProbeArguments {
    /// Image reference: alpine, ghcr.io/o/n:t, n@sha256:…, https://host/v2/n/manifests/t
    #[arg(value_name = "REF", required_unless_present_any = ["file", FROM])]
    reference: Option<String>,

    #[command(flatten)]
    pub(super) listed: ReferenceList,

    /// Judge for a client that accepts this media type (or short name, such as oci-index); repeatable [default: the four types of current clients]
    #[arg(long, value_name = "TYPE", value_parser = accepted_type)]
    accept: Vec<String>,

    /// Write the verdict alone, on one line; JSON has all of the report
    #[arg(long)]
    brief: bool,
}

impl ProbeArguments {
    fn references(&self) -> impl Iterator<Item = &String> {
        self.reference.iter().chain(self.listed.references())
    }

    /// The reference, if there is exactly one and it is valid.
    pub(super) fn only_reference(&self) -> Option<Reference> {
        let mut references = self.references();
        let first = references.next().filter(|_| references.next().is_none())?;
        Reference::parse(first).ok()
    }

    /// The registries of the references, in order; `None` for a reference that is not valid.
    pub(super) fn registries(&self) -> impl Iterator<Item = Option<Host>> {
        self.references().map(|typed| Reference::parse(typed).ok().map(|reference| reference.registry().clone()))
    }

    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        output.set_brief(self.brief);
        let references: Vec<String> = self.references().cloned().collect();
        let references = if references.is_empty() { session.recorded_references() } else { references };
        let is_alone = references.len() < 2;
        let mut status = ExitStatus::Success;
        let mut refusals = Vec::new();
        for (index, typed) in references.iter().enumerate() {
            // Parsed here and not by the argument parser, whose message would repeat a password in the reference.
            let reference = match Reference::parse(typed) {
                Ok(reference) => reference,
                Err(refusal) => {
                    refusals.push(refusal);
                    continue;
                }
            };
            let assignment = Assignment {
                reference: &reference,
                accept: &self.accept,
                depth: Depth::Probe,
                mended: None,
                one_of_many: false,
            };
            let Examined { mut report, mut redactor, .. } = session.examine(assignment, &|_, _| {}).await?;
            report.index = (!is_alone).then_some(index);
            output.report(&report, &mut redactor)?;
            status = status.with(report.exit);
            if report.exit == ExitStatus::Interrupted {
                break;
            }
        }
        if refusals.is_empty() { Ok(status) } else { Err(CommandError::References(refusals)) }
    }
}
