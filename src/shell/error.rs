//! Why a line at the prompt came to nothing.

use super::commands::LoginError;
use super::line::LineError;
use super::meaning::Refused;
use super::target::TargetError;
use crate::commands::CommandError;
use crate::diagnosis::ExitStatus;

/// Why a line came to no result. What a registry does wrong is a result.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShellError {
    /// The line cannot be read.
    #[error(transparent)]
    Line(#[from] LineError),
    /// What it is about cannot be found.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// It is not in the grammar; or its help was asked for, which is then all there is to say.
    #[error("{}", said(.0))]
    Grammar(#[from] clap::Error),
    /// It is neither a command nor a reference.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Nobody was logged in.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// There is no such command to be helped with.
    #[error("there is no command {0}; `help` shows all")]
    NoCommand(String),
    /// A file, and no command whose result is to be in it.
    #[error("there is no command in front of >; write for example probe > report.md")]
    NothingToWrite,
    /// A setting cannot be what it was to be.
    #[error("{0}")]
    Setting(String),
    /// No exchange has that number.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// A JSONPath cannot be read, or what it is to be used on is no JSON.
    #[error("{0}")]
    Query(String),
    /// The command itself came to nothing.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Why there is no exchange to look at.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NumberError {
    /// Nothing was asked yet.
    #[error("nothing was asked yet; `probe REF` asks a registry")]
    Nothing,
    /// It was never given.
    #[error("there is no #{0}; the last is #{1}")]
    NotGiven(u64, u64),
    /// It is too long ago.
    #[error("#{0} is forgotten: only the last exchanges are kept, from #{1} on")]
    Forgotten(u64, u64),
}

impl ShellError {
    /// Whether a password may be typed next.
    pub fn asks_for_login(&self) -> bool {
        match self {
            Self::Login(_) => true,
            Self::Refused(refused) => refused.asks_for_login(),
            _ => false,
        }
    }

    /// With what a script ends where this is the worst that happened.
    pub fn status(&self) -> ExitStatus {
        match self {
            Self::Command(error) => error.exit_status(),
            Self::Grammar(error) if !error.use_stderr() => ExitStatus::Success,
            _ => ExitStatus::Usage,
        }
    }
}

/// What the parser has to say, without what it says to people at a command line.
fn said(error: &clap::Error) -> String {
    let words = error.render().to_string();
    let said = words.strip_prefix("error: ").unwrap_or(&words);
    let lines: Vec<_> = said
        .lines()
        .take_while(|line| !line.starts_with("For more information"))
        .filter(|line| !line.trim().is_empty() && !line.starts_with("Usage:"))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::grammar::parse;

    #[test]
    fn what_is_wrong_is_said_and_nothing_else() {
        let said = |line: &str| {
            let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
            ShellError::from(parse(&words).expect_err(line)).to_string()
        };
        assert_eq!(said("show abc"), "invalid value 'abc' for '[NUMBER]': invalid digit found in string");
        assert_eq!(said("get"), "the following required arguments were not provided:\n  <PATH>");
        assert!(said("probe --accpt x a").contains("a similar argument exists: '--accept'"));
    }
}
