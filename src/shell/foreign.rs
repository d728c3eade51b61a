//! Words that people type who come from another shell or another tool, and what there is here for the same.

/// What there is here for a login of another program.
pub(super) const LOGIN: &str = "`login REGISTRY` asks for the user name and the password";

const ADVICE: [(&[&str], &str); 15] = [
    (&["clear", "cls", "reset"], "Ctrl-L clears the screen"),
    (&["ls", "ll", "dir"], "`tags` lists the tags of the repository, `session` what was exchanged"),
    (&["cd"], "`use REF` goes to an image"),
    (&["pwd", "whoami"], "the prompt says where you are and as whom, and `auth` why"),
    (&["cat", "less", "more", "inspect"], "`manifest`, `config` and `show` print what there is"),
    (&["su"], LOGIN),
    (&["history"], "the arrow keys and Ctrl-R bring back earlier lines, and `session` lists what was exchanged"),
    (&["watch", "repeat"], "the arrow keys bring back the last command, to run it again"),
    (&["env", "export", "printenv"], "`set` shows what every command is told, and changes it"),
    (
        &["pull", "docker", "podman", "nerdctl", "ctr", "crictl", "kubectl", "helm", "buildah"],
        "`diagnose REF` says whether an image can be pulled, and why not",
    ),
    (
        &["skopeo", "crane", "regctl", "oras", "buildx"],
        "`probe REF` asks in every way, and `manifest REF` shows what is there",
    ),
    (&["push", "rm", "rmi", "delete", "copy", "cp"], "nothing is ever changed on a registry"),
    (&["h", "?"], "`help COMMAND` shows how a command is used"),
    (&["q", "bye", "logoff"], "`exit` or Ctrl-D leaves"),
    (&["version"], "`ociscope --version` tells it, and so does the first line"),
];

/// Programs that are not run from here.
const PROGRAMS: [&str; 8] = ["sudo", "vi", "vim", "nano", "grep", "jq", "ping", "dig"];

/// The command of another program that a word is, and what helps who types it. `probe WORD` asks for an image of that name.
pub(super) fn advice(word: &str) -> Option<(&'static str, &'static str)> {
    let named = ADVICE.iter().find_map(|(names, advice)| Some((*names.iter().find(|name| **name == word)?, *advice)));
    let program = || {
        Some((
            *PROGRAMS.iter().find(|name| **name == word)?,
            "programs are not run from here; `query PATH` looks into a body",
        ))
    };
    named.or_else(program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell::grammar::grammar;

    #[test]
    fn no_command_of_ours_is_taken_for_another_program_s() {
        for command in grammar().get_subcommands() {
            for name in command.get_all_aliases().chain([command.get_name()]) {
                assert_eq!(advice(name), None, "{name}");
            }
        }
    }
}
