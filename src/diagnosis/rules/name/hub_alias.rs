use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Depth;
use crate::oci::Change;
use crate::text::Untrusted;

rule! {
    /// Reference uses another name for Docker Hub
    ///
    /// ## What it means
    /// `docker.io`, `index.docker.io`, `registry-1.docker.io` and `registry.hub.docker.com` are one registry. Clients
    /// contact the same host for all of them, but credential stores do not know that: credentials for Docker Hub are
    /// stored under `https://index.docker.io/v1/`, and a tool that looks up the name as written finds none, pulls
    /// anonymously and meets the limits for anonymous users.
    ///
    /// ## How it is recognised
    /// By the host as written in the reference. API URLs do not count: they have to name the host that answers.
    ///
    /// ## What to do
    /// Write `docker.io` in references, and keep the credentials under `https://index.docker.io/v1/`, as `docker login`
    /// does.
    ///
    /// ## References
    /// docker/hub-feedback#1484; keel-hq/keel#419; goharbor/harbor#23051
    "hub-alias" in Name
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let changes = case.reference().changes();
    let alias = |change: &Change| match change {
        Change::HubAlias { written } => Some(Untrusted::from(written.as_str()).named_within(80)),
        _ => None,
    };
    let is_address = changes.iter().any(|change| {
        matches!(
            change,
            Change::ManifestAddress | Change::BlobAddress { .. } | Change::TagListAddress | Change::ReferrersAddress
        )
    });
    let written = changes.iter().find_map(alias).filter(|_| !is_address)?;
    if case.record().depth == Depth::Probe {
        return None;
    }
    let (id, _) = case.decisive()?;
    let finding = Finding::info(format!("Docker Hub is written as {written}"), id, case.words(id))
        .cause(format!(
            "References call this registry docker.io. Its credentials are stored under https://index.docker.io/v1/, \
             and a tool that looks them up under {written} does not find them."
        ))
        .fix(format!("Write {} instead.", case.reference()));
    Some(finding)
}
