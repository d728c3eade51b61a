use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, content, delivery};
use crate::evidence::ExchangeId;
use crate::image::{DisputedField, GoDocument, ImageConfig};
use crate::text::Untrusted;

rule! {
    /// Clients read different values for the same field
    ///
    /// ## What it means
    /// Clients written in Go (Docker, containerd, Podman, skopeo) take the last of several fields and ignore letter
    /// case. Clients in other languages match only the exact name, or reject the document. One digest can then mean two
    /// images: a scanner or a proxy sees one, and an engine runs the other.
    ///
    /// ## How it is recognised
    /// An object of the manifest, the index or the config has a field twice, or a field of the specification in other
    /// letter case. It is an error if clients in Go and case-sensitive readers both find a value, and the two differ in
    /// a field that decides what is pulled: layers, config, manifests, digest, size, media type, platform, `rootfs`.
    /// Annotations and labels may have any name. The rest of the diagnosis reads documents as Go does.
    ///
    /// ## What to do
    /// Do not rely on how one client reads it. No tool writes such a document by itself: ask its publisher, and push it
    /// again with a tool that writes each field once.
    ///
    /// ## References
    /// GHSA-77vh-xpmg-72qh; CVE-2021-41190; Go, `encoding/json`, Unmarshal; serde-rs/json#762; RFC 8259, section 4
    "field-read-differently" in Negotiation
}

/// The maximum number of fields that are listed.
const LISTED: usize = 3;
/// The maximum length of the quote from each, in characters.
const QUOTED: usize = 30;
/// The part of it that is searched for secrets, in bytes.
const SEARCHED: usize = 16 << 10;

fn examine(case: &Case<'_>) -> Option<Finding> {
    let documents: Vec<_> = documents(case).into_iter().filter(|(_, _, fields)| !fields.is_empty()).collect();
    let decides = |(_, _, fields): &&(_, _, Vec<DisputedField>)| fields[0].decides.is_some();
    let (id, document, fields) = documents.iter().find(decides).or(documents.first())?;
    let id = *id;
    let body = &case.journal().get(id).response.as_ref()?.body.bytes;
    let field = fields.first()?;
    let mut places: Vec<_> = fields.iter().take(LISTED).map(places_of).collect();
    if fields.len() > LISTED {
        places.push(format!("there are {} more", fields.len() - LISTED));
    }
    let places = places.join("; ");
    let quote = [Some(field.at), field.again].into_iter().flatten().map(|at| beginning(&body[at..]));
    let quote = quote.collect::<Vec<_>>().join(" … ");
    let finding = match (field.decides, field.again) {
        (Some(name), _) => Finding::error(
            ExitStatus::Content,
            format!("clients disagree about {name} in the {document}"),
            id,
            quote,
        )
        .cause(format!(
            "{places}. Clients in Go, such as Docker and containerd, take the last one, whatever its letter case; \
             others match only the exact name and find another value. One digest means two images."
        )),
        (None, Some(_)) => Finding::warning("a field occurs twice, and clients differ in which they read", id, quote)
            .cause(format!(
                "{places}. Clients in Go, such as Docker and containerd, take the last one, whatever its letter case; \
                 others match only the exact name, or reject the document."
            )),
        (None, None) => Finding::warning("a field has another letter case, and not all clients read it", id, quote)
            .cause(format!(
                "{places}. Clients in Go, such as Docker and containerd, ignore letter case; to others, the field is \
                 unknown."
            )),
    };
    Some(finding.fix("Do not rely on how one client reads it until its publisher has explained it."))
}

/// The documents of the image with their disputed fields: the one that the asking client was served, the manifest that
/// it selects from an index, and the config.
fn documents(case: &Case<'_>) -> Vec<(ExchangeId, &'static str, Vec<DisputedField>)> {
    let served = case.document().map(|(id, _)| id);
    let mut shown: Vec<_> = served.into_iter().chain(content::image(case).map(|image| image.shown)).collect();
    shown.dedup();
    let of_document = |id: ExchangeId| {
        let observation = case.journal().observation(id)?;
        let words = observation.go_document().map_or("document", GoDocument::words);
        Some((id, words, observation.document.as_ref()?.disputed().to_vec()))
    };
    let mut documents: Vec<_> = shown.into_iter().filter_map(of_document).collect();
    let config = delivery::config(case).and_then(|part| part.stored());
    let config = config.and_then(|(id, response)| Some((id, ImageConfig::read(&response.body.bytes)?)));
    documents.extend(config.map(|(id, config)| (id, "config", config.disputed().to_vec())));
    documents
}

fn places_of(field: &DisputedField) -> String {
    let name = field.name.named_within(40);
    match field.again {
        Some(again) => format!("{name} begins at byte {} and again at byte {again}", field.at),
        None => format!("{name} begins at byte {}", field.at),
    }
}

/// The first characters of a field and its value.
fn beginning(bytes: &[u8]) -> String {
    Untrusted::from_bytes(&bytes[..bytes.len().min(SEARCHED)]).printable_within(QUOTED)
}
