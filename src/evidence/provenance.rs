//! The origin of a record that this run did not make: a file of an earlier run, or of another program.

/// Who made a record, and when. Nothing in a file proves it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The start of the recorded run, in seconds since 1970, by the clock of the machine that recorded it.
    pub at: Option<i64>,
    /// The program that wrote the file.
    pub maker: Maker,
    /// Whether the recorded run ended early, so that it lacks answers.
    pub is_incomplete: bool,
}

/// The program that wrote a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Maker {
    /// A recording of this program.
    Ociscope(Build),
    /// The output of another program, in words: `a curl transcript`.
    Other(&'static str),
}

/// A version of this program, and the system that it was built for. Safe to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Build {
    /// The version.
    pub version: String,
    /// The operating system, as Rust names it: `linux`.
    pub os: String,
    /// The processor architecture, as Rust names it: `x86_64`.
    pub arch: String,
}

impl Build {
    /// This program.
    pub fn current() -> Self {
        let [version, os, arch] = [env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH];
        Self { version: version.to_owned(), os: os.to_owned(), arch: arch.to_owned() }
    }

    /// Whether all its parts are words that are safe to print. A file may claim anything.
    pub fn is_well_formed(&self) -> bool {
        const LONGEST: usize = 40;
        let is_part = |character: char| character.is_ascii_alphanumeric() || "._+-".contains(character);
        let is_word = |text: &String| (1..=LONGEST).contains(&text.len()) && text.chars().all(is_part);
        [&self.version, &self.os, &self.arch].into_iter().all(is_word)
    }
}
