//! `--format html`: one page with everything that the other forms have, and every number in it a link to its exchange.

use std::fs;

use tempfile::TempDir;

use crate::support::ociscope::{Ociscope, ociscope};
use crate::support::page::Page;

const MISSING: &str = "registry.example/prefixed/greeting:1.2.3";
const HEALTHY: &str = "gcr.io/deepvariant-docker/deepvariant:0.5.0";
const INDEX: &str = "docker.io/library/greeting:3.22";

fn in_the_lab(arguments: &[&str]) -> Ociscope {
    ociscope(&[&["--lab", "--platform", "linux/amd64"], arguments].concat())
}

#[track_caller]
fn page(arguments: &[&str], status: i32) -> Page {
    let run = in_the_lab(&[arguments, &["--format", "html"]].concat()).run();
    assert_eq!(run.status, status, "{run:?}");
    Page::of(&run.stdout)
}

/// The names of exchanges that the JSON report of the same command has.
fn names(arguments: &[&str]) -> Vec<String> {
    let report = in_the_lab(&[arguments, &["--json"]].concat()).run().json();
    report["exchanges"].as_array().expect("a list").iter().map(|one| format!("exchange-{}", one["id"])).collect()
}

#[test]
fn page_of_a_diagnosis_has_all_of_its_evidence() {
    let page = page(&["diagnose", MISSING], 10);
    assert_eq!(page.text_of("h1"), [format!("✗ {MISSING} cannot be pulled: tag 1.2.3 does not exist, v1.2.3 does")]);
    assert_eq!(page.text_of("title"), page.text_of("h1"));
    assert_eq!(page.text_of("section > h2"), ["Requests", "Accept variants", "Answers", "Exchanges"]);
    assert_eq!(page.attributes("details", "id"), names(&["diagnose", MISSING]));
    let facts = page.text_of(".facts dt").into_iter().zip(page.text_of(".facts dd"));
    let facts: Vec<_> = facts.map(|(label, fact)| (label, fact.trim().to_owned())).collect();
    let fact = |label: &str| facts.iter().find(|(other, _)| other == label).map(|(_, fact)| fact.as_str());
    assert_eq!(fact("platform"), Some("linux/amd64"));
    assert_eq!(fact("identity"), Some("anonymous"));
    assert_eq!(fact("exit status"), Some("10"));
    let command = fact("command").unwrap_or_default();
    assert!(command.starts_with("ociscope --lab diagnose ") && command.ends_with(MISSING), "{command}");
    let made = fact("made by").unwrap_or_default();
    assert!(
        made.starts_with(&format!("ociscope {} · 20", env!("CARGO_PKG_VERSION"))) && made.ends_with(" UTC"),
        "{made}"
    );
    // The finding, with a proof that leads to its exchange, and its fix.
    assert_eq!(page.text_of("article h2"), ["Tag 1.2.3 does not exist, v1.2.3 does."]);
    assert!(page.count(".proof a") >= 2 && page.text_of("pre.command").iter().any(|line| line.contains(":v1.2.3")));
    // Each request has its bar, and each variant its row.
    assert_eq!(page.count(".requests tbody tr"), page.count("details[id]"));
    assert_eq!(page.count(".requests tbody svg.bar rect"), page.count(".requests tbody svg.bar rect[width]"));
    assert_eq!(page.count(".matrix tbody tr"), 12);
}

#[test]
fn tree_of_an_image_is_drawn() {
    let page = page(&["diagnose", HEALTHY], 0);
    assert_eq!(page.text_of("section > h2")[..2], ["Requests", "Contents"]);
    // A manifest, its config and eleven layers; each but the first has a line from the one that names it.
    assert_eq!((page.count("svg.tree circle.good"), page.count("svg.tree path.edge")), (13, 12));
    let digests = page.text_of("section details:not([id]) td").join(" ");
    assert!(digests.contains("sha256:483ee4c9436877e6644fd20abe271dc3dc4558f6ebc7ce29d79ba6f2199e53e6"), "{digests}");
    let missing = self::page(&["diagnose", "registry.example/cleaned/greeting:1.0"], 17);
    assert_eq!(missing.count("svg.tree circle.bad"), 1);
    assert!(missing.text_of("svg.tree text.bad").concat().contains("missing"));
}

#[test]
fn every_number_of_an_exchange_is_a_link() {
    for reference in
        [MISSING, HEALTHY, INDEX, "registry.example/cleaned/greeting:1.0", "registry.example/expired/app:1.0"]
    {
        for command in ["diagnose", "probe"] {
            let run = in_the_lab(&[command, reference, "--format", "html"]).run();
            let page = Page::of(&run.stdout);
            assert_eq!(page.numbers_without_a_link(), [""; 0], "{command} {reference}");
            assert!(page.count("a[href^=\"#exchange-\"]") >= page.count("details[id]"), "{command} {reference}");
        }
    }
    let options = ["--username", "example", "--password-stdin", "ghcr.io/example/desktop-image:latest"];
    let run = in_the_lab(&[&["diagnose", "--format", "html"], &options[..]].concat()).input("an-expired-token").run();
    let page = Page::of(&run.stdout);
    assert_eq!(page.numbers_without_a_link(), [""; 0]);
    assert!(page.text_of("section > h2").contains(&"Authentication".to_owned()));
    assert!(page.text_of(".facts dd").iter().any(|fact| fact.contains("Not shown: 1 password")), "{}", page.text());
}

/// Case D26.
#[test]
fn words_of_a_registry_are_not_links() {
    let page = page(&["diagnose", "registry.example/cleaned/greeting:1.0"], 17);
    for link in page.attributes("a", "href") {
        assert!(link.starts_with("#exchange-"), "{link}");
    }
}

#[test]
fn several_references_are_one_page_that_begins_with_their_verdicts() {
    for (command, status) in [("diagnose", 10), ("probe", 10)] {
        let folder = TempDir::new().expect("a folder");
        let list = folder.path().join("images.txt");
        fs::write(&list, format!("{MISSING}\n{INDEX}\n{HEALTHY}\n")).expect("a file");
        let run = in_the_lab(&[command, "-f", &list.display().to_string(), "--format", "html"]).run();
        assert_eq!(run.status, status, "{run:?}");
        let page = Page::of(&run.stdout);
        assert_eq!(page.text_of(".verdicts tr td:nth-child(2)"), [MISSING, INDEX, HEALTHY]);
        assert_eq!(page.attributes(".verdicts a", "href"), ["#image-1", "#image-2", "#image-3"]);
        assert_eq!(page.attributes("section.image", "id"), ["image-1", "image-2", "image-3"]);
        assert!(run.stdout.find("class=\"verdicts\"") < run.stdout.find("<h1>"), "{command}");
        assert!(page.text().contains("3 images · 1 cannot be pulled"), "{command}: {}", page.text());
        assert!(
            page.attributes("#image-2 details", "id").iter().all(|name| name.starts_with("exchange-2-")),
            "{command}"
        );
        assert!(page.attributes("#image-2 a", "href").iter().all(|link| link.starts_with("#exchange-2-")), "{command}");
    }
}

#[test]
fn verdict_alone_is_a_page_too() {
    let one = page(&["diagnose", "--brief", MISSING], 10);
    assert_eq!((one.text_of("h1").len(), one.count("details")), (1, 0));
    let several = page(&["diagnose", "--brief", MISSING, INDEX], 10);
    assert_eq!((several.count(".verdicts tr"), several.count("details"), several.count("h1")), (2, 0, 0));
    assert_eq!(several.attributes("a", "href"), [""; 0], "there is nothing to lead to");
}

#[test]
fn file_of_this_name_is_a_page() {
    for name in ["report.html", "report.HTM"] {
        let run = in_the_lab(&["diagnose", MISSING, "-o", name]);
        let path = run.home().join(name);
        let (run, text) = run.start().finish_with(|| fs::read_to_string(path).expect("a file"));
        assert_eq!((run.status, run.stdout.as_str()), (10, ""), "{run:?}");
        assert_eq!(Page::of(&text).count("h1"), 1);
    }
    let shell = ociscope(&["shell", "--lab"])
        .input(&format!("diagnose {MISSING} > a.html\nexplain 404 > b.html\nlayers {HEALTHY} > c.html\n"));
    let at = shell.home().to_owned();
    let (run, texts) =
        shell.start().finish_with(|| ["a.html", "b.html", "c.html"].map(|name| fs::read_to_string(at.join(name))));
    let pages = texts.map(|text| Page::of(&text.unwrap_or_else(|error| panic!("{error}: {run:?}"))));
    assert!(pages[0].text_of("h1")[0].contains(MISSING) && pages[2].count("tbody tr") == 11);
    assert!(
        pages[0].text().contains("ociscope --lab explain tag-v-prefix")
            || pages[0].text().contains("ociscope explain tag-v-prefix")
    );
}

#[test]
fn page_is_not_appended_to_a_file() {
    let shell =
        ociscope(&["shell"]).input("explain 404 > a.html\nexplain 401 >> a.html\nexplain 401 --format html >> a.md\n");
    let at = shell.home().to_owned();
    let look = || (fs::read_to_string(at.join("a.html")).expect("a file"), at.join("a.md").exists());
    let (run, (text, is_there)) = shell.start().finish_with(look);
    assert_eq!((run.status, is_there), (2, false), "{run:?}");
    assert!(run.stderr.matches("an HTML page is a document of its own").count() == 2, "{run:?}");
    assert!(Page::of(&text).text().contains("404"), "the first is left as it is");
}

#[test]
fn every_result_that_is_laid_out_is_a_page() {
    for arguments in [
        &["manifest", INDEX][..],
        &["config", HEALTHY],
        &["layers", HEALTHY],
        &["platforms", INDEX],
        &[
            "blob",
            "gcr.io/deepvariant-docker/deepvariant@sha256:4a7b3c1e31bdb25dc59f6687d2d852420a5c222cd40d553aa08049a66c99e687",
        ],
        &["tags", HEALTHY],
        &["referrers", INDEX],
        &["auth", "ghcr.io/example/greeting:1.0"],
        &["get", "gcr.io/v2/deepvariant-docker/deepvariant/tags/list"],
        &["head", "gcr.io/v2/deepvariant-docker/deepvariant/tags/list"],
        &["tls", "gcr.io"],
    ] {
        let page = page(arguments, 0);
        assert!(page.text().contains("simulated, no network traffic"), "{arguments:?}: {}", page.text());
    }
    for arguments in
        [&["explain", "MANIFEST_UNKNOWN"][..], &["rules"], &["lab", "list"], &["lab", "show", "tag-v-prefix"]]
    {
        let run = ociscope(&[arguments, &["--format", "html"]].concat()).run();
        assert!(Page::of(&run.stdout).text().len() > 200, "{arguments:?}: {run:?}");
    }
}

#[test]
fn bytes_that_did_not_come_leave_no_page() {
    let run = in_the_lab(&["manifest", "--raw", "--format", "html", MISSING]).run();
    assert_eq!((run.status, run.stdout.as_str()), (10, ""), "{run:?}");
    assert!(run.stderr.contains("404") && !run.stderr.contains('<'), "{run:?}");
}

#[test]
fn one_of_several_references_that_is_not_valid_leaves_the_page_of_the_others() {
    let run = in_the_lab(&["diagnose", "--format", "html", MISSING, "not valid/:"]).run();
    assert_eq!(run.status, 2, "{run:?}");
    assert!(Page::of(&run.stdout).text().contains(MISSING));
}
