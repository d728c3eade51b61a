//! The errors of the storages, compared with captures.

use crate::lab::content::digest_in;
use crate::lab::testing::{TestLab, in_scenario, with_hosts};
use crate::lab::wire::Answer;

fn digits(part: &str) -> String {
    digest_in("docker-image", part).unwrap().trim_start_matches("sha256:").to_owned()
}

/// The target of the registry's redirect for the layer.
fn redirect_target(lab: &TestLab, repository: &str, method: &str) -> String {
    let blob = format!("{method} https://registry.example/v2/{repository}/blobs/sha256:{}", digits("layer"));
    let answer = lab.to(&blob, &[]);
    assert_eq!(answer.status, 307, "{answer:?}");
    answer.get("location").unwrap().to_owned()
}

fn layer() -> bytes::Bytes {
    let document = crate::lab::content::named("docker-image").unwrap();
    let digest = digest_in("docker-image", "layer");
    document.blobs.into_iter().find(|blob| Some(&blob.digest) == digest.as_ref()).unwrap().bytes
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

const STORAGES: [&str; 4] = ["s3", "azure", "r2", "cloudfront"];

#[test]
fn every_storage_serves_the_layer() {
    for store in STORAGES {
        let lab = in_scenario(&format!("storage-{store}-healthy"));
        for method in ["GET", "HEAD"] {
            let address = redirect_target(&lab, &format!("blobs-in-{store}/app"), method);
            let answer = lab.to(&format!("{method} {address}"), &[]);
            assert_eq!((answer.status, &answer.body), (200, &layer()), "{method} {address}");
            assert_eq!(answer.get("docker-content-digest"), None);
        }
    }
}

#[test]
fn missing_object_is_404() {
    for store in STORAGES {
        let lab = in_scenario(&format!("storage-{store}-healthy"));
        let address = redirect_target(&lab, &format!("blobs-in-{store}/app"), "GET");
        let answer = lab.to(&format!("GET {}", address.replace(&digits("layer"), &"0".repeat(64))), &[]);
        let code = if store == "azure" { "BlobNotFound" } else { "NoSuchKey" };
        assert!(answer.status == 404 && text(&answer).contains(&format!("<Code>{code}</Code>")), "{answer:?}");
    }
}

#[test]
fn request_without_a_signature_is_refused() {
    for (store, status) in STORAGES.into_iter().zip([403, 409, 401, 403]) {
        let lab = in_scenario(&format!("storage-{store}-healthy"));
        let address = redirect_target(&lab, &format!("blobs-in-{store}/app"), "GET");
        let answer = lab.to(&format!("GET {}", address.split_once('?').unwrap().0), &[]);
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.get("content-type"), Some("application/xml"));
    }
}

/// renovatebot/renovate#3877 (2019).
#[test]
fn s3_refuses_two_credentials() {
    let lab = in_scenario("storage-s3-healthy");
    let address = redirect_target(&lab, "blobs-in-s3/app", "GET");
    let answer = lab.to(&format!("GET {address}"), &[("Authorization", "Bearer some-bearer-token")]);
    let words = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InvalidArgument</Code><Message>Only one auth \
                 mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the \
                 Authorization header should be specified</Message><ArgumentName>Authorization</ArgumentName>\
                 <ArgumentValue>Bearer some-bearer-token</ArgumentValue><RequestId>";
    assert!(answer.status == 400 && text(&answer).starts_with(words), "{answer:?}");
}

/// lukejacksonn/react-slack-clone#27 (2018): the elements, in their order.
#[test]
fn s3_names_the_expiry_of_a_url() {
    let lab = in_scenario("storage-s3-healthy");
    let address = redirect_target(&lab, "blobs-in-s3/app", "GET");
    let (before, rest) = address.split_once("X-Amz-Date=").unwrap();
    let (_, rest) = rest.split_once("&X-Amz-Expires=1200").unwrap();
    let answer = lab.to(&format!("GET {before}X-Amz-Date=20180329T111634Z&X-Amz-Expires=60{rest}"), &[]);
    let words = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>60</X-Amz-Expires>\
                 <Expires>2018-03-29T11:17:34Z</Expires><ServerTime>";
    assert!(answer.status == 403 && text(&answer).contains(words), "{answer:?}");
}

/// The registry signs with the time of its own clock.
#[test]
fn url_signed_by_a_slow_clock_has_expired() {
    for store in ["s3", "azure", "r2", "cloudfront"] {
        let lab = with_hosts(&format!(
            "[[host]]\nname = \"registry.example\"\ndialect = \"distribution-3\"\nof = \"storage.example\"\n\
             clock-ahead = -3600\nrepositories.app = {{ 1 = \"docker-image\" }}\n\
             [[host]]\nname = \"storage.example\"\ndialect = \"storage-{store}\"\nof = \"registry.example\"\n"
        ));
        let address = redirect_target(&lab, "app", "GET");
        assert_eq!(lab.to(&format!("GET {address}"), &[]).status, 403, "{address}");
    }
}

/// containerd/stargz-snapshotter#167 (2020), pulp/pulp_container#579 (2022).
#[test]
fn url_signed_for_get_is_refused_for_head() {
    for store in ["s3", "r2"] {
        let lab = in_scenario(&format!("storage-{store}-healthy"));
        let address = redirect_target(&lab, &format!("blobs-in-{store}/app"), "GET");
        let answer = lab.to(&format!("HEAD {address}"), &[]);
        assert!(answer.status == 403 && text(&answer).contains("<Code>SignatureDoesNotMatch</Code>"), "{answer:?}");
    }
}

/// pulp/pulp_container#579 (2022): manifests too can be in a bucket.
#[test]
fn registry_that_always_signs_for_get_breaks_head() {
    let lab = in_scenario("storage-head-refused");
    for (method, status) in [("GET", 200), ("HEAD", 403)] {
        let answer = lab.to(&format!("{method} https://pulp.example/v2/library/app/manifests/1.0"), &[]);
        assert_eq!(answer.status, 302);
        let answer = lab.to(&format!("{method} {}", answer.get("location").unwrap()), &[]);
        assert_eq!(answer.status, status);
        if status == 200 {
            let docker = "application/vnd.docker.distribution.manifest.v2+json";
            assert_eq!(answer.get("content-type"), Some(docker));
        }
    }
}

/// Azure/WALinuxAgent#2311 (2021): all of it, with the length that only a byte order mark explains.
#[test]
fn azure_reports_a_missing_blob() {
    let lab = in_scenario("storage-azure-healthy");
    let address = "https://registryblobs.blob.core.windows.example/registry/blobs/none?sig=x";
    let answer = lab.to(&format!("GET {address}"), &[]);
    answer.assert_reproduces(
        "HTTP/1.1 404 The specified blob does not exist.
        Server: Windows-Azure-Blob/1.0 Microsoft-HTTPAPI/2.0
        x-ms-request-id: *
        x-ms-version: *
        x-ms-error-code: BlobNotFound
        Content-Length: 215
        Content-Type: application/xml

\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>BlobNotFound</Code><Message>The specified blob does not exist.
RequestId:...",
    );
}

/// Azure/iothub-explorer#58 (2019), Azure/acr#217 (2019).
#[test]
fn azure_rejects_a_registry_token() {
    let lab = in_scenario("storage-azure-healthy");
    let address = redirect_target(&lab, "blobs-in-azure/app", "GET");
    let answer = lab.to(&format!("GET {address}"), &[("Authorization", "Bearer t")]);
    let words = "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>InvalidAuthenticationInfo</Code><Message>\
                 Authentication information is not given in the correct format. Check the value of Authorization header.";
    assert!(answer.status == 400 && text(&answer).contains(words), "{answer:?}");
}

/// blrchen/azure-speed-test#12 (2016).
#[test]
fn azure_names_the_expiry_of_a_url() {
    let lab = in_scenario("storage-azure-healthy");
    let address = "https://registryblobs.blob.core.windows.example/registry/blobs/x?sig=x&se=2016-08-08T08%3A08%3A51Z";
    let answer = lab.to(&format!("GET {address}"), &[]);
    let words = "<AuthenticationErrorDetail>Signed expiry time [Mon, 08 Aug 2016 08:08:51 GMT] must be after signed start \
                 time [";
    assert!(answer.status == 403 && text(&answer).contains(words), "{answer:?}");
}

/// ciiiii/cloudflare-docker-proxy#100 (2025).
#[test]
fn r2_takes_a_token_for_an_incomplete_signature() {
    let lab = in_scenario("auth-leak-to-storage");
    let address = redirect_target(&lab, "leak/app", "GET");
    lab.to(&format!("GET {address}"), &[("Authorization", "Bearer t")]).assert_reproduces(
        "HTTP/1.1 400 Bad Request
        Content-Type: application/xml
        Server: cloudflare
        CF-RAY: *

<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>InvalidRequest</Code><Message>Missing x-amz-content-sha256</Message>\
</Error>",
    );
}

/// The address of rpardini/docker-registry-proxy#26 (2020).
#[test]
fn cached_redirect_points_to_an_expired_url() {
    let lab = in_scenario("storage-expired-signature");
    for part in ["config", "layer"] {
        let blob = format!("https://registry.example/v2/cached-redirect/app/blobs/sha256:{}", digits(part));
        let redirect = lab.to(&format!("GET {blob}"), &[]);
        assert_eq!((redirect.status, redirect.get("cache-control")), (302, Some("max-age=31536000")));
        let answer = lab.to(&format!("GET {}", redirect.get("location").unwrap()), &[]);
        assert!(answer.status == 403 && text(&answer).contains("<Code>AccessDenied</Code>"), "{answer:?}");
    }
}
