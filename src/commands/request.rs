//! A request of the user, and its answer: the common part of `get` and `head`.

use super::fetched::{NotFetched, aside, explained, head};
use super::path::ApiPath;
use super::{CommandError, Output};
use crate::diagnosis::{ExitStatus, Finding};
use crate::evidence::{ExchangeId, FailureKind, Method, Query};
use crate::report::{
    ExchangeAlone, Form, WrittenExchange, WrittenFinding, answer_in_full, presented, request_line, shown_exchanges,
};
use crate::session::{Conversation, Session};

/// A request of the user.
pub(super) struct Asked<'a> {
    pub method: Method,
    pub path: &'a str,
    pub accept: &'a [String],
    pub raw: bool,
}

/// The finding about a header of the user that has no effect, whatever the answer is.
fn without_effect(conversation: &Conversation<'_>, answer: ExchangeId) -> Option<Finding> {
    let findings = conversation.judge(answer, &[]).findings;
    findings.into_iter().find(|finding| finding.rule == "response-header-sent-as-request")
}

impl Asked<'_> {
    pub async fn run(&self, session: &Session, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let path = ApiPath::read(self.path)?;
        let conversation = session.converse(&path.reference).await?;
        let mut conversation = if path.names_repository { conversation } else { conversation.about_no_repository() };
        // One header line, as `probe` sends it.
        let accept: Vec<_> = (!self.accept.is_empty()).then(|| self.accept.join(", ")).into_iter().collect();
        let ids = conversation.ask(&Query::Path(self.method, path.path.clone(), accept.clone())).await?;
        let Some(&answer) = ids.last() else { return Ok(ExitStatus::Interrupted) };
        let (exit, mut findings) = self.judged(&path, &mut conversation, answer).await?;
        findings.extend(without_effect(&conversation, answer));
        let exchange = conversation.journal().get(answer);
        if let Some(response) = exchange.response.as_ref().filter(|_| self.raw) {
            let mut redactor = conversation.redactor();
            output.raw(&response.body.bytes, &redactor)?;
            if response.body.truncated {
                output.remark(&format!("these are the first {} bytes", response.body.bytes.len()), &mut redactor);
            }
            return Ok(exit);
        }
        let mut redactor = conversation.redactor();
        let mut shown = shown_exchanges(&ids, conversation.journal(), &mut redactor);
        let Some(last) = shown.pop() else { return Ok(exit) };
        let mut document = head(&conversation);
        let numbered = conversation.is_remembered();
        document.extend(shown.iter().chain([&last]).map(|exchange| request_line(exchange, numbered)));
        document.extend(answer_in_full(&last));
        findings.iter().for_each(|finding| explained(finding, &conversation, &mut redactor, &mut document));
        // Without a repository there are no findings, but the certificates may be at fault.
        let chain = last.connection.presented.as_ref().filter(|_| findings.is_empty());
        document.extend(chain.into_iter().flat_map(presented));
        let written = ExchangeAlone {
            simulation: conversation.simulation(),
            findings: WrittenFinding::all(&findings),
            redirects: shown.iter().map(WrittenExchange::of).collect(),
            last: WrittenExchange::of(&last),
        };
        let object = written.to_json();
        output.fetched(&document, &object, &mut redactor)?;
        Ok(exit)
    }

    /// The exit status and the findings. Findings are for requests of manifests, which rules are about.
    async fn judged(
        &self,
        path: &ApiPath,
        conversation: &mut Conversation<'_>,
        answer: ExchangeId,
    ) -> Result<(ExitStatus, Vec<Finding>), CommandError> {
        let exchange = conversation.journal().get(answer);
        let refusal = match (exchange.status(), &exchange.failure) {
            (_, Some(failure)) if failure.kind == FailureKind::Interrupted => {
                return Ok((ExitStatus::Interrupted, Vec::new()));
            }
            (Some(200..=399), None) => return Ok((ExitStatus::Success, Vec::new())),
            _ if path.names_repository && path.is_manifest => {
                NotFetched::judged(answer, conversation.judge_closely(answer, self.accept).await?, None)
            }
            // Rules are about repositories.
            (Some(401), _) if !path.names_repository => return Ok((ExitStatus::Unauthenticated, Vec::new())),
            _ => aside(conversation, answer),
        };
        Ok((refusal.exit, if path.names_repository { refusal.findings } else { Vec::new() }))
    }
}
