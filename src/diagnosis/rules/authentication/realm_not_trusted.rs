use crate::diagnosis::case::credentials::story;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, Word, WordKind, words};
use crate::evidence::Outcome;

rule! {
    /// The registry sends its clients to another host for a token, and the credentials were kept from it.
    ///
    /// ## What it means
    /// A registry may have its token service on another host; many do. But it is the registry that names the host, so
    /// a name and password are sent there only where the pair of hosts is known, or where you say so.
    ///
    /// ## How it is recognised
    /// The challenge names a token service on another origin, and credentials were given for this run. Nothing was sent
    /// to it.
    ///
    /// ## What to do
    /// If the host belongs to the registry, trust it for this run with `--trust-realm HOST`, or for every run by an entry
    /// `[[trust]]` with `registry = "…"` and `realm = "…"` in `ociscope/config.toml` in your configuration folder.
    ///
    /// ## References
    /// distribution, token authentication specification; google/go-containerregistry pkg/v1/remote/transport/bearer.go
    "realm-not-trusted" in Authentication
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let story = story(case)?;
    let Outcome::RealmNotTrusted(realm) = &story.outcome else { return None };
    let id = story.challenged_by?;
    let host = case.reference().registry();
    let trusted = Word::chosen(WordKind::Host, realm);
    let realm = realm.named_within(200);
    let input = || Word::input(case.reference());
    let trust =
        words!["ociscope", "probe", "--trust-realm", trusted, "--username", "NAME", "--password-stdin", input()];
    let title = format!("its token service is another host, {realm}, which was not sent the credentials");
    let finding = Finding::error(ExitStatus::Unauthenticated, title, id, case.words(id))
        .cause(format!(
            "{host} sends its clients to {realm} for a token. This is common, but only you can know whether \
             {realm} may have the credentials for {host}. Nothing was sent there."
        ))
        .fix_with(format!("If {realm} belongs to the registry, say so:"), trust)
        .fix_with("A public image needs no login:", words!["ociscope", "probe", "--anonymous", input()]);
    Some(finding)
}
