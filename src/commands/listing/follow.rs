//! Pagination: one page after the other, and why it ended.

use std::collections::HashSet;
use std::hash::{BuildHasher as _, RandomState};

use url::{Position, Url};

use crate::commands::fetched::aside;
use crate::diagnosis::ExitStatus;
use crate::evidence::{Exchange, ExchangeId, FailureKind, ListOf, Query, error_entries};
use crate::oci::Origin;
use crate::registry::NextPage;
use crate::session::{Conversation, SessionError};

/// The most pages of a list that are fetched.
const MOST_PAGES: usize = 10_000;
/// The most bytes of a list, after which no further page is fetched.
const MOST_BYTES: u64 = 64 << 20;

/// Why a list ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) enum End {
    /// The registry links no further page.
    Whole,
    /// The registry links no further page, but the list is exactly as long as a usual page.
    LikelyCut,
    /// `--limit` was reached.
    Limit(usize),
    /// The bound of entries was reached; their noun.
    Entries(usize, &'static str),
    /// The bound of bytes was reached.
    Bytes,
    /// The bound of pages was reached.
    Pages,
    /// The next page was fetched before.
    Again,
    /// The next page is on another origin, or its address is not valid.
    NotFollowed,
    /// A page is not a list.
    NotAList,
    /// The answer to the request for the next page.
    Refused(ExchangeId, Option<u16>),
    /// The time of the run is used up.
    Deadline,
    /// The user interrupted.
    Interrupted,
}

impl End {
    /// Why the list is not complete, in a sentence that says how much of it is shown. `None` if it is complete, as far as can
    /// be determined.
    pub fn why(&self, shown: &str) -> Option<String> {
        let why = match self {
            Self::Whole => return None,
            Self::LikelyCut => {
                return Some(format!(
                    "the list was likely cut: it ends after {shown}, a usual page size, without a link to the next page"
                ));
            }
            Self::Limit(limit) => format!("--limit {limit}"),
            Self::Entries(most, what) => format!("the limit is {most} {what}"),
            Self::Bytes => format!("the limit is {} MiB", MOST_BYTES >> 20),
            Self::Pages => format!("the limit is {MOST_PAGES} pages"),
            Self::Again => "the registry links a page that was fetched before".to_owned(),
            Self::NotFollowed => "the next page is on another origin, or its address is not valid".to_owned(),
            Self::NotAList => "the next page is not a list".to_owned(),
            Self::Refused(_, Some(status @ 300..)) => format!("the registry answered {status} for the next page"),
            Self::Refused(..) => "the next page did not arrive".to_owned(),
            Self::Deadline => "the time limit of the run (--timeout) was reached".to_owned(),
            Self::Interrupted => "interrupted".to_owned(),
        };
        let verb = if shown.starts_with("1 ") { "is" } else { "are" };
        Some(format!("{shown} {verb} shown, the list continues: {why}"))
    }

    /// The exit status of a command whose list ended like this.
    pub fn exit(&self, conversation: &Conversation<'_>) -> ExitStatus {
        match self {
            Self::Whole | Self::LikelyCut | Self::Limit(_) => ExitStatus::Success,
            // The list so far is shown; the status tells scripts that it is cut.
            Self::Refused(answer, _) => aside(conversation, *answer).exit,
            Self::Interrupted => ExitStatus::Interrupted,
            Self::Entries(..)
            | Self::Bytes
            | Self::Pages
            | Self::Again
            | Self::NotFollowed
            | Self::NotAList
            | Self::Deadline => ExitStatus::Incomplete,
        }
    }

    /// The end of a list whose next page failed.
    fn without(answer: ExchangeId, exchange: &Exchange) -> Self {
        match exchange.failure.as_ref().map(|failure| &failure.kind) {
            Some(FailureKind::Interrupted) => Self::Interrupted,
            Some(FailureKind::Deadline) => Self::Deadline,
            Some(FailureKind::BodyTooLarge) => Self::Bytes,
            _ => Self::Refused(answer, exchange.status()),
        }
    }
}

/// A list that is being fetched.
pub(in crate::commands) struct Follow {
    list: ListOf,
    /// The next page: the first, or the one with this address; `None` at the end.
    next: Option<Option<String>>,
    /// Hashes of the addresses of all pages so far, with a random key.
    seen: HashSet<u64>,
    key: RandomState,
    pages: usize,
    bytes: u64,
    last: Option<ExchangeId>,
    end: End,
    /// Queries that are sent with the one for the first page.
    others: Vec<Query>,
    /// The final answer to each of them; `None` if it was not sent.
    other_answers: Vec<Option<ExchangeId>>,
}

impl Follow {
    /// A list before its first request, with which these queries are sent.
    pub fn with(list: ListOf, others: Vec<Query>) -> Self {
        Self { others, ..Self::new(list) }
    }

    /// A list before its first request.
    pub fn new(list: ListOf) -> Self {
        Self {
            list,
            others: Vec::new(),
            other_answers: Vec::new(),
            next: Some(None),
            seen: HashSet::new(),
            key: RandomState::new(),
            pages: 0,
            bytes: 0,
            last: None,
            end: End::Whole,
        }
    }

    /// Fetches the next page. `None` at the end; if the first page failed, [`Follow::last`] is its answer.
    ///
    /// # Errors
    /// Where the reference cannot be made an address.
    pub async fn next(&mut self, conversation: &mut Conversation<'_>) -> Result<Option<ExchangeId>, SessionError> {
        let mut is_unsized = false;
        while let Some(next) = self.next.take() {
            let is_first = next.is_none();
            let asked = self.ask(conversation, &Query::Page(self.list.clone(), next)).await?;
            let Some(&page) = asked.last() else {
                self.end = End::Interrupted;
                return Ok(None);
            };
            self.last = Some(page);
            let exchange = conversation.journal().get(page);
            if is_first && !is_unsized && refuses_size(exchange) {
                // Without a page size, the registry uses its own.
                is_unsized = true;
                self.next = Some(Some(exchange.request.url.path().to_owned()));
                continue;
            }
            if !exchange.is_success() {
                self.end = End::without(page, exchange);
                return Ok(None);
            }
            let origin = conversation.origin();
            for id in asked {
                let url = &conversation.journal().get(id).request.url;
                self.seen.insert(self.key.hash_one(name_of(url, origin.as_ref())));
            }
            self.pages += 1;
            self.bytes += exchange.response.as_ref().map_or(0, |response| response.body.size);
            self.go_on(conversation.next_page(page));
            return Ok(Some(page));
        }
        Ok(None)
    }

    async fn ask(
        &mut self,
        conversation: &mut Conversation<'_>,
        page: &Query,
    ) -> Result<Vec<ExchangeId>, SessionError> {
        let others = std::mem::take(&mut self.others);
        if others.is_empty() {
            return conversation.ask(page).await;
        }
        let (asked, answers) = conversation.ask_with(page, &others).await?;
        self.other_answers = answers.iter().map(|answer| answer.last().copied()).collect();
        Ok(asked)
    }

    /// The final answer to each of the queries that were sent with the first page; `None` if it was not sent.
    pub fn other_answers(&self) -> &[Option<ExchangeId>] {
        &self.other_answers
    }

    /// Notes the link to the next page, and whether it is fetched.
    fn go_on(&mut self, next: NextPage) {
        self.end = match next {
            NextPage::None => End::Whole,
            NextPage::NotFollowed => End::NotFollowed,
            NextPage::At(next) if self.seen.contains(&self.key.hash_one(&next)) => End::Again,
            NextPage::At(_) if self.pages >= MOST_PAGES => End::Pages,
            NextPage::At(_) if self.bytes >= MOST_BYTES => End::Bytes,
            NextPage::At(next) => {
                self.next = Some(Some(next));
                End::Whole
            }
        };
    }

    /// Whether there is a next page to fetch.
    pub fn goes_on(&self) -> bool {
        self.next.is_some()
    }

    /// Ends the list for this reason.
    pub fn stop(&mut self, end: End) {
        (self.next, self.end) = (None, end);
    }

    /// The number of pages.
    pub fn pages(&self) -> usize {
        self.pages
    }

    /// The last answer.
    pub fn last(&self) -> Option<ExchangeId> {
        self.last
    }

    /// Why the list ended.
    pub fn end(&self) -> &End {
        &self.end
    }
}

/// The address of a page in a [`Query::Page`].
fn name_of(url: &Url, registry: Option<&Origin>) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    match Origin::of(&url).as_ref() == registry {
        true => url[Position::BeforePath..].to_owned(),
        false => url.into(),
    }
}

/// Whether a registry refuses the requested page size: CNCF distribution has a maximum.
fn refuses_size(exchange: &Exchange) -> bool {
    let Some(response) = exchange.response.as_ref().filter(|response| response.status == 400) else { return false };
    let has_size = exchange.request.url.query().is_some();
    has_size && error_entries(response).iter().any(|entry| entry.code.as_str() == "PAGINATION_NUMBER_INVALID")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(name: &str) -> NextPage {
        NextPage::At(name.to_owned())
    }

    #[test]
    fn bounds_end_a_list_with_further_pages() {
        for (pages, bytes, expected) in [
            (MOST_PAGES - 1, 0, None),
            (MOST_PAGES, 0, Some(End::Pages)),
            (1, MOST_BYTES - 1, None),
            (1, MOST_BYTES, Some(End::Bytes)),
            (MOST_PAGES + 1, MOST_BYTES + 1, Some(End::Pages)),
        ] {
            let mut follow = Follow { pages, bytes, next: None, ..Follow::new(ListOf::Tags) };
            follow.go_on(at("/further"));
            assert_eq!(follow.goes_on(), expected.is_none(), "{pages} {bytes}");
            assert_eq!(*follow.end(), expected.unwrap_or(End::Whole), "{pages} {bytes}");
            // A list without further pages is not cut.
            let mut follow = Follow { pages, bytes, next: None, ..Follow::new(ListOf::Tags) };
            follow.go_on(NextPage::None);
            assert!(!follow.goes_on() && *follow.end() == End::Whole, "{pages} {bytes}");
        }
    }

    #[test]
    fn sentence_says_how_much_is_shown_and_why() {
        for (end, shown, expected) in [
            (End::Whole, "3 tags", None),
            (End::Limit(3), "3 tags", Some("3 tags are shown, the list continues: --limit 3")),
            (End::Pages, "1 tag", Some("1 tag is shown, the list continues: the limit is 10000 pages")),
            (End::Bytes, "no tags", Some("no tags are shown, the list continues: the limit is 64 MiB")),
            (
                End::Entries(1_000_000, "tags"),
                "1000000 tags",
                Some("1000000 tags are shown, the list continues: the limit is 1000000 tags"),
            ),
            (
                End::Refused(ExchangeId::new(7), None),
                "10 tags",
                Some("10 tags are shown, the list continues: the next page did not arrive"),
            ),
        ] {
            assert_eq!(end.why(shown).as_deref(), expected);
        }
    }
}
