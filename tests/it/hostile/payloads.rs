//! Text that would do something, or mean something else, where it is shown; and servers that say it wherever they can.

use std::sync::atomic::{AtomicUsize, Ordering};

use ociscope::internals::{Algorithm, Digest};
use serde_json::json;

use crate::support::content::media_type;
use crate::support::hostile::{Server, answer, bearer, unauthorized};

/// Stands in every payload, so that it can be found in what is shown.
pub const MARK: &str = "zQz";

/// What acts on terminals, and what imitates the program.
fn for_terminals() -> Vec<Vec<u8>> {
    let tower = format!("a{}", "\u{301}".repeat(500));
    let texts = [
        "\u{1b}[2J\u{1b}[Hpwn",
        "\u{1b}]0;pwn\u{7}",
        "\u{1b}]52;c;ZXZpbA==\u{7}",
        "\u{1b}]8;;https://evil.test\u{1b}\\click\u{1b}]8;;\u{1b}\\",
        "\u{1b}P+q544e\u{1b}\\",
        "\u{1b}c",
        "\u{1b}[6n\u{1b}[21t",
        "\u{1b}[?1049h",
        "\u{9b}2J\u{90}\u{9d}",
        "ok\rFAIL",
        "a\u{8}\u{8}b",
        "\u{7}\u{0}\u{7f}\u{e}",
        "\u{202e}live\u{202c} \u{2066}x\u{2069}",
        "zero\u{200b}width\u{200d}\u{feff}\u{2060}",
        "line\u{2028}paragraph\u{2029}next\u{85}",
        "soft\u{ad}hyphen \u{e0041}\u{e007f} \u{fe0f} \u{3164}",
        &tower,
        "first\nociscope> rm -rf ~\n✓ PASS it can be pulled\nexit status 0\n",
        "first\r\n\r\nNext\r\n  ociscope probe evil\r\n",
        "tab\tand\u{b}vertical\u{c}form",
    ];
    let mut payloads: Vec<_> = texts.into_iter().map(|text| text.as_bytes().to_vec()).collect();
    payloads.push(b"\xff\xfe\x9b2J\xc2\x9b2J".to_vec());
    payloads.push(b"\xed\xa0\x80 lone surrogate \xf4\x90\x80\x80 too far".to_vec());
    payloads
}

/// What is more than text in an issue on a forge.
fn for_markdown() -> Vec<Vec<u8>> {
    let texts = [
        "```",
        "``````\n@org/team\n``````",
        "~~~~",
        "`",
        "`` ` ``",
        "a|b|c",
        "</details>",
        "<img src=https://evil.test/b.png>",
        "![x](https://evil.test/b)",
        "@org/team",
        "Fixes org/repo#1",
        "fixes #123",
        "GH-1",
        ":tada:",
        "<!--",
        "[x](javascript:1)",
        "https://evil.test/path",
        "www.evil.test",
        "0123456789abcdef0123456789abcdef01234567",
        "# heading",
        "- item\n- item",
        "&lt;b&gt; &#64;org",
        "\\`x\\`",
        "a\n\n    code\n\n@org",
        "| a | b |\n| - | - |\n| c | d |",
        "***",
        "(GH-12) x:tada: :100: deadbeef1, org/repo@deadbeef1",
        "$x^2$ $`x`$ $$y$$ [^1] [[wiki]] ==x== ||y||",
        "a\\|@org/team\\||b",
        "1. x GHSA-jfh8-c2jp-5v3q CVE-2019-10751",
    ];
    texts.into_iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// What acts in a browser, loads something, or ends the element that it is in. All of them ask `evil.test`, or would show
/// a dialog.
fn for_browsers() -> Vec<Vec<u8>> {
    let texts = [
        "<script>alert(1)</script>",
        "<script src=http://evil.test/a.js></script>",
        "<img src=x onerror=alert(1)>",
        "\"><svg onload=alert(1)>",
        "' onmouseover='alert(1)' x='",
        "</title><script>alert(1)</script>",
        "</style><script>alert(1)</script>",
        "</pre></details></main><script>alert(1)</script>",
        "--><script>alert(1)</script><!--",
        "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe>",
        "<meta http-equiv=refresh content=\"0;url=http://evil.test/m\">",
        "<base href=http://evil.test/><link rel=stylesheet href=http://evil.test/l.css>",
        "<style>@import url(http://evil.test/s.css); body { background: url(http://evil.test/s) }</style>",
        "<form action=http://evil.test/f><input autofocus onfocus=alert(1)></form>",
        "<a href=\"javascript:alert(1)\">x</a><a href=http://evil.test/a>x</a>",
        "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
        "<video src=http://evil.test/v poster=http://evil.test/p></video><object data=http://evil.test/o></object>",
        "&lt;script&gt;alert(1)&lt;/script&gt; &#60;script>alert(1)&#60;/script>",
    ];
    texts.into_iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// The payloads for browsers alone, as they are.
pub fn active_in_browsers() -> Vec<String> {
    for_browsers().into_iter().map(|payload| String::from_utf8(payload).expect("text")).collect()
}

/// Every payload, with the mark in front and behind.
fn payloads() -> Vec<Vec<u8>> {
    let all = for_terminals().into_iter().chain(for_markdown()).chain(for_browsers());
    all.map(|payload| [MARK.as_bytes(), b" ", &payload, b" ", MARK.as_bytes()].concat()).collect()
}

/// How many runs it takes until every payload was said: each request of a run gets the next one, and twelve variants
/// are asked for.
pub fn runs() -> usize {
    payloads().len().div_ceil(12)
}

/// How many payloads there are.
pub fn count() -> usize {
    payloads().len()
}

/// The places in which a server can put text.
pub const PLACES: [&str; 13] = [
    "error",
    "odd-error",
    "html",
    "xml",
    "text",
    "header",
    "challenge",
    "type",
    "manifest",
    "redirect",
    "token",
    "tags",
    "image",
];

/// The commands that ask a server.
pub const VERBS: [&str; 2] = ["probe", "diagnose"];

/// A registry that puts the next payload in one of these places with every answer.
pub fn server(place: &'static str) -> Server {
    let next = AtomicUsize::new(0);
    saying(place, move |count| next.fetch_add(1, Ordering::SeqCst) % count)
}

/// A registry that puts one payload in one of these places with every answer, so that no answer of a run escapes it.
pub fn server_saying(place: &'static str, payload: usize) -> Server {
    saying(place, move |count| payload % count)
}

fn saying(place: &'static str, which: impl Fn(usize) -> usize + Send + Sync + 'static) -> Server {
    let payloads = payloads();
    Server::answering(move |sent| {
        let payload = &payloads[which(payloads.len())];
        let text = String::from_utf8_lossy(payload);
        if sent.path.starts_with("/token") {
            return answer("403 Forbidden", &[("Content-Type", "application/json")], error(&text));
        }
        match place {
            "error" => answer("404 Not Found", &[("Content-Type", "application/json")], error(&text)),
            "odd-error" => {
                let bare = json!({ "code": 404, "message": text, "status": text });
                answer("404 Not Found", &[("Content-Type", "application/problem+json")], bare.to_string())
            }
            "html" => {
                let page = [b"<html><head><title>", &payload[..], b"</title></head><body><h1>", payload, b"</h1>"];
                answer("502 Bad Gateway", &[("Content-Type", "text/html")], page.concat())
            }
            "xml" => {
                let xml = [b"<?xml version=\"1.0\"?><Error><Code>", &payload[..], b"</Code><Message>", payload];
                let xml = [&xml.concat()[..], b"</Message></Error>"].concat();
                answer("403 Forbidden", &[("Content-Type", "application/xml")], xml)
            }
            "text" => answer("500 Internal Server Error", &[("Content-Type", "text/plain")], payload),
            "header" => with_headers(payload),
            "challenge" => with_value(
                "401 Unauthorized",
                "WWW-Authenticate",
                &[
                    b"Bearer realm=\"",
                    &in_a_header(payload)[..],
                    b"\",service=\"",
                    &in_a_header(payload),
                    b"\",scope=\"",
                    &in_a_header(payload),
                    b"\",error=\"",
                    &in_a_header(payload),
                    b"\"",
                ]
                .concat(),
            ),
            "type" => with_value("200 OK", "Content-Type", &in_a_header(payload)),
            "manifest" => {
                let digest = "sha256:".to_owned() + &text;
                let entry = json!({
                    "mediaType": text, "digest": digest, "size": 1,
                    "platform": { "os": text, "architecture": text, "variant": text },
                    "annotations": { "org.opencontainers.image.title": text },
                });
                let index = json!({
                    "schemaVersion": 2, "mediaType": text, "artifactType": text,
                    "manifests": [entry], "subject": { "digest": digest }, "annotations": { text.clone(): text },
                });
                answer("200 OK", &[("Content-Type", media_type::OCI_INDEX)], index.to_string())
            }
            // What a diagnosis reads when there is no such tag.
            "tags" if sent.path.contains("/tags/list") => {
                let list = json!({ "name": text, "tags": [text, "1.0-zQz", format!("v{text}")], "errors": text });
                answer(
                    "200 OK",
                    &[("Content-Type", "application/json"), ("Link", "<>; rel=\"next\"")],
                    list.to_string(),
                )
            }
            "tags" => answer("404 Not Found", &[("Content-Type", "application/json")], error("unknown")),
            // What it is made of, read part by part.
            "image" if sent.path.contains("/blobs/") => {
                let config =
                    json!({ "os": text, "architecture": text, "rootfs": { "type": text, "diff_ids": [text] } });
                answer("200 OK", &[("Content-Type", "application/json")], config.to_string())
            }
            "image" => {
                let part = |kind: &str| json!({ "mediaType": kind, "size": 9, "digest": digest_of(&text) });
                let image = json!({
                    "schemaVersion": 2, "config": part(media_type::OCI_CONFIG), "annotations": { text.clone(): text },
                    "layers": [part(&text), part("application/vnd.oci.image.layer.v1.tar+gzip")],
                });
                answer("200 OK", &[("Content-Type", media_type::OCI_MANIFEST)], image.to_string())
            }
            "redirect" => {
                with_value("302 Found", "Location", &[b"https://a.test:99999/", &in_a_header(payload)[..]].concat())
            }
            _ => unauthorized(&bearer(&format!("http://{}/token", sent.all("Host")[0]))),
        }
    })
}

/// A digest that differs with the text.
fn digest_of(text: &str) -> String {
    Digest::of(Algorithm::Sha256, text.as_bytes()).to_string()
}

fn error(text: &str) -> String {
    json!({ "errors": [{ "code": text, "message": text, "detail": { text: [text, { "a": text }] } }] }).to_string()
}

/// The bytes of a payload that a header may have: anything else would be no HTTP.
fn in_a_header(payload: &[u8]) -> Vec<u8> {
    payload.iter().copied().filter(|byte| *byte >= 0x20 && !b"\x7f\"".contains(byte)).collect()
}

fn with_headers(payload: &[u8]) -> Vec<u8> {
    let value = in_a_header(payload);
    let names = ["Server", "Warning", "X-Evil", "Docker-Content-Digest", "Link", "Content-Encoding", "ETag"];
    let lines: Vec<u8> = names.iter().flat_map(|name| [name.as_bytes(), b": ", &value[..], b"\r\n"].concat()).collect();
    [b"HTTP/1.1 404 ", &value[..], b"\r\nConnection: close\r\nContent-Length: 0\r\n", &lines[..], b"\r\n"].concat()
}

fn with_value(status: &str, name: &str, value: &[u8]) -> Vec<u8> {
    let start = format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 2\r\n{name}: ");
    [start.as_bytes(), value, b"\r\n\r\n{}"].concat()
}
