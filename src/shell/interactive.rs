//! The interactive loop: a prompt, a line, its result, and again.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::{Arc, PoisonError, RwLock};

use super::commands::{farewell, introduction, leave, proposed};
use super::editor::{Editor, Input, Prompt, Vocabulary};
use super::error::{LoginError, ShellError};
use super::guard::Question;
use super::history::History;
use super::meaning::may_be_kept;
use super::run::{Surroundings, run_line};
use super::state::State;
use super::tags::Tags;
use super::{line, prompt, sticky};
use crate::auth::Credentials;
use crate::cli::password::PasswordError;
use crate::cli::{coloured, hosts, standard_output, width};
use crate::commands::{CommandError, OutputError};
use crate::diagnosis::{ExitStatus, catalogue};
use crate::evidence::{Redactor, Variant};
use crate::lab::{self, scenario_names};
use crate::report::{Block, Label, Layout, Span, Style, plain, to_terminal};
use crate::text::{Secret, Untrusted, cut_at_marks};

/// Runs the shell until it is left.
pub(super) async fn run(first: Option<String>, state: &mut State, surroundings: &Surroundings) -> ExitStatus {
    let style = Style::new(coloured(state.colour));
    greet(style);
    let vocabulary = Arc::new(RwLock::new(vocabulary(surroundings)));
    let mut history = History::open();
    let mut editor =
        match Editor::open(Arc::clone(&vocabulary), history.lines(), style.is_coloured(), state.is_beside_input) {
            Ok(editor) => editor,
            Err(error) => {
                say(&format!("lines cannot be edited here: {error}"), Label::Bad, style);
                return ExitStatus::ToolFailed;
            }
        };
    if let Some(first) = first {
        run_and_tell(&first, state, surroundings, style).await;
    }
    let mut tags = Tags::default();
    while !state.is_leaving {
        state.memory.settle();
        if tags.follow(state) {
            write_to(&vocabulary, |vocabulary| vocabulary.set_tags(Vec::new()));
        }
        write_to(&vocabulary, |vocabulary| refresh(vocabulary, state));
        let typed = read(&mut editor, &mut tags, &vocabulary, state, style).await;
        let block = match typed {
            Input::Line(block) => block,
            Input::Interrupted => continue,
            Input::End => break,
            Input::Failed(words) => {
                say(&words, Label::Bad, style);
                return ExitStatus::ToolFailed;
            }
        };
        let subcommands = surroundings.grammar.get_subcommands();
        let known = subcommands.flat_map(|command| command.get_all_aliases().chain([command.get_name()]));
        let known = known.collect::<Vec<_>>();
        let commands = line::commands(&block, &known);
        for command in &commands {
            if commands.len() > 1 {
                let shown = Untrusted::from(command.as_str()).printable();
                put(&format!("{}\n", style.line(&vec![Span::new("❯ ", Label::Quiet), plain(shown)])));
            }
            if state.settings.lab.is_some() {
                state.lab_lines.insert(command.trim_end().to_owned());
            }
            if may_be_kept(command, &surroundings.grammar, state) {
                keep(command, &mut history, &mut editor, state);
            }
            let mut status = run_and_tell(command, state, surroundings, style).await;
            if let Some(question) = state.guard.question.take() {
                let is_answered = answer(question, &mut editor, &vocabulary, state, style).await;
                if is_answered && run_and_tell(command, state, surroundings, style).await == ExitStatus::Success {
                    keep(command, &mut history, &mut editor, state);
                }
                state.guard.answered = None;
                // Lines pasted after it may be the answers, which are not commands.
                break;
            }
            if let Some(pair) = state.memory.take_untrusted_realm()
                && may_have_credentials(&pair, &mut editor, &vocabulary, state, style).await
            {
                state.settings.trusted_pairs.push(pair);
                status = run_and_tell(command, state, surroundings, style).await;
            }
            if status == ExitStatus::Interrupted || state.is_leaving {
                break;
            }
        }
    }
    history.trouble().into_iter().for_each(|reason| say(&reason, Label::Quiet, style));
    ExitStatus::Success
}

/// Asks whether the host of a realm may receive the credentials for a registry, once for each pair. Anything but a yes is a
/// no. A script is never asked.
async fn may_have_credentials(
    pair: &(String, String),
    editor: &mut Editor,
    vocabulary: &RwLock<Vocabulary>,
    state: &mut State,
    style: Style,
) -> bool {
    if state.declined.contains(pair) {
        return false;
    }
    let [registry, realm] = [&pair.0, &pair.1].map(|name| Untrusted::from(name.as_str()).cut_within(120));
    say(
        &format!(
            "{registry} sends clients to {realm} for a token. That is common, but only you can know whether {realm} may \
             receive your user name and password for {registry}. The answer is kept until you leave the shell."
        ),
        Label::Caution,
        style,
    );
    let spans = vec![
        Span::new("may ", Label::Plain),
        Span::new(&realm, Label::Strong),
        Span::new(" receive the credentials for ", Label::Plain),
        Span::new(&registry, Label::Strong),
        Span::new("? y/N ", Label::Plain),
        Span::new("❯", Label::Caution),
        Span::new(" ", Label::Plain),
    ];
    let (plain, coloured) = prompt::both(&spans);
    write_to(vocabulary, |vocabulary| vocabulary.is_question = true);
    let answer = editor.read(Prompt { plain, coloured, initial: String::new() }).await;
    write_to(vocabulary, |vocabulary| vocabulary.is_question = false);
    let yes = matches!(answer, Input::Line(word) if ["y", "yes"].contains(&word.trim().to_lowercase().as_str()));
    if !yes {
        state.declined.push(pair.clone());
    }
    yes
}

/// Asks for the user name and the password of a login, and keeps them. Returns whether they were given: Ctrl-C, Ctrl-D and an
/// empty answer end the question, and nothing is kept.
async fn answer(
    question: Question,
    editor: &mut Editor,
    vocabulary: &RwLock<Vocabulary>,
    state: &mut State,
    style: Style,
) -> bool {
    let Question { registry, username } = question;
    // A line typed after a question that was left may be the answer to it.
    state.guard.note(true);
    let username = match username {
        Some(username) => username,
        None => {
            let spans = vec![
                Span::new("user name for ", Label::Plain),
                Span::new(registry.to_string(), Label::Strong),
                Span::new(" ", Label::Plain),
                Span::new("❯", Label::Name),
                Span::new(" ", Label::Plain),
            ];
            let (plain, coloured) = prompt::both(&spans);
            write_to(vocabulary, |vocabulary| vocabulary.is_question = true);
            let typed = editor.read(Prompt { plain, coloured, initial: String::new() }).await;
            write_to(vocabulary, |vocabulary| vocabulary.is_question = false);
            match typed {
                Input::Line(name) if !name.trim().is_empty() => name.trim().to_owned(),
                _ => return not_logged_in(style),
            }
        }
    };
    if username.contains(':') {
        say(&LoginError::Colon.to_string(), Label::Bad, style);
        return false;
    }
    let name = Untrusted::from(username.as_str()).cut_within(40);
    let password = match editor.read_password(format!("password for {name} ❯ ")).await {
        Ok(password) => password,
        Err(PasswordError::Interrupted | PasswordError::Ended | PasswordError::Empty) => return not_logged_in(style),
        Err(error) => {
            say(&error.to_string(), Label::Bad, style);
            return false;
        }
    };
    let logins = &mut state.settings.logins;
    state.guard.forgotten.extend(logins.get(&registry).into_iter().flat_map(Credentials::secrets));
    logins.keep(&registry, Credentials::Password { username: Secret::new(username.as_str()), password });
    state.guard.answered = Some(username);
    true
}

fn not_logged_in(style: Style) -> bool {
    say("not logged in", Label::Quiet, style);
    false
}

fn greet(style: Style) {
    let offered = if lab::IS_HERE { "help lists commands, tutorial is a guided tour" } else { "help lists commands" };
    let line = vec![
        Span::new(format!("ociscope {}", env!("CARGO_PKG_VERSION")), Label::Strong),
        Span::new(format!("   {offered}"), Label::Quiet),
    ];
    put(&format!("{}\n", style.line(&line)));
}

/// Waits for a line, and for tags at the same time.
async fn read(
    editor: &mut Editor,
    tags: &mut Tags,
    vocabulary: &RwLock<Vocabulary>,
    state: &mut State,
    style: Style,
) -> Input {
    let initial = next_step(state, style);
    write_to(vocabulary, |vocabulary| vocabulary.proposed.clone_from(&initial));
    let (plain, coloured) = prompt::both(&prompt::prompt(state, width()));
    let reading = editor.read(Prompt { plain, coloured, initial });
    tokio::pin!(reading);
    loop {
        tokio::select! {
            typed = &mut reading => return typed,
            arrived = tags.arrival() => write_to(vocabulary, |vocabulary| vocabulary.set_tags(arrived)),
        }
    }
}

/// In the tutorial, prints the next step. Returns the command that it proposes.
fn next_step(state: &mut State, style: Style) -> String {
    let Some(walk) = &state.walk else { return String::new() };
    match (introduction(walk.step), proposed(walk.step)) {
        (Some(document), Some(command)) => {
            put(&to_terminal(&document, style, width()));
            command.to_owned()
        }
        _ => {
            put(&to_terminal(&farewell(), style, width()));
            leave(state);
            String::new()
        }
    }
}

async fn run_and_tell(text: &str, state: &mut State, surroundings: &Surroundings, style: Style) -> ExitStatus {
    let step = state.walk.as_ref().map(|walk| walk.step);
    let status = match run_line(text, state, surroundings).await {
        Ok(status) => status,
        Err(ShellError::Grammar(help)) if !help.use_stderr() => {
            let help = help.render();
            put(&if style.is_coloured() { help.ansi().to_string() } else { help.to_string() });
            ExitStatus::Success
        }
        Err(ShellError::Command(CommandError::Output(OutputError::Closed))) => ExitStatus::Interrupted,
        Err(ShellError::Login(LoginError::Unanswered(question))) => {
            state.guard.question = Some(question);
            ExitStatus::Usage
        }
        Err(error) => {
            say(error.to_string().trim_end(), Label::Bad, style);
            error.status()
        }
    };
    if let (Some(step), Some(walk)) = (step, &mut state.walk)
        && walk.step == step
        && proposed(step) == Some(text.trim())
        && status != ExitStatus::Interrupted
    {
        walk.step += 1;
    }
    status
}

/// The vocabulary of a new session.
fn vocabulary(surroundings: &Surroundings) -> Vocabulary {
    let mut vocabulary = Vocabulary::new(surroundings.grammar.clone());
    let variants = Variant::twelve();
    let accept = variants.iter().filter(|variant| !variant.accept().is_empty());
    vocabulary.accept = accept.map(|variant| (variant.id().to_owned(), variant.accept().join(", "))).collect();
    vocabulary.rules = catalogue().iter().map(|rule| rule.name.to_owned()).collect();
    vocabulary.topics = crate::knowledge::topics().map(|(_, topic)| topic.name.clone()).collect();
    vocabulary.settings = sticky::OPTIONS
        .iter()
        .chain(&sticky::OWN)
        .map(|(name, about)| ((*name).to_owned(), (*about).to_owned()))
        .collect();
    vocabulary.scenarios = scenario_names().map(str::to_owned).collect();
    vocabulary.set_registries(hosts());
    vocabulary
}

/// Updates the vocabulary after a line.
fn refresh(vocabulary: &mut Vocabulary, state: &State) {
    let place = state.current.as_ref().map(|place| format!("{}/{}", place.registry(), place.repository()));
    vocabulary.set_repository(place);
    vocabulary.set_digests(state.seen.digests().map(str::to_owned).collect());
    vocabulary.set_platforms(state.seen.platforms().map(str::to_owned).collect());
    vocabulary.exchanges = state.memory.last_number();
    vocabulary.not_suggested = if state.settings.lab.is_some() { BTreeSet::new() } else { state.lab_lines.clone() };
}

fn write_to(vocabulary: &RwLock<Vocabulary>, change: impl FnOnce(&mut Vocabulary)) {
    change(&mut vocabulary.write().unwrap_or_else(PoisonError::into_inner));
}

/// Keeps a line in the history, unless it contains a secret. Lines of the tutorial are kept for this session only: typed
/// elsewhere, they would go to real registries.
fn keep(command: &str, history: &mut History, editor: &mut Editor, state: &State) {
    let known = state.secrets();
    let has_secret = |line: &str| {
        let mut redactor = Redactor::new(known.iter().map(|(what, secret)| (*what, secret)));
        redactor.known_values(line) != line
    };
    if History::keeps(command, has_secret) {
        let is_of_the_tutorial = state.walk.as_ref().is_some_and(|walk| walk.settings.lab.is_none());
        if !is_of_the_tutorial {
            history.add(command);
        }
        editor.remember(command);
    }
}

fn say(words: &str, label: Label, style: Style) {
    let lines = Untrusted::new(cut_at_marks(words)).printable_lines();
    let document: Layout = match &lines[..] {
        // The lines of a picture are not wrapped.
        [line] => vec![Block::Text(vec![Span::new(line.clone(), label)])],
        lines => {
            let text: String = lines.iter().map(|line| format!("  {}\n", style.paint(line, Label::Plain))).collect();
            return put(&text);
        }
    };
    put(&to_terminal(&document, style, width()));
}

/// Writes to the terminal. If it has gone, reading the next line fails.
fn put(text: &str) {
    let mut stdout = standard_output();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}
