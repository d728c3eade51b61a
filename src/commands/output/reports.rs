//! Reports: which layout each has in which format, and how much of it.

use super::look::Look;
use super::nets::checked;
use super::{Format, Output, OutputError};
use crate::evidence::{Depth, Redactor};
use crate::report::{
    Amount, Layout, Report, SCREEN, UNWRAPPED, diagnosed, in_brief, in_short, internal_hosts, outline, pasted,
    relabelled, relabelled_json, said_once, to_json,
};

impl Output<'_> {
    /// Writes a report, or its verdict alone; between two reports for people there is an empty line.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn report(&mut self, report: &Report, redactor: &mut Redactor) -> Result<(), OutputError> {
        if self.is_a_page() {
            return self.report_on_a_page(report, redactor);
        }
        let for_pasting = self.format == Format::Markdown;
        let is_short = self.is_short() && report.depth.goes_deep();
        let is_brief = self.is_brief;
        let written = |report: &Report, amount| match (report.depth, &*said_once(report)) {
            (_, report) if is_brief => in_brief(report),
            (Depth::Probe, report) => outline(report, for_pasting),
            (Depth::Diagnosis | Depth::Batch, report) if is_short => in_short(report, amount),
            (Depth::Diagnosis | Depth::Batch, report) if for_pasting => pasted(report),
            (Depth::Diagnosis | Depth::Batch, report) => diagnosed(report),
        };
        // Once is enough for several references.
        let is_hinted = for_pasting && !is_brief && !self.is_hinted && self.pseudonyms(redactor).is_none();
        let hint = if is_hinted { internal_hosts(report) } else { Layout::new() };
        self.is_hinted |= !hint.is_empty();
        let written = |report: &Report, amount| [written(report, amount), hint.clone()].concat();
        let lines = if is_short { SCREEN } else { usize::MAX };
        let text = self.report_text(report, redactor, lines, &written)?;
        if std::mem::replace(&mut self.is_begun, true) && self.format != Format::Json && !is_brief {
            self.write(b"\n")?;
        }
        self.written(&text)
    }

    /// Whether a diagnosis is shown without most of its evidence.
    pub(in crate::commands) fn is_short(&self) -> bool {
        self.format == Format::Terminal && !self.is_verbose
    }

    /// A report as text, in which no secret of the run may be any more: with the largest amount that takes so many lines.
    pub(super) fn report_text(
        &self,
        report: &Report,
        redactor: &mut Redactor,
        lines: usize,
        laid_out: &dyn Fn(&Report, Amount) -> Layout,
    ) -> Result<String, OutputError> {
        let mut public = self.pseudonyms(redactor);
        let labelled = public.as_mut().map(|pseudonyms| {
            // What has got a label stands in the report too, and is only known when all of it has been looked at.
            relabelled(&laid_out(report, Amount::USUAL), &mut |text| pseudonyms.text(text));
            relabelled_json(&to_json(report), &mut |text| pseudonyms.text(text));
            Report { redactions: [&report.redactions[..], &pseudonyms.redactions()].concat(), ..report.clone() }
        });
        let report = labelled.as_ref().unwrap_or(report);
        let json = (self.format == Format::Json).then(|| to_json(report));
        let look = self.look();
        // A verdict is one line, however long.
        let look = if self.is_brief { Look { width: UNWRAPPED, ..look } } else { look };
        let mut text = String::new();
        let mut remark = Layout::new();
        for amount in Amount::ALL {
            let document = if json.is_some() { Layout::new() } else { laid_out(report, amount) };
            let document = self.placed(&document).into_owned();
            let shown = match self.format {
                Format::Markdown | Format::Html => &document[..],
                Format::Terminal | Format::Json => self.without_repetition(&document),
            }
            .to_vec();
            text = checked(redactor, public.clone(), &mut || {}, &mut |nets| match &json {
                Some(json) => look.json(&nets.json(json)),
                None => look.document(&nets.document(&shown)),
            })?;
            remark = document.into_iter().take(1).collect();
            if text.lines().count() <= lines {
                break;
            }
        }
        if self.format == Format::Terminal {
            self.remember(&remark);
        }
        Ok(text)
    }
}
