//! The clock, and the formats in which registries write the time.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The seconds since 1970.
pub(crate) fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

/// Formats a time, in seconds since 1970, as in RFC 3339.
pub(crate) fn rfc3339(seconds: i64) -> String {
    let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(&Rfc3339).unwrap_or_default()
}

/// Formats a time as in headers: `Mon, 06 May 2024 07:08:09 GMT` (RFC 9110 §5.6.7).
pub(crate) fn for_headers(time: OffsetDateTime) -> String {
    let (weekday, month) = (time.weekday().to_string(), time.month().to_string());
    let short = |name: &str| name.get(..3).unwrap_or_default().to_owned();
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        short(&weekday),
        time.day(),
        short(&month),
        time.year(),
        time.hour(),
        time.minute(),
        time.second()
    )
}
