//! Who asked, as a report says it.

use super::origin_in_words;
use crate::evidence::{CredentialUse, Outcome, Record};

/// The identity of the run, in words: anonymous, or with which credential.
pub(super) fn asked_as(record: &Record) -> String {
    let story = &record.authentication;
    let registry = record.reference.registry().to_string();
    let origin = match story.is_withheld() {
        true => Some("your login was not sent over plain HTTP".to_owned()),
        false => origin_in_words(&record.trail, &registry),
    };
    let asked = story.outcome != Outcome::NotAsked;
    match (story.credential, origin) {
        (CredentialUse::Anonymous, Some(none)) => format!("anonymous ({none})"),
        (CredentialUse::Anonymous, None) => "anonymous".to_owned(),
        (CredentialUse::Given, _) if !asked => "anonymous (your credentials were not requested)".to_owned(),
        (CredentialUse::Given, _) => "with your credentials".to_owned(),
        (CredentialUse::Stored, origin) => {
            let origin = origin.map(|origin| format!(" {origin}")).unwrap_or_default();
            if asked {
                format!("with the credential{origin}")
            } else {
                format!("anonymous (not requested: the credential{origin})")
            }
        }
    }
}
