//! Credentials that are not sent, because anyone on the network path could read them.

use super::{DENIED, refused_run, verdict};
use crate::diagnosis::Severity;
use crate::diagnosis::testing::{DOCKER_IMAGE, Scene, refused, served};
use crate::evidence::{CredentialUse, Outcome, OverHttp};
use crate::oci::media_type;

const RULE: &str = "login-withheld-over-http";
const REFERENCE: &str = "http://registry.example.com/acme/api:1";

fn withheld(mut scene: Scene, whose: CredentialUse) -> Scene {
    scene.record.authentication.note_over_http(Some(OverHttp::Withheld(whose)));
    scene
}

#[test]
fn refusal_after_withheld_credentials_is_explained_by_them() {
    for whose in [CredentialUse::Stored, CredentialUse::Given] {
        let basic = withheld(refused_run(REFERENCE, "Basic", Outcome::CredentialsMissing), whose);
        let at_the_service = refused_run(REFERENCE, "Bearer", Outcome::TokenRefused).token(&refused(401, DENIED));
        let by_the_registry = refused_run(REFERENCE, "Bearer", Outcome::Rejected);
        for scene in [basic, withheld(at_the_service, whose), withheld(by_the_registry, whose)] {
            assert_eq!(verdict(&scene), (RULE, 12));
            let finding = scene.finding(RULE).expect("a finding");
            let commands: Vec<_> = finding.fix.iter().filter_map(|fix| fix.command.clone()).collect();
            assert_eq!(&*commands[0], "ociscope probe https://registry.example.com/acme/api:1");
            assert!(commands[1].contains("--allow-cleartext-login"), "{commands:?}");
            assert_eq!(commands[1].contains("--username"), whose == CredentialUse::Given, "{commands:?}");
            assert!(scene.finding("login-required").is_none(), "there are credentials");
        }
    }
}

#[test]
fn image_served_without_withheld_credentials_gets_a_warning() {
    let served = refused_run(REFERENCE, "Bearer", Outcome::Accepted)
        .to(&["all"], &served(media_type::DOCKER_V2, DOCKER_IMAGE))
        .others(&served(media_type::DOCKER_V2, DOCKER_IMAGE));
    let scene = withheld(served, CredentialUse::Stored);
    assert_eq!(scene.finding(RULE).map(|finding| finding.severity), Some(Severity::Warning));
    assert_eq!(verdict(&scene).1, 0);
}

#[test]
fn run_without_credentials_or_with_sent_ones_is_not_affected() {
    let anonymous = refused_run(REFERENCE, "Basic", Outcome::CredentialsMissing);
    assert_eq!(verdict(&anonymous), ("login-required", 12));
    let mut sent = refused_run(REFERENCE, "Basic", Outcome::Rejected).with_credentials();
    sent.record.authentication.note_over_http(Some(OverHttp::Sent(CredentialUse::Given)));
    assert_eq!(verdict(&sent), ("bad-credentials", 12));
}
