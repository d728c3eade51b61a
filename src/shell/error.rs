//! Why a line at the prompt has no result.

use super::guard::Question;
use super::line::LineError;
use super::state::NumberError;
use super::target::TargetError;
use crate::cli::{Foreign, RecordingFileError};
use crate::commands::CommandError;
use crate::diagnosis::ExitStatus;
use crate::oci::Host;

/// Why a line has no result. Errors of a registry are results.
#[derive(Debug, thiserror::Error)]
pub(super) enum ShellError {
    /// The line cannot be read.
    #[error(transparent)]
    Line(#[from] LineError),
    /// The image that it refers to cannot be determined.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// It is not in the grammar, or asks for its help.
    #[error("{}", said(.0))]
    Grammar(#[from] clap::Error),
    /// It is neither a command nor a reference.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// No login.
    #[error(transparent)]
    Login(#[from] LoginError),
    /// `help` for a command that does not exist.
    #[error("there is no command {0}; `help` lists all")]
    NoCommand(String),
    /// A file without a command.
    #[error("there is no command before >; write for example probe > report.md")]
    NothingToWrite,
    /// A page after a page.
    #[error("an HTML page is a document of its own and is not appended; write > FILE with a new name, or >> FILE.md")]
    NothingToAppend,
    /// The file exists, and nothing says that it may be replaced.
    #[error("{0} exists; write >! instead of > to replace it, or >> to append to it")]
    FileExists(String),
    /// The name of the file has the ending of another format than there are.
    #[error(
        "results are not written as .{0}; the formats are .md (Markdown), .html, .json and .txt, or name one with --format"
    )]
    OtherFormat(String),
    /// A setting cannot have that value.
    #[error("{0}")]
    Setting(String),
    /// No exchange has that number.
    #[error(transparent)]
    Number(#[from] NumberError),
    /// A JSONPath is not valid, or the body is not JSON.
    #[error("{0}")]
    Query(String),
    /// A recording could not be read or written.
    #[error(transparent)]
    Recording(#[from] RecordingFileError),
    /// No recording is open.
    #[error("no recording is open; `open FILE` opens one")]
    NothingOpen,
    /// The command itself failed.
    #[error(transparent)]
    Command(#[from] CommandError),
}

/// Why there is no login. Words of the line are not repeated: one of them may be a password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum LoginError {
    /// The user has to be asked, which a script cannot answer.
    #[error(
        "login asks for a password, which a script cannot answer; open the shell with it: \
         ociscope --username NAME --password-stdin shell --script FILE < PASSWORD-FILE"
    )]
    Unanswered(Question),
    /// There is no current image whose registry is meant.
    #[error("name the registry: `login ghcr.io`")]
    NoRegistry,
    /// The registry is not valid.
    #[error("write the host of a registry, such as ghcr.io or registry.example:5000; login asks for the rest")]
    NotARegistry,
    /// The line has other words.
    #[error("use `login REGISTRY` or `login --username NAME REGISTRY`; login asks for the password")]
    Usage,
    /// A user name with a colon is a user name and a password (RFC 7617, section 2).
    #[error("a user name has no colon; login asks for the password")]
    Colon,
    /// Another command has options for a login, at the prompt.
    #[error("log in first: `login{}` asks for the user name and the password; then repeat the command without them", name(.0.as_ref()))]
    First(Option<Host>),
    /// An address contains credentials, at the prompt.
    #[error("credentials do not belong in an address; `login REGISTRY` asks for them")]
    NotInAddresses,
    /// Another command has options for a login, in a script.
    #[error(
        "log in where the shell is opened: ociscope --username NAME --password-stdin shell --script FILE < PASSWORD-FILE"
    )]
    AtTheOpening,
}

fn name(registry: Option<&Host>) -> String {
    registry.map(|registry| format!(" {registry}")).unwrap_or_default()
}

/// Why a line is not run. Only public words are repeated.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// A misspelled command.
    #[error("there is no command {typed}; did you mean {meant}? `help` lists all")]
    Misspelled {
        /// The word.
        typed: String,
        /// The command.
        meant: String,
        /// Whether there are no further words.
        alone: bool,
        /// Whether the command logs in.
        logs_in: bool,
    },
    /// A command of another program.
    #[error("there is no command {}: {}; `help` lists all", .0.name, .0.advice)]
    Foreign(Foreign),
    /// A curl command for a system shell.
    #[error(
        "`curl` takes the number of an exchange and prints a command that repeats it; `get ADDRESS` sends a request, with \
         --accept TYPE and --header 'NAME: VALUE'"
    )]
    PastedCurl,
    /// Anything but a command, right after an answer that requires authentication.
    #[error(
        "this line was not sent, because it may be a password: right after an answer that requires authentication, only \
         commands are run. `login` asks for the password without echo; `probe REF` probes an image"
    )]
    AfterLogin,
    /// A name that `explain` knows.
    #[error("{0} is not a command; `explain {0}` says what it means")]
    Topic(String),
    /// An existing file.
    #[error("this is a file; `explain FILE` explains the errors in it, `diagnose -f FILE` reads references from it")]
    File,
    /// A bare word.
    #[error("this is not a command; `probe NAME` probes an image of that name; `help` lists all commands")]
    Word,
    /// A number that no entry of the last list has.
    #[error("this is not a command, and the last list has no entry with that number; `tags` and `layers` make lists")]
    NoEntry,
    /// A tag or a platform without a current image.
    #[error("a tag or a platform alone needs a current image; go to one with `use REF` first")]
    Nowhere,
    /// The beginning of an unknown digest.
    #[error("this is not a command, and no known digest begins with it; `blob DIGEST` takes one in full")]
    UnknownDigest,
    /// A word with a `/`, a `:` or an `@` that is not a valid reference.
    #[error("this is neither a command nor a reference; `probe REF` says what is wrong with a reference")]
    NoReference,
    /// Several words that do not begin with a command.
    #[error("this line does not begin with a command; `explain` before it explains an error message or a log line")]
    Text,
}

impl Refused {
    /// Whether the line may be kept in the history: only a misspelled command, and not one that takes a password.
    pub fn may_be_kept(&self) -> bool {
        matches!(self, Self::Misspelled { alone, logs_in, .. } if *alone || !logs_in)
    }

    /// Whether the user may type a password next.
    pub fn asks_for_login(&self) -> bool {
        match self {
            Self::Misspelled { logs_in, .. } => *logs_in,
            Self::Foreign(foreign) => foreign.logs_in,
            _ => false,
        }
    }
}

impl ShellError {
    /// Whether the user may type a password next.
    pub fn asks_for_login(&self) -> bool {
        match self {
            Self::Login(_) => true,
            Self::Refused(refused) => refused.asks_for_login(),
            _ => false,
        }
    }

    /// The exit status of a script in which this is the worst error.
    pub fn status(&self) -> ExitStatus {
        match self {
            Self::Command(error) => error.exit_status(),
            Self::Recording(error) if !error.is_usage() => ExitStatus::ToolFailed,
            Self::Grammar(error) if !error.use_stderr() => ExitStatus::Success,
            _ => ExitStatus::Usage,
        }
    }
}

/// The error of the parser, without its advice for a command line.
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
    fn error_of_the_parser_is_one_sentence() {
        let said = |line: &str| {
            let words: Vec<_> = line.split(' ').map(str::to_owned).collect();
            ShellError::from(parse(&words).expect_err(line)).to_string()
        };
        assert_eq!(said("show abc"), "invalid value 'abc' for '[NUMBER]': invalid digit found in string");
        assert_eq!(said("get"), "the following required arguments were not provided:\n  <PATH>");
        assert!(said("probe --accpt x a").contains("a similar argument exists: '--accept'"));
    }
}
