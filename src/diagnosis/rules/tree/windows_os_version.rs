use super::entries;
use crate::diagnosis::content::is_for_running;
use crate::diagnosis::rule::rule;
use crate::diagnosis::rules::listed;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::{Descriptor, ExchangeId};
use crate::oci::Platform;

rule! {
    /// Windows images on one side, another system on the other; or another build of Windows.
    ///
    /// ## What it means
    /// Windows and Linux do not run each other's images. An engine on Windows is switched to the one or the other, and
    /// looks for that alone. And a Windows image is for a build of Windows (`os.version`): a container without Hyper-V
    /// needs the build of its host.
    ///
    /// ## How it is recognised
    /// A Windows image is wanted, and the index has none, or the other way round. Where it has some for Windows, the
    /// builds that it names are told; which one the machine has that pulls, cannot be seen from here.
    ///
    /// ## What to do
    /// Switch Docker Desktop to the other kind of containers, or use a tag that is made for the build of the machine.
    /// With `--isolation=hyperv` an older build runs as well.
    ///
    /// ## References
    /// image-spec, image index, `os.version`; docker/kitematic#3610; docker/kitematic#5236
    "windows-os-version" in Tree
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let wanted = &case.circumstances().platform;
    if let Some((id, others)) = of_another_system(case) {
        let listed = listed(&platforms(&others), 8);
        let (title, reading, fix) = if wanted.os == "windows" {
            (
                "it has no image for Windows".to_owned(),
                "An engine that is switched to Windows containers looks for Windows images alone.",
                "Switch Docker Desktop to Linux containers, or use a tag with Windows images.",
            )
        } else {
            (
                format!("it has images for Windows only, none for {wanted}"),
                "They need an engine on Windows, switched to Windows containers.",
                "Use another tag, or pull it on Windows.",
            )
        };
        let finding = Finding::error(ExitStatus::Content, title, id, listed.clone())
            .cause(format!("It is a list of images: {listed}. {reading}"))
            .fix(fix);
        return Some(finding);
    }
    if wanted.os != "windows" {
        return None;
    }
    let (id, entries) = entries(case)?;
    let fitting = entries.iter().filter_map(|entry| entry.platform.as_ref()).filter(|platform| platform.is(wanted));
    let mut builds: Vec<_> = fitting.filter_map(|platform| Some(platform.os_version()?.printable_within(40))).collect();
    builds.dedup();
    let first = builds.first()?;
    let finding = Finding::info("its Windows images are for certain builds", id, format!("os.version: {first}"))
        .cause(format!(
            "It has {wanted} for {}. A container without Hyper-V needs the build of the machine that it runs on; on \
             others the engine says that there is no matching manifest.",
            listed(&builds, 8)
        ))
        .fix("Compare them with the build of that machine (ver). With --isolation=hyperv an older one runs as well.");
    Some(finding)
}

/// The entries of the index, where none is for the wanted system and Windows is on one of the two sides.
pub(super) fn of_another_system(case: &Case<'_>) -> Option<(ExchangeId, Vec<Descriptor>)> {
    let (id, mut entries) = entries(case)?;
    entries.retain(is_for_running);
    let systems: Option<Vec<_>> = entries
        .iter()
        .map(|entry| entry.platform.as_ref().map(|platform| platform.os().to_ascii_lowercase()))
        .collect();
    let systems = systems.filter(|systems| !systems.is_empty())?;
    let Platform { os: wanted, .. } = &case.circumstances().platform;
    let all_windows = systems.iter().all(|system| system == "windows");
    let none_fits = systems.iter().all(|system| system != wanted);
    (none_fits && (wanted == "windows" || all_windows)).then_some((id, entries))
}

fn platforms(entries: &[Descriptor]) -> Vec<String> {
    let named = |entry: &Descriptor| {
        let platform = entry.platform.as_ref()?;
        let build = platform.os_version().map(|build| format!(" {}", build.printable_within(40))).unwrap_or_default();
        Some(format!("{}{build}", platform.text().printable_within(40)))
    };
    entries.iter().filter_map(named).collect()
}
