//! The rules for references, each with the sentence that explains its violation.

use std::borrow::Cow;
use std::fmt;

use super::other_scripts;
use crate::oci::DigestError;
use serde::{Deserialize, Serialize};

/// The rule that a rejected text violates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Violation {
    /// The input is empty.
    Empty,
    /// A user name or password is before the host.
    Credentials,
    /// White space, around or inside.
    WhiteSpace,
    /// A quotation mark.
    Quoted,
    /// It starts with a dash, like an option.
    LooksLikeOption,
    /// A variable or placeholder without its value.
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
    /// An ASCII character that is not allowed in any part of a reference.
    ForeignCharacter(char),
    /// A scheme or transport that does not name a registry.
    OtherScheme,
    /// `shub://`, the scheme of Singularity Hub and Singularity Registry.
    SingularityHub,
    /// `library://`, the scheme of a Sylabs library.
    SylabsLibrary,
    /// A scheme without its two slashes.
    SchemeSlashes,
    /// The address of a web page.
    WebPage,
    /// An API address whose `/v2/` is not at the root.
    PathBeforeApi,
    /// A host and no repository.
    NoRepository,
    /// A tag and no name.
    NoName,
    /// A digest and no name.
    DigestWithoutName,
    /// A name of 64 hexadecimal digits, which Docker takes for an image ID.
    HexadecimalName,
    /// A `/` at the start.
    LeadingSlash,
    /// A `/` at the end.
    TrailingSlash,
    /// Nothing between two separators.
    EmptyComponent,
    /// A component that is `.` or `..`.
    DotComponent,
    /// Capital letters in the repository.
    UppercaseInRepository,
    /// A separator at the start or end of a component, or next to another one.
    RepositorySeparator,
    /// A character that is not allowed in a repository.
    RepositoryCharacter,
    /// Host and repository are too long.
    NameTooLong,
    /// A colon before a later `/`.
    TagInTheMiddle,
    /// A second tag.
    SecondTag,
    /// A colon without a tag.
    EmptyTag,
    /// A tag that starts with `.` or `-`.
    TagStart,
    /// A character that is not allowed in a tag.
    TagCharacter,
    /// A tag of more than 128 characters.
    TagTooLong,
    /// A tag after the digest.
    TagAfterDigest,
    /// A second `@`.
    SecondDigest,
    /// An `@` without a digest.
    EmptyDigest,
    /// An invalid digest.
    Digest(DigestError),
    /// A port that is not a number from 1 to 65535.
    Port,
    /// A host name with an empty label, a dash at the edge of a label or another character.
    HostName,
    /// A dot at the end of the host.
    HostTrailingDot,
    /// An IPv6 address that is invalid or lacks its brackets.
    Ipv6,
}

impl Violation {
    /// The rule in one sentence, without any of the input except a printable character.
    pub fn sentence(&self) -> Cow<'static, str> {
        Cow::Borrowed(match *self {
            Self::Empty => "A reference needs at least the name of a repository, such as alpine or ghcr.io/owner/name.",
            Self::Credentials => {
                "A reference must not contain a user name or password: it ends up in histories, logs and reports."
            }
            Self::WhiteSpace => "White space is not allowed in or around a reference.",
            Self::Quoted => "Quotes belong to the shell or the file format, not to the reference.",
            Self::LooksLikeOption => "A reference starts with a letter or a digit; this looks like an option.",
            Self::Placeholder => "This is a variable or placeholder that was not replaced with its value.",
            Self::NotAscii(found) => return Cow::Owned(other_scripts::describe(found)),
            Self::Control(found) => {
                return Cow::Owned(format!(
                    "U+{:04X} is a control character, which is not allowed in a reference.",
                    u32::from(found)
                ));
            }
            Self::Backslash => "The parts of a reference are separated by /, not by a backslash.",
            Self::PercentEncoding => "A reference is not a URL: percent-encoding is not allowed.",
            Self::Query => "A reference has no query; it ends with the tag or the digest.",
            Self::Fragment => "A reference has no fragment; it ends with the tag or the digest.",
            Self::ForeignCharacter(found) => {
                return Cow::Owned(format!("No part of a reference may contain the character {found}"));
            }
            Self::OtherScheme => {
                "This prefix does not name a registry; accepted are docker://, oci://, http:// and https://. \
                 For a repository of that name on Docker Hub, prepend docker.io/library/."
            }
            Self::SingularityHub => {
                "This names Singularity Hub or a Singularity Registry, which are not OCI registries: an image there \
                 is a single file; fetch it with singularity pull or apptainer pull."
            }
            Self::SylabsLibrary => {
                "This names a library of Singularity images, which is not an OCI registry; fetch the image with \
                 singularity pull or apptainer pull. For a repository on Docker Hub, prepend docker.io/library/."
            }
            Self::SchemeSlashes => "A scheme is followed by a colon and two slashes.",
            Self::WebPage => "This is a web page; images are pulled from a different address.",
            Self::PathBeforeApi => {
                "The API of a registry starts at /v2/ directly after the host; a reference cannot express a path \
                 before it."
            }
            Self::NoRepository => "The repository is missing: a / and a name have to follow the host.",
            Self::NoName => "The repository name before the tag is missing; was a variable empty?",
            Self::DigestWithoutName => "A digest alone does not say where to pull from; put a name and @ before it.",
            Self::HexadecimalName => {
                "Docker takes 64 hexadecimal digits for an image ID and rejects them as a name; to request a digest, \
                 put a name before it."
            }
            Self::LeadingSlash => "A reference starts with its host or its name, not with a slash.",
            Self::TrailingSlash => "A reference ends with a name, a tag or a digest, not with a slash.",
            Self::EmptyComponent => "There is nothing between two separators; was a variable empty?",
            Self::DotComponent => "A reference is not a file path: the components . and .. are not allowed.",
            Self::UppercaseInRepository => {
                "Repository names are lower case. Hosts may be in any case, and tags are case-sensitive."
            }
            Self::RepositorySeparator => {
                "In a repository, one dot, one or two underscores, or dashes join letters and digits; they do not \
                 start or end a component, nor follow each other."
            }
            Self::RepositoryCharacter => {
                "A repository consists of lower-case letters, digits, dots, underscores, dashes and /."
            }
            Self::NameTooLong => "Host, slash and repository together have at most 255 characters.",
            Self::TagInTheMiddle => "A tag is at the very end, and a port directly after the host.",
            Self::SecondTag => "A reference has one tag at most, and a tag contains no colon.",
            Self::EmptyTag => "No tag follows the colon; was a variable empty?",
            Self::TagStart => "A tag starts with a letter, a digit or an underscore.",
            Self::TagCharacter => "A tag consists of letters, digits, underscores, dots and dashes only.",
            Self::TagTooLong => "A tag has at most 128 characters.",
            Self::TagAfterDigest => "If there are both, the tag comes before the digest: NAME:TAG@DIGEST",
            Self::SecondDigest => "A reference has at most one digest.",
            Self::EmptyDigest => "No digest follows the @; was a variable empty?",
            Self::Digest(error) => return Cow::Owned(as_sentence(&error.to_string())),
            Self::Port => "A port is a number from 1 to 65535.",
            Self::HostName => {
                "A host name consists of labels of letters, digits and inner dashes, joined by single dots."
            }
            Self::HostTrailingDot => "A host in a reference does not end with a dot.",
            Self::Ipv6 => "An IPv6 address is in brackets, in hexadecimal groups only, and without a zone.",
        })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence())
    }
}

/// Makes a sentence of an error text, which starts in lower case and has no full stop so that it fits into other
/// sentences.
fn as_sentence(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => format!("{}{}.", first.to_ascii_uppercase(), characters.as_str()),
        None => String::new(),
    }
}
