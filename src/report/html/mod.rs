//! Reports and other results as HTML: one file that shows all evidence in a browser, without script and without a request.
//!
//! Each section of a report is a file; [`of_layout`] writes any other result. Everything is written by a
//! [`Writer`]: its markup consists of constants and numbers, and every text passes the filters of the output,
//! becomes printable and is escaped there. So what a server says is never markup, and as texts are kept apart from markup
//! until the last search for secrets, neither hides a secret that is split over several elements, nor can a secret that
//! resembles markup change it.

mod answers;
mod authentication;
mod bars;
mod blocks;
mod exchanges;
mod findings;
mod head;
mod many;
mod markup;
mod matrix;
mod page;
mod prose;
mod requests;
mod table;
mod tree;

pub use markup::Html;
pub use page::{Section, Written, page};

use super::layout::{Block, Layout};
use super::relabelled::Change;
use super::value::Report;
use super::verdict::verdict;
use blocks::{Place, blocks};
use markup::{Targets, Writer};

/// The parts of a page on one report or result, before they are checked.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// The title, for the window of a browser.
    pub title: Html,
    /// The row of one of several images.
    pub row: Option<Html>,
    /// The content.
    pub body: Html,
}

/// Drafts a report with all of its evidence. Every text passes `clean`.
pub fn of_report(report: &Report, clean: &mut Change<'_>) -> Draft {
    let targets = Targets {
        image: report.index.map(|index| index + 1),
        exchanges: report.exchanges.iter().map(|exchange| exchange.id).collect(),
    };
    let row = report.index.map(|_| many::row(report, true, clean));
    let title = title(report, clean);
    let mut writer = Writer::new(clean, &targets);
    head::head(&mut writer, report);
    findings::findings(&mut writer, report);
    requests::requests(&mut writer, report);
    tree::tree(&mut writer, report);
    authentication::authentication(&mut writer, report);
    matrix::matrix(&mut writer, report);
    answers::answers(&mut writer, report);
    exchanges::exchanges(&mut writer, report);
    Draft { title, row, body: writer.finish() }
}

/// Drafts the verdict of a report alone, which of several images the row says.
pub fn of_verdict(report: &Report, layout: &Layout, clean: &mut Change<'_>) -> Draft {
    let row = report.index.map(|_| many::row(report, false, clean));
    let title = title(report, clean);
    let body = if row.is_some() { Html::default() } else { of_layout(layout, clean).body };
    Draft { title, row, body }
}

/// The verdict as the title of a window.
fn title(report: &Report, clean: &mut Change<'_>) -> Html {
    let targets = Targets::default();
    let mut writer = Writer::new(clean, &targets);
    verdict(report).iter().for_each(|span| writer.text(&span.text));
    writer.finish()
}

/// Drafts any other result.
pub fn of_layout(layout: &[Block], clean: &mut Change<'_>) -> Draft {
    let targets = Targets::default();
    let mut writer = Writer::new(clean, &targets);
    match layout.iter().find(|block| matches!(block, Block::Title(_) | Block::Heading(_) | Block::Named(_))) {
        Some(Block::Title(line) | Block::Named(line)) => line.iter().for_each(|span| writer.text(&span.text)),
        Some(Block::Heading(heading)) => writer.text(heading),
        _ => {}
    }
    let title = writer.finish();
    let mut writer = Writer::new(clean, &targets);
    blocks(&mut writer, layout, Place::Page);
    Draft { title, row: None, body: writer.finish() }
}
