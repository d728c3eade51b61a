//! Blobs on another host than the manifest.

use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{Canned, Scene, TestImage, answer, failed, refused, served};
use crate::evidence::{CertificateFault, FailureKind, Query, Step};
use crate::oci::media_type;

const REGISTRY: &str = "https://r.example.com/v2/demo/app/blobs/sha256:0";
const STORAGE: &str = "https://storage.example.net/sha256/0";

/// The registry serves the manifest at this time by its clock, and each blob gets this answer after a redirect.
fn after_a_redirect(date: &str, redirect: &Canned, reply: &Canned) -> Scene {
    let image = TestImage::of("linux/amd64");
    let manifest = served(media_type::OCI_MANIFEST, &image.manifest()).header("date", date);
    let scene = crate::diagnosis::testing::scene("r.example.com/demo/app:1").to(&["all"], &manifest).diagnosed();
    let replies = [redirect.clone(), reply.clone()];
    scene
        .told(image.config_question(), &replies)
        .told(image.layer_question(0), &replies)
        .told(image.layer_question(1), &replies)
}

fn elsewhere(reply: Canned) -> Scene {
    let reply = if reply.failure.is_some() || reply.response.is_some() { reply.from(STORAGE) } else { reply };
    after_a_redirect("Wed, 20 May 2026 10:00:00 GMT", &answer(307, "", "").from(REGISTRY), &reply)
}

fn likely(scene: &Scene) -> bool {
    scene.judge().findings[0].certainty == Certainty::Likely
}

/// chainguard-dev/apko#2250: the name of the new host is on no allow list yet.
#[test]
fn unreachable_layer_host_is_named() {
    for kind in [
        FailureKind::Dns,
        FailureKind::Refused,
        FailureKind::Timeout(Step::Connect),
        FailureKind::Closed,
        FailureKind::Proxy,
    ] {
        let scene = elsewhere(failed(kind.clone()));
        assert_eq!(scene.verdict(), (vec!["blob-host-blocked"], 15), "{kind:?}");
        assert!(!likely(&scene));
    }
    let finding = elsewhere(failed(FailureKind::Dns)).finding("blob-host-blocked").unwrap();
    assert_eq!(finding.title, "layer host storage.example.net is unreachable");
    assert!(finding.cause.contains("its config and all 2 layers"), "{}", finding.cause);
    assert!(finding.fix[0].text.contains("storage.example.net"), "{:?}", finding.fix);
    assert_eq!(finding.evidence.len(), 2, "the redirect belongs to it: {finding:?}");
}

/// apptainer/singularity#1091: a page for people; and a firewall whose answer has no sign of a storage.
#[test]
fn web_page_instead_of_a_storage_is_a_block() {
    let page = "<!DOCTYPE html>\n<html><head><title>Access denied | production.cloudflare.docker.com used Cloudflare to \
                restrict access</title></head></html>";
    let cloudflare = answer(403, "text/html; charset=UTF-8", page).header("cf-ray", "5c09-LAB");
    let scene = elsewhere(cloudflare);
    assert_eq!(scene.verdict(), (vec!["blob-host-blocked"], 15));
    assert!(likely(&scene));
    let finding = scene.finding("blob-host-blocked").unwrap();
    assert!(finding.evidence[0].quote.as_str().contains("Access denied"), "{finding:?}");
    assert!(finding.cause.contains("delivery network"), "{finding:?}");
    assert_eq!(elsewhere(answer(403, "text/plain", "Forbidden")).verdict(), (vec!["blob-host-blocked"], 15));
    assert_eq!(elsewhere(answer(200, "text/html", "<html><title>Sign in</title>")).verdict().0, ["blob-host-blocked"]);
}

/// T36: not every 403 of a storage is one of these.
#[test]
fn refusal_by_the_storage_itself_is_not_a_block() {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Access \
               Denied</Message></Error>";
    let denied = answer(403, "application/xml", xml).header("x-amz-request-id", "5C0PE");
    assert_eq!(elsewhere(denied).verdict(), (vec!["content-not-served"], 13));
}

/// moby/moby#36820.
#[test]
fn untrusted_authority_at_the_layer_host_alone_is_interception() {
    let unknown = failed(FailureKind::Certificate(CertificateFault::UnknownAuthority));
    let scene = elsewhere(unknown);
    assert_eq!(scene.verdict(), (vec!["tls-intercepted-on-blob-host"], 16));
    let finding = scene.finding("tls-intercepted-on-blob-host").unwrap();
    assert!(finding.cause.contains("proxy in between"), "{finding:?}");
    let expired = elsewhere(failed(FailureKind::Certificate(CertificateFault::Expired)));
    assert_eq!(expired.verdict(), (vec!["blob-host-blocked"], 16));
}

/// goharbor/harbor#20588: the storage has an internal name.
#[test]
fn internal_name_of_a_storage_is_a_wrong_place() {
    let image = TestImage::of("linux/amd64");
    let replies = [
        answer(307, "", "").from(REGISTRY),
        failed(FailureKind::Dns).from("https://minio:9000/registry/sha256/0?X-Amz-Signature=5ec2e7"),
    ];
    let scene = image.rest_served(image.scene().told(image.layer_question(1), &replies));
    assert_eq!(scene.verdict(), (vec!["redirect-to-wrong-place"], 15));
    let finding = scene.finding("redirect-to-wrong-place").unwrap();
    assert!(finding.cause.contains("1 of its 2 layers the path was r.example.com → minio:9000."), "{}", finding.cause);
    assert!(!format!("{finding:?}").contains("5ec2e7"), "{finding:?}");
}

#[test]
fn unfollowed_redirect_of_a_blob_is_a_wrong_place() {
    let image = TestImage::of("linux/amd64");
    let insecure = answer(307, "", "").header("location", "http://r.example.com/blob").broken(FailureKind::Redirect);
    let scene = image.rest_served(image.scene().told(image.config_question(), &[insecure.from(REGISTRY)]));
    assert_eq!(scene.verdict(), (vec!["redirect-to-wrong-place"], 15));
    assert!(!likely(&scene));
    let metadata =
        [answer(307, "", "").from(REGISTRY), failed(FailureKind::ForbiddenAddress).from("https://evil.test/")];
    let scene = image.rest_served(image.scene().told(image.config_question(), &metadata));
    assert_eq!(scene.verdict(), (vec!["redirect-to-wrong-place"], 15));
}

/// CloudFront's answer after `Expires`.
fn expired(registry: &str, storage: &str) -> Scene {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AccessDenied</Code><Message>Access \
               denied</Message></Error>";
    let refusal = answer(403, "text/xml", xml).header("date", storage).header("server", "CloudFront");
    let redirect = answer(302, "", "").from(REGISTRY);
    after_a_redirect(registry, &redirect, &refusal.from(&format!("{STORAGE}?Expires=1577978911&Signature=5ec2e7")))
}

/// rpardini/docker-registry-proxy#26. `date -u -d @1577978911` is 2 January 2020, 15:28:31.
#[test]
fn expired_url_from_a_registry_with_a_right_clock_was_cached() {
    let scene = expired("Thu, 02 Jan 2020 16:00:01 GMT", "Thu, 02 Jan 2020 16:00:00 GMT");
    assert_eq!(scene.verdict(), (vec!["presigned-url-expired"], 19));
    assert!(!likely(&scene));
    let finding = scene.finding("presigned-url-expired").unwrap();
    assert!(finding.cause.contains("(31 minutes too late)"), "{}", finding.cause);
    assert!(finding.cause.contains("stores redirects and serves an old one"), "{}", finding.cause);
    assert!(!format!("{finding:?}").contains("5ec2e7"), "{finding:?}");
}

/// distribution/distribution#925.
#[test]
fn url_that_is_expired_at_once_is_from_a_wrong_clock() {
    let finding =
        expired("Thu, 02 Jan 2020 15:00:00 GMT", "Thu, 02 Jan 2020 18:00:00 GMT").finding("presigned-url-expired");
    assert!(finding.unwrap().cause.contains("the registry's clock is 3 hours behind the storage's"));
}

/// Without a time in the URL, the storage's message is the only evidence.
#[test]
fn message_of_the_storage_makes_expiry_likely() {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>ExpiredToken</Code><Message>The provided token has \
               expired.</Message></Error>";
    let scene = elsewhere(answer(400, "application/xml", xml).header("x-amz-request-id", "5C0PE"));
    assert_eq!(scene.verdict(), (vec!["presigned-url-expired"], 19));
    assert!(likely(&scene));
}

/// A valid URL, and a storage that serves its content.
#[test]
fn working_redirect_is_healthy() {
    let image = TestImage::of("linux/amd64");
    let address = format!("{STORAGE}?Expires=1577978911");
    let config = answer(200, "application/octet-stream", "").bytes(&image.config).from(&address);
    let scene = image.scene().told(image.config_question(), &[answer(307, "", "").from(REGISTRY), config]);
    assert_eq!(image.rest_served(scene).verdict(), (vec![], 0));
}

/// A failure of the registry itself is not the layer host's fault; an interrupted run shows nothing.
#[test]
fn registry_itself_is_not_the_layer_host() {
    let image = TestImage::of("linux/amd64");
    let own = |reply: Canned| image.rest_served(image.scene().told(image.layer_question(0), &[reply.from(REGISTRY)]));
    assert_eq!(own(failed(FailureKind::Closed)).verdict(), (vec!["content-not-served"], 15));
    assert_eq!(own(refused(500, "{}")).verdict(), (vec!["content-not-served"], 19));
    assert_eq!(own(failed(FailureKind::Interrupted)).verdict(), (vec![], 0));
}

/// Artifacts that are not images get no request for config or layers.
#[test]
fn artifact_gets_no_blob_requests() {
    let chart = TestImage { config_type: "application/vnd.cncf.helm.config.v1+json", ..TestImage::of("linux/amd64") };
    let asked = chart.scene().judge().questions;
    assert!(
        !asked.iter().any(|question| matches!(question, Query::Config(_) | Query::Layer(_) | Query::SmallLayer(..))),
        "{asked:?}"
    );
}
