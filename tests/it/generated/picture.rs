//! `docs/diagnose.svg`: what a terminal shows of a diagnosis, drawn from what the program prints.

use std::fmt::Write as _;

use crate::support::ociscope::ociscope;

const COLUMNS: usize = 80;
/// The size of a character, in the units of the drawing.
const WIDE: f64 = 8.0;
const HIGH: f64 = 18.0;
const MARGIN: f64 = 16.0;
/// The time that the picture shows, whenever it is drawn.
const TAKEN: &str = "22 ms";
const WHEN: &str = "2026-11-30 00:05 UTC";

/// The picture.
pub fn text() -> String {
    let command = "diagnose registry.example/prefixed/greeting:1.2.3";
    let words: Vec<_> =
        ["--lab", "--color", "always", "--platform", "linux/amd64"].into_iter().chain(command.split(' ')).collect();
    let run = ociscope(&words).env("COLUMNS", COLUMNS.to_string()).run();
    let lines: Vec<_> =
        std::iter::once(format!("$ ociscope --lab {command}")).chain(run.stdout.lines().map(timeless)).collect();
    drawn(&lines)
}

/// A line with the time and the version of every picture.
fn timeless(line: &str) -> String {
    let words: Vec<_> = line.split(' ').collect();
    let at = words.windows(2).position(|pair| pair[0].parse::<u32>().is_ok() && pair[1].starts_with("ms"));
    let line = at.map_or_else(|| line.to_owned(), |at| line.replace(&format!("{} ms", words[at]), TAKEN));
    match line.split_once(" UTC") {
        Some((before, after)) => match before.rsplit_once(" · ") {
            Some((version, _)) => format!("{version} · {WHEN}{after}"),
            None => line,
        },
        None => line,
    }
}

fn drawn(lines: &[String]) -> String {
    let (width, height) = (COLUMNS as f64 * WIDE + 2.0 * MARGIN, lines.len() as f64 * HIGH + 2.0 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\">\n<title>ociscope diagnose on a terminal</title>\n<style>\n\
         text {{ font: 13.3px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #d8dee9; }}\n\
         .b {{ font-weight: bold; fill: #ffffff; }} .q {{ fill: #8b95a5; }} .g {{ fill: #7fd88f; }}\n\
         .y {{ fill: #e5c07b; }} .r {{ fill: #ff7b72; font-weight: bold; }} .n {{ fill: #79c0ff; }}\n</style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#161b22\"/>\n"
    );
    for (number, line) in lines.iter().enumerate() {
        let mut column = 0;
        for (class, piece) in pieces(line) {
            let (x, y) = (MARGIN + column as f64 * WIDE, MARGIN + (number as f64 + 0.75) * HIGH);
            column += piece.chars().count();
            if piece.trim().is_empty() {
                continue;
            }
            let length = piece.chars().count() as f64 * WIDE;
            let escaped = piece.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let _ = writeln!(
                svg,
                "<text x=\"{x}\" y=\"{y}\" textLength=\"{length}\" class=\"{class}\" xml:space=\"preserve\">{escaped}</text>"
            );
        }
    }
    svg + "</svg>\n"
}

/// The pieces of a line that have one look, with its class.
fn pieces(line: &str) -> Vec<(&'static str, String)> {
    let mut pieces = Vec::new();
    let mut class = "p";
    for (number, part) in line.split("\u{1b}[").enumerate() {
        let text = match part.split_once('m').filter(|_| number > 0) {
            Some((codes, text)) => {
                let has = |code: &str| codes.split(';').any(|other| other == code);
                class = match () {
                    () if has("31") => "r",
                    () if has("32") => "g",
                    () if has("33") => "y",
                    () if has("36") => "n",
                    () if has("2") => "q",
                    () if has("1") => "b",
                    () => "p",
                };
                text
            }
            None => part,
        };
        pieces.extend((!text.is_empty()).then(|| (class, text.to_owned())));
    }
    pieces
}

#[test]
fn picture_of_a_diagnosis_is_up_to_date() {
    crate::support::document::assert_up_to_date("docs/diagnose.svg", &text());
}
