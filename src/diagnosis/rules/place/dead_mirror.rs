use super::GENERAL;
use super::successor::moved_away;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};

rule! {
    /// The mirror was closed.
    ///
    /// ## What it means
    /// Public mirrors of Docker Hub, gcr.io and Quay come and go. Some were closed altogether, others answer a network or
    /// a country only and send a web page to everybody else. They live on in old instructions and settings.
    ///
    /// ## How it is recognised
    /// The host is a mirror that is known to be closed, and it refuses or does not answer, while the registry that it
    /// copied serves the same image.
    ///
    /// ## What to do
    /// Pull from the registry itself, and take the mirror out of the settings of the engine.
    ///
    /// ## References
    /// apache/apisix-docker#64; ustclug/mirrorhelp#214; silenceshell/docker_mirror#6
    "dead-mirror" in Place, instead_of: GENERAL
}

pub(super) fn examine(case: &Case<'_>) -> Option<Finding> {
    moved_away(case, RULE.name)
}
