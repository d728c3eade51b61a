use super::*;
use crate::diagnosis::Fix;

fn spelled(word: Word) -> Option<String> {
    CommandLine::of([word]).ok().map(|command| command.to_string())
}

fn listed(platform: &str) -> Option<String> {
    spelled(Word::chosen(WordKind::Platform, &Untrusted::from(platform)))
}

#[test]
fn input_words_are_bare_or_in_single_quotes() {
    for (input, expected) in [
        ("ghcr.io/o/n:t", "ghcr.io/o/n:t"),
        ("a b", "'a b'"),
        ("a,b", "'a,b'"),
        ("$(touch p)", "'$(touch p)'"),
        ("`touch p`", "'`touch p`'"),
        ("a!!b", "'a!!b'"),
        ("=ls", "'=ls'"),
        ("@splat", "'@splat'"),
        ("~/x", "'~/x'"),
        ("%self", "'%self'"),
        ("[::1]:5000/a", "'[::1]:5000/a'"),
        ("ü/é", "'ü/é'"),
        ("\"x\"", "'\"x\"'"),
    ] {
        assert_eq!(spelled(Word::typed(input, "it")).as_deref(), Some(expected));
    }
}

/// In single quotes, a backslash is an escape only in fish, and PowerShell has four more marks that end the quotes.
#[test]
fn word_that_shells_read_differently_makes_no_command() {
    for input in [
        "it's",
        "a\\b",
        "\\",
        "a\u{2019}b",
        "\u{2018}",
        "a\u{201a}b",
        "a\u{201b}",
        "\u{201c}",
        "a\nb",
        "a\u{1b}b",
        "a\u{202e}b",
        "",
        "-x",
        "--x=y",
    ] {
        let made = CommandLine::of(words!["ociscope", Word::typed(input, "the file name")]);
        assert_eq!(made, Err(Unfit::ReadDifferently("the file name")), "{input:?}");
    }
    let why = Unfit::ReadDifferently("the file name").to_string();
    assert_eq!(why, "No command is printed, because shells read the file name differently.");
}

#[test]
fn platform_of_a_server_has_to_be_spelled_as_one() {
    for platform in
        ["linux/amd64", "linux/arm/v7", "windows/386", "linux/ppc64le", "wasip1/wasm", "linux/amd64/v2.1+x_y-z"]
    {
        assert_eq!(listed(platform).as_deref(), Some(platform));
    }
    for platform in [
        "linux",
        "linux/",
        "/amd64",
        "linux/arm/v7/x",
        "linux/Amd64",
        "linux/amd64;x",
        "linux/-x",
        "-linux/amd64",
        "linux/a b",
        "linux/\u{430}md64",
        "linux/amd64\n",
        "linux/$x",
        "linux/amd64=x",
    ] {
        assert_eq!(listed(platform), None, "{platform:?}");
    }
}

#[test]
fn names_of_google_and_kubernetes_and_hosts_have_to_be_spelled_as_theirs() {
    let fits = |kind, text: &str| spelled(Word::chosen(kind, &Untrusted::from(text))).is_some();
    for name in ["example-project", "us", "europe-west1", "example.com:project-1"] {
        assert!(fits(WordKind::GoogleName, name), "{name}");
    }
    for name in ["", "-p", "1project", "Project", "a_b", "a:b:c", "p;x", "p'x", "exam ple", ".:p"] {
        assert!(!fits(WordKind::GoogleName, name), "{name}");
    }
    for name in ["regcred", "my-secret.v1", "0"] {
        assert!(fits(WordKind::KubernetesName, name), "{name}");
    }
    for name in ["", "-n", "a-", "a..b", "A", "a_b", "a/b", "a=b"] {
        assert!(!fits(WordKind::KubernetesName, name), "{name}");
    }
    for host in ["auth.example", "127.0.0.1:5000", "[::1]:443"] {
        assert!(fits(WordKind::Host, host), "{host}");
    }
    for host in ["", "a'b.example", "a;b", "$(x).example", "-x.example", "a`b`"] {
        assert!(!fits(WordKind::Host, host), "{host}");
    }
    for key in ["ghcr.io", "registry.example:5000/team_a/app-b"] {
        assert!(fits(WordKind::CredentialKey, key), "{key}");
    }
    for key in ["", "-u", "https://x?y", "a b", "a;b", "a'b"] {
        assert!(!fits(WordKind::CredentialKey, key), "{key}");
    }
}

/// The input may have errors that were corrected; the command then has the reference as it was understood.
#[test]
fn reference_is_written_as_input_or_in_full() {
    let reference = Reference::parse("ghcr.io/o/n:t").unwrap();
    let digest = Digest::of(crate::oci::Algorithm::Sha256, b"");
    assert_eq!(spelled(Word::input(&reference)).as_deref(), Some("ghcr.io/o/n:t"));
    let plain = Reference::parse("http://r.test/a:1").unwrap();
    assert_eq!(spelled(Word::in_full(&plain)).as_deref(), Some("http://r.test/a:1"));
    assert_eq!(spelled(Word::with_scheme("oras://", &plain)).as_deref(), Some("oras://r.test/a:1"));
    assert_eq!(spelled(Word::repository("oci://", &reference)).as_deref(), Some("oci://ghcr.io/o/n"));
    let secure = Reference::parse("HTTPS://r.test/a:1").unwrap();
    assert_eq!(spelled(Word::without_https(&secure)).as_deref(), Some("r.test/a:1"));
    assert_eq!(spelled((&digest).into()), Some(digest.to_string()));
}

#[test]
fn option_and_value_are_one_word() {
    let value = |text| Word::typed(text, "it").after("--namespace=");
    assert_eq!(spelled(value("apps")).as_deref(), Some("--namespace=apps"));
    assert_eq!(spelled(value("a b")).as_deref(), Some("'--namespace=a b'"));
    assert_eq!(spelled(value("a'b")), None);
}

#[test]
fn variables_are_in_double_quotes_with_literal_text_only() {
    let word = |before: &str, after: &str| {
        let parts = [WordPart::Text(before), WordPart::Variable("QUERY_1".to_owned()), WordPart::Text(after)];
        spelled(Word::with_variables(&parts, "it"))
    };
    assert_eq!(word("https://x/?sig=", "&n=5").as_deref(), Some("\"https://x/?sig=$QUERY_1&n=5\""));
    for active in ["$x", "`x`", "\"", "\\", "!x", "it's", "\u{201d}", "\n"] {
        assert_eq!(word(active, ""), None, "{active:?}");
        assert_eq!(word("", &format!("&{active}")), None, "{active:?}");
    }
    // Characters that extend the name, or are an index or a modifier in one shell or another.
    for going_on in ["x", "_", "[1]", ":h", "?x", "{x}"] {
        assert_eq!(word("a", going_on), None, "{going_on:?}");
    }
}

#[test]
fn finding_without_a_command_says_why() {
    let fix = Fix::new("Pull it:".to_owned(), Err(Unfit::NotOfItsKind(WordKind::Platform)));
    let why = "No command is printed, because it would contain an invalid platform.";
    assert_eq!(fix, Fix { text: format!("Pull it. {why}"), command: None });
}
