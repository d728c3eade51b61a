//! Decides whether a redirect is followed, and where to.
//!
//! The caller sends the next request; this module only decides. Credentials are never carried along: they belong to an
//! origin and are attached for it, or not at all.

use std::collections::HashSet;

use url::Url;

use crate::evidence::{Exchange, Failure, FailureKind};
use crate::oci::{Origin, Scheme};

/// The maximum number of redirects of one request.
const HOPS: usize = 10;

/// The redirects of one request so far.
#[derive(Debug, Default)]
pub(crate) struct Redirects {
    seen: HashSet<Url>,
}

/// The next step after an exchange.
#[derive(Debug)]
pub(crate) enum Next {
    /// None: this is the answer.
    Answer,
    /// A request to this address.
    Follow(Url),
    /// A redirect that must not be followed.
    Refuse(Failure),
}

impl Redirects {
    /// Judges an exchange (RFC 9110 §15.4). `303` and the like only matter for methods that are never used here.
    pub(crate) fn after(&mut self, exchange: &Exchange) -> Next {
        let Some(response) = &exchange.response else { return Next::Answer };
        if !matches!(response.status, 301 | 302 | 303 | 307 | 308) {
            return Next::Answer;
        }
        self.seen.insert(exchange.request.url.clone());
        let refuse = |words: &str| Next::Refuse(Failure::new(FailureKind::Redirect, words));
        let locations: Vec<_> = response.all("location").collect();
        let location = match locations[..] {
            [location] => location,
            [] => return refuse("the redirect has no Location header"),
            _ => return refuse("the redirect has several Location headers"),
        };
        let Ok(mut next) = exchange.request.url.join(location.as_str()) else {
            return refuse("the redirect target is not a valid address");
        };
        next.set_fragment(None);
        let (Some(from), Some(to)) = (Origin::of(&exchange.request.url), Origin::of(&next)) else {
            return refuse("the redirect target is neither http nor https");
        };
        if from.scheme() == Scheme::Https && to.scheme() == Scheme::Http {
            return refuse("the redirect goes from https to http, which is not followed");
        }
        if !next.username().is_empty() || next.password().is_some() {
            return refuse("the redirect target contains a user name");
        }
        if self.seen.contains(&next) {
            return refuse("the redirects form a loop");
        }
        if self.seen.len() > HOPS {
            return refuse("there are more than 10 redirects");
        }
        Next::Follow(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::answered;

    /// An answer from `url` that redirects to each of `locations`.
    fn redirect(url: &str, locations: &[&str]) -> Exchange {
        let headers: Vec<_> = locations.iter().map(|location| ("location", *location)).collect();
        answered(url, 307, &headers, "")
    }

    fn refusal(url: &str, locations: &[&str]) -> String {
        match Redirects::default().after(&redirect(url, locations)) {
            Next::Refuse(failure) => failure.message.printable(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_redirect_is_followed_to_where_it_points() {
        for (location, target) in [
            ("/v2/b/manifests/1", "https://r.test/v2/b/manifests/1"),
            ("https://cdn.test/x?sig=1#f", "https://cdn.test/x?sig=1"),
            ("//cdn.test/x", "https://cdn.test/x"),
        ] {
            match Redirects::default().after(&redirect("https://r.test/v2/a/manifests/1", &[location])) {
                Next::Follow(url) => assert_eq!(url.as_str(), target),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn refused_redirect_says_why() {
        let from = "https://r.test/a";
        assert!(refusal(from, &[]).contains("no Location header"));
        assert!(refusal(from, &["/b", "/c"]).contains("several Location headers"));
        assert!(refusal(from, &["http://r.test/b"]).contains("from https to http"));
        assert!(refusal(from, &["https://u:p@r.test/b"]).contains("user name"));
        assert!(refusal(from, &["file:///etc/passwd"]).contains("neither http nor https"));
        assert!(refusal(from, &["https://r.test:99999/"]).contains("not a valid address"));
        assert!(refusal(from, &["/a"]).contains("loop"));
    }

    #[test]
    fn ten_redirects_are_followed_and_no_more() {
        let mut redirects = Redirects::default();
        for hop in 0..HOPS {
            let exchange = redirect(&format!("https://r.test/{hop}"), &[&format!("/{}", hop + 1)]);
            assert!(matches!(redirects.after(&exchange), Next::Follow(_)), "{hop}");
        }
        let last = redirects.after(&redirect("https://r.test/10", &["/11"]));
        assert!(matches!(last, Next::Refuse(_)), "{last:?}");
    }
}
