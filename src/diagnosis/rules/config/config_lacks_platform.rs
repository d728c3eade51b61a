use crate::diagnosis::rule::rule;
use crate::diagnosis::sentence::listed;
use crate::diagnosis::{Case, Finding, content};

rule! {
    /// Config names no architecture or operating system
    ///
    /// ## What it means
    /// Both fields are required. Docker's classic store and containerd treat such an image as one that runs anywhere.
    /// Tools that validate the config, or that select an image by it, reject it or find no image for the platform.
    ///
    /// ## How it is recognised
    /// `architecture` or `os` is missing from a config whose digest is right, or is empty. Artifacts that are not
    /// images do not count, nor does a config without `rootfs`.
    ///
    /// ## What to do
    /// Build the image with a tool that writes both, or set them: `crane mutate --set-platform linux/amd64 IMAGE`.
    ///
    /// ## References
    /// image-spec, image configuration; buildpacks/pack#2315
    "config-lacks-platform" in Config
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let image = content::image(case).filter(content::Image::is_for_engines)?;
    let (shown, config) = content::image_config(case)?;
    let lacking = config.lacks();
    if lacking.is_empty() || !config.has_root_file_system() || image.document.layers().is_empty() {
        return None;
    }
    let names: Vec<_> = lacking.iter().map(|&name| name.to_owned()).collect();
    let names = listed(&names, 2);
    let finding = Finding::info(format!("config does not name {names}"), shown, format!("has no {names}"))
        .cause(format!(
            "The config does not name {names}, which image-spec requires. Docker's classic store and containerd pull \
             the image on any machine; tools that validate the config or select by platform, such as pack, reject it."
        ))
        .fix("Rebuild the image with a tool that writes architecture and os into the config.");
    Some(finding)
}
