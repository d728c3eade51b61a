//! The control: what the registry says of a name that cannot exist, beside what it says of the one that was asked for.

use crate::diagnosis::Case;
use crate::diagnosis::case::credentials::story;
use crate::evidence::{Exchange, ExchangeId, Method, Query, Response, error_entries};

/// The last part of a name that nobody gives to a repository.
const NO_SUCH: &str = "ociscope-no-such-repository";

/// Whether a registry tells private repositories from those that do not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Telling {
    /// It does not: it is known for that, or the control in this exchange was answered alike.
    Masks(Option<ExchangeId>),
    /// It does: the control in this exchange was not found, so what was refused is there.
    Exists(ExchangeId),
    /// Nobody knows.
    Unknown,
}

/// What the control says, for the refusal in this exchange. It is only asked for where the refusal stands.
pub(super) fn telling(case: &Case<'_>, refusal: ExchangeId) -> Telling {
    let known = case.record().known().is_some_and(|known| known.masks_existence());
    let otherwise = if known { Telling::Masks(None) } else { Telling::Unknown };
    let Some((id, control)) = control(case) else { return otherwise };
    if is_alike(case, case.journal().get(refusal), control) {
        return Telling::Masks(Some(id));
    }
    match control.status() {
        Some(404) if !known => Telling::Exists(id),
        _ => otherwise,
    }
}

/// The control as proof.
pub(super) fn quote(case: &Case<'_>, control: ExchangeId) -> String {
    let status = case.journal().get(control).status().map(|status| status.to_string());
    format!("{} for a name that cannot exist", status.unwrap_or_default())
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

/// Whether status, codes and challenge are the same, apart from the names in them.
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
