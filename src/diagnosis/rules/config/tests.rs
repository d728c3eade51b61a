//! Image configs, and digests of blobs that were requested as manifests.

use crate::diagnosis::testing::{
    Canned, DOCKER_IMAGE, OCI_IMAGE, OCI_MANIFEST_FOUND, Scene, TestImage, UNKNOWN, answer, digest_of, failed, gzip,
    index_of, refused, scene, served,
};
use crate::diagnosis::{Certainty, Severity};
use crate::evidence::{FailureKind, Method, Query};
use crate::oci::media_type;

const CONFIG: &str =
    "registry.example.com/demo/app@sha256:e201c3f4dcec1faef9adb479ca25a933e86e2c259391e81471d18c0e706a9b66";
const UNKNOWN_ERROR: &str = r#"{"errors":[{"code":"UNKNOWN","message":"unknown error","detail":{}}]}"#;

fn distribution_2() -> Scene {
    scene(CONFIG).others(&refused(500, UNKNOWN_ERROR))
}

fn distribution_3() -> Scene {
    scene(CONFIG).others(&refused(404, UNKNOWN))
}

#[test]
fn digest_answered_with_500_is_likely_that_of_a_blob() {
    let judgement = distribution_2().judge();
    assert_eq!(judgement.exit_status().code(), 11, "{judgement:#?}");
    assert_eq!(judgement.findings[0].certainty, Certainty::Likely);
    assert!(matches!(judgement.questions[..], [Query::HasBlob(_)]));
    assert!(scene("r.example.com/a:b").others(&refused(500, UNKNOWN_ERROR)).judge().questions.is_empty());
}

#[test]
fn existing_blob_makes_the_finding_certain() {
    let blob = answer(200, "application/octet-stream", "").header("content-length", "242");
    let redirect = answer(307, "", "");
    for scene in [distribution_2().blob(&blob), distribution_3().blob(&blob), distribution_3().blob(&redirect)] {
        assert_eq!(scene.verdict(), (vec!["digest-is-image-id"], 11));
        assert_eq!(scene.judge().findings[0].certainty, Certainty::Certain);
        assert!(scene.judge().questions.is_empty());
    }
    let long = answer(200, "application/octet-stream", "").header("content-length", "31357624");
    let long = distribution_2().blob(&long);
    assert_eq!(long.verdict(), (vec!["digest-is-a-layer"], 11));
    assert_eq!(long.judge().findings[0].certainty, Certainty::Likely);
}

/// T01, T40: without such a blob, a 404 means that the digest is gone, and a 500 is a server error.
#[test]
fn digest_without_a_blob_is_not_an_image_id() {
    let no_blob = refused(404, r#"{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}"#);
    assert_eq!(distribution_3().blob(&no_blob).verdict(), (vec!["pinned-digest-gone"], 10));
    assert_eq!(distribution_2().blob(&no_blob).verdict(), (vec!["registry-failed"], 19));
    let unanswered = distribution_3().blob(&failed(FailureKind::Closed));
    assert_eq!(unanswered.verdict(), (vec!["pinned-digest-gone"], 10));
    assert_eq!(unanswered.judge().findings[0].certainty, Certainty::Likely);
}

#[test]
fn config_blob_is_named_if_a_variant_requests_it_as_a_manifest() {
    let oci = scene("r.example.com/a:b")
        .to(&["oci-manifest", "all"], &served(media_type::OCI_MANIFEST, OCI_IMAGE))
        .others(&refused(404, OCI_MANIFEST_FOUND));
    assert_eq!(oci.verdict(), (vec!["oci-manifest-not-accepted", "config-only-as-blob"], 0));
    assert!(oci.finding("config-only-as-blob").unwrap().cause.contains("sha256:e201c3f4dcec"));

    let served_to_all = scene("r.example.com/a:b").others(&served(media_type::DOCKER_V2, DOCKER_IMAGE));
    assert!(served_to_all.finding("config-only-as-blob").is_none());
    let index = index_of(media_type::OCI_INDEX, &[("sha256:a", "linux/amd64")]);
    let index =
        scene("r.example.com/a:b").to(&["all"], &served(media_type::OCI_INDEX, &index)).others(&refused(404, UNKNOWN));
    assert!(index.finding("config-only-as-blob").is_none());
}

const BLOB_UNKNOWN: &str = r#"{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}"#;

/// A diagnosis of the digest of a blob with these bytes.
fn diagnosed(bytes: &[u8]) -> Scene {
    let image = TestImage { config: bytes.to_vec(), ..TestImage::of("linux/amd64") };
    let Query::Config(digest) = image.config_question() else { panic!("the question is about a config") };
    let blob = || answer(200, "application/octet-stream", "").bytes(bytes);
    scene(&format!("registry.example.com/demo/app@{digest}"))
        .diagnosed()
        .others(&refused(404, UNKNOWN))
        .blob(&blob())
        .told(Query::Layer(digest.clone()), &[blob()])
        .told(Query::Config(digest), &[blob()])
}

/// distribution/distribution#3122.
#[test]
fn diagnosis_tells_the_kind_of_a_blob_by_its_bytes() {
    let config = TestImage::of("linux/amd64").config;
    let of = |scene: Scene| {
        let finding = scene.judge().findings[0].clone();
        assert_eq!(finding.certainty, Certainty::Certain, "{finding:?}");
        (finding.rule, finding.title)
    };
    assert_eq!(of(diagnosed(&config)).1, "digest is an image ID, not a manifest digest");
    assert_eq!(of(diagnosed(&gzip(&config))).0, "digest-is-a-layer");
    assert_eq!(of(diagnosed(b"\x28\xb5\x2f\xfd\x04")).0, "digest-is-a-layer");
    let chart = diagnosed(br#"{"name":"chart","apiVersion":"v2"}"#);
    assert!(chart.finding("digest-is-image-id").unwrap().cause.contains("neither the config of an image"));
    for scene in [diagnosed(&config), diagnosed(&gzip(&config)), chart] {
        // The tags are requested together with the blob, before it is known to exist.
        assert!(scene.judge().questions.iter().all(|question| *question == Query::Tags));
        assert_eq!(scene.judge().findings.len(), 1);
    }
}

/// The requests follow each other: the blob is read only if it exists.
#[test]
fn blob_is_read_only_if_it_exists() {
    let first = scene(CONFIG).diagnosed().others(&refused(404, UNKNOWN));
    assert!(!first.judge().questions.iter().any(|question| matches!(question, Query::Layer(_))));
    let there = scene(CONFIG).diagnosed().others(&refused(404, UNKNOWN)).blob(&answer(200, "", ""));
    assert!(there.judge().questions.iter().any(|question| matches!(question, Query::Layer(_))));
}

fn config_answered(image: &TestImage, reply: &Canned) -> Scene {
    image.rest_served(image.scene().told(image.config_question(), std::slice::from_ref(reply)))
}

/// distribution/distribution#3800.
#[test]
fn missing_config_is_an_error() {
    let image = TestImage::of("linux/amd64");
    let gone = config_answered(&image, &refused(404, BLOB_UNKNOWN));
    assert_eq!(gone.verdict(), (vec!["config-blob-missing"], 17));
    assert_eq!(gone.judge().findings[0].certainty, Certainty::Certain);
    assert_eq!(config_answered(&image, &refused(500, "{}")).finding("config-blob-missing"), None);
    assert_eq!(config_answered(&image, &failed(FailureKind::Closed)).finding("config-blob-missing"), None);
    let layers = image.scene().told(image.config_question(), &[refused(404, BLOB_UNKNOWN)]);
    let layers = layers.told(image.layer_question(0), &[refused(404, BLOB_UNKNOWN)]);
    assert_eq!(image.rest_served(layers).verdict(), (vec!["blob-missing-behind-manifest"], 17));
}

/// An index that lists the image with this platform.
fn listed(platform: &str, image: &TestImage) -> Scene {
    let manifest = image.manifest();
    let digest = digest_of(&manifest);
    let index =
        index_of(media_type::OCI_INDEX, &[(&digest.to_string(), platform)]).replace("522", &manifest.len().to_string());
    let mut scene = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, &index)).diagnosed();
    scene.record.platform = platform.parse().unwrap();
    image.rest_served(scene.child(&digest, Method::Get, &served(media_type::OCI_MANIFEST, &manifest)))
}

#[test]
fn image_built_for_another_platform_than_listed_is_a_warning() {
    let wrong = listed("linux/arm64", &TestImage::of("linux/amd64"));
    assert_eq!(wrong.verdict().0, ["config-platform-differs-from-index"]);
    let finding = wrong.finding("config-platform-differs-from-index").unwrap();
    assert_eq!((finding.severity, finding.certainty), (Severity::Warning, Certainty::Certain));
    for (listed_as, built) in
        [("linux/amd64", "linux/amd64"), ("linux/arm64/v8", "linux/arm64"), ("linux/arm64", "linux/aarch64")]
    {
        let scene = listed(listed_as, &TestImage::of(built));
        assert_eq!(scene.finding("config-platform-differs-from-index"), None, "{listed_as} {built}");
    }
    let unnamed =
        TestImage { config: br#"{"rootfs":{"diff_ids":["a","b"]}}"#.to_vec(), ..TestImage::of("linux/amd64") };
    assert_eq!(listed("linux/arm64", &unnamed).finding("config-platform-differs-from-index"), None);
}

/// An image with this config, served as pushed.
fn with_config(config: &[u8]) -> Scene {
    let image = TestImage { config: config.to_vec(), ..TestImage::of("linux/amd64") };
    image.rest_served(image.scene())
}

/// tazjin/nixery#64, and other content that tools have pushed instead of a config.
#[test]
fn config_that_is_not_json_is_an_error() {
    let json = TestImage::of("linux/amd64").config;
    for (bytes, found) in [
        (&gzip(&json)[..], "gzip"),
        (b"\x28\xb5\x2f\xfd\x04", "zstd"),
        (b"<!DOCTYPE html><title>Sign in</title>", "HTML"),
        (b"{\"architecture\":", "malformed JSON"),
        (b"[]", "malformed JSON"),
        (b"", "empty"),
    ] {
        let scene = with_config(bytes);
        assert_eq!(scene.verdict(), (vec!["config-is-not-an-image-config"], 18), "{found}");
        let finding = scene.finding("config-is-not-an-image-config").unwrap();
        assert_eq!(finding.certainty, Certainty::Certain);
        assert!(finding.cause.contains(&format!("it is {found} instead")), "{finding:?}");
    }
}

/// The types of specs-go/v1/config.go.
#[test]
fn config_that_go_cannot_decode_is_an_error() {
    let json = String::from_utf8(TestImage::of("linux/amd64").config).unwrap();
    for field in [
        r#""created":"","#,
        r#""created":"2015-02-30T00:00:00Z","#,
        r#""config":{"Entrypoint":"/bin/sh"},"#,
        r#""config":{"ExposedPorts":["80/tcp"]},"#,
        r#""config":{"Volumes":["/data"]},"#,
        r#""config":{"ArgsEscaped":"true"},"#,
        r#""config":{"Healthcheck":{"Interval":"30s"}},"#,
        r#""config":{"StopTimeout":"10"},"#,
        r#""config":{"OnBuild":"RUN a"},"#,
        r#""container_config":{"Cmd":7},"#,
        r#""os.features":"win32k","#,
        r#""history":[{"empty_layer":1}],"#,
    ] {
        let scene = with_config(json.replacen('{', &format!("{{{field}"), 1).as_bytes());
        assert_eq!(scene.verdict(), (vec!["config-is-not-an-image-config"], 18), "{field}");
    }
    for usual in [
        r#"{"created":"2015-10-31T22:22:56Z","config":{"Entrypoint":["/bin/sh"],"Env":null},"#,
        r#"{"created":null,"config":null,"history":null,"container_config":null,"docker_version":"18.09.7","#,
        r#"{"config":{"ExposedPorts":{"80/tcp":{}},"Volumes":{"/data":{}},"Memory":"1","StopTimeout":10},"foo":[7],"#,
        r#"{"config":{"Healthcheck":{"Test":["NONE"],"Interval":30000000000},"OnBuild":[],"Shell":["sh","-c"]},"#,
    ] {
        assert_eq!(with_config(json.replacen('{', usual, 1).as_bytes()).verdict(), (vec![], 0), "{usual}");
    }
}

/// Clients in Go take the last field in any letter case, other clients match the exact name.
#[test]
fn config_that_clients_read_differently_is_an_error_if_the_field_decides() {
    const RULE: &str = "field-read-differently";
    let json = String::from_utf8(TestImage::of("linux/amd64").config).unwrap();
    let with = |more: &str| with_config(json.replace('}', &format!("{more}}}")).replacen(more, "", 1).as_bytes());
    for (more, name) in [
        (r#","OS":"windows""#, "os"),
        (r#","Architecture":"arm64""#, "architecture"),
        (r#","RootFS":{"diff_ids":["sha256:aa"]}"#, "rootfs"),
        (r#","ROOTFS":{"diff_ids":[]}"#, "rootfs"),
    ] {
        let scene = with(more);
        let finding = scene.finding(RULE).unwrap_or_else(|| panic!("{more}"));
        assert_eq!(finding.title, format!("clients disagree about {name} in the config"));
        assert_eq!((finding.severity, scene.verdict().1), (Severity::Error, 18), "{more}");
    }
    for more in [r#","OS":"linux""#, r#","config":{"Cmd":["a"],"cmd":["b"]}"#, r#","Author":"A. Nother""#] {
        let scene = with(more);
        assert_eq!(scene.finding(RULE).map(|one| one.severity), Some(Severity::Warning), "{more}");
        assert_eq!(scene.verdict().1, 0, "{more}");
    }
    let labels = r#","config":{"Labels":{"os":"a","OS":"b"},"Env":["a=1","A=2"]}"#;
    assert_eq!(with(labels).finding(RULE), None);
}

/// A page with another digest is a different finding.
#[test]
fn page_instead_of_the_config_is_not_reported_as_a_bad_config() {
    let image = TestImage::of("linux/amd64");
    let page = answer(200, "text/html", "<!DOCTYPE html><title>Sign in</title>");
    let scene = image.rest_served(image.scene().told(image.config_question(), &[page]));
    assert_eq!(scene.finding("config-is-not-an-image-config"), None);
    assert_ne!(scene.verdict().1, 0);
}

/// buildpacks/pack#2315.
#[test]
fn config_without_architecture_is_a_note() {
    let json = String::from_utf8(TestImage::of("linux/amd64").config).unwrap();
    let without = json.replace(r#""architecture":"amd64","#, "");
    assert_ne!(without, json);
    let scene = with_config(without.as_bytes());
    assert_eq!(scene.verdict(), (vec!["config-lacks-platform"], 0));
    assert_eq!(scene.finding("config-lacks-platform").unwrap().severity, Severity::Info);
    assert_eq!(with_config(json.as_bytes()).finding("config-lacks-platform"), None);
}
