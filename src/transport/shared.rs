//! Answers that several references of a command need: the same token, the same layer, the registry's own description.
//! One run sends the request, and the others receive its answer.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;

use super::ask::{Ask, HeaderText};
use super::silence::RunId;
use crate::evidence::{Exchange, Purpose};
use crate::oci::{Algorithm, Digest};

/// The number of answers that are kept; the least recently used one is dropped first.
const MOST: usize = 2000;
/// The maximum body size of an answer that is kept, in bytes.
const LONGEST: usize = 64 << 10;

/// The shared answers of a command.
#[derive(Default)]
pub(crate) struct SharedAnswers(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    answers: HashMap<Digest, (RunId, Answer)>,
    order: VecDeque<Digest>,
}

impl Kept {
    /// Keeps an answer for as long as a new one. An answer that all references of a registry need is used again and again,
    /// between thousands of answers that a single reference needs.
    fn use_again(&mut self, key: &Digest) {
        if let Some(place) = self.order.iter().rposition(|other| other == key)
            && let Some(key) = self.order.remove(place)
        {
            self.order.push_back(key);
        }
    }
}

/// `None` while the request is in progress.
type Answer = watch::Receiver<Option<Exchange>>;

/// The run that sends a request.
enum Turn {
    /// This run: it was not sent yet.
    First(watch::Sender<Option<Exchange>>),
    /// Another run has sent it.
    After(Answer),
    /// The same run has sent it: a repeated request is intended.
    Again,
}

impl SharedAnswers {
    /// The answer to a request, which is sent unless another run of the command has sent the same: the method, the
    /// address, every header, and so the same identity. Only answers that do not depend on the requester are shared.
    pub async fn of(&self, ask: &Ask, run: RunId, send: impl AsyncFnOnce() -> Exchange) -> Exchange {
        if !is_the_same_for_all(ask.purpose) {
            return send().await;
        }
        match self.turn(key(ask), run) {
            Turn::Again => send().await,
            Turn::First(answer) => {
                let sent = send().await;
                answer.send_replace(Some(sent.clone()).filter(can_be_shared));
                sent
            }
            Turn::After(mut answer) => {
                // The request may have failed, or have been abandoned.
                let received = answer.wait_for(Option::is_some).await.ok().and_then(|received| received.clone());
                match received {
                    Some(exchange) => as_shared(exchange),
                    None => send().await,
                }
            }
        }
    }

    fn turn(&self, key: Digest, run: RunId) -> Turn {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match kept.answers.get(&key) {
            Some((of, _)) if *of == run => return Turn::Again,
            Some((_, answer)) => {
                let answer = answer.clone();
                kept.use_again(&key);
                return Turn::After(answer);
            }
            None => {}
        }
        if kept.order.len() >= MOST
            && let Some(oldest) = kept.order.pop_front()
        {
            kept.answers.remove(&oldest);
        }
        let (first, answer) = watch::channel(None);
        kept.order.push_back(key.clone());
        kept.answers.insert(key, (run, answer));
        Turn::First(first)
    }
}

/// Whether requests for this purpose have a stable answer: bytes under their digest, a server's description of itself,
/// or a token. A tag may move between two requests, and that is worth noticing.
fn is_the_same_for_all(purpose: Purpose) -> bool {
    match purpose {
        Purpose::Token
        | Purpose::Ping
        | Purpose::Digest
        | Purpose::Child
        | Purpose::Blob
        | Purpose::Config
        | Purpose::Layer => true,
        Purpose::Manifest(_)
        | Purpose::Tags
        | Purpose::Catalog
        | Purpose::Referrers
        | Purpose::Anonymous
        | Purpose::Comparison
        | Purpose::Other
        | Purpose::SpeaksTls
        | Purpose::SpeaksHttp
        | Purpose::Handshake => false,
    }
}

/// Whether an answer is complete and will be the same next time.
fn can_be_shared(exchange: &Exchange) -> bool {
    exchange.failure.is_none()
        && exchange
            .response
            .as_ref()
            .is_some_and(|response| matches!(response.status, 200..=404 | 410) && response.body.bytes.len() <= LONGEST)
}

fn as_shared(mut exchange: Exchange) -> Exchange {
    exchange.connection.shared = true;
    exchange
}

/// A key that distinguishes requests without containing secrets.
fn key(ask: &Ask) -> Digest {
    let Ask { purpose, method, url, headers: _, form: _, body, reach } = ask;
    let mut text = format!("{} {} {url}\n{body:?} {reach:?}\n", purpose.as_str(), method.as_str());
    for (name, value) in &ask.headers {
        let value = match value {
            HeaderText::Plain(value) => value,
            HeaderText::Secret { value, .. } => value.reveal(),
        };
        text.push_str(&format!("{name}: {value}\n"));
    }
    if let Some(form) = &ask.form {
        text.push_str(&format!("{}{}", form.recorded.fields, form.value.reveal()));
    }
    Digest::of(Algorithm::Sha256, text.as_bytes())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use http::header::AUTHORIZATION;
    use url::Url;

    use super::*;
    use crate::evidence::testing::answered;
    use crate::evidence::{Method, SecretKind, Shape, Withheld};
    use crate::text::Secret;
    use crate::transport::silence::Silences;
    use crate::transport::{BodyLimit, Reach};

    const LAYER: &str = "https://r.test/v2/a/blobs/sha256:0";

    fn ask(purpose: Purpose, token: Option<&str>) -> Ask {
        let header = |token: &str| {
            let recorded = Withheld { kind: SecretKind::Token, scheme: None, shape: Some(Shape::of(token)) };
            (AUTHORIZATION, HeaderText::Secret { recorded, value: Secret::new(token) })
        };
        Ask {
            purpose,
            method: Method::Get,
            url: Url::parse(LAYER).unwrap(),
            headers: token.map(header).into_iter().collect(),
            form: None,
            body: BodyLimit::BEGINNING,
            reach: Reach::Anywhere,
        }
    }

    /// The number of requests sent by runs that each request one of these.
    async fn sent(asks: &[(usize, Ask)], status: u16) -> usize {
        let (answers, silences, count) = (SharedAnswers::default(), Silences::default(), Cell::new(0));
        let runs = [silences.run(), silences.run()];
        for (run, ask) in asks {
            let send = async || {
                count.set(count.get() + 1);
                answered(LAYER, status, &[], "x")
            };
            let before = count.get();
            let exchange = answers.of(ask, runs[*run], send).await;
            assert_eq!(exchange.connection.shared, count.get() == before);
        }
        count.get()
    }

    #[tokio::test]
    async fn same_request_of_another_run_is_sent_once() {
        let layer = || ask(Purpose::Layer, Some("token"));
        assert_eq!(sent(&[(0, layer()), (1, layer())], 206).await, 1);
        assert_eq!(sent(&[(0, layer()), (0, layer())], 206).await, 2, "a run has its reasons to ask twice");
        assert_eq!(sent(&[(0, layer()), (1, layer())], 404).await, 1);
        assert_eq!(sent(&[(0, layer()), (1, layer())], 503).await, 2, "which may be over by then");
    }

    /// Two references with different pull secrets never share an answer.
    #[tokio::test]
    async fn other_identity_and_other_request_are_sent() {
        let layer = |token| ask(Purpose::Layer, token);
        assert_eq!(sent(&[(0, layer(Some("one"))), (1, layer(Some("other")))], 200).await, 2);
        assert_eq!(sent(&[(0, layer(Some("one"))), (1, layer(None))], 200).await, 2);
        let manifest = || ask(Purpose::Manifest("all"), None);
        assert_eq!(sent(&[(0, manifest()), (1, manifest())], 200).await, 2, "a tag may have moved");
        let longer = Ask { body: BodyLimit::MANIFEST, ..layer(None) };
        assert_eq!(sent(&[(0, layer(None)), (1, longer)], 200).await, 2);
    }

    /// An answer that each of a thousand references needs is requested once, despite all the answers in between.
    #[tokio::test]
    async fn used_answer_is_kept_longer_than_unused_ones() {
        let (answers, silences) = (SharedAnswers::default(), Silences::default());
        for purpose in [Purpose::Ping, Purpose::Token, Purpose::Layer, Purpose::Config, Purpose::Digest] {
            let used = ask(purpose, Some("used"));
            let mut sent = 0;
            for run in (0..8).map(|_| silences.run()) {
                let exchange = answers.of(&used, run, async || answered(LAYER, 200, &[], "x")).await;
                sent += usize::from(!exchange.connection.shared);
                for number in 0..MOST / 3 {
                    let url = format!("{LAYER}-{run:?}-{number}").parse().unwrap();
                    let other = Ask { url, ..ask(Purpose::Layer, None) };
                    answers.of(&other, run, async || answered(LAYER, 206, &[], "y")).await;
                }
            }
            assert_eq!(sent, 1, "{purpose:?}");
            let kept = answers.0.lock().unwrap();
            assert_eq!((kept.order.len(), kept.answers.len()), (MOST, MOST));
        }
    }

    #[tokio::test]
    async fn request_that_is_given_up_is_sent_by_the_next() {
        let (answers, silences) = (SharedAnswers::default(), Silences::default());
        let (one, other) = (silences.run(), silences.run());
        let layer = ask(Purpose::Layer, None);
        {
            let hanging = answers.of(&layer, one, async || std::future::pending().await);
            assert!(futures_util::future::poll_immediate(hanging).await.is_none());
        }
        let exchange = answers.of(&layer, other, async || answered(LAYER, 200, &[], "x")).await;
        assert!(!exchange.connection.shared);
    }
}
