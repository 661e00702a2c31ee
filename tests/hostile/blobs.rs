//! What stands where a blob should.

use crate::support;
use crate::support::{Entry, ImageSpec, Layer, Layout, Outcome, digest, layout_of, number, tar};
use crate::{bounded, run};
use serde_json::json;
use std::os::unix::fs::symlink;
use std::path::Path;

/// Threat 12: a link in an archive leads to another member or nowhere, never to the host.
#[test]
fn links_in_archives() {
    let secret = tempfile::tempdir().expect("a temporary directory");
    let secret_tar = secret.path().join("layer.tar");
    std::fs::write(&secret_tar, tar(&[Entry::file("secret", "secret")])).expect("a new file");
    let outside = secret_tar.to_str().expect("plain names");
    let layer = Layer::new(&[Entry::file("a", "a")]).plain();
    let config = ImageSpec::new(std::slice::from_ref(&layer)).document();
    let manifest = json!([{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["l/layer.tar"]}]).to_string();
    let cases = [
        ("to itself", vec![Entry::symlink("l/layer.tar", "layer.tar")], 5),
        ("loop", vec![Entry::symlink("l/layer.tar", "../m"), Entry::symlink("m", "l/layer.tar")], 5),
        ("outside", vec![Entry::symlink("l/layer.tar", format!("../../../../../../..{outside}"))], 5),
        ("absolute", vec![Entry::symlink("l/layer.tar", outside)], 5),
        ("hard link outside", vec![Entry::hardlink("l/layer.tar", outside)], 5),
        ("dangling", vec![Entry::symlink("l/layer.tar", "../nothing")], 5),
        ("to a directory", vec![Entry::dir("d"), Entry::symlink("l/layer.tar", "../d")], 5),
        ("symbolic link", vec![Entry::symlink("l/layer.tar", "../real.tar"), Entry::file("real.tar", &layer.tar)], 0),
        ("hard link", vec![Entry::file("real.tar", &layer.tar), Entry::hardlink("l/layer.tar", "real.tar")], 0),
    ];
    for (what, links, status) in cases {
        let archive = tar(&[links, vec![Entry::file("c.json", &config), Entry::file("manifest.json", &manifest)]].concat());
        let (_dir, path) = support::file("a.tar", &archive);
        let file = Outcome::of(bounded(64).arg(path).args(["--format", "json"]));
        let pipe = Outcome::of(bounded(64).args(["-", "--format", "json"]).write_stdin(archive));
        for outcome in [file, pipe] {
            assert_eq!(outcome.status, Some(status), "{what}: {}", outcome.stderr);
            assert_eq!(number(&outcome.json(), "/totals/content_bytes"), u64::from(status == 0), "{what}");
        }
    }
}

/// Threat 13: blobs of a layout may be links (build systems make them so), but only to regular
/// files of the right digest: no device is read, no FIFO waited for, no file of the host shown.
#[test]
fn blobs_that_are_no_files() {
    let layer = Layer::new(&[Entry::file("a", "a")]);
    let image = ImageSpec::new(std::slice::from_ref(&layer));
    let outer = tempfile::tempdir().expect("a temporary directory");
    let secret = outer.path().join("secret");
    std::fs::write(&secret, "root:secret-hash:1").expect("a new file");
    let fifo = outer.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().expect("mkfifo").success());
    let real = outer.path().join("real");
    std::fs::write(&real, &layer.blob).expect("a new file");
    let replaced = |name: &str, with: &Path| {
        let layout = Layout::of(&image);
        let path = layout.path().join(name);
        std::fs::remove_file(&path).expect("made by the layout");
        symlink(with, path).expect("a new link");
        layout
    };
    let blob = |bytes: &[u8]| format!("blobs/sha256/{}", &digest(bytes)[7..]);
    for name in [blob(&layer.blob), blob(&image.document()), "index.json".to_owned()] {
        for with in [Path::new("/dev/zero"), &fifo, &secret, outer.path()] {
            let outcome = run(64, &[replaced(&name, with).arg()]);
            assert_eq!(outcome.status, Some(3), "{name} is {}: {}", with.display(), outcome.stderr);
            assert!(!outcome.stderr.contains("secret-hash") && outcome.stdout.is_empty(), "{outcome:?}");
        }
    }
    // The same without a link in between.
    let layout = Layout::of(&image);
    std::fs::remove_file(layout.blob_path(&digest(&layer.blob))).expect("made by the layout");
    std::fs::rename(&fifo, layout.blob_path(&digest(&layer.blob))).expect("one file system");
    run(64, &[layout.arg()]).assert_status(3);
    run(64, &[replaced(&blob(&layer.blob), &real).arg()]).assert_status(0);
    // A device or FIFO as the image itself.
    for path in ["/dev/zero", layout.blob_path(&digest(&layer.blob)).to_str().expect("plain names")] {
        run(64, &[path]).assert_status(3);
    }
}

/// Threat 14: what makes no sense in one layer is counted, noted, and stops nothing.
#[test]
fn nonsense_in_one_layer() {
    let layout = layout_of(&[
        &[Entry::file("gone", "12345"), Entry::dir("d"), Entry::file("d/f", "1234567")],
        &[
            Entry::file("twice", "first"),
            Entry::file("twice", "second"),
            Entry::hardlink("to-nothing", "no/such/file"),
            Entry::hardlink("to-itself", "to-itself"),
            Entry::whiteout("gone"),
            Entry::hardlink("to-gone", "gone"),
            Entry::file("d", "now a file"),
            Entry::opaque("d"),
        ],
    ]);
    let report = support::json(&[layout.arg()], 0);
    support::assert_books(&report);
    assert_eq!(number(&report, "/shadowed/causes/repeated_in_layer/content_bytes"), 5, "the last of a name wins");
    assert!(report["notes"].as_array().expect("notes").iter().any(|note| note["code"] == "hardlink-without-target"));
    assert_eq!(number(&report, "/live/content_bytes"), 6 + 10);
}
