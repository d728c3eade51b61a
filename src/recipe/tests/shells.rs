//! What shells make of recipes.

use std::path::Path;
use std::process::Command;

use super::*;

/// POSIX shells. `sh` is what Apptainer and most users run; the others read it alike.
const SHELLS: [&str; 3] = ["sh", "bash", "dash"];

/// What a shell writes for a script. It runs in an empty folder, and may make no file there.
#[track_caller]
fn output(shell: &str, script: &str, arguments: &[&str]) -> Vec<u8> {
    let folder = tempfile::TempDir::new().unwrap();
    let here = folder.path().join("here");
    std::fs::create_dir(&here).unwrap();
    let file = folder.path().join("script");
    std::fs::write(&file, script).unwrap();
    let mut command = Command::new(shell);
    command.arg(&file).args(arguments).env_clear().env("PATH", "/usr/bin:/bin").current_dir(&here);
    let run = command.output().unwrap_or_else(|error| panic!("{shell}, which tests/need installs: {error}"));
    assert_eq!(String::from_utf8_lossy(&run.stderr), "", "{shell}: {script}");
    assert_eq!(std::fs::read_dir(&here).unwrap().count(), 0, "{shell} made a file: {script}");
    run.stdout
}

/// The variables that a shell exports after a script.
#[track_caller]
pub(super) fn exported(shell: &str, script: &str) -> Vec<(String, Vec<u8>)> {
    let printed = output(shell, &format!("{script}\nexec /usr/bin/env -0\n"), &[]);
    let entries = printed.split(|byte| *byte == 0).filter(|entry| !entry.is_empty());
    let entry = |entry: &[u8]| {
        let at = entry.iter().position(|byte| *byte == b'=').unwrap();
        (String::from_utf8(entry[..at].to_vec()).unwrap(), entry[at + 1..].to_vec())
    };
    entries.map(entry).collect()
}

/// A section of a definition.
#[track_caller]
fn section(definition: &str, name: &str) -> String {
    let stages = readers::definition(definition);
    let [stage] = &stages[..] else { panic!("{} stages: {definition}", stages.len()) };
    let found = stage.iter().find(|(section, _)| section == name);
    found.map(|(_, body)| body.clone()).unwrap_or_default()
}

/// The words that a shell starts a program with.
#[track_caller]
fn started(shell: &str, program: &str, script: &str, arguments: &[&str]) -> Vec<String> {
    let function = format!("{program}() {{ printf '%s\\0' \"$@\"; }}\n{script}");
    let printed = String::from_utf8(output(shell, &function, arguments)).unwrap();
    printed.split_terminator('\0').map(str::to_owned).collect()
}

#[track_caller]
fn assert_exported(values: &[String]) {
    let env: Vec<_> = values.iter().enumerate().map(|(at, value)| format!("V{at}={value}")).collect();
    let definition = recipe(Recipe::Apptainer, &json!({ "Env": env }));
    let script = section(&definition, "environment");
    for shell in SHELLS {
        let exported = exported(shell, &script);
        for (at, value) in values.iter().enumerate() {
            let name = format!("V{at}");
            let found = exported.iter().find(|(exported, _)| *exported == name).map(|(_, value)| &value[..]);
            // A variable with a NUL is a comment.
            let expected = Some(value.as_bytes()).filter(|value| !value.contains(&0));
            assert_eq!(found, expected, "{shell}: {script}");
        }
    }
}

#[test]
fn environment_of_a_definition_has_the_values_byte_for_byte() {
    assert_exported(&ACTIVE.map(str::to_owned));
    assert_exported(&[String::new(), "a\0b".to_owned(), "é 日本 🦀".to_owned(), "x".repeat(50_000)]);
}

#[test]
fn name_that_a_shell_cannot_export_is_a_comment() {
    for name in [
        "1A",
        "A-B",
        "a.b",
        "",
        "A B",
        "é",
        "A\nexport made",
        "UID",
        "PPID",
        "SHELLOPTS",
        "IFS",
        "RANDOM",
        "$(x)",
        "A;touch made",
    ] {
        let definition = recipe(Recipe::Apptainer, &json!({ "Env": [format!("{name}=1"), "AFTER=2"] }));
        let script = section(&definition, "environment");
        assert!(script.starts_with("    # The variable"), "{name}: {script}");
        for shell in SHELLS {
            let exported = exported(shell, &script);
            assert!(exported.iter().any(|(name, value)| name == "AFTER" && value == b"2"), "{shell}: {script}");
            assert!(!exported.iter().any(|(_, value)| value == b"1"), "{shell}: {script}");
        }
    }
    let definition = recipe(Recipe::Apptainer, &json!({ "Env": ["NO_VALUE"] }));
    assert!(definition.contains("    # The variable NO_VALUE is left out: it has no value.\n"), "{definition}");
}

/// Docker: Entrypoint and the arguments, or Entrypoint and Cmd if there are none.
#[test]
fn runscript_starts_the_command_with_arguments_or_cmd() {
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let entry = json!(["/usr/bin/printf", "%s\\0"]);
    for (config, arguments, expected) in [
        (json!({ "Entrypoint": entry, "Cmd": ["a b", "c"] }), &[][..], words(&["a b", "c"])),
        (json!({ "Entrypoint": entry, "Cmd": ["a b", "c"] }), &["x", "-y"], words(&["x", "-y"])),
        (json!({ "Entrypoint": entry }), &["x"], words(&["x"])),
        (json!({ "Cmd": ["/usr/bin/printf", "%s\\0", "cmd"] }), &[], words(&["cmd"])),
        (json!({ "Cmd": ["/usr/bin/printf", "%s\\0", "cmd"] }), &["/usr/bin/printf", "%s\\0", "own"], words(&["own"])),
        // In shell form, further words are arguments of the shell and not of the command.
        (
            json!({ "Entrypoint": ["/bin/sh", "-c", "printf '%s\\0' \"$HOME$0\" x"], "Cmd": ["c"] }),
            &[],
            words(&["c", "x"]),
        ),
        (json!({ "Cmd": "/usr/bin/env" }), &["/usr/bin/printf", "%s\\0", "own"], words(&["own"])),
    ] {
        let script = section(&recipe(Recipe::Apptainer, &config), "runscript");
        for shell in SHELLS {
            let printed = String::from_utf8(output(shell, &script, arguments)).unwrap();
            let found: Vec<_> = printed.split_terminator('\0').map(str::to_owned).collect();
            assert_eq!(found, expected, "{shell}: {script}");
        }
    }
}

#[test]
fn runscript_starts_in_the_working_directory() {
    let config = json!({ "WorkingDir": "/usr", "Cmd": ["pwd"] });
    let script = section(&recipe(Recipe::Apptainer, &config), "runscript");
    let elsewhere = section(&recipe(Recipe::Apptainer, &json!({ "WorkingDir": "usr", "Cmd": ["pwd"] })), "runscript");
    for shell in SHELLS {
        assert_eq!(output(shell, &script, &[]), b"/usr\n", "{shell}");
        assert!(output(shell, &elsewhere, &[]).ends_with(b"/here\n"), "{shell}");
    }
    assert!(elsewhere.contains("# The working directory usr is left out: it is not an absolute path."), "{elsewhere}");
}

#[test]
fn first_word_of_a_command_may_begin_with_a_dash() {
    let folder = tempfile::TempDir::new().unwrap();
    std::os::unix::fs::symlink(Path::new("/usr/bin/printf"), folder.path().join("-printf")).unwrap();
    let path = format!("PATH={}", folder.path().display());
    for config in [
        json!({ "Env": [path], "Entrypoint": ["-printf", "%s\\0"], "Cmd": ["-a"] }),
        json!({ "Env": [path], "Cmd": ["-printf", "%s\\0", "-a"] }),
    ] {
        let definition = recipe(Recipe::Apptainer, &config);
        let script = section(&definition, "environment") + &section(&definition, "runscript");
        for shell in SHELLS {
            assert_eq!(output(shell, &script, &[]), b"-a\0", "{shell}: {script}");
        }
    }
    let definition = recipe(Recipe::Apptainer, &json!({ "Entrypoint": ["-a/b", "c d"] }));
    assert!(definition.ends_with("    exec ./-a/b 'c d' \"$@\"\n"), "{definition}");
}

#[test]
fn image_without_a_command_says_so_and_runs_arguments() {
    let script = section(&recipe(Recipe::Apptainer, &json!({})), "runscript");
    for shell in SHELLS {
        assert_eq!(output(shell, &script, &["/usr/bin/printf", "x"]), b"x", "{shell}");
    }
    assert!(script.contains("This image has no command"), "{script}");
}

#[track_caller]
fn assert_started(texts: &[String]) {
    let env: Vec<_> = texts.iter().enumerate().map(|(at, value)| format!("V{at}={value}")).collect();
    let config = json!({ "Env": env, "User": texts.first(), "Entrypoint": texts, "Cmd": texts });
    let script = recipe(Recipe::Run, &config);
    let fits = |text: &&String| !text.contains('\0');
    let mut expected = vec!["run".to_owned(), "--rm".to_owned()];
    expected.extend(env.iter().filter(fits).map(|entry| format!("--env={entry}")));
    expected.extend(texts.first().filter(fits).filter(|user| !user.is_empty()).map(|user| format!("--user={user}")));
    let image = format!("registry.example/team/app@{}", digest());
    if texts.iter().all(|text| fits(&text)) {
        expected.extend(texts.first().map(|first| format!("--entrypoint={first}")));
        expected.push(image);
        expected.extend(texts.iter().skip(1).chain(texts).cloned());
    } else {
        expected.push(image);
    }
    for shell in SHELLS {
        assert_eq!(started(shell, "docker", &script, &[]), expected, "{shell}: {script}");
    }
}

#[test]
fn run_command_has_each_value_as_one_word() {
    assert_started(&ACTIVE.map(str::to_owned));
    assert_started(&["a\0b".to_owned()]);
    let odd = recipe(Recipe::Run, &json!({ "Env": ["HOME", "=x"], "WorkingDir": "app" }));
    for expected in [
        "# The variable HOME is left out: it has no value.\n",
        "# The variable is left out: it has no name.\n",
        "# The working directory app is left out: it is not an absolute path.\n",
    ] {
        assert!(odd.contains(expected), "{odd}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn values_of_any_text_survive_in_a_shell(values in proptest::collection::vec(text(), 1..24)) {
        assert_exported(&values);
        assert_started(&values);
    }
}
