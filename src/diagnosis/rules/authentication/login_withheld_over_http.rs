use super::stored::missed;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, words};
use crate::evidence::{CredentialUse, OverHttp};
use crate::oci::Scheme;

rule! {
    /// The registry is asked over plain HTTP, and the login was not sent.
    ///
    /// ## What it means
    /// Over plain HTTP, everyone on the path can read a password or token. A login that is stored on this machine was stored
    /// for the registry, and not for being read by others; that a reference begins with `http://` is not enough, because it
    /// may have been pasted. So the registry was asked anonymously. Registries on this machine (loopback) are exempt.
    ///
    /// ## How it is recognised
    /// The registry or its token service answered over plain HTTP from an address that is not loopback, or from behind a
    /// proxy, and asked for credentials; a login for it is stored on this machine, or was given.
    ///
    /// ## What to do
    /// Use HTTPS. Where the network is your own and that is not possible, `--allow-cleartext-login` sends the login for one
    /// command and one registry. A key in the file of credentials that itself begins with `http://` is for plain HTTP.
    ///
    /// ## References
    /// RFC 7617 §4; RFC 6750 §5.3
    "login-withheld-over-http" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let story = case.authentication();
    let Some(OverHttp::Withheld(whose)) = story.over_http else { return None };
    let challenge = story.challenged_by?;
    let host = case.reference().registry();
    let login = if whose == CredentialUse::Stored { "The login that is stored for it" } else { "Your login" };
    let title = "the login was not sent: it would go over plain HTTP";
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
                "{host} requires authentication, and is asked over plain HTTP. {login} was not sent, because everyone on \
                 the path could read it; the request was made anonymously."
            ))
            .fix_with("If it speaks HTTPS, ask that way:", words!["ociscope", "probe", secure])
            .fix_with("Only if everyone on the path may read the login, send it for this command:", allowing),
    )
}
