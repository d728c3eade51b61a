//! Causes that the URL in a message shows by itself: a host in the path of another, an official image without its
//! namespace, a mirror, a registry that was shut down.

use super::cause::Recognized;
use super::holds_no_secret;
use super::image::{Asked, Named, asked_hosts, hub_addresses};
use super::reading::Pasted;
use crate::knowledge::{AtFault, moved};
use crate::oci::{Host, Reference};

/// The maximum number of words that are searched for the host of a mirror.
const MOST_WORDS: usize = 400;

/// Puts the rules first that the URLs in a message show, and returns the mirror that was contacted.
pub(super) fn read_signs(text: &Pasted, image: Option<&Named>, found: &mut Recognized) -> Option<Host> {
    if found.fault == AtFault::Client && found.rules.is_empty() {
        return None;
    }
    let is_refusal = matches!(found.fault, AtFault::Name | AtFault::Login | AtFault::Unclear);
    if is_refusal {
        let (is_doubled, is_bare) = hub_addresses(text);
        if is_bare {
            put_first(found, "library-prefix-missing");
        }
        if is_doubled {
            put_first(found, "host-duplicated-in-repository");
            found.fault = AtFault::Name;
            // The contacted host is the fault itself.
            return None;
        }
        if let Some(moved) = image.and_then(|image| moved(&image.reference)) {
            put_first(found, &moved.rule);
        }
    }
    let mirror = mirror(&asked_hosts(text), image).filter(|host| holds_no_secret(host.name(), &['.']));
    if is_refusal || matches!(found.fault, AtFault::Network | AtFault::Registry) {
        let hosts =
            text.plain().split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-')).take(MOST_WORDS);
        let hosts = hosts.filter(|word| word.contains('.') && word.len() < 100);
        let is_dead = |host: &str| {
            let place = Reference::parse(&format!("{host}/library/x")).ok();
            place.and_then(|place| moved(&place)).is_some_and(|moved| moved.rule == "dead-mirror")
        };
        if hosts.map(|host| host.trim_matches('.')).any(is_dead) {
            put_first(found, "dead-mirror");
        }
    }
    mirror
}

/// The host that was contacted instead of the image's registry.
fn mirror(asked: &[Asked], image: Option<&Named>) -> Option<Host> {
    if let Some(asked) = asked.iter().find(|asked| asked.of.as_ref().is_some_and(|of| !same(of, &asked.host))) {
        return Some(asked.host.clone());
    }
    let registry = image?.reference.registry();
    let is_own = asked.iter().any(|asked| same(&asked.host, registry));
    asked.iter().find(|asked| !is_own && !same(&asked.host, registry)).map(|asked| asked.host.clone())
}

/// Returns `true` if two names mean the same registry: Docker Hub has several, and port 443 is the default.
fn same(one: &Host, other: &Host) -> bool {
    let port = |host: &Host| host.port().filter(|port| *port != 443);
    one.canonical() == other.canonical() || (one.name().eq_ignore_ascii_case(other.name()) && port(one) == port(other))
}

fn put_first(found: &mut Recognized, rule: &'static str) {
    found.rules.retain(|other| *other != rule);
    found.rules.insert(0, rule);
}
