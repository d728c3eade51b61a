//! Condenses a log that is too long to be parsed in full to the lines around its errors.
//!
//! Most lines of a long log are unrelated to images. Those that may be related, and some lines around each, are kept in
//! order; if even these are too many, the first and the last are kept.

use std::collections::VecDeque;

/// The number of lines kept before and after a line that may name an error: clients announce an image before it fails,
/// and add details after an error.
const AROUND: usize = 40;
/// The maximum length in bytes of a line that is examined and kept.
const LINE: usize = 64 << 10;

/// Takes a text piece by piece, and condenses it.
pub struct Condenser {
    /// The number of bytes kept at the beginning, and at the end.
    half: usize,
    beginning: Vec<u8>,
    /// The last lines among those that did not fit at the beginning.
    end: VecDeque<Vec<u8>>,
    end_bytes: usize,
    /// The lines before the current one that are not kept yet.
    before: VecDeque<Vec<u8>>,
    /// The number of following lines to keep unconditionally.
    after: usize,
    line: Vec<u8>,
    line_bytes: usize,
    all: u64,
    kept: u64,
}

/// A condensed text.
#[derive(Debug, PartialEq, Eq)]
pub struct Condensed {
    /// The kept text.
    pub bytes: Vec<u8>,
    /// The number of omitted bytes.
    pub left_out: u64,
}

impl Condenser {
    /// Keeps at most this many bytes.
    pub fn new(most: usize) -> Self {
        Self {
            half: most / 2,
            beginning: Vec::new(),
            end: VecDeque::new(),
            end_bytes: 0,
            before: VecDeque::new(),
            after: 0,
            line: Vec::new(),
            line_bytes: 0,
            all: 0,
            kept: 0,
        }
    }

    /// Takes the next piece, which may end anywhere.
    pub fn take(&mut self, piece: &[u8]) {
        self.all += piece.len() as u64;
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            let room = LINE.saturating_sub(self.line.len());
            self.line.extend_from_slice(&part[..part.len().min(room)]);
            self.line_bytes += part.len();
            if part.ends_with(b"\n") {
                self.end_line();
            }
        }
    }

    /// The condensed text.
    pub fn finish(mut self) -> Condensed {
        if self.line_bytes > 0 {
            self.end_line();
        }
        // Without any error, the reader looks at the end first.
        if self.kept == 0 {
            std::mem::take(&mut self.before).into_iter().for_each(|line| self.keep(line));
        }
        let mut bytes = self.beginning;
        self.end.into_iter().for_each(|line| bytes.extend(line));
        Condensed { bytes, left_out: self.all - self.kept }
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        if std::mem::take(&mut self.line_bytes) > line.len() {
            line.push(b'\n');
        }
        if crate::explanation::cause::may_be_in(&line) {
            for earlier in std::mem::take(&mut self.before) {
                self.keep(earlier);
            }
            self.keep(line);
            self.after = AROUND;
        } else if self.after > 0 {
            self.after -= 1;
            self.keep(line);
        } else {
            self.before.push_back(line);
            if self.before.len() > AROUND {
                self.before.pop_front();
            }
        }
    }

    fn keep(&mut self, line: Vec<u8>) {
        self.kept += line.len() as u64;
        if self.end.is_empty() && self.beginning.len() + line.len() <= self.half {
            self.beginning.extend(line);
            return;
        }
        self.end_bytes += line.len();
        self.end.push_back(line);
        while self.end_bytes > self.half
            && let Some(oldest) = self.end.pop_front()
        {
            self.end_bytes -= oldest.len();
            self.kept -= oldest.len() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERROR: &str = "Error: manifest for acme/api:1 not found: manifest unknown\n";

    fn condensed(text: &str, most: usize, piece: usize) -> (String, u64) {
        let mut condenser = Condenser::new(most);
        text.as_bytes().chunks(piece).for_each(|piece| condenser.take(piece));
        let Condensed { bytes, left_out } = condenser.finish();
        (String::from_utf8(bytes).unwrap(), left_out)
    }

    fn lines(count: usize) -> String {
        (0..count).map(|number| format!("step {number} is done\n")).collect()
    }

    #[test]
    fn error_is_kept_with_its_context_wherever_pieces_end() {
        let text = lines(1000) + ERROR + &lines(1000);
        for piece in [1, 7, 4096, text.len()] {
            let (kept, left_out) = condensed(&text, 1 << 20, piece);
            let (before, after) = kept.split_once(ERROR).unwrap();
            assert_eq!((before.lines().count(), after.lines().count()), (AROUND, AROUND));
            assert!(before.ends_with("step 999 is done\n") && after.starts_with("step 0 is done\n"), "{kept}");
            assert_eq!(left_out as usize, text.len() - kept.len());
        }
    }

    #[test]
    fn error_in_an_unterminated_last_line_is_kept() {
        let text = lines(5000) + ERROR.trim_end();
        assert!(condensed(&text, 1 << 20, 1000).0.ends_with("manifest unknown"));
        let (nothing, _) = condensed(&lines(5000), 1 << 20, 1000);
        assert!(nothing.ends_with("step 4999 is done\n") && nothing.lines().count() == AROUND, "{nothing}");
    }

    #[test]
    fn first_and_last_of_too_many_errors_are_kept() {
        let error = |number: usize| format!("Error: manifest for acme/api:{number} not found: manifest unknown\n");
        let text: String = (0..10_000).map(error).collect();
        let (kept, left_out) = condensed(&text, 64 << 10, 777);
        assert!(kept.starts_with(&error(0)) && kept.ends_with(&error(9999)) && !kept.contains(&error(5000)));
        assert!(kept.len() <= 64 << 10 && left_out as usize == text.len() - kept.len());
    }

    #[test]
    fn overlong_line_is_truncated() {
        let text = format!("{ERROR}{}", "x".repeat(10 << 20));
        let (kept, _) = condensed(&text, 1 << 20, 8192);
        assert!(kept.starts_with(ERROR) && kept.len() < 2 * LINE, "{}", kept.len());
    }
}
