//! Results as HTML. A page is one valid document, whose table of verdicts comes before the reports, so its parts are held
//! until the command has ended, and a page is written whole or not at all.

use super::nets::{Finished, checked};
use super::{Format, Output, OutputError};
use crate::evidence::{Leak, Pseudonyms, Redactor};
use crate::report::html::{Draft, Html, Section, Written, of_layout, of_report, of_verdict, page};
use crate::report::{Change, Layout, Report, in_brief, relabelled_json, said_once, to_json};
use crate::text::cut_at_marks;

/// The parts of a page.
#[derive(Default)]
pub(super) struct Pages {
    sections: Vec<Section>,
    /// How long several images took.
    pub(super) milliseconds: Option<f64>,
}

impl Finished for Draft {
    /// What is split over several elements is one text here, and markup is none.
    fn without_known_values(self, redactor: &mut Redactor) -> Self {
        let mut clean = |html: Html| html.with_texts(|texts| redactor.known_values_in_parts(texts));
        Self { title: clean(self.title), row: self.row.map(&mut clean), body: clean(self.body) }
    }

    fn last_scan(&self, redactor: &Redactor) -> Result<(), Leak> {
        let parts = [&self.title, &self.body].into_iter().chain(&self.row);
        parts.map(Html::visible).try_for_each(|text| redactor.last_scan(&text))
    }
}

impl Output<'_> {
    /// Whether results become parts of a page.
    pub(super) fn is_a_page(&self) -> bool {
        self.format == Format::Html && !self.is_aside()
    }

    /// Adds a report to the page, with all of its evidence, or its verdict alone.
    pub(super) fn report_on_a_page(&mut self, report: &Report, redactor: &mut Redactor) -> Result<(), OutputError> {
        let report = &*said_once(report);
        let mut public = self.pseudonyms(redactor);
        let labelled = public.as_mut().map(|pseudonyms| {
            // What has got a label is known when all of the report has been looked at.
            of_report(report, &mut |text| pseudonyms.text(text));
            relabelled_json(&to_json(report), &mut |text| pseudonyms.text(text));
            Report { redactions: [&report.redactions[..], &pseudonyms.redactions()].concat(), ..report.clone() }
        });
        let report = labelled.as_ref().unwrap_or(report);
        let is_brief = self.is_brief;
        let draft = self.draft(redactor, public, &|clean| match is_brief {
            true => of_verdict(report, &in_brief(report), clean),
            false => of_report(report, clean),
        })?;
        self.many.tally.count(report);
        self.hold(&draft, report.index.map(|index| index + 1));
        Ok(())
    }

    /// Adds any other result to the page.
    pub(super) fn layout_on_a_page(&mut self, document: &Layout, redactor: &mut Redactor) -> Result<(), OutputError> {
        let public = self.pseudonyms(redactor);
        let draft = self.draft(redactor, public, &|clean| of_layout(document, clean))?;
        self.hold(&draft, None);
        Ok(())
    }

    /// Adds words of ours to the page.
    pub(super) fn own_layout_on_a_page(&mut self, document: &Layout) {
        self.hold(&of_layout(document, &mut cut_at_marks), None);
    }

    /// A part of a page in which no secret of the run may be any more.
    fn draft(
        &mut self,
        redactor: &mut Redactor,
        public: Option<Pseudonyms>,
        draft: &dyn Fn(&mut Change<'_>) -> Draft,
    ) -> Result<Draft, OutputError> {
        let stream = &mut self.stream;
        // An empty write shows that the page makes progress.
        let mut goes_on = || drop(stream.write(&[]));
        checked(redactor, public, &mut goes_on, &mut |nets| draft(&mut |text| nets.text(text)))
    }

    fn hold(&mut self, draft: &Draft, image: Option<usize>) {
        self.is_written = true;
        self.pages.sections.push(Section {
            title: Written::of(&draft.title),
            row: draft.row.as_ref().map(Written::of),
            image,
            body: Written::of(&draft.body),
        });
    }

    /// Writes the page, if there is one, at the end of a command. Other formats were written as they came.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn finish(&mut self) -> Result<(), OutputError> {
        let Pages { mut sections, milliseconds } = std::mem::take(&mut self.pages);
        if sections.is_empty() {
            return Ok(());
        }
        let tally = std::mem::take(&mut self.many).tally;
        let summary = Written::of(&of_layout(&tally.summary(milliseconds), &mut cut_at_marks).body);
        // Reports of a batch come in the order in which they are known.
        sections.sort_by_key(|section| section.image);
        self.write(page(&sections, &summary).as_bytes())
    }
}
