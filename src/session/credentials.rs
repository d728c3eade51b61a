//! Selects the credentials of a run, and collects remarks on where they were sent.

use std::collections::BTreeSet;

use super::{RegistrySettings, Session, SessionError};
use crate::auth::credentials::{FoundCredential, look_for};
use crate::endpoint::base;
use crate::evidence::{CredentialTrail, OverHttp};
use crate::oci::{Reference, Scheme};
use crate::transport::Transport;

impl Session {
    /// The settings for the registry of a reference, and the path to the credentials in them: those that were given for
    /// it, or else those stored for it. No other part of a run selects credentials.
    pub(super) async fn with_credentials(&self, reference: &Reference) -> (RegistrySettings, CredentialTrail) {
        let settings = RegistrySettings::new(&self.settings, reference);
        let (None, Some(sources)) = (&settings.access.credentials, &self.settings.stored) else {
            return (settings, CredentialTrail::default());
        };
        let known = self.memory.as_ref().and_then(|memory| memory.found(reference, sources));
        let FoundCredential { credentials, trail } = match known {
            Some(found) => found,
            None => {
                let asking = |name: Option<&str>| *self.helper.borrow_mut() = name.map(str::to_owned);
                let found = tokio::select! {
                    biased;
                    () = self.until_stopped() => FoundCredential::default(),
                    found = look_for(reference, sources, &asking) => found,
                };
                asking(None);
                if let Some(memory) = &self.memory {
                    memory.keep_found(reference, sources, &found);
                }
                found
            }
        };
        (settings.with_stored(credentials, trail.is_for_plain_http()), trail)
    }

    /// The settings once the registry's address is known: the user's own headers are not sent over plain HTTP to a
    /// loopback name that resolves to another machine.
    pub(super) async fn where_it_is(
        &self,
        settings: RegistrySettings,
        reference: &Reference,
        transport: &Transport,
    ) -> Result<RegistrySettings, SessionError> {
        let at_stake = !settings.access.headers.is_empty() && self.settings.headers_go_in_clear(reference);
        let leads_elsewhere = at_stake && !transport.stays_here(&base(reference, Scheme::Http)?).await;
        Ok(if leads_elsewhere { settings.without_headers(reference.registry()) } else { settings })
    }

    /// Keeps a remark on the use of a login, for [`Session::take_remarks`].
    pub(super) fn note(&self, over_http: Option<OverHttp>) {
        self.remarks.borrow_mut().extend(over_http.map(OverHttp::sentence));
    }

    /// The remarks to print in addition to the results so far, each once.
    pub fn take_remarks(&self) -> BTreeSet<&'static str> {
        std::mem::take(&mut self.remarks.borrow_mut())
    }
}
