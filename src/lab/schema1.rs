//! Docker schema 1 manifests, converted from newer images as distribution up to 2.8 does it for old clients.
//!
//! From distribution 2.8's `manifest/schema1/config_builder.go` and libtrust's `jsonsign.go`: the layers from the last
//! to the first, each with its piece of the history, signed with a key that lasts as long as the process. The digest is
//! that of the document without its signatures.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::clock;
use super::store::{Repository, Stored};
use crate::oci::{Algorithm, Digest};

/// A signed Docker schema 1 manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    /// The digest of the document without its signatures, which identifies it.
    pub digest: String,
    /// The document with its signatures.
    pub bytes: Bytes,
}

impl Signed {
    /// Returns whether it contains the empty layer.
    pub(crate) fn has_empty_layer(&self) -> bool {
        self.bytes.windows(EMPTY_LAYER.len()).any(|bytes| bytes == EMPTY_LAYER.as_bytes())
    }
}

/// The digest of the layer for a step that changes nothing: a compressed empty archive, the same everywhere
/// (distribution's `manifest/schema1/config_builder.go`).
pub(crate) const EMPTY_LAYER: &str = "sha256:a3ed95caeb02ffe68cdd9fd84406680ae93d633cb16422d00e8a7c22955b46d4";

/// The bytes of [`EMPTY_LAYER`].
pub(crate) const EMPTY_LAYER_BYTES: &[u8] = &[
    31, 139, 8, 0, 0, 9, 110, 136, 0, 255, 98, 24, 5, 163, 96, 20, 140, 88, 0, 8, 0, 0, 255, 255, 46, 175, 181, 239, 0,
    4, 0, 0,
];

/// The part of a config that the conversion uses.
#[derive(Deserialize)]
struct Image {
    #[serde(default)]
    architecture: String,
    rootfs: RootFs,
    #[serde(default)]
    history: Vec<HistoryEntry>,
}

#[derive(Deserialize)]
struct RootFs {
    #[serde(default)]
    diff_ids: Vec<String>,
}

#[derive(Deserialize)]
struct HistoryEntry {
    created: Option<String>,
    #[serde(default)]
    author: String,
    #[serde(default)]
    created_by: String,
    #[serde(default)]
    comment: String,
    #[serde(default)]
    empty_layer: bool,
}

/// Converts a Docker v2 image to schema 1. `None` if its config is missing, or does not have the history of its layers.
pub(crate) fn convert(repository: &Repository, name: &str, tag: &str, image: &Stored) -> Option<Signed> {
    sign(&document(repository, name, tag, image)?)
}

/// Converts an image to schema 1 without a signature. Quay serves it like this, for OCI images too.
pub(crate) fn document(repository: &Repository, name: &str, tag: &str, image: &Stored) -> Option<Value> {
    let manifest: Value = serde_json::from_slice(&image.bytes).ok()?;
    let config_bytes = repository.blobs.get(manifest["config"]["digest"].as_str()?)?;
    let config: Image = serde_json::from_slice(config_bytes).ok()?;
    let layers: Vec<_> = manifest["layers"].as_array()?.iter().map(|layer| layer["digest"].as_str()).collect();
    if config.rootfs.diff_ids.len() != layers.len() {
        return None;
    }
    let mut layers = layers.into_iter();
    let (last, earlier) = config.history.split_last()?;

    let mut blob_of = |step: &HistoryEntry| if step.empty_layer { Some(EMPTY_LAYER) } else { layers.next()? };
    let mut fs_layers = Vec::new();
    let mut history = Vec::new();
    let mut parent = String::new();
    for step in earlier {
        let blob = blob_of(step)?;
        let id = hex_of(format!("{} {parent}", hex_part(blob)).as_bytes());
        let compatible = Compatible {
            id: &id,
            parent: &parent,
            comment: &step.comment,
            created: step.created.as_deref().map_or_else(|| ZERO_TIME.to_owned(), go_time),
            container_config: json!({ "Cmd": [step.created_by] }),
            author: &step.author,
            throwaway: step.empty_layer,
        };
        history.push(go_json(&serde_json::to_string(&compatible).ok()?));
        fs_layers.push(blob);
        parent = id;
    }
    let blob = blob_of(last)?;
    let text = std::str::from_utf8(config_bytes).ok()?;
    let id = hex_of(format!("{} {parent} {text}", hex_part(blob)).as_bytes());
    history.push(top_of_history(text, &id, &parent, last.empty_layer)?);
    fs_layers.push(blob);

    Some(json!({
        "schemaVersion": 1,
        "name": name,
        "tag": tag,
        "architecture": config.architecture,
        "fsLayers": fs_layers.iter().rev().map(|blob| json!({ "blobSum": blob })).collect::<Vec<_>>(),
        "history": history.iter().rev().map(|text| json!({ "v1Compatibility": text })).collect::<Vec<_>>(),
    }))
}

/// The history of a layer below the last one.
#[derive(Serialize)]
struct Compatible<'a> {
    id: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    parent: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    comment: &'a str,
    created: String,
    container_config: Value,
    #[serde(skip_serializing_if = "str::is_empty")]
    author: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    throwaway: bool,
}

/// Go's time for a step without one.
const ZERO_TIME: &str = "0001-01-01T00:00:00Z";

/// Formats a time like Go: without zeros at the end of the fraction of a second.
fn go_time(text: &str) -> String {
    let end = text.find(['Z', '+']).or_else(|| text.rfind('-').filter(|at| *at > ZERO_TIME.len() - 2));
    let (time, zone) = text.split_at(end.unwrap_or(text.len()));
    let time = match time.contains('.') {
        true => time.trim_end_matches('0').trim_end_matches('.'),
        false => time,
    };
    format!("{time}{}", if zone == "+00:00" { "Z" } else { zone })
}

/// The last layer's history: the whole config except for the fields that schema 1 lacks, in alphabetical order, each
/// with its original text, without whitespace.
fn top_of_history(config: &str, id: &str, parent: &str, throwaway: bool) -> Option<String> {
    let fields: BTreeMap<String, &RawValue> = serde_json::from_str(config).ok()?;
    let mut fields: BTreeMap<_, _> = fields.into_iter().map(|(name, value)| (name, compact(value.get()))).collect();
    fields.remove("rootfs");
    fields.remove("history");
    fields.insert("id".to_owned(), format!("\"{id}\""));
    if !parent.is_empty() {
        fields.insert("parent".to_owned(), format!("\"{parent}\""));
    }
    if throwaway {
        fields.insert("throwaway".to_owned(), "true".to_owned());
    }
    let fields: Vec<_> = fields.iter().map(|(name, value)| format!("{}:{value}", Value::from(name.as_str()))).collect();
    Some(go_json(&format!("{{{}}}", fields.join(","))))
}

/// Removes the whitespace between the tokens of a JSON text.
fn compact(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let (mut in_string, mut escaped) = (false, false);
    for character in json.chars() {
        if in_string || !character.is_ascii_whitespace() {
            text.push(character);
        }
        match character {
            '"' if !escaped => in_string = !in_string,
            _ => {}
        }
        escaped = in_string && character == '\\' && !escaped;
    }
    text
}

/// Escapes three characters of HTML, and two line ends, in strings, as Go does.
fn go_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
                let _ = write!(text, "\\u{:04x}", u32::from(character));
            }
            other => text.push(other),
        }
    }
    text
}

/// Serializes JSON with an indent of three spaces, as Docker does.
pub(crate) fn indented(value: &impl Serialize) -> Option<String> {
    let mut bytes = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"   ");
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, formatter)).ok()?;
    Some(go_json(&String::from_utf8(bytes).ok()?))
}

struct SigningKey {
    pair: EcdsaKeyPair,
    random: SystemRandom,
    jwk: Value,
}

/// A key that lives as long as the process, as in the real registry.
static KEY: LazyLock<Option<SigningKey>> = LazyLock::new(|| {
    let random = SystemRandom::new();
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok()?;
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref(), &random).ok()?;
    // An uncompressed point: a byte for the format, then the two coordinates.
    let (x, y) = pair.public_key().as_ref().get(1..)?.split_at_checked(32)?;
    let jwk = json!({
        "crv": "P-256",
        "kid": key_id(pair.public_key().as_ref()),
        "kty": "EC",
        "x": URL_SAFE_NO_PAD.encode(x),
        "y": URL_SAFE_NO_PAD.encode(y),
    });
    Some(SigningKey { pair, random, jwk })
});

/// The bytes before the point in a public key of this kind (RFC 5480).
const PUBLIC_KEY_HEADER: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// libtrust's ID of a key: the first 240 bits of its SHA-256 in base 32, in groups of four.
fn key_id(point: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let hash = ring::digest::digest(&ring::digest::SHA256, &[&PUBLIC_KEY_HEADER, point].concat());
    let mut id = String::new();
    for (number, group) in hash.as_ref()[..30].chunks(5).enumerate() {
        let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        for place in 0..8 {
            if place % 4 == 0 && number + place > 0 {
                id.push(':');
            }
            id.push(char::from(ALPHABET[(bits >> (35 - 5 * place) & 31) as usize]));
        }
    }
    id
}

#[derive(Serialize)]
struct Signature<'a> {
    header: Header<'a>,
    signature: String,
    protected: &'a str,
}

#[derive(Serialize)]
struct Header<'a> {
    jwk: &'a Value,
    alg: &'static str,
}

/// Signs a document like libtrust: the signature covers the document as it is written, and becomes its last field.
pub(crate) fn sign(document: &Value) -> Option<Signed> {
    let payload = indented(document)?;
    let key = KEY.as_ref()?;
    let body = payload.strip_suffix("\n}")?;
    let time = clock::rfc3339(clock::now());
    let tail = URL_SAFE_NO_PAD.encode("\n}");
    let protected = format!("{{\"formatLength\":{},\"formatTail\":\"{tail}\",\"time\":\"{time}\"}}", body.len());
    let protected = URL_SAFE_NO_PAD.encode(protected);
    let signed = format!("{protected}.{}", URL_SAFE_NO_PAD.encode(&payload));
    let signature = key.pair.sign(&key.random, signed.as_bytes()).ok()?;
    let block = [Signature {
        header: Header { jwk: &key.jwk, alg: "ES256" },
        signature: URL_SAFE_NO_PAD.encode(signature.as_ref()),
        protected: &protected,
    }];
    let block = indented(&block)?.replace('\n', "\n   ");
    let bytes = format!("{body},\n   \"signatures\": {block}\n}}");
    Some(Signed { digest: Digest::of(Algorithm::Sha256, payload.as_bytes()).to_string(), bytes: bytes.into() })
}

fn hex_of(bytes: &[u8]) -> String {
    Digest::of(Algorithm::Sha256, bytes).hex().to_owned()
}

fn hex_part(digest: &str) -> &str {
    digest.split_once(':').map_or(digest, |(_, hex)| hex)
}
