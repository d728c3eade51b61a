//! What the words of a refusal are about, where they tell. Registries have their own, so they are looked for by name.

use std::net::IpAddr;

use crate::evidence::{ErrorEntry, Response, error_entries};

/// Whether a refusal speaks of a permission that is missing, as Google's do: the credentials were good then.
pub(in crate::diagnosis::rules) fn speaks_of_permission(response: &Response) -> bool {
    error_entries(response).iter().any(|entry| {
        let message = entry.message.as_str().to_ascii_lowercase();
        message.contains("permission \"") || message.contains("does not have permission")
    })
}

/// Whether a refusal says that the credentials themselves are too old or no good, as ECR's do.
pub(in crate::diagnosis::rules) fn speaks_of_expired_credentials(response: &Response) -> bool {
    error_entries(response).iter().any(|ErrorEntry { message, .. }| {
        let message = message.as_str().to_ascii_lowercase();
        message.contains("authorization token") && (message.contains("expired") || message.contains("invalid"))
    })
}

/// Whether a refusal says that what was sent was good once.
pub(super) fn says_expired(response: &Response) -> bool {
    matches!(response.status, 400 | 401 | 403)
        && error_entries(response).iter().any(|entry| {
            let message = entry.message.as_str().to_ascii_lowercase();
            message.contains("token has expired") || message.contains("password has expired")
        })
}

/// Whether a refusal says that name or password are wrong, as Docker Hub, GitLab, Harbor and Artifactory word it.
pub(super) fn speaks_of_wrong_credentials(response: &Response) -> bool {
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

/// Whether a refusal says that the access token which takes the place of a password is good and allows too little: the
/// words of GitHub's packages, and the error of RFC 6750 §3.1 in another code than 401, where it means nothing else.
pub(super) fn speaks_of_narrow_scope(response: &Response) -> bool {
    error_entries(response).iter().any(|ErrorEntry { message, .. }| {
        let message = message.as_str().to_ascii_lowercase();
        message.contains("does not match expected scopes") || message.contains("permission_denied: read_package")
    })
}

/// The address of the client, where a refusal says that it is not among those that are let in, as Azure's firewall
/// words it.
pub(in crate::diagnosis::rules) fn refused_address(response: &Response) -> Option<String> {
    let entries = error_entries(response);
    let words =
        entries.iter().find_map(|entry| entry.message.as_str().split_once("client with IP")).map(|(_, rest)| rest)?;
    let address = words.split(['\'', ' ']).find_map(|word| word.parse::<IpAddr>().ok());
    Some(address.map(|address| address.to_string()).unwrap_or_default())
}
