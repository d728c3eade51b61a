//! Remarks: what is said next to a result, and the one on where a result comes from, which is not repeated.

use std::io::Write;

use super::Output;
use super::nets::Nets;
use crate::evidence::Redactor;
use crate::report::{Block, Layout};

impl Output<'_> {
    /// Writes a remark that is not part of the result.
    pub(in crate::commands) fn remark(&mut self, words: &str, redactor: &mut Redactor) {
        let public = self.pseudonyms(redactor);
        let words = Nets { redactor, public, is_strict: true, texts: 0, goes_on: &mut || {} }.text(words);
        self.progress.hide();
        // The result is complete without the remark.
        let _ = writeln!(self.remarks, "ociscope: {words}");
    }

    /// Writes remarks that are not part of the result, except the provenance remark of the previous one.
    pub(in crate::commands) fn remarks(&mut self, remarks: &[String], redactor: &mut Redactor) {
        let last_remark = self.last_remark.clone();
        let is_news =
            |remark: &&String| last_remark.as_ref().is_none_or(|last_remark| *last_remark.borrow() != **remark);
        remarks.iter().filter(is_news).for_each(|remark| self.remark(remark, redactor));
    }

    /// The document without its provenance remark, if that was printed before.
    pub(super) fn without_repetition<'b>(&self, document: &'b Layout) -> &'b [Block] {
        match (provenance(document), &self.last_remark, &document[..]) {
            (Some(words), Some(last), [_, rest @ ..]) if *last.borrow() == words => match rest {
                [Block::Gap, rest @ ..] => rest,
                rest => rest,
            },
            _ => document,
        }
    }

    /// Notes the provenance remark of a document that is printed.
    pub(super) fn remember(&self, document: &Layout) {
        if let (Some(words), Some(last)) = (provenance(document), &self.last_remark) {
            *last.borrow_mut() = words;
        }
    }
}

/// The provenance remark that a document begins with.
fn provenance(document: &Layout) -> Option<String> {
    let Some(Block::Remark(line)) = document.first() else { return None };
    Some(line.iter().map(|span| span.text.as_str()).collect())
}
