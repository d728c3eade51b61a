//! The Accept headers that are tried: each imitates some client.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::oci::media_type;

/// One way to request a manifest: a name, and its `Accept` header lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    id: &'static str,
    number: usize,
    words: &'static str,
    accept: Vec<String>,
}

/// A variant in a recording.
#[derive(Serialize, Deserialize)]
struct Written {
    id: String,
    accept: Vec<String>,
}

impl Serialize for Variant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Written { id: self.id.to_owned(), accept: self.accept.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Variant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Written { id, accept } = Written::deserialize(deserializer)?;
        if id == ASKED {
            return Ok(Self { accept, ..Self::asked(&[]) });
        }
        // A recorded variant of an earlier version keeps its recorded header.
        let known = Self::twelve().into_iter().find(|variant| variant.id == id);
        Ok(Self { accept, ..known.ok_or_else(|| de::Error::custom("there is no such Accept variant"))? })
    }
}

/// The name of a variant, if it is known.
pub(super) fn variant_id(name: &str) -> Option<&'static str> {
    let known = Variant::twelve().iter().find(|variant| variant.id == name).map(|variant| variant.id);
    known.or((name == ASKED).then_some(ASKED))
}

/// The variant of current clients; severities are judged for it unless the user says otherwise.
pub const ALL: &str = "all";
/// The variant with no `Accept` header at all.
pub const NONE: &str = "none";
/// The variant that the user described with `--accept`.
pub const ASKED: &str = "asked";

impl Variant {
    /// The twelve variants, in the order in which they are numbered and shown.
    pub fn twelve() -> Vec<Self> {
        let one = |accept: &str| vec![accept.to_owned()];
        [
            ("docker-v1", "docker v1", one(media_type::DOCKER_V1)),
            ("docker-v1-signed", "docker v1 signed", one(media_type::DOCKER_V1_SIGNED)),
            ("docker-v2", "docker v2", one(media_type::DOCKER_V2)),
            ("docker-list", "docker list", one(media_type::DOCKER_LIST)),
            ("oci-manifest", "oci manifest", one(media_type::OCI_MANIFEST)),
            ("oci-index", "oci index", one(media_type::OCI_INDEX)),
            ("docker-config", "docker config", one(media_type::DOCKER_CONFIG)),
            ("oci-config", "oci config", one(media_type::OCI_CONFIG)),
            ("json", "json", one(media_type::JSON)),
            ("any", "any (*/*)", one("*/*")),
            (NONE, "no header", Vec::new()),
            (ALL, "all current", one(&media_type::CURRENT.join(", "))),
        ]
        .into_iter()
        .enumerate()
        .map(|(index, (id, words, accept))| Self { id, number: index + 1, words, accept })
        .collect()
    }

    /// The variant of current clients.
    pub fn current() -> Self {
        Self::twelve().pop().expect("there are twelve, and the last is that of current clients")
    }

    /// The client described by the user: its types on one header line.
    pub fn asked(types: &[String]) -> Self {
        Self { id: ASKED, number: 13, words: "as you asked", accept: vec![types.join(", ")] }
    }

    /// The name in JSON and on the command line.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// The number in the table, from 1.
    pub fn number(&self) -> usize {
        self.number
    }

    /// The name in plain words.
    pub fn words(&self) -> &'static str {
        self.words
    }

    /// The `Accept` header lines, each as one line on the wire; empty where the header is not sent.
    pub fn accept(&self) -> &[String] {
        &self.accept
    }

    /// Whether this variant accepts a served type.
    pub fn accepts(&self, essence: &str) -> bool {
        media_type::accepts(&self.accept, essence)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_twelve_and_their_order_is_the_contract_s() {
        let ids: Vec<_> = Variant::twelve().iter().map(Variant::id).collect();
        assert_eq!(
            ids,
            [
                "docker-v1",
                "docker-v1-signed",
                "docker-v2",
                "docker-list",
                "oci-manifest",
                "oci-index",
                "docker-config",
                "oci-config",
                "json",
                "any",
                "none",
                "all"
            ]
        );
        assert_eq!(Variant::twelve()[11].number(), 12);
    }
}
