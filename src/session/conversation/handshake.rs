//! A TLS handshake with the registry of a conversation, and the question which scheme it speaks.

use super::super::bound::CERTIFICATE;
use super::super::{RegistrySettings, Session, SessionError};
use super::Conversation;
use crate::diagnosis::Judgement;
use crate::evidence::{CredentialTrail, ExchangeId};
use crate::oci::Reference;

impl<'a> Conversation<'a> {
    /// One in which nobody logs in: no stored credential is looked for.
    pub(in crate::session) async fn without_login(
        session: &'a Session,
        reference: &Reference,
    ) -> Result<Self, SessionError> {
        let settings = RegistrySettings::new(&session.settings, reference);
        Self::begun(session, reference, settings, CredentialTrail::default()).await
    }

    /// Makes a TLS handshake with the registry, over which nothing is sent. Also returns the certificates that were
    /// presented, in DER.
    ///
    /// # Errors
    /// Where the reference does not make an address.
    pub async fn handshake(&mut self) -> Result<(ExchangeId, Vec<Vec<u8>>), SessionError> {
        self.dialogue.handshake().await?.ok_or(SessionError::NotRecorded)
    }

    /// Whether faults of the registry's certificate are ignored.
    pub fn is_insecure(&self) -> bool {
        self.settings.insecure
    }

    /// Why a client certificate that was given is not shown to the registry.
    pub fn withheld_certificate(&self) -> Option<&str> {
        let mut given = self.settings.headers_withheld.iter().map(String::as_str);
        given.find(|words| words.starts_with(CERTIFICATE))
    }

    /// Asks which scheme the registry speaks, where rules want to know. Returns whether it was asked.
    pub(super) async fn ask_about_the_scheme(&mut self, judgement: &Judgement) -> bool {
        let query = judgement.questions.iter().find(|query| query.is_about_the_scheme()).cloned();
        let Some(query) = query.filter(|_| self.dialogue.record().origin.is_some()) else { return false };
        self.dialogue.begin_round();
        let received = self.dialogue.answer_all(vec![query], &|_, _| {}).await;
        self.dialogue.enter_all(received);
        true
    }
}
