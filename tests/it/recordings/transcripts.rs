//! What people have: the output of other programs, read by `--from`.

use std::path::Path;
use std::process::Command;

use super::Folder;
use crate::support::content;
use crate::support::ociscope::ociscope;
use crate::support::registry::{Access, Options, PASSWORD, Registry, USER};

/// What curl prints on both streams, as in a terminal.
fn curl(arguments: &[&str]) -> String {
    let run = Command::new("curl").args(["-sv"]).args(arguments).output().expect("curl");
    String::from_utf8_lossy(&run.stderr).into_owned() + &String::from_utf8_lossy(&run.stdout)
}

/// The command that people run first, against a real registry, with a password that the registry gets.
#[test]
fn transcript_of_curl_is_judged_without_its_password() {
    let registry = Registry::start(Options { access: Access::Password, ..Options::default() });
    let address = format!("http://{}/v2/demo/app/manifests/1.0", registry.address);
    let login = format!("{USER}:{PASSWORD}");
    let wrong = format!("{USER}:not-{PASSWORD}");
    for (arguments, status, rule) in [
        (vec!["-u", &login, &address], 10, "tag-not-found"),
        (vec!["-u", &wrong, &address], 12, "bad-credentials"),
        (vec![&address[..]], 12, "login-required"),
    ] {
        let transcript = curl(&arguments);
        let run = ociscope(&["diagnose", "--from", "-"]).input(&transcript).run();
        assert_eq!(run.status, status, "{transcript}\n{run:?}");
        assert!(run.stdout.starts_with("unverified answers from a curl transcript; nothing was sent\n"), "{run:?}");
        assert!(run.stdout.contains(rule), "{run:?}");
        let folder = Folder::new();
        std::fs::write(folder.at("curl.txt"), &transcript).expect("to write");
        folder.run("diagnose --from curl.txt --record curl.json");
        assert_eq!(folder.read("curl.txt"), transcript, "the original is not altered");
        let recording = folder.read("curl.json");
        assert!(!recording.contains(PASSWORD) && !recording.contains("Y29ycmVjdCBob3JzZS"), "{recording}");
    }
}

/// A document that curl printed is compared with the digest that the registry named.
#[test]
fn image_in_a_transcript_of_curl_is_served_as_the_registry_did() {
    let registry = Registry::start(Options::default());
    let document = content::docker_image("amd64");
    registry.push("demo/app", "1.0", &document);
    let accept = format!("Accept: {}", document.media_type);
    let transcript = curl(&["-H", &accept, &format!("http://{}/v2/demo/app/manifests/1.0", registry.address)]);
    let run = ociscope(&["manifest", "--raw", "--from", "-"]).input(&transcript).run();
    assert_eq!((run.status, run.stdout.as_bytes()), (0, &document.bytes[..]), "{run:?}");
}

#[test]
fn file_that_is_nothing_known_is_refused() {
    let folder = Folder::new();
    std::fs::write(folder.at("x.txt"), "hello\n").expect("to write");
    let run = folder.run("diagnose --from x.txt");
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("x.txt cannot be used: it is not a recording, and it has no requests"),
        "{}",
        run.stderr
    );
    std::fs::write(folder.at("y.txt"), "HTTP/1.1 404 Not Found\n\n").expect("to write");
    assert!(folder.run("diagnose --from y.txt").stderr.contains("add the command lines, or use `curl -v`"));
}

/// Each kept transcript is read by the program, and by its commands that show a part.
#[test]
fn kept_transcript_is_read_by_other_commands_too() {
    let folder = Folder::new();
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    std::fs::copy(kept.join("crane-pull.txt"), folder.at("crane.txt")).expect("to copy");
    let config = folder.run("config --raw --platform linux/arm64 --from crane.txt");
    assert!(config.stdout.contains("\"architecture\":\"arm64\""), "{config:?}");
    let platforms = folder.run("platforms --from crane.txt");
    assert!(platforms.stdout.contains("linux/arm64") && platforms.stdout.contains("linux/amd64"), "{platforms:?}");
    let auth = folder.run("auth --from crane.txt");
    assert_eq!(auth.status, 0, "{auth:?}");
}
