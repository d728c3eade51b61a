//! A slice of the input that knows its offset, so that a refusal can point at it.

use std::ops::Range;

/// A slice of the input with its offset.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part<'a> {
    pub(super) text: &'a str,
    pub(super) start: usize,
}

impl<'a> Part<'a> {
    /// The whole input.
    pub(super) fn whole(text: &'a str) -> Self {
        Self { text, start: 0 }
    }

    /// The end offset in the input.
    pub(super) fn end(self) -> usize {
        self.start + self.text.len()
    }

    /// The byte range in the input.
    pub(super) fn range(self) -> Range<usize> {
        self.start..self.end()
    }

    /// The range in the input of `length` bytes at `index` in this part.
    pub(super) fn at(self, index: usize, length: usize) -> Range<usize> {
        self.start + index..self.start + index + length
    }

    /// The part before byte `index`. An index that is not a character boundary returns everything.
    pub(super) fn before(self, index: usize) -> Self {
        Self { text: self.text.get(..index).unwrap_or(self.text), start: self.start }
    }

    /// The part from byte `index` on. An index that is not a character boundary returns nothing.
    pub(super) fn after(self, index: usize) -> Self {
        match self.text.get(index..) {
            Some(text) => Self { text, start: self.start + index },
            None => Self { text: "", start: self.end() },
        }
    }

    /// The parts before and after the first `separator`, which is ASCII.
    pub(super) fn split_once(self, separator: char) -> Option<(Self, Self)> {
        let index = self.text.find(separator)?;
        Some((self.before(index), self.after(index + separator.len_utf8())))
    }

    /// The rest after `prefix`, compared without regard to ASCII case; `None` if the part does not start with it.
    pub(super) fn strip_prefix_ignoring_case(self, prefix: &str) -> Option<Self> {
        let head = self.text.get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then(|| self.after(prefix.len()))
    }
}
