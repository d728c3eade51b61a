//! The configuration of an image as it was received, looked at leniently.

use serde_json::Value;

use super::{Document, ListedPlatform};

/// A JSON document that was served as the configuration of an image (image-spec, image configuration). Nothing about it
/// is taken for granted.
#[derive(Debug, Clone)]
pub struct ImageConfig(Value);

impl ImageConfig {
    /// Reads a blob; `None` where it is not a JSON object.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().filter(Value::is_object).map(Self)
    }

    /// The platform that it was built for; `None` where it names none, or an empty one.
    pub fn platform(&self) -> Option<ListedPlatform> {
        Document::platform_of(&self.0)
            .filter(|platform| !platform.os().is_empty() && !platform.architecture().is_empty())
    }

    /// How many layers it has by its own account: the entries of `rootfs.diff_ids`. `None` where it does not say.
    pub fn layer_count(&self) -> Option<usize> {
        self.0.pointer("/rootfs/diff_ids").and_then(Value::as_array).map(Vec::len)
    }

    /// Whether it has a field `rootfs`, which only configurations of images have.
    pub fn has_root_file_system(&self) -> bool {
        self.0.get("rootfs").is_some_and(Value::is_object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_is_for_and_how_many_layers_it_has_can_be_told() {
        let config = ImageConfig::read(
            br#"{"os":"linux","architecture":"arm","variant":"v7","rootfs":{"type":"layers","diff_ids":["a","b"]}}"#,
        );
        let config = config.unwrap();
        assert_eq!(config.platform().unwrap().text().as_str(), "linux/arm/v7");
        assert_eq!(config.layer_count(), Some(2));
        assert!(config.has_root_file_system());
    }

    #[test]
    fn what_it_does_not_say_is_not_known() {
        let config = ImageConfig::read(b"{}").unwrap();
        assert!(config.platform().is_none() && config.layer_count().is_none() && !config.has_root_file_system());
        assert!(ImageConfig::read(br#"{"os":"","architecture":""}"#).unwrap().platform().is_none());
        assert!(ImageConfig::read(b"\x1f\x8b").is_none() && ImageConfig::read(b"[]").is_none());
    }
}
