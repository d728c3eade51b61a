use super::super::*;
use super::{HEX, with_hex};
use Addition::{DefaultRegistry, DefaultTag, LibraryPrefix};

fn parse(input: &str) -> Reference {
    Reference::parse(input).unwrap_or_else(|refusal| panic!("{}", refusal.explain()))
}

/// The input, its full form, and the additions.
#[test]
fn reference_is_accepted_in_the_notation_of_any_tool() {
    for (input, full, additions) in [
        ("alpine", "docker.io/library/alpine:latest", &[DefaultRegistry, LibraryPrefix, DefaultTag][..]),
        ("alpine:3.20", "docker.io/library/alpine:3.20", &[DefaultRegistry, LibraryPrefix]),
        ("docker:dind", "docker.io/library/docker:dind", &[DefaultRegistry, LibraryPrefix]),
        ("grafana/grafana", "docker.io/grafana/grafana:latest", &[DefaultRegistry, DefaultTag]),
        ("myregistry/image", "docker.io/myregistry/image:latest", &[DefaultRegistry, DefaultTag]),
        ("docker.io/x", "docker.io/library/x:latest", &[LibraryPrefix, DefaultTag]),
        ("docker.io/library/x:1", "docker.io/library/x:1", &[]),
        ("ghcr.io/o/n:t", "ghcr.io/o/n:t", &[]),
        ("ghcr.io/n", "ghcr.io/n:latest", &[DefaultTag]),
        ("localhost/x", "localhost/x:latest", &[DefaultTag]),
        ("localhost:5000/x:y", "localhost:5000/x:y", &[]),
        ("dir:5000/x:1", "dir:5000/x:1", &[]),
        ("reg:5000/image", "reg:5000/image:latest", &[DefaultTag]),
        ("10.0.0.1/a/b/c", "10.0.0.1/a/b/c:latest", &[DefaultTag]),
        ("[::1]:5000/x", "[::1]:5000/x:latest", &[DefaultTag]),
        ("[fd00::a]/x:1", "[fd00::a]/x:1", &[]),
        ("n@sha256:<hex>", "docker.io/library/n@sha256:<hex>", &[DefaultRegistry, LibraryPrefix]),
        ("x:tag@sha256:<hex>", "docker.io/library/x:tag@sha256:<hex>", &[DefaultRegistry, LibraryPrefix]),
        ("r.test/a@sha512:<hex><hex>", "r.test/a@sha512:<hex><hex>", &[]),
        ("docker://alpine", "docker.io/library/alpine:latest", &[DefaultRegistry, LibraryPrefix, DefaultTag]),
        ("docker://o/n@sha256:<hex>", "docker.io/o/n@sha256:<hex>", &[DefaultRegistry]),
        ("oci://ghcr.io/o/chart:1.0.0", "ghcr.io/o/chart:1.0.0", &[]),
        ("oci://registry/chart:1", "oci://registry/chart:1", &[]),
        ("https://ghcr.io/o/n:t", "ghcr.io/o/n:t", &[]),
        ("http://registry:80/n", "registry:80/n:latest", &[DefaultTag]),
        ("http://registry/n", "oci://registry/n:latest", &[DefaultTag]),
        ("https://docker.io/alpine:3", "docker.io/library/alpine:3", &[LibraryPrefix]),
        ("a/b__c.d---e/f-g:T_a.G-", "docker.io/a/b__c.d---e/f-g:T_a.G-", &[DefaultRegistry]),
        ("ghcr.io/o/n:MixedCase", "ghcr.io/o/n:MixedCase", &[]),
        ("xn--n3h.example/x:1", "xn--n3h.example/x:1", &[]),
        // Valid for Docker, but hardly ever intended.
        ("ghcr.io:tag", "docker.io/library/ghcr.io:tag", &[DefaultRegistry, LibraryPrefix]),
        ("ghcr.io/v2/o/n/manifests/t", "ghcr.io/v2/o/n/manifests/t:latest", &[DefaultTag]),
        ("<hex>:t", "docker.io/library/<hex>:t", &[DefaultRegistry, LibraryPrefix]),
    ] {
        let (input, full) = (with_hex(input), with_hex(full));
        let reference = parse(&input);
        assert_eq!((reference.to_string(), reference.additions()), (full.clone(), additions), "{input}");
        assert_eq!(reference.input(), input);
        assert_eq!(parse(&full).to_string(), full);
    }
}

#[test]
fn parts_of_a_reference_are_accessible() {
    let reference = parse(&with_hex("http://R.test:5000/a/b:T@sha256:<hex>"));
    assert_eq!(reference.registry().name(), "r.test");
    assert_eq!(reference.registry().port(), Some(5000));
    assert_eq!(reference.repository(), "a/b");
    assert_eq!(reference.tag(), Some("T"));
    assert_eq!(reference.digest().unwrap().hex(), HEX);
    assert_eq!(reference.scheme(), Some(Scheme::Http));
    assert_eq!(reference.selector(), format!("sha256:{HEX}"));
    assert_eq!(parse("alpine").selector(), "latest");
    assert_eq!(parse("alpine").scheme(), None);
}

/// The input, its full form, and the changes in words.
#[test]
fn rewritten_parts_are_reported() {
    for (input, full, changes) in [
        ("index.docker.io/o/n:t", "docker.io/o/n:t", "index.docker.io is another name for docker.io"),
        ("registry-1.docker.io/n:t", "docker.io/library/n:t", "registry-1.docker.io is another name for docker.io"),
        ("registry.hub.docker.com/o/n:t", "docker.io/o/n:t", "registry.hub.docker.com is another name for docker.io"),
        ("GHCR.io/o/n:T", "ghcr.io/o/n:T", "the host GHCR.io is the same as ghcr.io"),
        ("[FD00::A]:080/x:1", "[fd00::a]:80/x:1", "the host [FD00::A]:080 is the same as [fd00::a]:80"),
        ("Foo/bar:1", "oci://foo/bar:1", "Foo has a capital letter, so it is a host, not a Docker Hub namespace"),
        (
            "DOCKER://Docker.io/o/n:t",
            "docker.io/o/n:t",
            "DOCKER:// was removed; the host Docker.io is the same as docker.io",
        ),
        ("https://r.test/v2/o/n/manifests/T", "r.test/o/n:T", "the reference was taken from the address of a manifest"),
        (
            "https://r.test/v2/n/manifests/sha256:<hex>",
            "r.test/n@sha256:<hex>",
            "the reference was taken from the address of a manifest",
        ),
        (
            "http://r.test/v2/n/blobs/sha256:<hex>",
            "r.test/n:latest",
            "the repository was taken from the address of the blob sha256:<hex>, which is not a manifest",
        ),
        (
            "https://r.test/v2/n/blobs/uploads/",
            "r.test/n:latest",
            "the repository was taken from the address of an upload",
        ),
        ("https://r.test/v2/n/tags/list", "r.test/n:latest", "the repository was taken from the address of a tag list"),
        (
            "https://r.test/v2/n/referrers/sha256:<hex>",
            "r.test/n@sha256:<hex>",
            "the reference was taken from the address of a referrers list",
        ),
        (
            "https://r.test/v2/tags/manifests/manifests/t",
            "r.test/tags/manifests:t",
            "the reference was taken from the address of a manifest",
        ),
        (
            "https://registry-1.docker.io/v2/alpine/manifests/3",
            "docker.io/library/alpine:3",
            "registry-1.docker.io is another name for docker.io; the reference was taken from the address of a manifest",
        ),
    ] {
        let reference = parse(&with_hex(input));
        let said: Vec<String> = reference.changes().iter().map(Change::to_string).collect();
        assert_eq!((reference.to_string(), said.join("; ")), (with_hex(full), with_hex(changes)), "{input}");
    }
}

#[test]
fn additions_are_named_for_a_sentence() {
    let said: Vec<String> = parse("alpine").additions().iter().map(Addition::to_string).collect();
    assert_eq!(said, ["the registry docker.io", "the namespace library/", "the tag latest"]);
}

#[test]
fn docker_hub_name_that_looks_like_a_host_is_detected() {
    for (input, host) in [
        ("registry.example.com", Some("registry.example.com")),
        ("ghcr.io:tag", Some("ghcr.io")),
        ("ghcr.io:443", Some("ghcr.io:443")),
        ("localhost", Some("localhost")),
        ("localhost:5000", Some("localhost:5000")),
        ("myregistry:5000", Some("myregistry:5000")),
        ("alpine", None),
        ("redis:7", None),
        ("alpine3.20", None),
        ("docker.io/library/ghcr.io", None),
        ("o/example.com", None),
        ("ghcr.io/o/n", None),
    ] {
        let found = parse(input).looks_like_host().map(|host| host.to_string());
        assert_eq!(found.as_deref(), host, "{input}");
    }
}

#[test]
fn loopback_is_recognized_without_name_resolution() {
    for (host, expected) in [
        ("localhost", true),
        ("LOCALHOST:5000", true),
        ("registry.localhost", true),
        ("127.0.0.1:5000", true),
        ("127.8.9.1", true),
        ("[::1]", true),
        ("[::ffff:7f00:1]", true),
        ("localhost.example", false),
        ("notlocalhost", false),
        ("128.0.0.1", false),
        ("[::2]:5000", false),
        ("127.0.0.1.example", false),
    ] {
        assert_eq!(host.parse::<Host>().unwrap().is_loopback(), expected, "{host}");
    }
    assert!("docker.io".parse::<Host>().unwrap().is_docker_hub());
    assert!(!"docker.io:5000".parse::<Host>().unwrap().is_docker_hub());
}

#[test]
fn reference_moves_to_another_version_of_its_repository() {
    let digest: Digest = format!("sha256:{HEX}").parse().unwrap();
    let pinned = parse("alpine").with_digest(digest.clone());
    assert_eq!(pinned.to_string(), format!("docker.io/library/alpine@sha256:{HEX}"));
    assert_eq!(pinned.additions(), [DefaultRegistry, LibraryPrefix]);
    let pinned = parse("alpine:3").with_digest(digest);
    assert_eq!(pinned.to_string(), format!("docker.io/library/alpine:3@sha256:{HEX}"));
    let moved = pinned.with_tag("Edge").unwrap();
    assert_eq!((moved.to_string().as_str(), moved.selector().as_str()), ("docker.io/library/alpine:Edge", "Edge"));
    assert_eq!(parse("alpine").with_tag("edge").unwrap().additions(), [DefaultRegistry, LibraryPrefix]);
    for wrong in ["", ".x", "a b", "a:b", "ü", &"a".repeat(129)] {
        assert!(parse("alpine").with_tag(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn reference_keeps_its_tag_in_another_repository() {
    let alpine = Reference::parse("alpine:3").unwrap();
    assert_eq!(alpine.with_repository("acme/alpine").unwrap().to_string(), "docker.io/acme/alpine:3");
    assert!(alpine.with_repository("acme//alpine").is_err() && alpine.with_repository("Acme").is_err());
}

/// An address from a containerd log: the mirror is contacted, with its own login or none.
#[test]
fn mirror_address_refers_to_the_mirror() {
    for (address, reference) in [
        ("https://mirror.test/v2/library/nginx/manifests/1.27?ns=docker.io", "mirror.test/library/nginx:1.27"),
        ("http://10.0.0.9:5000/v2/a/b/manifests/1?ns=registry.k8s.io", "10.0.0.9:5000/a/b:1"),
        ("https://m.test/v2/a/manifests/v1?ns=localhost:5000", "m.test/a:v1"),
        ("https://[::2]:5000/v2/a/manifests/v1?ns=quay.io", "[::2]:5000/a:v1"),
        (&format!("https://m.test/v2/a/manifests/sha256:{HEX}?ns=ghcr.io"), &format!("m.test/a@sha256:{HEX}")),
    ] {
        let parsed = parse(address);
        assert_eq!(parsed.to_string(), reference, "{address}");
        assert!(!parsed.input().contains('?'), "{}", parsed.input());
    }
    for refused in [
        "https://m.test/v2/a/manifests/1?ns=",
        "https://m.test/v2/a/manifests/1?ns=docker.io&x=1",
        "https://m.test/v2/a/manifests/1?sig=abc",
        "https://m.test/v2/a/manifests/1?ns=a b",
        "m.test/a:1?ns=docker.io",
        "https://m.test/a?ns=docker.io",
    ] {
        assert!(Reference::parse(refused).is_err(), "{refused}");
    }
}
