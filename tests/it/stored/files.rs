//! Files with credentials.

use serde_json::json;

use super::{PASSWORD, auth, entry, name, registry, seen, told};
use crate::hostile::checked;
use crate::support::basic_authorization;
use crate::support::ociscope::ociscope;

#[test]
fn what_docker_has_stored_is_used_and_said() {
    let server = registry();
    let config = json!({ "auths": { name(&server): entry("me", PASSWORD), "other.test": entry("CANARY", "CANARY") } });
    let told = told(auth(&server, &[]).home_file(".docker/config.json", &config.to_string()).run());
    assert_eq!((told["credential"].as_str(), told["outcome"].as_str()), (Some("stored"), Some("accepted")));
    assert_eq!(told["credential_form"], "password");
    assert_eq!(seen(&told), ["entry"]);
    assert_eq!(told["looked_at"][1]["file"], "~/.docker/config.json");
    let sent = server.header_values("Authorization");
    assert!(!sent.is_empty() && sent.iter().all(|value| *value == basic_authorization("me", PASSWORD)), "{sent:?}");
    assert!(!told.to_string().contains("other.test"), "who else has logged in is nobody's business: {told}");
}

/// Case E15: neither in a report nor on the screen.
#[test]
fn a_report_names_the_file_and_nothing_else_of_it() {
    let server = registry();
    let config = json!({ "auths": { name(&server): entry("me", PASSWORD), "other.test": entry("CANARY", "CANARY") } });
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    for format in ["terminal", "markdown", "html", "json"] {
        let run = ociscope(&["diagnose", "--format", format, &reference]);
        let run = checked(run.home_file(".docker/config.json", &config.to_string()).run());
        super::assert_hides(&run);
        assert!(!run.stdout.contains("other.test"), "{}", run.stdout);
        if format == "terminal" {
            assert!(run.stdout.contains("with the credential from ~/.docker/config.json"), "{}", run.stdout);
        }
    }
}

#[test]
fn nothing_is_looked_for_where_it_is_not_wanted() {
    let server = registry();
    let config = json!({ "auths": { name(&server): entry("me", PASSWORD) } }).to_string();
    let anonymous = told(auth(&server, &["--anonymous"]).home_file(".docker/config.json", &config).run());
    assert_eq!((anonymous["credential"].as_str(), seen(&anonymous).len()), (Some("anonymous"), 0));
    let given = auth(&server, &["--username", "you", "--password-stdin"]).input("another");
    assert_eq!(told(given.home_file(".docker/config.json", &config).run())["credential"], "given");
    server.assert_never_told(PASSWORD);
}

/// Case F19: the current folder is whoever's it is.
#[test]
fn nothing_is_read_from_the_current_folder() {
    let server = registry();
    let config = json!({ "auths": { name(&server): entry("me", PASSWORD) } }).to_string();
    let names =
        ["config.json", "auth.json", "containers/auth.json", ".dockercfg", ".netrc", ".ociscope.toml", "here/x"];
    let mut run = auth(&server, &[]);
    for name in names {
        run = run.home_file(&format!("work/{name}"), &config).home_file(&format!("work/.docker/{name}"), &config);
    }
    let work = run.home().join("work");
    let run = run.in_folder(&work).env("DOCKER_CONFIG", "").env("XDG_CONFIG_HOME", ".").env("XDG_RUNTIME_DIR", "");
    let told = told(run.env("REGISTRY_AUTH_FILE", "auth.json").run());
    assert_eq!((told["credential"].as_str(), seen(&told).len()), (Some("anonymous"), 0), "{told}");
    server.assert_never_told(PASSWORD);
}

#[test]
fn a_file_that_is_named_is_the_only_one() {
    let server = registry();
    let config = |user: &str| json!({ "auths": { name(&server): entry(user, PASSWORD) } }).to_string();
    let run = auth(&server, &["--auth-file", "mine.json"]).home_file("mine.json", &config("me"));
    let told_of_it = told(run.home_file(".docker/config.json", &config("other")).run());
    assert_eq!(told_of_it["looked_at"][0]["because"], "auth_file_option");
    assert_eq!(server.header_values("Authorization"), [basic_authorization("me", PASSWORD)]);
    let empty = auth(&server, &["--auth-file", "mine.json"]).home_file("mine.json", "{}");
    let none = told(empty.home_file(".docker/config.json", &config("other")).run());
    assert_eq!((none["credential"].as_str(), seen(&none)), (Some("anonymous"), vec!["no_entry"]));
}

/// Cases F06 and F07: who names a file wants it to be used; the others are passed over, and it is said.
#[test]
fn a_file_that_cannot_be_used() {
    let server = registry();
    for (text, words) in [
        ("", "it is empty"),
        (r#"{"auths":"CANARYpw"}"#, "auths is not an object"),
        ("\u{feff}{}", "byte order mark"),
        ("// CANARY\n{}", "not JSON, at line 1"),
    ] {
        let named = checked(auth(&server, &["--auth-file", "mine.json"]).home_file("mine.json", text).run());
        super::assert_hides(&named);
        assert_eq!(named.status, 2, "{named:?}");
        assert!(named.stderr.contains("mine.json cannot be used") && named.stderr.contains(words), "{named:?}");
        let told = told(auth(&server, &[]).home_file(".docker/config.json", text).run());
        assert_eq!((told["credential"].as_str(), seen(&told)), (Some("anonymous"), vec!["unusable"]));
    }
    let missing = checked(auth(&server, &["--auth-file", "none.json"]).run());
    assert_eq!(missing.status, 2);
    assert!(missing.stderr.contains("file none.json does not exist"), "{missing:?}");
    let folder = auth(&server, &[]).home_file(".docker/config.json/x", "");
    assert_eq!(seen(&told(folder.run())), ["unusable"]);
    let long = "{".to_owned() + &" ".repeat(2 << 20) + "}";
    assert_eq!(seen(&told(auth(&server, &[]).home_file(".docker/config.json", &long).run())), ["unusable"]);
}

/// Case F07: a pipe has nobody at its other end.
#[cfg(unix)]
#[test]
fn nobody_waits_for_a_pipe() {
    let server = registry();
    let run = auth(&server, &[]).home_file(".docker/x", "");
    let pipe = run.home().join(".docker/config.json");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().expect("mkfifo").success());
    assert_eq!(seen(&told(run.run())), ["unusable"]);
}

/// Cases F05 and F08: damage is named by its kind; a token is never a password.
#[test]
fn an_entry_that_cannot_be_used_is_not_sent() {
    for entry in [
        json!({ "auth": "CANARY!" }),
        json!({ "auth": ["CANARYpw"] }),
        json!({ "username": "CANARY" }),
        json!("CANARY"),
        json!({ "auth": "Q0FOQVJZ" }),
    ] {
        let server = registry();
        let config = json!({ "auths": { name(&server): entry } }).to_string();
        let told = told(auth(&server, &[]).home_file(".config/containers/auth.json", &config).run());
        assert_eq!((told["credential"].as_str(), seen(&told)), (Some("anonymous"), vec!["damaged"]), "{told}");
        assert!(server.header_values("Authorization").is_empty());
    }
    let server = registry();
    let config =
        json!({ "auths": { name(&server): { "auth": "MDAwMDo=", "identitytoken": "CANARYidt" } } }).to_string();
    let told = told(auth(&server, &[]).home_file(".docker/config.json", &config).run());
    assert_eq!(told["credential_form"], "identity_token");
    assert_eq!(told["outcome"], "challenge_unusable");
    server.assert_never_told("CANARYidt");
}

/// Case F02 at the process: nobody else's credential is sent.
#[test]
fn a_credential_for_another_host_is_not_sent() {
    let server = registry();
    let port = server.address.port();
    let keys = [
        format!("127.0.0.1:{}", port - 1),
        "127.0.0.1".to_owned(),
        format!("127.0.0.1:{port}.evil.test"),
        format!("127.0.0.1:{port}/other"),
    ];
    let auths: serde_json::Map<_, _> = keys.into_iter().map(|key| (key, entry("me", PASSWORD))).collect();
    let config = json!({ "auths": auths }).to_string();
    let told = told(auth(&server, &[]).home_file(".config/containers/auth.json", &config).run());
    assert_eq!(told["credential"], "anonymous");
    assert!(seen(&told).iter().filter(|seen| **seen == "near_miss").count() >= 3, "{told}");
    assert!(server.header_values("Authorization").is_empty());
}
