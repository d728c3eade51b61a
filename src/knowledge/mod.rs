//! Dated facts about the registries of this world, as data beside a small loader.

mod registries;

pub use registries::{KnownRegistry, known_registry, realm_pairs};
