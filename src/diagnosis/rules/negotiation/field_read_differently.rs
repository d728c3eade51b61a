use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::image::{DisputedField, disputed_fields};
use crate::text::Untrusted;

rule! {
    /// A field is there twice, or in other letters, and clients differ on what they read.
    ///
    /// ## What it means
    /// Clients in Go (Docker, containerd, Podman, skopeo) take the last of several fields, and do not mind capitals.
    /// Clients in other languages take the exact name alone, or refuse the document. One digest can then stand for two
    /// images.
    ///
    /// ## How it is recognised
    /// An object of the document has a field twice, in whatever letters, or a name of the image specification with other
    /// capitals. Annotations may be called anything.
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
    let (id, _) = case.document()?;
    let body = &case.journal().get(id).response.as_ref()?.body.bytes;
    let fields = disputed_fields(body);
    let field = fields.first()?;
    let mut told: Vec<_> = fields.iter().take(TOLD).map(told).collect();
    if fields.len() > TOLD {
        told.push(format!("there are {} more", fields.len() - TOLD));
    }
    let told = told.join("; ");
    let quote = [Some(field.at), field.again].into_iter().flatten().map(|at| beginning(&body[at..]));
    let quote = quote.collect::<Vec<_>>().join(" … ");
    let finding = match field.again {
        Some(_) => Finding::warning("a field is in it twice, and clients differ on which they read", id, quote).cause(
            format!(
                "{told}. Clients in Go, as Docker and containerd, take the last of them, whatever the case of its letters; \
                 others take the exact name alone, or refuse the document."
            ),
        ),
        None => Finding::warning("a field is in other letters, and not all clients read it", id, quote).cause(format!(
            "{told}. Clients in Go, as Docker and containerd, do not mind the case of letters; to others it is a field that \
             they do not know."
        )),
    };
    Some(finding.fix("Do not rely on what one client makes of it before whoever pushed it has explained it."))
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
