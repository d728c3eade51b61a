use super::GENERAL;
use super::successor::{place, told, unavailable};
use crate::diagnosis::rule::rule;
use crate::diagnosis::tags::{TagList, tag_list};
use crate::diagnosis::{Case, ExitStatus, Finding};
use crate::evidence::error_entries;

rule! {
    /// Google Container Registry was shut down.
    ///
    /// ## What it means
    /// Since 18 March 2025, `gcr.io` answers only for projects whose owners moved their images to Artifact Registry.
    /// What was not moved is gone, and the name of the registry stayed the same.
    ///
    /// ## How it is recognised
    /// The registry says so itself; or the image is not there and neither is a list of its tags, which is likely for
    /// this reason, or because there never was such a repository. A refusal is no sign of it, because projects that
    /// were moved can be private: then it is only mentioned.
    ///
    /// ## What to do
    /// Look where the project publishes its images now. Owners move a project with
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
    let title = format!("the registry {host} was shut down for what was not moved");
    let advice = "Look where the project publishes its images now.";
    let owners = "Owners move a project with `gcloud artifacts docker upgrade migrate`.";
    if let Some((id, _)) = said {
        let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id));
        return Some(finding.cause(told(place)).fix(advice).fix(owners));
    }
    let (id, missing) = unavailable(case, place)?;
    let list = if missing { tag_list(case)? } else { return Some(mention(case, title, id, told(place))) };
    let TagList::Refused(list, _) = list else { return None };
    let finding = Finding::error(ExitStatus::NotFound, title, id, case.words(id))
        .because(list, format!("{} for its tags", case.words(list).as_str()))
        .likely()
        .cause(format!(
            "{} Neither the image nor a list of its tags is there: either this project was not moved, or there never was \
             such a repository.",
            told(place)
        ));
    Some(finding.fix(advice).fix(owners))
}

fn mention(case: &Case<'_>, title: String, id: crate::evidence::ExchangeId, told: String) -> Finding {
    Finding::info(title, id, case.words(id)).likely().cause(format!(
        "{told} The registry refuses access, which it also does for projects that were moved and are private."
    ))
}
