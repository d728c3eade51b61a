//! Dockerfiles, as BuildKit reads them.

use super::*;

/// The arguments of all instructions of a name.
fn instructions(file: &str, name: &str) -> Vec<String> {
    readers::dockerfile(file).into_iter().filter(|(found, _)| found == name).map(|(_, rest)| rest).collect()
}

fn array(text: &str) -> Vec<String> {
    let array = crate::text::read_json(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
    array.as_array().unwrap().iter().map(|word| word.as_str().unwrap().to_owned()).collect()
}

#[test]
fn dockerfile_has_every_setting() {
    let file = recipe(
        Recipe::Dockerfile,
        &json!({
            "Env": ["PATH=/usr/bin", "GREETING=hello $USER"], "Labels": { "maintainer": "a team", "a b": "it's" },
            "ExposedPorts": { "80/tcp": {}, "53/udp": {}, "8000-8010": {} }, "Volumes": { "/data": {}, "/a $b": {} },
            "WorkingDir": "/srv/a b", "User": "www-data:www", "StopSignal": "SIGTERM",
            "Healthcheck": { "Test": ["CMD-SHELL", "curl -f http://localhost/ || exit 1"], "Interval": 30_000_000_000_u64,
                             "Timeout": 1_500_000_000, "StartInterval": 1_001, "Retries": 3 },
            "Shell": ["/bin/bash", "-c"], "Entrypoint": ["/entry.sh"], "Cmd": ["a", "\"b\"\n"], "OnBuild": ["RUN a"],
        }),
    );
    let expected = format!(
        r#"# The image has 1 ONBUILD instruction, which every build FROM it runs.
FROM registry.example/team/app@{}

ENV PATH=/usr/bin
ENV GREETING='hello $USER'
LABEL maintainer='a team'
LABEL 'a b'='it'"'"'s'
EXPOSE 80/tcp
EXPOSE 53/udp
EXPOSE 8000-8010
VOLUME ["/data"]
VOLUME ["'/a $b'"]
WORKDIR '/srv/a b'
USER www-data:www
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=1500ms --start-interval=1001ns --retries=3 CMD ["/bin/bash", "-c", "curl -f http://localhost/ || exit 1"]
SHELL ["/bin/bash", "-c"]
ENTRYPOINT ["/entry.sh"]
CMD ["a", "\"b\"\n"]
"#,
        digest()
    );
    let (first, rest) = file.split_once('\n').unwrap();
    assert_eq!(first, "# Written by ociscope from the image config of registry.example/team/app:1.0.");
    assert_eq!(rest, expected);
}

#[test]
fn setting_that_an_instruction_cannot_hold_is_a_comment() {
    for (config, comment) in [
        (json!({ "Env": ["A=1\nRUN x"] }), "# ENV A is left out: an instruction cannot hold a line break."),
        (json!({ "Env": ["A"] }), "# ENV A is left out: it has no value."),
        (json!({ "Env": ["=1"] }), "# ENV is left out: it has no name."),
        (json!({ "Labels": { "a=b": "" } }), "# LABEL “a=b” is left out: its name has an equals sign."),
        (json!({ "ExposedPorts": { "80 81": {} } }), "# EXPOSE “80 81” is left out: it is not a port."),
        (json!({ "ExposedPorts": { "99999/tcp": {} } }), "# EXPOSE 99999/tcp is left out: it is not a port."),
        (json!({ "StopSignal": "9\nRUN x" }), "# STOPSIGNAL “9\\nRUN x” is left out: it is not a signal."),
        (json!({ "User": "a\nRUN x" }), "# USER “a\\nRUN x” is left out: an instruction cannot hold a line break."),
        (json!({ "Volumes": { " ": {} } }), "# VOLUME “ ” is left out: it is not a path."),
        (
            json!({ "Healthcheck": { "Test": ["RUN"] } }),
            "# HEALTHCHECK RUN is left out: it is not a check that Docker knows.",
        ),
    ] {
        let file = recipe(Recipe::Dockerfile, &config);
        assert_eq!(file.lines().last(), Some(comment), "{file}");
        assert_eq!(readers::dockerfile(&file).len(), 1, "only FROM: {file}");
    }
    let long = recipe(Recipe::Dockerfile, &json!({ "Cmd": ["x".repeat(70_000)] }));
    assert!(long.ends_with("# CMD is left out: a line has at most 65535 bytes.\n"));
    let none = recipe(Recipe::Dockerfile, &json!({ "Healthcheck": { "Test": ["NONE"] } }));
    assert!(none.ends_with("HEALTHCHECK NONE\n"));
}

proptest! {
    #[test]
    fn values_are_read_back_or_named_in_a_comment(name in text(), value in text(), words in proptest::collection::vec(text(), 1..6)) {
        let test = [&["CMD".to_owned()][..], &words].concat();
        let file = recipe(
            Recipe::Dockerfile,
            &json!({
                "Env": [format!("{name}={value}")], "Labels": { name.clone(): value }, "WorkingDir": value, "User": value,
                "Volumes": { value.clone(): {} }, "Entrypoint": words, "Cmd": words, "Shell": words,
                "StopSignal": value, "ExposedPorts": { value.clone(): {} },
                "Healthcheck": { "Test": test },
            }),
        );
        let known = ["FROM", "ENV", "LABEL", "WORKDIR", "USER", "VOLUME", "ENTRYPOINT", "CMD", "SHELL", "STOPSIGNAL", "EXPOSE", "HEALTHCHECK"];
        let all = readers::dockerfile(&file);
        prop_assert!(all.iter().all(|(name, _)| known.contains(&name.as_str())), "{}", file);
        for (index, (name, _)) in all.iter().enumerate() {
            prop_assert!(all.iter().skip(index + 1).all(|(other, _)| other != name), "{} is there twice: {}", name, file);
        }
        for instruction in ["ENTRYPOINT", "CMD", "SHELL"] {
            prop_assert_eq!(array(&instructions(&file, instruction)[0]), words.clone());
        }
        let check = instructions(&file, "HEALTHCHECK");
        prop_assert_eq!(array(check[0].strip_prefix("CMD ").unwrap()), words);
        for instruction in ["WORKDIR", "USER"] {
            let found = instructions(&file, instruction);
            prop_assert!(found.iter().all(|found| readers::word(found) == value), "{}", file);
        }
        for volume in instructions(&file, "VOLUME") {
            prop_assert_eq!(readers::word(&array(&volume)[0]), value.clone());
        }
        for pair in instructions(&file, "ENV").into_iter().chain(instructions(&file, "LABEL")) {
            let words = readers::words(&pair);
            prop_assert_eq!(words.len(), 1, "{}", pair);
            let (found, with) = words[0].split_once('=').unwrap();
            let (found, with) = (readers::word(found), readers::word(with));
            prop_assert_eq!(format!("{found}={with}"), format!("{name}={value}"));
        }
        let has_line_break = value.contains(['\n', '\0']);
        prop_assert_eq!(instructions(&file, "USER").is_empty(), has_line_break || value.is_empty());
    }
}
