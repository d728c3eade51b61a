//! How a result is written: its form, and what the place where it goes can show of it.

use serde_json::Value;

use super::Format;
use crate::report::{Block, Style, indented_json, printable_json, to_markdown, to_terminal};

/// How a result is written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    /// The form.
    pub format: Format,
    /// Whether there is colour.
    pub style: Style,
    /// The columns that there are; see [`UNWRAPPED`](crate::report::UNWRAPPED).
    pub width: usize,
    /// Whether each field of JSON has a line of its own, for people.
    pub is_indented: bool,
}

impl Look {
    /// A document for people. As JSON it has a form of its own.
    pub fn document(self, document: &[Block]) -> String {
        match self.format {
            Format::Markdown => to_markdown(document),
            // A page is not written in place of bytes that did not come.
            Format::Terminal | Format::Json | Format::Html => to_terminal(document, self.style, self.width),
        }
    }

    /// An object of JSON and the end of its line.
    pub fn json(self, object: &Value) -> String {
        let text = if self.is_indented { indented_json(object) } else { printable_json(object) };
        format!("{text}\n")
    }
}
