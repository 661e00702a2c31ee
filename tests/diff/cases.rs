//! One kind of change each.

use crate::support::{Entry, ImageSpec, Layer, Layout, json, layout_of, number, run};
use crate::{diff, file, image, list, signed};
use serde_json::Value;

/// (change, number before, number after), counted from 0; -1 for none.
fn changes(found: &Value) -> Vec<(&str, i64, i64)> {
    let place = |value: &Value| value.as_i64().unwrap_or(-1);
    list(found, "layers")
        .iter()
        .map(|layer| (layer["change"].as_str().expect("a word"), place(&layer["old"]), place(&layer["new"])))
        .collect()
}

fn summary(found: &Value) -> &str {
    found["summary"].as_str().expect("a sentence")
}

#[track_caller]
fn added(found: &Value) -> &Value {
    list(found, "layers").iter().find(|layer| layer["change"] == "added").expect("a layer that was added")
}

#[track_caller]
fn path<'v>(found: &'v Value, path: &str) -> &'v Value {
    list(&found["files"], "list").iter().find(|row| row["path"] == path).unwrap_or_else(|| panic!("{path}: {:#}", found["files"]))
}

fn base() -> (&'static str, Vec<Entry>) {
    ("ADD rootfs.tar /", vec![file("bin/sh", 40_000), file("etc/passwd", 300)])
}

fn app() -> (&'static str, Vec<Entry>) {
    ("COPY app /app # buildkit", vec![file("app/main", 9000)])
}

#[test]
fn a_base_and_what_is_built_on_it() {
    let (old, new) = (image(&[base()]), image(&[base(), app()]));
    let found = diff(&old, &new);
    assert_eq!(changes(&found), [("unchanged", 0, 0), ("added", -1, 1)]);
    assert_eq!(signed(&found, "/delta/content_bytes"), 9000);
    assert_eq!(number(&found["layers"][1], "/stored/fresh/content_bytes"), 9000);
    assert_eq!(path(&found, "/app/main")["change"], "added");
    assert_eq!(list(&found["files"], "list").len(), 1);
    assert!(summary(&found).contains("All of the growth is below `/app`, where 1 path is new"), "{}", summary(&found));
    let back = diff(&new, &old);
    assert_eq!(changes(&back), [("unchanged", 0, 0), ("removed", 1, -1)]);
    assert!(
        summary(&back).starts_with("Smaller by 9.00 kB. All of the saving is below `/app`, where 1 path is gone"),
        "{}",
        summary(&back)
    );
}

#[test]
fn a_layer_in_the_middle() {
    let middle = ("RUN make-data", vec![file("data/set", 5000)]);
    let (old, new) = (image(&[base(), app()]), image(&[base(), middle, app()]));
    assert_eq!(changes(&diff(&old, &new)), [("unchanged", 0, 0), ("added", -1, 1), ("unchanged", 1, 2)]);
    assert_eq!(changes(&diff(&new, &old)), [("unchanged", 0, 0), ("removed", 1, -1), ("unchanged", 2, 1)]);
}

/// Equal layers are told apart by what made them.
#[test]
fn layers_without_content() {
    let (workdir, user) = (("WORKDIR /app", vec![]), ("RUN true", vec![]));
    let (old, new) = (image(&[base(), workdir.clone(), user.clone()]), image(&[base(), user, workdir]));
    assert_eq!(changes(&diff(&old, &new)), [("unchanged", 0, 0), ("unchanged", 2, 1), ("unchanged", 1, 2)]);
}

#[test]
fn the_same_instruction_with_another_outcome() {
    let built = |size, time| ("RUN build", vec![file("out/a", size).mtime(time), file("out/same", 700).mtime(time)]);
    let found = diff(&image(&[base(), built(1000, 1)]), &image(&[base(), built(3000, 2)]));
    assert_eq!(changes(&found), [("unchanged", 0, 0), ("rebuilt", 1, 1)]);
    assert_eq!(signed(&found["layers"][1], "/content_bytes"), 2000);
    let stored = &found["layers"][1]["stored"];
    assert_eq!((number(stored, "/kept/content_bytes"), number(stored, "/fresh/content_bytes")), (700, 3000));
    assert_eq!(path(&found, "/out/a")["change"], "content");
    assert_eq!(list(&found["files"], "list").len(), 1, "a time is no change");

    let again = diff(&image(&[base(), built(1000, 1)]), &image(&[base(), built(1000, 2)]));
    assert_eq!(changes(&again)[1].0, "rebuilt");
    assert!(summary(&again).starts_with("The same files, of the same size on disk; 1 layer is new or built again"), "{}", summary(&again));
}

#[test]
fn chown_stores_again() {
    let owned = || Entry { uid: 1000, ..file("app/main", 9000) };
    let chown = ("RUN chown -R app /app", vec![owned()]);
    let found = diff(&image(&[base(), app()]), &image(&[base(), app(), chown]));
    let layer = &found["layers"][2];
    assert_eq!(number(layer, "/stored/again/content_bytes"), 9000);
    assert_eq!(layer["stored"]["below"]["path"], "/app/main");
    assert_eq!(number(layer, "/stored/fresh/entries") + number(layer, "/stored/duplicate/entries"), 0);
    assert_eq!(path(&found, "/app/main")["change"], "metadata");
    assert_eq!(signed(path(&found, "/app/main"), "/content_bytes"), 9000);
    assert_eq!(
        summary(&found),
        "All of the growth is a copy of bytes that were already there: `RUN chown -R app /app` (layer 3) stores 9.00 kB of \
        `/app/main` again, with another owner, mode or time."
    );
    let waste = list(&found, "findings").iter().find(|row| row["rule"] == "layer/metadata-only").expect("the rule");
    assert_eq!((number(waste, "/old/content_bytes"), number(waste, "/new/content_bytes")), (0, 9000));
    // What the image before had in a layer that is no more is no copy.
    let moved = diff(&image(&[base(), app()]), &image(&[base(), ("COPY --chown=1 app /app", vec![owned()])]));
    assert_eq!(number(added(&moved), "/stored/kept/content_bytes"), 9000);
    assert!(summary(&moved).starts_with("The same size on disk; 1 path differs: 1 with another owner or mode"), "{}", summary(&moved));
}

#[test]
fn a_copy_at_another_path() {
    let copy = ("RUN cp -r /app /srv", vec![Entry { name: b"srv/app/main".to_vec(), ..file("app/main", 9000) }, file("srv/own", 1000)]);
    let found = diff(&image(&[base(), app()]), &image(&[base(), app(), copy]));
    let stored = &found["layers"][2]["stored"];
    assert_eq!((number(stored, "/duplicate/content_bytes"), number(stored, "/fresh/content_bytes")), (9000, 1000));
    let told = summary(&found);
    assert!(
        told.starts_with("90 % of the growth is a copy")
            && told.contains("stores 9.00 kB of `/srv/app/main` that is at another path already"),
        "{told}"
    );
    assert!(told.contains("New content is 1.00 kB"), "{told}");
}

#[test]
fn paths_of_every_kind() {
    let old = layout_of(&[&[
        file("same", 10),
        file("gone", 20),
        file("edited", 30),
        Entry::file("equal-size", "abc"),
        file("mode", 40),
        file("type", 50),
        Entry::symlink("link", "same"),
        Entry::special("device", b'3', (1, 3)),
        file("twice", 60),
        Entry::hardlink("other", "same"),
    ]]);
    let new = layout_of(&[
        &[
            file("same", 10),
            file("came", 25),
            Entry::file("edited", "other"),
            Entry::file("equal-size", "abd"),
            file("mode", 40).mode(0o755),
            Entry::dir("type"),
            Entry::symlink("link", "came"),
            Entry::special("device", b'3', (1, 5)),
            file("twice", 60),
            file("other", 10),
        ],
        &[file("twice", 60).mtime(5)],
    ]);
    let found = diff(&old, &new);
    let told: Vec<(&str, &str)> = list(&found["files"], "list")
        .iter()
        .map(|row| (row["path"].as_str().expect("a path"), row["change"].as_str().expect("a word")))
        .collect();
    let mut sorted = told.clone();
    sorted.sort_unstable();
    // `other` was a second name of `same`, and is a file of its own with other content now: `file` fills it with its name.
    let expected = [
        ("/came", "added"),
        ("/device", "content"),
        ("/edited", "content"),
        ("/equal-size", "content"),
        ("/gone", "removed"),
        ("/link", "content"),
        ("/mode", "metadata"),
        ("/other", "content"),
        ("/twice", "hidden"),
        ("/type", "type"),
    ];
    assert_eq!(sorted, expected);
    assert_eq!(told[0], ("/twice", "hidden"), "most content first: {told:?}");
}

/// The files of dpkg for packages, each with one file of its own.
fn debs(packages: &[(&str, &str, usize)]) -> Vec<Entry> {
    let record = |(name, version, _): &(&str, &str, usize)| {
        ["Package: ", name, "\nStatus: install ok installed\nArchitecture: amd64\nVersion: ", version, "\n\n"].concat()
    };
    let status = packages.iter().map(record).collect::<String>();
    let mut entries = vec![Entry::file("var/lib/dpkg/status", status)];
    for (name, version, size) in packages {
        entries.push(Entry::file(format!("var/lib/dpkg/info/{name}.list"), format!("/usr/lib/{name}\n")));
        entries.push(Entry::file(format!("usr/lib/{name}"), version.bytes().cycle().take(*size).collect::<Vec<_>>()));
    }
    entries
}

type Told<'v> = (String, &'v str, Option<&'v str>, Option<&'v str>, i64);

/// (change, name, version before, version after, content), but for those that only compress otherwise.
fn packages(found: &Value) -> Vec<Told<'_>> {
    let mut all: Vec<_> = list(found, "packages")
        .iter()
        .filter(|row| row["change"] != "repacked")
        .map(|row| {
            let (change, content) = (row["change"].as_str().expect("a word").to_owned(), signed(row, "/content_bytes"));
            (change, row["name"].as_str().expect("a name"), row["old_version"].as_str(), row["new_version"].as_str(), content)
        })
        .collect();
    all.sort();
    all
}

#[test]
fn packages_come_go_and_grow() {
    let old = image(&[("RUN apt-get install", debs(&[("curl", "7.1", 1000), ("git", "2.0", 4000), ("libc6", "2.36", 500)]))]);
    let new = image(&[("RUN apt-get install more", debs(&[("curl", "8.2", 3000), ("jq", "12", 90_000), ("libc6", "2.36", 500)]))]);
    let found = diff(&old, &new);
    // Each owns its list too: 14 bytes and the name's.
    assert_eq!(
        packages(&found),
        [
            ("added".to_owned(), "jq", None, Some("12"), 90_000 + 12),
            ("removed".to_owned(), "git", Some("2.0"), None, -4000 - 13),
            ("upgraded".to_owned(), "curl", Some("7.1"), Some("8.2"), 2000),
        ]
    );
    let told = summary(&found);
    assert!(told.starts_with("All of the growth is packages, 1 added, 1 upgraded: `jq` +90.0 kB, `curl 7.1 → 8.2` +2.00 kB"), "{told}");
}

/// An upgrade in a layer of its own leaves the old version's bytes behind, hidden; a removal frees nothing.
#[test]
fn what_packages_leave_behind() {
    let first = ("RUN apt-get install", debs(&[("curl", "7.1", 1000), ("git", "2.0", 4000)]));
    let mut second = debs(&[("curl", "8.2", 3000)]);
    second.push(Entry::whiteout("usr/lib/git"));
    let (old, new) = (image(std::slice::from_ref(&first)), image(&[first, ("RUN apt-get upgrade", second)]));
    let found = diff(&old, &new);
    let told = packages(&found);
    assert!(told.contains(&("upgraded".to_owned(), "curl", Some("7.1"), Some("8.2"), 2000)), "{told:?}");
    assert!(told.iter().any(|row| row.0 == "hidden" && row.3 == Some("7.1") && row.4 > 0), "the old version is still stored: {told:?}");
    assert!(told.contains(&("removed".to_owned(), "git", Some("2.0"), Some("2.0"), 0)), "it freed nothing: {told:?}");
}

/// Several versions of one package at once, as npm has them.
#[test]
fn versions_side_by_side() {
    let module = |at: &str, version: &str, size: usize| {
        let text = format!(r#"{{"name": "left", "version": "{version}"}}"#);
        [Entry::file(format!("app/{at}/node_modules/left/package.json"), text), file(&format!("app/{at}/node_modules/left/x.js"), size)]
    };
    let old = layout_of(&[&[module("a", "1.0.0", 100), module("b", "2.0.0", 200)].concat()]);
    let new = layout_of(&[&[module("a", "1.1.0", 150), module("b", "2.0.0", 200), module("c", "2.0.0", 300)].concat()]);
    let found = diff(&old, &new);
    let told = packages(&found).into_iter().map(|row| (row.0, row.2.map(str::to_owned), row.3.map(str::to_owned))).collect::<Vec<_>>();
    let version = |text: &str| Some(text.to_owned());
    assert_eq!(told, [("added".to_owned(), None, version("2.0.0")), ("upgraded".to_owned(), version("1.0.0"), version("1.1.0"))]);
}

#[test]
fn new_waste_and_secrets() {
    let dirty = vec![
        file("app/main", 500),
        file("app/.git/objects/pack/p.pack", 60_000),
        file("app/.git/HEAD", 30),
        Entry::file("app/.env", "TOKEN=abcdefgh12345678\n"),
    ];
    let found = diff(&image(&[base()]), &image(&[base(), ("COPY . /app # buildkit", dirty)]));
    assert_eq!(found["findings"][0]["rule"], "vcs/git-dir", "new waste comes first: {:#}", found["findings"]);
    let told = summary(&found);
    assert!(told.contains("is waste that rules find:") && told.contains("`vcs/git-dir`, +60.0 kB"), "{told}");
    assert!(told.ends_with("New, and must not ship: `secret/dotenv`."), "{told}");
    let back = diff(
        &image(&[base(), ("COPY . /app # buildkit", vec![file("app/.git/objects/pack/p.pack", 60_000), file("app/.git/HEAD", 30)])]),
        &image(&[base()]),
    );
    assert!(summary(&back).contains("is waste that is gone:"), "{}", summary(&back));
}

/// Lines are those of the new image's Dockerfile.
#[test]
fn lines_of_the_new_dockerfile() {
    let (_keep, dockerfile) = crate::support::file("Dockerfile", b"FROM base\n\n\nCOPY app /app\n");
    let (old, new) = (image(&[base()]), image(&[base(), app()]));
    let args = ["diff", old.arg(), new.arg(), "--base", old.arg(), "--dockerfile", dockerfile.to_str().expect("UTF-8")];
    let found = json(&args, 0);
    assert_eq!(found["layers"][1]["line"], 4, "{:#}", found["layers"]);
    assert!(found["old"].get("dockerfile").is_none());
    assert!(run(&args).text().contains("LAYERS, by line of the Dockerfile"));
}

/// Either image may be one of several; a blob that is absent makes the whole incomplete.
#[test]
fn sources_and_exit_status() {
    let several = Layout::new();
    let (one, two) = (several.image(&ImageSpec::new(&[Layer::new(&base().1)])), several.image(&ImageSpec::new(&[Layer::new(&app().1)])));
    several.index(&[crate::support::named(one, "one"), crate::support::named(two, "two")]);
    let found = json(&["diff", several.arg(), several.arg(), "--old-image", "one", "--image", "two"], 0);
    assert_eq!((&found["old"]["names"][0], &found["new"]["names"][0]), (&"one".into(), &"two".into()));
    run(&["diff", several.arg(), several.arg()]).assert_status(2);
    run(&["diff", "-", "-"]).assert_status(2);
    run(&["diff", several.arg()]).assert_status(2);
    run(&["diff", several.arg(), "/nowhere/at-all.tar", "--old-image", "one"]).assert_status(3);

    let torn = Layout::of(&ImageSpec::new(&[Layer::new(&base().1), Layer::new(&app().1).absent()]));
    let whole = image(&[base()]);
    for args in [["diff", torn.arg(), whole.arg()], ["diff", whole.arg(), torn.arg()]] {
        let found = json(&args, 5);
        assert_eq!(found["complete"], false);
        crate::books::assert_balanced(&json(&[&args[..], &["--top", "0", "--allow-incomplete"]].concat(), 0));
        assert!(run(&args).text().contains("INCOMPLETE"));
        assert!(run(&[&args[..], &["--format", "markdown"]].concat()).text().contains("**Incomplete**"));
    }
}
