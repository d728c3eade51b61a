//! What a host does wrong beside what its dialect says: written in a scenario's file, laid over the dialect's answer.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use serde::Deserialize;

use super::wire::{Answer, Endpoint, Request};

/// One fault: which requests it befalls, and what becomes of their answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Fault {
    /// The requests, as `METHOD ENDPOINT REFERENCE`: `HEAD manifest`, `GET blob sha256:…`, `any any`. The reference may
    /// be left out and then is any.
    to: String,
    /// Only requests with this header, or with this text in it: `authorization`, `accept: text/html`.
    with: Option<String>,
    /// Only requests without it.
    without: Option<String>,
    /// Headers of the request that do not reach the host, because somebody on the way drops them.
    #[serde(default)]
    forget: Vec<String>,
    /// Answer with this status instead, and with the headers and the body that stand here.
    status: Option<u16>,
    /// Header lines that are put in the place of those of the same name.
    #[serde(default)]
    set: BTreeMap<String, String>,
    /// Header lines that are left out. Without its `Content-Length` a body is sent in chunks.
    #[serde(default)]
    remove: Vec<String>,
    /// The body instead.
    body: Option<String>,
    /// What is done to the body.
    alter: Option<Alteration>,
    /// Send on (307, where no status stands here) to the storage that the host is `of`, with an address that is signed
    /// for `GET` whatever was asked.
    #[serde(default)]
    to_storage: bool,
    /// Close the connection without a word.
    #[serde(default)]
    close: bool,
}

/// What somebody between a registry and its client does to a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Alteration {
    /// Compresses it, and says so.
    Gzip,
    /// Compresses it, and does not say so.
    SilentGzip,
    /// Adds a line feed.
    LineFeed,
    /// Writes the JSON anew, without white space.
    Rewrite,
    /// Changes one byte of it in the middle.
    OneByte,
    /// Breaks the connection after half of it.
    Half,
}

/// What becomes of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// It is sent.
    Answer(Answer),
    /// The connection is closed instead.
    Close,
}

impl Fault {
    /// Whether the pattern of requests can be understood at all.
    #[cfg(test)]
    pub(super) fn makes_sense(&self) -> bool {
        let words: Vec<_> = self.to.split(' ').collect();
        let endpoints = ["any", "base", "manifest", "blob", "tags", "referrers", "catalog", "other"];
        matches!(words.len(), 2 | 3) && endpoints.contains(&words[1]) && matches!(words[0], "GET" | "HEAD" | "any")
    }

    fn befalls(&self, request: &Request) -> bool {
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

    fn apply(&self, mut answer: Answer, address_in_storage: &dyn Fn() -> Option<String>) -> Reply {
        if self.close {
            return Reply::Close;
        }
        if let Some(status) = self.status {
            answer = Answer::new(status);
        }
        if let Some(address) = self.to_storage.then(address_in_storage).flatten() {
            answer = Answer::new(self.status.unwrap_or(307)).header("Location", address);
        }
        for name in &self.remove {
            answer.remove(name);
            answer.tells_length &= !name.eq_ignore_ascii_case("content-length");
        }
        for (name, value) in &self.set {
            answer.set(name, value);
        }
        if let Some(body) = &self.body {
            answer.body = Bytes::from(body.clone());
        }
        if let Some(alteration) = self.alter {
            alteration.apply(&mut answer);
        }
        Reply::Answer(answer)
    }
}

/// A request as it reaches the host, without the headers that are lost on the way.
pub(super) fn received<'a>(faults: &[Fault], request: &'a Request) -> Cow<'a, Request> {
    let mut received = Cow::Borrowed(request);
    for fault in faults.iter().filter(|fault| !fault.forget.is_empty() && fault.befalls(request)) {
        for name in &fault.forget {
            received.to_mut().headers.remove(name.as_str());
        }
    }
    received
}

/// What is left of an answer after every fault that befalls the request. `address_in_storage` is where what was asked
/// for can be fetched from the host's storage.
pub(super) fn spoil(
    faults: &[Fault],
    request: &Request,
    answer: Answer,
    address_in_storage: &dyn Fn() -> Option<String>,
) -> Reply {
    let mut reply = Reply::Answer(answer);
    for fault in faults.iter().filter(|fault| fault.befalls(request)) {
        reply = match reply {
            Reply::Answer(answer) => fault.apply(answer, address_in_storage),
            Reply::Close => Reply::Close,
        };
    }
    reply
}

fn has_header(request: &Request, wanted: &str) -> bool {
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

    fn request(method: http::Method, path: &str) -> Request {
        Request { method, path: path.to_owned(), query: String::new(), headers: http::HeaderMap::new() }
    }

    #[test]
    fn a_fault_befalls_only_what_it_names() {
        let faults = [fault("to = \"HEAD manifest v1\"\nstatus = 405\nbody = \"no\"")];
        let answer = || Answer::with_body(200, "text/plain", "yes");
        let of = |method, path| spoil(&faults, &request(method, path), answer(), &|| None);
        assert_eq!(of(http::Method::GET, "/v2/a/manifests/v1"), Reply::Answer(answer()));
        assert_eq!(of(http::Method::HEAD, "/v2/a/manifests/v2"), Reply::Answer(answer()));
        let refused = Answer { body: "no".into(), ..Answer::new(405) };
        assert_eq!(of(http::Method::HEAD, "/v2/a/manifests/v1"), Reply::Answer(refused));
    }

    #[test]
    fn headers_can_be_asked_for() {
        let faults = [fault("to = \"any blob\"\nwith = \"authorization: Bearer\"\nclose = true")];
        let mut asked = request(http::Method::GET, "/v2/a/blobs/sha256:0");
        let of = |asked: &Request| spoil(&faults, asked, Answer::new(200), &|| None);
        assert_eq!(of(&asked), Reply::Answer(Answer::new(200)));
        asked.headers.insert("authorization", "Bearer t".parse().unwrap());
        assert_eq!(of(&asked), Reply::Close);
    }

    #[test]
    fn the_length_is_a_header_like_others() {
        let faults = [fault("to = \"HEAD manifest\"\nremove = [\"Content-Length\"]")];
        let of = |method| spoil(&faults, &request(method, "/v2/a/manifests/v1"), Answer::new(200), &|| None);
        assert_eq!(of(http::Method::HEAD), Reply::Answer(Answer::new(200).chunked()));
        assert_eq!(of(http::Method::GET), Reply::Answer(Answer::new(200)));
    }

    #[test]
    fn headers_can_be_lost_on_the_way() {
        let faults = [fault("to = \"HEAD manifest\"\nforget = [\"accept\"]")];
        let mut asked = request(http::Method::HEAD, "/v2/a/manifests/v1");
        asked.headers.insert("accept", "text/plain".parse().unwrap());
        assert!(received(&faults, &asked).accept().is_empty());
        asked.method = http::Method::GET;
        assert_eq!(received(&faults, &asked).accept(), ["text/plain"]);
    }

    #[test]
    fn bodies_are_altered_as_somebody_on_the_way_would() {
        let altered = |how: &str| {
            let text = format!("to = \"any any\"\nalter = \"{how}\"");
            let answer = Answer::with_body(200, "application/json", "{ \"a\": 1 }");
            match spoil(&[fault(&text)], &request(http::Method::GET, "/"), answer, &|| None) {
                Reply::Answer(answer) => answer,
                Reply::Close => panic!("not closed"),
            }
        };
        assert_eq!(altered("rewrite").body, "{\"a\":1}");
        assert_eq!(altered("line-feed").body, "{ \"a\": 1 }\n");
        assert_eq!(altered("half").cut, Some(5));
        assert_eq!(altered("gzip").get("content-encoding"), Some("gzip"));
        assert_eq!(&altered("silent-gzip").body[..2], [0x1f, 0x8b]);
    }
}
