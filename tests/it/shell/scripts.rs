//! Lines that nobody types.

use std::fs;

use crate::support::ociscope::{Run, ociscope};

const IMAGE: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";

fn script(lines: &[&str]) -> Run {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    ociscope(&["--lab", "--platform", "linux/amd64"]).input(&text).run()
}

#[test]
fn a_script_has_neither_prompt_nor_escape_codes() {
    let run = script(&["# a comment", "", &format!("probe {IMAGE}"), "config", "session"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("DV_GPU_BUILD=0"), "{}", run.stdout);
    assert!(!run.stdout.contains(['❯', '\u{1b}']) && !run.stderr.contains('\u{1b}'), "{}", run.stdout);
    // Where the answers come from is said once.
    assert_eq!(run.stdout.matches("lab scenario gcr-deepvariant").count(), 1, "{}", run.stdout);
}

#[test]
fn the_worst_command_decides_how_a_script_ends() {
    assert_eq!(script(&[&format!("config {IMAGE}")]).status, 0);
    let refused = format!("manifest {IMAGE} --accept docker-v1");
    assert_eq!(script(&[&refused, &format!("config {IMAGE}")]).status, 11);
    let run = script(&[&refused, "manfest --x", &format!("config {IMAGE}")]);
    assert_eq!(run.status, 2);
    assert!(
        run.stderr.contains("ociscope: line 2: there is no command manfest; did you mean manifest? `help` lists all"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.contains("Entrypoint"), "what follows is run:\n{}", run.stdout);
}

/// A word alone may be the name of an image, and nobody who types these wants one.
#[test]
fn a_command_of_another_program_is_not_asked_for_as_an_image() {
    let run = script(&["ls", "clear", "docker pull alpine", "docker login ghcr.io", "session"]);
    assert_eq!(run.status, 2);
    for words in [
        "line 1: there is no command ls: `tags` lists the tags of the repository, `session` the exchanges; `help` lists all",
        "line 2: there is no command clear: Ctrl-L clears the screen;",
        "line 3: there is no command docker: `diagnose REF` finds out why an image cannot be pulled;",
        "line 4: there is no command docker: `login REGISTRY` asks for the user name and the password;",
    ] {
        assert!(run.stderr.contains(words), "{words}\n{}", run.stderr);
    }
    assert!(!run.stdout.contains("docker.io"), "nothing was asked: {}", run.stdout);
    let run = script(&["probe ls"]);
    assert!(run.stdout.contains("docker.io/library/ls:latest"), "{}", run.stdout);
}

#[test]
fn a_script_may_stop_at_the_first_command_that_fails() {
    let refused = format!("manifest {IMAGE} --accept docker-v1");
    let run = script(&["set stop-on-error on", &refused, &format!("config {IMAGE}")]);
    assert_eq!(run.status, 11);
    assert!(!run.stdout.contains("Entrypoint"), "{}", run.stdout);
}

#[test]
fn a_script_may_be_a_file_and_begin_at_an_image() {
    let home = tempfile::TempDir::new().expect("a folder");
    let path = home.path().join("commands.txt");
    fs::write(&path, "config\r\nexit\nmanifest\n").expect("a file");
    let path = path.to_str().expect("a name");
    let run = ociscope(&["--lab", "--platform", "linux/amd64", "shell", IMAGE, "--script", path]).run();
    assert_eq!(run.status, 0, "{}", run.stderr);
    let of_the_probe = run.stdout.find("12 variants").expect("the image is probed");
    let of_the_config = run.stdout.find("Entrypoint").expect("then the script is run");
    assert!(of_the_probe < of_the_config);
    assert!(!run.stdout.contains("\"layers\""), "nothing is run behind exit:\n{}", run.stdout);
    let run = ociscope(&["shell", "--script", "/nowhere/commands.txt"]).run();
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("the script /nowhere/commands.txt could not be read"), "{}", run.stderr);
}

#[test]
fn results_are_written_to_files_in_the_format_of_their_ending() {
    let home = tempfile::TempDir::new().expect("a folder");
    let at = |name: &str| home.path().join(name).to_str().expect("a name").to_owned();
    let run = script(&[
        &format!("probe {IMAGE} > {}", at("report.md")),
        &format!("config > {}", at("config.json")),
        &format!("layers > '{}'", at("lay ers.txt")),
        &format!("layers >> '{}'", at("lay ers.txt")),
        &format!("manifest --raw > {}", at("manifest")),
    ]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{}", run.stderr);
    let read = |name: &str| fs::read_to_string(at(name)).expect(name);
    assert!(read("report.md").contains("| docker v2 |"));
    assert!(read("report.md").contains("lab scenario gcr-deepvariant"), "what is pasted says where it is from");
    let config: serde_json::Value = serde_json::from_str(&read("config.json")).expect("JSON");
    assert_eq!(config["schema"], "ociscope.config/1");
    assert_eq!(read("lay ers.txt").matches("11 layers").count(), 2);
    assert!(read("manifest").starts_with("{\n") || read("manifest").starts_with('{'));
    assert!(run.stderr.contains("bytes written to"), "{}", run.stderr);
    // A result that does not come leaves the file as it was.
    let run = script(&[&format!("config nowhere.invalid/a:1 > {}", at("config.json")), "| jq ."]);
    assert_eq!(run.status, 2);
    assert!(read("config.json").contains("ociscope.config/1"));
}

#[test]
fn a_pipe_and_an_open_quote_are_said_to_be_none() {
    let run = script(&[&format!("config {IMAGE} | jq ."), "tags 'it"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("line 1: this shell has no pipes"), "{}", run.stderr);
    assert!(run.stderr.contains("line 2: the quote '"), "{}", run.stderr);
}

#[test]
fn a_word_may_be_left_out_or_short_where_it_is_clear() {
    let run = script(&[
        "set echo on",
        "tags ghcr.io/example/greeting:1.0",
        "platforms",
        "manifest 2",
        "manifest linux/arm64",
        "blob sha256:76df80d4",
        "get tags/list?n=1",
        "head manifests/:1.0",
        "use linux/arm64",
        "config",
        "config linux/amd64",
        "manifest 9",
        "manifest sha256:ffff",
        "use @sha256:3606545",
        "use",
    ]);
    let after = |command: &str| {
        let rest = run.stdout.split_once(&format!("❯ {command}\n")).unwrap_or_else(|| panic!("{command}")).1;
        rest.split("❯ ").next().unwrap_or_default().to_owned()
    };
    assert!(after("platforms").contains("2  linux/arm64"), "{}", after("platforms"));
    assert!(after("manifest 2").contains("sha256:360654599674"), "{}", after("manifest 2"));
    assert!(after("manifest linux/arm64").contains("sha256:360654599674"));
    assert!(after("blob sha256:76df80d4").contains("2071 bytes"));
    assert!(after("get tags/list?n=1").contains("/v2/example/greeting/tags/list?n=1  200"));
    assert!(after("config").contains("linux/arm64"), "{}", after("config"));
    assert!(after("config linux/amd64").contains("linux/amd64"));
    assert!(run.stderr.contains("the last list has no entry 9; it has 2"), "{}", run.stderr);
    assert!(run.stderr.contains("no known digest begins with sha256:ffff"), "{}", run.stderr);
    assert!(after("use").contains("ghcr.io/example/greeting:1.0@sha256:360654599674"), "{}", after("use"));
}

#[test]
fn what_is_set_is_told_to_every_command_until_it_is_cleared() {
    let run = script(&[
        &format!("use {IMAGE}"),
        "set accept docker-v1, docker-v1-signed",
        "set header 'X-Secret: CANARY'",
        "manifest",
        "show",
        "set",
        "set accept",
        "manifest",
        "show",
        "set acept x",
        "set platform nonsense",
        "set pager maybe",
        "set header CANARY",
    ]);
    assert!(!run.stdout.contains("CANARY") && !run.stderr.contains("CANARY"), "{}{}", run.stdout, run.stderr);
    let types = "accept: application/vnd.docker.distribution.manifest.v1+json, \
                 application/vnd.docker.distribution.manifest.v1+prettyjws";
    assert!(run.stdout.replace("\n  │ ", " ").contains(types), "{}", run.stdout);
    assert!(run.stdout.contains("X-Secret: ‹not shown›"), "{}", run.stdout);
    assert!(run.stdout.contains("x-secret: ‹"), "{}", run.stdout);
    assert!(run.stdout.contains("\"schemaVersion\": 2"), "{}", run.stdout);
    for words in
        ["there is no setting acept", "a platform is OS/ARCH", "pager is on or off", "--header is not of the form"]
    {
        assert!(run.stderr.contains(words), "{words} is not in {}", run.stderr);
    }
}

#[test]
fn a_number_that_was_never_given_is_said_to_be_none() {
    let run = script(&["show", &format!("config {IMAGE}"), "show 99", "headers 1 98", "query 97 $.a", "show 0"]);
    for words in ["no exchanges yet", "there is no #99; the last is #2", "no #98", "no #97", "no #0"] {
        assert!(run.stderr.contains(words), "{words} is not in {}", run.stderr);
    }
    assert_eq!(run.status, 2);
}

#[test]
fn explain_without_a_topic_speaks_of_the_last_answer_and_reads_no_line_of_the_script() {
    let run = script(&[&format!("get {} --accept docker-v1", api("manifests/0.5.0")), "explain", "session"]);
    assert!(run.stdout.contains("MANIFEST_UNKNOWN\n"), "{}", run.stdout);
    assert!(run.stdout.contains("Asked for"), "the line behind it is still a command:\n{}", run.stdout);
}

fn api(path: &str) -> String {
    format!("https://gcr.io/v2/deepvariant-docker/deepvariant/{path}")
}

#[test]
fn the_walk_is_told_where_nobody_can_walk() {
    let run = script(&["tutorial"]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(run.stdout.contains("12 of 15"), "{}", run.stdout);
    assert!(run.stdout.contains("get manifests/sha256:"), "{}", run.stdout);
}

#[test]
fn nobody_logs_in_in_the_middle_of_a_script() {
    let run = script(&[&format!("config {IMAGE} --username ada --password-stdin"), &format!("config {IMAGE}")]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("log in where the shell is opened"), "{}", run.stderr);
    assert!(run.stdout.contains("Entrypoint"), "the next line is no password:\n{}", run.stdout);
}

#[test]
fn a_file_that_is_there_is_replaced_whole_and_keeps_its_mode() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let home = tempfile::TempDir::new().expect("a folder");
    let at = |name: &str| home.path().join(name);
    fs::write(at("secret.md"), "old").expect("a file");
    fs::set_permissions(at("secret.md"), fs::Permissions::from_mode(0o600)).expect("to set its mode");
    fs::write(at("meant"), "old").expect("a file");
    symlink(at("meant"), at("link")).expect("a link");
    let run = script(&[
        &format!("config {IMAGE} >! {}", at("secret.md").display()),
        &format!("config > {}", at("link").display()),
    ]);
    // A link may be somebody else's, and is refused.
    assert_eq!(run.status, 1, "{}", run.stderr);
    assert!(run.stderr.contains("it is a link"), "{}", run.stderr);
    let read = |name: &str| fs::read_to_string(at(name)).expect(name);
    assert!(read("secret.md").contains("Entrypoint") && read("meant") == "old");
    assert_eq!(fs::metadata(at("secret.md")).expect("a file").permissions().mode() & 0o777, 0o600);
    assert!(fs::symlink_metadata(at("link")).expect("a link").file_type().is_symlink());
    assert_eq!(fs::read_dir(home.path()).expect("a folder").count(), 3, "nothing is left beside them");
}

#[test]
fn explain_without_a_topic_speaks_of_a_failure_too() {
    let run = ociscope(&[]).input("tags https://127.0.0.1:1/a/b\nexplain\n").run();
    assert!(run.stdout.contains("tcp-timeout-or-refused\n"), "{}\n{}", run.stdout, run.stderr);
}

#[test]
fn a_request_with_a_token_is_repeated_with_one_that_is_got_first() {
    let run = script(&["tags ghcr.io/example/greeting:1.0", "curl 3", "curl 1"]);
    let lines: Vec<_> = run.stdout.lines().map(str::trim).filter(|line| line.contains("curl -sS")).collect();
    let service = "'https://ghcr.io/token?service=ghcr.io&scope=repository%3Aexample%2Fgreeting%3Apull'";
    let [token, with_it, without] = lines[..] else { panic!("{}", run.stdout) };
    assert!(token.starts_with("TOKEN=$(curl -sS -H ") && token.contains(service), "{token}");
    assert!(token.ends_with(" | jq -r '.token // .access_token')"), "{token}");
    assert!(with_it.contains("-H \"Authorization: Bearer $TOKEN\"") && !without.contains("TOKEN"), "{}", run.stdout);
}

/// A number means what was listed under it: a layer is a blob, an entry of an index a manifest.
#[test]
fn number_of_a_list_is_what_was_listed() {
    let run = script(&[
        "set echo on",
        "layers ghcr.io/example/greeting:1.0",
        "1",
        "manifest 1",
        "probe 1",
        "blob 1",
        "platforms ghcr.io/example/greeting:1.0",
        "blob 2",
        "manifest 2",
    ]);
    let outputs: Vec<_> = run.stdout.split("❯ ").skip(1).collect();
    let after = |command: &str| {
        let found: Vec<_> = outputs.iter().filter_map(|output| output.strip_prefix(&format!("{command}\n"))).collect();
        found.concat()
    };
    let blob = after("blob 1");
    assert!(blob.contains("first bytes: gzip") && blob.contains("/blobs/sha256:"), "{run:?}");
    assert!(after("1").contains("first bytes: gzip"), "{run:?}");
    let told = |line: usize, words: &str| {
        let expected = format!("line {line}: {words}");
        assert!(run.stderr.contains(&expected), "{expected}: {}", run.stderr);
    };
    told(4, "entry 1 of the last list is a layer, which is a blob; `blob 1` shows it");
    told(5, "entry 1 of the last list is a layer, which is a blob; `blob 1` shows it");
    told(8, "entry 2 of the last list is a manifest; `manifest 2` shows it");
    assert!(after("manifest 2").contains("sha256:360654599674"), "{run:?}");
}
