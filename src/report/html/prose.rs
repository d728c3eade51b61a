//! Sentences of ours: numbers of exchanges in them are links, commands are code, and the words of others between quotation
//! marks are set apart, so that their direction of writing is their own.

use super::markup::Writer;
use crate::evidence::ExchangeId;
use crate::report::layout::{Label, Line, Span};

impl Writer<'_> {
    /// A sentence.
    pub fn prose(&mut self, text: &str) {
        let cleaned = self.cleaned(text);
        let mut rest = cleaned.as_str();
        while !rest.is_empty() {
            // Quotation marks within the words of others were replaced (`Untrusted::quoted_within`).
            let quoted = rest.find('“').and_then(|from| Some((from, from + rest[from..].find('”')? + '”'.len_utf8())));
            let (from, to) = quoted.unwrap_or((rest.len(), rest.len()));
            self.own_words(&rest[..from]);
            if from < to {
                self.inline("<span class=\"said\">");
                self.cleaned_text(&rest[from..to]);
                self.inline("</span>");
            }
            rest = &rest[to..];
        }
    }

    /// Words of ours, in which commands are between backticks.
    fn own_words(&mut self, text: &str) {
        let mut rest = text;
        while let Some((before, code, after)) = rest
            .split_once('`')
            .and_then(|(before, rest)| rest.split_once('`').map(|(code, after)| (before, code, after)))
        {
            self.with_links(before);
            self.inline("<code>");
            self.cleaned_text(code);
            self.inline("</code>");
            rest = after;
        }
        self.with_links(rest);
    }

    /// Words of ours, with links to the exchanges that they name.
    fn with_links(&mut self, text: &str) {
        let mut kept = 0;
        for (at, _) in text.match_indices('#') {
            let digits = text[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
            let (before, after) = (&text[..at], &text[at + 1 + digits..]);
            let is_apart = before.chars().next_back().is_none_or(|last| last.is_whitespace() || last == '(');
            let is_ended = !after.starts_with(|next: char| next.is_alphanumeric() || matches!(next, '-' | '_' | '/'));
            let number = text[at + 1..at + 1 + digits].parse().ok().map(ExchangeId::new);
            let Some(exchange) = number.filter(|one| is_apart && is_ended && self.is_shown(*one)) else { continue };
            self.cleaned_text(&text[kept..at]);
            self.link(exchange);
            kept = at + 1 + digits;
        }
        self.cleaned_text(&text[kept..]);
    }

    /// A line of spans.
    pub fn line(&mut self, line: &Line) {
        line.iter().for_each(|span| self.span(span));
    }

    /// A span in the look of its label.
    pub fn span(&mut self, span: &Span) {
        let (open, close) = tags(span.label);
        self.inline(open);
        match span.label {
            // A name is shown as it is.
            Label::Name => self.text(&span.text),
            _ => self.prose(&span.text),
        }
        self.inline(close);
    }
}

/// The tags of a label.
fn tags(label: Label) -> (&'static str, &'static str) {
    match label {
        Label::Plain => ("", ""),
        Label::Strong => ("<b>", "</b>"),
        Label::Quiet => ("<span class=\"quiet\">", "</span>"),
        Label::Good => ("<span class=\"good\">", "</span>"),
        Label::Caution => ("<b class=\"caution\">", "</b>"),
        Label::Bad => ("<b class=\"bad\">", "</b>"),
        Label::Name => ("<code>", "</code>"),
    }
}

/// The class of a table's cell with this label.
pub(super) fn class(label: Label) -> &'static str {
    match label {
        Label::Plain => "plain",
        Label::Strong => "strong",
        Label::Quiet => "quiet",
        Label::Good => "good",
        Label::Caution => "caution",
        Label::Bad => "bad",
        Label::Name => "name",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::html::markup::Targets;

    fn prose(text: &str) -> String {
        let targets = Targets { image: Some(2), exchanges: vec![ExchangeId::new(7), ExchangeId::new(12)] };
        let mut clean = str::to_owned;
        let mut writer = Writer::new(&mut clean, &targets);
        writer.prose(text);
        writer.finish().written()
    }

    #[test]
    fn numbers_of_shown_exchanges_are_links() {
        let (seven, twelve) = ("<a href=\"#exchange-2-7\">#7</a>", "<a href=\"#exchange-2-12\">#12</a>");
        assert_eq!(prose("#7  Challenge"), format!("{seven}  Challenge"));
        assert_eq!(prose("see #7, (#12) and #8"), format!("see {seven}, ({twelve}) and #8"));
        for text in ["a#7", "#7a", "#7-x", "# 7", "#", "#99999999999999999999999", "/#7", "#7/x"] {
            assert_eq!(prose(text), text);
        }
    }

    #[test]
    fn words_of_others_are_set_apart_and_have_no_links() {
        assert_eq!(
            prose("it says “see `#7`”, #7"),
            "it says <span class=\"said\">“see `#7`”</span>, <a href=\"#exchange-2-7\">#7</a>"
        );
        assert_eq!(prose("it says “#7 without an end"), "it says “#7 without an end");
    }

    #[test]
    fn commands_are_code() {
        assert_eq!(
            prose("Log in: `docker login`, #7"),
            "Log in: <code>docker login</code>, <a href=\"#exchange-2-7\">#7</a>"
        );
        assert_eq!(prose("one ` alone"), "one ` alone");
    }
}
