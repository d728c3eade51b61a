use super::pieces;
use crate::diagnosis::rule::rule;
use crate::diagnosis::{Case, Finding};
use crate::evidence::Query;

rule! {
    /// Registry serves part of a layer as the whole
    ///
    /// ## What it means
    /// A client may request a range of a blob. The answer is 206 with a `Content-Range`, or 200 with the whole blob.
    /// Here it is 200 with only the part, as if there were no more. A pull in one go succeeds. A client that resumes an
    /// interrupted download or fetches a layer in parts assembles the wrong bytes, and its digest or size check fails.
    ///
    /// ## How it is recognised
    /// A request for the first 512 bytes of a longer layer returns status 200, exactly 512 bytes and no
    /// `Content-Range`. A HEAD request tells whether the registry has the whole layer; if it does not say so, the
    /// finding is only likely, because a layer cut to that length looks the same.
    ///
    /// ## What to do
    /// Ask the operator to make the proxy or cache in front of the registry pass on `206` and `Content-Range`, or drop
    /// the `Range` header of the request.
    ///
    /// ## References
    /// RFC 9110 §14.2, §15.3.7; distribution-spec, pulling blobs
    "range-answered-as-whole" in Integrity
}

fn examine(case: &Case<'_>) -> Option<Finding> {
    let pieces = pieces(case);
    let piece = pieces.iter().find(|piece| piece.part.is_part_as_whole())?;
    let (id, exchange) = piece.part.answer()?;
    let part = exchange.response.as_ref()?.body.size;
    let whole = piece.part.descriptor.size?;
    let by_head = case.ask(Query::HasBlob(piece.part.digest.clone()?));
    let by_head = by_head.filter(|(_, head)| head.is_success());
    let length = by_head.and_then(|(head, exchange)| Some((head, exchange.response.as_ref()?.whole_length()?)));
    let quote = format!("{part} bytes, no Content-Range");
    let title = format!("registry serves part of {} as the whole", piece.name);
    let finding = Finding::warning(title, id, quote).cause(format!(
        "The first {part} bytes were requested and came with status 200 instead of 206, as if the layer had no more. \
         The manifest says {whole} bytes. A pull in one go succeeds; clients that resume a download or fetch layers in \
         parts assemble the wrong bytes."
    ));
    let finding = match length {
        Some((head, length)) if length == whole => finding.because(head, format!("content-length: {length}")),
        _ => finding.likely(),
    };
    Some(finding.fix(
        "Ask the operator to make the proxy or cache in front of the registry pass on 206 and Content-Range, or remove \
         Range from requests.",
    ))
}
