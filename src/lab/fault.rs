//! Faults of a host, which a scenario's file adds to the answers of its dialect.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use serde::Deserialize;

use super::wire::{Answer, Endpoint, IncomingRequest};

/// One fault: the requests that it applies to, and the changes to their answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Fault {
    /// The requests, as `METHOD ENDPOINT REFERENCE`: `HEAD manifest`, `GET blob sha256:…`, `any any`. Without a
    /// reference it applies to any.
    to: String,
    /// Only requests with this header, or with this text in it: `authorization`, `accept: text/html`.
    with: Option<String>,
    /// Only requests without this header, or without this text in it.
    without: Option<String>,
    /// Headers of the request that do not reach the host, because a proxy drops them.
    #[serde(default)]
    forget: Vec<String>,
    /// Answer with this status instead, and only with the headers and the body of this fault.
    status: Option<u16>,
    /// Send the answer with this status and otherwise unchanged: part of a blob as `200`.
    relabel: Option<u16>,
    /// Headers that replace those with the same name. `{path}` is the path of the request.
    #[serde(default)]
    set: BTreeMap<String, String>,
    /// Headers to add after those with the same name.
    #[serde(default)]
    add: BTreeMap<String, String>,
    /// Headers to remove. Without its `Content-Length` a body is sent in chunks.
    #[serde(default)]
    remove: Vec<String>,
    /// The number of bytes by which the `Content-Length` exceeds the body; negative if it falls short. For `HEAD`,
    /// which has no body to contradict it.
    length_off_by: Option<i64>,
    /// The body to send instead.
    body: Option<String>,
    /// The change to the body.
    alter: Option<Alteration>,
    /// Redirect (with 307, unless `status` is set) to the storage that the host is `of`, with a URL that is signed for
    /// `GET`, whatever the method.
    #[serde(default)]
    to_storage: bool,
    /// Close the connection without an answer.
    #[serde(default)]
    close: bool,
    /// Only one request in so many, beginning with the first: one of several servers behind a name has the fault.
    every: Option<u64>,
    /// The count of requests that `every` chooses from.
    #[serde(skip)]
    turns: Turns,
}

/// A count of requests. A clone counts from zero, so that each lab starts anew.
#[derive(Debug, Default)]
struct Turns(AtomicU64);

impl Clone for Turns {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Turns {
    /// Counts a request, and returns the number of those before it.
    fn take(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
}

/// A change to a body by a middlebox or a broken storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Alteration {
    /// Compresses it, with a `Content-Encoding`.
    Gzip,
    /// Compresses it, without a `Content-Encoding`.
    SilentGzip,
    /// Adds a line feed.
    LineFeed,
    /// Serializes the JSON again, without whitespace.
    Rewrite,
    /// Changes one byte in the middle.
    OneByte,
    /// Breaks the connection after half of the body.
    Half,
    /// Keeps the first half and its length, like a cache that stored a broken download.
    Short,
    /// Overwrites it with zeros, like a file system that lost the data and kept the length.
    Zero,
}

/// The outcome of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// An answer is sent.
    Answer(Answer),
    /// The connection is closed without an answer.
    Close,
}

impl Fault {
    /// Returns whether the pattern of requests is valid.
    #[cfg(test)]
    pub(super) fn is_valid(&self) -> bool {
        let words: Vec<_> = self.to.split(' ').collect();
        let endpoints = ["any", "base", "manifest", "blob", "tags", "referrers", "catalog", "other"];
        matches!(words.len(), 2 | 3) && endpoints.contains(&words[1]) && matches!(words[0], "GET" | "HEAD" | "any")
    }

    fn applies_to(&self, request: &IncomingRequest) -> bool {
        self.matches(request) && self.every.is_none_or(|every| self.turns.take().is_multiple_of(every.max(1)))
    }

    /// Returns whether the request matches the pattern.
    fn matches(&self, request: &IncomingRequest) -> bool {
        let mut words = self.to.split(' ');
        let method = words.next().unwrap_or_default();
        let endpoint = words.next().unwrap_or_default();
        let (name, reference) = match request.endpoint() {
            Endpoint::Base => ("base", ""),
            Endpoint::Manifest { reference, .. } => ("manifest", reference),
            Endpoint::Blob { digest, .. } => ("blob", digest),
            Endpoint::Tags { .. } => ("tags", ""),
            Endpoint::Referrers { digest, .. } => ("referrers", digest),
            Endpoint::Catalog => ("catalog", ""),
            Endpoint::Other => ("other", request.path.as_str()),
        };
        (method == "any" || method == request.method.as_str())
            && (endpoint == "any" || endpoint == name)
            && words.next().is_none_or(|wanted| wanted == reference)
            && self.with.as_deref().is_none_or(|header| has_header(request, header))
            && !self.without.as_deref().is_some_and(|header| has_header(request, header))
    }

    fn apply(
        &self,
        request: &IncomingRequest,
        mut answer: Answer,
        address_in_storage: &dyn Fn() -> Option<String>,
    ) -> Outcome {
        if self.close {
            return Outcome::Close;
        }
        if let Some(status) = self.status {
            answer = Answer::new(status);
        }
        if let Some(status) = self.relabel {
            answer.status = status;
        }
        if let Some(address) = self.to_storage.then(address_in_storage).flatten() {
            answer = Answer::new(self.status.unwrap_or(307)).header("Location", address);
        }
        for name in &self.remove {
            answer.remove(name);
            answer.has_length &= !name.eq_ignore_ascii_case("content-length");
        }
        for (name, value) in &self.set {
            answer.set(name, value.replace("{path}", &request.path));
        }
        for (name, value) in &self.add {
            answer.headers.push((Cow::Owned(name.clone()), value.clone()));
        }
        if let Some(body) = &self.body {
            answer.body = Bytes::from(body.clone());
        }
        if let Some(alteration) = self.alter {
            alteration.apply(&mut answer);
        }
        if let Some(difference) = self.length_off_by {
            let announced = (answer.body.len() as u64).saturating_add_signed(difference);
            answer.set("Content-Length", announced.to_string());
        }
        Outcome::Answer(answer)
    }
}

/// The request as it reaches the host, without the headers that a fault drops.
pub(super) fn received<'a>(faults: &[Fault], request: &'a IncomingRequest) -> Cow<'a, IncomingRequest> {
    let mut received = Cow::Borrowed(request);
    for fault in faults.iter().filter(|fault| !fault.forget.is_empty() && fault.matches(request)) {
        for name in &fault.forget {
            received.to_mut().headers.remove(name.as_str());
        }
    }
    received
}

/// Applies every fault for the request to an answer. `address_in_storage` returns the signed URL of the requested
/// object in the host's storage.
pub(super) fn with_faults(
    faults: &[Fault],
    request: &IncomingRequest,
    answer: Answer,
    address_in_storage: &dyn Fn() -> Option<String>,
) -> Outcome {
    let mut reply = Outcome::Answer(answer);
    for fault in faults.iter().filter(|fault| fault.applies_to(request)) {
        reply = match reply {
            Outcome::Answer(answer) => fault.apply(request, answer, address_in_storage),
            Outcome::Close => Outcome::Close,
        };
    }
    reply
}

fn has_header(request: &IncomingRequest, wanted: &str) -> bool {
    let (name, text) = wanted.split_once(": ").unwrap_or((wanted, ""));
    let mut lines = request.headers.get_all(name).iter().filter_map(|line| line.to_str().ok());
    lines.any(|line| line.contains(text))
}

impl Alteration {
    fn apply(self, answer: &mut Answer) {
        let body = answer.body.to_vec();
        match self {
            Self::Gzip => {
                answer.body = gzip(&body).into();
                answer.set("Content-Encoding", "gzip");
            }
            Self::SilentGzip => answer.body = gzip(&body).into(),
            Self::LineFeed => answer.body = [&body[..], b"\n"].concat().into(),
            Self::Rewrite => {
                let document: Option<serde_json::Value> = serde_json::from_slice(&body).ok();
                answer.body = document.map_or(body, |document| document.to_string().into_bytes()).into();
            }
            Self::OneByte => {
                let mut body = body;
                let middle = body.len() / 2;
                if let Some(byte) = body.get_mut(middle) {
                    *byte ^= 1;
                }
                answer.body = body.into();
            }
            Self::Half => answer.cut = Some(body.len() / 2),
            Self::Short => answer.body = answer.body.slice(..body.len() / 2),
            Self::Zero => answer.body = vec![0; body.len()].into(),
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        toml::from_str(text).unwrap()
    }

    fn request(method: http::Method, path: &str) -> IncomingRequest {
        IncomingRequest { method, path: path.to_owned(), query: String::new(), headers: http::HeaderMap::new() }
    }

    #[test]
    fn fault_applies_only_to_matching_requests() {
        let faults = [fault("to = \"HEAD manifest v1\"\nstatus = 405\nbody = \"no\"")];
        let answer = || Answer::with_body(200, "text/plain", "yes");
        let of = |method, path| with_faults(&faults, &request(method, path), answer(), &|| None);
        assert_eq!(of(http::Method::GET, "/v2/a/manifests/v1"), Outcome::Answer(answer()));
        assert_eq!(of(http::Method::HEAD, "/v2/a/manifests/v2"), Outcome::Answer(answer()));
        let refused = Answer { body: "no".into(), ..Answer::new(405) };
        assert_eq!(of(http::Method::HEAD, "/v2/a/manifests/v1"), Outcome::Answer(refused));
    }

    #[test]
    fn fault_can_depend_on_a_header() {
        let faults = [fault("to = \"any blob\"\nwith = \"authorization: Bearer\"\nclose = true")];
        let mut asked = request(http::Method::GET, "/v2/a/blobs/sha256:0");
        let of = |asked: &IncomingRequest| with_faults(&faults, asked, Answer::new(200), &|| None);
        assert_eq!(of(&asked), Outcome::Answer(Answer::new(200)));
        asked.headers.insert("authorization", "Bearer t".parse().unwrap());
        assert_eq!(of(&asked), Outcome::Close);
    }

    #[test]
    fn content_length_can_be_removed() {
        let faults = [fault("to = \"HEAD manifest\"\nremove = [\"Content-Length\"]")];
        let of = |method| with_faults(&faults, &request(method, "/v2/a/manifests/v1"), Answer::new(200), &|| None);
        assert_eq!(of(http::Method::HEAD), Outcome::Answer(Answer::new(200).chunked()));
        assert_eq!(of(http::Method::GET), Outcome::Answer(Answer::new(200)));
    }

    #[test]
    fn head_can_report_another_length_than_the_body() {
        let faults = [fault("to = \"HEAD manifest\"\nlength-off-by = 1249")];
        let answer = Answer::with_body(200, "text/plain", "four");
        let request = request(http::Method::HEAD, "/v2/a/manifests/v1");
        let Outcome::Answer(changed) = with_faults(&faults, &request, answer, &|| None) else { panic!("not closed") };
        assert_eq!((changed.get("content-length"), &changed.body[..]), (Some("1253"), &b"four"[..]));
    }

    #[test]
    fn part_of_a_blob_can_be_sent_as_the_whole() {
        let faults = [fault("to = \"GET blob\"\nrelabel = 200")];
        let part = Answer::with_body(206, "text/plain", "four").header("Content-Range", "bytes 0-3/8");
        let request = request(http::Method::GET, "/v2/a/blobs/sha256:0");
        let sent = with_faults(&faults, &request, part.clone(), &|| None);
        assert_eq!(sent, Outcome::Answer(Answer { status: 200, ..part }));
    }

    #[test]
    fn redirect_can_depend_on_the_path() {
        let faults = [fault("to = \"any manifest\"\nstatus = 301\nset.Location = \"{path}/\"")];
        let request = request(http::Method::GET, "/v2/a/manifests/v1");
        let Outcome::Answer(sent) = with_faults(&faults, &request, Answer::new(200), &|| None) else {
            panic!("not closed")
        };
        assert_eq!(sent.get("location"), Some("/v2/a/manifests/v1/"));
    }

    #[test]
    fn added_header_comes_after_those_with_its_name() {
        let faults = [fault("to = \"any base\"\nadd.www-authenticate = \"Basic realm=\\\"r\\\"\"")];
        let answer = Answer::new(401).header("WWW-Authenticate", "Negotiate");
        let request = request(http::Method::GET, "/v2/");
        let Outcome::Answer(sent) = with_faults(&faults, &request, answer, &|| None) else { panic!("not closed") };
        let values: Vec<_> = sent.headers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["Negotiate", "Basic realm=\"r\""]);
    }

    #[test]
    fn one_of_two_servers_can_have_the_fault() {
        let faults = [fault("to = \"any manifest\"\nstatus = 404\nevery = 2")];
        let statuses = |faults: &[Fault]| {
            let request = request(http::Method::GET, "/v2/a/manifests/v1");
            [(); 4].map(|()| match with_faults(faults, &request, Answer::new(200), &|| None) {
                Outcome::Answer(answer) => answer.status,
                Outcome::Close => 0,
            })
        };
        assert_eq!(statuses(&faults), [404, 200, 404, 200]);
        with_faults(&faults, &request(http::Method::GET, "/v2/a/manifests/v1"), Answer::new(200), &|| None);
        assert_eq!(statuses(&faults.clone()), [404, 200, 404, 200]);
    }

    #[test]
    fn request_headers_can_be_dropped() {
        let faults = [fault("to = \"HEAD manifest\"\nforget = [\"accept\"]")];
        let mut asked = request(http::Method::HEAD, "/v2/a/manifests/v1");
        asked.headers.insert("accept", "text/plain".parse().unwrap());
        assert!(received(&faults, &asked).accept().is_empty());
        asked.method = http::Method::GET;
        assert_eq!(received(&faults, &asked).accept(), ["text/plain"]);
    }

    #[test]
    fn bodies_can_be_altered() {
        let altered = |how: &str| {
            let text = format!("to = \"any any\"\nalter = \"{how}\"");
            let answer = Answer::with_body(200, "application/json", "{ \"a\": 1 }");
            match with_faults(&[fault(&text)], &request(http::Method::GET, "/"), answer, &|| None) {
                Outcome::Answer(answer) => answer,
                Outcome::Close => panic!("not closed"),
            }
        };
        assert_eq!(altered("rewrite").body, "{\"a\":1}");
        assert_eq!(altered("line-feed").body, "{ \"a\": 1 }\n");
        assert_eq!(altered("half").cut, Some(5));
        assert_eq!((altered("short").body, altered("short").cut), ("{ \"a\"".into(), None));
        assert_eq!(altered("zero").body, [0; 10].to_vec());
        assert_eq!(altered("gzip").get("content-encoding"), Some("gzip"));
        assert_eq!(&altered("silent-gzip").body[..2], [0x1f, 0x8b]);
    }
}
