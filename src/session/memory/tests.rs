//! Successive commands in the lab.

use super::*;
use crate::evidence::{Depth, Journal, Query};
use crate::oci::Platform;
use crate::session::{Conversation, LabChoice, Session, Settings};

fn settings() -> Settings {
    let scenario = crate::lab::scenario("ghcr-healthy").unwrap();
    Settings { lab: Some(LabChoice::Named(scenario)), ..Settings::new() }
}

fn session(memory: &Rc<Memory>) -> Session {
    let (_, stop) = watch::channel(None);
    Session::new(settings(), stop, |_| false).remembering(Rc::clone(memory))
}

/// The status of every kept exchange, with its number.
fn kept(memory: &Memory) -> Vec<(u64, Option<u16>)> {
    memory.exchanges().iter().map(|one| (one.id.number(), one.exchange.status())).collect()
}

async fn ask_for_tags(session: &Session, reference: &str) -> u64 {
    let reference = Reference::parse(reference).unwrap();
    let mut conversation: Conversation<'_> = session.converse(&reference).await.unwrap();
    conversation.ask(&Query::Tags).await.unwrap().last().unwrap().number()
}

const BEHIND_TOKENS: &str = "ghcr.io/example/greeting:1.0";

#[tokio::test]
async fn the_second_command_goes_on_with_the_token_and_the_numbers_of_the_first() {
    let memory = Rc::default();
    let session = session(&memory);
    assert_eq!(ask_for_tags(&session, BEHIND_TOKENS).await, 3);
    assert_eq!(kept(&memory), [(1, Some(401)), (2, Some(200)), (3, Some(200))]);
    assert_eq!(ask_for_tags(&session, BEHIND_TOKENS).await, 4);
    assert_eq!(kept(&memory).last(), Some(&(4, Some(200))));
    let connection = &memory.get(ExchangeId::new(4)).unwrap().exchange.connection;
    assert!(connection.reused, "{connection:?}");
    let token = memory.get(ExchangeId::new(2)).unwrap();
    let body = &token.exchange.response.as_ref().unwrap().body.bytes;
    let shown = token.redactor().known_values(&String::from_utf8_lossy(body));
    assert!(shown.contains("‹token removed, "), "{shown}");
}

#[tokio::test]
async fn a_grant_is_for_its_repository_and_for_who_asked() {
    let memory = Rc::default();
    ask_for_tags(&session(&memory), BEHIND_TOKENS).await;
    ask_for_tags(&session(&memory), "ghcr.io/example/other:1").await;
    assert_eq!(
        memory.get(ExchangeId::new(4)).unwrap().exchange.status(),
        Some(401),
        "another repository begins without a token"
    );
    let before = memory.last_number();
    let (_, stop) = watch::channel(None);
    let credentials =
        crate::auth::Credentials::Password { username: Secret::new("me"), password: Secret::new("secret-word") };
    let mut settings = settings();
    settings.logins.keep(&"ghcr.io".parse().unwrap(), credentials);
    let other = Session::new(settings, stop, |_| false);
    ask_for_tags(&other.remembering(Rc::clone(&memory)), BEHIND_TOKENS).await;
    assert_eq!(memory.get(ExchangeId::new(before + 1)).unwrap().exchange.status(), Some(401), "so does another user");
}

#[tokio::test]
async fn what_is_asked_aside_gets_its_numbers_when_nothing_else_counts() {
    let memory: Rc<Memory> = Rc::default();
    ask_for_tags(&session(&memory), BEHIND_TOKENS).await;
    ask_for_tags(&session(&memory).aside(), BEHIND_TOKENS).await;
    assert_eq!(memory.last_number(), 3);
    memory.settle();
    assert_eq!((memory.last_number(), memory.get(ExchangeId::new(4)).unwrap().aside), (4, true));
    assert_eq!(memory.last().unwrap().id.number(), 3, "the last is the last that was asked for");
}

#[test]
fn old_exchanges_are_forgotten_first_and_numbers_stay() {
    let memory = Memory::default();
    let reference = Reference::parse(BEHIND_TOKENS).unwrap();
    for number in 0..MOST_KEPT + 5 {
        let mut journal = Journal::after(number as u64, Vec::new());
        journal.enter(crate::evidence::testing::unanswered("https://ghcr.io/v2/"));
        let reference = reference.clone();
        memory.enter(
            Record { journal, ..Record::new(reference, Depth::Probe, Platform::of_this_machine()) },
            Vec::new(),
            false,
        );
    }
    assert!(memory.get(ExchangeId::new(5)).is_none() && memory.get(ExchangeId::new(0)).is_none());
    assert_eq!(memory.get(ExchangeId::new(6)).unwrap().id.number(), 6);
    assert_eq!(memory.exchanges().len(), MOST_KEPT);
    assert_eq!(memory.last_number(), MOST_KEPT as u64 + 5);
}
