//! What the tests stand on: images with true digests, a real registry, a token server, and the program itself.
//!
//! Nothing here uses the code under test. Requests are made by [`http`], a client of its own, so that what a test calls
//! true was seen by a second pair of eyes. Every process, port and folder belongs to one test and ends with it.

#[cfg(unix)]
pub mod browser;
pub mod certificates;
pub mod content;
pub mod document;
pub mod found;
pub mod gfm;
pub mod hostile;
pub mod http;
pub mod layer;
pub mod ociscope;
pub mod page;
pub mod recording;
pub mod registry;
pub mod relay;
pub mod report;
pub mod screen;
pub mod shells;
pub mod token_server;
pub mod transcript;

use std::net::{IpAddr, UdpSocket};

use sha2::{Digest, Sha256};

/// The digest of these bytes as registries write it.
pub fn digest_of(bytes: &[u8]) -> String {
    let hexadecimal: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{hexadecimal}")
}

/// An address of this machine that is not on the loopback device, where it has one: what it would send from. Nothing is sent.
pub fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    // RFC 5737: nobody has this address, and there is a way to it where there is one to anything.
    socket.connect("203.0.113.1:9").ok()?;
    let address = socket.local_addr().ok()?.ip();
    (!address.is_loopback() && !address.is_unspecified()).then_some(address)
}

/// The value of an `Authorization` header for this user and password.
pub fn basic_authorization(user: &str, password: &str) -> String {
    use base64::Engine as _;
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(format!("{user}:{password}")))
}

/// Whether a character acts on a terminal, or changes how a line reads without being seen: what Unicode calls controls, ends
/// of lines and formats (general categories Cc, Zl, Zp and Cf, but for the signs of Arabic and other numbers, which are seen).
pub fn is_active(character: char) -> bool {
    matches!(
        u32::from(character),
        0..=0x1f | 0x7f..=0x9f | 0xad | 0x61c | 0x180e | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0xfeff
            | 0xfff9..=0xfffb | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0001..=0xe007f
    )
}

/// The one variable that other people's programs are started with: without it they cannot be found.
pub fn search_path() -> Option<(&'static str, std::ffi::OsString)> {
    std::env::var_os("PATH").map(|path| ("PATH", path))
}
