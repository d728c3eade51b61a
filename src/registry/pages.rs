//! Finds the next page of a list.

use url::{Position, Url};

use crate::evidence::Exchange;
use crate::oci::Origin;

/// The page after an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NextPage {
    /// The answer names no next page.
    None,
    /// As a [`Query::Page`](crate::evidence::Query::Page) names it.
    At(String),
    /// The answer names one that is not fetched: it is on another origin, or its address is invalid.
    NotFollowed,
}

impl NextPage {
    /// The page after this answer, for a registry on the origin of `base`.
    pub(super) fn after(exchange: &Exchange, base: &Url) -> Self {
        match next_page(exchange) {
            Some(next) if Origin::of(&next) == Origin::of(base) => Self::At(next[Position::BeforePath..].to_owned()),
            Some(next) => Self::At(next.into()),
            None if names_another(exchange) => Self::NotFollowed,
            None => Self::None,
        }
    }
}

/// The address of a page, as a [`Query::Page`](crate::evidence::Query::Page) names it. `None` if it is invalid.
pub(super) fn address(base: &Url, next: &str) -> Option<Url> {
    if !next.starts_with('/') {
        return Url::parse(next).ok();
    }
    // A path may begin with two slashes, which would name a host in a relative reference.
    let mut url = base.clone();
    let (path, query) = next.split_once('?').map_or((next, None), |(path, query)| (path, Some(query)));
    url.set_path(path);
    url.set_query(query);
    Some(url)
}

/// The address of the next page, if the answer names one in a `Link` header with `rel="next"` (RFC 8288;
/// distribution-spec, listing tags).
///
/// It is resolved against the request's address, and followed on the same origin only: registries behind a reverse
/// proxy name hosts that only they know, and credentials would be sent there.
pub(super) fn next_page(exchange: &Exchange) -> Option<Url> {
    let response = exchange.response.as_ref().filter(|response| response.status == 200)?;
    let asked = &exchange.request.url;
    let links = response.all("link").flat_map(|value| links(value.as_str()));
    let mut next = links.filter(|link| link.is_next).filter_map(|link| asked.join(link.target).ok());
    let mut next = next.find(|url| Origin::of(url) == Origin::of(asked))?;
    // A fragment selects a part of the page, and is never sent.
    next.set_fragment(None);
    Some(next)
}

/// Whether an answer has a link to a next page that [`next_page`] does not follow, or an invalid one.
fn names_another(exchange: &Exchange) -> bool {
    let response = exchange.response.as_ref().filter(|response| response.status == 200);
    let mut values = response.into_iter().flat_map(|response| response.all("link")).map(|value| value.as_str());
    values.any(|value| {
        let links = links(value);
        links.is_empty() && !value.trim().is_empty() || links.iter().any(|link| link.is_next)
    })
}

/// One link of a `Link` header.
struct Link<'a> {
    target: &'a str,
    is_next: bool,
}

/// The links of a header (RFC 8288 §3), with or without the opening bracket of the first. Commas and semicolons in
/// brackets and in quotation marks are not separators.
fn links(value: &str) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    let mut rest = value.trim_start();
    while let Some((target, after)) = rest.trim_start_matches('<').split_once('>') {
        let end = first_outside_quotes(after, ',');
        links.push(Link { target: target.trim(), is_next: is_next(&after[..end]) });
        rest = after[end..].trim_start_matches(',').trim_start();
    }
    links
}

/// Whether the first `rel` among these parameters has the relation `next` (RFC 8288 §3.3: several relations in one value,
/// in any case; every `rel` after the first is ignored).
fn is_next(parameters: &str) -> bool {
    let mut rest = parameters;
    while !rest.is_empty() {
        let end = first_outside_quotes(rest, ';');
        let (name, value) = rest[..end].split_once('=').unwrap_or((&rest[..end], ""));
        if name.trim().eq_ignore_ascii_case("rel") {
            let relations = value.trim().trim_matches('"');
            return relations.split_ascii_whitespace().any(|relation| relation.eq_ignore_ascii_case("next"));
        }
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    false
}

/// The first position of a character outside of quotation marks; the length of the text if there is none.
fn first_outside_quotes(text: &str, wanted: char) -> usize {
    let mut is_quoted = false;
    let found = text.char_indices().find(|(_, character)| {
        is_quoted ^= *character == '"';
        !is_quoted && *character == wanted
    });
    found.map_or(text.len(), |(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::answered;

    const ASKED: &str = "https://r.test/v2/a/b/tags/list?n=2";

    fn next(link: &str) -> Option<String> {
        next_page(&answered(ASKED, 200, &[("link", link)], "{}")).map(Into::into)
    }

    fn after(asked: &str, link: &str) -> NextPage {
        NextPage::after(&answered(asked, 200, &[("link", link)], "{}"), &"https://r.test/".parse().unwrap())
    }

    #[test]
    fn the_next_page_is_found_in_the_forms_that_registries_use() {
        for (link, page) in [
            // CNCF distribution, Docker Hub, Quay
            (r#"</v2/a/b/tags/list?last=x&n=2>; rel="next""#, "https://r.test/v2/a/b/tags/list?last=x&n=2"),
            (r#"<https://r.test/v2/a/b/tags/list?last=x>; rel=next"#, "https://r.test/v2/a/b/tags/list?last=x"),
            (r#"</first>; rel="first",</second>; rel="next""#, "https://r.test/second"),
            // RFC 8288
            (r#"</first>; rel="prev", </second>; rel="next""#, "https://r.test/second"),
            (r#"</one>; rel="next"; title="a, b; rel=prev", </two>; rel="last""#, "https://r.test/one"),
            (r#"</v2/_catalog?last=a,b;c>; REL="start NEXT""#, "https://r.test/v2/_catalog?last=a,b;c"),
            (r#"<?last=y>;rel = next ; rel="prev""#, "https://r.test/v2/a/b/tags/list?last=y"),
            (r#"</two>; title=";"; rel=next#"#, "https://r.test/two"),
        ] {
            let link = link.trim_end_matches('#');
            assert_eq!(next(link).as_deref(), Some(page), "{link}");
        }
    }

    #[test]
    fn link_to_another_origin_or_to_none_is_not_followed() {
        for link in [
            r#"<https://internal.test/v2/a/b/tags/list?last=x>; rel="next""#,
            r#"<http://r.test/v2/a/b/tags/list?last=x>; rel="next""#,
            r#"</v2/a/b/tags/list?last=x>; rel="previous""#,
            r#"</a>; rel="prev"; rel="next""#,
            r#"</a>; title="; rel=next""#,
            r#"</a>; rel="prev", </b>"#,
            "nonsense",
            "",
        ] {
            assert_eq!(next(link), None, "{link}");
        }
    }

    #[test]
    fn page_is_named_by_its_path_on_the_registry_and_in_full_elsewhere() {
        let elsewhere = "https://mirror.test/v2/a/tags/list";
        for (asked, link, expected) in [
            (ASKED, "</v2/a/b/tags/list?last=x>; rel=next", "/v2/a/b/tags/list?last=x"),
            (ASKED, "<https://r.test:443/v2/c#d>; rel=next", "/v2/c"),
            (ASKED, "<https://r.test//evil.test/v2/>; rel=next", "//evil.test/v2/"),
            (elsewhere, "<list?last=%2F>; rel=next", "https://mirror.test/v2/a/tags/list?last=%2F"),
        ] {
            assert_eq!(after(asked, link), NextPage::At(expected.to_owned()), "{link}");
            // It resolves to the target of the link.
            let url = address(&"https://r.test/".parse().unwrap(), expected).unwrap();
            assert_eq!(Origin::of(&url), Origin::of(&asked.parse().unwrap()), "{link}");
            assert!(url.as_str().ends_with(expected), "{url}");
        }
        for (link, expected) in [
            ("<https://evil.test/v2/>; rel=next", NextPage::NotFollowed),
            ("</a>; rel=last, <//evil.test/v2/>; rel=next", NextPage::NotFollowed),
            ("nonsense", NextPage::NotFollowed),
            ("</a>; rel=last", NextPage::None),
            ("", NextPage::None),
        ] {
            assert_eq!(after(ASKED, link), expected, "{link}");
        }
    }

    proptest::proptest! {
        #[test]
        fn link_of_any_form_is_read(value in "[<>;,=\" a-z/?é]{0,60}") {
            let _ = (next(&value), after(ASKED, &value));
        }
    }
}
