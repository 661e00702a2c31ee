//! Keys, tokens and passwords that a file holds: which kind, never the value. A name alone never
//! counts; the content must look the part. Public certificates never do.
//!
//! Sources: RFC 7468 (PEM), the `PuTTY` manual appendix C, and for each tool its own documentation of
//! where it keeps credentials.

mod credentials;
mod environment;

pub(crate) use environment::is_secret_variable;

use super::{Fact, Input, SMALL};
use serde::{Deserialize, Serialize};

/// What kind of secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecretKind {
    /// A private key.
    PrivateKey,
    /// Passwords or tokens as variables in an `.env`.
    EnvFile,
    /// Credentials of a cloud or a cluster.
    CloudCredentials,
    /// Credentials of a package registry, a container registry or a source host.
    RegistryAuth,
    /// State of Terraform, which has all values in clear.
    TerraformState,
    /// Hashes of passwords that a web server checks.
    Htpasswd,
    /// A password safe.
    Keepass,
}

/// Which check a file gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Check {
    Key,
    Environment,
    Credentials(credentials::Form),
    Terraform,
    Htpasswd,
    Keepass,
}

/// Whether a file is looked at, by its path and its first bytes.
pub(super) fn suspect(path: &[u8], size: u64, start: &[u8]) -> bool {
    check(path, size, start).is_some()
}

/// Parses; `None` where the content is not what the name says.
pub(super) fn parse(input: &Input<'_>) -> Option<Fact> {
    let content = input.content.start();
    let content = &content[..content.len().min(SMALL as usize)];
    let check = check(input.path, input.content.size(), content)?;
    let text = String::from_utf8_lossy(content);
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let (kind, found) = match check {
        Check::Key => (SecretKind::PrivateKey, private_key(text)),
        Check::Environment => (SecretKind::EnvFile, environment::has_secret(text)),
        Check::Credentials(form) => (form.kind(), form.found(text)),
        Check::Terraform => (SecretKind::TerraformState, text.contains("\"terraform_version\"")),
        Check::Htpasswd => (SecretKind::Htpasswd, text.lines().any(password_hash)),
        Check::Keepass => (SecretKind::Keepass, content.starts_with(b"\x03\xd9\xa2\x9a")),
    };
    found.then_some(Fact::Secret(kind))
}

fn check(path: &[u8], size: u64, start: &[u8]) -> Option<Check> {
    let (directory, name) = match path.iter().rposition(|byte| *byte == b'/') {
        Some(cut) => (&path[..cut], &path[cut + 1..]),
        None => (&path[..0], path),
    };
    let key_name = matches!(name, b"id_rsa" | b"id_dsa" | b"id_ecdsa" | b"id_ed25519")
        || [&b".pem"[..], b".key", b".ppk"].iter().any(|end| name.ends_with(end));
    if size <= SMALL && (key_name || start.starts_with(b"-----BEGIN")) {
        return Some(Check::Key);
    }
    if environment::is_name(name) {
        return Some(Check::Environment);
    }
    if name.ends_with(b".tfstate") || name.ends_with(b".tfstate.backup") {
        return Some(Check::Terraform);
    }
    match name {
        b".htpasswd" => Some(Check::Htpasswd),
        _ if name.ends_with(b".kdbx") => Some(Check::Keepass),
        _ => credentials::Form::of(directory, name, size, start).map(Check::Credentials),
    }
}

/// Whether a line begins a private key. Certificates of a bundle, `Bag Attributes` of OpenSSL or
/// curve parameters may come before it.
fn private_key(text: &str) -> bool {
    text.starts_with("PuTTY-User-Key-File-")
        || text.lines().any(|line| {
            let label = line.trim_ascii().strip_prefix("-----BEGIN ").and_then(|rest| rest.strip_suffix("-----"));
            label.is_some_and(|label| {
                let label = label.strip_suffix(" BLOCK").unwrap_or(label);
                let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b' ';
                label.ends_with("PRIVATE KEY") && label.bytes().all(plain)
            })
        })
}

/// `user:$apr1$...`, as `htpasswd(1)` writes it.
fn password_hash(line: &str) -> bool {
    let hash = line.split_once(':').map(|(_, hash)| hash).unwrap_or_default();
    ["$apr1$", "$2y$", "$2a$", "$2b$", "$5$", "$6$", "{SHA}"].iter().any(|start| hash.starts_with(start))
}

/// Whether a value is one: not empty, and not what a template has in its place.
fn is_value(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']).trim();
    let lower = value.to_ascii_lowercase();
    let started = ["$", "<", "{{", "%", "your-", "your_", "change", "replace", "example", "placeholder", "dummy", "todo", "..."];
    let named = ["null", "none", "nil", "true", "false", "undefined"];
    let filler = value.bytes().all(|byte| matches!(byte, b'x' | b'X' | b'*' | b'.' | b'-' | b'_'));
    !filler && !named.contains(&lower.as_str()) && !started.iter().any(|start| lower.starts_with(start))
}

/// Whether a value is a credential by its form: a private key, a token that says whose it is, a URL with a password.
pub(crate) fn is_secret_value(value: &str) -> bool {
    // What issuers put before a token, and how much follows at least.
    const ISSUED: [(&str, usize); 14] = [
        ("ghp_", 30),
        ("gho_", 30),
        ("ghs_", 30),
        ("github_pat_", 30),
        ("glpat-", 20),
        ("xoxb-", 20),
        ("xoxp-", 20),
        ("sk_live_", 16),
        ("rk_live_", 16),
        ("npm_", 36),
        ("pypi-AgEI", 50),
        ("AKIA", 16),
        ("AIza", 35),
        ("hvs.", 20),
    ];
    let issued = |(start, least): &(&str, usize)| {
        let rest = value.strip_prefix(start);
        rest.is_some_and(|rest| rest.len() >= *least && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte)))
    };
    ISSUED.iter().any(issued) || has_password_url(value) || (value.contains("-----BEGIN ") && value.contains("PRIVATE KEY-----"))
}

/// Whether a URL with a password is in the text: `scheme://user:password@host`.
fn has_password_url(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let end = rest.find(|c: char| c == '/' || c.is_whitespace() || c == '"' || c == '\'').unwrap_or(rest.len());
        let user = rest[..end].rsplit_once('@').map(|(user, _)| user);
        user.and_then(|user| user.split_once(':')).is_some_and(|(_, password)| is_value(password))
    })
}

#[cfg(test)]
fn found(path: &str, text: &[u8]) -> Option<SecretKind> {
    let content = super::Captured::complete(text);
    if !suspect(path.as_bytes(), text.len() as u64, text) {
        return None;
    }
    parse(&Input { path: path.as_bytes(), content: &content }).map(|fact| match fact {
        Fact::Secret(kind) => kind,
        other => panic!("{other:?}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Put together here, so that no scanner takes this file for a leak.
    fn pem(label: &str) -> String {
        format!("-----BEGIN {label}-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEA\n-----END {label}-----\n")
    }

    #[test]
    fn finds_private_keys() {
        let key = Some(SecretKind::PrivateKey);
        for kind in ["", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED "] {
            assert_eq!(found("app/whatever", pem(&format!("{kind}PRIVATE KEY")).as_bytes()), key, "{kind}");
        }
        assert_eq!(found("a", pem("PGP PRIVATE KEY BLOCK").as_bytes()), key);
        let bundle = pem("CERTIFICATE").repeat(3) + &pem("PRIVATE KEY");
        assert_eq!(found("etc/haproxy/site.pem", bundle.as_bytes()), key);
        let bag = format!("Bag Attributes\r\n    friendlyName: x\r\n{}", pem("PRIVATE KEY").replace('\n', "\r\n"));
        assert_eq!(found("a.key", bag.as_bytes()), key);
        assert_eq!(found("root/.ssh/id_rsa", format!("\n  {}", pem("RSA PRIVATE KEY")).as_bytes()), key);
        assert_eq!(found("x.ppk", b"PuTTY-User-Key-File-3: ssh-ed25519\r\nEncryption: none\r\n"), key);
    }

    #[test]
    fn leaves_what_is_public() {
        for label in ["CERTIFICATE", "PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE REQUEST", "DH PARAMETERS", "PGP PUBLIC KEY BLOCK"] {
            assert_eq!(found("etc/ssl/a.pem", pem(label).as_bytes()), None, "{label}");
        }
        assert_eq!(found("root/.ssh/id_rsa", b"not a key"), None);
        assert_eq!(found("a.key", b"see -----BEGIN PRIVATE KEY----- in the manual"), None);
        // Code that writes keys.
        assert_eq!(found("a.py", pem("PRIVATE KEY").replace("--\nMII", "--'MII").as_bytes()), None);
        assert_eq!(found("usr/lib/x.js", format!("x = `{}`", pem("PRIVATE KEY")).as_bytes()), None);
        assert_eq!(found("a.pem", format!("{}{}", " ".repeat(SMALL as usize), pem("PRIVATE KEY")).as_bytes()), None);
        for odd in [&b"-----BEGIN"[..], b"-----BEGIN -----", b"-----BEGIN \xff PRIVATE KEY-----", b"-----BEGIN PRIVATE KEY"] {
            assert_eq!(found("a", odd), None);
        }
    }

    #[test]
    fn finds_other_stores() {
        let state = br#"{"version": 4, "terraform_version": "1.5.7", "serial": 3, "resources": []}"#;
        assert_eq!(found("infra/terraform.tfstate", state), Some(SecretKind::TerraformState));
        assert_eq!(found("infra/terraform.tfstate", b"{}"), None);
        assert_eq!(found("etc/nginx/.htpasswd", b"# users\nadmin:$apr1$x$y\n"), Some(SecretKind::Htpasswd));
        assert_eq!(found("etc/nginx/.htpasswd", b"admin\n:\n"), None);
        assert_eq!(found("a.kdbx", b"\x03\xd9\xa2\x9a\x67\xfb\x4b\xb5"), Some(SecretKind::Keepass));
        assert_eq!(found("a.kdbx", b"\x03"), None);
    }

    #[test]
    fn knows_values_from_placeholders() {
        for value in ["hunter2", "'s3cr3t'", "\"a b\"", "ghp_x", "password"] {
            assert!(is_value(value), "{value}");
        }
        for value in
            ["", "  ", "''", "\"\"", "changeme", "CHANGE_ME", "xxx", "XXXX-XXXX", "<token>", "${TOKEN}", "$TOKEN", "your-token", "null"]
        {
            assert!(!is_value(value), "{value}");
        }
        assert!(has_password_url("x = https://me:pw@host/path"));
        assert!(has_password_url("a://b c://u:p@h"));
        for url in ["https://host/a:b@c", "https://me@host", "https://me:@host", "https://me:${PW}@host", "me:pw@host", "://", "://@:"] {
            assert!(!has_password_url(url), "{url}");
        }
    }
}
