//! Colour by meaning. Decided once, for one stream; without colour the text says everything too.

use colored::{ColoredString, Colorize};

use super::layout::{Label, Line};

/// Whether and how text is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    coloured: bool,
}

impl Style {
    /// With or without colour.
    ///
    /// The colouring library has a switch of its own for the whole process, which guesses by standard output; it is
    /// turned on for good here, because this type decides.
    pub fn new(coloured: bool) -> Self {
        if coloured {
            colored::control::set_override(true);
        }
        Self { coloured }
    }

    /// Whether there is colour.
    pub fn is_coloured(self) -> bool {
        self.coloured
    }

    /// Text in the look of its label.
    pub fn paint(self, text: &str, label: Label) -> String {
        if !self.coloured || label == Label::Plain {
            return text.to_owned();
        }
        let painted: ColoredString = match label {
            Label::Plain => text.normal(),
            Label::Strong => text.bold(),
            Label::Quiet => text.dimmed(),
            Label::Good => text.green(),
            Label::Caution => text.yellow(),
            Label::Bad => text.red().bold(),
            Label::Name => text.cyan(),
        };
        painted.to_string()
    }

    /// A line of spans.
    pub fn line(self, line: &Line) -> String {
        line.iter().map(|span| self.paint(&span.text, span.label)).collect()
    }
}
