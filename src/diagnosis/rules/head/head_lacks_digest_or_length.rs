use super::{Pair, is_success, pairs};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Response;
use crate::oci::Digest;

rule! {
    /// HEAD response lacks the length or digest of the manifest
    ///
    /// ## What it means
    /// Clients use HEAD to find out the digest of a tag and the length of its manifest. Docker 20.10 and later fails
    /// without the length ("missing or empty Content-Length header"). If only the digest is missing, clients send a GET
    /// as well.
    ///
    /// ## How it is recognised
    /// HEAD and GET succeed, and the HEAD response has no `Content-Length`, or neither that nor
    /// `Docker-Content-Digest`. As a note: it lacks only the digest, and the GET response has it.
    ///
    /// ## What to do
    /// Most often a tunnel, a load balancer or a CDN in front of the registry drops the header: have it pass HEAD
    /// responses below `/v2/` unchanged.
    ///
    /// ## References
    /// RFC 9110 §8.6; distribution-spec, checking if content exists; cloudflare/cloudflared#500;
    /// ahmetb/serverless-registry-proxy#10; distribution/distribution#3848
    "head-lacks-digest-or-length" in Head
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (lacks, Pair { head, get, by_get, .. }) =
        pairs(case).into_iter().find_map(|pair| lacks(&pair).map(|lacks| (lacks, pair)))?;
    let quote = format!("lacks {}", lacks.words());
    let title = format!("HEAD response lacks {}", lacks.words());
    let finding = match lacks {
        Lacks::Length | Lacks::Both => Finding::warning(title, head, quote).cause(
            "Docker sends HEAD first and, since 20.10, fails without the length. Most often something in front of the \
             registry drops it.",
        ),
        Lacks::Digest => Finding::info(title, head, quote)
            .cause("The GET response has it. Clients that resolve a tag by HEAD have to send a GET as well."),
    };
    let finding = finding
        .because(get, by_get.status.to_string())
        .fix("Have the proxy or tunnel in front of the registry pass HEAD responses below /v2/ unchanged.");
    Some(finding)
}

/// The headers that a HEAD response should have and does not.
#[derive(Clone, Copy)]
enum Lacks {
    Digest,
    Length,
    Both,
}

impl Lacks {
    fn words(self) -> &'static str {
        match self {
            Self::Digest => "the digest",
            Self::Length => "the length",
            Self::Both => "digest and length",
        }
    }
}

/// The missing headers. A digest that GET does not have either is not missed: all clients cope with such registries.
fn lacks(pair: &Pair<'_>) -> Option<Lacks> {
    if !is_success(pair.by_head) || !is_success(pair.by_get) {
        return None;
    }
    let digest = |response: &Response| response.header("docker-content-digest")?.as_str().trim().parse::<Digest>().ok();
    let length = |response: &Response| response.header("content-length")?.as_str().trim().parse::<u64>().ok();
    match (length(pair.by_head), digest(pair.by_head), digest(pair.by_get)) {
        (None, None, Some(_)) => Some(Lacks::Both),
        (None, _, _) => Some(Lacks::Length),
        (Some(_), None, Some(_)) => Some(Lacks::Digest),
        (Some(_), _, _) => None,
    }
}
