//! What the registry of a row stores: images, indexes, long lists of tags. The same bytes in every run.

use std::collections::HashMap;
use std::io::Write;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use sha2::{Digest, Sha256};

const OCI: &str = "application/vnd.oci.image";
/// The media type of an image.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// The media type of an index.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// The tag of every repository.
pub const TAG: &str = "stable";
/// The size of a layer as its descriptor gives it, in bytes: too large to be fetched whole.
pub const LAYER_SIZE: usize = 2 << 20;

/// What a registry stores.
#[derive(Clone, Copy)]
pub struct Content {
    /// Repositories, each with an image or an index of its own under [`TAG`].
    pub repositories: usize,
    /// Children of the index; 0 for an image.
    pub children: usize,
    /// Layers of each image.
    pub layers: usize,
    /// Size that the manifest is padded to, in bytes; 0 for none.
    pub padded_to: usize,
    /// Tags of each repository, and the most of them in one page.
    pub tags: (usize, usize),
    /// Referrers of each manifest, and the most of them in one page.
    pub referrers: (usize, usize),
    /// Whether blobs are in storage on another host, with a new signed address for each request.
    pub signed: bool,
}

/// One image of seven layers, as images are.
pub const IMAGE: Content =
    Content { repositories: 1, children: 0, layers: 7, padded_to: 0, tags: (1, 1), referrers: (0, 1), signed: false };

/// A stored document or blob.
#[derive(Clone)]
pub struct Stored {
    pub media_type: &'static str,
    pub digest: String,
    pub body: Bytes,
    /// Its whole size in bytes, which is more than the body has for a layer.
    pub size: usize,
}

/// Everything that is stored, by path below `/v2/`.
pub struct Store {
    pub content: Content,
    by_path: HashMap<String, Stored>,
}

/// The name of a repository.
pub fn repository(number: usize) -> String {
    format!("demo/app{number}")
}

impl Store {
    /// Makes all content of this shape.
    pub fn new(content: Content) -> Self {
        let mut store = Self { content, by_path: HashMap::new() };
        for number in 0..content.repositories {
            store.add_repository(&repository(number));
        }
        store
    }

    /// The content at a path such as `demo/app0/manifests/stable`.
    pub fn at(&self, path: &str) -> Option<&Stored> {
        self.by_path.get(path)
    }

    fn add_repository(&mut self, name: &str) {
        let tagged = if self.content.children == 0 { self.image(name, 0) } else { self.index(name) };
        self.by_path.insert(format!("{name}/manifests/{TAG}"), tagged);
    }

    fn keep(&mut self, name: &str, kind: &str, media_type: &'static str, body: String) -> Stored {
        let digest = digest(body.as_bytes());
        let size = body.len();
        let stored = Stored { media_type, digest, body: body.into(), size };
        self.by_path.insert(format!("{name}/{kind}/{}", stored.digest), stored.clone());
        stored
    }

    fn image(&mut self, name: &str, child: usize) -> Stored {
        let (os, architecture, _) = platform(child);
        let layers: Vec<String> = (0..self.content.layers).map(|number| self.layer(name, child, number)).collect();
        let unpacked: Vec<_> = (0..layers.len())
            .map(|number| format!("{:?}", digest(format!("unpacked {name} {child} {number}").as_bytes())))
            .collect();
        let config = format!(
            r#"{{"architecture":"{architecture}","os":"{os}","created":"2026-01-02T03:04:05Z","config":{{"Cmd":["/app"],"Labels":{{"of":"{name} {child}"}}}},"rootfs":{{"type":"layers","diff_ids":[{}]}}}}"#,
            unpacked.join(",")
        );
        let config = self.keep(name, "blobs", "application/octet-stream", config);
        let config =
            format!(r#"{{"mediaType":"{OCI}.config.v1+json","digest":"{}","size":{}}}"#, config.digest, config.size);
        let written = |padding: &str| {
            format!(
                r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{config},"layers":[{}],"annotations":{{"padding":"{padding}"}}}}"#,
                layers.join(",")
            )
        };
        let padding = self.content.padded_to.saturating_sub(written("").len());
        self.keep(name, "manifests", MANIFEST, written(&"x".repeat(padding)))
    }

    /// Keeps the beginning of a layer and returns its descriptor.
    fn layer(&mut self, name: &str, child: usize, number: usize) -> String {
        let seed = format!("layer {name} {child} {number}");
        let digest = digest(seed.as_bytes());
        let stored = Stored {
            media_type: "application/octet-stream",
            digest: digest.clone(),
            body: packed(&seed),
            size: LAYER_SIZE,
        };
        self.by_path.insert(format!("{name}/blobs/{digest}"), stored);
        format!(r#"{{"mediaType":"{OCI}.layer.v1.tar+gzip","digest":"{digest}","size":{LAYER_SIZE}}}"#)
    }

    fn index(&mut self, name: &str) -> Stored {
        let children: Vec<_> = (0..self.content.children)
            .map(|child| {
                let (os, architecture, variant) = platform(child);
                let image = self.image(name, child);
                format!(
                    r#"{{"mediaType":"{MANIFEST}","digest":"{}","size":{},"platform":{{"os":"{os}","architecture":"{architecture}"{variant}}}}}"#,
                    image.digest, image.size
                )
            })
            .collect();
        let index = format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{}]}}"#, children.join(","));
        self.keep(name, "manifests", INDEX, index)
    }
}

/// The descriptor of a referrer: a signature, as registries list it.
pub fn referrer(number: usize) -> String {
    let digest = digest(format!("referrer {number}").as_bytes());
    format!(
        r#"{{"mediaType":"{MANIFEST}","digest":"{digest}","size":1024,"artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json","annotations":{{"dev.sigstore.bundle.content":"dsse-envelope","org.opencontainers.image.created":"2026-01-02T03:04:05Z"}}}}"#
    )
}

/// The platform of a child: the first is linux/amd64, and no two are the same.
fn platform(child: usize) -> (&'static str, &'static str, String) {
    const ARCHITECTURES: [&str; 5] = ["arm64", "arm", "ppc64le", "s390x", "riscv64"];
    match child.checked_sub(1) {
        None => ("linux", "amd64", String::new()),
        Some(other) => {
            let variant = format!(r#","variant":"v{}""#, other / ARCHITECTURES.len() + 5);
            ("linux", ARCHITECTURES[other % ARCHITECTURES.len()], variant)
        }
    }
}

/// The digest of these bytes.
pub fn digest(bytes: &[u8]) -> String {
    let hex: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hex}")
}

/// Letters and digits that do not repeat, the same for the same seed.
pub fn letters(seed: &str, length: usize) -> String {
    let pieces = (0..).map(|number| URL_SAFE_NO_PAD.encode(Sha256::digest(format!("{seed} {number}"))));
    let mut letters = String::new();
    for piece in pieces {
        if letters.len() >= length {
            break;
        }
        letters.extend(piece.chars().filter(char::is_ascii_alphanumeric));
    }
    letters.truncate(length);
    letters
}

/// The first KiB of a packed archive with one file in it.
fn packed(seed: &str) -> Bytes {
    let file = letters(seed, 4096);
    let mut archive = tar::Builder::new(Vec::new());
    let mut header = tar::Header::new_gnu();
    header.set_size(4096);
    header.set_mode(0o644);
    header.set_cksum();
    archive.append_data(&mut header, "app", file.as_bytes()).expect("an archive in memory");
    let archive = archive.into_inner().expect("an archive in memory");
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&archive).expect("to pack in memory");
    let mut packed = packer.finish().expect("to pack in memory");
    packed.truncate(1024);
    packed.into()
}

/// A token of this many characters, in the form of a signed JWT.
pub fn token(length: usize) -> String {
    let head = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","typ":"JWT"}"#);
    let claims = format!(
        r#"{{"iss":"auth","exp":1999999999,"iat":1,"access":[{{"type":"repository","name":"demo/app0","actions":["pull"]}}],"jti":"{}"}}"#,
        letters("claims", length / 3)
    );
    let unsigned = format!("{head}.{}.", URL_SAFE_NO_PAD.encode(claims));
    let signature = letters("signature", length - unsigned.len());
    unsigned + &signature
}
