//! `ociscope explain`: arguments, files and standard input in, an explanation and an exit status out, and no network.

mod outputs;

use serde_json::json;

use crate::support::document::assert_described;
use crate::support::ociscope::{Run, ociscope};
use crate::support::screen::{Key, Screen};

const SCHEMA: &str = "docs/explanation.schema.json";

const MISSING: &str = "Error response from daemon: manifest for acme/api:latest not found: manifest unknown";

fn explain(words: &[&str]) -> Run {
    ociscope(&[&["explain"], words].concat()).run()
}

fn explain_input(arguments: &[&str], input: &str) -> Run {
    ociscope(&[&["explain"], arguments].concat()).input(input).run()
}

#[test]
fn a_pasted_error_is_read_from_one_argument_from_many_and_from_standard_input() {
    let run = explain(&[MISSING]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("\n  ociscope diagnose docker.io/acme/api:latest\n"), "{run:?}");
    let words: Vec<_> = MISSING.split(' ').collect();
    assert_eq!(explain(&words).stdout, run.stdout);
    let lines = MISSING.replace(": ", ":\n  ");
    assert_eq!(explain_input(&[], &lines).stdout, run.stdout);
    assert_eq!(explain_input(&["-"], &lines).stdout, run.stdout);
}

#[test]
fn every_kind_as_json_is_as_described() {
    for (topic, kind, status) in [
        ("tag-not-found", "rule", 0),
        ("MANIFEST_UNKNOWN", "error_code", 0),
        ("404", "status", 0),
        ("www-authenticate", "header", 0),
        ("docker v2", "media_type", 0),
        (MISSING, "error_text", 0),
        ("tag-not-fuond", "unknown", 2),
    ] {
        let run = explain(&["--json", topic]);
        assert_described(SCHEMA, &run.stdout);
        assert_eq!((run.json()["kind"].as_str(), run.status), (Some(kind), status), "{run:?}");
        assert_eq!((run.stdout.lines().count(), run.stderr.as_str()), (1, ""), "{run:?}");
    }
    let explanation = explain(&["--json", MISSING]).json();
    assert_eq!(explanation["rules"][0], "no-latest-tag");
    assert_eq!(explanation["reference"], "docker.io/acme/api:latest");
    assert_eq!(explain(&["--json", "404"]).json()["reference"], json!(null));
}

#[test]
fn a_typo_is_answered_on_standard_error_with_what_was_meant() {
    let run = explain(&["manifest_unknwon"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("did you mean MANIFEST_UNKNOWN"), "{run:?}");
}

#[test]
fn without_a_topic_there_is_nothing_to_explain() {
    for run in [explain_input(&[], ""), explain_input(&["-"], " \n\n"), explain(&[""])] {
        assert_eq!((run.status, run.stdout.as_str()), (2, ""));
        assert!(run.stderr.contains("nothing to explain"), "{run:?}");
    }
}

#[test]
fn what_a_terminal_would_act_on_and_secrets_are_not_repeated() {
    let secrets = ["Y2FuYXJ5OnB3", "hunter2canary"];
    let [basic, password] = secrets;
    let pasted = format!(
        "\u{1b}]0;owned\u{7}\u{1b}[2Jdocker login -p {password}\n> Authorization: Basic {basic}\n\
         GET https://me:{password}@r.example.com/v2/a/manifests/1: MANIFEST_UNKNOWN: manifest unknown\n"
    );
    for format in ["terminal", "markdown", "html", "json"] {
        let run = explain_input(&["--format", format], &pasted);
        assert_eq!(run.status, 0, "{run:?}");
        run.assert_hides(&secrets);
        run.assert_hides(&["\u{1b}", "\u{7}", "owned"]);
        assert!(run.stdout.contains("r.example.com/a:1"), "{run:?}");
    }
    let run = explain_input(&[], &format!("\u{1b}[31mwhat is {password}? password={password}"));
    assert_eq!(run.status, 2);
    run.assert_hides(&secrets);
    run.assert_hides(&["\u{1b}"]);
}

/// Case F33: a short paste would be repeated, and a password that looks like an image would be asked for.
#[test]
fn secret_that_was_pasted_along_is_not_repeated_in_any_form() {
    let secret = "canary.pw/hunter";
    for pasted in [
        format!("{{\"auth\":\"{secret}\"}}"),
        format!("pwd={secret}"),
        format!("password {secret}"),
        format!("login alice password {secret}"),
        format!("echo {secret} | docker login --password-stdin"),
        format!("docker login -p {secret}"),
        format!("docker login -u alice -p{secret} r.test"),
        format!("curl -u alice:{secret} r.test"),
        format!("skopeo --src-creds a:{secret}"),
        format!("//r.test/:_authToken={secret}"),
        format!("REGISTRY_PASS={secret} make"),
        format!("alice:{secret}@r.test"),
        format!("docker login --password-stdin <<< {secret}"),
    ] {
        for format in ["terminal", "markdown", "html", "json"] {
            for run in [explain(&["--format", format, &pasted]), explain_input(&["--format", format], &pasted)] {
                run.assert_hides(&[secret, "canary.pw", "hunter"]);
            }
            let failed = format!("{pasted}\nmanifest for acme/api:1.2 not found: manifest unknown");
            let run = explain_input(&["--format", format], &failed);
            assert_eq!(run.status, 0, "{run:?}");
            run.assert_hides(&[secret, "canary.pw", "hunter"]);
            assert!(run.stdout.contains("docker.io/acme/api:1.2"), "{run:?}");
        }
    }
}

#[test]
fn bytes_that_are_no_text_do_no_harm() {
    let run = ociscope(&["explain"]).input("manifest unknown\u{0}\u{202e}").run();
    assert_eq!(run.status, 0, "{run:?}");
    run.assert_hides(&["\u{0}", "\u{202e}"]);
}

/// The error is as often at the end of a log as at its beginning. Of a long one it is said how much was left out.
#[test]
fn long_log_is_read_to_its_end() {
    let noise = "#7 [2/3] RUN make all\n";
    let run = explain_input(&[], &format!("{}\n{MISSING}\n", noise.repeat(20_000)));
    assert!(run.status == 0 && run.stdout.contains("docker.io/acme/api:latest"), "{run:?}");
    assert!(!run.stdout.contains("left out"), "{run:?}");
    let (folder, long) = (tempfile::TempDir::new().expect("a folder"), noise.repeat(500_000));
    for text in [format!("{MISSING}\n{long}"), format!("{long}{MISSING}\n"), format!("{long}{MISSING}\n{long}")] {
        std::fs::write(folder.path().join("build.log"), &text).expect("a file");
        let of_file = ociscope(&["explain", "build.log"]).in_folder(folder.path()).run();
        for run in [explain_input(&[], &text), of_file] {
            assert!(run.status == 0 && run.stdout.contains("docker.io/acme/api:latest"), "{run:?}");
            assert!(run.stdout.contains("The text is long: ") && run.stdout.contains("skipped"), "{run:?}");
        }
    }
    let run = explain_input(&[], &long);
    assert!(run.status == 2 && run.stderr.contains("nothing is known about this text"), "{run:?}");
}

/// PowerShell writes UTF-16 into files, with a mark or without one.
#[test]
fn file_of_powershell_is_read() {
    let units = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let folder = tempfile::TempDir::new().expect("a folder");
    for (name, mark) in [("marked.txt", &[0xff, 0xfe][..]), ("bare.txt", &[])] {
        std::fs::write(folder.path().join(name), [mark, &units(MISSING)].concat()).expect("a file");
        let run = ociscope(&["explain", name]).in_folder(folder.path()).run();
        assert_eq!((run.status, run.stdout), (0, explain(&[MISSING]).stdout), "{name}");
    }
}

#[test]
fn file_is_explained_unless_its_name_is_a_topic() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let in_folder = |words: &[&str]| ociscope(&[&["explain"], words].concat()).in_folder(folder.path()).run();
    for name in ["describe.txt", "404", "MANIFEST_UNKNOWN", "pod events"] {
        std::fs::write(folder.path().join(name), MISSING).expect("a file");
    }
    let of_text = explain(&[MISSING]).stdout;
    assert_eq!(in_folder(&["describe.txt"]).stdout, of_text);
    assert_eq!(in_folder(&["pod events"]).stdout, of_text);
    assert_eq!(in_folder(&["404"]).stdout, explain(&["404"]).stdout);
    assert_eq!(in_folder(&["MANIFEST_UNKNOWN"]).stdout, explain(&["MANIFEST_UNKNOWN"]).stdout);
    // Several words are a text, whatever files there are.
    assert_eq!(in_folder(&["describe.txt", "404"]).status, 2);
    // A folder is no text.
    std::fs::create_dir(folder.path().join("logs")).expect("a folder");
    assert_eq!(in_folder(&["logs"]).status, 2);
}

#[test]
fn text_that_begins_with_a_dash_is_no_option() {
    let block = format!("------\n > [internal] load metadata for docker.io/acme/api:latest:\n------\n{MISSING}");
    let said = explain_input(&[], &block);
    assert_eq!((said.status, said.stderr.as_str()), (0, ""));
    for words in [&[block.as_str()][..], &["--", &block]] {
        assert_eq!(explain(words).stdout, said.stdout);
    }
    assert_eq!(explain(&[&block, "--json"]).json()["reference"], "docker.io/acme/api:latest");
    for text in [
        "- manifest unknown: manifest unknown",
        "--- denied: denied",
        "-h: manifest for x:1 not found: manifest unknown",
    ] {
        assert_eq!(explain(&[text]).status, 0, "{text}");
    }
    // An option that there is not is wrong usage as everywhere.
    assert!(explain(&["404", "--help"]).stdout.contains("Usage"));
}

/// On a terminal a paste is waited for, and it is said how it ends.
#[test]
fn paste_is_read_from_a_terminal_until_its_end() {
    let mut screen = Screen::open(&["explain"]).columns(100).rows(40).start();
    screen.wait_for("then press Enter and Ctrl-D");
    screen.paste(&format!("{MISSING}\n"));
    screen.press(Key::CtrlD);
    assert_eq!(screen.wait_for_exit(), 0, "{}", screen.text());
    assert!(screen.text().contains("ociscope diagnose docker.io/acme/api:latest"), "{}", screen.text());
}

#[test]
fn a_reader_who_has_gone_is_no_failure() {
    assert_eq!(ociscope(&["explain", "404"]).run_without_reader().status, 0);
}
