//! What was sent with a request, as it is recorded: a text, or that there was a secret and of which kind.
//!
//! A secret is left out when the request is recorded, and the type says so. What is made of a request later, a table or a
//! command that repeats it, need not guess from a text whether it is the text that was sent.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Shape;

/// A header of a request, in the order in which it was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestHeader {
    /// Its name, in lower case.
    pub name: String,
    /// What was sent.
    pub value: RequestValue,
}

/// The value of a request header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestValue {
    /// What was sent.
    Sent(String),
    /// A secret was sent.
    Withheld(Withheld),
}

/// What is known of a secret that was sent in a header.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Withheld {
    /// What it is.
    pub kind: SecretKind,
    /// The authentication scheme before it (RFC 9110 §11.4), where it is one of ours. A value that the user gave is secret as
    /// a whole.
    pub scheme: Option<GrantForm>,
    /// How long it is, and its label.
    pub shape: Shape,
}

/// What a registry may be sent, as a form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum GrantForm {
    /// A user name and a password (RFC 7617).
    Basic,
    /// A token (RFC 6750).
    Bearer,
}

impl GrantForm {
    /// The authentication scheme as it is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "Basic",
            Self::Bearer => "Bearer",
        }
    }
}

/// What a secret of a request is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecretKind {
    /// User name and password.
    Password,
    /// A token of a token service, or one that was given in place of it.
    Token,
    /// A token that stands for a login, which only token services get.
    IdentityToken,
    /// The value of a header of the user's own.
    HeaderValue,
}

/// A form in the body of a request (`application/x-www-form-urlencoded`), whose last field is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestForm {
    /// The fields before it, encoded.
    pub fields: String,
    /// The name of the last field.
    pub name: String,
    /// What its value is.
    pub withheld: SecretKind,
}

impl RequestHeader {
    /// A header without a secret.
    pub fn sent(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self { name: name.into(), value: RequestValue::Sent(value.into()) }
    }
}

impl RequestValue {
    /// The value, where it is no secret.
    pub fn sent_text(&self) -> Option<&str> {
        match self {
            Self::Sent(text) => Some(text),
            Self::Withheld(_) => None,
        }
    }
}

/// As it is shown: the text that was sent, or words in place of a secret.
impl fmt::Display for RequestValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sent(text) => f.write_str(text),
            Self::Withheld(Withheld { scheme: Some(scheme), shape, .. }) => {
                write!(f, "{} ‹removed, {shape}›", scheme.as_str())
            }
            Self::Withheld(Withheld { scheme: None, shape, .. }) => write!(f, "‹your value, {shape}›"),
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
        RequestValue::Withheld(Withheld { kind, scheme, shape: Shape::of(secret) })
    }

    /// A value with the label of a secret, whichever that is in this run.
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

    /// A recording may be written by anybody: what is a label there cannot be a text.
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
