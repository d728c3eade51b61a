//! Challenges of real registries, of broken ones, and malicious ones.

use proptest::prelude::*;

use super::*;

/// The challenges of some header lines, each on one line: the scheme, then `name=value`, separated by ` · `.
fn shown(lines: &[&str]) -> Vec<String> {
    show(&read(lines))
}

fn read(lines: &[&str]) -> Challenges {
    read_challenges(lines.iter().map(|line| line.as_bytes()))
}

fn show(challenges: &Challenges) -> Vec<String> {
    let one = |challenge: &Challenge| {
        let mut words = vec![challenge.scheme().printable()];
        words.extend(challenge.parameters().iter().map(|(name, value)| format!("{name}={}", value.printable())));
        words.join(" · ")
    };
    challenges.all().iter().map(one).collect()
}

/// The problems as (line, byte, kind).
fn problems(lines: &[&str]) -> Vec<(usize, usize, ProblemKind)> {
    read(lines).problems().iter().map(|problem| (problem.header, problem.offset, problem.what)).collect()
}

/// Captured headers that follow the grammar and have no problems.
#[test]
fn well_formed_challenges_have_no_problems() {
    for (registry, line, expected) in [
        (
            "CNCF distribution",
            r#"Bearer realm="https://auth.example.test/token",service="registry.example.test",scope="repository:demo/app:pull""#,
            "Bearer · realm=https://auth.example.test/token · service=registry.example.test · scope=repository:demo/app:pull",
        ),
        (
            "CNCF distribution, mounting a blob: two scopes in one",
            r#"Bearer realm="https://auth.example.test/token",service="registry.example.test",scope="repository:a/b:pull,push repository:demo/app:pull""#,
            "Bearer · realm=https://auth.example.test/token · service=registry.example.test · scope=repository:a/b:pull,push repository:demo/app:pull",
        ),
        ("CNCF distribution with htpasswd", r#"Basic realm="Registry Realm""#, "Basic · realm=Registry Realm"),
        (
            "Docker Hub",
            r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/this-does-not-exist:pull",error="insufficient_scope""#,
            "Bearer · realm=https://auth.docker.io/token · service=registry.docker.io · scope=repository:library/this-does-not-exist:pull · error=insufficient_scope",
        ),
        (
            "GHCR, with its placeholder",
            r#"Bearer realm="https://ghcr.io/token",service="ghcr.io",scope="repository:user/image:pull""#,
            "Bearer · realm=https://ghcr.io/token · service=ghcr.io · scope=repository:user/image:pull",
        ),
        (
            "ECR",
            r#"Basic realm="https://123456789012.dkr.ecr.us-east-1.amazonaws.com/",service="ecr.amazonaws.com""#,
            "Basic · realm=https://123456789012.dkr.ecr.us-east-1.amazonaws.com/ · service=ecr.amazonaws.com",
        ),
        (
            "ECR Public",
            r#"Bearer realm="https://public.ecr.aws/token/",service="public.ecr.aws",scope="aws""#,
            "Bearer · realm=https://public.ecr.aws/token/ · service=public.ecr.aws · scope=aws",
        ),
        (
            "ACR",
            r#"Bearer realm="https://reg.azurecr.io/oauth2/token",service="reg.azurecr.io",scope="registry:catalog:*",error="invalid_token""#,
            "Bearer · realm=https://reg.azurecr.io/oauth2/token · service=reg.azurecr.io · scope=registry:catalog:* · error=invalid_token",
        ),
        (
            "nvcr.io, without a service",
            r#"Bearer realm="https://nvcr.io/proxy_auth",scope="repository:nvidia/k8s-device-plugin:pull""#,
            "Bearer · realm=https://nvcr.io/proxy_auth · scope=repository:nvidia/k8s-device-plugin:pull",
        ),
        (
            "Nexus, in capitals",
            r#"BASIC realm="Sonatype Nexus Repository Manager""#,
            "BASIC · realm=Sonatype Nexus Repository Manager",
        ),
        (
            "OpenShift, with an unquoted realm that is a token",
            r#"Basic realm=openshift,error="access denied""#,
            "Basic · realm=openshift · error=access denied",
        ),
        ("escapes and white space", r#"Basic  realm = "the \"inner\" one""#, r#"Basic · realm=the "inner" one"#),
    ] {
        assert_eq!(shown(&[line]), [expected], "{registry}");
        assert_eq!(problems(&[line]), [], "{registry}");
    }
}

/// Headers that clients fail on, and the byte at which they fail.
#[test]
fn malformed_challenges_have_problems_with_their_position() {
    use ProblemKind::*;
    type Case<'a> = (&'a str, &'a str, &'a [&'a str], &'a [(usize, ProblemKind)]);
    let cases: &[Case<'_>] = &[
        ("Harbor, project not found", "", &[], &[(0, NoChallenge)]),
        (
            "zot, nothing quoted",
            "bearer realm=https://r.test/token,service=r.test,scope=repository:a/b:pull,push",
            &["bearer · realm=https://r.test/token · service=r.test · scope=repository:a/b:pull,push"],
            &[(13, UnquotedValue), (55, UnquotedValue)],
        ),
        ("a scheme alone", "Bearer", &["Bearer"], &[(0, MissingRealm(Kind::Bearer))]),
        ("a scheme and commas", "bearer,,,", &["bearer"], &[(0, MissingRealm(Kind::Bearer))]),
        ("an empty realm", r#"Bearer realm="""#, &["Bearer · realm="], &[(0, MissingRealm(Kind::Bearer))]),
        (
            "a quote that is not closed",
            r#"Bearer service="r.test",realm="https://r.test/token"#,
            &["Bearer · service=r.test"],
            &[(0, MissingRealm(Kind::Bearer)), (30, UnterminatedQuote)],
        ),
        (
            "no equals sign",
            r#"Bearer realm "https://r.test/token",service"#,
            &["Bearer · realm=https://r.test/token"],
            &[(12, MissingEquals), (43, MissingEquals)],
        ),
        (
            "no value",
            r#"Bearer realm="https://r.test/t",service=,scope="#,
            &["Bearer · realm=https://r.test/t · service= · scope="],
            &[(40, MissingValue), (47, MissingValue)],
        ),
        (
            "no commas",
            r#"Bearer realm="https://r.test/t" service="r.test" Basic realm="r""#,
            &["Bearer · realm=https://r.test/t · service=r.test", "Basic · realm=r"],
            &[(32, MissingComma), (49, MissingComma)],
        ),
        (
            "semicolons",
            r#"Bearer realm="https://r.test/t"; service="r.test""#,
            &["Bearer · realm=https://r.test/t · service=r.test"],
            &[(31, Semicolon)],
        ),
        (
            "a comma after the scheme",
            r#"Bearer, realm="https://r.test/t""#,
            &["Bearer · realm=https://r.test/t"],
            &[(8, CommaAfterScheme)],
        ),
        (
            "the same parameter twice, in two spellings",
            r#"Bearer realm="https://r.test/t",Realm="https://evil.test/t",x="1",x="2""#,
            &["Bearer · realm=https://r.test/t · x=1"],
            &[(32, DuplicateParameter(Some("realm"))), (66, DuplicateParameter(None))],
        ),
        ("no scheme", r#"realm="https://r.test/t""#, &[], &[(0, ParameterWithoutScheme), (0, NoChallenge)]),
        (
            "words between",
            r#"Basic realm=Registry Realm, "what" [is] this"#,
            &["Basic · realm=Registry"],
            &[(21, StrayText), (28, StrayText), (35, StrayText), (40, StrayText)],
        ),
        ("Negotiate with an opaque value", "Negotiate YIIG+a/b==", &["Negotiate"], &[]),
    ];
    for (what, line, expected, noted) in cases {
        assert_eq!(shown(&[line]), *expected, "{what}");
        let noted: Vec<_> = noted.iter().map(|(offset, what)| (0, *offset, *what)).collect();
        assert_eq!(problems(&[line]), noted, "{what}");
    }
}

#[test]
fn problem_is_a_sentence_with_its_position() {
    let read = read(&[r#"Basic realm="r""#, r#"Bearer realm="https://r.test/t",realm="https://evil.test/t""#]);
    assert_eq!(
        read.problems()[0].sentence(),
        "WWW-Authenticate line 2, byte 33: the parameter realm occurs again in the same challenge; the first one is used"
    );
    assert_eq!(read.all()[1].problems(), read.problems());
    assert!(read.all()[0].problems().is_empty());
}

#[test]
fn parameters_are_found_in_any_order_and_case() {
    let read =
        read(&[r#"bEaReR SCOPE="repository:a/b:pull,push",Service="s",REALM="https://r.test/t",error="denied""#]);
    let challenge = &read.all()[0];
    assert_eq!(challenge.kind(), Kind::Bearer);
    assert_eq!(challenge.scope().map(Untrusted::as_str), Some("repository:a/b:pull,push"));
    assert_eq!(challenge.service().map(Untrusted::as_str), Some("s"));
    assert_eq!(challenge.realm().map(Untrusted::as_str), Some("https://r.test/t"));
    assert_eq!(challenge.error().map(Untrusted::as_str), Some("denied"));
    assert_eq!(challenge.parameter("Realm"), challenge.parameter("realm"));
    assert_eq!(challenge.parameter("nonce"), None);
}

/// Gitea sends two header lines, others put two challenges in one; their order must not matter.
#[test]
fn bearer_with_a_realm_goes_before_basic_in_any_order() {
    let bearer = r#"Bearer realm="https://gitea.test/v2/token",service="container_registry",scope="*""#;
    let spare = r#"Bearer realm="https://gitea.test/a""#;
    let useless = "Bearer scope=\"x\"";
    let joined = format!("Negotiate, Basic realm=\"x\", {bearer}");
    for lines in [
        vec![bearer, "Basic"],
        vec!["Basic", bearer],
        vec!["Basic", useless, bearer, spare],
        vec![spare, bearer, useless, "Basic"],
        vec![joined.as_str()],
    ] {
        let read = read(&lines);
        let best = read.best().expect("there is a Bearer challenge");
        assert_eq!(best.service().map(Untrusted::as_str), Some("container_registry"), "{lines:?}");
    }
    assert_eq!(read(&[useless, "Basic realm=\"x\""]).best().map(Challenge::kind), Some(Kind::Basic));
    assert_eq!(read(&[useless, "Negotiate"]).best(), None);
    assert_eq!(read(&[]), Challenges::default());
}

#[test]
fn equally_detailed_bearer_challenges_are_ordered_by_text() {
    let (one, two) = (r#"Bearer realm="https://a.test/t""#, r#"Bearer realm="https://b.test/t""#);
    assert_eq!(read(&[one, two]).best(), read(&[two, one]).best());
}

#[test]
fn non_ascii_bytes_are_reported_and_kept_visible() {
    let line: &[u8] = b"Bearer realm=\"https://r.test/\xff\x80\",service=a\xc3\xa9, \x01x";
    let read = read_challenges([line]);
    assert_eq!(show(&read), [r"Bearer · realm=https://r.test/\xff\x80 · service=aé"]);
    let noted: Vec<_> = read.problems().iter().map(|problem| (problem.offset, problem.what)).collect();
    assert_eq!(
        noted,
        [
            (29, ProblemKind::UnexpectedByte(0xff)),
            (41, ProblemKind::UnquotedValue),
            (42, ProblemKind::UnexpectedByte(0xc3)),
            (46, ProblemKind::UnexpectedByte(1)),
        ]
    );
}

/// Every list that a server can make long has a limit, and the limit is reported.
#[test]
fn challenges_parameters_and_problems_are_bounded() {
    let quotes = format!("\"{}", "\\\"".repeat(50_000));
    let pairs = "\"".repeat(100_000);
    let commas = ",".repeat(10_000);
    let parameters: String = (0..10_000).map(|n| format!("p{n}=\"{n}\",")).collect();
    let parameters = format!("Bearer realm=\"https://r.test/t\",{parameters}");
    let schemes = "Basic realm=\"r\", ".repeat(10_000);
    for (line, noted) in [
        (quotes.as_str(), ProblemKind::ValueCut),
        (&pairs, ProblemKind::MoreProblems),
        (&commas, ProblemKind::NoChallenge),
        (&parameters, ProblemKind::TooManyParameters),
        (&schemes, ProblemKind::TooManyChallenges),
    ] {
        let read = read(&[line]);
        assert!(read.problems().iter().any(|problem| problem.what == noted), "{noted:?}");
        assert!(read.all().len() <= CHALLENGE_LIMIT);
        assert!(read.problems().len() <= PROBLEM_LIMIT);
        assert!(read.all().iter().all(|challenge| challenge.parameters().len() <= PARAMETER_LIMIT));
    }
    let lines = vec!["Basic realm=\"r\""; 1000];
    let read = read(&lines);
    assert_eq!(read.all().len(), CHALLENGE_LIMIT);
    assert_eq!(read.problems().len(), PROBLEM_LIMIT);
    assert_eq!(read.problems()[0].header, CHALLENGE_LIMIT);
}

prop_compose! {
    fn parameter()(
        name in "[a-z_][a-z0-9_-]{0,10}",
        value in prop_oneof!["[A-Za-z0-9.]{1,12}", r#""[ -!#-\[\]-~]{0,24}""#, r#""(\\["\\]|[a-z]){0,9}""#],
    ) -> String {
        format!("{name}={value}")
    }
}

prop_compose! {
    fn well_formed()(
        challenges in proptest::collection::vec(
            ("(Basic|Bearer|bearer|Digest|Custom)", proptest::collection::vec(parameter(), 0..4)),
            1..4,
        ),
    ) -> String {
        let one = |(scheme, mut parameters): (String, Vec<String>)| {
            parameters.insert(0, "realm=\"https://r.test/t\"".to_owned());
            format!("{scheme} {}", parameters.join(", "))
        };
        challenges.into_iter().map(one).collect::<Vec<_>>().join(",")
    }
}

proptest! {
    #[test]
    fn both_parsers_agree_on_well_formed_challenges(line in well_formed()) {
        if let Some(strict) = read_strictly(line.as_bytes(), CHALLENGE_LIMIT) {
            let mut tolerant = Challenges::default();
            reader::read(0, line.as_bytes(), &mut tolerant);
            prop_assert_eq!(tolerant.all, strict);
            prop_assert_eq!(tolerant.problems, vec![]);
        } else {
            prop_assert!(read(&[&line]).problems().iter().all(|p| matches!(p.what, ProblemKind::DuplicateParameter(_))));
        }
    }

    #[test]
    fn parser_never_panics(lines in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..200), 0..5)) {
        check(&lines)?;
    }

    #[test]
    fn parser_never_panics_on_pieces_of_the_grammar(
        pieces in proptest::collection::vec(
            prop_oneof!["Bearer", "Basic", "realm", "scope", "=", "\"", "\\\\", ",", ";", " ", "\t", "pull", "é", "[a-z]{1,3}"],
            0..60,
        ),
    ) {
        check(&[pieces.concat().into_bytes()])?;
    }
}

/// The invariants for every input: positions are inside the value, names are unique tokens, and `best` can be used.
fn check(lines: &[Vec<u8>]) -> Result<(), TestCaseError> {
    let read = read_challenges(lines.iter().map(Vec::as_slice));
    for problem in read.problems() {
        prop_assert!(problem.offset <= lines[problem.header].len());
        prop_assert!(problem.sentence().chars().all(crate::text::is_safe));
    }
    for challenge in read.all() {
        for (at, (name, _)) in challenge.parameters().iter().enumerate() {
            prop_assert!(!name.is_empty() && name.is_ascii() && *name == name.to_ascii_lowercase());
            prop_assert!(challenge.parameters()[..at].iter().all(|(earlier, _)| earlier != name));
        }
    }
    let best = read.best();
    prop_assert!(best.is_none_or(|best| best.kind() != Kind::Other));
    prop_assert!(lines.iter().all(Vec::is_empty) || !read.all().is_empty() || !read.problems().is_empty());
    Ok(())
}
