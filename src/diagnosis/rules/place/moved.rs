//! The rules for registries and repositories that were shut down or abandoned and that differ only in the place. The
//! facts are in `knowledge/moved.toml`, under the rule name.

use super::GENERAL;
use super::successor::moved_away;
use crate::diagnosis::rule::row;
use crate::diagnosis::{ExitStatus, Rule};

pub(crate) const BITNAMI_MOVED: Rule = row! {
    /// Bitnami moved its versioned images to bitnamilegacy
    ///
    /// ## What it means
    /// Since the end of September 2025, `bitnami/…` on Docker Hub has few tags left, mostly `latest`. The versioned
    /// tags moved to `bitnamilegacy/…`, where they get no updates; the oldest were not copied.
    ///
    /// ## How it is recognised
    /// The image is under `bitnami/` on Docker Hub and does not exist there, and `bitnamilegacy/` serves the same tag.
    /// If it does not serve it, the move is only noted.
    ///
    /// ## What to do
    /// Use `bitnamilegacy/…` for now, and plan a migration to another image: this one gets no fixes.
    ///
    /// ## References
    /// bitnami/charts#35164; bitnami/charts#36229; bitnami/containers#83267
    "bitnami-moved" in Place, instead_of: GENERAL,
    examine: |case| moved_away(case, "bitnami-moved", ExitStatus::NotFound)
};

pub(crate) const KUBE_RBAC_PROXY_DELETED: Rule = row! {
    /// Kubebuilder's image kube-rbac-proxy was deleted
    ///
    /// ## What it means
    /// Many operators were generated from a template that uses `gcr.io/kubebuilder/kube-rbac-proxy`. The repository was
    /// deleted in March 2026, after years of notice. A mirror may still have it for a while, which does not mean that
    /// the source does.
    ///
    /// ## How it is recognised
    /// The reference names that image, and it does not exist. The same tag is requested from its two other homes.
    ///
    /// ## What to do
    /// Use `registry.k8s.io/kubebuilder/kube-rbac-proxy` or `quay.io/brancz/kube-rbac-proxy`, or remove the sidecar:
    /// controller-runtime can protect the metrics endpoint itself.
    ///
    /// ## References
    /// mercari/spanner-autoscaler#212; kubero-dev/kubero#735; openshift/release#75890
    "kube-rbac-proxy-deleted" in Place, instead_of: GENERAL,
    examine: |case| moved_away(case, "kube-rbac-proxy-deleted", ExitStatus::NotFound)
};

pub(crate) const OFFICIAL_IMAGE_RETIRED: Rule = row! {
    /// Official image on Docker Hub is no longer published
    ///
    /// ## What it means
    /// Some official images were retired: the publisher continues under its own name, or another image replaces them.
    /// Old tags mostly remain; newer ones and sometimes `latest` do not exist.
    ///
    /// ## How it is recognised
    /// The image is a retired one and does not have the tag, and its replacement serves the same tag. If it does not
    /// serve it, the retirement is only noted.
    ///
    /// ## What to do
    /// Use the replacement.
    ///
    /// ## References
    /// hashicorp/vault#26805; docker-library/official-images#14949; docker-library/openjdk#505
    "official-image-retired" in Place, instead_of: GENERAL,
    examine: |case| moved_away(case, "official-image-retired", ExitStatus::NotFound)
};

pub(crate) const REPOSITORY_MOVED: Rule = row! {
    /// Project publishes its image in another repository now
    ///
    /// ## What it means
    /// Projects change owners, organizations and registries. The old repository mostly keeps its tags, and newer tags
    /// are only in the new one.
    ///
    /// ## How it is recognised
    /// The repository is known to be abandoned and does not have the tag, and the new one does.
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
    /// GitHub's first registry was replaced by ghcr.io
    ///
    /// ## What it means
    /// `docker.pkg.github.com` was GitHub's first registry; `ghcr.io` replaced it. Images were migrated, most of them
    /// to the same path.
    ///
    /// ## How it is recognised
    /// The image does not exist there, and `ghcr.io` serves the same path and tag.
    ///
    /// ## What to do
    /// Use `ghcr.io`, and log in there: credential stores treat it as another host.
    ///
    /// ## References
    /// containerd/containerd#3291; containerd/containerd#4521
    "docker-pkg-github" in Place, instead_of: GENERAL,
    examine: |case| moved_away(case, "docker-pkg-github", ExitStatus::NotFound)
};

pub(crate) const DEAD_MIRROR: Rule = row! {
    /// Mirror was shut down
    ///
    /// ## What it means
    /// Public mirrors of Docker Hub, gcr.io and Quay come and go. Some were shut down, others serve only one network or
    /// country and send everyone else a web page. They survive in old instructions and settings.
    ///
    /// ## How it is recognised
    /// The host is a mirror that is known to be shut down, and it refuses or does not answer, while the mirrored
    /// registry serves the same image.
    ///
    /// ## What to do
    /// Pull from the registry itself, and remove the mirror from the engine's configuration.
    ///
    /// ## References
    /// apache/apisix-docker#64; ustclug/mirrorhelp#214; silenceshell/docker_mirror#6
    "dead-mirror" in Place, instead_of: GENERAL,
    examine: |case| moved_away(case, "dead-mirror", ExitStatus::Network)
};
