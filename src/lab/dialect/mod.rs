//! The dialects of registries: negotiation, challenges, refusals and error messages, one registry per file.
//!
//! A dialect answers from the content of its host. Nothing is made up: where the behavior of the real registry is not
//! known, a dialect answers like the family of that registry, and a scenario that shows such an answer is marked as
//! inferred.

mod acr;
mod artifact_registry;
mod artifactory;
mod captive_portal;
mod cloudflare_refusal;
mod cloudfront_refusal;
mod corporate_proxy_page;
mod distribution;
mod docker_hub;
mod ecr;
mod ecr_public;
mod gcr;
mod ghcr;
mod gitea;
mod github_enterprise;
mod gitlab;
mod harbor;
mod k8s_redirector;
mod mcr;
pub(crate) mod negotiation;
mod nexus;
mod nginx;
mod nvcr;
mod openshift;
mod pages;
mod quay;
mod ranges;
mod red_hat;
mod referrers;
mod sregistry;
mod storage;
mod sylabs_library;
mod token_server;
mod traefik;
mod v1_registry;
mod zot;

use super::host::Dialect;

/// A dialect with its names.
struct Entry {
    /// The name in scenario files.
    name: &'static str,
    /// The common name of the registry or server.
    title: &'static str,
    dialect: &'static dyn Dialect,
}

const DIALECTS: &[Entry] = &[
    Entry { name: "captive-portal", title: "a sign-in page", dialect: &captive_portal::CaptivePortal },
    Entry {
        name: "cloudflare-refusal",
        title: "Cloudflare, blocking a client",
        dialect: &cloudflare_refusal::CloudflareRefusal,
    },
    Entry {
        name: "cloudfront-refusal",
        title: "Amazon CloudFront, blocking a country",
        dialect: &cloudfront_refusal::CloudfrontRefusal,
    },
    Entry { name: "corporate-proxy-page", title: "a filtering proxy", dialect: &corporate_proxy_page::Page },
    Entry { name: "artifactory", title: "JFrog Artifactory 7", dialect: &artifactory::SEVEN },
    Entry { name: "artifactory-4", title: "JFrog Artifactory 4", dialect: &artifactory::FOUR },
    Entry { name: "distribution-2", title: "CNCF distribution 2.8", dialect: &distribution::TWO },
    Entry {
        name: "distribution-2-cache",
        title: "CNCF distribution 2.8 as a pull-through cache",
        dialect: &distribution::TWO_AS_CACHE,
    },
    Entry { name: "distribution-3", title: "CNCF distribution 3", dialect: &distribution::THREE },
    Entry { name: "docker-hub-2020", title: "Docker Hub until early 2024", dialect: &docker_hub::UNTIL_2024 },
    Entry { name: "docker-hub-2024", title: "Docker Hub in mid-2024", dialect: &docker_hub::IN_2024 },
    Entry { name: "docker-hub-2025", title: "Docker Hub since 2025", dialect: &docker_hub::SINCE_2025 },
    Entry { name: "docker-hub-auth", title: "Docker Hub's token service", dialect: &docker_hub::TOKEN_SERVICE },
    Entry { name: "docker-hub-cdn", title: "Docker Hub's storage behind Cloudflare", dialect: &docker_hub::CDN },
    Entry { name: "ghcr", title: "GitHub Container Registry", dialect: &ghcr::Ghcr },
    Entry { name: "gar", title: "Google Artifact Registry", dialect: &artifact_registry::ON_PKG_DEV },
    Entry { name: "gcr-on-gar", title: "gcr.io on Artifact Registry", dialect: &artifact_registry::ON_GCR_IO },
    Entry {
        name: "token-server",
        title: "a token server, as distribution specifies it",
        dialect: &token_server::TokenServer,
    },
    Entry { name: "gcr", title: "Google Container Registry", dialect: &gcr::Gcr },
    Entry { name: "github-enterprise", title: "GitHub Enterprise Server", dialect: &github_enterprise::GitHub },
    Entry { name: "nginx-distribution", title: "nginx in front of CNCF distribution 3", dialect: &nginx::Front },
    Entry { name: "nginx-refusal", title: "nginx, answering 403", dialect: &nginx::NginxRefusal },
    Entry { name: "storage-azure", title: "Azure Blob Storage", dialect: &storage::azure::Azure },
    Entry { name: "storage-cloudfront", title: "Amazon CloudFront", dialect: &storage::cloudfront::CloudFront },
    Entry { name: "storage-r2", title: "Cloudflare R2", dialect: &storage::r2::R2 },
    Entry { name: "storage-s3", title: "Amazon S3", dialect: &storage::s3::S3 },
    Entry { name: "traefik", title: "Traefik without a route", dialect: &traefik::NoRoute },
    Entry { name: "v1-registry", title: "Docker Registry 0.x", dialect: &v1_registry::V1 },
    Entry { name: "gitea", title: "Gitea and Forgejo", dialect: &gitea::CURRENT },
    Entry { name: "gitea-1.17", title: "Gitea 1.17", dialect: &gitea::FIRST },
    Entry { name: "harbor", title: "Harbor 2", dialect: &harbor::Harbor },
    Entry { name: "k8s-redirector", title: "registry.k8s.io", dialect: &k8s_redirector::Redirector },
    Entry { name: "nexus", title: "Sonatype Nexus 3", dialect: &nexus::CONNECTOR },
    Entry { name: "nexus-ui", title: "the web interface of Sonatype Nexus 3", dialect: &nexus::WEB_INTERFACE },
    Entry { name: "openshift", title: "OpenShift's internal registry", dialect: &openshift::OpenShift },
    Entry { name: "red-hat", title: "Red Hat's registries", dialect: &red_hat::CRANE },
    Entry { name: "red-hat-cdn", title: "Red Hat's content delivery network", dialect: &red_hat::CDN },
    Entry { name: "sregistry", title: "Singularity Registry and Singularity Hub", dialect: &sregistry::SRegistry },
    Entry { name: "sylabs-library", title: "a Sylabs container library", dialect: &sylabs_library::Library },
    Entry { name: "zot", title: "zot", dialect: &zot::Zot },
    Entry { name: "quay", title: "Quay", dialect: &quay::Quay },
    Entry { name: "ecr", title: "Amazon ECR", dialect: &ecr::Ecr },
    Entry { name: "ecr-public", title: "Amazon ECR Public", dialect: &ecr_public::EcrPublic },
    Entry { name: "acr", title: "Azure Container Registry", dialect: &acr::Acr },
    Entry { name: "mcr", title: "Microsoft Artifact Registry", dialect: &mcr::Mcr },
    Entry { name: "nvcr", title: "NVIDIA NGC", dialect: &nvcr::Nvcr },
    Entry { name: "nvcr-authn", title: "NVIDIA's second token service", dialect: &nvcr::Authn },
    Entry { name: "gitlab", title: "GitLab", dialect: &gitlab::GitLab },
    Entry { name: "gitlab-auth", title: "GitLab's token service", dialect: &gitlab::Auth },
    Entry { name: "gitlab-dependency-proxy", title: "GitLab's dependency proxy", dialect: &gitlab::DependencyProxy },
];

/// Returns the dialect with this name.
pub(super) fn named(name: &str) -> Option<&'static dyn Dialect> {
    DIALECTS.iter().find(|entry| entry.name == name).map(|entry| entry.dialect)
}

/// All dialects: the name in scenario files, and the common name.
pub fn dialects() -> impl Iterator<Item = (&'static str, &'static str)> {
    DIALECTS.iter().map(|entry| (entry.name, entry.title))
}
