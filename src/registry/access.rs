//! Access to a registry: the credentials and headers of the user, and the other hosts that may receive them. Only
//! this module answers challenges and decides which realms are trusted.

use http::header::HeaderName;
use url::Url;

use super::Target;
use crate::auth::realm::{self, Realm};
use crate::auth::{Authenticator, Credentials, Handshake, TrustedRealms};
use crate::evidence::{CredentialUse, Exchange, RunOptions};
use crate::knowledge::realm_pairs;
use crate::oci::Place;
use crate::text::{Secret, Untrusted};
use crate::transport::Transport;

/// What the registry of one reference may receive.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// The credentials for the registry.
    pub credentials: Option<Credentials>,
    /// The source of the credentials.
    pub credential: CredentialUse,
    /// Whether they may be sent over plain HTTP to another machine.
    pub may_go_in_clear: bool,
    /// Hosts other than the registry that the user allows to receive them.
    pub trusted_realms: Vec<String>,
    /// Headers of the user's own, for the registry's origin alone.
    pub headers: Vec<(HeaderName, Secret)>,
    /// Whether an option selects plain HTTP.
    pub plain_http: bool,
}

impl Access {
    /// Answers the 401 at the end of an exchange with a registry, with or without credentials. `repository` is the one
    /// of the request; `None` for the registry itself.
    pub(super) async fn answer(
        &self,
        transport: &Transport,
        credentials: Option<&Credentials>,
        target: &Target,
        repository: Option<&str>,
        refused: &Exchange,
    ) -> Handshake {
        let pairs = pairs();
        let authenticator = Authenticator {
            transport,
            credentials,
            credential: self.credential,
            may_go_in_clear: self.may_go_in_clear,
            trusted: &self.trusted(&pairs),
            registry: &target.base,
            repository,
        };
        authenticator.answer(refused).await
    }

    /// The access of a recorded run: nothing is sent, and only the source of the credentials matters.
    pub(super) fn of_recording(options: &RunOptions) -> Self {
        Self {
            credentials: None,
            credential: options.credential,
            may_go_in_clear: false,
            trusted_realms: Vec::new(),
            headers: Vec::new(),
            plain_http: options.plain_http,
        }
    }

    /// Judges a realm that a registry names. `None` if it is not a realm that may be contacted.
    pub(super) fn judge(&self, named: &Untrusted, registry: &Url, place: Place) -> Option<Realm> {
        let pairs = pairs();
        realm::judge(named, registry, &self.trusted(&pairs), place).ok()
    }

    fn trusted<'a>(&'a self, pairs: &'a [(String, String)]) -> TrustedRealms<'a> {
        TrustedRealms { pairs, by_user: &self.trusted_realms }
    }
}

/// Registries, each with the host of its known token service.
fn pairs() -> Vec<(String, String)> {
    realm_pairs().map(|(host, realm)| (host.to_owned(), realm.to_owned())).collect()
}
