use super::pinned_child;
use crate::diagnosis::content::{self, serves};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::ExchangeId;
use crate::image::ListedPlatform;

rule! {
    /// Single-platform image is for another platform
    ///
    /// ## What it means
    /// The reference is not an index but a single image, which every machine gets. The effect depends on the client:
    ///
    /// - Another architecture: Docker, containerd (Kubernetes) and Podman pull it. Docker prints `image with reference …
    ///   was found but its platform … does not match the specified platform` as a warning if `--platform` is given,
    ///   Podman warns that it `does not match the expected platform`. The programs in it then do not start (`exec format
    ///   error`), or run slowly under emulation. The finding is a warning.
    /// - Another operating system: Docker's classic store rejects it with `image operating system … cannot be used on
    ///   this platform`, and nothing runs it. The finding is an error.
    /// - An index entry that names no platform: containerd reads the platform from the config and rejects it with `no
    ///   match for platform in manifest`. The finding is an error.
    ///
    /// ## How it is recognised
    /// Every client was served a manifest, not an index, or the selected index entry names no platform; and the config
    /// names another operating system or architecture than the wanted one.
    ///
    /// ## What to do
    /// Build it for both (`docker buildx build --platform linux/amd64,linux/arm64`), use another tag, or request
    /// emulation explicitly (`docker run --platform`).
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
    let title = format!("the image is for {is} only, not for {wanted}");
    let fix = format!("Use another tag, or have the image built for {wanted}.");
    let why = "This is a single image, not a list for several platforms.";
    if built.os() != wanted.os {
        return Some(Finding::error(ExitStatus::Content, title, shown, is).fix(fix).cause(format!(
            "{why} Docker rejects it (image operating system cannot be used on this platform). Podman and containerd \
             pull it, and nothing in it runs there."
        )));
    }
    let finding = Finding::warning(title, shown, is).fix(fix).cause(format!(
        "{why} Docker, containerd and Podman pull it, with a warning at most; its programs do not start there, or need \
         emulation."
    ));
    Some(finding.fix_with(
        "To run it under emulation, name its platform:",
        words!["docker", "run", "--platform", &built, Word::input(case.reference())],
    ))
}

/// The finding for an index entry without a platform whose image is for another one.
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
                "The index entry names no platform. containerd, and with it Kubernetes, reads it from the config and \
                 rejects the image (no match for platform in manifest); Docker's classic store and Podman pull it.",
            )
            .fix(format!("Use another tag, or have an image for {wanted} added to the index.")),
    )
}

/// The platform of a single image, if it is not the wanted one, and the exchange that shows it. An image for no machine
/// at all, such as a WebAssembly module, has no wrong platform.
pub(super) fn wrong_platform(case: &Case<'_>) -> Option<(ExchangeId, ListedPlatform)> {
    let image = content::image(case).filter(|image| image.entry.is_none() && image.is_for_engines())?;
    if case.all_served().iter().any(|(_, _, other)| other.is_index()) {
        return None;
    }
    of_another_platform(case, &image)
}

/// The platform of the image, if it is not the wanted one, and the exchange that shows it.
fn of_another_platform(case: &Case<'_>, image: &content::Image) -> Option<(ExchangeId, ListedPlatform)> {
    if image.document.layers().is_empty() {
        return None;
    }
    let (shown, config) = content::image_config(case)?;
    let built = config.platform()?;
    let for_no_machine =
        built.os() == "unknown" || built.architecture() == "unknown" || built.architecture().starts_with("wasm");
    let wanted = &case.record().platform;
    (!for_no_machine && !serves(&content::with_go_names(&built), wanted)).then_some((shown, built))
}
