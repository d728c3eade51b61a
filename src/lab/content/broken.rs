//! Broken images. Each has the fault in its name, and no other.

use serde_json::json;

use super::document::{Artifact, Blob, digest_of};
use super::images::{DOCKER_LAYER, OCI, docker_image, docker_image_newer, image_of, oci_image};
use super::layer::Layer;
use super::platform::AMD64;

/// A Docker v2 image whose config is missing.
pub(super) fn missing_config() -> Artifact {
    let mut image = docker_image();
    image.blobs.remove(0);
    image
}

/// A Docker v2 image whose layer is missing.
pub(super) fn missing_layer() -> Artifact {
    let mut image = docker_image();
    image.blobs.remove(1);
    image
}

/// An OCI image of 250 layers, the last of which is missing.
pub(super) fn missing_layer_of_250() -> Artifact {
    let layers: Vec<_> = (1..=250).map(|at| Layer::with_file("step", &format!("Step {at}.\n"))).collect();
    let mut image = image_of(&OCI, &AMD64, layers);
    image.blobs.pop();
    image
}

/// A Docker v2 image whose manifest has wrong sizes with the right digests.
pub(super) fn wrong_size() -> Artifact {
    docker_image().changed(|manifest| {
        manifest["config"]["size"] = json!(1);
        manifest["layers"][0]["size"] = json!(9_333_267);
    })
}

/// A Docker v2 image whose stored layer has one flipped bit.
pub(super) fn wrong_bytes() -> Artifact {
    let mut image = docker_image();
    let Blob { digest, bytes } = image.blobs.remove(1);
    let mut bytes = bytes.to_vec();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    image.with_blobs([Blob { digest, bytes: bytes.into() }])
}

/// A Docker v2 image whose stored manifest has one flipped bit: the last digit of a size differs.
pub(super) fn wrong_manifest_bytes() -> Artifact {
    let image = docker_image();
    let mut bytes = image.bytes.to_vec();
    let end_of_size = bytes.windows(10).rposition(|window| window == b"\"digest\": ").unwrap_or_default();
    if let Some(digit) = bytes[..end_of_size].iter_mut().rfind(|byte| byte.is_ascii_digit()) {
        *digit ^= 1;
    }
    Artifact { bytes: bytes.into(), ..image }
}

/// An OCI image whose manifest calls its layer an uncompressed archive, although it is compressed
/// (containers/buildah#1589).
pub(super) fn gzip_layer_called_tar() -> Artifact {
    oci_image().changed(|manifest| manifest["layers"][0]["mediaType"] = json!("application/vnd.oci.image.layer.v1.tar"))
}

/// A Docker v2 image whose manifest has one layer more than its config (moby/moby#27568).
pub(super) fn layer_not_in_config() -> Artifact {
    let added = Layer::with_file("added", "Added by hand.\n").blob();
    let image = docker_image().changed(|manifest| {
        if let Some(layers) = manifest["layers"].as_array_mut() {
            layers.push(added.descriptor(DOCKER_LAYER));
        }
    });
    image.with_blobs([added])
}

/// The size of a manifest that every registry should accept (distribution-spec, "Pushing Manifests").
const FOUR_MIB: usize = 4 << 20;

/// An OCI image with an annotation that makes its manifest just longer than most clients read.
pub(super) fn oversized_manifest() -> Artifact {
    let line = "what changed, line by line, since the first commit of this project; ";
    let notes = line.repeat(FOUR_MIB / line.len() + 1);
    oci_image().changed(|manifest| manifest["annotations"] = json!({ "com.example.changes": notes }))
}

/// A manifest that is two images: it has `config` and `layers` twice. Most parsers take the last of each, some the
/// first, and strict ones reject it (RFC 8259 §4). Both images are stored.
pub(super) fn duplicate_keys() -> Artifact {
    let (first, last) = (docker_image(), docker_image_newer());
    let text = String::from_utf8_lossy(&first.bytes);
    let other = String::from_utf8_lossy(&last.bytes);
    let beginning = text.strip_suffix("\n}").unwrap_or(&text);
    let config = other.find("   \"config\"").unwrap_or_default();
    let bytes = format!("{beginning},\n{}", &other[config..]).into_bytes();
    let digest = digest_of(&bytes);
    Artifact { digest, bytes: bytes.into(), ..first }.with_blobs(last.blobs)
}

#[cfg(test)]
mod tests {
    use serde::de::{IgnoredAny, MapAccess, Visitor};
    use serde_json::Value;
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn damaged_manifest_is_still_valid_json() {
        let (whole, damaged) = (docker_image(), wrong_manifest_bytes());
        assert_eq!(whole.digest, damaged.digest);
        let differing: Vec<_> = whole.bytes.iter().zip(&damaged.bytes).filter(|(one, other)| one != other).collect();
        assert_eq!((whole.bytes.len(), differing.len()), (damaged.bytes.len(), 1));
        let [whole, damaged] = [whole, damaged].map(|document| serde_json::from_slice::<Value>(&document.bytes));
        let (whole, damaged) = (whole.unwrap(), damaged.unwrap());
        assert_ne!(whole["layers"][0]["size"], damaged["layers"][0]["size"]);
        assert_eq!(whole["layers"][0]["digest"], damaged["layers"][0]["digest"]);
    }

    #[test]
    fn damaged_layer_keeps_its_length() {
        let (whole, damaged) = (docker_image(), wrong_bytes());
        assert_eq!((whole.bytes, &whole.blobs[1].digest), (damaged.bytes, &damaged.blobs[1].digest));
        assert_eq!(whole.blobs[1].bytes.len(), damaged.blobs[1].bytes.len());
        assert_ne!(whole.blobs[1].bytes, damaged.blobs[1].bytes);
    }

    #[test]
    fn oversized_manifest_is_just_over_the_limit() {
        let length = oversized_manifest().bytes.len();
        assert!((4_194_305..4_194_304 + 4096).contains(&length), "{length}");
    }

    /// Reads the config's digest like the few parsers that take the first `config`.
    struct First;

    impl<'de> Visitor<'de> for First {
        type Value = String;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a manifest")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<String, A::Error> {
            let mut first = None;
            while let Some(name) = fields.next_key::<String>()? {
                if name == "config" && first.is_none() {
                    let config: Value = fields.next_value()?;
                    first = config["digest"].as_str().map(str::to_owned);
                } else {
                    fields.next_value::<IgnoredAny>()?;
                }
            }
            Ok(first.unwrap_or_default())
        }
    }

    #[test]
    fn duplicate_keys_are_two_images_in_one_manifest() {
        let image = duplicate_keys();
        let last: Value = serde_json::from_slice(&image.bytes).unwrap();
        let mut reader = serde_json::Deserializer::from_slice(&image.bytes);
        let first = serde::Deserializer::deserialize_map(&mut reader, First).unwrap();
        assert_eq!(first, docker_image().blobs[0].digest);
        assert_eq!(last["config"]["digest"], docker_image_newer().blobs[0].digest);
        assert_ne!(first, last["config"]["digest"]);
        for blob in docker_image().blobs.iter().chain(&docker_image_newer().blobs) {
            assert!(image.blobs.iter().any(|other| other.digest == blob.digest));
        }
        let hex: String = Sha256::digest(&image.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(image.digest, format!("sha256:{hex}"));
    }
}
