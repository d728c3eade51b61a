//! Detects the beginning of a message by the prefixes that programs print.

/// The kind of message that a line begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Head {
    /// A command that a user entered or a job runs.
    Command,
    /// A message on a terminal or in the log of one job.
    Terminal,
    /// A message in a log that several programs write to: events of a cluster, a journal of daemons.
    Log,
}

/// Programs that users run. A line that begins with one of them is a command, or quotes one.
const PROGRAMS: [&str; 25] = [
    "docker",
    "docker-compose",
    "podman",
    "nerdctl",
    "ctr",
    "crictl",
    "crane",
    "skopeo",
    "buildah",
    "helm",
    "oras",
    "singularity",
    "apptainer",
    "enroot",
    "srun",
    "kubectl",
    "kubeadm",
    "sudo",
    "regctl",
    "trivy",
    "sregistry",
    "k3s",
    "minikube",
    "ansible",
    "ociscope",
];

/// Words in capitals or with a capital at the beginning of a message, before a space, a colon or a bracket.
const LEVELS: [&str; 30] = [
    "Error",
    "ERROR",
    "ERRO",
    "ERR",
    "Failed",
    "FAILED",
    "Failure",
    "FATAL",
    "FATA",
    "Fatal",
    "Warning",
    "WARNING",
    "WARN",
    "INFO",
    "Info",
    "DEBUG",
    "DEBU",
    "TRACE",
    "NOTICE",
    "CRITICAL",
    "Normal",
    "Traceback",
    "Unable",
    "Trying",
    "Pulling",
    "Using",
    "Step",
    "Status",
    "Back-off",
    "ImagePullBackOff",
];

/// Fields of Kubernetes objects, as `describe`, `-o yaml` and `-o json` print them.
const FIELDS: [&str; 34] = [
    "message",
    "reason",
    "image",
    "imageid",
    "name",
    "state",
    "waiting",
    "status",
    "laststate",
    "ready",
    "restartcount",
    "started",
    "type",
    "phase",
    "hostip",
    "podip",
    "conditions",
    "containerstatuses",
    "initcontainerstatuses",
    "events",
    "image id",
    "container id",
    "host port",
    "port",
    "command",
    "args",
    "environment",
    "mounts",
    "node",
    "namespace",
    "labels",
    "annotations",
    "ports",
    "exit code",
];

/// Programs whose journal lines are about many images at once.
const DAEMONS: [&str; 10] =
    ["kubelet", "containerd", "dockerd", "docker", "crio", "k3s", "rke2", "k0s", "podman", "buildkitd"];

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The kind of message that a line begins; `None` if it continues the previous line.
pub(super) fn head(line: &str) -> Option<Head> {
    let line = line.trim_start_matches(['│', '|', '╷', '╵', '├', '└']).trim_start();
    let first = line.split_whitespace().next()?;
    if is_event(line) || is_klog(first) {
        return Some(Head::Log);
    }
    if let Some(rest) = after_time(line) {
        return Some(match head_after_time(rest) {
            Some(Head::Command) => Head::Command,
            _ if is_daemon(rest) || is_event(rest) => Head::Log,
            _ => Head::Terminal,
        });
    }
    head_after_time(line)
}

fn head_after_time(line: &str) -> Option<Head> {
    let first = line.split_whitespace().next()?;
    if is_command(line, first) {
        return Some(Head::Command);
    }
    let word = first.trim_start_matches('[');
    let level = word.split([':', '[', ']', ',', '(']).next().unwrap_or_default();
    let begins = LEVELS.contains(&level)
        || first.starts_with("time=")
        || first.starts_with("level=")
        || line.starts_with("{\"")
        || line.starts_with("------")
        || ["=>", "*", "✘", "✔", "✗", "⠿", "->", ">>>"].contains(&first)
        || is_numbered(first)
        || matches!(first, "error:" | "fatal:" | "curl:" | "ctr:" | "docker:" | "podman:" | "slurmstepd:" | "pyxis:")
        || line.contains(": Pulling from ")
        || is_field(line);
    begins.then_some(Head::Terminal)
}

/// `$ docker pull x`, `root@host:~# …`, `[user@host dir]$ …`, `PS C:\> …`, `+ docker pull x`, `docker pull x`.
fn is_command(line: &str, first: &str) -> bool {
    if first.starts_with("##[command]") {
        return true;
    }
    let after_prompt = match first {
        "$" | "#" | "%" | "❯" | "+" | "++" | ">" | "➜" | "PS" => true,
        _ => {
            (first.contains('@') || first.starts_with('[') || first.ends_with('>'))
                && line.contains(['$', '#', '%', '>'])
        }
    };
    if PROGRAMS.contains(&first) && !line[first.len()..].trim_start().starts_with([':', '=']) {
        return true;
    }
    let mut words = line.split_whitespace().skip(1).take(6);
    after_prompt && words.any(|word| PROGRAMS.contains(&word.rsplit('/').next().unwrap_or_default()))
}

/// Returns `true` for a row of `kubectl get events`, or of the events in `kubectl describe`: the type is among the
/// first columns.
fn is_event(line: &str) -> bool {
    let mut columns = line.split_whitespace().take(4);
    columns.any(|column| matches!(column, "Warning" | "Normal"))
}

/// Returns `true` for the first word of a klog line, as Kubernetes programs print them: `E0511 11:45:26.564440`.
fn is_klog(first: &str) -> bool {
    first.len() == 5 && first.starts_with(['I', 'W', 'E', 'F']) && first[1..].bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns `true` for the `#8 ` of BuildKit.
fn is_numbered(first: &str) -> bool {
    first.strip_prefix('#').is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `message: …`, `"message": …`, `- image: …`, `Reason:  …`.
fn is_field(line: &str) -> bool {
    let line = line.trim_start_matches(['-', ' ', '"', '{']);
    let Some((name, rest)) = line.split_once(':') else { return false };
    let name = name.trim_end_matches('"');
    (rest.is_empty() || rest.starts_with(char::is_whitespace))
        && name.len() <= 24
        && FIELDS.contains(&name.to_ascii_lowercase().as_str())
}

/// Returns `true` if a journal line, without its time, is from a daemon: `node-1 kubelet[812]: …`.
fn is_daemon(line: &str) -> bool {
    let mut words = line.split_whitespace().take(3);
    words.any(|word| {
        let name = word.trim_end_matches(':').split('[').next().unwrap_or_default();
        word.ends_with(':') && DAEMONS.contains(&name)
    }) || line.split_whitespace().next().is_some_and(is_klog)
}

/// The text after the timestamp of a line.
fn after_time(line: &str) -> Option<&str> {
    let bare = line.trim_start_matches('[');
    let bytes = bare.as_bytes();
    let digits = |from: usize, to: usize| bytes.get(from..to).is_some_and(|part| part.iter().all(u8::is_ascii_digit));
    let is_date = digits(0, 4) && matches!(bytes.get(4), Some(b'-' | b'/')) && digits(5, 7) && digits(8, 10);
    let is_clock = digits(0, 2) && bytes.get(2) == Some(&b':') && digits(3, 5);
    if is_date || is_clock {
        // The time may be a separate word.
        let mut rest = after_word(bare);
        if is_date && rest.as_bytes().get(2) == Some(&b':') {
            rest = after_word(rest);
        }
        return Some(rest);
    }
    let month = MONTHS.iter().any(|month| bare.starts_with(month)) && bytes.get(3) == Some(&b' ');
    month.then(|| after_word(after_word(after_word(bare))))
}

fn after_word(line: &str) -> &str {
    line.find(char::is_whitespace).map_or("", |end| line[end..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_prefix_begins_a_message() {
        for line in [
            "2025-09-02T08:11:12.1Z something",
            "[2022-08-24T09:12:01.113Z] x",
            "2024/10/16 14:03:12 pulling",
            "14:03:12 something",
            "Error: no such image",
            "ERROR: failed to solve",
            "ERRO[0008] failed",
            "FATA[0000] x",
            "[ERROR] URL",
            "[INFO] Querying",
            "time=\"2025\" level=info",
            "level=error msg=x",
            "{\"stream\": \"stderr\"}",
            "#8 [internal] load metadata",
            "------",
            " => ERROR [internal] load metadata",
            "Step 1/22 : FROM x",
            "latest: Pulling from library/nginx",
            "Trying to pull quay.io/a/b:1...",
            "    message: 'failed to pull",
            "  \"image\": \"x\",",
            "  - image: ghcr.io/a/b:1",
            "│ Error: Unable to create",
            " ✘ web Error",
            "curl: (60) SSL",
            "  Reason:       ImagePullBackOff",
        ] {
            assert_eq!(head(line), Some(Head::Terminal), "{line}");
        }
        for line in [
            "  Warning  Failed  50s (x4 over 2m24s)  kubelet  Failed to pull",
            "default  22m  Warning  Failed  pod/x  Failed",
            "E0511 11:45:26.564440  898082 remote_image.go:167] x",
            "May 12 18:16:34 vps-1 dockerd[812]: time=x",
            "Jan 01 09:16:23 node-a k3s[9]: time=x",
            "2025-01-01T00:00:00Z node containerd[1]: time=x",
        ] {
            assert_eq!(head(line), Some(Head::Log), "{line}");
        }
        for line in [
            "$ docker pull x",
            "docker pull x",
            "root@kube-2:~# /usr/local/bin/nerdctl pull x",
            "[root@localhost chapter4]# docker pull x",
            "PS C:\\Users\\mika> docker pull x",
            "dev@gke ~ $ docker pull x",
            "+ docker pull x",
            "2025-01-01T00:00:00Z ##[command]/usr/bin/docker pull x",
        ] {
            assert_eq!(head(line), Some(Head::Command), "{line}");
        }
    }

    #[test]
    fn continued_line_begins_no_message() {
        for line in [
            "  rpc error: code = Unknown desc = failed to pull",
            "  \"config-sha256:00\": unexpected commit digest",
            "certificate signed by unknown authority",
            "  sha256:e3b0c4, expected",
            "  to authorize: failed to fetch anonymous token",
            "denied: requested access to the resource is denied",
            "",
            "   ",
            "sha256:cd89f9\":",
            "docker : an alias",
        ] {
            let found = head(line);
            assert!(found.is_none() || line.starts_with("docker :"), "{line}: {found:?}");
        }
    }
}
