//! The requests that commands make of a registry.

use crate::evidence::Method;
use crate::oci::Digest;

/// What is wanted of a registry.
#[derive(Debug, Clone)]
pub enum Wanted<'a> {
    /// The manifest of the reference, by one `Accept` header: that of a client that accepts these types, or of a current
    /// one where there are none.
    Manifest(Method, &'a [String]),
    /// What has this digest below `/manifests/`, as a current client asks for it.
    Child(&'a Digest),
    /// The whole of a small blob: a configuration.
    Config(&'a Digest),
    /// Whether there is a blob of this digest.
    HasBlob(&'a Digest),
    /// The first 512 bytes of a blob.
    Beginning(&'a Digest),
    /// The whole of a blob, up to 64 MiB.
    Blob(&'a Digest),
    /// The tags, page by page, ten pages at most.
    Tags,
    /// What refers to a manifest.
    Referrers(&'a Digest),
    /// Any path of the registry, with its query: `/v2/acme/api/tags/list?n=5`. Without `Accept` lines, `*/*`.
    Path(Method, &'a str, &'a [String]),
}
