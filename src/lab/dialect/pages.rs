//! Pagination of tags and repositories, as specified (distribution-spec, "Listing Tags"): the names after `last`, at
//! most `n`. Without `n` all names are on one page here; distribution and Quay differ and have their own code.

use url::form_urlencoded::Serializer;

use crate::lab::wire::IncomingRequest;

/// A page of names.
pub(super) struct Page<'a> {
    /// The names on it.
    pub names: Vec<&'a String>,
    /// The query of the next page, if any: `last=…&n=…`.
    pub next: Option<String>,
}

/// The requested page of these names, which are sorted.
pub(super) fn page<'a>(names: impl Iterator<Item = &'a String>, request: &IncomingRequest) -> Page<'a> {
    let last = request.parameter("last");
    let mut left = names.filter(|name| last.as_ref().is_none_or(|last| *name > last)).peekable();
    let number = request.parameter("n").and_then(|n| n.parse::<usize>().ok());
    let names: Vec<_> = left.by_ref().take(number.unwrap_or(usize::MAX)).collect();
    let next = names.last().zip(number).filter(|_| left.peek().is_some()).map(|(last, number)| {
        let mut query = Serializer::new(String::new());
        query.append_pair("last", last).append_pair("n", &number.to_string()).finish()
    });
    Page { names, next }
}

#[cfg(test)]
mod tests {
    use crate::lab::testing::with_hosts;

    const HOST: &str = "\n[[host]]\nname = \"r.example\"\nrepositories.\"a/b\" = { 1 = \"oci-image\", 2 = \"oci-image\", \
                        3 = \"oci-image\" }\naccounts = { example = \"example\" }\ndialect = ";

    /// The pages of a dialect, two tags at a time: the tags and the link.
    fn pages(dialect: &str, headers: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
        let lab = with_hosts(&format!("{HOST}\"{dialect}\""));
        let page = |query: &str| {
            let answer = lab.to(&format!("GET https://r.example/v2/a/b/tags/list?{query}"), headers);
            let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
            (body["tags"].to_string(), answer.get("link").map(str::to_owned))
        };
        ["n=2", "last=2&n=2", ""].map(page).into()
    }

    /// Azure's documentation of `_catalog`: `Link: </v2/_catalog?last=…&n=2&orderby=>; rel="next"`.
    #[test]
    fn azure_adds_an_order_to_its_links() {
        // example:example
        let account = [("Authorization", "Basic ZXhhbXBsZTpleGFtcGxl")];
        let link = "</v2/a/b/tags/list?last=2&n=2&orderby=>; rel=\"next\"".to_owned();
        assert_eq!(
            pages("acr", &account),
            [
                ("[\"1\",\"2\"]".to_owned(), Some(link)),
                ("[\"3\"]".to_owned(), None),
                ("[\"1\",\"2\",\"3\"]".to_owned(), None)
            ]
        );
    }

    /// goharbor/harbor `src/server/registry/tag.go`.
    #[test]
    fn harbor_paginates_on_request() {
        let lab = with_hosts(&format!("{HOST}\"harbor\""));
        let token = lab.token_for("harbor-registry", "https://r.example/service/token", "a/b");
        let link = "</v2/a/b/tags/list?last=2&n=2>; rel=\"next\"".to_owned();
        let pages = pages("harbor", &[("Authorization", &token)]);
        assert_eq!(pages[0], ("[\"1\",\"2\"]".to_owned(), Some(link)));
        assert_eq!(pages[1], ("[\"3\"]".to_owned(), None));
    }
}
