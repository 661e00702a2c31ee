//! Paths and strings as the parsers of package records cut them.

/// Longer strings in a record are cut: no name, version or path that means something is longer.
const LONGEST: usize = 4096;

/// The directory of a path; empty at the root.
pub(super) fn parent(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').map_or(&[], |cut| &path[..cut])
}

/// The last name of a path.
pub(super) fn last(path: &[u8]) -> &[u8] {
    path.iter().rposition(|byte| *byte == b'/').map_or(path, |cut| &path[cut + 1..])
}

/// A string of bounded length.
pub(super) fn clip(text: &str) -> String {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}
