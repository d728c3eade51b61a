use crate::diagnosis::content::{self, is_for_running, is_same};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// The index says one platform, the image behind it another.
    ///
    /// ## What it means
    /// Clients choose an image by what the index says. The configuration of this one says that it was built for
    /// something else, so it is pulled and does not start: `exec format error`. Lists that are put together by hand,
    /// and builds that were not told their platform, end like this.
    ///
    /// ## How it is recognised
    /// The entry of the index for the wanted platform, and the configuration of the image behind it, name two operating
    /// systems or architectures, or two variants where both name one. Attestations do not count.
    ///
    /// ## What to do
    /// Build the image for the platform that the index says (`docker buildx build --platform`), and publish the index
    /// again. `docker manifest annotate` changes what the index says, not what the image is.
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
    let title = format!("what it lists as {says} was built for {is}");
    let finding = Finding::warning(title, shown, format!("configuration: {is}"))
        .because(index, format!("{says}: {}", entry.digest.named_within(140)))
        .cause(format!(
            "The index lists the image as {says}, and clients choose it for that. Its configuration says {is}. It can be \
             pulled; most likely it does not start there."
        ))
        .fix(format!("Build the image for {says}, and publish the index again."));
    Some(finding)
}
