//! Where the result of a command goes, for both doors alike: to standard output, through a pager, to a file, or nowhere.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use super::ending::{Announced, Writing};
use super::file::{self, Existing};
use super::held::{Held, print};
use super::pager::{Pager, exceeds_screen};
use super::place::{Colour, coloured, error_width, reader_has_gone, standard_output, width};
use crate::commands::{CommandError, Format, Output, OutputError};
use crate::diagnosis::ExitStatus;
use crate::report::Style;

/// The columns of a decorated text that is written to a file.
const FILE_WIDTH: usize = 100;

/// Where a result goes.
#[derive(Debug)]
pub(crate) enum Place {
    /// To standard output, as it comes.
    Stream,
    /// To a terminal. What is longer than its screen goes through a pager, when all of it is there.
    Pager(Pager),
    /// To a file, when all of it is there.
    File {
        /// The file.
        path: PathBuf,
        /// What becomes of the file if it exists.
        existing: Existing,
    },
    /// Nowhere: the exit status is the answer.
    Nowhere,
}

/// The way of one result to its place.
#[derive(Debug)]
pub(crate) struct Delivery {
    place: Place,
    /// Whether nothing is said about the result.
    is_quiet: bool,
    held: Held,
}

impl Delivery {
    /// The way to a place.
    pub fn to(place: Place, is_quiet: bool) -> Self {
        Self { place, is_quiet, held: Held::default() }
    }

    /// What is to be written where the process has to end before the delivery: what has come for a terminal so far.
    pub fn unfinished(&self) -> Held {
        match self.place {
            Place::Pager(_) => self.held.clone(),
            Place::Stream | Place::File { .. } | Place::Nowhere => Held::default(),
        }
    }

    /// What the command writes to.
    pub fn stream(&self, writing: &Writing) -> Box<dyn Write> {
        match self.place {
            Place::Stream => Box::new(Announced::new(standard_output(), writing)),
            Place::Pager(_) | Place::File { .. } => Box::new(Announced::new(self.held.clone(), writing)),
            Place::Nowhere => Box::new(io::sink()),
        }
    }

    /// How the command writes to it, in the form that was asked for. Who asks for colour by hand reads it, also where it
    /// goes through another program: it is laid out as for a terminal.
    pub fn output<'a>(
        &self,
        stream: &'a mut dyn Write,
        asked: Option<Format>,
        colour: Colour,
        is_colour_asked: bool,
    ) -> Output<'a> {
        let is_file = matches!(self.place, Place::File { .. });
        let is_terminal = !is_file && io::stdout().is_terminal();
        let style = Style::new(!is_file && coloured(colour));
        let is_read = is_terminal || asked.is_some() || (is_colour_asked && !is_file);
        let output = Output::new(stream, asked.unwrap_or_default(), style, if is_file { FILE_WIDTH } else { width() })
            .on_a_terminal(is_terminal)
            .plain(!is_read);
        let output = if matches!(self.place, Place::Stream) { output.read_until(reader_has_gone) } else { output };
        match self.is_quiet {
            true => output,
            false => output.with_remarks(Box::new(io::stderr())).remarks_within(error_width()),
        }
    }

    /// Brings what was held to its place, where that was done by a command that ended with `status`. How many bytes a file
    /// has got; `None` where the place is not a file, or a command that failed wrote nothing.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub async fn deliver(self, status: ExitStatus) -> Result<Option<usize>, CommandError> {
        let (bytes, is_written) = self.held.take();
        match self.place {
            Place::Stream | Place::Nowhere => Ok(None),
            // A result that does not come leaves the file of the last one alone.
            Place::File { .. } if !is_written && status != ExitStatus::Success => Ok(None),
            Place::File { path, existing } => match file::write(&path, existing, &bytes) {
                Ok(()) => Ok(Some(bytes.len())),
                Err(source) => Err(CommandError::File { path, source }),
            },
            Place::Pager(pager) => {
                if !exceeds_screen(&bytes) || !pager.show(&bytes).await {
                    print(&bytes).map_err(OutputError::from)?;
                }
                Ok(None)
            }
        }
    }
}
