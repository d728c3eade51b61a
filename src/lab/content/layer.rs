//! File system layers: an archive of one file, compressed.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};

use super::document::{Blob, digest_of};

/// A layer as it is stored, and the digest of its archive, which the image's config names.
pub(super) struct Layer {
    /// The compressed bytes, which the manifest describes.
    pub bytes: Vec<u8>,
    /// The digest of the archive inside.
    pub diff_id: String,
}

impl Layer {
    /// Creates a layer whose only file is `/greeting`, with this text.
    pub fn with_greeting(text: &str) -> Self {
        Self::with_file("greeting", text)
    }

    /// Creates a layer with only this file.
    pub fn with_file(name: &str, text: &str) -> Self {
        let archive = archive_of(name, text.as_bytes());
        Self { bytes: gzip(&archive), diff_id: digest_of(&archive) }
    }

    /// Creates a layer whose only file is `/greeting`, in zstd format.
    pub fn with_greeting_in_zstd(text: &str) -> Self {
        let archive = archive_of("greeting", text.as_bytes());
        Self { bytes: zstd(&archive), diff_id: digest_of(&archive) }
    }

    /// The layer as a blob.
    pub fn blob(&self) -> Blob {
        Blob::new(self.bytes.clone())
    }
}

/// An archive of one file, the same in every run and on every machine.
pub(super) fn archive_of(name: &str, content: &[u8]) -> Vec<u8> {
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    header.set_mtime(0);
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_data(&mut header, name, content).expect("a short name, and memory to write to");
    archive.into_inner().expect("memory to write to")
}

/// Encodes bytes in gzip format without compression: the output of a compressor may change with its version, and
/// digests must not.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::none());
    encoder.write_all(bytes).expect("memory to write to");
    encoder.finish().expect("memory to write to")
}

/// The largest block in zstd format, in bytes (RFC 8878 §3.1.1.2.4).
const ZSTD_BLOCK: usize = 128 << 10;

/// Encodes bytes in zstd format without compression, in one frame (RFC 8878 §3.1.1): the magic number, a header with
/// the length in four bytes, and raw blocks.
pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    // One segment, no checksum, no dictionary.
    const DESCRIPTOR: u8 = 0b1010_0000;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, DESCRIPTOR];
    frame.extend((bytes.len() as u32).to_le_bytes());
    let blocks: Vec<_> = if bytes.is_empty() { vec![bytes] } else { bytes.chunks(ZSTD_BLOCK).collect() };
    for (number, block) in blocks.iter().enumerate() {
        let last = u32::from(number + 1 == blocks.len());
        frame.extend(&(last | (block.len() as u32) << 3).to_le_bytes()[..3]);
        frame.extend(*block);
    }
    frame
}
