//! The parts of a report other than findings: credentials, remarks, and next steps.

use crate::diagnosis::{CLEARTEXT_LOGINS, CommandLine, Finding, Fix, Unfit, Word, with_cleartext_logins, words};
use crate::evidence::{CredentialUse, Depth, Exchange, LabOption, Method, Outcome, Purpose, Record, RunOptions};
use crate::knowledge::KnownRegistry;
use crate::oci::{Digest, Host, Origin};
use crate::registry::MOST_QUERIES;
use crate::report::{Note, curl};
use crate::text::{MOST_ENTRIES, MOST_VALUES};

/// Whether a verb is that of a command that contacts a registry, to which the options of a run apply. Commands are
/// above this room, and describe themselves there.
pub type AsksARegistry = fn(&Word) -> bool;

/// Remarks on the run.
pub(super) fn notes(record: &Record) -> Vec<Note> {
    let Record { matrix, journal, authentication, options, .. } = record;
    let mut notes = Vec::new();
    let answered = matrix.asking().and_then(|probe| probe.exchange).map(|id| journal.get(id));
    let elsewhere = answered.and_then(|exchange| Origin::of(&exchange.request.url));
    if let (Some(elsewhere), Some(origin)) = (elsewhere, &record.origin)
        && elsewhere != *origin
    {
        notes.push(Note::evidence(format!("{origin} redirected to {elsewhere}, which answered.")));
    }
    if let Some(id) = record.fell_back_to_http {
        notes.push(Note::plain(format!("HTTPS was tried first (#{id}); this loopback registry speaks plain HTTP.")));
    }
    if let Some(proxy) = journal.iter().find_map(|(_, exchange)| exchange.connection.proxy.as_ref()) {
        notes.push(Note::plain(format!("Requests went through the proxy {} ({}).", proxy.address, proxy.because)));
    }
    if record.known().is_some_and(KnownRegistry::counts_gets_as_pulls) {
        let counted = journal.iter().filter(|(_, exchange)| is_a_pull(exchange)).count();
        let pulls = if counted == 1 { "1 pull".to_owned() } else { format!("{counted} pulls") };
        let words = format!("This registry counts each GET of a manifest as a pull; this run used {pulls}.");
        notes.push(if counted == 0 { Note::evidence(words) } else { Note::plain(words) });
    }
    // In successive commands, a registry that does not require authentication is not news.
    let was_challenged = authentication.outcome != Outcome::NotAsked;
    let withheld = options.login_withheld.clone().filter(|_| !options.follows || was_challenged);
    notes.extend(withheld.into_iter().chain(options.headers_withheld.iter().cloned()).map(Note::caution));
    notes.extend(authentication.over_http.map(|over_http| Note::caution(over_http.sentence().to_owned())));
    let unasked = matrix.probes.iter().filter(|probe| probe.exchange.is_none()).count();
    if record.depth == Depth::Batch {
        notes.push(Note::evidence(format!(
            "One of several references: requested as the asking client would; the other {unasked} variants were not sent."
        )));
    } else if record.unrecorded > 0 {
        notes.push(Note::caution(unrecorded(record.unrecorded)));
    } else if unasked > 0 {
        notes.push(Note::evidence(format!(
            "The other {unasked} variants were not sent: they would have received the same answer."
        )));
    }
    if record.left_out > 0 {
        notes.push(Note::caution(format!(
            "Stopped after {MOST_QUERIES} further queries; {} entries were not checked.",
            record.left_out
        )));
    }
    let not_read = journal.not_read();
    if not_read > 0 {
        notes.push(Note::caution(format!(
            "The documents in {not_read} answers were not read or compared: the limit of 16 MiB of different documents \
             was reached."
        )));
    }
    match journal.cut_documents() {
        0 => {}
        1 => notes.push(Note::caution(format!("The document in 1 answer {}", too_many_values("has", "its")))),
        several => {
            notes.push(Note::caution(format!(
                "The documents in {several} answers {}",
                too_many_values("have", "their")
            )));
        }
    }
    notes
}

/// A note that a recording lacks answers.
fn unrecorded(count: usize) -> String {
    let requests = if count == 1 { "1 request" } else { &format!("{count} requests") };
    format!(
        "The recording does not contain {requests} that this version would send; what depends on them is not judged."
    )
}

/// A note that a document has more values than are read.
fn too_many_values(have: &str, their: &str) -> String {
    format!(
        "{have} more than {MOST_VALUES} values: of {their} lists and objects, {MOST_ENTRIES} entries each were read."
    )
}

/// Commands to run next: for the image in an index, for the same request by hand, for the same report in an issue.
pub(super) fn next_steps(record: &Record) -> Vec<(Result<CommandLine, Unfit>, String)> {
    let mut next = Vec::new();
    let Record { reference, platform, matrix, journal, authentication, options, .. } = record;
    let typed = options.typed;
    let ociscope = || program(options).into_iter();
    let answer = matrix.asking().and_then(|probe| matrix.shown(probe, journal));
    let served = answer.and_then(|id| journal.observation(id));
    let answer = answer.map(|id| journal.get(id));
    let child = served.and_then(|observation| {
        let children = observation.document.as_ref()?.manifests();
        let child = children.into_iter().find(|child| child.platform.as_ref().is_some_and(|p| p.is(platform)))?;
        child.digest.as_str().parse::<Digest>().ok()
    });
    if let Some(digest) = child {
        let image = reference.with_digest(digest);
        next.push((CommandLine::of(ociscope().chain(words!["probe", &image])), format!("the image for {platform}")));
    }
    if typed && answer.is_some_and(Exchange::is_success) {
        next.push((Ok(CommandLine::ours("config")), "how the image is run; layers, what it is made of".to_owned()));
    }
    // Lab answers are only available in the lab.
    if options.lab.is_none()
        && authentication.outcome == Outcome::NotAsked
        && let Some(exchange) = answer
        && exchange.status().is_some_and(|status| status >= 400)
        && let Some(asked) = journal.iter().map(|(_, first)| first).find(|first| is_same_request(first, exchange))
    {
        let again = curl(asked);
        let variables = if again.comments.is_empty() { "" } else { ", with your secrets in the variables" };
        next.push((again.command, format!("the same request by hand{variables}")));
    }
    let again = match typed {
        // The shell keeps its settings for the next command.
        true => Ok(CommandLine::ours("probe > report.md")),
        false => repeated(record, words!["probe", "--format", "markdown"]),
    };
    next.push((again, "this report, to paste into an issue".to_owned()));
    next
}

/// The command that creates the same report, as entered in a system shell.
pub(super) fn repeating(record: &Record) -> Option<CommandLine> {
    let verb = if record.depth.goes_deep() { "diagnose" } else { "probe" };
    repeated(record, words![verb]).ok()
}

fn repeated(record: &Record, command: Vec<Word>) -> Result<CommandLine, Unfit> {
    let Record { options, reference, .. } = record;
    let program = program(&RunOptions { typed: false, ..options.clone() });
    CommandLine::of(program.into_iter().chain(command).chain(again(options)).chain([Word::input(reference)]))
}

/// Whether a registry that counts GETs of manifests as pulls counted this one.
fn is_a_pull(exchange: &Exchange) -> bool {
    let of_a_manifest = matches!(exchange.request.purpose, Purpose::Manifest(_) | Purpose::Digest | Purpose::Child);
    of_a_manifest && exchange.request.method == Method::Get && exchange.status() == Some(200)
}

/// Whether an exchange is the start of another one: the address after redirects may be signed and must not be shared. A
/// failed attempt at HTTPS does not count.
fn is_same_request(first: &Exchange, last: &Exchange) -> bool {
    let (asked, answered) = (&first.request, &last.request);
    first.response.is_some() && asked.purpose == answered.purpose && asked.method == answered.method
}

/// The words before one of our commands that make it use the same source again. Empty if the next one is entered in the
/// same shell.
fn program(options: &RunOptions) -> Vec<Word> {
    match &options.lab {
        _ if options.typed => Vec::new(),
        None => words!["ociscope"],
        Some(LabOption::ByReference) => words!["ociscope", "--lab"],
        Some(LabOption::Named(scenario)) => {
            words!["ociscope", Word::typed(scenario, "the name of a scenario").after("--lab=")]
        }
    }
}

/// The options that reproduce a report. None of them may be secret.
fn again(options: &RunOptions) -> Vec<Word> {
    let accept = options.accept.iter();
    let mut words: Vec<Word> = accept.flat_map(|line| words!["--accept", Word::typed(line, "a media type")]).collect();
    if options.credential == CredentialUse::Given {
        words.extend(words!["--username", "NAME", "--password-stdin"]);
    }
    if options.certificate {
        words.extend(words!["--cert", "FILE", "--key", "FILE"]);
    }
    words.extend(options.public.then(|| "--public".into()));
    words.extend(carried(options).into_iter().flatten());
    words
}

/// The options of a run that another command needs to contact the same registry in the same way, each with its value.
fn carried(options: &RunOptions) -> Vec<Vec<Word>> {
    let mut carried = Vec::new();
    carried.extend(options.platform.as_ref().map(|platform| words!["--platform", platform]));
    carried.extend((options.credentials_file.as_ref()).map(|(option, path)| {
        let option = if option == "--pull-secret" { "--pull-secret" } else { "--auth-file" };
        words![option, Word::path(path)]
    }));
    carried.extend(options.authority_file.as_ref().map(|path| words!["--cacert", Word::path(path)]));
    carried.extend(options.plain_http.then(|| words!["--plain-http"]));
    carried.extend(options.cleartext_login.then(|| words!["--allow-cleartext-login"]));
    carried.extend(options.insecure.then(|| words!["--insecure"]));
    carried
}

/// The options of our commands that log in.
const LOGIN: [&str; 3] = ["--username", "NAME", "--password-stdin"];

/// Makes the commands of findings use the same scenario, and the shell's form in a shell. If one uses plain HTTP
/// because the run did, its finding says what that means for a login.
pub(super) fn placed(record: &Record, findings: &mut [Finding], asks: AsksARegistry) {
    for finding in findings {
        in_the_same_place(&record.options, record.reference.registry(), finding.fix.iter_mut(), asks);
        let is_said = finding.fix.iter().any(|fix| fix.text.contains(CLEARTEXT_LOGINS));
        let is_plain = |fix: &&mut Fix| fix.command.as_ref().is_some_and(|command| command.contains("--plain-http"));
        if let Some(fix) = finding.fix.iter_mut().find(is_plain).filter(|_| !is_said) {
            fix.text = with_cleartext_logins(&fix.text);
        }
    }
}

/// Makes our own commands use the same scenario, and the shell's form in a shell.
fn in_the_same_place<'a>(
    options: &RunOptions,
    registry: &Host,
    fixes: impl Iterator<Item = &'a mut Fix>,
    asks: AsksARegistry,
) {
    for fix in fixes {
        fix.change_command(|command| {
            if !command.starts_with("ociscope ") {
                return Ok(command);
            }
            let typed = options.typed;
            let logs_in = typed && command.contains(&LOGIN.join(" "));
            let mut rest: Vec<Word> = command.into_words().into_iter().skip(1).collect();
            rest.retain(|word| !logs_in || !LOGIN.iter().any(|login| word.is(login)));
            if logs_in && !rest.iter().any(Word::is_option) {
                // In the shell, only this command reads passwords.
                return CommandLine::of(words!["login", registry]);
            }
            // Such a command has another option as its purpose. The shell keeps its settings.
            let rest = if typed || !rest.first().is_some_and(asks) { rest } else { as_in_the_run(options, rest) };
            CommandLine::of(program(options).into_iter().chain(rest))
        });
    }
}

/// A command that contacts a registry with the options of the run, except for those that it has or contradicts.
fn as_in_the_run(options: &RunOptions, mut command: Vec<Word>) -> Vec<Word> {
    let has = |option: &str| command.iter().any(|word| word.is(option));
    let contradicts: &[&str] = match () {
        () if has("--username") || has("--anonymous") => &["--auth-file", "--pull-secret"],
        () if has("--auth-file") || has("--pull-secret") => &["--auth-file", "--pull-secret"],
        () if has("--plain-http") => &["--cacert", "--insecure"],
        () if command.iter().any(|word| word.starts_with("https://")) => &["--plain-http", "--allow-cleartext-login"],
        () => &[],
    };
    let is_new = |option: &Vec<Word>| {
        let name = option.first();
        let is_there = command.iter().any(|word| Some(word) == name);
        !is_there && !contradicts.iter().any(|other| name.is_some_and(|name| name.is(other)))
    };
    let carried: Vec<Word> = carried(options).into_iter().filter(is_new).flatten().collect();
    command.splice(1..1, carried);
    command
}

/// Whether a finding advises a login, by any program.
pub(super) fn advises_login(findings: &[Finding]) -> bool {
    let names_one = |words: &str| {
        let words = words.to_lowercase();
        ["login", "log in", "--password"].iter().any(|word| words.contains(word))
    };
    let fixes = findings.iter().flat_map(|finding| &finding.fix);
    fixes.into_iter().any(|fix| names_one(&fix.text) || fix.command.as_deref().is_some_and(names_one))
}

/// Turns probes among our commands into diagnoses: after a full report, the next one should be full too.
pub(super) fn diagnosing<'a>(fixes: impl Iterator<Item = &'a mut Fix>) {
    for fix in fixes {
        fix.change_command(|command| {
            let probes = command.starts_with("ociscope probe ");
            let mut words = command.into_words();
            if probes && let Some(verb) = words.get_mut(1) {
                *verb = "diagnose".into();
            }
            CommandLine::of(words)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Reference;
    use crate::session::{LabChoice, RegistrySettings, Settings};

    fn fix(command: &'static str) -> Fix {
        Fix { text: String::new(), command: Some(CommandLine::ours(command)) }
    }

    #[test]
    fn after_a_diagnosis_the_next_one_is_proposed() {
        let mut fixes = ["ociscope probe a:1", "docker logout"].map(fix);
        diagnosing(fixes.iter_mut());
        assert_eq!(fixes, ["ociscope diagnose a:1", "docker logout"].map(fix));
    }

    #[test]
    fn a_command_that_was_found_in_the_lab_stays_in_the_lab() {
        let mut chosen = Settings { lab: Some(LabChoice::ByReference), ..Settings::new() };
        let reference = Reference::parse("gcr.io/a/b:c").unwrap();
        let settings = RegistrySettings::new(&chosen, &reference);
        let said = |settings: &RegistrySettings, typed, command: &'static str| {
            let mut fixes = [fix(command)];
            let options = RunOptions { typed, ..settings.options(&[]) };
            in_the_same_place(&options, reference.registry(), fixes.iter_mut(), |verb| verb.is("probe"));
            fixes[0].command.as_deref().expect("a command").to_owned()
        };
        let (probe, login) = ("ociscope probe a/b:c", "ociscope probe --username NAME --password-stdin a/b:c");
        assert_eq!(said(&settings, false, probe), "ociscope --lab probe a/b:c");
        assert_eq!(said(&settings, true, probe), "probe a/b:c");
        assert_eq!(said(&settings, true, "docker login gcr.io"), "docker login gcr.io");
        assert_eq!(said(&settings, false, login), "ociscope --lab probe --username NAME --password-stdin a/b:c");
        assert_eq!(said(&settings, true, login), "login gcr.io");
        let secret_file = |option| {
            let path = std::path::PathBuf::from("a file.yaml");
            RegistrySettings {
                credentials_file: Some((option, path.clone())),
                authority_file: Some(path),
                platform: "linux/s390x".parse().unwrap(),
                lab: None,
                ..settings.clone()
            }
        };
        let (secret, file) = (secret_file("--pull-secret"), secret_file("--auth-file"));
        let options = "--cacert 'a file.yaml'";
        assert_eq!(
            said(&secret, false, probe),
            format!("ociscope probe --platform linux/s390x --pull-secret 'a file.yaml' {options} a/b:c")
        );
        assert_eq!(said(&secret, true, probe), "probe a/b:c", "the shell keeps its settings");
        assert_eq!(said(&secret, false, "ociscope explain tag-not-found"), "ociscope explain tag-not-found");
        assert_eq!(said(&secret, false, "docker logout a"), "docker logout a");
        assert_eq!(
            said(&file, false, "ociscope probe --anonymous --platform linux/arm64 a/b:c"),
            format!("ociscope probe {options} --anonymous --platform linux/arm64 a/b:c")
        );
        let mut plain = RegistrySettings { cleartext_login: true, ..settings.clone() };
        plain.access.plain_http = true;
        let options = "--plain-http --allow-cleartext-login";
        assert_eq!(said(&plain, false, probe), format!("ociscope --lab probe {options} a/b:c"));
        let secure = "ociscope probe https://gcr.io/a/b:c";
        assert_eq!(said(&plain, false, secure), "ociscope --lab probe https://gcr.io/a/b:c", "that is the point of it");
        let trusting = "ociscope probe --trust-realm auth.example --username NAME --password-stdin a/b:c";
        assert_eq!(said(&settings, true, trusting), "probe --trust-realm auth.example a/b:c");
        let secret = crate::text::Secret::new;
        let credentials = crate::auth::Credentials::Password { username: secret("me"), password: secret("a password") };
        chosen.logins.keep(reference.registry(), credentials);
        let logged_in = RegistrySettings::new(&chosen, &reference);
        assert_eq!(said(&logged_in, true, login), "login gcr.io");
    }
}
