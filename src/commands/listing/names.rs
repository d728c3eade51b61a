//! Lists of names: tags, and repositories.

use super::known::Known;
use super::{End, Follow, PAGE_SIZES, Selection, counted};
use crate::commands::fetched::{request_line, simulated};
use crate::commands::output::{Elements, Lines};
use crate::commands::{CommandError, Format, Output, OutputError};
use crate::diagnosis::ExitStatus;
use crate::evidence::{ExchangeId, ListOf};
use crate::report::{Block, Label, Layout, Span};
use crate::session::Conversation;
use crate::text::{ListField, Listing, read_names};

/// The most names of a list that are read.
const MOST_NAMES: usize = 1_000_000;

/// A list of names that can be asked for.
pub(in crate::commands) struct NamesOf<'a> {
    /// The list.
    pub list: ListOf,
    /// The field of its pages.
    pub field: &'static str,
    /// What it is a list of: of one, and of several.
    pub nouns: (&'static str, &'static str),
    /// Whether a text is such a name. What is not is left out and counted.
    pub is_name: fn(&str) -> bool,
    /// The names that are wanted.
    pub selection: &'a Selection,
    /// Whether its pages are written as they came.
    pub raw: bool,
}

/// A list of names that was asked for, or what of it was served.
pub(in crate::commands) struct Names {
    field: &'static str,
    nouns: (&'static str, &'static str),
    /// The names that are shown; without those that were written as they came.
    names: Vec<String>,
    /// How many are shown.
    count: usize,
    /// How many entries are not names.
    left_out: usize,
    /// How many pages have come.
    pages: usize,
    /// The last answer.
    last: ExchangeId,
    end: End,
    /// Whether they were written as they came.
    is_written: bool,
}

/// What of a list is written in JSON: the names are put in as they become text.
pub(in crate::commands) struct ShownNames {
    pub names: Vec<String>,
    pub why_incomplete: Option<String>,
    pub left_out: usize,
}

impl NamesOf<'_> {
    /// Follows the list to its end. A reader of names alone gets those of each page as soon as it is there. Where not even
    /// the first page came, or it is not a list, the answer that shows it.
    ///
    /// # Errors
    /// Where the reference does not make an address, or the names cannot be written.
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

    /// Reads a page (distribution-spec, listing tags), up to so many names. Where there are none, writers in Go say null.
    /// `None` where it is not a list.
    fn read(&self, body: &[u8], most: usize) -> Option<Listing<String>> {
        match read_names(body, self.field, most, &self.is_name)? {
            ListField::List(list) => Some(list),
            ListField::Null => Some(Listing { entries: Vec::new(), left_out: 0, unread: 0 }),
            ListField::Missing | ListField::Other => None,
        }
    }

    /// Ends the list where more names are not read, or where it looks as if it was cut: registries that have further pages
    /// of it name them, so only the length of a single one says so.
    fn judge_end(&self, follow: &mut Follow, read: usize, unread: usize) {
        if unread > 0 {
            follow.stop(End::Entries(MOST_NAMES, self.nouns.1));
        } else if !follow.goes_on() && follow.pages() == 1 && *follow.end() == End::Whole && PAGE_SIZES.contains(&read)
        {
            follow.stop(End::LikelyCut);
        }
    }

    /// What of a page is shown after so many names. Ends the list where there are as many as are wanted, and may be more.
    fn wanted(&self, page: Vec<String>, count: usize, follow: &mut Follow) -> Vec<String> {
        let mut page: Vec<_> = page.into_iter().filter(|name| self.selection.wants(name)).collect();
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
    /// Shows the list below a title, or says what is left to say where its names were written already; and with what the
    /// command ends.
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
        // Whoever sets a limit knows of it.
        let is_limit = matches!(self.end, End::Limit(_));
        let none = (self.count == 0).then(|| self.counted());
        let remarks = simulated(conversation).into_iter().chain(none).chain(strange.clone());
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

/// What an entry should be: a tag, or the name of a repository.
fn one_of(noun: &str) -> &str {
    if noun == "repository" { "repository name" } else { noun }
}

fn many_of(nouns: &str) -> &str {
    if nouns == "repositories" { "repository names" } else { nouns }
}
