//! Markup as a type. Tags are constants of this program; everything else is text, and there is one way for it to become
//! part of a page: it passes the filters of the output, becomes printable, and is escaped when the page is written.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::diagnosis::CommandLine;
use crate::evidence::ExchangeId;
use crate::report::relabelled::Change;
use crate::text::Untrusted;

/// A part of a page. It cannot be made of text other than by a [`Writer`], which cleans and later escapes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Html {
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    /// Markup of ours: constants, and numbers within them.
    Markup(Cow<'static, str>),
    /// Text, as it is read.
    Text(String),
    /// The boundary between two texts that are not read as one.
    Break,
}

impl Html {
    /// The page part with every text changed. The texts are in the order in which they are read, with line feeds where
    /// blocks end; as many are expected back.
    #[must_use]
    pub fn with_texts(self, change: impl FnOnce(Vec<String>) -> Vec<String>) -> Self {
        let mut pieces = self.pieces;
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => Some(text.clone()),
            Piece::Break => Some("\n".to_owned()),
            Piece::Markup(_) => None,
        };
        let mut changed = change(pieces.iter().filter_map(text).collect()).into_iter();
        for piece in &mut pieces {
            match piece {
                Piece::Text(text) => *text = changed.next().unwrap_or_default(),
                // What was removed from a boundary has no words of its own.
                Piece::Break => drop(changed.next()),
                Piece::Markup(_) => {}
            }
        }
        Self { pieces }
    }

    /// Everything that is read, without markup.
    pub fn visible(&self) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => Some(text.clone()),
            Piece::Break => Some("\n".to_owned()),
            Piece::Markup(_) => None,
        };
        self.pieces.iter().filter_map(text).collect()
    }

    /// The markup, with its texts escaped.
    pub fn written(&self) -> String {
        let mut written = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Markup(markup) => written.push_str(markup),
                Piece::Text(text) => escape(text, &mut written),
                Piece::Break => {}
            }
        }
        written
    }
}

/// Escapes text for an element. Attributes are only ever constants and numbers, but quotation marks are escaped as well.
fn escape(text: &str, written: &mut String) {
    for character in text.chars() {
        match character {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            other => written.push(other),
        }
    }
}

/// The exchanges that a page shows in full, to which numbers link.
#[derive(Debug, Clone, Default)]
pub struct Targets {
    /// Which of several images they are of, from 1.
    pub image: Option<usize>,
    /// Their numbers, in order.
    pub exchanges: Vec<ExchangeId>,
}

/// Writes a part of a page.
pub struct Writer<'a> {
    html: Html,
    clean: &'a mut Change<'a>,
    targets: &'a Targets,
}

impl<'a> Writer<'a> {
    /// A writer whose texts all pass `clean`.
    pub fn new(clean: &'a mut Change<'a>, targets: &'a Targets) -> Self {
        Self { html: Html::default(), clean, targets }
    }

    /// What was written.
    pub fn finish(self) -> Html {
        self.html
    }

    /// Markup of an element that is read apart from what is before it.
    pub fn block(&mut self, markup: &'static str) {
        self.html.pieces.push(Piece::Break);
        self.inline(markup);
    }

    /// Markup within a line.
    pub fn inline(&mut self, markup: &'static str) {
        if !markup.is_empty() {
            self.html.pieces.push(Piece::Markup(markup.into()));
        }
    }

    /// A number in markup.
    pub fn number(&mut self, number: u64) {
        self.html.pieces.push(Piece::Markup(number.to_string().into()));
    }

    /// A number in markup with at most two places; one that is not finite is 0.
    pub fn decimal(&mut self, number: f64) {
        let number = if number.is_finite() { number } else { 0.0 };
        let mut text = String::new();
        // A text takes everything.
        let _ = write!(text, "{number:.2}");
        self.html.pieces.push(Piece::Markup(text.into()));
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        let cleaned = self.cleaned(text);
        self.cleaned_text(&cleaned);
    }

    /// A text that shows itself inside of a pair of tags.
    pub fn within(&mut self, open: &'static str, text: &str, close: &'static str) {
        self.inline(open);
        self.text(text);
        self.inline(close);
    }

    /// A text as it may be shown: without what must not be, and printable.
    pub(super) fn cleaned(&mut self, text: &str) -> String {
        if text.is_empty() { String::new() } else { Untrusted::new((self.clean)(text)).printable() }
    }

    /// A text, or a part of one, that [`Writer::cleaned`] has returned.
    pub(super) fn cleaned_text(&mut self, text: &str) {
        if !text.is_empty() {
            self.html.pieces.push(Piece::Text(text.to_owned()));
        }
    }

    /// A command, in the one form that shells read alike.
    pub fn command(&mut self, command: &CommandLine) {
        let cleaned = command.relabelled(self.clean).to_string();
        self.cleaned_text(&Untrusted::new(cleaned).printable());
    }

    /// Whether an exchange is shown in full on this page.
    pub fn is_shown(&self, exchange: ExchangeId) -> bool {
        self.targets.exchanges.binary_search(&exchange).is_ok()
    }

    /// The number of an exchange, as a link to it where the page shows it in full.
    pub fn link(&mut self, exchange: ExchangeId) {
        let text = format!("#{exchange}");
        if !self.is_shown(exchange) {
            return self.cleaned_text(&text);
        }
        self.inline("<a href=\"#");
        self.name(exchange);
        self.inline("\">");
        self.cleaned_text(&text);
        self.inline("</a>");
    }

    /// The name of an exchange in addresses: `exchange-7`, or of the second of several images `exchange-2-7`.
    pub fn name(&mut self, exchange: ExchangeId) {
        self.inline("exchange-");
        if let Some(image) = self.targets.image {
            self.number(image as u64);
            self.inline("-");
        }
        self.number(exchange.number());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Writer<'_>)) -> Html {
        let targets = Targets { image: None, exchanges: vec![ExchangeId::new(7)] };
        let mut clean = |text: &str| text.replace("secret", "‹removed›");
        let mut writer = Writer::new(&mut clean, &targets);
        write(&mut writer);
        writer.finish()
    }

    #[test]
    fn text_cannot_become_markup() {
        for hostile in
            ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onload='x", "&lt;b&gt;", "]]>"]
        {
            let shown = written(|writer| writer.text(hostile)).written();
            assert!(!shown.contains(['<', '>', '"', '\'']), "{shown}");
            let undone = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
            assert_eq!(undone.replace("&amp;", "&"), hostile);
        }
    }

    #[test]
    fn every_text_is_cleaned_and_printable() {
        let html = written(|writer| writer.text("a secret\u{202e}\u{1b}[2J\n"));
        assert_eq!(html.visible(), "a ‹removed›\\u{202e}\\x1b[2J\\n");
    }

    #[test]
    fn number_links_to_an_exchange_that_is_shown_alone() {
        let html = written(|writer| {
            writer.link(ExchangeId::new(7));
            writer.link(ExchangeId::new(8));
        });
        assert_eq!(html.written(), "<a href=\"#exchange-7\">#7</a>#8");
    }

    #[test]
    fn texts_are_changed_and_markup_is_not() {
        let html = written(|writer| {
            writer.block("<p class=\"p\">");
            writer.text("one");
            writer.within("<b>", "two", "</b>");
            writer.block("</p>");
        });
        assert_eq!(html.visible(), "\nonetwo\n");
        let changed = html.with_texts(|texts| texts.iter().map(|text| text.replace(['o', '\n'], "p")).collect());
        assert_eq!(changed.written(), "<p class=\"p\">pne<b>twp</b></p>");
    }

    #[test]
    fn number_that_is_not_finite_is_none_in_markup() {
        let html = written(|writer| {
            for number in [f64::NAN, f64::INFINITY, 12.345] {
                writer.decimal(number);
                writer.inline(" ");
            }
        });
        assert_eq!(html.written(), "0.00 0.00 12.35 ");
    }
}
