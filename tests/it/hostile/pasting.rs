//! Commands that are printed to be copied, pasted into shells: whatever a server says, they start what they name and
//! nothing else, and every shell reads them alike.

use serde_json::{Value, json};

use super::{IMAGE, checked, plain};
use crate::support::content::media_type;
use crate::support::digest_of;
use crate::support::hostile::{Server, answer, refusal};
use crate::support::ociscope::ociscope;
use crate::support::shells::pasted;

/// What is active in one shell or another, and what closes the quotes of one of them.
const FRAGMENTS: [&str; 32] = [
    "'",
    "\"",
    "\\",
    "\\'",
    "'\\''",
    "`touch`",
    "$(touch)",
    "(touch)",
    ";touch;",
    "&touch&",
    "|touch",
    "\u{2019}",
    "\u{2018}",
    "\u{201b}",
    "\u{201c}",
    "\u{201e}",
    "-",
    "--pull=never",
    "{touch,a}",
    "<(touch)",
    "=touch",
    "!touch",
    "^a^touch^",
    "%touch",
    "~",
    "*",
    "#",
    "$HOME",
    "@(touch)",
    "amd64",
    "\n",
    "\u{a0}",
];

/// Words for the place of this number, the same in each run: some of the fragments, those that close the quotes of one
/// shell and go on in another, and words of one to five fragments.
fn hostile_words(place: usize) -> Vec<String> {
    let mut state = 0x5eed_u64 + place as u64;
    let mut next = |below: usize| {
        // SplitMix64.
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below as u64).expect("a small number")
    };
    let mut words: Vec<String> =
        FRAGMENTS.iter().skip(place).step_by(PLACES.len()).map(|word| (*word).to_owned()).collect();
    words.extend(["\\';touch;#", "\\'(touch)", "\u{2019};touch;\u{2019}", "';touch;'", "-o=x"].map(str::to_owned));
    for _ in 0..10 {
        let length = next(5);
        words.push((0..=length).map(|_| FRAGMENTS[next(FRAGMENTS.len())]).collect());
    }
    words
}

/// The commands of the findings of a diagnosis, and of what it offers next.
fn commands_of(report: &Value) -> Vec<String> {
    let fixes = report["findings"].as_array().into_iter().flatten().flat_map(|finding| finding["fix"].as_array());
    let commands = fixes.flatten().chain(report["next"].as_array().into_iter().flatten());
    commands.filter_map(|step| step["command"].as_str()).map(str::to_owned).collect()
}

/// Everything that is offered to be copied where a server says this word in a place.
fn commands_about(place: &str, word: &str) -> Vec<String> {
    let server = saying(place, word);
    let run = checked(ociscope(&["diagnose", "--json", "--platform", "linux/s390x", &plain(&server)]).run());
    // Equal commands about two servers are pasted once.
    let address = server.address.to_string();
    commands_of(&run.json()).iter().map(|command| command.replace(&address, "registry.test")).collect()
}

/// A registry with a word where a command is made of it.
fn saying(place: &str, word: &str) -> Server {
    let config =
        json!({ "os": "linux", "architecture": word, "rootfs": { "type": "layers", "diff_ids": [] } }).to_string();
    let typed = |body: String, kind: &'static str| answer("200 OK", &[("Content-Type", kind)], body);
    let image = json!({
        "schemaVersion": 2, "mediaType": media_type::OCI_MANIFEST,
        "config": { "mediaType": media_type::OCI_CONFIG, "size": config.len(), "digest": digest_of(config.as_bytes()) },
        "layers": [{ "mediaType": media_type::OCI_LAYER, "size": 9, "digest": digest_of(b"a layer") }],
    });
    let entry = |platform: Value, kind: &str, digest: &str| {
        json!({
            "schemaVersion": 2, "mediaType": media_type::OCI_INDEX,
            "manifests": [{ "mediaType": kind, "size": 9, "digest": digest, "platform": platform }],
        })
    };
    let digest = digest_of(b"an image");
    let index = match place {
        "variant" => {
            entry(json!({ "os": "linux", "architecture": "arm", "variant": word }), media_type::OCI_MANIFEST, &digest)
        }
        "system" => entry(json!({ "os": word, "architecture": "amd64" }), media_type::OCI_MANIFEST, &digest),
        "nested" => entry(Value::Null, media_type::OCI_INDEX, word),
        _ => entry(json!({ "os": "linux", "architecture": word }), media_type::OCI_MANIFEST, &digest),
    };
    let google = format!(
        "Permission \"artifactregistry.repositories.downloadArtifacts\" denied on resource \
         \"projects/{word}/locations/{word}/repositories/{word}\" (or it may not exist)"
    );
    let place = place.to_owned();
    let tags = json!({ "name": "team/app", "tags": [word] }).to_string();
    Server::answering(move |sent| match place.as_str() {
        _ if sent.path == "/v2/" => typed("{}".to_owned(), "application/json"),
        "image" if sent.path.contains("/blobs/") => typed(config.clone(), "application/json"),
        "image" => typed(image.to_string(), media_type::OCI_MANIFEST),
        "google" => refusal("403 Forbidden", &[], "DENIED", &google),
        "tags" if sent.path.contains("/tags/list") => typed(tags.clone(), "application/json"),
        "tags" => refusal("404 Not Found", &[], "MANIFEST_UNKNOWN", "manifest unknown"),
        _ => typed(index.to_string(), media_type::OCI_INDEX),
    })
}

const PLACES: [&str; 7] = ["image", "architecture", "variant", "system", "nested", "google", "tags"];

/// The programs that advice names.
const ADVISED: [&str; 6] = ["apptainer", "docker", "gcloud", "helm", "ociscope", "curl"];

#[test]
fn commands_start_what_they_name_whatever_a_server_says() {
    for (number, place) in PLACES.into_iter().enumerate() {
        let mut commands: Vec<_> = hostile_words(number).iter().flat_map(|word| commands_about(place, word)).collect();
        commands.sort();
        commands.dedup();
        for (command, started) in commands.iter().zip(pasted(&commands)) {
            let [started] = &started[..] else { panic!("{place}: {command}: {started:?}") };
            assert!(ADVISED.contains(&started[0].as_str()), "{place}: {command}: {started:?}");
            for word in &started[1..] {
                assert!(!word.contains("touch") && !word.contains("--pull"), "{place}: {command}: {started:?}");
            }
        }
    }
}

/// What a server says by the grammar of its kind is still in the commands.
#[test]
fn commands_name_what_a_server_says_by_its_grammar() {
    let told = |place: &str, word: &str| commands_about(place, word).join("\n");
    for architecture in ["amd64", "ppc64le", "riscv64", "mips64le", "loong64"] {
        let platform = format!("--platform linux/{architecture}");
        assert!(told("image", architecture).contains(&format!("docker run {platform} ")), "{architecture}");
        assert!(
            told("architecture", architecture).contains(&format!("ociscope diagnose {platform} ")),
            "{architecture}"
        );
    }
    for variant in ["v5", "v7", "v6.1", "v8_2"] {
        assert!(told("variant", variant).contains(&format!("--platform linux/arm/{variant} ")), "{variant}");
    }
    for name in ["example-project", "europe-west1", "acme2"] {
        let told = told("google", name);
        assert!(told.contains(&format!("add-iam-policy-binding {name} --location {name} --project {name} ")), "{told}");
    }
    for tag in ["1.0.0", "1.0-alpine", "1.0_rc"] {
        assert!(told("tags", tag).contains(&format!("/{}", IMAGE.replace("1.0", tag))), "{tag}");
    }
}

/// Where a command is left out, the advice says why.
#[test]
fn advice_without_its_command_says_why() {
    for (place, words) in [
        ("image", "it would contain an invalid platform"),
        ("architecture", "it would contain an invalid platform"),
        ("google", "it would contain an invalid Google Cloud name"),
    ] {
        let server = saying(place, "\\';touch;#");
        let arguments = ["diagnose", "--json", "--platform", "linux/s390x", &plain(&server)];
        let report = checked(ociscope(&arguments).run()).json();
        let findings = report["findings"].to_string();
        assert!(findings.contains(&format!("No command is printed, because {words}.")), "{findings}");
    }
}
