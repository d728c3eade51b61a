//! Secrets revealed by the structure of a text, and look-alikes that stay.

use crate::evidence::Redactor;
use crate::evidence::testing::without_labels;

/// There are no known secrets: all findings are by position.
fn shown(text: &str) -> String {
    without_labels(&Redactor::default().text(text))
}

#[track_caller]
fn assert_hides(text: &str) {
    let mut redactor = Redactor::default();
    let once = redactor.text(text);
    assert!(!once.contains("CANARY"), "{text}\n→ {once}");
    assert!(!redactor.redactions().is_empty(), "{text}");
    assert_eq!(redactor.text(&once), once, "what was taken out is taken out once");
}

/// Case E27: refusals of storage services repeat the requested address.
#[test]
fn signature_in_a_storage_refusal_is_hidden_in_any_format() {
    for text in [
        // S3, in XML: the address, the signed string, and the request.
        "<Error><Code>SignatureDoesNotMatch</Code><CanonicalRequest>GET\n/b/o\nX-Amz-Algorithm=AWS4-HMAC-SHA256&amp;X-Amz-Credential=CANARY%2F20261130%2Fus-east-1%2Fs3%2Faws4_request&amp;X-Amz-Date=20261130T000000Z\nhost:b.s3.test\n</CanonicalRequest></Error>",
        "<SignatureProvided>CANARY9f86d081884c</SignatureProvided>",
        "<Error><Code>ExpiredToken</Code><Token-0>CANARYFwoGZXIvYXdzEA</Token-0></Error>",
        "x-amz-security-token:CANARYIQoJb3JpZ2luX2VjEHca\nhost:b.s3.test",
        "The provided token is malformed: x-amz-security-token: CANARY/IQoJ==",
        "AWS4-HMAC-SHA256 Credential=CANARY/20261130/eu/s3/aws4_request, SignedHeaders=host, Signature=CANARYfe5f80",
        // Azure: a shared access signature.
        "https://x.blob.core.windows.net/c/b?sv=2024-11-04&se=2026-11-30T00%3A00%3A00Z&sr=b&sp=r&sig=CANARY%2Bab%3D",
        "Signature not valid in the specified time frame: sv=2024-11-04&sp=r&sig=CANARYab%3D",
        "DefaultEndpointsProtocol=https;AccountName=x;AccountKey=CANARYab+/==;EndpointSuffix=core.windows.net",
        // Google.
        "GET https://storage.googleapis.com/b/o?GoogleAccessId=CANARY@p.iam.test&Expires=1&Signature=CANARY%2F",
        "{\"error\":\"https:\\/\\/storage.test\\/b\\/o?X-Goog-Signature=CANARYab12\\u0026X-Goog-Date=CANARY\"}",
        // CloudFront, as a query and as cookies.
        "https://d1.cloudfront.test/x?Policy=CANARYeyJT&Signature=CANARY~x&Key-Pair-Id=CANARYK2",
        "CloudFront-Policy=CANARYeyJT; CloudFront-Signature=CANARY; CloudFront-Key-Pair-Id=CANARY",
        // HTML, with entities.
        "<a href=\"https://cdn.test/x?sig=CANARY&amp;se=1\">https://cdn.test/x?sig=CANARY&#38;se=CANARY</a>",
        "<p>href=&quot;https://cdn.test/x?sig=CANARY&amp;amp;st=CANARY&quot;</p>",
        // Encoded in another address, once and twice.
        "next=https%3A%2F%2Fcdn.test%2Fx%3Fn%3D5%26sig%3DCANARY%26st%3DCANARY",
        "see https%253A%252F%252Fcdn.test%252Fx%253Fsig%253DCANARY",
    ] {
        assert_hides(text);
    }
}

#[test]
fn user_password_and_fragment_of_an_address_are_hidden_wherever_it_stands() {
    for text in [
        "cannot reach https://CANARY:CANARYpw@proxy.test:3128/: refused",
        "proxyconnect tcp: dial http://CANARY@proxy.test",
        "pulled from docker://CANARY:CANARY@r.test/x",
        "redirected to //CANARY:CANARY@cdn.test/x",
        "https:\\/\\/CANARY:CANARY@cdn.test\\/x",
        "https%3A%2F%2FCANARY%3ACANARY%40cdn.test%2Fx",
        "https://CANARY:CANARY/pw#x@cdn.test/x",
        "https://app.test/callback#access_token=CANARY&state=x",
        "https://app.test/#CANARY9f86",
        "<https://app.test/x#id=CANARY>; rel=next",
        "moved to v2/?CANARY9f86 and /x/?n=5&CANARY",
    ] {
        assert_hides(text);
    }
    assert_eq!(shown("at https://alice:CANARY@proxy.test:3128/, refused"), "at https://proxy.test:3128/, refused");
}

#[test]
fn secret_behind_its_name_is_hidden() {
    for text in [
        "{\"message\":\"{\\\"client_secret\\\":\\\"CANARY\\\\\\\"x\\\"}\"}",
        "{\"password\" : \"CANARY\"",
        "{'accessToken': 'CANARY'}",
        "password=CANARYpw, user=x",
        "keyId=\"k\",signature=\"CANARY/+=\"",
        "Authorization: Basic CANARY1dXNlcjpwdw==",
        "Authorization: Bearer CANARY.e30.x\nAccept: */*",
        "Set-Cookie: sid=CANARY; Path=/",
        "> Cookie: sid=CANARY",
        "&lt;SecurityToken&gt;CANARY&lt;/SecurityToken&gt;",
        "{\"detail\":\"X-Vault-Token: CANARYhvs\"}",
    ] {
        assert_hides(text);
    }
    assert_eq!(
        shown("{\"password\": \"CANARY\", \"user\": \"x\"}"),
        "{\"password\": \"‹secret value removed, 6 characters, label …›\", \"user\": \"x\"}"
    );
}

/// Look-alikes stay unchanged.
#[test]
fn text_without_secrets_stays_as_it_is() {
    for text in [
        "unauthorized: authentication required",
        "invalid token: expired; Authorization: token required",
        "Authorization: Bearer authentication-required",
        "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:a/b:pull,push\"",
        "Bearer realm=\"https://r.test/token\",error=\"invalid_token\",error_description=\"token expired\"",
        "https://r.test/token?service=r.test&scope=repository:a/b:pull&account=alice",
        "https://r.test/v2/a/tags/list?n=100&last=v1.2.3",
        "</v2/a/tags/list?last=b&n=2>; rel=\"next\"",
        "https://r.test/v2/a/referrers/sha256:0123?artifactType=application/vnd.x+json",
        "/v2/a/blobs/uploads/?mount=sha256:0123&from=b/c",
        "https://mirror.test/v2/library/x/manifests/1?ns=docker.io",
        "https://s3.test/b?X-Amz-Date=20261130T000000Z&X-Amz-Expires=300",
        "see https://docs.docker.com/docker-hub/usage/#pull-rate-limit and https://x.test/a#v1.2.",
        "https://registry.npmjs.org/@scope/pkg",
        "ghcr.io/a/b:1@sha256:0123456789abcdef https://ghcr.io/v2/a/manifests/sha256:0123",
        "git@github.com:owner/name.git mailto:joe@example.com",
        "Is it there? yes=no. 1+1=2, a = b, x==y",
        "{\"token_type\":\"Bearer\",\"expires_in\":300,\"Key\":\"a/b\"}",
        "<Error><Code>NoSuchKey</Code><Key>a/b.tar</Key><RequestId>4442587FB7D0A2F9</RequestId></Error>",
        "<title>403 Forbidden</title><meta name=\"token\" content=\"x\">",
        "GPG_KEY=7169605F62C751356D054A26A821E680E5FA6305 PATH=/usr/bin:/bin",
        "max-age=300, public; boundary=x; charset=utf-8; q=0.5",
        "password: incorrect",
        "https://s3.example/&A=a, R&D=x",
        "lab scenario ghcr-stale-token: simulated registries, credential-helper-missing: no such program",
        "GET auth.docker.io/token?… token 200 and blobs/sha256:be50353dbf7d?… 403",
        "curl -H \"Authorization: Bearer $TOKEN\" 'https://r.test/v2/'",
        "docker login --username NAME --password-stdin; kubectl create secret --docker-password=PASSWORD",
        "// a comment with user@host, 50% off & more",
        "W/\"0815\" 100;w=21600",
        "/bin/sh -c sed -i 's/^#\\s*\\(deb.*universe\\)$/\\1/g' /etc/apt/sources.list && x=${PWD##*/}",
        "owner/name#12345, src/main.rs#L120-L130, https://github.com/o/n/blob/main/a.rs#L7 and /a/b?n=1#top",
        "C:\\Users\\x\\n \\ \\u \\u00 %, %2, &amp &; é&é\\é%é",
        "",
    ] {
        assert_eq!(shown(text), text);
    }
}

/// The rest of an address stays as it was, not as a parser would write it.
#[test]
fn rest_of_an_address_stays_as_it_was_written() {
    assert_eq!(
        shown("(see HTTPS://CDN.test:443/a%2fb/../c?n=5&sig=CANARY#CANARY1)."),
        "(see HTTPS://CDN.test:443/a%2fb/../c?n=5&sig=‹query value removed, 6 characters, label …›#‹fragment removed, 7 \
         characters, label …›)."
    );
}

proptest::proptest! {
    /// In any context: no input causes a panic, and a signature in a query is never shown.
    #[test]
    fn signature_is_hidden_whatever_stands_around_it(before in "\\PC{0,20}", after in "[ \"<>]\\PC{0,20}") {
        let shown = Redactor::default().text(&format!("{before} https://cdn.test/x?sig=CANARY0123{after}"));
        proptest::prop_assert!(!shown.contains("CANARY0123"), "{}", shown);
    }

    #[test]
    fn no_text_makes_it_fail(text in "[\\PC&%\\\\\"'=?#/:@<>;uU0-9a-fx]{0,60}") {
        let _ = Redactor::default().text(&text);
    }
}
