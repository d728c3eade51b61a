//! The image in a Docker schema 1 manifest, which contains its config in pieces.

use serde_json::{Map, Value, json};

use super::{Descriptor, ImageConfig, Manifest, Shape};
use crate::text::{MOST_VALUES, Untrusted, read_json_within};

/// The maximum number of layers and steps that are parsed.
const LIMIT: usize = 1000;

/// The config and the layers of a schema 1 manifest ("Image Manifest Version 2, Schema 1").
///
/// Its `history` has one entry for each of `fsLayers`, the newest first. Each is a JSON document in a string,
/// `v1Compatibility`; the newest contains the config of the image, and `throwaway` marks steps without a layer of their
/// own.
#[derive(Debug, Clone)]
pub struct Schema1 {
    /// The config, assembled in the form of an image config (image-spec), the oldest history step first.
    pub config: ImageConfig,
    /// The layers, the lowest first, without those of steps that created none. The manifest has neither their sizes nor
    /// their types.
    pub layers: Vec<Descriptor>,
    /// The newest `v1Compatibility` as received.
    pub newest: String,
}

impl Schema1 {
    /// Parses a manifest; `None` if it is not a schema 1 manifest, or its newest entry is invalid.
    pub fn read(document: &Manifest) -> Option<Self> {
        if document.shape() != Shape::Schema1 {
            return None;
        }
        let manifest = document.decoded();
        let list = |name: &str| manifest.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let history: Vec<&str> = list("history").iter().take(LIMIT).filter_map(compatibility).collect();
        let newest = (*history.first()?).to_owned();
        let mut left = MOST_VALUES;
        let read = |text: &&str| read_json_within(text.as_bytes(), &mut left).unwrap_or(Value::Null);
        let entries: Vec<Value> = history.iter().map(read).collect();
        let top = entries.first()?.as_object()?;
        let blobs = list("fsLayers").iter().take(LIMIT);
        let blobs: Vec<&str> =
            blobs.map(|layer| layer.get("blobSum").and_then(Value::as_str).unwrap_or_default()).collect();
        // If the two lists do not match, it is unknown which step created no layer.
        let fits = blobs.len() == entries.len();
        let is_empty = |at: usize| fits && entries.get(at).is_some_and(is_throwaway);
        let layers = blobs.iter().enumerate().rev().filter(|(at, _)| !is_empty(*at));
        Some(Self {
            layers: layers.map(|(_, blob)| layer(blob)).collect(),
            config: ImageConfig::of(config(top, manifest, &entries)),
            newest,
        })
    }
}

fn compatibility(entry: &Value) -> Option<&str> {
    entry.get("v1Compatibility").and_then(Value::as_str)
}

fn is_throwaway(entry: &Value) -> bool {
    entry.get("throwaway").and_then(Value::as_bool).unwrap_or_default()
}

fn layer(blob: &str) -> Descriptor {
    Descriptor {
        media_type: Untrusted::default(),
        digest: Untrusted::from(blob),
        size: None,
        urls: Vec::new(),
        platform: None,
        artifact_type: None,
        attestation: false,
        attests: None,
        faults: Vec::new(),
    }
}

/// The image config in the newest entry. `architecture` is also in the manifest itself.
fn config(top: &Map<String, Value>, manifest: &Value, entries: &[Value]) -> Value {
    let mut config = Map::new();
    for name in ["created", "author", "architecture", "variant", "os", "os.version", "config"] {
        let value = top.get(name).or_else(|| manifest.get(name).filter(|_| name == "architecture"));
        config.extend(value.map(|value| (name.to_owned(), value.clone())));
    }
    config.insert("history".to_owned(), entries.iter().rev().map(step).collect());
    config.into()
}

fn step(entry: &Value) -> Value {
    let words = entry.pointer("/container_config/Cmd").and_then(Value::as_array).into_iter().flatten();
    let created_by = words.filter_map(Value::as_str).collect::<Vec<_>>().join(" ");
    let created = entry.get("created").and_then(Value::as_str).unwrap_or_default();
    json!({ "created": created, "created_by": created_by, "empty_layer": is_throwaway(entry) })
}

#[cfg(test)]
mod tests {
    use crate::image::schema1::*;

    /// The example in docker's manifest-v2-1.md, with a step that created no layer.
    fn manifest() -> Manifest {
        let newest = json!({
            "architecture": "amd64", "os": "linux", "created": "2014-12-31T22:57:59Z", "author": "alice",
            "config": { "Env": ["PATH=/bin"], "Entrypoint": ["/hello"], "Cmd": null },
            "container_config": { "Cmd": ["/bin/sh", "-c", "#(nop) CMD [/hello]"] }, "throwaway": true,
        });
        let oldest = json!({
            "id": "e45a", "created": "2014-12-31T22:57:58Z",
            "container_config": { "Cmd": ["/bin/sh", "-c", "#(nop) COPY file:a"] },
        });
        let manifest = json!({
            "schemaVersion": 1, "name": "hello-world", "tag": "latest", "architecture": "amd64",
            "fsLayers": [{ "blobSum": "sha256:aa" }, { "blobSum": "sha256:bb" }],
            "history": [{ "v1Compatibility": newest.to_string() }, { "v1Compatibility": oldest.to_string() }],
            "signatures": [],
        });
        Manifest::read(manifest.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn config_is_in_the_newest_entry_and_layers_come_lowest_first() {
        let read = Schema1::read(&manifest()).unwrap();
        assert_eq!(read.config.platform().unwrap().text().as_str(), "linux/amd64");
        assert_eq!(read.config.running("Entrypoint").unwrap(), &json!(["/hello"]));
        assert_eq!(read.config.running("Cmd"), None);
        let steps = read.config.history();
        assert_eq!(steps.iter().map(|step| step.is_empty).collect::<Vec<_>>(), [false, true]);
        assert_eq!(steps[0].created_by.as_str(), "/bin/sh -c #(nop) COPY file:a");
        let blobs: Vec<_> = read.layers.iter().map(|layer| layer.digest.as_str()).collect();
        assert_eq!(blobs, ["sha256:bb"], "the step that made no layer has one of its own in the manifest");
        assert!(read.newest.contains("\"/hello\""));
    }

    #[test]
    fn manifest_without_a_readable_config_is_not_read() {
        for text in [
            r#"{"schemaVersion":1}"#,
            r#"{"schemaVersion":1,"history":[{"v1Compatibility":"["}],"fsLayers":[]}"#,
            r#"{"schemaVersion":1,"history":[{"v1Compatibility":7}],"fsLayers":[]}"#,
            r#"{"schemaVersion":2,"layers":[],"history":[{"v1Compatibility":"{}"}]}"#,
        ] {
            assert!(Schema1::read(&Manifest::read(text.as_bytes()).unwrap()).is_none(), "{text}");
        }
    }

    #[test]
    fn layers_are_kept_if_steps_and_layers_do_not_match() {
        let text = r#"{"schemaVersion":1,"history":[{"v1Compatibility":"{\"throwaway\":true}"}],
                       "fsLayers":[{"blobSum":"sha256:aa"},{"blobSum":7},{}]}"#;
        let read = Schema1::read(&Manifest::read(text.as_bytes()).unwrap()).unwrap();
        let blobs: Vec<_> = read.layers.iter().map(|layer| layer.digest.as_str()).collect();
        assert_eq!(blobs, ["", "", "sha256:aa"]);
    }
}
