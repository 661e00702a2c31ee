//! Files where tools keep credentials: clouds, clusters, registries, source hosts.

use super::{SecretKind, has_password_url, is_value};
use crate::facts::SMALL;

/// Whose file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Aws,
    Gcloud,
    Azure,
    ServiceAccount,
    Kube,
    Docker,
    Npm,
    Pypirc,
    /// Any that has credentials in URLs: pip, git.
    Urls,
    Netrc,
    Cargo,
    Maven,
    Gem,
    Composer,
}

impl Form {
    /// By the path; of all JSON only that which starts as keys of a service account do.
    pub(super) fn of(directory: &[u8], name: &[u8], size: u64, start: &[u8]) -> Option<Self> {
        let folder = directory.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let form = match (folder, name) {
            (b".aws", b"credentials") => Self::Aws,
            (b"gcloud", b"application_default_credentials.json" | b"credentials.db") => Self::Gcloud,
            (_, b"adc.json") if directory.windows(19).any(|part| part == b"/legacy_credentials") => Self::Gcloud,
            (b".azure", b"accessTokens.json" | b"msal_token_cache.json" | b"service_principal_entries.json") => Self::Azure,
            (b".kube", b"config") | (b"kubernetes", b"admin.conf") | (_, b"kubeconfig") => Self::Kube,
            (b".docker", b"config.json") | (b"containers", b"auth.json") | (_, b".dockercfg" | b".dockerconfigjson") => Self::Docker,
            (_, b".npmrc" | b"npmrc" | b".yarnrc.yml") => Self::Npm,
            (_, b".pypirc") => Self::Pypirc,
            (_, b"pip.conf" | b".git-credentials") | (b"git", b"credentials") | (b".git", b"config") => Self::Urls,
            (_, b".netrc" | b"_netrc") => Self::Netrc,
            (b".cargo" | b"cargo", b"credentials" | b"credentials.toml") => Self::Cargo,
            (b".m2", b"settings.xml") => Self::Maven,
            (b".gem" | b"gem", b"credentials") => Self::Gem,
            (b".composer" | b"composer", b"auth.json") => Self::Composer,
            _ => {
                let json = name.ends_with(b".json") && size <= SMALL;
                let account = b"\"service_account\"";
                let begins = json && start[..start.len().min(256)].windows(account.len()).any(|part| part == account);
                return begins.then_some(Self::ServiceAccount);
            }
        };
        Some(form)
    }

    pub(super) fn kind(self) -> SecretKind {
        match self {
            Self::Aws | Self::Gcloud | Self::Azure | Self::ServiceAccount | Self::Kube => SecretKind::CloudCredentials,
            _ => SecretKind::RegistryAuth,
        }
    }

    /// Whether there is a value where the tool looks for one.
    pub(super) fn found(self, text: &str) -> bool {
        let any = |keys: &[&str]| keys.iter().any(|key| json_value(text, key));
        match self {
            Self::Aws => settings(text, '=').any(|(key, value)| key.eq_ignore_ascii_case("aws_secret_access_key") && is_value(value)),
            Self::Gcloud => any(&["refresh_token", "private_key"]),
            Self::Azure => any(&["refreshToken", "accessToken", "secret", "client_secret", "servicePrincipalSecret"]),
            Self::ServiceAccount => json_value(text, "private_key_id") && json_value(text, "private_key"),
            Self::Kube => {
                let secret = |key: &str| matches!(key.trim_start_matches("- "), "client-key-data" | "token" | "password");
                settings(text, ':').any(|(key, value)| secret(key) && is_value(value)) || any(&["client-key-data", "token"])
            }
            Self::Docker => any(&["auth", "identitytoken"]),
            Self::Npm => {
                let secret = |key: &str| ["_authToken", "_auth", "_password"].iter().any(|end| key.ends_with(end));
                settings(text, '=').any(|(key, value)| secret(key) && is_value(value))
                    || settings(text, ':').any(|(key, value)| matches!(key, "npmAuthToken" | "npmAuthIdent") && is_value(value))
            }
            Self::Pypirc => settings(text, '=').chain(settings(text, ':')).any(|(key, value)| key == "password" && is_value(value)),
            Self::Urls => text.lines().any(|line| !is_comment(line) && has_password_url(line)),
            Self::Netrc => netrc(text),
            Self::Cargo => settings(text, '=').any(|(key, value)| matches!(key, "token" | "secret-key") && is_value(value)),
            Self::Maven => maven(text),
            Self::Gem => settings(text, ':').any(|(_, value)| is_value(value)),
            Self::Composer => composer(text),
        }
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with(['#', ';'])
}

/// Lines with a key before the first `=` or `:` and a value behind it. A key of a Ruby file may
/// have a colon before it.
fn settings(text: &str, sign: char) -> impl Iterator<Item = (&str, &str)> {
    text.lines().filter(|line| !is_comment(line)).filter_map(move |line| {
        let line = line.trim();
        let (key, value) = line.strip_prefix(':').unwrap_or(line).split_once(sign)?;
        Some((key.trim(), value.trim()))
    })
}

/// Whether a string that is a value follows `"key":` somewhere.
fn json_value(text: &str, key: &str) -> bool {
    let quoted = format!("\"{key}\"");
    text.split(quoted.as_str()).skip(1).any(|rest| {
        let value = rest.trim_start().strip_prefix(':').and_then(|rest| rest.trim_start().strip_prefix('"'));
        value.and_then(|value| value.split('"').next()).is_some_and(is_value)
    })
}

/// Words as `netrc(5)` has them: `password` and the next one.
fn netrc(text: &str) -> bool {
    let lines = text.lines().filter(|line| !is_comment(line));
    let mut words = lines.flat_map(str::split_ascii_whitespace);
    while let Some(word) = words.next() {
        if word == "password" {
            return words.next().is_some_and(is_value);
        }
    }
    false
}

/// A password that is neither a variable nor encrypted, outside of comments.
fn maven(text: &str) -> bool {
    text.split("<!--").enumerate().any(|(number, part)| {
        let part = if number == 0 { part } else { part.split_once("-->").map(|(_, rest)| rest).unwrap_or_default() };
        part.split("<password>").skip(1).any(|rest| {
            let value = rest.split('<').next().unwrap_or_default().trim();
            !value.starts_with('{') && is_value(value)
        })
    })
}

/// `auth.json`: for each way to log in an object of hosts, each with a token or with its fields.
fn composer(text: &str) -> bool {
    let Ok(serde_json::Value::Object(ways)) = serde_json::from_str(text) else { return false };
    ways.values().filter_map(|hosts| hosts.as_object()).flat_map(|hosts| hosts.values()).any(|host| {
        let token = ["password", "token", "consumer-secret"].iter().find_map(|field| host.get(field));
        token.unwrap_or(host).as_str().is_some_and(is_value)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{SecretKind, found};

    fn check(kind: SecretKind, path: &str, with: &[&str], without: &[&str]) {
        for text in with {
            assert_eq!(found(path, text.as_bytes()), Some(kind), "{path}: {text}");
            assert_eq!(found(path, text.replace('\n', "\r\n").as_bytes()), Some(kind), "{path} in CRLF: {text}");
        }
        for text in without.iter().chain(&["", "\0", "\"", "=", ":", "://", "{", "<!--", "<password>"]) {
            assert_eq!(found(path, text.as_bytes()), None, "{path}: {text}");
        }
        assert_eq!(found(path, b"\xff\xfe\xff"), None);
    }

    #[test]
    fn finds_credentials_of_clouds() {
        let cloud = SecretKind::CloudCredentials;
        let aws = "[default]\naws_access_key_id = AKIA\naws_secret_access_key = wJal\n";
        check(cloud, "root/.aws/credentials", &[aws], &["[default]\nregion = x\n", "aws_secret_access_key = \n"]);
        let adc = "{\"client_secret\": \"d-\", \"refresh_token\": \"1//0\"}";
        check(cloud, "root/.config/gcloud/application_default_credentials.json", &[adc], &["{\"refresh_token\": \"\"}"]);
        check(cloud, "root/.config/gcloud/legacy_credentials/a@b/adc.json", &[adc], &[]);
        check(cloud, "root/.azure/msal_token_cache.json", &["{\"AccessToken\": {}, \"secret\": \"x1\"}"], &["{\"secret\": {}}"]);
        let account = "{\n  \"type\": \"service_account\",\n  \"project_id\": \"p\",\n  \"private_key_id\": \"0a\",\n  \"private_key\": \"-----BEGIN\"\n}";
        check(
            cloud,
            "app/key.json",
            &[account],
            &["{\"type\": \"service_account\"}", "{\"private_key_id\": \"a\", \"private_key\": \"b\"}"],
        );
        let kube = ["users:\n- name: a\n  user:\n    client-key-data: LS0t\n", "users:\n- name: a\n  user:\n    token: abc\n"];
        let without = ["clusters:\n- cluster:\n    certificate-authority-data: LS0t\n", "token:\n", "tokenFile: /x\n"];
        check(cloud, "root/.kube/config", &kube, &without);
    }

    #[test]
    fn finds_credentials_of_registries() {
        let registry = SecretKind::RegistryAuth;
        let docker = ["{\"auths\": {\"https://index.docker.io/v1/\": {\n\"auth\" : \"dTpw\"}}}"];
        check(registry, "root/.docker/config.json", &docker, &["{\"auths\": {\"a\": {}}, \"credsStore\": \"x\"}", "{\"auth\": \"\"}"]);
        let npm = ["//registry.example.org/:_authToken=npm_abc\n", "_auth = dTpw\n", "//r/:_password=\"cHc=\"", "npmAuthToken: \"a\""];
        check(
            registry,
            "app/.npmrc",
            &npm,
            &["//r/:_authToken=${NPM_TOKEN}\n", "registry=https://r/\n", "# _auth=x\n", "always-auth=true"],
        );
        check(registry, "root/.pypirc", &["[pypi]\nusername = __token__\npassword = pypi-abc\n", "password:x1"], &["password ="]);
        let pip = ["[global]\nindex-url = https://u:pw@pypi.example.com/simple\n"];
        check(
            registry,
            "etc/pip.conf",
            &pip,
            &["index-url = https://index.example.org/simple", "#index-url = https://u:pw@h", "x = https://u:${P}@h"],
        );
        check(registry, "root/.config/pip/pip.conf", &pip, &[]);
        check(
            registry,
            "root/.netrc",
            &["machine h login l password p1\n", "machine h\nlogin l\npassword\np1"],
            &["machine h login l\n", "password"],
        );
        check(registry, "root/.git-credentials", &["https://me:ghp@github.com\n"], &["https://github.com\n"]);
        check(
            registry,
            "src/.git/config",
            &["[remote \"origin\"]\n\turl = https://x-access-token:ghs@github.com/a/b\n"],
            &["url = git@github.com:a/b"],
        );
        check(registry, "usr/local/cargo/credentials.toml", &["[registry]\ntoken = \"cio1\"\n"], &["[registry]\n", "token = \"\""]);
        let maven = "<servers><server><password>\n p1 </password></server></servers>";
        let without = ["<!-- <password>p1</password> -->", "<password>${env.P}</password>", "<password>{enc=}</password>", "<password/>"];
        check(registry, "root/.m2/settings.xml", &[maven, "<!-- x --><password>p1</password>"], &without);
        check(registry, "root/.gem/credentials", &["---\n:rubygems_api_key: abc\n"], &["---\n:rubygems_api_key:\n"]);
        let composer =
            ["{\"http-basic\": {\"h\": {\"username\": \"u\", \"password\": \"p1\"}}}", "{\"github-oauth\": {\"github.com\": \"gh1\"}}"];
        check(
            registry,
            "root/.composer/auth.json",
            &composer,
            &["{\"http-basic\": {}}", "[]", "{\"github-oauth\": {\"github.com\": \"\"}}"],
        );
        let deep = "{\"a\":".repeat(50_000 / 5);
        assert_eq!(found("root/.composer/auth.json", deep.as_bytes()), None);
    }

    #[test]
    fn goes_by_whole_names() {
        for path in ["root/aws/credentials", "app/config.json", "app/auth.json", "app/settings.xml", "app/config", "x.netrc"] {
            let text = b"password p1 token: a \"auth\": \"a\" <password>p1</password> https://u:p@h";
            assert_eq!(found(path, text), None, "{path}");
        }
    }
}
