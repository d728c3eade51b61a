//! The steps of the authentication.

use super::blocks::{Place, blocks};
use super::markup::Writer;
use crate::report::diagnosed::authentication as laid_out;
use crate::report::value::Report;

/// Writes the handshake, where the registry asked for one.
pub fn authentication(writer: &mut Writer<'_>, report: &Report) {
    let steps = laid_out(report);
    if steps.is_empty() {
        return;
    }
    writer.block("<section><h2>Authentication</h2>");
    blocks(writer, &steps, Place::Section);
    writer.block("</section>");
}
