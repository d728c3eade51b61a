//! Whether the realm of a challenge may be asked for a token, and whether it may be given credentials for that.
//!
//! The realm is the address of the token service, and the registry chooses it. A client that believes it sends the
//! user's password to whoever the registry names. So credentials go to the registry's own origin (scheme, host and
//! port), to a realm that a table pairs with exactly this registry, and to one that the user named; everywhere else a
//! token is asked for anonymously, and the caller says so. Hosts are compared as they were parsed, never as text.
//!
//! Some realms are not even asked anonymously: those that are no plain address, that would leave TLS, or that lead to
//! an address which a registry where it is may not name. What a *name* resolves to is not known here; the connector checks
//! that in the same way when it connects.
//!
//! A pure function of its arguments: nothing is resolved and nothing is sent.

#[cfg(test)]
mod tests;

use thiserror::Error;
use url::{Host, Url};

use crate::oci::address::{AddressClass, Place, host_class};
use crate::text::Untrusted;

/// How many bytes a realm may have. Real ones stay under 200.
pub const REALM_LIMIT: usize = 4096;

/// Who may be given a registry's credentials besides the registry itself.
///
/// Each name is a host, or a host and a port as `host:port`. Without a port it stands for the scheme's own port only:
/// to trust `localhost` is not to trust every program that listens there. A name that is no host names nothing; see
/// [`names_a_host`].
#[derive(Clone, Copy, Debug, Default)]
pub struct TrustedRealms<'a> {
    /// The shipped table: (registry, realm). Trust is in the pair. A realm that is good for one registry is not for
    /// another, which could name it to obtain tokens that it has no business with.
    pub pairs: &'a [(String, String)],
    /// What the user named with `--trust-realm`.
    pub by_user: &'a [String],
}

/// Why a realm may or may not be given credentials.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trust {
    /// It has the scheme, host and port of the registry.
    SameOrigin,
    /// The shipped table pairs it with this registry, and both are reached over TLS.
    KnownPair,
    /// The user named it.
    TrustedByUser,
    /// None of these: it is asked without credentials, if at all.
    OtherOrigin,
}

/// What is odd about a realm that can be used.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum RealmRemark {
    /// It is no full address and was completed with the registry's. Clients do not do so: the distribution token
    /// specification wants a URL. It is a tolerance, so that the rest of the problem can be looked at.
    Relative,
    /// It has a fragment, which is never sent (RFC 9110 §4.2.5) and was left out.
    Fragment,
}

impl RealmRemark {
    /// The remark in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Relative => {
                "The realm is not a full address; it was completed with the registry's, which clients do not do."
            }
            Self::Fragment => "The realm has a fragment, which is never sent; it was left out.",
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
    /// Where to ask. An `http` or `https` URL with a host, without user information and without fragment.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// Whether the registry's credentials may be sent there. If not, a token may be asked for anonymously.
    pub fn may_receive_credentials(&self) -> bool {
        self.why != Trust::OtherOrigin
    }

    /// The reason for that.
    pub fn why(&self) -> Trust {
        self.why
    }

    /// What is odd about its wording.
    pub fn remarks(&self) -> &[RealmRemark] {
        &self.remarks
    }

    /// What the user would write after `--trust-realm` to trust exactly this realm: the host, and the port unless it
    /// is the scheme's own.
    pub fn trust_name(&self) -> Untrusted {
        trust_name(&self.url)
    }

    /// The class of its address, if it is written as an address or is `localhost`. The connector may let this class
    /// through for this realm; it was judged here.
    pub fn address_class(&self) -> Option<AddressClass> {
        host_class(&self.url)
    }
}

/// Why a realm is not asked at all. The sentences hold nothing of the realm but its host, made printable.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum RealmRefusal {
    /// There is nothing in it.
    #[error("the realm is empty, so there is nowhere to get a token")]
    Empty,
    /// It is longer than is read.
    #[error("the realm is longer than {REALM_LIMIT} bytes")]
    TooLong,
    /// It has a space, a control character or a backslash, which URL parsers drop, replace or refuse: they disagree
    /// on the host. The place is counted from 0.
    #[error("the realm has a character at byte {offset} that may not be in a URL; clients disagree on what it names")]
    IllegalCharacter {
        /// The byte in the realm.
        offset: usize,
    },
    /// It is neither `http://…`, `https://…` nor a path: `auth.example.test/token`, `https:host`, `https:///host`.
    #[error("the realm is not a full URL such as https://host/token; clients disagree on what it names")]
    NotAUrl,
    /// Its scheme is neither `http` nor `https`.
    #[error("the realm is not an http or https URL")]
    UnsupportedScheme,
    /// It looks like a URL and is none.
    #[error("the realm is not a valid URL: {0}")]
    Unparsable(#[from] url::ParseError),
    /// It has a user name or a password, or what could be taken for one: `https://registry@evil.test/`.
    #[error("the realm has a user name in it; that hides which host it names")]
    UserInformation,
    /// The registry is reached over TLS and the realm is not.
    #[error("the registry is reached over https, but its realm is plain http; credentials and token would be readable")]
    Downgrade,
    /// It leads to an address that is another one here than at the registry, or to a private network.
    #[error("{}", address_sentence(host, *class, trust_name.as_ref()))]
    Address {
        /// The host as parsed, so `2852039166` is 169.254.169.254 here.
        host: Untrusted,
        /// What kind of address it is.
        class: AddressClass,
        /// What the user would write after `--trust-realm`, if that helps: for private networks.
        trust_name: Option<Untrusted>,
    },
}

/// Resolves a realm against the origin of the request that was challenged, and judges it. `place` is where the answer with
/// the challenge came from.
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

/// Whether a text can be given as a name in [`TrustedRealms`]: a host, or a host and a port.
pub fn names_a_host(text: &str) -> bool {
    host_and_port(text).is_some()
}

/// Makes a URL of a realm, and tells whether it had to be completed.
///
/// Only spellings that all URL parsers read alike get through. The WHATWG parser mends the others silently, and not as
/// the clients do whose failure is being looked into (RFC 3986 against the URL standard).
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
        // An empty user name disappears in parsing, so it is looked for before.
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

/// The scheme of a URL and what follows its colon (RFC 3986 §3.1).
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

/// Whether an address may be reached because of this registry: at the same host it is reached already, and elsewhere where a
/// registry at its place may name it. What the user named is reached as if it were named from this machine, so not where it
/// can only be a mistake or a trap: a token service is no link-local or metadata address. This machine is named by a registry
/// with a name of this machine alone: where another name leads here, others follow the same realm to themselves.
fn may_be_reached(url: &Url, class: AddressClass, registry: &Url, why: Trust, place: Place) -> bool {
    let from = if why == Trust::TrustedByUser { Place::LOOPBACK } else { place };
    let here = class == AddressClass::Loopback;
    let is_misnamed = here && why != Trust::TrustedByUser && host_class(registry) != Some(class);
    url.host() == registry.host() || (!is_misnamed && from.refuses(Place { class, here }).is_none())
}

/// Whether a name of [`TrustedRealms`] stands for the host and port of a URL.
fn names(name: &str, url: &Url) -> bool {
    let Some((host, port)) = host_and_port(name) else { return false };
    let same_port = match port {
        Some(port) => url.port_or_known_default() == Some(port),
        // `Url` keeps no port that is its scheme's own.
        None => url.port().is_none(),
    };
    same_port && url.host().is_some_and(|known| known.to_owned() == host)
}

/// Reads `host` or `host:port`, with IPv6 addresses in brackets. The host is normalised as in URLs.
fn host_and_port(name: &str) -> Option<(Host, Option<u16>)> {
    let (host, port) = match name.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (name, None),
    };
    let port = match port {
        // `parse` alone would let a plus sign through.
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => Some(port.parse().ok()?),
        Some(_) => return None,
        None => None,
    };
    // A wildcard would parse as a host, and then name nothing.
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

/// The refusal of an address, without the word attack: a registry inside a cluster does this in good faith.
fn address_sentence(host: &Untrusted, class: AddressClass, trust_name: Option<&Untrusted>) -> String {
    let (host, class) = (host.cut_within(80), class.words());
    let refused = format!("the realm leads to {host}, which is {class}; the registry is not at that address");
    match trust_name {
        // What is copied into a shell has to be spelled as hosts are.
        Some(name) if name.as_str().parse::<crate::oci::Host>().is_ok() => {
            format!("{refused}. If this is its token service, allow it with --trust-realm {}", name.as_str())
        }
        Some(_) => format!("{refused}. If this is its token service, allow it with --trust-realm"),
        None => refused,
    }
}
