//! Detects answers from a cache, by the headers that caches add.

use super::Response;
use crate::text::Untrusted;

/// The evidence that a cache gave an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CacheSign {
    /// The relevant headers, for a quote.
    pub quote: Untrusted,
    /// The age of the answer in seconds (RFC 9111 §5.1), if the cache states it.
    pub age: Option<u64>,
}

/// Headers in which caches say whether they answered: `HIT from edge-3`, `HIT, MISS`, `edge; hit` (RFC 9211).
const VERDICTS: [&str; 8] = [
    "cf-cache-status",
    "x-cache",
    "x-cache-status",
    "x-proxy-cache",
    "x-nginx-cache",
    "x-cache-lookup",
    "cdn-cache",
    "cache-status",
];

/// The cache that gave an answer without contacting the origin server. `None` if no header says so: a cache on the path
/// (`Via`, `X-Served-By`, `CF-Cache-Status: MISS`) did not necessarily answer.
pub fn cache_sign(response: &Response) -> Option<CacheSign> {
    let is_hit = |value: &Untrusted| {
        let value = value.as_str().to_ascii_lowercase();
        let mut words = value.split(|character: char| !character.is_ascii_alphanumeric() && character != '_');
        words.any(|word| matches!(word, "hit" | "stale" | "tcp_hit" | "tcp_mem_hit" | "tcp_negative_hit"))
    };
    let age = response.header("age").and_then(|age| age.as_str().trim().parse::<u64>().ok()).filter(|&age| age > 0);
    let verdict = VERDICTS.iter().find_map(|&name| {
        let value = response.all(name).find(|value| is_hit(value))?;
        Some(format!("{name}: {}", value.named_within(60)))
    });
    if age.is_none() && verdict.is_none() {
        return None;
    }
    let via = ["via", "x-served-by"]
        .into_iter()
        .find_map(|name| Some(format!("{name}: {}", response.header(name)?.named_within(60))));
    let parts: Vec<_> = age.map(|age| format!("age: {age}")).into_iter().chain(verdict).chain(via).collect();
    Some(CacheSign { quote: Untrusted::new(parts.join(", ")), age })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::answered;

    fn sign(headers: &[(&str, &str)]) -> Option<(String, Option<u64>)> {
        let response = answered("http://r.test/", 404, headers, "").response.unwrap();
        cache_sign(&response).map(|sign| (sign.quote.printable(), sign.age))
    }

    /// RFC 9111 §5.1, RFC 9211 §2, Varnish, Squid, Cloudflare, nginx.
    #[test]
    fn cache_that_answered_is_known_by_its_headers() {
        let varnish = [("age", "1800"), ("x-cache", "HIT"), ("via", "1.1 varnish")];
        assert_eq!(sign(&varnish), Some(("age: 1800, x-cache: HIT, via: “1.1 varnish”".to_owned(), Some(1800))));
        for headers in [
            ("cf-cache-status", "HIT"),
            ("x-cache", "Hit from cloudfront"),
            ("x-cache", "TCP_NEGATIVE_HIT from squid:3128"),
            ("cache-status", "ExampleCache; hit; ttl=376"),
            ("x-cache-status", "STALE"),
            ("age", "5"),
        ] {
            assert!(sign(&[headers]).is_some(), "{headers:?}");
        }
    }

    #[test]
    fn cache_that_asked_the_server_did_not_answer() {
        for headers in [
            &[("cf-cache-status", "DYNAMIC"), ("cf-ray", "8-FRA")][..],
            &[("x-cache", "Error from cloudfront"), ("via", "1.1 x.cloudfront.net (CloudFront)")],
            &[("x-cache", "MISS"), ("age", "0")],
            &[("cache-status", "ExampleCache; fwd=miss; stored")],
            &[("age", "soon")],
            &[],
        ] {
            assert_eq!(sign(headers), None, "{headers:?}");
        }
    }
}
