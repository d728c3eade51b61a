use super::{Pair, is_success, pairs};
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Response;
use crate::oci::Digest;

rule! {
    /// The answer to HEAD lacks the length or the digest of the manifest.
    ///
    /// ## What it means
    /// Clients find out by HEAD which digest a tag has and how long its manifest is. Docker, from 20.10 on, stops where
    /// the length is missing ("missing or empty Content-Length header"). Where only the digest is missing, clients ask
    /// once more by GET.
    ///
    /// ## How it is recognised
    /// HEAD and GET succeed, and the answer to HEAD has no `Content-Length`, or neither that nor
    /// `Docker-Content-Digest`. As a note: only the digest is missing from it, and GET has it.
    ///
    /// ## What to do
    /// Most often it is a tunnel, a load balancer or a content delivery network in front of the registry that drops the
    /// header: have it pass on answers to HEAD below `/v2/` as they are.
    ///
    /// ## References
    /// RFC 9110 §8.6; distribution-spec, checking if content exists; cloudflare/cloudflared#500;
    /// ahmetb/serverless-registry-proxy#10; distribution/distribution#3848
    "head-lacks-digest-or-length" in Head
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let (lacks, Pair { head, get, by_head, by_get }) =
        pairs(case).into_iter().find_map(|pair| lacks(&pair).map(|lacks| (lacks, pair)))?;
    let quote = format!("HEAD {}, without {}", by_head.status, lacks.words());
    let title = format!("the answer to HEAD lacks {}", lacks.words());
    let finding = match lacks {
        Lacks::Length | Lacks::Both => Finding::warning(title, head, quote).cause(
            "Docker asks by HEAD first and, from 20.10 on, stops where the length is missing. Most often something in \
             front of the registry drops it.",
        ),
        Lacks::Digest => Finding::info(title, head, quote)
            .cause("GET has it. Clients that find out the digest of a tag by HEAD have to ask once more by GET."),
    };
    let finding = finding
        .because(get, format!("GET {}", by_get.status))
        .fix("Have whatever stands in front of the registry pass on answers to HEAD below /v2/ as they are.");
    Some(finding)
}

/// What an answer to HEAD should have and has not.
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

/// What is missing. A registry that never names digests does not do so by HEAD either, and all clients manage.
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
