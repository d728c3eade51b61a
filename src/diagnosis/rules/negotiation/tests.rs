//! What is read from who was served what. The answers are those of the recorded matrices and captures.

use crate::diagnosis::testing::{
    Canned, DOCKER_IMAGE, DOCKER_V1, OCI_IMAGE, OCI_INDEX_FOUND, OCI_MANIFEST_FOUND, Scene, UNKNOWN, answer, digest_of,
    index_of, refused, scene, served,
};
use crate::diagnosis::{Certainty, Severity};
use crate::oci::media_type;

const REFERENCE: &str = "registry.example.com/demo/app:stable";
const SCHEMA2_UNSUPPORTED: &str =
    r#"{"errors":[{"code":"MANIFEST_INVALID","message":"Schema 2 manifest not supported by client"}]}"#;

/// A docker list with the recorded image, and one more platform.
fn list(platform: &str) -> String {
    let image = digest_of(DOCKER_IMAGE).to_string();
    index_of(media_type::DOCKER_LIST, &[(&image, platform), ("sha256:8560", "linux/arm64")])
}

fn docker_image() -> Canned {
    served(media_type::DOCKER_V2, DOCKER_IMAGE)
}

/// What distribution 2.8 makes of an image: the digest it names is not that of the bytes.
fn docker_v1() -> Canned {
    let digest = digest_of("without signatures").to_string();
    served(media_type::DOCKER_V1_SIGNED, DOCKER_V1).header("docker-content-digest", &digest)
}

#[track_caller]
fn assert_rules(scene: &Scene, rules: &[&str], status: u8) {
    assert_eq!(scene.verdict(), (rules.to_vec(), status), "{:#?}", scene.judge().findings);
}

/// Distribution 2.8 with a docker v2 image.
fn converted() -> Scene {
    scene(REFERENCE).to(&["docker-v2", "all"], &docker_image()).others(&docker_v1())
}

#[test]
fn a_conversion_to_docker_v1_is_one_warning_with_both_digests() {
    assert_rules(&converted(), &["schema1-downgrade"], 0);
    let cause = converted().finding("schema1-downgrade").unwrap().cause;
    for digest in [digest_of(DOCKER_IMAGE), digest_of("without signatures")] {
        assert!(cause.contains(digest.short()), "{cause}");
    }
    assert!(!cause.contains("docker v1 signed"), "those asked for it: {cause}");
}

#[test]
fn a_conversion_for_the_asking_client_is_an_error() {
    let oci_only = [media_type::OCI_MANIFEST, media_type::OCI_INDEX];
    let asking = converted().asking(&oci_only).to(&["asked"], &docker_v1());
    assert_rules(&asking, &["schema1-downgrade"], 11);
    let content_with_it = converted().asking(&[media_type::DOCKER_V1_SIGNED]).to(&["asked"], &docker_v1());
    assert_eq!(content_with_it.verdict().1, 0);
}

/// T21: docker v1 is the image's own format only where even a current client is served it.
#[test]
fn an_image_of_docker_v1_alone_cannot_be_pulled() {
    assert_rules(&scene(REFERENCE).others(&docker_v1()), &["schema1-only-image"], 11);
    let unsigned = scene(REFERENCE).others(&served(media_type::JSON, DOCKER_V1));
    assert_rules(&unsigned, &["schema1-only-image"], 11);
    assert!(converted().finding("schema1-only-image").is_none());
    // Google's registry compares types literally, so that a current client is refused.
    let literal = r#"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"Manifest with tag '1.24' has media type 'application/vnd.docker.distribution.manifest.v1+prettyjws', but client accepts 'application/vnd.docker.distribution.manifest.v1+json'."}]}"#;
    let gcr = scene(REFERENCE).to(&["docker-v1-signed"], &docker_v1()).others(&refused(404, literal));
    assert_eq!(gcr.verdict().1, 11);
}

/// A single request, without a type or with one: nobody was served anything, and the registry says why.
#[test]
fn registry_that_says_that_the_manifest_is_there_is_believed() {
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
fn hidden_oci_documents_are_a_note_for_others_and_an_error_for_who_asks() {
    let index = index_of(media_type::OCI_INDEX, &[("sha256:a", "linux/amd64")]);
    for (kind, body, words, own, rule) in [
        (media_type::OCI_INDEX, index.as_str(), OCI_INDEX_FOUND, "oci-index", "oci-index-not-accepted"),
        (media_type::OCI_MANIFEST, OCI_IMAGE, OCI_MANIFEST_FOUND, "oci-manifest", "oci-manifest-not-accepted"),
    ] {
        let hidden = || scene(REFERENCE).to(&[own, "all"], &served(kind, body)).others(&refused(404, words));
        let (rules, status) = hidden().verdict();
        assert_eq!((rules[0], status), (rule, 0));
        assert_eq!(hidden().finding(rule).unwrap().severity, Severity::Info);
        assert!(!rules.contains(&"wildcard-accept-not-honoured"), "the fact is said once: {rules:?}");

        let asking = hidden().asking(&[media_type::DOCKER_V2]).to(&["asked"], &refused(404, words));
        assert_eq!((asking.verdict().0[0], asking.verdict().1), (rule, 11));
    }
}

/// T01: nothing of types is hidden where nobody is served anything.
#[test]
fn a_tag_that_nobody_is_served_is_no_matter_of_types() {
    let (rules, _) = scene(REFERENCE).others(&refused(404, UNKNOWN)).verdict();
    assert!(rules.iter().all(|rule| !rule.contains("accept")), "{rules:?}");
}

#[test]
fn whoever_asks_for_indexes_alone_is_told_that_it_is_a_single_manifest() {
    let base = || scene(REFERENCE).to(&["oci-manifest", "all"], &served(media_type::OCI_MANIFEST, OCI_IMAGE));
    let asking = base().asking(&[media_type::OCI_INDEX]).others(&refused(404, OCI_MANIFEST_FOUND));
    assert_rules(&asking, &["single-manifest-asked-as-index", "config-only-as-blob"], 11);
    assert!(base().others(&refused(404, OCI_MANIFEST_FOUND)).finding("single-manifest-asked-as-index").is_none());
}

#[test]
fn a_registry_that_compares_types_literally_hides_docker_v2_too() {
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

/// T02: what a current client was refused may be there all the same.
#[test]
fn the_four_types_together_can_be_refused_where_one_of_them_is_served() {
    let scene = scene(REFERENCE).to(&["docker-v2"], &docker_image()).others(&refused(404, UNKNOWN));
    assert_eq!((scene.verdict().0[0], scene.verdict().1), ("docker-v2-not-accepted", 11));
}

#[test]
fn a_list_is_replaced_by_one_of_its_images() {
    let list = list("linux/amd64");
    let scene = scene(REFERENCE)
        .to(&["docker-list", "all"], &served(media_type::DOCKER_LIST, &list))
        .to(&["docker-v2"], &docker_image())
        .others(&docker_v1());
    assert_rules(&scene, &["schema1-downgrade", "digest-depends-on-accept"], 0);
    let cause = scene.finding("digest-depends-on-accept").unwrap().cause;
    assert!(cause.contains("the image for linux/amd64 in that docker list"), "{cause}");
}

/// T13: docker v1 has a digest of its own, and that is another rule.
#[test]
fn a_digest_of_docker_v1_is_not_one_of_two() {
    assert!(converted().finding("digest-depends-on-accept").is_none());
}

#[test]
fn distribution_3_refuses_instead_of_converting() {
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
fn a_list_without_amd64_is_unknown_to_those_who_do_not_know_lists() {
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
fn a_cache_that_cannot_convert_is_a_note() {
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
fn wildcards_are_a_matter_of_their_own_only_where_nothing_else_is_refused() {
    let base = || scene(REFERENCE).to(&["any", "none"], &answer(406, "text/plain", "Not Acceptable"));
    let alone = base().others(&docker_image());
    assert!(alone.verdict().0.contains(&"wildcard-accept-not-honoured"));
    assert_eq!(alone.verdict().1, 0);
    let asking =
        base().asking(&["*/*"]).to(&["asked"], &answer(406, "text/plain", "Not Acceptable")).others(&docker_image());
    assert_eq!((asking.verdict().0[0], asking.verdict().1), ("wildcard-accept-not-honoured", 11));
}

#[test]
fn what_is_served_to_everybody_is_a_note() {
    assert_rules(&scene(REFERENCE).others(&docker_image()), &["registry-ignores-accept"], 0);
    let asking = scene(REFERENCE).asking(&[media_type::OCI_INDEX]).others(&docker_image());
    assert_rules(&asking, &["registry-ignores-accept"], 11);
    let asked_for = scene(REFERENCE).to(&["docker-v2", "all", "any", "none"], &docker_image());
    assert_rules(&asked_for, &[], 0);
}

#[test]
fn whatever_is_asked_for_is_not_said_where_a_header_is_refused() {
    let title = |scene: Scene| scene.others(&docker_image()).finding("registry-ignores-accept").unwrap().title;
    assert!(title(scene(REFERENCE)).contains("whatever is asked for"));
    let refusing = scene(REFERENCE).to(&["any"], &answer(406, "text/plain", "Not Acceptable"));
    assert!(!title(refusing).contains("whatever"));
}

/// docker-library/official-images#14025. T20: the wire is right, and the client is old.
#[test]
fn an_oci_document_for_a_client_that_knows_docker_s_types_only() {
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
fn header_and_document_have_to_agree() {
    let contradiction = scene(REFERENCE).to(&["all"], &served(media_type::OCI_MANIFEST, DOCKER_IMAGE));
    assert_rules(&contradiction, &["content-type-vs-mediatype"], 11);
    let parameters = format!("{}; charset=utf-8", media_type::DOCKER_V2);
    assert_rules(&scene(REFERENCE).to(&["all"], &served(&parameters, DOCKER_IMAGE)), &[], 0);
    let silent = OCI_IMAGE.replace(r#""mediaType":"application/vnd.oci.image.manifest.v1+json","#, "");
    assert_rules(&scene(REFERENCE).to(&["all"], &served(media_type::OCI_MANIFEST, &silent)), &[], 0);
}

#[test]
fn a_manifest_needs_a_type_that_says_so() {
    for header in ["", "application/json", "text/plain", "application/octet-stream"] {
        let scene = scene(REFERENCE).to(&["all"], &served(header, DOCKER_IMAGE));
        assert_rules(&scene, &["content-type-missing-or-generic"], 11);
    }
    let v1 = scene(REFERENCE).to(&["all"], &served("application/json", DOCKER_V1));
    assert!(v1.finding("content-type-missing-or-generic").is_none());
}

/// quay/quay#1959.
#[test]
fn a_list_of_the_other_family_is_a_mixture() {
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

/// GHSA-77vh-xpmg-72qh: one program scans what another does not run.
#[test]
fn a_field_that_clients_read_differently_is_warned_of() {
    let twice = OCI_IMAGE.replacen('{', r#"{"layers":[],"#, 1);
    let run = scene("r.test/a/b:1").others(&served(media_type::OCI_MANIFEST, &twice));
    let finding = run.finding("field-read-differently").expect("the layers are there twice");
    assert!(finding.cause.starts_with("layers begins at byte 1 and again at byte "), "{}", finding.cause);
    let quote = crate::text::cut_at_marks(finding.evidence[0].quote.as_str());
    assert!(quote.starts_with(r#""layers":[],"#) && quote.len() < 80, "{quote}");
    let capitals = OCI_IMAGE.replacen("\"layers\"", "\"Layers\"", 1);
    let run = scene("r.test/a/b:1").others(&served(media_type::OCI_MANIFEST, &capitals));
    let finding = run.finding("field-read-differently").expect("not all clients read it");
    assert_eq!(finding.title, "a field is in other letters, and not all clients read it");
    let image = scene("r.test/a/b:1").others(&served(media_type::OCI_MANIFEST, OCI_IMAGE));
    assert!(image.finding("field-read-differently").is_none());
}

/// Two images under one digest: one for clients in Go, another for whoever takes names as they are written.
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
        assert_eq!(finding.title, format!("clients differ on which {name} the manifest has"));
    }
    for body in [with(r#""Annotations":{}"#), with(r#""schemaVersion":2"#), with(r#""x":1,"x":2"#)] {
        let run = scene("r.test/a/b:1").others(&served(media_type::OCI_MANIFEST, &body));
        assert_eq!(run.finding("field-read-differently").map(|one| one.severity), Some(Severity::Warning), "{body}");
    }
    let unknown = scene("r.test/a/b:1").others(&served(media_type::OCI_MANIFEST, &with(r#""x":1,"X":2"#)));
    assert!(unknown.finding("field-read-differently").is_none());
}

/// CVE-2021-41190: what it is depends on who reads it, whatever the types say.
#[test]
fn an_index_that_is_an_image_too_is_neither() {
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
fn response_header_in_a_request_is_named_and_a_request_header_is_not() {
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

/// containers/image#2972; an OCI manifest with Docker's layer types is pulled by podman, too.
#[test]
fn docker_manifest_with_oci_layers_is_refused_by_podman() {
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
