//! Names of one file, one stack of layers each. `umoci` must put the same tree on disk.

use crate::stack::{check, check_alone};

/// The bytes of a hard-linked file are one inode's: they live while any of its names does.
#[test]
fn hard_links_in_one_layer() {
    check(
        "a = x*10 | live; name deleted_file by 2
         b => a   | live
         ---
         .wh.a    | live",
    );
    check(
        "a = x*10 | live; name overwritten by 2
         b => a   | live
         ---
         a = y*10 | live",
    );
    check(
        "a = x*10 | live
         b => a   | overwritten by 2
         ---
         b = y*10 | live",
    );
}

/// With the last name the bytes go, for the reason the last name went.
#[test]
fn the_last_name_of_a_hard_linked_file() {
    check(
        "a = x*10 | overwritten by 3; name deleted_file by 2
         b => a   | overwritten by 3
         c => b   | deleted_file by 2
         ---
         .wh.a    | live
         .wh.c    | live
         ---
         b = y*10 | live",
    );
}

/// A hard link may lead to a file of a lower layer, by any spelling of its path.
#[test]
fn hard_links_across_layers() {
    check(
        "d/         | live
         d/a = x*10 | live; name deleted_file by 3
         l -> d     | live
         ---
         b => d/a   | deleted_file by 3
         c => /d/a  | live
         e => ./d/a | live
         f => l/a   | live
         ---
         d/.wh.a    | live
         .wh.b      | live",
    );
}

/// A link over another name of its own file changes no byte; the old link's header was for nothing.
#[test]
fn a_link_over_a_name_of_the_same_file() {
    check(
        "a = x*10 | live
         b => a   | metadata_only by 2
         ---
         b => a   | live",
    );
}

/// `ln a b` in a later layer copies the content up: only the number of links changed.
#[test]
fn a_link_made_later_copies_the_content_up() {
    check(
        "a = x*10 | metadata_only by 2
         ---
         a = x*10 | live
         b => a   | live",
    );
}

/// A chmod of a file with two names copies one of them up, or both.
#[test]
fn a_copy_of_a_file_with_two_names() {
    check(
        "a = x*10            | live; name metadata_only by 2
         b => a              | live
         ---
         a = x*10 (mode 600) | live",
    );
    check(
        "a = x*10            | metadata_only by 2
         b => a              | metadata_only by 2
         ---
         a = x*10 (mode 600) | live
         b => a              | live",
    );
}

/// A name that is written again in its own layer leaves the other name its bytes.
#[test]
fn a_hard_linked_name_twice_in_a_layer() {
    check(
        "a = x*10 | live; name repeated_in_layer by 1
         b => a   | live
         a = y*10 | live",
    );
}

/// Symbolic links have inodes too, and a hard link to one is one.
#[test]
fn a_hard_link_to_a_symbolic_link() {
    check(
        "a = x*10 | live
         l -> a   | live; name deleted_file by 2
         m => l   | live
         ---
         .wh.l    | live",
    );
}

/// A link that leads nowhere is noted and weighs nothing; `umoci` stops there.
#[test]
fn a_hard_link_to_nothing() {
    let stack = check_alone(
        "a = x*10  | deleted_file by 2
         b => gone | live
         ! hardlink-without-target
         ---
         .wh.a     | live
         c => a    | live
         ! hardlink-without-target",
    );
    assert_eq!(stack.index.sums().live().content_bytes, 0);
    // An empty file it counts as, and so a file is overwritten with it.
    check_alone(
        "a = x*10  | overwritten by 2
         ---
         a => gone | overwritten by 3
         ! hardlink-without-target
         ---
         a = y*10  | live",
    );
}
