//! A record for readers outside of the user's network: pseudonyms in place of names, in every text.

use serde_json::Value;

use crate::evidence::{Pseudonyms, Record, UnreadRecord};
use crate::text::as_text;

/// The kinds of pseudonyms that a name or a part of one may have.
const KINDS: [&str; 7] = ["HOST", "REPOSITORY", "USER", "NAME", "ACCOUNT", "GUID", "MAC"];
/// The first three parts of addresses for documentation (RFC 5737).
const NETWORKS: [&str; 3] = ["192.0.2", "198.51.100", "203.0.113"];
/// The number of addresses of each.
const IN_A_NETWORK: usize = 254;
/// The field of a response whose text is replaced before all others, because a digest is over it.
const BODY: &str = "body";

/// The record with pseudonyms. They parse where a name was parsed, so that it is judged in the same way; digests of
/// bodies that contained a name are those of the received bytes.
///
/// # Errors
/// Fails if a name cannot be replaced without making the record invalid.
pub fn anonymized(record: &Record, pseudonyms: &mut Pseudonyms) -> Result<Record, UnreadRecord> {
    // The position of an error in the input refers to the input, which changes.
    let mut record = Record { mended: None, ..record.clone() };
    let provenance = record.provenance.take();
    // A name that is found late is replaced in the beginning as well.
    changed(&serde_json::to_value(&record)?, true, &mut |text| pseudonyms.text(text));
    record.journal.change_each(|exchange| {
        let Some(response) = &mut exchange.response else { return };
        let Some(text) = as_text(&response.body.bytes, response.body.truncated) else { return };
        let shown = parsable(&pseudonyms.text(text));
        if shown != text {
            response.body = response.body.without_secrets(shown);
        }
    });
    let written = changed(&serde_json::to_value(&record)?, false, &mut |text| parsable(&pseudonyms.text(text)));
    let read = Record::read(written.to_string().as_bytes())?;
    Ok(Record { provenance, ..read })
}

/// The value with every text changed, those of bodies only if `bodies` is set.
fn changed(value: &Value, bodies: bool, change: &mut dyn FnMut(&str) -> String) -> Value {
    match value {
        Value::String(text) => Value::String(change(text)),
        Value::Array(elements) => elements.iter().map(|element| changed(element, bodies, change)).collect(),
        Value::Object(fields) => {
            let field = |(name, value): (&String, &Value)| {
                let kept = (name == BODY && !bodies).then(|| value.clone());
                (name.clone(), kept.unwrap_or_else(|| changed(value, bodies, change)))
            };
            Value::Object(fields.iter().map(field).collect())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// A text with pseudonyms in the forms that a host, a path or an address may have: `HOST1` becomes `host-1.invalid`
/// (RFC 2606), `IPV4-1` becomes 192.0.2.1.
fn parsable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(|character: char| character.is_ascii_uppercase()) {
        let (before, from) = rest.split_at(at);
        shown.push_str(before);
        let goes_on = shown.ends_with(|character: char| character.is_ascii_alphanumeric());
        let (length, form) = pseudonym(from).filter(|_| !goes_on).unwrap_or_else(|| (1, from[..1].to_owned()));
        shown.push_str(&form);
        rest = &from[length..];
    }
    shown + rest
}

/// The length of the pseudonym that a text begins with, and its other form.
fn pseudonym(text: &str) -> Option<(usize, String)> {
    let numbered = |kind: &str| {
        let after = text.strip_prefix(kind)?;
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let number = after[..digits].parse::<usize>().ok().filter(|number| *number > 0)?;
        let is_whole = !after[digits..].starts_with(|character: char| character.is_ascii_alphanumeric());
        is_whole.then_some((kind.len() + digits, number))
    };
    if let Some((length, number)) = numbered("IPV4-") {
        let at = number - 1;
        let network = NETWORKS[at / IN_A_NETWORK % NETWORKS.len()];
        return Some((length, format!("{network}.{}", at % IN_A_NETWORK + 1)));
    }
    if let Some((length, number)) = numbered("IPV6-") {
        // Addresses for documentation (RFC 3849).
        return Some((length, format!("2001:db8::{:x}", number & 0xffff)));
    }
    let (kind, (length, number)) = KINDS.iter().find_map(|kind| Some((kind, numbered(kind)?)))?;
    let ending = if *kind == "HOST" { ".invalid" } else { "" };
    Some((length, format!("{}-{number}{ending}", kind.to_ascii_lowercase())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonym_has_the_form_of_what_it_replaces() {
        for (text, expected) in [
            ("https://HOST1:5000/v2/REPOSITORY12/tags/list", "https://host-1.invalid:5000/v2/repository-12/tags/list"),
            ("IPV4-1:443 IPV4-255 [IPV6-16]:443", "192.0.2.1:443 198.51.100.1 [2001:db8::10]:443"),
            ("HOST MYHOST1 HOST1x HOST0 Host1", "HOST MYHOST1 HOST1x HOST0 Host1"),
            ("USER1 of HOST2.", "user-1 of host-2.invalid."),
            ("ÄHOST3 é", "Ähost-3.invalid é"),
        ] {
            assert_eq!(parsable(text), expected);
        }
    }
}
