use crate::diagnosis::case::accept::{refused_by_accept, stored};
use crate::diagnosis::case::response_words;
use crate::diagnosis::content::is_layer;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::oci::media_type;

rule! {
    /// Entrypoint, environment and labels are in the config blob
    ///
    /// ## What it means
    /// Docker schema 1 manifests contained these settings. Newer manifests only name a config by its digest. A client
    /// that requests a Docker schema 1 manifest, or the config as if it were a manifest, has nothing to read them from.
    ///
    /// ## How it is recognised
    /// The registry serves a manifest that names a config, and refuses the variants that request Docker schema 1 or a
    /// config.
    ///
    /// ## What to do
    /// Fetch the blob that the manifest names as its config: `ociscope config REFERENCE`.
    ///
    /// ## References
    /// image-spec, image configuration; singularityhub/sregistry-cli#75; apptainer/singularity#1158
    "config-only-as-blob" in Config
}

/// The variants that request the settings as a manifest.
const EXPECTING_CONFIG: [&str; 4] = ["docker-v1", "docker-v1-signed", "docker-config", "oci-config"];

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (_, shown, stored) = stored(case)?;
    let document = stored.document.as_ref()?;
    let config = document.config()?;
    let is_of_an_image = matches!(config.media_type.as_str(), media_type::DOCKER_CONFIG | media_type::OCI_CONFIG);
    // Signatures and attestations have an image config too, but an empty one.
    if !is_of_an_image || !document.layers().iter().all(is_layer) {
        return None;
    }
    let refused = refused_by_accept(case);
    let (_, id, response) = refused.into_iter().find(|(variant, ..)| EXPECTING_CONFIG.contains(&variant.id()))?;
    let digest = config.digest.named_within(140);
    let title = "entrypoint and environment are in the config blob";
    let finding = Finding::info(title, id, response_words(response))
        .because(shown, format!("names the config {digest}"))
        .cause(format!(
            "There is no Docker schema 1 manifest to read them from. The manifest names its config, {digest}, which is \
             stored as a blob."
        ));
    Some(finding)
}
