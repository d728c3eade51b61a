//! The rules, one file each, in a folder for each family.

pub(crate) mod artifact;
pub(crate) mod authentication;
pub(crate) mod authorization;
pub(crate) mod backend;
pub(crate) mod cached;
pub(crate) mod config;
pub(crate) mod delivery;
pub(crate) mod head;
pub(crate) mod integrity;
pub(crate) mod name;
pub(crate) mod negotiation;
pub(crate) mod place;
pub(crate) mod reference;
pub(crate) mod registry;
pub(crate) mod retry;
pub(crate) mod server;
pub(crate) mod signed_address;
pub(crate) mod transport;
pub(crate) mod tree;
pub(crate) mod undecodable;

#[cfg(test)]
mod tests;

/// A list for a sentence: `a, b and c`, and after `limit` entries how many more there are.
pub(crate) fn listed(entries: &[String], limit: usize) -> String {
    let mut shown: Vec<String> = entries.iter().take(limit).cloned().collect();
    if entries.len() > limit {
        shown.push(format!("{} more", entries.len() - limit));
    }
    match shown.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
        None => String::new(),
    }
}
