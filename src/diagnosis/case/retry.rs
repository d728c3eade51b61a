//! The time after which a server accepts requests again.

use crate::diagnosis::sentence::in_words;
use crate::evidence::{Response, http_date};
use crate::text::Untrusted;

/// The longest wait that is printed in units: a server that asks for a longer one means "not soon".
const LONGEST: u64 = 366 * 86_400;

/// The retry time, as a sentence that begins with a space: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3),
/// quoted if it is neither. Empty if the server sends none.
pub(crate) fn when_to_retry(response: &Response) -> String {
    let Some(value) = response.header("retry-after").map(Untrusted::as_str).map(str::trim) else {
        return String::new();
    };
    if let Some(seconds) = value.parse::<u64>().ok().filter(|&seconds| seconds <= LONGEST) {
        let length = match seconds {
            0..120 => String::new(),
            _ => format!(" ({})", in_words(seconds)),
        };
        let until = response.date().and_then(|date| clock(date.checked_add(i64::try_from(seconds).ok()?)?));
        let until = until.map(|until| format!(", until {until}")).unwrap_or_default();
        return format!(" The server asks clients to wait {seconds} s{length}{until}.");
    }
    let moment = http_date(value);
    let quoted = Untrusted::from(value).quoted_within(40);
    match moment {
        Some(moment) => {
            let wait = response.date().and_then(|date| u64::try_from(moment.checked_sub(date)?).ok());
            let wait = wait.map(|wait| format!(", {} after the response", in_words(wait))).unwrap_or_default();
            format!(" The server asks clients to wait until {quoted}{wait}.")
        }
        None => format!(" Its Retry-After header is {quoted}, neither seconds nor a date."),
    }
}

/// `14:03:05 UTC`, for a moment in seconds since 1970.
fn clock(moment: i64) -> Option<String> {
    let time = time::OffsetDateTime::from_unix_timestamp(moment).ok()?;
    Some(format!("{:02}:{:02}:{:02} UTC", time.hour(), time.minute(), time.second()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::testing::answered;

    fn said(headers: &[(&str, &str)]) -> String {
        when_to_retry(&answered("http://r.test/", 503, headers, "").response.unwrap())
    }

    /// RFC 9110 §10.2.3 has the two forms and these two values.
    #[test]
    fn retry_after_is_a_length_or_a_moment() {
        assert_eq!(said(&[("retry-after", "30")]), " The server asks clients to wait 30 s.");
        assert_eq!(said(&[("retry-after", "120")]), " The server asks clients to wait 120 s (2 minutes).");
        let date = ("date", "Fri, 31 Dec 1999 23:57:59 GMT");
        let until = " The server asks clients to wait 120 s (2 minutes), until 23:59:59 UTC.";
        assert_eq!(said(&[("retry-after", "120"), date]), until);
        assert_eq!(
            said(&[("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT"), date]),
            " The server asks clients to wait until “Fri, 31 Dec 1999 23:59:59 GMT”, 2 minutes after the response."
        );
    }

    #[test]
    fn what_is_neither_is_quoted() {
        for value in ["soon", "-1", "1.5", "99999999999999999999", "never", "✓", "now;pulled", "30 seconds"] {
            assert_eq!(
                said(&[("retry-after", value)]),
                format!(" Its Retry-After header is “{value}”, neither seconds nor a date.")
            );
        }
        assert_eq!(said(&[]), "");
    }
}
