//! Dated facts about the registries of this world, as data beside a small loader.

mod moved;
mod other_servers;
mod registries;

pub use moved::{Moved, moved};
pub use other_servers::{OtherServer, other_server};
pub use registries::{KnownRegistry, known_registry, realm_pairs};
