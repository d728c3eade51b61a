//! `layers`: the layers of an image.

mod history;

use clap::{Args, ValueEnum};
use schemars::JsonSchema;
use serde::Serialize;

use super::config::KeptIn;
use super::envelope::{Envelope, Fetched};
use super::{CommandError, CommandSpec, EntryKind, Exchanges, FROM, Group, List, Output, Overview, Shown, fetched};
use crate::diagnosis::ExitStatus;
use crate::image::{Descriptor, ImageConfig, Manifest as ImageManifest, Schema1};
use crate::oci::media_type;
use crate::recipe::steps;
use crate::report::{Block, Cell, Column, Label, Published, Row, Span, Table, short_digest};
use crate::session::Session;
use crate::text::Untrusted;
use history::WrittenStep;

/// The description of `layers`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Content, at: (0, 2), usage: "layers", about: "" }),
    one_shot: &[
        ("ociscope layers alpine:3.20", ""),
        ("ociscope layers --platform arm64 alpine:3.20", "of another platform"),
        ("ociscope layers --as commands alpine:3.20", "the history as build steps, each with its layer"),
    ],
    examples: &[
        ("layers", "with the build step of each, if known"),
        ("layers --as commands", "the history as build steps, each with its layer"),
    ],
    by_platform: true,
    takes: Some(EntryKind::Manifest),
    shown,
    forms: &[Published::of::<Envelope<WrittenLayers>>()],
    asks_a_registry: true,
    ..CommandSpec::named("layers")
};

/// The arguments of `layers`.
#[derive(Debug, Args)]
pub struct LayersArguments {
    /// Image reference
    #[arg(value_name = "REF", required_unless_present = FROM)]
    pub(super) reference: Option<String>,

    /// Show the history as build steps, each with the layer that it made
    #[arg(long = "as", value_name = "FORM", value_enum)]
    form: Option<As>,
}

/// The forms of a list of layers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum As {
    /// The build steps in the history, like the instructions of a Dockerfile
    Commands,
}

impl LayersArguments {
    pub(super) async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let mut conversation = fetched::begin(session, self.reference.as_deref()).await?;
        let (shown, layers, config, named, in_manifest) = match conversation.image().await? {
            Ok(image) => {
                // The layers are in the manifest; the config only adds their build steps.
                let config = conversation.config(&image).await?.ok().map(|(_, _, config)| config);
                let named = image.entry.as_ref().and_then(|entry| entry.digest.as_str().parse().ok());
                let named = named.or_else(|| conversation.reference().digest().cloned());
                (image.shown, image.document.layers(), config, named, false)
            }
            Err(stopped) => match conversation.schema1(&stopped) {
                Some(Schema1 { config, layers, .. }) => (stopped.at, layers, Some(config), None, true),
                None => return fetched::stopped::<WrittenLayers>(&conversation, &stopped, output),
            },
        };
        let made_by = config.as_ref().map_or_else(|| vec![None; layers.len()], |config| made_by(config, layers.len()));
        let steps = config.as_ref().map(|config| steps(config, &layers));
        let total = layers.iter().try_fold(0_u64, |sum, layer| sum.checked_add(layer.size?));
        let platform = config.as_ref().and_then(ImageConfig::platform).map(|platform| platform.text());

        let written = WrittenLayers {
            platform: platform.as_ref().map(|platform| platform.as_str().to_owned()),
            kept_in: if in_manifest { KeptIn::Manifest } else { KeptIn::Blob },
            total_size: total,
            layers: layers.iter().zip(&made_by).map(WrittenLayer::of).collect(),
            history: steps.as_ref().map(|steps| steps.iter().map(|step| WrittenStep::of(step, &layers)).collect()),
        };
        let object = fetched::object(&conversation, shown, written);

        let mut redactor = conversation.redactor();
        let mut document = fetched::titled(&conversation);
        let platform = platform.map_or_else(|| "no platform".to_owned(), |platform| platform.named_within(60));
        let count = if layers.len() == 1 { "1 layer".to_owned() } else { format!("{} layers", layers.len()) };
        let total =
            total.map_or_else(|| "some sizes are missing".to_owned(), |total| format!("{total} bytes in total"));
        document.push(Block::Text(vec![Span::new(format!("{platform} · {count} · {total}"), Label::Strong)]));
        document.extend(in_manifest.then(fetched::config_is_in_the_manifest));
        match (self.form, &steps) {
            (Some(As::Commands), Some(steps)) => document.extend(history::build_steps(steps, &layers)),
            _ => document.push(Block::Table(table(&layers, &made_by))),
        }
        if config.is_none() {
            let words =
                "Build steps are unknown, because the config could not be fetched; `ociscope config REF` shows why.";
            document.push(Block::Text(vec![Span::new(words, Label::Caution)]));
        }
        document.push(fetched::request_line(&conversation, shown, named.as_ref(), &mut redactor));
        output.fetched(&document, &object, &mut redactor)?;
        Ok(ExitStatus::Success)
    }
}

/// The build step of each layer, by the history, if it has as many steps with a layer as there are layers.
fn made_by(config: &ImageConfig, layers: usize) -> Vec<Option<Untrusted>> {
    let steps: Vec<_> = config.history().into_iter().filter(|step| !step.is_empty).collect();
    if steps.len() != layers {
        return vec![None; layers];
    }
    steps.into_iter().map(|step| Some(step.created_by).filter(|by| !by.as_str().is_empty())).collect()
}

/// The layers of a manifest, or of one in schema 1.
fn shown(exchanges: &Exchanges<'_>) -> Shown {
    let of = |document: &ImageManifest| match Schema1::read(document) {
        Some(manifest) => manifest.layers,
        None => document.layers(),
    };
    let entries = exchanges.last_with(of);
    Shown { list: entries.map(|entries| List { kind: EntryKind::Layer, entries }), exchange: None }
}

/// The layers of an image.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenLayers {
    /// The platform in the config; null if unknown.
    platform: Option<String>,
    /// Where the config is stored: in a blob, or, with Docker schema 1, in the history of the manifest.
    kept_in: KeptIn,
    /// The total size of all layers in bytes; null if a size is missing.
    total_size: Option<u64>,
    /// The layers in the manifest, the base layer first.
    layers: Vec<WrittenLayer>,
    /// The build steps in the history of the config, the first one first; null if the config could not be fetched.
    history: Option<Vec<WrittenStep>>,
}

impl Fetched for WrittenLayers {
    const NAME: &'static str = "layers";
    const TITLE: &'static str = "Output of `ociscope layers REF --json`";
}

/// One layer.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenLayer {
    /// The media type in the manifest.
    media_type: String,
    /// The digest in the manifest.
    digest: String,
    /// The size in bytes in the manifest.
    size: Option<u64>,
    /// Its build step; null if the history does not match the layers.
    created_by: Option<String>,
}

impl WrittenLayer {
    fn of((layer, made_by): (&Descriptor, &Option<Untrusted>)) -> Self {
        Self {
            media_type: layer.media_type.as_str().to_owned(),
            digest: layer.digest.as_str().to_owned(),
            size: layer.size,
            created_by: made_by.as_ref().map(|made_by| made_by.as_str().to_owned()),
        }
    }
}

fn table(layers: &[Descriptor], made_by: &[Option<Untrusted>]) -> Table {
    let mut columns = vec![Column::numbers("#"), Column::text("Type"), Column::text("Digest"), Column::numbers("Size")];
    let known = made_by.iter().any(Option::is_some);
    columns.extend(known.then(|| Column::flexible("Created by")));
    let row = |(number, (layer, made_by)): (usize, (&Descriptor, &Option<Untrusted>))| {
        let mut row: Row = vec![
            Cell::new((number + 1).to_string(), Label::Quiet),
            Cell::new(kind(layer), Label::Plain),
            Cell::new(short_digest(&layer.digest), Label::Plain),
            Cell::new(layer.size.map_or_else(|| "–".to_owned(), |size| size.to_string()), Label::Plain),
        ];
        let words = made_by.as_ref().map_or_else(|| "–".to_owned(), |made_by| made_by.printable_within(200));
        row.extend(known.then(|| Cell::new(words, Label::Quiet)));
        row
    };
    Table { rows: layers.iter().zip(made_by).enumerate().map(row).collect(), columns }
}

fn kind(layer: &Descriptor) -> String {
    let kind = media_type::essence(layer.media_type.as_str());
    match media_type::layer_words(&kind) {
        Some(words) => words.to_owned(),
        None if kind.is_empty() => "–".to_owned(),
        None => layer.media_type.printable_within(60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn config(steps: &[(&str, bool)]) -> ImageConfig {
        let steps: Vec<_> = steps.iter().map(|(by, empty)| json!({ "created_by": by, "empty_layer": empty })).collect();
        ImageConfig::read(json!({ "history": steps }).to_string().as_bytes()).unwrap()
    }

    #[test]
    fn layers_have_build_steps_only_if_the_history_matches() {
        let config = config(&[("ADD file:a", false), ("CMD [\"sh\"]", true), ("", false)]);
        assert_eq!(made_by(&config, 2), [Some(Untrusted::from("ADD file:a")), None]);
        assert_eq!(made_by(&config, 3), [None, None, None], "a step would be attributed to the wrong layer");
    }
}
