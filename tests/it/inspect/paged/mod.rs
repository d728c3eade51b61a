//! Lists of many pages: followed to their end, written as they come, narrowed, and cut where a bound or the registry ends them.

mod catalog;
mod ends;
mod narrowed;
mod streams;

use serde_json::json;

use crate::support::hostile::{Server, answer};
use crate::support::ociscope::{Run, ociscope};

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

/// The digest of no bytes at all.
const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// One page of tags; `next` is the address of the one after it.
fn page(tags: &[&str], next: Option<&str>) -> Vec<u8> {
    page_of("tags", &json!(tags), next)
}

/// One page of the list in a field.
fn page_of(field: &str, entries: &serde_json::Value, next: Option<&str>) -> Vec<u8> {
    let link = next.map(|next| format!("<{next}>; rel=\"next\""));
    let link: Vec<_> = link.iter().map(|link| ("Link", link.as_str())).collect();
    answer("200 OK", &[JSON, &link].concat(), json!({ field: entries }).to_string())
}

/// The number of the page that a request is for, from 0.
fn number(path: &str) -> usize {
    path.split_once("last=").map_or(0, |(_, number)| number.parse().expect("the number of a page"))
}

/// A registry that has these names on each of its pages.
fn pages(field: &'static str, pages: Vec<Vec<String>>) -> Server {
    Server::answering(move |sent| {
        let at = number(&sent.path);
        let path = sent.path.split('?').next().unwrap_or_default();
        let next = (at + 1 < pages.len()).then(|| format!("{path}?last={}", at + 1));
        page_of(field, &json!(pages[at]), next.as_deref())
    })
}

/// So many pages of so many tags, each with its own name.
fn numbered(count: usize, length: usize) -> Vec<Vec<String>> {
    (0..count).map(|page| (0..length).map(|at| format!("t{page}.{at}")).collect()).collect()
}

fn tags(server: &Server, options: &[&str]) -> Run {
    ociscope(&[&["tags"], options, &[&format!("{}/team/app", server.origin("http"))]].concat()).run()
}
