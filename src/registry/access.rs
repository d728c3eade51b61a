//! What a registry may be sent: credentials, headers of the user's own, and who else may receive them. The one place that
//! answers a challenge, and the one that says who is trusted.

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

/// What the registry of one reference may be sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Access {
    /// The credentials for it.
    pub credentials: Option<Credentials>,
    /// Whose they are.
    pub credential: CredentialUse,
    /// Whether they may go over plain HTTP to a server that is not on this machine.
    pub may_go_in_clear: bool,
    /// Hosts that the user lets receive them, as well as the registry.
    pub trusted_realms: Vec<String>,
    /// Headers of the user's own, for the registry's origin alone.
    pub headers: Vec<(HeaderName, Secret)>,
    /// Speak plain HTTP because an option says so.
    pub plain_http: bool,
}

impl Access {
    /// Answers the 401 that an exchange with a registry ended with, with these credentials or with none. `repository` is
    /// the one that is asked about; `None` for the registry itself.
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

    /// What a run that was recorded might be sent: nothing is, and only whose it was to be matters.
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

    /// What is to be thought of a realm that a registry names. `None` where it is none that may be asked.
    pub(super) fn judge(&self, named: &Untrusted, registry: &Url, place: Place) -> Option<Realm> {
        let pairs = pairs();
        realm::judge(named, registry, &self.trusted(&pairs), place).ok()
    }

    fn trusted<'a>(&'a self, pairs: &'a [(String, String)]) -> TrustedRealms<'a> {
        TrustedRealms { pairs, by_user: &self.trusted_realms }
    }
}

/// Registries, each with the host of the token service that is known to be its own.
fn pairs() -> Vec<(String, String)> {
    realm_pairs().map(|(host, realm)| (host.to_owned(), realm.to_owned())).collect()
}
