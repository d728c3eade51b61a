//! Manifest lists and indexes: images for several platforms under one tag.

use serde_json::{Value, json};

use super::artifacts::helm_chart;
use super::document::Artifact;
use super::images::{DOCKER, Family, OCI, image, newer_image};
use super::platform::{AMD64, ARCHITECTURES, ARM64, ARM64_V8, PPC64LE, Platform, S390X};
use crate::oci::media_type::{DOCKER_LIST, OCI_INDEX};

/// A manifest list for linux/amd64 and linux/arm64.
pub(super) fn docker_list() -> Artifact {
    images(DOCKER_LIST, &DOCKER, &[AMD64, ARM64_V8])
}

/// A manifest list for linux/arm64 alone: registries have no image in it for clients that do not accept lists.
pub(super) fn docker_list_arm64() -> Artifact {
    images(DOCKER_LIST, &DOCKER, &[ARM64_V8])
}

/// An OCI index for linux/amd64 and linux/arm64.
pub(super) fn oci_index() -> Artifact {
    images(OCI_INDEX, &OCI, &[AMD64, ARM64_V8])
}

/// An OCI index without the field `mediaType`, as the specification allows (image-spec, image-index.md).
pub(super) fn oci_index_no_mediatype() -> Artifact {
    oci_index().without_media_type()
}

/// An index whose only entry is an index, which the specification allows (image-spec, image-index.md: `manifests` may
/// have indexes in it).
pub(super) fn nested_index() -> Artifact {
    list(OCI_INDEX, vec![(oci_index(), None)])
}

/// An index of an image and a Helm chart, which has no platform (helm/helm#31582).
pub(super) fn index_with_chart() -> Artifact {
    let index = list(OCI_INDEX, vec![(image(&OCI, &AMD64), Some(AMD64)), (helm_chart(), None)]);
    index.changed(|index| index["manifests"][1]["artifactType"] = json!("application/vnd.cncf.helm.config.v1+json"))
}

/// An index without a child for the most common platforms.
pub(super) fn index_other_platforms() -> Artifact {
    images(OCI_INDEX, &OCI, &[S390X, PPC64LE])
}

/// An index for two builds of Windows, which differ in `os.version` alone.
pub(super) fn windows_index() -> Artifact {
    images(OCI_INDEX, &OCI, &[Platform::windows("10.0.17763.5329"), Platform::windows("10.0.20348.2227")])
}

/// A Docker manifest list whose children are OCI manifests (image-spec#1150; quay/quay#1959).
pub(super) fn mixed_tree() -> Artifact {
    images(DOCKER_LIST, &OCI, &[AMD64, ARM64_V8])
}

/// An index whose child for linux/amd64 is gone, as after a cleanup of untagged manifests
/// (snok/container-retention-policy#43).
pub(super) fn index_missing_child() -> Artifact {
    let mut index = oci_index();
    index.children.remove(0);
    index
}

/// An index whose child for linux/arm64 has linux/amd64 in its config, as after a build without the right `--platform`.
pub(super) fn index_wrong_config_platform() -> Artifact {
    let children = vec![(image(&OCI, &AMD64), Some(AMD64)), (newer_image(&OCI, &AMD64), Some(ARM64))];
    list(OCI_INDEX, children)
}

/// An index that lists its second image as linux/arm64/v8, while the image's config says linux/arm64. The two are the
/// same: v8 is the default variant (containerd, `platforms/database.go`).
pub(super) fn index_variant_only_in_index() -> Artifact {
    let children = vec![(image(&OCI, &AMD64), Some(AMD64)), (image(&OCI, &ARM64), Some(ARM64_V8))];
    list(OCI_INDEX, children)
}

/// An index whose images were all deleted by a cleanup, because they have no tags of their own. Their layers are still
/// there: blobs are collected later, if ever.
pub(super) fn index_all_children_gone() -> Artifact {
    let mut index = oci_index();
    let blobs: Vec<_> = index.children.drain(..).flat_map(|image| image.blobs).collect();
    index.with_blobs(blobs)
}

/// An index that lists nothing, as after pushing a list before adding images to it (pulp/pulp_container#854).
pub(super) fn index_empty() -> Artifact {
    images(OCI_INDEX, &OCI, &[])
}

/// An index for twenty platforms, like those of the official images with the most platforms.
pub(super) fn index_20_platforms() -> Artifact {
    let platforms: Vec<_> = ARCHITECTURES.iter().map(|&architecture| Platform::on("linux", architecture)).collect();
    images(OCI_INDEX, &OCI, &platforms)
}

/// An index of a hundred images: too many to request each.
pub(super) fn index_100_children() -> Artifact {
    let systems = ["linux", "freebsd", "netbsd", "openbsd", "plan9"].into_iter();
    let platforms =
        systems.flat_map(|os| ARCHITECTURES.iter().map(move |&architecture| Platform::on(os, architecture)));
    images(OCI_INDEX, &OCI, &platforms.collect::<Vec<_>>())
}

fn images(media_type: &str, family: &Family, platforms: &[Platform]) -> Artifact {
    list(media_type, platforms.iter().map(|platform| (image(family, platform), Some(*platform))).collect())
}

/// A list of these documents, with their platforms.
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
    fn empty_index_has_an_empty_list_of_manifests() {
        let index: Value = serde_json::from_slice(&index_empty().bytes).unwrap();
        assert_eq!((&index["mediaType"], &index["manifests"]), (&json!(OCI_INDEX), &json!([])));
    }
}
