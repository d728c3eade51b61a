//! `compare`: two references side by side, or one with and without credentials.

mod laid_out;
mod side;
mod written;

use clap::Args;

use self::laid_out::{Amount, laid_out};
use self::side::{Named, is_file};
use self::written::WrittenComparison;
use super::{CommandError, CommandSpec, EntryKind, Format, Group, Output, Overview};
use crate::comparison::{Comparison, Outcome, Side, compare, questions};
use crate::diagnosis::{CommandLine, ExitStatus, Word};
use crate::evidence::CredentialUse;
use crate::oci::{Host, Reference};
use crate::report::{Form, Published, Report};
use crate::session::{Examined, Session};

/// The option that compares two identities instead of two references.
const IDENTITIES: &str = "--identities";

/// The description of `compare`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Cause, at: (0, 1), usage: "compare REF", about: "two images" }),
    one_shot: &[
        ("ociscope compare nginx:1.27 mirror.example.com/nginx:1.27", "an image and its mirror"),
        ("ociscope compare --identities ghcr.io/acme/api:1.4.2", "anonymously and logged in"),
        ("ociscope compare --platform arm64 alpine:3.19 alpine:3.20", "the images for another platform"),
        ("ociscope compare --format md nginx:1.26 nginx:1.27 > report.md", "for an issue"),
    ],
    examples: &[
        ("compare :latest", "the image in the prompt with another tag"),
        (
            "compare gcr.io/deepvariant-docker/deepvariant:0.5.0 gcr.io/deepvariant-docker/deepvariant:latest",
            "two images",
        ),
    ],
    takes: Some(EntryKind::Manifest),
    two_unless: Some(IDENTITIES),
    forms: &[Published::of::<WrittenComparison<'_>>()],
    asks_a_registry: true,
    ..CommandSpec::named("compare")
};

/// The arguments of `compare`.
#[derive(Debug, Args)]
pub struct CompareArguments {
    /// Two image references or recordings: A and B. An existing file is a recording; ./NAME is always a file
    #[arg(value_name = "REF", required = true, num_args = 1..=2)]
    references: Vec<String>,

    /// Compare what one reference serves to anonymous clients (A) and to you, logged in (B)
    #[arg(long)]
    identities: bool,
}

impl CompareArguments {
    /// The registries of the references, in order; `None` for a reference that is not valid.
    pub(super) fn registries(&self) -> impl Iterator<Item = Option<Host>> {
        let asked = self.references.iter().filter(|word| !is_file(word));
        asked.map(|typed| Reference::parse(typed).ok().map(|reference| reference.registry().clone()))
    }

    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let named = self.named()?;
        let (one, other) = (&named[0], named.last().unwrap_or(&named[0]));
        let sides = [one.side(other, self.identities)?, other.side(one, false)?];
        let [a, b] = session.examine_two(sides, questions).await?;
        let has_login = b.record.options.credential != CredentialUse::Anonymous;
        if self.identities && !has_login && b.report.exit != ExitStatus::Interrupted {
            return Err(CommandError::NoIdentity(sides[1].reference.registry().to_string()));
        }
        let comparison = compare(&a.record, &b.record);
        let Examined { report: a, redactor, .. } = a;
        let Examined { report: b, redactor: other, .. } = b;
        let (reports, mut redactor) = ([a, b], redactor.with(other));
        let status = status(&comparison, &reports);
        let amount = match output.format() {
            Format::Markdown => Amount::ForPasting,
            _ if output.is_short() => Amount::Short,
            _ => Amount::Whole,
        };
        let again = again(&reports, self.identities);
        let document = laid_out(&comparison, &reports, status, amount, again);
        let object = WrittenComparison::of(&comparison, &reports, status).to_json();
        output.fetched(&document, &object, &mut redactor)?;
        Ok(status)
    }

    /// The sides: two, or one whose identities are compared. References are parsed here and not by the argument parser,
    /// whose message would repeat a password in one.
    fn named(&self) -> Result<Vec<Named>, CommandError> {
        let (mut named, mut refusals) = (Vec::new(), Vec::new());
        for word in &self.references {
            match Named::read(word) {
                Ok(side) => named.push(side),
                Err(CommandError::Reference(refusal)) => refusals.push(*refusal),
                Err(error) => return Err(error),
            }
        }
        if !refusals.is_empty() {
            return Err(CommandError::References(refusals));
        }
        match (named.len(), self.identities) {
            (2, false) => Ok(named),
            (1, true) if matches!(named[0], Named::Reference(_)) => Ok(named),
            (1, true) => Err(CommandError::Sides("--identities compares what a registry answers; name a reference")),
            (2, true) => {
                Err(CommandError::Sides("--identities compares one reference with itself; leave out the other"))
            }
            _ => Err(CommandError::Sides("compare needs two references, or one with --identities")),
        }
    }
}

/// The command that makes the same comparison; `None` if there is none.
fn again(reports: &[Report; 2], identities: bool) -> Option<CommandLine> {
    let [Some(a), Some(b)] = reports.each_ref().map(|report| report.again.clone()) else { return None };
    let verb = |word: Word| if word.is("diagnose") { SPEC.name.into() } else { word };
    // Of two identities, the second has the options of the login.
    let (first, last) = match identities {
        true => (b, Some(Word::from(IDENTITIES))),
        false => (a, b.into_words().pop()),
    };
    CommandLine::of(first.into_words().into_iter().map(verb).chain(last)).ok()
}

/// The exit status: that of the sides that could not be read, else whether clients notice a difference.
fn status(comparison: &Comparison, reports: &[Report; 2]) -> ExitStatus {
    if reports.iter().any(|report| report.exit == ExitStatus::Interrupted) {
        return ExitStatus::Interrupted;
    }
    match comparison.outcome {
        Outcome::Same => ExitStatus::Success,
        Outcome::Unnoticed => ExitStatus::Unnoticed,
        Outcome::Noticed => ExitStatus::Noticed,
        Outcome::Unread => {
            let unread = Side::BOTH.into_iter().filter(|side| side.of(&comparison.served).is_none());
            // A side that cannot be read has failed, even if no rule says how.
            let failed = |side: Side| match side.of(reports).exit {
                ExitStatus::Success => ExitStatus::ServerFailed,
                exit => exit,
            };
            unread.map(failed).fold(ExitStatus::Success, ExitStatus::with)
        }
    }
}
