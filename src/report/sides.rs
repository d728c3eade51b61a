//! The distinct answers side by side: header names are the rows, answers the columns.

use std::time::Duration;

use super::document::{Cell, Column, Label, Row, Table};
use super::value::{Report, ShownAnswer, ShownResponse};

/// Headers that differ from answer to answer without meaning anything.
const VOLATILE: [&str; 6] = ["date", "age", "x-request-id", "x-github-request-id", "x-amz-cf-id", "cf-ray"];

/// The table, or `None` where there is only one answer or no response at all.
pub(super) fn side_by_side(report: &Report) -> Option<Table> {
    let sides: Vec<_> = report.answers.iter().map(|answer| (answer, response_of(report, answer))).collect();
    if sides.iter().all(|(_, response)| response.is_none()) {
        return None;
    }
    let titles = sides.iter().map(|(answer, _)| Column::flexible(format!("{} ({})", answer.name, numbers(answer))));
    let columns = std::iter::once(Column::text("")).chain(titles).collect();
    let mut rows = vec![status_row(&sides)];
    for (name, nth) in header_names(&sides) {
        let values: Vec<_> = sides
            .iter()
            .map(|(_, response)| response.and_then(|r| r.headers.iter().filter(|(other, _)| *other == name).nth(nth)))
            .map(|header| header.map(|(_, value)| value.printable()))
            .collect();
        rows.push(row(name, &values));
    }
    Some(Table { columns, rows })
}

fn response_of<'a>(report: &'a Report, answer: &ShownAnswer) -> Option<&'a ShownResponse> {
    report.exchange(answer.exchange)?.response.as_ref()
}

fn status_row(sides: &[(&ShownAnswer, Option<&ShownResponse>)]) -> Row {
    let statuses = sides.iter().map(|(_, response)| match response {
        None => Cell::new("no answer", Label::Bad),
        Some(response) => {
            let label = match response.status {
                200..300 => Label::Good,
                300..400 => Label::Caution,
                _ => Label::Bad,
            };
            let reason = response.reason.as_ref().map(|reason| format!(" {}", reason.printable_within(40)));
            Cell::new(format!("{}{}", response.status, reason.unwrap_or_default()), label)
        }
    });
    std::iter::once(Cell::new("status", Label::Plain)).chain(statuses).collect()
}

/// The values of one header. What is equal everywhere is quiet, and said once.
fn row(name: &str, values: &[Option<String>]) -> Row {
    let first = values.first().cloned().flatten();
    let is_first = |value: &Option<String>| *value == first || (name == "date" && is_same_moment(value, &first));
    let equal = values.iter().all(is_first);
    let quiet = equal || VOLATILE.contains(&name);
    let cells = values.iter().enumerate().map(|(at, value)| match value {
        None => Cell::new("–", Label::Quiet),
        Some(_) if at > 0 && is_first(value) => Cell::new("=", Label::Quiet),
        Some(value) => Cell::new(value, if quiet { Label::Quiet } else { Label::Caution }),
    });
    let name = Cell::new(
        crate::evidence::Untrusted::from(name).printable_within(32),
        if quiet { Label::Quiet } else { Label::Plain },
    );
    std::iter::once(name).chain(cells).collect()
}

/// Whether two dates are of one run: answers that were given one after the other say nothing by theirs.
fn is_same_moment(one: &Option<String>, other: &Option<String>) -> bool {
    const ONE_RUN: Duration = Duration::from_secs(120);
    let read = |date: &Option<String>| httpdate::parse_http_date(date.as_deref()?).ok();
    let (Some(one), Some(other)) = (read(one), read(other)) else { return false };
    one.max(other).duration_since(one.min(other)).is_ok_and(|between| between <= ONE_RUN)
}

/// Every header name of any answer, with a number for repeated ones, in the order in which they first come.
fn header_names<'a>(sides: &[(&ShownAnswer, Option<&'a ShownResponse>)]) -> Vec<(&'a str, usize)> {
    let mut names = Vec::new();
    for response in sides.iter().filter_map(|(_, response)| *response) {
        let mut at = 0;
        for (index, (name, _)) in response.headers.iter().enumerate() {
            let nth = response.headers[..index].iter().filter(|(other, _)| other == name).count();
            let key = (name.as_str(), nth);
            match names.iter().position(|other| *other == key) {
                Some(found) => at = found + 1,
                None => {
                    names.insert(at.min(names.len()), key);
                    at += 1;
                }
            }
        }
    }
    names
}

/// The numbers of the variants that got an answer: `1, 2, 4–11`.
pub(super) fn numbers(answer: &ShownAnswer) -> String {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for &(number, _) in &answer.probes {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == number => *end = number,
            _ => runs.push((number, number)),
        }
    }
    let runs = runs.into_iter().map(|(from, to)| match to - from {
        0 => from.to_string(),
        1 => format!("{from}, {to}"),
        _ => format!("{from}–{to}"),
    });
    runs.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_one_run_are_one_date() {
        let date = |seconds: u32| Some(format!("Sat, 21 Nov 2026 14:31:{seconds:02} GMT"));
        assert!(is_same_moment(&date(18), &date(19)) && is_same_moment(&date(19), &date(18)));
        assert!(!is_same_moment(&date(18), &Some("Sat, 21 Nov 2026 15:31:18 GMT".to_owned())));
        assert!(!is_same_moment(&date(18), &Some("yesterday".to_owned())) && !is_same_moment(&None, &None));
    }

    #[test]
    fn runs_of_numbers_are_short() {
        let answer = |numbers: &[usize]| ShownAnswer {
            name: "A".to_owned(),
            probes: numbers.iter().map(|&number| (number, "x")).collect(),
            exchange: 1,
            repeats_accept: false,
        };
        assert_eq!(numbers(&answer(&[1, 2, 4, 5, 6, 11])), "1, 2, 4–6, 11");
        assert_eq!(numbers(&answer(&[3])), "3");
    }

    #[test]
    fn what_is_equal_is_said_once_and_quietly() {
        let value = |text: &str| Some(text.to_owned());
        let cells = row("server", &[value("x"), value("x"), None]);
        assert_eq!(cells.iter().map(|cell| cell.text.as_str()).collect::<Vec<_>>(), ["server", "x", "=", "–"]);
        let differing = row("content-type", &[value("a"), value("b")]);
        assert!(differing[1].label == Label::Caution && differing[2].label == Label::Caution);
    }
}
