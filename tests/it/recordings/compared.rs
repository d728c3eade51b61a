//! Recordings as sides of a comparison: yesterday and today, here and there.

use super::{Folder, IMAGE};

const ORIGINAL: &str = "docker.io/library/greeting:3.22";

#[test]
fn recording_is_compared_with_what_is_served_today() {
    let folder = Folder::new();
    folder.run(&format!("--lab diagnose {IMAGE} --record yesterday.json"));
    let same = folder.run(&format!("--lab compare yesterday.json {IMAGE}"));
    assert_eq!(same.status, 0, "{same:?}");
    let words = same.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.starts_with("A: unverified recording of ") && !words.contains("nothing was sent"), "{same:?}");
    let other = folder.run("--lab compare ./yesterday.json ghcr.io/example/greeting:1.0");
    assert_eq!(other.status, 4, "{other:?}");
}

#[test]
fn two_recordings_are_compared_without_a_request() {
    let folder = Folder::new();
    folder.run(&format!("--lab diagnose {IMAGE} --record a.json"));
    folder.run("--lab diagnose ghcr.io/example/greeting:1.0 --record b.json");
    let live = folder.run(&format!("--lab compare {IMAGE} ghcr.io/example/greeting:1.0"));
    let recorded = folder.run("compare a.json b.json");
    assert_eq!((recorded.status, live.status), (4, 4), "{recorded:?}");
}

#[test]
fn recording_of_several_references_is_asked_about_the_other_side() {
    let folder = Folder::new();
    folder.run(&format!("--lab diagnose {IMAGE} ghcr.io/example/greeting:1.0 --record both.json"));
    assert_eq!(folder.run(&format!("--lab compare both.json {IMAGE}")).status, 0);
    let unclear = folder.run(&format!("--lab compare both.json {ORIGINAL}"));
    assert_eq!(unclear.status, 2);
    assert!(unclear.stderr.contains("the recording is about several references; name one of "), "{unclear:?}");
    // A misspelled file is not the name of an image.
    let misspelled = folder.run(&format!("compare bth.json {ORIGINAL}"));
    assert!(misspelled.stderr.contains("bth.json could not be read: "), "{misspelled:?}");
    let missing = folder.run(&format!("compare ./nothing.json {ORIGINAL}"));
    assert_eq!(missing.status, 1, "{missing:?}");
    assert!(missing.stderr.contains("nothing.json could not be read: "), "{missing:?}");
}
