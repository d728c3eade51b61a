//! `catalog`: the repositories of a registry.

use serde_json::json;

use super::{JSON, number, numbered, page_of, pages};
use crate::support::document::assert_described;
use crate::support::hostile::{Server, answer, refusal, token, unauthorized};
use crate::support::ociscope::{Run, ociscope};

const SCHEMA: &str = "docs/catalog.schema.json";

fn in_the_lab(scenario: &str, words: &[&str]) -> Run {
    ociscope(&[&["--lab", scenario, "catalog"], words].concat()).run()
}

#[test]
fn repositories_are_listed_one_a_line() {
    for (scenario, registry, repository) in [
        ("distribution-3-no-referrers", "registry.example", "demo/signed"),
        ("distribution-3-tag-missing", "registry-3.example", "demo/tagged"),
        ("distribution-2-tags-without-pages", "registry.example", "demo/tagged"),
        ("zot-referrers", "zot.example", "tools/signed"),
        ("mcr-healthy", "mcr.microsoft.com", "dotnet/runtime"),
        ("artifactory-healthy", "artifactory.example", "docker-public/acme/tool"),
        ("quay-second-page", "quay.io", ""),
    ] {
        let run = in_the_lab(scenario, &[registry]);
        if scenario.starts_with("quay") {
            assert_ne!(run.status, 0, "{run:?}");
            continue;
        }
        assert_eq!(run.status, 0, "{scenario}: {run:?}");
        assert!(run.stdout.lines().any(|line| line.contains(repository)), "{scenario}: {run:?}");
        assert!(run.stdout.lines().all(|line| !line.contains(' ')), "{scenario}: {run:?}");
        let run = in_the_lab(scenario, &["--json", registry]);
        assert_described(SCHEMA, &run.stdout);
        let list = run.json();
        assert_eq!((&list["registry"], &list["complete"]), (&json!(registry), &json!(true)));
        assert_eq!((&list["schema"], &list["simulation"]), (&json!("ociscope.catalog/1"), &json!(scenario)));
    }
}

#[test]
fn catalog_of_many_pages_is_followed_and_limited() {
    for (count, length, limit) in [(1, 4, 2), (11, 100, 950), (25, 3, 70), (3, 1, 1), (120, 2, 239)] {
        let all = numbered(count, length);
        let server = pages("repositories", all.clone());
        let origin = server.origin("http");
        let run = ociscope(&["catalog", &origin]).run();
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{count} pages");
        assert!(run.stdout.lines().eq(all.iter().flatten()), "{count} pages");
        assert_eq!(server.requests().len(), count);
        assert_eq!(server.requests()[0].path, "/v2/_catalog?n=1000");
        let run = ociscope(&["catalog", "--json", "--limit", &limit.to_string(), &origin]).run();
        assert_described(SCHEMA, &run.stdout);
        let list = run.json();
        assert_eq!((run.status, list["repositories"].as_array().map(Vec::len)), (0, Some(limit)));
        assert_eq!(list["complete"], false);
    }
}

/// The registry is what counts, however it is written.
#[test]
fn registry_is_named_by_its_host_or_by_an_image_on_it() {
    let server = pages("repositories", vec![vec!["team/app".to_owned()]]);
    let origin = server.origin("http");
    let host = origin.trim_start_matches("http://").to_owned();
    let plainly: &[&str] = &["--plain-http"];
    for (name, options) in [
        (origin.clone(), &[][..]),
        (format!("{origin}/"), &[]),
        (format!("{origin}/team/app:1.0"), &[]),
        (host.clone(), plainly),
        (format!("{host}/a/b"), plainly),
    ] {
        let run = ociscope(&[&["catalog", &name], options].concat()).run();
        assert_eq!((run.status, run.stdout.as_str()), (0, "team/app\n"), "{name}: {run:?}");
    }
    assert!(
        server.requests().iter().all(|sent| sent.path == "/v2/_catalog?n=1000" || !sent.path.starts_with("/v2/team"))
    );
}

#[test]
fn token_for_the_catalog_is_asked_for_with_its_scope() {
    let server = Server::answering(|sent| {
        let host = sent.all("Host")[0].to_owned();
        match (sent.path.starts_with("/token"), sent.all("Authorization").is_empty()) {
            (true, _) => token("opaque-token-for-lists"),
            (_, true) => unauthorized(&format!(
                "Bearer realm=\"http://{host}/token\",service=\"registry.test\",scope=\"registry:catalog:*\""
            )),
            _ => match number(&sent.path) {
                0 => page_of(
                    "repositories",
                    &json!(["a", "b/c"]),
                    Some("/v2/_catalog?last=1&n=2".trim_end_matches("&n=2")),
                ),
                _ => page_of("repositories", &json!(["d"]), None),
            },
        }
    });
    let run = ociscope(&["catalog", &server.origin("http")]).run();
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "a\nb/c\nd\n", ""));
    let paths: Vec<_> = server.requests().into_iter().map(|sent| sent.path).collect();
    assert_eq!(paths.len(), 4, "{paths:?}");
    assert!(paths[1].contains("scope=registry%3Acatalog%3A*"), "{paths:?}");
}

/// Most public registries refuse it, and that says nothing about pulling.
#[test]
fn refused_catalog_is_told_by_what_is_known() {
    for (status, code, exit, words) in [
        ("401 Unauthorized", "UNAUTHORIZED", 12, "requires authentication for its catalog"),
        ("403 Forbidden", "DENIED", 13, "does not list its repositories for this client"),
        ("404 Not Found", "UNSUPPORTED", 10, "has no catalog"),
        ("405 Method Not Allowed", "UNSUPPORTED", 19, "has no catalog"),
        ("501 Not Implemented", "UNSUPPORTED", 19, "has no catalog"),
        ("503 Service Unavailable", "UNAVAILABLE", 19, "it rests"),
    ] {
        let server = Server::answering(move |_| refusal(status, &[], code, "it rests"));
        let run = ociscope(&["catalog", &server.origin("http")]).run();
        let shown = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(run.status, exit, "{status}: {run:?}");
        assert!(shown.contains(words) && shown.contains("it rests"), "{status}: {run:?}");
        for advice in ["pull", "registry:", "repository-not-found"] {
            assert!(!shown.contains(&format!("{advice} ")), "{status}: {advice}: {run:?}");
        }
        let run = ociscope(&["catalog", "--json", &server.origin("http")]).run();
        assert_described(SCHEMA, &run.stdout);
        assert_eq!((run.status, run.json().get("repositories")), (exit, None), "{status}");
    }
}

#[test]
fn what_is_not_a_repository_is_counted_and_not_repeated() {
    for (body, names, left_out) in [
        (r#"{"repositories":["a","B","c//d","\u001b[2J","e/f",7,null]}"#, "a\ne/f\n", 5),
        (r#"{"repositories":["../x","a b","a/"]}"#, "", 3),
        (r#"{"repositories":null}"#, "", 0),
        (r#"{"repositories":["x_y","x__y","x---y"]}"#, "x_y\nx__y\nx---y\n", 0),
        (r#"{"repositories":["a\u202eb"]}"#, "", 1),
    ] {
        let server = Server::answering(move |_| answer("200 OK", JSON, body));
        let run = ociscope(&["catalog", &server.origin("http")]).run();
        assert_eq!((run.status, run.stdout.as_str()), (0, names), "{body}: {run:?}");
        run.assert_hides(&["\u{1b}", "\u{202e}", "../x"]);
        assert_eq!(ociscope(&["catalog", "--json", &server.origin("http")]).run().json()["left_out"], left_out);
    }
    for body in ["<html>", "[]", "{}", r#"{"tags":["a"]}"#, r#"{"repositories":"a"}"#] {
        let server = Server::answering(move |_| answer("200 OK", JSON, body));
        let run = ociscope(&["catalog", &server.origin("http")]).run();
        assert!(run.status == 19 && run.stdout.contains("not a list of repositories"), "{body}: {run:?}");
    }
}

#[test]
fn shell_lists_the_catalog_of_the_current_registry() {
    for (use_it, command, is_listed) in [
        ("use zot.example/tools/signed:1.0", "catalog", true),
        ("use zot.example/tools/signed:1.0", "catalog zot.example", true),
        ("use zot.example/tools/signed:1.0", "catalog --filter nothing-like-it", false),
        ("use zot.example/tools/signed:1.0", "catalog --filter tools/*", true),
        ("", "catalog zot.example", true),
    ] {
        let run = ociscope(&["--lab", "zot-referrers", "shell"]).input(&format!("{use_it}\n{command}\n")).run();
        assert_eq!(run.status, 0, "{command}: {run:?}");
        assert_eq!(run.stdout.lines().any(|line| line == "tools/signed"), is_listed, "{command}: {run:?}");
    }
    let run = ociscope(&["shell"]).input("catalog\n").run();
    assert_eq!(run.status, 2, "{run:?}");
}
