//! `tags`: the tags of a repository, in the order of its registry.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::envelope::{Envelope, Fetched};
use super::fetched::{aside, begin, further_page, list_refused, object, request_line, simulated, titled};
use super::{CommandError, CommandSpec, Exchanges, Group, Output, Overview, Shown};
use crate::diagnosis::ExitStatus;
use crate::diagnosis::tags::{MOST_TAGS, TagList, read_tag_list};
use crate::evidence::{Exchange, ExchangeId, Purpose, Query};
use crate::registry::LIST_BYTES;
use crate::report::{Block, Label, Published, Span};
use crate::session::{Conversation, Session};

/// The description of `tags`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Content, at: (1, 1), usage: "tags", about: "" }),
    examples: &[("tags", "of the repository that the prompt names"), ("tags --raw", "the pages as they came")],
    shown,
    forms: &[Published::of::<Envelope<WrittenTags>>()],
    asks_a_registry: true,
    ..CommandSpec::named("tags")
};

/// What `tags` is told.
#[derive(Debug, Args)]
pub struct TagsArguments {
    /// The repository, as any tool writes it; a tag or digest behind it does not matter
    #[arg(value_name = "REF")]
    pub(super) reference: String,

    /// Print the pages of the list as they were received
    #[arg(long)]
    pub(super) raw: bool,
}

impl TagsArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut conversation = begin(session, &self.reference).await?;
        let ids = conversation.ask(&Query::Tags).await?;
        let Some(&last) = ids.last() else { return Ok(ExitStatus::Interrupted) };
        let pages: Vec<_> = ids.iter().map(|&id| (id, conversation.journal().get(id))).collect();
        let Some(TagList::Served { tags, complete, left_out, unread, .. }) =
            read_tag_list(conversation.reference(), &pages)
        else {
            return list_refused::<WrittenTags>(&conversation, last, output);
        };
        if self.raw {
            let served = pages.iter().filter(|(_, page)| page.is_success());
            for response in served.filter_map(|(_, page)| page.response.as_ref()) {
                output.raw(&response.body.bytes, &conversation.redactor())?;
            }
        } else {
            let list = List { tags, complete, left_out, unread, pages: &pages };
            list.write(&conversation, last, output)?;
        }
        // What is known is shown, and a script still hears that the registry broke off.
        let answer = conversation.journal().get(last);
        Ok(if answer.is_success() { ExitStatus::Success } else { aside(&conversation, last).exit })
    }
}

/// The tags, without those that are not valid in a reference.
fn shown(exchanges: &Exchanges<'_>) -> Shown {
    let pages = exchanges.of(Purpose::Tags);
    let tags = exchanges.reference().and_then(|reference| match read_tag_list(reference, &pages)? {
        TagList::Served { tags, .. } => {
            Some(tags.iter().filter_map(|tag| reference.with_tag(tag).ok()).map(Some).collect())
        }
        _ => None,
    });
    Shown::manifests(tags)
}

/// The tags of a repository.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenTags {
    /// The tags in the order of the registry.
    #[schemars(inner(regex(pattern = "^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$")))]
    tags: Vec<String>,
    /// Whether these are all tags, as far as can be told.
    complete: bool,
    /// How many entries of the list are not valid tags, and were left out.
    left_out: usize,
}

impl Fetched for WrittenTags {
    const NAME: &'static str = "tags";
    const TITLE: &'static str = "Output of `ociscope tags REF --json`";
}

/// What the registry listed.
struct List<'a> {
    tags: Vec<String>,
    complete: bool,
    left_out: usize,
    /// How many entries there were after the most tags that are read.
    unread: usize,
    pages: &'a [(ExchangeId, &'a Exchange)],
}

impl List<'_> {
    fn write(
        &self,
        conversation: &Conversation<'_>,
        last: ExchangeId,
        output: &mut Output<'_>,
    ) -> Result<(), CommandError> {
        let mut redactor = conversation.redactor();
        let cut = self.cut();
        let written = WrittenTags { tags: self.tags.clone(), complete: self.complete, left_out: self.left_out };
        let object = object(conversation, last, written);
        let mut document = titled(conversation);
        document.push(Block::Names(self.tags.clone()));
        if !self.tags.is_empty() {
            document.push(Block::Gap);
        }
        document.push(request_line(conversation, last, None, &mut redactor));
        document.push(Block::Text(vec![Span::new(self.count(), Label::Quiet)]));
        let strange = self.left_out_words();
        let cautions = strange.iter().chain(&cut);
        document.extend(cautions.map(|words| Block::Text(vec![Span::new(words, Label::Caution)])));
        let none = self.tags.is_empty().then(|| self.count());
        let remarks: Vec<_> = simulated(conversation).into_iter().chain(none).chain(strange).chain(cut).collect();
        output.names(&self.tags, &document, &remarks, &object, &mut redactor)?;
        Ok(())
    }

    fn count(&self) -> String {
        let pages = self.pages.iter().filter(|(_, page)| page.is_success()).count();
        let tags = match self.tags.len() {
            0 => "no tags".to_owned(),
            1 => "1 tag".to_owned(),
            count => format!("{count} tags"),
        };
        if pages == 1 { tags } else { format!("{tags} on {pages} pages") }
    }

    fn left_out_words(&self) -> Option<String> {
        match self.left_out {
            0 => None,
            1 => Some("1 entry is no tag by the grammar and was left out".to_owned()),
            count => Some(format!("{count} entries are no tags by the grammar and were left out")),
        }
    }

    /// Why it may not be all of them, in words.
    fn cut(&self) -> Option<String> {
        if self.complete {
            return None;
        }
        let (_, last) = self.pages.last()?;
        if self.unread > 0 {
            return Some(format!(
                "there are more: reading stops after {MOST_TAGS} tags, and {} were left out",
                self.unread
            ));
        }
        let bytes: u64 = self.pages.iter().filter_map(|(_, page)| Some(page.response.as_ref()?.body.size)).sum();
        if bytes >= LIST_BYTES && last.is_success() {
            let most = LIST_BYTES >> 20;
            return Some(format!("there are more: no further page is fetched after {most} MiB of the list"));
        }
        Some(further_page(last).unwrap_or_else(|| {
            format!(
                "the list was likely cut: it ends after {}, where registries end a page, and names no next one",
                self.count()
            )
        }))
    }
}
