//! The page around its sections: one valid document without script, which loads nothing and says so to the browser.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// The only style of a page.
const STYLE: &str = include_str!("style.css");

/// A part of a page, written and checked: of a report, or of any other result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The title, for the window of a browser.
    pub title: Written,
    /// The row of one of several images.
    pub row: Option<Written>,
    /// Which of several images it is, from 1.
    pub image: Option<usize>,
    /// The content. Empty where the row says everything.
    pub body: Written,
}

/// Markup that passed every filter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written(String);

impl Written {
    /// Markup that was checked by whoever calls this.
    pub fn of(html: &super::Html) -> Self {
        Self(html.written())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What a browser may do with a page: apply its one style, and nothing else.
///
/// `default-src` covers everything that is loaded or run; where a form is sent to and what addresses are relative to have
/// directives of their own (Content Security Policy Level 3, sections 6.3.1 and 6.4.1).
fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
}

/// Writes a page. Several images begin with their verdicts, after a line that sums them up.
pub fn page(sections: &[Section], summary: &Written) -> String {
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"format-detection\" content=\"telephone=no, date=no, address=no, email=no, url=no\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"generator\" content=\"ociscope {}\">\n<title>",
        policy(),
        env!("CARGO_PKG_VERSION"),
    );
    let is_many = sections.iter().filter(|section| section.row.is_some()).count() > 1;
    match sections.first() {
        Some(first) if !is_many && !first.title.is_empty() => page.push_str(&first.title.0),
        Some(_) if is_many => page.push_str(&format!("{} images – ociscope", sections.len())),
        _ => page.push_str("ociscope"),
    }
    page.push_str(&format!("</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"));
    if is_many {
        page.push_str(&summary.0);
        page.push_str("\n<table class=\"verdicts\"><tbody>");
        sections.iter().filter_map(|section| section.row.as_ref()).for_each(|row| page.push_str(&row.0));
        page.push_str("</tbody></table>\n");
    }
    for section in sections.iter().filter(|section| !section.body.is_empty()) {
        match section.image.filter(|_| is_many) {
            Some(image) => page.push_str(&format!("<section class=\"image\" id=\"image-{image}\">\n")),
            None => page.push_str("<div>\n"),
        }
        page.push_str(&section.body.0);
        page.push_str(if section.image.is_some() && is_many { "\n</section>\n" } else { "\n</div>\n" });
    }
    page.push_str("</main>\n</body>\n</html>\n");
    page
}
