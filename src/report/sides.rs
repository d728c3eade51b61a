//! Answers side by side, the distinct ones of a report or any others: header names are the rows, answers the columns.

use std::time::Duration;

use super::address::place_and_path;
use super::layout::{Cell, Column, Label, Row, Table};
use super::value::{Report, ShownAnswer, ShownExchange, ShownResponse};
use crate::oci::media_type::plain_words;
use crate::text::Untrusted;

/// Headers that differ from answer to answer without meaning anything.
const VOLATILE: [&str; 7] =
    ["date", "age", "set-cookie", "x-request-id", "x-github-request-id", "x-amz-cf-id", "cf-ray"];

/// What stands in one column.
struct Side<'a> {
    title: String,
    response: Option<&'a ShownResponse>,
    /// The kind of what went wrong, where that is told here.
    failure: Option<&'static str>,
}

/// The table, or `None` where there is only one answer or no response at all.
pub(super) fn side_by_side(report: &Report) -> Option<Table> {
    let sides: Vec<_> = report
        .answers
        .iter()
        .map(|answer| {
            let title = format!("{} ({})", answer.name, numbers(answer));
            Side { title, response: response_of(report, answer), failure: None }
        })
        .collect();
    sides.iter().any(|side| side.response.is_some()).then(|| table(&sides, Vec::new()))
}

/// Any exchanges side by side, each under its number: what was asked, then status and headers of the answers. On a
/// terminal that is too narrow for all, it is drawn as several tables.
pub fn exchanges_side_by_side<'a>(exchanges: &[&'a ShownExchange]) -> Table {
    let side = |exchange: &&'a ShownExchange| Side {
        title: format!("#{}", exchange.id),
        response: exchange.response.as_ref(),
        failure: exchange.failure.as_ref().map(|(kind, _)| *kind),
    };
    let sides: Vec<_> = exchanges.iter().map(side).collect();
    let asked = |name: &str, what: fn(&ShownExchange) -> Option<String>| {
        let values: Vec<_> = exchanges.iter().map(|exchange| what(exchange)).collect();
        let mut row = row(name, &values);
        // That different things were asked is no news.
        row.iter_mut().filter(|cell| cell.label == Label::Caution).for_each(|cell| cell.label = Label::Plain);
        row
    };
    let what =
        |exchange: &ShownExchange| Some(format!("{} {}", exchange.method.as_str(), place_and_path(&exchange.url).1));
    let above = [
        asked("request", what),
        asked("of", |exchange| Some(place_and_path(&exchange.url).0)),
        asked("accepts", accepted),
    ];
    table(&sides, above.into())
}

/// What was asked for, by the names that people use for types; `None` where no `Accept` was sent.
fn accepted(exchange: &ShownExchange) -> Option<String> {
    let lines = exchange.request_headers.iter().filter(|(name, _)| name == "accept");
    let types = lines.flat_map(|(_, line)| line.split(',')).map(str::trim);
    let words = types.map(|kind| plain_words(kind).map_or_else(|| Untrusted::from(kind).printable(), str::to_owned));
    words.reduce(|all, kind| format!("{all}, {kind}"))
}

fn table(sides: &[Side<'_>], above: Vec<Row>) -> Table {
    let titles = sides.iter().map(|side| Column::flexible(&side.title));
    let columns = std::iter::once(Column::text("")).chain(titles).collect();
    let mut rows = above;
    rows.push(status_row(sides));
    for (name, nth) in header_names(sides) {
        let values: Vec<_> = sides
            .iter()
            .map(|side| side.response.and_then(|r| r.headers.iter().filter(|(other, _)| *other == name).nth(nth)))
            .map(|header| header.map(|(_, value)| value.printable()))
            .collect();
        rows.push(row(name, &values));
    }
    Table { columns, rows }
}

fn response_of<'a>(report: &'a Report, answer: &ShownAnswer) -> Option<&'a ShownResponse> {
    report.exchange(answer.exchange)?.response.as_ref()
}

fn status_row(sides: &[Side<'_>]) -> Row {
    let statuses = sides.iter().map(|side| match (side.response, side.failure) {
        (None, None) => Cell::new("no answer", Label::Bad),
        (None, Some(kind)) => Cell::new(format!("no answer ({kind})"), Label::Bad),
        (Some(response), Some(kind)) => Cell::new(format!("{} {kind}", response.status), Label::Bad),
        (Some(response), None) => {
            let label = match response.status {
                200..300 => Label::Good,
                300..400 => Label::Caution,
                _ => Label::Bad,
            };
            let reason = response.reason.as_ref().map(|reason| format!(" {}", reason.cut_within(40)));
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
    let name = Cell::new(Untrusted::from(name).cut_within(32), if quiet { Label::Quiet } else { Label::Plain });
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
fn header_names<'a>(sides: &[Side<'a>]) -> Vec<(&'a str, usize)> {
    let mut names = Vec::new();
    for response in sides.iter().filter_map(|side| side.response) {
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
    use crate::evidence::testing::{answered, unanswered};
    use crate::evidence::{Exchange, ExchangeId, Failure, FailureKind, Journal, Redactor, RequestHeader};
    use crate::oci::media_type::OCI_INDEX;
    use crate::report::wrap::width;
    use crate::report::{Block, Style, shown_exchanges, to_terminal};

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
            exchange: ExchangeId::new(1),
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

    /// Exchanges of a journal, as they can be shown.
    fn shown(exchanges: Vec<Exchange>) -> Vec<ShownExchange> {
        let mut journal = Journal::default();
        let ids: Vec<_> = exchanges.into_iter().map(|exchange| journal.enter(exchange)).collect();
        shown_exchanges(&ids, &journal, &mut Redactor::default())
    }

    fn drawn(exchanges: &[ShownExchange]) -> String {
        let table = exchanges_side_by_side(&exchanges.iter().collect::<Vec<_>>());
        to_terminal(&[Block::Table(table)], Style::new(false), 80)
    }

    #[test]
    fn exchanges_stand_side_by_side_with_or_without_an_answer() {
        let url = "https://r.example.com/v2/acme/api/manifests/1.0";
        let mut asked = answered(url, 404, &[("server", "x"), ("content-type", "application/json")], "{}");
        asked.request.headers = vec![RequestHeader::sent("accept", format!("{OCI_INDEX}, a/b"))];
        let digest = format!("https://r.example.com/v2/acme/api/blobs/sha256:{}?sig=abc", "ab".repeat(32));
        let other = answered(&digest, 200, &[("server", "x"), ("content-type", "text/html")], "");
        let mut failed = unanswered("https://elsewhere.example/x/y?z=1");
        failed.failure = Some(Failure::new(FailureKind::Refused, "connection refused"));
        let expected = [
            "                #1                    #2                     #3",
            "  request       GET manifests/1.0     GET blobs/sha256:aba…  GET /x/y?…",
            "  of            r.example.com/acme/…  =                      elsewhere.example",
            "  accepts       oci index, a/b        –                      –",
            "  status        404                   200                    no answer (refused)",
            "  server        x                     =                      –",
            "  content-type  application/json      text/html              –",
        ];
        assert_eq!(drawn(&shown(vec![asked, other, failed])).lines().collect::<Vec<_>>(), expected);
    }

    #[test]
    fn no_more_stand_side_by_side_than_there_is_room_for() {
        let digest = |number: u8| format!("sha256:{}", format!("{number:02x}").repeat(32));
        for count in [1, 4, 9] {
            let exchange = |number| {
                let headers =
                    [("docker-content-digest", &*digest(number)), ("x-name-of-forty-characters-and-some-more", "x")];
                answered("https://r.example.com/v2/acme/api/manifests/1.0", 200, &headers, "")
            };
            let shown = drawn(&shown((1..=count).map(exchange).collect()));
            assert!(shown.lines().all(|line| width(line) <= 80), "{shown}");
            assert!((1..=count).all(|number| shown.contains(&format!("#{number}"))), "{shown}");
            assert!((1..=count).all(|number| shown.contains(&digest(number)[..14])), "{shown}");
        }
    }

    #[test]
    fn what_was_asked_is_no_news_and_no_table_is_empty() {
        let shown =
            shown(vec![unanswered("https://r.example.com/v2/a/manifests/1"), unanswered("http://r.example.com/")]);
        let table = exchanges_side_by_side(&shown.iter().collect::<Vec<_>>());
        assert!(table.rows[0].iter().all(|cell| cell.label == Label::Plain), "{table:?}");
        assert_eq!(table.rows[3][1], Cell::new("no answer", Label::Bad));
        assert_eq!(exchanges_side_by_side(&[]).columns.len(), 1);
    }
}
