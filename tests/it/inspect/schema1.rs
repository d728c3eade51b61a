//! An image whose manifest is in Docker schema 1: its config is in the manifest.

use serde_json::{Value, json};

use super::parts::{run, shown, text};

/// "The metadata that I need can be parsed from a history field."
#[test]
fn schema1_image_keeps_its_config_in_the_manifest() {
    let config = shown("schema1-signed", "config", 0);
    assert_eq!(
        (&config["kept_in"], &config["digest"], &config["size"]),
        (&json!("manifest"), &json!(null), &json!(null))
    );
    let raw = run("schema1-signed", &["config", "--raw"]);
    let newest: Value = serde_json::from_str(&raw.stdout).expect("v1Compatibility is JSON");
    for field in ["config", "architecture", "os", "created"] {
        assert_eq!(config["config"][field], newest[field], "{field}");
    }
    let manifest = shown("schema1-signed", "manifest", 0);
    let blobs = manifest["manifest"]["fsLayers"].as_array().expect("layers");
    let steps = manifest["manifest"]["history"].as_array().expect("a history");
    let is_empty = |step: &Value| text(&step["v1Compatibility"]).contains("\"throwaway\":true");
    let made = blobs.iter().zip(steps).rev().filter(|(_, step)| !is_empty(step));
    let layers = shown("schema1-signed", "layers", 0);
    let listed: Vec<_> = layers["layers"].as_array().expect("layers").iter().map(|layer| &layer["digest"]).collect();
    assert_eq!(listed, made.map(|(blob, _)| &blob["blobSum"]).collect::<Vec<_>>());
    assert_eq!((&layers["kept_in"], &layers["layers"][0]["size"]), (&json!("manifest"), &json!(null)));
    let platforms = shown("schema1-signed", "platforms", 0);
    assert_eq!(platforms["platforms"][0]["platform"], "linux/amd64");
    for command in ["config", "layers", "platforms"] {
        let told = run("schema1-signed", &[command]);
        assert!(told.stdout.contains("Docker schema 1 manifest: the config is in its history"), "{told:?}");
    }
    assert_eq!(shown("gcr-deepvariant", "config", 0)["kept_in"], "blob");
}
