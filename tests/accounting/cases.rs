//! The rules, one stack of layers each. `umoci` must put the same tree on disk, but for the few
//! stacks it refuses or does not know.

use crate::stack::{Stack, Tree, check, check_alone};
use crate::support::{Entry, Layer, layout};

/// Other content at the path: the older copy is dead weight of the layer that stores it.
#[test]
fn overwritten() {
    check(
        "d/         | live
         d/a = x*90 | overwritten by 2
         ---
         d/a = y*90 | overwritten by 3
         ---
         d/a = y*91 | live",
    );
}

/// chmod, chown, touch and setfattr store the content again; only the metadata differs.
#[test]
fn metadata_only() {
    check(
        "mode = x*90   | metadata_only by 2
         owner = x*90  | metadata_only by 2
         time = x*90   | metadata_only by 2
         xattr = x*90  | metadata_only by 2
         empty         | metadata_only by 2
         link -> mode  | metadata_only by 2
         moved -> mode | overwritten by 2
         ---
         mode = x*90 (mode 600)       | live
         owner = x*90 (uid 7)         | live
         time = x*90 (mtime 9)        | live
         xattr = x*90 (user.k=v)      | live
         empty (mode 600)             | live
         link -> mode (mtime 9)       | live
         moved -> owner               | live",
    );
}

/// A whiteout deletes a file, or a directory with all it holds, and tells them apart.
#[test]
fn whiteouts() {
    check(
        "f = x*10     | deleted_file by 2
         d/           | deleted_dir by 3
         d/f = x*10   | deleted_dir by 3
         d/e/         | deleted_dir by 3
         d/e/f = x*10 | deleted_dir by 3
         d/e/l -> f   | deleted_dir by 3
         ---
         .wh.f        | live
         d/g = x*10   | deleted_dir by 3
         ---
         .wh.d        | live",
    );
}

/// What was deleted stays deleted when the name is used again later.
#[test]
fn deleted_then_written_again() {
    check(
        "f = x*10 | deleted_file by 2
         ---
         .wh.f    | live
         ---
         f = x*10 | live",
    );
}

/// A whiteout hides lower layers only: beside a new file of its name the old one was replaced, not
/// deleted, whichever of the two comes first in the tar.
#[test]
fn whiteout_beside_a_new_file() {
    check(
        "other = x*10     | overwritten by 2
         same = x*10      | metadata_only by 2
         type = x*10      | replaced_by_type by 2
         d/               | metadata_only by 2
         d/gone = x*10    | deleted_dir by 2
         d/same = x*10    | metadata_only by 2
         ---
         .wh.other        | live
         other = y*10     | live
         same = x*10      | live
         .wh.same         | live
         type -> other    | live
         .wh.type         | live
         d/               | live
         d/same = x*10    | live
         .wh.d            | live",
    );
}

/// A whiteout has no content, whatever body a writer gave it.
#[test]
fn a_marker_weighs_no_content() {
    let stack = check_alone(
        "f = x*10      | deleted_file by 2
         ---
         .wh.f = y*700 | live",
    );
    assert_eq!(stack.index.sums().total().content_bytes, 10);
}

/// An opaque marker applies to lower layers and before all else, even at the end of its tar.
#[test]
fn opaque_after_its_siblings() {
    check(
        "d/                 | metadata_only by 2
         d/gone = x*10      | opaque by 2
         d/other = x*10     | overwritten by 2
         d/same = x*10      | metadata_only by 2
         d/type = x*10      | replaced_by_type by 2
         d/sub/             | opaque by 2
         d/sub/f = x*10     | opaque by 2
         beside = x*10      | live
         ---
         d/                 | live
         d/other = y*10     | live
         d/same = x*10      | live
         d/type/            | live
         d/new = y*10       | live
         d/.wh..wh..opq     | live",
    );
}

/// An opaque marker needs no entry of its directory, and the root may be opaque.
#[test]
fn opaque_alone() {
    check(
        "d/             | live
         d/f = x*10     | opaque by 2
         ---
         d/.wh..wh..opq | live",
    );
    check(
        "d/           | opaque by 2
         d/f = x*10   | opaque by 2
         f = x*10     | overwritten by 2
         ---
         .wh..wh..opq | live
         f = y*10     | live",
    );
}

/// Whatever is no directory replaces a directory with its whole subtree.
#[test]
fn something_over_a_directory() {
    check(
        "file/           | replaced_by_type by 2
         file/f = x*10   | replaced_by_type by 2
         file/d/         | replaced_by_type by 2
         file/d/f = x*10 | replaced_by_type by 2
         link/           | replaced_by_type by 2
         link/f = x*10   | replaced_by_type by 2
         hard/           | replaced_by_type by 2
         hard/f = x*10   | replaced_by_type by 2
         ---
         file = y*10     | live
         link -> file    | live
         hard => file    | live",
    );
}

/// A directory hides a file of its name; what is below the directory is new.
#[test]
fn a_directory_over_a_file() {
    check(
        "f = x*10   | replaced_by_type by 2
         l -> f     | replaced_by_type by 2
         ---
         f/         | live
         f/g = y*10 | live
         l/         | live",
    );
}

/// The same with a directory that only its content implies, which `umoci` refuses.
#[test]
fn an_implied_directory_over_a_file() {
    check_alone(
        "f = x*10   | replaced_by_type by 2
         ---
         f/g = y*10 | live",
    );
    check_alone(
        "f = x*10   | repeated_in_layer by 1
         f/g = y*10 | live",
    );
}

/// Directory over directory merges: only the older header is stored for nothing.
#[test]
fn a_directory_again() {
    check(
        "d/         | repeated_in_layer by 1
         d/f = x*10 | live
         d/         | metadata_only by 2
         ---
         d/ (mode 700) | live",
    );
}

/// One path twice in one archive: the last one counts.
#[test]
fn the_same_path_twice_in_a_layer() {
    check(
        "f = x*10   | repeated_in_layer by 1
         f = x*10   | repeated_in_layer by 1
         f = y*10   | live
         d/         | repeated_in_layer by 1
         d/f = x*10 | repeated_in_layer by 1
         d/e/       | repeated_in_layer by 1
         d = y*10   | live
         t = x*10   | repeated_in_layer by 1
         t/         | live
         t/f = x*10 | live",
    );
}

/// The first copy hid what the layer below had; the second hid only the first.
#[test]
fn the_same_path_twice_over_a_lower_one() {
    check(
        "f = x*10   | overwritten by 2
         d/         | metadata_only by 2
         d/f = x*10 | replaced_by_type by 2
         ---
         f = y*10   | repeated_in_layer by 2
         f = z*10   | live
         d/         | repeated_in_layer by 2
         d/g = x*10 | repeated_in_layer by 2
         d = y*10   | live",
    );
}

/// AUFS keeps books in `.wh..wh.*`: they delete nothing.
#[test]
fn aufs_bookkeeping_is_ignored() {
    check(
        "plnk = x*10  | live
         aufs = x*10  | live
         d/           | live
         d/f = x*10   | live
         ---
         .wh..wh.aufs | live
         .wh..wh.plnk | live
         d/.wh..wh.orph | live",
    );
    // What is in its directory is not in the way of it.
    check_alone(
        ".wh..wh.plnk/     | live
         .wh..wh.plnk/1.23 | live",
    );
}

/// `.wh.` is a name like any other (`umoci` takes it for a whiteout of nothing and deletes the
/// directory).
#[test]
fn a_bare_whiteout_prefix_is_an_ordinary_name() {
    let stack = check_alone(
        "d/            | live
         d/f = x*10    | live
         d/.wh. = y*10 | overwritten by 2
         ---
         d/.wh. = z*10 | live",
    );
    assert_eq!(stack.index.sums().live().content_bytes, 20);
}

/// A marker with nothing to hide is a note, never an error, also in the first layer.
#[test]
fn markers_of_nothing() {
    check(
        "f = x*10          | live
         .wh.f             | live
         .wh.gone          | live
         ! whiteout-without-target
         ---
         .wh.gone          | live
         .wh.lost          | live
         ! whiteout-without-target",
    );
    check_alone(
        "f = x*10          | live
         ---
         d/.wh..wh..opq    | live
         ! opaque-without-target",
    );
}

/// A device 0:0 is overlayfs' own whiteout and none in a layer: an ordinary device.
#[test]
fn a_device_of_0_0_is_a_device() {
    check_alone(
        "f = x*10   | replaced_by_type by 2
         g = x*10   | live
         ---
         f char 0:0 | live",
    );
}

/// Leading `/` and `./`, doubled slashes and `..` are spelling; the path counts.
#[test]
fn spellings_of_one_path() {
    check(
        "./       | live; at
         ./d/     | metadata_only by 2; at d
         ./d/f = x*10 | overwritten by 2; at d/f
         ---
         /d/      | repeated_in_layer by 2; at d
         d//      | live
         d//./f = y*10 | live; at d/f",
    );
}

/// `..` cannot leave the root.
#[test]
fn a_path_above_the_root() {
    check(
        "f = x*10       | overwritten by 2
         ---
         ../../f = y*10 | live; at f
         ! path-escapes-root",
    );
}

/// The same layer twice: the lower copy is hidden by the upper one.
#[test]
fn the_same_layer_twice() {
    check(
        "d/       | metadata_only by 2
         d/f = x*10 | metadata_only by 2
         ---
         d/       | live
         d/f = x*10 | live",
    );
}

/// A slash at the end makes a directory of old tars' type NUL alone: engines (Go's `archive/tar`)
/// extract a regular file of that name as a file.
#[test]
fn a_regular_file_with_a_slash_at_the_end() {
    let layers = [Layer::new(&[Entry::new("directory/", 0), Entry::file("file/", "")])];
    let stack = Stack::of(Vec::new(), layout(&layers));
    let (_kept, disk) = stack.umoci();
    assert_eq!(Tree::of_index(&stack.index), Tree::of_disk(&disk), "plimsoll (left) and umoci (right)");
}
