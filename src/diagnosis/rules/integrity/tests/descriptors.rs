//! Descriptors that strict clients reject, and diff_ids that no layer can have.

use crate::diagnosis::testing::{DOCKER_IMAGE, OCI_IMAGE, Scene, TestImage, gzip, index_of, scene, served};
use crate::diagnosis::{Certainty, Severity};
use crate::oci::{Algorithm, Digest, media_type};

const TAR_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const GZIP_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

fn by_tag(body: &str) -> Scene {
    scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::DOCKER_V2, body))
}

fn severity(scene: &Scene) -> Option<Severity> {
    scene.finding("descriptor-malformed").map(|finding| finding.severity)
}

/// moby/buildkit#4328, and other values as encoding/json decodes them.
#[test]
fn size_that_containerd_rejects_is_an_error() {
    for (size, written) in
        [("", "has no size"), (r#""size":0,"#, "has size 0"), (r#""size":-242,"#, "negative size: -242")]
    {
        let scene = by_tag(&DOCKER_IMAGE.replace(r#""size":242,"#, size));
        assert_eq!(scene.verdict(), (vec!["descriptor-malformed"], 18), "{size}");
        let finding = scene.finding("descriptor-malformed").unwrap();
        assert_eq!(finding.certainty, Certainty::Certain);
        assert!(finding.cause.contains(written), "{finding:?}");
        assert!(finding.title.contains("config"), "{finding:?}");
    }
    let layer = by_tag(&DOCKER_IMAGE.replace(r#""size":96,"#, ""));
    assert!(layer.finding("descriptor-malformed").unwrap().title.contains("layer 1 of 1"));
}

/// containers/image and containerd take -1 for "unknown".
#[test]
fn size_of_minus_one_is_a_warning() {
    let scene = by_tag(&DOCKER_IMAGE.replace(r#""size":242,"#, r#""size":-1,"#));
    assert_eq!((severity(&scene), scene.verdict().1), (Some(Severity::Warning), 0));
}

#[test]
fn missing_or_malformed_digest_is_an_error() {
    const CONFIG: &str = r#""digest":"sha256:e201c3f4dcec1faef9adb479ca25a933e86e2c259391e81471d18c0e706a9b66""#;
    for digest in [r#""digest":"""#, r#""digest":"sha256:e201""#, r#""digest":"md5:e201""#, r#""digest":null"#] {
        let scene = by_tag(&DOCKER_IMAGE.replace(CONFIG, digest));
        assert_eq!(scene.verdict(), (vec!["descriptor-malformed"], 18), "{digest}");
    }
}

#[test]
fn missing_media_type_is_an_error_for_layers_and_a_warning_for_configs() {
    let layer = DOCKER_IMAGE.replace(r#""mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip","#, "");
    assert_eq!(severity(&by_tag(&layer)), Some(Severity::Error));
    let config = DOCKER_IMAGE.replace(r#""mediaType":"application/vnd.docker.container.image.v1+json","#, "");
    assert_eq!(severity(&by_tag(&config)), Some(Severity::Warning));
}

#[test]
fn image_manifest_without_a_config_is_an_error() {
    let without = DOCKER_IMAGE.replace(r#""config":{"#, r#""was":{"#);
    assert_eq!(by_tag(&without).verdict(), (vec!["descriptor-malformed"], 18));
    assert_eq!(severity(&by_tag(DOCKER_IMAGE)), None);
}

#[test]
fn faulty_entry_for_another_platform_is_a_warning() {
    let (one, other) = (format!("sha256:{}", "a".repeat(64)), format!("sha256:{}", "b".repeat(64)));
    let index = index_of(media_type::OCI_INDEX, &[(&one, "linux/amd64"), (&other, "linux/arm64")]);
    let of = |index: &str| scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, index));
    assert_eq!(severity(&of(&index)), None);
    let without =
        |digest: &str| index.replace(&format!(r#""size":522,"digest":"{digest}""#), &format!(r#""digest":"{digest}""#));
    assert_eq!(of(&without(&one)).verdict(), (vec!["descriptor-malformed"], 18));
    assert_eq!(severity(&of(&without(&other))), Some(Severity::Warning));
}

/// Charts and signatures have rules of their own.
#[test]
fn descriptors_of_artifacts_are_not_examined() {
    let chart = OCI_IMAGE
        .replace(media_type::OCI_CONFIG, "application/vnd.cncf.helm.config.v1+json")
        .replace(r#""size":242,"#, "");
    assert_eq!(severity(&by_tag(&chart)), None);
}

fn digest_of(algorithm: Algorithm, bytes: &[u8]) -> String {
    Digest::of(algorithm, bytes).to_string()
}

fn digest(bytes: &[u8]) -> String {
    digest_of(Algorithm::Sha256, bytes)
}

/// A diagnosis of an image of these layers whose config lists these diff_ids.
fn image(layers: &[(&'static str, &[u8])], diff_ids: &[String]) -> Scene {
    let config = serde_json::json!({
        "architecture": "amd64", "os": "linux", "rootfs": { "type": "layers", "diff_ids": diff_ids },
    });
    let layers = layers.iter().map(|&(kind, bytes)| (kind, bytes.to_vec())).collect();
    let image = TestImage { config: config.to_string().into_bytes(), layers, ..TestImage::of("linux/amd64") };
    image.rest_served(image.scene())
}

/// paketo-buildpacks/builder-noble-java-tiny#293.
#[test]
fn uncompressed_layer_with_another_diff_id_than_its_digest_is_an_error() {
    let plain = [0; 1024];
    let right = image(&[(TAR_LAYER, &plain)], &[digest(&plain)]);
    assert_eq!(right.verdict(), (vec![], 0));
    let wrong = image(&[(TAR_LAYER, &plain), (TAR_LAYER, &plain)], &[digest(b"one"), digest(b"two")]);
    assert_eq!(wrong.verdict(), (vec!["layers-do-not-match-config"], 17));
    let finding = wrong.finding("layers-do-not-match-config").unwrap();
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(finding.cause.contains("layer 1 of 2") && finding.cause.contains("not compressed"), "{finding:?}");
}

#[test]
fn compressed_layer_with_its_digest_as_diff_id_is_an_error() {
    let packed = gzip(&[0; 1024]);
    assert_eq!(image(&[(GZIP_LAYER, &packed)], &[digest(&[0; 1024])]).verdict(), (vec![], 0));
    let wrong = image(&[(GZIP_LAYER, &packed)], &[digest(&packed)]);
    assert_eq!(wrong.verdict(), (vec!["layers-do-not-match-config"], 17));
}

/// Docker looks at the bytes: the diff_id of a plain archive labeled as compressed is its digest.
#[test]
fn bytes_of_a_layer_decide_whether_it_is_compressed() {
    let plain = [0; 1024];
    let called_gzip = image(&[(GZIP_LAYER, &plain)], &[digest(&plain)]);
    assert_eq!(called_gzip.finding("layers-do-not-match-config"), None);
    let packed = gzip(&plain);
    let called_tar = image(&[(TAR_LAYER, &packed)], &[digest(&plain)]);
    assert_eq!(called_tar.finding("layers-do-not-match-config"), None);
}

#[test]
fn same_layer_with_two_diff_ids_is_an_error() {
    let packed = gzip(&[0; 1024]);
    let layers = [(GZIP_LAYER, &packed[..]), (GZIP_LAYER, &packed)];
    assert_eq!(image(&layers, &[digest(&[0; 1024]), digest(&[0; 1024])]).verdict(), (vec![], 0));
    let wrong = image(&layers, &[digest(&[0; 1024]), digest(b"other")]);
    assert_eq!(wrong.verdict(), (vec!["layers-do-not-match-config"], 17));
}

#[test]
fn diff_id_that_is_not_a_digest_is_an_error() {
    let wrong = image(&[(GZIP_LAYER, &gzip(&[0; 1024]))], &["sha256:1234".to_owned()]);
    assert_eq!(wrong.verdict(), (vec!["layers-do-not-match-config"], 17));
}

/// moby/moby#48241.
#[test]
fn layer_with_a_sha512_digest_is_an_error() {
    const LAYER: &str = "sha256:8c895b07f45979367be9aad25590e7fab0d086203b512f7f189d9b84ca389c12";
    let long = digest_of(Algorithm::Sha512, b"a layer");
    let scene = by_tag(&DOCKER_IMAGE.replace(LAYER, &long));
    assert_eq!(scene.verdict(), (vec!["digest-algorithm-not-supported"], 11));
    assert_eq!(by_tag(DOCKER_IMAGE).finding("digest-algorithm-not-supported"), None);
}
