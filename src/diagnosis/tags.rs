//! The tags of the repository, according to its tag list.

mod page;

use self::page::Page;
use super::Case;
use crate::evidence::{Exchange, ExchangeId, Query, Response};
use crate::oci::Reference;

/// The page sizes of registries. A list with exactly this many tags that names no next page was likely truncated (Quay
/// 50, Docker Hub and others 100, CNCF distribution 3 and Amazon ECR 1000).
pub(crate) const PAGE_SIZES: [usize; 4] = [50, 100, 1000, 10_000];

/// The most tags of a list that are read; a repository with more has generated tags.
pub(crate) const MOST_TAGS: usize = 100_000;

/// The known tags of the repository.
#[derive(Debug, Clone)]
pub(crate) enum TagList<'a> {
    /// The list was served.
    Served {
        /// The tags, in the order of the list, without invalid ones.
        tags: Vec<String>,
        /// Whether the list is complete, as far as can be determined.
        complete: bool,
        /// The last page.
        last: ExchangeId,
    },
    /// The list was refused.
    Refused(ExchangeId, &'a Response),
}

/// The tags of the repository. `None` if they were not requested yet, or no answer came.
pub(crate) fn tag_list<'a>(case: &Case<'a>) -> Option<TagList<'a>> {
    read_tag_list(case.reference(), &case.ask_all(Query::Tags)?)
}

/// Reads the pages of a tag list, with the redirects between them. `None` if none of them is a list.
pub(crate) fn read_tag_list<'a>(
    reference: &Reference,
    exchanges: &[(ExchangeId, &'a Exchange)],
) -> Option<TagList<'a>> {
    let pages: Vec<_> = exchanges.iter().filter(|(_, exchange)| exchange.is_success()).collect();
    let (last, exchange) = exchanges.last()?;
    if pages.is_empty() {
        let response = exchange.response.as_ref().filter(|response| response.status >= 400)?;
        return Some(TagList::Refused(*last, response));
    }
    let mut tags = Vec::new();
    let mut unread = 0;
    let mut readable = true;
    for (_, page) in &pages {
        let bytes = page.response.as_ref().map_or(&[][..], |response| &response.body.bytes);
        let is_tag = |name: &str| reference.with_tag(name).is_ok();
        match Page::read(bytes, MOST_TAGS - tags.len(), &is_tag) {
            Some(page) => {
                tags.extend(page.tags);
                unread += page.unread;
            }
            None => readable = false,
        }
    }
    if !readable && tags.is_empty() {
        return None;
    }
    let goes_on = exchange.response.as_ref().is_some_and(|response| response.header("link").is_some());
    let is_cut = goes_on || unread > 0 || PAGE_SIZES.contains(&tags.len());
    let complete = readable && exchange.is_success() && !is_cut;
    Some(TagList::Served { tags, complete, last: *last })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnosis::testing::{Scene, answer, refused, scene};

    fn list(body: &str) -> Scene {
        scene("r.example.com/a/b:1").told(Query::Tags, &[answer(200, "application/json", body)])
    }

    fn served(scene: &Scene) -> (Vec<String>, bool) {
        scene.case(|case| match tag_list(case) {
            Some(TagList::Served { tags, complete, .. }) => (tags, complete),
            other => panic!("{other:?}"),
        })
    }

    #[test]
    fn pages_are_one_list() {
        let pages = [
            answer(200, "application/json", r#"{"tags":["1.0","1.1"]}"#).header("link", "</next>; rel=\"next\""),
            answer(200, "application/json", r#"{"tags":["2.0"]}"#),
        ];
        let scene = scene("r.example.com/a/b:1").told(Query::Tags, &pages);
        assert_eq!(served(&scene), (vec!["1.0".to_owned(), "1.1".to_owned(), "2.0".to_owned()], true));
    }

    #[test]
    fn invalid_tags_are_skipped() {
        assert_eq!(served(&list(r#"{"tags":["ok","\u001b[2J","a/b","",7]}"#)).0, ["ok"]);
        assert_eq!(served(&list(r#"{"tags":null}"#)), (vec![], true));
    }

    #[test]
    fn list_of_exactly_one_page_may_be_truncated() {
        let fifty: Vec<_> = (0..50).map(|number| format!("\"v{number}\"")).collect();
        assert!(!served(&list(&format!(r#"{{"tags":[{}]}}"#, fifty.join(",")))).1);
        let more = answer(200, "application/json", r#"{"tags":["a"]}"#).header("link", "</next>; rel=\"next\"");
        assert!(!served(&scene("r.example.com/a/b:1").told(Query::Tags, &[more])).1);
    }

    #[test]
    fn of_more_tags_than_are_read_the_first_are() {
        for (pages, read, is_whole) in
            [(&[99_999][..], 99_999, true), (&[100_001], 100_000, false), (&[60_000, 60_000], 100_000, false)]
        {
            let page = |(number, &tags): (usize, &usize)| {
                let names: Vec<_> = (0..tags).map(|at| format!("\"v{number}.{at}\"")).collect();
                answer(200, "application/json", &format!(r#"{{"tags":[{}]}}"#, names.join(",")))
            };
            let pages: Vec<_> = pages.iter().enumerate().map(page).collect();
            let scene = scene("r.example.com/a/b:1").told(Query::Tags, &pages);
            scene.case(|case| match tag_list(case) {
                Some(TagList::Served { tags, complete, .. }) => {
                    assert_eq!((tags.len(), complete), (read, is_whole));
                }
                other => panic!("{other:?}"),
            });
        }
    }

    #[test]
    fn refusal_is_not_a_list() {
        let scene = scene("r.example.com/a/b:1").told(Query::Tags, &[refused(403, "{}")]);
        assert!(
            scene.case(|case| matches!(tag_list(case), Some(TagList::Refused(_, response)) if response.status == 403))
        );
        assert!(list("<html>").case(|case| tag_list(case).is_none()));
    }
}
