//! The client of a log, by the media types that it accepts.

use super::exchanges::{Headers, Log};
use super::groups::Group;
use super::places::Place;
use super::requests::LoggedRequest;
use crate::evidence::{Variant, own_header_is_secret, variant};

/// The maximum number of media types that a client accepts.
const MOST: usize = 40;

/// The media types that a request accepts, without their parameters. A request without the header accepts any (RFC 9110
/// §12.5.1).
pub(super) fn accepted(headers: &Headers) -> Vec<String> {
    let lines = headers.all("accept").flat_map(|line| line.split(','));
    let types = lines.map(|kind| kind.split(';').next().unwrap_or_default().trim());
    // Anything else than a list of types may be anything.
    let is_type = |kind: &&str| !kind.is_empty() && !own_header_is_secret("accept", kind);
    let types: Vec<String> = types.filter(is_type).take(MOST).map(str::to_owned).collect();
    if types.is_empty() { vec!["*/*".to_owned()] } else { types }
}

/// Whether two lists have the same types. Their order has no meaning.
fn is_same(one: &[String], other: &[String]) -> bool {
    one.iter().all(|kind| other.contains(kind)) && other.iter().all(|kind| one.contains(kind))
}

/// The client that an image was requested by.
#[derive(Debug, Clone)]
pub(super) struct Client {
    /// The types that it accepts; empty for those of current clients.
    pub accept: Vec<String>,
}

impl Client {
    /// The client of a group: a current one if any request was a current one's, else that of the last request for the
    /// manifest. People try several headers with curl.
    pub fn of(log: &Log, requests: &[LoggedRequest], group: &Group) -> Self {
        let is_own = |request: &&LoggedRequest| matches!(&request.place, Place::Manifest(_, selector) if *selector == group.selector);
        let own = group.requests.iter().map(|at| &requests[*at]).filter(is_own);
        let tried: Vec<_> = own.map(|request| accepted(&request.first(log).headers)).collect();
        let is_current = |types: &Vec<String>| is_same(types, &current());
        let accept = match tried.iter().any(is_current) {
            true => Vec::new(),
            false => tried.last().cloned().unwrap_or_default(),
        };
        Self { accept }
    }

    /// The variant of a request, if there is one: the client's own, or another one that is known.
    pub fn variant(&self, headers: &Headers) -> Option<Variant> {
        let types = accepted(headers);
        if is_same(&types, &self.types()) {
            return Some(self.own());
        }
        if headers.all("accept").next().is_none() {
            return Variant::twelve().into_iter().find(|one| one.id() == variant::NONE);
        }
        let is_it = |variant: &Variant| {
            let accept: Vec<_> = variant.accept().iter().flat_map(|line| line.split(", ")).map(str::to_owned).collect();
            !accept.is_empty() && is_same(&accept, &types)
        };
        Variant::twelve().into_iter().find(is_it)
    }

    /// The client's own variant.
    pub fn own(&self) -> Variant {
        if self.accept.is_empty() { Variant::current() } else { Variant::asked(&self.accept) }
    }

    fn types(&self) -> Vec<String> {
        if self.accept.is_empty() { current() } else { self.accept.clone() }
    }
}

fn current() -> Vec<String> {
    let twelve = Variant::twelve().into_iter().find(|one| one.id() == variant::ALL);
    twelve.iter().flat_map(Variant::accept).flat_map(|line| line.split(", ")).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[&str]) -> Headers {
        let mut headers = Headers::default();
        lines.iter().for_each(|line| headers.push("Accept", line));
        headers
    }

    #[test]
    fn types_are_read_from_all_lines_and_what_is_no_type_is_not() {
        assert_eq!(accepted(&headers(&["a/b", "application/json;q=0.5, */*"])), ["application/json", "*/*"]);
        assert_eq!(accepted(&headers(&["application/json", "hunter2, CANARY"])), ["application/json"]);
        assert_eq!(accepted(&headers(&[])), ["*/*"]);
    }

    /// containerd 1.6 and later accept the current types, and anything else as well.
    #[test]
    fn variant_is_known_by_its_types_in_any_order() {
        let client = Client { accept: vec!["*/*".to_owned()] };
        let mut types = current();
        types.reverse();
        assert_eq!(client.variant(&headers(&[&types.join(",")])).unwrap().id(), "all");
        assert_eq!(client.variant(&headers(&[])).unwrap().id(), "asked");
        assert_eq!(Client { accept: Vec::new() }.variant(&headers(&[])).unwrap().id(), "none");
        assert_eq!(Client { accept: Vec::new() }.variant(&headers(&["*/*"])).unwrap().id(), "any");
        types.push("*/*".to_owned());
        assert_eq!(client.variant(&headers(&[&types.join(",")])), None);
        assert_eq!(Client { accept: types.clone() }.variant(&headers(&[&types.join(", ")])).unwrap().id(), "asked");
    }
}
