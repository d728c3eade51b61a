use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Depth;
use crate::oci::Change;
use crate::text::Untrusted;

rule! {
    /// Docker Hub was written by another of its names.
    ///
    /// ## What it means
    /// `docker.io`, `index.docker.io`, `registry-1.docker.io` and `registry.hub.docker.com` are one registry. Clients ask
    /// the same host for all of them, but credential stores do not know that: a login to Docker Hub is kept under
    /// `https://index.docker.io/v1/`, and a tool that looks for the name as it was written finds none, pulls without it
    /// and meets the limits for strangers.
    ///
    /// ## How it is recognised
    /// By what was written in the place of the host. An address of the API is no such case: it has to have the name of
    /// the host that answers.
    ///
    /// ## What to do
    /// Write `docker.io` in references, and keep the login under `https://index.docker.io/v1/`, as `docker login` does.
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
    let finding = Finding::info(format!("Docker Hub was written as {written}"), id, case.words(id))
        .cause(format!(
            "It is the registry that references call docker.io. A login to it is stored under \
             https://index.docker.io/v1/, and a tool that looks for one under {written} does not find it."
        ))
        .fix(format!("Write {} instead.", case.reference()));
    Some(finding)
}
