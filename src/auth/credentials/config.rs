//! The configuration of Docker and Podman, as far as it concerns credentials (`config.json`, `auth.json`, the old
//! `.dockercfg`).

use serde::Deserialize as _;

use super::tree::Tree;

/// The credential settings of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// `auths`: keys of registries, and their entries. Duplicate keys stay duplicate.
    pub(super) entries: Vec<(String, Tree)>,
    /// `credHelpers`: keys of registries, and names of helpers.
    pub(super) helpers: Vec<(String, String)>,
    /// `credsStore`: the helper for all other registries.
    pub(super) store: Option<String>,
}

/// The maximum number of entries that are parsed.
const MOST_ENTRIES: usize = 10_000;

impl Config {
    /// Parses a configuration.
    ///
    /// # Errors
    /// The reason why it is not a configuration, without any of its content.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.trim_ascii().is_empty() {
            return Err("it is empty".to_owned());
        }
        if bytes.starts_with(b"\xef\xbb\xbf") {
            return Err("it begins with a byte order mark, which clients do not support".to_owned());
        }
        // As in Go, the first value is decoded and anything after it is ignored.
        let tree = Tree::deserialize(&mut serde_json::Deserializer::from_slice(bytes));
        // The parser's message could repeat the content; its position cannot.
        let tree =
            tree.map_err(|error| format!("it is not JSON, at line {}, column {}", error.line(), error.column()))?;
        Self::of(&tree)
    }

    /// Extracts the relevant fields of a parsed file.
    pub(super) fn of(tree: &Tree) -> Result<Self, String> {
        let Some(fields) = tree.fields() else { return Err("it is not a JSON object".to_owned()) };
        let part = |name: &str| match tree.field(name) {
            None | Some(Tree::Null) => Ok(None),
            Some(Tree::Object(fields)) if fields.len() > MOST_ENTRIES => {
                Err(format!("{name} has more than {MOST_ENTRIES} entries"))
            }
            Some(Tree::Object(fields)) => Ok(Some(fields)),
            Some(_) => Err(format!("{name} is not an object")),
        };
        let (auths, helpers) = (part("auths")?, part("credHelpers")?);
        let store = match tree.field("credsStore") {
            None | Some(Tree::Null) => None,
            Some(store) => Some(store.word().ok_or("credsStore is not text")?.to_owned()),
        };
        // The old form consists of entries only.
        let is_old = auths.is_none() && helpers.is_none() && store.is_none();
        let looks_old = |(key, value): &&(String, Tree)| {
            is_old && key.contains('.') && value.fields().is_some_and(|_| value.field("auth").is_some())
        };
        let old = fields.iter().filter(looks_old).take(MOST_ENTRIES);
        let entries = auths.into_iter().flatten().chain(old).cloned().collect();
        let named = |(key, name): &(String, Tree)| match name.word() {
            Some(name) => Ok((key.clone(), name.to_owned())),
            None => Err("a name in credHelpers is not text".to_owned()),
        };
        let helpers = helpers.into_iter().flatten().map(named).collect::<Result<_, _>>()?;
        Ok(Self { entries, helpers, store: store.filter(|store| !store.is_empty()) })
    }

    /// The keys of all registries that it has settings for.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| key.as_str()).chain(self.helpers.iter().map(|(key, _)| key.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Config {
        Config::read(text.as_bytes()).unwrap()
    }

    fn keys(config: &Config) -> Vec<&str> {
        config.keys().collect()
    }

    #[test]
    fn configuration_has_entries_helpers_and_a_store() {
        let text = r#"{"auths": {"r.test": {"auth": "bWU6eA=="}, "b.test": {}}, "credHelpers": {"gcr.io": "gcloud"},
            "credsStore": "desktop", "HttpHeaders": {"User-Agent": "x"}}"#;
        let config = of(text);
        assert_eq!(keys(&config), ["r.test", "b.test", "gcr.io"]);
        assert_eq!(config.helpers, [("gcr.io".to_owned(), "gcloud".to_owned())]);
        assert_eq!(config.store.as_deref(), Some("desktop"));
        assert_eq!(of("{}"), Config::default());
        assert_eq!(of("{\"auths\":{}}\r\n trailing"), Config::default());
    }

    #[test]
    fn old_form_consists_of_entries_only() {
        let config = of(r#"{"https://index.docker.io/v1/": {"auth": "bWU6eA==", "email": "a@b.test"}, "x": {}}"#);
        assert_eq!(keys(&config), ["https://index.docker.io/v1/"]);
    }

    #[test]
    fn duplicate_keys_are_kept() {
        assert_eq!(keys(&of(r#"{"auths": {"r.test": {}, "r.test": {"auth": "x"}}}"#)), ["r.test", "r.test"]);
    }

    /// Cases F06 and F07: the reason, without any of the content.
    #[test]
    fn what_is_no_configuration_is_named_without_its_text() {
        for (text, why) in [
            ("", "it is empty"),
            (" \n", "it is empty"),
            ("\u{feff}{}", "byte order mark"),
            (r#"{"auths":"CANARY"}"#, "auths is not an object"),
            (r#"["CANARY"]"#, "not a JSON object"),
            (r#"{"auths":{"r.test":{"auth":"CANARY"}}"#, "not JSON, at line 1"),
            ("// CANARY\n{}", "not JSON, at line 1, column 1"),
            (r#"{"credHelpers":{"r.test":["CANARY"]}}"#, "a name in credHelpers is not text"),
            (r#"{"credsStore":{"CANARY":1}}"#, "credsStore is not text"),
        ] {
            let error = Config::read(text.as_bytes()).unwrap_err();
            assert!(error.contains(why) && !error.contains("CANARY"), "{text}: {error}");
        }
        let deep = "[".repeat(100_000);
        assert!(Config::read(deep.as_bytes()).is_err());
    }

    proptest::proptest! {
        #[test]
        fn parsing_never_panics(bytes in proptest::collection::vec(0_u8.., 0..200), text in "[{}\\[\\]\",:a-z0-9 ]{0,80}") {
            let _ = Config::read(&bytes);
            let _ = Config::read(text.as_bytes());
        }
    }
}
