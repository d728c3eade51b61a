//! The tags of the current repository, fetched once and in the background, for completion.

use std::pin::Pin;
use std::rc::Rc;
use std::time::Duration;

use tokio::sync::watch;

use super::state::State;
use crate::commands::asks_a_registry;
use crate::diagnosis::tags::{TagList, read_tag_list};
use crate::evidence::Query;
use crate::oci::Reference;
use crate::session::{Logins, Session};

/// The time limit of a fetch, for which no command waits.
const PATIENCE: Duration = Duration::from_secs(20);

/// Fetches the tags of the current repository, once for each.
#[derive(Default)]
pub(super) struct Tags {
    /// The repository of the last or current fetch.
    asked: Option<(String, String)>,
    fetching: Option<Pin<Box<dyn Future<Output = Vec<String>>>>>,
}

impl Tags {
    /// Starts a fetch if the current repository has changed. Returns whether the tags of the previous one are outdated.
    pub fn follow(&mut self, state: &State) -> bool {
        let Some(reference) = &state.current else { return false };
        let place = (reference.registry().to_string(), reference.repository().to_owned());
        if self.asked.as_ref() == Some(&place) {
            return false;
        }
        self.asked = Some(place);
        // Ctrl-C at the prompt is for the line and does not stop it. It has the settings of commands, so that it uses their
        // token and needs no second one.
        let (_, stop) = watch::channel(None);
        let mut settings = state.settings_now();
        if state.sticky.is_on("anonymous") {
            (settings.logins, settings.stored) = (Logins::default(), None);
        }
        let session = Session::new(settings, stop, asks_a_registry).remembering(Rc::clone(&state.memory)).aside();
        let fetched = tokio::time::timeout(PATIENCE, fetched(session, reference.clone()));
        self.fetching = Some(Box::pin(async { fetched.await.unwrap_or_default() }));
        true
    }

    /// The tags, when they have arrived. Waits forever if there is no fetch.
    pub async fn arrival(&mut self) -> Vec<String> {
        let Some(fetching) = &mut self.fetching else { return std::future::pending().await };
        let tags = fetching.await;
        self.fetching = None;
        tags
    }
}

/// The tags; none if the registry refuses.
async fn fetched(session: Session, reference: Reference) -> Vec<String> {
    let Ok(mut conversation) = session.converse(&reference).await else { return Vec::new() };
    let Ok(ids) = conversation.ask(&Query::Tags).await else { return Vec::new() };
    let pages: Vec<_> = ids.iter().map(|&id| (id, conversation.journal().get(id))).collect();
    match read_tag_list(conversation.reference(), &pages) {
        Some(TagList::Served { tags, .. }) => tags,
        _ => Vec::new(),
    }
}
