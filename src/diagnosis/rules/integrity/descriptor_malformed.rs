use crate::diagnosis::content::{self, chosen};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::ExchangeId;
use crate::image::{Descriptor, DescriptorFault, Shape};

rule! {
    /// A descriptor lacks what clients need.
    ///
    /// ## What it means
    /// Manifests and indexes name everything by descriptors, which have a media type, a digest and a size. Scripts that
    /// assemble manifests leave some of it out, and most registries store the result. Clients differ on what they
    /// refuse: Go reads a missing size as zero, and containerd does not fetch what has no length ("reports content size
    /// of zero"), while Docker's classic store pulls it.
    ///
    /// ## How it is recognised
    /// In the manifest or index that was served: a size that is missing, zero or negative; a digest that is missing,
    /// malformed or of an algorithm that clients do not know; a missing media type; or a manifest of image layers that
    /// names no config. Entries for other platforms make it a warning. Artifacts that are not images are left out. A size
    /// in quotes or with a fraction is `json-type-mismatch`.
    ///
    /// ## What to do
    /// Build and push the image with a tool that writes complete descriptors, such as `docker buildx build --push`.
    ///
    /// ## References
    /// image-spec, content descriptors; moby/buildkit#4328; containerd, core/remotes/handlers.go
    "descriptor-malformed" in Integrity
}

/// The name of the config.
const CONFIG: &str = "config";

/// A faulty descriptor, and what it is of.
struct Faulty {
    is_config: bool,
    shown: ExchangeId,
    /// `config`, `layer 2 of 3`, `entry for linux/arm64`.
    name: String,
    digest: String,
    fault: DescriptorFault,
    /// Whether the pull needs it.
    needed: bool,
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    if let Some(finding) = without_config(case) {
        return Some(finding);
    }
    let faulty = faulty(case);
    let refused = |one: &&Faulty| one.needed && is_refused(one);
    let first = faulty.iter().find(refused).or(faulty.first())?;
    let what = words(&first.fault);
    let title = format!("the descriptor of the {} {what}", first.name);
    let quote = match &first.fault {
        DescriptorFault::NoDigest => first.name.clone(),
        _ => format!("{} {}", first.name, first.digest),
    };
    let finding = if refused(&first) {
        Finding::error(ExitStatus::Content, title, first.shown, quote)
    } else {
        Finding::warning(title, first.shown, quote)
    };
    let more = match faulty.len() {
        1 => String::new(),
        2 => " 1 more descriptor is malformed.".to_owned(),
        many => format!(" {} more descriptors are malformed.", many - 1),
    };
    Some(
        finding
            .cause(format!("The descriptor {what}{}. {}{more}", written(&first.fault), effect(&first.fault)))
            .fix("Build and push the image again with a tool that writes complete descriptors, such as docker buildx."),
    )
}

/// A manifest with layers of an image, and no config at all.
fn without_config(case: &Case<'_>) -> Option<Finding> {
    let image = content::image(case).filter(|image| image.document.lacks_config())?;
    let named = |layer: &Descriptor| !layer.media_type.as_str().is_empty() && content::is_layer(layer);
    if image.document.shape() != Shape::Manifest || !image.document.layers().iter().any(named) {
        return None;
    }
    let finding = Finding::error(
        ExitStatus::Content,
        "the manifest names no config",
        image.shown,
        "no config descriptor",
    )
    .cause(
        "An image has a config, which says how it is run and what its layers unpack to. No client pulls one without.",
    )
    .fix("Build and push the image again with a tool that writes complete manifests, such as docker buildx.");
    Some(finding)
}

fn faulty(case: &Case<'_>) -> Vec<Faulty> {
    let mut found = Vec::new();
    let mut look = |shown, name: String, descriptor: &Descriptor, needed| {
        let digest = descriptor.digest.named_within(140);
        let all = descriptor.faults.iter().cloned();
        let is_config = name == CONFIG;
        let faulty = |fault| Faulty { is_config, shown, name: name.clone(), digest: digest.clone(), fault, needed };
        found.extend(all.map(faulty));
    };
    if let Some((shown, observation)) = case.served().filter(|(_, observation)| observation.is_index()) {
        let entries = observation.document.as_ref().map(|document| document.manifests()).unwrap_or_default();
        let wanted = chosen(&entries, &case.record().platform);
        for entry in &entries {
            let needed = wanted.is_some_and(|wanted| std::ptr::eq(wanted, entry));
            let name = match &entry.platform {
                Some(platform) => format!("entry for {}", platform.text().named_within(40)),
                None => "entry without a platform".to_owned(),
            };
            look(shown, name, entry, needed);
        }
    }
    if let Some(image) = content::image(case).filter(content::Image::is_for_engines) {
        if let Some(config) = image.document.config() {
            look(image.shown, CONFIG.to_owned(), &config, true);
        }
        let layers = image.document.layers();
        for (at, layer) in layers.iter().enumerate() {
            look(image.shown, format!("layer {} of {}", at + 1, layers.len()), layer, true);
        }
    }
    found
}

/// Whether a current client refuses it. containers/image and containerd take a size of -1 for an unknown one, and Docker
/// takes a config without a type.
fn is_refused(faulty: &Faulty) -> bool {
    match faulty.fault {
        DescriptorFault::NegativeSize(-1) => false,
        DescriptorFault::NoMediaType => !faulty.is_config,
        _ => true,
    }
}

fn words(fault: &DescriptorFault) -> &'static str {
    match fault {
        DescriptorFault::NoDigest => "has no digest",
        DescriptorFault::MalformedDigest(_) => "has a malformed digest",
        DescriptorFault::UnknownAlgorithm(_) => "has a digest of an unknown algorithm",
        DescriptorFault::NegativeSize(_) => "has a negative size",
        DescriptorFault::NoSize => "has no size",
        DescriptorFault::ZeroSize => "has the size 0",
        DescriptorFault::NoMediaType => "has no media type",
    }
}

/// The value as it is written, to follow [`words`].
fn written(fault: &DescriptorFault) -> String {
    match fault {
        DescriptorFault::MalformedDigest(text) | DescriptorFault::UnknownAlgorithm(text) => {
            format!(": {}", text.named_within(100))
        }
        DescriptorFault::NegativeSize(size) => format!(": {size}"),
        _ => String::new(),
    }
}

/// Which clients refuse it, and how.
fn effect(fault: &DescriptorFault) -> &'static str {
    match fault {
        DescriptorFault::NoDigest | DescriptorFault::MalformedDigest(_) => {
            "Clients refuse it (\"invalid checksum digest format\"), because there is nothing to request."
        }
        DescriptorFault::UnknownAlgorithm(_) => "Clients refuse it (\"unsupported digest algorithm\").",
        DescriptorFault::NoSize | DescriptorFault::ZeroSize => {
            "containerd, and with it Kubernetes, nerdctl and BuildKit, refuses it (\"unable to fetch descriptor … which \
             reports content size of zero\"). Docker's classic store does not read the size, and pulls."
        }
        DescriptorFault::NegativeSize(_) => {
            "Sizes are not negative. -1 means \"unknown\" to containerd and containers/image; oras refuses it, and any \
             other number stops containerd as well."
        }
        DescriptorFault::NoMediaType => {
            "image-spec requires it. containerd does not recognise an entry, a config or a layer without one (\"mismatched \
             image rootfs and manifest layers\"); podman and skopeo refuse such a layer in a Docker manifest."
        }
    }
}
