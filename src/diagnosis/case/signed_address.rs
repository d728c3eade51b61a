//! The validity period of a URL that a registry signed for its storage. The times are in the URL in clear text; the
//! signature is not examined.

use time::{Date, Month, PrimitiveDateTime, Time};
use url::Url;

use crate::text::Untrusted;

/// The times in a signed URL, in seconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Signed {
    /// The time of signing, if the URL has it.
    pub from: Option<i64>,
    /// The expiry time.
    pub until: i64,
    /// The parameters with these times, and no others.
    pub quote: Untrusted,
}

/// Returns whether a URL carries a signature, so that access depends on that and not on a login. Storages are
/// recognized by their parameters, on any host.
pub(crate) fn is_signed(url: &Url) -> bool {
    let names: Vec<_> = url.query_pairs().map(|(name, _)| name.to_ascii_lowercase()).collect();
    let has = |name: &str| names.iter().any(|other| other == name);
    // AWS signature version 4, and the services that adopted it under names of their own (Google, Alibaba, Huawei,
    // Volcengine).
    let of_fourth = ["x-amz-signature", "x-goog-signature", "x-oss-signature", "x-obs-signature", "x-tos-signature"];
    // Version 2: a key and a signature.
    let keys = ["awsaccesskeyid", "googleaccessid", "ossaccesskeyid", "accesskeyid", "key-pair-id"];
    of_fourth.iter().any(|name| has(name))
        || (has("signature") && (has("expires") || keys.iter().any(|name| has(name))))
        // Azure's shared access signatures, Tencent's, and OpenStack's temporary URLs.
        || (has("sig") && (has("se") || has("sv")))
        || has("q-signature")
        || (has("temp_url_sig") && has("temp_url_expires"))
}

/// Reads the times of a URL: those of AWS signature version 4 and Google's, which is the same with other names
/// (`X-Amz-Date` and `X-Amz-Expires`), older ones and CloudFront's (`Expires`), and Azure's shared access signatures
/// (`se`).
pub(crate) fn signed(url: &Url) -> Option<Signed> {
    let parameter = |name: &str| {
        let value = url.query_pairs().find(|(other, _)| other.eq_ignore_ascii_case(name));
        value.map(|(_, value)| value.into_owned())
    };
    let quote = |pairs: &[(&str, &str)]| {
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        Untrusted::new(pairs.join("&"))
    };
    for (date, seconds) in [("X-Amz-Date", "X-Amz-Expires"), ("X-Goog-Date", "X-Goog-Expires")] {
        if let (Some(from), Some(good_for)) = (parameter(date), parameter(seconds)) {
            let (begins, length) = (moment(&from)?, good_for.parse::<i64>().ok()?);
            let quote = quote(&[(date, &from), (seconds, &good_for)]);
            return Some(Signed { from: Some(begins), until: begins.checked_add(length)?, quote });
        }
    }
    let of_azure = || parameter("sig").and_then(|_| parameter("se"));
    if let Some(until) = of_azure() {
        let from = parameter("st").and_then(|from| moment(&from));
        return Some(Signed { from, until: moment(&until)?, quote: quote(&[("se", &until)]) });
    }
    let until = parameter("Expires")?;
    Some(Signed { from: None, until: until.parse().ok()?, quote: quote(&[("Expires", &until)]) })
}

/// `20230404T130500Z` and `2023-04-04T13:05:00Z`, in UTC.
fn moment(text: &str) -> Option<i64> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let part = |range: std::ops::Range<usize>| digits.get(range)?.parse::<u8>().ok();
    let month = Month::try_from(part(4..6)?).ok()?;
    let date = Date::from_calendar_date(digits.get(..4)?.parse().ok()?, month, part(6..8)?).ok()?;
    // Azure allows a date without a time.
    let time = if digits.len() < 12 {
        Time::MIDNIGHT
    } else {
        Time::from_hms(part(8..10)?, part(10..12)?, part(12..14).unwrap_or(0)).ok()?
    };
    Some(PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(query: &str) -> Option<(Option<i64>, i64)> {
        let url = Url::parse(&format!("https://storage.test/blob?{query}")).unwrap();
        signed(&url).map(|signed| (signed.from, signed.until))
    }

    /// `date -u -d 2023-04-04T13:05:00Z +%s` says 1680613500.
    #[test]
    fn every_kind_of_signed_address_has_its_expiry_read() {
        for (query, until) in [
            (
                "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date=20230404T130500Z&X-Amz-Expires=1200",
                (Some(1_680_613_500), 1_680_614_700),
            ),
            ("X-Goog-Date=20230404T130500Z&X-Goog-Expires=60", (Some(1_680_613_500), 1_680_613_560)),
            ("se=2023-04-04T13%3A05%3A00Z&sig=abc&sp=r&spr=https&sr=b&sv=2019-12-12", (None, 1_680_613_500)),
            ("Expires=1577978911&Signature=bGFi__&Key-Pair-Id=APKA", (None, 1_577_978_911)),
        ] {
            assert_eq!(times(query), Some(until), "{query}");
        }
    }

    /// Docker Hub's old addresses carry the time of their creation, which is not an expiry time.
    #[test]
    fn address_without_an_expiry_has_none() {
        for query in
            ["verify=1685896700-P3OxAK20OWk", "", "se=1", "Expires=soon", "X-Amz-Date=20231399T000000Z&X-Amz-Expires=1"]
        {
            assert_eq!(times(query), None, "{query}");
        }
    }

    /// The parameters of each service's own documentation.
    #[test]
    fn signed_address_is_recognized_by_its_parameters_on_any_host() {
        let is =
            |query: &str| is_signed(&Url::parse(&format!("https://minio.corp.example:9000/blob?{query}")).unwrap());
        for query in [
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=5ec2",
            "X-Goog-Signature=5ec2",
            "AWSAccessKeyId=AKIA&Expires=1&Signature=x",
            "Expires=1&Signature=x&Key-Pair-Id=APKA",
            "OSSAccessKeyId=a&Signature=b",
            "se=2023-04-04&sig=abc&sv=2019-12-12",
            "temp_url_sig=da39&temp_url_expires=1323479485",
            "q-signature=1",
        ] {
            assert!(is(query), "{query}");
        }
        for query in ["", "ns=docker.io", "sig=1", "signature=1", "Expires=5", "token=abc"] {
            assert!(!is(query), "{query}");
        }
    }

    #[test]
    fn quote_of_a_signed_address_omits_the_signature() {
        let url =
            Url::parse("https://s.test/?X-Amz-Date=20230404T130500Z&X-Amz-Expires=60&X-Amz-Signature=5ec2e7").unwrap();
        assert_eq!(signed(&url).unwrap().quote.as_str(), "X-Amz-Date=20230404T130500Z&X-Amz-Expires=60");
    }
}
