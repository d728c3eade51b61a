use std::os::unix::fs::PermissionsExt;
use std::time::Instant;

use tempfile::TempDir;

use super::*;
use crate::evidence::{CredentialForm, Damage};

/// A directory with one helper in it, named `test`.
fn with(script: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("docker-credential-test");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

async fn asked(name: &str, path: &OsStr, server: &str, patience: Duration) -> (HelperOutcome, Option<Credentials>) {
    let environment = [("PATH".into(), "/usr/bin:/bin".into()), ("HOME".into(), "/nowhere".into())];
    // Another test may hold a program open for writing at the moment that this one forks (ETXTBSY).
    loop {
        let helper = Helper { name, path, environment: &environment, patience };
        match helper.get(server).await {
            (HelperOutcome::CannotStart(why), _) if why.contains("busy") => tokio::task::yield_now().await,
            answer => return answer,
        }
    }
}

async fn of(script: &str) -> (HelperOutcome, Option<Credentials>) {
    let folder = with(script);
    asked("test", folder.path().as_os_str(), "r.test:5000", Duration::from_secs(20)).await
}

#[tokio::test]
async fn helper_receives_the_server_and_returns_a_credential() {
    let script = r#"read -r server; printf '{"ServerURL":"%s","Username":"me at %s","Secret":"word"}' "$server" "$1""#;
    let (outcome, credentials) = of(&format!("{script} </dev/stdin")).await;
    assert_eq!(outcome, HelperOutcome::Gave(CredentialForm::Password, vec![]));
    let expected = Credentials::Password { username: Secret::new("me at get"), password: Secret::new("word") };
    assert_eq!(credentials, Some(expected));
    let (outcome, _) = of(r#"echo '{"Username":"<token>","Secret":"eyJ"}'"#).await;
    assert_eq!(outcome, HelperOutcome::Gave(CredentialForm::IdentityToken, vec![]));
    let (outcome, _) = of(r#"printf '%s' '{"Username":"me","Secret":"word\n"}'"#).await;
    assert_eq!(outcome, HelperOutcome::Gave(CredentialForm::Password, vec![Damage::LineBreak]));
}

/// Case F13: the exact message, and only on failure.
#[tokio::test]
async fn nothing_found_is_no_failure() {
    assert_eq!(of("echo 'credentials not found in native keychain'; exit 1").await.0, HelperOutcome::HasNone);
    assert_eq!(of("printf 'credentials not found in native keychain\\r\\n'; exit 1").await.0, HelperOutcome::HasNone);
    let other = of("echo 'Zugangsdaten nicht gefunden'; exit 1").await.0;
    assert_eq!(other, HelperOutcome::Failed { status: Some(1), printed: 28 });
}

/// Cases F12 and F15: the output of a failing helper may be the secret itself.
#[tokio::test]
async fn an_answer_that_cannot_be_used_is_counted_and_not_kept() {
    for (script, words) in [
        ("echo CANARY not json", "it is not JSON"),
        (r#"echo '{"Username":"u","Secret":CANARY}'"#, "it is not JSON"),
        (r#"echo '{"Username":"u","Secret":"CANARY"}{}'"#, "there is data after"),
        (r#"echo '{"Username":"u","Secret":null}'"#, "Secret is not text"),
        (r#"echo '{"Username":"u","Secret":{"a":"CANARY"}}'"#, "Secret is not text"),
        (r#"echo '{"Username":"u"}'"#, "it has no Secret"),
        (r#"echo '{"Username":"","Secret":"CANARY"}'"#, "the user name is empty"),
        ("exit 0", "it is not JSON"),
        ("echo CANARY; echo CANARY >&2; exit 3", "ends with status 3; its output (14 bytes)"),
        ("kill -9 $$", "is ended by a signal"),
        ("exec 0<&-; printf '\\033[2JCANARY' >&2; exit 1", "ends with status 1; its output (10 bytes)"),
    ] {
        let (outcome, credentials) = of(script).await;
        let said = outcome.words(&"r.test".into());
        assert!(said.contains(words), "{script}: {said}");
        assert!(outcome.is_failure() && credentials.is_none(), "{script}");
        assert!(!format!("{outcome:?}").contains("CANARY"), "{outcome:?}");
    }
}

/// Case F09: a name that could be more than part of a program name is not run.
#[tokio::test]
async fn a_name_is_a_plain_word() {
    let folder = with("touch \"$(dirname \"$0\")/ran\"");
    let other = TempDir::new_in(folder.path()).unwrap();
    std::fs::create_dir(other.path().join("docker-credential-")).unwrap();
    let long = "a".repeat(5_000);
    for name in [
        "../../docker-credential-test",
        "/abs/evil",
        "a/b",
        "a;touch p",
        "$(x)",
        "a b",
        "-x",
        ".",
        "",
        &long,
        "DESKTOP.EXE",
        "a\nb",
        "../test",
        "test\0",
        "tést",
    ] {
        let (outcome, _) = asked(name, other.path().as_os_str(), "r.test", Duration::from_secs(20)).await;
        assert_eq!(outcome, HelperOutcome::NameRefused, "{name}");
    }
    assert!(!folder.path().join("ran").exists());
    let (outcome, _) = asked("other", folder.path().as_os_str(), "r.test", Duration::from_secs(20)).await;
    assert_eq!(outcome, HelperOutcome::NotFound);
    assert!(is_name("desktop.exe") && is_name("ecr-login"));
}

/// Case F10.
#[test]
fn only_absolute_folders_are_looked_into() {
    let folder = with("exit 0");
    let found = |path: &str| find_program("docker-credential-test", OsStr::new(path));
    let absolute = folder.path().to_str().unwrap();
    assert!(found(&format!(":.:bin:{absolute}")).is_some());
    for path in ["", ":", ".:", "::/usr/bin", "target", "./", "~"] {
        assert_eq!(found(path), None, "{path}");
    }
    // From here, the directory itself has a relative name too.
    let relative = format!("../../../../../../..{absolute}");
    assert_eq!(found(&relative), None);
    std::fs::set_permissions(folder.path().join("docker-credential-test"), std::fs::Permissions::from_mode(0o644))
        .unwrap();
    assert_eq!(found(absolute), None);
}

/// Case F17.
#[tokio::test]
async fn a_server_is_one_line() {
    let folder = with("touch \"$(dirname \"$0\")/ran\"");
    for server in ["r.test\nevil.test", "r.test\r", "r.test\0", "r. test"] {
        let (outcome, _) = asked("test", folder.path().as_os_str(), server, Duration::from_secs(20)).await;
        assert_eq!(outcome, HelperOutcome::ServerRefused);
    }
    assert!(!folder.path().join("ran").exists());
}

/// Case F11: a helper always ends, together with the processes that it started.
#[tokio::test]
async fn a_helper_that_does_not_end_is_ended_with_all_that_it_started() {
    for script in [
        "echo $$ > \"$(dirname \"$0\")/pid\"; sleep 600",
        "trap '' TERM INT; echo $$ > \"$(dirname \"$0\")/pid\"; while :; do sleep 1; done",
        "sleep 600 & echo $! > \"$(dirname \"$0\")/pid\"; echo '{\"Username\":\"u\",\"Secret\":\"s\"}'; exit 0",
        "echo $$ > \"$(dirname \"$0\")/pid\"; while :; do printf x; sleep 0.01; done",
    ] {
        let folder = with(script);
        let began = Instant::now();
        let (outcome, _) = asked("test", folder.path().as_os_str(), "r.test", Duration::from_secs(1)).await;
        assert_eq!(outcome, HelperOutcome::TimedOut(1), "{script}");
        assert!(began.elapsed() < Duration::from_secs(10), "{script}");
        let pid: i32 = std::fs::read_to_string(folder.path().join("pid")).unwrap().trim().parse().unwrap();
        // An ended process may remain in the process list until its parent waits for it.
        let state = || std::fs::read_to_string(format!("/proc/{pid}/stat")).ok();
        while state().is_some_and(|stat| !stat.contains(") Z ")) {
            assert!(began.elapsed() < Duration::from_secs(20), "{script}: {pid} still runs");
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn a_helper_that_prints_without_end_is_ended() {
    let began = Instant::now();
    assert_eq!(of("exec yes CANARY").await.0, HelperOutcome::TooMuch);
    assert!(began.elapsed() < Duration::from_secs(15));
}

/// Case F18 and F22: secrets appear on no command line and in no variable.
#[tokio::test]
async fn a_helper_sees_its_own_variables_alone() {
    let folder = with("env > \"$(dirname \"$0\")/env\"; echo \"$@\" > \"$(dirname \"$0\")/args\"; exit 1");
    let _ = asked("test", folder.path().as_os_str(), "r.test", Duration::from_secs(20)).await;
    let env = std::fs::read_to_string(folder.path().join("env")).unwrap();
    let mut names: Vec<_> = env.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    // A shell sets these itself.
    names.retain(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name));
    names.sort_unstable();
    assert_eq!(names, ["HOME", "PATH"]);
    assert_eq!(std::fs::read_to_string(folder.path().join("args")).unwrap(), "get\n");
}
