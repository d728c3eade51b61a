//! What is done to a text on its way: line ends, colors, log collectors, other programs around it.

use super::super::{NotImported, imported};
use super::{exchanges, one, rules, transcript};

#[test]
fn transcript_is_read_through_what_a_log_collector_adds() {
    for name in ["curl-v-404.txt", "crane-404.txt", "oras-404.txt", "ctr-404.txt"] {
        let bare = transcript(name);
        let text = String::from_utf8_lossy(&bare).into_owned();
        let expected = exchanges(&one(&bare));
        let each = |prefix: &str, end: &str| -> String {
            text.lines().map(|line| format!("{prefix}{}{end}", line.trim_end_matches('\r'))).collect()
        };
        let wide: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (what, bytes) in [
            ("GitHub Actions", each("2026-12-01T01:34:08.1234567Z ", "\n").into_bytes()),
            ("gh run view --log", each("pull\tRun it\t2026-12-01T01:34:08.1234567Z ", "\n").into_bytes()),
            ("kubectl logs --timestamps", each("2026-12-01T01:34:08.123456789Z ", "\n").into_bytes()),
            ("CRI", each("2026-12-01T01:34:08.123456789+00:00 stderr F ", "\n").into_bytes()),
            ("a journal", each("Dec 01 01:34:08 node-1 pull[12]: ", "\n").into_bytes()),
            ("compose", each("pull-1  | ", "\n").into_bytes()),
            ("Windows", each("", "\r\n").into_bytes()),
            ("a terminal", each("\u{1b}[0m", "\u{1b}[K\r\n").into_bytes()),
            ("PowerShell", wide),
            ("a byte order mark", [b"\xef\xbb\xbf".to_vec(), bare.clone()].concat()),
            ("other output", [b"Starting\n".to_vec(), bare.clone(), b"\nDone. > GET it\n".to_vec()].concat()),
        ] {
            let record = one(&bytes);
            assert_eq!(exchanges(&record), expected, "{name}: {what}");
            assert_eq!(rules(&record), ["tag-not-found likely"], "{name}: {what}");
        }
    }
}

#[test]
fn text_of_anything_else_is_refused() {
    for text in
        ["", "{}", "[]", "hello", "{\"log\":{}}", "> quoted\n< html", "HTTP/1.1 200", "\u{1b}[", "{\"format\":1}"]
    {
        assert!(imported(text.as_bytes()).is_err(), "{text}");
    }
    let other = "> GET / HTTP/1.1\n> Host: example.test\n>\n< HTTP/1.1 200 OK\n<\nhello\n";
    assert_eq!(imported(other.as_bytes()).unwrap_err(), NotImported::NoImage);
}

/// The time for a file grows with its length, and not faster.
#[test]
fn number_of_requests_is_limited() {
    let request = "> GET /v2/a/manifests/1 HTTP/1.1\n> Host: r.test\n>\n< HTTP/1.1 404 Not Found\n<\n";
    let records = imported(request.repeat(4000).as_bytes()).unwrap();
    assert_eq!(records[0].journal.len(), 4000);
    assert_eq!(imported(request.repeat(4001).as_bytes()).unwrap_err(), NotImported::TooMany);
    let many: String = (0..1001).map(|tag| request.replace("manifests/1", &format!("manifests/{tag}"))).collect();
    assert_eq!(imported(many.as_bytes()).unwrap_err(), NotImported::TooMany);
}

/// Docker Hub is known by its own name, and a mirror by its.
#[test]
fn image_has_the_name_that_people_know() {
    let named = |host: &str, path: &str| {
        let text = format!("> GET {path} HTTP/2\n> Host: {host}\n>\n< HTTP/2 404\n<\n");
        one(text.as_bytes()).reference.to_string()
    };
    assert_eq!(named("registry-1.docker.io", "/v2/library/nginx/manifests/1"), "docker.io/library/nginx:1");
    assert_eq!(named("mirror.test", "/v2/library/nginx/manifests/1?ns=docker.io"), "mirror.test/library/nginx:1");
}
