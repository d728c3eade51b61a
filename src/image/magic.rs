//! Detection of file types by their first bytes.

use crate::text::written_by;

/// The file types that are distinguished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Magic {
    /// gzip (RFC 1952 §2.3.1).
    Gzip,
    /// Zstandard (RFC 8878 §3.1.1), also after a skippable frame (§3.1.2), with which zstd:chunked layers can begin.
    Zstd,
    /// An uncompressed tar archive: with `ustar` at 257 as in POSIX, or with a valid checksum in its first block.
    Tar,
    /// bzip2.
    Bzip2,
    /// xz.
    Xz,
    /// A squashfs file system image, `hsqs`.
    Squashfs,
    /// A Singularity image, a file that begins as a script.
    Sif,
    /// JSON, or a text that looks like it.
    Json,
    /// Only zeros, as in an empty archive.
    Zeros,
    /// No bytes.
    Empty,
    /// Anything else, or too few bytes to tell.
    Other,
}

written_by!(Magic::as_str { Gzip, Zstd, Tar, Bzip2, Xz, Squashfs, Sif, Json, Zeros, Empty, Other });

impl Magic {
    /// The name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Tar => "tar",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Squashfs => "squashfs",
            Self::Sif => "sif",
            Self::Json => "json",
            Self::Zeros => "zeros",
            Self::Empty => "empty",
            Self::Other => "other",
        }
    }

    /// The name in a sentence, after "the bytes are".
    pub fn words(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Tar => "an uncompressed tar archive",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
            Self::Squashfs => "a squashfs file system",
            Self::Sif => "a Singularity image file",
            Self::Json => "JSON",
            Self::Zeros => "zeros",
            Self::Empty => "none",
            Self::Other => "of an unknown type",
        }
    }
}

/// Detects the file type of some bytes; the first 512 are enough.
pub fn magic(bytes: &[u8]) -> Magic {
    let is_skippable = matches!(bytes, [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..]);
    match bytes {
        [] => Magic::Empty,
        [0x1f, 0x8b, ..] => Magic::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Magic::Zstd,
        _ if is_skippable => Magic::Zstd,
        [b'B', b'Z', b'h', ..] => Magic::Bzip2,
        [0xfd, b'7', b'z', b'X', b'Z', ..] => Magic::Xz,
        [b'h', b's', b'q', b's', ..] => Magic::Squashfs,
        _ if bytes.starts_with(b"#!/usr/bin/env run-singularity") => Magic::Sif,
        _ if bytes.get(257..262) == Some(b"ustar") || has_checksum(bytes) => Magic::Tar,
        _ if matches!(bytes.trim_ascii_start(), [b'{' | b'[', ..]) => Magic::Json,
        _ if bytes.iter().all(|&byte| byte == 0) => Magic::Zeros,
        _ => Magic::Other,
    }
}

/// Returns `true` if the first block contains its own checksum, the only mark of archives from before POSIX: an octal
/// number at 148, whose field counts as spaces in the sum.
fn has_checksum(bytes: &[u8]) -> bool {
    let Some(block) = bytes.get(..512) else { return false };
    let (before, rest) = block.split_at(148);
    let (field, after) = rest.split_at(8);
    let sum: u32 = before.iter().chain(after).map(|&byte| u32::from(byte)).sum::<u32>() + 8 * u32::from(b' ');
    let digits = String::from_utf8_lossy(field);
    u32::from_str_radix(digits.trim_matches([' ', '\0']), 8) == Ok(sum)
}

#[cfg(test)]
mod tests {
    use crate::image::magic::*;

    #[test]
    fn file_type_is_detected_by_its_first_bytes() {
        let mut archive = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_ustar();
        header.set_size(1);
        archive.append_data(&mut header, "etc/motd", &b"x"[..]).unwrap();
        let archive = archive.into_inner().unwrap();
        let mut header = tar::Header::new_old();
        header.set_path("etc/motd").unwrap();
        header.set_cksum();
        for (bytes, kind) in [
            (&archive[..], Magic::Tar),
            (&header.as_bytes()[..], Magic::Tar),
            (b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", Magic::Gzip),
            (b"\x28\xb5\x2f\xfd\x04", Magic::Zstd),
            (b"hsqs\x01\x00", Magic::Squashfs),
            (b"#!/usr/bin/env run-singularity\n\0SIF_MAGIC", Magic::Sif),
            (b" {\"architecture\":", Magic::Json),
            (&[0; 512], Magic::Zeros),
            (b"", Magic::Empty),
            (b"\x1f", Magic::Other),
            (b"<html>", Magic::Other),
        ] {
            assert_eq!(magic(bytes), kind, "{bytes:?}");
        }
    }
}
