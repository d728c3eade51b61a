//! Finds texts that look like tokens, of any owner: those of forges, clouds, registries and package indexes have
//! distinctive prefixes, so that leaks can be detected.

use std::ops::Range;

use super::found::SecretPart;

/// The alphabet of the rest of a token.
#[derive(Clone, Copy)]
enum Rest {
    /// Letters, digits and underscores.
    Word,
    /// Capitals and digits only.
    Capitals,
    /// Lower-case hexadecimal digits.
    Hexadecimal,
    /// Base64, in either alphabet, with dots.
    Base64,
}

impl Rest {
    fn has(self, byte: u8) -> bool {
        match self {
            Self::Word => byte.is_ascii_alphanumeric() || byte == b'_',
            Self::Capitals => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Hexadecimal => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
            Self::Base64 => byte.is_ascii_alphanumeric() || b"-_.+/=~".contains(&byte),
        }
    }
}

/// The prefixes of tokens, the alphabet of the rest, and its minimum length.
const SHAPES: &[(&str, Rest, usize)] = &[
    // Forges: GitHub, GitLab, Bitbucket and Atlassian.
    ("ghp_", Rest::Word, 16),
    ("gho_", Rest::Word, 16),
    ("ghu_", Rest::Word, 16),
    ("ghs_", Rest::Base64, 16),
    ("ghr_", Rest::Word, 16),
    ("github_pat_", Rest::Word, 16),
    ("glpat-", Rest::Base64, 14),
    ("gldt-", Rest::Base64, 14),
    ("glrt-", Rest::Base64, 14),
    ("glrtr-", Rest::Base64, 14),
    ("glcbt-", Rest::Base64, 14),
    ("glptt-", Rest::Base64, 14),
    ("glft-", Rest::Base64, 14),
    ("glimt-", Rest::Base64, 14),
    ("glagent-", Rest::Base64, 14),
    ("glsoat-", Rest::Base64, 14),
    ("gloas-", Rest::Base64, 14),
    ("glffct-", Rest::Base64, 14),
    ("glwt-", Rest::Base64, 14),
    ("GR1348941", Rest::Base64, 16),
    ("ATATT3", Rest::Base64, 32),
    ("ATBB", Rest::Word, 28),
    ("BBDC-", Rest::Base64, 32),
    // Registries: Docker Hub, Artifactory, NVIDIA.
    ("dckr_pat_", Rest::Base64, 11),
    ("dckr_oat_", Rest::Base64, 11),
    ("AKCp", Rest::Word, 56),
    ("cmVmdGtu", Rest::Base64, 40),
    ("nvapi-", Rest::Base64, 32),
    // Package indexes: npm, PyPI, RubyGems, crates.io, NuGet, Packagist.
    ("npm_", Rest::Word, 30),
    ("pypi-AgE", Rest::Base64, 16),
    ("rubygems_", Rest::Hexadecimal, 32),
    ("cio", Rest::Word, 32),
    ("oy2", Rest::Word, 43),
    ("packagist_", Rest::Word, 24),
    // Vault, in its current forms.
    ("hvs.", Rest::Base64, 16),
    ("hvb.", Rest::Base64, 16),
    ("hvr.", Rest::Base64, 16),
    // AWS: keys, session tokens, and the passwords of its registry.
    ("AKIA", Rest::Capitals, 12),
    ("ASIA", Rest::Capitals, 12),
    ("ABIA", Rest::Capitals, 16),
    ("ACCA", Rest::Capitals, 16),
    ("IQoJb3JpZ2lu", Rest::Base64, 16),
    ("FwoGZXIvYXdz", Rest::Base64, 16),
    ("FQoGZXIvYXdz", Rest::Base64, 16),
    ("eyJwYXlsb2FkIjoi", Rest::Base64, 32),
    ("QVdTOmV5", Rest::Base64, 32),
    // Google.
    ("AIza", Rest::Base64, 30),
    ("ya29.", Rest::Base64, 16),
    ("GOCSPX-", Rest::Base64, 20),
    ("GOOG1", Rest::Capitals, 16),
    ("1//0", Rest::Base64, 30),
    ("4/0A", Rest::Base64, 40),
    // Other clouds: DigitalOcean, Alibaba, Tencent, Scaleway, Databricks, Fly.
    ("dop_v1_", Rest::Hexadecimal, 32),
    ("doo_v1_", Rest::Hexadecimal, 32),
    ("dor_v1_", Rest::Hexadecimal, 32),
    ("LTAI", Rest::Word, 16),
    ("AKID", Rest::Word, 32),
    ("SCW", Rest::Capitals, 17),
    ("dapi", Rest::Hexadecimal, 32),
    ("fm1a_", Rest::Base64, 32),
    ("fm2_", Rest::Base64, 32),
    // Services next to a registry: Slack, Hugging Face, Grafana, SonarQube, and the like.
    ("xoxa-", Rest::Base64, 10),
    ("xoxb-", Rest::Base64, 10),
    ("xoxc-", Rest::Base64, 10),
    ("xoxd-", Rest::Base64, 10),
    ("xoxe-", Rest::Base64, 10),
    ("xoxe.", Rest::Base64, 10),
    ("xoxp-", Rest::Base64, 10),
    ("xoxr-", Rest::Base64, 10),
    ("xoxs-", Rest::Base64, 10),
    ("xapp-", Rest::Base64, 20),
    ("hf_", Rest::Word, 30),
    ("glsa_", Rest::Word, 32),
    ("glc_eyJ", Rest::Base64, 16),
    ("squ_", Rest::Hexadecimal, 32),
    ("sqp_", Rest::Hexadecimal, 32),
    ("sqa_", Rest::Hexadecimal, 32),
    ("sk_live_", Rest::Word, 16),
    ("sk-ant-", Rest::Base64, 20),
    ("sk-proj-", Rest::Base64, 20),
    ("pul-", Rest::Hexadecimal, 32),
    ("SG.", Rest::Base64, 50),
    ("AGE-SECRET-KEY-1", Rest::Capitals, 32),
    // Private keys, in base64.
    ("b3BlbnNzaC1rZXktdjE", Rest::Base64, 16),
    ("LS0tLS1CRUdJTiBQUklWQVRFIEtFWS", Rest::Base64, 16),
    ("LS0tLS1CRUdJTiBSU0EgUFJJVkFURS", Rest::Base64, 16),
    ("LS0tLS1CRUdJTiBFQyBQUklWQVRFIE", Rest::Base64, 16),
    ("LS0tLS1CRUdJTiBPUEVOU1NIIFBSSV", Rest::Base64, 16),
];

/// Finds everything in a text that has the form of a token.
pub(super) fn find(text: &str, found: &mut Vec<SecretPart>) {
    let bytes = text.as_bytes();
    let mut at = 0;
    // Up to here, nothing is the first part of a JSON Web Token: it would end where the last one did.
    let mut first_part = 0;
    while at < bytes.len() {
        let Some(offset) = bytes[at..].iter().position(|byte| byte.is_ascii_alphanumeric() || *byte == b'-') else {
            return;
        };
        at += offset;
        if let Some(length) = private_key(&text[at..]) {
            found.push(SecretPart::named(at..at + length, "private key"));
            at += length;
            continue;
        }
        let word = at..at + bytes[at..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        if word.is_empty() {
            at += 1;
            continue;
        }
        let end = (begins(text, at).into_iter()).find_map(|start| Some((start, token(text, start, &mut first_part)?)));
        if let Some((start, end)) = end {
            found.push(SecretPart::named(start..end, "token"));
            at = end;
        } else if let Some(value) = after_scheme(text, word.clone()) {
            at = value.end;
            found.push(SecretPart::named(value, "token"));
        } else {
            at = word.end;
        }
    }
}

/// The positions in a run of letters and digits where a token could begin: at its start, and after an escape that only
/// seems to be part of the run, like the `n` of `\nghp_…`.
fn begins(text: &str, at: usize) -> Vec<usize> {
    let before = &text[..at];
    let after = |length: usize| text.get(at + length..).map(|_| at + length);
    match before.chars().next_back() {
        Some('\\') if text[at..].starts_with('u') => after(5),
        Some('\\') => after(1),
        Some('%') => after(2),
        _ => None,
    }
    .into_iter()
    .chain([at])
    .collect()
}

/// The end of the token that begins here.
fn token(text: &str, start: usize, first_part: &mut usize) -> Option<usize> {
    const SHORTEST: usize = 12;
    let rest = &text[start..];
    if rest.bytes().take(SHORTEST).filter(|byte| Rest::Base64.has(*byte)).count() < SHORTEST {
        return None;
    }
    let shaped = SHAPES.iter().find_map(|(prefix, kind, shortest)| {
        let after = rest.strip_prefix(prefix)?;
        let length = after.bytes().take_while(|byte| kind.has(*byte)).count();
        (length >= *shortest).then_some(prefix.len() + length)
    });
    let json_web_token = || (start >= *first_part).then(|| json_web_token(rest, start, first_part)).flatten();
    let length = shaped.or_else(json_web_token).or_else(|| by_marks(rest))?;
    let end = start + length;
    // A full stop belongs to the sentence.
    Some(start + text[start..end].trim_end_matches('.').len())
}

/// A JSON Web Token of two parts or more. Without the dot it is other encoded JSON, which the signatures of schema 1
/// manifests are full of.
fn json_web_token(rest: &str, start: usize, first_part: &mut usize) -> Option<usize> {
    const SHORTEST: usize = 8;
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_=".contains(byte);
    let part = |from: usize| rest.as_bytes()[from..].iter().take_while(|byte| is_part(byte)).count();
    let first = rest.starts_with("eyJ").then(|| part(0)).filter(|length| *length >= SHORTEST)?;
    *first_part = start + first;
    let mut end = first;
    while rest.as_bytes().get(end) == Some(&b'.') {
        end += 1 + part(end + 1);
    }
    (end > first + 2).then_some(end)
}

/// Secrets recognized by characters inside them: of Azure's directory (`8Q~`), of its registry (`+ACR`), and older ones
/// of Vault, which began with `s.`.
fn by_marks(rest: &str) -> Option<usize> {
    const LONGEST: usize = 100;
    let length = rest.bytes().take(LONGEST + 1).take_while(|byte| Rest::Base64.has(*byte)).count();
    let word = &rest[..length];
    let azure = (34..=44).contains(&length) && word.get(4..6) == Some("Q~") && word.as_bytes()[3].is_ascii_digit();
    let registry = (40..=LONGEST).contains(&length) && word.contains("+ACR") && is_mixed(word);
    let vault =
        length == 26 && word.starts_with("s.") && is_mixed(&word[2..]) && !word[2..].contains(['.', '-', '/', '=']);
    (azure || registry || vault).then_some(length)
}

fn is_mixed(word: &str) -> bool {
    let has = |test: fn(&u8) -> bool| word.as_bytes().iter().any(test);
    has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_digit)
}

/// The credential after `Basic` or `Bearer`, ignoring case.
fn after_scheme(text: &str, word: Range<usize>) -> Option<Range<usize>> {
    let scheme = &text[word.clone()];
    if !["basic", "bearer"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let spaces = ["%20", "+", "\u{a0}"].iter().find(|space| text[word.end..].starts_with(**space));
    let space =
        spaces.map_or_else(|| text[word.end..].len() - text[word.end..].trim_start().len(), |space| space.len());
    let start = word.end + space;
    let length = text[start..].bytes().take_while(|byte| Rest::Base64.has(*byte)).count();
    let value = text[start..start + length].trim_end_matches('.');
    // `Bearer realm="…"` is a challenge, and its parameters are not secret.
    let name = value.bytes().take_while(|byte| byte.is_ascii_alphabetic() || *byte == b'_').count();
    let is_parameter = value[name..].starts_with('=')
        && (name == value.len() - 1)
        && text[start + value.len()..].starts_with(['"', '\'', '\\', '&']);
    let is_parameter =
        is_parameter || (value[name..].starts_with('=') && !value[name..].trim_start_matches('=').is_empty());
    (space > 0 && !is_parameter && is_credential(value)).then(|| start..start + value.len())
}

/// Whether the text after the name of a scheme, such as `Bearer`, is a credential and not the next word of a sentence.
pub(super) fn is_credential(text: &str) -> bool {
    const SHORTEST: usize = 8;
    let word = text.split([' ', ',']).next().unwrap_or_default();
    let rest = word.get(1..).unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || b"-.:?!/".contains(&byte);
    word.len() >= SHORTEST && !rest.bytes().all(is_plain)
}

/// The length of the PEM private key that begins here. One without an end extends to the end of the text.
fn private_key(rest: &str) -> Option<usize> {
    const LABEL: usize = 40;
    let label = rest.strip_prefix("-----BEGIN ")?;
    let label = &label[..label.find("-----").filter(|end| *end <= LABEL)?];
    if !label.contains("PRIVATE KEY") {
        return None;
    }
    let end = format!("-----END {label}-----");
    Some(rest.find(&end).map_or(rest.len(), |at| at + end.len()))
}

#[cfg(test)]
mod tests {
    use crate::evidence::Redactor;

    /// These are not real tokens: the prefixes and lengths are those that the issuers document.
    fn tokens() -> Vec<String> {
        let words = "Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8Ii9Jj0Kk1Ll2Mm3Nn4Oo5Pp6Qq7Rr8Ss9Tt0";
        let hexadecimal = "0123456789abcdef".repeat(4);
        let made = |prefix: &str, length: usize| format!("{prefix}{}", &words[..length]);
        vec![
            made("ghp_", 36),
            made("ghu_", 36),
            made("ghr_", 36),
            made("github_pat_", 59),
            made("glpat-", 20),
            made("glrt-", 20),
            made("gldt-", 20),
            made("dckr_pat_", 27),
            made("dckr_oat_", 32),
            made("npm_", 36),
            made("pypi-AgEIcHlwaS5vcmc", 60),
            made("hvs.", 24),
            made("hvb.", 50),
            made("s.", 24),
            made("AIza", 35),
            made("ya29.", 40),
            made("GOCSPX-", 28),
            "AKIAIOSFODNN7EXAMPLE".to_owned(),
            "ASIAIOSFODNN7EXAMPLE".to_owned(),
            made("IQoJb3JpZ2luX2Vj", 60),
            made("abc8Q~", 34),
            made("", 36) + "+ACR" + &words[..12],
            made("AKCp8", 60),
            made("cmVmdGtu", 56),
            format!("dop_v1_{hexadecimal}"),
            format!("rubygems_{}", &hexadecimal[..48]),
            made("xoxb-2345678901-", 24),
            made("hf_", 34),
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0".to_owned(),
            "eyJhbGciOiJub25lIn0.eyJzdWIiOiJ4In0.".to_owned(),
            made("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.", 43),
        ]
    }

    /// Case E29: after any character that is not a letter or digit.
    #[test]
    fn token_is_found_after_any_sign() {
        for token in tokens() {
            for before in
                ["", " ", "=", ":", "/", "_", "-", ".", "@", "(", "\"", "é", "“", "\\n", "\\u0022", "%20", "%3D"]
            {
                for after in ["", " ", ")", "\"", "é", ", x"] {
                    let text = format!("was {before}{token}{after}");
                    let shown = Redactor::default().text(&text);
                    let inner = token.trim_end_matches('.');
                    assert!(!shown.contains(&inner[inner.len() - 8..]), "{text} → {shown}");
                }
            }
        }
    }

    #[test]
    fn credential_behind_its_scheme_is_found() {
        for text in [
            "sent Bearer c2VjcmV0LXRva2Vu and failed",
            "bearer 9f86d081884c",
            "got “Basic dXNlcjpwYXNz”",
            "Basic%20dXNlcjpwYXNz",
            "auth: BASIC dXNlcjpwYXNzd29yZA==",
            "Bearer a1.b2/c3~d4+e5==",
        ] {
            let shown = Redactor::default().text(text);
            assert!(shown.contains("‹token removed, "), "{text} → {shown}");
        }
    }

    #[test]
    fn private_key_is_taken_out_with_its_lines() {
        let key = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIQ\nCANARY==\n-----END EC PRIVATE KEY-----";
        for text in [key.to_owned(), key.replace('\n', "\\n"), key[..60].to_owned() + "CANARY"] {
            let shown = Redactor::default().text(&format!("key: {text} after"));
            assert!(!shown.contains("CANARY") && shown.starts_with("key: ‹private key removed, "), "{shown}");
        }
    }

    #[test]
    fn text_that_only_resembles_a_token_stays() {
        let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        for text in [
            format!("sha256:{digest} sha256-{digest}.sig sha512:{digest}{digest}"),
            format!("ghp_short glpat-x npm_config_registry pypi-server hvs.example AKIA-{digest}"),
            "AKIAlowercase0123456789 ASIAN dapi dapi-server LTAI SCW SG.x cio ciopfs-0.4 oy2".to_owned(),
            "eyJmb3JtYXRMZW5ndGgiOjI1NywiZm9ybWF0VGFpbCI6IkNuMCJ9 eyJ.eyJ eyJhbGciOiJub25lIn0.".to_owned(),
            "Bearer realm=\"https://r.test/token\", Basic realm=\"r\", Basic authentication".to_owned(),
            "Bearer token-is-required; bearer authentication; Basic Authentication".to_owned(),
            "application/vnd.docker.distribution.manifest.list.v2+json s.example.test".to_owned(),
            "-----BEGIN CERTIFICATE-----\nMHcCAQEEIQ\n-----END CERTIFICATE-----".to_owned(),
            "cache-fra-eddf8230081-FRA v1.2.3-rc.1+build.5 2026-11-30T00:00:00Z Mozilla/5.0".to_owned(),
            "W/\"5f2b-Q~x\" 8Q~ +ACR glibc-2.39 hf_space sk-SK".to_owned(),
        ] {
            assert_eq!(Redactor::default().text(&text), text);
        }
    }
}
