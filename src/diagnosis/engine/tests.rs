//! The choice between rules that all have a finding.

use std::collections::HashSet;

use super::{examine, replacing};
use crate::diagnosis::testing::{DOCKER_IMAGE, Scene, UNKNOWN, answer, refused, scene, served};
use crate::diagnosis::{Basis, Case, ExitStatus, Family, Finding, Rule, Severity, catalogue};
use crate::evidence::Query;
use crate::oci::{Reference, media_type};

type Examine = fn(&Case<'_>) -> Option<Finding>;

fn rule(name: &'static str, instead_of: &'static [&'static str], examine: Examine) -> Rule {
    Rule { name, family: Family::Name, documentation: "", instead_of, basis: Basis::Answers, examine }
}

fn error(case: &Case<'_>) -> Option<Finding> {
    let (id, _) = case.decisive()?;
    Some(Finding::error(ExitStatus::NotFound, "an error", id, "404").cause("A cause."))
}

fn warning(case: &Case<'_>) -> Option<Finding> {
    let (id, _) = case.decisive()?;
    Some(Finding::warning("a warning", id, "404").cause("A cause."))
}

fn note(case: &Case<'_>) -> Option<Finding> {
    let (id, _) = case.decisive()?;
    Some(Finding::info("a note", id, "404").cause("A cause."))
}

fn nothing(_: &Case<'_>) -> Option<Finding> {
    None
}

/// Finds an error, and asks for the tags.
fn error_after_a_question(case: &Case<'_>) -> Option<Finding> {
    case.ask(Query::Tags);
    error(case)
}

/// Finds an error once the tags are known.
fn error_by_the_tags(case: &Case<'_>) -> Option<Finding> {
    case.ask(Query::Tags)?;
    error(case)
}

fn refused_scene() -> Scene {
    scene("r.example.com/team/app:1").diagnosed().others(&refused(404, UNKNOWN))
}

/// The names of the rules whose findings remain.
fn speaking(scene: &Scene, rules: &[Rule]) -> Vec<&'static str> {
    let found = scene.case(|case| examine(rules, &replacing(rules), case));
    found.into_iter().flatten().map(|finding| finding.rule).collect()
}

#[test]
fn finding_is_replaced_by_one_of_equal_or_higher_severity() {
    let all: [(&str, Examine); 4] = [("error", error), ("warning", warning), ("note", note), ("nothing", nothing)];
    let silent =
        [("error", "error"), ("error", "warning"), ("error", "note"), ("warning", "warning"), ("warning", "note")];
    for (one, particular) in all {
        for (other, general) in all.iter().filter(|(other, _)| *other != "nothing") {
            let first = rule("particular", &["general"], particular);
            let second = rule("general", &[], *general);
            let expected = !silent.contains(&(one, other));
            // Their order in the catalogue does not matter here.
            for rules in [[first, second], [second, first]] {
                let speaking = speaking(&refused_scene(), &rules);
                assert_eq!(speaking.contains(&"general"), expected, "{one} instead of {other}");
                assert_eq!(speaking.contains(&"particular"), one != "nothing", "{one} instead of {other}");
            }
        }
    }
}

#[test]
fn rule_that_is_not_named_is_not_replaced() {
    let rules = [
        rule("cause", &["effect", "echo"], error),
        rule("effect", &["distant-effect"], error),
        rule("distant-effect", &[], error),
        rule("echo", &[], warning),
        rule("effect-of-another", &[], error),
    ];
    // A silent rule replaces nothing.
    assert_eq!(speaking(&refused_scene(), &rules), ["cause", "distant-effect", "effect-of-another"]);
}

#[test]
fn rules_that_name_each_other_terminate() {
    let rules = [rule("hen", &["egg"], error), rule("egg", &["hen"], error)];
    assert_eq!(speaking(&refused_scene(), &rules).len(), 1);
    assert_eq!(speaking(&refused_scene(), &[rule("self", &["self"], error)]), ["self"]);
}

#[test]
fn general_rule_asks_while_the_particular_one_waits() {
    let general = rule("general", &[], error_after_a_question);
    let questions = |particular: Examine| {
        let rules = [general, rule("particular", &["general"], particular)];
        refused_scene().case(|case| {
            (examine(&rules, &replacing(&rules), case).into_iter().flatten().count(), case.open_questions())
        })
    };
    assert_eq!(questions(error), (1, vec![]));
    assert_eq!(questions(warning), (2, vec![Query::Tags]));
    assert_eq!(questions(nothing), (1, vec![Query::Tags]));

    // In the last round, the question is answered.
    let rules = [general, rule("particular", &["general"], error_by_the_tags)];
    assert_eq!(speaking(&refused_scene(), &rules), ["general"]);
    let tags = answer(200, "application/json", r#"{"tags":["2"]}"#);
    assert_eq!(speaking(&refused_scene().told(Query::Tags, &[tags]), &rules), ["particular"]);
}

/// The new place of bitnami/redis is known only after a request there: until then, the rule about tags speaks.
#[test]
fn tag_rule_is_silent_once_the_place_explains_the_error() {
    let gone = || scene("bitnami/redis:7.2.4").diagnosed().others(&refused(404, UNKNOWN)).tags(&["latest"]);
    let elsewhere = Query::Elsewhere(Reference::parse("docker.io/bitnamilegacy/redis:7.2.4").unwrap());
    let rules = |scene: &Scene| scene.verdict().0;
    assert!(rules(&gone()).contains(&"tag-not-found"), "{:?}", rules(&gone()));
    let found = gone().told(elsewhere.clone(), &[served(media_type::DOCKER_V2, DOCKER_IMAGE)]);
    assert_eq!(rules(&found), ["bitnami-moved"]);
    let neither = gone().told(elsewhere, &[refused(404, UNKNOWN)]);
    assert_eq!(rules(&neither), ["tag-not-found"]);
}

#[test]
fn named_rules_exist_and_have_no_cycle() {
    let names: HashSet<_> = catalogue().iter().map(|rule| rule.name).collect();
    for rule in catalogue() {
        let general: HashSet<_> = rule.instead_of.iter().copied().collect();
        assert_eq!(general.len(), rule.instead_of.len(), "{} names a rule twice", rule.name);
        assert!(general.is_subset(&names), "{} names an unknown rule: {general:?}", rule.name);
        assert_eq!(reached_from(rule).iter().find(|name| **name == rule.name), None, "a cycle");
    }
}

/// All rules that a rule replaces, directly or indirectly.
fn reached_from(rule: &Rule) -> HashSet<&'static str> {
    let mut reached = HashSet::new();
    let mut next: Vec<_> = rule.instead_of.to_vec();
    while let Some(name) = next.pop() {
        if reached.insert(name) {
            next.extend(catalogue().iter().filter(|other| other.name == name).flat_map(|other| other.instead_of));
        }
    }
    reached
}

/// Checks the declarations on the test cases: if both rules have a finding, one of them is dropped.
#[test]
fn no_rule_hides_a_more_severe_finding() {
    let scenes = [
        refused_scene(),
        scene("bitnami/redis:7.2.4").diagnosed().others(&refused(404, UNKNOWN)),
        scene("r.example.com/team/app:1").others(&refused(403, "<html><title>403 Forbidden</title></html>")),
        scene("r.example.com/team/app:1").others(&refused(500, "{}")),
        scene("r.example.com/team/app:1").others(&served(media_type::OCI_INDEX, r#"{"manifests":[]}"#)),
    ];
    for scene in &scenes {
        let alone = |rule: &Rule| scene.case(rule.examine);
        let found = scene.case(|case| examine(catalogue(), &replacing(catalogue()), case));
        for (rule, found) in catalogue().iter().zip(found) {
            let Some(dropped) = alone(rule).filter(|_| found.is_none()) else { continue };
            let instead = catalogue().iter().filter(|other| other.instead_of.contains(&rule.name)).filter_map(alone);
            let severity = instead.map(|finding| finding.severity).min();
            assert!(severity < Some(Severity::Info) && severity <= Some(dropped.severity), "{}", rule.name);
        }
    }
}
