//! `docs/commands.md` is what `--help` says, for reading elsewhere.

use std::fmt::Write as _;

use ociscope::internals::grammar;

/// The document.
pub fn text() -> String {
    let mut command = grammar().term_width(100);
    command.build();
    let mut text =
        "# Commands\n\nGenerated from the program's own help; `cargo xtask generate` renews it.\n".to_owned();
    let help = |command: &mut clap::Command| command.render_long_help().to_string().trim_end().to_owned();
    let mut section = |name: &str, help: String| {
        let lines: Vec<_> = help.lines().map(str::trim_end).collect();
        let _ = write!(text, "\n## {name}\n\n```text\n{}\n```\n", lines.join("\n"));
    };
    section("ociscope", help(&mut command));
    for sub in command.get_subcommands_mut().filter(|sub| sub.get_name() != "help") {
        let name = format!("ociscope {}", sub.get_name());
        section(&name, help(sub));
        for below in sub.get_subcommands_mut().filter(|below| below.get_name() != "help") {
            section(&format!("{name} {}", below.get_name()), help(below));
        }
    }
    text
}
