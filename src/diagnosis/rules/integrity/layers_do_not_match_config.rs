use super::is_served_falsely;
use super::layer_bytes_vs_media_type::said;
use crate::diagnosis::content::{self, Image, is_layer};
use crate::diagnosis::layers::bytes_of;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, delivery};
use crate::evidence::ExchangeId;
use crate::image::{ImageConfig, Magic};
use crate::text::Untrusted;

rule! {
    /// Config does not match the layers of the manifest
    ///
    /// ## What it means
    /// The config lists the digest of each unpacked layer (`rootfs.diff_ids`) in the order of the manifest. Engines
    /// compare the two and reject the image: `layers from manifest don't match image configuration`, `wrong diff id
    /// calculated on extraction`, `number of layers and diffIDs don't match`. Tools that change only the manifest
    /// produce such images.
    ///
    /// ## How it is recognised
    /// The config, whose digest is right, lists a different number of layers than the manifest has, or none although
    /// there are some. Layers that are fetched from elsewhere count like all others; entries without a layer media type
    /// may or may not count. Or a diff_id is impossible, which manifest and config prove by themselves: the diff_id of
    /// an uncompressed layer is its digest, that of a compressed layer never is, one layer has one diff_id wherever it
    /// is listed, and a diff_id is a digest. The first bytes of a layer say whether it is compressed; if they were not
    /// read, its media type does.
    ///
    /// ## What to do
    /// Rebuild the image, or use a tool that changes both.
    ///
    /// ## References
    /// image-spec, image configuration, `rootfs`; moby/moby#27568; containerd/containerd#10196; termoshtt/ocipkg#42;
    /// paketo-buildpacks/builder-noble-java-tiny#293
    "layers-do-not-match-config" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    if is_served_falsely(case) {
        return None;
    }
    let image = content::image(case).filter(Image::is_for_engines)?;
    let (shown, config) = content::image_config(case)?;
    let layers = image.document.layers();
    let counted = config.layer_count();
    let listed = counted.unwrap_or(0);
    // containerd counts the entries with a layer media type, Docker all entries.
    if listed == layers.len() || listed == layers.iter().filter(|layer| is_layer(layer)).count() {
        return impossible(case, &image, shown, &config);
    }
    let has = match counted {
        Some(listed) => format!("lists {} in rootfs.diff_ids", count(listed)),
        None => "has no rootfs.diff_ids".to_owned(),
    };
    let title = TITLE;
    let quote = match counted {
        None => "has no diff_ids".to_owned(),
        Some(1) => "lists 1 diff_id".to_owned(),
        Some(listed) => format!("lists {listed} diff_ids"),
    };
    let finding = Finding::error(ExitStatus::Integrity, title, shown, quote)
        .because(image.shown, format!("names {}", count(layers.len())))
        .cause(format!(
            "The manifest has {}, but the config {has}. Engines compare the two and reject the image.",
            count(layers.len())
        ))
        .fix("Rebuild the image, or use a tool that changes both.");
    Some(finding)
}

const TITLE: &str = "config does not match the layers";

fn count(layers: usize) -> String {
    if layers == 1 { "1 layer".to_owned() } else { format!("{layers} layers") }
}

/// The finding about a diff_id that its layer cannot have.
fn impossible(case: &Case<'_>, image: &Image, shown: ExchangeId, config: &ImageConfig) -> Option<Finding> {
    let layers = delivery::layers(case);
    let diff_ids = config.diff_ids();
    // Where engines count differently, a diff_id cannot be assigned to a layer.
    if layers.len() != diff_ids.len() {
        return None;
    }
    let pairs: Vec<_> = layers.iter().zip(&diff_ids).collect();
    let wrong = pairs.iter().enumerate().find_map(|(at, (layer, diff_id))| {
        let digest = layer.descriptor.digest.as_str();
        let twin = pairs[..at].iter().position(|(other, _)| other.descriptor.digest.as_str() == digest);
        let is_own = diff_id.as_str() == digest;
        let why = match form(layer) {
            _ if diff_id.as_str().parse::<crate::oci::Digest>().is_err() => "it is not a digest".to_owned(),
            Some(Form::Plain) if !is_own => "the layer is not compressed, so its diff_id is its digest".to_owned(),
            Some(Form::Compressed) if is_own => {
                "the layer is compressed, so its diff_id cannot be the digest of the compressed bytes".to_owned()
            }
            _ => {
                let twin = twin.filter(|&twin| pairs[twin].1 != *diff_id)?;
                format!("it is the same layer as layer {}, which has another diff_id", twin + 1)
            }
        };
        Some((at, digest, *diff_id, why))
    });
    let (at, digest, diff_id, why) = wrong?;
    let named = |text: &Untrusted| text.named_within(140);
    let finding = Finding::error(ExitStatus::Integrity, TITLE, shown, format!("lists the diff_id {}", named(diff_id)))
        .because(image.shown, format!("names the layer {}", Untrusted::from(digest).named_within(140)))
        .cause(format!(
            "The diff_id of layer {} of {} in rootfs.diff_ids is impossible: {why}. Engines unpack the layer, find \
             another digest and reject the image.",
            at + 1,
            pairs.len()
        ))
        .fix("Rebuild the image, or use a tool that changes both.");
    Some(finding)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    Compressed,
}

/// The form of a layer, by its bytes if some were read, else by its media type. `None` if neither tells.
fn form(layer: &content::Part<'_>) -> Option<Form> {
    match (said(layer)?, bytes_of(layer).map(|(_, found)| found)) {
        (_, Some(Magic::Tar | Magic::Zeros)) => Some(Form::Plain),
        (_, Some(Magic::Gzip | Magic::Zstd | Magic::Bzip2 | Magic::Xz)) => Some(Form::Compressed),
        (_, Some(_)) => None,
        (Magic::Tar, None) => Some(Form::Plain),
        (_, None) => Some(Form::Compressed),
    }
}
