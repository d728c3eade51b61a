//! A whole image for tests: a manifest and its content.

use std::io::Write;

use super::{Canned, Scene, answer, scene, served};
use crate::diagnosis::layers::read_of_small_layer;
use crate::evidence::{Method, Query};
use crate::oci::{Algorithm, Digest, media_type};

/// The type of a layer that is compressed with gzip.
pub(crate) const GZIP_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";

/// An image in a registry.
pub(crate) struct TestImage {
    /// The media type of its config.
    pub config_type: &'static str,
    /// Its config.
    pub config: Vec<u8>,
    /// Its layers with their media types.
    pub layers: Vec<(&'static str, Vec<u8>)>,
    /// The sizes in the manifest, in the order config, layers; the true ones after the end of the list.
    pub sizes: Vec<usize>,
}

/// Bytes, compressed with gzip.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn of(bytes: &[u8]) -> Digest {
    Digest::of(Algorithm::Sha256, bytes)
}

impl TestImage {
    /// A correct image of two layers for a platform such as `linux/amd64`.
    pub(crate) fn of(platform: &str) -> Self {
        let (os, architecture) = platform.split_once('/').unwrap();
        let layers = vec![(GZIP_LAYER, gzip(&[0; 1024])), (GZIP_LAYER, gzip(&[0; 2048]))];
        let config = format!(
            r#"{{"architecture":"{architecture}","os":"{os}","rootfs":{{"type":"layers","diff_ids":["{}","{}"]}}}}"#,
            of(&[0; 1024]),
            of(&[0; 2048])
        );
        Self { config_type: media_type::OCI_CONFIG, config: config.into_bytes(), layers, sizes: Vec::new() }
    }

    /// Its manifest.
    pub(crate) fn manifest(&self) -> String {
        let mut sizes = self.sizes.iter();
        let mut descriptor = |kind: &str, bytes: &[u8]| {
            let size = sizes.next().copied().unwrap_or(bytes.len());
            format!(r#"{{"mediaType":"{kind}","size":{size},"digest":"{}"}}"#, of(bytes))
        };
        let config = descriptor(self.config_type, &self.config);
        let layers: Vec<_> = self.layers.iter().map(|(kind, bytes)| descriptor(kind, bytes)).collect();
        let kind = media_type::OCI_MANIFEST;
        format!(r#"{{"schemaVersion":2,"mediaType":"{kind}","config":{config},"layers":[{}]}}"#, layers.join(","))
    }

    /// The question for its config.
    pub(crate) fn config_question(&self) -> Query {
        Query::Config(of(&self.config))
    }

    /// The question for the manifest by its digest.
    pub(crate) fn digest_question(&self) -> Query {
        Query::OwnDigest(of(self.manifest().as_bytes()), Method::Get)
    }

    /// The question for one of its layers, all of it.
    pub(crate) fn layer_question(&self, number: usize) -> Query {
        let bytes = &self.layers[number].1;
        let said = self.sizes.get(number + 1).copied().unwrap_or(bytes.len());
        Query::SmallLayer(of(bytes), read_of_small_layer(said as u64))
    }

    /// The question for the beginning of one of its layers.
    pub(crate) fn beginning_question(&self, number: usize) -> Query {
        Query::Layer(of(&self.layers[number].1))
    }

    /// A diagnosis in which a current client was served its manifest, without further requests.
    pub(crate) fn scene(&self) -> Scene {
        scene("r.example.com/demo/app:1").to(&["all"], &served(media_type::OCI_MANIFEST, &self.manifest())).diagnosed()
    }

    /// Answers the remaining questions about its config and layers, as a correct registry does.
    pub(crate) fn rest_served(&self, scene: Scene) -> Scene {
        let blob = || answer(200, "application/octet-stream", "");
        let config = blob().bytes(&self.config);
        let manifest = self.manifest();
        let scene = scene
            .told(self.config_question(), std::slice::from_ref(&config))
            .told(Query::HasBlob(of(&self.config)), &[config.by_head()])
            .told(self.digest_question(), &[served(media_type::OCI_MANIFEST, &manifest)]);
        let layers = 0..self.layers.len();
        layers.fold(scene, |scene, number| {
            let whole = blob().bytes(&self.layers[number].1);
            let beginning = self.beginning(number);
            scene.told(self.layer_question(number), &[whole]).told(self.beginning_question(number), &[beginning])
        })
    }

    /// The first bytes of a layer, as an answer to a request for 512 of them.
    pub(crate) fn beginning(&self, number: usize) -> Canned {
        let bytes = &self.layers[number].1;
        let kept = &bytes[..bytes.len().min(512)];
        let range = format!("bytes 0-{}/{}", kept.len().saturating_sub(1), bytes.len());
        answer(206, "application/octet-stream", "").bytes(kept).header("content-range", &range)
    }
}
