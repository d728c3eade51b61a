//! A laid-out text that no format has been chosen for yet.

use crate::diagnosis::CommandLine;

/// What a piece of text is, from which a format decides how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Label {
    /// Ordinary text.
    #[default]
    Plain,
    /// What matters most in its place.
    Strong,
    /// What is there for completeness.
    Quiet,
    /// Works.
    Good,
    /// To look out for.
    Caution,
    /// Broken.
    Bad,
    /// A name that can be used elsewhere: a rule, a command.
    Name,
}

/// A piece of text and what it is. The text is printable: whatever came from outside has been escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub text: String,
    /// What it is.
    pub label: Label,
}

impl Span {
    /// A piece of text.
    pub fn new(text: impl Into<String>, label: Label) -> Self {
        Self { text: text.into(), label }
    }
}

/// Text that flows from one span into the next.
pub type Line = Vec<Span>;

/// Ordinary text.
pub fn plain(text: impl Into<String>) -> Span {
    Span::new(text, Label::Plain)
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// What is to be known before anything else is read.
    Remark(Line),
    /// The reference that all of it is about.
    Title(Line),
    /// The head of a section.
    Heading(String),
    /// The head of a section that a rule's name is in.
    Named(Line),
    /// A paragraph; it may be wrapped.
    Text(Line),
    /// One of several things of a kind; it may be wrapped.
    Item(Line),
    /// A table.
    Table(Table),
    /// Somebody else's words, line by line, set apart from ours.
    Words(Vec<String>),
    /// A document or a part of one, line by line, in a language that a format may name.
    Code {
        /// `json`, `http`; empty where it has no name.
        language: &'static str,
        /// Its lines, printable.
        lines: Vec<String>,
    },
    /// A command that can be copied, and what it is for.
    Command {
        /// The command.
        command: CommandLine,
        /// What it is for.
        purpose: String,
    },
    /// One entry of a list of things that have a name, with the command that shows it, or the name by which commands know it.
    Entry {
        /// Its name.
        name: String,
        /// What it is, in one line.
        about: String,
        /// The command or name.
        command: String,
    },
    /// The proof of a finding.
    Proof(Vec<Cited>),
    /// Something under a short label; texts under labels begin in the same column. An empty label goes on with the one
    /// before.
    Labelled {
        /// The label.
        label: &'static str,
        /// What stands under it; it may be wrapped.
        line: Line,
        /// A command that can be copied and belongs to it.
        command: Option<CommandLine>,
    },
    /// Requests as bars over one axis of time.
    Timeline(Vec<Bar>),
    /// What not everybody wants to see: where a text can be folded, it is.
    Fold {
        /// What is in it.
        title: String,
        /// Its content.
        content: Layout,
    },
    /// One row of a list that is written as it comes: each part with the least number of columns it takes. The row is cut
    /// where there is no room for it.
    Row(Vec<(Span, usize)>),
    /// Names one below the other, each with what it stands for, aligned.
    Glossary(Vec<(String, String)>),
    /// Short names in their order, in as many columns as there is room for; read down each column.
    Names(Vec<String>),
    /// An empty line.
    Gap,
}

/// A request, with the words in its answer that prove something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cited {
    /// The request in one line, with its number and the status of its answer.
    pub request: String,
    /// Who said the words, where a server did in so many words: `registry says`. Otherwise they are a remark of ours, or a
    /// value from the answer.
    pub speaker: Option<&'static str>,
    /// The words; printable, one line. May be empty.
    pub words: String,
}

/// One bar of a timeline.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// What took the time; printable, one line.
    pub label: String,
    /// When it began, in milliseconds.
    pub from: f64,
    /// When it ended, in milliseconds.
    pub to: f64,
}

/// Blocks from top to bottom.
pub type Layout = Vec<Block>;

/// A table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The columns.
    pub columns: Vec<Column>,
    /// The rows; the cells of a row span all columns together.
    pub rows: Vec<Row>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its title.
    pub title: String,
    /// Whether numbers stand in it, aligned at the right.
    pub numbers: bool,
    /// Whether it takes what room the others leave; its texts are cut where that is too little.
    pub flexible: bool,
    /// Whether it is left out where there is no room for all.
    pub spare: bool,
}

/// A row of a table.
pub type Row = Vec<Cell>;

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// The text; printable, one line.
    pub text: String,
    /// What it is.
    pub label: Label,
    /// How many columns it goes across.
    pub across: usize,
}

impl Cell {
    /// A cell of one column.
    pub fn new(text: impl Into<String>, label: Label) -> Self {
        Self { text: text.into(), label, across: 1 }
    }

    /// A cell across several columns.
    pub fn across(text: impl Into<String>, label: Label, columns: usize) -> Self {
        Self { text: text.into(), label, across: columns }
    }
}

impl Column {
    /// A column of text.
    pub fn text(title: impl Into<String>) -> Self {
        Self { title: title.into(), numbers: false, flexible: false, spare: false }
    }

    /// A column of numbers.
    pub fn numbers(title: impl Into<String>) -> Self {
        Self { title: title.into(), numbers: true, flexible: false, spare: false }
    }

    /// A column of text that takes what room is left.
    pub fn flexible(title: impl Into<String>) -> Self {
        Self { title: title.into(), numbers: false, flexible: true, spare: false }
    }

    /// The same column, left out where there is no room for all. Of several the last goes first.
    #[must_use]
    pub fn where_there_is_room(self) -> Self {
        Self { spare: true, ..self }
    }
}
