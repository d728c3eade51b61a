use crate::diagnosis::layers::MOST_LAYERS;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, content};

rule! {
    /// Image has more layers than engines can mount
    ///
    /// ## What it means
    /// Layers are mounted on top of each other. Docker's classic store stops at 125 with `max depth exceeded`, after
    /// downloading them. Linux mounts up to 500 with overlayfs, so an image with more runs nowhere.
    ///
    /// ## How it is recognised
    /// The manifest has more than 125 layers, which is a warning. More than 500 are an error, and only the first 500
    /// are checked.
    ///
    /// ## What to do
    /// Build the image with fewer layers: combine steps, or flatten it (`docker buildx build` with a last stage that
    /// copies, `podman build --squash-all`).
    ///
    /// ## References
    /// moby v28.5.2, layer/layer_store.go (`maxLayerDepth`); Linux, fs/overlayfs (`OVL_MAX_STACK`)
    "too-many-layers" in Artifact
}

/// The maximum number of layers of an image in Docker's classic store.
const DOCKER: usize = 125;

fn examine(case: &Case<'_>) -> Option<Finding> {
    let image = content::image(case).filter(content::Image::is_for_engines)?;
    let all = image.document.layer_count();
    let quote = format!("{all} layers");
    let finding = match all {
        0..=DOCKER => return None,
        _ if all > MOST_LAYERS => Finding::error(
            ExitStatus::Content,
            format!("image has {all} layers, more than any engine mounts"),
            image.shown,
            quote,
        )
        .cause(format!(
            "Linux mounts up to {MOST_LAYERS} layers on top of each other, Docker's classic store up to {DOCKER}."
        )),
        _ => Finding::warning(format!("image has {all} layers; Docker accepts up to {DOCKER}"), image.shown, quote)
            .cause(format!(
                "Docker's classic store stops at more than {DOCKER} layers (max depth exceeded). containerd and \
                 Podman mount up to {MOST_LAYERS}."
            )),
    };
    Some(finding.fix("Build the image with fewer layers: combine steps, or flatten it."))
}
