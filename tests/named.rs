//! Images by name: what plimsoll says of one in a registry is what it says of the same blobs on
//! disk, and each blob is asked for once.
#![cfg(unix)]

mod support;

#[path = "support/scripted.rs"]
mod scripted;
#[path = "support/registry.rs"]
mod server;

use scripted::{Reply, Scripted};
use serde_json::{Value, json};
use server::{Access, Registry};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use support::{Outcome, plimsoll, testdata};

/// Images with a build that is attested.
const PROVENANCE: [&str; 3] = ["v0.2", "v1", "scratch"];
const MULTI: &str = "archives/skopeo-oci-layout-multi-platform.tar";

fn archive(name: &str) -> String {
    format!("oci-archive:{}", testdata(name).display())
}

/// plimsoll with what it needs to be let in.
fn run(registry: &Registry, access: Access, arguments: &[&str]) -> Outcome {
    let mut command = plimsoll();
    command.args(arguments);
    match access {
        Access::Open => {}
        Access::Basic => drop(command.arg("--authfile").arg(registry.login()).arg("--ca-cert").arg(registry.authority())),
        Access::Token => drop(command.arg("--authfile").arg(registry.login()).arg("--allow-auth-host").arg(realm(registry))),
    }
    Outcome::of(&mut command)
}

/// The token server is on another port than its registry.
fn realm(registry: &Registry) -> String {
    let url = registry.tokens().realm();
    let host = url.split('/').nth(2).expect("a host");
    format!("{}={host}", registry.host())
}

/// A report without what it says of its source.
fn report(outcome: &Outcome) -> Value {
    outcome.assert_status(0);
    let mut report = outcome.json();
    report["source"] = Value::Null;
    report["image"]["names"] = Value::Null;
    report
}

fn local(arguments: &[&str]) -> Value {
    report(&Outcome::of(plimsoll().args(arguments)))
}

#[test]
fn every_kind_of_registry_gives_the_report_of_the_archive() {
    let demo = testdata("demo.tar");
    let expected = local(&[demo.to_str().expect("text"), "--format", "json"]);
    for access in [Access::Open, Access::Basic, Access::Token] {
        let registry = Registry::start(access);
        registry.push(&archive("demo.tar"), "team/app:1");
        for jobs in ["1", "4"] {
            let past = registry.requests().len();
            let name = format!("docker://{}", registry.name("team/app:1"));
            let outcome = run(&registry, access, &[&name, "--format", "json", "--jobs", jobs]);
            assert_eq!(report(&outcome), expected, "{access:?}");
            assert_eq!(outcome.json()["source"], json!({ "kind": "registry", "reference": name }));
            let blobs = registry.blobs(past);
            assert_eq!(blobs.len(), 12, "11 layers and a configuration: {blobs:?}");
            assert!(blobs.values().all(|times| *times == 1), "{blobs:?}");
        }
    }
}

#[test]
fn who_is_not_let_in_is_told_what_to_do() {
    for access in [Access::Basic, Access::Token] {
        let registry = Registry::start(access);
        registry.push(&archive("demo.tar"), "team/app:1");
        let name = format!("registry:{}", registry.name("team/app:1"));
        let mut command = plimsoll();
        command.arg(&name).arg("--ca-cert").arg(registry.authority());
        if access == Access::Token {
            command = plimsoll();
            command.arg(&name);
        }
        let outcome = Outcome::of(&mut command);
        outcome.assert_status(4);
        assert!(outcome.stderr.contains("login"), "{access:?}: {}", outcome.stderr);
    }
    // A certificate that nobody vouches for, where it is not this machine's own name.
    let registry = Registry::basic();
    let outcome = Outcome::of(plimsoll().arg(format!("docker://{}", registry.name("team/app:1"))));
    outcome.assert_status(4);
}

#[test]
fn what_is_not_there_says_who_was_asked() {
    let registry = Registry::open();
    let outcome = Outcome::of(plimsoll().arg(registry.name("team/app:1")));
    outcome.assert_status(3);
    for word in ["team/app", "asked before", "docker", "podman"] {
        assert!(outcome.stderr.contains(word), "{word}: {}", outcome.stderr);
    }
    let host = registry.host();
    drop(registry);
    let outcome = Outcome::of(plimsoll().arg(format!("docker://{host}/team/app:1")));
    outcome.assert_status(4);
    let outcome = Outcome::of(plimsoll().arg("docker:24-dind"));
    assert!(outcome.stderr.contains("docker"), "{}", outcome.stderr);
}

#[test]
fn an_image_in_what_is_here_is_told_how_to_be_named() {
    let here = tempfile::tempdir().expect("a temporary directory");
    let done = Command::new("umoci").args(["init", "--layout", "img"]).current_dir(&here).status().expect("umoci is installed");
    assert!(done.success());
    std::fs::copy(testdata("demo.tar"), here.path().join("demo.tar")).expect("a copy");
    for (typed, meant) in [
        ("img:a", "`oci:img:a`"),
        ("./img:team/a:1", "`oci:./img:team/a:1`"),
        ("demo.tar:app:1", "`demo.tar --image app:1`"),
        ("./demo.tar:@0", "`./demo.tar --image @0`"),
    ] {
        let outcome = Outcome::of(plimsoll().arg(typed).current_dir(&here));
        assert_ne!(outcome.status, Some(0));
        assert!(outcome.stderr.contains(meant), "{typed}: {}", outcome.stderr);
    }
    // A folder or a program that happens to be called like an image holds none.
    std::fs::create_dir(here.path().join("app")).expect("a new directory");
    std::fs::write(here.path().join("tool"), "#!/bin/sh\n").expect("a new file");
    for typed in ["other:a", "app:latest", "tool:1", "./app:1", "img:", "demo.tar:"] {
        let outcome = Outcome::of(plimsoll().arg(typed).current_dir(&here));
        assert_ne!(outcome.status, Some(0));
        assert!(!outcome.stderr.contains("is meant"), "{typed}: {}", outcome.stderr);
    }
}

#[test]
fn a_bare_name_says_where_it_was_found() {
    let registry = Registry::open();
    registry.push(&archive("demo.tar"), "team/app:1");
    let outcome = Outcome::of(plimsoll().args([&registry.name("team/app:1"), "--format", "csv"]));
    outcome.assert_status(0);
    let found = format!("reading {} from registry {}", registry.name("team/app:1"), registry.host());
    assert!(outcome.stderr.contains(&found), "{}", outcome.stderr);
}

#[test]
fn digests_platforms_and_indexes() {
    let registry = Registry::open();
    registry.push(&archive(MULTI), "multi:1");
    let name = format!("docker://{}", registry.name("multi:1"));
    let multi = testdata(MULTI);
    for platform in ["linux/amd64", "linux/arm64"] {
        let arguments = |image| [image, "--format", "json", "--platform", platform];
        let expected = local(&arguments(multi.to_str().expect("text")));
        let past = registry.requests().len();
        let outcome = Outcome::of(plimsoll().args(arguments(&name)));
        assert_eq!(report(&outcome), expected, "{platform}");
        let manifests = registry.requests().iter().skip(past).filter(|request| request.path.contains("/manifests/")).count();
        assert_eq!(manifests, 2, "the index and one manifest");
        let digest = expected["image"]["manifest_digest"].as_str().expect("a digest");
        let by_digest = format!("docker://{}", registry.name(&format!("multi@{digest}")));
        assert_eq!(local(&[&by_digest, "--format", "json"]), expected);
    }
    let outcome = Outcome::of(plimsoll().args([&name, "--platform", "windows/amd64"]));
    outcome.assert_status(3);
    assert!(outcome.stderr.contains("linux/arm64"), "{}", outcome.stderr);

    let all = Outcome::of(plimsoll().args([&name, "--all-platforms", "--format", "json"]));
    all.assert_status(0);
    let platforms: Vec<_> = all.json().as_array().expect("reports").iter().map(|report| report["image"]["platform"].clone()).collect();
    assert_eq!(platforms, [json!("linux/amd64"), json!("linux/arm64")]);
    let table = Outcome::of(plimsoll().args([&name, "--all-platforms"])).text();
    assert!(table.contains("linux/amd64") && table.contains("linux/arm64"), "{table}");
}

#[test]
fn sizes_come_from_manifests_alone() {
    let registry = Registry::open();
    registry.push(&archive(MULTI), "multi:1");
    registry.push(&archive("demo.tar"), "demo:1");
    let [multi, demo] = ["multi:1", "demo:1"].map(|image| registry.name(image));
    let past = registry.requests().len();
    let outcome = Outcome::of(plimsoll().args(["size", &multi, &demo, "--all-platforms", "--format", "json"]));
    outcome.assert_status(0);
    let found = outcome.json();
    // The configuration says which platform an image without an index is for; no layer is read.
    let config = parsed(&registry.ask("inspect", &["--raw"], "demo:1"))["config"]["digest"].clone();
    assert_eq!(registry.blobs(past).into_keys().collect::<Vec<_>>(), [config.as_str().expect("a digest")]);

    // The truth is skopeo's.
    let index = parsed(&registry.ask("inspect", &["--raw"], "multi:1"));
    let mut layers = Vec::new();
    for manifest in index["manifests"].as_array().expect("manifests") {
        let image = format!("multi@{}", manifest["digest"].as_str().expect("a digest"));
        layers.push(sizes(&parsed(&registry.ask("inspect", &["--raw"], &image))));
    }
    layers.push(sizes(&parsed(&registry.ask("inspect", &["--raw"], "demo:1"))));
    let sum = |sizes: &BTreeMap<String, u64>| sizes.values().sum::<u64>();
    for (image, sizes) in found["images"].as_array().expect("images").iter().zip(&layers) {
        assert_eq!(image["pull_bytes"], sum(sizes));
    }
    for (has, row) in layers.iter().zip(found["pulls"].as_array().expect("rows")) {
        for (wants, bytes) in layers.iter().zip(row.as_array().expect("a row")) {
            let missing = wants.iter().filter(|(digest, _)| !has.contains_key(*digest)).map(|(_, bytes)| bytes).sum::<u64>();
            assert_eq!(*bytes, missing);
        }
    }
    let together: BTreeMap<_, _> = layers.iter().flatten().collect();
    assert_eq!(found["together_bytes"], together.values().copied().sum::<u64>());

    // What an archive stores uncompressed takes in a pull nobody knows what, as `plimsoll IMAGE` says too.
    for archive in ["archives/buildx-oci-uncompressed.tar", "archives/docker26g-built.tar"] {
        let found = Outcome::of(plimsoll().args(["size", "--format", "json"]).arg(testdata(archive))).json();
        assert_eq!((&found["images"][0]["pull_bytes"], &found["together_bytes"]), (&Value::Null, &Value::Null), "{archive}");
        let weighed = Outcome::of(plimsoll().args(["--format", "json"]).arg(testdata(archive))).json();
        assert_eq!(weighed["image"]["pull_bytes"], Value::Null, "{archive}");
    }

    let archive = Outcome::of(plimsoll().arg("size").arg(testdata("archives/docker20-one.tar")));
    assert_eq!(archive.status, Some(3), "{}", archive.stderr);
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("JSON expected: {error}\n{text}"))
}

/// Sizes of a manifest's layers, by digest.
fn sizes(manifest: &Value) -> BTreeMap<String, u64> {
    let layer = |layer: &Value| Some((layer["digest"].as_str()?.to_owned(), layer["size"].as_u64()?));
    manifest["layers"].as_array().expect("layers").iter().filter_map(layer).collect()
}

#[test]
fn files_come_from_a_registry_too() {
    let registry = Registry::open();
    registry.push(&archive("demo.tar"), "demo:1");
    let name = format!("docker://{}", registry.name("demo:1"));
    let demo = testdata("demo.tar");
    let cat = |image: &str| Outcome::of(plimsoll().args(["cat", image, "/app/package.json"]));
    let (here, there) = (cat(demo.to_str().expect("text")), cat(&name));
    here.assert_status(0);
    there.assert_status(0);
    assert!(!here.stdout.is_empty());
    assert_eq!(here.stdout, there.stdout);
    let into = tempfile::tempdir().expect("a directory");
    let [a, b] = ["a", "b"].map(|name| into.path().join(name));
    Outcome::of(plimsoll().args(["extract", &name, "--path", "/app/**"]).arg(&a)).assert_status(0);
    Outcome::of(plimsoll().args(["extract", demo.to_str().expect("text"), "--path", "/app/**"]).arg(&b)).assert_status(0);
    assert_eq!(tree(&a), tree(&b));
    assert!(tree(&a).len() > 10);
}

/// Regular files below a directory, with their contents.
fn tree(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut directories = vec![root.to_owned()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).expect("a directory") {
            let entry = entry.expect("an entry");
            let kind = entry.file_type().expect("a type");
            if kind.is_dir() {
                directories.push(entry.path());
            } else if kind.is_file() {
                let name = entry.path().strip_prefix(root).expect("below").display().to_string();
                found.insert(name, std::fs::read(entry.path()).expect("a file"));
            }
        }
    }
    found
}

#[test]
fn the_base_is_compared_without_reading_its_layers() {
    let registry = Registry::open();
    registry.push(&archive("demo.tar"), "demo:1");
    let demo = testdata("demo.tar");
    let past = registry.requests().len();
    let base = format!("docker://{}", registry.name("demo:1"));
    let outcome = Outcome::of(plimsoll().arg(&demo).args(["--base", &base, "--format", "json"]));
    outcome.assert_status(0);
    assert_eq!(outcome.json()["image"]["base"]["layers"], 11);
    assert_eq!(registry.blobs(past).len(), 1, "the configuration alone");
}

#[test]
fn a_layer_that_the_registry_lost_is_reported() {
    let registry = Registry::open();
    registry.push(&archive("demo.tar"), "demo:1");
    let manifest = parsed(&registry.ask("inspect", &["--raw"], "demo:1"));
    let lost = manifest["layers"][2]["digest"].as_str().expect("a digest");
    registry.lose(lost);
    let name = format!("docker://{}", registry.name("demo:1"));
    let outcome = Outcome::of(plimsoll().args([&name, "--format", "json"]));
    outcome.assert_status(5);
    let report = outcome.json();
    assert_eq!(report["complete"], false);
    assert_eq!(report["layers"][2]["present"], false);
    assert_eq!(report["layers"][2]["declared_bytes"], manifest["layers"][2]["size"]);
    assert!(report["layers"][3]["present"].as_bool().expect("a truth value"));
    Outcome::of(plimsoll().args([&name, "--allow-incomplete"])).assert_status(0);
}

/// Bytes of blobs that were sent since the first `past` requests, the configuration's left out.
fn sent(registry: &Registry, past: usize, config: &Value) -> u64 {
    let config = config.as_str().expect("a digest");
    let blobs =
        registry.requests().into_iter().skip(past).filter(|request| request.path.contains("/blobs/") && !request.path.ends_with(config));
    blobs.map(|request| request.bytes).sum()
}

/// `size` bytes that do not compress, always the same for a seed.
fn noise(seed: u64, size: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(size).collect()
}

#[test]
fn layers_with_a_table_of_contents_are_not_downloaded() {
    let registry = Registry::open();
    let files: Vec<_> = (0..40).map(|number| support::Entry::file(format!("srv/data/{number}.bin"), noise(number + 1, 400_000))).collect();
    let layout = support::layout_of(&[&files]);
    let target = format!("docker://{}", registry.name("chunked:1"));
    registry
        .skopeo("copy", "dest-", &["--dest-compress-format", "zstd:chunked", &format!("oci:{}", layout.arg()), &target])
        .expect("skopeo pushes");
    let manifest = parsed(&registry.ask("inspect", &["--raw"], "chunked:1"));
    let (config, size) = (&manifest["config"]["digest"], manifest["layers"][0]["size"].as_u64().expect("a size"));
    assert!(size > 15_000_000, "{size}");

    let past = registry.requests().len();
    let outcome = Outcome::of(plimsoll().args([&target, "--format", "json"]));
    outcome.assert_status(0);
    let listed = outcome.json();
    let bytes = sent(&registry, past, config);
    assert!(bytes > 0 && bytes * 100 < size * 3, "{bytes} of {size} bytes were read");
    assert_eq!(listed["layers"][0]["files"], "toc");
    assert!(listed["notes"].as_array().expect("notes").iter().any(|note| note["code"] == "layer-from-toc"));
    let table = Outcome::of(plimsoll().arg(&target)).text();
    assert!(table.contains("files: by tables of contents"), "{table}");

    // In full the same files weigh the same: content to the byte, the blob as a whole.
    let past = registry.requests().len();
    let full = Outcome::of(plimsoll().args([&target, "--format", "json", "--no-toc"])).json();
    assert_eq!(sent(&registry, past, config), size);
    assert_eq!(full["layers"][0].get("files"), None);
    for measure in ["content_bytes", "entries"] {
        assert_eq!(listed["totals"][measure], full["totals"][measure], "{measure}");
    }
    let blob = |report: &Value| report["totals"]["blob_bytes"].as_u64().zip(report["overhead"]["blob_bytes"].as_u64()).map(|(a, b)| a + b);
    assert_eq!((blob(&listed), blob(&full)), (Some(size), Some(size)));
    // Whoever wants digests checked gets the bytes.
    let past = registry.requests().len();
    Outcome::of(plimsoll().args([&target, "--verify"])).assert_status(0);
    assert_eq!(sent(&registry, past, config), size);
}

#[test]
fn real_tables_of_contents_agree_with_the_layers() {
    let registry = Registry::open();
    // The table of eStargz cannot have names that are no UTF-8: that layer is read in full.
    for (name, expected) in [("estargz", [true, true, true, false]), ("zstd-chunked", [true; 4])] {
        let archive = testdata(&format!("toc/{name}.tar"));
        registry.push(&format!("oci-archive:{}", archive.display()), &format!("{name}:1"));
        let target = format!("docker://{}", registry.name(&format!("{name}:1")));
        let listed = Outcome::of(plimsoll().args([&target, "--format", "json"]));
        listed.assert_status(0);
        let listed = listed.json();
        let from_toc: Vec<_> = listed["layers"].as_array().expect("layers").iter().map(|layer| layer["files"] == "toc").collect();
        assert_eq!(from_toc, expected, "{name}");
        let full = local(&[archive.to_str().expect("text"), "--format", "json"]);
        assert_eq!(report(&Outcome::of(plimsoll().args([&target, "--format", "json", "--no-toc"]))), full, "{name}");
        for part in ["live", "shadowed"] {
            assert_eq!(listed[part]["content_bytes"], full[part]["content_bytes"], "{name}: {part}");
            assert_eq!(listed[part]["entries"], full[part]["entries"], "{name}: {part}");
        }
    }
}

/// Every member of an OCI archive by its path.
fn members(archive: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(std::fs::File::open(archive).expect("an archive"));
    let mut members = BTreeMap::new();
    for member in archive.entries().expect("a tar") {
        let mut member = member.expect("a member");
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut member, &mut bytes).expect("a whole member");
        members.insert(member.path().expect("a name").display().to_string(), bytes);
    }
    members
}

/// A registry of one image that knows nothing of ranges; `lie` may change what it says of a blob.
fn without_ranges(archive: &Path, lie: impl Fn(&str, Vec<u8>) -> Vec<u8> + Send + Sync + 'static) -> Scripted {
    let members = members(archive);
    let index: Value = serde_json::from_slice(&members["index.json"]).expect("an index");
    let root = index["manifests"][0]["digest"].as_str().expect("a digest").to_owned();
    Scripted::start(move |request, _| {
        let last = request.plain_path().rsplit('/').next().unwrap_or_default();
        let digest = if last == "1" { root.as_str() } else { last };
        let Some(bytes) = members.get(&format!("blobs/{}", digest.replace(':', "/"))) else { return Reply::new(404) };
        let kind = "application/vnd.oci.image.manifest.v1+json";
        Reply::ok(lie(digest, bytes.clone()))
            .header("content-type", if request.path.contains("/manifests/") { kind } else { "binary/octet-stream" })
    })
}

#[test]
fn a_registry_without_ranges_gives_layers_in_full() {
    let archive = testdata("toc/zstd-chunked.tar");
    let registry = without_ranges(&archive, |_, bytes| bytes);
    let name = format!("docker://{}/app:1", registry.host());
    let outcome = Outcome::of(plimsoll().args([&name, "--format", "json"]));
    // Only how contents are compared differs, and that is not seen.
    assert_eq!(report(&outcome), local(&[archive.to_str().expect("text"), "--format", "json"]));
    assert!(registry.requests().iter().any(|request| request.header("range").is_some()), "it was asked for parts");
}

#[test]
fn a_layer_that_is_not_what_its_digest_says_is_an_error() {
    let demo = testdata("demo.tar");
    let members = members(&demo);
    let index: Value = serde_json::from_slice(&members["index.json"]).expect("an index");
    let manifest = &members[&format!("blobs/{}", index["manifests"][0]["digest"].as_str().expect("a digest").replace(':', "/"))];
    let manifest: Value = serde_json::from_slice(manifest).expect("a manifest");
    let layer = manifest["layers"][3]["digest"].as_str().expect("a digest").to_owned();
    let (other, wanted) = (
        members[&format!("blobs/{}", manifest["layers"][8]["digest"].as_str().expect("a digest").replace(':', "/"))].clone(),
        layer.clone(),
    );
    let size = manifest["layers"][3]["size"].as_u64().expect("a size") as usize;
    // Another layer's bytes, cut or filled to the size that is expected.
    let registry = without_ranges(&demo, move |digest, bytes| {
        if digest == wanted { other.iter().copied().chain(std::iter::repeat(0)).take(size).collect() } else { bytes }
    });
    let home = tempfile::tempdir().expect("a directory");
    let name = format!("docker://{}/app:1", registry.host());
    let outcome = Outcome::of(plimsoll().env("XDG_CACHE_HOME", home.path()).arg(&name));
    outcome.assert_status(3);
    assert!(outcome.stderr.contains("digest mismatch") && outcome.stderr.contains(&layer), "{}", outcome.stderr);
    let kept = Outcome::of(plimsoll().env("XDG_CACHE_HOME", home.path()).args(["cache", "list", "--format", "json"]));
    assert!(!kept.text().contains(&layer), "what was not verified is not kept");
}

#[test]
fn provenance_comes_from_a_registry_too() {
    let registry = Registry::open();
    for name in PROVENANCE {
        registry.push(&archive(&format!("provenance/{name}.tar")), &format!("{name}:1"));
        let target = format!("docker://{}", registry.name(&format!("{name}:1")));
        let expected = local(&[testdata(&format!("provenance/{name}.tar")).to_str().expect("text"), "--format", "json"]);
        assert_eq!(expected["image"]["lines_by"], "provenance");
        assert_eq!(local(&[&target, "--format", "json"]), expected, "{name}");
    }
}

#[test]
fn a_second_run_downloads_no_layer() {
    let registry = Registry::open();
    registry.push(&archive("demo.tar"), "demo:1");
    registry.push(&archive("toc/zstd-chunked.tar"), "chunked:1");
    let home = tempfile::tempdir().expect("a directory");
    for (image, blobs) in [("demo:1", 12), ("chunked:1", 0)] {
        let name = format!("docker://{}", registry.name(image));
        let run = |arguments: &[&str]| {
            let past = registry.requests().len();
            let outcome = Outcome::of(plimsoll().env("XDG_CACHE_HOME", home.path()).args([&name, "--format", "json"]).args(arguments));
            outcome.assert_status(0);
            let requests = registry.requests().split_off(past);
            let ranges = requests.iter().filter(|request| request.status == 206).count();
            (outcome.json(), registry.blobs(past), ranges)
        };
        let config = parsed(&registry.ask("inspect", &["--raw"], image))["config"]["digest"].as_str().expect("a digest").to_owned();
        let (first, got, ranges) = run(&[]);
        assert!(got.len() >= blobs, "{got:?}");
        assert_eq!(ranges > 0, blobs == 0, "{image}");
        let (second, got, ranges) = run(&[]);
        assert_eq!(first, second);
        assert_eq!((got.into_keys().collect::<Vec<_>>(), ranges), (vec![config], 0), "{image}");
        if blobs > 0 {
            let (third, got, _) = run(&["--no-cache"]);
            assert_eq!((&third, got.len()), (&first, blobs));
        }
    }
}
