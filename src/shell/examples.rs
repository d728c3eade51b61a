//! Examples of every command, as `help COMMAND` shows them. A test runs each of them in the lab, after a probe of
//! gcr.io/deepvariant-docker/deepvariant:0.5.0, so none of them can be wrong for long.

/// What can be typed, and what for.
type Example = (&'static str, &'static str);

/// Every command with its examples.
const EXAMPLES: &[(&str, &[Example])] = &[
    (
        "probe",
        &[
            ("probe", "the image that the prompt names"),
            ("probe gcr.io/deepvariant-docker/deepvariant:0.5.0", "another one, and go there"),
            ("gcr.io/deepvariant-docker/deepvariant:0.5.0", "the same"),
            ("probe --accept docker-v1", "judged for a client that accepts this"),
            ("probe > report.md", "into a file, to paste into an issue"),
        ],
    ),
    (
        "diagnose",
        &[
            ("diagnose", "the image that the prompt names"),
            ("diagnose :0.6.0", "another tag of it"),
            ("diagnose > report.json", "for a program"),
        ],
    ),
    (
        "manifest",
        &[
            ("manifest", "that of the image that the prompt names"),
            ("manifest --accept docker-v1", "as an old client asks for it"),
            ("manifest --raw > manifest.json", "the bytes as they were received"),
        ],
    ),
    (
        "config",
        &[
            ("config", "how the image is run"),
            ("config --platform linux/amd64", "the image for a platform"),
            ("config --raw > config.json", "the bytes as they were received"),
        ],
    ),
    ("layers", &[("layers", "with the step that made each, where that is known")]),
    ("platforms", &[("platforms", "what the image can be run on"), ("platforms :0.5.0", "another tag")]),
    (
        "blob",
        &[
            ("blob sha256:4a7b3c1e31bd", "a beginning will do where it was seen"),
            ("blob sha256:4a7b3c1e31bd --raw > blob", "what is stored"),
        ],
    ),
    (
        "explain",
        &[
            ("explain", "the last answer"),
            ("explain MANIFEST_UNKNOWN", "an error code"),
            ("explain config-only-as-blob", "a rule"),
            (
                "explain manifest for acme/api:latest not found: manifest unknown",
                "what a client printed; no quotes needed",
            ),
        ],
    ),
    ("rules", &[("rules", "all of them"), ("rules digest", "those with a word")]),
    ("tags", &[("tags", "of the repository that the prompt names"), ("tags --raw", "the pages as they came")]),
    ("referrers", &[("referrers", "signatures and the like, attached to the image")]),
    (
        "auth",
        &[
            ("auth", "of the image that the prompt names"),
            ("auth ghcr.io/example/greeting:1.0", "a registry that gives tokens to everybody"),
        ],
    ),
    (
        "tls",
        &[
            ("tls", "of the registry that the prompt names"),
            ("tls gcr.io --raw > chain.pem", "the certificates themselves"),
        ],
    ),
    (
        "get",
        &[
            ("get manifests/0.5.0 --accept docker-v1", "of the repository that the prompt names"),
            ("get tags/list?n=5", "with a query"),
            ("get /v2/", "of the registry"),
            ("get manifests/0.5.0 --header 'X-Trace: 1'", "with a header of one's own"),
        ],
    ),
    ("head", &[("head manifests/0.5.0", "status and headers alone")]),
    ("lab", &[("lab", "what there is to practise on"), ("lab show gcr-deepvariant", "the story of a scenario")]),
    ("completions", &[("completions bash > ociscope.bash", "for a shell of the system")]),
    ("man", &[("man > ociscope.1", "the manual page")]),
    ("schema", &[("schema", "which there are"), ("schema report > report.schema.json", "that of probe and diagnose")]),
    (
        "use",
        &[
            ("use gcr.io/deepvariant-docker/deepvariant:0.5.0", "go to an image, which is not asked for yet"),
            ("use :0.6.0", "another tag of the same repository"),
            ("use linux/arm64", "the platform for all that follows"),
            ("use", "where one is"),
        ],
    ),
    ("show", &[("show", "the last exchange"), ("show 1", "the first")]),
    ("headers", &[("headers 1 2", "those of two exchanges side by side")]),
    (
        "query",
        &[
            ("query $.layers[*].size", "of the last body"),
            ("query layers[0].digest", "the $ goes without saying"),
            ("query $.layers[?@.size > 1000].digest", "with a condition"),
            ("query 1 $..message", "of the body of an exchange"),
        ],
    ),
    ("curl", &[("curl", "the last exchange"), ("curl 1", "the first")]),
    ("session", &[("session", "the last exchanges"), ("session 100", "more of them")]),
    (
        "set",
        &[
            ("set", "what is set"),
            ("set accept oci-index docker-v2", "ask as a client that accepts these"),
            ("set accept", "ask as a current client again"),
            ("set header 'X-Trace: 1'", "with every request"),
            ("set pager on", "for what is longer than the screen"),
        ],
    ),
    (
        "login",
        &[
            ("login", "to the registry of the current image; asks for the user name and the password"),
            ("login ghcr.io", "to another one"),
            ("login --username alice ghcr.io", "asks for the password alone"),
        ],
    ),
    ("logout", &[("logout", "of the registry of the current image"), ("logout ghcr.io", "of another one")]),
    ("help", &[("help", "everything on one screen"), ("help query", "more about one command")]),
    ("tutorial", &[("tutorial", "from the beginning; any command can be tried on the way")]),
    ("exit", &[("exit", "so does Ctrl-D")]),
];

/// The examples of a command.
pub(super) fn examples(command: &str) -> &'static [Example] {
    EXAMPLES.iter().find(|(name, _)| *name == command).map_or(&[], |(_, examples)| examples)
}
