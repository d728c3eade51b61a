//! Servers that mean it ill, asked by scripts: what they say is looked at from every side, and only ever read.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::hostile::markdown::assert_only_code;
use crate::hostile::payloads::{self, PLACES};
use crate::hostile::terminal::assert_lines_are_ours;
use crate::hostile::{checked, plain};
use crate::support::content::media_type;
use crate::support::hostile::{Server, answer, bearer, head, manifest, token, unauthorized};
use crate::support::ociscope::{Run, ociscope};
use crate::support::shells::pasted;

/// A blob that there need not be.
const BLOB: &str = "blob sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// What asks for a thing and prints it, where one is at an image. Each of them is the command of the command line, which
/// `hostile::single` tries with every payload; here it is tried with payloads that follow each other.
const ASKING: [&str; 11] = [
    "tags",
    "diagnose",
    "manifest",
    "config",
    "layers",
    "platforms",
    "referrers",
    BLOB,
    "head manifests/1.0",
    "auth",
    "get manifests/1.0",
];

/// What looks at the answers, and is the shell's own.
const LOOKING: [&str; 13] = [
    "session 500",
    "show",
    "show 1",
    "show 2",
    "headers 1 2 3",
    "query $..*",
    "query $.*",
    "query 1 $",
    "curl",
    "curl 1",
    "explain",
    "use",
    "set",
];

/// Runs this script in a folder of its own, to which it may write.
fn script(lines: &[String], options: &[&str], home: &Path) -> Run {
    let path = home.join("commands");
    fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).expect("a script");
    let path = path.to_str().expect("a name");
    checked(ociscope(&[options, &["shell", "--script", path]].concat()).run())
}

/// What was written to a file, as if it had been printed.
fn written(home: &Path, name: &str) -> Option<Run> {
    let stdout = fs::read_to_string(home.join(name)).ok()?;
    Some(Run { status: 0, stdout, stderr: String::new() })
}

/// The commands with lines that write what each of them comes to into a file of this ending.
fn lines_into_files<'a>(commands: &[&'a str], ending: &str, home: &Path) -> (Vec<(&'a str, String)>, Vec<String>) {
    let name = |(at, command): (usize, &&'a str)| (*command, format!("{at}.{ending}"));
    let named: Vec<_> = commands.iter().enumerate().map(name).collect();
    let line = |(command, name): &(&str, String)| format!("{command} > '{}'", home.join(name).display());
    let lines = named.iter().map(line).collect();
    (named, lines)
}

/// Runs every command into a file of this ending.
fn into_files(server: &Server, ending: &str, home: &Path) -> Vec<(&'static str, Run)> {
    let (named, lines) = lines_into_files(&[&ASKING[..], &LOOKING].concat(), ending, home);
    let before = format!("probe {} > {}", plain(server), home.join("before").display());
    script(&[&[before], &lines[..]].concat(), &[], home);
    named.iter().filter_map(|(command, name)| Some((*command, written(home, name)?))).collect()
}

#[track_caller]
fn assert_printed_as_ours(place: &str, run: &Run) {
    assert_lines_are_ours(&run.stdout);
    for line in run.stderr.lines().filter(|line| line.contains(payloads::MARK)) {
        assert!(line.starts_with("ociscope: line ") || line.starts_with(' '), "{place}: {line:?} in {run:?}");
    }
}

/// Everything that looks at answers, with each payload in each place: printed, and written into files for pasting.
#[test]
fn nothing_that_is_looked_at_acts_poses_as_ours_or_is_markup() {
    for place in PLACES {
        for payload in 0..payloads::count() {
            let server = payloads::server_saying(place, payload);
            let home = TempDir::new().expect("a folder");
            let asking = ["head manifests/1.0", "get manifests/1.0"].map(str::to_owned);
            let before = [&[format!("manifest {}", plain(&server)), BLOB.to_owned()], &asking[..]].concat();
            let mut lines = before;
            lines.extend(LOOKING.map(str::to_owned));
            let (named, into_files) = lines_into_files(&LOOKING, "md", home.path());
            lines.extend(into_files);
            assert_printed_as_ours(place, &script(&lines, &[], home.path()));
            for (command, name) in named {
                let written = written(home.path(), &name);
                written.into_iter().for_each(|run| assert_only_code(&format!("{place}, {command}"), &checked(run)));
            }
        }
    }
}

#[test]
fn nothing_that_a_server_says_acts_or_poses_as_ours() {
    for place in PLACES {
        let server = payloads::server(place);
        for _ in 0..payloads::runs() {
            let home = TempDir::new().expect("a folder");
            // Where a program reads along, tags are lines of their own; what is none by the grammar is left out.
            let commands = ASKING.iter().chain(&LOOKING).filter(|command| **command != "tags");
            let commands = commands.map(|command| (*command).to_owned());
            let lines: Vec<_> = [format!("probe {}", plain(&server))].into_iter().chain(commands).collect();
            assert_printed_as_ours(place, &script(&lines, &[], home.path()));
        }
    }
}

#[test]
fn whatever_a_server_says_is_code_in_files_for_pasting() {
    for place in PLACES {
        let server = payloads::server(place);
        for _ in 0..payloads::runs() {
            let home = TempDir::new().expect("a folder");
            let files = into_files(&server, "md", home.path());
            assert!(place != "error" || files.len() > 15, "most commands come to a result");
            for (command, run) in files {
                assert_only_code(&format!("{place}, {command}"), &checked(run));
            }
        }
    }
}

#[test]
fn nothing_that_a_server_says_acts_through_files_of_json_or_text() {
    for place in PLACES {
        let server = payloads::server(place);
        for _ in 0..payloads::runs() {
            let home = TempDir::new().expect("a folder");
            for (command, run) in into_files(&server, "json", home.path()) {
                let run = checked(run);
                assert_eq!(run.stdout.lines().count(), 1, "{place}, {command}: {run:?}");
                assert!(run.json()["schema"].is_string(), "{place}, {command}: {run:?}");
            }
            for (command, run) in into_files(&server, "txt", home.path()) {
                let run = checked(run);
                // Where a program reads along, tags are lines of their own; what is none by the grammar is left out.
                if command != "tags" {
                    assert_lines_are_ours(&run.stdout);
                }
            }
        }
    }
}

/// What would run something where a line is pasted into a shell.
const PASTED: [&str; 14] = [
    "$(touch${IFS}pwned)",
    "`touch${IFS}pwned`",
    "';touch${IFS}pwned;'",
    "\";touch${IFS}pwned;\"",
    "x&touch${IFS}pwned&",
    "x|touch${IFS}pwned",
    "x;touch${IFS}pwned",
    "x>pwned",
    "'$(touch${IFS}pwned)'",
    "\\';touch${IFS}pwned;\\'",
    "{touch,pwned}",
    "!touch;[a-z]*?",
    "$'\\x27;touch${IFS}pwned'",
    "%27;touch${IFS}pwned;%0atouch${IFS}pwned",
];

#[test]
fn a_pasted_line_for_curl_runs_nothing_that_a_server_has_said() {
    for text in PASTED {
        let server = Server::answering(move |sent| match sent.path.as_str() {
            "/v2/" => unauthorized(&bearer(&format!("http://{}/token?a={text}", sent.all("Host")[0]))),
            path if path.starts_with("/token") => token("CANARYtoken0123456789"),
            _ if sent.all("Authorization").is_empty() => {
                unauthorized(&bearer(&format!("http://{}/token?a={text}", sent.all("Host")[0])))
            }
            "/v2/team/app/tags/list" => {
                let link = format!("</v2/team/app/tags/list?last={text}&n={text}>; rel=\"next\"");
                answer("200 OK", &[("Content-Type", "application/json"), ("Link", &link)], "{\"tags\":[\"1.0\"]}")
            }
            "/v2/team/app/manifests/1.0" => {
                let location = format!("/moved/{text}/x?{text}={text}#{text}");
                answer("307 Temporary Redirect", &[("Location", &location), ("X-Text", text)], "")
            }
            _ => manifest(),
        });
        let home = TempDir::new().expect("a folder");
        let json = |name: &str| home.path().join(format!("{name}.json")).display().to_string();
        let mut lines = vec![format!("use {}", plain(&server)), "get manifests/1.0".to_owned(), "tags".to_owned()];
        lines.push(format!("session > {}", json("session")));
        let numbers = 1..=12;
        lines.extend(numbers.clone().map(|number| format!("curl {number} > {}", json(&number.to_string()))));
        script(&lines, &["--header", &format!("X-Mine: {text}")], home.path());
        let read = |name: &str| -> Option<Value> {
            Some(serde_json::from_str(&fs::read_to_string(json(name)).ok()?).expect("JSON"))
        };
        let session = read("session").expect("a list");
        let asked = session["exchanges"].as_array().expect("a list").len();
        let made: Vec<_> = numbers.filter_map(|number| read(&number.to_string())).collect();
        let commands: Vec<_> = made.iter().filter_map(|curl| curl["command"].as_str()).map(str::to_owned).collect();
        let started = pasted(&commands);
        for (command, started) in commands.iter().zip(&started) {
            let names: Vec<_> = started.iter().map(|words| words[0].as_str()).collect();
            assert_eq!(names, ["curl"], "{command}");
        }
        assert!(asked >= 5 && made.len() >= 5, "{session}");
        assert!(commands.len() >= 4, "{made:?}");
        // Shells read some of these differently, and others are active beside a variable; then the address is in no command.
        if !text.contains(['\'', '\\', '$', '`', '!']) {
            let told = format!("{started:?}");
            assert!(told.contains("/moved/"), "the address behind the redirect is among them:\n{told}");
        }
    }
}

/// A body of some hundred kilobytes whose values lie within each other, so that all of them together are a hundred
/// times as much.
#[test]
fn a_body_that_is_nested_deep_is_shown_as_far_as_there_is_room() {
    let body = format!("{}[{}1]{}", "{\"a\":".repeat(100), "1,".repeat(50_000), "}".repeat(100));
    let server = Server::answering(move |_| answer("200 OK", &[("Content-Type", media_type::OCI_INDEX)], &body));
    let home = TempDir::new().expect("a folder");
    let file = home.path().join("found.json").display().to_string();
    let lines = [
        format!("get {}/v2/team/app/manifests/1.0 > {}", server.origin("http"), home.path().join("x.txt").display()),
        format!("query $..a > {file}"),
        "query $..a".to_owned(),
        "query $..*..*".to_owned(),
    ];
    let run = script(&lines, &[], home.path());
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("line 4: the body of #1 is nested too deeply"), "{}", run.stderr);
    assert!(run.stdout.contains("more are not shown"), "{}", run.stdout.len());
    let found: Value = serde_json::from_str(&fs::read_to_string(file).expect("a file")).expect("JSON");
    let (shown, omitted) = (found["matches"].as_array().expect("a list").len() as u64, found["omitted"].as_u64());
    assert!(shown > 10 && omitted == Some(100 - shown), "{shown} and {omitted:?}");
}

/// An answer that does not come to its end is as good as it is.
#[test]
fn half_a_body_can_be_looked_at() {
    let server = Server::saying(head("200 OK", &[("Content-Length", "100")], b"{\"a\": \"\x1b[2J"));
    let home = TempDir::new().expect("a folder");
    let lines = [format!("manifest {}", plain(&server))];
    let looks = ["show", "headers", "query $.a", "curl", "session"].map(str::to_owned);
    let run = script(&[&lines[..], &looks].concat(), &[], home.path());
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("only the beginning of the body of #"), "{}", run.stderr);
}
