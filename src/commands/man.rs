//! `man`: the manual page, with all commands on it.

use std::io;

use clap::Args;
use clap_mangen::Man;

use super::{CommandError, CommandSpec, Output, OutputError};
use crate::diagnosis::ExitStatus;

/// The description of `man`.
pub const SPEC: CommandSpec =
    CommandSpec { examples: &[("man > ociscope.1", "the manual page")], ..CommandSpec::named("man") };

/// What `man` is told: nothing.
#[derive(Debug, Args)]
pub struct ManArguments {}

impl ManArguments {
    pub(super) fn run(&self, grammar: clap::Command, output: &mut Output<'_>) -> Result<ExitStatus, CommandError> {
        let page = page(&grammar).map_err(OutputError::Write)?;
        output.generated(&page)?;
        Ok(ExitStatus::Success)
    }
}

/// One page for everything: whoever has installed a single program expects a single page.
fn page(grammar: &clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let program = Man::new(grammar.clone());
    program.render_title(&mut page)?;
    program.render_name_section(&mut page)?;
    program.render_synopsis_section(&mut page)?;
    program.render_description_section(&mut page)?;
    program.render_options_section(&mut page)?;
    commands(grammar, grammar.get_name(), &mut page)?;
    let mut examples = Vec::new();
    program.render_extra_section(&mut examples)?;
    page.extend(String::from_utf8_lossy(&examples).replacen(".SH EXTRA", ".SH EXAMPLES AND EXIT STATUS", 1).bytes());
    program.render_version_section(&mut page)?;
    Ok(page)
}

/// A section for every command, and for those below it, whose own sections become parts of it.
fn commands(above: &clap::Command, name: &str, page: &mut Vec<u8>) -> io::Result<()> {
    for command in above.get_subcommands() {
        let name = format!("{name} {}", command.get_name());
        // Options of every command are listed once, above: as long as the command stands alone, it does not have them.
        let alone = command.clone().bin_name(&name).disable_help_flag(true).disable_help_subcommand(true);
        let section = Man::new(alone);
        let mut text = Vec::new();
        section.render_synopsis_section(&mut text)?;
        section.render_description_section(&mut text)?;
        if command.get_arguments().any(|argument| !argument.is_hide_set()) {
            section.render_options_section(&mut text)?;
        }
        let text = String::from_utf8_lossy(&text).replace(".SH ", ".SS ");
        page.extend(format!(".SH {}\n{text}", name.to_uppercase().replace('-', "\\-")).bytes());
        commands(command, &name, page)?;
    }
    Ok(())
}
