//! What is asked: all content with all `Accept` headers, and everything else that a client could ask for.

mod setups;

use std::collections::BTreeSet;

use ociscope::internals::{Piece, pieces};

use crate::support::content::media_type::DOCKER_V2;
use crate::support::recording::VARIANTS;

pub use setups::{CACHED, of_a_cache, with_passwords, with_tokens};

/// A request, the same to both.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub headers: Vec<(&'static str, String)>,
    pub credential: Credential,
}

/// Who asks. Each registry has its own tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Credential {
    Nobody,
    /// A token for pulling from this repository.
    Token(&'static str),
    /// A token that was good once.
    ExpiredToken(&'static str),
    /// The name and the password that are right.
    Password,
}

/// A request without anything else.
pub fn ask(method: &'static str, path: impl Into<String>) -> Request {
    Request { method, path: path.into(), headers: Vec::new(), credential: Credential::Nobody }
}

impl Request {
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn by(self, credential: Credential) -> Self {
        Self { credential, ..self }
    }
}

/// The repository of a piece of content. A docker v1 image says itself where it belongs.
pub fn repository_of(content: &str) -> String {
    if content == "schema1-signed" { "legacy/greeting".to_owned() } else { format!("lab/{content}") }
}

/// The repository that is asked about where the content does not matter, and what is in it.
pub const REPOSITORY: &str = "lab/docker-image";

/// A path below that repository.
fn under(path: &str) -> String {
    format!("/v2/{REPOSITORY}/{path}")
}

/// What is stored of this content.
pub fn parts(name: &str) -> Vec<Piece> {
    pieces(name).unwrap_or_else(|| panic!("there is no content {name}"))
}

/// A blob of that repository: its layer, the one of the two that is no JSON.
pub fn layer() -> Piece {
    let found = parts("docker-image").into_iter().find(|piece| piece.media_type.is_none() && piece.bytes[0] != b'{');
    found.expect("a layer")
}

fn image() -> Piece {
    parts("docker-image").pop().expect("the document")
}

fn with_each_accept(method: &'static str, path: &str) -> impl Iterator<Item = Request> {
    VARIANTS.iter().map(move |variant| {
        let ask = ask(method, path);
        variant.lines.iter().fold(ask, |ask, line| ask.with("Accept", *line))
    })
}

/// A document that is too long to be sent again and again.
const LONG: usize = 1 << 20;

/// Of how many documents and blobs of one content everything is asked: the hundredth image of an index teaches nothing.
const PARTS: usize = 20;

/// Everything that is asked of one kind of content.
pub fn about_content(name: &str) -> Vec<Request> {
    let repository = repository_of(name);
    let parts = parts(name);
    let root = parts.last().expect("a document");
    let mut requests = Vec::new();
    let mut seen = BTreeSet::new();
    for part in parts.iter().rev().filter(|part| seen.insert(&part.digest)).take(PARTS) {
        let digest = &part.digest;
        let manifest = format!("/v2/{repository}/manifests/{digest}");
        let blob = format!("/v2/{repository}/blobs/{digest}");
        requests.extend(["GET", "HEAD"].map(|method| ask(method, &blob)));
        if part.bytes.len() > LONG {
            requests.extend(["GET", "HEAD"].map(|method| ask(method, &manifest)));
        } else if part.media_type.is_some() {
            requests.extend(["GET", "HEAD"].into_iter().flat_map(|method| with_each_accept(method, &manifest)));
        } else {
            requests.push(ask("GET", &manifest));
        }
    }
    let tag = format!("/v2/{repository}/manifests/latest");
    if root.bytes.len() > LONG {
        requests.extend(["GET", "HEAD"].map(|method| ask(method, &tag)));
    } else {
        requests.extend(["GET", "HEAD"].into_iter().flat_map(|method| with_each_accept(method, &tag)));
    }
    requests.push(ask("GET", &tag).with("If-None-Match", format!("\"{}\"", root.digest)));
    requests.push(ask("GET", format!("/v2/{repository}/tags/list")));
    requests
}

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
/// A digest that nothing has.
const UNKNOWN: &str = "sha256:0000000000000000000000000000000000000000000000000000000000000000";

/// Every endpoint with every method.
pub fn methods() -> Vec<Request> {
    let (image, layer) = (image().digest, layer().digest);
    let paths = [
        "/v2/".to_owned(),
        "/v2".to_owned(),
        "/".to_owned(),
        "/v1/_ping".to_owned(),
        "/v2/_catalog".to_owned(),
        under("tags/list"),
        under("manifests/latest"),
        under(&format!("manifests/{image}")),
        under(&format!("blobs/{layer}")),
        under("blobs/uploads/"),
        under("blobs/uploads"),
        under("blobs/uploads/abc"),
        under(&format!("referrers/{image}")),
    ];
    METHODS.into_iter().flat_map(|method| paths.iter().map(move |path| ask(method, path))).collect()
}

/// Names, tags, digests and paths that are odd or wrong.
pub fn odd_paths() -> Vec<Request> {
    let long = |length| "a".repeat(length);
    let mut paths: Vec<String> = [
        "//",
        "/v2//",
        "/v2//?x=1",
        "/v2?x=1",
        "/v3/",
        "/nothing",
        "/v2/_other",
        "/v2/_catalog/",
        "/v2/lab",
        "/v2/..",
        "/v2/lab/../lab/docker-image/manifests/latest",
        "/v2//lab/docker-image/manifests/latest",
        "/v2/./lab/docker-image/manifests/latest",
        "/v2/lab%2Fdocker-image/manifests/latest",
        "/v2/lab/docker-image/manifests/lat%65st",
        "/v2/no/such/tags/list",
        "/v2/no/such/manifests/latest",
        "/v2/Lab/docker-image/manifests/latest",
        "/v2/lab/Docker-image/manifests/latest",
        "/v2/LAB/manifests/latest",
        "/v2/a__b/c--d/manifests/latest",
        "/v2/a___b/c/manifests/latest",
        "/v2/-a/b/manifests/latest",
        "/v2/a./b/manifests/latest",
        "/v2/a..b/c/manifests/latest",
        "/v2/localhost:5000/a/manifests/latest",
        "/v2/localhost:5000/a/tags/list",
        "/v2/localhost:5000/a/blobs/sha256:abc",
        "/v2/localhost:5000/a/manifests/x:y",
        "/v2/registry.example/a/manifests/latest",
        "/v2/Registry.example/a/manifests/latest",
        "/v2/Lab/docker-image/tags/list",
        "/v2/a/manifests/b/manifests/c",
    ]
    .map(str::to_owned)
    .to_vec();
    for path in [
        "",
        "tags",
        "tags/",
        "tags/list/",
        "tags/list/?n=2",
        "tags/list/x",
        "manifests",
        "manifests/",
        "manifests/latest/",
        "manifests/latest/x",
        "manifests/.latest",
        "manifests/-latest",
        "manifests/bad!tag",
        "manifests/la%20st",
        "manifests/nope",
        "manifests/sha256:abc",
        "manifests/foo:bar",
        "manifests/sha256:",
        "blobs",
        "blobs/",
        "blobs/latest",
        "blobs/sha256:abc",
        "blobs/foo:bar",
        "blobs/uploads/a!b",
        "referrers/",
        "referrers/x",
    ] {
        paths.push(under(path));
    }
    for length in [236, 237, 238, 255, 256, 300] {
        paths.push(format!("/v2/{}/manifests/latest", long(length)));
        paths.push(format!("/v2/{}/tags/list", long(length)));
        paths.push(format!("/v2/b/{}/manifests/latest", long(length)));
    }
    for digest in [
        UNKNOWN.to_owned(),
        format!("sha256:{}", long(63)),
        format!("sha256:{}", long(65)),
        format!("sha256:{}", "A".repeat(64)),
        format!("sha256:{}", "z".repeat(64)),
        format!("sha384:{}", long(96)),
        format!("sha512:{}", long(128)),
        format!("md5:{}", long(32)),
        format!("sha256+b64:{}", long(64)),
        format!("SHA256:{}", long(64)),
        image().digest,
    ] {
        paths.push(under(&format!("manifests/{digest}")));
        paths.push(under(&format!("blobs/{digest}")));
        paths.push(format!("/v2/no/such/manifests/{digest}"));
        paths.push(format!("/v2/no/such/blobs/{digest}"));
        paths.push(format!("/v2/localhost:5000/a/blobs/{digest}"));
        paths.push(format!("/v2/localhost:5000/a/manifests/{digest}"));
    }
    paths.push(under(&format!("manifests/{}", long(128))));
    paths.push(under(&format!("manifests/{}", long(129))));
    paths.iter().flat_map(|path| ["GET", "HEAD"].map(|method| ask(method, path))).collect()
}

/// Pages of lists.
pub fn pages() -> Vec<Request> {
    let queries = [
        "",
        "?n=1",
        "?n=2",
        "?n=0",
        "?n=-1",
        "?n=abc",
        "?n=",
        "?n=1000",
        "?n=1001",
        "?n=5000",
        "?last=latest",
        "?last=zzz",
        "?n=1&last=lab",
        "?n=2&last=lab/oci-image",
        "?n=1&x=%20y&last=",
        "?n=1&last=lab%2Foci-image",
        "?n=99999999999",
        "?n=3&n=4",
    ];
    let paths = ["/v2/_catalog".to_owned(), under("tags/list"), "/v2/no/such/tags/list".to_owned()];
    paths.iter().flat_map(|path| queries.map(|query| ask("GET", format!("{path}{query}")))).collect()
}

/// Parts of blobs, and conditions.
pub fn parts_and_conditions() -> Vec<Request> {
    let layer = layer();
    let (blob, size) = (under(&format!("blobs/{}", layer.digest)), layer.bytes.len());
    let ranges = [
        "bytes=0-9",
        "bytes=10-",
        "bytes=-5",
        "bytes=5-2",
        "bytes=abc",
        "bytes=",
        "bytes=-",
        "bytes=-0",
        "bytes= 0-9",
        "bytes=0-9,",
        "bytes=0-9,20-29",
        "bytes=0-0, 5-6, -2",
        "items=0-1",
        "Bytes=0-1",
        "bytes=0-",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=99999999999999999999-",
    ];
    let of_size = [
        format!("bytes={}-{}", size - 1, size + 100),
        format!("bytes={size}-"),
        format!("bytes={}-{}", size + 1, size + 2),
        format!("bytes=-{}", size + 100),
        format!("bytes=0-{}", size - 1),
        format!("bytes=0-9,{size}-"),
        format!("bytes={size}-,0-9"),
        format!("bytes=0-{0},0-{0}", size - 1),
        format!("bytes={size}-abc"),
    ];
    let ranges: Vec<_> = ranges.map(str::to_owned).into_iter().chain(of_size).collect();
    let mut requests: Vec<_> =
        ranges.iter().flat_map(|range| ["GET", "HEAD"].map(|method| ask(method, &blob).with("Range", range))).collect();
    let tags = |digest: &str| {
        ["\"D\"", "D", "*", "W/\"D\"", "\"x\"", "\"x\", \"D\"", "\"D", "'D'", "\"\"D\"\"", ""]
            .map(|tag| tag.replace('D', digest))
    };
    for tag in tags(&layer.digest) {
        for header in ["If-None-Match", "If-Match"] {
            requests.push(ask("GET", &blob).with(header, &tag));
            requests.push(ask("HEAD", &blob).with(header, &tag));
        }
        requests.push(ask("GET", &blob).with("Range", "bytes=0-9").with("If-Range", &tag));
    }
    let image = image().digest;
    for tag in tags(&image) {
        for reference in ["latest", &image, "nope"] {
            let ask = ask("GET", under(&format!("manifests/{reference}")));
            requests.push(ask.with("Accept", DOCKER_V2).with("If-None-Match", &tag));
        }
    }
    requests.push(ask("GET", under("manifests/latest")).with("If-None-Match", "x").with("If-None-Match", &image));
    requests.push(ask("GET", under(&format!("manifests/{UNKNOWN}"))).with("If-None-Match", UNKNOWN));
    requests.push(ask("GET", under("manifests/latest")).with("Range", "bytes=0-3").with("Accept", DOCKER_V2));
    requests.push(ask("GET", &blob).with("If-Modified-Since", "Fri, 20 Nov 2099 17:53:19 GMT"));
    requests
}

/// Unusual ways to write an `Accept` header.
pub fn odd_accepts() -> Vec<Request> {
    let ways = [
        "U",
        " T ; x=y",
        "T foo",
        ",T",
        "T,",
        "T;",
        ";T",
        "\"T\"",
        "T;q=0",
        "T ;q=0.5, */*;q=0.1",
        "x/y,T",
        "T;x",
        "",
        ",",
    ];
    let ways = ways.map(|way| way.replace('U', &DOCKER_V2.to_uppercase()).replace('T', DOCKER_V2));
    ways.iter().map(|way| ask("GET", under("manifests/latest")).with("Accept", way)).collect()
}
