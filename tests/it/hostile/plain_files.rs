//! Files that are none, machines that have nothing left, and what is written.

use std::path::Path;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::{assert_status, checked, plain};
use crate::support::certificates::Authority;
use crate::support::hostile::{Server, manifest};
use crate::support::ociscope::{in_a_shell, ociscope};

/// Well below every deadline, and generous to a busy machine.
const AT_ONCE: Duration = Duration::from_secs(10);

/// Names of what is no regular file: a pipe that nobody writes to, a socket, and devices, behind a link too.
fn odd_files(folder: &Path) -> Vec<String> {
    let at = |name: &str| folder.join(name);
    assert!(std::process::Command::new("mkfifo").arg(at("pipe")).status().expect("mkfifo").success());
    drop(std::os::unix::net::UnixListener::bind(at("socket")).expect("a socket"));
    std::os::unix::fs::symlink("/dev/zero", at("link")).expect("a link");
    std::os::unix::fs::symlink(at("pipe"), at("link to the pipe")).expect("a link");
    let names = ["pipe", "socket", "link", "link to the pipe"].map(|name| at(name).display().to_string());
    names.into_iter().chain(["/dev/zero".to_owned(), "/dev/full".to_owned()]).collect()
}

/// Case G23: options name regular files, and nothing else is opened.
#[test]
fn what_is_no_regular_file_is_neither_waited_for_nor_read() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::answering(|_| manifest());
    let reference = plain(&server);
    let (certificate, key) = Authority::new().sign_loopback();
    let good = folder.path().join("good.pem");
    std::fs::write(&good, format!("{certificate}{key}")).expect("a file");
    let good = good.display().to_string();
    for odd in odd_files(folder.path()) {
        for options in [
            &["--cacert", odd.as_str()][..],
            &["--cert", &odd],
            &["--cert", &good, "--key", &odd],
            &["--auth-file", &odd],
            &["--pull-secret", &odd],
        ] {
            let began = Instant::now();
            let run = checked(ociscope(&[&["probe", "--timeout", "60"], options, &[&reference]].concat()).run());
            assert!(began.elapsed() < AT_ONCE, "{options:?}: {:?}", began.elapsed());
            assert_status(&run, 2);
            assert!(run.stderr.contains("regular file"), "{options:?}: {run:?}");
        }
        let began = Instant::now();
        let secure = reference.replace("http://", "https://");
        let run = checked(ociscope(&["probe", "--timeout", "60", &secure]).env("SSL_CERT_FILE", &odd).run());
        assert!(began.elapsed() < AT_ONCE, "SSL_CERT_FILE={odd}: {:?}", began.elapsed());
        assert!(run.stdout.contains("regular file"), "SSL_CERT_FILE={odd}: {run:?}");
    }
    server.assert_untouched();
}

/// Case G31: what is called a regular file and has no end, through a link too.
#[cfg(target_os = "linux")]
#[test]
fn file_without_an_end_is_not_waited_for() {
    const ENDLESS: &str = "/proc/kmsg";
    // Elsewhere than for the administrator it is refused as any other file is.
    if std::fs::File::open(ENDLESS).is_err() {
        return;
    }
    let folder = TempDir::new().expect("a folder");
    let server = Server::answering(|_| manifest());
    let reference = plain(&server);
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(ENDLESS, &link).expect("a link");
    for endless in [ENDLESS.to_owned(), link.display().to_string()] {
        for option in ["--cacert", "--cert", "--auth-file", "--pull-secret"] {
            let began = Instant::now();
            let run = checked(ociscope(&["probe", "--timeout", "60", option, &endless, &reference]).run());
            assert!(began.elapsed() < AT_ONCE, "{option} {endless}: {:?}", began.elapsed());
            assert_status(&run, 2);
            assert!(
                run.stderr.contains("end does not come") || run.stderr.contains("longer than"),
                "{option}: {run:?}"
            );
        }
        let began = Instant::now();
        let secure = reference.replace("http://", "https://");
        let run = checked(ociscope(&["probe", "--timeout", "60", &secure]).env("SSL_CERT_FILE", &endless).run());
        assert!(began.elapsed() < AT_ONCE, "SSL_CERT_FILE={endless}: {:?}: {run:?}", began.elapsed());
        let run = ociscope(&["probe", &reference]);
        std::fs::create_dir_all(run.home().join(".config/ociscope")).expect("folders");
        std::os::unix::fs::symlink(&endless, run.home().join(".config/ociscope/config.toml")).expect("a link");
        assert_status(&checked(run.run()), 2);
        let run = ociscope(&["probe", &reference]);
        std::fs::create_dir_all(run.home().join(".docker")).expect("folders");
        std::os::unix::fs::symlink(&endless, run.home().join(".docker/config.json")).expect("a link");
        let began = Instant::now();
        checked(run.run());
        assert!(began.elapsed() < AT_ONCE, "config.json → {endless}: {:?}", began.elapsed());
    }
}

/// Case G32: a pull secret as long as it may be, in any style, costs no more than reading it.
#[test]
fn long_pull_secret_is_read_in_time() {
    let folder = TempDir::new().expect("a folder");
    let server = Server::answering(|_| manifest());
    let full = |one: &str, open: &str, close: &str| {
        format!("{open}{}{close}", vec![one; 1_000_000 / (one.len() + 1)].join(","))
    };
    for (name, text) in [
        ("list", full("1", "[", "]")),
        ("fields", full("a: b", "{", "}")),
        ("nested", full("[[[[]]]]", "[", "]")),
        ("nearly JSON", full("\"a\":1", "{\"kind\":\"Secret\",", ",}")),
        ("anchors", full("&a b", "[", "]")),
        ("lines", "- a\n".repeat(250_000)),
    ] {
        let path = folder.path().join("secret.yaml");
        std::fs::write(&path, text).expect("a file");
        let began = Instant::now();
        let arguments = ["diagnose", "--pull-secret", &path.display().to_string(), &plain(&server)];
        let run = checked(ociscope(&arguments).run());
        assert!(began.elapsed() < Duration::from_secs(4), "{name}: {:?}", began.elapsed());
        let text = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("more than 20000 values"), "{name}: {run:?}");
    }
}

/// Case G25: the configuration is the user's own, or it is not used.
#[test]
fn configuration_that_others_could_replace_is_not_used() {
    use std::os::unix::fs::PermissionsExt;
    let server = Server::answering(|_| manifest());
    let reference = plain(&server);
    let config = "[[trust]]\nregistry = \"r.example.com\"\nrealm = \"auth.example.com\"\n";
    for (path, mode, words) in [
        (".config/ociscope/config.toml", 0o666, "other users can write"),
        (".config/ociscope", 0o777, "other users can write"),
        (".config/ociscope", 0o757, "other users can write"),
        (".config", 0o777, "other users can write"),
        (".config", 0o772, "other users can write"),
    ] {
        let run = ociscope(&["probe", &reference]).home_file(".config/ociscope/config.toml", config);
        for own in [".config", ".config/ociscope"] {
            std::fs::set_permissions(run.home().join(own), PermissionsExt::from_mode(0o755)).expect("permissions");
        }
        std::fs::set_permissions(run.home().join(".config/ociscope/config.toml"), PermissionsExt::from_mode(0o644))
            .expect("permissions");
        std::fs::set_permissions(run.home().join(path), PermissionsExt::from_mode(mode)).expect("permissions");
        let run = checked(run.run());
        assert_status(&run, 2);
        assert!(run.stderr.contains(words) && run.stderr.contains(path), "{path} {mode:o}: {run:?}");
    }
    let run = ociscope(&["probe", &reference]);
    std::fs::create_dir_all(run.home().join(".config/ociscope")).expect("folders");
    let pipe = run.home().join(".config/ociscope/config.toml");
    assert!(std::process::Command::new("mkfifo").arg(pipe).status().expect("mkfifo").success());
    let run = checked(run.run());
    assert_status(&run, 2);
    assert!(run.stderr.contains("not a regular file"), "{run:?}");
    server.assert_untouched();
}

/// Case G26: with hardly a file left to open there is a sentence and a status, and no panic.
#[test]
fn machine_without_files_left_is_told_of() {
    let server = Server::answering(|_| manifest());
    for files in 4..=20 {
        for command in [format!("probe {}", plain(&server)), "--lab probe gcr.io/a/b:1".to_owned(), "shell".to_owned()]
        {
            let run = checked(in_a_shell(&format!("ulimit -n {files}; exec ociscope {command}")).run());
            assert!(matches!(run.status, 0 | 1 | 12 | 15), "{files} files, {command}: {run:?}");
            assert!(run.status == 0 || !(run.stdout.is_empty() && run.stderr.is_empty()), "{files} {command}: {run:?}");
        }
    }
}

/// Case G27: what cannot be written is a fault, whatever it is.
#[test]
fn result_on_a_full_disk_is_a_fault_whatever_it_is() {
    let server = Server::answering(|_| manifest());
    let reference = plain(&server);
    for arguments in [
        &["--help"][..],
        &["--version"],
        &["help", "probe"],
        &["rules"],
        &["man"],
        &["schema"],
        &["schema", "report"],
        &["completions", "bash"],
        &["explain", "MANIFEST_UNKNOWN"],
        &["manifest", &reference],
        &["manifest", "--raw", &reference],
        &["lab", "list"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("a full device");
        let run = checked(ociscope(arguments).run_with_stdout(full));
        assert_status(&run, 1);
        assert_eq!(run.stderr.lines().count(), 1, "{arguments:?}: {run:?}");
        assert!(run.stderr.contains("could not be written"), "{arguments:?}: {run:?}");
    }
}

/// Case G28: a result that is kept is for its owner alone, and does not go where a link leads.
#[test]
fn result_in_a_file_is_for_its_owner_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("precious"), "precious").expect("a file");
    symlink(at("precious"), at("link")).expect("a link");
    symlink(at("nowhere"), at("dangling")).expect("a link");
    let lines = format!("rules > {}\nrules > {}\nrules >> {}\n", at("new.md"), at("new.json"), at("added.md"));
    let run = ociscope(&["--lab"]).input(&lines).run();
    assert_eq!(run.status, 0, "{run:?}");
    for name in ["new.md", "new.json", "added.md"] {
        let mode = std::fs::metadata(at(name)).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    for (sign, name) in [(">", "link"), (">>", "link"), (">", "dangling"), (">>", "dangling")] {
        let run = ociscope(&["--lab"]).input(&format!("rules {sign} {}\n", at(name))).run();
        assert_eq!(run.status, 1, "{sign} {name}: {run:?}");
        assert!(run.stderr.contains("it is a link"), "{sign} {name}: {run:?}");
    }
    assert_eq!(std::fs::read_to_string(at("precious")).expect("a file"), "precious");
    assert!(!Path::new(&at("nowhere")).exists());
}
