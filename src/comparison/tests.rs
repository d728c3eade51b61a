use url::Url;

use super::*;
use crate::diagnosis::testing::{
    Canned, DOCKER_IMAGE, DOCKER_V1, OCI_IMAGE, Scene, TestImage, UNKNOWN, answer, digest_of, index_of, refused, scene,
    served,
};
use crate::evidence::{Outcome as Handshake, Redactor};
use crate::oci::{Origin, media_type};
use crate::text::{Secret, is_safe};

const PLACE: &str = "r.example.com/demo/app:1";

/// A diagnosis in which a current client got this answer.
fn diagnosed(reply: &Canned) -> Scene {
    at_home(scene(PLACE).to(&["all"], reply).diagnosed())
}

/// The run went to the registry of the reference.
fn at_home(scene: Scene) -> Scene {
    at(scene, "https://r.example.com/")
}

fn at(mut scene: Scene, address: &str) -> Scene {
    scene.record.origin = Origin::of(&Url::parse(address).unwrap());
    scene
}

fn image() -> Canned {
    served(media_type::OCI_MANIFEST, OCI_IMAGE)
}

fn both(a: &Scene, b: &Scene) -> Comparison {
    compare(&a.recorded(), &b.recorded())
}

/// The kinds of the differences, each with whether clients notice.
fn kinds(comparison: &Comparison) -> Vec<(&'static str, bool)> {
    comparison.differences.iter().map(|difference| (difference.kind.as_str(), difference.is_noticed)).collect()
}

/// The kinds of the differences between two answers to a current client.
fn between(a: &Canned, b: &Canned) -> Vec<(&'static str, bool)> {
    kinds(&both(&diagnosed(a), &diagnosed(b)))
}

fn effects(comparison: &Comparison) -> Vec<(Who, Effect)> {
    comparison.consequences.iter().map(|one| (one.who, one.effect)).collect()
}

#[test]
fn equal_answers_are_the_same_for_every_client() {
    let comparison = both(&diagnosed(&image()), &diagnosed(&image()));
    assert_eq!((comparison.outcome, kinds(&comparison)), (Outcome::Same, vec![]));
    assert!(comparison.parts[0].is_same && comparison.consequences.is_empty());
}

#[test]
fn date_and_request_id_are_not_differences() {
    let one = image().header("date", "Tue, 01 Dec 2026 00:00:00 GMT").header("x-request-id", "a").header("age", "5");
    assert_eq!(between(&one, &image().header("date", "Tue, 01 Dec 2026 00:00:01 GMT")), []);
}

#[test]
fn side_without_a_document_is_not_compared() {
    let good = diagnosed(&image());
    for other in [
        refused(404, UNKNOWN),
        answer(200, "text/html", "<html>sign in</html>"),
        image().broken(crate::evidence::FailureKind::BodyCutShort),
    ] {
        let comparison = both(&good, &diagnosed(&other));
        assert_eq!((comparison.outcome, kinds(&comparison)), (Outcome::Unread, vec![]));
        assert!(comparison.served[0].is_some() && comparison.served[1].is_none());
    }
    let mut interrupted = good.recorded();
    interrupted.interrupted = true;
    assert_eq!(compare(&good.recorded(), &interrupted).outcome, Outcome::Unread);
}

#[test]
fn wrong_digest_header_is_noticed_and_an_absent_one_is_not() {
    let wrong = image().header("docker-content-digest", &digest_of("another").to_string());
    assert_eq!(between(&image(), &wrong), [("digest-header", true)]);
    let body = answer(200, media_type::OCI_MANIFEST, OCI_IMAGE).header("docker-distribution-api-version", "x");
    assert_eq!(between(&image(), &body), [("digest-header", false)]);
    assert_eq!(between(&wrong, &wrong), []);
}

#[test]
fn generic_content_type_is_noticed_and_a_parameter_is_not() {
    let digest = digest_of(OCI_IMAGE).to_string();
    let of = |kind: &str| served(kind, OCI_IMAGE).header("docker-content-digest", &digest);
    assert_eq!(between(&image(), &of("application/octet-stream")), [("content-type", true)]);
    let parameter = format!("{}; charset=utf-8", media_type::OCI_MANIFEST);
    assert_eq!(between(&image(), &of(&parameter)), [("content-type", false)]);
}

#[test]
fn head_that_is_refused_or_lacks_the_length_is_noticed() {
    let with_head = |head: &Canned| diagnosed(&image()).head(head);
    let good = with_head(&image());
    assert_eq!(kinds(&both(&good, &with_head(&refused(405, "")))), [("head", true)]);
    let lacks_length = image().header("content-length", "");
    assert_eq!(kinds(&both(&good, &with_head(&lacks_length))), [("content-length", true)]);
    assert_eq!(kinds(&both(&good, &with_head(&image()))), []);
}

#[test]
fn redirect_to_a_storage_is_a_difference_that_no_client_notices() {
    let image = TestImage::of("linux/amd64");
    let config = answer(200, "application/octet-stream", "").bytes(&image.config);
    let here = at_home(image.scene().told(image.config_question(), std::slice::from_ref(&config)));
    let away = config.from("https://cdn.example.net/blob?sig=CANARY");
    let away = at_home(image.scene().told(image.config_question(), &[away]));
    let comparison = both(&here, &away);
    assert_eq!((comparison.outcome, kinds(&comparison)), (Outcome::Unnoticed, vec![("redirects", false)]));
    let text = &comparison.differences[0].text;
    assert!(text.starts_with("B redirects to cdn.example.net; A does not.") && !text.contains("CANARY"), "{text}");
}

#[test]
fn header_of_one_side_is_named_and_made_printable() {
    let other = image().header("x-cache\u{1b}[2J", "HIT").header("server", "nginx");
    let comparison = both(&diagnosed(&image()), &diagnosed(&other));
    assert_eq!((comparison.outcome, kinds(&comparison)), (Outcome::Unnoticed, vec![("other-headers", false)]));
    assert!(comparison.differences[0].text.chars().all(is_safe), "{:?}", comparison.differences);
}

#[test]
fn clients_that_one_side_alone_serves_are_named() {
    let hidden = scene(PLACE).to(&["all", "oci-manifest"], &image()).others(&refused(404, UNKNOWN)).diagnosed();
    let open = scene(PLACE).others(&image()).diagnosed();
    let comparison = both(&open, &hidden);
    assert_eq!(kinds(&comparison), [("accept-variants", true)]);
    assert_eq!(effects(&comparison), [(Who::AcceptVariants, Effect::Fails)]);
    let text = &comparison.differences[0].text;
    assert!(text.contains("docker v2, docker list, oci index") && text.ends_with("; B answers 404."), "{text}");
    // Other statuses of refusals help nobody.
    let otherwise = scene(PLACE).to(&["all", "oci-manifest"], &image()).others(&refused(400, UNKNOWN)).diagnosed();
    assert_eq!(kinds(&both(&hidden, &otherwise)), [("accept-variants", false)]);
}

#[test]
fn conversion_for_old_clients_on_one_side_is_noticed() {
    let schema1 = served(media_type::DOCKER_V1_SIGNED, DOCKER_V1);
    let docker = served(media_type::DOCKER_V2, DOCKER_IMAGE);
    let converting = scene(PLACE).to(&["none", "docker-v1"], &schema1).others(&docker).diagnosed();
    let ignoring = scene(PLACE).others(&docker).diagnosed();
    let comparison = both(&converting, &ignoring);
    assert_eq!(kinds(&comparison), [("accept-variants", true)]);
    let text = &comparison.differences[0].text;
    assert!(text.contains("A serves a Docker schema 1 manifest, B a Docker v2 manifest"), "{text}");
    // Its digest is that of a document which is signed anew.
    let other = served(media_type::DOCKER_V1_SIGNED, &DOCKER_V1.replace("stable", "latest"));
    let too = scene(PLACE).to(&["none", "docker-v1"], &other).others(&docker).diagnosed();
    assert_eq!(kinds(&both(&converting, &too)), []);
}

#[test]
fn schema1_documents_of_one_image_differ_in_nothing_that_clients_notice() {
    let of = |text: &str| served(media_type::DOCKER_V1_SIGNED, text);
    let moved = DOCKER_V1.replace("demo/app", "mirror/app").replace("stable", "1.0");
    let comparison = both(&diagnosed(&of(DOCKER_V1)), &diagnosed(&of(&moved)));
    assert_eq!((comparison.outcome, kinds(&comparison)), (Outcome::Unnoticed, vec![("fields", false)]));
    let other = moved.replace("8c895b07f459", "000000000000");
    let comparison = both(&diagnosed(&of(DOCKER_V1)), &diagnosed(&of(&other)));
    assert_eq!((comparison.outcome, kinds(&comparison)), (Outcome::Noticed, vec![("layers", true)]));
}

#[test]
fn second_side_is_asked_for_the_digest_of_the_first() {
    let pretty = OCI_IMAGE.replace(',', ", ");
    let (a, b) = (diagnosed(&image()), diagnosed(&served(media_type::OCI_MANIFEST, &pretty)));
    let digest = digest_of(OCI_IMAGE);
    let head = Query::Child(digest.clone(), Method::Head);
    assert_eq!(questions(&a.recorded(), &b.recorded()), std::slice::from_ref(&head));
    assert_eq!(effects(&both(&a, &b))[0], (Who::PullsByDigest, Effect::Unchecked));
    let has_it = diagnosed(&served(media_type::OCI_MANIFEST, &pretty)).child(&digest, Method::Head, &image());
    assert_eq!(questions(&a.recorded(), &has_it.recorded()), []);
    assert_eq!(effects(&both(&a, &has_it))[0], (Who::PullsByDigest, Effect::Same));
    // A refused HEAD proves nothing.
    let lacks = diagnosed(&served(media_type::OCI_MANIFEST, &pretty)).child(&digest, Method::Head, &refused(404, ""));
    assert_eq!(questions(&a.recorded(), &lacks.recorded()), [Query::Child(digest.clone(), Method::Get)]);
    let lacks = lacks.child(&digest, Method::Get, &refused(404, UNKNOWN));
    assert_eq!(questions(&a.recorded(), &lacks.recorded()), []);
    assert_eq!(effects(&both(&a, &lacks))[0], (Who::PullsByDigest, Effect::Fails));
    assert_eq!(questions(&a.recorded(), &a.recorded()), []);
    assert_eq!(questions(&diagnosed(&refused(404, UNKNOWN)).recorded(), &b.recorded()), []);
}

#[test]
fn handshakes_are_compared_by_their_facts() {
    let bearer = |realm: &str| diagnosed(&image()).challenged("Bearer", realm, Handshake::Accepted);
    let open = diagnosed(&image());
    for (a, b, words) in [
        (&open, &bearer("https://auth.example.net/token"), "B sends clients to the token service at auth.example.net."),
        (&open, &bearer("https://r.example.com/token"), "B sends clients to its own token service."),
        (&bearer("https://a.example/t?x=CANARY"), &bearer("https://b.example/t"), "at a.example; B"),
        (&open, &diagnosed(&image()).challenged("Negotiate", "x", Handshake::Accepted), "B requires the scheme"),
    ] {
        let comparison = both(a, b);
        assert_eq!(kinds(&comparison), [("authentication", false)], "{words}");
        let text = &comparison.differences[0].text;
        assert!(text.contains(words) && !text.contains("CANARY"), "{text}");
    }
    // Each side has its own, as registries have.
    let mirror = at(scene("mirror.example/demo/app:1").to(&["all"], &image()).diagnosed(), "https://mirror.example/");
    let other = mirror.challenged("Bearer", "https://mirror.example/token", Handshake::Accepted);
    assert_eq!(kinds(&both(&bearer("https://r.example.com/token"), &other)), []);
}

#[test]
fn registry_that_serves_only_known_clients_is_closed_to_anonymous_ones() {
    let open = diagnosed(&image());
    let mirror = at(scene("mirror.example/demo/app:1").to(&["all"], &image()).diagnosed(), "https://mirror.example/");
    let with_login = mirror.with_credentials().challenged("Basic", "Registry", Handshake::Accepted);
    assert_eq!(questions(&open.recorded(), &with_login.recorded()), [Query::Anonymous]);
    assert_eq!(kinds(&both(&open, &with_login)), [("authentication", false)]);
    let closed = with_login.told(Query::Anonymous, &[refused(401, "")]);
    let comparison = both(&open, &closed);
    assert_eq!(kinds(&comparison), [("anonymous-access", true), ("authentication", false)]);
    assert_eq!(effects(&comparison), [(Who::Anonymous, Effect::Fails)]);
    assert_eq!(questions(&open.recorded(), &closed.recorded()), []);
}

#[test]
fn content_that_both_sides_lack_is_not_a_difference() {
    let (own, other) = (digest_of(OCI_IMAGE), digest_of("other"));
    let entries = [(own.to_string(), "linux/amd64"), (other.to_string(), "linux/arm64")];
    let entries: Vec<_> = entries.iter().map(|(digest, platform)| (digest.as_str(), *platform)).collect();
    let index = served(media_type::OCI_INDEX, &index_of(media_type::OCI_INDEX, &entries));
    let with = || diagnosed(&index).child(&own, Method::Get, &image());
    let has_it = || with().child(&other, Method::Head, &image());
    let lacks = || {
        let refusal = refused(404, UNKNOWN);
        with().child(&other, Method::Head, &refusal).child(&other, Method::Get, &refusal)
    };
    assert_eq!(kinds(&both(&lacks(), &lacks())), []);
    let comparison = both(&has_it(), &lacks());
    assert_eq!(kinds(&comparison), [("missing", true)]);
    assert_eq!(comparison.differences[0].text, "B does not serve the linux/arm64 image (missing).");
    assert_eq!(effects(&comparison), [(Who::Platforms, Effect::Fails)]);
}

/// Two runs of one image whose config has a secret: each run labels it anew, and nothing is concluded from that.
#[test]
fn removed_values_are_not_compared() {
    let sealed = |secret: &str| {
        let mut image = TestImage::of("linux/amd64");
        let config = String::from_utf8(image.config.clone()).unwrap();
        image.config = config.replace("{\"arch", &format!("{{\"author\":\"{secret}\",\"arch")).into_bytes();
        let scene = at_home(image.rest_served(image.scene()));
        Redactor::new([("password", &Secret::new(secret))]).sealed(&scene.recorded())
    };
    let (one, other) = (sealed("CANARY-one-0123456789"), sealed("CANARY-two-of-another-length"));
    let comparison = compare(&one, &other);
    let [manifest] = &comparison.differences[..] else { panic!("{:?}", comparison.differences) };
    assert_eq!((manifest.kind, manifest.is_certain), (Kind::Fields, false));
    assert!(manifest.text.contains("differs only in values that are not shown"), "{}", manifest.text);
    assert!(effects(&comparison).contains(&(Who::PullsByTag, Effect::Unchecked)), "{:?}", comparison.consequences);
    assert_eq!(compare(&one, &one).outcome, Outcome::Same);
}

#[test]
fn names_of_a_hostile_index_are_printable_and_few() {
    let entries: Vec<_> = (0..900).map(|number| (number.to_string(), format!("linux/\u{1b}[2J{number}"))).collect();
    let named: Vec<_> = entries.iter().map(|(digest, platform)| (digest.as_str(), platform.as_str())).collect();
    let many = index_of(media_type::OCI_INDEX, &named).replace('\u{1b}', "\\u001b");
    let (a, b) =
        (served(media_type::OCI_INDEX, &many), served(media_type::OCI_INDEX, &index_of(media_type::OCI_INDEX, &[])));
    let comparison = both(&diagnosed(&a), &diagnosed(&b));
    let texts = comparison.differences.iter().map(|difference| &difference.text);
    let texts = texts.chain(comparison.consequences.iter().map(|one| &one.text));
    for text in texts.chain(comparison.parts.iter().map(|part| &part.name)) {
        assert!(text.chars().all(is_safe) && text.chars().count() < 1000, "{text}");
    }
    assert_eq!(kinds(&comparison)[0], ("platforms", true));
}
