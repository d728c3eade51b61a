//! The rules that a reference can break, each with the sentence that explains it.

use std::borrow::Cow;
use std::fmt;

use super::other_scripts;
use crate::oci::DigestError;
use serde::{Deserialize, Serialize};

/// The rule that a refused text breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Violation {
    /// There is nothing to read.
    Empty,
    /// A user name or password stands in front of the host.
    Credentials,
    /// White space, around or inside.
    WhiteSpace,
    /// A quotation mark.
    Quoted,
    /// It starts with a dash, like an option.
    LooksLikeOption,
    /// A variable or placeholder that nobody filled in.
    Placeholder,
    /// A character outside ASCII, visible or not.
    NotAscii(char),
    /// A control character.
    Control(char),
    /// A backslash where a slash belongs.
    Backslash,
    /// `%XX`, as in web addresses.
    PercentEncoding,
    /// A query, `?…`.
    Query,
    /// A fragment, `#…`.
    Fragment,
    /// An ASCII character that no part of a reference can have.
    ForeignCharacter(char),
    /// A scheme or transport that does not lead to a registry.
    OtherScheme,
    /// `shub://`, which leads to Singularity Hub or a Singularity Registry.
    SingularityHub,
    /// `library://`, which leads to a Sylabs library.
    SylabsLibrary,
    /// A scheme without its two slashes.
    SchemeSlashes,
    /// The address of a page for people.
    WebPage,
    /// An API address whose `/v2/` is not at the root.
    PathBeforeApi,
    /// A host and no repository.
    NoRepository,
    /// A tag and no name.
    NoName,
    /// A digest and no name.
    DigestWithoutName,
    /// A name of 64 hexadecimal digits, which Docker takes for an identifier.
    HexadecimalName,
    /// A `/` at the start.
    LeadingSlash,
    /// A `/` at the end.
    TrailingSlash,
    /// Nothing between two separators.
    EmptyComponent,
    /// A component `.` or `..`.
    DotComponent,
    /// Capital letters in the repository.
    UppercaseInRepository,
    /// A separator that opens or ends a component, or meets another one.
    RepositorySeparator,
    /// A character that the repository cannot have.
    RepositoryCharacter,
    /// Host and repository are too long together.
    NameTooLong,
    /// A colon before a later `/`.
    TagInTheMiddle,
    /// A second tag.
    SecondTag,
    /// A colon without a tag.
    EmptyTag,
    /// A tag that starts with `.` or `-`.
    TagStart,
    /// A character that a tag cannot have.
    TagCharacter,
    /// A tag of more than 128 characters.
    TagTooLong,
    /// A tag behind the digest.
    TagAfterDigest,
    /// A second `@`.
    SecondDigest,
    /// An `@` without a digest.
    EmptyDigest,
    /// A digest that is none.
    Digest(DigestError),
    /// A port that is no number from 1 to 65535.
    Port,
    /// A host name with an empty label, a dash at the edge of a label or another character.
    HostName,
    /// A dot at the end of the host.
    HostTrailingDot,
    /// An IPv6 address that is none, or that lacks its brackets.
    Ipv6,
}

impl Violation {
    /// The rule in one sentence, without anything from the input but a printable character.
    pub fn sentence(&self) -> Cow<'static, str> {
        Cow::Borrowed(match *self {
            Self::Empty => "A reference needs at least the name of a repository, such as alpine or ghcr.io/owner/name.",
            Self::Credentials => {
                "User names and passwords have no place in a reference; it is kept in histories, logs and reports."
            }
            Self::WhiteSpace => "A reference has no white space, neither around it nor inside.",
            Self::Quoted => "Quotation marks are for the shell or the file format; the reference itself has none.",
            Self::LooksLikeOption => "A reference starts with a letter or a digit; this looks like an option.",
            Self::Placeholder => "This is a variable or a placeholder that was never replaced by its value.",
            Self::NotAscii(found) => return Cow::Owned(other_scripts::describe(found)),
            Self::Control(found) => {
                return Cow::Owned(format!("U+{:04X} is a control character; a reference has none.", u32::from(found)));
            }
            Self::Backslash => "The parts of a reference are separated by /, never by a backslash.",
            Self::PercentEncoding => "A reference is not a web address: nothing in it is percent-encoded.",
            Self::Query => "A reference has no query; it ends with the tag or the digest.",
            Self::Fragment => "A reference has no fragment; it ends with the tag or the digest.",
            Self::ForeignCharacter(found) => {
                return Cow::Owned(format!("No part of a reference can have the character {found}"));
            }
            Self::OtherScheme => {
                "This prefix leads somewhere else than to a registry; read are docker://, oci://, http:// and https://. \
                 If it is the name of a repository on Docker Hub, write docker.io/library/ in front."
            }
            Self::SingularityHub => {
                "This leads to Singularity Hub or a Singularity Registry, which are no distribution registries: an image \
                 is one file there, and singularity pull or apptainer pull fetches it."
            }
            Self::SylabsLibrary => {
                "This leads to a library of Singularity images, which is no distribution registry: singularity pull or \
                 apptainer pull reads it. For a repository on Docker Hub, write docker.io/library/ in front."
            }
            Self::SchemeSlashes => "A scheme is followed by a colon and two slashes.",
            Self::WebPage => "This is a page for people; images are pulled from another address.",
            Self::PathBeforeApi => {
                "The API of a registry starts at /v2/ directly behind the host; a reference cannot express a path \
                 before it."
            }
            Self::NoRepository => "This is a host without a repository; a / and a name have to follow it.",
            Self::NoName => "The name of the repository is missing in front of the tag; was a variable empty?",
            Self::DigestWithoutName => "A digest alone says what, but not where; a name and @ belong in front of it.",
            Self::HexadecimalName => {
                "Docker takes 64 hexadecimal digits for an identifier and refuses them as a name; to ask for a digest, \
                 write it behind a name."
            }
            Self::LeadingSlash => "A reference starts with its host or its name, not with a slash.",
            Self::TrailingSlash => "A reference ends with a name, a tag or a digest, not with a slash.",
            Self::EmptyComponent => "Nothing stands between two separators here; was a variable empty?",
            Self::DotComponent => "A reference is not a path: it has no components . and .. in it.",
            Self::UppercaseInRepository => {
                "The repository is written in lower case. Hosts may be in any case, and tags keep theirs."
            }
            Self::RepositorySeparator => {
                "In a repository, letters and digits are joined by one dot, one or two underscores, or dashes; these \
                 neither open nor end a component, nor meet each other."
            }
            Self::RepositoryCharacter => {
                "A repository has lower-case letters, digits, dots, underscores, dashes and /."
            }
            Self::NameTooLong => "Host, slash and repository together have at most 255 characters.",
            Self::TagInTheMiddle => "A tag stands at the very end, and a port directly behind the host.",
            Self::SecondTag => "A reference has one tag, and a tag has no colon.",
            Self::EmptyTag => "No tag follows the colon; was a variable empty?",
            Self::TagStart => "A tag starts with a letter, a digit or an underscore.",
            Self::TagCharacter => "A tag has letters, digits, underscores, dots and dashes, nothing else.",
            Self::TagTooLong => "A tag has at most 128 characters.",
            Self::TagAfterDigest => "Where there are both, the tag stands before the digest: NAME:TAG@DIGEST",
            Self::SecondDigest => "A reference has one digest at most.",
            Self::EmptyDigest => "No digest follows the @; was a variable empty?",
            Self::Digest(error) => return Cow::Owned(as_sentence(&error.to_string())),
            Self::Port => "A port is a number from 1 to 65535.",
            Self::HostName => {
                "A host name has letters, digits and inner dashes, in labels that are joined by single dots."
            }
            Self::HostTrailingDot => "A host in a reference does not end with a dot.",
            Self::Ipv6 => "An IPv6 address stands in brackets, in hexadecimal groups only and without a zone.",
        })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

/// Error texts start small and have no full stop, so that they can stand inside other sentences.
fn as_sentence(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_ascii_uppercase(), characters.as_str()),
        None => String::new(),
    }
}
