use super::{Kind, kind, missing_digest};
use crate::diagnosis::content::is_blob;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, words};
use crate::evidence::{ExchangeId, error_entries};

rule! {
    /// The digest is that of a blob, not of a manifest.
    ///
    /// ## What it means
    /// What Docker calls an image ID is the digest of the image's configuration. That is stored as a blob, under
    /// another path, and cannot be pulled. Nor can any other blob.
    ///
    /// ## How it is recognised
    /// The digest is refused as a manifest, and the same repository has a blob with it. A diagnosis reads the blob: a
    /// configuration has a field `rootfs`. A 500 with the code `UNKNOWN`, as CNCF distribution 2.8 answers, makes it
    /// likely.
    ///
    /// ## What to do
    /// Pull by the digest of the manifest: `docker image inspect --format '{{.RepoDigests}}' IMAGE` shows it, and
    /// probing the tag does too. What the digest stands for can be read as a blob: `ociscope blob REFERENCE`.
    ///
    /// ## References
    /// moby/moby#17670; distribution/distribution#3122; distribution registry/storage/registry.go (2.8)
    "digest-is-image-id" in Config, instead_of: ["pinned-digest-gone"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (digest, id, status) = missing_digest(case)?;
    let title = "the digest is that of a blob, not of a manifest";
    let finding = Finding::error(ExitStatus::NotAcceptable, title, id, case.words(id));
    let repository = case.reference().repository();
    let has = format!("There is no manifest with this digest, but {repository} has a blob with it.");
    let finding = match is_blob(case, digest) {
        Some((blob, true)) => {
            let finding = finding.because(blob, format!("{} as a blob", case.words(blob).as_str()));
            match kind(case, digest, blob) {
                Kind::Layer(..) | Kind::Long => return None,
                Kind::Config(read) => {
                    Finding { title: "the digest is an image ID, not that of a manifest".to_owned(), ..finding }
                        .because(read, "\"rootfs\"")
                        .cause(format!("{has} It is an image ID: the digest of the image's configuration. Only manifests can be pulled."))
                }
                Kind::Other(read) => finding.because(read, "no \"rootfs\" in it").cause(format!(
                    "{has} It is neither the configuration of an image nor a layer. Only manifests can be pulled."
                )),
                Kind::Unseen => finding.cause(format!(
                    "{has} Most likely it is an image ID: the digest of the image's configuration. Only manifests can be \
                     pulled."
                )),
            }
        }
        Some((_, false)) => return None,
        None if status == 500 && is_unknown(case, id) => finding.likely().cause(
            "This registry answers 500 without a reason. CNCF distribution 2.8 does that for the digest of a \
             blob, such as an image ID.",
        ),
        None => return None,
    };
    let finding = finding.fix("Use the digest of the manifest, which a probe of the tag shows.").fix_with(
        "Or read it on a machine that has the image:",
        words!["docker", "image", "inspect", "--format", "{{.RepoDigests}}", "IMAGE"],
    );
    Some(finding.fix_with(
        "To see what is stored under it, ask for it as a blob:",
        words!["ociscope", "blob", case.reference()],
    ))
}

fn is_unknown(case: &Case<'_>, id: ExchangeId) -> bool {
    let response = case.journal().get(id).response.as_ref();
    response.is_some_and(|response| error_entries(response).iter().any(|entry| entry.code.as_str() == "UNKNOWN"))
}
