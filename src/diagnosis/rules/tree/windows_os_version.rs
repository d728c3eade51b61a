use super::entries;
use crate::diagnosis::content::is_for_running;
use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::ExchangeId;
use crate::image::Descriptor;

rule! {
    /// Windows image missing, or only for certain Windows builds
    ///
    /// ## What it means
    /// An engine on Windows is switched to Windows or Linux containers, and looks only for images of that system. A
    /// Windows image also belongs to a build of Windows (`os.version`): without Hyper-V, a container needs the build of
    /// its host.
    ///
    /// ## How it is recognised
    /// The wanted platform is Windows, and the index has no Windows image. If it has some, the finding lists their
    /// builds; the build of the pulling machine cannot be seen from here.
    ///
    /// ## What to do
    /// Switch Docker Desktop to the other kind of containers, or use a tag for the build of the machine. With
    /// `--isolation=hyperv`, an older build runs too.
    ///
    /// ## References
    /// image-spec, image index, `os.version`; docker/kitematic#3610; docker/kitematic#5236
    "windows-os-version" in Tree, instead_of: ["platform-not-in-index"]
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let wanted = &case.record().platform;
    if let Some((id, others)) = of_another_system(case) {
        let listed = listed(&platforms(&others), 8);
        let finding = Finding::error(ExitStatus::Content, "there is no image for Windows", id, listed.clone())
            .cause(format!(
                "The index has only images for {listed}. An engine that is switched to Windows containers looks only \
                 for Windows images."
            ))
            .fix("Switch Docker Desktop to Linux containers, or use a tag with Windows images.");
        return Some(finding);
    }
    if wanted.os != "windows" {
        return None;
    }
    let (id, entries) = entries(case)?;
    let fitting = entries.iter().filter_map(|entry| entry.platform.as_ref()).filter(|platform| platform.is(wanted));
    let mut builds: Vec<_> = fitting.filter_map(|platform| Some(platform.os_version()?.named_within(40))).collect();
    builds.dedup();
    let first = builds.first()?;
    let finding = Finding::info("the Windows images are for certain builds", id, format!("os.version: {first}"))
        .cause(format!(
            "The index has {wanted} for {}. Without Hyper-V, a container needs the build of its host; on other builds, \
             the engine reports that there is no matching manifest.",
            listed(&builds, 8)
        ))
        .fix("Compare them with the build of that machine (ver). With --isolation=hyperv, an older build runs too.");
    Some(finding)
}

/// The image entries of the index, if the wanted platform is Windows and none of them is for Windows.
fn of_another_system(case: &Case<'_>) -> Option<(ExchangeId, Vec<Descriptor>)> {
    if case.record().platform.os != "windows" {
        return None;
    }
    let (id, mut entries) = entries(case)?;
    entries.retain(is_for_running);
    let systems: Option<Vec<_>> = entries
        .iter()
        .map(|entry| entry.platform.as_ref().map(|platform| platform.os().to_ascii_lowercase()))
        .collect();
    let systems = systems.filter(|systems| !systems.is_empty())?;
    systems.iter().all(|system| system != "windows").then_some((id, entries))
}

fn platforms(entries: &[Descriptor]) -> Vec<String> {
    let named = |entry: &Descriptor| {
        let platform = entry.platform.as_ref()?;
        let build = platform.os_version().map(|build| format!(" {}", build.named_within(40))).unwrap_or_default();
        Some(format!("{}{build}", platform.text().named_within(40)))
    };
    entries.iter().filter_map(named).collect()
}
