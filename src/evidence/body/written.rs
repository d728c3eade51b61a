//! A body in a recording: as text if it is text, else in base64.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Body, Received};

#[derive(Serialize, Deserialize)]
struct Written<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    size: u64,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    received: Option<Received>,
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = std::str::from_utf8(&self.bytes).ok().filter(|text| !text.is_empty());
        let is_binary = text.is_none() && !self.bytes.is_empty();
        let written = Written {
            text: text.map(Cow::Borrowed),
            base64: is_binary.then(|| STANDARD.encode(&self.bytes)),
            size: self.size,
            truncated: self.truncated,
            received: self.received.clone(),
        };
        written.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { text, base64, size, truncated, received } = Written::deserialize(deserializer)?;
        let bytes = match (text, base64) {
            (Some(_), Some(_)) => return Err(de::Error::custom("a body is either text or base64")),
            (Some(text), None) => Bytes::from(text.into_owned()),
            (None, Some(binary)) => {
                let binary = STANDARD.decode(binary);
                Bytes::from(binary.map_err(|_| de::Error::custom("the base64 of a body cannot be read"))?)
            }
            (None, None) => Bytes::new(),
        };
        Ok(Self { bytes, size, truncated, received, ..Self::default() })
    }
}
