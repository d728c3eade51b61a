//! Recognition of lines that may contain a secret, such as a password before a host or a token in a header. In doubt, a line
//! is not kept: the history is a file that outlives the session.

use crate::evidence::{Redactor, secrets_in};
use crate::shell::commands::SET;
use crate::shell::line::Scan;

/// Headers whose value is not a secret.
const HARMLESS_HEADERS: [&str; 11] = [
    "user-agent",
    "accept",
    "accept-encoding",
    "accept-language",
    "cache-control",
    "content-type",
    "if-match",
    "if-modified-since",
    "if-none-match",
    "pragma",
    "range",
];

/// Words after `Bearer` and `Basic` in sentences and challenges.
const IN_SENTENCES: [&str; 12] = [
    "auth",
    "authentication",
    "authorization",
    "challenge",
    "challenges",
    "credentials",
    "is",
    "realm",
    "scheme",
    "token",
    "tokens",
    "was",
];

/// Whether a line may contain a secret.
pub(super) fn may_hold_one(line: &str) -> bool {
    let scan = Scan::of(line);
    let read: Vec<&str> = scan.line.texts().collect();
    // Once as words of a command, and once split at whitespace alone, for missing quotes and pasted text.
    let plain: Vec<&str> = line.split_whitespace().map(|word| word.trim_matches(['"', '\'', '`', ','])).collect();
    let in_words = |words: &[&str]| in_header(words) || words.iter().any(|word| has_signature(word));
    let is_written = !secrets_in(line).is_empty() || !secrets_in(&read.join(" ")).is_empty();
    is_written || in_words(&read) || in_words(&plain) || has_credentials(&plain) || is_redacted(line)
}

fn is_redacted(line: &str) -> bool {
    let mut redactor = Redactor::default();
    let _ = redactor.text(line);
    !redactor.redactions().is_empty()
}

/// `--header 'X: y'`, `-H X:y`, `set header X: y`: any header but the harmless ones.
fn in_header(words: &[&str]) -> bool {
    let is_secret = |header: &str| {
        let (name, value) = header.split_once([':', '=', ' ']).unwrap_or((header, ""));
        !value.trim().is_empty() && !HARMLESS_HEADERS.contains(&name.trim().to_ascii_lowercase().as_str())
    };
    let set = words.strip_prefix(&[SET.name, "header"]).is_some_and(|header| is_secret(&header.join(" ")));
    set || words.iter().enumerate().any(|(at, word)| match *word {
        // The value may be in the following words.
        "--header" | "-H" => is_secret(&words[at + 1..].join(" ")),
        _ => word.strip_prefix("--header=").or_else(|| word.strip_prefix("-H")).is_some_and(|header| {
            let rest = words[at + 1..].first().copied().unwrap_or_default();
            is_secret(&format!("{header} {rest}"))
        }),
    })
}

/// Whether an address has a query that is redacted because it may be a signature.
fn has_signature(word: &str) -> bool {
    let is_address = word.contains("://") || (word.contains('?') && !word.contains('['));
    if word.starts_with('$') || !is_address {
        return false;
    }
    let mut redactor = Redactor::default();
    let _ = redactor.text(word);
    !redactor.redactions().is_empty()
}

/// `Bearer x` and `Basic x`.
fn has_credentials(words: &[&str]) -> bool {
    words.windows(2).any(|pair| {
        let is_scheme = ["bearer", "basic"].iter().any(|scheme| ends_with(pair[0], scheme));
        let word: String = pair[1].chars().take_while(char::is_ascii_alphabetic).collect();
        let parameter = pair[1][word.len()..].starts_with('=') && !pair[1].ends_with('=');
        is_scheme && !parameter && !IN_SENTENCES.contains(&word.to_ascii_lowercase().as_str())
    })
}

fn ends_with(word: &str, scheme: &str) -> bool {
    let start = word.len().saturating_sub(scheme.len());
    word.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::super::History;

    fn keeps(line: &str) -> bool {
        History::keeps(line, |_| false)
    }

    #[test]
    fn line_with_a_secret_is_not_kept() {
        for line in [
            " probe alpine",
            "\tprobe alpine",
            "get v2/ --header 'X-Api-Key: CANARY'",
            "get v2/ --header X-Api-Key:CANARY",
            "get v2/ --header=X-Api-Key:CANARY",
            "get v2/ --header 'X: CANARY",
            "get v2/ -H 'X: CANARY'",
            "get v2/ '-HX: CANARY'",
            "get v2/ --header accept:x --header x:CANARY",
            "set header Authorization CANARY",
            "set header 'X: CANARY'",
            "set header X: CANARY",
            "set password CANARY",
            "probe alpine --password CANARY",
            "probe alpine --password=CANARY",
            "probe alpine --registry-token CANARY",
            "probe alpine -u me:CANARY",
            "probe alpine --username=me:CANARY",
            "probe alpine -ume:CANARY",
            "probe alpine -u=me:CANARY",
            "-u 'me:CANARY' probe alpine",
            "probe https://me:CANARY@r.example.com/app",
            "probe https://CANARY@r.example.com/app",
            "probe me:CANARY@r.example.com/app:1",
            "probe me:CAN/ARY@r.example.com/app@sha256:0",
            "get https://s3.example.com/b?X-Amz-Signature=CANARY",
            "get blobs/uploads?_state=CANARY",
            "get v2/?CANARY",
            "explain Get \"https://s3.example.com/b?sig=CANARY\": EOF",
            "explain curl -H \"X-Api-Key: CANARY\" https://r.example.com/v2/",
            "explain Authorization: CANARY",
            "explain proxy-authorization=CANARY",
            "explain Bearer CANARY",
            "explain 'authorization:Basic Y2FuYXJ5Og=='",
            "explain bearer Q0FOQVJZ=",
            "explain {\"password\": \"CANARY\"}",
            "explain {\\\"token\\\":\\\"CANARY\\\"}",
            "explain access_token=CANARY",
            "explain docker login -p x glpat-CANARYCANARYCANARY",
            "explain eyJhbGciOiJub25lIn0.e30.CANARY",
            "explain {\"auth\":\"CANARYYWxpY2U=\"}",
            "explain Server=db;Uid=a;Pwd=CANARY",
            "explain machine r.test login alice password CANARY",
            "explain echo CANARY | docker login --password-stdin r.test",
            "explain docker login -u alice -p CANARY r.test",
            "docker login -u alice -p CANARY r.test",
            "echo CANARY | docker login --password-stdin r.test",
            "skopeo inspect --creds alice:CANARY docker://r.test/a",
            "curl '-ualice:CANARY' https://r.test/v2/",
            "helm registry login r.test -u alice -p 'CANARY 1'",
        ] {
            assert!(!keeps(line), "{line} is kept");
        }
    }

    #[test]
    fn line_without_a_secret_is_kept() {
        for line in [
            "probe alpine",
            "probe ghcr.io/o/n:1.2@sha256:c95f3eba028a",
            "manifest r.example.com:5000/o/n:1@sha512:00",
            "probe alpine@3.20",
            "@sha256:c95f3eba",
            ":0.6.0",
            "get tags/list?n=5&last=0.5.0",
            "get https://r.example.com:443/v2/a/tags/list?n=5",
            "get manifests/latest --accept oci-index --header 'User-Agent: x'",
            "get blobs/x --header=Range:bytes=0-9",
            "set header accept-language: de",
            "set header",
            "set header X-Api-Key",
            "set accept oci-index",
            "probe r.example.com/app --username me --password-stdin",
            "query $.layers[?@.size > 1000 && @.mediaType == 'a:b'].digest",
            "query layers[?@.size==3]",
            "explain no basic auth credentials",
            "explain Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\"",
            "explain Get https://auth.docker.io/token?scope=repository%3Alibrary%2Falpine%3Apull&service=x: EOF",
            "explain failed to fetch anonymous token: unexpected status: 403 Forbidden",
            "explain authorization status: 403",
            "explain unauthorized: incorrect username or password",
            "explain authorization",
            "explain it's > 5",
            "docker run -p 8080:80 nginx",
            "cat file | docker login --password-stdin r.test",
            "docker login -u alice -p $PASSWORD r.test",
            "explain login failed, password incorrect",
            "explain PWD=/home/alice",
        ] {
            assert!(keeps(line), "{line} is not kept");
        }
    }

    #[test]
    fn line_with_a_known_secret_is_not_kept() {
        assert!(!History::keeps("probe canary", |line| line.contains("canary")));
    }
}
