//! How a result is shown, as far as every command has it in common, and what the user prefers where nothing is said.

use std::io::{self, IsTerminal};
use std::path::{Path, PathBuf};

use clap::Args;

use super::delivery::Place;
use super::file::Existing;
use super::pager::Pager;
use super::place::Colour;
use crate::commands::Format;

/// Where a result goes.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Display {
    /// Write the result to FILE, for you alone to read (.md: Markdown, .html: HTML, .json: JSON)
    #[arg(long, short, global = true, value_name = "FILE", help_heading = "Output", hide_short_help = true)]
    output: Option<PathBuf>,

    /// Print nothing except usage errors; the exit status is the answer
    #[arg(long, short, global = true, help_heading = "Output", hide_short_help = true)]
    quiet: bool,

    /// Do not use a pager for output that is longer than the screen [env: OCISCOPE_PAGER names one; empty: none]
    #[arg(long, global = true, help_heading = "Output", hide_short_help = true)]
    no_pager: bool,

    #[arg(skip)]
    preferred: Preferred,
}

/// What the user prefers, by variables and the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Preferred {
    /// The form of results.
    pub format: Option<Format>,
    /// When they are coloured.
    pub colour: Option<Colour>,
    /// The pager with its arguments.
    pub pager: Option<String>,
    /// Whether the configuration turns the pager on or off.
    pub paging: Option<bool>,
    /// Whether the shell prints each command before it runs.
    pub echo: bool,
}

impl Display {
    /// The same, with what the user prefers where nothing is said.
    #[must_use]
    pub(super) fn preferring(self, preferred: Preferred) -> Self {
        Self { preferred, ..self }
    }

    /// The form of results that is preferred.
    pub fn preferred_format(&self) -> Option<Format> {
        self.preferred.format
    }

    /// When the user prefers colour.
    pub fn preferred_colour(&self) -> Option<Colour> {
        self.preferred.colour
    }

    /// The settings of the shell that are on from the beginning.
    pub fn switched_on(&self) -> impl Iterator<Item = &'static str> {
        let on = [("echo", self.preferred.echo), ("pager", self.preferred.paging == Some(true))];
        on.into_iter().filter(|(_, is_on)| *is_on).map(|(name, _)| name)
    }

    /// Whether nothing is printed but usage errors.
    pub fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// The file that the result goes to; `-` is standard output.
    pub fn file(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| *path != Path::new("-"))
    }

    /// Whether no pager is wanted.
    pub fn refuses_pager(&self) -> bool {
        self.no_pager
    }

    /// The pager, unless none is wanted.
    pub fn pager(&self) -> Option<Pager> {
        let is_off = self.no_pager || self.preferred.paging == Some(false);
        if is_off { None } else { Pager::of_this_user(self.preferred.pager.as_deref()) }
    }

    /// Where the result of a one-shot command goes. Output that never ends cannot wait for its end.
    pub fn place(&self, goes_on: bool) -> Place {
        match self.file() {
            Some(path) => Place::File { path: path.to_owned(), existing: Existing::Replace },
            None if self.quiet => Place::Nowhere,
            None if goes_on || !io::stdout().is_terminal() => Place::Stream,
            None => self.pager().map_or(Place::Stream, Place::Pager),
        }
    }
}

/// Endings of files in formats that results are not written in.
const OTHER_FORMATS: [&str; 22] = [
    "adoc", "csv", "doc", "docx", "har", "htm", "html", "odt", "pdf", "png", "rst", "rtf", "sarif", "svg", "tex",
    "toml", "tsv", "xls", "xlsx", "xml", "yaml", "yml",
];

/// The ending of a file's name, if it is that of a format in which results are not written.
pub(crate) fn other_format(path: &Path) -> Option<String> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    (OTHER_FORMATS.contains(&ending.as_str()) && format_by_name(path).is_none()).then_some(ending)
}

/// The form of results that the name of a file asks for.
pub(crate) fn format_by_name(path: &Path) -> Option<Format> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "md" | "markdown" => Some(Format::Markdown),
        "html" | "htm" => Some(Format::Html),
        "json" | "jsonl" => Some(Format::Json),
        _ => None,
    }
}
