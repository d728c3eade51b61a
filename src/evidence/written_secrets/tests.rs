//! Typical pasted texts, and look-alikes.

use super::*;

/// Checks that the secret of a text is found completely.
#[track_caller]
fn assert_found(text: &str) {
    assert!(text.contains("CANARY"));
    let rest = without_secrets(text);
    assert!(!rest.contains("CANARY"), "{text} → {rest}");
    assert_eq!(rest.len(), text.len());
}

#[test]
fn secret_is_found_after_its_name() {
    for text in [
        r#"{"auths":{"r.test":{"auth":"CANARYbGljZQ=="}}}"#,
        r#"{\"auth\": \"CANARYbGljZQ==\"}"#,
        "auth = 'CANARYbGljZQ=='",
        "mysql://db?user=a&pwd=CANARY&x=1",
        "Server=db;Uid=a;Pwd=CANARY;",
        "PWD = CANARY",
        "pass=CANARY",
        "export DOCKER_PASSWORD=CANARY",
        "PGPASSWORD=CANARY psql",
        "CI_JOB_TOKEN=CANARY docker build .",
        "AWS_SECRET_ACCESS_KEY=CANARY aws ecr get-login-password",
        "//registry.npmjs.org/:_authToken=CANARY",
        "//r.test/:_auth=CANARYbGljZQ==",
        "AccountKey=CANARY+/==;EndpointSuffix=core.windows.net",
        "--from-literal=password=CANARY",
        "docker build --build-arg NPM_TOKEN=CANARY .",
        "{\"registrytoken\":\"CANARY.x.y\"}",
        "{\"identitytoken\" : \"CANARY\"}",
        ".dockerconfigjson: CANARYeyJhdXRocyI6e30K",
        "x-vault-token: CANARY",
        "Authorization: Basic CANARYbGljZQ==",
        "curl -H 'Proxy-Authorization: Bearer CANARY.x' https://r.test",
        "Cookie: session=CANARY; other=CANARY",
        "https://alice:CANARY@r.test/v2/",
        "https://CANARY@r.test/v2/",
        "alice:CANARY/x@r.test/app:1",
        "password: CANARY",
        "auths:\n  r.test:\n    username: alice\n    password: CANARY\n",
        "client_secret=CANARY",
        "passphrase='CANARY'",
        "apikey: CANARY",
        "DOCKER_PASSWORD: CANARY",
        "env:\n- name: REGISTRY_TOKEN\n  value: CANARY\n",
        "https://a.blob.core.windows.net/x?sv=1&sig=CANARY&se=2",
        "$env:REG_PWD = \"CANARY\"",
    ] {
        assert_found(text);
    }
}

#[test]
fn password_of_a_command_is_found() {
    for text in [
        "docker login -u alice -p CANARY r.test",
        "docker login -p=CANARY r.test",
        "docker login --password=-CANARY r.test",
        "docker login r.test -pCANARY -u alice",
        "sudo podman login -p CANARY/with-a-slash r.test",
        "helm registry login r.test -u alice -p 'CANARY'",
        "crane auth login r.test -u alice -p CANARY",
        "oras login --username alice --password CANARY r.test",
        "az acr login -n r -u alice -p CANARY",
        "nerdctl login --password=CANARY",
        "skopeo copy --src-creds alice:CANARY docker://a docker://b",
        "skopeo inspect --creds=alice:CANARY docker://a",
        "skopeo copy --dest-creds 'alice:CANARY' a b",
        "curl -u alice:CANARY https://r.test/v2/",
        "curl -ualice:CANARY https://r.test/v2/",
        "curl --user alice:CANARY https://r.test/v2/",
        "curl --proxy-user alice:CANARY https://r.test/v2/",
        "wget --http-password=CANARY https://r.test/v2/",
        "http -a alice:CANARY GET https://r.test/v2/",
        "regctl registry login --pass=CANARY r.test",
        "kubectl create secret docker-registry x --docker-password=CANARY",
        "skopeo copy --src-registry-token CANARY docker://a docker://b",
        "sshpass -p CANARY ssh r.test",
        "htpasswd -Bbn alice CANARY > htpasswd",
        "htpasswd -cbB file alice CANARY",
        "set password CANARY",
        "regctl registry set --user alice --pass CANARY r.test",
        "setx DOCKER_PASSWORD CANARY",
        "set -gx DOCKER_TOKEN CANARY",
        "ConvertTo-SecureString \"CANARY with CANARY\" -AsPlainText -Force",
        "vault --api-key CANARY",
    ] {
        assert_found(text);
    }
}

#[test]
fn password_that_is_piped_is_found() {
    for text in [
        "echo CANARY | docker login -u alice --password-stdin r.test",
        "echo -n 'CANARY'|podman login --password-stdin r.test",
        "printf %s CANARY | helm registry login --password-stdin r.test",
        "printf '%s' \"CANARY with CANARY\" | docker login --password-stdin",
        "docker login --password-stdin r.test <<< CANARY",
        "docker login --password-stdin r.test <<<'CANARY'",
        "/bin/echo CANARY | sudo docker login --password-stdin",
        "'CANARY' | docker login --password-stdin",
        "echo CANARY | gh auth login --with-token",
        "docker login --password-stdin r.test < <(echo CANARY)",
        "echo CANARY > file; docker login --password-stdin < file",
        "docker login --password-stdin r.test <<EOF\nCANARY\nEOF\n",
        "docker login --password-stdin r.test <<-'X'\nCANARY and CANARY\nX\n",
        "cat <<< CANARY | docker login --password-stdin",
    ] {
        assert_found(text);
    }
}

#[test]
fn password_of_a_netrc_is_found() {
    for text in [
        "machine r.test login alice password CANARY",
        "machine r.test\n  login alice\n  password CANARY\n",
        "default login anonymous password CANARY",
        "machine r.test password CANARY login alice",
        "login alice passwd CANARY",
        "password CANARY",
        "explain password CANARY",
    ] {
        assert_found(text);
    }
}

/// Errors and commands that mention passwords without containing one.
#[test]
fn text_without_a_secret_is_left_as_it_is() {
    for text in [
        "r.test:5000/a/b:1@sha256:c95f3eba028a",
        "git@github.com:org/repo",
        "authorization status: 403",
        "unauthorized: incorrect username or password",
        "Error response from daemon: Get https://r.test/v2/: no basic auth credentials",
        "login failed, password incorrect",
        "error: password is required for user alice",
        "failed to fetch anonymous token: unexpected status: 403 Forbidden",
        "auth: token expired",
        "author: alice, authors=bob",
        "docker run -p 8080:80 nginx",
        "docker run -p 127.0.0.1:5000:5000 registry:2",
        "mkdir -p a/b/c",
        "docker login -u alice --password-stdin r.test",
        "cat password.txt | docker login --password-stdin r.test",
        "echo $REGISTRY_PASSWORD | docker login -u alice --password-stdin r.test",
        "echo \"${PASSWORD}\" | docker login --password-stdin",
        "docker login -u alice -p $PASSWORD r.test",
        "docker login -u alice -p \"$(cat file)\" r.test",
        "aws ecr get-login-password --region eu-west-1 | docker login --username AWS --password-stdin r.test",
        "curl -u alice https://r.test/v2/",
        "docker run -u 1000:1000 nginx",
        "PWD=/home/alice/project",
        "\"auth\": \"\"",
        "password=***",
        "DOCKER_PASSWORD=<password>",
        "if [ token == x ]",
        "probe r.test/app --username me --password-stdin",
        "skopeo copy --src-creds",
        "kubectl get secret regcred -o yaml",
        "compass=north, bypass = on",
        "--token-file /run/token",
        "set platform linux/arm64",
        "- name: REGISTRY_HOST\n  value: r.test",
        "failed to get token: unauthorized",
        "WWW-Authenticate: Bearer realm=\"https://auth.test/token\",error=\"invalid_token\"",
        "export PATH /bin",
        "design=x, classic = y, assign=1",
        "echo hello | docker run -i alpine cat",
    ] {
        let found: Vec<_> = secrets_in(text).into_iter().map(|place| &text[place]).collect();
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_can_be_looked_through(text in "\\PC*|.*|(-p|-u|password|auth|\\||<<<|=|:|\"|é| |login|--password-stdin){0,12}") {
        let rest = without_secrets(&text);
        proptest::prop_assert_eq!(rest.len(), text.len());
    }
}
