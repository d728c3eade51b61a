//! Findings from the answers to several Accept headers. The answers are those of recorded matrices and captures.

use crate::diagnosis::testing::{
    Canned, DOCKER_IMAGE, DOCKER_V1, OCI_IMAGE, OCI_INDEX_FOUND, OCI_MANIFEST_FOUND, Scene, UNKNOWN, answer, digest_of,
    index_of, refused, scene, served,
};
use crate::diagnosis::{Certainty, Severity};
use crate::oci::media_type;

const REFERENCE: &str = "registry.example.com/demo/app:stable";
const SCHEMA2_UNSUPPORTED: &str =
    r#"{"errors":[{"code":"MANIFEST_INVALID","message":"Schema 2 manifest not supported by client"}]}"#;

/// A Docker manifest list with the recorded image, and one more platform.
fn list(platform: &str) -> String {
    let image = digest_of(DOCKER_IMAGE).to_string();
    index_of(media_type::DOCKER_LIST, &[(&image, platform), ("sha256:8560", "linux/arm64")])
}

fn docker_image() -> Canned {
    served(media_type::DOCKER_V2, DOCKER_IMAGE)
}

/// The conversion of distribution 2.8: its digest is not that of the bytes.
fn docker_v1() -> Canned {
    let digest = digest_of("without signatures").to_string();
    served(media_type::DOCKER_V1_SIGNED, DOCKER_V1).header("docker-content-digest", &digest)
}

#[track_caller]
fn assert_rules(scene: &Scene, rules: &[&str], status: u8) {
    assert_eq!(scene.verdict(), (rules.to_vec(), status), "{:#?}", scene.judge().findings);
}

/// Distribution 2.8 with a Docker v2 image.
fn converted() -> Scene {
    scene(REFERENCE).to(&["docker-v2", "all"], &docker_image()).others(&docker_v1())
}

#[test]
fn conversion_to_schema1_for_others_is_a_note_with_both_digests() {
    assert_rules(&converted(), &["schema1-downgrade"], 0);
    let cause = converted().finding("schema1-downgrade").unwrap().cause;
    for digest in [digest_of(DOCKER_IMAGE), digest_of("without signatures")] {
        assert!(cause.contains(digest.short()), "{cause}");
    }
    assert!(!cause.contains("docker v1 signed"), "that variant requested it: {cause}");
}

#[test]
fn conversion_to_schema1_for_the_asking_client_is_an_error() {
    let oci_only = [media_type::OCI_MANIFEST, media_type::OCI_INDEX];
    let asking = converted().asking(&oci_only).to(&["asked"], &docker_v1());
    assert_rules(&asking, &["schema1-downgrade"], 11);
    let content_with_it = converted().asking(&[media_type::DOCKER_V1_SIGNED]).to(&["asked"], &docker_v1());
    assert_eq!(content_with_it.verdict().1, 0);
}

/// T21: Docker schema 1 is the stored format only if even a current client is served it.
#[test]
fn image_served_only_as_schema1_is_an_error() {
    assert_rules(&scene(REFERENCE).others(&docker_v1()), &["schema1-only-image"], 11);
    let unsigned = scene(REFERENCE).others(&served(media_type::JSON, DOCKER_V1));
    assert_rules(&unsigned, &["schema1-only-image"], 11);
    assert!(converted().finding("schema1-only-image").is_none());
    // Google's registry compares types literally, so it refuses a current client.
    let literal = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"Manifest with tag '1.24' has media type 'application/vnd.docker.distribution.manifest.v1+prettyjws', but client accepts 'application/vnd.docker.distribution.manifest.v1+json'."}]}"#;
    let gcr = scene(REFERENCE).to(&["docker-v1-signed"], &docker_v1()).others(&refused(404, literal));
    assert_eq!(gcr.verdict().1, 11);
}

/// No client was served anything, but the registry's message says why.
#[test]
fn registry_message_about_a_hidden_manifest_is_trusted() {
    for (words, rule) in [
        ("OCI manifest found, but accept header does not support OCI manifests", "oci-manifest-not-accepted"),
        ("OCI index found, but accept header does not support OCI indexes", "oci-index-not-accepted"),
    ] {
        let body = format!(r#"{{"errors":[{{"code":"MANIFEST_UNKNOWN","message":"{words}"}}]}}"#);
        let scene = scene("registry.example.com/acme/api:1").others(&refused(404, &body));
        assert_eq!(scene.verdict(), (vec![rule], 11), "{words}");
    }
    let unknown = scene("registry.example.com/acme/api:1").others(&refused(404, UNKNOWN));
    assert_eq!(unknown.verdict(), (vec!["tag-not-found"], 10));
}

#[test]
fn hidden_oci_document_is_a_note_for_others_and_an_error_for_the_asking_client() {
    let index = index_of(media_type::OCI_INDEX, &[("sha256:a", "linux/amd64")]);
    for (kind, body, words, own, rule) in [
        (media_type::OCI_INDEX, index.as_str(), OCI_INDEX_FOUND, "oci-index", "oci-index-not-accepted"),
        (media_type::OCI_MANIFEST, OCI_IMAGE, OCI_MANIFEST_FOUND, "oci-manifest", "oci-manifest-not-accepted"),
    ] {
        let hidden = || scene(REFERENCE).to(&[own, "all"], &served(kind, body)).others(&refused(404, words));
        let (rules, status) = hidden().verdict();
        assert_eq!((rules[0], status), (rule, 0));
        assert_eq!(hidden().finding(rule).unwrap().severity, Severity::Info);
        assert!(!rules.contains(&"wildcard-accept-not-honoured"), "the fact is reported once: {rules:?}");

        let asking = hidden().asking(&[media_type::DOCKER_V2]).to(&["asked"], &refused(404, words));
        assert_eq!((asking.verdict().0[0], asking.verdict().1), (rule, 11));
    }
}

/// T01: types are no reason if no variant is served anything.
#[test]
fn tag_refused_to_all_variants_is_not_about_types() {
    let (rules, _) = scene(REFERENCE).others(&refused(404, UNKNOWN)).verdict();
    assert!(rules.iter().all(|rule| !rule.contains("accept")), "{rules:?}");
}

#[test]
fn client_that_accepts_only_indexes_gets_single_manifest_finding() {
    let base = || scene(REFERENCE).to(&["oci-manifest", "all"], &served(media_type::OCI_MANIFEST, OCI_IMAGE));
    let asking = base().asking(&[media_type::OCI_INDEX]).others(&refused(404, OCI_MANIFEST_FOUND));
    assert_rules(&asking, &["single-manifest-asked-as-index", "config-only-as-blob"], 11);
    assert!(base().others(&refused(404, OCI_MANIFEST_FOUND)).finding("single-manifest-asked-as-index").is_none());
}

#[test]
fn registry_that_compares_types_literally_hides_docker_v2() {
    let words = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"Manifest with tag '0.5.0' has media type 'application/vnd.docker.distribution.manifest.v2+json', but client accepts 'application/json'."}]}"#;
    let gcr = || scene("gcr.io/deepvariant-docker/deepvariant:0.5.0").to(&["docker-v2", "all"], &docker_image());
    let scene = gcr().others(&refused(404, words));
    assert_eq!((scene.verdict().0[0], scene.verdict().1), ("docker-v2-not-accepted", 0));

    let with_parameter = "application/vnd.docker.distribution.manifest.v2+json; q=0.5";
    let asking = gcr().asking(&[with_parameter]).others(&refused(404, words));
    assert_eq!((asking.verdict().0[0], asking.verdict().1), ("docker-v2-not-accepted", 11));
    let finding = asking.finding("docker-v2-not-accepted").unwrap();
    assert_eq!(finding.certainty, Certainty::Likely);
    assert!(finding.cause.contains("q=0.5"), "{finding:?}");
}

/// T02: a manifest refused to a current client may exist nevertheless.
#[test]
fn four_types_refused_together_with_one_served_alone_is_an_error() {
    let scene = scene(REFERENCE).to(&["docker-v2"], &docker_image()).others(&refused(404, UNKNOWN));
    assert_eq!((scene.verdict().0[0], scene.verdict().1), ("docker-v2-not-accepted", 11));
}

#[test]
fn list_replaced_by_one_of_its_images_has_two_digests() {
    let list = list("linux/amd64");
    let scene = scene(REFERENCE)
        .to(&["docker-list", "all"], &served(media_type::DOCKER_LIST, &list))
        .to(&["docker-v2"], &docker_image())
        .others(&docker_v1());
    assert_rules(&scene, &["schema1-downgrade", "digest-depends-on-accept"], 0);
    let cause = scene.finding("digest-depends-on-accept").unwrap().cause;
    assert!(cause.contains("the image for linux/amd64 in that docker list"), "{cause}");
}

/// T13: the digest of Docker schema 1 belongs to another rule.
#[test]
fn schema1_digest_does_not_count_as_a_second_digest() {
    assert!(converted().finding("digest-depends-on-accept").is_none());
}

#[test]
fn distribution_3_refusal_to_convert_is_reported() {
    let list = list("linux/amd64");
    let base = || {
        scene(REFERENCE)
            .to(&["docker-list", "all"], &served(media_type::DOCKER_LIST, &list))
            .to(&["docker-v2"], &docker_image())
    };
    let others = base().others(&refused(400, SCHEMA2_UNSUPPORTED));
    assert_rules(&others, &["schema2-not-supported-by-client", "digest-depends-on-accept"], 0);
    let asking = base().asking(&[media_type::OCI_INDEX]).others(&refused(400, SCHEMA2_UNSUPPORTED));
    assert_eq!((asking.verdict().0[0], asking.verdict().1), ("schema2-not-supported-by-client", 11));
}

#[test]
fn list_without_amd64_explains_the_404_for_old_clients() {
    let arm = index_of(media_type::DOCKER_LIST, &[("sha256:8560", "linux/arm64")]);
    let mut others = scene(REFERENCE)
        .to(&["docker-list", "all"], &served(media_type::DOCKER_LIST, &arm))
        .others(&refused(404, UNKNOWN));
    others.record.platform = "linux/arm64".parse().unwrap();
    assert_rules(&others, &["list-without-amd64"], 0);
    let amd64 = list("linux/amd64");
    let other_reason = scene(REFERENCE)
        .to(&["docker-list", "all"], &served(media_type::DOCKER_LIST, &amd64))
        .others(&refused(404, UNKNOWN));
    assert_rules(&other_reason, &["docker-list-not-accepted"], 0);
}

#[test]
fn cache_that_cannot_convert_is_a_note_for_others() {
    let words = r#"{"errors":[{"code":"MANIFEST_INVALID","message":"manifest invalid","detail":{}}]}"#;
    let cache = || scene(REFERENCE).to(&["docker-v2", "all"], &docker_image());
    let others = cache().others(&refused(400, words));
    assert_eq!(others.finding("pull-through-cache-cannot-convert").unwrap().certainty, Certainty::Likely);
    assert_eq!(others.verdict().1, 0);
    assert!(others.finding("docker-v2-not-accepted").is_none());
    let asking = cache().asking(&[media_type::OCI_INDEX]).others(&refused(400, words));
    assert_eq!(asking.verdict().1, 11);
}

#[test]
fn refused_wildcard_is_reported_if_nothing_else_is_refused() {
    let base = || scene(REFERENCE).to(&["any", "none"], &answer(406, "text/plain", "Not Acceptable"));
    let alone = base().others(&docker_image());
    assert!(alone.verdict().0.contains(&"wildcard-accept-not-honoured"));
    assert_eq!(alone.verdict().1, 0);
    let asking =
        base().asking(&["*/*"]).to(&["asked"], &answer(406, "text/plain", "Not Acceptable")).others(&docker_image());
    assert_eq!((asking.verdict().0[0], asking.verdict().1), ("wildcard-accept-not-honoured", 11));
}

#[test]
fn type_served_to_all_variants_is_a_note() {
    assert_rules(&scene(REFERENCE).others(&docker_image()), &["registry-ignores-accept"], 0);
    let asking = scene(REFERENCE).asking(&[media_type::OCI_INDEX]).others(&docker_image());
    assert_rules(&asking, &["registry-ignores-accept"], 11);
    let requested = scene(REFERENCE).to(&["docker-v2", "all", "any", "none"], &docker_image());
    assert_rules(&requested, &[], 0);
}

#[test]
fn refused_header_rules_out_the_title_about_all_headers() {
    let title = |scene: Scene| scene.others(&docker_image()).finding("registry-ignores-accept").unwrap().title;
    assert!(title(scene(REFERENCE)).contains("whatever the Accept header"));
    let refusing = scene(REFERENCE).to(&["any"], &answer(406, "text/plain", "Not Acceptable"));
    assert!(!title(refusing).contains("whatever"));
}

/// docker-library/official-images#14025. T20: the registry is right, and the client is old.
#[test]
fn oci_document_for_a_docker_only_client_is_an_error() {
    let oci = served(media_type::OCI_MANIFEST, OCI_IMAGE);
    let for_client = |types: &[&str]| scene(REFERENCE).asking(types).others(&oci);
    let old = for_client(&[media_type::DOCKER_LIST, media_type::DOCKER_V2]);
    assert_rules(&old, &["old-client-rejects-oci"], 11);
    let lenient = for_client(&[media_type::DOCKER_V2, "*/*"]);
    assert_eq!((lenient.verdict().0[0], lenient.verdict().1), ("old-client-rejects-oci", 0));
    assert_eq!(lenient.judge().findings[0].certainty, Certainty::Likely);
    for current in [&media_type::CURRENT[..], &["*/*"], &[media_type::DOCKER_V2, media_type::OCI_MANIFEST]] {
        assert_eq!(for_client(current).finding("old-client-rejects-oci"), None, "{current:?}");
    }
    assert_eq!(scene(REFERENCE).others(&oci).finding("old-client-rejects-oci"), None);
}

#[test]
fn content_type_that_contradicts_the_document_is_an_error() {
    let contradiction = scene(REFERENCE).to(&["all"], &served(media_type::OCI_MANIFEST, DOCKER_IMAGE));
    assert_rules(&contradiction, &["content-type-vs-mediatype"], 11);
    let parameters = format!("{}; charset=utf-8", media_type::DOCKER_V2);
    assert_rules(&scene(REFERENCE).to(&["all"], &served(&parameters, DOCKER_IMAGE)), &[], 0);
    let silent = OCI_IMAGE.replace(r#""mediaType":"application/vnd.oci.image.manifest.v1+json","#, "");
    assert_rules(&scene(REFERENCE).to(&["all"], &served(media_type::OCI_MANIFEST, &silent)), &[], 0);
}

#[test]
fn manifest_with_a_generic_content_type_is_an_error() {
    for header in ["", "application/json", "text/plain", "application/octet-stream"] {
        let scene = scene(REFERENCE).to(&["all"], &served(header, DOCKER_IMAGE));
        assert_rules(&scene, &["content-type-missing-or-generic"], 11);
    }
    let v1 = scene(REFERENCE).to(&["all"], &served("application/json", DOCKER_V1));
    assert!(v1.finding("content-type-missing-or-generic").is_none());
}

/// quay/quay#1959.
#[test]
fn index_with_entries_of_the_other_family_is_reported() {
    let entry = |kind: &str| format!(r#"{{"mediaType":"{kind}","digest":"sha256:a","size":1}}"#);
    let list = |kind: &str, child: &str| {
        let body = format!(r#"{{"schemaVersion":2,"mediaType":"{kind}","manifests":[{}]}}"#, entry(child));
        scene("r.example.com/demo/app:1").to(&["all"], &served(kind, &body))
    };
    for (kind, child) in
        [(media_type::DOCKER_LIST, media_type::OCI_MANIFEST), (media_type::OCI_INDEX, media_type::DOCKER_V2)]
    {
        assert!(list(kind, child).finding("mixed-docker-and-oci-tree").is_some(), "{kind} of {child}");
    }
    for (kind, child) in [
        (media_type::DOCKER_LIST, media_type::DOCKER_V2),
        (media_type::OCI_INDEX, media_type::OCI_MANIFEST),
        (media_type::OCI_INDEX, media_type::OCI_INDEX),
    ] {
        assert!(list(kind, child).finding("mixed-docker-and-oci-tree").is_none(), "{kind} of {child}");
    }
}

/// GHSA-77vh-xpmg-72qh: a scanner reads other layers than the engine runs.
#[test]
fn field_that_clients_read_differently_is_a_warning() {
    let twice = OCI_IMAGE.replacen('{', r#"{"layers":[],"#, 1);
    let run = scene("r.test/a/b:1").others(&served(media_type::OCI_MANIFEST, &twice));
    let finding = run.finding("field-read-differently").expect("the layers occur twice");
    assert!(finding.cause.starts_with("layers begins at byte 1 and again at byte "), "{}", finding.cause);
    let quote = crate::text::cut_at_marks(finding.evidence[0].quote.as_str());
    assert!(quote.starts_with(r#""layers":[],"#) && quote.len() < 80, "{quote}");
    let capitals = OCI_IMAGE.replacen("\"layers\"", "\"Layers\"", 1);
    let run = scene("r.test/a/b:1").others(&served(media_type::OCI_MANIFEST, &capitals));
    let finding = run.finding("field-read-differently").expect("not all clients read it");
    assert_eq!(finding.title, "a field has another letter case, and not all clients read it");
    let image = scene("r.test/a/b:1").others(&served(media_type::OCI_MANIFEST, OCI_IMAGE));
    assert!(image.finding("field-read-differently").is_none());
}

/// Two images under one digest: one for clients in Go, another for case-sensitive clients.
#[test]
fn manifest_of_two_images_is_an_error() {
    let other = format!(r#"{{"mediaType":"a/b","size":1,"digest":"sha256:{}"}}"#, "a".repeat(64));
    let with = |more: &str| format!("{},{more}}}", OCI_IMAGE.strip_suffix('}').unwrap());
    for (body, name) in [
        (with(&format!(r#""Layers":[{other}]"#)), "layers"),
        (with(r#""LAYERS":[]"#), "layers"),
        (with(&format!(r#""Config":{other}"#)), "config"),
        (with(r#""MediaType":"application/vnd.docker.distribution.manifest.v2+json""#), "mediaType"),
        (OCI_IMAGE.replace(r#""size":96"#, r#""size":96,"Size":97"#), "size"),
    ] {
        let run = scene("r.test/a/b:1").others(&served(media_type::OCI_MANIFEST, &body));
        let finding = run.finding("field-read-differently").unwrap_or_else(|| panic!("{body}"));
        assert_eq!((finding.severity, finding.exit.code()), (Severity::Error, 18), "{body}");
        assert_eq!(finding.title, format!("clients disagree about {name} in the manifest"));
    }
    for body in [with(r#""Annotations":{}"#), with(r#""schemaVersion":2"#), with(r#""x":1,"x":2"#)] {
        let run = scene("r.test/a/b:1").others(&served(media_type::OCI_MANIFEST, &body));
        assert_eq!(run.finding("field-read-differently").map(|one| one.severity), Some(Severity::Warning), "{body}");
    }
    let unknown = scene("r.test/a/b:1").others(&served(media_type::OCI_MANIFEST, &with(r#""x":1,"X":2"#)));
    assert!(unknown.finding("field-read-differently").is_none());
}

/// CVE-2021-41190: the kind depends on the client, whatever the types say.
#[test]
fn document_that_is_index_and_image_is_an_error() {
    let config = r#""config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"sha256:aa","size":2}"#;
    for (kind, body) in [
        (media_type::OCI_MANIFEST, format!(r#"{{"schemaVersion":2,"manifests":[],{config},"layers":[]}}"#)),
        (media_type::OCI_INDEX, format!(r#"{{"schemaVersion":2,"manifests":[],{config}}}"#)),
        (media_type::OCI_MANIFEST, format!(r#"{{"schemaVersion":2,"fsLayers":[],"layers":[],{config}}}"#)),
        (media_type::OCI_INDEX, r#"{"schemaVersion":2,"manifests":[],"fsLayers":[]}"#.to_owned()),
    ] {
        let run = scene("r.test/a/b:1").others(&served(kind, &body));
        let (rules, status) = run.verdict();
        assert_eq!((rules[0], status), ("document-of-two-kinds", 11), "{body}");
    }
    let image = scene("r.test/a/b:1").others(&served(media_type::OCI_MANIFEST, OCI_IMAGE));
    assert!(image.finding("document-of-two-kinds").is_none());
}

#[test]
fn response_header_in_a_request_is_reported_and_a_request_header_is_not() {
    const RULE: &str = "response-header-sent-as-request";
    let asked_with = |name: &str, value: &str| scene(REFERENCE).others(&docker_image().asked_with(name, value));
    for name in ["docker-content-digest", "etag", "oci-subject", "docker-distribution-api-version", "location"] {
        let finding = asked_with(name, "sha256:ab").finding(RULE).unwrap_or_else(|| panic!("{name}"));
        assert_eq!(finding.severity, Severity::Info, "the answer is the same as without it");
        assert!(finding.title.contains(name), "{}", finding.title);
    }
    for name in ["accept", "if-none-match", "range", "x-docker-content-digest", "user-agent", "authorization"] {
        assert!(asked_with(name, "sha256:ab").finding(RULE).is_none(), "{name}");
    }
}

/// containers/image#2972; podman also pulls an OCI manifest with Docker layer types.
#[test]
fn docker_manifest_with_oci_layer_types_is_a_warning() {
    const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
    const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
    let of = |kind: &str, body: &str| scene("r.example.com/demo/app:1").to(&["all"], &served(kind, body));
    let mixed = of(media_type::DOCKER_V2, &DOCKER_IMAGE.replace(DOCKER_LAYER, OCI_LAYER));
    let finding = mixed.finding("mixed-manifest-and-layer-types").unwrap();
    assert_eq!((finding.severity, finding.certainty), (Severity::Warning, Certainty::Certain));
    assert!(finding.cause.contains("podman") && finding.cause.contains("unsupported docker v2s2"), "{finding:?}");
    for (kind, body) in [
        (media_type::DOCKER_V2, DOCKER_IMAGE.to_owned()),
        (media_type::OCI_MANIFEST, OCI_IMAGE.to_owned()),
        (media_type::OCI_MANIFEST, OCI_IMAGE.replace(OCI_LAYER, DOCKER_LAYER)),
    ] {
        assert_eq!(of(kind, &body).finding("mixed-manifest-and-layer-types"), None, "{kind}");
    }
}
