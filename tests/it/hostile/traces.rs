//! What a run leaves behind, and says of addresses that do not work: nothing secret, and no file that a server has named.

use serde_json::json;

use super::{PASSWORD, USER, checked};
use crate::support::basic_authorization;
use crate::support::content::media_type;
use crate::support::hostile::{Names, Server, answer, manifest, redirect, unauthorized};
use crate::support::ociscope::ociscope;

const SIGNATURE: &str = "CANARYsig0123456789abcdef";

/// Case E01: neither the password nor who has it, in any format. `auth` says as which user, except in public.
#[test]
fn a_login_that_works_is_shown_by_its_kind_alone() {
    let server = Server::answering(|sent| {
        if sent.all("Authorization").is_empty() { unauthorized("Basic realm=\"x\"") } else { manifest() }
    });
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    for command in ["probe", "diagnose", "auth", "manifest"] {
        for format in ["terminal", "markdown", "html", "json"] {
            let arguments =
                [command, "--format", format, "--username", "alice-of-acme", "--password-stdin", &reference];
            let run = checked(ociscope(&arguments).input(PASSWORD).run());
            let encoded = basic_authorization("alice-of-acme", PASSWORD);
            run.assert_hides(&[PASSWORD, encoded.trim_start_matches("Basic ")]);
            let in_public = checked(ociscope(&[&arguments[..], &["--public"]].concat()).input(PASSWORD).run());
            in_public.assert_hides(&["alice-of-acme"]);
            assert_eq!(run.stdout.contains("alice-of-acme"), command == "auth", "{run:?}");
        }
    }
    assert!(!server.header_values("Authorization").is_empty());
}

/// Case E07: an address that carries a signature, and fails in every way that there is.
#[test]
fn no_failure_shows_the_address_that_it_is_about() {
    let names = Names::new();
    let no_tls = Server::behaving(|mut connection| {
        connection.send(b"SSH-2.0-x\r\n");
        connection.close();
    });
    let untrusted = Server::answering_over_tls(&names.authority, &["other.test"], |_| answer("200 OK", &[], "x"));
    let broken = Server::saying("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{");
    for target in [
        format!("http://127.0.0.1:1/blob?X-Amz-Signature={SIGNATURE}"),
        format!("{}/blob?sig={SIGNATURE}", no_tls.origin("https")),
        format!("{}/blob?token={SIGNATURE}", untrusted.origin("https")),
        format!("{}/blob?token={SIGNATURE}", broken.origin("http")),
        format!("http://nowhere.invalid/blob?token={SIGNATURE}"),
        format!("ftp://127.0.0.1/blob?token={SIGNATURE}"),
        format!("http://127.0.0.1:99999/?token={SIGNATURE}"),
    ] {
        let server = Server::answering(move |_| redirect("307 Temporary Redirect", &target));
        let reference = format!("{}/team/app:1.0", server.origin("http"));
        for command in ["diagnose", "manifest"] {
            for format in ["markdown", "html", "json"] {
                let run = ociscope(&[command, "--format", format, &reference]);
                let run = checked(run.env("RUST_BACKTRACE", "full").env("RUST_LOG", "trace").run());
                run.assert_hides(&[SIGNATURE]);
            }
        }
    }
}

/// Case E07: and where nobody answers.
#[test]
fn a_timeout_does_not_show_it_either() {
    let silent = Server::behaving(|mut connection| while connection.request().is_some() {});
    let target = format!("{}/blob?X-Amz-Signature={SIGNATURE}", silent.origin("http"));
    let server = Server::answering(move |_| redirect("307 Temporary Redirect", &target));
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    for format in ["terminal", "json"] {
        let run = checked(ociscope(&["manifest", "--timeout", "1", "--format", format, &reference]).run());
        assert_eq!(run.status, 15, "{run:?}");
        run.assert_hides(&[SIGNATURE]);
    }
}

/// Case E18: a key file as a password is a secret line by line.
#[test]
fn a_password_of_several_lines_is_hidden_line_by_line() {
    let key =
        "{\n  \"private_key\": \"CANARYkeyCANARYkeyCANARYkey\",\n  \"client_email\": \"canary.mail@example.test\"\n}";
    let server = Server::answering(move |sent| {
        if sent.all("Authorization").is_empty() {
            return unauthorized("Basic realm=\"x\"");
        }
        let body = "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"\\\"private_key\\\": \\\"CANARYkeyCANARYkeyCANARYkey\\\",\"}]}";
        answer("403 Forbidden", &[("Content-Type", "application/json")], body)
    });
    let auth = basic_authorization("_json_key", key);
    let config = json!({ "auths": { server.address.to_string(): { "auth": auth.trim_start_matches("Basic ") } } });
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    for format in ["terminal", "markdown", "html", "json"] {
        let run = ociscope(&["diagnose", "--format", format, &reference]);
        let run = checked(run.home_file(".docker/config.json", &config.to_string()).run());
        run.assert_hides(&["CANARYkey", "canary.mail"]);
    }
}

/// Case E19: GHCR's token is the access token, encoded; what is inside is as secret.
#[test]
fn what_is_inside_of_a_token_is_hidden_too() {
    use base64::Engine as _;
    let inside = "ghx-CANARY-personal-access-token";
    let outside = base64::engine::general_purpose::STANDARD.encode(inside);
    let given = outside.clone();
    let server = Server::answering(move |sent| {
        if sent.path.starts_with("/token") {
            return answer("200 OK", &[("Content-Type", "application/json")], json!({ "token": given }).to_string());
        }
        let host = sent.all("Host")[0].to_owned();
        match sent.all("Authorization")[..] {
            [] => unauthorized(&format!("Bearer realm=\"http://{host}/token\"")),
            _ => answer("403 Forbidden", &[("Content-Type", "text/plain")], format!("{inside} may not")),
        }
    });
    for format in ["terminal", "markdown", "html", "json"] {
        let run = ociscope(&["diagnose", "--format", format, &format!("{}/team/app:1.0", server.origin("http"))]);
        checked(run.run()).assert_hides(&[inside, &outside]);
    }
}

/// Cases D21 and D22: a server cannot name a file, and no amount of talk about the run says more.
#[test]
fn a_server_names_no_file_and_loud_surroundings_say_no_more() {
    let title = "../../.ssh/authorized_keys";
    let body = json!({
        "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST, "config": { "digest": "sha256:aa", "size": 1 },
        "layers": [{ "digest": "sha256:bb", "size": 1, "annotations": { "org.opencontainers.image.title": title } }],
        "annotations": { "a": "\u{1b}]0;pwn\u{7}\u{202e}" },
    });
    let headers = [
        ("Content-Type", media_type::OCI_MANIFEST),
        ("Content-Disposition", "attachment; filename=\"/tmp/CANARYfile\""),
    ];
    let bytes = answer("200 OK", &headers, body.to_string());
    let server = Server::answering(move |_| bytes.clone());
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    for command in ["probe", "diagnose", "manifest", "layers", "config", "platforms", "referrers", "tags"] {
        let run = ociscope(&[command, &reference]).env("RUST_LOG", "trace").env("RUST_BACKTRACE", "full");
        let home = run.home().to_owned();
        let (run, left) = run.start().finish_with(|| std::fs::read_dir(home).expect("a home").count());
        checked(run);
        assert_eq!(left, 0, "{command} left something behind");
    }
    assert!(!std::path::Path::new("/tmp/CANARYfile").exists());
}

/// Case G20: few files, no home, nothing that can be written, nobody who resolves names: a sentence each, and a status.
#[cfg(target_os = "linux")]
#[test]
fn poor_surroundings_have_a_sentence_each() {
    use crate::support::ociscope::in_a_shell;
    let server = Server::answering(|_| manifest());
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    for line in [
        format!("ulimit -n 24; ociscope probe {reference}"),
        format!("ulimit -n 8; ociscope probe {reference}"),
        format!("unset HOME; ociscope probe {reference}"),
        format!("HOME=/proc/nowhere ociscope probe {reference}"),
        "ociscope probe registry.invalid/a:1".to_owned(),
        format!("echo 'probe {reference}' | HOME=/proc/nowhere ociscope"),
        format!("ulimit -f 0; echo 'probe {reference}' | ociscope"),
    ] {
        let run = checked(in_a_shell(&line).run());
        assert!(run.status == 0 || !run.stderr.is_empty() || !run.stdout.is_empty(), "{line}: {run:?}");
        assert!(run.stderr.lines().count() < 6, "{line}: {run:?}");
    }
    let _ = USER;
}
