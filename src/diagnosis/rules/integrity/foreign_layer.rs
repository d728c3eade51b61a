use crate::diagnosis::content::{self, is_foreign};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// A layer is not in the registry, but at an address of its maker.
    ///
    /// ## What it means
    /// Base layers of Windows images may not be redistributed, so manifests name an address of Microsoft's for them. An
    /// engine that cannot reach that address fails at this layer, and a mirror does not have it.
    ///
    /// ## How it is recognised
    /// A layer of the manifest has a type with `foreign` or `nondistributable` in it, or names addresses of its own
    /// (`urls`). Of an index, that is the manifest for the wanted platform.
    ///
    /// ## What to do
    /// Let the machine that pulls reach the address. Where nothing from outside may be fetched, push the image with
    /// such layers to a registry of your own, as far as their licence allows it.
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
    let finding = Finding::warning("some of its layers are not in the registry", id, quote)
        .cause(format!(
            "{} of {} layers are at an address of their maker, which the machine that pulls has to reach. A mirror does \
             not have them.",
            foreign.len(),
            layers.len()
        ))
        .fix("Let the machine that pulls reach that address.");
    Some(finding)
}
