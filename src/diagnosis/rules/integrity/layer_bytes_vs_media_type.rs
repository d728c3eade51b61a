use super::{is_served_falsely, wrong_bytes};
use crate::diagnosis::content::{self, Part, is_layer};
use crate::diagnosis::layers::bytes_of;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, delivery};
use crate::evidence::{BodyKind, ExchangeId, body_kind};
use crate::image::Magic;
use crate::oci::media_type::essence;

rule! {
    /// Layer does not match its media type
    ///
    /// ## What it means
    /// The media type of a layer says how it is compressed. Docker looks at the bytes; other clients rely on the type
    /// and fail: `archive/tar: invalid tar header`, `gzip: invalid header`. No engine unpacks content that is not an
    /// archive at all, such as a squashfs file system.
    ///
    /// ## How it is recognised
    /// The first bytes of the layer are of another format than its media type names. Encrypted layers, and media types
    /// that name no format, do not count.
    ///
    /// ## What to do
    /// Push the image again with a tool that derives the type from the bytes: `skopeo copy`, `crane`, `docker buildx`.
    ///
    /// ## References
    /// image-spec, layer; containers/buildah#1589; containerd/containerd#10134
    "layer-bytes-vs-media-type" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    if is_served_falsely(case) {
        return None;
    }
    let layers = delivery::layers(case);
    let all = layers.len();
    let wrong: Vec<_> = layers.iter().filter_map(|part| Some((part, mismatch(part)?))).collect();
    let is_archive = |found: Magic| !matches!(found, Magic::Squashfs | Magic::Sif | Magic::Json | Magic::Other);
    let &(part, (id, said, found)) = wrong.iter().find(|(_, (_, _, found))| !is_archive(*found)).or(wrong.first())?;
    let manifest = content::image(case)?.shown;
    let kind = part.descriptor.media_type.named_within(100);
    let words = words(part, found);
    let quote = format!("bytes are {words}");
    let counted = format!("{} of {all} layers", wrong.len());
    let finding = if is_archive(found) {
        Finding::warning("layers are not compressed as their media type says", id, quote).cause(format!(
            "Media type and bytes differ in {counted}: one type says {}, but the bytes are {}. Docker looks at the \
             bytes and pulls; containerd and others rely on the type and may fail: invalid tar header.",
            said.words(),
            words
        ))
    } else {
        let finding = Finding::error(ExitStatus::Content, "layer is not an archive", id, quote).cause(format!(
            "Media type and bytes differ in {counted}: one type says {}, but the bytes are {}. No engine can unpack \
             them.",
            said.words(),
            words
        ));
        if words == HTML {
            return Some(with_fix(finding, manifest, &kind));
        }
        if found == Magic::Other { finding.likely() } else { finding }
    };
    Some(with_fix(finding, manifest, &kind))
}

/// The name of a web page.
const HTML: &str = "HTML";

/// The name of the format of a layer's bytes. A web page with the digest of the layer is what was pushed.
fn words(part: &Part<'_>, found: Magic) -> &'static str {
    let is_html = part.stored().is_some_and(|(_, response)| body_kind(response) == BodyKind::Html);
    if is_html { HTML } else { found.words() }
}

fn with_fix(finding: Finding, manifest: ExchangeId, kind: &str) -> Finding {
    finding.because(manifest, format!("names a layer of type {kind}")).fix(
        "Push the image again with a tool that derives the type from the bytes: skopeo copy, crane or docker buildx.",
    )
}

/// The exchange with the bytes of a layer, the format that its type names, and their actual format.
fn mismatch(part: &Part<'_>) -> Option<(ExchangeId, Magic, Magic)> {
    let said = said(part)?;
    let (id, found) = bytes_of(part)?;
    // Content that changed in transit has another length as well, and another rule reports that.
    let changed = part.descriptor.size.zip(part.length()).is_some_and(|(said, found)| said != found);
    if changed || wrong_bytes(part).is_some() || delivery::is_page(part) {
        return None;
    }
    let fits = match found {
        Magic::Empty => true,
        // An archive without entries is nothing but zeros.
        Magic::Tar | Magic::Zeros => said == Magic::Tar,
        Magic::Other => said == Magic::Tar,
        other => other == said,
    };
    (!fits).then_some((id, said, found))
}

/// The format that the media type of a layer names.
pub(super) fn said(part: &Part<'_>) -> Option<Magic> {
    let kind = essence(part.descriptor.media_type.as_str());
    if !is_layer(&part.descriptor) || kind.ends_with("+encrypted") {
        return None;
    }
    let ends = |ending: &str| kind.ends_with(ending);
    match () {
        () if ends("tar+gzip") || ends("tar.gzip") => Some(Magic::Gzip),
        () if ends("tar+zstd") || ends("tar.zstd") => Some(Magic::Zstd),
        () if ends(".tar") => Some(Magic::Tar),
        () => None,
    }
}
