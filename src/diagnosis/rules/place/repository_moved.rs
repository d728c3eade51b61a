use super::GENERAL;
use super::successor::moved_away;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// The project publishes its image somewhere else by now.
    ///
    /// ## What it means
    /// Projects change hands, organisations and registries. The old repository mostly keeps what it had, and newer tags
    /// are in the new one only.
    ///
    /// ## How it is recognised
    /// The repository is one that is known to have been left and does not have the tag, and the new one does.
    ///
    /// ## What to do
    /// Use the new repository.
    ///
    /// ## References
    /// prometheus-operator/prometheus-operator#3672; ietf-tools/www#392
    "repository-moved" in Place, instead_of: GENERAL
}

pub(super) fn examine(case: &Case<'_>) -> Option<Finding> {
    moved_away(case, RULE.name)
}
