//! Symbolic links on the way to a path, one stack of layers each.

use crate::stack::{check, check_alone};

/// Merged `/usr`: a path through a symbolic link of a lower layer lands where the link leads.
#[test]
fn a_symbolic_link_as_parent() {
    for target in ["usr/lib", "/usr/lib", "./usr/../usr//lib/", "../../usr/lib"] {
        check(&format!(
            "usr/           | live
             usr/lib/       | live
             usr/lib/a = x*10 | overwritten by 2
             usr/lib/b = x*10 | deleted_file by 2
             lib -> {target}  | live
             ---
             lib/a = y*10   | live; at usr/lib/a
             lib/.wh.b      | live
             lib/d/         | live; at usr/lib/d
             lib/d/f = y*10 | live; at usr/lib/d/f
             ! parent-is-symlink",
        ));
    }
}

/// Links may lead to links, and from deep inside with `..`.
#[test]
fn a_chain_of_symbolic_links_as_parent() {
    check(
        "d/             | live
         d/e/           | live
         d/e/f = x*10   | metadata_only by 2
         d/up -> ../one | live
         one -> /two    | live
         two -> d/e     | live
         ---
         d/up/f = x*10  | live; at d/e/f
         ! parent-is-symlink",
    );
}

/// A link within the same layer is followed just as well.
#[test]
fn a_symbolic_link_of_the_same_layer_as_parent() {
    check(
        "d/           | live
         l -> d       | live
         l/f = x*10   | repeated_in_layer by 1; at d/f
         d/f = y*10   | live
         ! parent-is-symlink",
    );
}

/// A link to its own directory may be replaced by way of itself; what comes next is in the new
/// directory.
#[test]
fn a_symbolic_link_replaced_through_itself() {
    check(
        "d/           | live
         d/l -> .     | repeated_in_layer by 1
         d/l/l/       | live; at d/l
         d/l/f = x*10 | live
         ! parent-is-symlink",
    );
}

/// An opaque marker below a symbolic link empties the directory it leads to.
#[test]
fn an_opaque_marker_through_a_symbolic_link() {
    check(
        "d/             | live
         d/f = x*10     | opaque by 2
         l -> d         | live
         ---
         l/.wh..wh..opq | live",
    );
}

/// A whiteout of a symbolic link deletes the link and not what it leads to.
#[test]
fn a_whiteout_of_a_symbolic_link() {
    check(
        "d/         | live
         d/f = x*10 | live
         l -> d     | deleted_file by 2
         ---
         .wh.l      | live",
    );
}

/// An explicit directory entry replaces the link; neither its content nor a marker in it reaches
/// through to where the link led.
#[test]
fn a_directory_over_a_symbolic_link() {
    check(
        "d/         | live
         d/a = x*10 | live
         d/b = x*10 | live
         l -> d     | replaced_by_type by 2
         ---
         l/         | live
         l/a = y*10 | live
         l/.wh.b    | live",
    );
}

/// As many links as Linux follows are followed; one more is taken for a loop, and so is a loop: a directory takes its
/// place.
#[test]
fn symbolic_links_without_end() {
    let chain = |links: usize, first: &str| -> String {
        let fate = |n: usize| if n == 1 { first } else { "live" };
        let more: Vec<_> = (1..links).map(|n| format!("l{n} -> l{} | {}\n", n + 1, fate(n))).collect();
        format!("d/ | live\n{}l{links} -> d | live\n---\n", more.concat())
    };
    check(&format!("{}l1/f = x*10 | live; at d/f\n! parent-is-symlink", chain(40, "live")));
    check_alone(&format!("{}l1/f = x*10 | live\n! symlink-loop", chain(41, "replaced_by_type by 2")));
    check_alone(
        "a -> b     | replaced_by_type by 2
         b -> a     | live
         ---
         a/f = x*10 | live
         ! symlink-loop",
    );
}

/// A link above the root leads to the root.
#[test]
fn a_symbolic_link_out_of_the_root() {
    check(
        "f = x*10        | overwritten by 2
         l -> ../../..   | live
         ---
         l/f = y*10      | live; at f
         ! parent-is-symlink",
    );
}

/// A link may lead to a file: an entry below it needs a directory there, as one below the file itself does. Engines refuse
/// such an image.
#[test]
fn a_symbolic_link_to_a_file_as_parent() {
    check_alone(
        "t = x*10      | replaced_by_type by 2
         d/            | live
         d/lib -> ../t | live
         ---
         d/lib/a = y*10 | live; at t/a
         ! parent-is-symlink",
    );
    check_alone(
        "t = x*10      | repeated_in_layer by 1
         lib -> t/u/v  | live
         lib/a = y*10  | live; at t/u/v/a
         ! parent-is-symlink",
    );
}
