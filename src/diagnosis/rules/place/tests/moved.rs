//! Registries and repositories that were shut down or abandoned.

use super::{UNAUTHORIZED, at, first, masked, missing, there};
use crate::diagnosis::testing::{UNKNOWN, answer, failed, refused, scene};
use crate::diagnosis::{Certainty, Severity};
use crate::evidence::{Depth, FailureKind, Query};

/// bitnami/charts#35164: the tag was removed, and is under another name.
#[test]
fn bitnami_version_is_found_under_bitnamilegacy() {
    let legacy = "docker.io/bitnamilegacy/redis:7.2.4";
    for gone in [missing("bitnami/redis:7.2.4"), masked("bitnami/redis:7.2.4")] {
        let scene = at(gone, legacy, &there().by_head());
        assert_eq!(scene.verdict(), (vec!["bitnami-moved"], 10));
        let finding = scene.finding("bitnami-moved").unwrap();
        assert_eq!((finding.certainty, finding.evidence.len()), (Certainty::Certain, 2));
        assert!(finding.cause.contains("2025-08-28"), "{finding:?}");
        let command = format!("ociscope diagnose {legacy}");
        assert_eq!(finding.fix[0].command.as_deref(), Some(command.as_str()));
    }
}

/// A tag that never existed did not move either: the tag is wrong.
#[test]
fn tag_missing_at_the_successor_too_has_another_cause() {
    let scene = missing("bitnami/redis:99").tags(&["latest"]);
    let scene = at(scene, "docker.io/bitnamilegacy/redis:99", &refused(404, UNKNOWN));
    assert_eq!(scene.verdict(), (vec!["tag-not-found"], 10));
    // If no successor answers, the move is a note.
    let unknown = missing("bitnami/redis:99").tags(&["latest"]);
    let unknown = at(unknown, "docker.io/bitnamilegacy/redis:99", &failed(FailureKind::Dns));
    assert_eq!(unknown.verdict(), (vec!["tag-not-found", "bitnami-moved"], 10));
    let finding = unknown.finding("bitnami-moved").unwrap();
    assert_eq!((finding.severity, finding.certainty), (Severity::Info, Certainty::Likely));
}

#[test]
fn served_image_did_not_move_and_probe_asks_no_successor() {
    let scene = scene("bitnami/redis:latest").diagnosed().others(&there());
    assert!(scene.finding("bitnami-moved").is_none());
    let mut probe = missing("bitnami/redis:7.2.4");
    probe.record.depth = Depth::Probe;
    assert_eq!(probe.verdict(), (vec!["tag-not-found"], 10));
    assert_eq!(probe.judge().questions, []);
}

/// kubero-dev/kubero#735. All of it was deleted, so the cause is likely even if no other home has this tag.
#[test]
fn deleted_repository_is_looked_up_in_its_other_homes() {
    let homes = ["registry.k8s.io/kubebuilder/kube-rbac-proxy:v0.13.1", "quay.io/brancz/kube-rbac-proxy:v0.13.1"];
    let gone = || missing("gcr.io/kubebuilder/kube-rbac-proxy:v0.13.1");
    let second = at(at(gone(), homes[0], &refused(404, UNKNOWN)), homes[1], &there());
    assert_eq!(second.verdict(), (vec!["kube-rbac-proxy-deleted"], 10));
    let finding = second.finding("kube-rbac-proxy-deleted").unwrap();
    assert_eq!(finding.certainty, Certainty::Certain);
    assert!(finding.fix[0].text.contains(homes[1]), "{finding:?}");
    let nowhere = at(at(gone(), homes[0], &refused(404, UNKNOWN)), homes[1], &refused(404, UNKNOWN));
    assert_eq!(nowhere.verdict(), (vec!["kube-rbac-proxy-deleted"], 10));
    assert_eq!(nowhere.finding("kube-rbac-proxy-deleted").unwrap().certainty, Certainty::Likely);
    // No successor answered: the registry's answer is the only evidence.
    let silent = homes.iter().fold(gone(), |scene, home| at(scene, home, &failed(FailureKind::Dns)));
    assert_eq!(silent.verdict().0[0], "tag-not-found");
}

/// T48: openshift/release#75890. A mirror that has the image is treated as any registry.
#[test]
fn mirror_that_still_has_the_image_is_healthy() {
    let scene = scene("mirror.gcr.io/kubebuilder/kube-rbac-proxy:v0.13.1").diagnosed().others(&there());
    assert!(!scene.verdict().0.contains(&"kube-rbac-proxy-deleted"));
}

#[test]
fn frozen_kubernetes_registry_is_an_error_only_if_it_does_not_serve() {
    let serves = scene("k8s.gcr.io/pause:3.9").diagnosed().others(&there());
    let finding = serves.finding("k8s-gcr-io-frozen").unwrap();
    assert_eq!(finding.severity, Severity::Info);
    assert_eq!(serves.verdict().1, 0);
    let newer = at(missing("k8s.gcr.io/pause:3.10"), "registry.k8s.io/pause:3.10", &there());
    assert_eq!(newer.verdict(), (vec!["k8s-gcr-io-frozen"], 10));
}

/// okfn/website#1131; the message is the one that a push gets.
#[test]
fn image_not_migrated_from_gcr_is_gone() {
    let words = r#"{"errors":[{"code":"DENIED","message":"Container Registry is deprecated and shutting down, please use the auto migration tool to migrate to Artifact Registry"}]}"#;
    let said = scene("gcr.io/project/app:1").diagnosed().others(&refused(403, words));
    assert_eq!(said.verdict(), (vec!["gcr-shutdown"], 10));
    assert_eq!(said.finding("gcr-shutdown").unwrap().certainty, Certainty::Certain);
    let no_list = missing("gcr.io/project/app:1").told(Query::Tags, &[refused(404, UNKNOWN)]);
    assert_eq!(no_list.verdict(), (vec!["gcr-shutdown"], 10));
    assert_eq!(no_list.finding("gcr-shutdown").unwrap().certainty, Certainty::Likely);
    // A migrated project has a tag list, and may be private.
    let moved = missing("gcr.io/project/app:1").tags(&["2"]);
    assert_eq!(moved.verdict(), (vec!["tag-not-found"], 10));
    let private = scene("gcr.io/project/app:1").diagnosed().others(&refused(403, ""));
    assert_eq!(private.verdict(), (vec!["iam-denied", "gcr-shutdown"], 13));
}

/// hashicorp/vault#26805: latest was removed.
#[test]
fn retired_official_image_is_found_at_its_successor() {
    let scene = at(missing("vault").tags(&["1.13.3"]), "docker.io/hashicorp/vault:latest", &there());
    assert_eq!(scene.verdict(), (vec!["official-image-retired"], 10));
    let older = at(missing("vault:0.1").tags(&["1.13.3"]), "docker.io/hashicorp/vault:0.1", &refused(404, UNKNOWN));
    assert_eq!(older.verdict(), (vec!["tag-not-found"], 10));
}

/// apache/apisix-docker#64: the mirror sends nginx' page to clients from outside.
#[test]
fn closed_mirror_is_the_cause_and_not_the_image() {
    let page = "<html>\r\n<head><title>403 Forbidden</title></head>\r\n<body>\r\n</body>\r\n</html>";
    let forbidden = answer(403, "text/html", page).header("server", "nginx/1.14.0");
    let closed = || scene("dockerhub.azk8s.cn/library/nginx:1").diagnosed().others(&forbidden);
    let scene = at(closed(), "docker.io/library/nginx:1", &there().by_head());
    assert_eq!(scene.verdict(), (vec!["dead-mirror"], 15));
    assert_eq!(scene.finding("dead-mirror").unwrap().certainty, Certainty::Certain);
    let refused_too = at(closed(), "docker.io/library/nginx:1", &refused(401, UNAUTHORIZED));
    assert_eq!(refused_too.verdict(), (vec!["dead-mirror"], 15));
    let silent = at(closed(), "docker.io/library/nginx:1", &failed(FailureKind::Dns));
    assert_eq!(silent.verdict(), (vec!["dead-mirror"], 15));
    assert_eq!(silent.finding("dead-mirror").unwrap().certainty, Certainty::Likely);
}

/// silenceshell/docker_mirror#6.
#[test]
fn mirror_without_a_name_is_distinct_from_an_offline_network() {
    let gone = || scene("registry.docker-cn.com/library/nginx:1").diagnosed().others(&failed(FailureKind::Dns));
    let scene = at(gone(), "docker.io/library/nginx:1", &there());
    assert_eq!(scene.verdict(), (vec!["dead-mirror"], 15));
    let offline = at(gone(), "docker.io/library/nginx:1", &failed(FailureKind::Dns));
    assert_eq!(first(&offline), ("dns-failure", 15));
}

#[test]
fn moved_project_is_found_at_its_successor() {
    let old = missing("quay.io/coreos/prometheus-operator:v0.50.0");
    let scene = at(old, "quay.io/prometheus-operator/prometheus-operator:v0.50.0", &there());
    assert_eq!(scene.verdict(), (vec!["repository-moved"], 10));
    let github = at(missing("docker.pkg.github.com/owner/name/app:1"), "ghcr.io/owner/name/app:1", &there());
    assert_eq!(github.verdict(), (vec!["docker-pkg-github"], 10));
}
