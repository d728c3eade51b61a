//! Recordings that somebody else made: whatever is in one, it is judged or refused, and nothing in a report of it acts on a
//! terminal.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

use ociscope::Report;

pub fn run(data: &[u8]) {
    let mut judged = pin!(Report::of_recording(data));
    let Poll::Ready(judged) = judged.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
        panic!("nothing is asked, so nothing is waited for");
    };
    let Ok(mut report) = judged else { return };
    let forms = [report.to_json(), report.to_markdown(), report.to_text(80)];
    for form in forms.into_iter().flatten() {
        form.lines().for_each(super::assert_printable);
    }
    let again = report.to_recording().expect("nobody's secret is known here");
    assert!(!again.is_empty());
}
