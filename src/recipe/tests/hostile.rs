//! Configs that mean harm.

use super::*;

const RECIPES: [Recipe; 4] = [Recipe::Apptainer, Recipe::Dockerfile, Recipe::EnvFile, Recipe::Run];

/// A config with a text in every place.
fn everywhere(text: &str) -> Value {
    json!({
        "os": text, "architecture": text,
        "config": {
            "Env": [text, format!("{text}={text}"), format!("A={text}")], "Labels": { text: text, "a": text },
            "WorkingDir": format!("/{text}"), "User": text, "StopSignal": text, "ExposedPorts": { text: {} },
            "Volumes": { text: {} }, "Entrypoint": [text, text], "Cmd": [text], "Shell": [text], "OnBuild": [text],
            "Healthcheck": { "Test": [text, text] },
        },
    })
}

#[track_caller]
fn assert_harmless(text: &str) {
    let reference = "registry.example/team/app:1.0";
    let definition = recipe_of(Recipe::Apptainer, reference, &everywhere(text));
    let stages = readers::definition(&definition);
    let [stage] = &stages[..] else { panic!("{} stages: {definition}", stages.len()) };
    let names: Vec<_> = stage.iter().map(|(name, _)| name.as_str()).collect();
    let expected = if text.contains('\0') {
        &["", "labels", "environment"][..]
    } else {
        &["", "labels", "environment", "runscript"]
    };
    assert_eq!(names, expected, "{definition}");
    let header: Vec<_> = stage[0].1.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert_eq!(header, ["Bootstrap: docker", &format!("From: registry.example/team/app@{}", digest())], "{definition}");
    // Apptainer replaces `{{ NAME }}`, wherever it is.
    assert!(!definition.contains("{{"), "{definition}");
    for (name, value) in readers::labels(&stage[1].1) {
        assert_eq!((name == text || name == "a", value.as_str()), (true, text), "{definition}");
    }
    let dockerfile = recipe_of(Recipe::Dockerfile, reference, &everywhere(text));
    let instructions: Vec<_> = readers::dockerfile(&dockerfile).into_iter().map(|(name, _)| name).collect();
    assert!(
        !instructions.iter().any(|name| ["RUN", "ONBUILD", "ADD", "COPY", "ARG"].contains(&name.as_str())),
        "{dockerfile}"
    );
    for comment in RECIPES.iter().flat_map(|recipe| comments(&recipe_of(*recipe, reference, &everywhere(text)))) {
        assert!(comment.chars().all(crate::text::is_safe) && !comment.contains("{{"), "{comment:?}");
    }
}

/// The lines that are comments. A value may have such lines too, but none in an env file or a Dockerfile.
fn comments(recipe: &str) -> Vec<String> {
    recipe
        .lines()
        .filter(|line| line.trim_start().starts_with("# ") && line.ends_with('.'))
        .map(str::to_owned)
        .collect()
}

#[test]
fn active_text_in_any_place_adds_no_section_stage_or_instruction() {
    ACTIVE.iter().for_each(|text| assert_harmless(text));
    assert_harmless("a\0b");
    assert_harmless("");
}

#[test]
fn label_that_a_line_cannot_hold_is_a_comment() {
    for (name, value, why) in [
        ("a b", "c", "the name of a label is one word"),
        ("%post", "c", "a line that begins like this is not a label"),
        ("#a", "c", "a line that begins like this is not a label"),
        ("a", "b\n%post", "a label is one line"),
        ("a", " b", "spaces at the ends of a label are lost"),
        ("a", "{{ b }}", "two opening braces are a template to Apptainer"),
        ("", "b", "a label has a name"),
    ] {
        let definition = recipe(Recipe::Apptainer, &json!({ "Labels": { name: value } }));
        assert!(definition.contains(&format!(" is left out: {why}.\n")), "{definition}");
        assert_eq!(readers::labels(&readers::definition(&definition)[0][1].1), [], "{definition}");
    }
}

/// The fields have every type that JSON has.
#[test]
fn field_of_any_type_is_named_and_left_out() {
    for odd in [
        json!(7),
        json!(true),
        json!("text"),
        json!([1]),
        json!({ "a": 1 }),
        json!([["a"]]),
        json!({ "a": { "b": [] } }),
    ] {
        let config = json!({ "config": {
            "Env": odd, "Labels": odd, "WorkingDir": odd, "User": odd, "StopSignal": odd, "ExposedPorts": odd,
            "Volumes": odd, "Entrypoint": odd, "Cmd": odd, "Shell": odd, "OnBuild": odd, "Healthcheck": odd,
        } });
        for recipe in RECIPES {
            let text = recipe_of(recipe, "registry.example/app", &config);
            assert!(text.contains("does not have the type that clients expect"), "{text}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_in_any_place_adds_no_section_stage_or_instruction(text in text()) {
        assert_harmless(&text);
    }
}
