//! Words of other tools and shells, and the commands here that do the same.

/// Where a word was given, which decides how commands are spelled in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Door {
    /// As the argument of the program.
    CommandLine,
    /// At the prompt of the shell.
    Shell,
}

/// A command of another program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Foreign {
    /// Its name.
    pub name: &'static str,
    /// The commands here that do the same, as the end of a sentence.
    pub advice: &'static str,
    /// Whether it logs in.
    pub logs_in: bool,
}

/// Names, and the advice in the shell and on the command line; empty if there is none.
type Entry = (&'static [&'static str], &'static str, &'static str);

/// The advice for a login in the shell.
const LOGIN: &str = "`login REGISTRY` asks for the user name and the password";

/// The advice for a login on the command line.
const LOGIN_ONCE: &str = "`ociscope COMMAND -u NAME REF` logs in for one command; `login` is a command of the shell, which \
                          `ociscope` opens";

/// The advice for everything that writes.
const READ_ONLY: &str = "ociscope is read-only: it never changes anything on a registry";

/// Commands of registry clients. Some are also commands of ours, for `crane manifest` and the like.
const VERBS: [Entry; 12] = [
    (
        &["pull", "run", "create", "fetch", "build", "import", "validate", "doctor"],
        "`diagnose REF` finds out why an image cannot be pulled",
        "`ociscope diagnose REF` finds out why an image cannot be pulled",
    ),
    (
        &["inspect", "manifest", "imagetools"],
        "`manifest REF` shows the manifest, `config REF` the image config",
        "`ociscope manifest REF` shows the manifest, `ociscope config REF` the image config",
    ),
    (&["config"], "`config REF` shows the image config", "`ociscope config REF` shows the image config"),
    (&["digest"], "`manifest REF` shows the digest", "`ociscope manifest REF` shows the digest"),
    (
        &["ls", "ll", "dir", "list", "list-tags", "tags"],
        "`tags` lists the tags of the repository, `session` the exchanges",
        "`ociscope tags REF` lists the tags of a repository",
    ),
    (
        &["catalog", "search", "repositories"],
        "`catalog REGISTRY` lists the repositories of a registry, if it allows that",
        "`ociscope catalog REGISTRY` lists the repositories of a registry, if it allows that",
    ),
    (&["blob", "export", "save"], "`blob DIGEST` shows a blob", "`ociscope blob REF@DIGEST` shows a blob"),
    (
        &["referrers", "discover", "verify", "sbom", "attestation", "download"],
        "`referrers` lists signatures, SBOMs and attestations",
        "`ociscope referrers REF` lists signatures, SBOMs and attestations",
    ),
    (
        &["events", "logs", "describe"],
        "`explain` explains what a client printed",
        "`kubectl get events -A | ociscope explain` explains what a client printed",
    ),
    (&["login", "su"], LOGIN, LOGIN_ONCE),
    (
        &["logout"],
        "`logout REGISTRY` forgets a login of this session",
        "`--anonymous` uses no stored credentials; ociscope stores none itself",
    ),
    (
        &["push", "rm", "rmi", "delete", "copy", "cp", "mv", "sync", "tag", "attach", "sign", "prune"],
        READ_ONLY,
        READ_ONLY,
    ),
];

/// Habits of other shells.
const HABITS: [Entry; 10] = [
    (&["clear", "cls", "reset"], "Ctrl-L clears the screen", ""),
    (&["cd"], "`use REF` goes to an image", ""),
    (&["pwd", "whoami"], "the prompt shows the image and the user, `auth` where the credentials come from", ""),
    (
        &["cat", "less", "more"],
        "`manifest`, `config` and `show` print what the registry sent",
        "`ociscope manifest REF` and `ociscope config REF` print what the registry sent",
    ),
    (&["history"], "the arrow keys and Ctrl-R bring back earlier lines, `session` lists the exchanges", ""),
    (&["watch", "repeat"], "the arrow keys bring back the last command, to run it again", ""),
    (&["env", "export", "printenv"], "`set` shows the settings of the session and changes them", ""),
    (&["h", "?"], "`help COMMAND` shows how to use a command", "`ociscope --help` lists the commands"),
    (&["q", "bye", "logoff"], "`exit` or Ctrl-D leaves", ""),
    (&["version"], "`ociscope --version` prints the version", "`ociscope --version` prints the version"),
];

/// Registry clients and related programs, whose name precedes a command.
const TOOLS: [&str; 26] = [
    "docker",
    "podman",
    "nerdctl",
    "ctr",
    "crictl",
    "kubectl",
    "helm",
    "buildah",
    "buildx",
    "skopeo",
    "crane",
    "gcrane",
    "regctl",
    "regbot",
    "oras",
    "singularity",
    "apptainer",
    "sregistry",
    "udocker",
    "enroot",
    "sarus",
    "shifterimg",
    "charliecloud",
    "ch-image",
    "cosign",
    "notation",
];

/// The advice for any other command of such a program.
const ANY_TOOL: (&str, &str) = (
    "`diagnose REF` finds out why an image cannot be pulled, `manifest REF` shows what it is",
    "`ociscope diagnose REF` finds out why an image cannot be pulled, `ociscope manifest REF` shows what it is",
);

/// Programs that the shell does not run.
const PROGRAMS: [&str; 9] = ["sudo", "vi", "vim", "nano", "grep", "jq", "ping", "dig", "wget"];
const NOT_RUN: &str = "the shell does not run other programs; `query PATH` looks into a body";

/// The command of another program that a line begins with.
pub(crate) fn foreign(words: &[impl AsRef<str>], door: Door) -> Option<Foreign> {
    let mut words = words.iter().map(AsRef::as_ref).peekable();
    let is_tool = |word: &str| TOOLS.contains(&word);
    let sudo = words.next_if_eq(&"sudo");
    let first = words.peek().copied().filter(|word| sudo.is_none() || is_tool(word));
    let Some(first) = first else { return sudo.and_then(|_| not_run("sudo", door)) };
    let advice = |entry: &Entry| if door == Door::Shell { entry.1 } else { entry.2 };
    let of = |table: &'static [Entry], word: &str| {
        table.iter().find_map(|entry| {
            let name = entry.0.iter().find(|name| **name == word)?;
            let advice = Some(advice(entry)).filter(|advice| !advice.is_empty())?;
            Some(Foreign { name, advice, logs_in: [LOGIN, LOGIN_ONCE].contains(&advice) })
        })
    };
    if let Some(tool) = TOOLS.iter().find(|tool| **tool == first) {
        let said = words.skip(1).find_map(|word| of(&VERBS, word));
        let any = if door == Door::Shell { ANY_TOOL.0 } else { ANY_TOOL.1 };
        return Some(
            said.map_or(Foreign { name: tool, advice: any, logs_in: false }, |said| Foreign { name: tool, ..said }),
        );
    }
    of(&VERBS, first).or_else(|| of(&HABITS, first)).or_else(|| not_run(first, door))
}

fn not_run(word: &str, door: Door) -> Option<Foreign> {
    let name = PROGRAMS.iter().find(|name| **name == word && door == Door::Shell)?;
    Some(Foreign { name, advice: NOT_RUN, logs_in: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(line: &str, door: Door) -> Option<&'static str> {
        foreign(&line.split(' ').collect::<Vec<_>>(), door).map(|foreign| foreign.advice)
    }

    #[test]
    fn command_of_another_tool_is_answered_with_ours() {
        for (line, ours) in [
            ("pull acme/api", "diagnose REF"),
            ("docker pull acme/api:1", "diagnose REF"),
            ("sudo docker pull acme/api:1", "diagnose REF"),
            ("singularity pull docker://acme/api", "diagnose REF"),
            ("sregistry pull acme/api", "diagnose REF"),
            ("apptainer build x.sif docker://acme/api", "diagnose REF"),
            ("podman", "diagnose REF"),
            ("inspect acme/api", "manifest REF"),
            ("skopeo inspect docker://acme/api", "manifest REF"),
            ("skopeo inspect --config docker://acme/api", "manifest REF"),
            ("docker manifest inspect acme/api", "manifest REF"),
            ("docker buildx imagetools inspect acme/api", "manifest REF"),
            ("crane manifest acme/api", "manifest REF"),
            ("crane config acme/api", "config REF"),
            ("digest acme/api", "manifest REF` shows the digest"),
            ("crane digest acme/api", "manifest REF` shows the digest"),
            ("skopeo list-tags docker://acme/api", "tags"),
            ("crane ls acme/api", "tags"),
            ("regctl tag ls acme/api", READ_ONLY),
            ("crane catalog r.test", "catalog REGISTRY"),
            ("oras discover acme/api", "referrers"),
            ("kubectl describe pod x", "explain"),
            ("crane push x acme/api", READ_ONLY),
            ("docker login r.test", "login"),
        ] {
            for door in [Door::CommandLine, Door::Shell] {
                let advice = advice(line, door).unwrap_or_else(|| panic!("{line}"));
                assert!(advice.contains(ours), "{line}: {advice}");
                let is_one_shot =
                    advice.contains("`ociscope ") || advice == READ_ONLY || advice.contains("| ociscope ");
                assert_eq!(is_one_shot, door == Door::CommandLine || advice == READ_ONLY, "{advice}");
            }
        }
    }

    #[test]
    fn word_that_no_tool_has_is_left_to_others() {
        for line in ["alpine:3", "hunter2", "MANIFEST_UNKNOWN", "prob", "sudoku", "dockerfile", ""] {
            for door in [Door::CommandLine, Door::Shell] {
                assert_eq!(advice(line, door), None, "{line}");
            }
        }
        for line in ["cd", "clear", "vim x", "sudo reboot", "watch"] {
            assert_eq!(advice(line, Door::CommandLine), None, "{line}");
            assert!(advice(line, Door::Shell).is_some(), "{line}");
        }
        assert!(foreign(&["docker", "login", "r.test"], Door::Shell).is_some_and(|foreign| foreign.logs_in));
        assert!(foreign(&["docker", "pull", "r.test"], Door::Shell).is_some_and(|foreign| !foreign.logs_in));
    }
}
