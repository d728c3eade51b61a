use super::stored::missed;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{CredentialUse, OverHttp};
use crate::oci::Scheme;

rule! {
    /// Credentials were not sent over plain HTTP
    ///
    /// ## What it means
    /// Over plain HTTP, anyone on the network path can read a password or token. Credentials that are stored on this
    /// machine were stored for the registry, not for others to read; a reference that begins with `http://` does not
    /// change that, because it may have been pasted. So the request was sent anonymously. Registries on this machine
    /// (loopback) are exempt.
    ///
    /// ## How it is recognised
    /// The registry or its token service answered over plain HTTP, from an address that is not loopback or through a
    /// proxy, and required authentication; credentials for it are stored on this machine or were given.
    ///
    /// ## What to do
    /// Use HTTPS. If the network is your own and HTTPS is not possible, `--allow-cleartext-login` sends the credentials
    /// for one command and one registry. A key in the credentials file that itself begins with `http://` is for plain
    /// HTTP.
    ///
    /// ## References
    /// RFC 7617 §4; RFC 6750 §5.3
    "login-withheld-over-http" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let authentication = case.authentication();
    let Some(OverHttp::Withheld(whose)) = authentication.over_http else { return None };
    let challenge = authentication.challenged_by?;
    let host = case.reference().registry();
    let credentials = if whose == CredentialUse::Stored { "The stored credentials" } else { "Your credentials" };
    let title = "credentials were not sent over plain HTTP";
    let finding = match missed(case) {
        Some(id) => Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id)),
        None => Finding::warning(title, challenge, case.words(challenge)),
    };
    let secure = Word::over(Scheme::Https, case.reference());
    let mut allowing = words!["ociscope", "probe", "--allow-cleartext-login"];
    if whose == CredentialUse::Given {
        allowing.extend(words!["--username", "NAME", "--password-stdin"]);
    }
    allowing.push(Word::input(case.reference()));
    Some(
        finding
            .cause(format!(
                "{host} requires authentication, and the connection is plain HTTP. {credentials} were not sent, \
                 because anyone on the network path could read them; the request was anonymous."
            ))
            .fix_with("If the registry supports HTTPS, use it:", words!["ociscope", "probe", secure])
            .fix_with(
                "Only if anyone on the network path may read the credentials, send them for this command:",
                allowing,
            ),
    )
}
