//! The configuration of Docker and of Podman, as far as credentials are in it (`config.json`, `auth.json`, the old
//! `.dockercfg`).

use serde::Deserialize as _;

use super::tree::Tree;

/// What a file says of credentials.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Config {
    /// `auths`: keys of registries, and what is there for them. Keys that are there twice are in it twice.
    pub(super) entries: Vec<(String, Tree)>,
    /// `credHelpers`: keys of registries, and names of helpers.
    pub(super) helpers: Vec<(String, String)>,
    /// `credsStore`: the helper for everything else.
    pub(super) store: Option<String>,
}

/// The most entries that are looked at.
const MOST_ENTRIES: usize = 10_000;

impl Config {
    /// Reads one.
    ///
    /// # Errors
    /// Where it is none: why, without anything of what stands in it.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.trim_ascii().is_empty() {
            return Err("it is empty".to_owned());
        }
        if bytes.starts_with(b"\xef\xbb\xbf") {
            return Err("it begins with a byte order mark, which clients do not read".to_owned());
        }
        // As Go does, the first value is read and what stands behind it is not.
        let tree = Tree::deserialize(&mut serde_json::Deserializer::from_slice(bytes));
        // The words of the parser could repeat what stands there; the place cannot.
        let tree =
            tree.map_err(|error| format!("it is not JSON from line {}, column {} on", error.line(), error.column()))?;
        Self::of(&tree)
    }

    /// Takes the parts that matter from what was read.
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
        // The old form has nothing but entries.
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

    /// The keys of all registries that it knows something of.
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
    fn a_configuration_has_entries_helpers_and_a_store() {
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
    fn the_old_form_has_nothing_but_entries() {
        let config = of(r#"{"https://index.docker.io/v1/": {"auth": "bWU6eA==", "email": "a@b.test"}, "x": {}}"#);
        assert_eq!(keys(&config), ["https://index.docker.io/v1/"]);
    }

    #[test]
    fn keys_that_are_there_twice_stay_twice() {
        assert_eq!(keys(&of(r#"{"auths": {"r.test": {}, "r.test": {"auth": "x"}}}"#)), ["r.test", "r.test"]);
    }

    /// Cases F06 and F07: why, and nothing of what stands there.
    #[test]
    fn what_is_no_configuration_is_named_without_its_text() {
        for (text, why) in [
            ("", "it is empty"),
            (" \n", "it is empty"),
            ("\u{feff}{}", "byte order mark"),
            (r#"{"auths":"CANARY"}"#, "auths is not an object"),
            (r#"["CANARY"]"#, "not a JSON object"),
            (r#"{"auths":{"r.test":{"auth":"CANARY"}}"#, "not JSON from line 1"),
            ("// CANARY\n{}", "not JSON from line 1, column 1"),
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
        fn no_file_is_too_odd(bytes in proptest::collection::vec(0_u8.., 0..200), text in "[{}\\[\\]\",:a-z0-9 ]{0,80}") {
            let _ = Config::read(&bytes);
            let _ = Config::read(text.as_bytes());
        }
    }
}
