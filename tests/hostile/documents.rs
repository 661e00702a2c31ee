//! JSON that is too large, too deep, or names what it should not.

use crate::support;
use crate::support::{Entry, ImageSpec, Layer, Layout, Outcome, digest, named, number, tar};
use crate::{MIB, bounded, header, run};
use serde_json::{Value, json};
use std::path::Path;

/// Many small indexes that all name one large index would have it read for each of them: what is
/// read of indexes has a limit too.
#[test]
fn indexes_that_share_an_index() {
    let layout = Layout::new();
    let missing = |i: usize| json!({"mediaType": support::MANIFEST, "digest": digest(&i.to_le_bytes()), "size": 10});
    let large = layout.nested(&(0..1000).map(missing).collect::<Vec<_>>());
    let tops: Vec<_> = (0..40).map(|i| named(layout.nested(&[large.clone(), missing(i)]), &format!("t{i}"))).collect();
    layout.index(&tops);
    let outcome = run(64, &[layout.arg(), "--limit", "documents=1MB"]);
    outcome.assert_status(5);
    assert!(outcome.stderr.contains("documents"), "{}", outcome.stderr);
}

/// Threat 9: documents are read up to their limit, however large the file (here sparse) claims to be.
#[test]
fn documents_of_gigabytes() {
    let grow =
        |path: &Path| std::fs::File::options().write(true).open(path).and_then(|file| file.set_len(10 << 30)).expect("a sparse file");
    let layer = Layer::new(&[Entry::file("a", "a")]);
    let image = ImageSpec::new(&[layer]);
    let layout = Layout::of(&image);
    grow(&layout.path().join("index.json"));
    let outcome = run(64, &[layout.arg()]);
    outcome.assert_status(5);
    assert!(outcome.stderr.contains("document"), "{}", outcome.stderr);

    let layout = Layout::of(&image);
    grow(&layout.blob_path(&digest(&image.document())));
    let outcome = run(64, &[layout.arg()]);
    assert!(matches!(outcome.status, Some(3 | 5)), "{outcome:?}");

    for (name, limit) in [("manifest.json", "archive-manifest"), ("index.json", "document"), ("repositories", "document")] {
        let (_dir, path) = support::file("a.tar", &header(b'0', name.as_bytes(), 10 << 30));
        grow(&path);
        std::fs::File::options().write(true).open(&path).and_then(|file| file.set_len((10 << 30) + 512 + 1024)).expect("a sparse file");
        let outcome = Outcome::of(bounded(64).arg(&path));
        outcome.assert_status(5);
        assert!(outcome.stderr.contains(limit), "{name}: {}", outcome.stderr);
    }
    // From a pipe a large document is passed over, and not kept.
    let large = |name: &str| tar(&[Entry::file(name, vec![b' '; 20 * MIB])]);
    let outcome = Outcome::of(bounded(96).arg("-").write_stdin(large("manifest.json")));
    outcome.assert_status(5);
    assert!(outcome.stderr.contains("archive-manifest"), "{}", outcome.stderr);
}

/// JSON nested a million deep ends in an error, not in a stack overflow.
#[test]
fn json_nested_without_end() {
    for text in ["[".repeat(1_000_000), "{\"a\":".repeat(500_000)] {
        let layout = Layout::new();
        std::fs::write(layout.path().join("index.json"), &text).expect("a new file");
        run(64, &[layout.arg()]).assert_status(3);
        let archive = tar(&[Entry::file("manifest.json", &text)]);
        Outcome::of(bounded(64).arg("-").write_stdin(archive)).assert_status(3);
    }
}

/// Threat 10: a digest is checked to be one before any path is made of it.
#[test]
fn digests_that_are_paths() {
    let hex = &digest(b"x")[7..];
    let long = format!("sha256:{hex}00");
    let upper = format!("sha256:{}", hex.to_uppercase());
    let escape = format!("sha256:../../../{hex}");
    for bad in [
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "sha256:../../x",
        "sha256:",
        "",
        "sha256",
        ":",
        "../../x:y",
        "sha256:..",
        &long,
        &upper,
        &escape,
    ] {
        let layout = Layout::new();
        // What a naive join would find.
        std::fs::write(layout.path().join("x"), "{}").expect("a new file");
        let good = layout.blob(b"{}", support::CONFIG);
        let mut config = ImageSpec::new(&[]);
        config.history = json!([]);
        let config = layout.blob(&config.document(), support::CONFIG);
        let top = json!([{"mediaType": support::MANIFEST, "digest": bad, "size": 2}]);
        let of_layer = json!({"schemaVersion": 2, "config": config, "layers": [{"mediaType": support::LAYER, "digest": bad, "size": 2}]});
        let of_config = json!({"schemaVersion": 2, "config": {"mediaType": support::CONFIG, "digest": bad, "size": 2}, "layers": [good]});
        let manifest = |value: &Value| json!([layout.blob(value.to_string().as_bytes(), support::MANIFEST)]);
        for manifests in [top, manifest(&of_layer), manifest(&of_config)] {
            layout.index(manifests.as_array().expect("a list"));
            let outcome = run(64, &[layout.arg()]);
            outcome.assert_status(3);
            assert!(outcome.stdout.is_empty());
        }
        // A diff id is a digest too.
        let mut document: Value = serde_json::from_slice(&ImageSpec::new(&[Layer::new(&[])]).document()).expect("JSON");
        document["rootfs"]["diff_ids"] = json!([bad]);
        let config = document.to_string();
        let manifest = json!([{"Config": "c.json", "RepoTags": ["a:1"], "Layers": ["l.tar"]}]).to_string();
        let archive = tar(&[Entry::file("c.json", config), Entry::file("l.tar", tar(&[])), Entry::file("manifest.json", manifest)]);
        Outcome::of(bounded(64).arg("-").write_stdin(archive)).assert_status(3);
    }
}

/// Threat 11: indexes in indexes are followed four deep. A cycle needs a blob that lies about its
/// digest, which is found first.
#[test]
fn indexes_in_indexes() {
    let nested = |depth: usize| {
        let layout = Layout::new();
        let mut top = layout.image(&ImageSpec::new(&[Layer::new(&[Entry::file("a", "a")])]));
        for _ in 0..depth {
            top = layout.nested(&[top]);
        }
        layout.index(&[top]);
        layout
    };
    run(64, &[nested(3).arg()]).assert_status(0);
    for depth in [6, 1000] {
        let outcome = run(64, &[nested(depth).arg()]);
        outcome.assert_status(5);
        assert!(outcome.stderr.contains("index-depth"), "{}", outcome.stderr);
    }
    let layout = Layout::new();
    let own = json!({"mediaType": support::INDEX, "digest": digest(b"itself"), "size": 100});
    let document = json!({"schemaVersion": 2, "mediaType": support::INDEX, "manifests": [own]}).to_string();
    std::fs::write(layout.blob_path(&digest(b"itself")), document).expect("a new file");
    layout.index(&[own]);
    run(64, &[layout.arg(), "--no-verify"]).assert_status(3);
}

/// Threat 12: what a document names is looked for in the archive or layout, never beside it. A
/// layout without an index may still carry Docker's old `repositories`, whose ids are no paths.
#[test]
fn ids_that_are_paths() {
    let outer = tempfile::tempdir().expect("a temporary directory");
    let secret = outer.path().join("secret");
    std::fs::create_dir(&secret).expect("a new directory");
    std::fs::write(secret.join("json"), r#"{"id":"secret","os":"linux","architecture":"amd64"}"#).expect("a new file");
    std::fs::write(secret.join("layer.tar"), tar(&[Entry::file("secret", "secret")])).expect("a new file");
    let layout = outer.path().join("layout");
    std::fs::create_dir(&layout).expect("a new directory");
    std::fs::write(layout.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a new file");
    for id in ["../secret", secret.to_str().expect("plain names")] {
        std::fs::write(layout.join("repositories"), json!({"a": {"1": id}}).to_string()).expect("a new file");
        let outcome = run(64, &[layout.to_str().expect("plain names")]);
        outcome.assert_status(3);
        assert!(outcome.stdout.is_empty());
        // The parent of a layer is such an id as well.
        std::fs::create_dir_all(layout.join("top")).expect("a new directory");
        std::fs::write(layout.join("top/json"), json!({"parent": id}).to_string()).expect("a new file");
        std::fs::write(layout.join("top/layer.tar"), tar(&[])).expect("a new file");
        std::fs::write(layout.join("repositories"), json!({"a": {"1": "top"}}).to_string()).expect("a new file");
        run(64, &[layout.to_str().expect("plain names")]).assert_status(3);
    }
}

/// A statement of provenance as large as any may be, of what takes most memory: it is read in a few times its size, and
/// weighs nothing.
#[test]
fn a_provenance_of_forty_megabytes() {
    let blob = format!("{{\"digest\":\"{}\"}},", digest(b""));
    let chains = format!("\"step0:0\":[[{}]]", blob.repeat((39 * MIB) / blob.len()).trim_end_matches(','));
    let place = |step: usize| format!("\"step{step}\":{{\"locations\":[{}{{}}]}}", "{},".repeat(1000));
    let places = (0..10_000).map(place).collect::<Vec<_>>().join(",");
    let vertices = format!("{{\"id\":\"step0\",\"inputs\":[{}\"step0:0\"]}}", "\"step0:0\",".repeat(3 * MIB));
    for (layers, locations, steps) in [(&*chains, "", ""), ("", &*places, ""), ("", "", &*vertices)] {
        let metadata = format!("{{\"layers\":{{{layers}}},\"source\":{{\"locations\":{{{locations}}}}}}}");
        let statement = format!(
            "{{\"predicateType\":\"https://slsa.dev/provenance/v0.2\",\"predicate\":{{\"buildConfig\":{{\"llbDefinition\":[{steps}]}},\
             \"metadata\":{{\"https://mobyproject.org/buildkit@v1#metadata\":{metadata}}}}}}}"
        );
        assert!(statement.len() > 25 * MIB && statement.len() <= 40 * MIB, "{}", statement.len());
        let layout = Layout::new();
        let image = layout.image(&ImageSpec::new(&[Layer::new(&[Entry::file("a", "1")])]));
        let mut statement = layout.blob(statement.as_bytes(), "application/vnd.in-toto+json");
        statement["annotations"] = json!({"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"});
        let mut attestation = layout.blob(json!({"layers": [statement]}).to_string().as_bytes(), support::MANIFEST);
        attestation["annotations"] =
            json!({"vnd.docker.reference.digest": image["digest"], "vnd.docker.reference.type": "attestation-manifest"});
        layout.index(&[image, attestation]);
        let file = run(160, &[layout.arg(), "--format", "json"]);
        let pipe = Outcome::of(bounded(160).args(["-", "--format", "json"]).write_stdin(layout.archive()));
        for outcome in [file, pipe] {
            outcome.assert_status(0);
            let report = outcome.json();
            assert_eq!((number(&report, "/totals/content_bytes"), &report["layers"][0]["line"]), (1, &Value::Null));
        }
    }
}
