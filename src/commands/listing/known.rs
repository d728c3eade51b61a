//! The redactor for a list that is written page by page.

use crate::evidence::Redactor;
use crate::session::Conversation;

/// The redactor for the entries of a list, by the requests so far.
pub(in crate::commands) struct Known {
    /// The redactor.
    pub redactor: Redactor,
    challenges: usize,
}

impl Known {
    /// The redactor by the requests of a conversation so far.
    pub fn of(conversation: &Conversation<'_>) -> Self {
        Self { redactor: conversation.redactor(), challenges: conversation.challenges() }
    }

    /// Renews the redactor after a challenge, which brings new secrets. Pages alone do not, and there may be thousands.
    pub fn renew(&mut self, conversation: &Conversation<'_>) {
        if conversation.challenges() != self.challenges {
            *self = Self::of(conversation);
        }
    }
}
