//! Decides which of the user's own request headers may be secret.

use super::names::is_secret_header;
use crate::oci::Digest;

/// Whether the value of a user's header (`--header`) has to be kept out of the output.
///
/// It has to, unless it is a digest or a list of media types and the header's name is not one for credentials: users
/// try `Docker-Content-Digest` in a request, and without the digest the answer would be unreadable.
pub fn own_header_is_secret(name: &str, value: &str) -> bool {
    is_secret_header(name) || !(value.trim().parse::<Digest>().is_ok() || are_media_types(value))
}

/// Whether a value is a list of media types, with parameters such as `q=0.5` (RFC 9110 §12.5.1).
fn are_media_types(value: &str) -> bool {
    !value.trim().is_empty() && value.split(',').all(|one| is_media_range(one.trim()))
}

fn is_media_range(text: &str) -> bool {
    const TREES: [&str; 8] = ["application", "text", "image", "audio", "video", "multipart", "message", "*"];
    const LONGEST: usize = 127;
    let mut parts = text.split(';').map(str::trim);
    let Some((tree, name)) = parts.next().and_then(|kind| kind.split_once('/')) else { return false };
    let is_name = |name: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".+-".contains(&byte);
        name == "*" || (!name.is_empty() && name.len() <= LONGEST && name.bytes().all(plain))
    };
    let is_parameter = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or_default();
        matches!(name, "q" | "charset" | "version") && value.len() <= 8
    };
    TREES.contains(&tree) && is_name(name) && parts.all(is_parameter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digest_and_media_types_are_shown_and_everything_else_is_not() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        for (name, value) in [
            ("docker-content-digest", &*digest),
            ("X-Wanted", "application/vnd.oci.image.index.v1+json, application/json;q=0.5, */*"),
            ("content-type", "text/html; charset=utf-8"),
        ] {
            assert!(!own_header_is_secret(name, value), "{name}: {value}");
        }
        for (name, value) in [
            ("Authorization", &*digest),
            ("x-api-key", "application/json"),
            ("x-key", "hunter2"),
            ("x-key", "sha256:abc"),
            ("x-key", "application/HUNTER2"),
            ("x-key", "application/json;q=0.5;key=hunter2"),
            ("x-key", "application/json, hunter2"),
            ("x-key", ""),
        ] {
            assert!(own_header_is_secret(name, value), "{name}: {value}");
        }
    }
}
