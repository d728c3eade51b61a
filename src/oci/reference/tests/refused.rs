use super::super::*;
use super::with_hex;
use crate::oci::DigestError;

/// The input, the part that is pointed at, the rule, and the suggestion (empty if the intention is not obvious).
#[track_caller]
fn check(input: &str, pointed_at: &str, rule: Violation, suggestion: &str) {
    let refusal = Reference::parse(&with_hex(input)).expect_err(input);
    let found = (&refusal.input[refusal.at.clone()], refusal.rule, refusal.suggestion.as_deref().unwrap_or(""));
    assert_eq!(found, (with_hex(pointed_at).as_str(), rule, with_hex(suggestion).as_str()), "{input}");
}

#[test]
fn capital_letters_in_the_repository_are_rejected_and_lowered() {
    check("R.test/A:Tag", "A", Violation::UppercaseInRepository, "R.test/a:Tag");
    check("Alpine", "A", Violation::UppercaseInRepository, "alpine");
    check("ghcr.io/Owner/My-App:V1", "O", Violation::UppercaseInRepository, "ghcr.io/owner/my-app:V1");
    check("ghcr.io/o/APP", "APP", Violation::UppercaseInRepository, "ghcr.io/o/app");
}

#[test]
fn web_page_is_rejected() {
    for (input, suggestion) in [
        ("hub.docker.com/r/o/n", "docker.io/o/n"),
        ("https://hub.docker.com/r/o/n/tags?page=2", "docker.io/o/n"),
        ("https://hub.docker.com/_/redis", "docker.io/library/redis"),
        ("https://hub.docker.com/layers/o/n/1.0/images/sha256-<hex>", "docker.io/o/n:1.0"),
        ("https://hub.docker.com/repository/docker/o/n/general", "docker.io/o/n"),
        ("docker://hub.docker.com/o/n:t", "docker.io/o/n:t"),
        ("https://quay.io/repository/o/n?tab=tags&tag=v1", "quay.io/o/n:v1"),
        ("quay.io/repository/o/n:t", "quay.io/o/n:t"),
        ("https://github.com/Owner/Repo/pkgs/container/Name", "ghcr.io/owner/name"),
        ("https://github.com/o/r/pkgs/container/r%2Fn/123?tag=t", "ghcr.io/o/r/n:t"),
        ("https://github.com/orgs/o/packages/container/package/n", "ghcr.io/o/n"),
        ("https://www.github.com/o/n", "ghcr.io/o/n"),
        ("https://gallery.ecr.aws/nginx/nginx", "public.ecr.aws/nginx/nginx"),
        ("https://github.com/o/r/issues/1", ""),
    ] {
        let refusal = Reference::parse(&with_hex(input)).expect_err(input);
        assert_eq!(
            (refusal.rule, refusal.suggestion.as_deref().unwrap_or("")),
            (Violation::WebPage, suggestion),
            "{input}"
        );
    }
}

#[test]
fn other_schemes_are_rejected() {
    check("oras://ghcr.io/o/n:t", "oras://", Violation::OtherScheme, "ghcr.io/o/n:t");
    check("s3://bucket/n", "s3://", Violation::OtherScheme, "");
    check("shub://vsoch/hello-world", "shub://", Violation::SingularityHub, "");
    check("library://lolcow", "library://", Violation::SylabsLibrary, "");
    check("containers-storage:localhost/x", "containers-storage:", Violation::OtherScheme, "localhost/x");
    check("docker-daemon:alpine:3", "docker-daemon:", Violation::OtherScheme, "alpine:3");
    check("oci:dir", "oci:", Violation::OtherScheme, "");
    check("oci-archive:/tmp/x.tar:t", "oci-archive:", Violation::OtherScheme, "");
    check("docker://https://r.test/x", "docker://", Violation::OtherScheme, "https://r.test/x");
    check("https:/r.test/x", "https:/", Violation::SchemeSlashes, "https://r.test/x");
    check("oci://alpine", "alpine", Violation::NoRepository, "alpine");
}

#[test]
fn white_space_and_quotes_are_rejected() {
    check("alpine\n", "\n", Violation::WhiteSpace, "alpine");
    check("  alpine", "  ", Violation::WhiteSpace, "alpine");
    check(" alpine:3 \r\n", " ", Violation::WhiteSpace, "alpine:3");
    check("ghcr.io/o/n :t", " ", Violation::WhiteSpace, "ghcr.io/o/n:t");
    check("alpine 3", " ", Violation::WhiteSpace, "");
    check("docker pull alpine:3", " ", Violation::WhiteSpace, "alpine:3");
    check("image: alpine", " ", Violation::WhiteSpace, "alpine");
    check("FROM alpine AS build", " ", Violation::WhiteSpace, "");
    check("\"alpine:3\"", "\"", Violation::Quoted, "alpine:3");
    check("n:“3.1”", "“", Violation::Quoted, "n:3.1");
    check("n:\u{a0}t", "\u{a0}", Violation::WhiteSpace, "");
}

#[test]
fn invalid_characters_are_explained() {
    check("r.test/n?x=y", "?x=***", Violation::Query, "r.test/n");
    check("r.test/n?x=y#f", "?x=***", Violation::Query, "r.test/n");
    check("r.test/n#f", "#***", Violation::Fragment, "r.test/n");
    check("r.test/%2e%2e/n", "%2e", Violation::PercentEncoding, "");
    check("r.test/o%2Fn", "%2F", Violation::PercentEncoding, "r.test/o/n");
    check("r.test\\o\\n", "\\", Violation::Backslash, "r.test/o/n");
    check("r.test/n:${TAG}", "${TAG}", Violation::Placeholder, "");
    check("r.test/n:$TAG-x", "$TAG", Violation::Placeholder, "");
    check("r.test/{{ owner }}/n", "{{ owner }}", Violation::Placeholder, "");
    check("<name>:t", "<name>", Violation::Placeholder, "");
    check("r.test/%NAME%", "%NAME%", Violation::Placeholder, "");
    check("r.test/a,b", ",", Violation::ForeignCharacter(','), "");
    check("\u{430}lpine", "\u{430}", Violation::NotAscii('\u{430}'), "alpine");
    check("r.test/caf\u{e9}", "\u{e9}", Violation::NotAscii('\u{e9}'), "");
    check("alp\u{200b}ine", "\u{200b}", Violation::NotAscii('\u{200b}'), "alpine");
    check("alpine\u{ff1a}3", "\u{ff1a}", Violation::NotAscii('\u{ff1a}'), "alpine:3");
    check("n\u{1b}[2J", "\u{1b}", Violation::Control('\u{1b}'), "");
    check("-v", "-", Violation::LooksLikeOption, "");
    check("--", "--", Violation::LooksLikeOption, "");
    check("", "", Violation::Empty, "");
    check("docker://", "docker://", Violation::Empty, "");
}

#[test]
fn misplaced_slashes_are_rejected() {
    check("r.test//x", "/", Violation::EmptyComponent, "r.test/x");
    check("r.test/a//x", "//", Violation::EmptyComponent, "r.test/a/x");
    check("/alpine", "/", Violation::LeadingSlash, "alpine");
    check("/v2/alpine/manifests/3", "/", Violation::LeadingSlash, "");
    check("alpine/", "/", Violation::TrailingSlash, "alpine");
    check("alpine:latest/", "/", Violation::TrailingSlash, "alpine:latest");
    check("ghcr.io/o/n//", "//", Violation::TrailingSlash, "ghcr.io/o/n");
    check("https://r.test/v2/n/manifests/t/", "/", Violation::TrailingSlash, "https://r.test/v2/n/manifests/t");
    check("repo/:tag", "/:", Violation::EmptyComponent, "");
    check("ghcr.io/:tag", "/:", Violation::EmptyComponent, "");
    check("a/../b", "..", Violation::DotComponent, "");
    check("../b", "..", Violation::DotComponent, "");
    check("./b", ".", Violation::DotComponent, "");
}

#[test]
fn host_without_a_repository_is_rejected() {
    check("ghcr.io/", "/", Violation::NoRepository, "");
    check("https://ghcr.io", "ghcr.io", Violation::NoRepository, "");
    check("https://ghcr.io/", "/", Violation::NoRepository, "");
    check("https://ghcr.io/v2/", "/v2/", Violation::NoRepository, "");
    check("https://index.docker.io/v1/", "/v1/", Violation::NoRepository, "");
    check("[::1]:5000", "[::1]:5000", Violation::NoRepository, "");
    check("https://r.test/api/docker/v2/n/manifests/t", "api/docker", Violation::PathBeforeApi, "");
    check("https://r.test/v2/n/manifests/", "/manifests/", Violation::EmptyTag, "");
    check("https://r.test/v2/manifests/t", "v2/manifests/t", Violation::NoRepository, "");
}

#[test]
fn invalid_hosts_and_ports_are_rejected() {
    check("r.test:99999/x", "99999", Violation::Port, "");
    check("r.test:0/x", "0", Violation::Port, "");
    check("r.test:+80/x", "+80", Violation::Port, "");
    check("r.test:http/x", "http", Violation::Port, "");
    check("r.test:/x", ":", Violation::Port, "r.test/x");
    check("[::1]:70000/x", "70000", Violation::Port, "");
    check("ghcr.io./x", ".", Violation::HostTrailingDot, "ghcr.io/x");
    check("ghcr..io/x", ".", Violation::HostName, "");
    check(".io/x", ".", Violation::HostName, "");
    check("my_registry:5000/x", "_", Violation::HostName, "");
    check("a-.test/x", "-", Violation::HostName, "");
    check("::1/x", "::1", Violation::Ipv6, "[::1]/x");
    check("[::1/x", "[::1", Violation::Ipv6, "");
    check("[::g]/x", "[::g]", Violation::Ipv6, "");
    check("[::ffff:1.2.3.4]/x", "[::ffff:1.2.3.4]", Violation::Ipv6, "");
    check("[fe80::1%eth0]:5000/x", "[fe80::1%eth0]", Violation::Ipv6, "[fe80::1]:5000/x");
    check("[::1]5000/x", "5000", Violation::Ipv6, "");
}

#[test]
fn invalid_repositories_and_tags_are_rejected() {
    check("a..b", "..", Violation::RepositorySeparator, "");
    check("a___b", "___", Violation::RepositorySeparator, "");
    check("o/-n", "-", Violation::RepositorySeparator, "");
    check("o/n_", "_", Violation::RepositorySeparator, "");
    check("a._b", "._", Violation::RepositorySeparator, "");
    check("o/a+b", "+", Violation::RepositoryCharacter, "");
    check("name:", ":", Violation::EmptyTag, "name");
    check(":tag", ":", Violation::NoName, "");
    check("name:tag:tag", ":tag", Violation::SecondTag, "");
    check("name:-t", "-", Violation::TagStart, "");
    check("name:.t", ".", Violation::TagStart, "");
    check("chart:2024.42.27+abc", "+", Violation::TagCharacter, "chart:2024.42.27_abc");
    check("host/x:5000/y", ":5000", Violation::TagInTheMiddle, "");
    check(&format!("n:{}b", "a".repeat(128)), "b", Violation::TagTooLong, "");
}

#[test]
fn invalid_digests_are_rejected() {
    let not_hexadecimal = |at, found| Violation::Digest(DigestError::NotHexadecimal { at, found });
    let length = |found| Violation::Digest(DigestError::Length { algorithm: crate::oci::Algorithm::Sha256, found });
    check("x@sha256:short", "s", not_hexadecimal(7, 's'), "");
    check("x@sha256:abc", "abc", length(3), "");
    check("x@sha256:<hex>0", "<hex>0", length(65), "");
    check("name@", "@", Violation::EmptyDigest, "name");
    check("n@<hex>", "<hex>", Violation::Digest(DigestError::NoAlgorithm), "n@sha256:<hex>");
    check("n@sha256-<hex>", "sha256-<hex>", Violation::Digest(DigestError::NoAlgorithm), "n@sha256:<hex>");
    check("n@SHA256:<hex>", "SHA256", Violation::Digest(DigestError::OtherAlgorithm), "n@sha256:<hex>");
    check("n@md5:<hex>", "md5", Violation::Digest(DigestError::OtherAlgorithm), "");
    check("alpine@3.20", "3.20", Violation::Digest(DigestError::NoAlgorithm), "alpine:3.20");
    check("ghcr.io/o/n@latest", "latest", Violation::Digest(DigestError::NoAlgorithm), "ghcr.io/o/n:latest");
    check("n@sha256:<hex>:t", ":t", Violation::TagAfterDigest, "n:t@sha256:<hex>");
    check("n:a@sha256:<hex>:t", ":t", Violation::TagAfterDigest, "");
    check("n@sha256:<hex>@sha256:<hex>", "@sha256:<hex>", Violation::SecondDigest, "");
    check("sha256:<hex>", "sha256:<hex>", Violation::DigestWithoutName, "NAME@sha256:<hex>");
    check("@sha256:<hex>", "@sha256:<hex>", Violation::DigestWithoutName, "NAME@sha256:<hex>");
    check("sha256:abcdef123456", "sha256:abcdef123456", Violation::DigestWithoutName, "");
    check("<hex>", "<hex>", Violation::HexadecimalName, "NAME@sha256:<hex>");
}

#[test]
fn host_and_repository_share_a_length_limit() {
    let fits = format!("r.test/{}", "a".repeat(248));
    assert_eq!(fits.len(), 255);
    assert!(Reference::parse(&fits).is_ok());
    check(&format!("{fits}b"), "b", Violation::NameTooLong, "");
    // The additions count as well, since clients send and store the full name.
    check(&format!("{}b:t", "a".repeat(237)), "b", Violation::NameTooLong, "");
}

#[test]
fn credentials_are_rejected_and_shown_nowhere() {
    for (input, shown, suggestion) in [
        ("https://user:CANARY@host/x", "https://***@host/x", "https://host/x"),
        ("https://CANARY@host/x", "https://***@host/x", "https://host/x"),
        ("http://user:CANARY@r.test:5000", "http://***@r.test:5000", ""),
        ("user:CANARY@ghcr.io/o/n:t", "***@ghcr.io/o/n:t", "ghcr.io/o/n:t"),
        ("user:CANARY@ghcr.io", "***@ghcr.io", "ghcr.io"),
        (
            "docker://user:CANARY@r.test/x@sha256:<hex>",
            "docker://***@r.test/x@sha256:<hex>",
            "docker://r.test/x@sha256:<hex>",
        ),
        ("https://user:CAN@ARY:CANARY@host/x", "https://***@host/x", "https://host/x"),
        ("https://user:/CANARY@host/x", "https://***@host/x", "https://host/x"),
        ("https://user:CANARY#?/@host", "https://***@host", ""),
        (" \"https://user:CANARY@host/X\"", " \"https://***@host/X\"", "https://host/x"),
        ("https://user:CANARY@host/x?token=CANARY&a=CANARY", "https://***@host/x?token=***&a=***", "https://host/x"),
        ("https://user:CAN\u{1b}ARY\n@host/x", "https://***@host/x", "https://host/x"),
    ] {
        let refusal = Reference::parse(&with_hex(input)).expect_err(input);
        assert_eq!(refusal.rule, Violation::Credentials);
        assert_eq!(refusal.input, with_hex(shown));
        assert_eq!(refusal.suggestion.clone().unwrap_or_default(), with_hex(suggestion), "{input}");
        assert!(refusal.input[refusal.at.clone()].starts_with("***"), "{input}");
        let everything = format!("{refusal:?} {refusal} {}", refusal.explain());
        assert!(!everything.contains("CANARY"), "{everything}");
    }
    let signed = Reference::parse("https://cdn.test/blob?Expires=1&Signature=CANARY").unwrap_err();
    assert!(!format!("{signed:?}").contains("CANARY"));
    let host = "user:CANARY@ghcr.io".parse::<Host>().unwrap_err();
    assert!(!format!("{host:?}").contains("CANARY"));
}

#[test]
fn a_refusal_points_names_the_rule_and_offers_what_was_meant() {
    let explained = |input: &str| Reference::parse(input).unwrap_err().explain();
    assert_eq!(
        explained("ghcr.io/Owner/name:Tag"),
        "ghcr.io/Owner/name:Tag\n        ^\n\
         Repository names are lower case. Hosts may be in any case, and tags are case-sensitive.\n\
         did you mean ghcr.io/owner/name:Tag"
    );
    assert_eq!(explained("漢\u{202e}n"), "漢\\u{202e}n\n^^\nU+6F22 is not ASCII; references are ASCII.");
    assert!(explained("alpine\n").starts_with("alpine\\n\n      ^^\n"));
    assert!(explained("name:").starts_with("name:\n    ^\n"));
    assert!(explained("").starts_with("\n^\n"));
    assert!(explained("x@sha256:abc").ends_with("\nA sha256 digest has 64 hexadecimal digits, this one has 3."));
}

#[test]
fn long_input_is_reduced_to_the_neighborhood_of_the_fault() {
    let input = format!("r.test/{}X{}", "a".repeat(5000), "b".repeat(5000));
    let refusal = Reference::parse(&input).unwrap_err();
    let explained = refusal.explain();
    let lines: Vec<&str> = explained.lines().collect();
    assert_eq!(lines[0].chars().count(), 78);
    assert!(lines[0].starts_with('…') && lines[0].ends_with('…'));
    assert_eq!(lines[0].chars().nth(lines[1].len() - 1), Some('X'));
    // In lower case it would still be too long, so there is no suggestion.
    assert_eq!(lines.len(), 3);
    let all_wrong = format!("r.test/{}", "X".repeat(10_000));
    let explained = Reference::parse(&all_wrong).unwrap_err().explain();
    assert!(explained.lines().all(|line| line.chars().count() < 100), "{explained}");
}

/// The time is not measured: with quadratic work, this test would take minutes. An operating system passes arguments of
/// this size.
#[test]
fn huge_input_is_rejected_in_linear_time() {
    for hostile in ["@", "/", ":", "a@", "=", "?=", "\\", "%41", "\u{430}", "\"", "[", "a/", "aA", "a.", "-", "0"] {
        let refusal = Reference::parse(&format!("n{}", hostile.repeat(1 << 17))).expect_err(hostile);
        assert!(refusal.explain().len() < 1000, "{hostile}");
    }
}

/// A pasted URL may contain a token anywhere after its path.
#[test]
fn url_is_shown_without_query_and_fragment() {
    for (input, shown) in [
        ("https://r.test/n#CANARY", "https://r.test/n#***"),
        ("https://r.test/n?CANARY", "https://r.test/n?***"),
        ("r.test/n?a=CANARY#CANARY", "r.test/n?a=***#***"),
        ("r.test/n?CANARY&b=CANARY;CANARY", "r.test/n?***&b=***;***"),
        ("r.test/n?a=1#access_token=CANARY&x=y", "r.test/n?a=***#***"),
        ("r.test/n#CANARY?CANARY#CANARY", "r.test/n#***"),
        ("http://r.test/n?a==CANARY=&", "http://r.test/n?a=***&"),
        // Nothing follows.
        ("r.test/n?", "r.test/n?"),
        ("r.test/n#", "r.test/n#"),
        ("r.test/N", "r.test/N"),
    ] {
        let refusal = Reference::parse(input).expect_err(input);
        assert_eq!(refusal.input, shown, "{input}");
        assert!(!refusal.explain().contains("CANARY"), "{}", refusal.explain());
    }
}
