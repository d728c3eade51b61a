//! What a host does wrong beside what its dialect says: written in a scenario's file, laid over the dialect's answer.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use serde::Deserialize;

use super::wire::{Answer, Endpoint, IncomingRequest};

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
    /// Send the answer with this status and otherwise as it is: part of a blob as `200`.
    relabel: Option<u16>,
    /// Header lines that are put in the place of those of the same name. `{path}` is the path of the request.
    #[serde(default)]
    set: BTreeMap<String, String>,
    /// Header lines after those of the same name.
    #[serde(default)]
    add: BTreeMap<String, String>,
    /// Header lines that are left out. Without its `Content-Length` a body is sent in chunks.
    #[serde(default)]
    remove: Vec<String>,
    /// Number of bytes by which the announced `Content-Length` exceeds the body; negative if it falls short. For `HEAD`,
    /// whose length no body contradicts.
    length_off_by: Option<i64>,
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
    /// Only one request in so many, the first included: one of several servers behind a name has the fault.
    every: Option<u64>,
    /// Counts the requests that `every` chooses from.
    #[serde(skip)]
    turns: Turns,
}

/// A count of requests. A clone counts from zero, so that each lab begins with the first.
#[derive(Debug, Default)]
struct Turns(AtomicU64);

impl Clone for Turns {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Turns {
    /// The number of requests counted before this one.
    fn take(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }
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
    /// Keeps the first half and announces its length, as a cache that stored a broken download.
    Short,
    /// Overwrites it with zeros, as a file system that lost the data and kept the length.
    Zero,
}

/// What becomes of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fate {
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

    fn befalls(&self, request: &IncomingRequest) -> bool {
        self.names(request) && self.every.is_none_or(|every| self.turns.take().is_multiple_of(every.max(1)))
    }

    /// Whether the request is one of those that the pattern describes.
    fn names(&self, request: &IncomingRequest) -> bool {
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
    ) -> Fate {
        if self.close {
            return Fate::Close;
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
            answer.tells_length &= !name.eq_ignore_ascii_case("content-length");
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
        Fate::Answer(answer)
    }
}

/// A request as it reaches the host, without the headers that are lost on the way.
pub(super) fn received<'a>(faults: &[Fault], request: &'a IncomingRequest) -> Cow<'a, IncomingRequest> {
    let mut received = Cow::Borrowed(request);
    for fault in faults.iter().filter(|fault| !fault.forget.is_empty() && fault.names(request)) {
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
    request: &IncomingRequest,
    answer: Answer,
    address_in_storage: &dyn Fn() -> Option<String>,
) -> Fate {
    let mut reply = Fate::Answer(answer);
    for fault in faults.iter().filter(|fault| fault.befalls(request)) {
        reply = match reply {
            Fate::Answer(answer) => fault.apply(request, answer, address_in_storage),
            Fate::Close => Fate::Close,
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
    fn a_fault_befalls_only_what_it_names() {
        let faults = [fault("to = \"HEAD manifest v1\"\nstatus = 405\nbody = \"no\"")];
        let answer = || Answer::with_body(200, "text/plain", "yes");
        let of = |method, path| spoil(&faults, &request(method, path), answer(), &|| None);
        assert_eq!(of(http::Method::GET, "/v2/a/manifests/v1"), Fate::Answer(answer()));
        assert_eq!(of(http::Method::HEAD, "/v2/a/manifests/v2"), Fate::Answer(answer()));
        let refused = Answer { body: "no".into(), ..Answer::new(405) };
        assert_eq!(of(http::Method::HEAD, "/v2/a/manifests/v1"), Fate::Answer(refused));
    }

    #[test]
    fn headers_can_be_asked_for() {
        let faults = [fault("to = \"any blob\"\nwith = \"authorization: Bearer\"\nclose = true")];
        let mut asked = request(http::Method::GET, "/v2/a/blobs/sha256:0");
        let of = |asked: &IncomingRequest| spoil(&faults, asked, Answer::new(200), &|| None);
        assert_eq!(of(&asked), Fate::Answer(Answer::new(200)));
        asked.headers.insert("authorization", "Bearer t".parse().unwrap());
        assert_eq!(of(&asked), Fate::Close);
    }

    #[test]
    fn the_length_is_a_header_like_others() {
        let faults = [fault("to = \"HEAD manifest\"\nremove = [\"Content-Length\"]")];
        let of = |method| spoil(&faults, &request(method, "/v2/a/manifests/v1"), Answer::new(200), &|| None);
        assert_eq!(of(http::Method::HEAD), Fate::Answer(Answer::new(200).chunked()));
        assert_eq!(of(http::Method::GET), Fate::Answer(Answer::new(200)));
    }

    #[test]
    fn head_can_announce_another_length_than_the_body_has() {
        let faults = [fault("to = \"HEAD manifest\"\nlength-off-by = 1249")];
        let answer = Answer::with_body(200, "text/plain", "four");
        let request = request(http::Method::HEAD, "/v2/a/manifests/v1");
        let Fate::Answer(spoiled) = spoil(&faults, &request, answer, &|| None) else { panic!("not closed") };
        assert_eq!((spoiled.get("content-length"), &spoiled.body[..]), (Some("1253"), &b"four"[..]));
    }

    #[test]
    fn part_of_a_blob_can_be_sent_as_the_whole() {
        let faults = [fault("to = \"GET blob\"\nrelabel = 200")];
        let part = Answer::with_body(206, "text/plain", "four").header("Content-Range", "bytes 0-3/8");
        let request = request(http::Method::GET, "/v2/a/blobs/sha256:0");
        let sent = spoil(&faults, &request, part.clone(), &|| None);
        assert_eq!(sent, Fate::Answer(Answer { status: 200, ..part }));
    }

    #[test]
    fn redirect_can_depend_on_the_path() {
        let faults = [fault("to = \"any manifest\"\nstatus = 301\nset.Location = \"{path}/\"")];
        let request = request(http::Method::GET, "/v2/a/manifests/v1");
        let Fate::Answer(sent) = spoil(&faults, &request, Answer::new(200), &|| None) else { panic!("not closed") };
        assert_eq!(sent.get("location"), Some("/v2/a/manifests/v1/"));
    }

    #[test]
    fn added_header_stands_after_those_of_its_name() {
        let faults = [fault("to = \"any base\"\nadd.www-authenticate = \"Basic realm=\\\"r\\\"\"")];
        let answer = Answer::new(401).header("WWW-Authenticate", "Negotiate");
        let request = request(http::Method::GET, "/v2/");
        let Fate::Answer(sent) = spoil(&faults, &request, answer, &|| None) else { panic!("not closed") };
        let values: Vec<_> = sent.headers.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["Negotiate", "Basic realm=\"r\""]);
    }

    #[test]
    fn one_of_two_servers_can_have_the_fault() {
        let faults = [fault("to = \"any manifest\"\nstatus = 404\nevery = 2")];
        let statuses = |faults: &[Fault]| {
            let request = request(http::Method::GET, "/v2/a/manifests/v1");
            [(); 4].map(|()| match spoil(faults, &request, Answer::new(200), &|| None) {
                Fate::Answer(answer) => answer.status,
                Fate::Close => 0,
            })
        };
        assert_eq!(statuses(&faults), [404, 200, 404, 200]);
        spoil(&faults, &request(http::Method::GET, "/v2/a/manifests/v1"), Answer::new(200), &|| None);
        assert_eq!(statuses(&faults.clone()), [404, 200, 404, 200]);
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
                Fate::Answer(answer) => answer,
                Fate::Close => panic!("not closed"),
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
