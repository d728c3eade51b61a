//! The list of all rules. There is no other.

use super::Rule;
use super::rules::{
    artifact, authentication, authorization, backend, config, head, integrity, name, negotiation, place, reference,
    registry, server, transport, tree,
};

/// All rules, in the order in which causes are looked for.
pub fn catalogue() -> &'static [Rule] {
    const RULES: &[Rule] = &[
        reference::uppercase_in_name::RULE,
        reference::not_a_reference::RULE,
        place::library_prefix_missing::RULE,
        place::local_image_looked_up_on_hub::RULE,
        place::host_duplicated_in_repository::RULE,
        place::moved::BITNAMI_MOVED,
        place::moved::KUBE_RBAC_PROXY_DELETED,
        place::k8s_gcr_io_frozen::RULE,
        place::gcr_shutdown::RULE,
        place::moved::OFFICIAL_IMAGE_RETIRED,
        place::moved::REPOSITORY_MOVED,
        place::moved::DOCKER_PKG_GITHUB,
        place::moved::DEAD_MIRROR,
        transport::dns_failure::RULE,
        transport::ipv6_broken::RULE,
        transport::some_addresses_fail::RULE,
        transport::tcp_timeout_or_refused::RULE,
        transport::proxy_required_or_refusing::RULE,
        transport::http_registry_asked_as_https::RULE,
        transport::https_registry_asked_as_http::RULE,
        transport::unknown_ca::RULE,
        transport::certificate_name_mismatch::RULE,
        transport::certificate_dates::RULE,
        transport::client_certificate_required::RULE,
        transport::tls_handshake_failed::RULE,
        transport::redirect_to_wrong_place::RULE,
        transport::redirect_changes_path::RULE,
        transport::http_version_refused::RULE,
        transport::answer_is_not_http::RULE,
        transport::no_answer::RULE,
        transport::blob_host_blocked::RULE,
        transport::tls_intercepted_on_blob_host::RULE,
        transport::presigned_url_expired::RULE,
        transport::signed_address_refused::RULE,
        transport::no_certificate_store::RULE,
        transport::certificate_fault_ignored::RULE,
        transport::certificate_trusted_directly::RULE,
        registry::not_a_distribution_registry::RULE,
        registry::html_instead_of_registry::RULE,
        registry::wrong_vhost_or_port::RULE,
        backend::registry_storage_failed::RULE,
        backend::cache_upstream_failed::RULE,
        backend::servers_disagree::RULE,
        authentication::stale_credential_breaks_public_pull::RULE,
        authentication::stored::credential_helper_missing::RULE,
        authentication::stored::credential_bytes_damaged::RULE,
        authentication::stored::pull_secret_not_found::RULE,
        authentication::stored::pull_secret_malformed::RULE,
        authentication::stored::pull_secret_has_no_credential::RULE,
        authentication::stored::pull_secret_wrong_host::RULE,
        authentication::stored::credential_under_wrong_key::RULE,
        authentication::stored::credential_file_unusable::RULE,
        authentication::stored::other_users_config::RULE,
        authentication::redirect_to_another_registry::RULE,
        authentication::login_withheld_over_http::RULE,
        authentication::login_required::RULE,
        authentication::expired_registry_token::RULE,
        authentication::bad_credentials::RULE,
        authentication::denied_at_token_endpoint::RULE,
        authentication::token_scope_too_narrow::RULE,
        authentication::realm_not_trusted::RULE,
        authentication::realm_wrong::RULE,
        authentication::token_service_unknown::RULE,
        authentication::realm_unreachable::RULE,
        authentication::token_response_unusable::RULE,
        authentication::challenge_missing_or_inconsistent::RULE,
        authentication::challenge_read_differently::RULE,
        authentication::ping_challenge_differs::RULE,
        authentication::existence_masked::RULE,
        authentication::token_clock_skew::RULE,
        authentication::token_audience_differs::RULE,
        authentication::token_lifetime_short::RULE,
        authentication::token_grants_nothing::RULE,
        authorization::hub_pull_limit::RULE,
        authorization::hub_abuse_limit::RULE,
        authorization::other_registry_throttle::RULE,
        authorization::quota_nearly_used::RULE,
        authorization::shared_source::RULE,
        authorization::credential_not_counted::RULE,
        authorization::blocked_by_policy::RULE,
        authorization::network_acl::RULE,
        authorization::iam_denied::RULE,
        negotiation::not_accepted::OCI_INDEX,
        negotiation::not_accepted::OCI_MANIFEST,
        negotiation::not_accepted::DOCKER_V2,
        negotiation::not_accepted::DOCKER_LIST,
        negotiation::list_without_amd64::RULE,
        negotiation::single_manifest_asked_as_index::RULE,
        negotiation::schema2_not_supported_by_client::RULE,
        negotiation::pull_through_cache_cannot_convert::RULE,
        negotiation::schema1_downgrade::RULE,
        negotiation::schema1_only_image::RULE,
        negotiation::digest_depends_on_accept::RULE,
        negotiation::mixed_docker_and_oci_tree::RULE,
        negotiation::mixed_manifest_and_layer_types::RULE,
        negotiation::wildcard_accept_not_honoured::RULE,
        negotiation::old_client_rejects_oci::RULE,
        negotiation::registry_ignores_accept::RULE,
        negotiation::document_of_two_kinds::RULE,
        negotiation::field_read_differently::RULE,
        negotiation::content_type_vs_mediatype::RULE,
        negotiation::content_type_missing_or_generic::RULE,
        negotiation::response_header_sent_as_request::RULE,
        config::digest_is_image_id::RULE,
        config::digest_is_a_layer::RULE,
        config::config_blob_missing::RULE,
        config::config_is_not_an_image_config::RULE,
        config::config_platform_differs_from_index::RULE,
        config::config_lacks_platform::RULE,
        config::config_only_as_blob::RULE,
        name::repository_not_found::RULE,
        name::cached_not_found::RULE,
        name::tag_listed_but_gone::RULE,
        name::no_latest_tag::RULE,
        name::tag_v_prefix::RULE,
        name::tag_not_found::RULE,
        name::pinned_digest_gone::RULE,
        name::tag_list_truncated::RULE,
        name::listing_not_allowed::RULE,
        name::hub_alias::RULE,
        name::short_name_unresolved::RULE,
        integrity::content_does_not_match_digest::RULE,
        integrity::tag_digest_not_served::RULE,
        integrity::digest_header_wrong::RULE,
        integrity::json_type_mismatch::RULE,
        integrity::descriptor_malformed::RULE,
        integrity::digest_algorithm_not_supported::RULE,
        integrity::blob_missing_behind_manifest::RULE,
        integrity::body_cut_short::RULE,
        integrity::manifest_over_4mib::RULE,
        integrity::content_encoding_false::RULE,
        integrity::body_transformed::RULE,
        integrity::size_mismatch::RULE,
        integrity::range_answered_as_whole::RULE,
        integrity::layer_bytes_vs_media_type::RULE,
        integrity::layers_do_not_match_config::RULE,
        integrity::foreign_layer::RULE,
        tree::dangling_index_child::RULE,
        tree::windows_os_version::RULE,
        tree::index_entry_is_not_a_manifest::RULE,
        tree::platform_not_in_index::RULE,
        tree::index_is_empty::RULE,
        tree::nested_index::RULE,
        tree::index_digest_vs_image_digest::RULE,
        tree::single_arch_image_wrong_arch::RULE,
        tree::attestation_child::RULE,
        artifact::helm_chart_as_image::RULE,
        artifact::sif_artifact::RULE,
        artifact::buildkit_cache_pulled::RULE,
        artifact::signature_tag_pulled::RULE,
        artifact::attestation_pulled_as_image::RULE,
        artifact::other_artifact::RULE,
        artifact::layer_type_not_unpacked::RULE,
        artifact::referrers_api_absent::RULE,
        artifact::too_many_layers::RULE,
        artifact::zstd_layer_old_engine::RULE,
        head::head_not_supported::RULE,
        head::head_hid_the_reason::RULE,
        head::head_lacks_digest_or_length::RULE,
        head::head_get_disagree::RULE,
        server::registry_failed::RULE,
        server::unexplained_answer::RULE,
        server::content_not_served::RULE,
    ];
    RULES
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::diagnosis::testing::FOUND;

    #[test]
    fn every_rule_has_a_name_of_its_own_and_documentation_with_the_same_headings() {
        let mut names = HashSet::new();
        for rule in catalogue() {
            assert!(names.insert(rule.name), "{} stands twice", rule.name);
            assert!(rule.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{}", rule.name);
            for heading in ["## What it means", "## How it is recognised", "## What to do", "## References"] {
                assert!(rule.documentation.contains(heading), "{} lacks {heading}", rule.name);
            }
            assert!(!rule.summary().is_empty() && rule.summary().ends_with('.'), "{}", rule.name);
        }
    }

    #[test]
    fn the_list_keeps_the_order_of_causes() {
        assert!(catalogue().is_sorted_by_key(|rule| rule.family));
    }

    /// Runs the tests of all rules, and asks which rules found something in them: that a test names a rule is not enough.
    #[test]
    fn every_rule_finds_something_in_a_test() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = folder.path().join("found");
        let mut tests = std::process::Command::new(std::env::current_exe().unwrap());
        let output = tests.args(["--quiet", "diagnosis::rules::"]).env(FOUND, &file).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let found = std::fs::read_to_string(file).unwrap();
        let found: HashSet<_> = found.lines().collect();
        let names = catalogue().iter().map(|rule| rule.name);
        assert_eq!(names.filter(|name| !found.contains(name)).collect::<Vec<_>>(), [""; 0]);
    }

    fn files_below(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
        let entries = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
        entries.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
    }

    /// Rules are declared one a file, with `rule! {`, or as rows of a table, with `row! {`.
    #[test]
    fn every_declaration_of_a_rule_is_in_the_list() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/diagnosis/rules");
        let mut declared = 0;
        for family in std::fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
            for file in files_below(&family.path()) {
                let source = std::fs::read_to_string(&file).unwrap();
                let of_file: Vec<_> = declarations(&source).collect();
                if source.contains("rule! {") {
                    let name = file.file_stem().unwrap().to_string_lossy().replace('_', "-");
                    assert!(of_file.len() == 1 && of_file[0].eq_ignore_ascii_case(&name), "{name}: {of_file:?}");
                }
                for name in of_file {
                    declared += 1;
                    let rule = catalogue().iter().find(|rule| rule.name == name);
                    let rule = rule.unwrap_or_else(|| panic!("{name} is not in the list"));
                    assert_eq!(rule.family.as_str(), family.file_name().to_string_lossy(), "{name}");
                }
            }
        }
        assert_eq!(declared, catalogue().len());
    }

    /// The names of the rules that a file declares: what follows their documentation.
    fn declarations(source: &str) -> impl Iterator<Item = &str> {
        let rules = source.split("rule! {\n").skip(1).chain(source.split("row! {\n").skip(1));
        rules.filter_map(|rule| rule.lines().map(str::trim).find(|line| !line.starts_with("///"))?.split('"').nth(1))
    }
}
