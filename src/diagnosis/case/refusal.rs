//! The subject of a refusal, as far as its message shows. Registries have messages of their own, so each is matched by
//! name.

use std::net::IpAddr;

use crate::evidence::{BodyKind, ErrorEntry, Response, body_kind, error_entries};
use crate::knowledge::bot_page;
use crate::text::Untrusted;

/// Returns whether a token service's refusal is about the client: other credentials, or another user, may change it.
///
/// That is the meaning of 401, and of 403 with the service's own message. A service answers 400 to a request that it
/// does not understand, so 400 counts only if the message is about credentials: the errors of OAuth 2.0 about a grant
/// or a client (RFC 6749 §5.2), the codes of the distribution specification, or a message about a password.
pub(crate) fn is_about_who_asks(response: &Response) -> bool {
    const CODES: [&str; 7] = [
        "UNAUTHORIZED",
        "DENIED",
        "FORBIDDEN",
        "INVALID_GRANT",
        "INVALID_CLIENT",
        "UNAUTHORIZED_CLIENT",
        "ACCESS_DENIED",
    ];
    let entries = error_entries(response);
    let has_code = || {
        let codes = entries.iter().flat_map(|entry| [entry.code.as_str(), entry.message.as_str()]);
        codes.into_iter().any(|said| CODES.iter().any(|code| said.trim().eq_ignore_ascii_case(code)))
    };
    let page = || body_kind(response) == BodyKind::Html && entries.is_empty();
    match response.status {
        401 => !is_bot_page(response),
        403 => !page(),
        400 => {
            has_code()
                || speaks_of_expired_credentials(response)
                || speaks_of_wrong_credentials(response)
                || speaks_of_narrow_scope(response)
                || speaks_of_permission(response)
                || says_expired(response)
        }
        _ => false,
    }
}

/// Returns whether an answer is the page of a bot check.
pub(crate) fn is_bot_page(response: &Response) -> bool {
    bot_page(|name| response.header(name).map(Untrusted::as_str), &response.body.bytes).is_some()
}

/// Returns whether a refusal is about a missing permission, as Google's messages are: the credentials were then
/// accepted.
pub(crate) fn speaks_of_permission(response: &Response) -> bool {
    error_entries(response).iter().any(|entry| {
        let message = entry.message.as_str().to_ascii_lowercase();
        message.contains("permission \"") || message.contains("does not have permission")
    })
}

/// Returns whether a refusal reports expired or invalid credentials, as ECR's does.
pub(crate) fn speaks_of_expired_credentials(response: &Response) -> bool {
    error_entries(response).iter().any(|ErrorEntry { message, .. }| {
        let message = message.as_str().to_ascii_lowercase();
        message.contains("authorization token") && (message.contains("expired") || message.contains("invalid"))
    })
}

/// Returns whether a refusal reports that the credentials have expired.
pub(crate) fn says_expired(response: &Response) -> bool {
    matches!(response.status, 400 | 401 | 403)
        && error_entries(response).iter().any(|entry| {
            let message = entry.message.as_str().to_ascii_lowercase();
            message.contains("token has expired") || message.contains("password has expired")
        })
}

/// Returns whether a refusal reports a wrong user name or password, as Docker Hub, GitLab, Harbor and Artifactory word
/// it.
pub(crate) fn speaks_of_wrong_credentials(response: &Response) -> bool {
    const WORDS: [&str; 6] = [
        "incorrect username or password",
        "bad credentials",
        "wrong username or password",
        "invalid username",
        "http basic: access denied",
        "personal access token",
    ];
    error_entries(response).iter().any(|ErrorEntry { message, .. }| {
        let message = message.as_str().to_ascii_lowercase();
        WORDS.iter().any(|words| message.contains(words))
    })
}

/// Returns whether a refusal reports that an access token, used as a password, is valid but lacks a scope: the messages
/// of GitHub Packages, and the error of RFC 6750 §3.1 with another status than 401, where it has no other meaning.
pub(crate) fn speaks_of_narrow_scope(response: &Response) -> bool {
    error_entries(response).iter().any(|ErrorEntry { message, .. }| {
        let message = message.as_str().to_ascii_lowercase();
        message.contains("does not match expected scopes") || message.contains("permission_denied: read_package")
    })
}

/// The client's address, if a refusal reports that it is not on an allow list: in the messages of Azure's firewall, of
/// GitHub's allow lists, and of others. Empty if the message does not name it. Logging in does not change such a
/// refusal.
pub(crate) fn refused_address(response: &Response) -> Option<String> {
    const WORDS: [&str; 9] = [
        "client with ip",
        "ip allow list",
        "ip allowlist",
        "ip whitelist",
        "ip restriction",
        "ip address is not allowed",
        "ip address is not permitted",
        "ip is not allowed",
        "not in the list of allowed ip",
    ];
    let speaks_of_it = |text: &str| {
        let text = text.to_ascii_lowercase();
        WORDS.iter().any(|words| text.contains(words))
    };
    let entries = error_entries(response);
    let words = entries.iter().flat_map(ErrorEntry::sentences).find(|text| speaks_of_it(text.as_str()))?;
    let mut parts = words.as_str().split(|c: char| !c.is_ascii_hexdigit() && c != '.' && c != ':');
    let address = parts.find_map(|word| word.trim_end_matches(['.', ':']).parse::<IpAddr>().ok());
    Some(address.map(|address| address.to_string()).unwrap_or_default())
}

/// Returns whether a refusal is by policy: the image exists and is blocked because of its content.
pub(crate) fn is_policy(response: &Response) -> bool {
    let text = String::from_utf8_lossy(&response.body.bytes);
    matches!(response.status, 412 | 451)
        || (response.status == 403 && (text.contains("PROJECTPOLICYVIOLATION") || text.contains("blocking policy")))
}
