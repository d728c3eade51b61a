//! Range requests, for servers that support them (RFC 9110 §14) and of which nothing more is known: one range, and the
//! whole body for several. Distribution differs (`distribution/blobs.rs`).

use crate::lab::wire::{Answer, IncomingRequest};

/// Applies the `Range` of a request to a 200: 206 with the part, or 416 for a range past the end.
pub(super) fn part_of(answer: Answer, request: &IncomingRequest) -> Answer {
    let Some(wanted) = request.header("range").filter(|_| answer.status == 200) else { return answer };
    let size = answer.body.len();
    match range(wanted, size) {
        RangeHeader::Ignored => answer,
        RangeHeader::Beyond => Answer::new(416).header("Content-Range", format!("bytes */{size}")),
        RangeHeader::Part { first, last } => {
            let body = answer.body.slice(first..=last);
            let part = Answer { status: 206, body, ..answer };
            part.header("Content-Range", format!("bytes {first}-{last}/{size}"))
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum RangeHeader {
    /// No valid range; the header is ignored (RFC 9110 §14.2).
    Ignored,
    /// A range past the end.
    Beyond,
    Part {
        first: usize,
        last: usize,
    },
}

fn range(text: &str, size: usize) -> RangeHeader {
    let number = |text: &str| text.parse::<usize>().ok();
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|text| text.split_once('-')) else {
        return RangeHeader::Ignored;
    };
    let (first, last) = match (first.trim(), last.trim()) {
        ("", suffix) => match number(suffix) {
            Some(length) if length > 0 => (size.saturating_sub(length), usize::MAX),
            Some(_) => return RangeHeader::Beyond,
            None => return RangeHeader::Ignored,
        },
        (first, "") => match number(first) {
            Some(first) => (first, usize::MAX),
            None => return RangeHeader::Ignored,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => (first, last),
            _ => return RangeHeader::Ignored,
        },
    };
    if first >= size { RangeHeader::Beyond } else { RangeHeader::Part { first, last: last.min(size - 1) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::testing::in_scenario;

    /// The examples of RFC 9110 §14.1.2 for 10000 bytes, and invalid ranges.
    #[test]
    fn single_range_is_parsed() {
        let part = |first, last| RangeHeader::Part { first, last };
        for (text, asked) in [
            ("bytes=0-499", part(0, 499)),
            ("bytes=500-999", part(500, 999)),
            ("bytes=-500", part(9500, 9999)),
            ("bytes=9500-", part(9500, 9999)),
            ("bytes=0-20000", part(0, 9999)),
            ("bytes=10000-", RangeHeader::Beyond),
            ("bytes=-0", RangeHeader::Beyond),
            ("bytes=0-0,-1", RangeHeader::Ignored),
            ("bytes=5-4", RangeHeader::Ignored),
            ("lines=1-2", RangeHeader::Ignored),
            ("bytes=", RangeHeader::Ignored),
        ] {
            assert_eq!(range(text, 10_000), asked, "{text}");
        }
        assert_eq!(range("bytes=0-", 0), RangeHeader::Beyond);
    }

    #[test]
    fn storages_serve_the_beginning_of_a_blob() {
        for (store, scheme) in [("s3", "blobs-in-s3"), ("azure", "blobs-in-azure"), ("r2", "blobs-in-r2")] {
            let lab = in_scenario(&format!("storage-{store}-healthy"));
            let digest = crate::lab::content::digest_in("docker-image", "layer").unwrap();
            let blob = format!("GET https://registry.example/v2/{scheme}/app/blobs/{digest}");
            let redirect = lab.to(&blob, &[]);
            let address = format!("GET {}", redirect.get("location").unwrap());
            let whole = lab.to(&address, &[]);
            let part = lab.to(&address, &[("Range", "bytes=0-511")]);
            let length = whole.body.len();
            let said = format!("bytes 0-511/{length}");
            assert_eq!((part.status, part.get("content-range")), (206, Some(said.as_str())), "{store}");
            assert_eq!(part.body, whole.body.slice(..512));
            assert_eq!(lab.to(&address, &[("Range", "bytes=999999-")]).status, 416);
        }
    }
}
