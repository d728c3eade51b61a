//! The descriptions of commands.

use super::*;
use crate::diagnosis::words;

/// A command sends requests if it takes the name of a registry in any form.
#[test]
fn command_asks_a_registry_where_its_grammar_takes_one() {
    let grammar = crate::cli::grammar();
    for spec in COMMANDS {
        let command = grammar.find_subcommand(spec.name).expect(spec.name);
        let takes = |name: &str| command.get_arguments().any(|argument| argument.get_id() == name);
        let takes_one = ["reference", "references", "path", "server"].into_iter().any(takes);
        assert_eq!(spec.asks_a_registry, takes_one, "{}", spec.name);
    }
}

#[test]
fn other_words_ask_no_registry() {
    let asks = |word: &'static str| asks_a_registry(&words![word][0]);
    assert!(["probe", "diagnose", "tls", "head", "auth"].into_iter().all(asks));
    assert!(!["explain", "rules", "lab", "login", "docker", "--lab", "Probe", "probes", "help"].into_iter().any(asks));
}
