//! Addresses without what the reader knows already. What comes out is printable; secrets are for the caller to take out.

use crate::oci::Digest;
use crate::text::Untrusted;

/// An address in short, with `…` for the repository: `gcr.io/…/blobs/sha256:4a7b3c1e31bd`.
pub fn short_address(url: &str) -> String {
    let (place, what) = place_and_path(url);
    let short = match place.split_once('/') {
        Some((host, _)) => format!("{host}/…/{what}"),
        None => format!("{place}{what}"),
    };
    Untrusted::new(short).cut_within(200)
}

/// An address as two: where it is, with the repository, and what is asked there: `manifests/1.0` or a path.
pub(super) fn place_and_path(url: &str) -> (String, String) {
    let (path, query) = url.split_once('?').map_or((url, ""), |(path, _)| (path, "?…"));
    let rest = path.split_once("://").map_or(path, |(_, rest)| rest);
    let (host, path) = rest.find('/').map_or((rest, "/"), |at| rest.split_at(at));
    let families = ["/manifests/", "/blobs/", "/tags/", "/referrers/"];
    let family = families.iter().filter_map(|family| path.rfind(family)).max();
    let (repository, what) = match (path.strip_prefix("/v2/"), family) {
        (Some(_), Some(at)) if at > "/v2".len() => (&path["/v2".len()..at], &path[at + 1..]),
        _ => ("", path),
    };
    (format!("{host}{repository}"), format!("{}{query}", with_short_digest(what)))
}

/// A path at whose end a digest is cut to what tells it apart.
pub(super) fn with_short_digest(path: &str) -> String {
    let short = path.rsplit_once('/').and_then(|(before, last)| {
        let digest: Digest = last.parse().ok()?;
        Some(format!("{before}/{}:{}", digest.algorithm().name(), digest.short()))
    });
    short.unwrap_or_else(|| path.to_owned())
}

/// A text in which every digest is cut to what tells it apart: `sha256:483ee4c94368…`.
pub(super) fn with_short_digests(text: &str) -> String {
    let mut short = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("sha") {
        let (before, from) = rest.split_at(at);
        short.push_str(before);
        let digits = from.find(':').map_or(from.len(), |colon| colon + 1);
        let end = from[digits..].find(|c: char| !c.is_ascii_alphanumeric()).map_or(from.len(), |end| digits + end);
        match from[..end].parse::<Digest>() {
            Ok(digest) => {
                short.push_str(&format!("{}:{}…", digest.algorithm().name(), digest.short()));
                rest = &from[end..];
            }
            Err(_) => {
                short.push_str("sha");
                rest = &from["sha".len()..];
            }
        }
    }
    short.push_str(rest);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_short_where_it_says_nothing_new() {
        let digest = format!("sha256:{}", "ab".repeat(32));
        assert_eq!(short_address("https://r.test/v2/a/b/tags/list?n=100"), "r.test/…/tags/list?…");
        let blob = short_address(&format!("https://r.test:5000/v2/a/blobs/{digest}"));
        assert_eq!(blob, "r.test:5000/…/blobs/sha256:abababababab");
        assert_eq!(short_address("https://r.test/v2/"), "r.test/v2/");
    }

    #[test]
    fn every_digest_of_a_text_is_cut() {
        let (short, long) = (format!("sha256:{}", "ab".repeat(32)), format!("sha512:{}", "0f".repeat(64)));
        let text = format!("r.test/a@{short} names {long}, share sha256:ab and {short}: x {short}:");
        let expected = "r.test/a@sha256:abababababab… names sha512:0f0f0f0f0f0f…, share sha256:ab and sha256:abababababab…: x sha256:abababababab…:";
        assert_eq!(with_short_digests(&text), expected);
        assert_eq!(with_short_digests(""), "");
    }

    #[test]
    fn an_address_is_a_place_and_what_is_asked_there() {
        let digest = format!("sha256:{}", "0123456789ab".repeat(6)[..64].to_owned());
        for (url, place, asked) in [
            ("https://r.example.com/v2/acme/api/manifests/1.0", "r.example.com/acme/api", "manifests/1.0"),
            ("http://127.0.0.1:5000/v2/a/tags/list?n=5", "127.0.0.1:5000/a", "tags/list?…"),
            ("https://r.example.com/v2/manifests/blobs/manifests/x", "r.example.com/manifests/blobs", "manifests/x"),
            (&format!("https://r.example.com/v2/a/blobs/{digest}"), "r.example.com/a", "blobs/sha256:0123456789ab"),
            ("https://r.example.com/v2/", "r.example.com", "/v2/"),
            ("https://r.example.com/v2/manifests/x", "r.example.com", "/v2/manifests/x"),
            ("https://s.example.com", "s.example.com", "/"),
            ("https://s.example.com/a/blobs/b", "s.example.com", "/a/blobs/b"),
        ] {
            assert_eq!(place_and_path(url), (place.to_owned(), asked.to_owned()), "{url}");
        }
    }
}
