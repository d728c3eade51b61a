//! Kubernetes pull secrets, as `kubectl get secret NAME -o yaml` prints them or as written by hand: one Secret, several
//! documents or a List, with or without a Pod.
//!
//! The kubelet accepts a Secret of type `kubernetes.io/dockerconfigjson` with data under `.dockerconfigjson`, or of
//! type `kubernetes.io/dockercfg` with data under `.dockercfg`; it silently ignores any other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize as _;

use super::Config;
use super::tree::Tree;
use crate::evidence::{PullSecretFault, PullSecretName};
use crate::text::{Secret, Untrusted};

/// The two types of pull secrets, each with the key of its data.
const FORMS: [(&str, &str); 2] =
    [("kubernetes.io/dockerconfigjson", ".dockerconfigjson"), ("kubernetes.io/dockercfg", ".dockercfg")];

/// The maximum number of values in a file: two hundred Secrets, each with more metadata than servers add. Parsing YAML
/// takes about twenty times as long per value as JSON.
const MOST_NODES: usize = 20_000;

/// The maximum number of documents in a file.
const MOST_DOCUMENTS: usize = 200;

/// Parses the entries of all pull secrets in a file; if there is a Pod, of those that it names. If the kubelet could
/// use none of them, returns the fault of the first. The name of the pull secret is returned in either case.
pub fn read_pull_secret(bytes: &[u8]) -> (PullSecretName, Result<Config, PullSecretFault>) {
    match documents(bytes) {
        Err(fault) => (PullSecretName::default(), Err(fault)),
        Ok(documents) => {
            let objects: Vec<&Tree> = documents.iter().flat_map(unlisted).take(MOST_DOCUMENTS).collect();
            (name_among(&objects), config_among(&objects))
        }
    }
}

fn config_among(objects: &[&Tree]) -> Result<Config, PullSecretFault> {
    // The content of a Secret, without the Secret: already decoded.
    if let [only] = objects[..]
        && only.field("kind").is_none()
        && only.field("auths").is_some()
    {
        return Config::of(only).map_err(PullSecretFault::NotConfig);
    }
    let kind = |object: &&Tree| object.field("kind").and_then(Tree::word).unwrap_or_default().to_owned();
    let names: Vec<String> = objects.iter().flat_map(|object| named_by(object)).collect();
    let mut secrets: Vec<&Tree> = objects.iter().copied().filter(|object| kind(object) == "Secret").collect();
    if secrets.is_empty() {
        let names: Vec<_> = names.iter().map(|name| Untrusted::from(name.as_str())).collect();
        let kinds = objects.iter().map(kind).filter(|kind| !kind.is_empty()).take(5).map(Untrusted::new).collect();
        return Err(if names.is_empty() {
            PullSecretFault::NoSecret(kinds)
        } else {
            PullSecretFault::OnlyNames(names)
        });
    }
    if !names.is_empty() {
        secrets.retain(|secret| name_of(secret).is_some_and(|name| names.iter().any(|known| known == name)));
        if secrets.is_empty() {
            return Err(PullSecretFault::OnlyNames(names.into_iter().map(Untrusted::new).collect()));
        }
    }
    let mut all = Config::default();
    let mut fault = None;
    let mut usable = false;
    for secret in secrets {
        match config_of(secret) {
            Ok(config) => {
                usable = true;
                all.entries.extend(config.entries);
                all.helpers.extend(config.helpers);
                all.store = all.store.or(config.store);
            }
            Err(found) => fault = fault.or(Some(found)),
        }
    }
    match fault {
        Some(fault) if !usable => Err(fault),
        _ => Ok(all),
    }
}

/// The name of the pull secret: that of the first Secret, otherwise the first that a Pod names; and the namespace of
/// the Pod, otherwise of the Secret.
fn name_among(objects: &[&Tree]) -> PullSecretName {
    let is_secret = |object: &&Tree| object.field("kind").and_then(Tree::word) == Some("Secret");
    let named = objects.iter().flat_map(|object| named_by(object)).find(|name| is_name(name));
    let secrets = || objects.iter().copied().filter(is_secret);
    let name = secrets().filter_map(name_of).map(str::to_owned).find(|name| is_name(name));
    let namespace_of = |object: &Tree| object.field("metadata")?.field("namespace")?.word().map(str::to_owned);
    let pods = objects.iter().copied().filter(|object| !named_by(object).is_empty());
    let namespace = pods.chain(secrets()).filter_map(namespace_of).find(|name| is_name(name));
    PullSecretName { name: named.or(name), namespace }
}

/// Returns `true` if Kubernetes allows a text as a name (RFC 1123 subdomain).
fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        !label.is_empty() && label.bytes().all(plain) && !label.starts_with('-') && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

fn documents(bytes: &[u8]) -> Result<Vec<Tree>, PullSecretFault> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    if let Ok(tree) = Tree::deserialize(&mut json)
        && tree.fields().is_some()
        && json.end().is_ok()
    {
        return Ok(vec![tree]);
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: 64,
            max_nodes: MOST_NODES,
            max_events: 3 * MOST_NODES,
            max_documents: MOST_DOCUMENTS,
            max_aliases: 100,
            max_total_scalar_bytes: 4 << 20,
        },
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::PassThrough,
    };
    serde_saphyr::from_slice_multiple_with_options(bytes, options).map_err(|error| {
        // The parser's message could repeat the content; its position cannot.
        if matches!(error.without_snippet(), serde_saphyr::Error::Budget { .. }) {
            return PullSecretFault::NotYaml(format!("it has more than {MOST_NODES} values, or is nested too deep"));
        }
        let place = error.location().map(|place| format!("from line {}, column {} on", place.line(), place.column()));
        PullSecretFault::NotYaml(place.unwrap_or_else(|| "it cannot be read".to_owned()))
    })
}

/// The elements of a List, or the object itself.
fn unlisted(object: &Tree) -> Vec<&Tree> {
    match object.field("items") {
        Some(items) => items.elements().iter().collect(),
        None => vec![object],
    }
}

fn name_of(object: &Tree) -> Option<&str> {
    object.field("metadata")?.field("name")?.word()
}

/// The pull secrets that a Pod, a ServiceAccount or a resource with a Pod template names.
fn named_by(object: &Tree) -> Vec<String> {
    let at = |path: &[&str]| path.iter().try_fold(object, |tree, name| tree.field(name));
    let places = [
        at(&["imagePullSecrets"]),
        at(&["spec", "imagePullSecrets"]),
        at(&["spec", "template", "spec", "imagePullSecrets"]),
        at(&["spec", "jobTemplate", "spec", "template", "spec", "imagePullSecrets"]),
    ];
    let named = places.into_iter().flatten().flat_map(Tree::elements).take(50);
    named.filter_map(|one| one.field("name")?.word().map(str::to_owned)).collect()
}

/// The configuration in one Secret.
fn config_of(secret: &Tree) -> Result<Config, PullSecretFault> {
    let kind = secret.field("type").and_then(Tree::word).unwrap_or_default();
    let form = FORMS.iter().find(|(known, _)| *known == kind);
    let data = |key: &str| {
        let plain = secret.field("stringData").and_then(|data| field(data, key)).map(|value| (value, false));
        plain.or_else(|| secret.field("data").and_then(|data| field(data, key)).map(|value| (value, true)))
    };
    let Some((_, key)) = form else {
        let kind = if kind.is_empty() { "Opaque" } else { kind };
        return Err(PullSecretFault::WrongType(Untrusted::from(kind)));
    };
    let Some((value, encoded)) = data(key) else { return Err(PullSecretFault::NoData((*key).into())) };
    let text = match value {
        Tree::Text(text) | Tree::Other(text) => text,
        _ => return Err(PullSecretFault::NoData((*key).into())),
    };
    if !encoded {
        return Config::read(text.reveal().as_bytes()).map_err(PullSecretFault::NotConfig);
    }
    let bytes = decoded(text.reveal()).ok_or(PullSecretFault::NotBase64)?;
    Config::read(&bytes).map_err(|why| {
        let again = std::str::from_utf8(&bytes).ok().and_then(decoded);
        let twice = again.is_some_and(|again| again.trim_ascii_start().starts_with(b"{"));
        if twice { PullSecretFault::TwiceEncoded } else { PullSecretFault::NotConfig(why) }
    })
}

/// The value of a data key, which is case-sensitive, unlike field names.
fn field<'a>(data: &'a Tree, key: &str) -> Option<&'a Tree> {
    data.fields()?.iter().rev().find(|(known, _)| known == key).map(|(_, value)| value)
}

/// Decodes base64 as Kubernetes does: line breaks are skipped.
fn decoded(text: &str) -> Option<Vec<u8>> {
    let text = Secret::new(text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect::<String>());
    STANDARD.decode(text.reveal()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INNER: &str = r#"{"auths":{"r.test:5000":{"auth":"bWU6d29yZA=="}}}"#;

    fn secret(kind: &str, key: &str, data: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: regcred\n  annotations:\n    a: \"b: c\"\ntype: {kind}\n\
             data:\n  {key}: {data}\n"
        )
    }

    fn usual() -> String {
        secret("kubernetes.io/dockerconfigjson", ".dockerconfigjson", &STANDARD.encode(INNER))
    }

    fn read(bytes: &[u8]) -> Result<Config, PullSecretFault> {
        read_pull_secret(bytes).1
    }

    fn keys(text: &str) -> Vec<String> {
        read(text.as_bytes()).unwrap_or_else(|fault| panic!("{fault:?}: {text}")).keys().map(str::to_owned).collect()
    }

    fn fault(text: &str) -> PullSecretFault {
        read(text.as_bytes()).expect_err(text)
    }

    #[test]
    fn secret_is_parsed_as_kubectl_prints_it() {
        assert_eq!(keys(&usual()), ["r.test:5000"]);
        let json = serde_json::json!({
            "kind": "Secret", "type": "kubernetes.io/dockerconfigjson",
            "data": { ".dockerconfigjson": STANDARD.encode(INNER) },
        });
        assert_eq!(keys(&json.to_string()), ["r.test:5000"]);
        let old = r#"{"r.test": {"auth": "bWU6d29yZA=="}}"#;
        assert_eq!(keys(&secret("kubernetes.io/dockercfg", ".dockercfg", &STANDARD.encode(old))), ["r.test"]);
        let wrapped = STANDARD.encode(INNER);
        let (one, two) = wrapped.split_at(20);
        let folded = secret("kubernetes.io/dockerconfigjson", ".dockerconfigjson", &format!("|\n    {one}\n    {two}"));
        assert_eq!(keys(&folded), ["r.test:5000"]);
        let plain = "kind: Secret\ntype: kubernetes.io/dockerconfigjson\nstringData:\n  .dockerconfigjson: |\n    ";
        assert_eq!(keys(&format!("{plain}{INNER}\n")), ["r.test:5000"]);
        assert_eq!(keys(INNER), ["r.test:5000"]);
    }

    #[test]
    fn pod_in_the_file_selects_its_secrets() {
        let pod = |name: &str| format!("kind: Pod\nspec:\n  imagePullSecrets:\n  - name: {name}\n---\n{}", usual());
        assert_eq!(keys(&pod("regcred")), ["r.test:5000"]);
        assert_eq!(fault(&pod("other")), PullSecretFault::OnlyNames(vec!["other".into()]));
        let deployment = "kind: Deployment\nspec: {template: {spec: {imagePullSecrets: [{name: regcred}]}}}\n";
        assert_eq!(fault(deployment), PullSecretFault::OnlyNames(vec!["regcred".into()]));
        let list = format!("kind: List\nitems:\n- {}", usual().trim_end().replace('\n', "\n  "));
        assert_eq!(keys(&list), ["r.test:5000"]);
    }

    #[test]
    fn secret_that_the_kubelet_ignores_is_a_fault() {
        let json = "kubernetes.io/dockerconfigjson";
        let encoded = STANDARD.encode(INNER);
        assert_eq!(fault("kind: ConfigMap\n"), PullSecretFault::NoSecret(vec!["ConfigMap".into()]));
        assert_eq!(
            fault(&secret("Opaque", ".dockerconfigjson", &encoded)),
            PullSecretFault::WrongType("Opaque".into())
        );
        assert_eq!(fault(&secret(json, "config.json", &encoded)), PullSecretFault::NoData(".dockerconfigjson".into()));
        assert_eq!(fault(&secret(json, ".dockerconfigjson", "CANARY!")), PullSecretFault::NotBase64);
        let twice = STANDARD.encode(&encoded);
        assert_eq!(fault(&secret(json, ".dockerconfigjson", &twice)), PullSecretFault::TwiceEncoded);
        let broken = STANDARD.encode(r#"{"auths": "CANARY"}"#);
        let fault = fault(&secret(json, ".dockerconfigjson", &broken));
        assert_eq!(fault, PullSecretFault::NotConfig("auths is not an object".to_owned()));
        assert!(!fault.words().contains("CANARY"));
    }

    #[test]
    fn invalid_yaml_fails_early() {
        let fault = fault("kind: Secret\n  data: CANARY: x: [\n");
        assert!(matches!(&fault, PullSecretFault::NotYaml(place) if place.starts_with("from line")), "{fault:?}");
        assert!(!fault.words().contains("CANARY"));
        let laughs: String = (1..9)
            .map(|level| format!("a{level}: &a{level} [{}]\n", vec![format!("*a{}", level - 1); 10].join(",")))
            .collect();
        assert!(read(format!("a0: &a0 lol\n{laughs}").as_bytes()).is_err());
        assert!(read("[".repeat(100_000).as_bytes()).is_err());
        assert!(read("- ".repeat(10_000).as_bytes()).is_err());
        assert!(read(b"").is_err() && read(b"\xff\xfe").is_err());
    }

    #[test]
    fn long_file_in_flow_style_is_read_in_time() {
        let full = |one: &str, open: &str, close: &str| {
            format!("{open}{}{close}", vec![one; ((1 << 20) - 200) / (one.len() + 1)].join(","))
        };
        for (name, text) in [
            ("numbers", full("1", "[", "]")),
            ("words", full("ab", "[", "]")),
            ("fields", full("a: b", "{", "}")),
            ("spaces", full(" ", "{a: [", "]}")),
            ("one word", format!("[{}]", "a".repeat((1 << 20) - 10))),
            ("words with spaces", format!("[{}]", "a ".repeat((1 << 19) - 10))),
            ("quoted", format!("{{a: \"{}\"}}", "a ".repeat((1 << 19) - 10))),
            ("lines", full("\n a", "{k: [", "\n]}")),
            ("nested", full("[[[[]]]]", "[", "]")),
            ("questions", full("? a", "{", "}")),
            ("comments", format!("[{}]", "#\n".repeat((1 << 19) - 10))),
            ("JSON", full("\"a\":1", "{\"kind\":\"Secret\",", ",}")),
            ("colons", format!("{{{}}}", "a:".repeat((1 << 19) - 10))),
            ("dashes", "- ".repeat(500_000)),
            ("open", "[".repeat(1_000_000)),
            ("documents", "--- a\n".repeat(170_000)),
            ("anchors", full("&a b", "[", "]")),
            ("tags", full("!!str b", "[", "]")),
        ] {
            let began = std::time::Instant::now();
            let _ = read(text.as_bytes());
            // Less than half a second on an idle machine.
            assert!(began.elapsed() < std::time::Duration::from_secs(6), "{name}: {:?}", began.elapsed());
        }
        let many = fault(&full("a: b", "{", "}"));
        assert!(many.words().contains("more than 20000 values"), "{}", many.words());
        let list =
            format!("kind: List\nitems:\n{}", format!("- {}\n", usual().trim_end().replace('\n', "\n  ")).repeat(199));
        assert_eq!(keys(&list).len(), 199);
    }

    proptest::proptest! {
        #[test]
        fn parsing_never_panics(bytes in proptest::collection::vec(0_u8.., 0..200), text in "[-{}\\[\\]\",:&*!|> a-z0-9\n]{0,80}") {
            let _ = read_pull_secret(&bytes);
            let _ = read_pull_secret(text.as_bytes());
        }
    }

    #[test]
    fn name_and_namespace_come_from_the_pod_and_are_valid() {
        let secret = "kind: Secret\nmetadata: {name: regcred, namespace: team-a}\n";
        let named = |text: &str| read_pull_secret(text.as_bytes()).0;
        let of = |name: Option<&str>, namespace: Option<&str>| PullSecretName {
            name: name.map(str::to_owned),
            namespace: namespace.map(str::to_owned),
        };
        assert_eq!(named(secret), of(Some("regcred"), Some("team-a")));
        let pod = "kind: Pod\nmetadata: {namespace: team-b}\nspec: {imagePullSecrets: [{name: other}]}\n";
        assert_eq!(named(&format!("{secret}---\n{pod}")), of(Some("other"), Some("team-b")));
        assert_eq!(named("kind: Secret\nmetadata: {name: \"$(id)\", namespace: -x}"), of(None, None));
        assert_eq!(named("kind: Secret\nmetadata: {name: Upper}"), of(None, None));
        assert_eq!(named("- : ["), of(None, None));
    }
}
