//! One page after the other, each asked for when the one before it was read, and the end of that.

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
/// The most bytes of a list: once its pages have as many together, no further one is fetched.
const MOST_BYTES: u64 = 64 << 20;

/// The end of a list, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::commands) enum End {
    /// The registry names no further page.
    Whole,
    /// The registry names no further page, and what it served is exactly as long as registries make a page.
    LikelyCut,
    /// There are as many entries as `--limit` says.
    Limit(usize),
    /// There are as many entries as are read; what they are called.
    Entries(usize, &'static str),
    /// There are as many bytes as are read.
    Bytes,
    /// There are as many pages as are read.
    Pages,
    /// The further page was fetched before.
    Again,
    /// The further page is on another origin, or its address cannot be read.
    NotFollowed,
    /// A further page is not a list.
    NotAList,
    /// This is the answer to the request for a further page.
    Refused(ExchangeId, Option<u16>),
    /// The time of the run is used up.
    Deadline,
    /// The user interrupted.
    Interrupted,
}

impl End {
    /// Why the list is not complete, in a sentence that says what of it is shown. `None` where it is complete, as far as can
    /// be told.
    pub fn why(&self, shown: &str) -> Option<String> {
        let why = match self {
            Self::Whole => return None,
            Self::LikelyCut => {
                return Some(format!(
                    "the list was likely cut: it ends after {shown}, where registries end a page, and names no next one"
                ));
            }
            Self::Limit(limit) => format!("--limit {limit}"),
            Self::Entries(most, what) => format!("reading stops after {most} {what}"),
            Self::Bytes => format!("reading stops after {} MiB of the list", MOST_BYTES >> 20),
            Self::Pages => format!("reading stops after {MOST_PAGES} pages"),
            Self::Again => "the registry names a page again that was fetched before".to_owned(),
            Self::NotFollowed => {
                "the next page that the registry names is on another origin, or its address cannot be read".to_owned()
            }
            Self::NotAList => "a further page is not a list".to_owned(),
            Self::Refused(_, Some(status @ 300..)) => format!("the registry answered {status} for a further page"),
            Self::Refused(..) => "a further page did not arrive".to_owned(),
            Self::Deadline => "the time for the whole run (--timeout) is used up".to_owned(),
            Self::Interrupted => "you interrupted".to_owned(),
        };
        let verb = if shown.starts_with("1 ") { "is" } else { "are" };
        Some(format!("{shown} {verb} shown, further ones are not: {why}"))
    }

    /// With what a command ends whose list ends so.
    pub fn exit(&self, conversation: &Conversation<'_>) -> ExitStatus {
        match self {
            Self::Whole | Self::LikelyCut | Self::Limit(_) => ExitStatus::Success,
            // What is known is shown, and a script still hears that the registry broke off.
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

    /// That of a list whose further page is not there.
    fn without(answer: ExchangeId, exchange: &Exchange) -> Self {
        match exchange.failure.as_ref().map(|failure| &failure.kind) {
            Some(FailureKind::Interrupted) => Self::Interrupted,
            Some(FailureKind::Deadline) => Self::Deadline,
            Some(FailureKind::BodyTooLarge) => Self::Bytes,
            _ => Self::Refused(answer, exchange.status()),
        }
    }
}

/// A list that is followed.
pub(in crate::commands) struct Follow {
    list: ListOf,
    /// The page to ask for: the first, or the one of this name. Without one, the list has come to its end.
    next: Option<Option<String>>,
    /// The hashes of the addresses of all pages so far, by a key that the registry does not know.
    seen: HashSet<u64>,
    key: RandomState,
    pages: usize,
    bytes: u64,
    last: Option<ExchangeId>,
    end: End,
}

impl Follow {
    /// A list of which nothing was asked yet.
    pub fn new(list: ListOf) -> Self {
        Self {
            list,
            next: Some(None),
            seen: HashSet::new(),
            key: RandomState::new(),
            pages: 0,
            bytes: 0,
            last: None,
            end: End::Whole,
        }
    }

    /// Fetches the next page. `None` at the end; where not even the first page came, [`Follow::last`] says why.
    ///
    /// # Errors
    /// Where the reference does not make an address.
    pub async fn next(&mut self, conversation: &mut Conversation<'_>) -> Result<Option<ExchangeId>, SessionError> {
        let mut is_unsized = false;
        while let Some(next) = self.next.take() {
            let is_first = next.is_none();
            let asked = conversation.ask(&Query::Page(self.list.clone(), next)).await?;
            let Some(&page) = asked.last() else {
                self.end = End::Interrupted;
                return Ok(None);
            };
            self.last = Some(page);
            let exchange = conversation.journal().get(page);
            if is_first && !is_unsized && refuses_size(exchange) {
                // Its own number of entries is good enough.
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

    /// Notes the page after the one that has come, and whether it is fetched.
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

    /// Whether there is a further page to ask for.
    pub fn goes_on(&self) -> bool {
        self.next.is_some()
    }

    /// Asks for no further page, for this reason.
    pub fn stop(&mut self, end: End) {
        (self.next, self.end) = (None, end);
    }

    /// How many pages have come.
    pub fn pages(&self) -> usize {
        self.pages
    }

    /// The last answer.
    pub fn last(&self) -> Option<ExchangeId> {
        self.last
    }

    /// Why no further page is asked for.
    pub fn end(&self) -> &End {
        &self.end
    }
}

/// The name of an address in a [`Query::Page`].
fn name_of(url: &Url, registry: Option<&Origin>) -> String {
    let mut url = url.clone();
    url.set_fragment(None);
    match Origin::of(&url).as_ref() == registry {
        true => url[Position::BeforePath..].to_owned(),
        false => url.into(),
    }
}

/// Whether a registry refuses the number of entries that a page is asked to have: CNCF distribution has a most of its own.
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
    fn bounds_end_a_list_that_goes_on() {
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
            // What has come to its own end was not cut.
            let mut follow = Follow { pages, bytes, next: None, ..Follow::new(ListOf::Tags) };
            follow.go_on(NextPage::None);
            assert!(!follow.goes_on() && *follow.end() == End::Whole, "{pages} {bytes}");
        }
    }

    #[test]
    fn sentence_says_what_is_shown_what_is_not_and_why() {
        for (end, shown, expected) in [
            (End::Whole, "3 tags", None),
            (End::Limit(3), "3 tags", Some("3 tags are shown, further ones are not: --limit 3")),
            (End::Pages, "1 tag", Some("1 tag is shown, further ones are not: reading stops after 10000 pages")),
            (
                End::Bytes,
                "no tags",
                Some("no tags are shown, further ones are not: reading stops after 64 MiB of the list"),
            ),
            (
                End::Entries(1_000_000, "tags"),
                "1000000 tags",
                Some("1000000 tags are shown, further ones are not: reading stops after 1000000 tags"),
            ),
            (
                End::Refused(ExchangeId::new(7), None),
                "10 tags",
                Some("10 tags are shown, further ones are not: a further page did not arrive"),
            ),
        ] {
            assert_eq!(end.why(shown).as_deref(), expected);
        }
    }
}
