//! The trust policy for realms: whether one may be asked for a token, and whether it may receive credentials.
//!
//! The realm is the address of the token service, and the registry chooses it. A client that trusts it blindly sends
//! the user's password to any host the registry names. So credentials go only to the registry's own origin (scheme,
//! host and port), to a realm that a table pairs with exactly this registry, and to one that the user named; any other
//! realm is asked for a token anonymously, and the caller reports that. Hosts are compared in parsed form, never as
//! text.
//!
//! Some realms are not even asked anonymously: those that are not a plain URL, that would drop TLS, or that point to an
//! address which a registry at this place may not name. The policy does not resolve names; the connector applies the
//! same check when it connects.
//!
//! A pure function of its arguments, without name resolution or requests.

#[cfg(test)]
mod tests;

use thiserror::Error;
use url::{Host, Url};

use crate::oci::address::{AddressClass, Place, host_class};
use crate::text::Untrusted;

/// The maximum length of a realm in bytes. Real ones stay under 200.
pub const REALM_LIMIT: usize = 4096;

/// The realms that may receive a registry's credentials in addition to the registry itself.
///
/// Each name is a host, or `host:port`. Without a port, it means only the default port of the scheme: trusting
/// `localhost` does not mean trusting every program that listens there. An invalid host name matches nothing; see
/// [`names_a_host`].
#[derive(Clone, Copy, Debug, Default)]
pub struct TrustedRealms<'a> {
    /// The built-in table of (registry, realm) pairs. Trust is in the pair: a realm of one registry is not trusted for
    /// another, which could name it to obtain tokens that it must not get.
    pub pairs: &'a [(String, String)],
    /// The realms that the user named with `--trust-realm`.
    pub by_user: &'a [String],
}

/// The reason why a realm may or may not receive credentials.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// It has the scheme, host and port of the registry.
    SameOrigin,
    /// The built-in table pairs it with this registry, and both use TLS.
    KnownPair,
    /// The user named it.
    TrustedByUser,
    /// None of these: it is asked without credentials, if at all.
    OtherOrigin,
}

/// A peculiarity of a realm that is usable nevertheless.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RealmRemark {
    /// It is not a full URL and was completed with the registry's. Clients do not do this: the distribution token
    /// specification requires a URL. It is tolerated here so that the rest of the problem can be examined.
    Relative,
    /// It has a fragment, which is never sent (RFC 9110 §4.2.5) and was removed.
    Fragment,
}

impl RealmRemark {
    /// The remark in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Relative => {
                "The realm is not a full URL; it was completed with the registry's, which clients do not do."
            }
            Self::Fragment => "The realm has a fragment, which is never sent; it was removed.",
        }
    }
}

/// A realm that may be asked for a token.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Realm {
    url: Url,
    why: Trust,
    remarks: Vec<RealmRemark>,
}

impl Realm {
    /// The URL of the token service: `http` or `https` with a host, without user information and fragment.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Returns `true` if the registry's credentials may be sent there. Otherwise, a token may be requested anonymously.
    pub fn may_receive_credentials(&self) -> bool {
        self.why != Trust::OtherOrigin
    }

    /// The reason for that decision.
    pub fn why(&self) -> Trust {
        self.why
    }

    /// The peculiarities of the realm.
    pub fn remarks(&self) -> &[RealmRemark] {
        &self.remarks
    }

    /// The value for `--trust-realm` that trusts exactly this realm: the host, and the port unless it is the default of
    /// the scheme.
    pub fn trust_name(&self) -> Untrusted {
        trust_name(&self.url)
    }

    /// The class of its address, if it is an IP address or `localhost`. The connector may accept this class for this
    /// realm, because it was judged here.
    pub fn address_class(&self) -> Option<AddressClass> {
        host_class(&self.url)
    }
}

/// The reason why a realm is not asked at all. The sentences contain nothing of the realm except its host, made
/// printable.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum RealmRefusal {
    /// The realm is empty.
    #[error("the realm is empty, so there is nowhere to get a token")]
    Empty,
    /// The realm is longer than the limit.
    #[error("the realm is longer than {REALM_LIMIT} bytes")]
    TooLong,
    /// It contains a space, a control character or a backslash, which URL parsers drop, replace or reject: they
    /// disagree about the host. The offset is counted from 0.
    #[error("the realm has a character at byte {offset} that is invalid in a URL; clients disagree about its host")]
    IllegalCharacter {
        /// The byte offset in the realm.
        offset: usize,
    },
    /// It is neither `http://…`, `https://…` nor a path: `auth.example.test/token`, `https:host`, `https:///host`.
    #[error("the realm is not a full URL such as https://host/token; clients disagree about its host")]
    NotAUrl,
    /// Its scheme is neither `http` nor `https`.
    #[error("the realm is not an http or https URL")]
    UnsupportedScheme,
    /// It looks like a URL and is invalid.
    #[error("the realm is not a valid URL: {0}")]
    Unparsable(#[from] url::ParseError),
    /// It contains a user name or password, or what could be taken for one: `https://registry@evil.test/`.
    #[error("the realm contains a user name, which obscures its host")]
    UserInformation,
    /// The registry uses TLS and the realm does not.
    #[error("the registry uses https, but its realm is plain http; credentials and token would be readable")]
    Downgrade,
    /// It points to an address with a different meaning here than at the registry, or to a private network.
    #[error("{}", address_sentence(host, *class, trust_name.as_ref()))]
    Address {
        /// The host as parsed, so `2852039166` is 169.254.169.254 here.
        host: Untrusted,
        /// The class of the address.
        class: AddressClass,
        /// The value for `--trust-realm`, if that would help: for private networks.
        trust_name: Option<Untrusted>,
    },
}

/// Resolves a realm against the origin of the challenged request, and judges it. `place` is the origin of the response
/// with the challenge.
///
/// # Errors
///
/// A [`RealmRefusal`] if no request may go there, not even an anonymous one.
pub fn judge(
    realm: &Untrusted,
    registry: &Url,
    trusted: &TrustedRealms<'_>,
    place: Place,
) -> Result<Realm, RealmRefusal> {
    let (mut url, relative) = resolve(realm.as_str(), registry)?;
    let mut remarks = Vec::new();
    if relative {
        remarks.push(RealmRemark::Relative);
    }
    if url.fragment().is_some() {
        url.set_fragment(None);
        remarks.push(RealmRemark::Fragment);
    }
    if registry.scheme() == "https" && url.scheme() == "http" {
        return Err(RealmRefusal::Downgrade);
    }
    let why = trust(&url, registry, trusted);
    if let Some(class) = host_class(&url)
        && !may_be_reached(&url, class, registry, why, place)
    {
        let host = Untrusted::from(url.host_str().unwrap_or_default());
        let trust_name = (class == AddressClass::Private).then(|| trust_name(&url));
        return Err(RealmRefusal::Address { host, class, trust_name });
    }
    Ok(Realm { url, why, remarks })
}

/// Returns `true` if a text is valid as a name in [`TrustedRealms`]: a host, or a host and a port.
pub fn names_a_host(text: &str) -> bool {
    host_and_port(text).is_some()
}

/// Parses a realm as a URL, and returns whether it had to be completed.
///
/// Only spellings that all URL parsers read alike are accepted. The WHATWG parser silently corrects others, and
/// differently from the clients whose failure is under investigation (RFC 3986 versus the URL standard).
fn resolve(realm: &str, registry: &Url) -> Result<(Url, bool), RealmRefusal> {
    if realm.is_empty() {
        return Err(RealmRefusal::Empty);
    }
    if realm.len() > REALM_LIMIT {
        return Err(RealmRefusal::TooLong);
    }
    let illegal = |character: char| character.is_control() || character.is_whitespace() || character == '\\';
    if let Some(offset) = realm.find(illegal) {
        return Err(RealmRefusal::IllegalCharacter { offset });
    }
    let (relative, rest) = match scheme(realm) {
        Some((scheme, rest)) if ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
            (false, rest)
        }
        Some(_) => return Err(RealmRefusal::UnsupportedScheme),
        None => (true, realm),
    };
    match rest.strip_prefix("//") {
        Some(authority) if authority.starts_with('/') => return Err(RealmRefusal::NotAUrl),
        // Parsing drops an empty user name, so it is looked for first.
        Some(authority) if authority.split(['/', '?', '#']).next().is_some_and(|part| part.contains('@')) => {
            return Err(RealmRefusal::UserInformation);
        }
        Some(_) => {}
        None if relative && rest.starts_with('/') => {}
        None => return Err(RealmRefusal::NotAUrl),
    }
    let url = if relative { registry.join(realm)? } else { Url::parse(realm)? };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(RealmRefusal::UserInformation);
    }
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(RealmRefusal::UnsupportedScheme);
    }
    Ok((url, relative))
}

/// The scheme of a URL and the rest after its colon (RFC 3986 §3.1).
fn scheme(realm: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = realm.split_once(':')?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then_some((scheme, rest))
}

fn trust(url: &Url, registry: &Url, trusted: &TrustedRealms<'_>) -> Trust {
    let pairs = |(known_registry, known_realm): &(String, String)| {
        registry.scheme() == "https"
            && url.scheme() == "https"
            && names(known_registry, registry)
            && names(known_realm, url)
    };
    if url.origin() == registry.origin() {
        Trust::SameOrigin
    } else if trusted.pairs.iter().any(pairs) {
        Trust::KnownPair
    } else if trusted.by_user.iter().any(|name| names(name, url)) {
        Trust::TrustedByUser
    } else {
        Trust::OtherOrigin
    }
}

/// Returns `true` if an address may be reached because of this registry: at the same host, which is in use already, and
/// elsewhere if a registry at its place may name it. A realm that the user named is treated as named from this machine,
/// so it must not be an obvious mistake or trap: a token service is never at a link-local or metadata address. Only a
/// registry whose name means this machine may name this machine: if another name resolves to it, other users would
/// follow the same realm to their own machines.
fn may_be_reached(url: &Url, class: AddressClass, registry: &Url, why: Trust, place: Place) -> bool {
    let from = if why == Trust::TrustedByUser { Place::LOOPBACK } else { place };
    let here = class == AddressClass::Loopback;
    let is_misnamed = here && why != Trust::TrustedByUser && host_class(registry) != Some(class);
    url.host() == registry.host() || (!is_misnamed && from.refuses(Place { class, here }).is_none())
}

/// Returns `true` if a name in [`TrustedRealms`] matches the host and port of a URL.
fn names(name: &str, url: &Url) -> bool {
    let Some((host, port)) = host_and_port(name) else { return false };
    let same_port = match port {
        Some(port) => url.port_or_known_default() == Some(port),
        // `Url` drops the default port of its scheme.
        None => url.port().is_none(),
    };
    same_port && url.host().is_some_and(|known| known.to_owned() == host)
}

/// Parses `host` or `host:port`, with IPv6 addresses in brackets. The host is normalized as in URLs.
fn host_and_port(name: &str) -> Option<(Host, Option<u16>)> {
    let (host, port) = match name.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (name, None),
    };
    let port = match port {
        // `parse` alone would accept a plus sign.
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => Some(port.parse().ok()?),
        Some(_) => return None,
        None => None,
    };
    // A wildcard would parse as a host, and then match nothing.
    if host.is_empty() || host.contains('*') {
        return None;
    }
    Some((Host::parse(host).ok()?, port))
}

fn trust_name(url: &Url) -> Untrusted {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => Untrusted::new(format!("{host}:{port}")),
        None => Untrusted::from(host),
    }
}

/// The refusal of an address, which does not speak of an attack: a registry inside a cluster does this in good faith.
fn address_sentence(host: &Untrusted, class: AddressClass, trust_name: Option<&Untrusted>) -> String {
    let (host, class) = (host.cut_within(80), class.words());
    let refused = format!("the realm points to {host}, which is {class}; the registry is not at that address");
    match trust_name {
        // Text for a shell has to be a valid host name.
        Some(name) if name.as_str().parse::<crate::oci::Host>().is_ok() => {
            format!("{refused}. If this is its token service, allow it with --trust-realm {}", name.as_str())
        }
        Some(_) => format!("{refused}. If this is its token service, allow it with --trust-realm"),
        None => refused,
    }
}
