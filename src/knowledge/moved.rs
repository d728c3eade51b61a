//! Registries and repositories that were shut down, frozen, emptied or abandoned, and their successors.
//!
//! Such facts go out of date quickly, so each is dated; and none is a diagnosis: a rule reports it only after a request
//! for the image failed.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::oci::Reference;

/// The history of a place of images.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// The name of the rule that reports it.
    pub rule: String,
    /// The name of the place.
    pub name: String,
    at: Vec<ImagePattern>,
    #[serde(default)]
    except: Vec<ImagePattern>,
    /// The start date: `YYYY`, `YYYY-MM` or `YYYY-MM-DD`.
    pub since: String,
    /// What happened, in one sentence.
    pub happened: String,
    /// Whether it affects everything there. Otherwise some images are still in the old place, and a missing one may
    /// have another cause.
    pub everything: bool,
    successors: Vec<String>,
    /// The date of the last check of the entry, `YYYY-MM-DD`.
    #[allow(dead_code, reason = "every entry must have it; tests and people read it")]
    checked: String,
    /// The source of the facts.
    #[allow(dead_code, reason = "every entry must have it; tests and people read it")]
    source: String,
}

impl Moved {
    /// The likely new places of the same image, the likeliest first, with the requested tag and digest. Whether it
    /// exists there has to be checked. Empty if there is no known successor, or if `reference` is not at this place.
    pub fn successors(&self, reference: &Reference) -> Vec<Reference> {
        let Some(below) = self.below(reference) else { return Vec::new() };
        let tag = reference.tag().map(|tag| format!(":{tag}")).unwrap_or_default();
        let digest = reference.digest().map(|digest| format!("@{digest}")).unwrap_or_default();
        let written = self.successors.iter().map(|to| format!("{}{tag}{digest}", to.replace("{below}", below)));
        written.filter_map(|text| Reference::parse(&text).ok()).collect()
    }

    /// The part that `*` matches in the matching pattern. `None` if no pattern matches.
    fn below<'a>(&self, reference: &'a Reference) -> Option<&'a str> {
        self.below_at(reference, &reference.registry().to_string())
    }

    /// As [`Moved::below`], for an image at this host, which is formatted once and not for each place.
    fn below_at<'a>(&self, reference: &'a Reference, host: &str) -> Option<&'a str> {
        let repository = reference.repository();
        let below = self.at.iter().find_map(|place| place.below(repository, host))?;
        let is_excepted = self.except.iter().any(|place| place.below(repository, host).is_some());
        (!is_excepted).then_some(below)
    }
}

/// A pattern of hosts and repositories.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
struct ImagePattern {
    host: String,
    repository: Option<String>,
}

impl From<String> for ImagePattern {
    fn from(text: String) -> Self {
        match text.split_once('/') {
            Some((host, repository)) => Self { host: host.to_owned(), repository: Some(repository.to_owned()) },
            None => Self { host: text, repository: None },
        }
    }
}

impl ImagePattern {
    /// The part of the repository that the pattern leaves open; `None` if the pattern does not match.
    fn below<'a>(&self, repository: &'a str, host: &str) -> Option<&'a str> {
        let fits = match self.host.strip_prefix('*') {
            // The dot stays, so that `evilgcr.io` is not below `gcr.io`.
            Some(end) => host.ends_with(end),
            None => host == self.host,
        };
        if !fits {
            return None;
        }
        let Some(wanted) = self.repository.as_deref() else { return Some(repository) };
        match wanted.strip_suffix('*') {
            Some(beginning) => repository.strip_prefix(beginning).filter(|below| !below.is_empty()),
            None => (repository == wanted).then_some(""),
        }
    }
}

#[derive(Deserialize)]
struct File {
    place: Vec<Moved>,
}

static PLACES: LazyLock<Vec<Moved>> = LazyLock::new(|| {
    let file: File =
        toml::from_str(include_str!("moved.toml")).expect("the file is part of the program, and a test reads it");
    file.place
});

/// The known history of the place of an image. The tag does not matter.
pub fn moved(reference: &Reference) -> Option<&'static Moved> {
    let host = reference.registry().to_string();
    PLACES.iter().find(|place| place.below_at(reference, &host).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<(&'static str, Vec<String>)> {
        let reference = Reference::parse(text).unwrap();
        let found = moved(&reference)?;
        Some((&found.rule, found.successors(&reference).iter().map(Reference::to_string).collect()))
    }

    fn is(rule: &'static str, successors: &[&str]) -> Option<(&'static str, Vec<String>)> {
        Some((rule, successors.iter().map(|text| (*text).to_owned()).collect()))
    }

    #[test]
    fn every_entry_is_dated_and_has_another_place_as_successor() {
        for place in PLACES.iter() {
            assert!(!place.source.is_empty() && place.checked.len() == 10, "{}", place.name);
            assert!(matches!(place.since.len(), 4 | 7 | 10) && place.since.starts_with("20"), "{}", place.name);
            assert!(place.happened.ends_with('.') && !place.at.is_empty(), "{}", place.name);
            for successor in &place.successors {
                let reference = Reference::parse(&successor.replace("{below}", "some/app"));
                let reference = reference.unwrap_or_else(|refusal| panic!("{successor}: {}", refusal.explain()));
                assert!(place.below(&reference).is_none(), "{successor} is the same place");
            }
        }
    }

    #[test]
    fn bitnami_versions_have_a_successor() {
        let legacy = is("bitnami-moved", &["docker.io/bitnamilegacy/redis:7.2.4"]);
        assert_eq!(of("bitnami/redis:7.2.4"), legacy);
        assert_eq!(of("docker.io/bitnami/redis:7.2.4"), legacy);
        assert_eq!(of("bitnamilegacy/redis:7.2.4"), None);
        assert_eq!(of("quay.io/bitnami/redis:7.2.4"), None);
    }

    #[test]
    fn specific_entry_comes_before_the_general_one() {
        assert_eq!(
            of("gcr.io/kubebuilder/kube-rbac-proxy:v0.13.1"),
            is(
                "kube-rbac-proxy-deleted",
                &["registry.k8s.io/kubebuilder/kube-rbac-proxy:v0.13.1", "quay.io/brancz/kube-rbac-proxy:v0.13.1"]
            )
        );
        assert_eq!(of("k8s.gcr.io/pause:3.10"), is("k8s-gcr-io-frozen", &["registry.k8s.io/pause:3.10"]));
        assert_eq!(of("gcr.io/google-containers/pause:3.10"), of("k8s.gcr.io/pause:3.10"));
        assert_eq!(of("eu.gcr.io/my-project/app:1.0"), is("gcr-shutdown", &[]));
    }

    #[test]
    fn similar_names_do_not_match() {
        for alive in ["mirror.gcr.io/library/alpine", "evilgcr.io/a/b", "registry.k8s.io/pause:3.9", "hashicorp/vault"]
        {
            assert_eq!(of(alive), None, "{alive}");
        }
        assert_eq!(of("vault"), is("official-image-retired", &["docker.io/hashicorp/vault:latest"]));
        assert_eq!(of("someone/vault"), None);
    }

    #[test]
    fn digest_is_kept_for_the_successor() {
        let digest = format!("sha256:{}", "0".repeat(64));
        let expected = format!("docker.io/library/nginx@{digest}");
        assert_eq!(of(&format!("dockerhub.azk8s.cn/library/nginx@{digest}")), is("dead-mirror", &[&expected]));
    }
}
