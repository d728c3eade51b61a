use super::GENERAL;
use super::successor::{history, place, unavailable};
use crate::diagnosis::rule::rule;
use crate::diagnosis::tags::{TagList, tag_list};
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::error_entries;

rule! {
    /// Google Container Registry has been shut down
    ///
    /// ## What it means
    /// Since 18 March 2025, `gcr.io` serves only projects whose owners migrated to Artifact Registry. Images that were
    /// not migrated are gone; the host name is unchanged.
    ///
    /// ## How it is recognised
    /// The registry says so itself; or neither the image nor its tag list exists, in which case the shutdown is the
    /// likely cause, unless the repository never existed. A refusal is not evidence, because migrated projects can be
    /// private; the shutdown is then only noted.
    ///
    /// ## What to do
    /// Find out where the project publishes its images now. Project owners migrate with
    /// `gcloud artifacts docker upgrade migrate`.
    ///
    /// ## References
    /// mozilla/jetstream#2683; kubernetes-up-and-running/examples#30; okfn/website#1131
    "gcr-shutdown" in Place, instead_of: GENERAL
}

pub(super) fn examine(case: &Case<'_>) -> Option<Finding> {
    let place = place(case, RULE.name)?;
    let host = case.reference().registry();
    let said = case.refusal().filter(|(_, response)| {
        error_entries(response).iter().any(|entry| entry.message.as_str().contains("shutting down"))
    });
    let title = format!("{host} was shut down; images that were not migrated are gone");
    let advice = "Find out where the project publishes its images now.";
    let owners = "If you own the project, migrate it: gcloud artifacts docker upgrade migrate";
    if let Some((id, _)) = said {
        let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id));
        return Some(finding.cause(history(place)).fix(advice).fix(owners));
    }
    let (id, missing) = unavailable(case, place)?;
    let list = if missing { tag_list(case)? } else { return Some(mention(case, title, id, history(place))) };
    let TagList::Refused(list, _) = list else { return None };
    let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id))
        .because(list, format!("{} for the tag list", case.words(list).as_str()))
        .likely()
        .cause(format!(
            "{} The image and its tag list are both missing: either the project was not migrated, or the repository \
             never existed.",
            history(place)
        ));
    Some(finding.fix(advice).fix(owners))
}

fn mention(case: &Case<'_>, title: String, id: crate::evidence::ExchangeId, history: String) -> Finding {
    Finding::info(title, id, case.words(id))
        .likely()
        .cause(format!("{history} The registry denies access, as it also does for migrated projects that are private."))
}
