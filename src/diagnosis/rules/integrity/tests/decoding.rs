//! Documents that clients in Go reject as a whole because one field has the wrong JSON type.

use crate::diagnosis::testing::{DOCKER_IMAGE, OCI_IMAGE, Scene, digest_of, index_of, scene, served};
use crate::diagnosis::{Certainty, Severity};
use crate::evidence::Method;
use crate::oci::media_type;

const RULE: &str = "json-type-mismatch";

fn served_as(kind: &str, body: &str) -> Scene {
    scene("r.example.com/demo/app:1").to(&["all"], &served(kind, body))
}

fn with(field: &str) -> String {
    OCI_IMAGE.replacen('{', &format!("{{{field},"), 1)
}

/// The types of specs-go/v1, manifest.go and descriptor.go; skopeo 1.9.3 rejects each of these.
#[test]
fn manifest_with_a_field_of_the_wrong_type_is_an_error() {
    for (body, path) in [
        (with(r#""annotations":{"a":1}"#), "annotations[\"a\"] is a number; it must be a string."),
        (with(r#""annotations":"none""#), "annotations is a string; it must be an object of strings."),
        (with(r#""subject":"sha256:aa""#), "subject is a string; it must be an object."),
        (with(r#""subject":[]"#), "subject is a list; it must be an object."),
        (OCI_IMAGE.replace(":2,", r#":"2","#), "schemaVersion is a string; it must be an integer."),
        (OCI_IMAGE.replace(r#""size":96"#, r#""size":"96""#), "layers[0].size is a string; it must be an integer."),
        (
            OCI_IMAGE.replace(r#""size":96"#, r#""size":96.0"#),
            "layers[0].size is a number that is not a 64-bit integer; it must be an integer.",
        ),
        (
            OCI_IMAGE.replace(r#""size":96"#, r#""size":96,"urls":"https://a.test/""#),
            "layers[0].urls is a string; it must be a list of strings.",
        ),
        (
            OCI_IMAGE.replace(r#""size":242"#, r#""size":242,"data":"{}""#),
            "config.data is a string; it must be base64.",
        ),
    ] {
        let scene = served_as(media_type::OCI_MANIFEST, &body);
        assert_eq!(scene.verdict(), (vec![RULE], 18), "{body}");
        let finding = scene.finding(RULE).unwrap();
        assert_eq!(finding.certainty, Certainty::Certain);
        assert!(finding.cause.starts_with(path), "{}", finding.cause);
    }
}

/// One entry for another platform is enough: clients decode an index as a whole.
#[test]
fn index_with_an_undecodable_entry_for_another_platform_is_an_error() {
    let (one, other) = (format!("sha256:{}", "a".repeat(64)), format!("sha256:{}", "b".repeat(64)));
    for kind in [media_type::OCI_INDEX, media_type::DOCKER_LIST] {
        let index = index_of(kind, &[(&one, "linux/amd64"), (&other, "linux/arm64")]);
        assert_eq!(served_as(kind, &index).finding(RULE), None);
        for (from, to) in [
            (r#""architecture":"arm64""#, r#""architecture":64"#),
            (r#""architecture":"arm64""#, r#""architecture":"arm64","variant":8"#),
            (r#""architecture":"arm64""#, r#""architecture":"arm64","os.features":"sse""#),
            (r#""architecture":"arm64""#, r#""architecture":"arm64","features":{}"#),
            (r#"{"os":"linux","architecture":"arm64"}"#, r#""linux/arm64""#),
        ] {
            let scene = served_as(kind, &index.replace(from, to));
            let finding = scene.finding(RULE).unwrap_or_else(|| panic!("{kind} {to}"));
            assert_eq!((finding.severity, scene.verdict().1), (Severity::Error, 18));
            assert_eq!(finding.title, "index has a field of the wrong JSON type");
        }
        let in_quotes = index.replacen(r#""size":522"#, r#""size":"522""#, 1);
        assert_eq!(served_as(kind, &in_quotes).verdict().1, 18, "{kind}");
    }
}

#[test]
fn manifest_selected_from_an_index_is_decoded_too() {
    let image = with(r#""annotations":{"a":true}"#);
    let index = index_of(media_type::OCI_INDEX, &[(&digest_of(&image).to_string(), "linux/amd64")]);
    let scene = served_as(media_type::OCI_INDEX, &index).diagnosed();
    let scene = scene.child(&digest_of(&image), Method::Get, &served(media_type::OCI_MANIFEST, &image));
    assert_eq!(scene.finding(RULE).unwrap().title, "manifest has a field of the wrong JSON type");
}

/// Docker and containers/image ignore annotations in Docker manifests; containerd decodes both kinds alike.
#[test]
fn clients_that_do_not_decode_the_field_are_named() {
    let docker = DOCKER_IMAGE.replacen('{', r#"{"annotations":{"a":1},"#, 1);
    let cause = served_as(media_type::DOCKER_V2, &docker).finding(RULE).unwrap().cause;
    assert!(cause.contains("containerd (Kubernetes, nerdctl) rejects the manifest because of it"), "{cause}");
    assert!(cause.contains("Docker Engine (classic image store) and Podman, skopeo and CRI-O do not."), "{cause}");
    let all = served_as(media_type::OCI_MANIFEST, &with(r#""annotations":{"a":1}"#)).finding(RULE).unwrap().cause;
    assert!(all.contains("Clients written in Go decode the whole manifest"), "{all}");
}

#[test]
fn null_unknown_and_unusual_fields_are_decodable() {
    for field in [
        r#""annotations":null,"subject":null"#,
        r#""artifactType":"","annotations":{"a":null,"b":""}"#,
        r#""foo":{"size":"x"},"tags":7"#,
        r#""manifest":[{"size":"x"}]"#,
        r#""data":7,"platform":"linux""#,
    ] {
        assert_eq!(served_as(media_type::OCI_MANIFEST, &with(field)).finding(RULE), None, "{field}");
    }
    let sizes = OCI_IMAGE.replace(r#""size":96"#, r#""size":9223372036854775807"#);
    assert_eq!(served_as(media_type::OCI_MANIFEST, &sizes).finding(RULE), None);
    assert_eq!(served_as(media_type::DOCKER_V2, DOCKER_IMAGE).finding(RULE), None);
}
