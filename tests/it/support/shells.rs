//! Shells into which commands are pasted, as people paste them: at the prompt, one line after the other.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A program that takes typed lines, and the options with which it does so without any configuration.
struct Shell {
    name: &'static str,
    options: &'static [&'static str],
}

/// The shells of most people on Unix. All of them expand history where they do so at all.
const SHELLS: [Shell; 4] = [
    Shell { name: "sh", options: &["-i"] },
    Shell { name: "bash", options: &["--norc", "--noprofile", "-i"] },
    Shell { name: "zsh", options: &["-f", "-i"] },
    Shell { name: "fish", options: &["--no-config", "--interactive"] },
];

/// Programs that commands name, and some that words of a server would run. Each writes down how it was started.
const PROGRAMS: [&str; 12] =
    ["apptainer", "az", "curl", "docker", "gcloud", "helm", "jq", "kubectl", "ociscope", "openssl", "podman", "touch"];

/// How a program was started: its name and its arguments.
pub type Started = Vec<String>;

/// What every shell starts for each of these commands, where all agree. A shell that is not installed is named on
/// standard error, and left out.
///
/// # Panics
/// Where two shells read a command differently, or one of them writes a file.
#[track_caller]
pub fn pasted(commands: &[String]) -> Vec<Vec<Started>> {
    let mut agreed: Option<(&str, Vec<Vec<Started>>)> = None;
    for shell in &SHELLS {
        let Some(program) = installed(shell.name) else {
            say(&format!("not run: {}", shell.name));
            continue;
        };
        let started = typed_into(shell, &program, commands);
        match &agreed {
            None => agreed = Some((shell.name, started)),
            Some((first, expected)) => {
                for ((command, expected), started) in commands.iter().zip(expected).zip(&started) {
                    assert_eq!(started, expected, "{} reads another command than {first}: {command}", shell.name);
                }
            }
        }
    }
    agreed.expect("one shell").1
}

fn installed(name: &str) -> Option<PathBuf> {
    ["/bin", "/usr/bin", "/usr/local/bin"].iter().map(|folder| Path::new(folder).join(name)).find(|path| path.exists())
}

/// Says it past the test harness, which keeps what is printed in tests that pass.
fn say(words: &str) {
    writeln!(std::io::stderr(), "{words}").expect("standard error");
}

/// What a shell starts for each command, which is the first thing that is typed into it.
#[track_caller]
fn typed_into(shell: &Shell, program: &Path, commands: &[String]) -> Vec<Vec<Started>> {
    let programs = TempDir::new().expect("a folder");
    let log = programs.path().join("log");
    let note =
        format!("#!/bin/sh\nprintf '%s\\0' \"${{0##*/}}\" \"$@\" >> '{0}'\nprintf '\\n\\0' >> '{0}'\n", log.display());
    for name in PROGRAMS {
        let path = programs.path().join(name);
        fs::write(&path, &note).expect("a program");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a program");
    }
    let started = commands.iter().map(|command| {
        let home = TempDir::new().expect("a folder");
        let mut child = Command::new(program)
            .args(shell.options)
            .env_clear()
            .envs([("PATH", programs.path()), ("HOME", home.path()), ("TMPDIR", programs.path())])
            .envs([("TERM", "dumb"), ("LC_ALL", "C.UTF-8")])
            .current_dir(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        child.stdin.take().expect("a pipe").write_all(format!("{command}\n").as_bytes()).expect("a shell that reads");
        child.wait().expect("a shell that ends");
        let made = fs::read_dir(home.path()).expect("a folder").flatten().map(|entry| entry.file_name());
        // What fish and the like keep for themselves.
        let made: Vec<_> = made.filter(|name| !name.to_string_lossy().starts_with('.')).collect();
        assert!(made.is_empty(), "{} has made {made:?} of {command}", shell.name);
        let written = fs::read_to_string(&log).unwrap_or_default();
        let _ = fs::remove_file(&log);
        let all = written.split("\n\0").filter(|started| !started.is_empty());
        all.map(|started| started.split_terminator('\0').map(str::to_owned).collect()).collect()
    });
    started.collect()
}
