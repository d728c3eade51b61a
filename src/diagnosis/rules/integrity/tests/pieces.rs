//! Content that an index or a manifest names: whether it exists, is complete and matches its descriptor.

use crate::diagnosis::testing::{
    Canned, OCI_IMAGE, Scene, TestImage, answer, digest_of, gzip, index_of, refused, scene, served,
};
use crate::diagnosis::{Certainty, Severity};
use crate::evidence::{FailureKind, Method, Query};
use crate::oci::{Algorithm, Digest, media_type};

const BLOB_UNKNOWN: &str = r#"{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}"#;
const TAR_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const GZIP_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

fn image() -> TestImage {
    TestImage::of("linux/amd64")
}

/// The image with this answer for its first layer.
fn first_layer(image: &TestImage, reply: Canned) -> Scene {
    image.rest_served(image.scene().told(image.layer_question(0), &[reply]))
}

/// Makes the registry one that counts requests: there, only the beginning of each layer is read.
fn counting(scene: &mut Scene) {
    scene.record.reference = "docker.io/demo/app:1".parse().unwrap();
}

fn whole(image: &TestImage) -> Scene {
    image.rest_served(image.scene())
}

#[test]
fn healthy_image_takes_two_rounds_and_has_no_finding() {
    let image = image();
    let asked = image.scene().judge().questions;
    assert_eq!(asked.len(), 6, "the digest, the config by HEAD and GET, two layers, and /v2/: {asked:?}");
    assert_eq!(whole(&image).verdict(), (vec![], 0));
    assert_eq!(whole(&image).judge().questions, [Query::Ping]);
}

/// distribution/distribution#3800.
#[test]
fn missing_layer_is_an_error() {
    let image = image();
    let gone = first_layer(&image, refused(404, BLOB_UNKNOWN));
    assert_eq!(gone.verdict(), (vec!["blob-missing-behind-manifest"], 17));
    let finding = gone.finding("blob-missing-behind-manifest").unwrap();
    assert!(finding.cause.contains("1 of its 2 layers"), "{finding:?}");
    let page = first_layer(&image, answer(404, "text/html", "<html><title>Not Found</title></html>"));
    assert_eq!(page.finding("blob-missing-behind-manifest"), None);
    // T34: the registry still knows the layer, but its storage does not have it.
    let no_such_key = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>The specified key does not \
                       exist.</Message></Error>";
    let storage = answer(404, "application/xml", no_such_key).header("x-amz-request-id", "5C0PE");
    let replies = [answer(307, "", "").from("https://r.example.com/v2/"), storage.from("https://bucket.s3.test/x")];
    let scene = image.rest_served(image.scene().told(image.layer_question(0), &replies));
    assert_eq!(scene.verdict(), (vec!["blob-missing-behind-manifest"], 17));
    assert!(scene.judge().findings[0].cause.contains("storage that does not have"));
}

/// RFC 9110 §15.3.7: a server that ignores `Range` sends everything.
#[test]
fn partial_layer_served_as_the_whole_is_not_a_wrong_layer() {
    let mut image = image();
    image.layers[0].1 = (0..5000_u32).map(|number| (number % 251) as u8).collect();
    let layer = &image.layers[0].1;
    let blob = || answer(200, "application/octet-stream", "");
    let limited = || {
        let manifest = served(media_type::OCI_MANIFEST, &image.manifest()).header("ratelimit-limit", "100;w=21600");
        scene("r.example.com/demo/app:1").to(&["all"], &manifest).diagnosed()
    };
    let asked = |reply: Canned| reply.asked_with("range", "bytes=0-511");
    let with = |reply: Canned, head: Canned| {
        let scene = limited().told(image.beginning_question(0), &[reply]);
        image.rest_served(scene.told(Query::HasBlob(Digest::of(Algorithm::Sha256, layer)), &[head]))
    };
    let head = |length: usize| blob().header("content-length", &length.to_string()).by_head();
    let part = || asked(blob().bytes(&layer[..512]));
    let mislabeled = with(part(), head(5000));
    assert_eq!(mislabeled.finding("content-does-not-match-digest"), None);
    assert_eq!(mislabeled.finding("size-mismatch"), None);
    let finding = mislabeled.finding("range-answered-as-whole").unwrap();
    assert_eq!((finding.severity, finding.certainty), (Severity::Warning, Certainty::Certain));
    // If HEAD has no more than that either, the layer may be cut or mislabeled.
    assert_eq!(with(part(), head(512)).finding("range-answered-as-whole").unwrap().certainty, Certainty::Likely);
    // The whole layer, a part with 206, and other bytes than requested.
    let said = asked(blob().bytes(&layer[..512]).header("content-range", "bytes 0-511/5000"));
    for reply in [asked(blob().bytes(layer)), said, asked(blob().bytes(&layer[..600])), blob().bytes(&layer[..512])] {
        assert_eq!(with(reply, head(5000)).finding("range-answered-as-whole"), None);
    }
    assert!(with(blob().bytes(&layer[..512]), head(5000)).finding("content-does-not-match-digest").is_some());
}

/// T35: foreign layers are meant to be elsewhere and are not requested. Both engines count them.
#[test]
fn foreign_layer_is_not_reported_as_missing() {
    let mut image = image();
    image.layers[0].0 = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip";
    let asked = image.scene().judge().questions;
    assert!(!asked.contains(&image.layer_question(0)) && asked.contains(&image.layer_question(1)), "{asked:?}");
    assert_eq!(whole(&image).verdict(), (vec!["foreign-layer"], 0));
}

/// containerd/containerd#2306: the digest is right, the size in the manifest is wrong.
#[test]
fn length_that_differs_from_the_manifest_is_an_error() {
    let mut image = image();
    image.sizes = vec![image.config.len() + 1];
    let scene = whole(&image);
    assert_eq!(scene.verdict(), (vec!["size-mismatch"], 17));
    let finding = scene.finding("size-mismatch").unwrap();
    assert!(finding.title.starts_with("config ") && finding.cause.contains("digest is right"), "{finding:?}");
    let long = with_first_layer(GZIP_LAYER, &gzip(&noise()), &noise());
    let said = long.layers[0].1.len();
    assert!(said > 512, "the length of the whole has to come from the headers");
    let beginning = |reply: Canned| {
        let mut scene = long.scene();
        counting(&mut scene);
        long.rest_served(scene.told(long.beginning_question(0), &[reply]))
    };
    let scene = beginning(long.beginning(0).header("content-range", "bytes 0-511/600"));
    assert_eq!(scene.verdict(), (vec!["size-mismatch"], 17));
    assert!(scene.judge().findings[0].cause.contains("bytes were lost"));
    assert_eq!(beginning(long.beginning(0)).verdict(), (vec![], 0));
}

/// The image with another first layer, and with what that unpacks to.
fn with_first_layer(kind: &'static str, bytes: &[u8], unpacked: &[u8]) -> TestImage {
    let mut image = image();
    image.layers[0] = (kind, bytes.to_vec());
    let diff_ids = [unpacked, &[0; 2048]].map(|bytes| Digest::of(Algorithm::Sha256, bytes).to_string());
    let rootfs = serde_json::json!({ "type": "layers", "diff_ids": diff_ids });
    let config = serde_json::json!({ "architecture": "amd64", "os": "linux", "rootfs": rootfs });
    TestImage { config: config.to_string().into_bytes(), ..image }
}

/// Bytes that hardly compress.
fn noise() -> Vec<u8> {
    let mut state = 1_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    (0..2000).map(next).collect()
}

/// T43: the length of a body that was encoded in transit proves nothing.
#[test]
fn body_encoded_in_transit_is_reported_once() {
    let image = image();
    let encoded = answer(200, "", "").bytes(&gzip(&image.config)).header("content-encoding", "gzip");
    let scene = image.rest_served(image.scene().told(image.config_question(), &[encoded]));
    assert_eq!(scene.verdict(), (vec!["body-transformed"], 0));
    assert!(scene.judge().findings[0].title.starts_with("config "));
}

/// moby/moby#13360. T15: an empty body is recognized by the digest of zero bytes.
#[test]
fn piece_with_another_digest_than_named_is_an_error() {
    let image = image();
    let damaged = first_layer(&image, answer(200, "", "").bytes(&gzip(b"one bit was turned")));
    assert_eq!(damaged.verdict(), (vec!["content-does-not-match-digest"], 17));
    let nothing = image.rest_served(image.scene().told(image.config_question(), &[answer(200, "", "").bytes(b"")]));
    assert_eq!(nothing.verdict(), (vec!["content-does-not-match-digest"], 17));
    assert!(nothing.judge().findings[0].cause.contains("the body is empty"));
}

/// Storage answers 416 to a request for the first bytes of an empty blob.
#[test]
fn empty_layer_is_a_size_mismatch() {
    let image = image();
    let empty = answer(416, "application/xml", "").header("content-range", "bytes */0");
    let mut scene = image.scene();
    counting(&mut scene);
    let scene = image.rest_served(scene.told(image.beginning_question(0), &[empty]));
    assert_eq!(scene.verdict(), (vec!["size-mismatch"], 17));
}

#[test]
fn config_that_breaks_off_is_cut_short() {
    let image = image();
    let cut = answer(200, "", "").bytes(&image.config[..9]).broken(FailureKind::BodyCutShort);
    let scene = image.rest_served(image.scene().told(image.config_question(), &[cut]));
    assert_eq!(scene.verdict(), (vec!["body-cut-short"], 17));
    assert_eq!(scene.judge().findings[0].title, "config is cut short");
}

/// containers/buildah#1589: the media type says uncompressed, the bytes are gzip.
#[test]
fn layer_of_another_format_than_its_media_type_is_reported() {
    let archive = {
        let mut archive = tar::Builder::new(Vec::new());
        archive.append_data(&mut tar::Header::new_ustar(), "etc/", &b""[..]).unwrap();
        archive.into_inner().unwrap()
    };
    let of = |kind: &'static str, bytes: &[u8]| {
        let unpacked = if bytes.starts_with(b"\x1f\x8b") { &archive[..] } else { bytes };
        let unpacked = if bytes.starts_with(b"\x28\xb5") { &[0; 1024] } else { unpacked };
        whole(&with_first_layer(kind, bytes, unpacked))
    };
    let warned = |scene: &Scene| scene.finding("layer-bytes-vs-media-type").map(|finding| finding.severity);
    for (kind, bytes) in
        [(TAR_LAYER, &gzip(&archive)[..]), (GZIP_LAYER, &archive), (GZIP_LAYER, b"\x28\xb5\x2f\xfd\x04")]
    {
        let scene = of(kind, bytes);
        assert_eq!((warned(&scene), scene.verdict().1), (Some(Severity::Warning), 0), "{kind}");
    }
    for bytes in [&b"hsqs\x07\x00\x00\x00"[..], b"{\"payloadType\":\"x\"}", b"#!/usr/bin/env run-singularity\n"] {
        assert_eq!(of(GZIP_LAYER, bytes).verdict(), (vec!["layer-bytes-vs-media-type"], 18), "{bytes:?}");
    }
    for (kind, bytes) in [(TAR_LAYER, &archive[..]), (TAR_LAYER, &[0; 1024]), (GZIP_LAYER, &gzip(&archive))] {
        assert_eq!(of(kind, bytes).verdict(), (vec![], 0), "{kind} {bytes:?}");
    }
    for (kind, bytes) in [
        ("application/octet-stream", &b"hsqs"[..]),
        ("application/vnd.oci.image.layer.v1.tar+gzip+encrypted", b"\x00\x01\x02"),
    ] {
        assert_eq!(of(kind, bytes).finding("layer-bytes-vs-media-type"), None, "{kind} names no format");
    }
}

/// termoshtt/ocipkg#42, moby/moby#44367.
#[test]
fn config_with_another_number_of_layers_is_an_error() {
    let counting = |ids: &str| {
        let config = format!(r#"{{"architecture":"amd64","os":"linux"{ids}}}"#).into_bytes();
        whole(&TestImage { config, ..image() }).verdict()
    };
    let [one, two] = ["one", "two"].map(digest_of);
    assert_eq!(counting(&format!(r#","rootfs":{{"type":"layers","diff_ids":["{one}","{two}"]}}"#)), (vec![], 0));
    for wrong in [r#","rootfs":{"type":"layers","diff_ids":["a"]}"#, r#","rootfs":{"type":"layers"}"#, ""] {
        assert_eq!(counting(wrong), (vec!["layers-do-not-match-config"], 17), "{wrong}");
    }
    let mut extra = image();
    extra.layers.push(("application/vnd.example.sbom+json", b"{}".to_vec()));
    let uncounted = (vec!["layer-type-not-unpacked"], 0);
    assert_eq!(whole(&extra).verdict(), uncounted, "containerd counts only entries with a layer type");
}

/// Entries are requested by HEAD, which may announce any length: GET decides.
#[test]
fn index_entry_is_fetched_before_its_length_is_judged() {
    let image = OCI_IMAGE;
    let digest = digest_of(image);
    let text = digest.to_string();
    let index = index_of(media_type::OCI_INDEX, &[("sha256:a", "linux/amd64"), (&text, "linux/arm64")]);
    let manifest = served(media_type::OCI_MANIFEST, image);
    let by_head = manifest.clone().header("content-length", "7");
    let scene = || {
        scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_INDEX, &index)).diagnosed().child(
            &digest,
            Method::Head,
            &by_head,
        )
    };
    assert!(scene().judge().questions.contains(&Query::Child(digest.clone(), Method::Get)));
    let finding = scene().child(&digest, Method::Get, &manifest).finding("size-mismatch").unwrap();
    assert_eq!(
        (finding.severity, finding.certainty),
        (Severity::Warning, Certainty::Certain),
        "only other platforms need it"
    );
    assert!(
        finding.cause.contains(&format!("says size 522, but the content has {} bytes", image.len())),
        "{finding:?}"
    );
}

/// Sizes in a damaged document are part of the damage, not a second fault.
#[test]
fn document_with_another_digest_than_requested_proves_nothing_more() {
    let mut image = image();
    image.sizes = vec![1, 1, 1];
    let manifest = served(media_type::OCI_MANIFEST, &image.manifest());
    let scene =
        scene(&format!("r.example.com/demo/app@{}", digest_of("undamaged"))).to(&["all"], &manifest).diagnosed();
    assert_eq!(image.rest_served(scene).verdict(), (vec!["content-does-not-match-digest"], 17));
}

/// Small layers are read completely and hashed, whatever arrives.
#[test]
fn small_layer_is_read_completely_and_hashed() {
    let image = image();
    let bytes = &image.layers[0].1;
    let mut flipped = bytes.clone();
    flipped[12] ^= 1;
    assert_eq!(first_layer(&image, answer(200, "", "").bytes(&flipped)).verdict().0, ["content-does-not-match-digest"]);
    let short = answer(200, "", "").bytes(&bytes[..bytes.len() - 3]);
    assert_eq!(first_layer(&image, short).verdict().0, ["content-does-not-match-digest"]);
    let cut = answer(200, "", "").bytes(&bytes[..9]).broken(FailureKind::BodyCutShort);
    assert_eq!(first_layer(&image, cut).verdict(), (vec!["body-cut-short"], 17));
    assert_eq!(first_layer(&image, answer(200, "", "").bytes(bytes)).verdict(), (vec![], 0));
}

/// The limits for complete reads: 1 MiB per layer, 4 MiB and 16 layers in all, each layer once.
#[test]
fn layers_are_read_completely_within_limits() {
    let asked = |sizes: &[u64], change: fn(&mut Scene)| {
        let digest = |at: usize| digest_of(&at.to_string());
        let layer = |(at, size): (usize, &u64)| {
            format!(r#"{{"mediaType":"{GZIP_LAYER}","size":{size},"digest":"{}"}}"#, digest(at))
        };
        let layers: Vec<_> = sizes.iter().enumerate().map(layer).collect();
        let (start, _) = OCI_IMAGE.split_once(r#""layers":"#).unwrap();
        let body = format!(r#"{start}"layers":[{}]}}"#, layers.join(","));
        let mut scene =
            scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_MANIFEST, &body)).diagnosed();
        change(&mut scene);
        let questions = scene.judge().questions;
        let whole = questions.iter().filter(|question| matches!(question, Query::SmallLayer(..))).count();
        (whole, questions.iter().filter(|question| matches!(question, Query::Layer(_))).count())
    };
    let as_usual = |_: &mut Scene| {};
    const MIB: u64 = 1 << 20;
    assert_eq!(asked(&[1, MIB, MIB + 1], as_usual), (2, 1));
    assert_eq!(asked(&[MIB, MIB, MIB, MIB, 1], as_usual), (4, 1));
    assert_eq!(asked(&[MIB / 2; 5], as_usual), (4, 1), "an answer may be twice as long");
    assert_eq!(asked(&[1; 20], as_usual), (16, 4));
    let of_many = |scene: &mut Scene| scene.record.one_of_many = true;
    assert_eq!(asked(&[1; 6], of_many), (4, 2));
    assert_eq!(asked(&[64 << 10, 64 << 10], of_many), (1, 1), "together they exceed the limit");
    assert_eq!(asked(&[(64 << 10) + 1], of_many), (0, 1));
    assert_eq!(asked(&[1, 1], counting), (0, 2));
}

/// The recorded shape html-layer: no client unpacks it, and nothing in transit put it there.
#[test]
fn page_with_the_digest_of_a_layer_was_pushed_as_one() {
    const PAGE: &[u8] = b"<!DOCTYPE html><html><title>404</title></html>";
    let stored = whole(&with_first_layer(GZIP_LAYER, PAGE, b""));
    assert_eq!(stored.verdict(), (vec!["layer-bytes-vs-media-type"], 18));
    let finding = stored.finding("layer-bytes-vs-media-type").unwrap();
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(finding.cause.contains("the bytes are HTML"), "{finding:?}");
    let replaced = first_layer(&image(), answer(200, "text/html", "").bytes(PAGE));
    assert_eq!(replaced.finding("layer-bytes-vs-media-type"), None);
    assert_eq!(replaced.verdict().1, 15);
}
