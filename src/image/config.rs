//! The configuration of an image as it was received, looked at leniently.

use serde_json::Value;

use super::json::read_json_cut;
use super::{Document, ListedPlatform};
use crate::text::Untrusted;

/// A JSON document that was served as the configuration of an image (image-spec, image configuration). Nothing about it
/// is taken for granted.
#[derive(Debug, Clone)]
pub struct ImageConfig {
    value: Value,
    is_cut: bool,
}

/// A field of a configuration whose type is not the one that image-spec requires, so that Go clients cannot decode it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFault {
    /// The path of the field: `config.Entrypoint`.
    pub field: String,
    /// The type that it must have, with its article.
    pub wanted: &'static str,
}

/// The types that Go clients decode fields into (image-spec, image configuration; specs-go, v1/config.go).
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Time,
    Flag,
    Object,
    Texts,
    TextMap,
}

/// The fields of a configuration. A field that is missing or null is left at its zero value.
const FIELDS: [(&str, Kind); 17] = [
    ("created", Kind::Time),
    ("author", Kind::Text),
    ("architecture", Kind::Text),
    ("os", Kind::Text),
    ("variant", Kind::Text),
    ("os.version", Kind::Text),
    ("config", Kind::Object),
    ("config/User", Kind::Text),
    ("config/WorkingDir", Kind::Text),
    ("config/StopSignal", Kind::Text),
    ("config/Env", Kind::Texts),
    ("config/Entrypoint", Kind::Texts),
    ("config/Cmd", Kind::Texts),
    ("config/Labels", Kind::TextMap),
    ("rootfs", Kind::Object),
    ("rootfs/type", Kind::Text),
    ("rootfs/diff_ids", Kind::Texts),
];

/// The fields of an entry of `history`.
const HISTORY_FIELDS: [(&str, Kind); 5] = [
    ("created", Kind::Time),
    ("created_by", Kind::Text),
    ("author", Kind::Text),
    ("comment", Kind::Text),
    ("empty_layer", Kind::Flag),
];

impl Kind {
    fn admits(self, value: &Value) -> bool {
        match self {
            _ if value.is_null() => true,
            Self::Text => value.is_string(),
            Self::Time => value.as_str().is_some_and(is_rfc3339),
            Self::Flag => value.is_boolean(),
            Self::Object => value.is_object(),
            Self::Texts => {
                value.as_array().is_some_and(|entries| entries.iter().all(|entry| entry.is_string() || entry.is_null()))
            }
            Self::TextMap => {
                value.as_object().is_some_and(|all| all.values().all(|entry| entry.is_string() || entry.is_null()))
            }
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Text => "a string",
            Self::Time => "a time (RFC 3339)",
            Self::Flag => "a boolean",
            Self::Object => "an object",
            Self::Texts => "a list of strings",
            Self::TextMap => "an object of strings",
        }
    }
}

/// Whether a text has the form of a time by RFC 3339 §5.6, which Go requires; whether there is such a day is not checked.
fn is_rfc3339(text: &str) -> bool {
    let shaped = |text: &str, pattern: &str| {
        let digit = |(found, wanted): (u8, u8)| if wanted == b'0' { found.is_ascii_digit() } else { found == wanted };
        text.len() == pattern.len() && text.bytes().zip(pattern.bytes()).all(digit)
    };
    let Some((head, rest)) = text.split_at_checked(19) else { return false };
    let fraction = rest.strip_prefix('.').map_or(0, |digits| 1 + digits.bytes().take_while(u8::is_ascii_digit).count());
    let zone = rest.get(fraction..).unwrap_or_default();
    shaped(head, "0000-00-00T00:00:00")
        && fraction != 1
        && (zone == "Z" || shaped(zone, "+00:00") || shaped(zone, "-00:00"))
}

/// A step by which an image was made (image-spec, image configuration, `history`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildStep {
    /// The command that made it.
    pub created_by: Untrusted,
    /// Whether it made no layer.
    pub is_empty: bool,
}

impl ImageConfig {
    /// Reads a blob; `None` where it is not a JSON object.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let (value, is_cut) = read_json_cut(bytes).filter(|(value, _)| value.is_object())?;
        Some(Self { value, is_cut })
    }

    /// A config that was put together from a manifest that keeps it in pieces.
    pub(super) fn of(value: Value) -> Self {
        Self { value, is_cut: false }
    }

    /// Whether it has more values than are read of a document, so that its value is not all of it.
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The platform that it was built for; `None` where it names none, or an empty one.
    pub fn platform(&self) -> Option<ListedPlatform> {
        Document::platform_of(&self.value)
            .filter(|platform| !platform.os().is_empty() && !platform.architecture().is_empty())
    }

    /// How many layers it has by its own account: the entries of `rootfs.diff_ids`. `None` where it does not say.
    pub fn layer_count(&self) -> Option<usize> {
        self.value.pointer("/rootfs/diff_ids").and_then(Value::as_array).map(Vec::len)
    }

    /// The digests of the unpacked layers by its own account, `rootfs.diff_ids`, as they are written; at most a thousand.
    pub fn diff_ids(&self) -> Vec<Untrusted> {
        const LIMIT: usize = 1000;
        let listed = self.value.pointer("/rootfs/diff_ids").and_then(Value::as_array).into_iter().flatten().take(LIMIT);
        listed.map(|id| Untrusted::new(id.as_str().unwrap_or_default())).collect()
    }

    /// Which of the two required fields `architecture` and `os` are missing or empty. Go finds a field by its name
    /// without regard to case, so other spellings count.
    pub fn lacks(&self) -> Vec<&'static str> {
        let fields = self.value.as_object();
        let named = |name: &str| {
            let mut found = fields.into_iter().flatten().filter(|(key, _)| key.eq_ignore_ascii_case(name));
            found.any(|(_, value)| value.as_str().is_some_and(|text| !text.is_empty()))
        };
        ["architecture", "os"].into_iter().filter(|name| !named(name)).collect()
    }

    /// The fields that Go clients cannot decode, at most eight.
    pub fn faults(&self) -> Vec<ConfigFault> {
        const LIMIT: usize = 8;
        let wrong = |value: &Value, fields: &[(&str, Kind)], at: &str| -> Vec<ConfigFault> {
            let fields = fields.iter().filter_map(|(path, kind)| {
                let found = path.split('/').try_fold(value, |value, name| value.get(name))?;
                let field = format!("{at}{}", path.replace('/', "."));
                (!kind.admits(found)).then(|| ConfigFault { field, wanted: kind.words() })
            });
            fields.collect()
        };
        let mut faults = wrong(&self.value, &FIELDS, "");
        match self.value.get("history") {
            None | Some(Value::Null) => {}
            Some(Value::Array(steps)) => {
                let of_step = |(at, step): (usize, &Value)| match step {
                    Value::Object(_) => wrong(step, &HISTORY_FIELDS, &format!("history[{at}].")),
                    Value::Null => Vec::new(),
                    _ => vec![ConfigFault { field: format!("history[{at}]"), wanted: Kind::Object.words() }],
                };
                faults.extend(steps.iter().take(1000).enumerate().flat_map(of_step).take(LIMIT));
            }
            Some(_) => faults.push(ConfigFault { field: "history".to_owned(), wanted: "a list of objects" }),
        }
        faults.truncate(LIMIT);
        faults
    }

    /// The document as it was read. Texts in it are somebody else's, and nothing may be printed of them as it is.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// When it was made, as it says itself.
    pub fn created(&self) -> Option<Untrusted> {
        self.text("created")
    }

    /// Who made it, as it says itself.
    pub fn author(&self) -> Option<Untrusted> {
        self.text("author")
    }

    /// How a container of it is run, by the name of the field in `config`: `Entrypoint`, `Env`, `Labels`. `None` where it
    /// is not there, or nothing is in it.
    pub fn running(&self, name: &str) -> Option<&Value> {
        let value = self.value.get("config")?.get(name)?;
        let is_empty = match value {
            Value::Null => true,
            Value::String(text) => text.is_empty(),
            Value::Array(entries) => entries.is_empty(),
            Value::Object(fields) => fields.is_empty(),
            _ => false,
        };
        (!is_empty).then_some(value)
    }

    /// How it was made, the first step first; at most a thousand.
    pub fn history(&self) -> Vec<BuildStep> {
        const LIMIT: usize = 1000;
        let steps = self.value.get("history").and_then(Value::as_array).into_iter().flatten().take(LIMIT);
        let step = |step: &Value| BuildStep {
            created_by: Untrusted::new(step.get("created_by").and_then(Value::as_str).unwrap_or_default()),
            is_empty: step.get("empty_layer").and_then(Value::as_bool).unwrap_or_default(),
        };
        steps.map(step).collect()
    }

    fn text(&self, name: &str) -> Option<Untrusted> {
        self.value.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(Untrusted::from)
    }

    /// Whether it has a field `rootfs`, which only configurations of images have.
    pub fn has_root_file_system(&self) -> bool {
        self.value.get("rootfs").is_some_and(Value::is_object)
    }
}

#[cfg(test)]
mod tests {
    use crate::image::config::*;

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
    fn how_it_is_run_and_how_it_was_made_can_be_told() {
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
    fn what_it_does_not_say_is_not_known() {
        let config = ImageConfig::read(b"{}").unwrap();
        assert!(config.platform().is_none() && config.layer_count().is_none() && !config.has_root_file_system());
        assert!(ImageConfig::read(br#"{"os":"","architecture":""}"#).unwrap().platform().is_none());
        assert!(ImageConfig::read(b"\x1f\x8b").is_none() && ImageConfig::read(b"[]").is_none());
    }

    fn faults(json: &str) -> Vec<String> {
        ImageConfig::read(json.as_bytes()).unwrap().faults().into_iter().map(|fault| fault.field).collect()
    }

    /// The types of specs-go/v1/config.go.
    #[test]
    fn field_of_another_type_is_a_fault() {
        for (json, field) in [
            (r#"{"architecture":7}"#, "architecture"),
            (r#"{"created":""}"#, "created"),
            (r#"{"created":"2015-10-31 22:22:56"}"#, "created"),
            (r#"{"created":1446330176}"#, "created"),
            (r#"{"config":{"Entrypoint":"/bin/sh"}}"#, "config.Entrypoint"),
            (r#"{"config":{"Labels":{"a":1}}}"#, "config.Labels"),
            (r#"{"rootfs":[]}"#, "rootfs"),
            (r#"{"rootfs":{"diff_ids":"sha256:a"}}"#, "rootfs.diff_ids"),
            (r#"{"history":[{},{"empty_layer":"true"}]}"#, "history[1].empty_layer"),
            (r#"{"history":{}}"#, "history"),
        ] {
            assert_eq!(faults(json), [field], "{json}");
        }
    }

    #[test]
    fn null_missing_and_unknown_fields_are_no_faults() {
        for json in [
            r#"{}"#,
            r#"{"created":"0001-01-01T00:00:00Z","config":null,"history":null,"docker_version":"","container_config":7}"#,
            r#"{"created":"2015-10-31T22:22:56.015925234+02:00","config":{"Env":null,"Volumes":{"/data":{}}}}"#,
            r#"{"history":[{"created":"2015-10-31T22:22:54Z","empty_layer":true},null]}"#,
        ] {
            assert_eq!(faults(json), [""; 0], "{json}");
        }
    }

    #[test]
    fn required_platform_fields_can_be_missing_or_empty() {
        let lacks = |json: &str| ImageConfig::read(json.as_bytes()).unwrap().lacks();
        assert_eq!(lacks(r#"{"os":"linux"}"#), ["architecture"]);
        assert_eq!(lacks(r#"{"os":"","architecture":""}"#), ["architecture", "os"]);
        assert_eq!(lacks(r#"{"os":"linux","Architecture":"amd64"}"#), [""; 0]);
    }
}
