use super::*;
use proptest::prelude::*;

/// What is left of a path below the root, and whether it tried to leave it.
fn normalised(path: &str) -> (String, bool) {
    let (mut parts, mut escapes) = (Vec::new(), false);
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => escapes |= parts.pop().is_none(),
            name => parts.push(name),
        }
    }
    (parts.join("/"), escapes)
}

proptest! {
    /// Where a path leads does not depend on those that were looked up before it.
    #[test]
    fn a_path_leads_where_it_says(stored in prop::collection::vec(("(|a|b/a)", "(a|b|ab|\\.|\\.\\.|/|/|/){0,9}"), 1..40)) {
        let mut paths = Paths::new();
        for (base, path) in &stored {
            // Looking it up leaves what is remembered of the path before.
            let from = paths.find(base.as_bytes()).unwrap_or_else(|| paths.intern_path(base.as_bytes()).expect("few paths").0);
            let (node, odd) = paths.intern_below(from, path.as_bytes()).expect("few paths");
            let (expected, escapes) = normalised(&format!("{base}/{path}"));
            prop_assert_eq!((paths.path(node), odd.escapes), (expected.clone().into_bytes(), escapes), "{:?} among {:?}", path, stored);
            prop_assert_eq!(paths.find(expected.as_bytes()), Some(node));
        }
    }
}
