//! Remarks of curl about its connections, and its progress meter.

use std::net::{IpAddr, SocketAddr};

/// The host of a connection that is used again.
pub(super) fn reused(words: &str) -> Option<&str> {
    let rest = words.strip_prefix("Re-using existing ").or_else(|| words.strip_prefix("Reusing existing "))?;
    let (_, host) = rest.split_once("with host ").or_else(|| rest.split_once("with proxy "))?;
    host.split_whitespace().next()
}

/// The address in `Connected to r.test (192.0.2.1) port 443 (#0)`.
pub(super) fn remote_in(words: &str) -> Option<SocketAddr> {
    words.split('(').skip(1).find_map(|part| {
        let (inside, rest) = part.split_once(')')?;
        let (address, port) = match inside.split_once(" port ") {
            Some(pair) => pair,
            None => (inside, rest.trim_start().strip_prefix("port ")?),
        };
        let port = port.split_whitespace().next()?;
        Some(SocketAddr::new(address.trim_matches(['[', ']']).parse::<IpAddr>().ok()?, port.parse().ok()?))
    })
}

/// `192.0.2.1:443`, `[2001:db8::1]:443`.
pub(super) fn socket(text: &str) -> Option<SocketAddr> {
    text.parse().ok()
}

/// A line without the progress meter before a remark: `  0     0 … --:--:--     0* Trying …`.
pub(super) fn without_progress(line: &str) -> &str {
    let Some(meter) = line.rfind("--:--:-- ") else { return line };
    let rest = &line[meter + 9..];
    let at = rest.find(['*', '>', '<', '{', '}']);
    at.filter(|at| rest[..*at].trim().bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'))
        .map_or(line, |at| &rest[at..])
}

/// Whether a line is of the progress meter.
pub(super) fn is_progress(line: &str) -> bool {
    line.starts_with("  % Total")
        || line.trim_start().starts_with("Dload  Upload")
        || (line.contains("--:--:--") && line.trim_start().starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_is_read_in_the_words_of_several_versions() {
        let expected: Option<SocketAddr> = "192.0.2.1:443".parse().ok();
        for words in [
            "Connected to r.test (192.0.2.1) port 443 (#0)",
            "Connected to (nil) (192.0.2.1) port 443",
            "Established connection to r.test (192.0.2.1 port 443) from 10.0.0.1 port 5",
        ] {
            assert_eq!(remote_in(words), expected, "{words}");
        }
        assert_eq!(remote_in("Connected to r.test (2001:db8::1) port 443"), "[2001:db8::1]:443".parse().ok());
        assert_eq!(reused("Re-using existing connection! (#0) with host r.test"), Some("r.test"));
        assert_eq!(reused("Reusing existing https: connection with host r.test"), Some("r.test"));
    }

    #[test]
    fn progress_before_a_remark_is_cut_off() {
        let meter = "  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0";
        assert_eq!(without_progress(&format!("{meter}*   Trying 192.0.2.1:443...")), "*   Trying 192.0.2.1:443...");
        assert!(is_progress(meter) && without_progress(meter) == meter);
        assert!(!is_progress("{\"a\":1}") && !is_progress("10 green bottles"));
    }
}
