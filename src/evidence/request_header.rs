//! The recorded form of a request's headers: a text, or the fact that there was a secret, with its kind.
//!
//! A secret is withheld when the request is recorded, and the type says so. Later uses of the request, a table or a
//! command that repeats it, need not guess whether a text is the one that was sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Shape;

/// A header of a request, in the order in which it was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestHeader {
    /// Its name, in lower case.
    pub name: String,
    /// The recorded value.
    pub value: RequestValue,
}

/// The value of a request header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestValue {
    /// The value that was sent.
    Sent(String),
    /// A secret that was sent.
    Withheld(Withheld),
}

/// The known facts about a secret that was sent in a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// Its kind.
    pub kind: SecretKind,
    /// The authentication scheme before it (RFC 9110 §11.4), if this program added one. A value that the user gave is
    /// secret as a whole.
    pub scheme: Option<GrantForm>,
    /// Its length and label. `None` if the log that the request was imported from does not have it either.
    #[serde(default)]
    pub shape: Option<Shape>,
}

/// The form of a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GrantForm {
    /// A user name and a password (RFC 7617).
    Basic,
    /// A token (RFC 6750).
    Bearer,
}

impl GrantForm {
    /// The name of the authentication scheme, as sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Bearer => "Bearer",
        }
    }
}

/// The kind of a secret in a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SecretKind {
    /// User name and password.
    Password,
    /// A token of a token service, or one that was given instead of it.
    Token,
    /// A token for a login, which only token services receive.
    IdentityToken,
    /// The value of one of the user's own headers.
    HeaderValue,
}

/// A form in the body of a request (`application/x-www-form-urlencoded`), whose last field is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestForm {
    /// The fields before it, encoded.
    pub fields: String,
    /// The name of the last field.
    pub name: String,
    /// The kind of its value.
    pub withheld: SecretKind,
}

impl RequestHeader {
    /// A header without a secret.
    pub fn sent(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: RequestValue::Sent(value.into()) }
    }
}

impl RequestValue {
    /// The value, unless it is a secret.
    pub fn sent_text(&self) -> Option<&str> {
        match self {
            Self::Sent(text) => Some(text),
            Self::Withheld(_) => None,
        }
    }
}

/// Shows the text that was sent, or a replacement for a secret.
impl fmt::Display for RequestValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent(text) => f.write_str(text),
            Self::Withheld(Withheld { scheme: Some(scheme), shape: Some(shape), .. }) => {
                write!(f, "{} ‹removed, {shape}›", scheme.as_str())
            }
            Self::Withheld(Withheld { scheme: None, shape: Some(shape), .. }) => write!(f, "‹your value, {shape}›"),
            Self::Withheld(Withheld { scheme: Some(scheme), shape: None, .. }) => {
                write!(f, "{} ‹removed›", scheme.as_str())
            }
            Self::Withheld(Withheld { scheme: None, shape: None, .. }) => f.write_str("‹removed›"),
        }
    }
}

impl SecretKind {
    /// The kind as reports count it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Token => "token",
            Self::IdentityToken => "identity token",
            Self::HeaderValue => "header value",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn withheld(kind: SecretKind, scheme: Option<GrantForm>, secret: &str) -> RequestValue {
        RequestValue::Withheld(Withheld { kind, scheme, shape: Some(Shape::of(secret)) })
    }

    /// A value with the label of a secret, for any run.
    fn shown(value: &RequestValue) -> String {
        let text = value.to_string();
        let at = text.find("label ").map_or(text.len(), |at| at + "label ".len());
        text[..at].to_owned()
    }

    #[test]
    fn secret_is_shown_by_its_scheme_and_its_length() {
        let basic = withheld(SecretKind::Password, Some(GrantForm::Basic), "YTpi");
        assert_eq!(shown(&basic), "Basic ‹removed, 4 characters, label ");
        let bearer = withheld(SecretKind::Token, Some(GrantForm::Bearer), "t");
        assert_eq!(shown(&bearer), "Bearer ‹removed, 1 character, label ");
        assert_eq!(shown(&withheld(SecretKind::HeaderValue, None, "k-1")), "‹your value, 3 characters, label ");
        let lost =
            |scheme| RequestValue::Withheld(Withheld { kind: SecretKind::Token, scheme, shape: None }).to_string();
        assert_eq!([lost(Some(GrantForm::Bearer)), lost(None)], ["Bearer ‹removed›", "‹removed›"]);
    }

    #[test]
    fn header_is_read_back_as_it_was_written() {
        for value in [
            RequestValue::Sent(String::new()),
            RequestValue::Sent("a/b, */*".to_owned()),
            RequestValue::Sent("Basic ‹removed, 4 characters, label kfmz›".to_owned()),
            withheld(SecretKind::Password, Some(GrantForm::Basic), "YTpi"),
            withheld(SecretKind::Token, Some(GrantForm::Bearer), "t"),
            withheld(SecretKind::HeaderValue, None, "k-1"),
            withheld(SecretKind::IdentityToken, None, "é"),
        ] {
            let header = RequestHeader { name: "x-a".to_owned(), value };
            let written = serde_json::to_vec(&header).unwrap();
            assert_eq!(serde_json::from_slice::<RequestHeader>(&written).unwrap(), header);
        }
    }

    /// The author of a recording is unknown: a label in it must not be an arbitrary text.
    #[test]
    fn label_that_is_none_is_not_read() {
        let read = |label: &str| {
            let shape = serde_json::json!({ "characters": 3, "label": label });
            serde_json::from_value::<Shape>(shape).map(|shape| shape.to_string())
        };
        assert_eq!(read("kfmz").unwrap(), "3 characters, label kfmz");
        for label in ["", "kfm", "kfmzk", "kfma", "kf z", "KFMZ", "\u{1b}[2J", "kfm›"] {
            assert!(read(label).is_err(), "{label}");
        }
    }
}
