//! The entry of a registry, decoded as Docker and Podman do (`decodeAuth`), with checks for mistakes in writing it. No
//! message contains any decoded text.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};

use super::Credentials;
use super::tree::Tree;
use crate::evidence::{CredentialField, Damage};
use crate::text::Secret;

/// The maximum length of a field in bytes.
const LIMIT: usize = 64 << 10;

/// The content of an entry.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A credential, and the likely mistakes in it.
    Credential(Credentials, Vec<Damage>),
    /// An unusable entry.
    Damaged(Damage),
    /// An empty entry.
    Empty,
}

/// Decodes the entry of a registry.
pub(super) fn read(entry: &Tree) -> Entry {
    match entry {
        Tree::Null => return Entry::Empty,
        Tree::Object(_) => {}
        _ => return Entry::Damaged(Damage::NotText(CredentialField::Entry)),
    }
    let field = |field: CredentialField| match entry.field(field.name()) {
        None | Some(Tree::Null) => Ok(None),
        Some(Tree::Text(text)) if text.reveal().is_empty() => Ok(None),
        Some(Tree::Text(text)) if text.reveal().len() > LIMIT => Err(Damage::TooLong),
        Some(Tree::Text(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Damage::NotText(field)),
    };
    let read = || {
        let [identity, registry, auth] = [
            field(CredentialField::IdentityToken)?,
            field(CredentialField::RegistryToken)?,
            field(CredentialField::Auth)?,
        ];
        let plain = (field(CredentialField::Username)?, field(CredentialField::Password)?);
        // An identity token takes precedence over the password next to it, which is often a placeholder (as for Azure),
        // and a registry token over both.
        if let Some(token) = registry {
            return Ok(Some((Credentials::RegistryToken(token), Vec::new())));
        }
        if let Some(token) = identity {
            return Ok(Some((Credentials::IdentityToken(token), Vec::new())));
        }
        match (auth, plain) {
            (Some(auth), plain) => {
                let (username, password) = decode(auth.reveal())?;
                let contradicts = |said: Option<Secret>, decoded: &Secret| said.is_some_and(|said| said != *decoded);
                let differs = contradicts(plain.0, &username) || contradicts(plain.1, &password);
                password_of(username, password).map(|(credentials, mut damage)| {
                    damage.extend(differs.then_some(Damage::Contradiction));
                    Some((credentials, damage))
                })
            }
            (None, (None, None)) => Ok(None),
            (None, (None, Some(_))) => Err(Damage::NoName),
            (None, (Some(_), None)) => Err(Damage::NoPassword),
            (None, (Some(username), Some(password))) => password_of(username, password).map(Some),
        }
    };
    match read() {
        Ok(Some((credentials, damage))) => Entry::Credential(credentials, damage),
        Ok(None) => Entry::Empty,
        Err(damage) => Entry::Damaged(damage),
    }
}

/// A name and a password as a credential. `<token>` instead of a name means that the password is an identity token
/// (docker-credential-helpers).
pub(super) fn password_of(username: Secret, password: Secret) -> Result<(Credentials, Vec<Damage>), Damage> {
    if username.reveal().is_empty() {
        return Err(Damage::NoName);
    }
    if password.reveal().is_empty() {
        return Err(Damage::NoPassword);
    }
    if username.reveal() == "<token>" {
        return Ok((Credentials::IdentityToken(password), Vec::new()));
    }
    let damage = odd(username.reveal()).or_else(|| odd(password.reveal()));
    Ok((Credentials::Password { username, password }, damage.into_iter().collect()))
}

/// A likely mistake in a name or password. Line breaks inside are legitimate: keys are used as passwords too.
fn odd(text: &str) -> Option<Damage> {
    if text.ends_with(['\n', '\r']) {
        Some(Damage::LineBreak)
    } else if text.trim() != text {
        Some(Damage::Blank)
    } else if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        Some(Damage::Control)
    } else {
        None
    }
}

fn decode(auth: &str) -> Result<(Secret, Secret), Damage> {
    // Go's decoder skips line breaks, and nothing else.
    let auth: String = auth.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    let Ok(bytes) = STANDARD.decode(&auth) else {
        let of_addresses = URL_SAFE.decode(&auth).is_ok() || URL_SAFE_NO_PAD.decode(&auth).is_ok();
        let is_that = of_addresses && auth.contains(['-', '_']);
        return Err(if is_that { Damage::UrlSafeBase64 } else { Damage::NotBase64 });
    };
    let text = Secret::new(String::from_utf8(bytes).map_err(|_| Damage::NotUtf8)?);
    let Some((username, password)) = text.reveal().split_once(':') else {
        let again = STANDARD.decode(text.reveal().trim()).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let twice = again.is_some_and(|again| again.contains(':'));
        return Err(if twice { Damage::TwiceEncoded } else { Damage::NoColon });
    };
    // Both clients strip zero padding (`strings.Trim(password, "\x00")`).
    Ok((Secret::new(username), Secret::new(password.trim_matches('\0'))))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(entry: serde_json::Value) -> Entry {
        read(&serde_json::from_value(entry).unwrap())
    }

    fn password(username: &str, password: &str) -> Credentials {
        Credentials::Password { username: Secret::new(username), password: Secret::new(password) }
    }

    fn encoded(text: &[u8]) -> serde_json::Value {
        json!({ "auth": STANDARD.encode(text) })
    }

    #[test]
    fn usual_entry_is_base64_of_name_and_password() {
        assert_eq!(of(json!({ "auth": "bWU6cGFzczp3b3Jk" })), Entry::Credential(password("me", "pass:word"), vec![]));
        assert_eq!(
            of(json!({ "auth": "bWU6cGFz\nczp3b3Jk\n" })),
            Entry::Credential(password("me", "pass:word"), vec![])
        );
        assert_eq!(of(json!({ "Auth": "bWU6cGFzczp3b3Jk" })), Entry::Credential(password("me", "pass:word"), vec![]));
        let plain = json!({ "username": "me", "password": "word" });
        assert_eq!(of(plain), Entry::Credential(password("me", "word"), vec![]));
        assert_eq!(of(encoded(b"me:word\0\0")), Entry::Credential(password("me", "word"), vec![]));
    }

    /// Case F08: for example, the entry that Azure's client writes.
    #[test]
    fn tokens_come_before_the_password_beside_them() {
        let token = || Secret::new("eyJ.x.y");
        let azure = json!({ "auth": "MDAwMDo=", "identitytoken": "eyJ.x.y" });
        assert_eq!(of(azure), Entry::Credential(Credentials::IdentityToken(token()), vec![]));
        let registry = json!({ "auth": "bWU6cGFzczp3b3Jk", "registrytoken": "eyJ.x.y", "identitytoken": "other" });
        assert_eq!(of(registry), Entry::Credential(Credentials::RegistryToken(token()), vec![]));
        let named = json!({ "username": "<token>", "password": "eyJ.x.y" });
        assert_eq!(of(named), Entry::Credential(Credentials::IdentityToken(token()), vec![]));
    }

    #[test]
    fn entry_without_values_is_empty() {
        for entry in [json!({}), json!(null), json!({ "auth": "" }), json!({ "auth": null, "email": "a@b.test" })] {
            assert_eq!(of(entry), Entry::Empty);
        }
    }

    /// Cases F05 and F06.
    #[test]
    fn damage_is_named_and_nothing_of_the_value() {
        for (entry, damage) in [
            (json!({ "auth": "CANARY!" }), Damage::NotBase64),
            (json!({ "auth": "bWU6cGFzczp3b3Jk=" }), Damage::NotBase64),
            (json!({ "auth": "bWU6_3Bhc3M-" }), Damage::UrlSafeBase64),
            (encoded(b"no colon"), Damage::NoColon),
            (encoded(b"bWU6cGFzczp3b3Jk"), Damage::TwiceEncoded),
            (encoded(b":password"), Damage::NoName),
            (encoded(b"user:"), Damage::NoPassword),
            (encoded(b"user:\xff\xfe"), Damage::NotUtf8),
            (json!({ "auth": ["CANARY"] }), Damage::NotText(CredentialField::Auth)),
            (json!({ "auth": 5 }), Damage::NotText(CredentialField::Auth)),
            (json!("CANARY"), Damage::NotText(CredentialField::Entry)),
            (json!({ "auth": "A".repeat(1 << 20) }), Damage::TooLong),
            (json!({ "username": "me" }), Damage::NoPassword),
            (json!({ "password": "CANARY" }), Damage::NoName),
        ] {
            let read = of(entry.clone());
            assert_eq!(read, Entry::Damaged(damage), "{entry}");
            assert!(!format!("{read:?}").contains("CANARY") && !damage.words().contains("CANARY"));
        }
    }

    #[test]
    fn whitespace_that_a_shell_adds_is_detected() {
        for (text, damage) in [
            (b"me:word\n".as_slice(), Damage::LineBreak),
            (b"me\n:word", Damage::LineBreak),
            (b"me:word\r\n", Damage::LineBreak),
            (b" me:word", Damage::Blank),
            (b"me:word ", Damage::Blank),
            (b"me:wo\x07rd", Damage::Control),
        ] {
            assert!(matches!(of(encoded(text)), Entry::Credential(_, found) if found == [damage]), "{damage:?}");
        }
        let key = b"_json_key:{\n  \"private_key\": \"x\"\n}";
        assert!(matches!(of(encoded(key)), Entry::Credential(_, damage) if damage.is_empty()));
        let both = json!({ "auth": "bWU6cGFzczp3b3Jk", "username": "me", "password": "another" });
        assert!(matches!(of(both), Entry::Credential(_, damage) if damage == [Damage::Contradiction]));
    }

    proptest::proptest! {
        #[test]
        fn decoding_never_panics(auth in "\\PC{0,60}", bytes in proptest::collection::vec(0_u8.., 0..60)) {
            let _ = of(json!({ "auth": auth }));
            let _ = of(encoded(&bytes));
        }
    }
}
