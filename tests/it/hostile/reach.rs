//! How far a server may send its clients: not to where it is not itself. A registry that is elsewhere is behind a proxy here,
//! as far away as a server of a test can be; other hosts are asked directly, or through the proxy as well.

use super::{IMAGE, asking, assert_status, checked, failures};
use crate::support::hostile::{Names, Server, bearer, manifest, redirect, unauthorized};
use crate::support::ociscope::Run;
use crate::support::own_address;

const REGISTRY: &str = "http://registry.test/team/app:1.0";

/// How a server names another one.
const WAYS: [fn(&str) -> Vec<u8>; 3] = [
    |there| redirect("302 Found", there),
    |there| redirect("307 Temporary Redirect", &format!("{there}v2/x")),
    |there| unauthorized(&bearer(&format!("{there}token"))),
];

/// A registry elsewhere that names this address, and a run that asks it. The proxy is also used for what is named, unless
/// that is to be asked directly.
#[track_caller]
fn sent_to(there: &str, way: fn(&str) -> Vec<u8>, names: &Names, directly: bool) -> (Server, Run) {
    let named = there.to_owned();
    let proxy = Server::answering(move |sent| match sent.path.starts_with("http://registry.test/") {
        true => way(&named),
        false => manifest(),
    });
    let prepared = asking(REGISTRY, &names.options()).env("http_proxy", proxy.origin("http"));
    let prepared = prepared.env("https_proxy", proxy.origin("http"));
    let prepared = if directly { prepared.env("no_proxy", exempt(there)) } else { prepared };
    (proxy, checked(prepared.run()))
}

/// The host of an address, as `no_proxy` takes it.
fn exempt(address: &str) -> String {
    let url = url::Url::parse(address).expect("an address");
    url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned()
}

/// Checks that nobody was asked but the registry, and that the report says why.
#[track_caller]
fn assert_stayed_away(there: &str, proxy: &Server, run: &Run) {
    let elsewhere = |sent: &crate::support::relay::Sent| !sent.path.starts_with("http://registry.test/");
    let strays: Vec<_> = proxy.requests().into_iter().filter(elsewhere).collect();
    assert!(strays.is_empty(), "{there}: {strays:?}");
    let is_redirect = run.status == 15 && failures(&run.report()).contains(&"forbidden-address");
    assert!(is_redirect || run.status == 12, "{there}: {run:?}");
    let words = run.stdout.replace('\\', "");
    assert!(
        ["private network", "this machine", "link-local"].iter().any(|why| words.contains(why)),
        "{there}: {run:?}"
    );
}

/// Case A45: an address of a private network, in every spelling and behind a name, directly and through a proxy.
#[test]
fn registry_elsewhere_cannot_send_anybody_into_a_private_network() {
    let names = Names::new();
    for there in [
        "http://10.255.255.1/",
        "http://10.255.255.1:8080/",
        "http://184549121.0/",
        "http://0x0aff0001/",
        "http://0300.0250.1.1/",
        "http://192.168.257/",
        "http://172.31.255.254/",
        "http://100.64.0.1/",
        "http://[fd12:3456::1]/",
        "http://[::ffff:10.255.255.1]/",
        "http://[64:ff9b::10.255.255.1]/",
    ] {
        // The first is no number of four bytes, and so is no address.
        if url::Url::parse(there).is_err() {
            continue;
        }
        for way in WAYS {
            for directly in [true, false] {
                let (proxy, run) = sent_to(there, way, &names, directly);
                assert_stayed_away(there, &proxy, &run);
            }
        }
    }
}

/// Case A50: who writes an address of a private network down for a host and a port has agreed to it, and to nothing else.
#[test]
fn user_agrees_to_an_address_of_a_private_network_by_naming_it() {
    let agreed = |pairs: &[(&str, &str)]| {
        let mut names = Names::new();
        pairs.iter().for_each(|(at, address)| names.lead_to_address(at, address));
        names
    };
    for (there, at, address) in [
        ("http://inside.test/", "inside.test:80", "10.255.255.1"),
        ("http://inside.test:8080/", "inside.test:8080", "192.168.255.254"),
        ("http://inside6.test/", "inside6.test:80", "[fd12:3456::1]:80"),
        ("http://10.255.255.1/", "10.255.255.1:80", "10.255.255.1"),
        ("http://[fd12:3456::1]/", "[fd12:3456::1]:80", "[fd12:3456::1]:80"),
        ("http://shared.test/", "shared.test:80", "100.64.0.1"),
    ] {
        // Through the proxy, because nothing answers at these addresses.
        let (proxy, run) = sent_to(there, WAYS[0], &agreed(&[(at, address)]), false);
        assert_status(&run, 0);
        assert!(proxy.requests().iter().any(|sent| sent.path.starts_with(there)), "{there}: {run:?}");
    }
    for (there, at, address) in [
        // Another port, another host, and addresses that nobody agrees to in this way.
        ("http://10.255.255.1/", "10.255.255.1:443", "10.255.255.1"),
        ("http://10.255.255.2/", "10.255.255.1:80", "10.255.255.1"),
        ("http://10.255.255.1/", "10.255.255.1:80", "10.255.255.2"),
        ("http://10.255.255.1:8080/", "inside.test:8080", "10.255.255.1"),
        ("http://loop.test/", "loop.test:80", "127.0.0.1"),
        ("http://link.test/", "link.test:80", "169.254.169.254"),
    ] {
        for way in WAYS {
            for directly in [true, false] {
                let (proxy, run) = sent_to(there, way, &agreed(&[(at, address)]), directly);
                assert_stayed_away(there, &proxy, &run);
            }
        }
    }
    let (_, run) = sent_to("http://10.255.255.1/", WAYS[0], &Names::new(), false);
    assert!(run.stdout.contains("--resolve HOST:PORT:ADDRESS"), "{run:?}");
}

/// Case A46: an address of this machine that is not a loopback one reaches this machine all the same.
#[test]
fn registry_elsewhere_cannot_send_anybody_to_an_address_of_this_machine() {
    let Some(own) = own_address() else { return };
    let trap = Server::answering_at(own, |_| manifest());
    let port = trap.address.port();
    let mut names = Names::new();
    names.lead("own.test:80", &trap);
    names.lead_to_address(&format!("own.test:{port}"), &trap.address.to_string());
    let std::net::IpAddr::V4(v4) = own else { return };
    let [a, b, c, d] = v4.octets();
    for there in [
        format!("http://{own}:{port}/"),
        format!("http://{}:{port}/", u32::from(v4)),
        format!("http://{a}.{b}.{}:{port}/", u16::from(c) * 256 + u16::from(d)),
        format!("http://[::ffff:{own}]:{port}/"),
        format!("http://own.test:{port}/"),
        "http://own.test/".to_owned(),
    ] {
        for way in WAYS {
            for directly in [true, false] {
                let (proxy, run) = sent_to(&there, way, &names, directly);
                assert_stayed_away(&there, &proxy, &run);
                trap.assert_untouched();
            }
        }
    }
}

/// Case A47: the proxy would be asked for itself, and it may run on this machine.
#[test]
fn registry_elsewhere_cannot_send_anybody_to_localhost_through_a_proxy() {
    let mut names = Names::new();
    names.lead_to_address("loop.test:80", "127.0.0.1");
    names.lead_to_address("loop.test:443", "127.0.0.1");
    for there in [
        "https://localhost/",
        "https://localhost:8443/",
        "http://localhost/",
        "https://LOCALHOST./",
        "https://a.b.localhost/",
        "https://127.0.0.1/",
        "https://127.1:9000/",
        "https://[::1]/",
        "http://0.0.0.0/",
        "https://169.254.169.254/",
        "https://loop.test/",
        "http://loop.test/",
    ] {
        for way in WAYS {
            let (proxy, run) = sent_to(there, way, &names, false);
            assert_stayed_away(there, &proxy, &run);
        }
    }
}

/// Case A48: what looks alike. A registry on this machine names others there, and one elsewhere names public ones.
#[test]
fn registry_names_others_of_its_kind() {
    let mut names = Names::new();
    names.lead_to_address("cdn.test:80", "203.0.113.9");
    for there in [
        "http://203.0.113.9/",
        "http://cdn.test/",
        "http://[2001:db8::9]/",
        "http://172.32.0.1/",
        "http://100.128.0.1/",
    ] {
        let (proxy, run) = sent_to(there, WAYS[0], &names, false);
        assert_status(&run, 0);
        assert!(proxy.requests().iter().any(|sent| sent.path.starts_with(there)), "{:?}", proxy.requests());
    }
    let storage = Server::answering(|_| manifest());
    let port = storage.address.port();
    for host in ["127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]"] {
        let there = format!("http://{host}:{port}/");
        let server = Server::answering(move |_| redirect("302 Found", &there));
        let run = checked(asking(&format!("{}/{IMAGE}", server.origin("http")), &[]).run());
        assert_status(&run, 0);
    }
}

/// Case A48: a host that the user named with `--trust-realm` may be on a private network, and on this machine.
#[test]
fn token_service_that_the_user_named_is_asked_wherever_it_is() {
    let service = Server::answering(|_| crate::support::hostile::token("token-of-this-test"));
    let mut names = Names::new();
    names.lead("tokens.test:80", &service);
    let proxy = Server::answering(|sent| match sent.all("Authorization").is_empty() {
        true => unauthorized(&bearer("http://tokens.test/token")),
        false => manifest(),
    });
    for (options, status) in [(&[][..], 12), (&["--trust-realm", "tokens.test"], 0)] {
        let prepared = asking(REGISTRY, &[&names.options()[..], options].concat());
        let run = checked(prepared.env("http_proxy", proxy.origin("http")).env("no_proxy", "tokens.test").run());
        assert_status(&run, status);
        assert_eq!(service.requests().is_empty(), status == 12, "{run:?}");
    }
}
