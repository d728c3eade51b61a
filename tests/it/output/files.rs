//! `-o FILE`: for its owner alone, whole or not at all, and not through a link.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::hostile::Server;
use crate::support::ociscope::{Run, in_a_shell, ociscope};

const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";
const MISSING: &str = "registry.example/prefixed/greeting:1.2.3";

fn piped(folder: &Path, arguments: &str) -> Run {
    in_a_shell(&format!("ociscope --platform linux/amd64 {arguments}")).in_folder(folder).run()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).expect("a file").permissions().mode() & 0o777
}

#[test]
fn file_has_the_result_in_the_form_of_its_name() {
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let read = |name: &str| fs::read_to_string(at(name)).expect("a file");
    for (name, arguments, status) in [
        ("report", format!("--lab diagnose {MISSING} -o report"), 10),
        ("report.md", format!("--lab diagnose {MISSING} --output=report.md"), 10),
        ("report.json", format!("-o report.json --lab diagnose {MISSING}"), 10),
        ("bytes", format!("--lab manifest {IMAGE} -o bytes"), 0),
        ("layers.JSON", format!("--lab layers {IMAGE} -o layers.JSON"), 0),
        ("rules.txt", "rules --json -o rules.txt".to_owned(), 0),
        ("tags", format!("--lab tags {IMAGE} -o tags"), 0),
    ] {
        let run = piped(folder.path(), &arguments);
        assert_eq!((run.status, run.stdout.as_str()), (status, ""), "{arguments}: {run:?}");
        // A list of names alone has no room for the remark that it is from the lab.
        assert!(run.stderr.is_empty() || name == "tags", "{arguments}: {run:?}");
        assert_eq!(mode(&at(name)), 0o600, "{name}");
    }
    assert!(read("report").contains("tag-v-prefix") && !read("report").contains('│'), "{}", read("report"));
    assert!(read("report.md").contains("<details>"), "{}", read("report.md"));
    for name in ["report.json", "layers.JSON", "rules.txt"] {
        serde_json::from_str::<Value>(&read(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    let bytes = piped(folder.path(), &format!("--lab manifest --raw {IMAGE}")).stdout;
    assert_eq!(read("bytes"), bytes);
    assert!(read("tags").lines().any(|tag| tag == "0.5.0"), "{}", read("tags"));
    assert_eq!(fs::read_dir(folder.path()).expect("a folder").count(), 7, "nothing else is left there");
    let stdout = piped(folder.path(), &format!("--lab manifest {IMAGE} -o -"));
    assert_eq!(stdout.stdout, bytes);
}

#[test]
fn file_that_was_there_is_replaced_whole_or_kept() {
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let is_kept = |arguments: &str, status: i32| {
        fs::write(at("old"), "old").expect("a file");
        let run = piped(folder.path(), arguments);
        assert_eq!(run.status, status, "{arguments}: {run:?}");
        assert_eq!(fs::read_to_string(at("old")).expect("a file"), "old", "{arguments}");
    };
    // The document does not come, and nothing of it is written.
    is_kept(&format!("--lab manifest {MISSING} -o old"), 10);
    is_kept("manifest --plain-http 127.0.0.1:1/a/b:1 -o old", 15);
    is_kept("diagnose shub://owner/name -o old", 2);
    is_kept(&format!("--lab --public manifest --raw {IMAGE} -o old"), 2);
    is_kept("explain a-word-that-means-nothing -o old", 2);
    let run = piped(folder.path(), &format!("--lab diagnose {MISSING} -o old"));
    assert_eq!(run.status, 10);
    assert!(fs::read_to_string(at("old")).expect("a file").contains("tag-v-prefix"));
    // A run that ends before its result is there leaves the file alone.
    fs::write(at("old"), "old").expect("a file");
    let server = Server::behaving(|mut connection| {
        connection.request();
        connection.wait_until_the_client_goes();
    });
    let reference = format!("{}/a/b:1", server.origin("http"));
    let running = ociscope(&["probe", &reference, "-o", at("old").to_str().expect("a name")]).start();
    while server.requests().is_empty() {
        std::thread::yield_now();
    }
    running.signal("TERM");
    assert_eq!(running.finish().status, 143);
    assert_eq!(fs::read_to_string(at("old")).expect("a file"), "old");
}

/// Case G28: the same as for a result of the shell.
#[test]
fn link_is_not_followed_and_what_cannot_be_written_is_said() {
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    fs::write(at("precious"), "precious").expect("a file");
    symlink(at("precious"), at("link")).expect("a link");
    symlink(at("nothing"), at("dangling")).expect("a link");
    symlink("/dev/null", at("device")).expect("a link");
    fs::create_dir(at("folder")).expect("a folder");
    for name in ["link", "dangling", "device", "folder", "none/report", "/dev/full"] {
        let run = piped(folder.path(), &format!("--lab probe {IMAGE} -o {name}"));
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{name}: {run:?}");
        assert!(run.stderr.contains("could not be written"), "{name}: {run:?}");
    }
    assert_eq!(fs::read_to_string(at("precious")).expect("a file"), "precious");
    assert!(!at("nothing").exists());
    let run = piped(folder.path(), &format!("--lab probe {IMAGE} -o /dev/null"));
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{run:?}");
}

#[test]
fn line_of_the_shell_takes_the_option_too() {
    let folder = TempDir::new().expect("a folder");
    let lines = format!("manifest {IMAGE} -o bytes\nprobe -o report.md\nprobe -o ignored > kept.json\n");
    let run = in_a_shell("ociscope --lab").in_folder(folder.path()).input(&lines).run();
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{run:?}");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap_or_else(|_| panic!("{name}: {run:?}"));
    assert!(read("bytes").starts_with('{') && read("report.md").contains("docker v2"), "{run:?}");
    assert!(read("kept.json").starts_with('{') && !folder.path().join("ignored").exists(), "{run:?}");
}
