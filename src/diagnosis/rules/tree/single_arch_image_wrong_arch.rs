use super::pinned_child;
use crate::diagnosis::content::{self, serves};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::ExchangeId;
use crate::image::ListedPlatform;

rule! {
    /// There is one image only, and it is for another platform.
    ///
    /// ## What it means
    /// The reference is not an index, but a single image, which every machine is given. What a client does depends on it:
    ///
    /// - Another architecture: Docker, containerd (Kubernetes) and Podman pull it. Docker prints `image with reference …
    ///   was found but its platform … does not match the specified platform` as a warning where `--platform` is given,
    ///   Podman warns that it `does not match the expected platform`. What is in it then does not start (`exec format
    ///   error`), or slowly, where it is emulated. So it is a warning.
    /// - Another operating system: Docker's classic store refuses it with `image operating system … cannot be used on this
    ///   platform`, and nothing runs it. So it is an error.
    /// - An entry of an index that names no platform: containerd reads the platform from the config and refuses it with `no
    ///   match for platform in manifest`. So it is an error.
    ///
    /// ## How it is recognised
    /// Every client was served a manifest, not an index, or the entry that is taken of an index names no platform; and its
    /// configuration names another operating system or architecture than the wanted one.
    ///
    /// ## What to do
    /// Build it for both (`docker buildx build --platform linux/amd64,linux/arm64`), use another tag, or say what is
    /// meant where it is to be emulated (`docker run --platform`).
    ///
    /// ## References
    /// image-spec, image configuration; moby v28.5.2, daemon/images/image_pull.go, distribution/config.go; containerd,
    /// core/images/image.go (Manifest); Red5d/docker-autocompose#27; kata-containers/kata-containers#9654
    "single-arch-image-wrong-arch" in Tree
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    if let Some(finding) = unnamed_entry(case) {
        return Some(finding);
    }
    let (shown, built) = wrong_platform(case)?;
    if pinned_child(case).is_some() {
        return None;
    }
    let wanted = &case.record().platform;
    let is = built.text().named_within(40);
    let title = format!("it is a single image for {is}, not for {wanted}");
    let fix = format!("Use another tag, or have it built for {wanted}.");
    let why = "There is no list of images for several platforms, only this one.";
    if built.os() != wanted.os {
        return Some(Finding::error(ExitStatus::Content, title, shown, is).fix(fix).cause(format!(
            "{why} Docker refuses it (image operating system cannot be used on this platform). Podman and containerd fetch \
             it, and nothing in it runs there."
        )));
    }
    let finding = Finding::warning(title, shown, is).fix(fix).cause(format!(
        "{why} Docker, containerd and Podman pull it, with a warning at most; what is in it does not start there, or has to \
         be emulated."
    ));
    Some(finding.fix_with(
        "To have it emulated, say that it is meant:",
        words!["docker", "run", "--platform", &built, Word::input(case.reference())],
    ))
}

/// An entry of an index that names no platform, for an image of another one.
fn unnamed_entry(case: &Case<'_>) -> Option<Finding> {
    let image = content::image(case).filter(content::Image::is_for_engines)?;
    image.entry.as_ref().filter(|entry| entry.platform.is_none())?;
    let (shown, built) = of_another_platform(case, &image)?;
    let wanted = &case.record().platform;
    let is = built.text().named_within(40);
    Some(
        Finding::error(ExitStatus::Content, format!("its image is for {is}, not for {wanted}"), shown, is)
            .because(case.served()?.0, "no platform")
            .cause(
                "The entry of the index names no platform. containerd, and with it Kubernetes, reads it from the config and \
                 refuses the image (no match for platform in manifest); Docker's classic store and Podman pull it.",
            )
            .fix(format!("Use another tag, or have an image for {wanted} added to the index.")),
    )
}

/// What a single image was built for, where that is not the wanted platform, and the exchange that shows it. What is
/// for no machine at all, such as a WebAssembly module, is for none of another kind either.
pub(super) fn wrong_platform(case: &Case<'_>) -> Option<(ExchangeId, ListedPlatform)> {
    let image = content::image(case).filter(|image| image.entry.is_none() && image.is_for_engines())?;
    if case.all_served().iter().any(|(_, _, other)| other.is_index()) {
        return None;
    }
    of_another_platform(case, &image)
}

/// What the image was built for, where that is not the wanted platform, and the exchange that shows it.
fn of_another_platform(case: &Case<'_>, image: &content::Image) -> Option<(ExchangeId, ListedPlatform)> {
    if image.document.layers().is_empty() {
        return None;
    }
    let (shown, config) = content::image_config(case)?;
    let built = config.platform()?;
    let for_no_machine =
        built.os() == "unknown" || built.architecture() == "unknown" || built.architecture().starts_with("wasm");
    let wanted = &case.record().platform;
    (!for_no_machine && !serves(&content::in_go_s_names(&built), wanted)).then_some((shown, built))
}
