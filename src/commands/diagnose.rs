//! `diagnose`: the one-shot report of what keeps an image from being pulled.

use std::num::NonZeroUsize;
use std::time::Instant;

use clap::Args;

use super::accept::accepted_type;
use super::several::{AT_ONCE, News, several};
use super::{CommandError, CommandSpec, EntryKind, Group, Output, Overview, Shown};
use crate::diagnosis::ExitStatus;
use crate::evidence::{Depth, Redactor};
use crate::oci::{Host, Reference, Refusal};
use crate::report::{Published, WrittenReport};
use crate::session::{Assignment, Examined, Session, SessionError};

/// How many references are named that hold up the others.
const MOST_NAMED: usize = 3;

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

    /// How many images are looked at at the same time [default: 64]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,

    /// Write the verdict alone, on one line; JSON has all of the report
    #[arg(long)]
    brief: bool,
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
        output.set_brief(self.brief);
        let mut subjects = Vec::new();
        let mut refusals = Vec::new();
        for (index, typed) in self.references.iter().enumerate() {
            match subject(typed) {
                Ok(subject) => subjects.push((index, subject)),
                Err(refusal) => refusals.push(refusal),
            }
        }
        let hosts: Vec<_> = subjects.iter().map(|(_, subject)| subject.reference.registry().clone()).collect();
        let is_alone = self.references.len() < 2;
        let began = Instant::now();
        let names = subjects.iter().map(|(_, subject)| subject.reference.to_string().chars().count());
        let longest = names.max().unwrap_or_default();
        // How far each of several has come says little, and their lines would take each other's place.
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
        // Exchanges that are to be kept are numbered one run after the other.
        let at_once = if session.remembers() { 1 } else { self.jobs.map_or(AT_ONCE, usize::from) };
        let (mut status, mut done) = (ExitStatus::Success, 0);
        let tell = |told: News<Result<Examined, SessionError>>| -> Result<(), CommandError> {
            match told {
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
