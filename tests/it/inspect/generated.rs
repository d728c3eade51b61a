//! `completions` and `man`: what is generated of the command line.

use crate::support::ociscope::{Run, ociscope};

const COMMANDS: [&str; 14] = [
    "probe",
    "diagnose",
    "compare",
    "manifest",
    "config",
    "layers",
    "platforms",
    "blob",
    "explain",
    "tags",
    "referrers",
    "get",
    "head",
    "tls",
];

#[test]
fn completions_are_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = ociscope(&["completions", shell]).run();
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.contains("OCISCOPE_COMPLETE") && run.stdout.contains("ociscope"), "{shell}: {run:?}");
    }
    let run = ociscope(&["completions", "cmd"]).run();
    assert!(run.status == 2 && run.stderr.contains("bash"), "{run:?}");
}

/// The candidates at the end of a command line, as bash asks for them.
fn candidates(line: &[&str]) -> Run {
    let index = line.len() - 1;
    ociscope(&[&["--"], line].concat())
        .env("OCISCOPE_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", index.to_string())
        .env("_CLAP_IFS", "\n")
        .home_file(".docker/config.json", r#"{"auths": {"registry.example.com:5000": {"auth": "Q0FOQVJZ"}}}"#)
        .home_file("our-images.txt", "")
        .run()
}

#[test]
fn names_are_completed_by_what_they_are() {
    for (line, expected) in [
        (&["ociscope", "diagn"][..], "diagnose"),
        (&["ociscope", "explain", "tag-not-f"], "tag-not-found"),
        (&["ociscope", "explain", "MANIFEST_UNK"], "MANIFEST_UNKNOWN"),
        (&["ociscope", "explain", "our-im"], "our-images.txt"),
        (&["ociscope", "lab", "show", "gcr-deep"], "gcr-deepvariant"),
        (&["ociscope", "probe", "--lab=gcr-deep"], "--lab=gcr-deepvariant"),
        (&["ociscope", "probe", "--accept", "oci-in"], "oci-index"),
        (&["ociscope", "manifest", "--platform", "linux/arm6"], "linux/arm64"),
        (&["ociscope", "probe", "registry.ex"], "registry.example.com:5000/"),
        (&["ociscope", "tls", "registry.ex"], "registry.example.com:5000"),
        (&["ociscope", "probe", "--trust-realm", "regi"], "registry.example.com:5000"),
        (&["ociscope", "diagnose", "-f", "our-im"], "our-images.txt"),
        (&["ociscope", "probe", "--cacert", "our-im"], "our-images.txt"),
        (&["ociscope", "schema", "repo"], "report"),
        (&["ociscope", "manifest", "--ra"], "--raw"),
    ] {
        let run = candidates(line);
        let words: Vec<_> = run.stdout.lines().map(str::trim).collect();
        assert_eq!((run.status, words), (0, vec![expected]), "{line:?}");
    }
}

#[test]
fn options_of_a_run_are_completed_where_they_apply() {
    for command in ["probe", "diagnose", "tags", "tls"] {
        assert_eq!(candidates(&["ociscope", command, "--insec"]).stdout.trim(), "--insecure", "{command}");
    }
    for command in ["rules", "explain", "schema", "completions"] {
        let offered = candidates(&["ociscope", command, "--"]).stdout;
        assert!(offered.contains("--json") && !offered.contains("--insecure"), "{command}: {offered}");
    }
}

/// Nothing that a file names reaches the terminal or the command line unless it is a host.
#[test]
fn names_that_are_not_hosts_are_not_completed() {
    let config = r#"{"auths": {"$(id)": {"auth": "Q0FOQVJZ"}, "a b\u001b[2J": {}, "good.example": {}, "": {}}}"#;
    let run = ociscope(&["--", "ociscope", "tls", ""])
        .env("OCISCOPE_COMPLETE", "zsh")
        .env("_CLAP_COMPLETE_INDEX", "2")
        .home_file(".docker/config.json", config)
        .run();
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("good.example"), "{run:?}");
    for word in ["$(id)", "\u{1b}", "Q0FOQVJZ"] {
        assert!(!run.stdout.contains(word), "{run:?}");
    }
}

/// The shell itself reads what it is given.
#[test]
fn bash_completes_a_command_and_a_rule() {
    for (words, expected) in [("ociscope ref", "referrers"), ("ociscope explain tag-not-f", "tag-not-found")] {
        let count = words.split(' ').count() - 1;
        let last = words.rsplit(' ').next().expect("a word");
        let script = format!(
            "source <(ociscope completions bash); COMP_WORDS=({words}); COMP_CWORD={count}; COMP_TYPE=9; \
             _clap_complete_ociscope ociscope {last} x; echo \"${{COMPREPLY[@]}}\""
        );
        let line = format!("bash --norc -c '{script}'");
        let run = crate::support::ociscope::in_a_shell(&line).run();
        assert_eq!(run.stdout.trim(), expected, "{run:?}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    for command in COMMANDS {
        let run = ociscope(&["man", command]).run();
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{command}");
        let page = run.stdout.replace("\\-", "-");
        assert!(page.contains(&format!(".TH ociscope-{command} 1")), "{page}");
        for heading in ["NAME", "SYNOPSIS", "DESCRIPTION", "EXAMPLES", "OPTIONS"] {
            let count = page.lines().filter(|line| line.replace('"', "") == format!(".SH {heading}")).count();
            assert_eq!(count, 1, "{command} {heading}\n{page}");
        }
        assert!(page.contains(&format!("ociscope {command} ")), "{page}");
        // Where an option is described, its name is set in bold at the beginning of a line.
        let describes =
            |option: &str| page.lines().filter(|line| line.starts_with(&format!("\\fB{option}\\fR"))).count();
        assert_eq!(describes("--json"), 1, "{command}");
        assert_eq!(describes("--trust-realm"), usize::from(command != "explain"), "{command}");
    }
    let page = ociscope(&["man"]).run().stdout.replace("\\-", "-");
    assert!(page.contains(".TH ociscope 1") && page.contains(".SH \"EXIT STATUS\""), "{page}");
    assert!(COMMANDS.iter().all(|command| page.contains(&format!("ociscope-{command}(1)"))), "{page}");
    assert!(ociscope(&["man", "lab", "serve"]).run().stdout.replace("\\-", "-").contains(".TH ociscope-lab-serve 1"));
    let run = ociscope(&["man", "nothing\u{1b}[2J"]).run();
    assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    assert!(run.stderr.contains("no manual page for") && !run.stderr.contains('\u{1b}'), "{run:?}");
}

#[test]
fn all_manual_pages_are_installed_at_once() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let out = folder.path().join("share/man1");
    let run = ociscope(&["man", "--out"]).argument(&out).run();
    assert_eq!(run.status, 0, "{run:?}");
    let files: Vec<_> = std::fs::read_dir(&out).expect("pages").map(|entry| entry.expect("one").file_name()).collect();
    assert!(run.stdout.starts_with(&format!("{} manual pages written to ", files.len())), "{run:?}");
    for name in ["ociscope.1", "ociscope-diagnose.1", "ociscope-lab.1", "ociscope-lab-serve.1", "ociscope-shell.1"] {
        assert!(files.iter().any(|file| file == name), "{name} is not among {files:?}");
    }
    assert!(files.len() > 20, "{files:?}");
}

#[test]
fn help_is_colored_where_it_is_wanted() {
    for arguments in [&["--help"][..], &["-h"], &["probe", "-h"], &["lab", "serve", "--help"], &["help", "tags"]] {
        let with = |color: &[&str]| ociscope(&[color, arguments].concat()).run();
        let (plain, never, always) = (with(&[]), with(&["--color", "never"]), with(&["--color=always"]));
        assert_eq!((plain.status, &plain.stdout), (0, &never.stdout), "{arguments:?}");
        assert!(!plain.stdout.contains('\u{1b}') && always.stdout.contains("\u{1b}["), "{arguments:?}: {always:?}");
        let mut text = always.stdout.clone();
        while let Some((at, end)) = text.find('\u{1b}').and_then(|at| Some((at, at + text[at..].find('m')?))) {
            text.replace_range(at..=end, "");
        }
        assert_eq!(text, plain.stdout, "{arguments:?}");
    }
}
