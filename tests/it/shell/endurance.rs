//! Long scripts, broken ones, and ones that are ended from outside.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::hostile::{Server, answer};
use crate::support::ociscope::ociscope;

/// Starts a shell that reads its lines from a pipe.
fn started(home: &Path) -> Child {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ociscope"));
    command.env_clear().env("HOME", home).env("OCISCOPE_FORMAT", "terminal").current_dir(home);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
    command.spawn().expect("to start the program")
}

/// Writes so many rounds of failing commands, waits until all of them have run, and looks at the process: its memory now in
/// KiB, and how many files it has open.
fn after_failures(child: &mut Child, server: &str, rounds: usize) -> (u64, usize) {
    let input = child.stdin.as_mut().expect("a pipe");
    let mut lines = String::new();
    for number in 0..rounds {
        lines.push_str(&format!("manifest {server}/a/b:{number}\n"));
        lines.push_str("tags http://127.0.0.1:1/a/b\nnonsense\nshow 99999999\nquery $.[\n");
    }
    lines.push_str("use done.example/a:1\nuse\n");
    input.write_all(lines.as_bytes()).and_then(|()| input.flush()).expect("to write the script");
    let output = child.stdout.as_mut().expect("a pipe");
    let mut seen = Vec::new();
    let mut buffer = [0; 65_536];
    while !String::from_utf8_lossy(&seen[seen.len().saturating_sub(200)..]).contains("done.example/a:1") {
        let length = std::io::Read::read(output, &mut buffer).expect("output");
        assert!(length > 0, "the shell has ended");
        seen.extend_from_slice(&buffer[..length]);
    }
    let folder = format!("/proc/{}", child.id());
    let status = fs::read_to_string(format!("{folder}/status")).expect("its status");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("its memory");
    let resident = resident.trim().trim_end_matches(" kB").parse().expect("a number");
    (resident, fs::read_dir(format!("{folder}/fd")).expect("its files").count())
}

#[test]
fn a_thousand_failing_commands_cost_no_memory_and_no_files() {
    let server = Server::answering(|_| answer("404 Not Found", &[], "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\"}]}"));
    let server = server.origin("http");
    let home = TempDir::new().expect("a home");
    let mut child = started(home.path());
    let (before, files_before) = after_failures(&mut child, &server, 100);
    let (after, files_after) = after_failures(&mut child, &server, 200);
    // What was exchanged is kept, some kilobytes each; anything else would grow with every line.
    assert!(after < before + 12 * 1024, "{before} KiB after 500 commands, {after} KiB after 1500");
    assert!(files_after <= files_before + 4, "{files_before} files, then {files_after}");
    child.kill().expect("to end it");
    child.wait().expect("its end");
}

#[test]
fn an_interrupt_ends_a_script_that_waits() {
    let server = Server::behaving(|mut connection| {
        connection.request();
        connection.wait_until_the_client_goes();
    });
    let home = TempDir::new().expect("a home");
    let mut child = started(home.path());
    let input = child.stdin.as_mut().expect("a pipe");
    writeln!(input, "manifest {}/a/b:1", server.origin("http")).expect("to write the script");
    input.flush().expect("to write the script");
    let began = Instant::now();
    while server.requests().is_empty() {
        assert!(began.elapsed() < Duration::from_secs(20), "it never asked");
        std::thread::yield_now();
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(killed.success());
    let interrupted = Instant::now();
    let ended = child.wait_with_output().expect("its end");
    assert!(interrupted.elapsed() < Duration::from_secs(5), "{:?}", interrupted.elapsed());
    assert_eq!(ended.status.code(), Some(130), "{}", String::from_utf8_lossy(&ended.stdout));
    assert!(String::from_utf8_lossy(&ended.stdout).contains("you interrupted"));
}

#[test]
fn whatever_a_script_is_made_of_it_is_answered_calmly() {
    let home = TempDir::new().expect("a home");
    let path = home.path().join("script");
    let nested = format!("query {}", "[?(".repeat(3000));
    let long = format!("query $.{}", "a".repeat(100_000));
    let quotes = "\"'".repeat(4000);
    for (script, status) in [
        (&b"session\0 x"[..], 2),
        (b"\xff\xfe\xfd", 2),
        (b"session", 0),
        (b"session\r\nset\r\n", 0),
        (b"\xef\xbb\xbfsession\n", 0),
        (nested.as_bytes(), 2),
        (long.as_bytes(), 2),
        (quotes.as_bytes(), 2),
        (b"show 18446744073709551616", 2),
        (b"show -1", 2),
        (b"session 0", 0),
        (b"use :", 2),
        (b"use @", 2),
        (b"use ''", 2),
        (b"use 7", 2),
        (b"use \xf0\x9f\xa6\x80", 2),
        (b"manifest :x", 2),
        (b"> x", 2),
        (b"--json", 2),
        (b"--", 2),
        (b"set header", 0),
        (b"help help", 0),
    ] {
        fs::write(&path, script).expect("a script");
        let run = ociscope(&["shell", "--script", path.to_str().expect("a name")]).run();
        let shown = String::from_utf8_lossy(&script[..script.len().min(40)]).into_owned();
        assert_eq!(run.status, status, "{shown:?}: {}", run.stderr.chars().take(400).collect::<String>());
        assert!(!run.stderr.contains("panicked"), "{shown:?}: {}", run.stderr);
        assert!(run.stderr.len() < 4000, "{shown:?}: {} bytes of complaint", run.stderr.len());
    }
    fs::write(&path, vec![b'a'; 2 << 20]).expect("a script");
    let run = ociscope(&["shell", "--script", path.to_str().expect("a name")]).run();
    assert_eq!((run.status, run.stderr.contains("line 1 is longer than")), (2, true), "{}", run.stderr);
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    for (file, words) in [("/dev/full", "No space left"), ("/nowhere/x.md", "No such file"), ("/tmp", "directory")] {
        let run = ociscope(&["--lab"]).input(&format!("rules > {file}\n")).run();
        assert_eq!(run.status, 1, "{file}: {}", run.stderr);
        assert!(run.stderr.contains(file) && run.stderr.contains(words), "{file}: {}", run.stderr);
    }
}
