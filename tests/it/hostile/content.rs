//! Content that confuses: documents that can be read in two ways, digests that are none, lengths that are not lengths, text
//! that is not text, encodings that nobody asked for.

use std::io::Write;

use serde_json::json;

use super::{assert_status, checked, probe_server};
use crate::support::content::media_type;
use crate::support::digest_of;
use crate::support::hostile::{Server, answer};
use crate::support::ociscope::{Run, ociscope};

/// A server with this manifest, and nothing else.
fn with_manifest(kind: &str, extra: &[(&str, &str)], body: &[u8]) -> Server {
    let headers = [&[("Content-Type", kind)], extra].concat();
    let manifest = answer("200 OK", &headers, body);
    Server::answering(move |sent| match sent.path.contains("/manifests/") {
        true => manifest.clone(),
        false => answer("404 Not Found", &[], ""),
    })
}

/// Every command that reads a manifest, on this server.
fn read_by_all(server: &Server) -> Vec<Run> {
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    let commands = ["probe", "diagnose", "manifest", "config", "layers", "platforms", "referrers"];
    commands.map(|command| checked(ociscope(&[command, "--json", &reference]).run())).into()
}

/// Case B02: a document of two kinds has a verdict and a status of its own.
#[test]
fn a_document_that_is_an_index_and_an_image_is_refused() {
    let body =
        json!({ "schemaVersion": 2, "manifests": [], "layers": [], "config": { "digest": "sha256:aa", "size": 1 } });
    let server = with_manifest(media_type::OCI_MANIFEST, &[], body.to_string().as_bytes());
    let run = probe_server(&server, &[]);
    assert_status(&run, 11);
    assert_eq!(run.report().list("findings")[0]["rule"], "document-of-two-kinds");
}

/// Case B03: what is read depends on the reader, so both places are named, and nothing else is made of it.
#[test]
fn a_field_that_is_there_twice_is_named_with_both_places() {
    let rest = r#""config":{"digest":"sha256:aa","size":1},"layers":[]}"#;
    let [image, index] = [media_type::OCI_MANIFEST, media_type::OCI_INDEX];
    for (second, name) in [("mediaType", "mediaType"), ("media\\u0054ype", "mediaType"), ("MediaType", "MediaType")] {
        let body = format!(r#"{{"schemaVersion":2,"mediaType":"{image}","{second}":"{index}",{rest}"#);
        let server = with_manifest(image, &[], body.as_bytes());
        let run = probe_server(&server, &[]);
        let report = run.report();
        let finding = report.list("findings").iter().find(|finding| finding["rule"] == "field-read-differently");
        let finding = finding.unwrap_or_else(|| panic!("{second}: {}", run.stdout));
        let again = body.find(&format!("\"{second}\":\"{index}")).expect("it is there");
        let cause = finding["cause"].as_str().unwrap_or_default();
        assert!(cause.starts_with(&format!("{name} begins at byte 19 and again at byte {again}. ")), "{cause}");
        read_by_all(&server);
    }
}

/// Case B23: clients refuse the document for one field, whose path may have a key that somebody chose.
#[test]
fn field_of_another_type_is_named_and_its_key_does_no_harm() {
    let rest = r#""config":{"digest":"sha256:aa","size":1},"layers":[]"#;
    for key in ["plain", "\\u001b[31mred", "](https://a.test)", "\\u202egnp", "a\\nb|c", "<img src=x>"] {
        let body = format!(r#"{{"schemaVersion":2,"annotations":{{"{key}":7}},{rest}}}"#);
        let server = with_manifest(media_type::OCI_MANIFEST, &[], body.as_bytes());
        let run = probe_server(&server, &[]);
        assert_status(&run, 18);
        let report = run.report();
        let finding = &report.list("findings")[0];
        assert_eq!(finding["rule"], "json-type-mismatch");
        let cause = finding["cause"].as_str().unwrap_or_default();
        assert!(cause.contains("it must be a string") && cause.chars().all(|one| !one.is_control()), "{cause}");
        read_by_all(&server);
    }
}

/// Case B24: one image for clients in Go, and another for those that take names as they are written.
#[test]
fn manifest_of_two_images_is_an_error_that_names_the_field() {
    let part = |letter: &str| format!(r#"{{"mediaType":"a/b","size":1,"digest":"sha256:{}"}}"#, letter.repeat(64));
    for (field, name) in [("Layers", "layers"), ("LAYERS", "layers"), ("layer\\u017f", "layers"), ("Config", "config")]
    {
        let second = if name == "layers" { format!("[{}]", part("b")) } else { part("b") };
        let (config, layers) = (part("a"), part("c"));
        let body = format!(r#"{{"schemaVersion":2,"config":{config},"layers":[{layers}],"{field}":{second}}}"#);
        let server = with_manifest(media_type::OCI_MANIFEST, &[], body.as_bytes());
        let run = probe_server(&server, &[]);
        assert_status(&run, 18);
        let report = run.report();
        let finding = &report.list("findings")[0];
        assert_eq!(finding["title"], format!("clients disagree about {name} in the manifest"));
        read_by_all(&server);
    }
}

/// Case B04: several types, one with a parameter, none, and a page.
#[test]
fn types_that_are_no_types_are_shown_as_they_are() {
    let body = json!({ "schemaVersion": 2, "layers": [], "config": { "digest": "sha256:aa", "size": 1 } }).to_string();
    for headers in [
        vec![("Content-Type", media_type::OCI_MANIFEST), ("Content-Type", "text/html")],
        vec![("Content-Type", "application/json; charset=utf-8")],
        vec![],
        vec![("Content-Type", "text/html")],
        vec![("Content-Type", "application/\u{202e}json")],
    ] {
        let (headers, body) = (headers.clone(), body.clone());
        let shown = headers.clone();
        let server = Server::answering(move |_| answer("200 OK", &headers, &body));
        let run = probe_server(&server, &[]);
        let report = run.report();
        let told = report.exchange(&report.probe("all")["exchange"])["response"]["headers"].to_string();
        for (_, value) in shown.iter().filter(|(_, value)| value.is_ascii()) {
            assert!(told.contains(value), "{value} is not in {told}");
        }
    }
}

/// Case B07: a digest that does not fit the grammar is never part of an address, and nobody's digest.
#[test]
fn a_digest_header_is_held_to_its_grammar() {
    let body = json!({ "schemaVersion": 2, "layers": [], "config": { "digest": "sha256:aa", "size": 1 } }).to_string();
    let right = digest_of(body.as_bytes());
    let long = format!("sha256:{}", "a".repeat(30_000));
    let upper = right.replace("sha256", "SHA256");
    for digests in [
        vec![right.as_str(), "sha256:0000000000000000000000000000000000000000000000000000000000000000"],
        vec![""],
        vec!["sha256:ZZ"],
        vec![&upper],
        vec!["md5:d41d8cd98f00b204e9800998ecf8427e"],
        vec!["sha256:../../../etc/passwd"],
        vec![&long],
    ] {
        let extra: Vec<_> = digests.iter().map(|digest| ("Docker-Content-Digest", *digest)).collect();
        let server = with_manifest(media_type::OCI_MANIFEST, &extra, body.as_bytes());
        read_by_all(&server);
        for sent in server.requests() {
            assert!(!sent.path.contains("..") && !sent.path.contains("ZZ") && sent.path.len() < 200, "{}", sent.path);
            assert!(!sent.path.contains("md5") && !sent.path.contains("SHA256"), "{}", sent.path);
        }
    }
}

/// Case B25: no field and no type of a document takes the check of its digest away, unless it is signed as schema 1 was.
#[test]
fn digest_is_checked_whatever_a_document_calls_itself() {
    let image = r#""config":{"digest":"sha256:aa","size":1},"layers":[]"#;
    let other = format!("sha256:{}", "1".repeat(64));
    const DOCKER_V1: &str = "application/vnd.docker.distribution.manifest.v1+prettyjws";
    for (kind, body) in [
        (media_type::OCI_MANIFEST, format!(r#"{{"schemaVersion":1,{image}}}"#)),
        (media_type::OCI_MANIFEST, format!(r#"{{"schemaVersion":2,"fsLayers":[],{image}}}"#)),
        (DOCKER_V1, format!(r#"{{"schemaVersion":2,{image}}}"#)),
        (DOCKER_V1, format!(r#"{{"schemaVersion":1,"manifests":[],"fsLayers":[],{image}}}"#)),
    ] {
        let server = with_manifest(kind, &[("Docker-Content-Digest", &other)], body.as_bytes());
        let reference = format!("{}/team/app@{other}", server.origin("http"));
        for command in ["diagnose", "manifest"] {
            let run = checked(ociscope(&[command, "--json", &reference]).run());
            assert!(run.status != 0, "{command} {kind} {body}: {}", run.stdout);
        }
        let run = checked(ociscope(&["diagnose", "--json", &reference]).run());
        let findings = run.report().list("findings").to_vec();
        let rules = ["content-does-not-match-digest", "document-of-two-kinds"];
        let is_told = findings.iter().any(|finding| rules.iter().any(|rule| finding["rule"] == *rule));
        assert!(is_told, "{kind} {body}: {findings:?}");
    }
}

/// Case B13: nothing is allocated by a number that a server says.
#[test]
fn sizes_that_are_no_sizes_do_no_harm() {
    for size in ["-1", "0", "1.0", "\"5\"", "1e1000", "9223372036854775807", "18446744073709551615", "null", "[]"] {
        let digest = digest_of(b"x");
        let layer = format!(r#"{{"mediaType":"x","digest":"{digest}","size":{size}}}"#);
        let body = format!(r#"{{"schemaVersion":2,"config":{layer},"layers":[{layer},{layer}]}}"#);
        let server = with_manifest(media_type::OCI_MANIFEST, &[], body.as_bytes());
        let reference = format!("{}/team/app:1.0", server.origin("http"));
        for command in ["diagnose", "layers", "manifest"] {
            checked(ociscope(&[command, &reference]).run());
        }
    }
}

/// Case B15: what is not text in UTF-8, or is more than one value, is shown safely and read by nobody.
#[test]
fn documents_that_are_not_text_are_shown_safely() {
    let plain = r#"{"schemaVersion":2,"layers":[]}"#;
    let utf_16: Vec<u8> = plain.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for body in [
        format!("\u{feff}{plain}").into_bytes(),
        utf_16,
        b"{\"schemaVersion\":2,\"a\":\"\xff\xfe\"}".to_vec(),
        br#"{"a":"\ud800"}"#.to_vec(),
        b"{\"a\":\"\\u0000\x00\"}".to_vec(),
        format!("{plain}{{}}").into_bytes(),
        br#"{"a":NaN}"#.to_vec(),
        format!("// comment\n{plain}").into_bytes(),
        Vec::new(),
    ] {
        let server = with_manifest(media_type::OCI_MANIFEST, &[], &body);
        read_by_all(&server);
        let reference = format!("{}/team/app:1.0", server.origin("http"));
        checked(ociscope(&["manifest", &reference]).run());
    }
}

/// Case B17: every entry is listed, whatever its platform is, and a very long one within bounds.
#[test]
fn entries_of_odd_platforms_are_listed_within_bounds() {
    let entry = |platform: serde_json::Value| json!({ "mediaType": media_type::OCI_MANIFEST, "size": 1, "digest": digest_of(platform.to_string().as_bytes()), "platform": platform });
    let linux = json!({ "os": "linux", "architecture": "amd64" });
    let twin = json!({ "os": "linux", "architecture": "amd64", "variant": "" });
    let long = json!({ "os": "linux", "architecture": "arm", "variant": "v".repeat(1 << 20) });
    let entries =
        vec![entry(json!(null)), entry(linux), entry(twin), entry(long), entry(json!([1])), entry(json!({ "os": 1 }))];
    let body = json!({ "schemaVersion": 2, "mediaType": media_type::OCI_INDEX, "manifests": entries }).to_string();
    let server = with_manifest(media_type::OCI_INDEX, &[], body.as_bytes());
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    for command in ["platforms", "diagnose", "probe"] {
        let run = checked(ociscope(&[command, &reference]).run());
        assert!(run.stdout.len() < 64 << 10, "{command}: {} bytes", run.stdout.len());
    }
    let run = checked(ociscope(&["platforms", "--json", &reference]).run());
    assert_eq!(run.json()["platforms"].as_array().map(Vec::len), Some(6), "{}", &run.stdout[..400]);
}

/// A megabyte that becomes a gigabyte, and the same once more around it.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let packed = |bytes: &[u8], times: usize| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        (0..times).for_each(|_| encoder.write_all(bytes).expect("memory"));
        encoder.finish().expect("memory")
    };
    // Members of gzip may follow each other (RFC 1952, section 2.2).
    let bomb = packed(&vec![0; 1 << 20], 8).repeat(64);
    let twice = packed(&bomb, 1);
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    zlib.write_all(&vec![0; 1 << 20]).expect("memory");
    let broken = twice[..twice.len() / 2].to_vec();
    vec![
        ("gzip", bomb),
        ("gzip, gzip", twice.clone()),
        ("gzip", broken),
        ("deflate", zlib.finish().expect("memory")),
        ("br", b"\x1b\xff\xff\x00".to_vec()),
        ("zstd", b"\x28\xb5\x2f\xfd\x00".to_vec()),
        ("gzip", b"this is not gzip".to_vec()),
        ("x-evil", twice),
    ]
}

/// Cases B10, C02, C03 and C04: nothing is unpacked, wherever it comes: as manifest, token, error, redirect or list.
#[test]
fn nothing_is_unpacked_that_came_packed() {
    for (encoding, bytes) in bombs() {
        let place = std::sync::Arc::new(bytes);
        for status in ["200 OK", "401 Unauthorized", "302 Found", "404 Not Found", "500 Internal Server Error"] {
            let body = std::sync::Arc::clone(&place);
            let server = Server::answering(move |sent| {
                let host = sent.all("Host").first().copied().unwrap_or_default().to_owned();
                let challenge = format!("Bearer realm=\"http://{host}/token\"");
                let next = format!("http://{host}/v2/team/app/manifests/next");
                let mut headers = vec![("Content-Type", media_type::OCI_MANIFEST), ("Content-Encoding", encoding)];
                match status {
                    "401 Unauthorized" if sent.path.starts_with("/token") => headers[0].1 = "application/json",
                    "401 Unauthorized" => headers.push(("WWW-Authenticate", &challenge)),
                    "302 Found" if !sent.path.ends_with("/next") => headers.push(("Location", &next)),
                    _ => {}
                }
                let status = if sent.path.starts_with("/token") { "200 OK" } else { status };
                answer(status, &headers, &*body)
            });
            let reference = format!("{}/team/app:1.0", server.origin("http"));
            let running = ociscope(&["probe", "--json", &reference]).start();
            let (run, memory) = running.finish_and_weigh();
            checked(run);
            assert!(memory.is_none_or(|bytes| bytes < 160 << 20), "{encoding} as {status}: {memory:?}");
        }
    }
}
