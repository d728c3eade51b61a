//! Recognizes secrets by name: headers, fields in JSON and XML, and key-value pairs.

/// Parts of a header name, between hyphens and underscores, each of which marks the value as secret. Parts and not
/// substrings: an author is not an authentication.
const SECRET_PARTS: [&str; 29] = [
    "token",
    "tokens",
    "secret",
    "secrets",
    "auth",
    "authorization",
    "key",
    "keys",
    "session",
    "sessionid",
    "sessiontoken",
    "cookie",
    "cookies",
    "password",
    "passwd",
    "credential",
    "credentials",
    "signature",
    "assertion",
    "jwt",
    "apikey",
    "accesskey",
    "accesstoken",
    "authtoken",
    "csrftoken",
    "xsrftoken",
    "jsessionid",
    "phpsessid",
    "csrf",
];

/// Headers that are shown although a part of their name is in that list: they contain cache keys, and the server's
/// permissions.
const SHOWN_HEADERS: [&str; 8] = [
    "surrogate-key",
    "x-surrogate-key",
    "xkey",
    "cache-key",
    "x-cache-key",
    "access-control-allow-credentials",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "sec-websocket-key",
];

/// Headers whose value is a session, although no part of their name says so.
const SECRET_HEADERS: [&str; 3] = ["set-cookie2", "docker-upload-uuid", "x-amz-security-token"];

/// Whether the value of a header with this name is a secret, ignoring case.
pub fn is_secret_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if SHOWN_HEADERS.contains(&name.as_str()) {
        return false;
    }
    let is_secret = |part: &str| SECRET_PARTS.contains(&part.trim_end_matches(|c: char| c.is_ascii_digit()));
    SECRET_HEADERS.contains(&name.as_str()) || name.split(['-', '_', '.']).any(is_secret)
}

/// Endings of a name that mark the value as secret.
const SECRET_ENDINGS: [&str; 16] = [
    "token",
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "signature",
    "sig",
    "credential",
    "credentials",
    "assertion",
    "apikey",
    "accesskey",
    "authtoken",
    "accesstoken",
    "cookie",
    "sessionid",
];

/// Words before `key` that make the key a secret. Others are the keys of an object.
const SECRET_KEYS: [&str; 10] =
    ["access", "api", "account", "auth", "encryption", "master", "private", "shared", "signing", "subscription"];

/// Whether the value of a pair, a JSON field or an XML element with this name is a secret.
pub fn is_secret_name(name: &str) -> bool {
    const LONGEST: usize = 80;
    // Every shell keeps its working directory in a variable with this name.
    if name.len() > LONGEST || name == "PWD" {
        return false;
    }
    let parts = parts(name);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match parts[..] {
        ["cloud", "front", ..] | ["key", "pair", "id"] | ["aws", "access", "key", "id"] => true,
        ["google", "access", "id"] => true,
        _ if parts.contains(&"secret") || parts.first() == Some(&"signature") => true,
        [.., before, "key"] => SECRET_KEYS.contains(&before),
        // The name of a field that a browser has to send back, and the name of a page of a list.
        [.., last] => SECRET_ENDINGS.contains(&last),
        [] => false,
    }
}

/// The parts of a name in lower case, split at characters other than letters, and where a capital begins another word.
/// Numbers are dropped.
fn parts(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut before = ' ';
    let mut rest = name.chars().peekable();
    while let Some(character) = rest.next() {
        let is_next_lower = rest.peek().is_some_and(char::is_ascii_lowercase);
        let begins = character.is_ascii_uppercase()
            && (before.is_ascii_lowercase() || (before.is_ascii_uppercase() && is_next_lower));
        if begins || !character.is_ascii_alphabetic() {
            parts.push(String::new());
        }
        if character.is_ascii_alphabetic()
            && let Some(last) = parts.last_mut()
        {
            last.push(character.to_ascii_lowercase());
        }
        before = character;
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Whether a value is a shell variable: `$TOKEN`, `"${TOKEN}"`.
pub(super) fn is_variable(value: &str) -> bool {
    let name = value.trim_matches(['"', '\'', '\\']).strip_prefix('$').unwrap_or_default();
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Whether a value is only a placeholder: a variable, the output of a program, a descriptive word in capitals, an
/// ellipsis.
pub fn is_placeholder(value: &str) -> bool {
    const WORDS: [&str; 7] = ["PASSWORD", "TOKEN", "SECRET", "CREDENTIAL", "SIGNATURE", "VALUE", "YOUR"];
    let inner = value.trim_matches(['"', '\'', '\\']);
    let is_capital = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    // The output of a program: `TOKEN=$(curl …)`.
    let program = inner.strip_prefix("$(").unwrap_or_default();
    let is_program = (1..=16).contains(&program.len()) && program.bytes().all(|byte| byte.is_ascii_lowercase());
    is_variable(value)
        || is_program
        || inner.chars().all(|c| matches!(c, '*' | '.' | '…'))
        || (inner.bytes().all(is_capital) && WORDS.iter().any(|word| inner.contains(word)))
}

/// Query parameters of the registry and token APIs, whose values are shown; and the time and validity of a signed
/// address. Everything else in a query may be a signature.
const HARMLESS: [&str; 13] = [
    "ns",
    "scope",
    "service",
    "account",
    "n",
    "last",
    "tag",
    "digest",
    "artifactType",
    "mount",
    "from",
    "X-Amz-Date",
    "X-Amz-Expires",
];

/// The maximum length of a name; a longer one may be a value.
pub(super) const LONGEST_NAME: usize = 64;

/// Whether the value of a query parameter can be shown.
pub fn is_harmless(name: &str) -> bool {
    HARMLESS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_is_secret_by_a_part_of_its_name() {
        for name in [
            "X-Api-Key",
            "Private-Token",
            "x-amz-security-token",
            "X-Forwarded-Authorization",
            "X-Goog-Iap-Jwt-Assertion",
            "Proxy-Authorization",
            "x_auth_token",
            "X-Token-2",
            "X-Session-Id",
            "Set-Cookie2",
            "X-Ms-Copy-Source-Authorization",
            "Signature",
            "X-Client-Secret",
            "X-User-Password",
            "X-ApiKey",
            "Docker-Upload-UUID",
        ] {
            assert!(is_secret_header(name), "{name}");
        }
    }

    #[test]
    fn header_with_a_similar_name_is_shown() {
        for name in [
            "X-Author",
            "X-Authority",
            "Surrogate-Key",
            "Keep-Alive",
            "X-Keyboard",
            "X-Tokenizer-Version",
            "Www-Authenticate",
            "Proxy-Authenticate",
            "Access-Control-Allow-Credentials",
            "Docker-Content-Digest",
            "Content-Type",
            "ETag",
            "X-Secretary",
            "X-Monkey",
            "X-Sessions-Per-Hour-Limit-Reached-At",
            "Strict-Transport-Security",
        ] {
            assert!(!is_secret_header(name), "{name}");
        }
    }

    #[test]
    fn field_is_secret_by_how_its_name_ends() {
        for name in [
            "token",
            "access_token",
            "AccessToken",
            "X-Amz-Signature",
            "SignatureProvided",
            "Token-0",
            "clientSecret",
            "client_secret_value",
            "AWSAccessKeyId",
            "sig",
            "AccountKey",
            "DB_PASSWORD",
            "registry.password",
            "CloudFront-Policy",
            "Key-Pair-Id",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "token_type",
            "Key",
            "GPG_KEY",
            "author",
            "expires_in",
            "tokens_used",
            "password_policy",
            "secretary",
            "PWD",
            "StringToSign",
            "design",
            "cosign",
            "",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn variable_and_word_in_capitals_stand_for_a_value() {
        for value in ["$TOKEN", "${TOKEN}", "\"$TOKEN\"", "PASSWORD", "ACCESS_TOKEN", "…", "***", "$(curl"] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in [
            "hunter2",
            "AKIAIOSFODNN7EXAMPLE",
            "Password",
            "CANARY1",
            "$(CANARY",
            "$(c4n4ry",
            "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
        ] {
            assert!(!is_placeholder(value), "{value}");
        }
    }
}
