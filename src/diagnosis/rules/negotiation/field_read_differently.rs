use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, ExitStatus, Finding, content, delivery};
use crate::evidence::ExchangeId;
use crate::image::{DisputedField, GoDocument, ImageConfig};
use crate::text::Untrusted;

rule! {
    /// A field is there twice, or in other letters, and clients differ on what they read.
    ///
    /// ## What it means
    /// Clients in Go (Docker, containerd, Podman, skopeo) take the last of several fields, and do not mind capitals.
    /// Clients in other languages take the exact name alone, or refuse the document. One digest can then stand for two
    /// images, of which a scanner or a proxy sees one and an engine runs the other.
    ///
    /// ## How it is recognised
    /// An object of the manifest, the index or the config has a field twice, or a name of the specification with other
    /// capitals. It is an error where clients in Go and readers that distinguish capitals both find a value, and the two
    /// differ in a field that decides what is pulled: layers, config, manifests, digest, size, media type, platform,
    /// `rootfs`. Annotations and labels may be called anything. The rest of the diagnosis reads as Go does.
    ///
    /// ## What to do
    /// Do not rely on what one client makes of it. No tool writes such a document by itself: ask whoever pushed it, and
    /// push it again by a tool that writes each field once.
    ///
    /// ## References
    /// GHSA-77vh-xpmg-72qh; CVE-2021-41190; Go, `encoding/json`, Unmarshal; serde-rs/json#762; RFC 8259, section 4
    "field-read-differently" in Negotiation
}

/// How many of the fields are told one by one.
const TOLD: usize = 3;
/// How much of each is quoted, in characters.
const QUOTED: usize = 30;
/// How much of it is looked at for secrets, in bytes.
const LOOKED_AT: usize = 16 << 10;

fn examine(case: &Case<'_>) -> Option<Finding> {
    let documents: Vec<_> = documents(case).into_iter().filter(|(_, _, fields)| !fields.is_empty()).collect();
    let decides = |(_, _, fields): &&(_, _, Vec<DisputedField>)| fields[0].decides.is_some();
    let (id, document, fields) = documents.iter().find(decides).or(documents.first())?;
    let id = *id;
    let body = &case.journal().get(id).response.as_ref()?.body.bytes;
    let field = fields.first()?;
    let mut told: Vec<_> = fields.iter().take(TOLD).map(told).collect();
    if fields.len() > TOLD {
        told.push(format!("there are {} more", fields.len() - TOLD));
    }
    let told = told.join("; ");
    let quote = [Some(field.at), field.again].into_iter().flatten().map(|at| beginning(&body[at..]));
    let quote = quote.collect::<Vec<_>>().join(" … ");
    let finding = match (field.decides, field.again) {
        (Some(name), _) => Finding::error(
            ExitStatus::Content,
            format!("clients differ on which {name} the {document} has"),
            id,
            quote,
        )
        .cause(format!(
            "{told}. Clients in Go, as Docker and containerd, take the last of them, whatever the case of its letters; \
             others take the exact name alone and find another value. One digest means two images."
        )),
        (None, Some(_)) => Finding::warning("a field is in it twice, and clients differ on which they read", id, quote)
            .cause(format!(
                "{told}. Clients in Go, as Docker and containerd, take the last of them, whatever the case of its \
                 letters; others take the exact name alone, or refuse the document."
            )),
        (None, None) => {
            Finding::warning("a field is in other letters, and not all clients read it", id, quote).cause(format!(
                "{told}. Clients in Go, as Docker and containerd, do not mind the case of letters; to others it is a \
                 field that they do not know."
            ))
        }
    };
    Some(finding.fix("Do not rely on what one client makes of it before whoever pushed it has explained it."))
}

/// The documents of the image with the fields that are read differently: what the asking client was served, the manifest
/// that it takes of an index, and the config.
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

fn told(field: &DisputedField) -> String {
    let name = field.name.named_within(40);
    match field.again {
        Some(again) => format!("{name} begins at byte {} and again at byte {again}", field.at),
        None => format!("{name} begins at byte {}", field.at),
    }
}

/// The first characters of a field and what it holds.
fn beginning(bytes: &[u8]) -> String {
    Untrusted::from_bytes(&bytes[..bytes.len().min(LOOKED_AT)]).printable_within(QUOTED)
}
