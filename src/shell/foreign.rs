//! Words that people type who come from another shell or another tool, and what there is here for the same.
//!
//! A word alone may be the name of an image on Docker Hub, and `ls` would be asked for there.

/// What helps whoever types this word, where it is the command of another program. `probe WORD` asks for an image that is
/// called so.
pub(super) fn advice(word: &str) -> Option<&'static str> {
    Some(match word {
        "clear" | "cls" | "reset" => "Ctrl-L clears the screen",
        "ls" | "ll" | "dir" => "`tags` lists the tags of the repository, `session` what was exchanged",
        "cd" => "`use REF` goes to an image",
        "pwd" | "whoami" => "the prompt says where you are and as whom, and `auth` why",
        "cat" | "less" | "more" | "inspect" => "`manifest`, `config` and `show` print what there is",
        "login" | "logout" | "su" => {
            "credentials are given when the shell is opened, by --username and --password-stdin, and `auth` shows which \
             are used"
        }
        "pull" | "docker" | "podman" | "nerdctl" | "ctr" | "crictl" | "kubectl" => {
            "`diagnose REF` says whether an image can be pulled, and why not"
        }
        "skopeo" | "crane" | "regctl" | "oras" | "buildx" => {
            "`probe REF` asks in every way, and `manifest REF` shows what is there"
        }
        "push" | "rm" | "rmi" | "delete" | "copy" | "cp" => "nothing is ever changed on a registry",
        "h" | "?" => "`help COMMAND` shows how a command is used",
        "q" | "bye" | "logoff" => "`exit` or Ctrl-D leaves",
        "version" => "`ociscope --version` tells it, and so does the first line",
        "sudo" | "vi" | "vim" | "nano" | "grep" | "jq" => {
            "programs are not run from here; `query PATH` looks into a body"
        }
        _ => return None,
    })
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
