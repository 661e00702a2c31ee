//! Nothing is written outside the target.

use crate::run;
use crate::support::{Entry, Layer, layout, layout_of};
use std::collections::BTreeSet;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

/// Everything below `root`, with what is in the files.
fn tree(root: &Path) -> BTreeSet<(PathBuf, Option<Vec<u8>>)> {
    let mut found = BTreeSet::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).expect("readable") {
            let path = entry.expect("readable").path();
            let kind = path.symlink_metadata().expect("just listed").file_type();
            if kind.is_dir() {
                directories.push(path.clone());
            }
            let content = kind.is_file().then(|| std::fs::read(&path).expect("readable"));
            found.insert((path, content));
        }
    }
    found
}

/// Threat 15: `extract` writes below its target and nowhere else, whatever names and links say.
#[test]
fn extract_never_leaves_its_target() {
    let outer = tempfile::tempdir().expect("a temporary directory");
    let outside = outer.path().join("outside");
    std::fs::create_dir(&outside).expect("a new directory");
    std::fs::write(outside.join("secret"), "secret").expect("a new file");
    let absolute = outside.to_str().expect("plain names");
    let attacks: Vec<(&str, Vec<Vec<Entry>>)> = vec![
        (
            "names",
            vec![vec![Entry::file("../up", "pwned"), Entry::file("../../outside/pwned", "pwned"), Entry::file("a/../../../up", "pwned")]],
        ),
        ("absolute name", vec![vec![Entry::file(format!("{absolute}/pwned"), "pwned")]]),
        ("link, then through it", vec![vec![Entry::symlink("l", "../outside"), Entry::file("l/pwned", "pwned")]]),
        (
            "absolute link, then through it",
            vec![vec![Entry::symlink("l", absolute), Entry::file("l/pwned", "pwned"), Entry::file("l/secret", "pwned")]],
        ),
        (
            "link in a lower layer",
            vec![vec![Entry::symlink("l", "../outside")], vec![Entry::file("l/pwned", "pwned"), Entry::dir("l/made")]],
        ),
        (
            "link replaced and back",
            vec![vec![Entry::dir("l"), Entry::symlink("l", "../outside"), Entry::dir("l"), Entry::file("l/pwned", "pwned")]],
        ),
        ("file over a link", vec![vec![Entry::symlink("l", "../outside/secret"), Entry::file("l", "pwned")]]),
        ("hard link to outside", vec![vec![Entry::hardlink("h", "../outside/secret"), Entry::hardlink("i", format!("{absolute}/secret"))]]),
        ("hard link to a link", vec![vec![Entry::symlink("l", "../outside/secret"), Entry::hardlink("h", "l"), Entry::file("h", "pwned")]]),
        (
            "links in links",
            vec![vec![
                Entry::symlink("a", "."),
                Entry::symlink("a/b", "../outside"),
                Entry::file("a/b/pwned", "pwned"),
                Entry::file("b/pwned", "pwned"),
            ]],
        ),
        ("dots", vec![vec![Entry::dir(".."), Entry::file(".", "pwned"), Entry::file("..", "pwned"), Entry::file("/", "pwned")]]),
        ("odd bytes", vec![vec![Entry::file(b"\xff/\x1b[2J", "x"), Entry::new("nul", b'3'), Entry::special("fifo", b'6', (0, 0))]]),
    ];
    for (what, layers) in attacks {
        let image = layout(&layers.iter().map(|entries| Layer::new(entries)).collect::<Vec<_>>());
        for layer in [None, Some("1"), Some("2")] {
            let target = outer.path().join("target");
            let before = tree(outer.path());
            let mut args = vec!["extract", image.arg(), target.to_str().expect("plain names")];
            args.extend(layer.iter().flat_map(|layer| ["--layer", layer]));
            let outcome = run(128, &args);
            assert!(matches!(outcome.status, Some(0 | 2 | 3)), "{what}: {outcome:?}");
            let after = tree(outer.path()).into_iter().filter(|(path, _)| !path.starts_with(&target)).collect::<BTreeSet<_>>();
            assert_eq!(after, before, "{what}, layer {layer:?}: something outside the target changed");
            if target.exists() {
                std::fs::remove_dir_all(&target).expect("ours to remove");
            }
        }
    }
}

/// Threat 15: a target that is not empty is refused: what is there might be links.
#[test]
fn extract_wants_an_empty_target() {
    let image = layout_of(&[&[Entry::file("l/pwned", "pwned")]]);
    let outer = tempfile::tempdir().expect("a temporary directory");
    let (target, outside) = (outer.path().join("target"), outer.path().join("outside"));
    for directory in [&target, &outside] {
        std::fs::create_dir(directory).expect("a new directory");
    }
    symlink(&outside, target.join("l")).expect("a new link");
    run(128, &["extract", image.arg(), target.to_str().expect("plain names")]).assert_status(2);
    assert!(std::fs::read_dir(&outside).expect("readable").next().is_none());
}
