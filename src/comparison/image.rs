//! The images that a client selects on each side: their manifests, configs and layers.

use std::collections::BTreeSet;

use super::document::{Documents, named, other_fields, same_json, says_the_same};
use super::look::{ImageLook, Look, type_words, with_article};
use super::value::{Difference, Kind};
use crate::image::Descriptor;
use crate::oci::media_type::{essence, layer_words};

/// The fields of a config that decide what a container runs.
const RUNNING: &str = "config";

/// Two images, compared.
pub(super) struct Compared {
    /// What differs.
    pub differences: Vec<Difference>,
    /// The result in a few words.
    pub words: String,
}

/// How much two images have in common for clients that run them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Likeness {
    /// The same manifest.
    Same,
    /// Other digests, but the same files and settings.
    SameContent,
    /// Other files or settings.
    Other,
    /// Values were removed from a config, because they may be secret.
    Hidden,
    /// At least one of them was not read.
    Unknown,
}

/// Compares the images that a client selects. Nothing differs where a side has none: then it lacks the platform, or
/// the image.
pub(super) fn compared(sides: &[Look<'_>; 2]) -> Compared {
    let [Some(a), Some(b)] = sides.each_ref().map(|look| look.image.as_ref()) else {
        return Compared { differences: Vec::new(), words: "not compared: one side has no image to select".to_owned() };
    };
    if a.digest.is_some() && a.digest == b.digest {
        return Compared {
            differences: Vec::new(),
            words: format!("same manifest, config and {}", layers(a.layers.len())),
        };
    }
    let exchanges = [Some(a.exchange), Some(b.exchange)];
    let [one, other] = [0, 1].map(|at| sides[at].body([a, b][at].exchange));
    let documents = one.zip(other).and_then(|(one, other)| Documents::read([one, other]));
    let is_schema1 = a.is_schema1() || b.is_schema1();
    if let Some(same) = documents.as_ref().filter(|_| !is_schema1).and_then(|both| same_json("manifest", both)) {
        return Compared { differences: vec![same.shown_by(exchanges)], words: "same JSON, other bytes".to_owned() };
    }
    let mut differences = Vec::new();
    differences.extend(conversion([a, b]).map(|difference| difference.shown_by(exchanges)));
    let (of_config, config_words) = configs(sides, [a, b]);
    differences.extend(of_config);
    let (of_layers, layer_words) = layers_of([a, b]);
    differences.extend(of_layers.map(|difference| difference.shown_by(exchanges)));
    // The type of a converted manifest is said already.
    let is_converted = a.media_type != b.media_type;
    let known = if is_converted { &["config", "layers", "mediaType"][..] } else { &["config", "layers"] };
    let others = documents.filter(|_| !is_schema1).map(|documents| documents.other_fields(known));
    let mut others = others.unwrap_or_default();
    if others.is_empty() && differences.is_empty() {
        others.extend(other_descriptors([a, b]));
    }
    if !others.is_empty() {
        let text = format!("Other fields of the manifest differ: {}.", named(others));
        differences.push(Difference::noticed(Kind::Fields, text).shown_by(exchanges));
    }
    Compared { differences, words: format!("{config_words}, {layer_words}") }
}

/// How much the images that clients select have in common.
pub(super) fn likeness(sides: &[Look<'_>; 2]) -> Likeness {
    let [Some(a), Some(b)] = sides.each_ref().map(|look| look.image.as_ref()) else { return Likeness::Unknown };
    if a.digest.is_some() && a.digest == b.digest {
        return Likeness::Same;
    }
    let same_layers = digests(a) == digests(b);
    let same_config = a.config_digest.is_some() && a.config_digest == b.config_digest;
    if same_layers && same_config {
        return Likeness::SameContent;
    }
    let (Some((_, one, removed)), Some((_, other, removed_too))) = (&a.config, &b.config) else {
        return Likeness::Unknown;
    };
    if *removed || *removed_too {
        return Likeness::Hidden;
    }
    let same_files = same_layers || a.diff_ids().zip(b.diff_ids()).is_some_and(|(a, b)| a == b);
    let same_platform = one.platform().map(|one| one.text()) == other.platform().map(|other| other.text());
    let running = |config: &crate::image::ImageConfig| config.value().get(RUNNING).cloned().unwrap_or_default();
    let runs_alike = says_the_same(&running(one), &running(other));
    if same_files && same_platform && runs_alike { Likeness::SameContent } else { Likeness::Other }
}

/// The same image in another format.
fn conversion(images: [&ImageLook; 2]) -> Option<Difference> {
    let [a, b] = images.map(|image| &image.media_type);
    (a != b).then(|| {
        let [a, b] = [a, b].map(|kind| with_article(&type_words(kind)));
        Difference::noticed(Kind::Converted, format!("A serves the image as {a}, B as {b}."))
    })
}

/// The difference of two configs, and the result in short.
fn configs(sides: &[Look<'_>; 2], [a, b]: [&ImageLook; 2]) -> (Option<Difference>, String) {
    if !a.is_for_engines() && !b.is_for_engines() && a.config_digest == b.config_digest {
        return (None, "same config".to_owned());
    }
    if a.config_digest.is_some() && a.config_digest == b.config_digest {
        return (None, "same config".to_owned());
    }
    let (Some((at, one, _)), Some((other_at, other, _))) = (&a.config, &b.config) else {
        let text = "The configs have other digests; one of them was not read.";
        return (Some(Difference::noticed(Kind::Config, text)), "another config".to_owned());
    };
    let exchanges = [Some(*at), Some(*other_at)];
    if a.is_schema1() || b.is_schema1() {
        // A schema 1 manifest has the config in pieces, and without the digests of the uncompressed layers.
        let fields = running_fields(one.value(), other.value());
        if fields.is_empty() {
            return (None, "same settings".to_owned());
        }
        let text = format!("The settings differ: {}.", named(fields));
        return (Some(Difference::noticed(Kind::Config, text).shown_by(exchanges)), "other settings".to_owned());
    }
    let [one_body, other_body] = [sides[0].body(*at), sides[1].body(*other_at)];
    let documents = one_body.zip(other_body).and_then(|(one, other)| Documents::read([one, other]));
    if let Some(same) = documents.as_ref().and_then(|documents| same_json("config", documents)) {
        let words = if same.kind == Kind::SameJson { "same config in other bytes" } else { "another config" };
        return (Some(same.shown_by(exchanges)), words.to_owned());
    }
    let mut fields = other_fields(one.value(), other.value(), "");
    fields.retain(|name| name != RUNNING);
    fields.extend(running_fields(one.value(), other.value()));
    let is_redacted = documents.is_some_and(|documents| documents.is_redacted);
    let text = match fields.is_empty() {
        true => "The configs say the same and are written differently.".to_owned(),
        false => format!("The configs differ in {}.", named(fields)),
    };
    let difference = Difference::noticed(Kind::Config, text).likely_if(is_redacted).shown_by(exchanges);
    (Some(difference), "another config".to_owned())
}

/// The fields below `config` that differ.
fn running_fields(one: &serde_json::Value, other: &serde_json::Value) -> Vec<String> {
    let nothing = serde_json::Value::Null;
    let of = |config: &serde_json::Value| config.get(RUNNING).cloned().unwrap_or(nothing.clone());
    other_fields(&of(one), &of(other), "config.")
}

/// The difference of the layers, and the result in short.
fn layers_of([a, b]: [&ImageLook; 2]) -> (Option<Difference>, String) {
    let (one, other) = (digests(a), digests(b));
    if one == other {
        let words =
            if a.layers.len() == 1 { "same layer".to_owned() } else { format!("same {}", layers(a.layers.len())) };
        return (None, words);
    }
    let same_ids = a.diff_ids().zip(b.diff_ids()).is_some_and(|(a, b)| a == b);
    if same_ids {
        let pairs: Vec<_> = a.layers.iter().zip(&b.layers).filter(|(a, b)| a.digest != b.digest).collect();
        let all = a.layers.len();
        let which = match (pairs.len(), all) {
            (1, 1) => "the only layer".to_owned(),
            (count, all) if count == all => format!("all {}", layers(all)),
            (count, all) => format!("{count} of {}", layers(all)),
        };
        let were = if pairs.len() == 1 { "was" } else { "were" };
        let [from, to] = [0, 1].map(|at| {
            let kinds: BTreeSet<_> = pairs.iter().map(|(a, b)| compression([a, b][at])).collect();
            kinds.into_iter().collect::<Vec<_>>().join(", ")
        });
        let how = if from == to { format!("both {from}") } else { format!("{from} on A, {to} on B") };
        let text = format!(
            "The files are the same, the compressed bytes are not: {which} {were} recompressed ({how}). The uncompressed \
             digests (diff_ids) agree."
        );
        return (Some(Difference::noticed(Kind::Recompressed, text)), format!("{which} recompressed"));
    }
    let shared = one.iter().filter(|digest| other.contains(digest)).count();
    let text = match shared {
        0 => format!("Other layers: A has {}, B {}, and none is on both sides.", one.len(), other.len()),
        _ if shared == one.len() && one.len() == other.len() => "The same layers in another order.".to_owned(),
        _ => format!(
            "Other layers: {} on both sides, {} on A alone, {} on B alone.",
            shared,
            one.len() - shared,
            other.iter().filter(|digest| !one.contains(digest)).count()
        ),
    };
    let words = match shared {
        0 => "no common layer".to_owned(),
        _ => format!("{shared} of {} in common", layers(one.len().max(other.len()))),
    };
    (Some(Difference::noticed(Kind::Layers, text)), words)
}

fn digests(image: &ImageLook) -> Vec<&str> {
    image.layers.iter().map(|layer| layer.digest.as_str()).collect()
}

/// Fields of the descriptors in the manifest that differ although the digests are equal.
fn other_descriptors([a, b]: [&ImageLook; 2]) -> Vec<String> {
    let config = [a, b].map(|image| image.document.value().get("config"));
    let layers = [a, b].map(|image| image.document.value().get("layers"));
    let differing = [("config", config), ("layers", layers)].into_iter().filter(|(_, [a, b])| a != b);
    differing.map(|(name, _)| format!("descriptors in {name}")).collect()
}

/// The compression of a layer by its media type.
fn compression(layer: &Descriptor) -> &'static str {
    match layer_words(&essence(layer.media_type.as_str())) {
        Some(words) if words.contains("gzip") => "gzip",
        Some(words) if words.contains("zstd") => "zstd",
        Some(_) => "uncompressed",
        None => "unknown compression",
    }
}

/// `1 layer`, `7 layers`.
fn layers(count: usize) -> String {
    if count == 1 { "1 layer".to_owned() } else { format!("{count} layers") }
}
