//! Recipes, read back as the tools read them.

mod dockerfile;
mod env_file;
mod hostile;
mod readers;
mod shells;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::oci::{Algorithm, Digest};

/// A recipe of a config.
fn recipe_of(recipe: Recipe, reference: &str, config: &Value) -> String {
    let reference = Reference::parse(reference).unwrap();
    let pinned = reference.with_digest(Digest::of(Algorithm::Sha256, b"a manifest"));
    let subject = Subject { reference: &reference, pinned: &pinned, scheme: Scheme::Https, simulation: None };
    recipe.of(&subject, &ImageConfig::read(config.to_string().as_bytes()).unwrap())
}

fn recipe(recipe: Recipe, config: &Value) -> String {
    recipe_of(recipe, "registry.example/team/app:1.0", &json!({ "config": config }))
}

/// The digest of all images here.
fn digest() -> String {
    Digest::of(Algorithm::Sha256, b"a manifest").to_string()
}

/// Texts that mean something to one of the readers.
const ACTIVE: [&str; 38] = [
    "\n%post\n    touch made\n",
    "\r\n%post\r\n touch made\r\n",
    "\u{85}%post",
    "\u{2028}%setup",
    "%runscript",
    "\nbootstrap: localimage\nFrom: /evil\n",
    "Bootstrap: docker",
    "{{ made }}",
    "{{\nmade\n}}",
    "'; touch made; '",
    "\"; touch made; \"",
    "$(touch made)",
    "`touch made`",
    "${made}",
    "$made",
    "\\",
    "\\\n",
    "\\'",
    "''",
    "'",
    "\"",
    "\nEOF\ntouch made\n",
    "<<EOF",
    "# syntax=evil/frontend",
    "\n# escape=`\n",
    "\nRUN touch made\n",
    "ONBUILD RUN touch made",
    "--help",
    "-x",
    "=",
    " ",
    "\t",
    "\r",
    "\n",
    "#",
    "~ * ? [a] !! &",
    "\u{feff}",
    "\u{1b}[2J\u{202e}é",
];

/// A text of active texts and of any characters.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![proptest::sample::select(&ACTIVE[..]).prop_map(str::to_owned), ".{0,4}", "[a-z]{0,4}"];
    proptest::collection::vec(part, 0..5).prop_map(|parts| parts.concat())
}

#[test]
fn image_is_named_as_each_tool_names_it() {
    let config = json!({ "os": "linux", "architecture": "amd64" });
    let digest = digest();
    for (reference, from, registry, image) in [
        ("alpine", format!("library/alpine@{digest}"), None, "docker.io/library/alpine"),
        ("gcr.io/a/b:1", format!("gcr.io/a/b@{digest}"), None, "gcr.io/a/b"),
        ("localhost:5000/a", format!("localhost:5000/a@{digest}"), None, "localhost:5000/a"),
        // Docker would take `registry` for a part of a repository on Docker Hub.
        ("oci://registry/team/app", format!("team/app@{digest}"), Some("registry:443"), "registry:443/team/app"),
    ] {
        let definition = recipe_of(Recipe::Apptainer, reference, &config);
        let header = definition.lines().take_while(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
        let registry = registry.map(|registry| format!("Registry: {registry}\n")).unwrap_or_default();
        assert_eq!(header, format!("Bootstrap: docker\n{registry}From: {from}"));
        assert!(recipe_of(Recipe::Dockerfile, reference, &config).contains(&format!("\nFROM {image}@{digest}\n")));
        assert!(recipe_of(Recipe::Run, reference, &config).contains(&format!("\n  {image}@{digest}\n")));
    }
}

#[test]
fn remarks_say_what_is_missing_and_where_it_is_from() {
    let reference = Reference::parse("registry.example/app:1").unwrap();
    let subject =
        Subject { reference: &reference, pinned: &reference, scheme: Scheme::Https, simulation: Some("a-scenario") };
    let config = json!({ "os": "windows", "architecture": "amd64", "config": { "Env": 7 } });
    let config = ImageConfig::read(config.to_string().as_bytes()).unwrap();
    let definition = Recipe::Apptainer.of(&subject, &config);
    for expected in [
        "From: registry.example/app:1\n",
        "# Written by ociscope from the image config of registry.example/app:1 (windows/amd64).\n",
        "# Lab scenario a-scenario: a simulated registry, not the real one.\n",
        "# The digest of the image is unknown, and its tag may move.\n",
        "# Env does not have the type that clients expect, and is left out.\n",
        "# Apptainer runs Linux images; this one is for windows.\n",
    ] {
        assert!(definition.contains(expected), "{definition}");
    }
}

/// The recipes of the image of the research engineer (google/deepvariant, deepvariant/docker/Dockerfile), in short.
#[test]
fn definition_runs_the_command_by_the_rules_of_docker() {
    let config = json!({
        "Env": ["PATH=/opt/bin:/usr/bin"], "Labels": { "maintainer": "a team" }, "WorkingDir": "/opt/deepvariant",
        "User": "worker", "Entrypoint": ["/opt/run"], "Cmd": ["--mode", "a b"],
    });
    let expected = r#"
%labels
    maintainer a team

%environment
    export PATH=/opt/bin:/usr/bin

%runscript
    # Docker runs this as the user worker, Apptainer as you.
    cd /opt/deepvariant || exit
    if [ "$#" -eq 0 ]; then
        set -- --mode 'a b'
    fi
    exec /opt/run "$@"
"#;
    assert!(recipe(Recipe::Apptainer, &config).ends_with(expected), "{}", recipe(Recipe::Apptainer, &config));
    let run = recipe(Recipe::Run, &config);
    let expected = format!(
        "\ndocker run --rm \\\n  --env=PATH=/opt/bin:/usr/bin \\\n  --workdir=/opt/deepvariant \\\n  --user=worker \\\n  \
         --entrypoint=/opt/run \\\n  registry.example/team/app@{} \\\n  --mode \\\n  'a b'\n",
        digest()
    );
    assert!(run.ends_with(&expected), "{run}");
}

#[test]
fn long_section_is_named_because_apptainer_does_not_read_it() {
    let long = json!({ "Env": [format!("A={}", "b".repeat(70_000))] });
    assert!(
        recipe(Recipe::Apptainer, &long)
            .contains("# Apptainer reads no section of more than 64 KiB: shorten %environment.\n")
    );
    let short = json!({ "Env": [format!("A={}", "b".repeat(60_000))] });
    assert!(!recipe(Recipe::Apptainer, &short).contains("64 KiB"));
}
