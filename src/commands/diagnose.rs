//! `diagnose`: the one-shot report of what keeps an image from being pulled.

use clap::Args;
use futures_util::stream::{self, StreamExt};

use super::accept::accepted_type;
use super::{CommandError, CommandSpec, EntryKind, Group, Output, Overview, Shown};
use crate::diagnosis::ExitStatus;
use crate::evidence::Depth;
use crate::oci::{Host, Reference, Refusal};
use crate::report::{Published, WrittenReport};
use crate::session::{Assignment, Examined, Session};

/// How many references are diagnosed at the same time.
const AT_ONCE: usize = 4;

/// The description of `diagnose`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Cause,
        at: (0, 0),
        usage: "diagnose REF",
        about: "the cause, the proof, the fix",
    }),
    examples: &[
        ("diagnose", "the image that the prompt names"),
        ("diagnose :0.6.0", "another tag of it"),
        ("diagnose > report.json", "for a program"),
    ],
    by_platform: true,
    moves_the_shell: true,
    takes: Some(EntryKind::Manifest),
    shown: Shown::of_a_manifest,
    forms: &[Published::of::<WrittenReport<'_>>()],
    asks_a_registry: true,
    ..CommandSpec::named("diagnose")
};

/// What `diagnose` is told.
#[derive(Debug, Args)]
pub struct DiagnoseArguments {
    /// The images, as any tool writes them: alpine, ghcr.io/o/n:t, n@sha256:…, https://host/v2/n/manifests/t
    #[arg(value_name = "REF", required = true)]
    references: Vec<String>,

    /// Judge for a client that accepts this media type, or what a short name as oci-index stands for; may be repeated [default: the four types of current clients]
    #[arg(long, value_name = "TYPE", value_parser = accepted_type)]
    accept: Vec<String>,
}

/// What is diagnosed for what was typed: that, or what was probably meant.
struct Subject {
    reference: Reference,
    mended: Option<Refusal>,
}

impl DiagnoseArguments {
    /// The registries of the references, in their order, also of those that are only probably meant; `None` for one that
    /// cannot be read.
    pub(super) fn registries(&self) -> impl Iterator<Item = Option<Host>> {
        self.references.iter().map(|typed| subject(typed).ok().map(|subject| subject.reference.registry().clone()))
    }

    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut subjects = Vec::new();
        let mut refusals = Vec::new();
        for typed in &self.references {
            match subject(typed) {
                Ok(subject) => subjects.push(subject),
                Err(refusal) => refusals.push(refusal),
            }
        }
        let progress = output.progress();
        let reports = subjects.iter().map(|Subject { reference, mended }| {
            let assignment = Assignment {
                reference,
                accept: &self.accept,
                depth: Depth::Diagnosis,
                mended: mended.clone(),
                one_of_many: subjects.len() > 1,
            };
            let progress = &progress;
            async move { session.examine(assignment, &|answered, all| progress.step(answered, all)).await }
        });
        // Exchanges that are to be kept are numbered one run after the other.
        let at_once = if session.remembers() { 1 } else { AT_ONCE };
        let mut reports = stream::iter(reports).buffered(at_once);
        let mut status = ExitStatus::Success;
        while let Some(report) = reports.next().await {
            let Examined { report, mut redactor, .. } = report?;
            progress.clear();
            output.report(&report, &mut redactor)?;
            if status == ExitStatus::Success {
                status = report.exit;
            }
        }
        if refusals.is_empty() { Ok(status) } else { Err(CommandError::References(refusals)) }
    }
}

/// Reads what was typed. What is no reference is looked at as what was probably meant, where that can be told: then it
/// can also be said whether that is there.
fn subject(typed: &str) -> Result<Subject, Refusal> {
    let refusal = match Reference::parse(typed) {
        Ok(reference) => return Ok(Subject { reference, mended: None }),
        Err(refusal) => refusal,
    };
    let meant = refusal.suggestion.as_deref().and_then(|suggestion| Reference::parse(suggestion).ok());
    match meant {
        Some(reference) => Ok(Subject { reference, mended: Some(refusal) }),
        None => Err(refusal),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_probably_meant_is_looked_at() {
        let meant = |typed: &str| subject(typed).map(|subject| subject.reference.to_string()).ok();
        assert_eq!(meant("ghcr.io/Owner/App:V1").as_deref(), Some("ghcr.io/owner/app:V1"));
        assert_eq!(meant("ghcr.io/owner/app").as_deref(), Some("ghcr.io/owner/app:latest"));
        assert_eq!(meant("shub://owner/app"), None);
        assert!(subject("ghcr.io/owner/app").is_ok_and(|subject| subject.mended.is_none()));
        assert!(subject("ghcr.io/Owner/App").is_ok_and(|subject| subject.mended.is_some()));
    }
}
