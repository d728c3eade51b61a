use crate::diagnosis::content::{self, is_for_running, is_same};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// Index and image config name different platforms
    ///
    /// ## What it means
    /// Clients select an image by the platform that the index names. The config of this image says that it was built
    /// for another one, so clients pull it and it does not start: `exec format error`. Hand-assembled indexes, and
    /// builds without an explicit platform, produce such images.
    ///
    /// ## How it is recognised
    /// The index entry for the wanted platform and the config of its image name two operating systems or architectures,
    /// or two variants if both name one. Attestations do not count.
    ///
    /// ## What to do
    /// Build the image for the platform that the index names (`docker buildx build --platform`), and publish the index
    /// again. `docker manifest annotate` changes the index, not the image.
    ///
    /// ## References
    /// image-spec, image index, `platform`; image-spec, image configuration
    "config-platform-differs-from-index" in Config
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (index, _) = case.served()?;
    let image = content::image(case).filter(content::Image::is_for_engines)?;
    let entry = image.entry.filter(is_for_running)?;
    let listed = entry.platform?;
    let (shown, config) = content::image_config(case)?;
    let built = config.platform()?;
    if is_same(&listed, &built) {
        return None;
    }
    let (says, is) = (listed.text().named_within(40), built.text().named_within(40));
    let title = format!("image listed as {says} was built for {is}");
    let finding = Finding::warning(title, shown, format!("config says {is}"))
        .because(index, format!("lists {} as {says}", entry.digest.named_within(140)))
        .cause(format!(
            "The index lists the image as {says}, and clients select it for that platform. Its config says {is}. The \
             image can be pulled; most likely it does not start there."
        ))
        .fix(format!("Rebuild the image for {says}, and publish the index again."));
    Some(finding)
}
