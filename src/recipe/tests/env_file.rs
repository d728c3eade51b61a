//! Env files, as Docker reads them.

use super::*;

#[test]
fn variables_are_lines_and_nothing_is_quoted() {
    let file = recipe(Recipe::EnvFile, &json!({ "Env": ["PATH=/bin", "A='b' \"c\" $d", "EMPTY=", "a.b= x "] }));
    let (_, variables) = file.split_once('\n').unwrap();
    assert_eq!(variables, "PATH=/bin\nA='b' \"c\" $d\nEMPTY=\na.b= x \n");
}

#[test]
fn variable_that_a_line_cannot_hold_is_a_comment_that_says_why() {
    for (entry, why) in [
        ("A=1\n2", "# The variable A is left out: an env file cannot hold a line break."),
        ("A=1\r", "# The variable A is left out: a carriage return at the end of a line is lost."),
        ("A B=1", "# The variable “A B” is left out: its name has a space."),
        ("#A=1", "# The variable “#A” is left out: a line that begins with # is a comment."),
        ("=1", "# The variable is left out: it has no name."),
        ("A=\0", "# The variable A is left out: it has a NUL character."),
        ("HOME", "# The variable HOME is left out: it has no value."),
        ("A\nB=1", "# The variable “A\\nB” is left out: its name has a space."),
    ] {
        let file = recipe(Recipe::EnvFile, &json!({ "Env": [entry] }));
        assert_eq!(file.lines().nth(1), Some(why));
        assert_eq!(file.lines().count(), 2, "{file}");
    }
    let long = recipe(Recipe::EnvFile, &json!({ "Env": [format!("A={}", "b".repeat(65_534))] }));
    assert!(long.ends_with("is left out: a line of an env file has at most 65535 bytes.\n"));
}

proptest! {
    #[test]
    fn variables_are_read_back_or_named_in_a_comment(names in proptest::collection::vec(text(), 1..6), value in text()) {
        let env: Vec<_> = names.iter().map(|name| format!("{name}={value}")).collect();
        let file = recipe(Recipe::EnvFile, &json!({ "Env": env }));
        let read = readers::env_file(&file);
        let comments = file.lines().skip(1).filter(|line| line.starts_with("# The variable")).count();
        prop_assert_eq!(read.len() + comments, env.len(), "{}", file);
        for (name, value) in read {
            prop_assert!(env.contains(&format!("{name}={value}")), "{}={} is not in {:?}", name, value, env);
        }
    }
}
