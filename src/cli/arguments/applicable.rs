//! Options of a run at commands that send requests, and nowhere else.

use super::Global;
use crate::commands::Command;

impl Global {
    /// Checks that the options given apply to a command. Options that only change the output, and those that do nothing
    /// without a request (`--lab`, `--platform`, `--timeout`), apply to all.
    ///
    /// # Errors
    /// Where an option has no meaning for the command, in a sentence that names it and not its value.
    pub fn check_for(&self, command: &Command) -> Result<(), String> {
        let given = [
            ("--anonymous", self.anonymous),
            ("--username", self.username.is_some()),
            ("--login-host", self.login_host.is_some()),
            ("--auth-file", self.auth_file.is_some()),
            ("--pull-secret", self.pull_secret.is_some()),
            ("--trust-realm", !self.trust_realm.is_empty()),
            ("--allow-cleartext-login", self.allow_cleartext_login),
            ("--plain-http", self.plain_http),
            ("--insecure", self.insecure),
            ("--cacert", self.cacert.is_some()),
            ("--cert", self.cert.is_some()),
            ("--resolve", !self.resolve.is_empty()),
            ("--header", !self.header.is_empty()),
        ];
        let given: Vec<_> = given.iter().filter(|(_, is_given)| *is_given).map(|(name, _)| *name).collect();
        if !command.asks() && !given.is_empty() {
            return Err(format!("this command sends no request, so leave out {}", given.join(", ")));
        }
        if !command.asks() && (self.recording.replays() || self.recording.records()) {
            return Err("this command sends no request, so leave out --from and --record".to_owned());
        }
        if self.recording.replays() && !given.is_empty() {
            return Err(format!("a recording answers, and nothing is sent; leave out {}", given.join(", ")));
        }
        if self.recording.reads_standard_input() && command.reads_references() {
            return Err("--from - and -f - both read standard input; name a file for one of them".to_owned());
        }
        if command.reads_references() && self.reads_password() {
            return Err(
                "--password-stdin and -f - both read standard input; give the list as a file: -f FILE".to_owned()
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::super::{Arguments, Invocation};

    fn checked(line: &str) -> Result<(), String> {
        let Arguments { command, global } = Arguments::try_parse_from(line.split(' ')).unwrap();
        let Some(Invocation::Command(command)) = command else { panic!("{line}") };
        global.check_for(&command)
    }

    #[test]
    fn option_of_a_run_is_refused_where_nothing_is_sent() {
        for (line, names) in [
            ("o explain 404 --insecure", "--insecure"),
            ("o rules -u alice", "--username"),
            ("o --cacert ca.pem man", "--cacert"),
            ("o completions bash --header X:CANARY --anonymous", "--anonymous, --header"),
            ("o schema --pull-secret f --resolve r.test:443:192.0.2.1", "--pull-secret, --resolve"),
            ("o explain 404 --trust-realm a.test", "--trust-realm"),
        ] {
            assert_eq!(checked(line), Err(format!("this command sends no request, so leave out {names}")), "{line}");
        }
        for line in [
            "o probe a/b --insecure",
            "o diagnose -u alice -f images.txt",
            "o explain 404 --timeout 5 --platform arm64",
            "o rules --json --public --color never",
            "o tls r.test --cacert ca.pem",
            "o catalog r.test --anonymous",
        ] {
            assert_eq!(checked(line), Ok(()), "{line}");
        }
    }

    /// A password and a list cannot both be everything up to the end.
    #[test]
    fn standard_input_is_read_once() {
        for command in ["diagnose", "probe"] {
            let refused = checked(&format!("o {command} -u alice --password-stdin -f -")).expect_err(command);
            assert!(refused.contains("both read standard input"), "{refused}");
            assert_eq!(checked(&format!("o {command} -u alice --password-stdin -f images.txt")), Ok(()));
            assert_eq!(checked(&format!("o {command} -u alice -f -")), Ok(()));
            assert_eq!(checked(&format!("o {command} a/b -u alice --password-stdin")), Ok(()));
        }
    }
}
