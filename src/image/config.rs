//! The configuration of an image, parsed leniently.

use serde_json::Value;

use super::ListedPlatform;
use super::decoded::Decoded;
use super::disputed::DisputedField;
use super::go_types::GoDocument;
use crate::text::Untrusted;

/// A JSON document that was served as the configuration of an image (image-spec, image configuration). Its content is
/// not trusted to be valid.
#[derive(Debug, Clone)]
pub struct ImageConfig(Decoded);

/// A step in the build of an image (image-spec, image configuration, `history`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildStep {
    /// The command of the step.
    pub created_by: Untrusted,
    /// `true` if the step created no layer.
    pub is_empty: bool,
}

impl ImageConfig {
    /// Parses a blob as Go clients do; `None` if it is not a JSON object.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        Decoded::read(bytes, GoDocument::Config.fields()).map(Self)
    }

    /// A config assembled from a manifest that contains it in pieces.
    pub(super) fn of(value: Value) -> Self {
        Self(Decoded::of(value))
    }

    /// Returns `true` if the document has more values than are parsed, so that [`ImageConfig::value`] is incomplete.
    pub fn is_cut(&self) -> bool {
        self.0.is_cut
    }

    /// The fields that parsers read differently, at most eight, those that decide first.
    pub fn disputed(&self) -> &[DisputedField] {
        &self.0.disputed
    }

    fn decoded(&self) -> &Value {
        self.0.by_go()
    }

    /// The platform that the image was built for; `None` if it is missing or empty.
    pub fn platform(&self) -> Option<ListedPlatform> {
        ListedPlatform::read(self.decoded())
            .filter(|platform| !platform.os().is_empty() && !platform.architecture().is_empty())
    }

    /// The number of layers according to the config: the entries of `rootfs.diff_ids`. `None` if it is missing.
    pub fn layer_count(&self) -> Option<usize> {
        self.decoded().pointer("/rootfs/diff_ids").and_then(Value::as_array).map(Vec::len)
    }

    /// The digests of the uncompressed layers according to the config, `rootfs.diff_ids`, as written; at most a
    /// thousand.
    pub fn diff_ids(&self) -> Vec<Untrusted> {
        const LIMIT: usize = 1000;
        let listed =
            self.decoded().pointer("/rootfs/diff_ids").and_then(Value::as_array).into_iter().flatten().take(LIMIT);
        listed.map(|id| Untrusted::new(id.as_str().unwrap_or_default())).collect()
    }

    /// The required fields among `architecture` and `os` that are missing or empty.
    pub fn lacks(&self) -> Vec<&'static str> {
        let is_named =
            |name: &str| self.decoded().get(name).and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        ["architecture", "os"].into_iter().filter(|name| !is_named(name)).collect()
    }

    /// The parsed document. Its texts are untrusted and must not be printed as they are.
    pub fn value(&self) -> &Value {
        &self.0.sent
    }

    /// The creation time that the config claims.
    pub fn created(&self) -> Option<Untrusted> {
        self.text("created")
    }

    /// The author that the config claims.
    pub fn author(&self) -> Option<Untrusted> {
        self.text("author")
    }

    /// A runtime setting, by the name of its field in `config`: `Entrypoint`, `Env`, `Labels`. `None` if it is missing
    /// or empty.
    pub fn running(&self, name: &str) -> Option<&Value> {
        let value = self.decoded().get("config")?.get(name)?;
        let is_empty = match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(entries) => entries.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        };
        (!is_empty).then_some(value)
    }

    /// The build steps, the first one first; at most a thousand.
    pub fn history(&self) -> Vec<BuildStep> {
        const LIMIT: usize = 1000;
        let steps = self.decoded().get("history").and_then(Value::as_array).into_iter().flatten().take(LIMIT);
        let step = |step: &Value| BuildStep {
            created_by: Untrusted::new(step.get("created_by").and_then(Value::as_str).unwrap_or_default()),
            is_empty: step.get("empty_layer").and_then(Value::as_bool).unwrap_or_default(),
        };
        steps.map(step).collect()
    }

    fn text(&self, name: &str) -> Option<Untrusted> {
        self.decoded().get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(Untrusted::from)
    }

    /// Returns `true` if it has a field `rootfs`, which only image configurations have.
    pub fn has_root_file_system(&self) -> bool {
        self.decoded().get("rootfs").is_some_and(Value::is_object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn config_names_its_platform_and_number_of_layers() {
        let config = ImageConfig::read(
            br#"{"os":"linux","architecture":"arm","variant":"v7","rootfs":{"type":"layers","diff_ids":["a","b"]}}"#,
        );
        let config = config.unwrap();
        assert_eq!(config.platform().unwrap().text().as_str(), "linux/arm/v7");
        assert_eq!(config.layer_count(), Some(2));
        assert!(config.has_root_file_system());
    }

    #[test]
    fn config_names_its_runtime_settings_and_history() {
        // From the example of the image specification.
        let config = ImageConfig::read(
            br#"{"created":"2015-10-31T22:22:56.015925234Z","author":"Alyssa P. Hacker <alyspdev@example.com>",
                "config":{"User":"alice","Entrypoint":["/bin/my-app-binary"],"Cmd":[],"Volumes":null,"WorkingDir":""},
                "history":[{"created_by":"/bin/sh -c #(nop) ADD file:a3bc"},
                           {"created_by":"/bin/sh -c #(nop) CMD [\"sh\"]","empty_layer":true}, 7]}"#,
        );
        let config = config.unwrap();
        assert_eq!(config.created().unwrap().as_str(), "2015-10-31T22:22:56.015925234Z");
        assert_eq!(config.author().unwrap().as_str(), "Alyssa P. Hacker <alyspdev@example.com>");
        assert_eq!(config.running("User").unwrap(), "alice");
        assert_eq!(config.running("Entrypoint").unwrap()[0], "/bin/my-app-binary");
        for absent in ["Cmd", "Volumes", "WorkingDir", "Env"] {
            assert_eq!(config.running(absent), None, "{absent}");
        }
        let history = config.history();
        assert_eq!(history.iter().map(|step| step.is_empty).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(history[0].created_by.as_str(), "/bin/sh -c #(nop) ADD file:a3bc");
    }

    #[test]
    fn config_without_fields_has_no_values() {
        let config = ImageConfig::read(b"{}").unwrap();
        assert!(config.platform().is_none() && config.layer_count().is_none() && !config.has_root_file_system());
        assert!(ImageConfig::read(br#"{"os":"","architecture":""}"#).unwrap().platform().is_none());
        assert!(ImageConfig::read(b"\x1f\x8b").is_none() && ImageConfig::read(b"[]").is_none());
    }

    #[test]
    fn required_platform_fields_can_be_missing_or_empty() {
        let lacks = |json: &str| ImageConfig::read(json.as_bytes()).unwrap().lacks();
        assert_eq!(lacks(r#"{"os":"linux"}"#), ["architecture"]);
        assert_eq!(lacks(r#"{"os":"","architecture":""}"#), ["architecture", "os"]);
        assert_eq!(lacks(r#"{"os":"linux","Architecture":"amd64"}"#), [""; 0]);
    }
}
