//! The known facts about the terms in registry answers: error codes, statuses, headers and media types.

use std::sync::LazyLock;

use serde::Deserialize;

/// The kinds of terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TopicKind {
    /// A code in the body of an error (distribution-spec, "Error Codes").
    ErrorCode,
    /// An HTTP status.
    Status,
    /// A header of a request or a response.
    Header,
    /// A media type.
    MediaType,
}

/// The known facts about a term.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// The term, as its specification writes it.
    pub name: String,
    /// Its other names.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Its description, in one line; for a status, its reason phrase.
    pub title: String,
    /// The distribution specification's text about it, if any.
    pub specification: Option<String>,
    /// Its meaning in a pull.
    pub means: String,
    /// The meaning that individual registries give it.
    #[serde(default)]
    pub registries: Vec<Usage>,
    /// The rules that distinguish its causes, likeliest first.
    pub rules: Vec<String>,
    /// The date of the last check of the entry, `YYYY-MM-DD`.
    pub checked: String,
    /// The source of the facts.
    pub source: String,
}

impl Topic {
    /// All its names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }
}

/// The meaning that a registry, or a group of registries, gives a term.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usage {
    /// The registry.
    pub who: String,
    /// The meaning.
    pub says: String,
    /// The date of the observation: a year, a month or a day, as exactly as it is known.
    pub seen: String,
}

#[derive(Deserialize)]
struct File {
    topic: Vec<Topic>,
}

static TOPICS: LazyLock<Vec<(TopicKind, Topic)>> = LazyLock::new(|| {
    let files = [
        (TopicKind::ErrorCode, include_str!("error_codes.toml")),
        (TopicKind::Status, include_str!("statuses.toml")),
        (TopicKind::Header, include_str!("headers.toml")),
        (TopicKind::MediaType, include_str!("media_types.toml")),
    ];
    let read = files.into_iter().flat_map(|(kind, text)| {
        let file: File = toml::from_str(text).expect("the file is part of the program, and a test reads it");
        file.topic.into_iter().map(move |topic| (kind, topic))
    });
    read.collect()
});

/// Every known term, kind by kind.
pub fn topics() -> impl Iterator<Item = (TopicKind, &'static Topic)> {
    TOPICS.iter().map(|(kind, topic)| (*kind, topic))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::oci::media_type;

    #[test]
    fn every_entry_is_dated_and_names_its_source() {
        for (_, topic) in topics() {
            let name = &topic.name;
            assert!(topic.checked.len() == 10 && !topic.source.is_empty(), "{name}");
            assert!(topic.means.ends_with('.') && !topic.title.ends_with('.'), "{name}");
            for usage in &topic.registries {
                assert!(usage.says.ends_with('.') && [4, 7, 10].contains(&usage.seen.len()), "{name}: {}", usage.who);
            }
        }
    }

    #[test]
    fn name_is_unique_within_its_kind() {
        let mut seen = HashSet::new();
        for (kind, topic) in topics() {
            for name in [&topic.name].into_iter().chain(&topic.aliases) {
                let key = format!("{kind:?} {}", name.to_lowercase());
                assert!(seen.insert(key), "{name} occurs twice");
            }
        }
    }

    /// distribution-spec 1.1, "Error Codes".
    #[test]
    fn every_code_of_the_specification_is_known() {
        for code in [
            "BLOB_UNKNOWN",
            "BLOB_UPLOAD_INVALID",
            "BLOB_UPLOAD_UNKNOWN",
            "DIGEST_INVALID",
            "MANIFEST_BLOB_UNKNOWN",
            "MANIFEST_INVALID",
            "MANIFEST_UNKNOWN",
            "NAME_INVALID",
            "NAME_UNKNOWN",
            "SIZE_INVALID",
            "UNAUTHORIZED",
            "DENIED",
            "UNSUPPORTED",
            "TOOMANYREQUESTS",
        ] {
            let found = topics().find(|(kind, topic)| *kind == TopicKind::ErrorCode && topic.name == code);
            assert!(found.is_some_and(|(_, topic)| topic.specification.is_some()), "{code}");
        }
    }

    #[test]
    fn every_media_type_of_an_image_is_known_by_both_names() {
        for name in [
            media_type::DOCKER_V1,
            media_type::DOCKER_V1_SIGNED,
            media_type::DOCKER_V2,
            media_type::DOCKER_LIST,
            media_type::OCI_MANIFEST,
            media_type::OCI_INDEX,
            media_type::DOCKER_CONFIG,
            media_type::OCI_CONFIG,
            media_type::JSON,
        ] {
            let (_, topic) = topics().find(|(_, topic)| topic.name == name).unwrap_or_else(|| panic!("{name}"));
            let words = media_type::plain_words(name).unwrap();
            assert!(topic.aliases.iter().any(|alias| alias == words), "{name} is not called {words}");
        }
    }
}
