use crate::diagnosis::content::{self, is_foreign};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// Layer is hosted by its publisher, not in the registry
    ///
    /// ## What it means
    /// Base layers of Windows images may not be redistributed, so manifests point to a URL of Microsoft's for them. An
    /// engine that cannot reach this URL fails at the layer, and a mirror does not have it.
    ///
    /// ## How it is recognised
    /// The media type of a layer contains `foreign` or `nondistributable`, or its descriptor has `urls`. For an index,
    /// the manifest for the wanted platform counts.
    ///
    /// ## What to do
    /// Allow the pulling machine to reach the URL. In an isolated network, push the image with such layers to your own
    /// registry, as far as their license allows it.
    ///
    /// ## References
    /// image-spec, layer, "Non-Distributable Layers"; moby/moby#27580
    "foreign-layer" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let image = content::image(case)?;
    let (id, layers) = (image.shown, image.document.layers());
    let foreign: Vec<_> = layers.iter().filter(|layer| is_foreign(layer)).collect();
    let first = foreign.first()?;
    let quote = format!("{} {}", first.digest.named_within(140), first.media_type.named_within(100));
    let finding = Finding::warning("layers are hosted outside the registry", id, quote)
        .cause(format!(
            "The publisher hosts {} of {} layers, and the pulling machine has to reach the publisher's servers. \
             Mirrors do not have these layers.",
            foreign.len(),
            layers.len()
        ))
        .fix("Allow the pulling machine to reach the URLs of these layers.");
    Some(finding)
}
