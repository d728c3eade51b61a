//! Parts of what is served, for servers that give them (RFC 9110 §14) and of which nothing more is known: one part at a
//! time, and all of it to who asks for several. Distribution has its own way (`distribution/blobs.rs`).

use crate::lab::wire::{Answer, IncomingRequest};

/// What is left of a 200 for a request with a `Range`: 206 and the part, or 416 where nothing is there.
pub(super) fn part_of(answer: Answer, request: &IncomingRequest) -> Answer {
    let Some(wanted) = request.header("range").filter(|_| answer.status == 200) else { return answer };
    let size = answer.body.len();
    match range(wanted, size) {
        Asked::Nothing => answer,
        Asked::Beyond => Answer::new(416).header("Content-Range", format!("bytes */{size}")),
        Asked::Part { first, last } => {
            let body = answer.body.slice(first..=last);
            let part = Answer { status: 206, body, ..answer };
            part.header("Content-Range", format!("bytes {first}-{last}/{size}"))
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Asked {
    /// Nothing that can be understood, which is to be ignored (RFC 9110 §14.2).
    Nothing,
    /// What lies behind the end.
    Beyond,
    Part {
        first: usize,
        last: usize,
    },
}

fn range(text: &str, size: usize) -> Asked {
    let number = |text: &str| text.parse::<usize>().ok();
    let Some((first, last)) = text.strip_prefix("bytes=").and_then(|text| text.split_once('-')) else {
        return Asked::Nothing;
    };
    let (first, last) = match (first.trim(), last.trim()) {
        ("", suffix) => match number(suffix) {
            Some(length) if length > 0 => (size.saturating_sub(length), usize::MAX),
            Some(_) => return Asked::Beyond,
            None => return Asked::Nothing,
        },
        (first, "") => match number(first) {
            Some(first) => (first, usize::MAX),
            None => return Asked::Nothing,
        },
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => (first, last),
            _ => return Asked::Nothing,
        },
    };
    if first >= size { Asked::Beyond } else { Asked::Part { first, last: last.min(size - 1) } }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::testing::in_scenario;

    /// The examples of RFC 9110 §14.1.2 for 10000 bytes, and what is none of them.
    #[test]
    fn one_part_is_understood() {
        let part = |first, last| Asked::Part { first, last };
        for (text, asked) in [
            ("bytes=0-499", part(0, 499)),
            ("bytes=500-999", part(500, 999)),
            ("bytes=-500", part(9500, 9999)),
            ("bytes=9500-", part(9500, 9999)),
            ("bytes=0-20000", part(0, 9999)),
            ("bytes=10000-", Asked::Beyond),
            ("bytes=-0", Asked::Beyond),
            ("bytes=0-0,-1", Asked::Nothing),
            ("bytes=5-4", Asked::Nothing),
            ("lines=1-2", Asked::Nothing),
            ("bytes=", Asked::Nothing),
        ] {
            assert_eq!(range(text, 10_000), asked, "{text}");
        }
        assert_eq!(range("bytes=0-", 0), Asked::Beyond);
    }

    #[test]
    fn stores_give_the_beginning_of_a_blob() {
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
