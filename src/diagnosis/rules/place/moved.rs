//! The rules about places that were closed or left and that differ in the place alone: what happened there is in
//! `knowledge/moved.toml`, under the name of the rule.

use super::GENERAL;
use super::successor::moved_away;
use crate::diagnosis::rule::row;
use crate::diagnosis::{ExitStatus, Rule};

pub(crate) const BITNAMI_MOVED: Rule = row! {
    /// Bitnami took the versions of its images away from where they were.
    ///
    /// ## What it means
    /// Since the end of September 2025, `bitnami/…` on Docker Hub has few tags left, mostly `latest`. The versions were
    /// put under `bitnamilegacy/…`, where they get no updates any more; the oldest were not copied.
    ///
    /// ## How it is recognised
    /// The image is below `bitnami/` on Docker Hub and is not there, and the same tag is served below `bitnamilegacy/`.
    /// Where it is not, this is only mentioned.
    ///
    /// ## What to do
    /// Use `bitnamilegacy/…` to go on for now, and plan for another image: nobody mends faults in it.
    ///
    /// ## References
    /// bitnami/charts#35164; bitnami/charts#36229; bitnami/containers#83267
    "bitnami-moved" in Place, instead_of: GENERAL,
    examine: |case| moved_away(case, "bitnami-moved", ExitStatus::NotFound)
};

pub(crate) const KUBE_RBAC_PROXY_DELETED: Rule = row! {
    /// The image kube-rbac-proxy of Kubebuilder was deleted.
    ///
    /// ## What it means
    /// Many operators were made from a template that names `gcr.io/kubebuilder/kube-rbac-proxy`. The repository was
    /// deleted in March 2026, after years of notice. A mirror may go on having it for a while, which does not mean that
    /// the source does.
    ///
    /// ## How it is recognised
    /// The image is that one and is not there. Its two other homes are asked for the same tag.
    ///
    /// ## What to do
    /// Use `registry.k8s.io/kubebuilder/kube-rbac-proxy` or `quay.io/brancz/kube-rbac-proxy`, or do without it:
    /// controller-runtime can protect metrics itself.
    ///
    /// ## References
    /// mercari/spanner-autoscaler#212; kubero-dev/kubero#735; openshift/release#75890
    "kube-rbac-proxy-deleted" in Place, instead_of: GENERAL,
    examine: |case| moved_away(case, "kube-rbac-proxy-deleted", ExitStatus::NotFound)
};

pub(crate) const OFFICIAL_IMAGE_RETIRED: Rule = row! {
    /// The official image of Docker Hub is no longer made.
    ///
    /// ## What it means
    /// Some official images ended: their publisher goes on under a name of its own, or another image takes their place.
    /// Old tags mostly stay, newer ones and sometimes `latest` are not there.
    ///
    /// ## How it is recognised
    /// The image is one of those that are known to have ended and has no such tag, and the same tag is served by what
    /// took its place. Where it is not, this is only mentioned.
    ///
    /// ## What to do
    /// Use the image that took its place.
    ///
    /// ## References
    /// hashicorp/vault#26805; docker-library/official-images#14949; docker-library/openjdk#505
    "official-image-retired" in Place, instead_of: GENERAL,
    examine: |case| moved_away(case, "official-image-retired", ExitStatus::NotFound)
};

pub(crate) const REPOSITORY_MOVED: Rule = row! {
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
    "repository-moved" in Place, instead_of: GENERAL,
    examine: |case| moved_away(case, "repository-moved", ExitStatus::NotFound)
};

pub(crate) const DOCKER_PKG_GITHUB: Rule = row! {
    /// GitHub has another registry by now.
    ///
    /// ## What it means
    /// `docker.pkg.github.com` was the first registry of GitHub, and `ghcr.io` took its place. Images were moved there,
    /// most of them under the same path.
    ///
    /// ## How it is recognised
    /// The image is not there, and `ghcr.io` serves the same path and tag.
    ///
    /// ## What to do
    /// Use `ghcr.io`, and log in there: it is another host to credential stores.
    ///
    /// ## References
    /// containerd/containerd#3291; containerd/containerd#4521
    "docker-pkg-github" in Place, instead_of: GENERAL,
    examine: |case| moved_away(case, "docker-pkg-github", ExitStatus::NotFound)
};

pub(crate) const DEAD_MIRROR: Rule = row! {
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
    "dead-mirror" in Place, instead_of: GENERAL,
    examine: |case| moved_away(case, "dead-mirror", ExitStatus::Network)
};
