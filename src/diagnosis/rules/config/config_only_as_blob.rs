use crate::diagnosis::case::accept::{refused_by_accept, stored};
use crate::diagnosis::case::response_words;
use crate::diagnosis::content::is_layer;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::oci::media_type;

rule! {
    /// Entrypoint, environment and labels are in the config, which is a blob.
    ///
    /// ## What it means
    /// Docker v1 manifests had these settings in themselves. Newer ones only name a configuration by its digest. A
    /// client that asks for a docker v1 manifest, or for the configuration as if it were a manifest, gets nothing to
    /// read them from.
    ///
    /// ## How it is recognised
    /// A manifest that names a configuration is served, and the variants that ask for docker v1 or for a configuration
    /// are refused.
    ///
    /// ## What to do
    /// Ask for the blob that the manifest names as its config.
    ///
    /// ## References
    /// image-spec, image configuration; singularityhub/sregistry-cli#75; apptainer/singularity#1158
    "config-only-as-blob" in Config
}

/// The variants that look for the settings in a manifest.
const LOOKING: [&str; 4] = ["docker-v1", "docker-v1-signed", "docker-config", "oci-config"];

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (_, shown, stored) = stored(case)?;
    let document = stored.document.as_ref()?;
    let config = document.config()?;
    let is_of_an_image = matches!(config.media_type.as_str(), media_type::DOCKER_CONFIG | media_type::OCI_CONFIG);
    // Signatures and attestations have the configuration of an image too, and nothing in it.
    if !is_of_an_image || !document.layers().iter().all(is_layer) {
        return None;
    }
    let refused = refused_by_accept(case);
    let (_, id, response) = refused.into_iter().find(|(variant, ..)| LOOKING.contains(&variant.id()))?;
    let digest = config.digest.named_within(140);
    let title = "entrypoint and environment are in the config, which is a blob";
    let finding =
        Finding::info(title, id, response_words(response)).because(shown, format!("config: {digest}")).cause(format!(
            "There is no docker v1 manifest to read them from. The manifest names its config {digest}, which is \
             stored as a blob."
        ));
    Some(finding)
}
