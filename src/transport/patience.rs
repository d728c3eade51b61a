//! How long to wait for an answer: a limit for the connection, and another one from there.

use std::time::Duration;

use tokio::time::Instant;

use super::limits::Limits;
use super::notes::Notes;

/// Waits for an answer as long as the limits allow, and else returns for how long nothing arrived. A slow connection
/// does not reduce the time for the answer, and a fast one does not extend it.
pub(crate) async fn in_time<T>(work: impl Future<Output = T>, notes: &Notes, limits: Limits) -> Result<T, Duration> {
    tokio::select! {
        biased;
        done = work => Ok(done),
        waited = run_out(notes, limits) => Err(waited),
    }
}

async fn run_out(notes: &Notes, limits: Limits) -> Duration {
    let began = Instant::now();
    loop {
        let (since, patience) = {
            let noted = notes.lock();
            match (noted.connect_began, noted.connected) {
                (Some(connecting), None) => (connecting, limits.connect),
                (_, Some(connected)) => (connected.max(began), limits.headers),
                (None, None) => (began, limits.headers),
            }
        };
        let left = patience.saturating_sub(since.elapsed());
        if left.is_zero() {
            return patience;
        }
        // It may have started to connect, or connected, meanwhile; then there is more time.
        tokio::time::sleep(left).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::Reach;

    const LIMITS: Limits = Limits {
        connect: Duration::from_secs(20),
        headers: Duration::from_secs(30),
        idle: Duration::from_secs(30),
        total: Duration::from_secs(120),
    };

    /// How long it waited until it gave up, and its error.
    async fn waited(connects_after: Option<u64>) -> (u64, u64) {
        let notes = Notes::new(443, Reach::Anywhere);
        let began = Instant::now();
        notes.lock().connect_began = connects_after.map(|_| began);
        let connecting = async {
            if let Some(seconds) = connects_after {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                notes.lock().connected = Some(Instant::now());
            }
            std::future::pending::<()>().await;
        };
        let gave_up = in_time(connecting, &notes, LIMITS).await.expect_err("nothing comes");
        (began.elapsed().as_secs(), gave_up.as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_for_the_answer_begins_with_the_connection() {
        assert_eq!(waited(None).await, (30, 30), "over a connection that is kept");
        assert_eq!(waited(Some(0)).await, (30, 30));
        assert_eq!(waited(Some(15)).await, (45, 30));
        assert_eq!(waited(Some(25)).await, (20, 20), "it does not even connect");
    }

    #[tokio::test(start_paused = true)]
    async fn answer_in_time_is_accepted() {
        let notes = Notes::new(443, Reach::Anywhere);
        let work = async {
            tokio::time::sleep(Duration::from_secs(29)).await;
            7
        };
        assert_eq!(in_time(work, &notes, LIMITS).await, Ok(7));
    }
}
