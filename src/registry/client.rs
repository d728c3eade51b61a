//! Requests for manifests, blobs and lists of one repository, with authorization for the registry's own origin.

use http::header::{ACCEPT, AUTHORIZATION, HeaderName, RANGE};
use url::Url;

use super::pages::{address, next_page};
use super::redirects::{Next, Redirects};
use crate::auth::Grant;
use crate::evidence::{
    Exchange, ListOf, Method, Purpose, Query, SecretKind, Shape, Variant, Withheld, own_header_is_secret,
};
use crate::oci::media_type::{self, JSON};
use crate::oci::{Digest, Origin};
use crate::text::Secret;
use crate::transport::{Ask, BodyLimit, HeaderText, Reach, Transport};

/// The repository of a request, on the origin that answers for its registry.
#[derive(Debug, Clone)]
pub struct Target {
    /// The base URL, such as `https://registry-1.docker.io/`.
    pub base: Url,
    /// The repository; the reference grammar guarantees that it is safe in a path.
    pub repository: String,
    /// The tag or digest.
    pub selector: String,
    /// Headers of the user's own; they belong to the registry's origin, as credentials do.
    pub headers: Vec<(HeaderName, Secret)>,
}

impl Target {
    /// Another repository of the same registry, at this tag or digest.
    #[must_use]
    pub fn at(&self, repository: &str, selector: &str) -> Self {
        Self { repository: repository.to_owned(), selector: selector.to_owned(), ..self.clone() }
    }

    /// The origin that credentials and the user's headers are sent to.
    pub fn origin(&self) -> Option<Origin> {
        Origin::of(&self.base)
    }

    fn url(&self, family: &str, selector: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(&format!("/v2/{}/{family}/{selector}", self.repository));
        url
    }
}

/// Sends requests to one repository.
pub struct RegistryClient<'a> {
    /// The transport.
    pub transport: &'a Transport,
    /// The target of the requests.
    pub target: Target,
}

/// A pending request, independent of the address that finally answers it.
struct PendingRequest<'a> {
    purpose: Purpose,
    method: Method,
    headers: &'a [(HeaderName, HeaderText)],
    grant: Option<&'a Grant>,
    body: BodyLimit,
}

/// The maximum number of pages of a list that are fetched.
const PAGES: usize = 10;
/// The maximum number of bytes of a list that are kept for rules: once its pages exceed it together, no other page is
/// fetched.
const LIST_BYTES: u64 = 8 << 20;

/// How many names are requested per page: the maximum of CNCF distribution 3 and Amazon ECR.
const NAMES_A_PAGE: usize = 1000;

impl RegistryClient<'_> {
    /// Requests the manifest (distribution-spec, pulling manifests) and follows redirects. The last exchange is the
    /// answer.
    pub async fn manifest(&self, method: Method, variant: &Variant, grant: Option<&Grant>) -> Vec<Exchange> {
        let url = self.target.url("manifests", &self.target.selector);
        let accept_headers: Vec<_> =
            variant.accept().iter().map(|line| (ACCEPT, HeaderText::Plain(line.clone()))).collect();
        let purpose = Purpose::Manifest(variant.id());
        let pending = PendingRequest { purpose, method, headers: &accept_headers, grant, body: BodyLimit::MANIFEST };
        self.follow(&pending, url).await
    }

    /// Requests the manifest with this `Accept` header, for a purpose other than the run's main one.
    pub async fn again(&self, purpose: Purpose, method: Method, accept: &str, grant: Option<&Grant>) -> Vec<Exchange> {
        let url = self.target.url("manifests", &self.target.selector);
        self.fetch(purpose, method, url, accept, BodyLimit::MANIFEST, grant).await
    }

    /// Requests the document of a tag by its digest, with this `Accept` header.
    pub async fn by_digest(
        &self,
        digest: &Digest,
        method: Method,
        accept: &str,
        grant: Option<&Grant>,
    ) -> Vec<Exchange> {
        let url = self.target.url("manifests", &digest.to_string());
        self.fetch(Purpose::Digest, method, url, accept, BodyLimit::MANIFEST, grant).await
    }

    /// Requests a digest at `/manifests/`, as a current client does for an entry of an index.
    pub async fn child(&self, digest: &Digest, method: Method, grant: Option<&Grant>) -> Vec<Exchange> {
        let url = self.target.url("manifests", &digest.to_string());
        self.fetch(Purpose::Child, method, url, &media_type::CURRENT.join(", "), BodyLimit::MANIFEST, grant).await
    }

    /// Fetches a config (distribution-spec, pulling blobs), which is stored as a blob.
    async fn config(&self, digest: &Digest, grant: Option<&Grant>) -> Vec<Exchange> {
        let url = self.target.url("blobs", &digest.to_string());
        self.fetch(Purpose::Config, Method::Get, url, "*/*", BodyLimit::MANIFEST, grant).await
    }

    /// Fetches the first bytes of a layer. A server without range support sends all of it; then the connection is
    /// closed when enough has arrived.
    async fn layer(&self, digest: &Digest, grant: Option<&Grant>) -> Vec<Exchange> {
        let url = self.target.url("blobs", &digest.to_string());
        let headers = [
            (ACCEPT, HeaderText::Plain("*/*".to_owned())),
            (RANGE, HeaderText::Plain(format!("bytes=0-{}", BodyLimit::BEGINNING.kept - 1))),
        ];
        let body = BodyLimit::BEGINNING;
        let pending = PendingRequest { purpose: Purpose::Layer, method: Method::Get, headers: &headers, grant, body };
        self.follow(&pending, url).await
    }

    /// Fetches a small layer, within [`BodyLimit::small_layer`].
    async fn small_layer(&self, digest: &Digest, most: u64, grant: Option<&Grant>) -> Vec<Exchange> {
        let url = self.target.url("blobs", &digest.to_string());
        self.fetch(Purpose::Layer, Method::Get, url, "*/*", BodyLimit::small_layer(most), grant).await
    }

    /// Answers a query about the config or a layer of an image; `None` for other queries.
    pub async fn part(&self, query: &Query, grant: Option<&Grant>) -> Option<Vec<Exchange>> {
        Some(match query {
            Query::HasBlob(digest) | Query::LayerPresence(digest) => vec![self.has_blob(digest, grant).await],
            Query::Config(digest) => self.config(digest, grant).await,
            Query::Layer(digest) => self.layer(digest, grant).await,
            Query::SmallLayer(digest, most) => self.small_layer(digest, *most, grant).await,
            _ => return None,
        })
    }

    /// Fetches a blob (distribution-spec, pulling blobs), up to 64 MiB.
    pub async fn blob(&self, digest: &Digest, grant: Option<&Grant>) -> Vec<Exchange> {
        let url = self.target.url("blobs", &digest.to_string());
        self.fetch(Purpose::Blob, Method::Get, url, "*/*", BodyLimit::BLOB, grant).await
    }

    /// Requests any path of the registry, with its query.
    pub async fn path(&self, method: Method, path: &str, accept: &[String], grant: Option<&Grant>) -> Vec<Exchange> {
        let mut url = self.target.base.clone();
        let (path, query) = path.split_once('?').map_or((path, None), |(path, query)| (path, Some(query)));
        url.set_path(path);
        url.set_query(query);
        let any = ["*/*".to_owned()];
        let lines = if accept.is_empty() { &any } else { accept };
        let headers: Vec<_> = lines.iter().map(|line| (ACCEPT, HeaderText::Plain(line.clone()))).collect();
        let pending =
            PendingRequest { purpose: Purpose::Other, method, headers: &headers, grant, body: BodyLimit::MANIFEST };
        self.follow(&pending, url).await
    }

    /// Requests the referrers of a manifest, page by page (distribution-spec 1.1, listing referrers); see
    /// [`RegistryClient::tags`].
    pub async fn referrers(&self, digest: &Digest, grant: Option<&Grant>) -> Vec<Exchange> {
        let url = self.target.url("referrers", &digest.to_string());
        self.pages(Purpose::Referrers, url, media_type::OCI_INDEX, grant).await
    }

    /// Requests the base of the API (distribution-spec, determining support), without credentials; redirects are
    /// followed.
    pub async fn ping(&self) -> Vec<Exchange> {
        let mut url = self.target.base.clone();
        url.set_path("/v2/");
        let headers = [(ACCEPT, HeaderText::Plain("*/*".to_owned()))];
        let (purpose, body) = (Purpose::Ping, BodyLimit::TOKEN);
        let pending = PendingRequest { purpose, method: Method::Get, headers: &headers, grant: None, body };
        self.follow(&pending, url).await
    }

    /// Tests whether the host is a first-generation registry: `GET /v1/_ping` of docker-registry 0.x, whose answer is
    /// `true`. Redirects are not followed.
    pub async fn first_generation(&self) -> Exchange {
        let mut url = self.target.base.clone();
        url.set_path("/v1/_ping");
        let headers = [(ACCEPT, HeaderText::Plain(JSON.to_owned()))];
        let (purpose, body) = (Purpose::Comparison, BodyLimit::TOKEN);
        let pending = PendingRequest { purpose, method: Method::Get, headers: &headers, grant: None, body };
        self.transport.send(self.ask(&pending, url, Reach::Anywhere)).await
    }

    /// Fetches the tags, page by page (distribution-spec, listing tags): at most ten pages and [`LIST_BYTES`], each
    /// page an exchange with the redirects before it. The `Link` header of the last page says whether there are more.
    pub async fn tags(&self, grant: Option<&Grant>) -> Vec<Exchange> {
        let mut url = self.target.url("tags", "list");
        url.set_query(Some(&format!("n={NAMES_A_PAGE}")));
        self.pages(Purpose::Tags, url, JSON, grant).await
    }

    /// The address of a page of a list, as [`Query::Page`] names it; the first page without a name. `None` if the name
    /// is not a valid address.
    pub fn page_address(&self, list: &ListOf, next: Option<&str>) -> Option<Url> {
        if let Some(next) = next {
            return address(&self.target.base, next);
        }
        let mut url = match list {
            ListOf::Tags => self.target.url("tags", "list"),
            ListOf::Referrers(digest) => return Some(self.target.url("referrers", &digest.to_string())),
            ListOf::Repositories => self.target.base.clone(),
        };
        if *list == ListOf::Repositories {
            url.set_path("/v2/_catalog");
        }
        url.set_query(Some(&format!("n={NAMES_A_PAGE}")));
        Some(url)
    }

    /// Fetches one page of a list and follows redirects. `reach` limits pages that are not on the registry's own
    /// origin.
    pub async fn page(&self, list: &ListOf, url: Url, reach: Reach, grant: Option<&Grant>) -> Vec<Exchange> {
        let accept = if matches!(list, ListOf::Referrers(_)) { media_type::OCI_INDEX } else { JSON };
        let headers = [(ACCEPT, HeaderText::Plain(accept.to_owned()))];
        let purpose = Query::Page(list.clone(), None).purpose();
        let pending = PendingRequest { purpose, method: Method::Get, headers: &headers, grant, body: BodyLimit::LIST };
        self.follow_within(reach, &pending, url).await
    }

    async fn pages(&self, purpose: Purpose, mut url: Url, accept: &str, grant: Option<&Grant>) -> Vec<Exchange> {
        let mut exchanges: Vec<Exchange> = Vec::new();
        for _ in 0..PAGES {
            exchanges.extend(self.fetch(purpose, Method::Get, url.clone(), accept, BodyLimit::MANIFEST, grant).await);
            let kept = exchanges.iter().filter_map(|exchange| exchange.response.as_ref());
            let is_long = kept.map(|response| response.body.bytes.len() as u64).sum::<u64>() >= LIST_BYTES;
            match exchanges.last().and_then(next_page).filter(|next| *next != url) {
                Some(next) if !is_long && !self.transport.is_stopped() => url = next,
                _ => break,
            }
        }
        exchanges
    }

    async fn fetch(
        &self,
        purpose: Purpose,
        method: Method,
        url: Url,
        accept: &str,
        body: BodyLimit,
        grant: Option<&Grant>,
    ) -> Vec<Exchange> {
        let headers = [(ACCEPT, HeaderText::Plain(accept.to_owned()))];
        self.follow(&PendingRequest { purpose, method, headers: &headers, grant, body }, url).await
    }

    /// Tests whether a blob with this digest exists (distribution-spec, checking if content exists). Redirects are not
    /// followed: a redirect is the answer.
    async fn has_blob(&self, digest: &Digest, grant: Option<&Grant>) -> Exchange {
        let url = self.target.url("blobs", &digest.to_string());
        let accept = [(ACCEPT, HeaderText::Plain("*/*".to_owned()))];
        let body = BodyLimit::MANIFEST;
        let pending = PendingRequest { purpose: Purpose::Blob, method: Method::Head, headers: &accept, grant, body };
        self.transport.send(self.ask(&pending, url, Reach::Anywhere)).await
    }

    fn follow(&self, pending: &PendingRequest<'_>, url: Url) -> impl Future<Output = Vec<Exchange>> {
        self.follow_within(Reach::Anywhere, pending, url)
    }

    async fn follow_within(&self, mut reach: Reach, pending: &PendingRequest<'_>, url: Url) -> Vec<Exchange> {
        let mut exchanges = Vec::new();
        let mut redirects = Redirects::default();
        let mut next = url;
        loop {
            let mut exchange = self.transport.send(self.ask(pending, next, reach)).await;
            reach = reach.and_after(&exchange);
            let decision = redirects.after(&exchange);
            if let Next::Refuse(failure) = &decision {
                exchange.failure = Some(failure.clone());
            }
            exchanges.push(exchange);
            match decision {
                Next::Follow(url) if !self.transport.is_stopped() => next = url,
                _ => return exchanges,
            }
        }
    }

    /// Attaches authorization and the user's headers, for the registry's own origin only. No other function does.
    fn ask(&self, pending: &PendingRequest<'_>, url: Url, reach: Reach) -> Ask {
        let origin = self.target.origin();
        let own = Origin::of(&url) == origin;
        let mut headers = pending.headers.to_vec();
        if own {
            for (name, value) in &self.target.headers {
                let text = if own_header_is_secret(name.as_str(), value.reveal()) {
                    let shape = Some(Shape::of(value.reveal()));
                    let recorded = Withheld { kind: SecretKind::HeaderValue, scheme: None, shape };
                    HeaderText::Secret { recorded, value: value.clone() }
                } else {
                    HeaderText::Plain(value.reveal().to_owned())
                };
                headers.push((name.clone(), text));
            }
            if let Some(grant) = pending.grant {
                headers.push((AUTHORIZATION, grant.header()));
            }
        }
        // A redirect to the host that the user named is the user's own choice, regardless of its address.
        let same_host = origin.is_some_and(|origin| Some(origin.host()) == url.host_str());
        let reach = match same_host {
            true if own => Reach::Anywhere,
            true => Reach::SameHost,
            false => reach,
        };
        Ask { purpose: pending.purpose, method: pending.method, url, headers, form: None, body: pending.body, reach }
    }
}
