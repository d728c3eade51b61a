//! The remaining causes: the server failed, or no rule explains the response.

mod content_not_served;
mod registry_failed;
mod unexplained_answer;

#[cfg(test)]
mod tests;

use crate::diagnosis::Rule;

/// The rules, in the order in which causes are examined.
pub(crate) const RULES: &[Rule] = &[registry_failed::RULE, unexplained_answer::RULE, content_not_served::RULE];
