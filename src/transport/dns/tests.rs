//! Name servers that change their answer, return too much, or do not answer.

use super::*;
use crate::oci::Place;
use crate::transport::Reach;
use crate::transport::notes::NOTES;
use crate::transport::patience::in_time;

#[test]
fn an_override_names_host_port_and_address() {
    let read = |text: &str| text.parse::<ResolveTo>().map(|rule| (rule.host, rule.port, rule.to.to_string()));
    let is = |host: &str, port, to: &str| Ok((host.to_owned(), port, to.to_owned()));
    assert_eq!(read("R.test:443:192.0.2.7"), is("r.test", 443, "192.0.2.7:443"));
    assert_eq!(read("r.test:443:127.0.0.1:5000"), is("r.test", 443, "127.0.0.1:5000"));
    assert_eq!(read("r.test:443:[::1]"), is("r.test", 443, "[::1]:443"));
    assert_eq!(read("r.test:443:[::1]:5000"), is("r.test", 443, "[::1]:5000"));
    for wrong in ["", "r.test", "r.test:443", "r.test:x:1.2.3.4", ":443:1.2.3.4", "r.test:443:not-an-address"] {
        assert_eq!(read(wrong), Err(ResolveError), "{wrong}");
    }
}

#[tokio::test]
async fn where_only_some_hosts_exist_nothing_else_is_looked_up() {
    let closed: SocketAddr = "127.0.0.1:9".parse().unwrap();
    let listens: SocketAddr = "127.0.0.1:4430".parse().unwrap();
    let hosts = vec![ResolveTo::new("r.example", 443, listens)];
    let resolver = Resolver::enclosed(&Enclosed { hosts, closed, authority: Vec::new().into() });
    let at = |port| Notes::new(port, Reach::Anywhere);
    assert_eq!(resolver.addresses("r.example", Some(&at(443))).await, Ok(vec![listens]));
    assert_eq!(resolver.addresses("r.example", Some(&at(80))).await, Ok(vec![closed]));
    for elsewhere in ["localhost", "127.0.0.1", "example.com"] {
        assert!(resolver.addresses(elsewhere, Some(&at(443))).await.is_err(), "{elsewhere}");
    }
}

/// A name server that gives another answer each time.
struct Fickle(Mutex<Vec<Vec<SocketAddr>>>);

impl System for Fickle {
    fn look_up(&self, _: &str) -> LookupFuture {
        let next = self.0.lock().unwrap().pop();
        Box::pin(async { next.ok_or_else(|| io::Error::other("asked too often")) })
    }
}

fn asking(system: impl System + 'static) -> Arc<Resolver> {
    let (overrides, system) = (Vec::new(), Box::new(system));
    Arc::new(Resolver { overrides, system, closed: None, found: Mutex::default() })
}

/// Case A06: a name that resolves to a harmless address when it is checked, and to this machine when it is connected
/// to.
#[tokio::test]
async fn the_address_that_was_checked_is_the_one_that_is_connected_to() {
    let (first, second): (SocketAddr, SocketAddr) =
        ("203.0.113.7:443".parse().unwrap(), "127.0.0.1:443".parse().unwrap());
    let resolver = asking(Fickle(Mutex::new(vec![vec![second], vec![first]])));
    for _ in 0..3 {
        let notes = Notes::new(443, Reach::NamedFrom(Place::ELSEWHERE));
        assert_eq!(resolver.addresses("rebinding.test", Some(&notes)).await, Ok(vec![first]));
        assert_eq!(notes.lock().addresses, [first]);
    }
    let name: Name = "rebinding.test".parse().unwrap();
    let notes = Notes::new(443, Reach::NamedFrom(Place::ELSEWHERE));
    let connected_to = NOTES.scope(notes, async { ForReqwest(resolver).resolve(name).await }).await;
    let connected_to: Vec<_> = connected_to.unwrap().map(|address| address.ip()).collect();
    assert_eq!(connected_to, [first.ip()]);
}

/// Case A49: a name that resolves to another host for its first port, and to this machine for the next one.
#[tokio::test]
async fn host_is_looked_up_once_whatever_the_port() {
    let address = |text: &str| SocketAddr::new(text.parse().unwrap(), 0);
    for (first, second) in [
        ("203.0.113.7", "127.0.0.1"),
        ("203.0.113.7", "10.0.0.7"),
        ("10.0.0.7", "169.254.169.254"),
        ("2001:db8::7", "::1"),
        ("198.51.100.1", "203.0.113.7"),
    ] {
        let resolver = asking(Fickle(Mutex::new(vec![vec![address(second)], vec![address(first)]])));
        for (port, reach) in
            [(443, Reach::Anywhere), (8443, Reach::SameHost), (80, Reach::SameHost), (22, Reach::Anywhere)]
        {
            let found = resolver.addresses("rebinding.test", Some(&Notes::new(port, reach))).await;
            assert_eq!(found, Ok(vec![SocketAddr::new(first.parse().unwrap(), port)]), "{second} at {port}");
        }
        assert_eq!(resolver.in_a_moment("rebinding.test", 9000, true).await, [address(first)]);
    }
}

/// Case A49: a name that resolves to this machine and to others. The user may name it; another port of it is a server's
/// choice.
#[tokio::test]
async fn name_with_addresses_of_several_classes_is_not_asked_at_another_port() {
    let address = |text: &&str| SocketAddr::new(text.parse().unwrap(), 0);
    for (addresses, refused) in [
        (&["203.0.113.7", "127.0.0.1"][..], Some("127.0.0.1")),
        (&["10.0.0.7", "203.0.113.7"], Some("10.0.0.7")),
        (&["2001:db8::7", "203.0.113.7", "::1"], Some("::1")),
        (&["192.168.0.1", "127.0.0.1"], Some("192.168.0.1")),
        (&["203.0.113.7", "169.254.169.254"], Some("169.254.169.254")),
        (&["203.0.113.7", "2001:db8::7"], None),
        (&["10.0.0.7", "fd12::7"], None),
        (&["127.0.0.1", "::1"], None),
    ] {
        let resolver = asking(Fickle(Mutex::new(vec![addresses.iter().map(address).collect()])));
        assert!(resolver.addresses("mixed.test", Some(&Notes::new(443, Reach::Anywhere))).await.is_ok());
        let notes = Notes::new(8443, Reach::SameHost);
        assert_eq!(resolver.addresses("mixed.test", Some(&notes)).await.is_err(), refused.is_some(), "{addresses:?}");
        let forbidden = notes.lock().forbidden.map(|(address, _)| address.to_string());
        assert_eq!(forbidden.as_deref(), refused, "{addresses:?}");
    }
}

/// A lookup for a mere hint waits only briefly for a name server that does not answer, and only once.
#[tokio::test(start_paused = true)]
async fn hint_is_not_waited_for() {
    let resolver = asking(Silent);
    let began = Instant::now();
    for _ in 0..5 {
        assert!(resolver.in_a_moment("silent.test", 443, true).await.is_empty());
    }
    assert_eq!(began.elapsed(), MOMENT);
    assert!(resolver.in_a_moment("other.test", 443, false).await.is_empty());
    assert_eq!(began.elapsed(), MOMENT, "no server is asked");
}

/// Case C22: more addresses than could ever be tried, and none at all.
#[tokio::test]
async fn of_a_thousand_addresses_eight_are_tried() {
    let address = |number: u16| {
        let [high, low] = number.to_be_bytes();
        SocketAddr::new([10, 0, high, low].into(), 443)
    };
    let many: Vec<_> = (0..1000).map(address).collect();
    let twice = [&many[..3], &many[..3], &many[3..]].concat();
    let resolver = asking(Fickle(Mutex::new(vec![twice])));
    let notes = Notes::new(443, Reach::Anywhere);
    let tried = resolver.addresses("many.test", Some(&notes)).await.unwrap();
    assert_eq!(tried, many[..8]);
    assert_eq!(notes.lock().addresses, many[..8], "each of them is noted");
    let resolver = asking(Fickle(Mutex::new(vec![Vec::new()])));
    assert_eq!(resolver.addresses("none.test", None).await, Err("the name has no address".to_owned()));
    // Detecting loops of names is up to the system.
    let resolver = asking(Fickle(Mutex::default()));
    assert_eq!(resolver.addresses("circle.test", None).await, Err("asked too often".to_owned()));
}

/// A name server that does not answer.
struct Silent;

impl System for Silent {
    fn look_up(&self, _: &str) -> LookupFuture {
        Box::pin(std::future::pending())
    }
}

/// Case C22: the limit for connecting includes the lookup.
#[tokio::test(start_paused = true)]
async fn a_name_server_that_does_not_answer_is_not_waited_for_without_end() {
    let limits = crate::transport::Limits::DEFAULT;
    let notes = Notes::new(443, Reach::Anywhere);
    notes.lock().connect_began = Some(Instant::now());
    let resolver = asking(Silent);
    let waited = in_time(resolver.addresses("silent.test", Some(&notes)), &notes, limits).await;
    assert_eq!(waited, Err(limits.connect));
}

#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_refused_where_a_server_chose_it() {
    let resolver = Resolver::new(vec!["meta.test:443:169.254.169.254".parse().unwrap()]);
    let notes = Notes::new(443, Reach::NamedFrom(Place::ELSEWHERE));
    assert!(resolver.addresses("meta.test", Some(&notes)).await.is_err());
    assert!(notes.lock().forbidden.is_some());
    let named_by_the_user = Notes::new(443, Reach::Anywhere);
    assert!(resolver.addresses("meta.test", Some(&named_by_the_user)).await.is_ok());
}

/// Case A45: a private address from a name server is refused if a server chose the name, and allowed if the user gave
/// it.
#[tokio::test]
async fn private_address_of_a_name_is_refused_unless_the_user_wrote_it_down() {
    let address = |text: &str| SocketAddr::new(text.parse().unwrap(), 0);
    for inside in ["10.0.0.7", "172.31.0.1", "192.168.9.9", "100.64.1.1", "fd12::7", "::ffff:10.0.0.7"] {
        let resolver = asking(Fickle(Mutex::new(vec![vec![address(inside)]])));
        let notes = Notes::new(443, Reach::NamedFrom(Place::ELSEWHERE));
        assert!(resolver.addresses("inside.test", Some(&notes)).await.is_err(), "{inside}");
        assert!(notes.lock().forbidden.is_some(), "{inside}");
        let agreed = Resolver::new(vec![ResolveTo::new("inside.test", 443, address(inside))]);
        for (port, is_agreed) in [(443, true), (8443, false)] {
            assert_eq!(agreed.is_agreed("inside.test", port, inside.parse().unwrap()), is_agreed, "{inside}:{port}");
        }
        assert!(!agreed.is_agreed("other.test", 443, inside.parse().unwrap()), "{inside}");
        let notes = Notes::new(443, Reach::NamedFrom(Place::ELSEWHERE));
        assert!(agreed.addresses("inside.test", Some(&notes)).await.is_ok(), "{inside}");
    }
    for never in ["127.0.0.1", "169.254.169.254", "100.100.100.200", "0.0.0.0", "::1", "fd00:ec2::254"] {
        let resolver = Resolver::new(vec![ResolveTo::new("inside.test", 443, address(never))]);
        let notes = Notes::new(443, Reach::NamedFrom(Place::ELSEWHERE));
        assert!(resolver.addresses("inside.test", Some(&notes)).await.is_err(), "{never}");
    }
}
