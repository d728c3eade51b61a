//! What a user has said once and for all: which token service belongs to which registry. It is said of a pair, so a
//! registry that is not in it gains nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use tempfile::TempDir;

use super::{IMAGE, PASSWORD, USER, assert_status};
use crate::support::basic_authorization;
use crate::support::hostile::{Names, Server, bearer, manifest, token, unauthorized};
use crate::support::ociscope::{Run, ociscope};

struct Place {
    names: Names,
    tokens: Server,
    registries: Vec<Server>,
    folder: TempDir,
}

impl Place {
    /// Two registries that both send their clients to `tokens.test`, and a configuration.
    fn with(configuration: &str) -> Self {
        let mut names = Names::new();
        let tokens = Server::answering_over_tls(&names.authority, &["tokens.test"], |_| token("token-of-this-test"));
        names.lead("tokens.test", &tokens);
        let registries = ["registry.test", "other.test"].map(|name| {
            let server =
                Server::answering_over_tls(&names.authority, &[name], |sent| match sent.all("Authorization")[..] {
                    [] => unauthorized(&bearer("https://tokens.test/token")),
                    _ => manifest(),
                });
            names.lead(name, &server);
            server
        });
        let folder = TempDir::new().expect("a folder");
        fs::create_dir(folder.path().join("ociscope")).expect("a folder");
        let place = Self { names, tokens, registries: registries.into(), folder };
        fs::write(place.file(), configuration).expect("a file");
        fs::set_permissions(place.file(), fs::Permissions::from_mode(0o600)).expect("to set its mode");
        place
    }

    fn file(&self) -> std::path::PathBuf {
        self.folder.path().join("ociscope/config.toml")
    }

    fn probe(&self, registry: &str) -> Run {
        let image = format!("{registry}/{IMAGE}");
        let own = ["probe", "--json", "--platform", "linux/amd64", "--username", USER, "--password-stdin", &image];
        let arguments = [&own[..], &self.names.options()].concat();
        let folder = self.folder.path().to_str().expect("a name");
        ociscope(&arguments).env("XDG_CONFIG_HOME", folder).input(PASSWORD).run()
    }
}

const PAIR: &str = "[[trust]]\nregistry = \"registry.test\"\nrealm = \"tokens.test\"\n";

#[test]
fn the_realm_of_a_pair_has_the_password_for_its_registry() {
    let place = Place::with(PAIR);
    assert_status(&place.probe("registry.test"), 0);
    assert_eq!(place.tokens.header_values("Authorization"), [basic_authorization(USER, PASSWORD)]);
    place.registries.iter().for_each(|registry| registry.assert_never_told(PASSWORD));
}

#[test]
fn another_registry_that_names_the_same_realm_gains_nothing() {
    let place = Place::with(PAIR);
    assert_status(&place.probe("other.test"), 12);
    place.tokens.assert_untouched();
}

#[test]
fn a_file_that_cannot_be_used_is_not_guessed_from() {
    let place = Place::with("[[trust]]\nregistry = \"registry.test\"\nrealm = \"*\"\n");
    let run = place.probe("registry.test");
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("\"*\" is not a host"), "{run:?}");
    fs::write(place.file(), PAIR).expect("a file");
    fs::set_permissions(place.file(), fs::Permissions::from_mode(0o666)).expect("to set its mode");
    let run = place.probe("registry.test");
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("other users can write"), "{run:?}");
    place.tokens.assert_untouched();
    place.registries.iter().for_each(|registry| assert_eq!(registry.connections(), 0));
}
