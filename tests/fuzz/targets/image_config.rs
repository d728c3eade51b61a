//! Configurations of images.

use ociscope::internals::ImageConfig;

pub fn run(data: &[u8]) {
    let Some(config) = ImageConfig::read(data) else { return };
    let _ = (config.platform(), config.layer_count(), config.has_root_file_system(), config.history().len());
    for text in [config.created(), config.author()].into_iter().flatten() {
        super::assert_printable(&text.printable());
    }
}
