//! A file system layer, made byte by byte: a tar archive of one file, in a gzip member that stores without compressing.
//!
//! No compressor is among the dependencies, and this way the bytes and therefore all digests are the same everywhere.

use super::digest_of;

/// A layer as it is stored, and the digest of its archive, which the image's configuration names.
pub struct Layer {
    /// The compressed bytes, which the manifest describes.
    pub bytes: Vec<u8>,
    /// The digest of the archive inside.
    pub diff_id: String,
}

impl Layer {
    /// The layer whose only file is `/greeting` with this text.
    pub fn with_greeting(text: &str) -> Self {
        let archive = tar_of_one_file("greeting", text.as_bytes());
        Self { bytes: gzip_stored(&archive), diff_id: digest_of(&archive) }
    }
}

/// A POSIX archive: a header block, the content in whole blocks, and two empty blocks as the end.
fn tar_of_one_file(name: &str, content: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 512;
    let mut header = [0_u8; BLOCK];
    let mut put = |offset: usize, field: &str| header[offset..offset + field.len()].copy_from_slice(field.as_bytes());
    put(0, name);
    put(100, "0000644\0");
    put(108, "0000000\0");
    put(116, "0000000\0");
    put(124, &format!("{:011o}\0", content.len()));
    put(136, "00000000000\0");
    // The checksum is taken with its own field read as eight spaces.
    put(148, "        ");
    put(156, "0");
    put(257, "ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());

    let mut archive = header.to_vec();
    archive.extend_from_slice(content);
    archive.resize(archive.len().next_multiple_of(BLOCK) + 2 * BLOCK, 0);
    archive
}

/// One gzip member (RFC 1952) around one stored deflate block (RFC 1951, 3.2.4).
fn gzip_stored(content: &[u8]) -> Vec<u8> {
    const HEADER: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff];
    const LAST_BLOCK_STORED: u8 = 1;
    let length = u16::try_from(content.len()).expect("a stored block holds less than 64 KiB");

    let mut member = HEADER.to_vec();
    member.push(LAST_BLOCK_STORED);
    member.extend_from_slice(&length.to_le_bytes());
    member.extend_from_slice(&(!length).to_le_bytes());
    member.extend_from_slice(content);
    member.extend_from_slice(&crc32(content).to_le_bytes());
    member.extend_from_slice(&u32::from(length).to_le_bytes());
    member
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut remainder = u32::MAX;
    for byte in bytes {
        remainder ^= u32::from(*byte);
        for _ in 0..8 {
            remainder = if remainder & 1 == 1 { remainder >> 1 ^ 0xedb8_8320 } else { remainder >> 1 };
        }
    }
    !remainder
}

#[test]
fn the_checksum_is_the_one_that_gzip_uses() {
    // The check value of CRC-32 in every catalogue.
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
}
