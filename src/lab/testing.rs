//! For the tests of dialects: a scenario that is asked without sockets, and captures that its answers must reproduce.

use super::fault::Fate;
use super::host::World;
use super::scenario::{read, scenario};
use super::wire::{Answer, IncomingRequest};

/// A scenario whose hosts can be asked.
pub(super) struct Asked(World);

/// The scenario of this name.
pub(super) fn in_scenario(name: &str) -> Asked {
    Asked(World::of(scenario(name).unwrap_or_else(|error| panic!("{error}"))))
}

/// Hosts that no scenario has, written as in a scenario's file.
pub(super) fn with_hosts(hosts: &str) -> Asked {
    let about = "title = \"\"\nregistry = \"\"\nyear = \"\"\nknown = \"inferred\"\nsources = []\nstory = \"\"\nlook = []\n\
                 reference = \"\"\nexit = 0\n";
    Asked(World::of(&read(&format!("{about}{hosts}")).expect("hosts as in a scenario's file")))
}

impl Asked {
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
            Fate::Answer(answer) => answer,
            Fate::Close => panic!("the connection is closed"),
        }
    }

    /// A token for pulling from a repository, fetched from this token service (its address without a query).
    #[track_caller]
    pub fn token(&self, realm: &str, repository: &str) -> String {
        self.token_for("", realm, repository)
    }

    /// The same, where the token service wants to know for which service.
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
    /// The first header of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Checks the answer against what was captured: a status line, header lines, an empty line, and the body.
    ///
    /// Every captured header must be there; one whose value is `*` (an id) with any value. A header of ours that was
    /// not captured fails unless the captured headers end with `...`. A captured body that ends with `...` need only
    /// begin like this. A line feed at the end of the body is written as `⏎`, for it is easily lost.
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
            if name == "content-length" && self.tells_length && self.get(name).is_none() {
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
