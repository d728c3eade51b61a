//! The control: a request for a repository that cannot exist, whose answer is compared with the refusal.

use crate::diagnosis::Case;
use crate::diagnosis::case::credentials::story;
use crate::evidence::{Exchange, ExchangeId, Method, Query, Response, error_entries};

/// The last part of the control's repository name, chosen so that no repository has it.
const NO_SUCH: &str = "ociscope-no-such-repository";

/// The evidence on whether a refused repository exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Existence {
    /// The registry hides it: it is known for that, or it gave the control in this exchange the same answer.
    Masked(Option<ExchangeId>),
    /// The repository exists: the control in this exchange was not found, so the refusal is about access.
    Confirmed(ExchangeId),
    /// There is no evidence either way.
    Unknown,
}

/// The existence of the repository that was refused in this exchange. Requests the control only if the client was
/// served nothing.
pub(super) fn existence(case: &Case<'_>, refusal: ExchangeId) -> Existence {
    let known = case.record().known().is_some_and(|known| known.masks_existence());
    let otherwise = if known { Existence::Masked(None) } else { Existence::Unknown };
    let Some((id, control)) = control(case) else { return otherwise };
    if is_alike(case, case.journal().get(refusal), control) {
        return Existence::Masked(Some(id));
    }
    match control.status() {
        Some(404) if !known => Existence::Confirmed(id),
        _ => otherwise,
    }
}

/// The words that quote the control as proof.
pub(super) fn quote(case: &Case<'_>, control: ExchangeId) -> String {
    let status = case.journal().get(control).status().map(|status| status.to_string());
    format!("returns {} for a nonexistent repository", status.unwrap_or_default())
}

fn control<'a>(case: &Case<'a>) -> Option<(ExchangeId, &'a Exchange)> {
    story(case)?;
    let reference = case.reference();
    let name = match reference.repository().rsplit_once('/') {
        Some((namespace, _)) => format!("{namespace}/{NO_SUCH}"),
        None => NO_SUCH.to_owned(),
    };
    case.ask(Query::Elsewhere(reference.with_repository(&name).ok()?))
}

/// Returns `true` if status, error codes and challenges are equal apart from the repository names in them.
fn is_alike(case: &Case<'_>, refusal: &Exchange, control: &Exchange) -> bool {
    let (Some(one), Some(other)) = (&refusal.response, &control.response) else { return false };
    let codes = |response| error_entries(response).into_iter().map(|entry| entry.code).collect::<Vec<_>>();
    // An answer to HEAD has no body to compare.
    let by_head = [refusal, control].iter().any(|exchange| exchange.request.method == Method::Head);
    let own = case.reference().repository();
    let namespace = own.rsplit_once('/').map_or("", |(namespace, _)| namespace);
    let of_control = format!("{namespace}/{NO_SUCH}");
    let challenges = |response: &Response, name: &str| {
        let all = response.all("www-authenticate");
        all.map(|value| value.as_str().replace(name, "")).collect::<Vec<_>>()
    };
    one.status == other.status
        && (by_head || codes(one) == codes(other))
        && challenges(one, own) == challenges(other, of_control.trim_start_matches('/'))
}
