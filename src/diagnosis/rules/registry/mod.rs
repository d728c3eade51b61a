//! Servers that are not registries.

mod html_instead_of_registry;
mod not_a_distribution_registry;
mod wrong_vhost_or_port;

#[cfg(test)]
mod tests;

use crate::diagnosis::case::registry::{is_from_a_registry, is_known_as_a_registry, known_otherwise};
use crate::diagnosis::{Case, Rule};
use crate::evidence::{ExchangeId, Query};

/// The rules, in the order in which causes are examined.
pub(crate) const RULES: &[Rule] =
    &[not_a_distribution_registry::RULE, html_instead_of_registry::RULE, wrong_vhost_or_port::RULE];

/// The answer that shows a first-generation registry, if the image is not found and no current registry answers.
fn first_generation(case: &Case<'_>) -> Option<ExchangeId> {
    let (_, exchange) = case.decisive()?;
    let refusal = exchange.response.as_ref().filter(|response| matches!(response.status, 404 | 410))?;
    if is_from_a_registry(refusal) || is_known_as_a_registry(case) || known_otherwise(case).is_some() {
        return None;
    }
    let (id, ping) = case.ask(Query::FirstGeneration)?;
    let body = &ping.response.as_ref().filter(|_| ping.is_success())?.body.bytes;
    (body.trim_ascii() == b"true").then_some(id)
}
