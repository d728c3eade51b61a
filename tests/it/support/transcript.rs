//! What documents show of the program's output, compared with what it prints now.

/// A text in which the lines on the evidence are one, wherever the digits of a time broke them, and the line on what made
/// it has no version and no time.
pub fn without_its_making(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.split('\n') {
        let made = line.trim_start_matches("  ").strip_prefix("ociscope ").filter(|made| made.contains(" UTC · "));
        let Some(made) = made else {
            lines.push(line.to_owned());
            continue;
        };
        let paragraph = lines.iter().rposition(String::is_empty).map_or(0, |blank| blank + 1);
        let evidence = lines.drain(paragraph..).collect::<Vec<_>>().join(" ");
        let words: Vec<_> = evidence.split_whitespace().collect();
        let timed = |at: usize| words.get(at + 1) == Some(&"ms") && words[at].parse::<u64>().is_ok();
        let words: Vec<_> = words.iter().enumerate().map(|(at, word)| if timed(at) { "…" } else { *word }).collect();
        lines.extend((!words.is_empty()).then(|| format!("  {}", words.join(" "))));
        let rest: Vec<_> = made.split(" · ").skip(2).collect();
        lines.push(format!("  ociscope … · {}", rest.join(" · ")));
    }
    lines.join("\n")
}

/// A text without what differs from run to run: times in words, in tables, and in the row of a date.
pub fn without_times(text: &str) -> String {
    let mut in_timed_table = false;
    let lines = text.lines().map(|line| {
        let words: Vec<_> = line.split_whitespace().collect();
        let begins_with_number = words.first().is_some_and(|word| word.parse::<u64>().is_ok());
        if words.first() == Some(&"#") {
            in_timed_table = words.last() == Some(&"ms");
        } else if !begins_with_number {
            in_timed_table = false;
        }
        if in_timed_table {
            // The time stands last, and the width of its column is that of the slowest.
            let kept = if begins_with_number { &words[..words.len() - 1] } else { &words[..] };
            return kept.join(" ");
        }
        // `86 ms` and what stands behind `date` in a table; the rest of the line is kept.
        let line = match line.split_once("  date  ") {
            Some((before, _)) => format!("{before}  date  …"),
            None if line.starts_with("  │ date: ") => "  │ date: …".to_owned(),
            None => without_recording_time(line),
        };
        let words = line.split(' ').collect::<Vec<_>>();
        let timed = |at: usize| words.get(at + 1) == Some(&"ms") && words[at].parse::<u64>().is_ok();
        let words: Vec<_> = words.iter().enumerate().map(|(at, word)| if timed(at) { "…" } else { *word }).collect();
        words.join(" ")
    });
    without_labels(&without_its_making(&lines.collect::<Vec<_>>().join("\n")))
}

/// A line without when a recording was made, which has the same length at all times.
fn without_recording_time(line: &str) -> String {
    const TIME: usize = "2026-11-30 00:05 UTC".len();
    let made = line.split_once("unverified recording of ");
    let end = made.and_then(|(_, after)| after.get(TIME..).filter(|_| after[..TIME].ends_with(" UTC")));
    end.map_or_else(|| line.to_owned(), |end| format!("unverified recording of …{end}"))
}

/// A text without the labels of the secrets that were taken out of it: four consonants before the closing mark.
pub fn without_labels(text: &str) -> String {
    let is_label = |word: &str| word.len() == 4 && word.bytes().all(|letter| b"bcdfghjklmnpqrstvwxz".contains(&letter));
    let mut parts: Vec<_> = text.split('›').map(str::to_owned).collect();
    let last = parts.len() - 1;
    for part in &mut parts[..last] {
        let start = part.rfind(char::is_whitespace).map_or(0, |blank| blank + 1);
        if is_label(&part[start..]) {
            part.replace_range(start.., "…");
        }
    }
    parts.join("›")
}

#[test]
fn only_times_may_differ() {
    let shown = "  anonymous · 86 ms\n  date  Sat, 21 Nov 2026  =\n  status  200\n  │ date: Sat, 21 Nov 2026";
    assert_eq!(without_times(shown), "  anonymous · … ms\n  date  …\n  status  200\n  │ date: …");
    assert_eq!(
        without_times("Basic ‹removed, 9 characters, label\n  kfmz› a"),
        "Basic ‹removed, 9 characters, label\n  …› a"
    );
    let made = "a\n\n  12 Accept variants: all 404 · anonymous ·\n  2 requests, 12\n  ms\n  ociscope 0.1.0 · 2026-11-30 21:34 UTC · linux/amd64 · b";
    let expected = "a\n\n  12 Accept variants: all 404 · anonymous · 2 requests, … ms\n  ociscope … · linux/amd64 · b";
    assert_eq!(without_its_making(made), expected);
    let table = "   #  Request  Status   ms\n   1  GET a       200  112\n  no row 12";
    assert_eq!(without_times(table), "# Request Status ms\n1 GET a 200\n  no row 12");
}
