//! The Docker Hub pull limit, as reported in response headers.

use crate::diagnosis::Case;
use crate::evidence::{ExchangeId, Purpose, Response, is_address};

/// The part of the limit that is left. Images and accounts without a limit have no such headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowance {
    /// The answer with these headers.
    pub exchange: ExchangeId,
    /// The number of pulls allowed in the window.
    pub limit: u64,
    /// The number of pulls that are left.
    pub left: u64,
    /// The length of the window in seconds, if it is reported.
    pub window: Option<u64>,
}

impl Allowance {
    /// `5 of 100 pulls in 6 hours`.
    pub fn words(&self) -> String {
        let window = match self.window {
            Some(seconds) if seconds >= 3600 && seconds % 3600 == 0 => format!(" in {} hours", seconds / 3600),
            Some(seconds) => format!(" in {seconds} s"),
            None => String::new(),
        };
        format!("{} of {} pulls{window}", self.left, self.limit)
    }

    /// The headers, for a quote.
    pub fn quote(&self, case: &Case<'_>) -> String {
        let response = case.journal().get(self.exchange).response.as_ref();
        let header = |name| response.and_then(|response| response.header(name)).map(|value| value.named_within(40));
        let limit = header("ratelimit-limit").unwrap_or_default();
        format!("ratelimit-limit: {limit}, ratelimit-remaining: {}", header("ratelimit-remaining").unwrap_or_default())
    }
}

/// The last allowance that Docker Hub reported with a successful answer, if less than a tenth of the limit is left.
/// `None` if the asking client was refused: the refusal then shows the cause.
pub(super) fn nearly_used(case: &Case<'_>) -> Option<Allowance> {
    case.served()?;
    let answers = answers_of_hub(case).into_iter().filter(|(_, response)| (200..300).contains(&response.status));
    let last = answers.filter_map(|(id, response)| allowance(id, response)).last()?;
    (last.left.checked_mul(10)? < last.limit).then_some(last)
}

/// The answer that shows how pulls are counted, and `true` if by the client's address, `false` if by account. `None` if
/// no answer shows it.
pub(super) fn is_counted_by_address(case: &Case<'_>) -> Option<(ExchangeId, bool)> {
    let source = |(id, response): (ExchangeId, &Response)| {
        Some((id, is_address(response.header("docker-ratelimit-source")?.as_str())))
    };
    answers_of_hub(case).into_iter().filter_map(source).last()
}

/// The answers for the manifest, if they are from Docker Hub, or from a mirror that passes on Docker Hub's headers
/// about the limit.
fn answers_of_hub<'a>(case: &Case<'a>) -> Vec<(ExchangeId, &'a Response)> {
    // The first requests have no token, so their answers do not show whose pulls are counted.
    let manifests =
        case.journal().iter().filter(|(_, exchange)| matches!(exchange.request.purpose, Purpose::Manifest(_)));
    let answered = manifests.filter_map(|(id, exchange)| exchange.response.as_ref().map(|response| (id, response)));
    let from_hub = case.reference().registry().is_docker_hub();
    let is_of_hub = |response: &Response| from_hub || response.header("docker-ratelimit-source").is_some();
    answered.filter(|(_, response)| response.status != 401 && is_of_hub(response)).collect()
}

fn allowance(exchange: ExchangeId, response: &Response) -> Option<Allowance> {
    let (limit, window) = counted(response.header("ratelimit-limit")?.as_str())?;
    let (left, _) = counted(response.header("ratelimit-remaining")?.as_str())?;
    Some(Allowance { exchange, limit, left, window })
}

/// `100;w=21600`: a number of pulls, and the window in seconds.
fn counted(text: &str) -> Option<(u64, Option<u64>)> {
    let mut parts = text.split(';').map(str::trim);
    let number = parts.next()?.parse().ok()?;
    Some((number, parts.find_map(|part| part.strip_prefix("w=")?.parse().ok())))
}
