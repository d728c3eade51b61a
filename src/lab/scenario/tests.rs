//! Checks that every scenario is complete, and is found by its name and its image.

use std::collections::BTreeMap;

use super::*;
use crate::lab::dialect;
use crate::lab::fault::Fault;

#[test]
fn every_scenario_can_be_built_and_is_complete() {
    for scenario in scenarios() {
        let name = &scenario.name;
        Reference::parse(&scenario.reference).unwrap_or_else(|refusal| panic!("{name}: {}", refusal.explain()));
        assert!(!scenario.sources.is_empty() && !scenario.look.is_empty(), "{name}");
        assert!(scenario.title.chars().count() <= 60 && !scenario.title.ends_with('.'), "{name}: {}", scenario.title);
        for host in &scenario.hosts {
            assert!(dialect::named(&host.dialect).is_some(), "{name}: there is no dialect {}", host.dialect);
            for content in host.repositories.values().flat_map(BTreeMap::values) {
                assert!(content::named(content).is_some(), "{name}: there is no content {content}");
            }
            assert!(host.faults.iter().all(Fault::is_valid), "{name}: {:?}", host.faults);
            let other = host.of.as_ref();
            let known = |other: &String| scenario.hosts.iter().any(|host| host.name == *other);
            assert!(other.is_none_or(known), "{name}: there is no host {other:?}");
        }
    }
}

#[test]
fn expected_diagnoses_are_consistent() {
    for scenario in scenarios() {
        let name = &scenario.name;
        let Some(expected) = &scenario.diagnosis else { continue };
        // The statuses of findings, not those of wrong usage or of the program itself (`docs/commands.md`).
        assert!(matches!(expected.exit, 0 | 10..=19), "{name}: exit status {}", expected.exit);
        let severities: Vec<_> = expected.finds.iter().map(|found| found.severity.as_str()).collect();
        let rank = |severity: &&str| ["error", "warning", "info"].iter().position(|other| other == severity);
        assert!(severities.is_sorted_by_key(rank), "{name}: the most important come first, not {severities:?}");
        assert_eq!(severities.contains(&"error"), expected.exit != 0, "{name}: only errors end with a status");
        let rules: std::collections::BTreeSet<_> = expected.finds.iter().map(|found| &found.rule).collect();
        assert_eq!(rules.len(), expected.finds.len(), "{name}: a rule is there twice");
        for found in &expected.finds {
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            assert!(found.rule.bytes().all(plain) && !found.rule.is_empty(), "{name}: {}", found.rule);
        }
    }
}

#[test]
fn malformed_findings_are_rejected() {
    let read = |found: &str| toml::from_str::<Expected>(&format!("exit = 0\nfinds = [\"{found}\"]"));
    assert_eq!(read("a-rule warning likely").map(|expected| expected.finds.len()), Ok(1));
    for wrong in
        ["a-rule", "a-rule error", "a-rule fatal certain", "a-rule error perhaps", "a-rule error certain x", ""]
    {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn command_of_a_scenario_selects_it() {
    let plain: Vec<_> = scenarios().filter(|scenario| scenario.command().contains("--lab ")).collect();
    for scenario in &plain {
        let reference = Reference::parse(&scenario.reference).unwrap();
        assert_eq!(scenario_for(&reference).map(|chosen| &chosen.name), Some(&scenario.name));
    }
    assert!(plain.iter().any(|scenario| scenario.name == "gcr-deepvariant"));
}

/// The build extracts the same values as the parser of the file.
#[test]
fn summary_equals_the_parsed_scenario() {
    assert_eq!(summaries().len(), scenarios().len());
    for (summary, scenario) in summaries().zip(scenarios()) {
        assert_eq!((summary.name(), summary.registry()), (scenario.name.as_str(), scenario.registry.as_str()));
        assert_eq!((summary.title(), summary.command()), (scenario.title.as_str(), scenario.command()));
        assert!(std::ptr::eq(summary.scenario(), scenario));
    }
}

/// An image with several scenarios selects the same one as a search does.
#[test]
fn scenario_is_found_by_its_reference_if_a_search_finds_it() {
    let mut shared = 0;
    for scenario in scenarios() {
        let found = Reference::parse(&scenario.reference).ok().and_then(|reference| scenario_for(&reference));
        let is_found = found.is_some_and(|found| found.name == scenario.name);
        assert_eq!(scenario.is_found_by_its_reference(), is_found, "{}", scenario.name);
        shared += usize::from(!is_found);
    }
    assert!(shared > 5, "{shared}");
}

#[test]
fn unknown_name_gets_the_nearest_suggestions() {
    let refused = scenario("gcr-deepvarient").unwrap_err();
    assert_eq!(refused.nearest.first(), Some(&"gcr-deepvariant"));
    assert!(refused.to_string().contains("did you mean gcr-deepvariant"));
    assert!(scenario("zzzz").unwrap_err().nearest.is_empty());
}

#[test]
fn image_selects_the_scenario_that_is_about_it() {
    let of = |text: &str| scenario_for(&Reference::parse(text).unwrap()).map(|scenario| scenario.name.as_str());
    assert_eq!(of("gcr.io/deepvariant-docker/deepvariant:0.5.0"), Some("gcr-deepvariant"));
    assert_eq!(of("gcr.io/deepvariant-docker/deepvariant:0.6.0"), Some("gcr-deepvariant"));
    assert_eq!(of("nowhere.example/a:b"), None);
}
