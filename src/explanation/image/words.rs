//! Words that look like images, and ordinary words that never are one.

use super::{LONGEST, MOST_PLACES, Named, first_word, parsed};
use crate::explanation::reading::Pasted;
use crate::knowledge::{is_public_registry, known_registry};
use crate::oci::Addition;

/// Hosts of documentation links in error messages; also suffixes of hosts.
const READING: [&str; 34] = [
    "github.com",
    "docs.docker.com",
    "www.docker.com",
    "hub.docker.com",
    "aka.ms",
    "www.jfrog.com",
    "docs.gitlab.com",
    "kubernetes.io",
    "k8s.io",
    "golang.org",
    "google.golang.org",
    "gopkg.in",
    "stackoverflow.com",
    "githubusercontent.com",
    "debian.org",
    "ubuntu.com",
    "pypi.org",
    "npmjs.org",
    "maven.org",
    "curl.se",
    "curl.haxx.se",
    "redhat.com",
    "projectcalico.org",
    "prometheus.io",
    "openshift.io",
    "helm.sh",
    "cilium.io",
    "istio.io",
    "readthedocs.io",
    "azure.com",
    "microsoft.com",
    "docker.com",
    "cattle.io",
    "amazonaws.com",
];

/// Registries under one of these hosts.
const REGISTRIES: [&str; 8] = [
    "registry.k8s.io",
    "mcr.microsoft.com",
    "registry.access.redhat.com",
    "registry.redhat.io",
    "registry.connect.redhat.com",
    "public.ecr.aws",
    "registry.npmjs.org",
    "registry-1.docker.io",
];

/// Ordinary words in the position of an image.
const ORDINARY: [&str; 58] = [
    "a",
    "an",
    "the",
    "with",
    "repository",
    "repositories",
    "image",
    "images",
    "from",
    "for",
    "of",
    "to",
    "in",
    "is",
    "was",
    "be",
    "this",
    "that",
    "it",
    "its",
    "by",
    "on",
    "at",
    "as",
    "into",
    "and",
    "or",
    "not",
    "no",
    "any",
    "all",
    "sha256",
    "policy",
    "failed",
    "error",
    "found",
    "unknown",
    "manifest",
    "layer",
    "layers",
    "container",
    "digest",
    "registry",
    "reference",
    "platform",
    "using",
    "when",
    "while",
    "because",
    "if",
    "new",
    "your",
    "please",
    "config",
    "configuration",
    "name",
    "null",
    "<none>",
];

/// Returns `true` if a word in the position of an image is an ordinary one.
pub(super) fn is_ordinary(word: &str) -> bool {
    ORDINARY.contains(&word.to_ascii_lowercase().as_str())
}

/// Returns `true` if the text after a bare word shows that the word was an image: the clause ends, or continues as
/// clients' messages do.
pub(super) fn is_sentence_over(rest: &str) -> bool {
    let trimmed = rest.trim_start_matches(['"', '\'', '`', '”', ')', ']', '.']);
    trimmed.is_empty()
        || trimmed.starts_with([',', ':', ';'])
        || ["not found", "from http", "locally", "...", "failed", "has been", "using "]
            .iter()
            .any(|words| trimmed.trim_start().starts_with(words))
}

/// Returns `true` if a command name is followed by a sentence, so that the next word is part of that sentence.
pub(super) fn starts_sentence(rest: &str) -> bool {
    let next = rest.split_whitespace().next().unwrap_or_default();
    ["is", "was", "has", "failed", "fails", "works", "does", "can", "and", "or", "to", "with", "command"]
        .contains(&next)
}

/// Words that begin with a host followed by a path, and have a tag, a digest, a port, or a known host.
pub(super) fn by_look(text: &Pasted) -> impl Iterator<Item = Named> {
    let words = text.plain().split(' ').filter(|word| word.contains('/') && word.len() <= LONGEST).take(MOST_PLACES);
    words.filter_map(|word| {
        let word = first_word(word.trim_start_matches(['"', '\'', '(', '`', '“', '[', '{', '*']));
        let (host, path) = word.split_once('/')?;
        let is_host = host.contains('.') || host.contains(':') || host == "localhost";
        if !is_host || path.is_empty() || host.ends_with(':') || is_to_read(host) {
            return None;
        }
        let reference = parsed(word)?;
        let is_whole = !reference.additions().contains(&Addition::DefaultTag);
        let is_known = known_registry(host).is_some() || is_public_registry(host);
        let is_file = [".go", ".py", ".rs", ".java", ".js", ".ts", ".c"]
            .iter()
            .any(|end| path.split(':').next().is_some_and(|path| path.ends_with(end)));
        (!is_file && (is_whole || is_known || host.contains(':'))).then(|| Named::whole(reference))
    })
}

fn is_to_read(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    let is_below = |end: &str| host == end || host.strip_suffix(end).is_some_and(|rest| rest.ends_with('.'));
    let is_registry = REGISTRIES.contains(&host.as_str()) || host.contains(".dkr.ecr.");
    !is_registry && READING.iter().any(|end| is_below(end))
}
