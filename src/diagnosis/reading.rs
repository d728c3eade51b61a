//! Explains the answers in sentences, whether or not anything is wrong.

use super::Case;
use super::content::{UnnamedEntries, chosen, is_for_running};
use crate::diagnosis::case::accept::{a_document, refused_by_accept, stored};
use crate::diagnosis::sentence::listed;
use crate::evidence::{ExchangeId, Method, Observation, Variant};
use crate::image::{Descriptor, Manifest, Shape};
use crate::oci::{Digest, media_type};

/// Explains the differences between the answers in at most six sentences, or none if nothing was served.
///
/// They name the type of the reference, the image that a client for the wanted platform selects, the clients that are
/// refused or served another document, and whether the digest matches the bytes.
pub fn reading(case: &Case<'_>) -> Vec<String> {
    let Some((id, main)) = main_document(case).filter(|(_, main)| is_document(main)) else { return Vec::new() };
    let sentences = [
        Some(description(case, &main)),
        chosen_image(case, &main),
        refused_clients(case, &main),
        downgraded_clients(case, &main),
        clients_with_another_document(case, &main),
        digest(case, id, &main),
    ];
    sentences.into_iter().flatten().collect()
}

/// The stored document, or the one that the client or the first other variant was served.
fn main_document(case: &Case<'_>) -> Option<(ExchangeId, Observation)> {
    let stored = stored(case).map(|(_, id, observation)| (id, observation));
    let first = || case.all_served().first().map(|(_, id, observation)| (*id, observation.clone()));
    stored.or_else(|| case.served()).or_else(first)
}

/// Returns whether it is a manifest or an index at all, by its type or its fields; a sign-in page is served with 200
/// too.
fn is_document(observation: &Observation) -> bool {
    let shape = observation.document.as_ref().map(Manifest::shape);
    media_type::is_manifest(observation.served.as_str()) || shape.is_some_and(|shape| shape != Shape::Unknown)
}

/// The type it was served as, unless that is generic: then the type in the document, or the one that its fields show.
fn own_type(main: &Observation) -> String {
    let served = main.served.as_str();
    let document = main.document.as_ref().filter(|_| !media_type::is_manifest(served));
    let said = document.and_then(Manifest::media_type).filter(|own| media_type::is_manifest(own.as_str()));
    match (said, document.map(Manifest::shape)) {
        (Some(own), _) => own.as_str().to_owned(),
        (None, Some(Shape::Schema1)) => media_type::DOCKER_V1.to_owned(),
        _ => served.to_owned(),
    }
}

fn subject(case: &Case<'_>) -> &'static str {
    if case.reference().digest().is_some() { "The digest" } else { "The tag" }
}

/// "The tag is an OCI index for linux/amd64, linux/arm64 and 1 attestation."
fn description(case: &Case<'_>, main: &Observation) -> String {
    let kind = a_document(&own_type(main));
    let is = match case.reference().digest() {
        Some(_) => "is that of",
        None => "is",
    };
    let mut parts = Vec::new();
    if let Some(document) = main.document.as_ref().filter(|_| main.is_index()) {
        let entries = document.manifests();
        let unnamed = UnnamedEntries::of(case);
        let running = entries.iter().filter(|entry| is_for_running(entry));
        parts = running.map(|entry| platform(entry).unwrap_or_else(|| unnamed.words(entry))).collect();
        parts.dedup();
        if parts.len() > 8 {
            parts = vec![listed(&parts, 8)];
        }
        match entries.iter().filter(|entry| !is_for_running(entry)).count() {
            0 => {}
            1 => parts.push("1 attestation".to_owned()),
            many => parts.push(format!("{many} attestations")),
        }
        if parts.is_empty() {
            return format!("{} {is} {kind} without entries.", subject(case));
        }
    }
    let contents = if parts.is_empty() { String::new() } else { format!(" for {}", listed(&parts, 10)) };
    format!("{} {is} {kind}{contents}.", subject(case))
}

fn platform(entry: &Descriptor) -> Option<String> {
    entry.platform.as_ref().map(|platform| platform.text().named_within(40))
}

/// The image of an index that a client for the wanted platform selects.
fn chosen_image(case: &Case<'_>, main: &Observation) -> Option<String> {
    let wanted = &case.record().platform;
    let entries = main.document.as_ref().filter(|_| main.is_index())?.manifests();
    let image = chosen(&entries, wanted).filter(|image| image.platform.is_some())?;
    let digest = image.digest.as_str().parse::<Digest>();
    let digest = digest.map_or_else(|_| image.digest.named_within(140), |digest| digest.short().to_owned());
    Some(format!("A client for {wanted} selects {digest}."))
}

/// The clients that are refused.
fn refused_clients(case: &Case<'_>, main: &Observation) -> Option<String> {
    let refused = refused_by_accept(case);
    let &(_, _, first) = refused.first()?;
    let alike: Vec<_> = refused.iter().filter(|(_, _, response)| response.status == first.status).collect();
    let kind = main.served.as_str();
    let labels = labels(alike.iter().map(|(variant, ..)| *variant));
    let status = if first.status == 404 { "404 (not found)".to_owned() } else { first.status.to_string() };
    // Only if accepting the type is what makes the difference.
    let names = |variant: &Variant| variant.accept().iter().any(|line| line.contains(kind));
    let refused_name_it = refused.iter().any(|(variant, ..)| names(variant));
    let others_are_served = case.all_served().iter().any(|(variant, ..)| !names(variant));
    Some(if !refused_name_it && !others_are_served {
        format!("Clients that do not accept {} get {status}: {labels}.", a_document(kind))
    } else {
        format!("Some clients get {status}: {labels}.")
    })
}

fn labels<'a>(variants: impl Iterator<Item = &'a Variant>) -> String {
    let words: Vec<_> = variants.map(|variant| variant.words().to_owned()).collect();
    listed(&words, 4)
}

/// "5 variants were served a signed Docker schema 1 manifest, which they did not request; …"
fn downgraded_clients(case: &Case<'_>, main: &Observation) -> Option<String> {
    if main.is_schema1() {
        return None;
    }
    let served = case.all_served();
    let old = served.iter().filter(|(_, _, observation)| observation.is_schema1());
    let unasked: Vec<_> = old.filter(|(variant, ..)| !variant.words().starts_with("docker v1")).collect();
    let (_, _, first) = unasked.first()?;
    let kind = a_document(first.served.as_str());
    let count = match unasked.len() {
        1 => "1 variant was".to_owned(),
        many => format!("{many} variants were"),
    };
    let digests = match (first.digest(), main.digest()) {
        (Some(old), Some(stored)) => {
            format!("; its digest {} differs from that of the stored document, {}", old.short(), stored.short())
        }
        _ => String::new(),
    };
    Some(format!("{count} served {kind}, which they did not request{digests}."))
}

/// The clients that are served a current document with another digest, and whether it is an entry of the index.
fn clients_with_another_document(case: &Case<'_>, main: &Observation) -> Option<String> {
    let digest = main.digest()?;
    let differs = |observation: &Observation| observation.digest().is_some_and(|other| other != digest);
    let served = case.all_served();
    let (variant, _, other) = served.iter().find(|(_, _, other)| !other.is_schema1() && differs(other))?;
    let found = other.digest()?;
    let entries = main.document.as_ref().map(|document| document.manifests()).unwrap_or_default();
    let child = entries.iter().find(|entry| entry.digest.as_str() == found.to_string());
    let whose = match child {
        Some(child) => match platform(child) {
            Some(platform) => format!("its entry for {platform}"),
            None => "one of its entries".to_owned(),
        },
        None => "another document".to_owned(),
    };
    let kind = a_document(other.served.as_str());
    Some(format!("A client that requests {} is served {kind}, {whose}: {}.", variant.words(), found.short()))
}

/// Whether the digest in the header matches the bytes.
fn digest(case: &Case<'_>, id: ExchangeId, main: &Observation) -> Option<String> {
    let exchange = case.journal().get(id);
    let response = exchange.response.as_ref()?;
    Some(match (main.header_is_true(), &main.announced, &main.computed) {
        _ if main.is_schema1() => {
            "A schema 1 digest excludes the signatures, so it cannot be compared with the bytes.".to_owned()
        }
        _ if response.is_transformed() => "The body was sent encoded, so the digest was not checked.".to_owned(),
        (Some(true), Some(digest), _) => format!("Digest: computed from the bytes, equal to the header: {digest}."),
        (Some(false), Some(header), Some(computed)) => {
            format!("Digest: computed from the bytes, {computed}, and not equal to the header, {header}.")
        }
        (_, None, Some(computed)) => format!("Digest: computed from the bytes, {computed}; there is no digest header."),
        (_, Some(header), None) if exchange.request.method == Method::Head => {
            format!("Digest: {header} according to the header; the bytes were not fetched.")
        }
        (_, Some(header), None) => format!("Digest: {header} according to the header; the body is incomplete."),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::reading;
    use crate::diagnosis::testing::{
        DOCKER_IMAGE, DOCKER_V1, OCI_INDEX_FOUND, Scene, UNKNOWN, answer, digest_of, index_of, refused, scene, served,
    };
    use crate::oci::media_type;

    const REFERENCE: &str = "r.example.com/demo/app:1";

    fn read(scene: &Scene) -> Vec<String> {
        scene.case(reading)
    }

    #[test]
    fn index_is_explained_with_its_platforms_and_refused_clients() {
        let entries = [("sha256:aa", "linux/amd64"), ("sha256:bb", "linux/arm64"), ("sha256:cc", "unknown/unknown")];
        let index = index_of(media_type::OCI_INDEX, &entries);
        let scene = scene(REFERENCE)
            .to(&["oci-index", "all"], &served(media_type::OCI_INDEX, &index))
            .others(&refused(404, OCI_INDEX_FOUND));
        assert_eq!(
            read(&scene),
            [
                "The tag is an OCI index for linux/amd64, linux/arm64 and 1 attestation.".to_owned(),
                "A client for linux/amd64 selects aa0000000000.".to_owned(),
                "Clients that do not accept an OCI index get 404 (not found): docker v1, docker v1 signed, docker v2, \
                 docker list and 6 more."
                    .to_owned(),
                format!("Digest: computed from the bytes, equal to the header: {}.", digest_of(&index)),
            ]
        );
    }

    #[test]
    fn downgrade_is_explained_with_both_digests() {
        let made = digest_of("without signatures");
        let v1 = served(media_type::DOCKER_V1_SIGNED, DOCKER_V1).header("docker-content-digest", &made.to_string());
        let image = digest_of(DOCKER_IMAGE).to_string();
        let list = index_of(media_type::DOCKER_LIST, &[(&image, "linux/amd64")]);
        let scene = scene(REFERENCE)
            .to(&["docker-list", "all"], &served(media_type::DOCKER_LIST, &list))
            .to(&["docker-v2"], &served(media_type::DOCKER_V2, DOCKER_IMAGE))
            .others(&v1);
        let sentences = read(&scene);
        assert_eq!(sentences[0], "The tag is a Docker manifest list for linux/amd64.");
        assert_eq!(
            sentences[2],
            format!(
                "7 variants were served a signed Docker schema 1 manifest, which they did not request; its digest {} \
                 differs from that of the stored document, {}.",
                made.short(),
                digest_of(&list).short()
            )
        );
        assert_eq!(
            sentences[3],
            format!(
                "A client that requests docker v2 is served a Docker v2 manifest, its entry for linux/amd64: {}.",
                digest_of(DOCKER_IMAGE).short()
            )
        );
    }

    #[test]
    fn answer_without_a_manifest_has_no_explanation() {
        let page = answer(200, "text/html", "<!DOCTYPE html><title>Sign in</title>");
        assert_eq!(read(&scene(REFERENCE).others(&page)), [""; 0]);
    }

    #[test]
    fn digest_is_compared_only_if_possible() {
        let image = served(media_type::DOCKER_V2, DOCKER_IMAGE);
        let last = |scene: Scene| read(&scene).pop().unwrap();
        let other = digest_of("other");
        let wrong = image.clone().header("docker-content-digest", &other.to_string());
        assert!(last(scene(REFERENCE).others(&wrong)).contains("not equal to the header"));
        let unlabelled = image.clone().header("docker-content-digest", "");
        assert!(last(scene(REFERENCE).others(&unlabelled)).contains("no digest header"));
        assert!(last(scene(REFERENCE).others(&image.clone().by_head())).contains("were not fetched"));
        assert!(
            last(scene(REFERENCE).others(&image.clone().bytes(b"\x1f\x8b").header("content-encoding", "gzip")))
                .contains("encoded")
        );
        assert!(last(scene(REFERENCE).others(&served(media_type::JSON, DOCKER_V1))).contains("signatures"));
    }

    #[test]
    fn run_without_a_served_document_has_no_explanation() {
        assert!(read(&scene(REFERENCE).others(&refused(404, UNKNOWN))).is_empty());
        assert!(read(&scene(REFERENCE)).is_empty());
        let pinned = format!("r.example.com/demo/app@{}", digest_of(DOCKER_IMAGE));
        let sentences = read(&scene(&pinned).others(&served(media_type::DOCKER_V2, DOCKER_IMAGE)));
        assert_eq!(sentences[0], "The digest is that of a Docker v2 manifest.");
    }
}
