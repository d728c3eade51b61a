//! A Dockerfile whose base is the image (Dockerfile reference; BuildKit, frontend/dockerfile/parser and shell).

use std::time::Duration;

use super::quoting::{for_dockerfile, json_array};
use super::settings::{HealthCheck, Settings, Variable};
use super::{Subject, Unfit, left_out};

/// The longest line that BuildKit reads, in bytes.
const LONGEST_LINE: usize = 65_535;

/// The Dockerfile. The image has these settings anyway; here they can be changed.
pub(super) fn dockerfile(subject: &Subject<'_>, settings: &Settings) -> String {
    let mut remarks = subject.remarks(settings);
    if settings.triggers > 0 {
        let count = if settings.triggers == 1 {
            "1 ONBUILD instruction".to_owned()
        } else {
            format!("{} ONBUILD instructions", settings.triggers)
        };
        remarks.push(format!("The image has {count}, which every build FROM it runs."));
    }
    let mut lines: Vec<String> = remarks.iter().map(|remark| format!("# {remark}")).collect();
    lines.push(format!("FROM {}", subject.image()));
    lines.push(String::new());
    lines.extend(settings.env.iter().map(env));
    lines.extend(settings.labels.iter().map(label));
    lines.extend(settings.ports.iter().map(|port| expose(port)));
    lines.extend(settings.volumes.iter().map(|volume| mount(volume)));
    let word =
        |instruction: &'static str, value: &Option<String>| value.as_deref().map(|value| one_word(instruction, value));
    lines.extend(word("WORKDIR", &settings.working_dir));
    lines.extend(word("USER", &settings.user));
    lines.extend(settings.stop_signal.as_deref().map(stop_signal));
    lines.extend(settings.health_check.as_ref().and_then(|check| health_check(check, &settings.shell)));
    let command = |instruction: &'static str, words: &[String]| {
        (!words.is_empty()).then(|| within(format!("{instruction} {}", json_array(words)), instruction, ""))
    };
    lines.extend(command("SHELL", &settings.shell));
    // ENTRYPOINT unsets the CMD of the base, so CMD is after it.
    lines.extend(command("ENTRYPOINT", &settings.entrypoint));
    lines.extend(command("CMD", &settings.cmd));
    lines.iter().map(|line| format!("{line}\n")).collect()
}

/// Why an instruction cannot hold a text that is not in JSON.
fn problem(text: &str) -> Option<Unfit> {
    match () {
        () if text.contains('\n') => Some("an instruction cannot hold a line break"),
        () if text.contains('\0') => Some("it has a NUL character"),
        () => None,
    }
}

/// The line, unless it is longer than BuildKit reads.
fn within(line: String, what: &str, name: &str) -> String {
    if line.len() <= LONGEST_LINE { line } else { left_out(what, name, "a line has at most 65535 bytes") }
}

fn env(Variable { name, value }: &Variable) -> String {
    let why = problem(name).or_else(|| name.is_empty().then_some("it has no name"));
    match (value, why.or_else(|| problem(value.as_deref().unwrap_or_default()))) {
        (_, Some(why)) => left_out("ENV", name, why),
        (None, None) => left_out("ENV", name, "it has no value"),
        (Some(value), None) => within(format!("ENV {}={}", for_dockerfile(name), for_dockerfile(value)), "ENV", name),
    }
}

fn label((name, value): &(String, String)) -> String {
    let why = problem(name).or_else(|| problem(value)).or_else(|| match name.as_str() {
        "" => Some("it has no name"),
        // The name ends at the first one, quoted or not.
        name if name.contains('=') => Some("its name has an equals sign"),
        _ => None,
    });
    match why {
        Some(why) => left_out("LABEL", name, why),
        None => within(format!("LABEL {}={}", for_dockerfile(name), for_dockerfile(value)), "LABEL", name),
    }
}

/// A port, a range of ports, and the protocol (Docker, nat.ParsePortSpec).
fn expose(port: &str) -> String {
    let (numbers, protocol) = port.split_once('/').unwrap_or((port, "tcp"));
    let is_number = |text: &str| text.parse::<u16>().is_ok() && text.bytes().all(|byte| byte.is_ascii_digit());
    let are_numbers = numbers.splitn(2, '-').all(is_number);
    match are_numbers && matches!(protocol, "tcp" | "udp" | "sctp") {
        true => format!("EXPOSE {port}"),
        false => left_out("EXPOSE", port, "it is not a port"),
    }
}

/// A volume. The texts of its array are read as words once more.
fn mount(path: &str) -> String {
    let why = problem(path).or_else(|| path.trim().is_empty().then_some("it is not a path"));
    match why {
        Some(why) => left_out("VOLUME", path, why),
        None => within(format!("VOLUME {}", json_array(&[for_dockerfile(path)])), "VOLUME", path),
    }
}

fn one_word(instruction: &'static str, value: &str) -> String {
    match problem(value) {
        Some(why) => left_out(instruction, value, why),
        None => within(format!("{instruction} {}", for_dockerfile(value)), instruction, value),
    }
}

/// The name or the number of a signal.
fn stop_signal(signal: &str) -> String {
    match signal.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-".contains(&byte)) {
        true => format!("STOPSIGNAL {signal}"),
        false => left_out("STOPSIGNAL", signal, "it is not a signal"),
    }
}

/// The check. A command in shell form is run by the image's shell, or by `/bin/sh` (moby, daemon/health.go).
fn health_check(check: &HealthCheck, shell: &[String]) -> Option<String> {
    let (kind, words) = check.test.split_first()?;
    let command = match (kind.as_str(), words) {
        ("NONE", []) => return Some("HEALTHCHECK NONE".to_owned()),
        ("CMD", [_, ..]) => words.to_vec(),
        ("CMD-SHELL", [_, ..]) if shell.is_empty() => [&["/bin/sh", "-c"].map(str::to_owned), words].concat(),
        ("CMD-SHELL", [_, ..]) => [shell, words].concat(),
        _ => return Some(left_out("HEALTHCHECK", kind, "it is not a check that Docker knows")),
    };
    let spans = [
        ("interval", check.interval),
        ("timeout", check.timeout),
        ("start-period", check.start_period),
        ("start-interval", check.start_interval),
    ];
    let options = spans.iter().filter_map(|(name, span)| Some(format!("--{name}={} ", in_go(*span.as_ref()?))));
    let options: String = options.chain(check.retries.map(|retries| format!("--retries={retries} "))).collect();
    Some(within(format!("HEALTHCHECK {options}CMD {}", json_array(&command)), "HEALTHCHECK", kind))
}

/// A span as Go reads it, in its largest whole unit.
fn in_go(span: Duration) -> String {
    let nanoseconds = span.as_nanos();
    let units = [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)];
    let whole = units.iter().find(|(_, unit)| nanoseconds.is_multiple_of(*unit));
    whole.map_or_else(|| format!("{nanoseconds}ns"), |(name, unit)| format!("{}{name}", nanoseconds / unit))
}
