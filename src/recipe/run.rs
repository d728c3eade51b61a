//! A `docker run` command with the settings of the image, for POSIX shells.

use super::quoting::for_sh;
use super::settings::{Settings, Variable};
use super::{Subject, Unfit, left_out};

/// The command, one option a line. The image has these settings anyway; here they can be changed.
pub(super) fn command(subject: &Subject<'_>, settings: &Settings) -> String {
    let mut remarks = subject.remarks(settings).iter().map(|remark| format!("# {remark}")).collect::<Vec<_>>();
    let mut words = Vec::new();
    let mut option = |name: &str, what: &str, shown: &str, value: &str, why: Option<Unfit>| match why {
        Some(why) => remarks.push(left_out(what, shown, why)),
        None => words.push(for_sh(&format!("--{name}={value}"))),
    };
    for Variable { name, value } in &settings.env {
        let entry = format!("{name}={}", value.as_deref().unwrap_or_default());
        let why = match value {
            // Docker would take its value from the environment of the user.
            None => Some("it has no value"),
            Some(_) if name.is_empty() => Some("it has no name"),
            Some(_) => nul(&entry),
        };
        option("env", "The variable", name, &entry, why);
    }
    if let Some(folder) = &settings.working_dir {
        let why = nul(folder).or_else(|| (!is_absolute(folder)).then_some("it is not an absolute path"));
        option("workdir", "The working directory", folder, folder, why);
    }
    if let Some(user) = &settings.user {
        option("user", "The user", user, user, nul(user));
    }
    let (first, rest) = match settings.entrypoint.split_first() {
        Some((first, rest)) => (Some(first), rest),
        None => (None, &[][..]),
    };
    let has_nul = settings.command_has_nul();
    if has_nul {
        option("entrypoint", "The command", "", "", Some("it has a NUL character"));
    } else if let Some(first) = first {
        option("entrypoint", "The entrypoint", first, first, None);
    }
    words.push(for_sh(&subject.image()));
    // `--entrypoint` takes one word; the others are before Cmd.
    let arguments = rest.iter().chain(&settings.cmd).filter(|_| !has_nul);
    words.extend(arguments.map(|word| for_sh(word)));
    remarks.push(format!("docker run --rm \\\n  {}", words.join(" \\\n  ")));
    remarks.iter().map(|line| format!("{line}\n")).collect()
}

fn nul(text: &str) -> Option<Unfit> {
    text.contains('\0').then_some("it has a NUL character")
}

/// Whether a path is absolute on Linux or Windows, which Docker requires of a working directory.
fn is_absolute(path: &str) -> bool {
    let mut letters = path.chars();
    let has_drive =
        letters.next().is_some_and(|first| first.is_ascii_alphabetic()) && letters.as_str().starts_with(":\\");
    path.starts_with('/') || has_drive
}
