//! Manifests and indexes: every field that is read, whatever is there in its place.

use ociscope::internals::{Manifest, disputed_fields};

pub fn run(data: &[u8]) {
    for field in disputed_fields(data) {
        super::assert_printable(&field.name.printable());
        for at in [Some(field.at), field.again].into_iter().flatten() {
            assert_eq!(data[at], b'"', "{at} is no beginning of a field");
        }
    }
    let Some(document) = Manifest::read(data) else { return };
    let _ = document.shape();
    let descriptors = document.config().into_iter().chain(document.manifests()).chain(document.layers());
    for descriptor in descriptors {
        super::assert_printable(&descriptor.digest.printable_within(80));
        if let Some(platform) = descriptor.platform {
            super::assert_printable(&platform.text().printable());
        }
    }
    for text in [document.media_type(), document.artifact_type(), document.subject()].into_iter().flatten() {
        super::assert_printable(&text.printable());
    }
}
