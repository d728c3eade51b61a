use crate::diagnosis::case::credentials::story;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, WordKind, words};
use crate::evidence::Outcome;

rule! {
    /// Token service is on another host; credentials were not sent
    ///
    /// ## What it means
    /// A registry may have its token service on another host, and many do. But the registry chooses that host, so a
    /// user name and password are sent there only if the pair of hosts is known, or if you allow it.
    ///
    /// ## How it is recognised
    /// The challenge names a token service on another origin, and credentials were given for this run. Nothing was sent
    /// to the token service.
    ///
    /// ## What to do
    /// If the host belongs to the registry, trust it for this run with `--trust-realm HOST`, or for every run with a
    /// `[[trust]]` entry (`registry = "…"` and `realm = "…"`) in `ociscope/config.toml` in your configuration
    /// directory.
    ///
    /// ## References
    /// distribution, token authentication specification; google/go-containerregistry pkg/v1/remote/transport/bearer.go
    "realm-not-trusted" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let authentication = story(case)?;
    let Outcome::RealmNotTrusted(realm) = &authentication.outcome else { return None };
    let id = authentication.challenged_by?;
    let host = case.reference().registry();
    let trusted = Word::chosen(WordKind::Host, realm);
    let realm = realm.named_within(200);
    let input = || Word::input(case.reference());
    let trust =
        words!["ociscope", "probe", "--trust-realm", trusted, "--username", "NAME", "--password-stdin", input()];
    let title = format!("token service {realm} is on another host; credentials were not sent");
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
        .cause(format!(
            "{host} names {realm} as its token service. That is common, but only you can know whether {realm} may \
             have the credentials for {host}. Nothing was sent there."
        ))
        .fix_with(format!("If {realm} belongs to the registry, trust it:"), trust)
        .fix_with("Check whether the image is public:", words!["ociscope", "probe", "--anonymous", input()]);
    Some(finding)
}
