//! `cat` and `extract` give the bytes that are in the layers.

use crate::stack::{Stack, Tree};
use crate::support::{Layer, file, layout, plimsoll, run, testdata};
use std::collections::BTreeMap;
use std::io::Read;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::process::Command;

/// A hidden version is still to be had from the layer that stores it.
#[test]
fn cat_of_a_hidden_version() {
    let stack = Stack::new(["f = old*3", "g => f", "---", "f = new*3", "---", ".wh.f"]);
    let cat = |args: &[&str]| run(&[&["cat", stack.layout.arg()], args].concat());
    assert_eq!(cat(&["f", "--layer", "1"]).text(), "oldoldold");
    assert_eq!(cat(&["f", "--layer", "2"]).text(), "newnewnew");
    assert_eq!(cat(&["g"]).text(), "oldoldold");
    let gone = cat(&["f"]);
    gone.assert_status(3);
    assert!(gone.stderr.contains("layer 2 stores it: add `--layer 2`"), "the remedy is named: {}", gone.stderr);
    let not_there = cat(&["f", "--layer", "3"]);
    not_there.assert_status(3);
    cat(&["f", "--layer", "4"]).assert_status(3);
}

/// A path is followed as a process in the container would follow it.
#[test]
fn cat_follows_symbolic_links() {
    let stack = Stack::new(["d/", "d/f = text", "l -> /d", "m -> l/../l/f", "d/up -> ..", "loop -> loop"]);
    for path in ["d/f", "/d/f", "l/f", "m", "./d//f", "d/up/l/f", "../../d/f"] {
        let outcome = run(&["cat", stack.layout.arg(), path]);
        outcome.assert_status(0);
        assert_eq!(outcome.text(), "text", "{path}");
    }
    run(&["cat", stack.layout.arg(), "loop"]).assert_status(3);
    run(&["cat", stack.layout.arg(), "d"]).assert_status(2);
}

/// What one layer stores, hidden or not, is what its tar holds.
#[test]
fn extract_of_one_layer() {
    let stack = Stack::new(["d/", "d/f = old", "keep = k", "---", "d/f = new", "d/g => keep", "l -> d/f", ".wh.nothing", "---", ".wh.d"]);
    let target = tempfile::tempdir().expect("a temporary directory");
    let out = target.path().join("second");
    run(&["extract", stack.layout.arg(), out.to_str().expect("plain"), "--layer", "2"]).assert_status(0);
    let read = |name: &str| std::fs::read_to_string(out.join(name)).expect("a file of the layer");
    assert_eq!((read("d/f"), read("d/g")), ("new".to_owned(), "k".to_owned()));
    assert_eq!(format!("{:?}", Tree::of_disk(&out)), "d  directory\nd/f  file of 3\nd/g  file of 1\nl  -> d/f\n");
}

/// A layer that has one path twice holds what its tar ends with.
#[test]
fn extract_of_a_layer_with_repeated_paths() {
    let stack = Stack::new(["f = first", "f = last", "d/", "d/x = gone", "d = file", "t = gone", "t/", "t/x = here"]);
    for layer in [&["--layer", "1"][..], &[]] {
        let target = tempfile::tempdir().expect("a temporary directory");
        let out = target.path().join("out");
        run(&[&["extract", stack.layout.arg(), out.to_str().expect("plain")], layer].concat()).assert_status(0);
        let told = format!("{:?}", Tree::of_disk(&out));
        assert_eq!(told, "d  file of 4\nf  file of 4\nt  directory\nt/x  file of 4\n", "{layer:?}");
    }
}

/// Only what matches is written, and nothing into a directory that holds something.
#[test]
fn extract_some_paths_into_a_new_directory() {
    let stack = Stack::new(["etc/", "etc/a.conf = 1", "etc/b.txt = 2", "c.conf = 3"]);
    let target = tempfile::tempdir().expect("a temporary directory");
    let extract = |args: &[&str]| run(&[&["extract", stack.layout.arg(), target.path().to_str().expect("plain")], args].concat());
    extract(&["--path", "*.conf"]).assert_status(0);
    assert_eq!(format!("{:?}", Tree::of_disk(target.path())), "c.conf  file of 1\netc  directory\netc/a.conf  file of 1\n");
    let again = extract(&[]);
    again.assert_status(2);
    assert!(again.stderr.contains("not empty"), "{}", again.stderr);
}

/// A sparse file comes out with its bytes where they were and its holes as holes, however the
/// archive stores it.
#[test]
fn sparse_files_keep_their_holes() {
    let (kept, path) = file("sparse", b"");
    let pieces = std::fs::OpenOptions::new().write(true).open(&path).expect("just made");
    for piece in 1..40 {
        pieces.write_all_at(format!("piece {piece}").as_bytes(), piece * 100_000).expect("our own file");
    }
    pieces.set_len(5_000_000).expect("our own file");
    let truth = std::fs::read(&path).expect("our own file");
    for (format, version) in [("oldgnu", "1.0"), ("gnu", "1.0"), ("pax", "0.0"), ("pax", "0.1"), ("pax", "1.0")] {
        let mut tar = Command::new("tar");
        tar.args(["--sparse", &format!("--format={format}"), &format!("--sparse-version={version}"), "-c", "-C"]).arg(kept.path());
        let tar = tar.arg("sparse").output().expect("these tests need GNU tar").stdout;
        assert!((1000..500_000).contains(&tar.len()), "{format}");
        let image = layout(&[Layer::of_tar(tar)]);
        assert!(run(&["cat", image.arg(), "sparse"]).stdout == truth, "{format} {version}");

        let target = tempfile::tempdir().expect("a temporary directory");
        let out = target.path().join("out");
        run(&["extract", image.arg(), out.to_str().expect("plain")]).assert_status(0);
        assert!(std::fs::read(out.join("sparse")).expect("extracted") == truth, "{format} {version}");
        let stored = std::fs::metadata(out.join("sparse")).expect("extracted").blocks() * 512;
        assert!(stored < 2_500_000, "{format} {version}: {stored} bytes on disk");
    }
}

/// Every file of every layer of the demo image, against the `tar` crate.
#[test]
fn the_layers_of_the_demo_image() {
    let demo = testdata("demo.tar");
    let demo = demo.to_str().expect("a plain path");
    let layers = blobs_of_demo();
    for (number, blob) in (1..).zip(&layers) {
        let target = tempfile::tempdir().expect("a temporary directory");
        let out = target.path().join("out");
        plimsoll().args(["extract", demo, out.to_str().expect("plain"), "--layer", &number.to_string()]).assert().success();
        let mut expected = BTreeMap::new();
        let mut archive = tar::Archive::new(flate2::read::MultiGzDecoder::new(&blob[..]));
        for entry in archive.entries().expect("a tar") {
            let mut entry = entry.expect("a tar");
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).expect("a tar");
            let path = entry.path().expect("a path").to_string_lossy().into_owned();
            let marker = path.rsplit('/').next().is_some_and(|name| name.starts_with(".wh."));
            if entry.header().entry_type().is_file() && !marker {
                expected.insert(path, bytes);
            }
        }
        let ours = crate::stack::contents(&out);
        assert!(expected.len() <= ours.len());
        for (path, bytes) in expected {
            assert_eq!(ours.get(&path).map(|(_, bytes)| bytes), Some(&bytes), "layer {number}: {path}");
        }
    }
}

/// The layer blobs of the demo image in order, straight from the OCI archive.
fn blobs_of_demo() -> Vec<Vec<u8>> {
    let mut members = BTreeMap::new();
    let file = std::fs::File::open(testdata("demo.tar")).expect("test data");
    for entry in tar::Archive::new(file).entries().expect("a tar") {
        let mut entry = entry.expect("a tar");
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("a tar");
        members.insert(entry.path().expect("a path").to_string_lossy().into_owned(), bytes);
    }
    let blob = |digest: &serde_json::Value| &members[&format!("blobs/{}", digest.as_str().expect("a digest").replace(':', "/"))];
    let index: serde_json::Value = serde_json::from_slice(&members["index.json"]).expect("JSON");
    let manifest: serde_json::Value = serde_json::from_slice(blob(&index["manifests"][0]["digest"])).expect("JSON");
    manifest["layers"].as_array().expect("layers").iter().map(|layer| blob(&layer["digest"]).clone()).collect()
}
