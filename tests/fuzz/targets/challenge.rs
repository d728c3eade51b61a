//! `WWW-Authenticate`: several header lines, and what the realm of the one that is answered is taken for.

use ociscope::internals::{Place, Scope, TrustedRealms, judge, read_challenges};
use url::Url;

pub fn run(data: &[u8]) {
    let challenges = read_challenges(data.split(|byte| *byte == b'\n'));
    for problem in challenges.problems() {
        super::assert_printable(&problem.sentence());
    }
    let Some(challenge) = challenges.best() else { return };
    let _ = Scope::for_challenge("team/app", challenge.scope());
    let _ = Scope::without_repository(challenge.scope());
    let registry = Url::parse("https://registry.test/").expect("a URL");
    let Some(realm) = challenge.realm() else { return };
    match judge(realm, &registry, &TrustedRealms::default(), Place::ELSEWHERE) {
        Ok(realm) => {
            // Nobody has trusted anybody, so the registry itself is the only one.
            let same = realm.url().origin() == registry.origin();
            assert_eq!(realm.may_receive_credentials(), same, "{}", realm.url());
            assert_eq!(realm.url().scheme(), "https");
        }
        Err(refusal) => super::assert_printable(&refusal.to_string()),
    }
}
