//! Links to a view of the map, as the script reads them (`state.js`).

use std::fmt::Write as _;

/// What `encodeURIComponent` leaves as it is.
fn percent(text: &str, keep_slash: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) || keep_slash && byte == b'/' {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// To a node of the tree `by`: the keys on the way to it.
pub(super) fn to<'k>(by: &str, keys: impl IntoIterator<Item = &'k str>) -> String {
    let keys: Vec<String> = keys.into_iter().map(|key| percent(key, false)).collect();
    // By directory is what a link is to that says nothing.
    let by = if by == "directory" { String::new() } else { format!("by={}&", percent(by, true)) };
    format!("#map?{by}at={}", percent(&keys.join("/"), true))
}

/// To a path of the tree by directory: `shown` has a leading slash.
pub(super) fn to_path(shown: &str) -> String {
    to("directory", keys(shown))
}

fn keys(shown: &str) -> impl Iterator<Item = &str> {
    shown.trim_start_matches('/').split('/')
}

/// Where the lists of an image lead to: to trees of its own, to one by directory that the page's map has under some name, or
/// nowhere.
#[derive(Debug, Clone, Copy)]
pub(super) enum Links<'a> {
    /// The map has this image alone, by all that it goes by.
    All,
    /// The map has a tree of this name.
    Tree(&'a str),
    /// There is no map.
    None,
}

impl Links<'_> {
    pub(super) fn group<'k>(self, by: &str, keys: impl IntoIterator<Item = &'k str>) -> Option<String> {
        matches!(self, Self::All).then(|| to(by, keys))
    }

    pub(super) fn path(self, shown: &str) -> Option<String> {
        match self {
            Self::All => Some(to_path(shown)),
            Self::Tree(name) => Some(to(name, keys(shown))),
            Self::None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_escaped_and_then_the_whole() {
        assert_eq!(to("rule", ["apt/lists"]), "#map?by=rule&at=apt%252Flists");
        assert_eq!(to_path("/usr/a b&c"), "#map?at=usr/a%2520b%2526c");
    }
}
