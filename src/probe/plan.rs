//! The order in which the variants are sent.
//!
//! Round trips determine the time of a probe, requests its load on the registry. Three facts decide:
//!
//! - If a registry is likely to require authentication, one variant is sent first, so that not all of them are sent
//!   twice, and so that a wrong password is tried once.
//! - If it is not, all are sent at once, and the probe takes as long as one request.
//! - If GETs of manifests are counted as pulls, all variants use HEAD, and GET only fetches each distinct answer: that of
//!   the asking client concurrently, the others once the distinct answers are known.

use crate::evidence::{Method, variant};
use crate::knowledge::KnownRegistry;
use crate::oci::Scheme;

/// The plan of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Whether some variants are sent before the others.
    pub lead: bool,
    /// How the variants are sent.
    pub method: Method,
    /// Whether even the scheme is uncertain: then one request is sent first, and no other.
    pub tentative: bool,
    /// Whether only the asking client's variant is sent, by both methods.
    pub alone: bool,
    /// Whether more requests follow, so that of counted content only the asking client's is fetched.
    pub frugal: bool,
    /// The variant that is sent before the others: that of current clients, unless a recording has no answer to it.
    pub leader: &'static str,
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
            leader: variant::ALL,
        }
    }

    /// Adapts the plan to a probe that begins a diagnosis.
    #[must_use]
    pub fn frugal(self) -> Self {
        Self { frugal: true, ..self }
    }

    /// Adapts the plan to a run in which other clients do not matter yet.
    #[must_use]
    pub fn alone(self) -> Self {
        Self { alone: true, lead: true, ..self }
    }

    /// Adapts the plan to a scheme that is only a guess.
    #[must_use]
    pub fn tentative(self) -> Self {
        Self { lead: true, tentative: true, ..self }
    }

    /// Adapts the plan to a recording, which may be another client's and have answers to that client's requests alone:
    /// `has_answer` says whether it answers the request with a variant by a method.
    #[must_use]
    pub fn as_recorded(self, has_answer: impl Fn(Method, &str) -> bool) -> Self {
        let other = if self.method == Method::Get { Method::Head } else { Method::Get };
        let answered = [variant::ALL, variant::ASKED].into_iter().find_map(|leader| {
            let method = [self.method, other].into_iter().find(|method| has_answer(*method, leader))?;
            Some(Self { leader, method, lead: self.lead || leader != self.leader, ..self })
        });
        answered.unwrap_or(self)
    }

    /// Whether a variant is sent first.
    ///
    /// The variant of current clients is. The one without a header is sent with it: it is the other informative one,
    /// and takes no additional time.
    pub fn goes_ahead(self, id: &str) -> bool {
        match id {
            _ if id == self.leader => true,
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
    fn recording_without_an_answer_for_current_clients_is_led_by_its_own_client() {
        let plan = Plan::new(Scheme::Http, None, false);
        let own = plan.as_recorded(|_, id| id == variant::ASKED);
        assert!(own.goes_ahead(variant::ASKED) && !own.goes_ahead(variant::ALL) && own.method == Method::Get);
        let by_head = plan.as_recorded(|method, id| method == Method::Head && id == variant::ALL);
        assert_eq!(by_head, Plan { method: Method::Head, ..plan });
        assert_eq!(plan.as_recorded(|_, _| true), plan);
        assert_eq!(plan.as_recorded(|_, _| false), plan);
    }

    #[test]
    fn where_gets_are_counted_all_go_by_head() {
        assert_eq!(Plan::new(Scheme::Https, known_registry("docker.io"), false).method, Method::Head);
    }
}
