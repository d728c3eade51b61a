//! `tags`: the tags of a repository, in the order of its registry.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::envelope::{Envelope, Fetched};
use super::fetched::{begin, failed, object, titled};
use super::listing::{NamesOf, Selection, unlisted};
use super::{CommandError, CommandSpec, Exchanges, FROM, Group, Output, Overview, Shown};
use crate::diagnosis::ExitStatus;
use crate::diagnosis::tags::{TagList, read_tag_list};
use crate::evidence::{ListOf, Purpose};
use crate::oci::Reference;
use crate::report::Published;
use crate::session::Session;

/// The description of `tags`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Content, at: (1, 1), usage: "tags", about: "" }),
    one_shot: &[
        ("ociscope tags ghcr.io/acme/api", ""),
        ("ociscope tags --sort --filter '1.*-alpine' nginx", "a pattern, 1.9 before 1.10"),
        ("ociscope tags --limit 20 ghcr.io/acme/api", "the first 20"),
    ],
    examples: &[
        ("tags", "of the current repository"),
        ("tags --sort --filter 0.*", "a pattern, 0.9 before 0.10"),
        ("tags --raw", "the pages as received"),
    ],
    shown,
    forms: &[Published::of::<Envelope<WrittenTags>>()],
    asks_a_registry: true,
    ..CommandSpec::named("tags")
};

/// Arguments of `tags`.
#[derive(Debug, Args)]
pub struct TagsArguments {
    /// Repository; a tag or digest is ignored
    #[arg(value_name = "REF", required_unless_present = FROM)]
    pub(super) reference: Option<String>,

    #[command(flatten)]
    pub(super) selection: Selection,

    /// Print the pages of the list as received
    #[arg(long, conflicts_with_all = ["sort", "filter"])]
    pub(super) raw: bool,
}

impl TagsArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut conversation = begin(session, self.reference.as_deref()).await?;
        let list = NamesOf {
            list: ListOf::Tags,
            field: "tags",
            nouns: ("tag", "tags"),
            is_name: Reference::is_tag,
            selection: &self.selection,
            raw: self.raw,
        };
        match list.follow(&mut conversation, output).await? {
            Ok(tags) => tags.show(titled(&conversation), &conversation, output, |shown, last| {
                let written = WrittenTags {
                    tags: shown.names,
                    complete: shown.why_incomplete.is_none(),
                    why_incomplete: shown.why_incomplete,
                    left_out: shown.left_out,
                };
                object(&conversation, last, written)
            }),
            Err(Some(answer)) => failed::<WrittenTags>(&conversation, unlisted(&conversation, answer, "tags"), output),
            Err(None) => Ok(ExitStatus::Interrupted),
        }
    }
}

/// The valid tags.
fn shown(exchanges: &Exchanges<'_>) -> Shown {
    let pages = exchanges.of(Purpose::Tags);
    let tags = exchanges.reference().and_then(|reference| match read_tag_list(reference, &pages)? {
        TagList::Served { tags, .. } => {
            let tags = exchanges.selection.of(tags);
            Some(tags.iter().filter_map(|tag| reference.with_tag(tag).ok()).map(Some).collect())
        }
        _ => None,
    });
    Shown::manifests(tags)
}

/// The tags of a repository.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenTags {
    /// The tags in the order of the registry, or, with --sort, by name.
    #[schemars(inner(regex(pattern = "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$")))]
    tags: Vec<String>,
    /// Whether these are all tags, or with --filter all that match, as far as can be determined.
    complete: bool,
    /// Why the list is not complete, in a sentence; null if it is.
    why_incomplete: Option<String>,
    /// The number of skipped entries that are not valid tags.
    left_out: usize,
}

impl Fetched for WrittenTags {
    const NAME: &'static str = "tags";
    const TITLE: &'static str = "Output of `ociscope tags REF --json`";
}
