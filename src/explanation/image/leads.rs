//! Phrases that clients print before an image.

use super::words::{is_ordinary, is_sentence_over, starts_sentence};
use super::{Named, first_word, parsed, wanted_platform, without_user, written_after};
use crate::explanation::reading::Pasted;
use crate::oci::Addition;

/// The certainty that an image follows a phrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::explanation) enum Lead {
    /// Only an image follows.
    Sure,
    /// A command: options may come before the image.
    Command,
    /// An image if it is quoted, or has a host, a tag or a digest.
    Loose,
}

use Lead::{Command, Loose, Sure};

/// Phrases before an image, in lower case. Phrases for the requested image come before those that may name a part of
/// it.
pub(in crate::explanation) const LEADS: [(&str, Lead); 85] = [
    ("failed to pull image ", Sure),
    ("failed to pull and unpack image ", Sure),
    ("back-off pulling image ", Sure),
    ("manifest for ", Sure),
    ("pull access denied for ", Sure),
    ("no such manifest: ", Sure),
    ("unable to find image ", Sure),
    ("unable to pull image ", Sure),
    ("unable to pull and unpack image ", Sure),
    ("error pulling image ", Sure),
    ("couldn't parse image reference ", Sure),
    ("failed to get sandbox image ", Sure),
    ("failed to resolve reference ", Sure),
    ("failed to resolve ref ", Sure),
    ("failed to resolve source metadata for ", Sure),
    ("load metadata for ", Sure),
    ("tried to pull image manifest for ", Sure),
    ("image verification failed for ", Sure),
    ("unable to inspect the image (", Sure),
    ("no descriptor found for reference ", Sure),
    ("error reading manifest for ", Sure),
    ("docker pull ", Command),
    ("docker image pull ", Command),
    ("podman pull ", Command),
    ("nerdctl pull ", Command),
    ("crictl pull ", Command),
    ("crictl.exe pull ", Command),
    ("ctr images pull ", Command),
    ("ctr image pull ", Command),
    ("ctr i pull ", Command),
    ("buildah pull ", Command),
    ("buildah from ", Command),
    ("crane pull ", Command),
    ("crane manifest ", Command),
    ("crane digest ", Command),
    ("crane copy ", Command),
    ("crane config ", Command),
    ("regctl image ", Loose),
    ("oras pull ", Command),
    ("oras manifest fetch ", Command),
    ("docker push ", Command),
    ("docker manifest inspect ", Command),
    ("docker buildx imagetools inspect ", Command),
    ("nerdctl --namespace k8s.io pull ", Command),
    ("nerdctl -n k8s.io pull ", Command),
    ("sregistry pull ", Loose),
    ("singularity pull ", Loose),
    ("apptainer pull ", Loose),
    ("container-image=", Sure),
    ("trying to pull repository ", Loose),
    ("trying to pull ", Sure),
    ("pulling docker image ", Sure),
    ("pulling repository ", Sure),
    ("pulling image: ", Sure),
    ("pulling image ", Sure),
    ("executor with image ", Sure),
    ("docker image path: ", Sure),
    ("importing docker image: ", Sure),
    ("push refers to repository [", Sure),
    ("push refers to a repository [", Sure),
    ("db repository: ", Loose),
    ("container image ", Loose),
    ("with image ", Loose),
    ("using image ", Loose),
    ("sandbox image ", Loose),
    ("unable to pull ", Loose),
    ("fetching manifest ", Loose),
    ("unauthorized for ", Loose),
    ("in index ", Loose),
    ("apply layer error for ", Loose),
    ("converter for ", Loose),
    ("permission for ", Loose),
    ("--destination ", Loose),
    ("--destination=", Loose),
    ("short-name ", Loose),
    ("docker package ", Loose),
    ("image=", Loose),
    ("image: ", Loose),
    ("image\": ", Loose),
    ("image ", Loose),
    ("repository ", Loose),
    ("repository: ", Loose),
    ("reference ", Loose),
    ("artifact ", Loose),
    (" pull ", Loose),
];

/// Schemes before a reference.
const SCHEMES: [&str; 3] = ["docker://", "oci://", "oras://"];

/// Pull options whose value is the next word.
const WITH_VALUE: [&str; 12] = [
    "--platform",
    "-n",
    "--namespace",
    "--arch",
    "--os",
    "--variant",
    "--authfile",
    "--tls-verify",
    "--snapshotter",
    "-a",
    "--hosts-dir",
    "--policy",
];

pub(super) fn by_scheme(text: &Pasted) -> impl Iterator<Item = Named> {
    SCHEMES.iter().flat_map(|scheme| written_after(text, scheme).map(move |rest| (*scheme, rest))).filter_map(
        |(scheme, rest)| {
            // enroot writes `docker://USER@HOST#PATH:TAG`.
            let name = without_user(first_word(rest)).replacen('#', "/", 1);
            let scheme = if scheme == "oci://" { scheme } else { "" };
            let name = name.trim_end_matches("/manifest").trim_start_matches('/');
            parsed(&format!("{scheme}{name}")).map(Named::whole)
        },
    )
}

pub(super) fn by_lead(text: &Pasted) -> impl Iterator<Item = Named> {
    const QUOTES: [char; 6] = ['"', '\'', '`', '“', '(', '['];
    let leads = LEADS.iter().flat_map(|(lead, kind)| written_after(text, lead).map(move |rest| (rest, *kind)));
    leads.filter_map(|(rest, kind)| {
        let rest = if kind == Command { without_options(rest) } else { rest };
        let quoted = rest.strip_prefix(QUOTES);
        let name = first_word(quoted.unwrap_or(rest));
        let marked = name.contains(['/', ':', '@']);
        let after = &quoted.unwrap_or(rest)[name.len()..];
        let fits = match kind {
            // A bare word has to be quoted, or followed by the rest of a typical client message.
            Sure => marked || quoted.is_some() || is_sentence_over(after),
            Command => !starts_sentence(after) || marked,
            Loose => marked || (quoted.is_some() && rest.starts_with(['"', '\'', '`'])),
        };
        // There may be options, an article or a platform instead of a name.
        let other = name.starts_with(['-', '.', '/']) || is_ordinary(name) || wanted_platform(name).is_some();
        if !fits || other {
            return compose(rest).filter(|_| kind != Loose);
        }
        let reference = parsed(name)?;
        let has_host = !reference.additions().contains(&Addition::DefaultRegistry);
        let is_sure = kind != Loose || has_host || reference.repository().matches('/').count() <= 2;
        is_sure.then(|| Named::whole(reference))
    })
}

/// `Pulling SERVICE (IMAGE)...`, as Compose v1 printed it.
fn compose(rest: &str) -> Option<Named> {
    let (service, after) = rest.split_once(" (")?;
    let is_service = !service.is_empty() && service.len() < 64 && !service.contains(char::is_whitespace);
    let (name, _) = after.split_once(')')?;
    is_service.then(|| parsed(name).map(Named::whole))?
}

/// `reading manifest TAG in HOST/NAME`, as skopeo and podman print it.
pub(super) fn by_tag_and_repository(text: &Pasted) -> impl Iterator<Item = Named> {
    ["reading manifest ", "error reading manifest "].into_iter().flat_map(|lead| written_after(text, lead)).filter_map(
        |rest| {
            let (selector, rest) = rest.split_once(" in ")?;
            if selector.contains(' ') {
                return None;
            }
            let separator = if selector.starts_with("sha256:") { '@' } else { ':' };
            parsed(&format!("{}{separator}{selector}", first_word(rest))).map(Named::whole)
        },
    )
}

/// `FROM x`, `TAG: Pulling from library/NAME`, `Pulling SERVICE (IMAGE)`, `fromImage=NAME&tag=TAG`.
pub(super) fn by_fields(text: &Pasted) -> impl Iterator<Item = Named> {
    let from = text.plain().match_indices("FROM ").take(super::MOST_PLACES).filter_map(|(at, lead)| {
        let rest = super::beginning(&text.plain()[at + lead.len()..]);
        let name = first_word(without_options(rest));
        let is_stage = text.lower().contains(&format!(" as {} ", name.to_ascii_lowercase()));
        (!is_stage && name != "scratch" && !is_ordinary(name)).then(|| parsed(name).map(Named::whole))?
    });
    // The engine omits the host, so this identifies official images only.
    let pulled = text.lower().match_indices(": pulling from ").take(super::MOST_PLACES).filter_map(|(at, lead)| {
        let tag = text.plain()[..at].rsplit(' ').next()?;
        let name = first_word(super::beginning(&text.plain()[at + lead.len()..]));
        if !name.starts_with("library/") {
            return None;
        }
        let separator = if tag.starts_with("sha256:") { '@' } else { ':' };
        parsed(&format!("{name}{separator}{tag}")).map(Named::whole)
    });
    let composed = written_after(text, "pulling ").filter_map(compose);
    let queried = text.lower().match_indices("fromimage=").take(super::MOST_PLACES).filter_map(|(at, _)| {
        let start = text.plain()[..at].rfind(|c: char| c.is_whitespace() || c == '?').map_or(0, |start| start + 1);
        let query = first_word(super::beginning(&text.plain()[start..]));
        let value = |name: &str| {
            let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let mut found = pairs.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
            found
                .next()
                .map(|value| value.replace("%2F", "/").replace("%2f", "/").replace("%3A", ":").replace("%3a", ":"))
        };
        let image = value("fromimage")?;
        let tag = value("tag").filter(|tag| !tag.is_empty());
        let separator = if tag.as_ref().is_some_and(|tag| tag.contains(':')) { "@" } else { ":" };
        let tag = tag.map(|tag| format!("{separator}{tag}")).unwrap_or_default();
        parsed(&format!("{image}{tag}")).map(Named::whole)
    });
    from.chain(pulled).chain(composed).chain(queried)
}

/// The version of a chart: `--version 1.2.3`, `at version "1.2.3"`.
pub(super) fn version_in(text: &Pasted) -> Option<String> {
    let leads = ["--version ", "--version=", "at version "];
    let mut found = leads.into_iter().flat_map(|lead| written_after(text, lead));
    found.find_map(|rest| {
        let version = first_word(rest.trim_start_matches(['"', '\'', '`', '=']));
        let is_version = version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit());
        is_version.then(|| version.replace('+', "_"))
    })
}

/// The text after the options of a command.
fn without_options(text: &str) -> &str {
    let mut rest = text.trim_start();
    while rest.starts_with('-') {
        let (option, after) = rest.split_once(' ').unwrap_or((rest, ""));
        rest = after.trim_start();
        if WITH_VALUE.contains(&option) {
            rest = rest.split_once(' ').map_or("", |(_, after)| after.trim_start());
        }
    }
    rest
}
