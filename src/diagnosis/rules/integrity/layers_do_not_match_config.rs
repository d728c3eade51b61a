use super::is_served_falsely;
use crate::diagnosis::content::{self, is_layer};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};

rule! {
    /// The manifest and the configuration count the layers differently.
    ///
    /// ## What it means
    /// The configuration lists what each layer is when it is unpacked (`rootfs.diff_ids`), in the order of the
    /// manifest. Engines compare the two and refuse the image: `layers from manifest don't match image configuration`,
    /// `number of layers and diffIDs don't match`. Tools that add a layer to the manifest alone make images like that.
    ///
    /// ## How it is recognised
    /// The configuration, whose digest is right, lists another number of layers than the manifest has, or none where
    /// there are some. Layers that are fetched from elsewhere count like all others; what is of no layer's type may or
    /// may not.
    ///
    /// ## What to do
    /// Build the image again, or use a tool that changes both.
    ///
    /// ## References
    /// image-spec, image configuration, `rootfs`; moby/moby#27568; containerd/containerd#10196; termoshtt/ocipkg#42
    "layers-do-not-match-config" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    if is_served_falsely(case) {
        return None;
    }
    let image = content::image(case).filter(content::Image::is_for_engines)?;
    let (shown, config) = content::image_config(case)?;
    let layers = image.document.layers();
    let counted = config.layer_count();
    let listed = counted.unwrap_or(0);
    // containerd counts what has a layer's type, Docker all that is in the list.
    if listed == layers.len() || listed == layers.iter().filter(|layer| is_layer(layer)).count() {
        return None;
    }
    let has = match counted {
        Some(listed) => format!("lists {listed} layers in rootfs.diff_ids"),
        None => "has no rootfs.diff_ids".to_owned(),
    };
    let title = "its configuration does not fit its layers";
    let quote = counted.map_or_else(|| "no diff_ids".to_owned(), |listed| format!("diff_ids: {listed}"));
    let finding = Finding::error(ExitStatus::Integrity, title, shown, quote)
        .because(image.shown, format!("layers: {}", layers.len()))
        .cause(format!(
            "The manifest has {}, and the configuration {has}. Engines compare the two and refuse the image.",
            if layers.len() == 1 { "1 layer".to_owned() } else { format!("{} layers", layers.len()) }
        ))
        .fix("Build the image again, or change it with a tool that changes both.");
    Some(finding)
}
