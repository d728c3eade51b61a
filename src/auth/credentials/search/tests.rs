use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::TempDir;

use super::*;
use crate::evidence::{CredentialForm, Damage, Elsewhere, NearMiss, PullSecretFault};
use crate::text::Secret;

/// The step for a file with entries for these registries only.
fn no_entry(keys: &[&str]) -> Seen {
    Seen::NoEntry { others: keys.len(), keys: keys.iter().copied().map(Untrusted::from).collect() }
}

/// A home directory with files in it, and a directory of helpers.
struct Home(TempDir);

impl Home {
    fn with(files: &[(&str, Value)]) -> Self {
        let home = Self(TempDir::new().unwrap());
        for (path, content) in files {
            home.write(path, &content.to_string());
        }
        home
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn helper(self, name: &str, script: &str) -> Self {
        let path = format!("bin/docker-credential-{name}");
        self.write(&path, &format!("#!/bin/sh\n{script}\n"));
        let path = self.0.path().join(path);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
        self
    }

    fn sources(&self, variables: &[(&str, &str)]) -> Sources {
        let at = |path: &Path| path.as_os_str().to_owned();
        let path = format!("{}:/usr/bin:/bin", self.0.path().join("bin").display());
        let mut all = vec![("HOME".into(), at(self.0.path())), ("PATH".into(), path.into())];
        all.extend(
            variables
                .iter()
                .map(|(name, value)| ((*name).into(), value.replace('~', &self.0.path().display().to_string()).into())),
        );
        Sources::new(None, None, all)
    }

    async fn find(&self, reference: &str) -> FoundCredential {
        self.find_with(reference, &[]).await
    }

    async fn find_with(&self, reference: &str, variables: &[(&str, &str)]) -> FoundCredential {
        let reference = Reference::parse(reference).unwrap();
        // Another test may hold a program open for writing at the moment that this one forks (ETXTBSY).
        loop {
            let found = look_for(&reference, &self.sources(variables), &|_| ()).await;
            let is_busy = |step: &TrailStep| matches!(&step.seen, Seen::Helper { outcome: HelperOutcome::CannotStart(why), .. } if why.contains("busy"));
            if !found.trail.steps.iter().any(is_busy) {
                return found;
            }
        }
    }
}

fn password(username: &str) -> Option<Credentials> {
    Some(Credentials::Password { username: Secret::new(username), password: Secret::new("word") })
}

fn entry(username: &str) -> Value {
    json!({ "username": username, "password": "word" })
}

fn seen(found: &FoundCredential) -> Vec<&Seen> {
    found.trail.steps.iter().map(|step| &step.seen).filter(|seen| **seen != Seen::NotThere).collect()
}

const DOCKER: &str = ".docker/config.json";
const PODMAN: &str = ".config/containers/auth.json";

#[tokio::test]
async fn first_file_with_a_credential_counts() {
    let home = Home::with(&[
        (PODMAN, json!({ "auths": { "r.test": entry("of podman") } })),
        (DOCKER, json!({ "auths": { "r.test": entry("of docker"), "b.test": entry("b") } })),
    ]);
    assert_eq!(home.find("r.test/a").await.credentials, password("of podman"));
    let found = home.find("b.test/a").await;
    assert_eq!(found.credentials, password("b"));
    assert_eq!(seen(&found)[0], &no_entry(&["r.test"]));
    let step = found.trail.chosen().unwrap();
    assert_eq!(step.place.file.as_str(), "~/.docker/config.json");
    let nowhere = home.find("c.test/a").await;
    assert_eq!(
        (nowhere.credentials.is_none(), seen(&nowhere)),
        (true, vec![&no_entry(&["r.test"]), &no_entry(&["r.test", "b.test"])])
    );
}

#[tokio::test]
async fn nothing_is_found_without_a_login() {
    let found = Home::with(&[]).find("r.test/a").await;
    assert_eq!((found.credentials.is_none(), seen(&found).len(), found.trail.steps.len()), (true, 0, 2));
}

/// Case F01: the same file, read by two clients.
#[tokio::test]
async fn a_name_of_docker_hub_that_docker_does_not_look_under_is_a_near_miss() {
    let content = json!({ "auths": { "docker.io": entry("me"), "registry-1.docker.io": entry("other") } });
    let found = Home::with(&[(DOCKER, content.clone())]).find("alpine").await;
    let right = "https://index.docker.io/v1/";
    assert_eq!(found.credentials, None);
    assert!(
        matches!(seen(&found)[0], Seen::NearMiss { key, why: NearMiss::HubAlias(it), .. } if key.as_str() == "docker.io" && *it == right)
    );
    assert_eq!(Home::with(&[(PODMAN, content)]).find("alpine").await.credentials, password("me"));
    let both = json!({ "auths": { "docker.io": entry("other"), right: entry("me") } });
    assert_eq!(Home::with(&[(DOCKER, both)]).find("alpine").await.credentials, password("me"));
}

/// Case F04.
#[tokio::test]
async fn of_a_key_that_is_there_twice_the_last_counts_and_it_is_said() {
    let home = Home::with(&[]);
    home.write(DOCKER, r#"{"auths": {"r.test": {"username": "one", "password": "word"}, "r.test": {"username": "two", "password": "word"}}}"#);
    let found = home.find("r.test/a").await;
    assert_eq!(found.credentials, password("two"));
    assert!(matches!(seen(&found)[0], Seen::Repeated { key } if key.as_str() == "r.test"));
}

#[tokio::test]
async fn helper_of_a_registry_takes_precedence_over_its_entry() {
    let config =
        json!({ "auths": { "gcr.io": entry("me") }, "credHelpers": { "gcr.io": "gcloud" }, "credsStore": "none" });
    let home = Home::with(&[(DOCKER, config)])
        .helper("gcloud", r#"read -r server; printf '{"Username":"for %s","Secret":"word"}' "$server""#);
    let found = home.find("gcr.io/a/b").await;
    assert_eq!(found.credentials, password("for gcr.io"));
    assert!(matches!(
        seen(&found)[..],
        [Seen::BehindHelper { .. }, Seen::Helper { outcome: HelperOutcome::Gave(..), .. }]
    ));
}

/// Docker uses the store only, and Podman does not use it at all.
#[tokio::test]
async fn credentials_store_is_used_by_docker_only() {
    let config =
        json!({ "auths": { "https://index.docker.io/v1/": {}, "r.test": entry("me") }, "credsStore": "desktop" });
    let script = r#"read -r server; case $server in https*) printf '{"Username":"for %s","Secret":"word"}' "$server";; *) echo 'credentials not found in native keychain'; exit 1;; esac"#;
    let home = Home::with(&[(DOCKER, config.clone())]).helper("desktop", script);
    assert_eq!(home.find("alpine").await.credentials, password("for https://index.docker.io/v1/"));
    let found = home.find("r.test/a").await;
    assert_eq!(found.credentials, None);
    assert!(matches!(
        seen(&found)[..],
        [Seen::BehindHelper { .. }, Seen::Helper { outcome: HelperOutcome::HasNone, .. }]
    ));
    let podman = Home::with(&[(PODMAN, config)]).find("r.test/a").await;
    assert_eq!(podman.credentials, password("me"));
    assert!(matches!(seen(&podman)[0], Seen::StoreNotHeeded { .. }));
}

/// Case F14: a failed helper is not bypassed, neither with an entry nor with the next file.
#[tokio::test]
async fn a_helper_that_is_missing_ends_the_search() {
    let home = Home::with(&[
        (PODMAN, json!({ "credHelpers": { "r.test": "gone" }, "auths": { "r.test": entry("me") } })),
        (DOCKER, json!({ "auths": { "r.test": entry("other") } })),
    ]);
    let found = home.find("r.test/a").await;
    assert_eq!(found.credentials, None);
    assert!(matches!(
        seen(&found)[..],
        [Seen::BehindHelper { .. }, Seen::Helper { outcome: HelperOutcome::NotFound, .. }]
    ));
    assert_eq!(found.trail.steps.len(), 2, "the file of Docker is not looked at");
}

#[tokio::test]
async fn damaged_entry_is_not_bypassed() {
    let home = Home::with(&[
        (PODMAN, json!({ "auths": { "r.test": { "auth": "CANARY!" } } })),
        (DOCKER, json!({ "auths": { "r.test": entry("other"), "b.test": { "auth": "CANARY!" } } })),
    ]);
    let found = home.find("r.test/a").await;
    assert_eq!(found.credentials, None);
    assert!(matches!(seen(&found)[0], Seen::Damaged { damage: Damage::NotBase64, .. }));
    assert!(!format!("{found:?}").contains("CANARY"));
    let others = Home::with(&[(DOCKER, json!({ "auths": { "r.test": entry("me"), "b.test": { "auth": "x!" } } }))]);
    let found = others.find("r.test/a").await;
    assert_eq!((found.credentials.clone(), seen(&found)[0]), (password("me"), &Seen::OthersDamaged(1)));
    let found = others.find("c.test/a").await;
    assert_eq!(
        (found.credentials.clone(), seen(&found)),
        (None, vec![&Seen::OthersDamaged(1), &no_entry(&["r.test", "b.test"])])
    );
}

/// Case F07: anything that is not a file is reported, and the search goes on.
#[tokio::test]
async fn unusable_file_is_reported() {
    for (text, why) in
        [("", "it is empty"), ("{", "not JSON"), ("[]", "not a JSON object"), ("{\"auths\": []}", "auths is not")]
    {
        let home = Home::with(&[(DOCKER, json!({ "auths": { "r.test": entry("me") } }))]);
        home.write(PODMAN, text);
        let found = home.find("r.test/a").await;
        assert!(matches!(seen(&found)[0], Seen::Unusable(words) if words.contains(why)), "{text}: {:?}", seen(&found));
        assert_eq!(found.credentials, password("me"));
    }
    let home = Home::with(&[]);
    std::fs::create_dir_all(home.0.path().join(DOCKER)).unwrap();
    assert!(matches!(seen(&home.find("r.test/a").await)[0], Seen::Unusable(words) if words == "it is a directory"));
}

#[tokio::test]
async fn entry_in_an_unused_file_is_reported() {
    let home = Home::with(&[(DOCKER, json!({ "auths": { "r.test": { "auth": "CANARY" } } }))]);
    let found = home.find_with("r.test/a", &[("DOCKER_CONFIG", "~/elsewhere")]).await;
    assert!(found.credentials.is_none());
    assert!(
        matches!(&seen(&found)[..], [Seen::Elsewhere { why: Elsewhere::Variable(name), .. }] if name == "DOCKER_CONFIG")
    );
    let found = home.find_with("r.test/a", &[("REGISTRY_AUTH_FILE", "~/mine.json")]).await;
    assert!(
        matches!(&seen(&found)[..], [Seen::Elsewhere { why: Elsewhere::Variable(name), .. }] if name == "REGISTRY_AUTH_FILE")
    );
    assert!(seen(&home.find_with("b.test/a", &[("REGISTRY_AUTH_FILE", "~/mine.json")]).await).is_empty());
}

#[tokio::test]
async fn pull_secret_is_parsed_as_the_kubelet_does() {
    let home = Home::with(&[]);
    let secret = |inner: Value| json!({ "kind": "Secret", "type": "kubernetes.io/dockerconfigjson", "stringData": { ".dockerconfigjson": inner.to_string() } });
    let of = async |content: Value, reference: &str| {
        home.write("secret.json", &content.to_string());
        let sources = Sources::new(None, Some(home.0.path().join("secret.json")), Vec::new());
        look_for(&Reference::parse(reference).unwrap(), &sources, &|_| ()).await
    };
    let inner = json!({ "auths": { "https://r.test:5000/v2/": entry("me") } });
    assert_eq!(of(secret(inner.clone()), "r.test:5000/a").await.credentials, password("me"));
    let wrong = of(secret(inner), "r.test/a").await;
    assert!(matches!(seen(&wrong)[0], Seen::NearMiss { why: NearMiss::Port, .. }));
    let laptop = json!({ "auths": { "r.test": {} }, "credsStore": "desktop" });
    let found = of(secret(laptop), "r.test/a").await;
    assert!(matches!(seen(&found)[..], [Seen::StoreNotHeeded { .. }, Seen::Empty { .. }]));
    let none = of(json!({ "kind": "Pod" }), "r.test/a").await;
    assert!(matches!(seen(&none)[0], Seen::PullSecret(PullSecretFault::NoSecret(_))));
    let token = json!({ "auths": { "r.test": { "identitytoken": "eyJ" } } });
    let found = of(secret(token), "r.test/a").await;
    assert!(matches!(seen(&found)[0], Seen::Entry { form: CredentialForm::IdentityToken, .. }));
}
