//! Values that are removed, and texts that stay.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use url::Url;

use super::*;
use crate::evidence::testing::without_labels;

#[test]
fn a_signed_url_keeps_its_shape_and_loses_its_signature() {
    let url =
        Url::parse("https://u:pw@s3.test/b/data?X-Amz-Signature=CANARYsig&n=5&scope=repository:a:pull#x").unwrap();
    let mut redactor = Redactor::default();
    assert_eq!(
        without_labels(&redactor.url(&url)),
        "https://s3.test/b/data?X-Amz-Signature=‹query value removed, 9 characters, label …›&n=5&scope=repository:a:pull"
    );
    let redactions = redactor.redactions();
    let counted: Vec<_> = redactions.iter().map(|r| (&*r.what, r.count)).collect();
    assert_eq!(counted, [("password", 1), ("query value", 1)]);
}

#[test]
fn headers_show_what_helps_and_hide_what_harms() {
    let mut redactor = Redactor::default();
    let mut shown =
        |name: &str, value: &str| without_labels(&redactor.header(name, &Untrusted::from(value)).printable());
    assert_eq!(shown("set-cookie", "sid=CANARYck; Path=/"), "‹cookie removed, 20 characters, label …›");
    assert_eq!(shown("docker-ratelimit-source", "203.0.113.9"), "‹IPv4 address removed›");
    assert_eq!(
        shown("location", "/blobs/x?_state=CANARY"),
        "/blobs/x?_state=‹query value removed, 6 characters, label …›"
    );
    assert_eq!(
        shown("link", "</v2/a/tags/list?last=b&n=2>; rel=\"next\""),
        "</v2/a/tags/list?last=b&n=2>; rel=\"next\""
    );
    assert_eq!(
        shown("www-authenticate", "Bearer realm=\"https://u:CANARY@t.test/?key=CANARY\",service=\"t\""),
        "Bearer realm=\"https://t.test/?key=‹query value removed, 6 characters, label …›\",service=\"t\""
    );
    assert_eq!(
        shown("www-authenticate", "Bearer realm=\"https://auth.test\",service=\"t\""),
        "Bearer realm=\"https://auth.test\",service=\"t\""
    );
    let explicit = "Bearer realm=\"https://auth.test:443/token\",service=\"auth.test:443\"";
    assert_eq!(
        shown("www-authenticate", explicit),
        explicit,
        "written as it was, with the port that goes without saying"
    );
    assert_eq!(shown("x-foo", "eyJhbGciOiJub25lIn0.e30.CANARY"), "‹token removed, 30 characters, label …›");
    assert_eq!(shown("x-request-id", "c43e2e4d-7f1c"), "c43e2e4d-7f1c");
}

/// Case E28: by a part of the name, for any header; and in any other header, every address loses its signature.
#[test]
fn header_is_shown_unless_its_name_or_an_address_in_it_is_secret() {
    let mut redactor = Redactor::default();
    let mut shown = |name: &str, value: &str| redactor.header(name, &Untrusted::from(value)).printable();
    for (name, value) in [
        ("x-jwt-assertion", "CANARY"),
        ("x-forwarded-authorization", "Basic CANARY"),
        ("x-ms-copy-source-authorization", "CANARY"),
        ("x-artifactory-session-id", "CANARY"),
        ("x-gitlab-job-token", "CANARY"),
        ("x-client-secret", "CANARY"),
        ("x-origin", "https://s3.test/b?X-Amz-Credential=CANARY&X-Amz-Signature=CANARY"),
        ("via", "1.1 https://CANARY:CANARY@proxy.test"),
        ("warning", "299 - \"moved to https://cdn.test/x?sig=CANARY\""),
        ("content-security-policy", "report-uri https://log.test/?id=CANARY"),
        ("x-debug", "Policy=CANARY&Signature=CANARY&Key-Pair-Id=CANARY"),
        ("x-upstream", "/uploads/x?_state=CANARY#CANARY"),
        ("alt-svc", "h2=\"cdn.test:443\"; token=CANARY"),
    ] {
        let shown = shown(name, value);
        assert!(!shown.contains("CANARY"), "{name}: {shown}");
    }
    for (name, value) in [
        ("x-author", "joe"),
        ("surrogate-key", "library/nginx tags"),
        ("keep-alive", "timeout=5, max=100"),
        ("access-control-allow-credentials", "true"),
        ("www-authenticate", "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\""),
        ("docker-content-digest", "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
        ("content-type", "application/vnd.oci.image.index.v1+json"),
        ("etag", "W/\"9f86d081884c\""),
        ("ratelimit-remaining", "99;w=21600"),
        ("via", "1.1 cache.test:3128 (squid/6.1)"),
        ("warning", "299 - \"see https://docs.test/changes#v1-manifests\""),
        ("strict-transport-security", "max-age=31536000; includeSubDomains"),
        ("server-timing", "cache;dur=0.2;desc=\"hit\""),
        ("link", "</v2/a/referrers/sha256:0123?artifactType=text%2Fplain&last=x>; rel=\"next\""),
    ] {
        assert_eq!(shown(name, value), value, "{name}");
    }
}

#[test]
fn a_known_secret_is_found_in_every_encoding() {
    let secret = Secret::new("CANARY+pw/=%\"\\'1");
    let basic = STANDARD.encode("CANARY+pw/=%\"\\'1");
    for text in [
        "CANARY+pw/=%\"\\'1".to_owned(),
        basic,
        "CANARY%2Bpw%2F%3D%25%22%5C%271".to_owned(),
        serde_json::to_string("CANARY+pw/=%\"\\'1").unwrap(),
        "43414e4152592b70772f3d25225c2731".to_owned(),
    ] {
        let mut redactor = Redactor::new([("password", &secret)]);
        let shown = redactor.text(&format!("before {text} after"));
        assert!(shown.contains("‹password removed, 16 characters") && !shown.contains("CANARY"), "{text} → {shown}");
        assert_eq!(redactor.redactions(), [Redaction { what: "password".into(), count: 1, distinct: 1 }]);
    }
}

/// The output about two runs is searched for the secrets of both.
#[test]
fn redactor_of_two_runs_removes_the_secrets_and_names_of_both() {
    let of = |secret: &str, host: &str| {
        let mut public = Pseudonyms::default();
        public.hide_hosts([host.to_owned()]);
        public.hide_repository(&format!("team/{}", host.replace('.', "-")));
        Redactor::new([("password", &Secret::new(secret))]).for_everybody(Some(public))
    };
    let mut one = of("CANARY-one-0123456789", "one.example.lan");
    let mut other = of("CANARY-two-abcdefghij", "two.example.lan");
    let signed = Url::parse("https://s3.test/b?X-Amz-Signature=CANARYsigned0123").unwrap();
    other.learn_url(&signed);
    // What has been looked at before is looked at again.
    let text =
        "CANARY-one-0123456789 CANARY-two-abcdefghij Q0FOQVJZLXR3by1hYmNkZWZnaGlq CANARYsigned0123 CANARY-two-abcd";
    let shown = one.text(text);
    assert!(shown.contains("two-abcdefghij"), "{shown}");
    let mut both = one.with(other);
    let shown = both.text(text);
    assert!(!shown.contains("CANARY") && !shown.contains("Q0FO"), "{shown}");
    assert!(both.last_scan(text).is_err() && both.own_secret_in(b"CANARY-two-abcdefghij").is_some());
    let mut public = both.pseudonyms().cloned().unwrap();
    let shown = public.text("one.example.lan/team/one-example-lan two.example.lan/team/two-example-lan");
    assert_eq!(shown, "HOST1/REPOSITORY1 HOST2/REPOSITORY2");
}

#[test]
fn a_type_that_a_signed_address_asks_for_is_no_secret() {
    let mut redactor = Redactor::default();
    let address = "https://s.test/b?response-content-type=application/octet-stream&sig=CANARYsignature";
    redactor.learn_url(&address.parse().unwrap());
    assert_eq!(redactor.text("application/octet-stream"), "application/octet-stream");
    let shown = without_labels(&redactor.text("CANARYsignature"));
    assert_eq!(shown, "‹query value removed, 15 characters, label …›");
}

#[test]
fn a_token_body_keeps_its_structure_only() {
    let mut redactor = Redactor::default();
    let shown = redactor.token_body(br#"{"token":"CANARYtok","Access_Token":["CANARYtok"],"expires_in":300}"#);
    assert_eq!(
        without_labels(&shown.printable()),
        r#"{"token":"‹token removed, 9 characters, label …›","Access_Token":"‹token removed, 13 characters, label …›","expires_in":300}"#
    );
    let shown = redactor.token_body(b"CANARYtok").printable();
    assert_eq!(without_labels(&shown), "‹token server's answer removed, 9 characters, label …›");
}

/// Found by the fuzz target of the redactor: the words between quotes were searched one by one.
#[test]
fn a_secret_with_quotes_in_it_is_found_beside_an_address() {
    let secret = Secret::new("CANARY\"pw'end");
    let mut redactor = Redactor::new([("password", &secret)]);
    let shown = without_labels(&redactor.text("a CANARY\"pw'end http://r.test/ b"));
    assert_eq!(shown, "a ‹password removed, 13 characters, label …› http://r.test/ b");
}

/// In a header, in an address, in an answer of a token service and in a server's message, in any form.
#[test]
fn equal_secrets_are_seen_to_be_equal_wherever_they_stand() {
    let token = "CANARYtoken/of+the=run";
    let mut redactor = Redactor::new([("token", &Secret::new(token))]);
    let answer = redactor.token_body(format!(r#"{{"token":"{token}","access_token":"{token}"}}"#).as_bytes());
    let address = Url::parse_with_params("https://s3.test/b", [("key", token)]).unwrap();
    let texts = [
        answer.printable(),
        redactor.text(&format!("refused: {token}, {}", STANDARD.encode(token))),
        redactor.url(&address),
        removed("", token),
    ];
    let text = texts.join(" ");
    let labels: Vec<_> = text.split("22 characters, label ").skip(1).map(|rest| &rest[..4]).collect();
    assert_eq!(labels.len(), 6, "{text}");
    assert!(labels.iter().all(|label| *label == labels[0]), "{text}");
    assert!(!redactor.text("another CANARYtoken").contains(labels[0]));
}

#[test]
fn label_in_an_address_is_not_scanned_again() {
    let address = "https://storage.test/v2/blob?X-Amz-Signature=0123456789abcdef0123456789abcdef&sig=CANARY&state=abc";
    let mut redactor = Redactor::default();
    // The address is requested next, so its long values are known when the header is shown.
    redactor.learn_url(&Url::parse(address).unwrap());
    let once = redactor.header("location", &Untrusted::from(address)).printable();
    let expected = "https://storage.test/v2/blob?X-Amz-Signature=‹query value removed, 32 characters, label …›\
                    &sig=‹query value removed, 6 characters, label …›&state=‹query value removed, 3 characters, label …›";
    assert_eq!(without_labels(&once), expected);
    let again = redactor.header("location", &Untrusted::from(once.as_str())).printable();
    assert_eq!(again, once, "what was removed is removed once");
}

#[test]
fn parts_of_an_address_next_to_a_label_are_still_removed() {
    let secret = Secret::new("a password of mine");
    let mut redactor = Redactor::new([("password", &secret)]);
    let mut shown = |text: &str| without_labels(&redactor.text(text));
    let password = "‹password removed, 18 characters, label …›";
    assert_eq!(
        shown("Bearer realm=\"https://u:a password of mine@t.test/x?k=CANARY#CANARY\""),
        "Bearer realm=\"https://t.test/x?k=‹query value removed, 6 characters, label …›#‹fragment removed, 6 characters, label …›\""
    );
    assert_eq!(
        shown("</v2/?state=a password of mine&x=CANARY&n=5>; rel=next"),
        format!("</v2/?state={password}&x=‹query value removed, 6 characters, label …›&n=5>; rel=next")
    );
    assert_eq!(
        shown("https://t.test/p?k=CANARYa password of mine&a password of mine"),
        format!("https://t.test/p?k=‹query value removed, 7 characters, label …›&{password}")
    );
}

#[test]
fn password_that_many_requests_carry_is_one_password() {
    let (password, other) = (Secret::new("CANARY-password"), Secret::new("CANARY-another"));
    let pair = Secret::new(STANDARD.encode("user:CANARY-password"));
    let mut redactor = Redactor::new([("password", &password), ("password", &pair), ("password", &other)]);
    for _ in 0..15 {
        redactor.count(SecretKind::Password, Some(&Shape::of(pair.reveal())));
    }
    redactor.text("CANARY-password is not right");
    assert_eq!(redactor.redactions(), [Redaction { what: "password".into(), count: 16, distinct: 1 }]);
    redactor.text("nor is CANARY-another");
    assert_eq!(redactor.redactions(), [Redaction { what: "password".into(), count: 17, distinct: 2 }]);
}

/// Case E30: in any form in which an ordinary server repeats it, without removing the words around it.
#[test]
fn password_is_found_as_ordinary_servers_write_it_back() {
    let password = "Zürich{1+1=2}&<\"CANARY\">'éß";
    let hexadecimal =
        |bytes: &[u8], before: &str| bytes.iter().map(|byte| format!("{before}{byte:02x}")).collect::<String>();
    let latin1: Vec<u8> = password.chars().map(|character| u8::try_from(u32::from(character)).unwrap()).collect();
    let numeric: String = password.chars().map(|character| format!("&#{};", u32::from(character))).collect();
    let in_hexadecimal: String = password.chars().map(|character| format!("&#x{:X};", u32::from(character))).collect();
    let named = password
        .replace('&', "&amp;")
        .replace('ü', "&uuml;")
        .replace('é', "&eacute;")
        .replace('ß', "&szlig;")
        .replace('{', "&lbrace;")
        .replace('=', "&equals;");
    let percent: String = url::form_urlencoded::byte_serialize(password.as_bytes()).collect();
    let lower = percent.split('%').enumerate().map(|(at, part)| match at {
        0 => part.to_owned(),
        _ => format!("%{}{}", part[..2].to_lowercase(), &part[2..]),
    });
    let (lower, twice) = (lower.collect::<String>(), percent.replace('%', "%25"));
    let mixed: String = password
        .chars()
        .map(|c| if c.is_ascii() { c.to_string() } else { format!("\\x{:02x}", u32::from(c)) })
        .collect();
    for text in [
        numeric.clone(),
        in_hexadecimal,
        named.clone(),
        named.replace('&', "&amp;"),
        numeric.replace('&', "&amp;"),
        lower,
        twice.clone(),
        twice.replace('%', "%25"),
        twice.to_lowercase().replace("z%25c3%25bcrich", "Z%25c3%25bcrich").replace("canary", "CANARY"),
        hexadecimal(password.as_bytes(), "\\x"),
        hexadecimal(&latin1, "\\x"),
        hexadecimal(&latin1, "%"),
        hexadecimal(&latin1, ""),
        mixed,
        STANDARD.encode(&latin1),
        STANDARD.encode([b"user:", &latin1[..]].concat()),
        password.bytes().map(char::from).collect(),
        serde_json::to_string(&named).unwrap(),
        serde_json::to_string(&serde_json::to_string(password).unwrap()).unwrap(),
        password.chars().map(|character| format!("\\u{{{:x}}}", u32::from(character))).collect(),
        password.bytes().map(|byte| format!("\\{byte:03o}")).collect(),
    ] {
        let mut redactor = Redactor::new([("password", &Secret::new(password))]);
        let shown = redactor.text(&format!("before {text} after"));
        assert!(shown.contains("‹password removed, "), "{text} → {shown}");
        assert!(shown.starts_with("before ") && shown.ends_with(" after"), "{text} → {shown}");
        assert_eq!(redactor.last_scan(&shown), Ok(()), "{text}");
    }
}

/// Signs of encodings around it, or in it, that have no meaning.
#[test]
fn text_with_signs_of_encodings_and_without_the_password_stays() {
    for password in ["Zürich&CANARY", "100%41CANARY", "C:\\CANARY\\new"] {
        let mut redactor = Redactor::new([("password", &Secret::new(password))]);
        for text in ["100 % of &amp; in Z%C3%BCrich", "C:\\Windows\\new &eacute; \\u00e9 %zz", "&Zürich;", "a\\nb%0Ac"]
        {
            assert_eq!(redactor.text(text), text);
        }
        assert!(!redactor.text(&format!("“{password}”")).contains("CANARY"));
    }
}

/// Case E33: a body is cut after its secrets were removed, and one that was not read to its end may end in one.
#[test]
fn secret_at_the_end_of_a_cut_body_is_not_shown() {
    let password = "CANARY-password";
    let redactor = || Redactor::new([("password", &Secret::new(password))]);
    for at in 0..password.len() {
        let text = format!("{}{password} and more", "x".repeat(40 - at));
        let shown = redactor().body(&text, 40, false);
        assert!(!shown.contains("CAN") && shown.starts_with(&"x".repeat(40 - at)), "{shown}");
        let cut = &text[..40 - at + 4.max(at)];
        let shown = redactor().body(cut, 100, true);
        assert!(!shown.contains("CAN") && shown.contains("‹password removed, "), "{cut} → {shown}");
    }
    let whole = "{\"a\": \"CAN\"}";
    assert_eq!(redactor().body(whole, 100, false), whole);
    assert_eq!(redactor().body("ends in CAN", 100, true), "ends in CAN");
}
