//! Dated facts about registries and clients, as data files with small loaders.

mod backend_errors;
mod bot_pages;
mod challenge_readers;
mod error_texts;
mod moved;
mod other_servers;
mod public_hosts;
mod registries;
mod tls_inspection;
mod topics;

pub use backend_errors::{BackendError, BackendPart, BackendReason, backend_error};
pub use bot_pages::bot_page;
pub use challenge_readers::{ChallengeFrom, ChallengeGrammar, Takes, challenge_readers};
pub use error_texts::{AtFault, Cause, Client, ErrorText, TagKind, Wording, causes, clients, error_texts};
pub use moved::{Moved, moved};
pub use other_servers::{OtherServer, other_server};
pub use public_hosts::{is_everybodys, is_public_registry};
pub use registries::{KnownRegistry, known_registry, realm_pairs};
pub use tls_inspection::{TlsInspection, tls_inspection};
pub use topics::{Topic, TopicKind, topics};
