//! The kept bytes of bodies as they arrive. Registries serve one document to many requests of a run, and a long one is
//! kept once: concurrent requests read theirs one after the other, and compare it with earlier ones.

use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::timeout;

/// The size in bytes from which a body is long. Shorter ones are read concurrently.
const LONG: usize = 256 << 10;

/// How long one long body waits for another. After that it is read without comparison, so that a stalled one does not
/// block the others.
const PATIENCE: Duration = Duration::from_secs(2);

/// The long bodies received in a run. A reader holds the lock.
#[derive(Debug, Default)]
pub(crate) struct Long(Mutex<Vec<Bytes>>);

/// The bytes of one body.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    own: Vec<u8>,
    /// An earlier body that begins with the same bytes, and how many of them have arrived.
    same: Option<(Bytes, usize)>,
}

/// The reading of one body.
pub(crate) struct Reading<'a> {
    long: &'a Long,
    /// The earlier bodies, for a long one.
    turn: Option<MutexGuard<'a, Vec<Bytes>>>,
    has_waited: bool,
}

impl Long {
    /// Starts reading a body.
    pub fn reading(&self) -> Reading<'_> {
        Reading { long: self, turn: None, has_waited: false }
    }
}

impl Buffer {
    /// The number of bytes received.
    pub fn len(&self) -> usize {
        self.same.as_ref().map_or(self.own.len(), |(_, length)| *length)
    }

    /// All bytes received.
    pub fn into_bytes(mut self) -> Bytes {
        match self.same {
            Some((bytes, length)) => bytes.slice(..length),
            None => {
                self.own.shrink_to_fit();
                Bytes::from(self.own)
            }
        }
    }

    /// Continues with these bytes if a kept body does so too. They take no additional memory then.
    pub fn goes_on(&mut self, more: &[u8]) -> bool {
        match &mut self.same {
            Some((bytes, length)) if bytes[*length..].starts_with(more) => {
                *length += more.len();
                true
            }
            _ => false,
        }
    }

    /// Adds bytes in which this body differs from all others.
    pub fn add(&mut self, more: &[u8]) {
        if let Some((bytes, length)) = self.same.take() {
            self.own = bytes[..length].to_vec();
        }
        self.own.extend_from_slice(more);
    }
}

impl Reading<'_> {
    /// Waits until no other long body is being read, before exceeding the size of a short one.
    pub async fn wait(&mut self, buffer: &mut Buffer, more: usize) {
        if self.has_waited || buffer.len() + more <= LONG {
            return;
        }
        self.has_waited = true;
        self.turn = timeout(PATIENCE, self.long.0.lock()).await.ok();
        let known = self.turn.iter().flat_map(|known| known.iter()).find(|known| known.starts_with(&buffer.own));
        if let Some(known) = known {
            let length = std::mem::take(&mut buffer.own).len();
            buffer.same = Some((known.clone(), length));
        }
    }

    /// Records a complete body, for comparison with the next ones.
    pub fn finish(mut self, buffer: &mut Buffer) {
        if let Some(known) = &mut self.turn
            && buffer.same.is_none()
        {
            let bytes = std::mem::take(buffer).into_bytes();
            known.push(bytes.clone());
            let length = bytes.len();
            buffer.same = Some((bytes, length));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(long: &Long, body: &[u8]) -> Bytes {
        let (mut reading, mut buffer) = (long.reading(), Buffer::default());
        for piece in body.chunks(100_000) {
            reading.wait(&mut buffer, piece.len()).await;
            if !buffer.goes_on(piece) {
                buffer.add(piece);
            }
        }
        assert_eq!(buffer.len(), body.len());
        reading.finish(&mut buffer);
        buffer.into_bytes()
    }

    #[tokio::test]
    async fn long_body_that_came_before_is_kept_once() {
        let long = Long::default();
        let body = vec![b'a'; 1 << 20];
        let (first, second) = (read(&long, &body).await, read(&long, &body).await);
        assert_eq!((first.as_ptr(), &first), (second.as_ptr(), &second));
        assert_eq!(&first[..], body);
    }

    #[tokio::test]
    async fn bodies_that_begin_alike_are_different() {
        let long = Long::default();
        let mut body = vec![b'a'; 1 << 20];
        read(&long, &body).await;
        for at in [(1 << 20) - 1, 500_000, 0] {
            body[at] = b'b';
            assert_eq!(&read(&long, &body).await[..], body);
        }
        body.truncate(700_000);
        assert_eq!(&read(&long, &body).await[..], body, "the beginning of one is another");
        body.extend(vec![b'c'; 1 << 20]);
        assert_eq!(&read(&long, &body).await[..], body);
    }

    #[tokio::test]
    async fn short_bodies_do_not_wait() {
        let long = Long::default();
        let _turn = long.0.lock().await;
        assert_eq!(&read(&long, &[b'a'; 100_000]).await[..], [b'a'; 100_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn long_body_waits_for_a_while() {
        let long = Long::default();
        let _turn = long.0.lock().await;
        let body = vec![b'a'; 1 << 20];
        assert_eq!(&read(&long, &body).await[..], body);
    }
}
