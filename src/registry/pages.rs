//! Where a list goes on.

use url::Url;

use crate::evidence::Exchange;
use crate::oci::Origin;

/// The address of the next page, where the answer names one in a `Link` header with `rel="next"` (RFC 8288;
/// distribution-spec, listing tags).
///
/// It is read relative to the address that was asked, and followed on the same origin only: registries behind proxies
/// name hosts that only they know, and credentials would be sent there.
pub(super) fn next_page(exchange: &Exchange) -> Option<Url> {
    let response = exchange.response.as_ref().filter(|response| response.status == 200)?;
    let asked = &exchange.request.url;
    let links = response.all("link").flat_map(|value| value.as_str().split(",<"));
    let next = links.filter_map(target_of_next).find_map(|target| asked.join(target).ok())?;
    (Origin::of(&next) == Origin::of(asked)).then_some(next)
}

/// The address in `<address>; rel="next"`, with or without quotation marks and its opening bracket.
fn target_of_next(link: &str) -> Option<&str> {
    let (target, parameters) = link.trim().trim_start_matches('<').split_once('>')?;
    let is_next = |parameter: &str| {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        name.trim().eq_ignore_ascii_case("rel") && value.trim().trim_matches('"').eq_ignore_ascii_case("next")
    };
    parameters.split(';').any(is_next).then_some(target)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::answered;

    fn next(link: &str) -> Option<String> {
        let asked = "https://r.test/v2/a/b/tags/list?n=2";
        next_page(&answered(asked, 200, &[("link", link)], "{}")).map(Into::into)
    }

    #[test]
    fn the_next_page_is_found_in_the_forms_that_registries_use() {
        for (link, page) in [
            // CNCF distribution, Docker Hub, Quay
            (r#"</v2/a/b/tags/list?last=x&n=2>; rel="next""#, "https://r.test/v2/a/b/tags/list?last=x&n=2"),
            (r#"<https://r.test/v2/a/b/tags/list?last=x>; rel=next"#, "https://r.test/v2/a/b/tags/list?last=x"),
            (r#"</first>; rel="first",</second>; rel="next""#, "https://r.test/second"),
        ] {
            assert_eq!(next(link).as_deref(), Some(page), "{link}");
        }
    }

    #[test]
    fn what_leads_elsewhere_or_nowhere_is_not_followed() {
        for link in [
            r#"<https://internal.test/v2/a/b/tags/list?last=x>; rel="next""#,
            r#"<http://r.test/v2/a/b/tags/list?last=x>; rel="next""#,
            r#"</v2/a/b/tags/list?last=x>; rel="previous""#,
            "nonsense",
            "",
        ] {
            assert_eq!(next(link), None, "{link}");
        }
    }
}
