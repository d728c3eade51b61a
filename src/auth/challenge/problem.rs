//! What can be wrong with the wording of a challenge, and the sentence that says so.

use super::{CHALLENGE_LIMIT, Kind, PARAMETER_LIMIT, VALUE_LIMIT};

/// One departure from the grammar of RFC 9110 §11.6.1, and where it is.
///
/// It holds nothing of the server's text, so its sentence can be printed anywhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Which of the `WWW-Authenticate` header lines, counted from 0.
    pub header: usize,
    /// Which byte of its value, counted from 0. It may be the length of the value when something is missing there.
    pub offset: usize,
    /// What is wrong.
    pub what: ProblemKind,
}

impl Problem {
    /// The problem and its place, counted from 1 as people do.
    pub fn sentence(&self) -> String {
        let sentence = self.what.sentence();
        format!("WWW-Authenticate line {}, byte {}: {sentence}", self.header + 1, self.offset + 1)
    }
}

/// What is wrong with the wording of a challenge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// The value is empty or has no challenge in it, as Harbor sends it for a project that does not exist.
    NoChallenge,
    /// The value is longer than is read.
    ValueCut,
    /// There are more challenges than are kept.
    TooManyChallenges,
    /// The challenge has more parameters than are kept.
    TooManyParameters,
    /// There are more problems than are noted.
    MoreProblems,
    /// A challenge of this kind needs a realm and has none, or an empty one.
    MissingRealm(Kind),
    /// A parameter comes before the name of any scheme.
    ParameterWithoutScheme,
    /// A parameter's name is not followed by `=`.
    MissingEquals,
    /// A parameter has `=`, but nothing after it.
    MissingValue,
    /// There is no comma before a parameter or a further challenge.
    MissingComma,
    /// There is a comma between the scheme and its first parameter.
    CommaAfterScheme,
    /// A semicolon stands where a comma belongs.
    Semicolon,
    /// A value with characters that a token may not have is not in quotes.
    UnquotedValue,
    /// A quoted value has no end.
    UnterminatedQuote,
    /// A parameter occurs more than once; named if it is one of those that clients look for.
    DuplicateParameter(Option<&'static str>),
    /// A byte that has no place in a header, or outside ASCII.
    UnexpectedByte(u8),
    /// Text that is neither scheme nor parameter.
    StrayText,
}

impl ProblemKind {
    /// The problem in a sentence for the person who runs the registry, and what clients make of it.
    pub fn sentence(&self) -> String {
        let fixed = match self {
            Self::NoChallenge => "there is no challenge in it, so a client cannot know how to authenticate",
            Self::ValueCut => return format!("the value is longer than {VALUE_LIMIT} bytes; the rest was not read"),
            Self::TooManyChallenges => {
                return format!("there are more than {CHALLENGE_LIMIT} challenges; the rest was not read");
            }
            Self::TooManyParameters => {
                return format!("the challenge has more than {PARAMETER_LIMIT} parameters; the rest was left out");
            }
            Self::MoreProblems => "there are more problems from here on; they are not listed",
            Self::MissingRealm(Kind::Bearer) => {
                "the Bearer challenge has no realm, so a client does not know where to get a token"
            }
            Self::MissingRealm(_) => "the challenge has no realm, which its scheme requires",
            Self::ParameterWithoutScheme => "a parameter comes before any scheme, such as Bearer; it was left out",
            Self::MissingEquals => "the name of a parameter is not followed by '='",
            Self::MissingValue => "the parameter has no value after '='",
            Self::MissingComma => "a comma is missing before this",
            Self::CommaAfterScheme => "there is a comma between the scheme and its first parameter",
            Self::Semicolon => "a semicolon stands where a comma belongs",
            Self::UnquotedValue => "the value needs to be in double quotes; some clients cut it short or leave it out",
            Self::UnterminatedQuote => "the quoted value that begins here has no end; it was left out, as clients do",
            Self::DuplicateParameter(name) => {
                let parameter = name.map_or_else(|| "a parameter".to_owned(), |name| format!("the parameter {name}"));
                return format!("{parameter} occurs again in the same challenge; the first one is used");
            }
            Self::UnexpectedByte(byte) => return format!("the byte 0x{byte:02x} has no place in a challenge"),
            Self::StrayText => "this text is neither a scheme nor a parameter; it was skipped",
        };
        fixed.to_owned()
    }
}
