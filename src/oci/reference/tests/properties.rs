use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::super::*;

/// A repository that follows the grammar of the specification.
fn repository() -> impl Strategy<Value = String> {
    let component = "[a-z0-9]{1,6}((\\.|_|__|-{1,3})[a-z0-9]{1,6}){0,2}";
    proptest::collection::vec(component, 1..4).prop_map(|components| components.join("/"))
}

/// A host that every client recognizes as one.
fn host() -> impl Strategy<Value = String> {
    let name = "[a-zA-Z0-9]([a-zA-Z0-9-]{0,5}[a-zA-Z0-9])?(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,5}[a-zA-Z0-9])?){1,3}";
    let port = proptest::option::of(1..=u16::MAX);
    prop_oneof![
        (name, port).prop_map(|(name, port)| port.map_or(name.clone(), |port| format!("{name}:{port}"))),
        ("[a-z]{1,8}", 1..=u16::MAX).prop_map(|(name, port)| format!("{name}:{port}")),
        Just("localhost".to_owned()),
    ]
}

fn ipv6_host() -> impl Strategy<Value = String> {
    (any::<[u16; 8]>(), proptest::option::of(1..=u16::MAX)).prop_map(|(groups, port)| {
        let address = groups.map(|group| format!("{group:x}")).join(":");
        port.map_or(format!("[{address}]"), |port| format!("[{address}]:{port}"))
    })
}

fn tag() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}"
}

fn digest() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9a-f]{64}".prop_map(|hex| format!("sha256:{hex}")),
        "[0-9a-f]{128}".prop_map(|hex| format!("sha512:{hex}"))
    ]
}

/// Host, repository, tag and digest; all but the repository may be absent.
type Parts = (Option<String>, String, Option<String>, Option<String>);

fn parts(host: impl Strategy<Value = String>) -> impl Strategy<Value = Parts> {
    use proptest::option::of;
    (of(host), repository(), of(tag()), of(digest())).prop_filter("words with a meaning of their own", |parts| {
        // Without a host, some names are rejected or parsed specially on purpose.
        let name = parts.1.as_str();
        let first = name.split('/').next().unwrap_or_default();
        let is_word = matches!(name, "oci" | "dir" | "sif" | "sha256" | "sha512" | "ostree") || name.len() == 64;
        parts.0.is_some() || (!is_word && (first == name || !host::is_host_for_docker(first)))
    })
}

fn written((host, repository, tag, digest): &Parts) -> String {
    let mut text = host.as_ref().map(|host| format!("{host}/")).unwrap_or_default();
    text.push_str(repository);
    text.extend(tag.iter().map(|tag| format!(":{tag}")));
    text.extend(digest.iter().map(|digest| format!("@{digest}")));
    text
}

/// Text that resembles a reference, so that every branch of the parser is exercised.
fn nearly_a_reference() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        "[a-zA-Z0-9._/:@%?#=&\\[\\]+~*,\"' \\\\$<>{}-]{0,6}",
        "\\PC{0,3}",
        any::<char>().prop_map(String::from),
        proptest::sample::select(vec![
            "https://",
            "http://",
            "oci://",
            "docker://",
            "oras://",
            "docker-daemon:",
            "ghcr.io",
            "localhost",
            ":5000",
            "[::1]",
            "/v2/",
            "/manifests/",
            "/blobs/",
            "/tags/list",
            "@sha256:",
            "sha512:",
            "user:secret@",
            "%2F",
            "..",
            "hub.docker.com/r/",
            "github.com/",
            "pkgs/container/",
            "?tag=",
            "\u{202e}",
            "\u{430}",
            "docker pull ",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(fragment, 0..8).prop_map(|fragments| fragments.concat())
}

fn check_refusal(refusal: &Refusal) -> Result<(), TestCaseError> {
    prop_assert!(refusal.input.get(refusal.at.clone()).is_some(), "{refusal:?}");
    let explained = refusal.explain();
    let lines: Vec<&str> = explained.split('\n').collect();
    prop_assert_eq!(lines.len(), if refusal.suggestion.is_some() { 4 } else { 3 });
    for line in &lines {
        prop_assert!(line.chars().all(|character| !other_scripts::is_invisible(character)), "{line:?}");
    }
    prop_assert!(lines[0].width() <= 80 && lines[1].width() <= lines[0].width() + 1);
    prop_assert!(lines[1].trim_start_matches(' ').bytes().all(|byte| byte == b'^') && lines[1].ends_with('^'));
    if let Some(suggestion) = &refusal.suggestion {
        prop_assert!(suggestion.starts_with("NAME@") || Reference::parse(suggestion).is_ok(), "{suggestion}");
    }
    Ok(())
}

/// The meaning of a reference, without its notation.
fn meaning(reference: &Reference) -> (&Host, &str, Option<&str>, Option<&Digest>) {
    (reference.registry(), reference.repository(), reference.tag(), reference.digest())
}

proptest! {
    #[test]
    fn generated_reference_is_accepted_and_survives_a_round_trip(parts in parts(prop_oneof![host(), ipv6_host()])) {
        let text = written(&parts);
        let reference = Reference::parse(&text).map_err(|refusal| TestCaseError::fail(refusal.explain()))?;
        let (host, repository, tag, digest) = &parts;
        if let Some(host) = host {
            prop_assert_eq!(reference.registry().to_string(), host.to_ascii_lowercase());
            prop_assert_eq!(reference.repository(), repository);
        }
        prop_assert_eq!(reference.digest().map(Digest::to_string), digest.clone());
        let expected = tag.as_deref().or(if digest.is_none() { Some("latest") } else { None });
        prop_assert_eq!(reference.tag(), expected);
        let again = Reference::parse(&reference.to_string()).unwrap();
        prop_assert_eq!(meaning(&again), meaning(&reference));
        prop_assert_eq!(again.additions(), &[]);
    }

    #[test]
    fn any_text_is_read_or_refused_in_a_way_that_can_be_shown(
        text in prop_oneof![nearly_a_reference(), any::<String>()],
    ) {
        match Reference::parse(&text) {
            Err(refusal) => check_refusal(&refusal)?,
            Ok(reference) => {
                let again = Reference::parse(&reference.to_string()).map_err(|r| TestCaseError::fail(r.explain()))?;
                prop_assert_eq!(meaning(&again), meaning(&reference));
                prop_assert!(!text.contains("secret@"));
                prop_assert!(reference.to_string().is_ascii());
            }
        }
        if let Err(refusal) = text.parse::<Host>() {
            check_refusal(&refusal)?;
        }
    }

    #[test]
    fn any_tag_is_accepted_or_rejected_printably(text: String) {
        if let Err(refusal) = Reference::parse("alpine").unwrap().with_tag(&text) {
            check_refusal(&refusal)?;
        }
    }

    #[test]
    fn a_password_is_never_shown(
        password in "[^@]{0,6}[!-?A-~]{1,9}",
        prefix in "(https?|docker|oci)://|",
        rest in "[a-z]{1,4}\\.test/[a-zA-Z/:]{0,9}",
        query in "[a-zA-Z/:]{0,9}",
    ) {
        let refusal = Reference::parse(&format!("{prefix}user:{password}@{rest}?{query}")).unwrap_err();
        prop_assert_eq!(refusal.rule, Violation::Credentials);
        // Text in a query without a name may be a secret too.
        let shown = if query.is_empty() { "" } else { "***" };
        prop_assert_eq!(&refusal.input, &format!("{prefix}***@{rest}?{shown}"));
        if let Some(suggestion) = &refusal.suggestion {
            prop_assert!(!suggestion.contains("user:"), "{suggestion}");
        }
        check_refusal(&refusal)?;
    }

    /// Compares with another implementation. It differs, intentionally or not, in the cases that this test avoids: it
    /// supports no IPv6 hosts; takes a first component with capital letters but without a dot for a namespace; has no
    /// alias of Docker Hub except `index.docker.io`; accepts words such as `oci` or `sha256`, 64 digits and web pages
    /// as names; accepts SHA-384 and upper-case digits in digests; limits the repository alone to 255 characters; and
    /// keeps the case of the host, which is compared without case here.
    #[test]
    fn another_parser_reads_the_same(parts in parts(host())) {
        let text = written(&parts);
        let ours = Reference::parse(&text).map_err(|refusal| TestCaseError::fail(refusal.explain()))?;
        let theirs: oci_spec::distribution::Reference = text.parse().unwrap();
        prop_assert_eq!(ours.registry().to_string(), theirs.registry().to_ascii_lowercase());
        prop_assert_eq!(ours.repository(), theirs.repository());
        prop_assert_eq!(ours.tag(), theirs.tag());
        prop_assert_eq!(ours.digest().map(Digest::to_string), theirs.digest().map(str::to_owned));
    }
}
