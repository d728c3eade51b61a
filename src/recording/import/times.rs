//! Times and durations as logs print them.

use std::time::Duration;

use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime, Time};

/// A time with its zone (RFC 3339), since 1970.
pub(super) fn instant(text: &str) -> Option<Duration> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    Some(Duration::from_nanos(u64::try_from(time.unix_timestamp_nanos()).ok()?))
}

/// A time as Go's logger prints it, `2026/12/01 01:31:11 `, without a zone: since 1970 if it were in UTC.
pub(super) fn clock_time(text: &str) -> Option<Duration> {
    let (date, time) = text.trim_end().split_once(' ')?;
    let numbers = |text: &str, separator: char| {
        let mut parts = text.split(separator).map(|part| part.parse::<u16>().ok());
        let three = (parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(three)
    };
    let ((year, month, day), (hour, minute, second)) = (numbers(date, '/')?, numbers(time, ':')?);
    let small = |number: u16| u8::try_from(number).ok();
    let date = Date::from_calendar_date(year.into(), Month::try_from(small(month)?).ok()?, small(day)?).ok()?;
    let time = Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()?;
    let since = OffsetDateTime::new_utc(date, time).unix_timestamp();
    Some(Duration::from_secs(u64::try_from(since).ok()?))
}

/// A duration as Go prints it: `1.5s`, `852.115µs`, `1m2.5s`.
pub(super) fn go_duration(text: &str) -> Option<Duration> {
    const UNITS: [(&str, f64); 7] =
        [("ns", 1e-9), ("µs", 1e-6), ("μs", 1e-6), ("us", 1e-6), ("ms", 1e-3), ("s", 1.0), ("m", 60.0)];
    let mut seconds = 0.0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        let after = &rest[digits..];
        if let Some(hours) = after.strip_prefix('h') {
            (seconds, rest) = (seconds + number * 3600.0, hours);
            continue;
        }
        let (unit, factor) = UNITS.iter().find(|(unit, _)| after.starts_with(unit))?;
        (seconds, rest) = (seconds + number * factor, &after[unit.len()..]);
    }
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_printed() {
        assert_eq!(instant("1970-01-01T01:00:00.25+01:00"), Some(Duration::from_millis(250)));
        assert_eq!(clock_time("1970/01/02 00:00:01 "), Some(Duration::from_secs(86_401)));
        for text in ["1970/01/02T00:00:01", "1970/13/02 00:00:01", "1969/01/02 00:00:01", "1/2/3/4 0:0:0", ""] {
            assert_eq!(clock_time(text), None, "{text}");
        }
        for (text, nanoseconds) in [
            ("1.5s", 1_500_000_000),
            ("852.115µs", 852_115),
            ("1m2.5s", 62_500_000_000),
            ("1h0m0s", 3_600_000_000_000),
            ("7ns", 7),
        ] {
            assert_eq!(go_duration(text), Some(Duration::from_nanos(nanoseconds)), "{text}");
        }
        for text in ["", "5", "s", "1x", "-1s"] {
            assert_eq!(go_duration(text), None, "{text}");
        }
    }
}
