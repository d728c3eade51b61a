//! The same work by other programs, as far as they are installed: one manifest, many manifests eight at a time, a list
//! of tags.

use std::time::Duration;

use super::content::MANIFEST;
use super::figures::{NONE, median, time};
use super::program::Program;
use super::rows::{Command, Row};
use super::site::Site;

/// The programs in the order of their columns. [`SAME`] is curl, too.
pub const NAMES: [&str; 6] = ["curl", SAME, "skopeo", "crane", "regctl", "oras"];

/// curl with all requests that a diagnosis of several references sends, those of each reference over one connection.
const SAME: &str = "curl, all requests";

/// How many processes work on a list of references.
const AT_ONCE: &str = "-P8";
/// The most timed runs.
const RUNS: usize = 3;

/// How long a program took.
pub enum Took {
    Time(Duration),
    /// It is not installed, or it does not do the same work.
    Nothing,
    /// It ended with an error.
    Failed,
}

impl Took {
    /// Whether it was run.
    pub fn is_something(&self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// As it is written in a table.
    pub fn shown(&self) -> String {
        match self {
            Self::Time(took) => time(*took),
            Self::Nothing => NONE.to_owned(),
            Self::Failed => "failed".to_owned(),
        }
    }
}

/// The times of all programs for the content of a row.
pub fn measure(row: &Row, site: &Site) -> Vec<Took> {
    NAMES.iter().map(|name| took(name, row, site)).collect()
}

fn took(name: &str, row: &Row, site: &Site) -> Took {
    let is_same = name == SAME;
    if !row.peers || !Program::is_installed(if is_same { "curl" } else { name }) {
        return Took::Nothing;
    }
    let program = if is_same { same_requests(row.command, site) } else { program(name, row.command, site) };
    let Some(program) = program else {
        return Took::Nothing;
    };
    let times: Option<Vec<_>> = (0..row.runs.clamp(1, RUNS))
        .map(|_| {
            let run = program.run(usize::MAX, false);
            run.status.success().then_some(run.time)
        })
        .collect();
    times.map_or(Took::Failed, |times| Took::Time(median(times)))
}

/// The requests of a diagnosis of several references: a process for each reference, eight at a time.
fn same_requests(command: Command, site: &Site) -> Option<Program> {
    if command != Command::Diagnose || site.needs_token() || site.asked().len() < 2 {
        return None;
    }
    // The options of a process, and those to be repeated after each `--next`.
    let once = words("--silent --show-error --no-progress-meter");
    let each = |more: &[&str]| {
        let own = curl(site).into_iter().filter(|word| !once.contains(word));
        let own = own.chain(more.iter().map(|&word| word.to_owned()));
        own.map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(" ")
    };
    let lines = site.asked().into_iter().map(|asked| {
        let requests =
            [(&asked.by_head, &["--head"][..]), (&asked.by_get, &[]), (&asked.beginnings, &["--range", "0-511"])];
        let parts = requests.iter().map(|(urls, more)| format!("{} {}", each(more), urls.join(" ")));
        parts.collect::<Vec<_>>().join(" --next ")
    });
    let mut arguments = vec![AT_ONCE.to_owned(), "-L1".to_owned(), "curl".to_owned()];
    arguments.extend(once.iter().cloned());
    Some(Program::named("xargs", arguments).input(lines.collect::<Vec<_>>().join("\n") + "\n"))
}

fn program(name: &str, command: Command, site: &Site) -> Option<Program> {
    let is_list = command == Command::Tags;
    let arguments: Vec<String> = match name {
        // It follows neither challenges nor the pages of a list.
        "curl" => (!is_list && !site.needs_token()).then(|| curl(site))?,
        "skopeo" => skopeo(is_list, site),
        "crane" => words(if is_list { "ls" } else { "manifest" }),
        "regctl" => regctl(is_list, site),
        "oras" => oras(is_list, site),
        _ => return None,
    };
    let subjects = site.references_by_address().into_iter().map(|reference| subject(name, &reference, is_list, site));
    let mut subjects: Vec<String> = subjects.collect();
    let program = if subjects.len() == 1 {
        let arguments = arguments.into_iter().chain(subjects.pop());
        Program::named(name, arguments.collect())
    } else {
        let mut all = vec![AT_ONCE.to_owned(), "-n1".to_owned(), name.to_owned()];
        all.extend(arguments);
        Program::named("xargs", all).input(subjects.join("\n"))
    };
    // Programs in Go trust this file only.
    Some(program.variable("SSL_CERT_FILE", site.authority_file()))
}

/// A reference as this program takes it.
fn subject(name: &str, reference: &str, is_list: bool, site: &Site) -> String {
    let (repository, tag) = reference.rsplit_once(':').unwrap_or((reference, ""));
    match name {
        "curl" => {
            let scheme = if site.is_plain() { "http" } else { "https" };
            let path = repository.split_once('/').map_or("", |(_, path)| path);
            format!("{scheme}://{}/v2/{path}/manifests/{tag}", site.address())
        }
        "skopeo" if is_list => format!("docker://{repository}"),
        "skopeo" => format!("docker://{reference}"),
        _ if is_list => repository.to_owned(),
        _ => reference.to_owned(),
    }
}

fn curl(site: &Site) -> Vec<String> {
    let mut arguments = words("--silent --show-error --fail --noproxy *");
    arguments.extend(["--header".to_owned(), format!("Accept: {MANIFEST}")]);
    if !site.is_plain() {
        arguments.extend(["--cacert".to_owned(), site.authority_file()]);
    }
    arguments
}

fn skopeo(is_list: bool, site: &Site) -> Vec<String> {
    let mut arguments = words(if is_list { "list-tags" } else { "inspect --raw" });
    if site.is_plain() {
        arguments.push("--tls-verify=false".to_owned());
    }
    arguments
}

fn regctl(is_list: bool, site: &Site) -> Vec<String> {
    let mut arguments = words(if is_list { "tag ls" } else { "manifest get --format raw-body" });
    if site.is_plain() {
        arguments.extend(["--host".to_owned(), format!("reg={},tls=disabled", site.address())]);
    }
    arguments
}

fn oras(is_list: bool, site: &Site) -> Vec<String> {
    let mut arguments = words(if is_list { "repo tags" } else { "manifest fetch" });
    if site.is_plain() {
        arguments.push("--plain-http".to_owned());
    }
    arguments
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}
