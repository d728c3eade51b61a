//! The scheme of a dialogue: HTTPS, HTTP if it was requested, and on loopback HTTP if HTTPS is not spoken.

use super::Dialogue;
use crate::endpoint::{NoAddress, base};
use crate::evidence::{Authentication, Exchange, ExchangeId, FailureKind};
use crate::oci::{Origin, Scheme};
use crate::registry::source::Source;

impl Dialogue {
    /// Chooses the scheme, unless it is known: HTTPS, or HTTP if it was requested. Returns whether to try plain HTTP if
    /// HTTPS is not spoken: if the registry has a loopback name that resolves to a loopback address. Such a name may
    /// resolve to another one.
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address.
    pub async fn choose_scheme(&mut self) -> Result<bool, NoAddress> {
        if self.record.origin.is_some() {
            return Ok(false);
        }
        let asked_for = if self.access.plain_http { Some(Scheme::Http) } else { self.record.reference.scheme() };
        self.speak(asked_for.unwrap_or(Scheme::Https))?;
        self.record.may_be_plain = asked_for.is_none() && self.may_be_plain().await?;
        Ok(self.record.may_be_plain)
    }

    fn speak(&mut self, scheme: Scheme) -> Result<(), NoAddress> {
        self.base = base(&self.record.reference, scheme)?;
        self.record.origin = Origin::of(&self.base);
        Ok(())
    }

    async fn may_be_plain(&self) -> Result<bool, NoAddress> {
        let address = base(&self.record.reference, Scheme::Http)?;
        Ok(match &self.source {
            Source::Network(transport) => {
                self.record.reference.registry().is_loopback() && transport.stays_here(&address).await
            }
            Source::Recording(recording) => recording.may_be_plain,
        })
    }

    /// Falls back to plain HTTP if this answer to a tentative request over HTTPS shows that TLS is not spoken. Returns
    /// whether it does.
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address.
    pub fn falls_back_after(&mut self, answer: ExchangeId) -> Result<bool, NoAddress> {
        if !speaks_no_tls(self.record.journal.get(answer), self.record.reference.registry().port()) {
            return Ok(false);
        }
        self.speak(Scheme::Http)?;
        self.record.fell_back_to_http = Some(answer);
        (self.grant, self.record.authentication) = (None, Authentication::not_asked(self.access.credential));
        self.record.answered.clear();
        Ok(true)
    }
}

/// Whether a failed attempt at HTTPS permits plain HTTP instead. A rejected certificate does not: that fault has to be
/// seen, not bypassed.
fn speaks_no_tls(exchange: &Exchange, port: Option<u16>) -> bool {
    match exchange.failure.as_ref().map(|failure| &failure.kind) {
        Some(FailureKind::NotTls | FailureKind::Closed) => exchange.response.is_none(),
        // Without an explicit port, the two schemes use different ports.
        Some(FailureKind::Refused) => port.is_none(),
        _ => false,
    }
}
