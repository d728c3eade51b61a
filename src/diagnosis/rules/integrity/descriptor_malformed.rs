use crate::diagnosis::content::{self, chosen};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::ExchangeId;
use crate::image::{Descriptor, DescriptorFault, Shape};

rule! {
    /// Descriptor lacks what clients need
    ///
    /// ## What it means
    /// Manifests and indexes refer to content by descriptors, which have a media type, a digest and a size. Scripts
    /// that assemble manifests omit some of these, and most registries store the result. Clients differ in what they
    /// reject: Go reads a missing size as zero, and containerd does not fetch content of size zero ("reports content
    /// size of zero"), while Docker's classic store pulls it.
    ///
    /// ## How it is recognised
    /// The served manifest or index has a size that is missing, zero or negative; a digest that is missing, malformed
    /// or of an algorithm that clients do not know; a missing media type; or image layers but no config. For entries of
    /// other platforms it is a warning. Artifacts that are not images do not count. A size in quotes or with a fraction
    /// is `json-type-mismatch`.
    ///
    /// ## What to do
    /// Build and push the image with a tool that writes complete descriptors, such as `docker buildx build --push`.
    ///
    /// ## References
    /// image-spec, content descriptors; moby/buildkit#4328; containerd, core/remotes/handlers.go
    "descriptor-malformed" in Integrity
}

/// The name of the config in titles.
const CONFIG: &str = "config";

/// A faulty descriptor, with the content that it describes.
struct Faulty {
    is_config: bool,
    shown: ExchangeId,
    /// `config`, `layer 2 of 3`, `entry for linux/arm64`.
    name: String,
    digest: String,
    fault: DescriptorFault,
    /// Set if the pull needs it.
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
    let title = format!("descriptor of {} {what}", first.name);
    let quote = match &first.fault {
        DescriptorFault::NoDigest => format!("names {} without a digest", first.name),
        _ => format!("names {}, {}", first.name, first.digest),
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
            .fix("Rebuild and push the image with a tool that writes complete descriptors, such as docker buildx."),
    )
}

/// The finding about a manifest that has image layers but no config.
fn without_config(case: &Case<'_>) -> Option<Finding> {
    let image = content::image(case).filter(|image| image.document.lacks_config())?;
    let named = |layer: &Descriptor| !layer.media_type.as_str().is_empty() && content::is_layer(layer);
    if image.document.shape() != Shape::Manifest || !image.document.layers().iter().any(named) {
        return None;
    }
    let finding = Finding::error(
        ExitStatus::Content,
        "manifest names no config",
        image.shown,
        "has no config descriptor",
    )
    .cause("The config says how to run an image and what its layers unpack to. No client pulls an image without one.")
    .fix("Rebuild and push the image with a tool that writes complete manifests, such as docker buildx.");
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

/// Returns `true` if a current client rejects the descriptor. containers/image and containerd take a size of -1 as
/// unknown, and Docker accepts a config without a type.
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
        DescriptorFault::ZeroSize => "has size 0",
        DescriptorFault::NoMediaType => "has no media type",
    }
}

/// The value as written, to follow [`words`].
fn written(fault: &DescriptorFault) -> String {
    match fault {
        DescriptorFault::MalformedDigest(text) | DescriptorFault::UnknownAlgorithm(text) => {
            format!(": {}", text.named_within(100))
        }
        DescriptorFault::NegativeSize(size) => format!(": {size}"),
        _ => String::new(),
    }
}

/// The clients that reject the descriptor, and how.
fn effect(fault: &DescriptorFault) -> &'static str {
    match fault {
        DescriptorFault::NoDigest | DescriptorFault::MalformedDigest(_) => {
            "Clients reject it (\"invalid checksum digest format\"), because they cannot request it."
        }
        DescriptorFault::UnknownAlgorithm(_) => "Clients reject it (\"unsupported digest algorithm\").",
        DescriptorFault::NoSize | DescriptorFault::ZeroSize => {
            "containerd, and with it Kubernetes, nerdctl and BuildKit, rejects it (\"unable to fetch descriptor … \
             which reports content size of zero\"). Docker's classic store does not read the size and pulls."
        }
        DescriptorFault::NegativeSize(_) => {
            "Sizes cannot be negative. -1 means \"unknown\" to containerd and containers/image, but oras rejects it; \
             any other negative number stops containerd as well."
        }
        DescriptorFault::NoMediaType => {
            "image-spec requires it. containerd does not recognize an entry, a config or a layer without one \
             (\"mismatched image rootfs and manifest layers\"); podman and skopeo reject such a layer in a Docker \
             manifest."
        }
    }
}
