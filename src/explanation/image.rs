//! Finding the image that a pasted text is about.

use crate::evidence::Redactor;
use crate::oci::{Addition, Platform, Reference};

use super::wording::Pasted;

/// What stands in front of a reference and of nothing else, in lower case. What names the image that somebody asked for
/// stands before what may name a part of it.
const SURE_LEADS: [&str; 19] = [
    "failed to pull image ",
    "failed to pull and unpack image ",
    "back-off pulling image ",
    "manifest for ",
    "pull access denied for ",
    "no such manifest: ",
    "docker pull ",
    "podman pull ",
    "nerdctl pull ",
    "crictl pull ",
    "ctr images pull ",
    "crane pull ",
    "crane manifest ",
    "crane digest ",
    "docker manifest inspect ",
    "load metadata for ",
    "failed to resolve reference ",
    "failed to resolve source metadata for ",
    "trying to pull ",
];

/// What may stand in front of a reference: it has to be in quotes, or to look like one.
const LEADS: [&str; 11] = [
    "unable to pull ",
    "fetching manifest ",
    "in index ",
    "apply layer error for ",
    "converter for ",
    "permission for ",
    "short-name ",
    "image: ",
    "image ",
    "repository ",
    "artifact ",
];

/// The most places in a text that are looked at for one lead, and how much behind each, in bytes. Names end far earlier;
/// this is for texts that are made to take long.
const MOST_PLACES: usize = 200;
const LONGEST: usize = 1024;

/// Schemes that stand in front of a reference.
const SCHEMES: [&str; 3] = ["docker://", "oci://", "oras://"];

/// Hosts in error messages that are there to be read about, not pulled from.
const READING: [&str; 7] =
    ["github.com", "docs.docker.com", "www.docker.com", "hub.docker.com", "aka.ms", "www.jfrog.com", "docs.gitlab.com"];

/// The image, where one is named. Where it is named without a tag first and with one later, as Helm does, with its tag.
pub(super) fn reference_in(text: &Pasted) -> Option<Reference> {
    let named = by_scheme(text).chain(by_lead(text)).chain(by_tag_and_repository(text)).chain(by_address(text));
    let mut named = named.chain(by_look(text)).chain(by_scope(text)).filter(is_harmless);
    let first = named.next()?;
    let untagged = first.additions().contains(&Addition::DefaultTag);
    let same = |other: &Reference| {
        let tagged = other.digest().is_none() && !other.additions().contains(&Addition::DefaultTag);
        tagged && other.registry() == first.registry() && other.repository() == first.repository()
    };
    let tagged = if untagged { named.find(same) } else { None };
    Some(tagged.unwrap_or(first))
}

/// Whether nothing stands in a name that looks like a token; such a name is not repeated.
fn is_harmless(reference: &Reference) -> bool {
    let shown = reference.to_string();
    shown.split(['/', ':', '@']).all(|part| Redactor::default().text(part) == part)
}

/// The platform that was wanted, where the text says so: `for linux/arm64/v8`, or `architecture "arm64", …, OS "linux"`.
pub(super) fn platform_in(text: &Pasted) -> Option<Platform> {
    let slashed = [" for ", "platform "].iter().flat_map(|lead| behind(text.lower(), lead)).find_map(|rest| {
        let word = rest.split(|c: char| c.is_whitespace() || matches!(c, ',' | ')' | '"')).next()?;
        wanted_platform(word.trim_end_matches([':', '.']))
    });
    slashed.or_else(|| {
        let field = |name: &'static str| {
            let rest = behind(text.lower(), name).next()?.trim_start_matches([' ', '"']);
            rest.split(|c: char| !c.is_ascii_alphanumeric()).next()
        };
        let variant = field("variant ").filter(|variant| !variant.is_empty());
        let variant = variant.map_or(String::new(), |variant| format!("/{variant}"));
        format!("{}/{}{variant}", field(", os ")?, field("for architecture ")?).parse().ok()
    })
}

/// A platform that images are made for.
fn wanted_platform(text: &str) -> Option<Platform> {
    let platform: Platform = text.parse().ok()?;
    ["linux", "windows"].contains(&platform.os.as_str()).then_some(platform)
}

/// What stands behind the places where `lead` stands.
fn behind<'a>(text: &'a str, lead: &'a str) -> impl Iterator<Item = &'a str> {
    text.match_indices(lead).take(MOST_PLACES).map(move |(at, _)| beginning(&text[at + lead.len()..]))
}

/// What stands behind the places where `lead` stands, as it was written.
fn written_behind<'a>(text: &'a Pasted, lead: &'a str) -> impl Iterator<Item = &'a str> {
    let places = text.lower().match_indices(lead).take(MOST_PLACES);
    places.map(move |(at, _)| beginning(&text.plain()[at + lead.len()..]))
}

/// As much of a text as a name can take.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

fn by_scheme(text: &Pasted) -> impl Iterator<Item = Reference> {
    SCHEMES.iter().flat_map(|scheme| written_behind(text, scheme)).filter_map(|rest| parsed(first_word(rest)))
}

fn by_lead(text: &Pasted) -> impl Iterator<Item = Reference> {
    const QUOTES: [char; 5] = ['"', '\'', '`', '“', '('];
    let sure = SURE_LEADS.iter().map(|lead| (lead, true));
    let leads = sure.chain(LEADS.iter().map(|lead| (lead, false)));
    leads.flat_map(|(lead, sure)| written_behind(text, lead).map(move |rest| (rest, sure))).filter_map(
        |(rest, sure)| {
            let quoted = rest.strip_prefix(QUOTES);
            let name = first_word(quoted.unwrap_or(rest));
            let fits = sure || quoted.is_some() || name.contains(['/', ':', '@']);
            // There may be options, an article or a platform in the place of a name.
            let other = name.starts_with('-') || ["a", "an", "the"].contains(&name) || wanted_platform(name).is_some();
            (fits && !other).then(|| parsed(name))?
        },
    )
}

/// `reading manifest TAG in HOST/NAME`, as skopeo and podman say it.
fn by_tag_and_repository(text: &Pasted) -> impl Iterator<Item = Reference> {
    written_behind(text, "reading manifest ").filter_map(|rest| {
        let (selector, rest) = rest.split_once(" in ")?;
        let separator = if selector.starts_with("sha256:") { '@' } else { ':' };
        parsed(&format!("{}{separator}{selector}", first_word(rest)))
    })
}

/// An address of a manifest in a registry's API.
fn by_address(text: &Pasted) -> impl Iterator<Item = Reference> {
    let addresses = ["https://", "http://"]
        .iter()
        .flat_map(|scheme| written_behind(text, scheme).map(move |rest| (scheme, without_user(first_word(rest)))));
    addresses.filter_map(|(scheme, rest)| {
        let path = rest.split(['?', '#']).next()?;
        (path.contains("/v2/") && path.contains("/manifests/")).then(|| parsed(&format!("{scheme}{path}")))?
    })
}

/// The scope and the service that a token was asked for: `scope=repository:NAME:pull&service=HOST`.
fn by_scope(text: &Pasted) -> impl Iterator<Item = Reference> {
    ["scope=repository%3a", "scope=repository:"].iter().flat_map(|lead| written_behind(text, lead)).filter_map(|rest| {
        let scope = rest.split(['"', ' ', '\'', '&']).next()?.replace("%2F", "/").replace("%2f", "/");
        let name = scope.split([':', '%']).next()?;
        let service = behind(text.lower(), "service=").next()?.split(|c: char| !is_of_host(c)).next()?;
        let service = service.trim_end_matches(':');
        let host = if service == "registry.docker.io" { "docker.io" } else { service };
        host.contains('.').then(|| parsed(&format!("{host}/{name}")))?
    })
}

/// Any word that begins with a host and goes on with a path.
fn by_look(text: &Pasted) -> impl Iterator<Item = Reference> {
    let words = text.plain().split(' ').filter(|word| word.contains('/') && word.len() <= LONGEST).take(MOST_PLACES);
    words.filter_map(|word| {
        let word = first_word(word.trim_start_matches(['"', '\'', '(', '`', '“']));
        let (host, path) = word.split_once('/')?;
        let is_host = host.contains('.') || host.contains(':') || host == "localhost";
        let to_read = READING.contains(&host.to_ascii_lowercase().as_str());
        (is_host && !to_read && !path.is_empty() && !host.ends_with(':')).then(|| parsed(word))?
    })
}

fn is_of_host(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | ':')
}

/// A word, without what a sentence puts behind it.
fn first_word(text: &str) -> &str {
    let ends = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | ')' | ',' | ';' | '”');
    text.split(ends).next().unwrap_or_default().trim_end_matches(['.', ':', '!', '?', '…', ']', '}'])
}

/// What stands behind a user and password.
fn without_user(address: &str) -> &str {
    let host = address.split('/').next().unwrap_or_default();
    host.rfind('@').map_or(address, |at| &address[at + 1..])
}

fn parsed(text: &str) -> Option<Reference> {
    Reference::parse(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Option<String> {
        reference_in(&Pasted::new(&text.into())).map(|reference| reference.to_string())
    }

    #[test]
    fn what_was_asked_for_is_found_wherever_a_client_puts_it() {
        let digest = format!("sha256:{}", "7b".repeat(32));
        for (text, reference) in [
            // What stands where a password does is not an image, whatever it looks like.
            ("docker login -u alice -p my.pass/word r.test: denied", ""),
            ("echo my.pass/word:1 | docker login --password-stdin r.test", ""),
            ("skopeo inspect --creds alice:my.pass/word docker://quay.io/a/b:c", "quay.io/a/b:c"),
            ("machine r.test login alice password my.pass/word", ""),
            ("PASSWORD=my.pass/word docker pull quay.io/a/b:c", "quay.io/a/b:c"),
            ("{\"auth\":\"my.pass/word\"} manifest for acme/api:1.2 not found", "docker.io/acme/api:1.2"),
            ("Server=db;pwd=my.pass/word", ""),
            ("manifest for acme/api:1.2 not found: manifest unknown", "docker.io/acme/api:1.2"),
            ("pull access denied for myimage, repository does not exist", "docker.io/library/myimage:latest"),
            ("initializing source docker://quay.io/a/b:c: reading manifest c in quay.io/a/b", "quay.io/a/b:c"),
            ("reading manifest c in quay.io/a/b: manifest unknown", "quay.io/a/b:c"),
            ("Error: GET https://ghcr.io/v2/o/n/manifests/1.0: MANIFEST_UNKNOWN", "ghcr.io/o/n:1.0"),
            (
                "Get \"https://auth.docker.io/token?scope=repository%3Alibrary%2Falpine%3Apull&service=registry.docker.io\"",
                "docker.io/library/alpine:latest",
            ),
            ("something about r.example.com:5000/team/app:7, it seems", "r.example.com:5000/team/app:7"),
            ("helm pull oci://ghcr.io/o/charts/x", "ghcr.io/o/charts/x:latest"),
            (
                "\"oci://ghcr.io/o/charts/x\" at version \"1\": GET \"https://ghcr.io/v2/o/charts/x/manifests/1.0.0\": 403",
                "ghcr.io/o/charts/x:1.0.0",
            ),
            ("Head \"https://u:secret@r.example.com/v2/a/b/manifests/1\": denied", "r.example.com/a/b:1"),
            ("Failed to pull image \"X:y\": see https://docs.docker.com/go/deprecated-image-specs/", ""),
            ("lookup auth.docker.io on 192.168.65.1:53: no such host", ""),
            ("the image is broken", ""),
            ("open /etc/containers/registries.conf: permission denied", ""),
            ("r.example.com/x:ghp_0123456789abcdefghijABCDEFGHIJ012345 not found", ""),
        ] {
            assert_eq!(found(text), Some(reference.to_owned()).filter(|text| !text.is_empty()), "{text}");
        }
        let pinned = format!("reading manifest {digest} in ghcr.io/o/n: manifest unknown");
        assert_eq!(found(&pinned), Some(format!("ghcr.io/o/n@{digest}")));
    }

    #[test]
    fn the_platform_is_found_in_both_spellings() {
        let found = |text: &str| platform_in(&Pasted::new(&text.into())).map(|platform| platform.to_string());
        for (text, platform) in [
            ("no matching manifest for linux/arm64/v8 in the manifest list entries", "linux/arm64/v8"),
            ("no child with platform linux/amd64 in index r.example.com/a:t", "linux/amd64"),
            (r#"in image index for architecture "arm64", variant "v8", OS "linux""#, "linux/arm64/v8"),
            (r#"for architecture amd64, variant \"\", OS linux""#, "linux/amd64"),
        ] {
            assert_eq!(found(text), Some(platform.to_owned()), "{text}");
        }
        assert_eq!(found("manifest for acme/api:1 not found"), None);
    }
}
