//! HEAD.

pub(crate) mod head_get_disagree;

#[cfg(test)]
mod tests;
