//! Variables for a program in an `.env`, as docker compose, dotenv and their kin read it.

use super::{has_password_url, is_secret_value, is_value};

/// What the names of secret variables have in them.
const SECRET: [&str; 10] = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "API_KEY", "APIKEY", "PRIVATE", "CREDENTIAL", "ACCESS_KEY", "_KEY"];
/// Where the value says how or where, or is for everyone to see.
const HARMLESS: [&str; 8] = ["_FILE", "_PATH", "_DIR", "_ENABLED", "_EXPIRY", "_EXPIRES", "_TTL", "_LENGTH"];
const PUBLIC: [&str; 2] = ["PUBLIC", "PUBLISHABLE"];
/// Variables whose names look like a secret's and whose values are public: fingerprints of signing keys, as the official
/// images have them.
const SIGNATURES: [&str; 4] = ["GPG", "PGP", "FINGERPRINT", "KEYRING"];

/// `.env` or `.env.production`, but no template of one.
pub(super) fn is_name(name: &[u8]) -> bool {
    let Some(rest) = name.strip_prefix(b".env") else { return false };
    let last = rest.rsplit(|byte| *byte == b'.').next().unwrap_or_default();
    rest.is_empty() || rest.starts_with(b".") && !matches!(last, b"example" | b"sample" | b"template" | b"dist" | b"test")
}

/// Whether a variable looks like a secret, by its name, and has a value.
pub(super) fn has_secret(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let Some((key, value)) = line.split_once('=') else { return false };
        is_secret(key.trim(), value)
    })
}

/// Whether a variable looks like a secret, by its name, and has a value.
fn is_secret(name: &str, value: &str) -> bool {
    let key = name.to_ascii_uppercase();
    if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.') {
        return false;
    }
    if PUBLIC.iter().any(|word| key.contains(word)) || HARMLESS.iter().any(|end| key.ends_with(end)) {
        return false;
    }
    if key.contains("DATABASE_URL") && has_password_url(value) {
        return true;
    }
    SECRET.iter().any(|word| key.contains(word)) && is_value(without_comment(value))
}

/// Whether a variable of an image or a build holds a credential, by its name or its value.
pub(crate) fn is_secret_variable(name: &str, value: &str) -> bool {
    let upper = name.to_ascii_uppercase();
    let public = SIGNATURES.iter().any(|word| upper.contains(word));
    let unquoted = value.trim().trim_matches(['"', '\'']);
    let path = unquoted.starts_with('/') || unquoted.starts_with("./");
    is_secret_value(unquoted) || (!public && !path && is_secret(name, unquoted))
}

/// The value without a comment behind it.
fn without_comment(value: &str) -> &str {
    if value.trim_start().starts_with('#') {
        return "";
    }
    value.split(" #").next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::{SecretKind, found};

    #[test]
    fn finds_secret_variables() {
        let secret = Some(SecretKind::EnvFile);
        for line in [
            "DB_PASSWORD=hunter2",
            "export API_TOKEN='abc'\r",
            "stripe_secret=sk",
            "A=1\n\n# x\nAWS_ACCESS_KEY_ID=AKIA",
            "APP_KEY = base64:abc=",
            "DATABASE_URL=postgres://app:pw@db/app",
            "\u{feff}SECRET=a # why",
        ] {
            assert_eq!(found("app/.env", line.as_bytes()), secret, "{line}");
            assert_eq!(found(".env.production", line.as_bytes()), secret, "{line}");
        }
    }

    #[test]
    fn leaves_settings_and_templates() {
        for line in [
            "",
            "PORT=8080",
            "DB_PASSWORD=",
            "DB_PASSWORD=\"\" # set me",
            "DB_PASSWORD= # set me",
            "API_KEY=your-api-key",
            "API_KEY=${API_KEY}",
            "#SECRET=a",
            "NEXT_PUBLIC_API_KEY=pk",
            "SECRET_FILE=/run/secrets/a",
            "DATABASE_URL=sqlite:///db.sqlite3",
            "this is SECRET = prose",
            "SECRET",
            "=\n==\n",
            "\u{0}\u{fffd}=TOKEN",
        ] {
            assert_eq!(found("app/.env", line.as_bytes()), None, "{line}");
        }
        for name in [".env.example", ".env.production.sample", ".env.test", ".envrc", "x.env", ".environment"] {
            assert_eq!(found(name, b"TOKEN=abc"), None, "{name}");
        }
    }
}
