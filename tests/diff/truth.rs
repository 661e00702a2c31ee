//! Live files against what `umoci` puts on disk, of a real image.

use crate::support::{Layout, digest, json, named, testdata};
use crate::{books, list};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The demo image as a layout, without some of its layers.
fn demo_without(gone: &[usize]) -> Layout {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let archive = std::fs::File::open(testdata("demo.tar")).expect("the demo image");
    for member in tar::Archive::new(archive).entries().expect("a tar") {
        let mut member = member.expect("a whole member");
        let name = member.path().expect("a name").to_string_lossy().trim_start_matches("./").to_owned();
        let mut bytes = Vec::new();
        member.read_to_end(&mut bytes).expect("a whole member");
        files.insert(name, bytes);
    }
    let blob = |descriptor: &Value| &files[&format!("blobs/{}", descriptor["digest"].as_str().expect("a digest").replace(':', "/"))];
    let parse = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).expect("JSON");
    let mut manifest = parse(blob(&parse(&files["index.json"])["manifests"][0]));
    let mut config = parse(blob(&manifest["config"]));
    let layout = Layout::new();
    let keep = |list: &Value| -> Vec<Value> {
        let all = list.as_array().expect("a list").iter().enumerate();
        all.filter(|(at, _)| !gone.contains(at)).map(|(_, value)| value.clone()).collect()
    };
    let mut layer = 0;
    let history = config["history"].as_array().expect("history").iter().filter(|row| {
        let makes = row["empty_layer"] != true;
        layer += usize::from(makes);
        !makes || !gone.contains(&(layer - 1))
    });
    config["history"] = history.cloned().collect();
    config["rootfs"]["diff_ids"] = keep(&config["rootfs"]["diff_ids"]).into();
    manifest["layers"] = keep(&manifest["layers"]).into();
    for layer in manifest["layers"].as_array().expect("layers") {
        let stored = layout.blob(blob(layer), "");
        assert_eq!(stored["digest"], digest(blob(layer)), "blobs are named by their digest");
    }
    manifest["config"] = layout.blob(config.to_string().as_bytes(), crate::support::CONFIG);
    let descriptor = layout.blob(manifest.to_string().as_bytes(), crate::support::MANIFEST);
    layout.index(&[named(descriptor, "latest")]);
    layout
}

/// For each file below `root` its type, content and mode.
fn tree(root: &Path) -> BTreeMap<String, (String, Vec<u8>, u32)> {
    let mut found = BTreeMap::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for item in std::fs::read_dir(directory).expect("a readable directory") {
            let path = item.expect("a readable directory").path();
            let about = path.symlink_metadata().expect("just listed");
            let name = format!("/{}", path.strip_prefix(root).expect("below it").display());
            let (kind, content) = if about.is_dir() {
                directories.push(path);
                ("directory", Vec::new())
            } else if about.is_symlink() {
                ("link", std::fs::read_link(&path).expect("a link").display().to_string().into_bytes())
            } else {
                ("file", std::fs::read(&path).expect("a readable file"))
            };
            found.insert(name, (kind.to_owned(), content, about.permissions().mode() & 0o7777));
        }
    }
    found
}

fn unpacked(layout: &Layout) -> BTreeMap<String, (String, Vec<u8>, u32)> {
    let (_keep, rootfs) = layout.umoci();
    tree(&rootfs)
}

/// Files that are there on one disk only, and those of other content on the other, are told as such; no others are.
#[test]
fn live_files_are_those_on_disk() {
    // Layers 7 to 9, from 1: `sed -i` writes one file anew, `chown -R` stores all again, `chmod` one file.
    // Layer 11 removes what is not needed; without it the old image shows more.
    for (old_gone, new_gone) in
        [(vec![6, 7, 8], vec![7, 8]), (vec![6, 7, 8], vec![]), (vec![], vec![10]), (vec![4, 5, 6, 7, 8], vec![9, 10])]
    {
        let (old, new) = (demo_without(&old_gone), demo_without(&new_gone));
        let found = json(&["diff", old.arg(), new.arg(), "--top", "0"], 0);
        books::assert_balanced(&found);
        let told = |change: &str| -> BTreeSet<String> {
            let rows = list(&found["files"], "list").iter().filter(|row| row["change"] == change);
            rows.map(|row| row["path"].as_str().expect("a path").to_owned()).collect()
        };
        let (before, after) = (unpacked(&old), unpacked(&new));
        let only = |here: &BTreeMap<String, _>, there: &BTreeMap<String, _>| -> BTreeSet<String> {
            here.keys().filter(|path| !there.contains_key(*path)).cloned().collect()
        };
        assert_eq!(told("added"), only(&after, &before), "added, without {old_gone:?} to without {new_gone:?}");
        assert_eq!(told("removed"), only(&before, &after), "removed, without {old_gone:?} to without {new_gone:?}");
        let both = || before.iter().filter_map(|(path, was)| Some((path, was, after.get(path)?)));
        let content: BTreeSet<String> =
            both().filter(|(_, was, is)| was.0 == is.0 && was.1 != is.1).map(|(path, ..)| path.clone()).collect();
        assert_eq!(told("content"), content, "content, without {old_gone:?} to without {new_gone:?}");
        let mode: BTreeSet<String> = both()
            .filter(|(_, was, is)| was.0 == is.0 && was.0 != "link" && was.1 == is.1 && was.2 != is.2)
            .map(|(path, ..)| path.clone())
            .collect();
        assert!(mode.is_subset(&told("metadata")), "modes: {mode:?}");
        if new_gone == [7, 8] {
            assert_eq!(content.len(), 1, "`sed -i` changed one file: {content:?}");
            assert!(told("metadata").is_empty(), "{:?}", told("metadata"));
        }
    }
}

/// `chown -R app:app /app`: the files of its layer's tar have another owner, and nothing else changed.
#[test]
fn other_owners_are_those_of_the_tar() {
    let (old, new) = (demo_without(&[7, 8, 9, 10]), demo_without(&[8, 9, 10]));
    let found = json(&["diff", old.arg(), new.arg(), "--top", "0"], 0);
    let manifest = list(&found, "layers").iter().find(|layer| layer["change"] == "added").expect("the layer of chown");
    assert!(manifest["instruction"].as_str().expect("history").starts_with("RUN chown -R app:app /app"), "{manifest}");
    let index: Value = serde_json::from_slice(&std::fs::read(new.path().join("index.json")).expect("just written")).expect("JSON");
    let read = |descriptor: &Value| std::fs::read(new.blob_path(descriptor["digest"].as_str().expect("a digest"))).expect("a blob");
    let manifest: Value = serde_json::from_slice(&read(&index["manifests"][0])).expect("JSON");
    let layer = crate::support::gunzip(&read(&manifest["layers"][7]));
    let mut paths = BTreeSet::new();
    let (mut bytes, mut entries) = (0, 0);
    for member in tar::Archive::new(&layer[..]).entries().expect("a tar") {
        let member = member.expect("a whole member");
        // A directory on the way may be there for its time alone.
        if member.header().uid().expect("a number") != 0 {
            paths.insert(format!("/{}", member.path().expect("a name").display()).trim_end_matches('/').to_owned());
        }
        entries += 1;
        bytes += member.size();
    }
    let told: BTreeSet<String> = list(&found["files"], "list")
        .iter()
        .filter(|row| row["change"] == "metadata")
        .map(|row| row["path"].as_str().expect("a path").to_owned())
        .collect();
    assert_eq!(told.symmetric_difference(&paths).collect::<Vec<_>>(), Vec::<&String>::new());
    assert_eq!(found["delta"]["content_bytes"], bytes);
    assert_eq!(found["delta"]["entries"], entries);
    let stored = &list(&found, "layers").iter().find(|layer| layer["change"] == "added").expect("the layer of chown")["stored"];
    assert_eq!(stored["again"]["content_bytes"], bytes, "all of it was there already: {stored}");
    assert!(found["summary"].as_str().expect("a sentence").starts_with("All of the growth is a copy"), "{}", found["summary"]);
}
