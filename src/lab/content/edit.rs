//! Edits of content, written after its name: `docker-image; drop /config/size`.
//!
//! Each edit follows a `;` and applies to what the edits before it left. Digests and sizes in the manifest follow the
//! edited config and layer, so that nothing is wrong but what was edited.
//!
//! | edit | effect |
//! |---|---|
//! | `put POINTER JSON` | sets a field of the document (RFC 6901; `-` appends to an array) |
//! | `drop POINTER` | removes a field of the document |
//! | `write compact` | writes the document anew, on one line |
//! | `config put POINTER JSON`, `config drop POINTER` | edits a field of the config blob the same way |
//! | `config gzip` | stores the config compressed |
//! | `config text TEXT` | stores this text as the config |
//! | `layer plain` | stores the first layer uncompressed |
//! | `layer text TEXT` | stores this text as the first layer |
//! | `layer sha512` | stores the first layer under its SHA-512 digest |
//! | `layer short`, `layer twice` | stores half of the first layer, or two copies in a row, under the digest of the whole |

use std::io::Read;

use serde_json::Value;

use super::document::{Artifact, Blob, Writer};

/// The document after an edit; `None` if the edit cannot be read or does not fit the document.
pub(super) fn edited(document: Artifact, edit: &str) -> Option<Artifact> {
    let (what, rest) = edit.split_once(' ')?;
    match what {
        "put" | "drop" => {
            let mut content: Value = serde_json::from_slice(&document.bytes).ok()?;
            change(&mut content, edit)?;
            Some(document.changed(|before| *before = content))
        }
        "write" if rest == "compact" => {
            let content: Value = serde_json::from_slice(&document.bytes).ok()?;
            let written = Artifact::written(&document.media_type, &content, Writer::Compact);
            Some(written.with_blobs(document.blobs).with_children(document.children))
        }
        "config" => with_part(document, "/config", |blob| {
            let bytes = match rest.split_once(' ') {
                None if rest == "gzip" => super::layer::gzip(&blob.bytes),
                Some(("text", text)) => text.as_bytes().to_vec(),
                _ => {
                    let mut config: Value = serde_json::from_slice(&blob.bytes).ok()?;
                    change(&mut config, rest)?;
                    config.to_string().into_bytes()
                }
            };
            Some(Blob::new(bytes))
        }),
        "layer" => with_part(document, "/layers/0", |blob| match rest.split_once(' ') {
            None if rest == "plain" => {
                let mut archive = Vec::new();
                flate2::read::GzDecoder::new(&blob.bytes[..]).read_to_end(&mut archive).ok()?;
                Some(Blob::new(archive))
            }
            None if rest == "sha512" => {
                let hash = ring::digest::digest(&ring::digest::SHA512, &blob.bytes);
                let digits: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
                Some(Blob { bytes: blob.bytes.clone(), digest: format!("sha512:{digits}") })
            }
            None if rest == "short" => {
                Some(Blob { bytes: blob.bytes.slice(..blob.bytes.len() / 2), digest: blob.digest.clone() })
            }
            None if rest == "twice" => Some(Blob { bytes: blob.bytes.repeat(2).into(), digest: blob.digest.clone() }),
            Some(("text", text)) => Some(Blob::new(text.as_bytes().to_vec())),
            _ => None,
        }),
        _ => None,
    }
}

/// Replaces the blob that a descriptor of the document names, and updates the descriptor.
fn with_part(mut document: Artifact, descriptor: &str, make: impl FnOnce(&Blob) -> Option<Blob>) -> Option<Artifact> {
    let content: Value = serde_json::from_slice(&document.bytes).ok()?;
    let digest = content.pointer(descriptor)?.get("digest")?.as_str()?;
    let blob = document.blobs.iter_mut().find(|blob| blob.digest == digest)?;
    let other = make(blob)?;
    let same_digest = other.digest == blob.digest;
    *blob = other.clone();
    if same_digest {
        return Some(document);
    }
    Some(document.changed(|content| {
        if let Some(described) = content.pointer_mut(descriptor) {
            described["digest"] = Value::from(other.digest);
            described["size"] = Value::from(other.bytes.len());
        }
    }))
}

/// Applies `put POINTER JSON` or `drop POINTER` to a value.
fn change(value: &mut Value, edit: &str) -> Option<()> {
    let (verb, rest) = edit.split_once(' ')?;
    let (pointer, new) = rest.split_once(' ').map_or((rest, None), |(pointer, new)| (pointer, Some(new)));
    let (parent, last) = pointer.rsplit_once('/')?;
    let parent = value.pointer_mut(parent)?;
    match (verb, new, parent) {
        ("put", Some(new), Value::Object(fields)) => {
            fields.insert(last.to_owned(), serde_json::from_str(new).ok()?);
        }
        ("put", Some(new), Value::Array(items)) if last == "-" => items.push(serde_json::from_str(new).ok()?),
        ("put", Some(new), Value::Array(items)) => {
            *items.get_mut(last.parse::<usize>().ok()?)? = serde_json::from_str(new).ok()?;
        }
        ("drop", None, Value::Object(fields)) => drop(fields.shift_remove(last)?),
        ("drop", None, Value::Array(items)) => {
            let place = last.parse::<usize>().ok().filter(|place| *place < items.len())?;
            items.remove(place);
        }
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::lab::content::document::{Artifact, digest_of};
    use crate::lab::content::named;

    fn read(document: &Artifact) -> Value {
        serde_json::from_slice(&document.bytes).unwrap()
    }

    #[test]
    fn edited_field_is_the_only_difference() {
        let (before, after) =
            (read(&named("docker-image").unwrap()), named("docker-image; drop /config/size").unwrap());
        let mut expected = before;
        expected["config"].as_object_mut().unwrap().remove("size");
        assert_eq!(read(&after), expected);
        assert_eq!(after.digest, digest_of(&after.bytes));
        let negative = read(&named("docker-image; put /layers/0/size -1").unwrap());
        assert_eq!(negative["layers"][0]["size"], json!(-1));
    }

    #[test]
    fn document_written_anew_has_the_same_content_and_another_digest() {
        let (before, after) = (named("docker-image").unwrap(), named("docker-image; write compact").unwrap());
        assert_eq!(read(&before), read(&after));
        assert!(before.digest != after.digest && !after.bytes.contains(&b'\n'));
        assert_eq!(before.blobs.len(), after.blobs.len());
    }

    #[test]
    fn manifest_follows_an_edited_config() {
        let image = named("oci-image; config drop /architecture; config put /rootfs/diff_ids/- \"sha256:00\"").unwrap();
        let manifest = read(&image);
        let config = image.blobs.iter().find(|blob| manifest["config"]["digest"] == blob.digest.as_str()).unwrap();
        assert_eq!(manifest["config"]["size"], config.bytes.len());
        let config: Value = serde_json::from_slice(&config.bytes).unwrap();
        assert!(config.get("architecture").is_none() && config["rootfs"]["diff_ids"][1] == "sha256:00", "{config}");
    }

    #[test]
    fn parts_are_stored_in_another_form() {
        let gzipped = named("oci-image; config gzip").unwrap();
        let config = gzipped.blobs.iter().find(|blob| read(&gzipped)["config"]["digest"] == blob.digest.as_str());
        assert_eq!(config.unwrap().bytes[..2], [0x1f, 0x8b]);
        let plain = named("docker-image; layer plain").unwrap();
        let layer = plain.blobs.iter().find(|blob| read(&plain)["layers"][0]["digest"] == blob.digest.as_str());
        assert_eq!(&layer.unwrap().bytes[257..262], b"ustar");
        let long = read(&named("docker-image; layer sha512").unwrap());
        let digest = long["layers"][0]["digest"].as_str().unwrap();
        assert!(digest.starts_with("sha512:") && digest.len() == 7 + 128, "{digest}");
        let short = named("docker-image; layer short").unwrap();
        assert_eq!(short.digest, named("docker-image").unwrap().digest);
        let whole = read(&short)["layers"][0]["size"].as_u64().unwrap();
        let stored = short.blobs.iter().find(|blob| read(&short)["layers"][0]["digest"] == blob.digest.as_str());
        assert_eq!(stored.unwrap().bytes.len() as u64, whole / 2);
    }

    #[test]
    fn unreadable_edits_are_refused() {
        for edit in [
            "drop",
            "drop /nowhere/size",
            "put /config/size",
            "put /config/size {",
            "config zstd",
            "shuffle /a",
            "write",
        ] {
            assert!(named(&format!("docker-image; {edit}")).is_none(), "{edit}");
        }
    }
}
