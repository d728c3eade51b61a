//! Whole outputs as people paste them, made by hand after real ones: each image with its own cause, and nothing mixed up.

use super::explain_input;

/// The causes that an output comes to: image, first rule or who is at fault, lines, and the first client.
fn causes(output: &str) -> Vec<(String, String, u64, String)> {
    let run = explain_input(&["--json"], output);
    assert_eq!(run.status, 0, "{run:?}");
    let json = run.json();
    let causes = json["causes"].as_array().expect("a list").clone();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let one = |cause: &serde_json::Value| {
        let rule = cause["rules"].as_array().and_then(|rules| rules.first()).unwrap_or(&cause["fault"]);
        (text(&cause["reference"]), text(rule), cause["lines"].as_u64().unwrap_or(0), text(&cause["clients"][0]))
    };
    causes.iter().map(one).collect()
}

#[track_caller]
fn assert_causes(output: &str, expected: &[(&str, &str, u64, &str)]) {
    let found = causes(output);
    let found: Vec<_> =
        found.iter().map(|(image, rule, lines, client)| (&**image, &**rule, *lines, &**client)).collect();
    assert_eq!(found, expected);
}

#[test]
fn events_of_a_whole_cluster_are_a_row_for_each_image() {
    let output = r#"NAMESPACE     LAST SEEN   TYPE      REASON      OBJECT                     MESSAGE
shop          4m21s       Normal    Scheduled   pod/web-6c9f7b-x2x7k       Successfully assigned shop/web-6c9f7b-x2x7k to node-3
shop          2m40s       Normal    Pulling     pod/web-6c9f7b-x2x7k       Pulling image "ghcr.io/acme/web:1.2.3"
shop          2m39s       Warning   Failed      pod/web-6c9f7b-x2x7k       Failed to pull image "ghcr.io/acme/web:1.2.3": rpc error: code = NotFound desc = failed to pull and unpack image "ghcr.io/acme/web:1.2.3": failed to resolve reference "ghcr.io/acme/web:1.2.3": ghcr.io/acme/web:1.2.3: not found
shop          2m39s       Warning   Failed      pod/web-6c9f7b-x2x7k       Error: ErrImagePull
shop          14s         Normal    BackOff     pod/web-6c9f7b-x2x7k       Back-off pulling image "ghcr.io/acme/web:1.2.3"
shop          14s         Warning   Failed      pod/web-6c9f7b-x2x7k       Error: ImagePullBackOff
infra         90s         Warning   Failed      pod/agent-8z5rj            Failed to pull image "docker.io/vendor/agent:2": rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/vendor/agent:2": failed to copy: httpReadSeeker: failed open: unexpected status code https://registry-1.docker.io/v2/vendor/agent/manifests/sha256:7bba31d78d431ce702da963ad6d2a3685194d766954505f72fc7d1b2ad52390d: 429 Too Many Requests - Server message: toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit
edge          75s         Warning   Failed      pod/proxy-0                Failed to pull image "nginx:1.27": rpc error: code = Unknown desc = failed to pull and unpack image "docker.io/library/nginx:1.27": failed to resolve reference "docker.io/library/nginx:1.27": failed to do request: Head "https://mirror.internal/v2/library/nginx/manifests/1.27?ns=docker.io": tls: failed to verify certificate: x509: certificate signed by unknown authority
edge          60s         Normal    BackOff     pod/proxy-0                Back-off pulling image "nginx:1.27"
"#;
    assert_causes(
        output,
        &[
            ("ghcr.io/acme/web:1.2.3", "tag-not-found", 1, "kubelet, with containerd"),
            ("docker.io/vendor/agent:2", "hub-pull-limit", 1, "kubelet, with containerd"),
            ("docker.io/library/nginx:1.27", "unknown-ca", 1, "kubelet, with containerd"),
        ],
    );
    let run = explain_input(&[], output);
    assert!(run.stdout.starts_with("3 images, 3 causes in 10 lines\n"), "{run:?}");
    // A mirror is diagnosed as itself, so that no login of Docker Hub goes there.
    let next = "ociscope diagnose ghcr.io/acme/web:1.2.3 docker.io/vendor/agent:2";
    let words = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains(&format!("{next} mirror.internal/library/nginx:1.27")), "{words}");
}

#[test]
fn description_of_a_pod_keeps_its_containers_apart() {
    let output = r#"Name:             report-7d48b5667c-7tlz7
Namespace:        batch
Containers:
  app:
    Image:          registry.corp.test/batch/report:7
    State:          Waiting
      Reason:       ImagePullBackOff
  sidecar:
    Image:          quay.io/acme/shipper:3
    State:          Waiting
      Reason:       ErrImagePull
Events:
  Type     Reason     Age                From               Message
  ----     ------     ----               ----               -------
  Normal   Scheduled  2m24s              default-scheduler  Successfully assigned batch/report-7d48b5667c-7tlz7 to node-1
  Warning  FailedToRetrieveImagePullSecret  20s (x9 over 2m)  kubelet  Unable to retrieve some image pull secrets (corp-pull); attempting to pull the image may not succeed.
  Warning  Failed     50s (x4 over 2m24s)  kubelet            Failed to pull image "registry.corp.test/batch/report:7": rpc error: code = Unknown desc = failed to pull and unpack image "registry.corp.test/batch/report:7": failed to resolve reference "registry.corp.test/batch/report:7": pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials
  Warning  Failed     49s (x4 over 2m24s)  kubelet            Failed to pull image "quay.io/acme/shipper:3": rpc error: code = Unknown desc = failed to pull and unpack image "quay.io/acme/shipper:3": failed to copy: httpReadSeeker: failed open: failed to do request: Get "https://cdn03.quay.io/sha256/aa": dial tcp: lookup cdn03.quay.io on 10.96.0.10:53: no such host
  Warning  Failed     38s (x6 over 2m24s)  kubelet            Error: ImagePullBackOff
"#;
    assert_causes(
        output,
        &[
            ("registry.corp.test/batch/report:7", "login-required", 1, "kubelet, with containerd"),
            ("quay.io/acme/shipper:3", "blob-host-blocked", 1, "kubelet, with containerd"),
            // Two images are named, so whose secret it was is not known.
            ("", "pull-secret-not-found", 1, "kubelet"),
        ],
    );
    let run = explain_input(&[], output);
    assert!(run.stdout.contains("kubectl create secret docker-registry"), "{run:?}");
    assert!(!run.stdout.contains("Back-off"), "{run:?}");
}

#[test]
fn pod_as_yaml_and_as_json_says_the_same() {
    let yaml = r#"apiVersion: v1
kind: Pod
spec:
  containers:
  - image: registry.corp.test:5000/team/app:9
    name: app
status:
  containerStatuses:
  - image: registry.corp.test:5000/team/app:9
    imageID: ""
    name: app
    ready: false
    state:
      waiting:
        message: 'failed to pull and unpack image "registry.corp.test:5000/team/app:9":
          failed to resolve reference "registry.corp.test:5000/team/app:9": failed
          to do request: Head "https://registry.corp.test:5000/v2/team/app/manifests/9":
          http: server gave HTTP response to HTTPS client'
        reason: ErrImagePull
  phase: Pending
"#;
    let json = r#"{
    "kind": "Pod",
    "status": {
        "containerStatuses": [
            {
                "image": "registry.corp.test:5000/team/app:9",
                "name": "app",
                "state": {
                    "waiting": {
                        "message": "failed to pull and unpack image \"registry.corp.test:5000/team/app:9\": failed to resolve reference \"registry.corp.test:5000/team/app:9\": failed to do request: Head \"https://registry.corp.test:5000/v2/team/app/manifests/9\": http: server gave HTTP response to HTTPS client",
                        "reason": "ErrImagePull"
                    }
                }
            }
        ]
    }
}
"#;
    for output in [yaml, json] {
        let [(image, rule, ..)] = &causes(output)[..] else { panic!("{:?}", causes(output)) };
        assert_eq!(
            (image.as_str(), rule.as_str()),
            ("registry.corp.test:5000/team/app:9", "http-registry-asked-as-https")
        );
    }
}

#[test]
fn journal_of_containerd_is_read_line_by_line() {
    let output = r#"Mar 03 10:01:12 node-7 containerd[911]: time="2026-03-03T10:01:12.101Z" level=info msg="PullImage \"registry.k8s.io/pause:3.9\""
Mar 03 10:01:13 node-7 containerd[911]: time="2026-03-03T10:01:13.020Z" level=info msg="PullImage \"ghcr.io/acme/job:5\" returns image reference \"sha256:aa\""
Mar 03 10:01:14 node-7 containerd[911]: time="2026-03-03T10:01:14.330Z" level=error msg="PullImage \"public.ecr.aws/acme/etl:1\" failed" error="failed to pull and unpack image \"public.ecr.aws/acme/etl:1\": failed to resolve reference \"public.ecr.aws/acme/etl:1\": unexpected status from HEAD request to https://public.ecr.aws/v2/acme/etl/manifests/1: 403 Forbidden"
Mar 03 10:01:15 node-7 containerd[911]: time="2026-03-03T10:01:15.330Z" level=info msg="trying next host" error="failed to do request: Head \"https://10.0.0.9:5000/v2/acme/api/manifests/2?ns=docker.io\": dial tcp 10.0.0.9:5000: connect: no route to host" host="10.0.0.9:5000"
"#;
    assert_causes(
        output,
        &[
            ("public.ecr.aws/acme/etl:1", "stale-credential-breaks-public-pull", 1, "containerd"),
            ("docker.io/acme/api:2", "tcp-timeout-or-refused", 1, "containerd"),
        ],
    );
    let json = explain_input(&["--json"], output).json();
    assert_eq!(json["causes"][1]["mirror"], "10.0.0.9:5000");
}

#[test]
fn compose_names_the_image_of_its_last_error() {
    let output = "$ docker compose up -d\n[+] Running 3/3\n ✘ cache Error   context canceled                                  0.9s \n \
                  ✘ web Error     Head \"https://ghcr.io/v2/acme/web/manifests/main\": unauthorized     0.9s \n ✔ db Pulled     \
                                           0.5s \nError response from daemon: Head \"https://ghcr.io/v2/acme/web/manifests/main\": unauthorized\n";
    let found = causes(output);
    assert_eq!((found[0].0.as_str(), found[0].1.as_str(), found[0].2), ("ghcr.io/acme/web:main", "login-required", 2));
    // The first Compose names the image in front of the error.
    let first = "Pulling web (quay.io/acme/web:3)...\nERROR: unauthorized: access to the requested resource is not authorized\n";
    assert_causes(first, &[("quay.io/acme/web:3", "login-required", 1, "")]);
}

#[test]
fn plain_progress_of_buildkit_is_one_cause() {
    let output = r#"#1 [internal] load build definition from Dockerfile
#1 transferring dockerfile: 312B done
#1 DONE 0.0s

#2 [internal] load metadata for docker.io/library/alpine:3.20
#2 DONE 1.1s

#3 [internal] load metadata for registry.corp.test/base/jdk:21
#3 ERROR: failed to do request: Head "https://registry.corp.test/v2/base/jdk/manifests/21": dial tcp: lookup registry.corp.test on 192.168.65.7:53: no such host
------
 > [internal] load metadata for registry.corp.test/base/jdk:21:
------
Dockerfile:1
--------------------
   1 | >>> FROM registry.corp.test/base/jdk:21
   2 |     COPY . /app
--------------------
ERROR: failed to solve: registry.corp.test/base/jdk:21: failed to resolve source metadata for registry.corp.test/base/jdk:21: failed to do request: Head "https://registry.corp.test/v2/base/jdk/manifests/21": dial tcp: lookup registry.corp.test on 192.168.65.7:53: no such host
"#;
    assert_causes(output, &[("registry.corp.test/base/jdk:21", "dns-failure", 2, "BuildKit (docker build)")]);
}

#[test]
fn debug_output_of_helm_has_the_version_of_the_chart() {
    let output = r#"$ helm pull oci://registry.corp.test/charts/web --version 4.1.0 --debug
pull.go:180: [debug] "Chart pull" registry="registry.corp.test"
Error: failed to perform "FetchReference" on source: registry.corp.test/charts/web:4.1.0: not found
helm.go:86: 2026-03-03 10:01:12.101 +0000 UTC m=+0.312 [debug] registry.corp.test/charts/web:4.1.0: not found
failed to perform "FetchReference" on source
"#;
    let found = causes(output);
    assert_eq!((found[0].0.as_str(), found[0].1.as_str()), ("registry.corp.test/charts/web:4.1.0", "tag-not-found"));
    assert_eq!((found.len(), found[0].3.as_str()), (1, "Helm"));
}

#[test]
fn log_of_github_actions_is_read_through_its_times() {
    let output = "2026-03-03T10:01:12.1010000Z ##[group]Pull down action image 'ghcr.io/acme/lint:v2'\n\
                  2026-03-03T10:01:12.2010000Z ##[command]/usr/bin/docker pull ghcr.io/acme/lint:v2\n\
                  2026-03-03T10:01:13.0010000Z Error response from daemon: denied\n\
                  2026-03-03T10:01:13.1010000Z ##[warning]Docker pull failed with exit code 1, back off 7.2 seconds before retry.\n\
                  2026-03-03T10:01:20.4010000Z ##[command]/usr/bin/docker pull ghcr.io/acme/lint:v2\n\
                  2026-03-03T10:01:21.0010000Z Error response from daemon: Head \"https://ghcr.io/v2/acme/lint/manifests/v2\": denied: denied\n\
                  2026-03-03T10:01:21.2010000Z ##[error]Docker pull failed with exit code 1\n";
    let found = causes(output);
    assert_eq!(
        (found[0].0.as_str(), found[0].1.as_str()),
        ("ghcr.io/acme/lint:v2", "stale-credential-breaks-public-pull"),
        "{found:?}"
    );
    assert!(found[0].3.starts_with("Docker"), "{found:?}");
}

#[test]
fn job_log_of_gitlab_names_the_runner_and_its_version() {
    let output = "\u{1b}[0KRunning with gitlab-runner 17.4.0 (b92ee590)\u{1b}[0;m\n\
                  \u{1b}[0K  on shared-1 xS6Vzpvo, system ID: s_6b1e4f06fcfd\u{1b}[0;m\n\
                  section_start:1700000000:prepare_executor\r\u{1b}[0K\u{1b}[0K\u{1b}[36;1mPreparing the \"docker\" executor\u{1b}[0;m\n\
                  \u{1b}[0KUsing Docker executor with image registry.gitlab.com/acme/build:3 ...\u{1b}[0;m\n\
                  \u{1b}[0KPulling docker image registry.gitlab.com/acme/build:3 ...\u{1b}[0;m\n\
                  \u{1b}[0;33mWARNING: Failed to pull image with policy \"always\": Error response from daemon: Head \"https://registry.gitlab.com/v2/acme/build/manifests/3\": denied: access forbidden (manager.go:238:0s)\u{1b}[0;m\n\
                  \u{1b}[31;1mERROR: Job failed: failed to pull image \"registry.gitlab.com/acme/build:3\" with specified policies [always]: Error response from daemon: Head \"https://registry.gitlab.com/v2/acme/build/manifests/3\": denied: access forbidden (manager.go:238:0s)\u{1b}[0;m\n";
    assert_causes(output, &[("registry.gitlab.com/acme/build:3", "login-required", 2, "GitLab Runner")]);
    let run = explain_input(&[], output);
    assert!(run.stdout.starts_with("This error from GitLab Runner 17.4.0 means: "), "{run:?}");
}

/// A log with many messages is read to its end, and each image keeps its own row.
#[test]
fn long_log_is_read_whole() {
    let noise = "Mar 03 10:01:12 node-7 kubelet[812]: I0303 10:01:12.101010     812 reconciler.go:1] \"Reconciler: start to sync state\"\n";
    let mut log = String::new();
    for at in 0..300 {
        log.push_str(&noise.repeat(40));
        log.push_str(&format!(
            "Mar 03 10:01:12 node-7 kubelet[812]: E0303 10:01:12.101010     812 pod_workers.go:1] \"Error syncing pod, skipping\" err=\"failed to \\\"StartContainer\\\" for \\\"app\\\" with ErrImagePull: \\\"failed to resolve reference \\\\\\\"r.example.com/team/app-{at}:1\\\\\\\": r.example.com/team/app-{at}:1: not found\\\"\"\n"
        ));
    }
    let found = causes(&log);
    assert_eq!(found.len(), 300);
    assert_eq!(found[299].0, "r.example.com/team/app-299:1");
    assert!(found.iter().all(|cause| cause.1 == "tag-not-found"));
}
