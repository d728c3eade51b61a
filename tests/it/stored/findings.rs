//! What the rules make of it.
