//! In which order the variants are sent.
//!
//! Round trips are what a probe costs in time, requests are what it costs the registry. Three facts decide:
//!
//! - Where a registry will ask for authentication anyway, one variant goes ahead, so that not all of them are sent
//!   twice, and so that a wrong password is tried once.
//! - Where it will not, they all go at once, and the probe takes as long as one request.
//! - Where GETs of manifests are counted as pulls, all variants go by HEAD, and GET only fetches each distinct answer:
//!   that of the asking client at the same time, the others when it is known which there are.

use crate::evidence::{Method, variant};
use crate::knowledge::KnownRegistry;
use crate::oci::Scheme;

/// How a probe goes about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Whether some variants go ahead of the others.
    pub lead: bool,
    /// How the variants are sent.
    pub method: Method,
    /// Whether it is not even known that the scheme is the right one: then one request goes ahead, and no other.
    pub tentative: bool,
    /// Whether the asking client alone is tried, by both methods.
    pub alone: bool,
    /// Whether more is asked afterwards, so that of what is counted only what the asking client gets is fetched.
    pub frugal: bool,
}

impl Plan {
    /// The plan for a registry.
    pub fn new(scheme: Scheme, known: Option<&KnownRegistry>, has_credentials: bool) -> Self {
        let counted = known.is_some_and(KnownRegistry::counts_gets_as_pulls);
        let challenges = known.is_some_and(KnownRegistry::challenges);
        Self {
            lead: has_credentials || challenges || scheme == Scheme::Https,
            method: if counted { Method::Head } else { Method::Get },
            tentative: false,
            alone: false,
            frugal: false,
        }
    }

    /// The same plan, where the probe is the beginning of a diagnosis.
    #[must_use]
    pub fn frugal(self) -> Self {
        Self { frugal: true, ..self }
    }

    /// The same plan, where other clients than the asking one do not matter yet.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { alone: true, lead: true, ..self }
    }

    /// The same plan, where the scheme is only a guess.
    #[must_use]
    pub fn tentative(self) -> Self {
        Self { lead: true, tentative: true, ..self }
    }

    /// Whether a variant goes ahead.
    ///
    /// The one that current clients send does. The one without a header goes with it: it is the other that says most, and
    /// takes no more time.
    pub fn goes_ahead(self, id: &str) -> bool {
        match id {
            variant::ALL => true,
            variant::ASKED if self.alone => true,
            variant::NONE if !self.alone => !self.lead || !self.tentative,
            _ => !self.lead,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knowledge::known_registry;

    #[test]
    fn on_plain_http_nothing_waits() {
        let plan = Plan::new(Scheme::Http, None, false);
        assert!(plan.goes_ahead("docker-v1") && plan.method == Method::Get);
    }

    #[test]
    fn where_a_challenge_is_likely_one_goes_ahead() {
        for plan in [
            Plan::new(Scheme::Https, None, false),
            Plan::new(Scheme::Http, None, true),
            Plan::new(Scheme::Https, known_registry("ghcr.io"), false),
        ] {
            assert!(plan.goes_ahead(variant::ALL) && !plan.goes_ahead("docker-v1"));
        }
    }

    #[test]
    fn where_gets_are_counted_all_go_by_head() {
        assert_eq!(Plan::new(Scheme::Https, known_registry("docker.io"), false).method, Method::Head);
    }
}
