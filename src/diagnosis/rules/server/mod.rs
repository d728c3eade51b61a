//! What is left: the server failed, or nobody knows.

pub(crate) mod content_not_served;
pub(crate) mod registry_failed;
pub(crate) mod unexplained_answer;

#[cfg(test)]
mod tests;
