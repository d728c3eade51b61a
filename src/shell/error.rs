//! Why a line at the prompt came to nothing.

use super::guard::Question;
use super::line::LineError;
use super::state::NumberError;
use super::target::TargetError;
use crate::commands::CommandError;
use crate::diagnosis::ExitStatus;
use crate::oci::Host;

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

/// Why nobody was logged in. Words that were typed are not repeated: one of them may be a password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LoginError {
    /// Somebody has to be asked; in a script nobody can be.
    #[error(
        "login asks for a password, which a script cannot answer; open the shell with one: \
         ociscope --username NAME --password-stdin shell --script FILE < PASSWORD-FILE"
    )]
    Unanswered(Question),
    /// There is no current image to take the registry from.
    #[error("name the registry: login ghcr.io")]
    NoRegistry,
    /// The registry is none.
    #[error("write the host of a registry, such as ghcr.io or registry.example:5000; login asks for the rest")]
    NotARegistry,
    /// The line has anything else in it.
    #[error("write `login REGISTRY` or `login --username NAME REGISTRY`; login asks for the password")]
    Usage,
    /// A user name with a colon is a user name and a password (RFC 7617, section 2).
    #[error("a user name has no colon; login asks for the password")]
    Colon,
    /// Another command is to log in, where somebody types.
    #[error("log in first: `login{}` asks for the user name and the password; then repeat the command without them", name(.0.as_ref()))]
    First(Option<Host>),
    /// An address has credentials in it, where somebody types.
    #[error("credentials do not belong into an address; `login REGISTRY` asks for them")]
    NotInAddresses,
    /// Another command is to log in, in a script.
    #[error(
        "log in where the shell is opened: ociscope --username NAME --password-stdin shell --script FILE < PASSWORD-FILE"
    )]
    AtTheOpening,
}

fn name(registry: Option<&Host>) -> String {
    registry.map(|registry| format!(" {registry}")).unwrap_or_default()
}

/// Why a line is not run. Only words that are known to everybody are repeated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// A command that is misspelt.
    #[error("there is no command {typed}; did you mean {meant}? `help` shows all")]
    Misspelt {
        /// What was typed.
        typed: String,
        /// The command.
        meant: String,
        /// Whether there are no further words.
        alone: bool,
        /// Whether the command logs in.
        logs_in: bool,
    },
    /// A command of another program.
    #[error("there is no command {name}: {advice}; `help` shows all")]
    Foreign {
        /// The command.
        name: &'static str,
        /// What there is here for the same.
        advice: &'static str,
        /// Whether it would have logged in.
        logs_in: bool,
    },
    /// Anything but a command, right after an answer that asked for a login.
    #[error(
        "right after an answer that asks for a login only commands are run, so this line was not sent to anyone: `login` \
         asks for the password without showing it; `probe REF` asks for an image"
    )]
    AfterLogin,
    /// A name that `explain` knows.
    #[error("{0} is not a command; `explain {0}` says what it means")]
    Topic(String),
    /// A file that is there.
    #[error("this is the name of a file and not a command; `explain FILE` explains the errors in it")]
    File,
    /// A word that looks like the name of a file.
    #[error("this is not a command; `probe NAME` asks for an image of that name; `help` shows all commands")]
    Word,
    /// A number that no entry of the last list has.
    #[error("this is not a command, and the last list has no entry of that number; `tags` and `layers` make lists")]
    NoEntry,
    /// A tag or a platform, and no image that it could belong to.
    #[error("a tag or a platform alone needs an image that it belongs to; go to one with `use REF` first")]
    Nowhere,
    /// The beginning of a digest, and none that was seen begins like it.
    #[error("this is not a command, and no digest that was seen here begins like it; `blob DIGEST` takes one in full")]
    UnknownDigest,
    /// Something with a `/`, a `:` or an `@` that does not parse.
    #[error("this is neither a command nor a reference; `probe REF` says what is wrong with a reference")]
    NoReference,
    /// Several words that do not begin with a command.
    #[error(
        "this line does not begin with a command; `explain` in front of it explains an error text or a line of a log"
    )]
    Text,
}

impl Refused {
    /// Whether the line may be offered for typing again: only where a command is misspelt, and not one that a password may
    /// have been given to.
    pub fn may_be_kept(&self) -> bool {
        matches!(self, Self::Misspelt { alone, logs_in, .. } if *alone || !logs_in)
    }

    /// Whether a password may be typed next.
    pub fn asks_for_login(&self) -> bool {
        match self {
            Self::Misspelt { logs_in, .. } | Self::Foreign { logs_in, .. } => *logs_in,
            _ => false,
        }
    }
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
