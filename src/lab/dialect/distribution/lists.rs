//! The tags of a repository, and the repositories of a registry.
//!
//! From distribution's `registry/handlers/tags.go` and `catalog.go`, and recordings: 2.8 lists all tags without
//! pagination; 3 paginates both lists, and links to another page whenever a page is full.

use serde_json::{Value, json};
use url::form_urlencoded::Serializer;

use super::{Answer, Distribution, Generation};
use crate::lab::host::Visit;

/// The largest and the default page of repositories (default configuration).
const MOST_REPOSITORIES: i64 = 1000;
const REPOSITORIES: i64 = 100;

impl Distribution {
    pub(super) fn tags(&self, visit: &Visit<'_>, name: &str) -> Answer {
        let asked = visit.request.parameter("n").filter(|_| self.generation == Generation::Three);
        let page = match asked.as_deref() {
            None | Some("") => None,
            Some(text) => match text.parse::<i64>() {
                Ok(page) if page >= 0 => Some(page),
                other => return self.invalid_page(json!(other.unwrap_or_default())),
            },
        };
        if page == Some(0) {
            return self.list(json!({ "name": name, "tags": [] }));
        }
        let store = self.store(visit).filter(|_| self.can_read(visit, name));
        let repository = store.and_then(|store| store.repository(name)).filter(|found| !found.tags.is_empty());
        let Some(repository) = repository else {
            let detail = json!({ "name": name });
            return self.error(404, "NAME_UNKNOWN", "repository name not known to registry", Some(detail));
        };
        let last = match self.generation {
            Generation::Two => None,
            Generation::Three => visit.request.parameter("last"),
        };
        let (tags, full) = page_of(repository.tags.keys(), last.as_deref(), page);
        // Go serializes a nil slice as null.
        let listed = if tags.is_empty() { Value::Null } else { json!(tags) };
        let answer = self.list(json!({ "name": name, "tags": listed }));
        if full { answer.header("Link", next(visit, page, tags.last())) } else { answer }
    }

    pub(super) fn catalog(&self, visit: &Visit<'_>) -> Answer {
        let asked = visit.request.parameter("n").unwrap_or_default();
        let number = asked.parse::<i64>().ok();
        let page = match (number, self.generation) {
            (Some(number), _) if number > MOST_REPOSITORIES => return self.invalid_page(json!(number)),
            (Some(number), _) if number >= 0 => number,
            (None, _) if asked.is_empty() => REPOSITORIES,
            (_, Generation::Two) => REPOSITORIES,
            (_, Generation::Three) => return self.invalid_page(json!(asked)),
        };
        if page == 0 {
            return self.list(json!({ "repositories": [] }));
        }
        let last = visit.request.parameter("last");
        // A repository is found by its directory of blobs, so one without blobs is skipped
        // (`registry/storage/catalog.go`).
        let all = self.store(visit).into_iter().flat_map(|store| &store.repositories);
        let all = all.filter(|(_, repository)| !repository.blobs.is_empty()).map(|(name, _)| name);
        let all: Vec<_> = all.filter(|name| self.can_read(visit, name)).collect();
        let (names, full) = page_of(all.iter().copied(), last.as_deref(), Some(page));
        let is_last = all.last() == names.last();
        let answer = self.list(json!({ "repositories": names }));
        match self.generation {
            Generation::Two if is_last => answer,
            _ if full => answer.header("Link", next(visit, Some(page), names.last())),
            _ => answer,
        }
    }

    fn list(&self, body: Value) -> Answer {
        self.json(200, format!("{body}\n"))
    }

    fn invalid_page(&self, number: Value) -> Answer {
        let detail = json!({ "n": number });
        self.error(400, "PAGINATION_NUMBER_INVALID", "invalid number of results requested", Some(detail))
    }
}

/// The names after the last one, and `true` if the page is full.
fn page_of<'a>(
    all: impl Iterator<Item = &'a String>,
    last: Option<&str>,
    page: Option<i64>,
) -> (Vec<&'a String>, bool) {
    let after = all.filter(|name| last.is_none_or(|last| name.as_str() > last));
    let Some(page) = page else { return (after.collect(), false) };
    let page = usize::try_from(page).unwrap_or_default();
    let found: Vec<_> = after.take(page).collect();
    let full = found.len() == page;
    (found, full)
}

/// The link to the next page: the requested path with another query.
fn next(visit: &Visit<'_>, page: Option<i64>, last: Option<&&String>) -> String {
    let mut query = Serializer::new(String::new());
    query.append_pair("last", last.map_or("", |last| last.as_str()));
    query.append_pair("n", &page.unwrap_or_default().to_string());
    format!("<{}?{}>; rel=\"next\"", visit.request.path, query.finish())
}
