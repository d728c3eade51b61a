//! Options that apply to one registry only, because they carry a secret or weaken a check: the user's own headers,
//! `insecure`, `plain-http`, trusted realms and a client certificate.

use http::header::HeaderName;

use super::Settings;
use crate::auth::Credentials;
use crate::diagnosis::CLEARTEXT_LOGINS;
use crate::knowledge::is_everybodys;
use crate::oci::{Host, Reference, Scheme};
use crate::text::{Secret, Untrusted};
use crate::transport::ClientIdentity;

/// The beginning of a sentence that says why a client certificate was not presented.
pub(super) const CERTIFICATE: &str = "Your client certificate";

/// Options for one registry.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bound {
    /// The registry; `None` as long as none was named. Until then the options apply to no registry.
    pub registry: Option<Host>,
    /// Headers to send to it.
    pub headers: Vec<(HeaderName, Secret)>,
    /// Whether to accept its certificate regardless of faults.
    pub insecure: bool,
    /// Whether to use plain HTTP for it.
    pub plain_http: bool,
    /// Whether to send it a login over plain HTTP at any address.
    pub cleartext_login: bool,
    /// Hosts that may receive the credentials for it.
    pub trusted_realms: Vec<String>,
    /// The client certificate to present to it.
    pub identity: Option<ClientIdentity>,
}

impl Bound {
    /// Whether the options apply to a registry.
    pub fn is_for(&self, registry: &Host) -> bool {
        self.registry.as_ref().is_some_and(|own| own.canonical() == registry.canonical())
    }

    /// Binds the options to a registry, unless they are already bound. Returns whether they were not.
    pub fn bind(&mut self, registry: &Host) -> bool {
        let waited = self.registry.is_none();
        self.registry.get_or_insert_with(|| registry.canonical());
        waited
    }

    /// The names of the options, for messages.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self.headers.iter().map(|(name, _)| format!("header {name}")).collect();
        names.extend(self.insecure.then(|| "insecure".to_owned()));
        names.extend(self.plain_http.then(|| "plain-http".to_owned()));
        names.extend(self.cleartext_login.then(|| "allow-cleartext-login".to_owned()));
        names.extend((!self.trusted_realms.is_empty()).then(|| "trust-realm".to_owned()));
        names.extend(self.identity.is_some().then(|| "client certificate".to_owned()));
        names
    }
}

impl Settings {
    /// Binds all options without a registry to this one, the first that was named. Returns the names of the bound
    /// options, for a message.
    pub fn bind(&mut self, registry: &Host) -> Vec<String> {
        let user = match self.logins.waiting() {
            Some(Credentials::Password { username, .. }) if self.public.is_none() => {
                Untrusted::from(username.reveal()).cut_within(60)
            }
            _ => "your login".to_owned(),
        };
        let mut names: Vec<_> = self.logins.bind(registry).then_some(user).into_iter().collect();
        for bound in &mut self.bound {
            if bound.bind(registry) {
                names.extend(bound.names());
            }
        }
        names
    }

    /// Restricts options of a whole command line to one registry: the first that is named from now on.
    pub fn reserve(&mut self) {
        let bound = self.take_bound(None);
        if !bound.names().is_empty() {
            self.bound.push(bound);
        }
    }

    /// Takes the options that are or can be bound to a registry out of the settings, and binds them.
    pub fn take_bound(&mut self, registry: Option<Host>) -> Bound {
        let waiting: Vec<_> = self.bound.extract_if(.., |bound| bound.registry.is_none()).collect();
        Bound {
            identity: waiting.iter().rev().find_map(|bound| bound.identity.clone()),
            cleartext_login: waiting.iter().any(|bound| bound.cleartext_login),
            headers: waiting.into_iter().flat_map(|bound| bound.headers).collect(),
            registry: registry.map(|registry| registry.canonical()),
            insecure: std::mem::take(&mut self.insecure),
            plain_http: std::mem::take(&mut self.plain_http),
            trusted_realms: std::mem::take(&mut self.trusted_realms),
        }
    }

    /// A message about a registry and the registries of other options, with pseudonyms if results are anonymized.
    pub fn for_reader(&self, registry: &Host, words: &str) -> String {
        let Some(mut public) = self.public.clone() else { return words.to_owned() };
        let bound = self.bound.iter().filter_map(|bound| bound.registry.as_ref());
        let hosts =
            [registry].into_iter().chain(self.logins.registries()).chain(bound).map(|host| host.name().to_owned());
        public.hide_hosts(hosts.filter(|host| !is_everybodys(host)));
        public.hide_users(self.logins.users().map(str::to_owned));
        public.text(words)
    }

    /// Whether faults of a registry's certificate are ignored.
    pub fn is_insecure_for(&self, registry: &Host) -> bool {
        self.insecure || self.bound_to(registry).any(|bound| bound.insecure)
    }

    /// Whether an option selects plain HTTP for a registry.
    pub fn speaks_plain_http(&self, registry: &Host) -> bool {
        self.plain_http || self.bound_to(registry).any(|bound| bound.plain_http)
    }

    /// Whether an option allows a login for a registry over plain HTTP.
    pub fn allows_cleartext_login(&self, registry: &Host) -> bool {
        self.bound_to(registry).any(|bound| bound.cleartext_login)
    }

    /// Whether headers would be sent to a registry over plain HTTP only because of the reference, which may have been
    /// pasted. The same host over HTTPS and over HTTP is two origins.
    pub(super) fn headers_go_in_clear(&self, reference: &Reference) -> bool {
        reference.scheme() == Some(Scheme::Http) && !self.speaks_plain_http(reference.registry())
    }

    /// The options that are bound to a registry.
    pub(super) fn bound_to(&self, registry: &Host) -> impl Iterator<Item = &Bound> {
        self.bound.iter().filter(|bound| bound.is_for(registry))
    }

    /// The names of options that are bound to other registries than this one, each with its registry.
    pub fn inactive_for(&self, registry: &Host) -> Vec<(String, Host)> {
        let others = self.bound.iter().filter(|bound| !bound.is_for(registry));
        let named = others.filter_map(|bound| Some((bound.names(), bound.registry.clone()?)));
        named.flat_map(|(names, other)| names.into_iter().map(move |name| (name, other.clone()))).collect()
    }

    /// A sentence that says why no login was sent to a registry although one was given for another.
    pub fn login_withheld_from(&self, registry: &Host) -> Option<String> {
        if self.logins.get(registry).is_some() || self.logins.is_empty() {
            return None;
        }
        let others = self.logins.registries().map(Host::to_string).collect::<Vec<_>>();
        Some(withheld("Your login", registry, others.first().map(|_| others.join(", "))))
    }

    /// Sentences that say why headers and client certificates were not sent to a registry although they were given, one
    /// for each. `in_clear` says that headers would have been sent over plain HTTP only because of the reference.
    pub fn headers_withheld_from(&self, registry: &Host, in_clear: bool) -> Vec<String> {
        let others = self.bound.iter().filter(|bound| !bound.is_for(registry));
        let own = self.bound_to(registry).filter(|_| in_clear).flat_map(|bound| &bound.headers);
        let own = own.map(|(name, _)| header_not_in_clear(name, registry));
        let sentences = others.flat_map(|bound| {
            let headers = bound.headers.iter().map(|(name, _)| format!("Header {name}"));
            let certificate = bound.identity.iter().map(|_| CERTIFICATE.to_owned());
            let given = headers.chain(certificate);
            given.map(|what| withheld(&what, registry, bound.registry.as_ref().map(Host::to_string)))
        });
        sentences.chain(own).collect()
    }
}

/// Why a header was not sent to a registry over plain HTTP.
pub(super) fn header_not_in_clear(name: &HeaderName, registry: &Host) -> String {
    format!(
        "Header {name} was not sent to {registry} over plain HTTP, which only the reference asks for; --plain-http allows \
         it. {CLEARTEXT_LOGINS}"
    )
}

fn withheld(what: &str, registry: &Host, other: Option<String>) -> String {
    match other {
        Some(other) => format!("{what} was not sent to {registry}: given for {other}."),
        None => format!("{what} was not sent to {registry}: given for the first reference, which is invalid."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::RegistrySettings;

    fn host(text: &str) -> Host {
        text.parse().unwrap()
    }

    fn with_header() -> Settings {
        let headers = vec![(HeaderName::from_static("x-api-key"), Secret::new("CANARY"))];
        Settings { bound: vec![Bound { headers, ..Bound::default() }], ..Settings::new() }
    }

    #[test]
    fn option_without_a_registry_holds_for_none() {
        let mut settings = Settings { insecure: true, ..with_header() };
        settings.reserve();
        let first = host("[::1]:5000");
        assert!(!settings.is_insecure_for(&first) && settings.bound_to(&first).next().is_none());
        assert_eq!(settings.bind(&first), ["header x-api-key", "insecure"]);
        assert!(settings.is_insecure_for(&first) && !settings.is_insecure_for(&host("[::1]:5001")));
        assert!(settings.bind(&host("b.example")).is_empty(), "the first registry keeps it");
    }

    #[test]
    fn note_says_for_which_registry_a_header_was_given() {
        let mut settings = with_header();
        settings.bind(&host("registry-1.docker.io"));
        assert!(settings.headers_withheld_from(&host("index.docker.io"), false).is_empty());
        assert_eq!(
            settings.headers_withheld_from(&host("ghcr.io"), false),
            ["Header x-api-key was not sent to ghcr.io: given for docker.io."]
        );
    }

    #[test]
    fn headers_go_over_plain_http_only_to_loopback_or_where_that_was_asked_for() {
        let of = |settings: &Settings, reference: &str| {
            let reference = Reference::parse(reference).unwrap();
            let mut settings = settings.clone();
            settings.bind(reference.registry());
            RegistrySettings::new(&settings, &reference)
        };
        let mut given = with_header();
        let (username, password) = (Secret::new("alice"), Secret::new("a password"));
        given.logins.keep_for_first(Credentials::Password { username, password });
        for reference in ["r.example/a:1", "https://r.example/a:1", "http://127.0.0.1:5000/a:1", "http://localhost/a:1"]
        {
            let sent = of(&given, reference);
            assert!(sent.access.headers.len() == 1 && sent.headers_withheld.is_empty(), "{reference}");
        }
        for reference in ["http://r.example/a:1", "http://10.0.0.1:5000/a:1", "http://registry.local:80/a:1"] {
            let kept = of(&given, reference);
            assert!(kept.access.headers.is_empty() && !kept.access.may_go_in_clear, "{reference}");
            let [words] = &kept.headers_withheld[..] else { panic!("{:?}", kept.headers_withheld) };
            assert!(words.contains("over plain HTTP") && words.contains("--plain-http"), "{words}");
        }
        given.plain_http = true;
        let sent = of(&given, "http://r.example/a:1");
        assert!(sent.access.may_go_in_clear && sent.access.headers.len() == 1, "it was asked for");
    }

    /// `--plain-http` selects the scheme, and implies nothing about stored logins.
    #[test]
    fn stored_login_goes_over_plain_http_where_the_file_or_the_command_says_so() {
        let login = || Credentials::Password { username: Secret::new("alice"), password: Secret::new("a password") };
        let reference = Reference::parse("r.example/a:1").unwrap();
        let of = |settings: &Settings| RegistrySettings::new(settings, &reference);
        let plain = Settings { plain_http: true, ..Settings::new() };
        let allowing = |registry: &str| {
            let bound = Bound { cleartext_login: true, registry: Some(host(registry)), ..Bound::default() };
            Settings { bound: vec![bound], ..plain.clone() }
        };
        for (settings, is_for_plain_http, expected) in [
            (&plain, false, false),
            (&plain, true, true),
            (&allowing("R.example"), false, true),
            (&allowing("r.example:5000"), false, false),
            (&allowing("sub.r.example"), false, false),
        ] {
            let stored = of(settings).with_stored(Some(login()), is_for_plain_http);
            assert_eq!(stored.access.may_go_in_clear, expected, "{:?}", settings.bound);
        }
        let none = of(&plain).with_stored(None, true);
        assert_eq!(
            (none.access.credentials, none.access.credential),
            (None, crate::evidence::CredentialUse::Anonymous)
        );
    }
}
