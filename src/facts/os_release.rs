//! Which distribution an image is: `os-release(5)`.

use super::names::clip;
use super::{Fact, Input};
use serde::{Deserialize, Serialize};

/// What a distribution says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct OsRelease {
    /// `ID`: `debian`, `alpine`, `fedora`; `linux` where the file names none.
    pub id: String,
    /// `VERSION_ID`; empty for those that have no versions.
    pub version_id: String,
    /// `VERSION_CODENAME`.
    #[serde(default)]
    pub version_codename: Option<String>,
    /// `PRETTY_NAME`, for people.
    pub pretty_name: String,
}

/// Whether this is where distributions say who they are.
pub(super) fn is_home(directory: &[u8], name: &[u8]) -> bool {
    name == b"os-release" && matches!(directory, b"etc" | b"usr/lib")
}

/// Assignments of a shell, one a line; the last of a name counts.
pub(super) fn parse(input: &Input<'_>) -> Result<Option<Fact>, String> {
    let text = String::from_utf8_lossy(input.content.whole()?);
    let mut found = OsRelease { id: "linux".to_owned(), ..OsRelease::default() };
    let mut any = false;
    for line in text.lines() {
        let Some((name, value)) = line.trim().split_once('=') else { continue };
        let value = clip(&unquoted(value));
        match name {
            "ID" => found.id = value,
            "VERSION_ID" => found.version_id = value,
            "VERSION_CODENAME" => found.version_codename = Some(value).filter(|value| !value.is_empty()),
            "PRETTY_NAME" => found.pretty_name = value,
            _ => continue,
        }
        any = true;
    }
    Ok(any.then_some(Fact::OsRelease(found)))
}

/// A value without its quotes; a backslash keeps what follows it.
fn unquoted(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut quote = None;
    let mut characters = value.chars();
    while let Some(next) = characters.next() {
        match next {
            '\\' if quote != Some('\'') => text.extend(characters.next()),
            _ if Some(next) == quote => quote = None,
            '"' | '\'' if quote.is_none() => quote = Some(next),
            _ => text.push(next),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{fact, kind_of};

    #[test]
    fn as_debian_writes_it() {
        let text = b"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n\
            VERSION_CODENAME=bookworm\nID=debian\nHOME_URL=\"https://www.debian.org/\"\n";
        let (_, found) = fact("usr/lib/os-release", text);
        let Ok(Some(Fact::OsRelease(found))) = found else { panic!("{found:?}") };
        assert_eq!((found.id.as_str(), found.version_id.as_str()), ("debian", "12"));
        assert_eq!(found.version_codename.as_deref(), Some("bookworm"));
        assert_eq!(found.pretty_name, "Debian GNU/Linux 12 (bookworm)");
        assert_eq!(kind_of("opt/os-release", text), None);
    }

    #[test]
    fn quotes_as_a_shell_reads_them() {
        assert_eq!(unquoted(r#""a \"b\" \$c""#), r#"a "b" $c"#);
        assert_eq!(unquoted(r"'a\b'"), r"a\b");
        assert_eq!(unquoted("plain"), "plain");
        assert_eq!(unquoted("\"open"), "open");
        let (_, nothing) = fact("etc/os-release", b"# nothing\n");
        assert_eq!(nothing, Ok(None));
    }
}
