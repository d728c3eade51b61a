//! What the user has said, as far as it holds for the registry of one run.

use std::path::PathBuf;
use std::time::Duration;

use super::bound::header_not_in_clear;
use super::{LabChoice, Settings};
use crate::auth::Credentials;
use crate::evidence::{CredentialUse, Pseudonyms, RunOptions, own_header_is_secret};
use crate::oci::{Host, Platform, Reference};
use crate::registry::Access;
use crate::text::Secret;
use crate::transport::{ClientIdentity, ResolveTo};

/// The settings of a run as they hold for its registry. What was given for another registry is not among them: it is
/// known only so that it can be kept out of the output.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RegistrySettings {
    /// The platform that is wanted.
    pub platform: Platform,
    /// What the registry may be sent, with the credentials for it, given or found.
    pub access: Access,
    /// Send the login over plain HTTP wherever the registry is, because an option says so.
    pub cleartext_login: bool,
    /// Let certificate faults of the registry pass.
    pub insecure: bool,
    /// A file with further trusted authorities.
    pub authority_file: Option<PathBuf>,
    /// Connect elsewhere for these hosts.
    pub resolve: Vec<ResolveTo>,
    /// The option that named a file with credentials, and the file.
    pub credentials_file: Option<(&'static str, PathBuf)>,
    /// The client certificate to show to the registry.
    pub identity: Option<ClientIdentity>,
    /// How long the whole run may take.
    pub timeout: Option<Duration>,
    /// Makes results that everybody may read.
    pub public: Option<Pseudonyms>,
    /// The lab that is asked instead of the network.
    pub lab: Option<LabChoice>,
    /// Why the login that was given is not among them.
    pub login_withheld: Option<String>,
    /// Why headers that were given are not among them.
    pub headers_withheld: Vec<String>,
    /// The registries that something was given for.
    pub registries: Vec<Host>,
    /// Every secret that was given, for whichever registry.
    pub secrets: Vec<(&'static str, Secret)>,
    /// Every user name that was given, for whichever registry.
    pub users: Vec<String>,
}

impl RegistrySettings {
    /// The settings for the registry of a reference, with the credentials that were given for it.
    pub fn new(settings: &Settings, reference: &Reference) -> Self {
        let registry = reference.registry();
        let in_clear = settings.headers_go_in_clear(reference) && !registry.is_loopback();
        let credentials = settings.logins.get(registry).cloned();
        let cleartext_login = settings.allows_cleartext_login(registry);
        let all_headers = settings.bound.iter().flat_map(|bound| &bound.headers);
        let bound_to = settings.bound.iter().filter_map(|bound| bound.registry.as_ref());
        Self {
            platform: settings.platform.clone(),
            access: Access {
                credential: if credentials.is_some() { CredentialUse::Given } else { CredentialUse::Anonymous },
                credentials,
                // Who gives a login along with `--plain-http` has asked for that.
                may_go_in_clear: cleartext_login || settings.speaks_plain_http(registry),
                trusted_realms: trusted(settings, registry),
                headers: (settings.bound_to(registry).filter(|_| !in_clear))
                    .flat_map(|bound| bound.headers.clone())
                    .collect(),
                plain_http: settings.speaks_plain_http(registry),
            },
            cleartext_login,
            insecure: settings.is_insecure_for(registry),
            authority_file: settings.authority_file.clone(),
            resolve: settings.resolve.clone(),
            credentials_file: (settings.stored.as_ref())
                .and_then(|sources| sources.named().map(|(option, file)| (option, file.to_owned()))),
            identity: settings.bound_to(registry).filter_map(|bound| bound.identity.clone()).last(),
            timeout: settings.timeout,
            public: settings.public.clone(),
            lab: settings.lab,
            login_withheld: settings.login_withheld_from(registry),
            headers_withheld: settings.headers_withheld_from(registry, in_clear),
            registries: settings.logins.registries().chain(bound_to).cloned().collect(),
            secrets: (settings.logins.secrets().into_iter())
                .chain(
                    all_headers
                        .filter(|(name, value)| own_header_is_secret(name.as_str(), value.reveal()))
                        .map(|(_, value)| ("header value", value.clone())),
                )
                .collect(),
            users: settings.logins.users().map(str::to_owned).collect(),
        }
    }

    /// The same with the credentials that are stored for the registry, where there are some. They go over plain HTTP to
    /// loopback alone, unless they were stored for that or an option of the command says so: the one that chose plain HTTP
    /// may not have known of them.
    #[must_use]
    pub fn with_stored(self, credentials: Option<Credentials>, is_for_plain_http: bool) -> Self {
        let may_go_in_clear = self.cleartext_login || is_for_plain_http;
        let access = match credentials {
            Some(_) => Access { credentials, credential: CredentialUse::Stored, may_go_in_clear, ..self.access },
            None => self.access,
        };
        Self { access, ..self }
    }

    /// The same without the headers of the user's own, and why.
    #[must_use]
    pub fn without_headers(self, registry: &Host) -> Self {
        let withheld = self.access.headers.iter().map(|(name, _)| header_not_in_clear(name, registry));
        let headers_withheld = self.headers_withheld.iter().cloned().chain(withheld).collect();
        Self { access: Access { headers: Vec::new(), ..self.access }, headers_withheld, ..self }
    }

    /// The same without what says nothing about a connection.
    #[must_use]
    pub fn of_the_connection(&self) -> Self {
        Self {
            platform: Platform::of_this_machine(),
            public: None,
            login_withheld: None,
            headers_withheld: Vec::new(),
            registries: Vec::new(),
            secrets: Vec::new(),
            users: Vec::new(),
            ..self.clone()
        }
    }

    /// What a record keeps of them.
    pub fn options(&self, accept: &[String]) -> RunOptions {
        RunOptions {
            platform: Some(self.platform.clone()).filter(|platform| *platform != Platform::of_this_machine()),
            accept: accept.to_vec(),
            credentials_file: self.credentials_file.as_ref().map(|(option, path)| ((*option).into(), path.clone())),
            authority_file: self.authority_file.clone(),
            plain_http: self.access.plain_http,
            cleartext_login: self.cleartext_login,
            insecure: self.insecure,
            credential: self.access.credential,
            certificate: self.identity.is_some(),
            public: self.public.is_some(),
            lab: self.lab.map(LabChoice::option),
            login_withheld: self.login_withheld.clone(),
            headers_withheld: self.headers_withheld.clone(),
            typed: false,
            follows: false,
        }
    }
}

/// The hosts that the user lets have the credentials for a registry.
fn trusted(settings: &Settings, registry: &Host) -> Vec<String> {
    let is_it = |name: &str| name.parse::<Host>().is_ok_and(|host| host.canonical() == registry.canonical());
    let pairs = settings.trusted_pairs.iter().filter(|(name, _)| is_it(name)).map(|(_, realm)| realm);
    let bound = settings.bound_to(registry).flat_map(|bound| &bound.trusted_realms);
    settings.trusted_realms.iter().chain(pairs).chain(bound).cloned().collect()
}
