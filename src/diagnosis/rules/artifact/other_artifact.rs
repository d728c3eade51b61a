use super::buildkit_cache_pulled::cache;
use super::sif_artifact::sif;
use super::{HELM, subject_of, taken, taken_entry};
use crate::diagnosis::content::IMAGE_CONFIGS;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::ExchangeId;
use crate::image::{Manifest, Shape};
use crate::oci::media_type;
use crate::text::Untrusted;

rule! {
    /// Reference points to an artifact that is not an image
    ///
    /// ## What it means
    /// Registries store more than images: charts, signatures, models, policies, caches. Most container engines reject
    /// them; some download them, but cannot run them.
    ///
    /// ## How it is recognised
    /// The config has a type that is not that of an image, or the served document has a type that no image has. In an
    /// index, the rule checks the entry without a platform that clients take if no entry matches the requested
    /// platform.
    ///
    /// ## What to do
    /// Use the tool that the artifact was made for; `oras pull` downloads any artifact.
    ///
    /// ## References
    /// image-spec, guidelines for artifact usage; moby/moby#49896; regclient/regclient#791
    "other-artifact" in Artifact
}

/// Parts of types, and the tool for artifacts of such a type.
const TOOLS: [(&str, &str); 6] = [
    ("vnd.devcontainers", "Use the devcontainer CLI."),
    ("vnd.wasm", "Use a WebAssembly runtime."),
    ("vnd.cncf.flux", "Use Flux: flux pull artifact."),
    ("vnd.cncf.model", "Use a model runner for this model."),
    ("vnd.docker.ai", "Use Docker's model runner: docker model pull."),
    ("vnd.docker.plugin", "Install it as a Docker plugin: docker plugin install."),
];

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (id, field, kind, subject) = by_manifest(case).or_else(|| by_entry(case))?;
    let shown = kind.named_within(100);
    let title = format!("reference points to {shown}, not an image");
    let tool = TOOLS.iter().find(|(part, _)| kind.as_str().contains(part)).map(|(_, tool)| *tool);
    let finding = Finding::error(ExitStatus::Content, title, id, format!("{field}: {shown}"))
        .cause(format!("The artifact is for another program, and a container engine cannot run it.{subject}"))
        .fix(tool.unwrap_or("Use the tool that the artifact was made for; oras pull downloads it."));
    Some(finding)
}

/// The exchange with the manifest, the field that shows that it is not an image, its type, and a sentence on its
/// subject.
fn by_manifest(case: &Case<'_>) -> Option<(ExchangeId, &'static str, Untrusted, String)> {
    let (id, document) = taken(case).or_else(|| case.document())?;
    if sif(&document).is_some() || cache(&document).is_some() {
        return None;
    }
    let served = case.journal().observation(id)?.served.clone();
    let (field, kind) = kind(&document, served)?;
    Some((id, field, kind, subject_of(&document)))
}

/// The values of [`by_manifest`], from the entry of an index whose manifest was not fetched.
fn by_entry(case: &Case<'_>) -> Option<(ExchangeId, &'static str, Untrusted, String)> {
    let (id, kind) = taken_entry(case).filter(|(_, kind)| kind.as_str() != HELM && taken(case).is_none())?;
    Some((id, "artifactType", kind, String::new()))
}

/// The field that shows that a document is not an image, and its type.
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
