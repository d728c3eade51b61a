//! What somebody sees who waits.

use std::convert::Infallible;
use std::time::Duration;

use crate::commands::Progress;
use crate::session::Session;

/// After how many seconds a credential helper is said to be what is waited for: until then most have answered.
const PATIENCE: u64 = 3;

/// Says every second that nothing has come yet.
pub(crate) async fn tell_of_waiting(progress: &Progress, session: &Session) -> Infallible {
    const SECOND: Duration = Duration::from_secs(1);
    let mut seconds = 0;
    loop {
        tokio::time::sleep(SECOND).await;
        seconds += 1;
        let helper = session.helper().filter(|_| seconds >= PATIENCE);
        progress.waiting(seconds, helper.as_deref());
    }
}
