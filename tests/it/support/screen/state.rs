//! What a terminal has been sent, and what that looks like.

use std::num::NonZeroU16;

/// What an editor of lines writes when it begins to read one, and when it has: bracketed paste on and off.
const READING: &[u8] = b"\x1b[?2004h";
const READ: &[u8] = b"\x1b[?2004l";

/// What is written around changes that are to be seen all at once.
const DRAWING: &[u8] = b"\x1b[?2026h";
const DRAWN: &[u8] = b"\x1b[?2026l";

/// What a prompt ends with.
pub const PROMPT: &str = "❯ ";

/// The most rows that the output of one command is laid out on.
const ROWS: u16 = 4000;

/// The screen, and all bytes that made it so.
pub struct State {
    parser: vt100::Parser<Questions>,
    raw: Vec<u8>,
    reading: Marks,
    read: Marks,
    drawing: Marks,
    drawn: Marks,
    prompts: Marks,
    /// Whether the program has closed the terminal.
    pub ended: bool,
}

/// Where in the bytes something stands.
struct Marks {
    mark: &'static [u8],
    at: Vec<usize>,
}

/// Questions of the program about where the cursor is, each with its answer.
#[derive(Default)]
struct Questions(Vec<(u16, u16)>);

impl vt100::Callbacks for Questions {
    fn unhandled_csi(
        &mut self,
        screen: &mut vt100::Screen,
        first: Option<u8>,
        _: Option<u8>,
        parameters: &[&[u16]],
        last: char,
    ) {
        if (first, parameters, last) == (None, &[&[6]], 'n') {
            self.0.push(screen.cursor_position());
        }
    }
}

impl State {
    pub fn new(columns: u16, rows: u16) -> Self {
        Self {
            parser: vt100::Parser::new_with_callbacks(lines(rows), lines(columns), 0, Questions::default()),
            raw: Vec::new(),
            reading: Marks::of(READING),
            read: Marks::of(READ),
            drawing: Marks::of(DRAWING),
            drawn: Marks::of(DRAWN),
            prompts: Marks::of(PROMPT.as_bytes()),
            ended: false,
        }
    }

    /// Takes in what came, and returns what a terminal answers.
    pub fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        let from = self.raw.len();
        self.raw.extend_from_slice(bytes);
        let marks = [&mut self.reading, &mut self.read, &mut self.drawing, &mut self.drawn, &mut self.prompts];
        for marks in marks {
            marks.look(&self.raw, from);
        }
        self.parser.process(bytes);
        let questions = std::mem::take(&mut self.parser.callbacks_mut().0);
        questions.iter().flat_map(|(row, column)| format!("\x1b[{};{}R", row + 1, column + 1).into_bytes()).collect()
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        self.parser.set_size(lines(rows), lines(columns));
    }

    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Whether a change is half done that is to be seen only when it is done: terminals show what was there before.
    pub fn is_half_drawn(&self) -> bool {
        self.drawing.at.len() > self.drawn.at.len()
    }

    /// How many prompts there were. An editor draws one again and again, but begins to read a line once; where there is
    /// none, as on a terminal that cannot do anything, each prompt is written once.
    pub fn prompts(&self) -> usize {
        if self.has_editor() { self.reading.at.len() } else { self.prompts.at.len() }
    }

    /// Whether a line is being read and nothing stands before the cursor but the prompt.
    pub fn is_at_prompt(&self) -> bool {
        (!self.has_editor() || self.screen().bracketed_paste()) && self.before_the_cursor().ends_with(PROMPT)
    }

    /// What stands between the last prompt and the cursor; `None` where no prompt is on the screen.
    pub fn input(&self) -> Option<String> {
        let screen = self.screen();
        let (row, column) = screen.cursor_position();
        let columns = screen.size().1.get();
        let at = |row: u16, column: u16| usize::from(row) * usize::from(columns) + usize::from(column);
        let cells = (0..=row).flat_map(|row| (0..columns).map(move |column| (row, column)));
        let cells: Vec<_> = cells.take(at(row, column)).filter_map(|(row, column)| screen.cell(row, column)).collect();
        let mark = cells.iter().rposition(|cell| cell.contents() == PROMPT.trim_end())?;
        let mut input = String::new();
        // The blank behind the mark is part of the prompt.
        for (number, cell) in cells.iter().enumerate().skip(mark + 2) {
            input.push_str(&text_of(cell));
            // An editor goes on in the next row by itself where one is full, so only then is it the same line.
            if (number + 1) % usize::from(columns) == 0 && !cell.has_contents() {
                input.truncate(input.trim_end_matches(' ').len());
                input.push('\n');
            }
        }
        Some(input)
    }

    /// What was written between two prompts, of which the first has this number: the output of a command.
    pub fn output(&self, prompt: usize) -> String {
        let (from, to) = if self.has_editor() {
            let (begun, next) = (self.reading.at[prompt - 1], self.reading.at[prompt]);
            (self.read.at.iter().copied().find(|&at| at > begun).unwrap_or(begun), next)
        } else {
            (self.prompts.at[prompt - 1], self.prompts.at[prompt])
        };
        let (_, columns) = self.screen().size();
        let mut parser = vt100::Parser::new(lines(ROWS), columns, 0);
        parser.process(&self.raw[from..to]);
        let shown = parser.screen().contents();
        if self.has_editor() {
            return shown.trim_matches('\n').to_owned();
        }
        // The line that was typed, and the beginning of the next prompt.
        let shown: Vec<_> = shown.lines().collect();
        shown[1..shown.len().max(2) - 1].join("\n")
    }

    /// The row of the cursor up to it, with the row above where that goes on in it.
    fn before_the_cursor(&self) -> String {
        let screen = self.screen();
        let (row, column) = screen.cursor_position();
        let (_, columns) = screen.size();
        let cells = |row: u16, columns: u16| {
            (0..columns).filter_map(|column| screen.cell(row, column)).map(text_of).collect::<String>()
        };
        let above = row.checked_sub(1).filter(|_| column < 2).map(|row| cells(row, columns.get()));
        above.unwrap_or_default() + &cells(row, column)
    }

    fn has_editor(&self) -> bool {
        !self.reading.at.is_empty()
    }

    /// The screen in a frame, with `▏` before the cell that the cursor is on, and the last bytes that came.
    pub fn picture(&self) -> String {
        let screen = self.screen();
        let (cursor_row, cursor_column) = screen.cursor_position();
        let (rows, columns) = screen.size();
        let edge = "─".repeat(usize::from(columns.get()));
        let mut picture = format!("┌{edge}┐\n");
        for row in 0..rows.get() {
            picture.push('│');
            for column in 0..=columns.get() {
                if (row, column) == (cursor_row, cursor_column) {
                    picture.push('▏');
                }
                picture.extend(screen.cell(row, column).map(text_of));
            }
            picture.push_str("│\n");
        }
        let last = &self.raw[self.raw.len().saturating_sub(400)..];
        let ended = if self.ended { "the program has ended; " } else { "" };
        format!("{picture}└{edge}┘\n{ended}the last bytes: {:?}", String::from_utf8_lossy(last))
    }
}

impl Marks {
    fn of(mark: &'static [u8]) -> Self {
        Self { mark, at: Vec::new() }
    }

    /// Looks at what came behind `from`; a mark may have begun before.
    fn look(&mut self, raw: &[u8], from: usize) {
        let from = from.saturating_sub(self.mark.len() - 1);
        let windows = raw[from..].windows(self.mark.len()).enumerate();
        self.at.extend(windows.filter(|(_, window)| *window == self.mark).map(|(at, _)| from + at));
    }
}

fn text_of(cell: &vt100::Cell) -> String {
    match cell.contents() {
        "" if cell.is_wide_continuation() => String::new(),
        "" => " ".to_owned(),
        text => text.to_owned(),
    }
}

fn lines(count: u16) -> NonZeroU16 {
    NonZeroU16::new(count).expect("a terminal has rows and columns")
}
