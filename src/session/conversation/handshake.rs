//! A TLS handshake with the registry of a conversation, and the test of its scheme.

use super::super::bound::CERTIFICATE;
use super::super::{RegistrySettings, Session, SessionError};
use super::Conversation;
use crate::diagnosis::Judgement;
use crate::evidence::{CredentialTrail, ExchangeId};
use crate::oci::Reference;

impl<'a> Conversation<'a> {
    /// Creates an anonymous conversation: stored credentials are not looked up.
    pub(in crate::session) async fn without_login(
        session: &'a Session,
        reference: &Reference,
    ) -> Result<Self, SessionError> {
        if let Some(recording) = &session.settings.recording {
            return Self::of_recording(session, recording, reference);
        }
        let settings = RegistrySettings::new(&session.settings, reference);
        Self::begun(session, reference, settings, CredentialTrail::default()).await
    }

    /// Performs a TLS handshake with the registry, over which nothing is sent. Also returns the presented certificates
    /// in DER.
    ///
    /// # Errors
    /// Fails if the reference does not form a valid address.
    pub async fn handshake(&mut self) -> Result<(ExchangeId, Vec<Vec<u8>>), SessionError> {
        let handshake = self.dialogue.handshake().await?;
        handshake.ok_or_else(|| SessionError::NotRecorded("the bytes of certificates".to_owned()))
    }

    /// Whether faults of the registry's certificate are ignored.
    pub fn is_insecure(&self) -> bool {
        self.settings.insecure
    }

    /// Why a given client certificate is not presented to the registry.
    pub fn withheld_certificate(&self) -> Option<&str> {
        let mut given = self.settings.headers_withheld.iter().map(String::as_str);
        given.find(|words| words.starts_with(CERTIFICATE))
    }

    /// Tests which scheme the registry speaks, if a rule needs that. Returns whether the test was made.
    pub(super) async fn ask_about_the_scheme(&mut self, judgement: &Judgement) -> bool {
        let query = judgement.questions.iter().find(|query| query.is_about_the_scheme()).cloned();
        let Some(query) = query.filter(|_| self.dialogue.record().origin.is_some()) else { return false };
        self.dialogue.begin_round();
        let received = self.dialogue.answer_all(vec![query], &|_| Vec::new(), &|_, _| {}).await;
        self.dialogue.enter_all(received);
        true
    }
}
