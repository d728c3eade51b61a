//! Reads bodies within their bounds, byte for byte as they were sent.

use std::error::Error;
use std::pin::pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::BodyExt;

use super::buffer::{Buffer, Long};
use super::classify;
use super::limits::{BodyLimit, KEPT_IN_ALL};
use crate::evidence::{Body, Failure, FailureKind, Step};

/// The remaining bytes that one run may keep.
#[derive(Debug)]
pub(crate) struct Room(AtomicU64);

impl Default for Room {
    fn default() -> Self {
        Self(AtomicU64::new(KEPT_IN_ALL))
    }
}

impl Room {
    /// Takes this many bytes; returns whether that many were left.
    fn take(&self, length: usize) -> bool {
        let less = |left: u64| left.checked_sub(length as u64);
        self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, less).is_ok()
    }
}

/// Reads a body into `buffer` as it arrives and counts it in `kept`, so that the received bytes are available however
/// the reading ends.
///
/// A successful answer longer than its limit is a failure. Of any other answer, the excess is counted and dropped, and
/// after 1 MiB the connection is closed.
pub(crate) async fn read<B>(
    body: B,
    status: u16,
    limit: &BodyLimit,
    idle: Duration,
    (in_all, long): (&Room, &Long),
    kept: &mut Body,
    buffer: &mut Buffer,
) -> Option<Failure>
where
    B: http_body::Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let (keep, most) = (limit.kept_for(status), limit.read_for(status));
    let mut body = pin!(body);
    let mut reading = long.reading();
    loop {
        let frame = match tokio::time::timeout(idle, body.frame()).await {
            Ok(Some(Ok(frame))) => frame,
            Ok(None) => {
                reading.finish(buffer);
                return None;
            }
            Ok(Some(Err(error))) => {
                kept.truncated = true;
                let error: Box<dyn Error + Send + Sync> = error.into();
                return Some(classify::body_failure(&*error, kept.size));
            }
            Err(_) => {
                kept.truncated = true;
                let words = format!("nothing more came for {} s", idle.as_secs());
                return Some(Failure::new(FailureKind::Timeout(Step::Body), words));
            }
        };
        let Ok(data) = frame.into_data() else { continue };
        kept.size += data.len() as u64;
        let room = usize::try_from(keep).unwrap_or(usize::MAX).saturating_sub(buffer.len());
        let wanted = &data[..data.len().min(room)];
        reading.wait(buffer, wanted.len()).await;
        if !buffer.goes_on(wanted) {
            if !in_all.take(wanted.len()) {
                kept.truncated = true;
                let words =
                    format!("the answers are longer than {} together, where reading stops", in_words(KEPT_IN_ALL));
                return Some(Failure::new(FailureKind::BodyTooLarge, words));
            }
            buffer.add(wanted);
        }
        kept.truncated = kept.size > keep;
        if kept.size > most {
            if limit.beginning {
                return None;
            }
            let words = format!("the body is longer than {}, where reading stops", in_words(most));
            return (200..300).contains(&status).then(|| Failure::new(FailureKind::BodyTooLarge, words));
        }
    }
}

fn in_words(bytes: u64) -> String {
    match bytes {
        whole if whole % (1 << 20) == 0 => format!("{} MiB", whole >> 20),
        whole => format!("{} KiB", whole >> 10),
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use http_body_util::{Full, StreamBody};
    use hyper::body::Frame;

    use super::*;

    const LIMIT: BodyLimit = BodyLimit { kept: 8, kept_of_error: 4, read: 8, beginning: false };
    const IDLE: Duration = Duration::from_millis(20);

    async fn outcome_within(limit: BodyLimit, text: &'static str, status: u16) -> (Option<Failure>, Body, Vec<u8>) {
        let (mut kept, mut buffer) = (Body::default(), Buffer::default());
        let failure = read(
            Full::new(Bytes::from(text)),
            status,
            &limit,
            IDLE,
            (&Room::default(), &Long::default()),
            &mut kept,
            &mut buffer,
        )
        .await;
        (failure, kept, buffer.into_bytes().to_vec())
    }

    async fn outcome(text: &'static str, status: u16) -> (Option<Failure>, Body, Vec<u8>) {
        outcome_within(LIMIT, text, status).await
    }

    #[tokio::test]
    async fn where_the_beginning_is_wanted_the_rest_is_no_failure() {
        let (failure, kept, buffer) = outcome_within(BodyLimit { beginning: true, ..LIMIT }, "123456789", 200).await;
        assert!(failure.is_none() && kept.truncated && buffer == b"12345678");
    }

    #[tokio::test]
    async fn what_fits_is_kept_whole() {
        let (failure, kept, buffer) = outcome("12345678", 200).await;
        assert!(failure.is_none() && !kept.truncated && kept.size == 8 && buffer == b"12345678");
    }

    #[tokio::test]
    async fn a_longer_success_is_a_failure_and_its_beginning_is_kept() {
        let (failure, kept, buffer) = outcome("123456789", 200).await;
        assert_eq!(failure.unwrap().kind, FailureKind::BodyTooLarge);
        assert!(kept.truncated && kept.size == 9 && buffer == b"12345678");
    }

    #[tokio::test]
    async fn of_an_error_the_rest_is_counted_and_dropped() {
        let (failure, kept, buffer) = outcome("123456789", 404).await;
        assert!(failure.is_none() && kept.truncated && kept.size == 9 && buffer == b"1234");
    }

    #[tokio::test]
    async fn all_bodies_of_a_run_share_their_room() {
        let room = Room(AtomicU64::new(20));
        let mut outcomes = Vec::new();
        // Of an error longer than its limit, only the kept part counts.
        for (text, status) in [("12345678", 200), ("123456789", 404), ("12345678", 200), ("1", 200), ("", 200)] {
            let (mut kept, mut buffer) = (Body::default(), Buffer::default());
            let body = Full::new(Bytes::from(text));
            let failure = read(body, status, &LIMIT, IDLE, (&room, &Long::default()), &mut kept, &mut buffer).await;
            outcomes.push((failure.map(|failure| failure.kind), kept.truncated, buffer.len()));
        }
        let too_large = Some(FailureKind::BodyTooLarge);
        assert_eq!(
            outcomes,
            [(None, false, 8), (None, true, 4), (None, false, 8), (too_large, true, 0), (None, false, 0)]
        );
    }

    #[tokio::test]
    async fn a_body_that_stops_coming_is_not_waited_for() {
        let silent = futures_util::stream::pending::<Result<Frame<Bytes>, Infallible>>();
        let (mut kept, mut buffer) = (Body::default(), Buffer::default());
        let failure = read(
            StreamBody::new(silent),
            200,
            &LIMIT,
            IDLE,
            (&Room::default(), &Long::default()),
            &mut kept,
            &mut buffer,
        )
        .await;
        assert_eq!(failure.unwrap().kind, FailureKind::Timeout(Step::Body));
    }
}
