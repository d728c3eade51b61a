//! `config`: the image config.

mod recipe;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::envelope::{Envelope, Fetched};
use super::manifest::too_many_values;
use super::{CommandError, CommandSpec, EntryKind, FROM, Group, Output, Overview, fetched};
use crate::diagnosis::ExitStatus;
use crate::evidence::ExchangeId;
use crate::image::{ImageConfig, ListedPlatform, Schema1};
use crate::oci::Digest;
use crate::report::{Block, Label, Published, Span};
use crate::session::Session;
use crate::text::Untrusted;
use recipe::{As, Found};

/// The most entries of one field that are shown, and the most characters of each.
const ENTRIES: usize = 200;
const ENTRY: usize = 2000;

/// The fields that are shown, in this order, and whether a missing one is shown as a dash.
const FIELDS: [(&str, bool); 8] = [
    ("Entrypoint", true),
    ("Cmd", true),
    ("Env", true),
    ("WorkingDir", false),
    ("User", false),
    ("ExposedPorts", false),
    ("Volumes", false),
    ("Labels", false),
];

/// The description of `config`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Content, at: (0, 1), usage: "config", about: "" }),
    one_shot: &[
        ("ociscope config alpine:3.20", ""),
        ("ociscope config --platform arm64 alpine:3.20", "of another platform"),
        ("ociscope config --raw alpine:3.20 | jq .config.Env", "the bytes as received"),
        ("ociscope config alpine:3.20 --as apptainer > alpine.def", "as an Apptainer definition"),
        ("ociscope config alpine:3.20 --as run", "as a `docker run` command"),
    ],
    examples: &[
        ("config", "of the current image"),
        ("config --platform linux/amd64", "of a platform"),
        ("config --raw > config.json", "write the bytes as received"),
        ("config --as dockerfile", "as a Dockerfile"),
    ],
    by_platform: true,
    takes: Some(EntryKind::Manifest),
    forms: &[Published::of::<Envelope<WrittenConfig>>()],
    asks_a_registry: true,
    ..CommandSpec::named("config")
};

/// The arguments of `config`.
#[derive(Debug, Args)]
pub struct ConfigArguments {
    /// Image reference
    #[arg(value_name = "REF", required_unless_present = FROM)]
    pub(super) reference: Option<String>,

    /// Write the bytes as received, as in a pipe; for a schema 1 manifest, the newest v1Compatibility
    #[arg(long)]
    pub(super) raw: bool,

    /// Write the settings in the form of another tool, unredacted like --raw
    #[arg(long = "as", value_name = "FORM", value_enum, conflicts_with = "raw")]
    form: Option<As>,
}

impl ConfigArguments {
    /// Whether the result is what the registry sent, and not redacted.
    pub(super) fn asks_for_bytes(&self) -> bool {
        self.raw || self.form.is_some()
    }

    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut conversation = fetched::begin(session, self.reference.as_deref()).await?;
        let (found, image) = match conversation.image().await? {
            Ok(image) => (conversation.config(&image).await?.map(FoundConfig::in_a_blob), Found::of(&image)),
            Err(stopped) => match conversation.schema1(&stopped) {
                Some(manifest) => {
                    (Ok(FoundConfig::in_the_manifest(stopped.at, manifest)), Found::in_schema_1(stopped.at))
                }
                None => return fetched::stopped::<WrittenConfig>(&conversation, &stopped, output),
            },
        };
        let found = match found {
            Ok(found) => found,
            Err(stopped) => return fetched::stopped::<WrittenConfig>(&conversation, &stopped, output),
        };
        let FoundConfig { answer, digest, config, in_manifest } = &found;
        if let Some(form) = self.form {
            return recipe::write(form, &image, (*answer, config), &conversation, output);
        }
        let exchange = conversation.journal().get(*answer);
        let bytes = exchange.response.as_ref().map_or(&[][..], |response| &response.body.bytes);
        if output.is_bytes() {
            let bytes = in_manifest.as_ref().map_or(bytes, |newest| newest.as_bytes());
            output.raw(bytes, &conversation.redactor())?;
            return Ok(ExitStatus::Success);
        }
        let platform = config.platform().map(|platform| platform.text());
        let mut redactor = conversation.redactor();
        let written = WrittenConfig {
            platform: platform.as_ref().map(|platform| platform.as_str().to_owned()),
            kept_in: if in_manifest.is_some() { KeptIn::Manifest } else { KeptIn::Blob },
            digest: digest.as_ref().map(ToString::to_string),
            size: in_manifest.is_none().then_some(bytes.len()),
            // A part of a document is not shown.
            config: (!config.is_cut()).then(|| redactor.json(config.value())),
        };
        let object = fetched::object(&conversation, *answer, written);
        let mut document = fetched::titled(&conversation);
        document.push(Block::Text(vec![Span::new(about(config), Label::Strong)]));
        document.extend(in_manifest.is_some().then(fetched::config_is_in_the_manifest));
        document.extend(config.is_cut().then(too_many_values));
        document.push(Block::Words(fields(config)));
        document.push(fetched::request_line(&conversation, *answer, digest.as_ref(), &mut redactor));
        output.fetched(&document, &object, &mut redactor)?;
        Ok(ExitStatus::Success)
    }
}

/// A config.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenConfig {
    /// The platform in the config; null if there is none.
    platform: Option<String>,
    /// Where the config is stored: in a blob, or, with Docker schema 1, in the history of the manifest.
    kept_in: KeptIn,
    /// The verified digest; null if the config is not a blob.
    digest: Option<String>,
    /// Its size in bytes; null if the config is not a blob.
    size: Option<usize>,
    /// The document as it was served; null if it has more than 200000 values.
    #[schemars(with = "Option<Map<String, Value>>")]
    config: Option<Value>,
}

/// Where an image stores its config.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(super) enum KeptIn {
    Blob,
    Manifest,
}

impl Fetched for WrittenConfig {
    const NAME: &'static str = "config";
    const TITLE: &'static str = "Output of `ociscope config REF --json`";
}

/// A config, and where it is stored.
struct FoundConfig {
    answer: ExchangeId,
    /// Its digest, if it is a blob.
    digest: Option<Digest>,
    config: ImageConfig,
    /// The newest `v1Compatibility`, if it is stored in a schema 1 manifest.
    in_manifest: Option<String>,
}

impl FoundConfig {
    fn in_a_blob((answer, digest, config): (ExchangeId, Digest, ImageConfig)) -> Self {
        Self { answer, digest: Some(digest), config, in_manifest: None }
    }

    fn in_the_manifest(answer: ExchangeId, Schema1 { config, newest, .. }: Schema1) -> Self {
        Self { answer, digest: None, config, in_manifest: Some(newest) }
    }
}

/// `linux/amd64 · created 2018-02-14 · 27 steps of history`
fn about(config: &ImageConfig) -> String {
    let platform = config.platform().as_ref().map(ListedPlatform::text);
    let mut parts = vec![platform.map_or_else(|| "no platform".to_owned(), |platform| platform.named_within(60))];
    parts.extend(config.created().map(|created| {
        let day = created.as_str().split('T').next().unwrap_or_default();
        format!("created {}", Untrusted::from(day).named_within(40))
    }));
    parts.extend(config.author().map(|author| format!("by {}", author.named_within(80))));
    parts.extend(match config.history().len() {
        0 => None,
        1 => Some("1 step of history".to_owned()),
        steps => Some(format!("{steps} steps of history")),
    });
    parts.join(" · ")
}

/// The fields, one per line and aligned; a field with several entries has one line for each.
fn fields(config: &ImageConfig) -> Vec<String> {
    let fields = FIELDS.iter().map(|&(name, always)| (name, always, config.running(name)));
    let shown: Vec<_> = fields.filter(|(_, always, value)| *always || value.is_some()).collect();
    let column = shown.iter().map(|(name, ..)| name.len()).max().unwrap_or_default();
    let mut lines = Vec::new();
    for (name, _, value) in shown {
        let entries = value.map_or_else(|| vec!["–".to_owned()], |value| entries(name, value));
        let left_out = entries.len().saturating_sub(ENTRIES);
        let more = (left_out > 0).then(|| format!("… {left_out} more; --raw and --json have all"));
        match &entries[..] {
            [entry] => lines.push(format!("{name:column$}  {entry}")),
            _ => {
                lines.push(name.to_owned());
                lines.extend(entries.into_iter().take(ENTRIES).chain(more).map(|entry| format!("  {entry}")));
            }
        }
    }
    lines
}

/// The value of a field, one text per line. A command is one line.
fn entries(name: &str, value: &Value) -> Vec<String> {
    let printable = |text: String| Untrusted::new(text).printable_within(ENTRY);
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match value {
        Value::Array(words) if name != "Env" => {
            let words: Vec<_> = words.iter().map(Value::to_string).collect();
            vec![printable(format!("[{}]", words.join(", ")))]
        }
        Value::Array(entries) => entries.iter().map(|entry| printable(text(entry))).collect(),
        Value::Object(fields) if name == "Labels" => {
            fields.iter().map(|(label, value)| printable(format!("{label}={}", text(value)))).collect()
        }
        Value::Object(fields) => fields.keys().map(|field| printable(field.clone())).collect(),
        other => vec![printable(text(other))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_has_its_lines_and_a_missing_one_is_a_dash_or_left_out() {
        // From the example of the image specification.
        let config = ImageConfig::read(
            br#"{"os":"linux","architecture":"amd64","created":"2015-10-31T22:22:56.015925234Z",
                 "config":{"User":"alice","ExposedPorts":{"8080/tcp":{}},"Env":["PATH=/usr/bin","FOO=oci_is_a"],
                 "Entrypoint":["/bin/my-app-binary","--foreground"],"Labels":{"com.example.author":"j\u001b[2J"}}}"#,
        );
        let config = config.unwrap();
        assert_eq!(about(&config), "linux/amd64 · created 2015-10-31");
        assert_eq!(
            fields(&config),
            [
                r#"Entrypoint    ["/bin/my-app-binary", "--foreground"]"#,
                "Cmd           –",
                "Env",
                "  PATH=/usr/bin",
                "  FOO=oci_is_a",
                "User          alice",
                "ExposedPorts  8080/tcp",
                "Labels        com.example.author=j\\x1b[2J",
            ]
        );
    }

    #[test]
    fn field_of_an_unexpected_type_is_shown_as_it_is() {
        let config = ImageConfig::read(br#"{"config":{"Env":"A=1","Cmd":"run it","Labels":[1,null],"User":{"a":1}}}"#);
        let config = config.unwrap();
        assert_eq!(about(&config), "no platform");
        assert_eq!(
            fields(&config),
            ["Entrypoint  –", "Cmd         run it", "Env         A=1", "User        a", "Labels      [1, null]"]
        );
    }
}
