//! A login, a header and a weakened check are given for one registry. What every other registry received decides.

mod shell;

use super::{IMAGE, PASSWORD, USER, checked, plain};
use crate::support::basic_authorization;
use crate::support::hostile::{Names, Server, answer, manifest, redirect, refusal, unauthorized};
use crate::support::ociscope::{Run, ociscope};

const HEADER: &str = "X-Api-Key: CANARYheader-value";

/// An answer to whoever is authorized, and a challenge to everybody else.
fn challenging(authorized: bool, path: &str) -> Vec<u8> {
    match (authorized, path.contains("/tags/")) {
        (false, _) => unauthorized("Basic realm=\"r\""),
        (true, true) => answer("200 OK", &[("Content-Type", "application/json")], r#"{"name":"a","tags":["1.0"]}"#),
        (true, false) => manifest(),
    }
}

/// A registry over plain HTTP that wants a user name and a password.
fn registry() -> Server {
    Server::answering(|sent| challenging(!sent.all("Authorization").is_empty(), &sent.path))
}

/// The same over TLS at this name.
fn registry_at(names: &mut Names, at: &str) -> Server {
    let server = Server::answering_over_tls(&names.authority, &[super::name_of(at)], |sent| {
        challenging(!sent.all("Authorization").is_empty(), &sent.path)
    });
    names.lead(at, &server);
    server
}

/// A run with alice's login.
#[track_caller]
fn with_login(arguments: &[&str]) -> Run {
    let arguments = [&["--username", USER, "--password-stdin"], arguments].concat();
    checked(ociscope(&arguments).input(PASSWORD).run())
}

/// A script of the shell with alice's login.
#[track_caller]
fn script_with_login(lines: &[String], arguments: &[&str]) -> Run {
    let file = write(lines);
    with_login(&[&["shell", "--script", path(&file)], arguments].concat())
}

/// A script of the shell without one.
#[track_caller]
fn script(lines: &[String], options: &[&str]) -> Run {
    checked(ociscope(options).input(&format!("{}\n", lines.join("\n"))).run())
}

/// A file with these lines, for as long as the value is kept.
fn write(lines: &[String]) -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), format!("{}\n", lines.join("\n"))).expect("to write it");
    file
}

fn path(file: &tempfile::NamedTempFile) -> &str {
    file.path().to_str().expect("a path in UTF-8")
}

#[track_caller]
fn assert_logged_in(server: &Server) {
    let values = server.header_values("Authorization");
    assert!(values.contains(&basic_authorization(USER, PASSWORD)), "{values:?}");
}

#[track_caller]
fn assert_not_told(server: &Server, run: &Run) {
    assert!(!server.requests().is_empty(), "it was not even asked: {run:?}");
    assert_eq!(server.header_values("Authorization"), [""; 0], "{run:?}");
    server.assert_never_told(PASSWORD);
}

fn host(server: &Server) -> String {
    server.address.to_string()
}

/// Case A30.
#[test]
fn second_reference_is_asked_without_the_login() {
    let (first, second) = (registry(), registry());
    let note = format!("not sent to {}: given for {}", host(&second), host(&first));
    for format in ["terminal", "markdown", "html", "json"] {
        let run = with_login(&["diagnose", "--format", format, &plain(&first), &plain(&second)]);
        assert_logged_in(&first);
        assert_not_told(&second, &run);
        let told: String = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(told.replace('\\', "").contains(&note), "{run:?}");
    }
}

/// Case A30: the same host is the same registry however its name is written, and another port or name is not.
#[test]
fn login_follows_the_registry_and_not_its_spelling() {
    for (given, asked, is_same) in [
        ("registry.test", "REGISTRY.test", true),
        ("registry.test", "https://registry.test", true),
        ("registry.test:5001", "Registry.Test:5001", true),
        ("registry.test", "registry.test:5001", false),
        ("registry.test:5001", "registry.test", false),
        ("registry.test", "auth.registry.test", false),
        ("registry.test", "registry.test.evil.test", false),
        ("auth.registry.test", "registry.test", false),
    ] {
        let mut names = Names::new();
        let bare = |name: &str| name.trim_start_matches("https://").to_ascii_lowercase();
        let first = registry_at(&mut names, &bare(given));
        let second = (!is_same).then(|| registry_at(&mut names, &bare(asked)));
        let (one, other) = (format!("{given}/{IMAGE}"), format!("{asked}/team/other:1.0"));
        let run = with_login(&[&names.options()[..], &["diagnose", "--json", &one, &other]].concat());
        assert_logged_in(&first);
        match &second {
            Some(second) => assert_not_told(second, &run),
            None => {
                let of_the_other = first.requests().into_iter().filter(|sent| sent.path.contains("team/other"));
                let mut authorizations = of_the_other.flat_map(|sent| sent.all("Authorization").len().checked_sub(1));
                assert!(authorizations.next().is_some(), "{given}, {asked}: {run:?}");
            }
        }
    }
}

/// Case A30: Docker Hub has several names and is one registry.
#[test]
fn names_of_docker_hub_share_a_login() {
    let mut names = Names::new();
    let hub = registry_at(&mut names, "registry-1.docker.io");
    let other = registry_at(&mut names, "ghcr.io");
    let references = ["index.docker.io/team/app:1.0", "docker.io/team/other:1.0", "ghcr.io/team/app:1.0"];
    let run = with_login(&[&names.options()[..], &["diagnose", "--json"], &references].concat());
    let told = |path: &str| {
        let requests = hub.requests();
        requests.iter().any(|sent| sent.path.contains(path) && !sent.all("Authorization").is_empty())
    };
    assert!(told("team/app") && told("team/other"), "{run:?}");
    assert_not_told(&other, &run);
}

/// Case A30: wherever the registry of the login points to.
#[test]
fn redirect_to_the_second_registry_brings_no_login() {
    let mut names = Names::new();
    let second = registry_at(&mut names, "second.test");
    let first = Server::answering_over_tls(&names.authority, &["first.test"], |sent| {
        match sent.all("Authorization").is_empty() {
            true => unauthorized("Basic realm=\"r\""),
            false => redirect("307 Temporary Redirect", "https://second.test/v2/team/app/manifests/1.0"),
        }
    });
    names.lead("first.test", &first);
    let references = ["first.test/team/app:1.0", "second.test/team/app:1.0"];
    let options = [&names.options()[..], &["--header", HEADER, "diagnose", "--json"], &references].concat();
    let run = with_login(&options);
    assert_logged_in(&first);
    assert_not_told(&second, &run);
    assert_eq!(second.header_values("X-Api-Key"), [""; 0]);
}

/// Case A31.
#[test]
fn login_host_chooses_the_registry() {
    let (first, second) = (registry(), registry());
    let login = ["--username", "alice@example.com", "--password-stdin", "--login-host", &host(&second)];
    let references = [plain(&first), plain(&second)];
    let arguments = [&["diagnose", "--json"], &login[..], &[&references[0], &references[1]]].concat();
    let run = checked(ociscope(&arguments).input(PASSWORD).run());
    assert_not_told(&first, &run);
    let values = second.header_values("Authorization");
    assert!(values.contains(&basic_authorization("alice@example.com", PASSWORD)), "{values:?}");
    assert!(run.stdout.contains(&format!("not sent to {}: given for {}", host(&first), host(&second))), "{run:?}");
    let run = checked(ociscope(&[&["manifest"], &login[..], &[&references[0]]].concat()).input(PASSWORD).run());
    assert_not_told(&first, &run);
    assert!(run.stderr.contains(&format!("not sent to {}: given for {}", host(&first), host(&second))), "{run:?}");
}

/// Case A31.
#[test]
fn login_host_is_a_host_and_needs_a_user() {
    let server = registry();
    for options in [
        &["--login-host", "r.test"][..],
        &["--username", USER, "--password-stdin", "--login-host", "https://ada:CANARYpasted@r.test"],
        &["--username", USER, "--password-stdin", "--login-host", "ada:CANARYpasted@r.test"],
        &["--username", USER, "--password-stdin", "--login-host", "CANARYpasted r.test"],
    ] {
        let run = checked(ociscope(&[options, &["probe", &plain(&server)]].concat()).input(PASSWORD).run());
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.stderr.contains("--login-host needs") || run.stderr.contains("--login-host takes"), "{run:?}");
        run.assert_hides(&["CANARYpasted"]);
        server.assert_untouched();
    }
}

/// Case A32.
#[test]
fn user_name_with_a_colon_is_refused_and_not_repeated() {
    let server = registry();
    let reference = plain(&server);
    for login in [
        &["-u", "alice:CANARYpasted"][..],
        &["-ualice:CANARYpasted"],
        &["-u=alice:CANARYpasted"],
        &["--username", "alice:CANARYpasted"],
        &["--username=:CANARYpasted"],
        &["--username", "CANARYpasted:"],
    ] {
        let arguments = [login, &["--password-stdin", "probe", &reference]].concat();
        let run = checked(ociscope(&arguments).input(PASSWORD).run());
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.stderr.contains("user name"), "{run:?}");
        run.assert_hides(&["CANARYpasted"]);
        let line = format!("probe {reference} {} --password-stdin", login.join(" "));
        let run = script(&[line], &[]);
        assert_eq!(run.status, 2, "{run:?}");
        run.assert_hides(&["CANARYpasted"]);
        server.assert_untouched();
    }
    let run = ociscope(&["-u", USER, "--password-stdin", "probe", &reference]).input(PASSWORD).run();
    assert_eq!(run.status, 0, "{run:?}");
    assert_logged_in(&server);
}

/// Case A33.
#[test]
fn header_goes_to_the_registry_of_the_first_reference() {
    let (first, second) = (registry(), registry());
    for format in ["markdown", "html", "json"] {
        let arguments = ["diagnose", "--format", format, "--header", HEADER, &plain(&first), &plain(&second)];
        let run = checked(ociscope(&arguments).run());
        assert!(first.header_values("X-Api-Key").contains(&"CANARYheader-value".to_owned()), "{run:?}");
        assert!(!second.requests().is_empty());
        assert_eq!(second.header_values("X-Api-Key"), [""; 0], "{run:?}");
        let told = run.stdout.replace('\\', "");
        let note = format!("x-api-key was not sent to {}: given for {}", host(&second), host(&first));
        assert!(told.contains(&note), "{run:?}");
        run.assert_hides(&["CANARYheader-value"]);
    }
}

/// Case A33: what is given with a first reference that cannot be read belongs to no other.
#[test]
fn unreadable_first_reference_lets_nothing_travel() {
    let server = registry();
    let run = with_login(&["diagnose", "--json", "--header", HEADER, "shub://a/b", &plain(&server)]);
    assert_not_told(&server, &run);
    assert_eq!(server.header_values("X-Api-Key"), [""; 0], "{run:?}");
    assert!(run.stdout.contains("given for the first reference, which is invalid"), "{run:?}");
}

/// Case A39: a file with credentials is looked into for the registry alone.
#[test]
fn entry_of_another_registry_is_not_used() {
    let (first, second) = (registry(), registry());
    let auth = basic_authorization(USER, PASSWORD).trim_start_matches("Basic ").to_owned();
    let entries = format!(r#"{{"auths":{{"{}":{{"auth":"{auth}"}}}}}}"#, host(&first));
    let secret = format!(
        r#"{{"kind":"Secret","type":"kubernetes.io/dockerconfigjson","stringData":{{".dockerconfigjson":{entries:?}}}}}"#
    );
    for (option, content) in [("--auth-file", &entries), ("--pull-secret", &secret)] {
        let file = write(std::slice::from_ref(content));
        let run =
            checked(ociscope(&["diagnose", "--json", option, path(&file), &plain(&first), &plain(&second)]).run());
        assert_logged_in(&first);
        assert_not_told(&second, &run);
    }
    // And a login for one registry takes nothing from what is stored for another.
    let run =
        ociscope(&["diagnose", "--json", "--username", "bob", "--password-stdin", &plain(&second), &plain(&first)])
            .input("password-of-bob")
            .home_file(".docker/config.json", &entries)
            .run();
    first.assert_never_told("password-of-bob");
    second.assert_never_told(PASSWORD);
    assert!(run.stdout.contains(&format!("not sent to {}: given for {}", host(&first), host(&second))), "{run:?}");
}

/// Case A40: a diagnosis looks for an image that has moved at its new registry, as an anonymous user.
#[test]
fn new_registry_of_a_moved_image_is_asked_without_anything() {
    let mut names = Names::new();
    let old = Server::answering_over_tls(&names.authority, &["k8s.gcr.io"], |sent| {
        match sent.all("Authorization").is_empty() {
            true => unauthorized("Basic realm=\"r\""),
            false => refusal("404 Not Found", &[], "MANIFEST_UNKNOWN", "manifest unknown"),
        }
    });
    names.lead("k8s.gcr.io", &old);
    let new = registry_at(&mut names, "registry.k8s.io");
    let options = [&names.options()[..], &["--header", HEADER, "diagnose", "--json", "k8s.gcr.io/pause:3.1"]].concat();
    let run = with_login(&options);
    assert_logged_in(&old);
    assert_not_told(&new, &run);
    assert_eq!(new.header_values("X-Api-Key"), [""; 0]);
}

/// Messages of the shell name hosts, and with `--public` pseudonyms.
#[test]
fn message_about_another_registry_has_pseudonyms_in_public() {
    let mut names = Names::new();
    let (first, second) =
        (registry_at(&mut names, "first.internal.test"), registry_at(&mut names, "second.internal.test"));
    let lines = ["tags first.internal.test/a/b", "set header 'X: CANARY-value'", "tags second.internal.test/a/b"];
    let run = script_with_login(&lines.map(str::to_owned), &[&names.options()[..], &["--public"]].concat());
    assert!(!first.requests().is_empty() && !second.requests().is_empty());
    assert_eq!(run.stderr.matches("only").count(), 1, "{run:?}");
    assert_eq!(run.stderr.matches("kept for").count(), 1, "{run:?}");
    run.assert_hides(&["internal.test", "alice"]);
}

#[test]
fn auth_says_as_which_user() {
    let (first, second) = (registry(), registry());
    let run = with_login(&["auth", &plain(&first)]);
    assert!(run.stdout.contains("alice, with the given password"), "{run:?}");
    assert_eq!(with_login(&["auth", "--json", &plain(&first)]).json()["user"], "alice");
    for format in ["terminal", "markdown", "html", "json"] {
        let run = with_login(&["auth", "--public", "--format", format, &plain(&first)]);
        assert!(!format!("{}{}", run.stdout, run.stderr).contains("alice"), "{run:?}");
    }
    let elsewhere = ["--login-host", &host(&first), "auth", "--json", &plain(&second)];
    let json = with_login(&elsewhere).json();
    assert_eq!((&json["user"], &json["credential"]), (&serde_json::Value::Null, &"anonymous".into()));
    let note = format!("Your login was not sent to {}: given for {}.", host(&second), host(&first));
    assert_eq!(json["notes"], serde_json::json!([note]));
}
