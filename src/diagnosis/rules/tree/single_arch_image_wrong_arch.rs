use super::index_digest_vs_image_digest::pinned_child;
use crate::diagnosis::content::{self, serves};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding, Word, words};
use crate::evidence::ExchangeId;
use crate::image::ListedPlatform;

rule! {
    /// There is one image only, and it is for another platform.
    ///
    /// ## What it means
    /// The reference is no index, but a single image, which every machine is given. Engines pull it with a warning at
    /// most; what is in it then does not start (`exec format error`), or slowly, where it is emulated. Docker refuses
    /// an image for another operating system.
    ///
    /// ## How it is recognised
    /// Every client was served a manifest, not an index, and its configuration names another operating system or
    /// architecture than the wanted one.
    ///
    /// ## What to do
    /// Build it for both (`docker buildx build --platform linux/amd64,linux/arm64`), use another tag, or say what is
    /// meant where it is to be emulated (`docker run --platform`).
    ///
    /// ## References
    /// image-spec, image configuration; Red5d/docker-autocompose#27; kata-containers/kata-containers#9654
    "single-arch-image-wrong-arch" in Tree
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (shown, built) = wrong_platform(case)?;
    if pinned_child(case).is_some() {
        return None;
    }
    let wanted = &case.record().platform;
    let is = built.text().named_within(40);
    let other_system = built.os() != wanted.os;
    let effect = if other_system {
        "Docker refuses it, and nothing in it runs here."
    } else {
        "It can be pulled; what is in it does not start there, or has to be emulated."
    };
    let finding = Finding::warning(format!("it is a single image for {is}, not for {wanted}"), shown, is.clone())
        .cause(format!("There is no list of images for several platforms, only this one. {effect}"))
        .fix(format!("Use another tag, or have it built for {wanted}."));
    Some(if other_system {
        finding
    } else {
        finding.fix_with(
            "To have it emulated, say that it is meant:",
            words!["docker", "run", "--platform", &built, Word::input(case.reference())],
        )
    })
}

/// What a single image was built for, where that is not the wanted platform, and the exchange that shows it. What is
/// for no machine at all, such as a WebAssembly module, is for none of another kind either.
pub(super) fn wrong_platform(case: &Case<'_>) -> Option<(ExchangeId, ListedPlatform)> {
    let image = content::image(case).filter(|image| image.entry.is_none() && image.is_for_engines())?;
    if image.document.layers().is_empty() || case.all_served().iter().any(|(_, _, other)| other.is_index()) {
        return None;
    }
    let (shown, config) = content::image_config(case)?;
    let built = config.platform()?;
    let for_no_machine =
        built.os() == "unknown" || built.architecture() == "unknown" || built.architecture().starts_with("wasm");
    let wanted = &case.record().platform;
    (!for_no_machine && !serves(&content::in_go_s_names(&built), wanted)).then_some((shown, built))
}
