//! The same in the shell, where commands about several registries follow each other.

use super::*;

/// Case A34: in the shell, whichever command names the other registry.
#[test]
fn login_of_a_shell_stays_with_the_first_registry() {
    for command in ["probe", "diagnose", "tags", "manifest", "auth", "config"] {
        let (first, second) = (registry(), registry());
        let lines = [format!("manifest {}", plain(&first)), format!("{command} {}", plain(&second))];
        let run = script_with_login(&lines, &[]);
        assert_logged_in(&first);
        assert_not_told(&second, &run);
        let said = format!("alice is used for {} only", host(&first));
        assert_eq!(run.stderr.matches(&said).count(), 1, "{run:?}");
    }
}

/// Case A34: `use` names a registry too, and so does the image that a shell is opened with.
#[test]
fn login_of_a_shell_is_bound_by_use_and_by_its_image() {
    let (first, second) = (registry(), registry());
    let lines = [format!("use {}", plain(&first)), format!("use {}", plain(&second)), "tags".to_owned()];
    assert_not_told(&second, &script_with_login(&lines, &[]));
    let lines = [format!("get {}/v2/team/app/tags/list", second.origin("http"))];
    let file = write(&lines);
    let run = with_login(&["shell", "--script", path(&file), &plain(&first)]);
    assert_logged_in(&first);
    assert_not_told(&second, &run);
    let run = with_login(&["shell", "--login-host", &host(&first), "--script", path(&file)]);
    assert_not_told(&second, &run);
}

/// Case A35.
#[test]
fn header_that_was_set_stays_with_its_registry() {
    for lines in [
        // With a current registry, and without one.
        ["use FIRST", "set header 'X-Api-Key: CANARYheader-value'", "tags"],
        ["set header 'X-Api-Key: CANARYheader-value'", "tags FIRST", ""],
    ] {
        let (first, second) = (registry(), registry());
        let mut lines: Vec<_> = lines.iter().map(|line| line.replace("FIRST", &plain(&first))).collect();
        lines.extend([format!("use {}", plain(&second)), "tags".to_owned(), "manifest".to_owned(), "set".to_owned()]);
        let run = script(&lines, &[]);
        assert!(!first.header_values("X-Api-Key").is_empty(), "{run:?}");
        assert!(!second.requests().is_empty());
        assert_eq!(second.header_values("X-Api-Key"), [""; 0], "{run:?}");
        let said = format!("header x-api-key: kept for {}, not used for {}", host(&first), host(&second));
        assert_eq!(run.stderr.matches(&said).count(), 1, "{run:?}");
        let shown = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(shown.contains(&format!("X-Api-Key: ‹not shown› for {} only", host(&first))), "{run:?}");
        run.assert_hides(&["CANARYheader-value"]);
    }
}

/// Case A36.
#[test]
fn insecure_that_was_set_stays_with_its_registry() {
    let (mut known, unknown) = (Names::new(), Names::new());
    let at = |names: &Names, name: &'static str| Server::answering_over_tls(&names.authority, &[name], |_| manifest());
    let (first, second) = (at(&unknown, "first.test"), at(&unknown, "second.test"));
    known.lead("first.test", &first);
    known.lead("second.test", &second);
    let lines =
        ["set insecure on", "manifest first.test/a/b:1", "manifest second.test/a/b:1", "manifest first.test/a/c:1"];
    let run = script(&lines.map(str::to_owned), &known.options());
    assert!(!first.requests().is_empty(), "{run:?}");
    assert!(second.requests().is_empty(), "{run:?}");
    assert_eq!(run.status, 16, "{run:?}");
    assert!(run.stderr.contains("insecure: kept for first.test, not used for second.test"), "{run:?}");
    // When it is set, and with each command that it holds for.
    assert_eq!(run.stderr.matches("INSECURE").count(), 3, "{run:?}");
    let (lines, options) = (lines[1..].iter().map(|line| (*line).to_owned()).collect::<Vec<_>>(), known.options());
    let run = script(&lines, &[&options[..], &["--insecure"]].concat());
    assert!(second.requests().is_empty(), "an option of the shell is bound as well: {run:?}");
}

/// Case A37.
#[test]
fn plain_http_that_was_set_stays_with_its_registry() {
    let mut names = Names::new();
    // Closes after the first bytes, which are in its log: a server that waits for the end of a request that is TLS would
    // keep the test waiting as well.
    let second = Server::behaving(|mut connection| drop(connection.first_bytes()));
    let first = registry();
    names.lead("first.test:5000", &first);
    names.lead("second.test:5000", &second);
    let lines = ["set plain-http on", "tags first.test:5000/a/b", "tags second.test:5000/a/b"];
    for (lines, options) in [(&lines[..], &[][..]), (&lines[1..], &["--plain-http"][..])] {
        let before = first.requests().len();
        let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
        let run = script(&lines, &[&names.options()[..], options].concat());
        assert!(first.requests().len() > before, "{run:?}");
        assert!(!String::from_utf8_lossy(&second.received()).contains("HTTP/1.1"), "{run:?}");
        assert!(run.stderr.contains("plain-http: kept for first.test:5000"), "{run:?}");
    }
}

/// Case A38: the same for a realm that may have the credentials.
#[test]
fn realm_that_was_trusted_is_trusted_for_its_registry() {
    let mut names = Names::new();
    let tokens = Server::answering_over_tls(&names.authority, &["tokens.test"], |_| {
        crate::support::hostile::token("token-of-this-test")
    });
    names.lead("tokens.test", &tokens);
    let second = Server::answering_over_tls(&names.authority, &["second.test"], |_| {
        unauthorized(&crate::support::hostile::bearer("https://tokens.test/token"))
    });
    names.lead("second.test", &second);
    let lines = ["use first.test/a/b", "set trust-realm tokens.test", "tags second.test/a/b"].map(str::to_owned);
    let login = ["--login-host", "second.test"];
    let run = script_with_login(&lines, &[&names.options()[..], &login].concat());
    tokens.assert_never_told(PASSWORD);
    assert!(!second.requests().is_empty(), "{run:?}");
    let lines = ["use second.test/a/b", "set trust-realm tokens.test", "tags"].map(str::to_owned);
    script_with_login(&lines, &[&names.options()[..], &login].concat());
    assert_logged_in(&tokens);
}
