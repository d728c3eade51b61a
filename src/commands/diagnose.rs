//! `diagnose`: why an image cannot be pulled, in one report.

use std::num::NonZeroUsize;
use std::time::Instant;

use clap::Args;

use super::accept::accepted_type;
use super::references::ReferenceList;
use super::several::{AT_ONCE, News, several};
use super::{CommandError, CommandSpec, EntryKind, FROM, Group, Output, Overview, Shown};
use crate::diagnosis::ExitStatus;
use crate::evidence::{Depth, Redactor};
use crate::oci::{Host, Reference, Refusal};
use crate::report::{Published, WrittenReport};
use crate::session::{Assignment, Examined, Session, SessionError};

/// The most references that are named as holding up the others.
const MOST_NAMED: usize = 3;

/// The description of `diagnose`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Cause,
        at: (0, 0),
        usage: "diagnose REF",
        about: "the cause, the proof, the fix",
    }),
    one_shot: &[
        ("ociscope diagnose ghcr.io/acme/api:1.4.2", ""),
        ("ociscope diagnose -f images.txt", "one reference a line"),
        ("ociscope diagnose -u NAME r.example.com/app:1", "log in; asks for the password"),
        ("ociscope diagnose --platform arm64 alpine:3.20", "judge for another platform"),
        ("ociscope diagnose --format md alpine:3.20 > report.md", "for an issue"),
    ],
    examples: &[
        ("diagnose", "the image in the prompt"),
        ("diagnose :0.6.0", "another tag of the same repository"),
        ("diagnose > report.json", "write JSON to a file"),
    ],
    by_platform: true,
    moves_the_shell: true,
    takes: Some(EntryKind::Manifest),
    shown: Shown::of_a_manifest,
    forms: &[Published::of::<WrittenReport<'_>>()],
    asks_a_registry: true,
    ..CommandSpec::named("diagnose")
};

/// The arguments of `diagnose`.
#[derive(Debug, Args)]
pub struct DiagnoseArguments {
    /// Image references: alpine, ghcr.io/o/n:t, n@sha256:…, https://host/v2/n/manifests/t
    #[arg(value_name = "REF", required_unless_present_any = ["file", FROM])]
    references: Vec<String>,

    #[command(flatten)]
    pub(super) listed: ReferenceList,

    /// Judge for a client that accepts this media type (or short name, such as oci-index); repeatable [default: the four types of current clients]
    #[arg(long, value_name = "TYPE", value_parser = accepted_type)]
    accept: Vec<String>,

    /// Number of images diagnosed at the same time [default: 64]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Write the verdict alone, on one line; JSON has all of the report
    #[arg(long)]
    brief: bool,
}

/// The reference that is diagnosed: the one given, or the one that was likely meant.
struct Subject {
    reference: Reference,
    mended: Option<Refusal>,
}

impl DiagnoseArguments {
    fn references(&self) -> impl Iterator<Item = &String> {
        self.references.iter().chain(self.listed.references())
    }

    /// The registries of the references, in order, including those that were only likely meant; `None` for a reference
    /// that is not valid.
    pub(super) fn registries(&self) -> impl Iterator<Item = Option<Host>> {
        self.references().map(|typed| subject(typed).ok().map(|subject| subject.reference.registry().clone()))
    }

    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        output.set_brief(self.brief);
        let mut subjects = Vec::new();
        let mut refusals = Vec::new();
        let references: Vec<String> = self.references().cloned().collect();
        let references = if references.is_empty() { session.recorded_references() } else { references };
        for (index, typed) in references.iter().enumerate() {
            match subject(typed) {
                Ok(subject) => subjects.push((index, subject)),
                Err(refusal) => refusals.push(refusal),
            }
        }
        let hosts: Vec<_> = subjects.iter().map(|(_, subject)| subject.reference.registry().clone()).collect();
        let is_alone = references.len() < 2;
        let began = Instant::now();
        let names = subjects.iter().map(|(_, subject)| subject.reference.to_string().chars().count());
        let longest = names.max().unwrap_or_default();
        // With several references, each progress line would overwrite another.
        let progress = output.progress();
        let step = |answered, all| {
            if is_alone {
                progress.step(answered, all)
            }
        };
        let examine = async |index: usize| {
            let (_, Subject { reference, mended }) = &subjects[index];
            let assignment = Assignment {
                reference,
                accept: &self.accept,
                depth: Depth::Diagnosis,
                mended: mended.clone(),
                one_of_many: !is_alone,
            };
            session.examine(assignment, &step).await
        };
        // Exchanges that the shell keeps are numbered run by run.
        let at_once = if session.remembers() { 1 } else { self.jobs.map_or(AT_ONCE, usize::from) };
        let (mut status, mut done) = (ExitStatus::Success, 0);
        let tell = |news: News<Result<Examined, SessionError>>| -> Result<(), CommandError> {
            match news {
                News::Late(late) => {
                    let mut names: Vec<_> = late.iter().map(|&index| subjects[index].1.reference.to_string()).collect();
                    if names.len() > MOST_NAMED {
                        let others = names.split_off(MOST_NAMED).len();
                        names.push(format!("and {others} others"));
                    }
                    output.remark(&format!("still waiting for {}", names.join(", ")), &mut Redactor::default());
                }
                News::Done(index, examined) => {
                    let Examined { mut report, mut redactor, .. } = examined?;
                    report.index = (!is_alone).then(|| subjects[index].0);
                    progress.clear();
                    match is_alone {
                        true => output.report(&report, &mut redactor)?,
                        false => output.one_of_many(&report, longest, &mut redactor)?,
                    }
                    status = status.with(report.exit);
                    done += 1;
                    if !is_alone {
                        progress.looked_at(done, hosts.len());
                    }
                }
            }
            Ok(())
        };
        let done = several(&hosts, at_once, examine, tell).await;
        if !is_alone {
            // What is known of those before an error is said too.
            output.end_of_many(began.elapsed().as_secs_f64() * 1000.0)?;
        }
        done?;
        if refusals.is_empty() { Ok(status) } else { Err(CommandError::References(refusals)) }
    }
}

/// Parses a reference. An invalid one with a suggestion is diagnosed as the suggestion, so that the report also says whether
/// that exists.
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
    fn invalid_reference_with_a_suggestion_is_diagnosed_as_the_suggestion() {
        let meant = |typed: &str| subject(typed).map(|subject| subject.reference.to_string()).ok();
        assert_eq!(meant("ghcr.io/Owner/App:V1").as_deref(), Some("ghcr.io/owner/app:V1"));
        assert_eq!(meant("ghcr.io/owner/app").as_deref(), Some("ghcr.io/owner/app:latest"));
        assert_eq!(meant("shub://owner/app"), None);
        assert!(subject("ghcr.io/owner/app").is_ok_and(|subject| subject.mended.is_none()));
        assert!(subject("ghcr.io/Owner/App").is_ok_and(|subject| subject.mended.is_some()));
    }
}
