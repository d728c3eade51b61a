//! The requests for the layers of an image.

use crate::diagnosis::testing::{TestImage, answer, gzip, refused};
use crate::diagnosis::{Node, Presence, anatomy};
use crate::evidence::Query;
use crate::oci::{Algorithm, Digest};

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// An image with this many different layers, and the digest of each.
fn image(count: u32) -> (TestImage, Vec<Digest>) {
    let layers: Vec<_> = (0..count).map(|at| (LAYER, gzip(&at.to_be_bytes()))).collect();
    let digests = layers.iter().map(|(_, bytes)| Digest::of(Algorithm::Sha256, bytes)).collect();
    (TestImage { layers, ..TestImage::of("linux/amd64") }, digests)
}

/// The positions of the layers that are requested by GET, and by HEAD.
fn asked(count: u32) -> (Vec<usize>, Vec<usize>) {
    let (image, digests) = image(count);
    let questions = image.scene().judge().questions;
    let places = |by_head: bool| {
        let is = |question: &Query, digest: &Digest| match question {
            Query::LayerPresence(of) => by_head && of == digest,
            Query::Layer(of) | Query::SmallLayer(of, _) => !by_head && of == digest,
            _ => false,
        };
        let asked = |(at, digest): (usize, &Digest)| questions.iter().any(|one| is(one, digest)).then_some(at);
        digests.iter().enumerate().filter_map(asked).collect()
    };
    (places(false), places(true))
}

#[test]
fn every_mountable_layer_is_requested() {
    for (count, by_get, by_head) in
        [(1, 1, 0), (127, 127, 0), (128, 128, 0), (129, 128, 1), (500, 128, 372), (620, 128, 372)]
    {
        let (get, head) = asked(count);
        assert_eq!((get.len(), head.len()), (by_get, by_head), "{count}");
        assert!(get.iter().chain(&head).enumerate().all(|(nth, &at)| nth == at), "in their order, {count}");
    }
}

/// A registry with a separate storage redirects HEAD, and one without HEAD is asked by GET.
#[test]
fn layer_presence_follows_from_head_or_get() {
    let presence = |scene: crate::diagnosis::testing::Scene| {
        let of = |node: Node| node.children.last().map(|layer| layer.presence);
        scene.case(|case| of(anatomy(case).unwrap()).unwrap())
    };
    let (image, digests) = image(129);
    let last = digests[128].clone();
    let head = || Query::LayerPresence(last.clone());
    let get = || Query::Layer(last.clone());
    let with = |status: u16| image.scene().told(head(), &[answer(status, "", "").by_head()]);
    assert_eq!(presence(with(200)), Presence::Present);
    assert_eq!(presence(with(307)), Presence::Present);
    assert_eq!(presence(with(404).told(get(), &[refused(404, "{}")])), Presence::Missing);
    assert_eq!(presence(with(405).told(get(), &[answer(200, "", "x")])), Presence::Different);
    assert_eq!(
        presence(with(404).told(get(), &[answer(206, "", "x").header("content-range", "bytes 0-0/24")])),
        Presence::Present
    );
    assert!(with(404).judge().questions.contains(&get()) && !with(307).judge().questions.contains(&get()));
}

#[test]
fn layer_missing_by_head_and_get_stops_the_pull() {
    let (image, digests) = image(130);
    let gone = refused(404, r#"{"errors":[{"code":"BLOB_UNKNOWN","message":"blob unknown to registry"}]}"#);
    let scene = image.scene();
    let scene = scene.told(Query::LayerPresence(digests[129].clone()), &[gone.clone().by_head()]);
    let scene = scene.told(Query::Layer(digests[129].clone()), &[gone]);
    let (rules, status) = scene.verdict();
    assert_eq!((rules[0], status), ("blob-missing-behind-manifest", 17), "{rules:?}");
}
