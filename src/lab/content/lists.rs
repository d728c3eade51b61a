//! Lists and indexes: images for several platforms under one tag.

use serde_json::{Value, json};

use super::artifacts::helm_chart;
use super::document::Artifact;
use super::images::{DOCKER, Family, OCI, image, newer_image};
use super::platform::{AMD64, ARCHITECTURES, ARM64, ARM64_V8, PPC64LE, Platform, S390X};
use crate::oci::media_type::{DOCKER_LIST, OCI_INDEX};

/// A docker list for linux/amd64 and linux/arm64.
pub(super) fn docker_list() -> Artifact {
    images(DOCKER_LIST, &DOCKER, &[AMD64, ARM64_V8])
}

/// A docker list for linux/arm64 alone: registries have nothing to choose from it for clients that know no lists.
pub(super) fn docker_list_arm64() -> Artifact {
    images(DOCKER_LIST, &DOCKER, &[ARM64_V8])
}

/// An OCI index for linux/amd64 and linux/arm64.
pub(super) fn oci_index() -> Artifact {
    images(OCI_INDEX, &OCI, &[AMD64, ARM64_V8])
}

/// The same without a word of what it is, as the specification allows (image-spec, image-index.md).
pub(super) fn oci_index_no_mediatype() -> Artifact {
    oci_index().without_media_type()
}

/// An index whose only entry is an index, as one gets who lists what is a list already (image-spec, image-index.md:
/// `manifests` may have indexes in it).
pub(super) fn nested_index() -> Artifact {
    list(OCI_INDEX, vec![(oci_index(), None)])
}

/// An index of an image and a Helm chart, which has no platform (helm/helm#31582).
pub(super) fn index_with_chart() -> Artifact {
    let index = list(OCI_INDEX, vec![(image(&OCI, &AMD64), Some(AMD64)), (helm_chart(), None)]);
    index.changed(|index| index["manifests"][1]["artifactType"] = json!("application/vnd.cncf.helm.config.v1+json"))
}

/// An index without a child for what most machines are.
pub(super) fn index_other_platforms() -> Artifact {
    images(OCI_INDEX, &OCI, &[S390X, PPC64LE])
}

/// An index for two builds of Windows, which differ in `os.version` alone.
pub(super) fn windows_index() -> Artifact {
    images(OCI_INDEX, &OCI, &[Platform::windows("10.0.17763.5329"), Platform::windows("10.0.20348.2227")])
}

/// A docker list whose children are OCI manifests (image-spec#1150; quay/quay#1959).
pub(super) fn mixed_tree() -> Artifact {
    images(DOCKER_LIST, &OCI, &[AMD64, ARM64_V8])
}

/// An index whose child for linux/amd64 is not there any more, as after a clean-up of what has no tag
/// (snok/container-retention-policy#43).
pub(super) fn index_missing_child() -> Artifact {
    let mut index = oci_index();
    index.children.remove(0);
    index
}

/// An index whose child for linux/arm64 says of itself that it is for linux/amd64, as after a build that was not told
/// its platform.
pub(super) fn index_wrong_config_platform() -> Artifact {
    let children = vec![(image(&OCI, &AMD64), Some(AMD64)), (newer_image(&OCI, &AMD64), Some(ARM64))];
    list(OCI_INDEX, children)
}

/// An index that calls its second image linux/arm64/v8, which calls itself linux/arm64. That is the same: v8 is the usual
/// one and goes without saying (containerd, `platforms/database.go`).
pub(super) fn index_variant_only_in_index() -> Artifact {
    let children = vec![(image(&OCI, &AMD64), Some(AMD64)), (image(&OCI, &ARM64), Some(ARM64_V8))];
    list(OCI_INDEX, children)
}

/// An index from which a clean-up took every image that it lists, because none of those has a tag of its own. Their
/// layers are still there: blobs are collected later, if ever.
pub(super) fn index_all_children_gone() -> Artifact {
    let mut index = oci_index();
    let blobs: Vec<_> = index.children.drain(..).flat_map(|image| image.blobs).collect();
    index.with_blobs(blobs)
}

/// An index that lists nothing, as one gets who pushes a list before anything was added to it (pulp/pulp_container#854).
pub(super) fn index_empty() -> Artifact {
    images(OCI_INDEX, &OCI, &[])
}

/// An index for twenty platforms, as the widest of the official images have it.
pub(super) fn index_20_platforms() -> Artifact {
    let platforms: Vec<_> = ARCHITECTURES.iter().map(|&architecture| Platform::on("linux", architecture)).collect();
    images(OCI_INDEX, &OCI, &platforms)
}

/// An index of a hundred images: more than anybody wants to ask for one by one.
pub(super) fn index_100_children() -> Artifact {
    let systems = ["linux", "freebsd", "netbsd", "openbsd", "plan9"].into_iter();
    let platforms =
        systems.flat_map(|os| ARCHITECTURES.iter().map(move |&architecture| Platform::on(os, architecture)));
    images(OCI_INDEX, &OCI, &platforms.collect::<Vec<_>>())
}

fn images(media_type: &str, family: &Family, platforms: &[Platform]) -> Artifact {
    list(media_type, platforms.iter().map(|platform| (image(family, platform), Some(*platform))).collect())
}

/// A list of these, with what it says that they are for.
fn list(media_type: &str, children: Vec<(Artifact, Option<Platform>)>) -> Artifact {
    let describe = |(child, platform): &(Artifact, Option<Platform>)| {
        let mut descriptor = child.descriptor();
        if let Some(platform) = platform {
            descriptor["platform"] = Value::Object(platform.fields());
        }
        descriptor
    };
    let manifests: Vec<_> = children.iter().map(describe).collect();
    let content = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": manifests });
    Artifact::new(media_type, &content).with_children(children.into_iter().map(|(child, _)| child))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_index_says_so_and_does_not_leave_it_out() {
        let index: Value = serde_json::from_slice(&index_empty().bytes).unwrap();
        assert_eq!((&index["mediaType"], &index["manifests"]), (&json!(OCI_INDEX), &json!([])));
    }
}
