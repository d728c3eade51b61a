//! Artifacts that are stored like images.

use crate::diagnosis::Severity;
use crate::diagnosis::testing::{
    GZIP_LAYER, OCI_IMAGE, Scene, TestImage, UNKNOWN, answer, digest_of, gzip, refused, scene, served,
};
use crate::evidence::Query;
use crate::oci::media_type;

fn manifest(body: &str) -> Scene {
    scene("r.example.com/demo/app:1.2.3").to(&["all"], &served(media_type::OCI_MANIFEST, body))
}

fn with_config(kind: &str) -> String {
    OCI_IMAGE.replace(media_type::OCI_CONFIG, kind)
}

fn with_layers(kind: &str) -> String {
    OCI_IMAGE.replace("application/vnd.oci.image.layer.v1.tar+gzip", kind)
}

#[test]
fn chart_is_pulled_with_helm() {
    let scene = manifest(&with_config("application/vnd.cncf.helm.config.v1+json"));
    assert_eq!(scene.verdict(), (vec!["helm-chart-as-image"], 18));
    let command = scene.finding("helm-chart-as-image").unwrap().fix[0].command.clone();
    assert_eq!(command.as_deref(), Some("helm pull oci://r.example.com/demo/app --version 1.2.3"));
}

#[test]
fn artifact_is_named_by_its_type_and_subject() {
    let body = r#"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","artifactType":"application/vnd.example.sbom.v1","config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2}],"subject":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:2bfa6b82","size":500}}"#;
    let scene = manifest(body);
    assert_eq!(scene.verdict(), (vec!["other-artifact"], 18));
    let finding = scene.finding("other-artifact").unwrap();
    assert!(finding.title.contains("application/vnd.example.sbom.v1"), "{finding:?}");
    assert!(finding.cause.contains("Its subject is sha256:2bfa6b82"), "{finding:?}");
}

/// singularityhub/github-ci#11; and a file that was pushed with oras, with a config of an unspecific type.
#[test]
fn sif_file_is_pulled_with_apptainer() {
    let pushed = with_config("application/vnd.sylabs.sif.config.v1+json")
        .replace("application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.sylabs.sif.layer.v1.sif");
    let by_oras = with_config("application/vnd.unknown.config.v1+json")
        .replace("application/vnd.oci.image.layer.v1.tar+gzip", "application/vnd.sylabs.sif.layer.v1.sif");
    for body in [pushed, by_oras] {
        let scene = manifest(&body);
        assert_eq!(scene.verdict(), (vec!["sif-artifact"], 18));
        let command = scene.finding("sif-artifact").unwrap().fix[0].command.clone();
        assert_eq!(command.as_deref(), Some("apptainer pull oras://r.example.com/demo/app:1.2.3"));
    }
}

/// moby/buildkit README, "Export cache": a manifest with `image-manifest=true`, and before that an index of layers.
#[test]
fn build_cache_is_recognized_in_both_forms() {
    let cache = manifest(&with_config("application/vnd.buildkit.cacheconfig.v0"));
    assert_eq!(cache.verdict(), (vec!["buildkit-cache-pulled"], 18));
    let digest = format!("sha256:{}", "a".repeat(64));
    let list = format!(
        r#"{{"schemaVersion":2,"mediaType":"{}","manifests":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{digest}","size":96}},{{"mediaType":"application/vnd.buildkit.cacheconfig.v0","digest":"{digest}","size":242}}]}}"#,
        media_type::OCI_INDEX
    );
    let list = scene("r.example.com/demo/app:cache").to(&["all"], &served(media_type::OCI_INDEX, &list)).diagnosed();
    assert_eq!(list.verdict(), (vec!["buildkit-cache-pulled"], 18));
    assert_eq!(list.judge().questions, [Query::Ping], "its entries are not manifests");
}

/// T45: the newest version that a registry shows may be a signature or an attestation.
#[test]
fn signature_and_attestation_with_an_image_config_are_recognized() {
    let signature = manifest(&with_layers("application/vnd.dev.cosign.simplesigning.v1+json"));
    assert_eq!(signature.verdict(), (vec!["signature-tag-pulled"], 18));
    let attestation = manifest(&with_layers("application/vnd.in-toto+json"));
    assert_eq!(attestation.verdict(), (vec!["attestation-pulled-as-image"], 18));
}

#[test]
fn image_with_artifact_traits_stays_an_image() {
    for body in [
        OCI_IMAGE.to_owned(),
        OCI_IMAGE.replace("\"schemaVersion\":2", "\"schemaVersion\":2,\"artifactType\":\"application/vnd.example\""),
        with_config("application/octet-stream"),
        OCI_IMAGE.replace(
            r#""layers":[{"#,
            &format!(
                r#""layers":[{{"mediaType":"application/vnd.in-toto+json","size":2,"digest":"{}"}},{{"#,
                digest_of("{}")
            ),
        ),
    ] {
        assert_eq!(manifest(&body).verdict(), (vec![], 0), "{body}");
    }
}

#[test]
fn type_in_a_title_is_printable() {
    let finding = manifest(&with_config("application/vnd.x\\u001b[2J")).finding("other-artifact").unwrap();
    assert!(finding.title.contains("\\x1b[2J") && !finding.title.contains('\u{1b}'), "{finding:?}");
}

/// aws/amazon-ecs-agent#4179.
#[test]
fn zstd_layers_are_a_note_on_old_engines() {
    let finding =
        manifest(&with_layers("application/vnd.oci.image.layer.v1.tar+zstd")).finding("zstd-layer-old-engine");
    assert!(finding.is_some_and(|finding| finding.cause.starts_with("1 of 1 layers")));
    assert!(manifest(OCI_IMAGE).finding("zstd-layer-old-engine").is_none());
}

/// CNCF distribution has no referrers API (recorded); those of zot and Harbor may return an empty list.
#[test]
fn referrers_tag_reports_a_missing_referrers_api() {
    let subject = digest_of(OCI_IMAGE);
    let none = answer(404, "text/plain; charset=utf-8", "404 page not found\n");
    let empty = served(media_type::OCI_INDEX, r#"{"schemaVersion":2,"manifests":[]}"#);
    for end in ["", ".sig", ".att", ".sbom"] {
        let reference = format!("r.example.com/demo/app:sha256-{}{end}", subject.hex());
        let of = |list| {
            let scene = scene(&reference).diagnosed().others(&refused(404, UNKNOWN));
            scene.told(Query::Referrers(subject.clone()), &[list])
        };
        let finding = of(none.clone()).finding("referrers-api-absent").unwrap();
        assert_eq!(finding.severity, Severity::Info, "{end}");
        assert!(of(empty.clone()).finding("referrers-api-absent").is_none(), "{end}");
    }
    for tag in ["1.0", "sha256-abc", &format!("sha512-{}", subject.hex())] {
        let scene = scene(&format!("r.example.com/demo/app:{tag}")).diagnosed().others(&refused(404, UNKNOWN));
        assert!(!scene.judge().questions.contains(&Query::Referrers(subject.clone())), "{tag}");
    }
}

const ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// Bytes that confirm zstd add evidence; bytes of another format are a finding of another rule.
#[test]
fn layer_bytes_show_whether_it_is_zstd() {
    let mut image = TestImage::of("linux/amd64");
    image.layers = vec![(ZSTD, b"\x28\xb5\x2f\xfd\x04\x00".to_vec()), (ZSTD, b"\x28\xb5\x2f\xfd\x04\x01".to_vec())];
    let scene = image.rest_served(image.scene());
    assert_eq!(scene.verdict(), (vec!["zstd-layer-old-engine"], 0));
    assert_eq!(scene.finding("zstd-layer-old-engine").unwrap().evidence[1].quote.as_str(), "the bytes are zstd");
    image.layers = TestImage::of("linux/amd64").layers.into_iter().map(|(_, bytes)| (ZSTD, bytes)).collect();
    assert_eq!(image.rest_served(image.scene()).verdict(), (vec!["layer-bytes-vs-media-type"], 0));
}

/// imagegenius/docker-immich#717: `unsupported docker v2s2 media type`.
#[test]
fn zstd_type_in_docker_format_is_a_warning() {
    let body = crate::diagnosis::testing::DOCKER_IMAGE.replace("diff.tar.gzip", "diff.tar.zstd");
    let scene = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::DOCKER_V2, &body));
    assert_eq!(scene.finding("zstd-layer-old-engine").map(|finding| finding.severity), Some(Severity::Warning));
}

/// containerd v2.1.0, core/images/mediatypes.go (IsLayerType, DiffCompression); moby v28.5.2, distribution/registry.go.
#[test]
fn image_with_layers_of_another_type_is_an_error() {
    const RULE: &str = "layer-type-not-unpacked";
    let of = |kind: &'static str| {
        let mut image = TestImage::of("linux/amd64");
        image.layers[1].0 = kind;
        image.rest_served(image.scene())
    };
    for (kind, words) in [
        ("application/x-tar", "Docker's classic store rejects it (unsupported media type)."),
        ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "containerd does not treat it as a layer"),
        ("application/vnd.wasm.content.layer.v1+wasm", "Docker's classic store rejects it"),
        ("application/vnd.docker.image.rootfs.tar.gzip", "Docker's classic store unpacks it if the bytes are"),
        ("application/vnd.oci.image.layer.v1.tar+br", "containerd treats it as a layer, but cannot unpack it"),
        ("application/octet-stream", "containerd does not treat it as a layer"),
        ("Application/vnd.oci.image.layer.v1.tar+gzip", "Docker's classic store unpacks it"),
    ] {
        let scene = of(kind);
        let finding = scene.finding(RULE).unwrap_or_else(|| panic!("{kind}"));
        assert_eq!((finding.severity, scene.verdict().1), (Severity::Error, 18), "{kind}");
        assert!(finding.cause.contains(words) && finding.cause.contains("1 of 2 layers has"), "{}", finding.cause);
    }
    let encrypted = of("application/vnd.oci.image.layer.v1.tar+gzip+encrypted");
    assert_eq!(encrypted.verdict(), (vec![RULE], 18));
    assert_eq!(encrypted.finding(RULE).unwrap().title, "layers are encrypted");
    for kind in [
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.v1.tar+zstd",
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.diff.tar.gzip",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        "",
    ] {
        assert_eq!(of(kind).finding(RULE), None, "{kind}");
    }
}

/// Artifacts have their own rules, whatever their layers are.
#[test]
fn layers_of_artifacts_are_excluded() {
    for (config, layer) in [
        ("application/vnd.cncf.helm.config.v1+json", "application/vnd.cncf.helm.chart.content.v1.tar+gzip"),
        ("application/vnd.wasm.config.v0+json", "application/wasm"),
        (media_type::OCI_CONFIG, "application/vnd.dev.cosign.simplesigning.v1+json"),
        (media_type::OCI_CONFIG, "application/vnd.in-toto+json"),
        ("application/vnd.buildkit.cacheconfig.v0", "application/vnd.buildkit.layer.v1"),
    ] {
        let body = OCI_IMAGE.replace(media_type::OCI_CONFIG, config);
        let body = body.replace("application/vnd.oci.image.layer.v1.tar+gzip", layer);
        let scene = scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_MANIFEST, &body));
        assert_eq!(scene.finding("layer-type-not-unpacked"), None, "{config} {layer}");
    }
}

/// moby v28.5.2, layer/layer_store.go: max depth exceeded; Linux, fs/overlayfs: OVL_MAX_STACK.
#[test]
fn layers_beyond_engine_limits_are_reported() {
    let of = |count: u32| {
        let layers = (0..count).map(|at| (GZIP_LAYER, gzip(&at.to_be_bytes()))).collect();
        let image = TestImage { layers, ..TestImage::of("linux/amd64") };
        image.scene().finding("too-many-layers").map(|one| (one.title, one.exit.code()))
    };
    assert_eq!((of(1), of(125)), (None, None));
    assert_eq!(of(126), Some(("image has 126 layers; Docker accepts up to 125".to_owned(), 0)));
    assert_eq!(of(500), Some(("image has 500 layers; Docker accepts up to 125".to_owned(), 0)));
    assert_eq!(of(501), Some(("image has 501 layers, more than any engine mounts".to_owned(), 18)));
    assert_eq!(of(1200), Some(("image has 1200 layers, more than any engine mounts".to_owned(), 18)));
}
