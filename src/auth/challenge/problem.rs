//! Problems in the syntax of a challenge, with the sentence for each.

use super::{CHALLENGE_LIMIT, Kind, PARAMETER_LIMIT, VALUE_LIMIT};

/// A deviation from the grammar of RFC 9110 §11.6.1, with its position.
///
/// It contains none of the server's text, so its sentence can be printed anywhere.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Problem {
    /// The index of the `WWW-Authenticate` header line, from 0.
    pub header: usize,
    /// The byte offset in its value, from 0. It may equal the length of the value if something is missing at the end.
    pub offset: usize,
    /// The kind of problem.
    pub what: ProblemKind,
}

impl Problem {
    /// The problem and its position, counted from 1.
    pub fn sentence(&self) -> String {
        let sentence = self.what.sentence();
        format!("WWW-Authenticate line {}, byte {}: {sentence}", self.header + 1, self.offset + 1)
    }
}

/// A kind of problem in the syntax of a challenge.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// The value is empty or contains no challenge, as Harbor sends it for a project that does not exist.
    NoChallenge,
    /// The value is longer than the limit.
    ValueCut,
    /// There are more challenges than the limit.
    TooManyChallenges,
    /// The challenge has more parameters than the limit.
    TooManyParameters,
    /// There are more problems than the limit.
    MoreProblems,
    /// A challenge with this scheme requires a realm and has none, or an empty one.
    MissingRealm(Kind),
    /// A parameter comes before the first scheme.
    ParameterWithoutScheme,
    /// A parameter's name is not followed by `=`.
    MissingEquals,
    /// A parameter has `=`, but nothing after it.
    MissingValue,
    /// There is no comma before a parameter or a further challenge.
    MissingComma,
    /// There is a comma between the scheme and its first parameter.
    CommaAfterScheme,
    /// A semicolon is used instead of a comma.
    Semicolon,
    /// A value with characters that are not allowed in a token is not quoted.
    UnquotedValue,
    /// A quoted value is not terminated.
    UnterminatedQuote,
    /// A parameter occurs more than once; its name is given if clients look for it.
    DuplicateParameter(Option<&'static str>),
    /// A byte that is not allowed in a header, or is outside ASCII.
    UnexpectedByte(u8),
    /// Text that is neither a scheme nor a parameter.
    StrayText,
}

impl ProblemKind {
    /// The problem in a sentence for the registry's operator, with its effect on clients.
    pub fn sentence(&self) -> String {
        let fixed = match self {
            Self::NoChallenge => "it contains no challenge, so clients do not know how to authenticate",
            Self::ValueCut => return format!("the value is longer than {VALUE_LIMIT} bytes; the rest was not read"),
            Self::TooManyChallenges => {
                return format!("there are more than {CHALLENGE_LIMIT} challenges; the rest was not read");
            }
            Self::TooManyParameters => {
                return format!("the challenge has more than {PARAMETER_LIMIT} parameters; the rest was ignored");
            }
            Self::MoreProblems => "there are more problems from here on; they are not listed",
            Self::MissingRealm(Kind::Bearer) => {
                "the Bearer challenge has no realm, so clients do not know where to get a token"
            }
            Self::MissingRealm(_) => "the challenge lacks the realm that its scheme requires",
            Self::ParameterWithoutScheme => "a parameter comes before the first scheme, such as Bearer; it was ignored",
            Self::MissingEquals => "the name of a parameter is not followed by '='",
            Self::MissingValue => "the parameter has no value after '='",
            Self::MissingComma => "a comma is missing here",
            Self::CommaAfterScheme => "there is a comma between the scheme and its first parameter",
            Self::Semicolon => "a semicolon is used instead of a comma",
            Self::UnquotedValue => "the value must be in double quotes; some clients truncate or ignore it",
            Self::UnterminatedQuote => {
                "the quoted value that begins here is not terminated; it was ignored, as clients do"
            }
            Self::DuplicateParameter(name) => {
                let parameter = name.map_or_else(|| "a parameter".to_owned(), |name| format!("the parameter {name}"));
                return format!("{parameter} occurs again in the same challenge; the first one is used");
            }
            Self::UnexpectedByte(byte) => return format!("the byte 0x{byte:02x} is not allowed in a challenge"),
            Self::StrayText => "this text is neither a scheme nor a parameter; it was skipped",
        };
        fixed.to_owned()
    }
}
