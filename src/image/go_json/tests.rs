//! The values that Go's decoder rejects, by the types of image-spec, specs-go/v1, and of Docker.

use super::*;

fn found(kind: GoDocument, json: &str) -> Vec<String> {
    let mismatches = type_mismatches(json.as_bytes(), kind);
    mismatches.iter().map(|one| format!("{}: {}, not {}", one.path.printable(), one.found, one.wanted)).collect()
}

#[track_caller]
fn assert_one(kind: GoDocument, json: &str, wanted: &str) {
    assert_eq!(found(kind, json), [wanted], "{json}");
}

#[test]
fn field_of_a_config_with_another_type_is_found() {
    for (json, wanted) in [
        (r#"{"architecture":7}"#, "architecture: a number, not a string"),
        (r#"{"os.features":"win32k"}"#, "os.features: a string, not a list of strings"),
        (r#"{"config":[]}"#, "config: a list, not an object"),
        (r#"{"config":{"ExposedPorts":["80/tcp"]}}"#, "config.ExposedPorts: a list, not an object of objects"),
        (r#"{"config":{"Volumes":{"/data":true}}}"#, "config.Volumes[\"/data\"]: a boolean, not an object"),
        (r#"{"config":{"Env":{"A":"b"}}}"#, "config.Env: an object, not a list of strings"),
        (r#"{"config":{"Env":["A=b",7]}}"#, "config.Env[1]: a number, not a string"),
        (r#"{"config":{"Entrypoint":"/bin/sh"}}"#, "config.Entrypoint: a string, not a list of strings"),
        (r#"{"config":{"cmd":"sh"}}"#, "config.Cmd: a string, not a list of strings"),
        (r#"{"config":{"Labels":{"a":1}}}"#, "config.Labels[\"a\"]: a number, not a string"),
        (r#"{"config":{"User":1000}}"#, "config.User: a number, not a string"),
        (r#"{"config":{"StopSignal":15}}"#, "config.StopSignal: a number, not a string"),
        (r#"{"config":{"ArgsEscaped":"true"}}"#, "config.ArgsEscaped: a string, not a boolean"),
        (r#"{"config":{"OnBuild":"RUN a"}}"#, "config.OnBuild: a string, not a list of strings"),
        (r#"{"config":{"Shell":"/bin/sh"}}"#, "config.Shell: a string, not a list of strings"),
        (r#"{"config":{"StopTimeout":"10"}}"#, "config.StopTimeout: a string, not an integer"),
        (
            r#"{"config":{"Healthcheck":{"Interval":3e10}}}"#,
            "config.Healthcheck.Interval: a number that is not a 64-bit integer, not an integer",
        ),
        (r#"{"config":{"Healthcheck":{"Test":"curl"}}}"#, "config.Healthcheck.Test: a string, not a list of strings"),
        (r#"{"container_config":{"Tty":0}}"#, "container_config.Tty: a number, not a boolean"),
        (r#"{"rootfs":{"diff_ids":"sha256:a"}}"#, "rootfs.diff_ids: a string, not a list of strings"),
        (r#"{"history":{}}"#, "history: an object, not a list of objects"),
        (r#"{"history":[{},{"empty_layer":"true"}]}"#, "history[1].empty_layer: a string, not a boolean"),
        (r#"{"history":[{"created":"yesterday"}]}"#, "history[0].created: a string, not a time (RFC 3339)"),
    ] {
        assert_one(GoDocument::Config, json, wanted);
    }
}

/// Go validates the calendar, and is lenient in three ways (golang/go#54580).
#[test]
fn text_that_is_not_a_time_is_found() {
    for text in [
        "",
        "2015-10-31",
        "2015-10-31 22:22:56",
        "2015-10-31T22:22:56",
        "2015-02-30T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2015-13-01T00:00:00Z",
        "2015-10-31T24:00:00Z",
        "2016-12-31T23:59:60Z",
        "2015-10-31T22:22:56.Z",
        "2015-10-31t22:22:56z",
        "2015-10-31T22:22:56+25:00",
        "2015-10-31T22:22:56+02:61",
        "2015-10-31T22:2:56Z",
        "2015-10-31T22:22:56,Z",
        "2015-1-31T22:22:56Z",
    ] {
        let json = format!(r#"{{"created":"{text}"}}"#);
        assert_one(GoDocument::Config, &json, "created: a string, not a time (RFC 3339)");
    }
    for text in ["0001-01-01T00:00:00Z", "2016-02-29T23:59:59.123456789+02:00", "1970-01-01T00:00:00-23:59"] {
        assert_eq!(found(GoDocument::Config, &format!(r#"{{"created":"{text}"}}"#)), [""; 0], "{text}");
    }
    for text in
        ["2020-01-01T00:00:00,5Z", "2020-01-01T0:00:00Z", "2020-01-01T9:00:00.25-07:00", "2020-01-01T00:00:00+24:00"]
    {
        assert_eq!(found(GoDocument::Config, &format!(r#"{{"created":"{text}"}}"#)), [""; 0], "{text}");
    }
}

#[test]
fn field_of_a_manifest_or_index_with_another_type_is_found() {
    let [manifest, index] = [GoDocument::OciManifest, GoDocument::OciIndex];
    for (kind, json, wanted) in [
        (manifest, r#"{"schemaVersion":"2"}"#, "schemaVersion: a string, not an integer"),
        (manifest, r#"{"schemaVersion":2.0}"#, "schemaVersion: a number that is not a 64-bit integer, not an integer"),
        (manifest, r#"{"annotations":{"a":1}}"#, "annotations[\"a\"]: a number, not a string"),
        (manifest, r#"{"annotations":[]}"#, "annotations: a list, not an object of strings"),
        (manifest, r#"{"artifactType":{}}"#, "artifactType: an object, not a string"),
        (manifest, r#"{"subject":"sha256:a"}"#, "subject: a string, not an object"),
        (manifest, r#"{"config":{"data":"%%"}}"#, "config.data: a string, not base64"),
        (manifest, r#"{"layers":{}}"#, "layers: an object, not a list of objects"),
        (manifest, r#"{"layers":["a"]}"#, "layers[0]: a string, not an object"),
        (manifest, r#"{"layers":[{"urls":"http://a.test/"}]}"#, "layers[0].urls: a string, not a list of strings"),
        (manifest, r#"{"layers":[{},{"size":"96"}]}"#, "layers[1].size: a string, not an integer"),
        (
            manifest,
            r#"{"layers":[{"size":9223372036854775808}]}"#,
            "layers[0].size: a number that is not a 64-bit integer, not an integer",
        ),
        (manifest, r#"{"layers":[{"platform":"linux"}]}"#, "layers[0].platform: a string, not an object"),
        (
            index,
            r#"{"manifests":[{"platform":{"variant":8}}]}"#,
            "manifests[0].platform.variant: a number, not a string",
        ),
        (
            index,
            r#"{"manifests":[{"platform":{"os.features":"sse"}}]}"#,
            "manifests[0].platform.os.features: a string, not a list of strings",
        ),
        (index, r#"{"manifests":[{"digest":false}]}"#, "manifests[0].digest: a boolean, not a string"),
    ] {
        assert_one(kind, json, wanted);
    }
}

#[test]
fn null_missing_and_unknown_fields_are_decoded() {
    for json in [
        "{}",
        r#"{"created":null,"config":null,"history":null,"rootfs":null,"comment":null,"docker_version":""}"#,
        r#"{"config":{"Env":[null],"Labels":{"a":null},"Volumes":{"/data":{"any":1}},"ExposedPorts":{"80/tcp":null}}}"#,
        r#"{"config":{"Memory":"1 GB","PortSpecs":7},"features":[1],"mobyBuildkit":{"a":[]}}"#,
        r#"{"history":[null,{"created_at":7}],"container_config":{"Cmd":"/bin/sh","Entrypoint":["a"]},"size":-0}"#,
    ] {
        // Docker up to 28 and containers/image accept a string for a list of one.
        let strict = type_mismatches(json.as_bytes(), GoDocument::Config);
        assert!(strict.iter().all(|one| one.readers == [GoReader::Docker29]), "{strict:?}");
    }
    for json in [
        r#"{"layers":null,"config":null,"subject":null,"annotations":null,"schemaVersion":null}"#,
        r#"{"layers":[null,{"size":null,"size":-9223372036854775808,"urls":[],"data":"e30=","x":1}]}"#,
        r#"{"manifests":"not a field of a manifest","foo":{"size":"x"}}"#,
    ] {
        assert_eq!(found(GoDocument::OciManifest, json), [""; 0], "{json}");
    }
    assert_eq!(found(GoDocument::OciManifest, "not JSON"), [""; 0]);
}

/// containers/image and Docker decode fewer fields of Docker's documents than containerd does.
#[test]
fn readers_depend_on_the_document() {
    let readers = |kind, json: &str| type_mismatches(json.as_bytes(), kind)[0].readers;
    let all = [GoReader::Docker, GoReader::Containerd, GoReader::ContainersImage];
    let annotations = r#"{"annotations":[]}"#;
    assert_eq!(readers(GoDocument::OciManifest, annotations), all);
    assert_eq!(readers(GoDocument::DockerManifest, annotations), [GoReader::Containerd]);
    let features = r#"{"manifests":[{"platform":{"features":"sse4"}}]}"#;
    assert_eq!(readers(GoDocument::OciIndex, features), [GoReader::Docker]);
    assert_eq!(readers(GoDocument::DockerList, features), [GoReader::Docker, GoReader::ContainersImage]);
    let stop = r#"{"config":{"StopTimeout":"1"}}"#;
    assert_eq!(readers(GoDocument::Config, stop), [GoReader::Docker, GoReader::ContainersImage]);
}

#[test]
fn many_mismatches_are_found_within_bounds() {
    let many = format!(r#"{{"layers":[{}7]}}"#, "7,".repeat(100_000));
    assert_eq!(type_mismatches(many.as_bytes(), GoDocument::OciManifest).len(), MOST);
    let long = format!(r#"{{"layers":"{}"}}"#, "\u{e9}".repeat(10_000));
    assert!(type_mismatches(long.as_bytes(), GoDocument::OciManifest)[0].written.as_str().len() <= WRITTEN);
}

fn read(json: &str) -> Value {
    as_read(json, GoType::Struct(GoDocument::OciManifest.fields()), None)
}

/// encoding/json: the last field of a name wins; objects and list elements are decoded into the existing value.
#[test]
fn fields_of_one_name_are_merged() {
    for (json, wanted) in [
        (r#"{"mediaType":"a","MediaType":"b"}"#, r#"{"mediaType":"b"}"#),
        (r#"{"MEDIATYPE":"a","mediaType":"b"}"#, r#"{"mediaType":"b"}"#),
        (r#"{"config":{"digest":"a","size":1},"Config":{"Digest":"b"}}"#, r#"{"config":{"digest":"b","size":1}}"#),
        (r#"{"annotations":{"a":"1"},"annotations":{"A":"2"}}"#, r#"{"annotations":{"a":"1","A":"2"}}"#),
        (r#"{"layers":[{"size":1},{"size":2}],"LAYERS":[{"digest":"a"}]}"#, r#"{"layers":[{"size":1,"digest":"a"}]}"#),
        (r#"{"layers":[{"size":1}],"layers":null}"#, r#"{"layers":null}"#),
        (r#"{"config":{"size":1},"config":null}"#, r#"{"config":{"size":1}}"#),
        ("{\"layer\u{17f}\":[],\"x\":1,\"X\":2}", r#"{"layers":[],"x":1,"X":2}"#),
    ] {
        assert_eq!(read(json), serde_json::from_str::<Value>(wanted).unwrap(), "{json}");
    }
}
