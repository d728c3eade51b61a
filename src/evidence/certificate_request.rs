//! A server's request for a client certificate during a TLS handshake.

use super::certificate::distinguished_name_in_der;
use crate::text::Untrusted;
use serde::{Deserialize, Serialize};

/// The maximum number of authorities kept of a request.
const AUTHORITIES: usize = 16;
/// The maximum size of an authority's name that is read, in bytes.
const NAME_BYTES: usize = 4 << 10;

/// The request of a server for a client certificate (RFC 8446 §4.3.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CertificateRequest {
    /// The authorities whose certificates it accepts, as `CN=Example CA, O=Example` (RFC 4514), at most 16. Empty if
    /// the server names none, which means that it does not say.
    #[serde(default, with = "crate::text::raw")]
    pub authorities: Vec<Untrusted>,
    /// The number of further authorities, including unreadable ones.
    pub omitted: usize,
    /// Whether a client certificate was presented.
    pub answered: bool,
}

impl CertificateRequest {
    /// Reads the names of a request, each a distinguished name in DER.
    pub fn read(names: &[&[u8]], answered: bool) -> Self {
        let readable = names.iter().take(AUTHORITIES).filter(|name| name.len() <= NAME_BYTES);
        let authorities: Vec<_> = readable.filter_map(|name| distinguished_name_in_der(name)).collect();
        Self { omitted: names.len() - authorities.len(), authorities, answered }
    }

    /// The authorities for a sentence, safe to print; `None` if there are none.
    pub fn authorities_in_words(&self) -> Option<String> {
        const SHOWN: usize = 3;
        let shown: Vec<_> =
            self.authorities.iter().take(SHOWN).map(|name| format!("“{}”", name.printable_within(100))).collect();
        let more = (self.authorities.len() + self.omitted).saturating_sub(shown.len());
        match (shown.is_empty(), more) {
            (true, _) => None,
            (false, 0) => Some(shown.join(" or ")),
            (false, more) => Some(format!("{} or {more} more", shown.join(", "))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name with one common name of up to 100 bytes, in DER: a sequence of a set of a sequence of the identifier
    /// 2.5.4.3 and a UTF8String (RFC 5280 §4.1.2.4).
    fn named(common_name: &[u8]) -> Vec<u8> {
        let length = |bytes: usize| u8::try_from(bytes).unwrap();
        let value = [&[0x0c, length(common_name.len())], common_name].concat();
        let attribute = [&[0x30, length(value.len() + 5), 0x06, 3, 0x55, 4, 3], &value[..]].concat();
        let set = [&[0x31, length(attribute.len())], &attribute[..]].concat();
        [&[0x30, length(set.len())], &set[..]].concat()
    }

    fn read(names: &[Vec<u8>]) -> CertificateRequest {
        CertificateRequest::read(&names.iter().map(Vec::as_slice).collect::<Vec<_>>(), false)
    }

    #[test]
    fn request_names_its_authorities() {
        let request = read(&[named(b"Example Device CA"), named(b"Other CA")]);
        assert_eq!(request.authorities_in_words().unwrap(), "“CN=Example Device CA” or “CN=Other CA”");
        assert_eq!(read(&[]).authorities_in_words(), None);
    }

    #[test]
    fn ten_thousand_names_are_counted_and_sixteen_kept() {
        let names: Vec<_> = (0..10_000).map(|number| named(format!("CA {number}").as_bytes())).collect();
        let request = read(&names);
        assert_eq!((request.authorities.len(), request.omitted), (16, 9_984));
        assert_eq!(request.authorities_in_words().unwrap(), "“CN=CA 0”, “CN=CA 1”, “CN=CA 2” or 9997 more");
    }

    #[test]
    fn bytes_that_are_not_a_name_are_counted() {
        let request = read(&[b"no name".to_vec(), Vec::new(), vec![0x30; 5 << 10], named(b"CA")]);
        assert_eq!((request.authorities.len(), request.omitted), (1, 3));
        let whole = named(b"CA");
        for cut in 0..whole.len() {
            let _ = read(&[whole[..cut].to_vec()]);
        }
    }

    #[test]
    fn hostile_name_cannot_act_on_a_terminal_or_name_a_second_authority() {
        let request = read(&[named("\u{1b}[2J\n, O=Trusted \u{202e}".as_bytes())]);
        let words = request.authorities_in_words().unwrap();
        assert!(words.chars().all(crate::text::is_safe), "{words}");
        assert!(words.contains("\\, O\\=Trusted"), "{words}");
    }
}
