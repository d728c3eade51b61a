//! What is to be kept out of a list that is written page by page.

use crate::evidence::Redactor;
use crate::session::Conversation;

/// What is to be kept out of the names, as far as the requests so far have taught it.
pub(in crate::commands) struct Known {
    pub redactor: Redactor,
    challenges: usize,
}

impl Known {
    /// As far as the requests so far have taught it.
    pub fn of(conversation: &Conversation<'_>) -> Self {
        Self { redactor: conversation.redactor(), challenges: conversation.challenges() }
    }

    /// Learns what there is to learn after another challenge. A page teaches nothing by itself, and there may be thousands.
    pub fn renew(&mut self, conversation: &Conversation<'_>) {
        if conversation.challenges() != self.challenges {
            *self = Self::of(conversation);
        }
    }
}
