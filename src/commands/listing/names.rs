//! Lists of names: tags and repositories.

use super::known::Known;
use super::{End, Follow, PAGE_SIZES, Selection, counted};
use crate::commands::fetched::{provenance, request_line};
use crate::commands::output::{Elements, Lines};
use crate::commands::{CommandError, Format, Output, OutputError};
use crate::diagnosis::ExitStatus;
use crate::evidence::{ExchangeId, ListOf};
use crate::report::{Block, Label, Layout, Span};
use crate::session::Conversation;
use crate::text::{ListField, Listing, read_names};

/// The most names of a list that are read.
const MOST_NAMES: usize = 1_000_000;

/// A list of names to fetch.
pub(in crate::commands) struct NamesOf<'a> {
    /// The list.
    pub list: ListOf,
    /// The field of its pages that has the names.
    pub field: &'static str,
    /// The noun of its entries, singular and plural.
    pub nouns: (&'static str, &'static str),
    /// Whether a text is a valid name. Others are skipped and counted.
    pub is_name: fn(&str) -> bool,
    /// The requested names.
    pub selection: &'a Selection,
    /// Whether its pages are written as received.
    pub raw: bool,
}

/// A list of names, as far as it was fetched.
pub(in crate::commands) struct Names {
    field: &'static str,
    nouns: (&'static str, &'static str),
    /// The names to show; empty if they were written already.
    names: Vec<String>,
    /// The number of names that are shown.
    count: usize,
    /// The number of entries that are not valid names.
    left_out: usize,
    /// The number of pages.
    pages: usize,
    /// The last answer.
    last: ExchangeId,
    end: End,
    /// Whether the names were written page by page.
    is_written: bool,
}

/// The shown names, for JSON; empty where [`Elements`] adds them.
pub(in crate::commands) struct ShownNames {
    pub names: Vec<String>,
    pub why_incomplete: Option<String>,
    pub left_out: usize,
}

impl NamesOf<'_> {
    /// Fetches the list to its end. In a pipe, the names of each page are written as soon as it arrives. If the first page
    /// failed or is not a list, the error is its answer.
    ///
    /// # Errors
    /// Where the reference cannot be made an address, or the names cannot be written.
    pub async fn follow(
        &self,
        conversation: &mut Conversation<'_>,
        output: &mut Output<'_>,
    ) -> Result<Result<Names, Option<ExchangeId>>, CommandError> {
        let mut follow = Follow::new(self.list.clone());
        let mut known = Known::of(conversation);
        let is_streamed = !self.raw && !self.selection.sort && output.writes_lines(&known.redactor);
        let mut lines = is_streamed.then(Lines::default);
        let (mut names, mut count, mut read, mut left_out) = (Vec::new(), 0, 0, 0);
        while let Some(id) = follow.next(conversation).await? {
            let body =
                conversation.journal().get(id).response.as_ref().map_or(&[][..], |response| &response.body.bytes);
            let Some(page) = self.read(body, MOST_NAMES - read) else {
                if follow.pages() == 1 {
                    return Ok(Err(Some(id)));
                }
                follow.stop(End::NotAList);
                break;
            };
            read += page.entries.len();
            left_out += page.left_out;
            self.judge_end(&mut follow, read, page.unread);
            let page = self.wanted(page.entries, count, &mut follow);
            count += page.len();
            known.renew(conversation);
            match &mut lines {
                _ if self.raw => output.raw(body, &known.redactor)?,
                Some(lines) => lines.write(page, output, &mut known.redactor)?,
                None => names.extend(page),
            }
            if follow.goes_on() {
                output.progress().listed(count, self.nouns.1, follow.pages());
                if output.is_unread() {
                    return Err(OutputError::Closed.into());
                }
            }
        }
        if let Some(lines) = lines {
            lines.finish(output, &mut known.redactor)?;
        }
        if follow.pages() == 0 {
            return Ok(Err(follow.last()));
        }
        if self.selection.sort {
            names = self.selection.of(names);
            let is_limited = names.len() < count && matches!(follow.end(), End::Whole | End::LikelyCut);
            if let Some(limit) = self.selection.limit.filter(|_| is_limited) {
                follow.stop(End::Limit(limit));
            }
            count = names.len();
        }
        let Some(last) = follow.last() else { return Ok(Err(None)) };
        let (pages, end) = (follow.pages(), follow.end().clone());
        let is_written = self.raw || is_streamed;
        Ok(Ok(Names { field: self.field, nouns: self.nouns, names, count, left_out, pages, last, end, is_written }))
    }

    /// Reads a page (distribution-spec, listing tags), up to this many names. Servers in Go write null for an empty list.
    /// `None` if it is not a list.
    fn read(&self, body: &[u8], most: usize) -> Option<Listing<String>> {
        match read_names(body, self.field, most, &self.is_name)? {
            ListField::List(list) => Some(list),
            ListField::Null => Some(Listing { entries: Vec::new(), left_out: 0, unread: 0 }),
            ListField::Missing | ListField::Other => None,
        }
    }

    /// Ends the list at the bound of names, and where it looks cut: a single page of exactly a usual page size.
    fn judge_end(&self, follow: &mut Follow, read: usize, unread: usize) {
        if unread > 0 {
            follow.stop(End::Entries(MOST_NAMES, self.nouns.1));
        } else if !follow.goes_on() && follow.pages() == 1 && *follow.end() == End::Whole && PAGE_SIZES.contains(&read)
        {
            follow.stop(End::LikelyCut);
        }
    }

    /// The names of a page that are shown after this many. Ends the list when the limit is reached and there may be more.
    fn wanted(&self, page: Vec<String>, count: usize, follow: &mut Follow) -> Vec<String> {
        let mut page: Vec<_> = page.into_iter().filter(|name| self.selection.selects(name)).collect();
        let Some(limit) = self.selection.limit.filter(|_| !self.selection.sort) else { return page };
        let room = limit.saturating_sub(count);
        let is_enough = page.len() >= room;
        if is_enough && (page.len() > room || follow.goes_on() || *follow.end() != End::Whole) {
            follow.stop(End::Limit(limit));
        }
        page.truncate(room);
        page
    }
}

impl Names {
    /// Writes the list below a title, or only the remarks if its names were written already. Returns the exit status.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn show(
        mut self,
        title: Layout,
        conversation: &Conversation<'_>,
        output: &mut Output<'_>,
        to_json: impl FnOnce(ShownNames, ExchangeId) -> serde_json::Value,
    ) -> Result<ExitStatus, CommandError> {
        let mut redactor = conversation.redactor();
        let why = self.end.why(&counted(self.count, self.nouns.0, self.nouns.1));
        let exit = self.end.exit(conversation);
        if output.format() == Format::Json && !self.is_written {
            let mut elements = Elements::default();
            let names = std::mem::take(&mut self.names).into_iter();
            elements.add(names.map(serde_json::Value::from), output, &mut redactor)?;
            let shown = ShownNames { names: Vec::new(), why_incomplete: why, left_out: self.left_out };
            output.fetched_list(to_json(shown, self.last), self.field, elements, &mut redactor)?;
            return Ok(exit);
        }
        let strange = self.left_out_words();
        // A limit of the user needs no remark.
        let is_limit = matches!(self.end, End::Limit(_));
        let none = (self.count == 0).then(|| self.counted());
        let remarks = provenance(conversation).into_iter().chain(none).chain(strange.clone());
        let remarks: Vec<_> = remarks.chain(why.clone().filter(|_| !is_limit)).collect();
        if self.is_written {
            output.remarks(&remarks, &mut redactor);
            return Ok(exit);
        }
        let mut document = title;
        let names = std::mem::take(&mut self.names);
        if output.writes_names() {
            document.clear();
        } else {
            document.push(Block::Names(names.clone()));
            document.extend((!names.is_empty()).then_some(Block::Gap));
            document.push(request_line(conversation, self.last, None, &mut redactor));
            document.push(Block::Text(vec![Span::new(self.counted(), Label::Quiet)]));
            let label = if is_limit { Label::Quiet } else { Label::Caution };
            document.extend(strange.map(|words| Block::Text(vec![Span::new(words, Label::Caution)])));
            document.extend(why.map(|words| Block::Text(vec![Span::new(words, label)])));
        }
        output.names(&names, &document, &remarks, &mut redactor)?;
        Ok(exit)
    }

    /// `150 tags on 2 pages`
    fn counted(&self) -> String {
        let names = counted(self.count, self.nouns.0, self.nouns.1);
        if self.pages == 1 { names } else { format!("{names} on {} pages", self.pages) }
    }

    fn left_out_words(&self) -> Option<String> {
        let (one, many) = self.nouns;
        match self.left_out {
            0 => None,
            1 => Some(format!("skipped 1 entry that is not a valid {}", one_of(one))),
            count => Some(format!("skipped {count} entries that are not valid {}", many_of(many))),
        }
    }
}

/// The noun for a valid entry.
fn one_of(noun: &str) -> &str {
    if noun == "repository" { "repository name" } else { noun }
}

fn many_of(nouns: &str) -> &str {
    if nouns == "repositories" { "repository names" } else { nouns }
}
