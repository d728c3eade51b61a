//! `tutorial`: why an image was not found, step by step in the lab.
//!
//! In 2018 a client pulled an image and printed `ERROR Beep boop! Not Found: 404`. The registry had the image, and its error
//! said what was wrong. Each step proposes a command, which Enter runs.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::commands::{CONFIG, CommandError, CommandSpec, EXPLAIN, Group, MANIFEST, Output, Overview};
use crate::diagnosis::{CommandLine, ExitStatus};
use crate::report::{Block, Form, Label, Layout, Published, Span, plain};
use crate::session::{LabChoice, Logins};
use crate::shell::error::ShellError;
use crate::shell::state::{State, Walk};

/// The description of `tutorial`.
#[cfg_attr(not(feature = "lab"), expect(dead_code, reason = "it needs the lab"))]
pub const SPEC: CommandSpec = CommandSpec {
    overview: Some(Overview { group: Group::Rest, at: (0, 0), usage: "tutorial", about: "a guided tour" }),
    examples: &[("tutorial", "from the start; any other command works as well")],
    forms: &[Published::of::<WrittenWalk>()],
    ..CommandSpec::named("tutorial")
};

/// The arguments of `tutorial`.
#[derive(Debug, Args)]
pub(in crate::shell) struct TutorialArguments {
    /// stop: leave the tutorial
    #[arg(value_name = "stop", value_parser = ["stop"])]
    stop: Option<String>,
}

/// One step: a text and a command.
struct Lesson {
    title: &'static str,
    words: &'static str,
    command: &'static str,
}

/// The steps.
const STEPS: [Lesson; 15] = [
    Lesson {
        title: "Not found",
        words: "It is 2018. A client pulls an image and prints `ERROR Beep boop! Not Found: 404`. It requested a Docker \
                schema 1 manifest, because that contains entrypoint and environment. Send the same request.",
        command: "get https://gcr.io/v2/deepvariant-docker/deepvariant/manifests/0.5.0 --accept docker-v1",
    },
    Lesson {
        title: "Read the error in full",
        words: "The status is 404, but the body says that there is a manifest, of a type that the client does not accept. \
                The client printed only the number. What does the error code mean?",
        command: EXPLAIN.name,
    },
    Lesson {
        title: "Every Accept header",
        words: "The answer depends on the Accept header. `probe` sends all twelve variants that clients use; a reference \
                alone does the same.",
        command: "gcr.io/deepvariant-docker/deepvariant:0.5.0",
    },
    Lesson {
        title: "The media type that is stored",
        words: "Only clients that accept Docker v2 manifests are served. The prompt now shows the current image and the last \
                status. Commands without a reference use the current image.",
        command: MANIFEST.name,
    },
    Lesson {
        title: "Look into it",
        words: "The manifest lists the layers, but neither entrypoint nor environment. It has a `config` with a media type \
                and a digest. `query` searches the last body.",
        command: "query $.config.digest",
    },
    Lesson {
        title: "The config is not a manifest",
        words: "The client requested that digest as a manifest, with the media type of the config. The beginning of the \
                digest is enough here, because it is known from the manifest.",
        command: "get manifests/sha256:4a7b3c1e31bd --accept docker-config",
    },
    Lesson {
        title: "It is a blob",
        words: "404 again; the rule below the answer explains it. The same digest, requested as a blob, has what the client \
                was missing.",
        command: CONFIG.name,
    },
    Lesson {
        title: "All exchanges so far",
        words: "The shell keeps every exchange. `show 1` prints one in full, `headers 1 3` compares headers, `curl 1` prints \
                a curl command that repeats it.",
        command: super::session::SPEC.name,
    },
    Lesson {
        title: "Authentication",
        words: "Other registries require a token, even for public images. List the tags of one, then look at the exchanges.",
        command: "tags ghcr.io/example/greeting:1.0",
    },
    Lesson {
        title: "A challenge, and its answer",
        words: "First a 401 with a challenge, then a token from its realm, then the same request again. The session has all \
                three, with the token redacted.",
        command: "session 3",
    },
    Lesson {
        title: "Lists and platforms",
        words: "Most tags are not one image but an index with an image for each platform.",
        command: "platforms ghcr.io/example/greeting:1.0",
    },
    Lesson { title: "One of them", words: "The entries of the last list are numbered.", command: "manifest 1" },
    Lesson {
        title: "A file for the issue",
        words: "`record` writes every request and answer of the session to a file, without secrets. Attach it to an issue.",
        command: "record tutorial.json",
    },
    Lesson {
        title: "What a maintainer does with it",
        words: "`open` takes all answers from the file. Nothing is sent until `close`, and the prompt says so.",
        command: "open tutorial.json",
    },
    Lesson {
        title: "Judge it again",
        words: "The answers are those of the recording; the rules are those of the version that reads it.",
        command: "probe gcr.io/deepvariant-docker/deepvariant:0.5.0",
    },
];

/// The tutorial.
#[derive(Serialize, JsonSchema)]
pub(super) struct WrittenWalk {
    /// Its steps.
    steps: Vec<WrittenStep>,
}

impl Form for WrittenWalk {
    const NAME: &'static str = "tutorial";
    const TITLE: &'static str = "tutorial";
}

/// One step.
#[derive(Serialize, JsonSchema)]
#[schemars(inline)]
struct WrittenStep {
    /// Its title.
    title: &'static str,
    /// The proposed command.
    command: &'static str,
}

impl WrittenStep {
    fn of(step: &Lesson) -> Self {
        Self { title: step.title, command: step.command }
    }
}

impl TutorialArguments {
    pub fn run(&self, state: &mut State, output: &mut Output<'_>) -> Result<ExitStatus, ShellError> {
        if self.stop.is_some() {
            leave(state);
            return Ok(ExitStatus::Success);
        }
        let mut document = Layout::new();
        if !state.is_interactive {
            // A script gets the whole text.
            for (number, step) in STEPS.iter().enumerate() {
                document.extend(introduction(number).into_iter().flatten());
                document.push(Block::Command { command: CommandLine::ours(step.command), purpose: String::new() });
            }
        } else if let Some(walk) = &mut state.walk {
            walk.step = 0;
        } else {
            state.walk = Some(Walk { step: 0, settings: state.settings.clone(), current: state.current.take() });
            (state.settings.logins, state.settings.bound) = (Logins::default(), Vec::new());
            state.settings.lab = Some(LabChoice::ByReference);
        }
        let words = "The registries of this tutorial are simulated inside this program; nothing leaves this machine. Enter \
                     runs the proposed command; Ctrl-U clears it, and you can type any other. `tutorial stop` ends the tutorial.";
        let json = WrittenWalk { steps: STEPS.iter().map(WrittenStep::of).collect() }.to_json();
        document.insert(0, Block::Text(vec![plain(words)]));
        output.document(&document, &json).map_err(CommandError::from)?;
        Ok(ExitStatus::Success)
    }
}

/// The text before a step.
pub(in crate::shell) fn introduction(number: usize) -> Option<Layout> {
    let step = STEPS.get(number)?;
    let head = format!("{} of {}  {}", number + 1, STEPS.len(), step.title);
    Some(vec![Block::Gap, Block::Text(vec![Span::new(head, Label::Strong)]), Block::Text(vec![plain(step.words)])])
}

/// The command of a step.
pub(in crate::shell) fn proposed(number: usize) -> Option<&'static str> {
    STEPS.get(number).map(|step| step.command)
}

/// The text at the end.
pub(in crate::shell) fn farewell() -> Layout {
    vec![
        Block::Gap,
        Block::Text(vec![Span::new("End of the tutorial", Label::Strong)]),
        Block::Text(vec![plain(
            "The client of 2018 needed two things, and the registry's errors said both: accept the media type that is \
             stored, and request the config as a blob. Now try your own image: `diagnose REF`.",
        )]),
    ]
}

/// Restores the state before the tutorial.
pub(in crate::shell) fn leave(state: &mut State) {
    if let Some(walk) = state.walk.take() {
        state.settings = walk.settings;
        state.current = walk.current;
        state.shown = None;
        state.list.entries.clear();
    }
}
