//! Lines as people type and paste them.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn words(text: &str) -> Vec<String> {
    let line = Line::read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    line.texts().map(str::to_owned).collect()
}

#[track_caller]
fn redirected(text: &str) -> (Vec<String>, String, Existing) {
    let line = Line::read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let redirection = line.redirection.clone().unwrap_or_else(|| panic!("{text} goes to no file"));
    let path = Scan::of(text).line.redirection.map(|found| text[found.file].to_owned());
    assert!(path.is_some_and(|path| path.contains(redirection.path.split(' ').next().unwrap())), "{text}");
    (line.texts().map(str::to_owned).collect(), redirection.path, redirection.existing)
}

#[test]
fn words_end_at_spaces_and_quotes_keep_them_together() {
    for (text, expected) in [
        ("", &[][..]),
        ("  \t ", &[]),
        ("probe alpine", &["probe", "alpine"]),
        ("  probe \u{a0} alpine  ", &["probe", "alpine"]),
        ("set header 'X: a b'", &["set", "header", "X: a b"]),
        (r#"set header "X: a 'b' \"c\" \d \\""#, &["set", "header", r#"X: a 'b' "c" \d \"#]),
        (r"a\ b \'c \", &["a b", "'c", r"\"]),
        ("a'b'\"c\"d", &["abcd"]),
        ("'' \"\"", &["", ""]),
        ("'a\\'", &["a\\"]),
        ("\"two\nlines\" \"joined\\\nline\"", &["two\nlines", "joinedline"]),
        ("$HOME ~ * `x` {a,b} !!", &["$HOME", "~", "*", "`x`", "{a,b}", "!!"]),
    ] {
        assert_eq!(words(text), expected, "{text}");
    }
}

#[test]
fn a_comment_begins_at_the_beginning_of_a_word() {
    for (text, expected) in [
        ("# only words", &[][..]),
        ("probe alpine # why", &["probe", "alpine"]),
        ("probe alpine#why", &["probe", "alpine#why"]),
        ("probe '#why'", &["probe", "#why"]),
        ("probe # it's fine", &["probe"]),
    ] {
        assert_eq!(words(text), expected, "{text}");
    }
}

#[test]
fn brackets_keep_a_query_together() {
    for (text, expected) in [
        ("query $.layers[?@.size > 1000].digest", &["query", "$.layers[?@.size > 1000].digest"][..]),
        ("query $[?(@.a < 2 && @.b == 'x y')] 7", &["query", "$[?(@.a < 2 && @.b == 'x y')]", "7"]),
        ("query $['it\\'s ] here'] x", &["query", "$['it\\'s ] here']", "x"]),
        ("query $.a[?@.b | # c]", &["query", "$.a[?@.b | # c]"]),
        ("probe [::1]:5000/a", &["probe", "[::1]:5000/a"]),
        ("probe [::1 a", &["probe", "[::1", "a"]),
        ("a ( b [ c ) d ] e", &["a", "( b [ c )", "d", "]", "e"]),
        ("a (don't) b", &["a", "(don't)", "b"]),
        (r"a \[ b ]", &["a", "[", "b", "]"]),
        ("'[' a ]", &["[", "a", "]"]),
    ] {
        assert_eq!(words(text), expected, "{text}");
    }
}

#[test]
fn the_result_goes_to_a_file() {
    let probe = ["probe", "alpine"].map(str::to_owned).to_vec();
    for (text, path, existing) in [
        ("probe alpine > report.md", "report.md", Existing::Keep),
        ("probe alpine >> report.md", "report.md", Existing::Append),
        ("probe alpine >! report.md", "report.md", Existing::Replace),
        ("probe alpine >!report.md", "report.md", Existing::Replace),
        ("probe alpine > !report.md", "!report.md", Existing::Keep),
        ("probe alpine >report.md", "report.md", Existing::Keep),
        ("probe alpine>report.md", "report.md", Existing::Keep),
        ("probe alpine > 'my report.md' # for them", "my report.md", Existing::Keep),
    ] {
        assert_eq!(redirected(text), (probe.clone(), path.to_owned(), existing), "{text}");
    }
    let line = Line::read("tags > \"a b\" ").unwrap();
    assert_eq!(line.redirection.unwrap().span, 5..12);
    assert_eq!(words("query '$.a > 2'"), ["query", "$.a > 2"], "a quoted one is a character");
}

#[test]
fn what_other_shells_would_do_is_refused_with_what_to_do_instead() {
    for (text, at, says) in [
        (
            "tags alpine | grep 3",
            12,
            "this shell has no pipes; write > FILE, or run `ociscope COMMAND | …` in your own",
        ),
        ("tags |head", 5, "this shell has no pipes"),
        ("tags alpine >", 12, "there is no file after >"),
        ("tags alpine > ''", 12, "there is no file after >"),
        ("tags alpine 2>&1", 13, "there is no file after >"),
        ("tags > a b", 9, "> FILE must be at the end"),
        ("tags > a > b", 9, "> FILE must be at the end"),
        ("explain < log.txt", 8, ""),
        ("probe < list", 6, "does not read files with <"),
        ("probe a && config", 8, "one command per line; put the part after && on its own line"),
        ("probe a ; config", 8, "put the part after ; on its own line"),
        ("probe a; config", 7, "put the part after ; on its own line"),
        ("tags;config", 4, "put the part after ; on its own line"),
        ("tags > a.md; config", 11, "put the part after ; on its own line"),
        ("tags ;; config", 5, "put the part after ; on its own line"),
        ("tags >; config", 5, "there is no file after >"),
        ("set header 'X: a", 11, "the quote ' at character 12 is never closed"),
        ("é it's", 5, "the quote ' at character 5 is never closed"),
        ("set header \"X: a\\\"", 11, "the quote \" at character 12 is never closed"),
    ] {
        if says.is_empty() {
            assert_eq!(words(text), ["explain", "< log.txt"]);
            continue;
        }
        let error = Line::read(text).unwrap_err();
        assert_eq!(error.at(), at, "{text}");
        assert!(error.to_string().contains(says), "{text}: {error}");
    }
}

#[test]
fn text_after_explain_is_one_word() {
    for text in [
        "manifest for acme/api:latest not found: manifest unknown",
        "Error: can't pull | it's \"gone\" [x] > nowhere < (y && z; # 5",
        "#5 ERROR: failed to copy: httpReadSeeker",
        "denied > out.log",
        "two\nlines of it's",
    ] {
        assert_eq!(words(&format!("explain {text}")), ["explain", text]);
        assert_eq!(words(&format!("  explain   {text}  ")), ["explain", text]);
    }
    assert_eq!(words("explain"), ["explain"]);
    assert_eq!(words("explain 'quoted text' more"), ["explain", "quoted text", "more"]);
    assert!(Line::read("explain 'it").is_err());
    assert_eq!(words("explained it is"), ["explained", "it", "is"]);
}

#[test]
fn explain_still_has_options_and_a_file_for_its_result() {
    for (text, expected) in [
        ("explain --json it's 404", &["explain", "--json", "it's 404"][..]),
        ("explain --format json it's 404", &["explain", "--format", "json", "it's 404"]),
        ("explain --timeout 5 manifest unknown", &["explain", "--timeout", "5", "manifest unknown"]),
        ("explain --timeout=5 manifest unknown", &["explain", "--timeout=5", "manifest unknown"]),
        ("explain --platform arm64 --json it's 404", &["explain", "--platform", "arm64", "--json", "it's 404"]),
        ("explain --cacert ca.pem --insecure 404", &["explain", "--cacert", "ca.pem", "--insecure", "404"]),
        ("explain unknown flag: --timeout 5", &["explain", "unknown flag: --timeout 5"]),
        ("explain tag-not-found --json", &["explain", "tag-not-found", "--json"]),
        ("explain tag-not-found --format json", &["explain", "tag-not-found", "--format", "json"]),
        ("explain unknown flag: --jason", &["explain", "unknown flag: --jason"]),
        ("explain --json", &["explain", "--json"]),
        ("explain -", &["explain", "-"]),
    ] {
        assert_eq!(words(text), expected, "{text}");
    }
    let text = ["explain", "it's > 5"].map(str::to_owned).to_vec();
    assert_eq!(redirected("explain it's > 5 > why.md"), (text.clone(), "why.md".to_owned(), Existing::Keep));
    assert_eq!(redirected("explain it's > 5 >! why.md"), (text.clone(), "why.md".to_owned(), Existing::Replace));
    assert_eq!(redirected("explain it's > 5 >> 'why not.txt' "), (text, "why not.txt".to_owned(), Existing::Append));
}

#[test]
fn word_has_its_position_and_whether_it_was_quoted() {
    let line = Line::read("  set 'a b'c x").unwrap();
    let spans: Vec<_> = line.words.iter().map(|word| (word.span.clone(), word.quoted)).collect();
    assert_eq!(spans, [(2..5, false), (6..12, true), (13..14, false)]);
}

#[test]
fn semicolon_at_the_end_of_a_line_changes_nothing() {
    for (text, expected) in [
        ("tags;", &["tags"][..]),
        ("probe alpine ; ", &["probe", "alpine"]),
        ("tags; # why", &["tags"]),
        (r"tags \; '; ' x", &["tags", ";", "; ", "x"]),
        ("query $[?@.a == ';'] x", &["query", "$[?@.a == ';']", "x"]),
    ] {
        assert_eq!(words(text), expected, "{text}");
    }
    assert_eq!(redirected("tags > a.md;").1, "a.md");
}

#[test]
fn half_a_line_is_read_as_far_as_it_goes() {
    let scan = Scan::of("set header 'X: a");
    assert_eq!(scan.open, Some('\''));
    assert_eq!(scan.line.texts().collect::<Vec<_>>(), ["set", "header", "X: a"]);
}

#[test]
fn hostile_paste_takes_linear_time() {
    for piece in ["[", "(", "[(", "'(", "\"[", "()", "((((]"] {
        let text = piece.repeat(200_000);
        let _ = Scan::of(&text);
    }
}

const KNOWN: [&str; 6] = ["probe", "config", "explain", "set", "manifest", "tags"];

#[test]
fn a_pasted_block_is_several_commands() {
    let block = "\n# look\nprobe alpine\r\n\n  config\n$ tags\n❯ config\n\
                 gcr.io/o/n:1 anon 404 ❯ ociscope probe alpine\nociscope manifest x\n$ ociscope tags\n\
                 gcr.io/o/n:1 anon 200 ❯\n";
    assert_eq!(
        commands(block, &KNOWN),
        ["probe alpine", "  config", "tags", "config", "probe alpine", "manifest x", "tags"]
    );
    assert_eq!(commands("explain a ❯ b", &KNOWN), ["explain a ❯ b"], "a prompt does not begin with a command");
    assert!(commands("", &KNOWN).is_empty());
}

#[test]
fn quotes_and_backslashes_keep_lines_together() {
    for (block, expected) in [
        ("set header 'X: a\nb'\ntags", &["set header 'X: a\nb'", "tags"][..]),
        ("set header 'X: a\n\n# b' 'c\nd'\ntags", &["set header 'X: a\n\n# b' 'c\nd'", "tags"]),
        ("set header 'X: a\ntags\nconfig", &["set header 'X: a", "tags", "config"]),
        ("probe \\\n  alpine \\\r\n  --json\ntags", &["probe   alpine   --json", "tags"]),
        ("tags \\\\\nconfig", &["tags \\\\", "config"]),
        ("tags \\", &["tags"]),
        ("set header \\\n'X: a\nb'\ntags", &["set header 'X: a\nb'", "tags"]),
    ] {
        assert_eq!(commands(block, &KNOWN), expected, "{block}");
    }
}

#[test]
fn lines_after_explain_belong_to_its_text() {
    let block = "explain #5 [internal] load metadata\n#5 ERROR: it's\\\n\n------\nhead of it\ntags alpine\nconfig";
    assert_eq!(
        commands(block, &KNOWN),
        ["explain #5 [internal] load metadata\n#5 ERROR: it's\\\n------\nhead of it", "tags alpine", "config"]
    );
    let block = "❯ explain denied:\n  it's\ngcr.io/o/n:1 anon 404 ❯ alpine:3\n$ tags";
    assert_eq!(commands(block, &KNOWN), ["explain denied:\n  it's", "alpine:3", "tags"]);
    assert_eq!(commands("explain 'a\nb' c\nd", &KNOWN), ["explain 'a\nb' c", "d"], "quoted, it is a line like others");
}

/// What was copied from a log runs no command, whatever its lines are.
#[test]
fn block_whose_first_line_is_no_command_is_explained_as_a_whole() {
    for block in [
        "Error response from daemon: manifest unknown\ntags\nconfig",
        "------\n > [internal] load metadata for docker.io/library/x:1:\n------\nERROR: it's not found",
        "#8 [internal] load metadata\n#8 ERROR: denied\nexit",
        "docker pull acme/api:1\nprobe acme/api:1",
        "  Warning  Failed  12s  kubelet  Failed to pull image\nset header 'X: a'",
        "# podman pull fedora\nTrying to pull registry.test/fedora:latest...\nlogout r.test",
        "status:\n  phase: Pending",
    ] {
        let [command] = &commands(block, &KNOWN)[..] else { panic!("{block}") };
        assert_eq!(words(command), ["explain", block.trim()], "{command}");
    }
    // One line is one line, and a block that begins with a command or a reference is what it was.
    for (block, first) in [
        ("Error response from daemon: denied\n", "Error response from daemon: denied"),
        ("acme/api:1\ntags", "acme/api:1"),
        ("--json probe x\ntags", "--json probe x"),
        ("# note\n\ntags\nconfig", "tags"),
    ] {
        assert_eq!(commands(block, &KNOWN)[0], first);
    }
}

#[test]
fn what_was_split_reads_as_one_line() {
    let commands = commands("explain denied:\nit's gone\ntags", &KNOWN);
    assert_eq!(words(&commands[0]), ["explain", "denied:\nit's gone"]);
}

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("explain ".to_owned()),
        Just("❯ ".to_owned()),
        Just("\\\n".to_owned()),
        "[ '\"\\\\\\[\\]()<>|#&;\n\té$a-c]",
        ".",
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn whatever_is_typed_the_spans_are_in_order_and_on_characters(text in pieces()) {
        let scan = Scan::of(&text);
        prop_assert_eq!(scan.error.is_none(), Line::read(&text).is_ok());
        let redirection = scan.line.redirection.iter().map(|redirection| redirection.span.clone());
        let mut spans: Vec<_> = scan.line.words.iter().map(|word| word.span.clone()).chain(redirection).collect();
        if scan.error.is_some() {
            spans.sort_by_key(|span| span.start);
        }
        let mut end = 0;
        for span in spans {
            prop_assert!(end <= span.start && span.start < span.end && span.end <= text.len(), "{:?} in {:?}", span, text);
            prop_assert!(text.get(span.clone()).is_some());
            end = span.end;
        }
        if let Some(error) = scan.error {
            prop_assert!(text.get(error.at()..).is_some());
        }
    }

    #[test]
    fn a_block_loses_no_command_and_makes_none_up(block in pieces()) {
        for command in commands(&block, &KNOWN) {
            prop_assert!(!command.trim().is_empty());
        }
    }

    #[test]
    fn words_without_special_characters_come_back_as_they_are(
        words in proptest::collection::vec("[a-z0-9$*~./:@=,{}!%+-]{1,9}", 0..6)
    ) {
        prop_assume!(words.first().is_none_or(|word| word != "explain"));
        let line = Line::read(&words.join(" ")).unwrap();
        prop_assert_eq!(line.texts().collect::<Vec<_>>(), words);
        prop_assert!(line.words.iter().all(|word| !word.quoted));
    }

    #[test]
    fn any_word_comes_back_out_of_single_quotes(word in "[^']{0,12}") {
        let line = Line::read(&format!("tags '{word}'")).unwrap();
        prop_assert_eq!(line.texts().collect::<Vec<_>>(), ["tags", &word]);
    }
}
