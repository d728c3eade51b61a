//! Support for the tests of dialects: a scenario without sockets, and a comparison of its answers with captures.

use super::fault::Outcome;
use super::host::World;
use super::scenario::{read, scenario};
use super::wire::{Answer, IncomingRequest};

/// A scenario that answers requests without sockets.
pub(super) struct TestLab(World);

/// Builds the scenario with this name.
pub(super) fn in_scenario(name: &str) -> TestLab {
    TestLab(World::of(scenario(name).unwrap_or_else(|error| panic!("{error}"))))
}

/// Builds hosts of a test's own, written as in a scenario's file.
pub(super) fn with_hosts(hosts: &str) -> TestLab {
    let about = "title = \"\"\nregistry = \"\"\nyear = \"\"\nknown = \"inferred\"\nsources = []\nstory = \"\"\nlook = []\n\
                 reference = \"\"\nexit = 0\n";
    TestLab(World::of(&read(&format!("{about}{hosts}")).expect("hosts as in a scenario's file")))
}

impl TestLab {
    /// The answer to a request such as `GET https://gcr.io/v2/`, with these headers.
    #[track_caller]
    pub fn to(&self, request: &str, headers: &[(&str, &str)]) -> Answer {
        let (method, url) = request.split_once(' ').expect("METHOD URL");
        let url = url::Url::parse(url).expect("a URL");
        let name = match url.port() {
            Some(port) => format!("{}:{port}", url.host_str().unwrap_or_default()),
            None => url.host_str().unwrap_or_default().to_owned(),
        };
        let host = self.0.host(&name).unwrap_or_else(|| panic!("the scenario has no host {name}"));
        let mut request = IncomingRequest {
            method: method.parse().expect("a method"),
            path: url.path().to_owned(),
            query: url.query().unwrap_or_default().to_owned(),
            headers: http::HeaderMap::new(),
        };
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().expect("a header name");
            request.headers.append(name, value.parse().expect("a header value"));
        }
        match self.0.reply(host, &request) {
            Outcome::Answer(answer) => answer,
            Outcome::Close => panic!("the connection is closed"),
        }
    }

    /// A pull token for a repository, fetched from this token service (its URL without a query).
    #[track_caller]
    pub fn token(&self, realm: &str, repository: &str) -> String {
        self.token_for("", realm, repository)
    }

    /// A pull token for a repository, from a token service that requires the `service` parameter.
    #[track_caller]
    pub fn token_for(&self, service: &str, realm: &str, repository: &str) -> String {
        let query = format!("service={service}&scope=repository:{repository}:pull");
        let answer = self.to(&format!("GET {realm}?{query}"), &[]);
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("{answer:?}"));
        let token = body["token"].as_str().or(body["access_token"].as_str());
        format!("Bearer {}", token.unwrap_or_else(|| panic!("no token: {answer:?}")))
    }
}

impl Answer {
    /// The first header with this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Compares the answer with a capture: a status line, header lines, an empty line, and the body.
    ///
    /// Every captured header must be there; `*` (for an id) matches any value. A header of ours that was not captured
    /// fails unless the captured headers end with `...`. A captured body that ends with `...` only has to match the
    /// beginning. A line feed at the end of the body is written as `⏎`, to make it visible.
    #[track_caller]
    pub fn assert_reproduces(&self, capture: &str) {
        let (head, body) = capture.split_once("\n\n").unwrap_or((capture, ""));
        let mut lines = head.lines().map(str::trim).filter(|line| !line.is_empty());
        let status = lines.next().and_then(|line| line.split(' ').find_map(|word| word.parse::<u16>().ok()));
        assert_eq!(Some(self.status), status, "{self:?}");
        let mut some_only = false;
        let mut captured = Vec::new();
        for line in lines {
            match line.split_once(':') {
                _ if line == "..." => some_only = true,
                Some((name, value)) => captured.push((name.to_ascii_lowercase(), value.trim())),
                None => panic!("not a header line: {line}"),
            }
        }
        let ours = |name: &str| -> Vec<String> {
            if name == "content-length" && self.has_length && self.get(name).is_none() {
                return vec![self.body.len().to_string()];
            }
            let same = self.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
            same.map(|(_, value)| value.clone()).collect()
        };
        for (name, value) in &captured {
            let found = ours(name);
            assert!(found.iter().any(|found| *value == "*" || found == value), "{name}: {value}\nis not in {self:?}");
        }
        if !some_only {
            for (name, value) in &self.headers {
                let known = captured.iter().any(|(other, _)| name.eq_ignore_ascii_case(other));
                assert!(known, "{name}: {value}\nwas not captured");
            }
        }
        let text = String::from_utf8_lossy(&self.body).replace('\n', "⏎");
        let body = body.trim_end_matches('\n').replace('\n', "⏎").replace("⏎⏎", "⏎");
        match body.strip_suffix("...") {
            Some(beginning) => assert!(text.starts_with(beginning), "{text}\ndoes not begin with\n{beginning}"),
            None => assert_eq!(text, body),
        }
    }
}
