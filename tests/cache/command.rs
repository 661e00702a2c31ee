//! The cache as the command line uses and shows it.

use super::{files, noisy};
use crate::support::{self, Outcome, plimsoll};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// Layers that are large enough to be worth a file.
const SIZE: usize = 100_000;

fn temporary() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn with_cache(directory: &Path, args: &[&str]) -> Outcome {
    let outcome = Outcome::of(plimsoll().args(args).env("PLIMSOLL_CACHE_DIR", directory));
    assert_eq!(outcome.status, Some(0), "{args:?}: {}", outcome.stderr);
    assert_eq!(outcome.stderr, "", "{args:?}");
    outcome
}

fn list(directory: &Path) -> Vec<Value> {
    with_cache(directory, &["cache", "list", "--format", "json"]).json().as_array().expect("an array").clone()
}

/// Every view is the same from the cache; what is in it is listed, and goes when it is to go.
#[test]
fn filled_listed_and_emptied() {
    let home = temporary();
    let layout = noisy(3, SIZE);
    let views: [&[&str]; 5] = [
        &[layout.arg(), "--details", "--dive"],
        &[layout.arg(), "--format", "json"],
        &["files", layout.arg(), "--format", "csv"],
        &["cat", layout.arg(), "/d/again"],
        &["packages", layout.arg(), "--format", "cyclonedx"],
    ];
    for view in views {
        let without = support::run(view);
        assert_eq!(with_cache(home.path(), view).stdout, without.stdout, "{view:?}, the first time or not");
        assert_eq!(with_cache(home.path(), view).stdout, without.stdout, "{view:?}, again");
    }
    let found = list(home.path());
    assert_eq!(found.len(), 3);
    for kept in &found {
        let blob = std::fs::metadata(layout.blob_path(kept["digest"].as_str().expect("a digest"))).expect("a layer's blob");
        assert_eq!(kept["blob_bytes"], blob.len());
        assert_eq!(kept["entries"], 6);
        let file = files(home.path())
            .into_iter()
            .find(|path| kept["digest"].as_str().expect("text").ends_with(path.file_name().expect("a name").to_str().expect("plain")));
        assert_eq!(kept["bytes"], std::fs::metadata(file.expect("a file of that name")).expect("there").len());
        let used = kept["last_used"].as_str().expect("a time");
        assert!(used.len() == "2026-01-01T00:00:00Z".len() && used.starts_with("20") && used.ends_with('Z'), "{used}");
    }
    let table = with_cache(home.path(), &["cache", "list", "--bytes"]).text();
    assert!(table.contains("3 blobs") && table.contains(found[0]["digest"].as_str().expect("text").get(..20).expect("long")), "{table}");
    assert_eq!(with_cache(home.path(), &["cache", "list", "--format", "csv"]).text().lines().count(), 4);
    assert_eq!(with_cache(home.path(), &["cache", "dir"]).text().trim(), home.path().to_str().expect("plain names"));

    assert!(with_cache(home.path(), &["cache", "prune"]).text().starts_with("0 blobs removed"));
    let one = found[0]["bytes"].as_u64().expect("a size");
    let pruned = with_cache(home.path(), &["cache", "prune", "--max-size", &format!("{}B", one + one / 2)]).text();
    assert!(pruned.starts_with("2 blobs removed"), "{pruned}");
    assert_eq!(list(home.path()).len(), 1);
    assert!(with_cache(home.path(), &["cache", "prune", "--all"]).text().starts_with("1 blob removed"));
    assert_eq!(list(home.path()), [] as [Value; 0]);
    assert_eq!(files(home.path()).len(), 0);
}

/// The flag, the variable, the caches of the user, the home directory; without any there is no cache.
#[test]
fn where_it_is() {
    let layout = noisy(1, SIZE);
    let kept = |set: &dyn Fn(&Path) -> Vec<(&'static str, String)>, flags: &dyn Fn(&Path) -> Vec<String>| {
        let root = temporary();
        let weigh = Outcome::of(plimsoll().arg(layout.arg()).args(flags(root.path())).envs(set(root.path())).current_dir(root.path()));
        weigh.assert_status(0);
        let found: Vec<_> = std::fs::read_dir(root.path()).expect("readable").map(|entry| entry.expect("readable").path()).collect();
        let place = files(root.path()).pop().map(|path| path.ancestors().nth(4).expect("so deep").to_owned());
        assert_eq!(found.is_empty(), place.is_none());
        place.map(|place| place.strip_prefix(root.path()).expect("below").to_str().expect("plain").to_owned())
    };
    let below = |root: &Path, name: &str| root.join(name).to_str().expect("plain").to_owned();
    let none = |_: &Path| Vec::new();
    let home = |root: &Path| vec![("HOME", below(root, "h"))];
    let xdg = |root: &Path| vec![("HOME", below(root, "h")), ("XDG_CACHE_HOME", below(root, "x"))];
    let all = |root: &Path| [xdg(root), vec![("PLIMSOLL_CACHE_DIR", below(root, "v"))]].concat();
    let flag = |root: &Path| vec!["--cache-dir".to_owned(), below(root, "f")];
    assert_eq!(kept(&none, &|_| Vec::new()), None, "no place is known");
    assert_eq!(kept(&home, &|_| Vec::new()).as_deref(), Some("h/.cache/plimsoll"));
    assert_eq!(kept(&xdg, &|_| Vec::new()).as_deref(), Some("x/plimsoll"));
    assert_eq!(
        kept(&|root| [home(root), vec![("XDG_CACHE_HOME", "x".into())]].concat(), &|_| Vec::new()).as_deref(),
        Some("h/.cache/plimsoll"),
        "not absolute"
    );
    assert_eq!(kept(&all, &|_| Vec::new()).as_deref(), Some("v"));
    assert_eq!(kept(&all, &flag).as_deref(), Some("f"));
    assert_eq!(kept(&all, &|_| vec!["--no-cache".into()]), None);
    assert_eq!(
        kept(&|root| [xdg(root), vec![("PLIMSOLL_CACHE_DIR", String::new())]].concat(), &|_| Vec::new()).as_deref(),
        Some("x/plimsoll"),
        "empty is not set"
    );

    let outcome = support::run(&["cache", "list"]);
    outcome.assert_status(2);
    assert!(outcome.stderr.contains("--cache-dir"), "{}", outcome.stderr);
    support::run(&["cache", "prune", "--all", "--max-size", "1GB"]).assert_status(2);
    support::run(&["cache"]).assert_status(2);
    let page = support::run(&["man"]).text().replace("\\-", "-");
    for name in ["--no-cache", "--cache-dir", "--cache-size", "--max-size", "PLIMSOLL CACHE PRUNE"] {
        assert!(page.contains(name), "the man page says {name}");
    }
}

/// A run keeps the cache to the size it is told, by flag or variable.
#[test]
fn a_run_keeps_to_the_size() {
    let layout = noisy(4, SIZE);
    for by_flag in [true, false] {
        let home = temporary();
        with_cache(home.path(), &[layout.arg()]);
        assert_eq!(list(home.path()).len(), 4);
        let most = 2 * list(home.path())[0]["bytes"].as_u64().expect("a size") + 100;
        // Something must be written for anything to go.
        with_cache(home.path(), &["cache", "prune", "--max-size", &(most * 3 / 2).to_string()]);
        let mut command = plimsoll();
        command.arg(layout.arg()).env("PLIMSOLL_CACHE_DIR", home.path());
        let command =
            if by_flag { command.args(["--cache-size", &most.to_string()]) } else { command.env("PLIMSOLL_CACHE_SIZE", most.to_string()) };
        Outcome::of(command).assert_status(0);
        assert_eq!(list(home.path()).len(), 2);
    }
}

/// Only the user may look into what is kept: it says what images were weighed.
#[cfg(unix)]
#[test]
fn only_the_user_may_look() {
    use std::os::unix::fs::PermissionsExt;
    let root = temporary();
    let home = root.path().join("cache");
    with_cache(&home, &[noisy(1, SIZE).arg()]);
    let mode = |path: &Path| std::fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(&home), 0o700);
    assert_eq!(mode(&files(&home)[0]), 0o600);
}

/// Eight at once, some of which have room for a single layer: all say the same, and nothing half
/// written is left.
#[test]
fn many_processes_at_once() {
    let home = temporary();
    let layout = noisy(6, SIZE);
    let args = [layout.arg(), "--format", "json"];
    let expected = support::run(&args).stdout;
    for _round in 0..3 {
        let start = |number: usize| {
            let size = if number.is_multiple_of(2) { "1GB" } else { "1kB" };
            let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
            command.args(args).env_clear().env("PLIMSOLL_CACHE_DIR", home.path()).env("PLIMSOLL_CACHE_SIZE", size);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary runs")
        };
        let all: Vec<_> = (0..8).map(start).collect();
        for process in all {
            let output = process.wait_with_output().expect("it ends");
            assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
            assert!(output.stdout == expected, "the same report");
        }
    }
    let left = files(home.path());
    assert!(left.iter().all(|path| !path.file_name().expect("a name").to_string_lossy().starts_with('.')), "{left:?}");
    // What is left is whole: it is taken in place of blobs that are gone.
    with_cache(home.path(), &args);
    assert_eq!(list(home.path()).len(), 6);
    for kept in list(home.path()) {
        let path = layout.blob_path(kept["digest"].as_str().expect("a digest"));
        std::fs::write(path, vec![b'A'; SIZE.max(kept["blob_bytes"].as_u64().expect("a size") as usize)]).expect("writable");
    }
    assert!(with_cache(home.path(), &[&args[..], &["--no-verify"]].concat()).stdout == expected);
}
