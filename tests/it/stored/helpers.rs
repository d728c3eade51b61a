//! Credential helpers.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{PASSWORD, auth, entry, name, registry, seen, told};
use crate::support::basic_authorization;
use crate::support::screen::{Key, Screen};

fn naming(helper: &str, server: &crate::support::hostile::Server) -> String {
    json!({ "credHelpers": { name(server): helper }, "auths": { name(server): entry("CANARY", "CANARY") } }).to_string()
}

#[test]
fn a_helper_is_asked_for_the_registry() {
    let server = registry();
    let answer = json!({ "Username": "me", "Secret": PASSWORD }).to_string().replace('\'', "'\\''");
    let run = auth(&server, &[]).helper("test", &format!("cat > \"$HOME/asked\"; printf '%s' '{answer}'"));
    let home = run.home().to_owned();
    let running = run.home_file(".docker/config.json", &naming("test", &server)).start();
    // The home goes with the run, so it is looked at while that is still there.
    let (run, asked) = running.finish_with(|| std::fs::read_to_string(home.join("asked")).unwrap_or_default());
    assert_eq!(asked, name(&server));
    let told = told(run);
    assert_eq!((told["credential"].as_str(), seen(&told)), (Some("stored"), vec!["behind_helper", "helper"]));
    assert_eq!(server.header_values("Authorization"), [basic_authorization("me", PASSWORD)]);
}

/// Cases F12, F14, F15: a helper that fails is named, what it prints is not shown, and nothing takes its place.
#[test]
fn a_helper_that_fails_is_not_got_around() {
    for (script, words) in [
        ("echo CANARYhlp; echo CANARYhlp >&2; exit 1", "ends with status 1; the 20 bytes that it prints"),
        ("echo CANARYhlp not json", "returned an unusable answer: it is not JSON"),
        ("echo '{\"Username\":\"u\",\"Secret\":CANARYhlp}'", "it is not JSON"),
        ("echo '{\"Username\":\"u\",\"Secret\":{\"a\":\"CANARYhlp\"}}'", "Secret is not text"),
        ("exec 0<&-; printf '\\033]0;CANARYhlp\\007' >&2; exit 2", "ends with status 2"),
        ("kill -9 $$", "is ended by a signal"),
        ("yes CANARYhlp", "prints more than 64 KiB"),
    ] {
        let server = registry();
        let run = auth(&server, &[]).helper("test", script);
        let told = told(run.home_file(".docker/config.json", &naming("test", &server)).run());
        assert_eq!((told["credential"].as_str(), seen(&told)), (Some("anonymous"), vec!["behind_helper", "helper"]));
        let steps = told["looked_at"].as_array().expect("steps");
        let said = steps.last().and_then(|step| step["words"].as_str()).expect("words");
        assert!(said.contains(words), "{script}: {said}");
        assert!(server.header_values("Authorization").is_empty());
    }
}

/// Cases F09 and F10: a helper is a plain name in an absolute folder of PATH.
#[test]
fn a_helper_is_never_anything_else_than_a_program_on_path() {
    for helper in ["../../evil", "/abs/evil", "a/b", "a;touch p", "$(touch p)", "a b", "-x", ".", "DESKTOP.EXE", "a\nb"]
    {
        let server = registry();
        let told = told(auth(&server, &[]).home_file(".docker/config.json", &naming(helper, &server)).run());
        assert_eq!(seen(&told), ["behind_helper", "helper"], "{helper}");
        let said = told["looked_at"].as_array().and_then(|steps| steps.last()).expect("a step")["words"].to_string();
        assert!(said.contains("is not a name that is run"), "{helper}: {said}");
    }
    for path in ["", ":", ".", "bin:./bin", ".:/nowhere"] {
        let server = registry();
        let run = auth(&server, &[])
            .helper("test", "touch \"$HOME/ran\"")
            .home_file(".docker/config.json", &naming("test", &server));
        let folder = run.home().join("bin");
        let told = told(run.in_folder(&folder).env("PATH", path).run());
        let said = told["looked_at"].as_array().and_then(|steps| steps.last()).expect("a step")["words"].to_string();
        assert!(said.contains("docker-credential-test is not on PATH"), "{path}: {said}");
    }
}

/// Case G07: whoever interrupts does not wait for a helper either, and nothing of it stays behind.
#[test]
fn a_helper_ends_with_the_command_that_asked_it() {
    let server = registry();
    let run = auth(&server, &[]).helper("test", "echo $$ > \"$HOME/pid\"; sleep 600 & sleep 600");
    let pid_file = run.home().join("pid");
    let running = run.home_file(".docker/config.json", &naming("test", &server)).start();
    let began = Instant::now();
    let pid = loop {
        match std::fs::read_to_string(&pid_file) {
            Ok(text) if text.ends_with('\n') => break text.trim().to_owned(),
            _ => assert!(began.elapsed() < Duration::from_secs(30), "the helper does not start"),
        }
        std::thread::yield_now();
    };
    running.interrupt();
    let run = running.finish();
    assert_eq!(run.status, 130, "{run:?}");
    assert!(began.elapsed() < Duration::from_secs(30));
    let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).ok().filter(|stat| !stat.contains(") Z "));
    while state().is_some() {
        assert!(began.elapsed() < Duration::from_secs(40), "the helper still runs");
        std::thread::yield_now();
    }
}

/// Case G24: whoever ends the program from outside ends the helper too, and what that has started.
#[test]
fn helper_and_its_children_end_with_a_program_that_is_told_to_end() {
    for (signal, status, script) in [
        ("TERM", 143, "sleep 600 & echo $! > \"$HOME/pid\"; wait"),
        ("HUP", 129, "sleep 600 & echo $! > \"$HOME/pid\"; wait"),
        ("TERM", 143, "trap '' TERM INT HUP; sh -c 'echo $$ > \"$HOME/pid\"; sleep 600' & wait"),
        ("TERM", 143, "echo $$ > \"$HOME/pid\"; exec sleep 600"),
        ("TERM", 143, "(sleep 600 & echo $! > \"$HOME/pid\") & cat > /dev/null; sleep 600"),
    ] {
        let server = registry();
        let run = auth(&server, &[]).helper("test", script);
        let pid_file = run.home().join("pid");
        let running = run.home_file(".docker/config.json", &naming("test", &server)).start();
        let began = Instant::now();
        let pid = loop {
            match std::fs::read_to_string(&pid_file) {
                Ok(text) if text.ends_with('\n') => break text.trim().to_owned(),
                _ => assert!(began.elapsed() < Duration::from_secs(30), "the helper does not start: {script}"),
            }
            std::thread::yield_now();
        };
        running.signal(signal);
        let run = running.finish();
        assert_eq!(run.status, status, "{script}: {run:?}");
        let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).ok().filter(|stat| !stat.contains(") Z "));
        while state().is_some() {
            assert!(began.elapsed() < Duration::from_secs(40), "still runs: {script}");
            std::thread::yield_now();
        }
    }
}

/// Case F16: a helper may have asked somebody for a word in a window that nobody looks at. It cannot ask here: its standard
/// input is a pipe.
#[test]
fn a_helper_that_takes_its_time_is_said_to_be_waiting_for_somebody() {
    let server = registry();
    let run = auth(&server, &[]).helper("test", "[ -t 0 ] || echo > \"$HOME/no terminal\"; sleep 600");
    let run = run.home_file(".docker/config.json", &naming("test", &server));
    let path = format!("{}:/usr/bin:/bin", run.home().join("bin").display());
    let reference = format!("{}/team/app:1.0", server.origin("http"));
    let mut screen = Screen::open(&["manifest", &reference]).home(run.home()).env("PATH", &path).start();
    screen.wait_for("waiting for 3 s; docker-credential-test may be waiting for you; Ctrl-C stops");
    assert!(run.home().join("no terminal").exists());
    screen.press(Key::CtrlC);
    assert_eq!(screen.wait_for_exit(), 130);
    assert!(!screen.text().contains("waiting for"), "{}", screen.text());
    assert!(server.header_values("Authorization").is_empty());
}
