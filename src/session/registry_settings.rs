//! The user's settings, as far as they apply to the registry of one run.

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

/// The settings of a run that apply to its registry. Values given for another registry are only known in order to keep
/// them out of the output.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RegistrySettings {
    /// The selected platform.
    pub platform: Platform,
    /// What may be sent to the registry, with its credentials, given or found.
    pub access: Access,
    /// Whether an option allows the login over plain HTTP at any address of the registry.
    pub cleartext_login: bool,
    /// Whether to ignore certificate faults of the registry.
    pub insecure: bool,
    /// A file with additional trusted authorities.
    pub authority_file: Option<PathBuf>,
    /// Address overrides for these hosts.
    pub resolve: Vec<ResolveTo>,
    /// The option that named a credential file, and the file.
    pub credentials_file: Option<(&'static str, PathBuf)>,
    /// The client certificate to present to the registry.
    pub identity: Option<ClientIdentity>,
    /// The time limit of the whole run.
    pub timeout: Option<Duration>,
    /// The pseudonyms for anonymized results.
    pub public: Option<Pseudonyms>,
    /// The lab to use instead of the network.
    pub lab: Option<LabChoice>,
    /// Why a given login does not apply.
    pub login_withheld: Option<String>,
    /// Why given headers do not apply.
    pub headers_withheld: Vec<String>,
    /// The registries for which the user has given options.
    pub registries: Vec<Host>,
    /// Every secret that was given, for any registry.
    pub secrets: Vec<(&'static str, Secret)>,
    /// Every user name that was given, for any registry.
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
                // Giving a login along with `--plain-http` is consent.
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

    /// Adds the credentials stored for the registry, if there are any. They are sent over plain HTTP only to loopback,
    /// unless they were stored for that or an option of the command allows it: plain HTTP may have been chosen without
    /// knowledge of them.
    #[must_use]
    pub fn with_stored(self, credentials: Option<Credentials>, is_for_plain_http: bool) -> Self {
        let may_go_in_clear = self.cleartext_login || is_for_plain_http;
        let access = match credentials {
            Some(_) => Access { credentials, credential: CredentialUse::Stored, may_go_in_clear, ..self.access },
            None => self.access,
        };
        Self { access, ..self }
    }

    /// Removes the credentials, for a run that compares what anonymous clients are answered.
    #[must_use]
    pub fn without_credentials(self) -> Self {
        let access = Access { credentials: None, credential: CredentialUse::Anonymous, ..self.access };
        Self { access, ..self }
    }

    /// Removes the user's own headers, with the reason.
    #[must_use]
    pub fn without_headers(self, registry: &Host) -> Self {
        let withheld = self.access.headers.iter().map(|(name, _)| header_not_in_clear(name, registry));
        let headers_withheld = self.headers_withheld.iter().cloned().chain(withheld).collect();
        Self { access: Access { headers: Vec::new(), ..self.access }, headers_withheld, ..self }
    }

    /// Removes the settings that do not affect a connection.
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

    /// The settings that a record keeps.
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

/// The hosts that the user allows to receive the credentials for a registry.
fn trusted(settings: &Settings, registry: &Host) -> Vec<String> {
    let is_it = |name: &str| name.parse::<Host>().is_ok_and(|host| host.canonical() == registry.canonical());
    let pairs = settings.trusted_pairs.iter().filter(|(name, _)| is_it(name)).map(|(_, realm)| realm);
    let bound = settings.bound_to(registry).flat_map(|bound| &bound.trusted_realms);
    settings.trusted_realms.iter().chain(pairs).chain(bound).cloned().collect()
}
