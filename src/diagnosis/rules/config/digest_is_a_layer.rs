use super::{Kind, kind, missing_digest};
use crate::diagnosis::content::is_blob;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// Digest belongs to a layer, not to a manifest
    ///
    /// ## What it means
    /// Web pages of registries and the progress output of a pull show the digests of layers. A layer is a blob, a part
    /// of an image, and cannot be pulled by itself.
    ///
    /// ## How it is recognised
    /// The registry refuses the digest as a manifest, and the same repository has a blob with this digest that begins
    /// as a layer does: compressed with gzip or zstd, or an archive. A probe does not read the blob and judges by its
    /// length.
    ///
    /// ## What to do
    /// Pull by the digest of the manifest: `ociscope probe NAME:TAG` shows it.
    ///
    /// ## References
    /// distribution/distribution#3122; image-spec, layer
    "digest-is-a-layer" in Config, instead_of: ["pinned-digest-gone"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (digest, id, _) = missing_digest(case)?;
    let (blob, true) = is_blob(case, digest)? else { return None };
    let title = "digest belongs to a layer, not to a manifest";
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, case.words(id))
        .because(blob, "has a blob with this digest");
    let repository = case.reference().repository();
    let has = format!("{repository} has a blob with this digest, but no manifest.");
    let finding = match kind(case, digest, blob) {
        Kind::Layer(read, found) => finding.because(read, format!("bytes are {}", found.words())).cause(format!(
            "{has} By its first bytes, the blob is a layer, a part of an image. Only manifests can be pulled."
        )),
        Kind::Long => finding.likely().cause(format!(
            "{has} By its length, the blob is a layer, a part of an image. Only manifests can be pulled."
        )),
        Kind::Config(_) | Kind::Other(_) | Kind::Unseen => return None,
    };
    Some(finding.fix("Use the digest of the manifest: probe the tag to see it."))
}
