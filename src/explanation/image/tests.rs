//! The image of a message, in the output of any client.

use super::*;
use crate::explanation::reading::cleaned;

fn found(text: &str) -> Option<String> {
    image_in(&Pasted::new(&cleaned(&text.into()))).map(|image| image.to_string())
}

#[test]
fn requested_image_is_found_in_any_client_s_output() {
    let digest = format!("sha256:{}", "7b".repeat(32));
    for (text, reference) in [
        // Text in the position of a password is not an image, whatever it looks like.
        ("docker login -u alice -p my.pass/word r.test: denied", ""),
        ("echo my.pass/word:1 | docker login --password-stdin r.test", ""),
        ("skopeo inspect --creds alice:my.pass/word docker://quay.io/a/b:c", "quay.io/a/b:c"),
        ("machine r.test login alice password my.pass/word", ""),
        ("PASSWORD=my.pass/word docker pull quay.io/a/b:c", "quay.io/a/b:c"),
        ("{\"auth\":\"my.pass/word\"} manifest for acme/api:1.2 not found", "docker.io/acme/api:1.2"),
        ("Server=db;pwd=my.pass/word", ""),
        ("manifest for acme/api:1.2 not found: manifest unknown", "docker.io/acme/api:1.2"),
        ("pull access denied for myimage, repository does not exist", "docker.io/library/myimage:latest"),
        ("initializing source docker://quay.io/a/b:c: reading manifest c in quay.io/a/b", "quay.io/a/b:c"),
        ("reading manifest c in quay.io/a/b: manifest unknown", "quay.io/a/b:c"),
        ("Error: GET https://ghcr.io/v2/o/n/manifests/1.0: MANIFEST_UNKNOWN", "ghcr.io/o/n:1.0"),
        (
            "Get \"https://auth.docker.io/token?scope=repository%3Alibrary%2Falpine%3Apull&service=registry.docker.io\"",
            "docker.io/library/alpine",
        ),
        ("something about r.example.com:5000/team/app:7, it seems", "r.example.com:5000/team/app:7"),
        ("helm pull oci://ghcr.io/o/charts/x", "ghcr.io/o/charts/x:latest"),
        (
            "\"oci://ghcr.io/o/charts/x\" at version \"1\": GET \"https://ghcr.io/v2/o/charts/x/manifests/1.0.0\": 403",
            "ghcr.io/o/charts/x:1.0.0",
        ),
        ("Head \"https://u:secret@r.example.com/v2/a/b/manifests/1\": denied", "r.example.com/a/b:1"),
        ("Failed to pull image \"X:y\": see https://docs.docker.com/go/deprecated-image-specs/", ""),
        ("lookup auth.docker.io on 192.168.65.1:53: no such host", ""),
        ("the image is broken", ""),
        ("open /etc/containers/registries.conf: permission denied", ""),
        ("r.example.com/x:ghp_0123456789abcdefghijABCDEFGHIJ012345 not found", ""),
    ] {
        assert_eq!(found(text), Some(reference.to_owned()).filter(|text| !text.is_empty()), "{text}");
    }
    let pinned = format!("reading manifest {digest} in ghcr.io/o/n: manifest unknown");
    assert_eq!(found(&pinned), Some(format!("ghcr.io/o/n@{digest}")));
}

#[test]
fn platform_is_found_in_both_notations() {
    let found = |text: &str| platform_in(&Pasted::new(&cleaned(&text.into()))).map(|platform| platform.to_string());
    for (text, platform) in [
        ("no matching manifest for linux/arm64/v8 in the manifest list entries", "linux/arm64/v8"),
        ("no child with platform linux/amd64 in index r.example.com/a:t", "linux/amd64"),
        (r#"in image index for architecture "arm64", variant "v8", OS "linux""#, "linux/arm64/v8"),
        (r#"for architecture amd64, variant \"\", OS linux""#, "linux/amd64"),
    ] {
        assert_eq!(found(text), Some(platform.to_owned()), "{text}");
    }
    assert_eq!(found("manifest for acme/api:1 not found"), None);
}
