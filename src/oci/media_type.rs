//! The media types of images, and their short names.

/// Docker image manifest, version 2 schema 1, not signed.
pub const DOCKER_V1: &str = "application/vnd.docker.distribution.manifest.v1+json";
/// Docker image manifest, version 2 schema 1, with its signatures.
pub const DOCKER_V1_SIGNED: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";
/// Docker image manifest, version 2 schema 2.
pub const DOCKER_V2: &str = "application/vnd.docker.distribution.manifest.v2+json";
/// Docker manifest list.
pub const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// OCI image manifest.
pub const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// OCI image index.
pub const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// Docker image configuration; stored as a blob.
pub const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// OCI image configuration; stored as a blob.
pub const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// Any JSON document.
pub const JSON: &str = "application/json";

/// The four types that a current client accepts for an image.
pub const CURRENT: [&str; 4] = [OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_V2];

/// The media type without parameters, trimmed and in lower case, for comparison (RFC 9110 §8.3.1).
pub fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The short name of a media type: `docker v2`, `oci index`. `None` for types that images do not use.
pub fn plain_words(essence: &str) -> Option<&'static str> {
    Some(match essence {
        DOCKER_V1 => "docker v1",
        DOCKER_V1_SIGNED => "docker v1 signed",
        DOCKER_V2 => "docker v2",
        DOCKER_LIST => "docker list",
        OCI_MANIFEST => "oci manifest",
        OCI_INDEX => "oci index",
        DOCKER_CONFIG => "docker config",
        OCI_CONFIG => "oci config",
        JSON => "json",
        "text/html" => "HTML page",
        "text/plain" => "plain text",
        "application/xml" | "text/xml" => "XML",
        "application/octet-stream" => "bytes",
        _ => return None,
    })
}

/// The name of a media type in a sentence: `Docker v2 manifest`, `OCI index`. `None` for types that images do not use.
pub fn in_a_sentence(essence: &str) -> Option<&'static str> {
    Some(match essence {
        DOCKER_V1 | DOCKER_V1_SIGNED => "Docker schema 1 manifest",
        DOCKER_V2 => "Docker v2 manifest",
        DOCKER_LIST => "Docker manifest list",
        OCI_MANIFEST => "OCI manifest",
        OCI_INDEX => "OCI index",
        DOCKER_CONFIG => "Docker image config",
        OCI_CONFIG => "OCI image config",
        _ => return None,
    })
}

/// The short name of a layer's media type (image-spec, layer; distribution, manifest v2 schema 2). `None` for other
/// types.
pub fn layer_words(essence: &str) -> Option<&'static str> {
    Some(match essence {
        "application/vnd.oci.image.layer.v1.tar" | "application/vnd.docker.image.rootfs.diff.tar" => "tar",
        "application/vnd.oci.image.layer.v1.tar+gzip" | "application/vnd.docker.image.rootfs.diff.tar.gzip" => {
            "tar, gzip"
        }
        "application/vnd.oci.image.layer.v1.tar+zstd" | "application/vnd.docker.image.rootfs.diff.tar.zstd" => {
            "tar, zstd"
        }
        "application/vnd.oci.image.layer.nondistributable.v1.tar"
        | "application/vnd.docker.image.rootfs.foreign.diff.tar" => "tar, foreign",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
        | "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" => "tar, gzip, foreign",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd" => "tar, zstd, foreign",
        _ => return None,
    })
}

/// Returns `true` for the six media types that a manifest or index of an image can have.
pub fn is_manifest(essence: &str) -> bool {
    is_schema1(essence) || is_index(essence) || matches!(essence, DOCKER_V2 | OCI_MANIFEST)
}

/// Returns `true` for the two media types that list manifests by platform.
pub fn is_index(essence: &str) -> bool {
    matches!(essence, DOCKER_LIST | OCI_INDEX)
}

/// Returns `true` for the two schema 1 media types.
pub fn is_schema1(essence: &str) -> bool {
    matches!(essence, DOCKER_V1 | DOCKER_V1_SIGNED)
}

/// Returns `true` if one line of an `Accept` header accepts a media type (RFC 9110 §12.5.1; `q=0` rejects it).
///
/// An empty list, the equivalent of a missing header, accepts everything.
pub fn accepts(lines: &[String], essence_served: &str) -> bool {
    let mut ranges = lines.iter().flat_map(|line| line.split(',')).map(str::trim).filter(|range| !range.is_empty());
    let mut any = false;
    let matched = ranges.any(|range| {
        any = true;
        let refused = range.split(';').skip(1).any(|p| matches!(p.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        let wanted = essence(range);
        let same_family = wanted.strip_suffix("/*").is_some_and(|family| {
            essence_served.split_once('/').is_some_and(|(served_family, _)| served_family == family)
        });
        !refused && (wanted == "*/*" || wanted == essence_served || same_family)
    });
    matched || !any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn essence_ignores_parameters_and_case() {
        assert_eq!(essence(" Application/JSON; charset=utf-8"), JSON);
        assert_eq!(plain_words(&essence("application/vnd.oci.image.index.v1+json")), Some("oci index"));
    }

    #[test]
    fn layer_types_name_compression_and_foreign_layers() {
        assert_eq!(layer_words("application/vnd.docker.image.rootfs.diff.tar.gzip"), Some("tar, gzip"));
        assert_eq!(layer_words("application/vnd.oci.image.layer.v1.tar+zstd"), Some("tar, zstd"));
        assert_eq!(
            layer_words("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
            Some("tar, gzip, foreign")
        );
        assert_eq!(layer_words(OCI_CONFIG), None);
    }

    #[test]
    fn six_media_types_are_manifests() {
        for kind in [DOCKER_V1, DOCKER_V1_SIGNED, DOCKER_V2, DOCKER_LIST, OCI_MANIFEST, OCI_INDEX] {
            assert!(is_manifest(kind), "{kind}");
        }
        for kind in [DOCKER_CONFIG, OCI_CONFIG, JSON, "text/html", ""] {
            assert!(!is_manifest(kind), "{kind}");
        }
    }

    #[test]
    fn accept_header_follows_rfc_9110() {
        let one = [DOCKER_V2.to_owned()];
        assert!(accepts(&one, DOCKER_V2));
        assert!(!accepts(&one, DOCKER_V1_SIGNED));
        assert!(accepts(&[], DOCKER_V1_SIGNED), "a missing header accepts every type");
        assert!(accepts(&["*/*".to_owned()], OCI_INDEX));
        assert!(accepts(&["application/*".to_owned()], OCI_INDEX));
        assert!(!accepts(&["text/*".to_owned()], OCI_INDEX));
        assert!(!accepts(&[format!("{OCI_INDEX};q=0")], OCI_INDEX));
        assert!(accepts(&[CURRENT.join(", ")], OCI_MANIFEST));
    }
}
