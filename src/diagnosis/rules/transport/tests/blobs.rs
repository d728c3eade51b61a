//! Blobs that come from another host than the manifest.

use crate::diagnosis::Certainty;
use crate::diagnosis::testing::{Canned, Scene, TestImage, answer, failed, refused, served};
use crate::evidence::{CertificateFault, FailureKind, Query, Step};
use crate::oci::media_type;

const REGISTRY: &str = "https://r.example.com/v2/demo/app/blobs/sha256:0";
const STORAGE: &str = "https://storage.example.net/sha256/0";

/// The manifest was served at this time by the registry's clock, and each blob is answered like this after a redirect.
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

/// chainguard-dev/apko#2250: the name of the new host is on no allow-list yet.
#[test]
fn a_host_of_blobs_that_cannot_be_reached_is_named() {
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
    assert_eq!(finding.title, "storage.example.net, which has its layers, cannot be reached");
    assert!(finding.cause.contains("its configuration and all of its 2 layers"), "{}", finding.cause);
    assert!(finding.fix[0].text.contains("storage.example.net"), "{:?}", finding.fix);
    assert_eq!(finding.evidence.len(), 2, "the redirect belongs to it: {finding:?}");
}

/// apptainer/singularity#1091: a page for a human; and a firewall that writes nothing that a storage would.
#[test]
fn a_page_in_the_place_of_a_storage_is_a_block() {
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
fn what_a_storage_refuses_for_reasons_of_its_own_is_no_block() {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>AccessDenied</Code><Message>Access \
               Denied</Message></Error>";
    let denied = answer(403, "application/xml", xml).header("x-amz-request-id", "5C0PE");
    assert_eq!(elsewhere(denied).verdict(), (vec!["content-not-served"], 13));
}

/// moby/moby#36820.
#[test]
fn an_authority_that_is_not_trusted_at_the_other_host_only() {
    let unknown = failed(FailureKind::Certificate(CertificateFault::UnknownAuthority));
    let scene = elsewhere(unknown);
    assert_eq!(scene.verdict(), (vec!["tls-intercepted-on-blob-host"], 16));
    let finding = scene.finding("tls-intercepted-on-blob-host").unwrap();
    assert!(finding.cause.contains("proxy on the way"), "{finding:?}");
    let expired = elsewhere(failed(FailureKind::Certificate(CertificateFault::Expired)));
    assert_eq!(expired.verdict(), (vec!["blob-host-blocked"], 16));
}

/// goharbor/harbor#20588: the storage has a name of its own network.
#[test]
fn a_name_that_means_something_elsewhere_only_is_a_wrong_place() {
    let image = TestImage::of("linux/amd64");
    let replies = [
        answer(307, "", "").from(REGISTRY),
        failed(FailureKind::Dns).from("https://minio:9000/registry/sha256/0?X-Amz-Signature=5ec2e7"),
    ];
    let scene = image.rest_served(image.scene().told(image.layer_question(1), &replies));
    assert_eq!(scene.verdict(), (vec!["redirect-to-wrong-place"], 15));
    let finding = scene.finding("redirect-to-wrong-place").unwrap();
    assert!(finding.cause.contains("1 of its 2 layers the way was r.example.com → minio:9000."), "{}", finding.cause);
    assert!(!format!("{finding:?}").contains("5ec2e7"), "{finding:?}");
}

#[test]
fn a_redirect_of_a_blob_that_is_not_followed_is_a_wrong_place() {
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

/// What CloudFront answers once `Expires` has passed.
fn expired(registry: &str, storage: &str) -> Scene {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AccessDenied</Code><Message>Access \
               denied</Message></Error>";
    let refusal = answer(403, "text/xml", xml).header("date", storage).header("server", "CloudFront");
    let redirect = answer(302, "", "").from(REGISTRY);
    after_a_redirect(registry, &redirect, &refusal.from(&format!("{STORAGE}?Expires=1577978911&Signature=5ec2e7")))
}

/// rpardini/docker-registry-proxy#26. `date -u -d @1577978911` is 2 January 2020, 15:28:31.
#[test]
fn an_old_address_from_a_registry_with_a_right_clock_was_kept_by_a_cache() {
    let scene = expired("Thu, 02 Jan 2020 16:00:01 GMT", "Thu, 02 Jan 2020 16:00:00 GMT");
    assert_eq!(scene.verdict(), (vec!["presigned-url-expired"], 19));
    assert!(!likely(&scene));
    let finding = scene.finding("presigned-url-expired").unwrap();
    assert!(finding.cause.contains("(31 minutes too late)"), "{}", finding.cause);
    assert!(finding.cause.contains("keeps redirects and gives out an old one"), "{}", finding.cause);
    assert!(!format!("{finding:?}").contains("5ec2e7"), "{finding:?}");
}

/// distribution/distribution#925.
#[test]
fn an_address_that_is_old_at_once_is_from_a_wrong_clock() {
    let finding =
        expired("Thu, 02 Jan 2020 15:00:00 GMT", "Thu, 02 Jan 2020 18:00:00 GMT").finding("presigned-url-expired");
    assert!(finding.unwrap().cause.contains("the registry's clock is 3 hours behind the storage's"));
}

/// Without a time in the address the storage's words are all there is.
#[test]
fn the_words_of_a_storage_make_it_likely() {
    let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>ExpiredToken</Code><Message>The provided token has \
               expired.</Message></Error>";
    let scene = elsewhere(answer(400, "application/xml", xml).header("x-amz-request-id", "5C0PE"));
    assert_eq!(scene.verdict(), (vec!["presigned-url-expired"], 19));
    assert!(likely(&scene));
}

/// An address that is still good, and a storage that serves what it is for.
#[test]
fn a_redirect_that_works_is_none_of_these() {
    let image = TestImage::of("linux/amd64");
    let address = format!("{STORAGE}?Expires=1577978911");
    let config = answer(200, "application/octet-stream", "").bytes(&image.config).from(&address);
    let scene = image.scene().told(image.config_question(), &[answer(307, "", "").from(REGISTRY), config]);
    assert_eq!(image.rest_served(scene).verdict(), (vec![], 0));
}

/// What the registry itself does not answer is not the other host's fault; an interrupted run shows nothing.
#[test]
fn the_registry_itself_is_no_host_of_blobs() {
    let image = TestImage::of("linux/amd64");
    let own = |reply: Canned| image.rest_served(image.scene().told(image.layer_question(0), &[reply.from(REGISTRY)]));
    assert_eq!(own(failed(FailureKind::Closed)).verdict(), (vec!["content-not-served"], 15));
    assert_eq!(own(refused(500, "{}")).verdict(), (vec!["content-not-served"], 19));
    assert_eq!(own(failed(FailureKind::Interrupted)).verdict(), (vec![], 0));
}

/// What is no image is asked for neither configuration nor layers.
#[test]
fn artifacts_are_left_to_their_tools() {
    let chart = TestImage { config_type: "application/vnd.cncf.helm.config.v1+json", ..TestImage::of("linux/amd64") };
    let asked = chart.scene().judge().questions;
    assert!(
        !asked.iter().any(|question| matches!(question, Query::Config(_) | Query::Layer(_) | Query::SmallLayer(..))),
        "{asked:?}"
    );
}
