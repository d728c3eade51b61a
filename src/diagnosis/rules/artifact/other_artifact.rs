use super::buildkit_cache_pulled::cache;
use super::sif_artifact::sif;
use super::{HELM, attached_to, taken, taken_entry};
use crate::diagnosis::content::IMAGE_CONFIGS;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::ExchangeId;
use crate::image::{Manifest, Shape};
use crate::oci::media_type;
use crate::text::Untrusted;

rule! {
    /// It is something else than an image.
    ///
    /// ## What it means
    /// Registries store more than images: charts, signatures, models, policies, caches. Most container engines refuse
    /// them; some download them and cannot run them.
    ///
    /// ## How it is recognised
    /// The configuration has a type that is no image's, or what was served is of a type that no image has. Of an index,
    /// that is the entry without a platform that a client takes because nothing in it is for the wanted one.
    ///
    /// ## What to do
    /// Use the tool that it was made for; `oras pull` downloads any of them.
    ///
    /// ## References
    /// image-spec, guidelines for artifact usage; moby/moby#49896; regclient/regclient#791
    "other-artifact" in Artifact
}

/// Parts of types, and who reads what has them.
const READERS: [(&str, &str); 6] = [
    ("vnd.devcontainers", "The devcontainer CLI reads it."),
    ("vnd.wasm", "A WebAssembly runtime reads it."),
    ("vnd.cncf.flux", "Flux reads it: flux pull artifact."),
    ("vnd.cncf.model", "It is a model; a model runner reads it."),
    ("vnd.docker.ai", "Docker's model runner reads it: docker model pull."),
    ("vnd.docker.plugin", "It is a plugin of Docker: docker plugin install."),
];

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, field, kind, attached) = by_manifest(case).or_else(|| by_entry(case))?;
    let shown = kind.named_within(100);
    let title = format!("it is not an image, but {shown}");
    let reader = READERS.iter().find(|(part, _)| kind.as_str().contains(part)).map(|(_, reader)| *reader);
    let finding = Finding::error(ExitStatus::Content, title, id, format!("{field}: {shown}"))
        .cause(format!("It is stored for another program, and a container engine cannot run it.{attached}"))
        .fix(reader.unwrap_or("Use the tool that it was made for; oras pull downloads it."));
    Some(finding)
}

/// The exchange with the manifest, the field that says that it is no image, what it is, and what it is attached to.
fn by_manifest(case: &Case<'_>) -> Option<(ExchangeId, &'static str, Untrusted, String)> {
    let (id, document) = taken(case).or_else(|| case.document())?;
    if sif(&document).is_some() || cache(&document).is_some() {
        return None;
    }
    let served = case.journal().observation(id)?.served.clone();
    let (field, kind) = kind(&document, served)?;
    Some((id, field, kind, attached_to(&document)))
}

/// The same by the entry of an index, where its manifest was not fetched.
fn by_entry(case: &Case<'_>) -> Option<(ExchangeId, &'static str, Untrusted, String)> {
    let (id, kind) = taken_entry(case).filter(|(_, kind)| kind.as_str() != HELM && taken(case).is_none())?;
    Some((id, "artifactType", kind, String::new()))
}

/// What says that it is no image, and what it is.
fn kind(document: &Manifest, served: Untrusted) -> Option<(&'static str, Untrusted)> {
    let config = document.config().map(|config| config.media_type);
    match document.shape() {
        Shape::Manifest => {
            let config = config.filter(|kind| kind.as_str() != HELM && !IMAGE_CONFIGS.contains(&kind.as_str()))?;
            Some(document.artifact_type().map_or(("config", config), |kind| ("artifactType", kind)))
        }
        Shape::Unknown
            if served.as_str().starts_with("application/vnd.") && !media_type::CURRENT.contains(&served.as_str()) =>
        {
            Some(("content-type", served))
        }
        _ => None,
    }
}
