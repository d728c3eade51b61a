//! Builds the hosts of a scenario, with their content and dialects.

use std::collections::BTreeMap;

use super::content;
use super::dialect;
use super::host::{Host, World};
use super::scenario::{self, HostSetup, Scenario};
use super::store::Store;

impl World {
    /// Builds everything that a scenario names. A test builds each scenario, so all names are known to exist.
    pub fn of(scenario: &Scenario) -> Self {
        Self { hosts: scenario.hosts.iter().map(host).collect() }
    }
}

impl Scenario {
    /// Parses a scenario that is not one of the lab's own.
    ///
    /// # Errors
    /// A message if the text is not a scenario, or names an unknown dialect or content.
    pub fn from_toml(text: &str) -> Result<Self, String> {
        let scenario = scenario::read(text).map_err(|error| error.to_string())?;
        for host in &scenario.hosts {
            if dialect::named(&host.dialect).is_none() {
                return Err(format!("there is no dialect {}", host.dialect));
            }
            let mut stored = host.repositories.values().flat_map(BTreeMap::values);
            if let Some(unknown) = stored.find(|content| content::named(content).is_none()) {
                return Err(format!("there is no content {unknown}"));
            }
        }
        Ok(scenario)
    }
}

/// Builds a host with the content in its setup.
fn host(setup: &HostSetup) -> Host {
    let mut store = Store::default();
    for (name, tags) in &setup.repositories {
        let repository = store.repositories.entry(name.clone()).or_default();
        for (tags, content) in tags {
            let document = content::named(content).unwrap_or_else(|| panic!("a test makes all: {content}"));
            for tag in every_tag(tags) {
                repository.add(&tag, document.clone());
            }
        }
    }
    for (name, tag) in setup.deleted.iter().filter_map(|deleted| deleted.rsplit_once(':')) {
        if let Some(repository) = store.repositories.get_mut(name) {
            repository.delete(tag);
        }
    }
    for seed in &setup.seeds {
        seed.store_in(store.repositories.entry(seed.repository().to_owned()).or_default());
    }
    let dialect = dialect::named(&setup.dialect).unwrap_or_else(|| panic!("a test makes all: {}", setup.dialect));
    Host::new(setup, dialect, store)
}

/// Expands a pattern of tags: `1.{0..3}` means `1.0` to `1.3`, any other pattern itself.
fn every_tag(pattern: &str) -> Vec<String> {
    let range = pattern.split_once('{').and_then(|(before, rest)| {
        let (range, after) = rest.split_once('}')?;
        let (first, last) = range.split_once("..")?;
        Some((before, first.parse::<u32>().ok()?..=last.parse().ok()?, after))
    });
    match range {
        Some((before, numbers, after)) => numbers.map(|number| format!("{before}{number}{after}")).collect(),
        None => vec![pattern.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::lab::fault::Outcome;
    use crate::lab::scenario::scenarios;
    use crate::lab::wire::IncomingRequest;

    static WORLDS: LazyLock<Vec<(&Scenario, World)>> =
        LazyLock::new(|| scenarios().map(|scenario| (scenario, World::of(scenario))).collect());

    /// Paths that clients send, paths that no client sends, and real names and digests in the wrong places.
    fn any_path() -> impl Strategy<Value = String> {
        let word = prop_oneof![
            Just("v2".to_owned()),
            Just("manifests".to_owned()),
            Just("blobs".to_owned()),
            Just("tags/list".to_owned()),
            Just("referrers".to_owned()),
            Just("token".to_owned()),
            Just("demo/app".to_owned()),
            Just("1.0".to_owned()),
            Just(format!("sha256:{}", "0".repeat(64))),
            "[!-~]{0,20}",
        ];
        prop::collection::vec(word, 0..6).prop_map(|words| format!("/{}", words.join("/")))
    }

    #[test]
    fn deleted_document_leaves_its_tag() {
        let scenario = scenario::scenario("tag-listed-but-gone").unwrap();
        let world = World::of(scenario);
        let repository = world.hosts[0].store().repository("deleted/greeting").unwrap();
        assert!(repository.tags.contains_key("1.1"));
        assert!(repository.document("1.1").is_none() && repository.document("1.0").is_some());
    }

    #[test]
    fn tag_pattern_expands_to_many_tags() {
        assert_eq!(every_tag("v1.{9..11}-alpine"), ["v1.9-alpine", "v1.10-alpine", "v1.11-alpine"]);
        for itself in ["latest", "{config:1.0}", "1.{a..b}", "{3..}"] {
            assert_eq!(every_tag(itself), [itself]);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

        /// Every host of every scenario answers every request with valid HTTP.
        #[test]
        fn every_request_gets_an_answer_that_can_be_sent(
            method in prop_oneof![Just("GET"), Just("HEAD"), Just("POST"), Just("OPTIONS"), Just("ODD")],
            path in any_path(),
            query in "([a-zA-Z-]{0,16}=[!-~]{0,40}&?){0,3}",
            headers in prop::collection::vec(
                (prop::sample::select(vec!["accept", "authorization", "range", "if-none-match"]), "[ -~]{0,60}"),
                0..4,
            ),
        ) {
            let mut request = IncomingRequest {
                method: method.parse().unwrap(),
                path,
                query,
                headers: http::HeaderMap::new(),
            };
            for (name, value) in headers {
                request.headers.append(name, value.parse().unwrap());
            }
            for (scenario, world) in WORLDS.iter() {
                for host in &world.hosts {
                    if let Outcome::Answer(answer) = world.reply(host, &request) {
                        prop_assert!((200..600).contains(&answer.status), "{}: {answer:?}", scenario.name);
                        for (name, value) in &answer.headers {
                            let sent = http::HeaderName::from_bytes(name.as_bytes()).is_ok()
                                && http::HeaderValue::from_str(value).is_ok();
                            prop_assert!(sent, "{}: {name}: {value:?}", scenario.name);
                        }
                    }
                }
            }
        }
    }
}
