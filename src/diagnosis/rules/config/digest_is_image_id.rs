use super::{Kind, kind, missing_digest};
use crate::diagnosis::content::is_blob;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, words};
use crate::evidence::{ExchangeId, error_entries};

rule! {
    /// Digest belongs to a blob, not to a manifest
    ///
    /// ## What it means
    /// The image ID that Docker shows is the digest of the image's config. The config is stored as a blob, under
    /// another path, and cannot be pulled. Nor can any other blob.
    ///
    /// ## How it is recognised
    /// The registry refuses the digest as a manifest, and the same repository has a blob with this digest. A diagnosis
    /// reads the blob: a config has a field `rootfs`. A 500 with the code `UNKNOWN`, which CNCF distribution 2.8
    /// returns for the digest of a blob, makes it likely.
    ///
    /// ## What to do
    /// Pull by the digest of the manifest: `docker image inspect --format '{{.RepoDigests}}' IMAGE` shows it, and so
    /// does `ociscope probe NAME:TAG`. To read what is stored under the digest, fetch the blob: `ociscope blob
    /// REFERENCE`.
    ///
    /// ## References
    /// moby/moby#17670; distribution/distribution#3122; distribution registry/storage/registry.go (2.8)
    "digest-is-image-id" in Config, instead_of: ["pinned-digest-gone"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (digest, id, status) = missing_digest(case)?;
    let title = "digest belongs to a blob, not to a manifest";
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, case.words(id));
    let repository = case.reference().repository();
    let has = format!("{repository} has a blob with this digest, but no manifest.");
    let finding = match is_blob(case, digest) {
        Some((blob, true)) => {
            let finding = finding.because(blob, "has a blob with this digest");
            match kind(case, digest, blob) {
                Kind::Layer(..) | Kind::Long => return None,
                Kind::Config(read) => {
                    Finding { title: "digest is an image ID, not a manifest digest".to_owned(), ..finding }
                        .because(read, "has \"rootfs\"")
                        .cause(format!(
                            "{has} This is an image ID, the digest of the image's config. Only manifests can be pulled."
                        ))
                }
                Kind::Other(read) => finding.because(read, "has no \"rootfs\"").cause(format!(
                    "{has} The blob is neither the config of an image nor a layer. Only manifests can be pulled."
                )),
                Kind::Unseen => finding.cause(format!(
                    "{has} Most likely this is an image ID, the digest of the image's config. Only manifests can be \
                     pulled."
                )),
            }
        }
        Some((_, false)) => return None,
        None if status == 500 && is_unknown(case, id) => finding.likely().cause(
            "The registry answers 500 without a reason. CNCF distribution 2.8 does so for the digest of a blob, such \
             as an image ID.",
        ),
        None => return None,
    };
    let finding = finding.fix("Use the digest of the manifest: probe the tag to see it.").fix_with(
        "Or print it on a machine that has the image:",
        words!["docker", "image", "inspect", "--format", "{{.RepoDigests}}", "IMAGE"],
    );
    Some(finding.fix_with(
        "To see what is stored under this digest, fetch the blob:",
        words!["ociscope", "blob", case.reference()],
    ))
}

fn is_unknown(case: &Case<'_>, id: ExchangeId) -> bool {
    let response = case.journal().get(id).response.as_ref();
    response.is_some_and(|response| error_entries(response).iter().any(|entry| entry.code.as_str() == "UNKNOWN"))
}
