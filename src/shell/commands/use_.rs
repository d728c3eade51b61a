//! `use`: go to an image, without a request. At the prompt, its tags are fetched for completion.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::{CommandError, CommandSpec, Group, Output, Overview};
use crate::diagnosis::ExitStatus;
use crate::report::{Block, Form, Label, Published, Span, plain};
use crate::shell::error::ShellError;
use crate::shell::state::State;
use crate::shell::target;
use crate::text::Untrusted;

/// The description of `use`.
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview {
        group: Group::Change,
        at: (1, 0),
        usage: "use REF",
        about: "go there; or to :TAG, @DIGEST, linux/arm64",
    }),
    examples: &[
        ("use gcr.io/deepvariant-docker/deepvariant:0.5.0", "go to an image, without a request"),
        ("use :0.6.0", "another tag of the same repository"),
        ("use linux/arm64", "the platform of all further commands"),
        ("use", "show the current image"),
    ],
    forms: &[Published::of::<WrittenPlace<'_>>()],
    ..CommandSpec::named("use")
};

/// The arguments of `use`.
#[derive(Debug, Args)]
pub(in crate::shell) struct UseArguments {
    /// Image; :TAG, @DIGEST or the number of a list entry, in the current repository; or a platform, for all further commands
    #[arg(value_name = "REF")]
    target: Option<String>,
}

/// The current image.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenPlace<'a> {
    /// The current image; null if there is none.
    reference: Option<&'a str>,
}

impl Form for WrittenPlace<'_> {
    const NAME: &'static str = "use";
    const TITLE: &'static str = "use";
}

impl UseArguments {
    pub fn run(&self, state: &mut State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        if let Some(target) = &self.target {
            if let Some(platform) = target::platform(target) {
                state.sticky.put("platform", vec![platform.to_string()]);
                return super::echo("platform", state, output);
            }
            let target = target::reference(target, state)?;
            state.go_to(target);
            return Ok(ExitStatus::Success);
        }
        let place = state.current.as_ref().map(ToString::to_string);
        let json = WrittenPlace { reference: place.as_deref() }.to_json();
        let line = match place {
            Some(place) => vec![plain(Untrusted::new(place).printable())],
            None => vec![Span::new("no current image; `use REF` goes to one", Label::Quiet)],
        };
        output.document(&vec![Block::Text(line)], &json).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}
