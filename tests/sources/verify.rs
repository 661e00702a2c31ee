//! What was changed or cut off is never weighed.

use crate::support;
use crate::support::{Entry, Layer, Outcome, digest, number, plimsoll};
use crate::{archives, one};
use serde_json::Value;
use sha2::Digest as _;
use std::io::Read;

/// `bytes` with the last byte of the first occurrence of `part`'s middle changed: its tar, if it
/// is one, stays well formed when `at` is inside file data.
fn flipped(bytes: &[u8], part: &[u8], at: usize) -> (Vec<u8>, String) {
    let start = bytes.windows(part.len()).position(|window| window == part).expect("the archive stores the blob");
    let mut broken = bytes.to_vec();
    broken[start + at] ^= 1;
    let found = digest(&broken[start..start + part.len()]);
    (broken, found)
}

/// One changed bit in a layer ends in an error that shows both digests, from a file and from a
/// pipe; `--no-verify` asks for none of that.
#[test]
fn a_changed_layer_is_never_weighed() {
    for (name, measure) in [
        ("docker20-one", "diff_id"),
        ("nix-layered", "diff_id"),
        ("skopeo-docker-archive", "diff_id"),
        ("docker26g-built", "digest"),
        ("docker26-built", "digest"),
        ("skopeo-oci-archive", "digest"),
        ("buildx-oci-uncompressed", "digest"),
        ("buildx-oci-zstd", "digest"),
        ("buildx-oci-estargz", "digest"),
    ] {
        let known = one(name);
        let tar = known.tar().expect("an archive");
        let layer = &known.images()[0]["layers"][0];
        let stored = layer["digest"].as_str().unwrap_or_else(|| layer["diff_id"].as_str().expect("text"));
        let blob = blobs(&tar).into_iter().find(|blob| digest(blob) == stored).expect("the archive stores the blob");
        // Before the end, where a plain tar has file data or padding; compressed, anything will do.
        let (broken, found) = flipped(&tar, &blob, blob.len() - 1100.min(blob.len() / 2));
        let (_dir, path) = support::file("broken.tar", &broken);
        let file = support::run(&[&path]);
        let pipe = Outcome::of(plimsoll().arg("-").write_stdin(broken.clone()));
        for outcome in [file, pipe] {
            outcome.assert_status(3);
            assert!(outcome.stdout.is_empty(), "{name}");
            for word in [&format!("{measure} mismatch"), stored, &found] {
                assert!(outcome.stderr.contains(word), "{name}: {word} in {}", outcome.stderr);
            }
        }
        if layer["compression"] == "none" {
            support::run(&[path.to_str().expect("plain names"), "--no-verify"]).assert_status(0);
        }
    }
}

/// Contents of an archive's members.
fn blobs(tar: &[u8]) -> Vec<Vec<u8>> {
    let mut archive = ::tar::Archive::new(tar);
    let members = archive.entries().expect("a tar").map(|member| {
        let mut content = Vec::new();
        member.expect("a whole member").read_to_end(&mut content).expect("a whole member");
        content
    });
    members.collect()
}

/// A blob may have the right digest and be another layer than the configuration means: `--verify`
/// looks for that too.
#[test]
fn verify_checks_diff_ids_of_compressed_layers() {
    let mut swapped = Layer::new(&[Entry::file("a", "what the configuration means")]);
    swapped.blob = support::gzip(&support::tar(&[Entry::file("a", "what the blob has instead")]));
    let layout = support::layout(&[swapped.clone()]);
    let archive = layout.archive();
    let (_dir, path) = support::file("image.tar", &archive);
    let path = path.to_str().expect("plain names");
    for (source, input) in [(layout.arg(), None), (path, None), ("-", Some(archive))] {
        for (args, status) in [(vec![source], 0), (vec![source, "--no-verify"], 0), (vec![source, "--verify"], 3)] {
            let mut command = plimsoll();
            command.args(&args);
            if let Some(input) = &input {
                command.write_stdin(input.clone());
            }
            let outcome = Outcome::of(&mut command);
            outcome.assert_status(status);
            if status == 3 {
                let found = digest(&support::gunzip(&swapped.blob));
                for word in ["diff_id mismatch", &digest(&swapped.tar), &found] {
                    assert!(outcome.stderr.contains(word), "{word} in {}", outcome.stderr);
                }
            }
        }
    }
    support::run(&[path, "--verify", "--no-verify"]).assert_status(2);
}

/// A diff id of another kind than the blob's digest is checked too, or it is said that it cannot be.
#[test]
fn diff_ids_of_another_kind_are_not_passed_over() {
    let sha512 = |bytes: &[u8]| format!("sha512:{}", hex(&sha2::Sha512::digest(bytes)));
    let entries = [Entry::file("a", "what the layer has")];
    for layer in [Layer::new(&entries), Layer::new(&entries).plain()] {
        for (diff_id, file, pipe) in [(sha512(&layer.tar), 0, 3), (sha512(b"another layer"), 3, 3)] {
            let layout = support::layout(std::slice::from_ref(&layer));
            let path = |digest: &str| layout.path().join("blobs/sha256").join(&digest[7..]);
            let index: Value = serde_json::from_slice(&std::fs::read(layout.path().join("index.json")).expect("an index")).expect("JSON");
            let old = index["manifests"][0]["digest"].as_str().expect("a digest");
            let mut manifest: Value = serde_json::from_slice(&std::fs::read(path(old)).expect("a manifest")).expect("JSON");
            let config = manifest["config"]["digest"].as_str().expect("a digest");
            let mut config: Value = serde_json::from_slice(&std::fs::read(path(config)).expect("a config")).expect("JSON");
            config["rootfs"]["diff_ids"][0] = diff_id.as_str().into();
            manifest["config"] = layout.blob(config.to_string().as_bytes(), "application/vnd.oci.image.config.v1+json");
            layout.index(&[layout.blob(manifest.to_string().as_bytes(), "application/vnd.oci.image.manifest.v1+json")]);
            support::run(&[layout.arg()]).assert_status(0);
            let outcome = support::run(&[layout.arg(), "--verify"]);
            outcome.assert_status(file);
            assert_eq!(outcome.stderr.contains("diff_id mismatch"), file == 3, "{}", outcome.stderr);
            let outcome = Outcome::of(plimsoll().args(["-", "--verify"]).write_stdin(layout.archive()));
            outcome.assert_status(pipe);
            assert!(outcome.stderr.contains("in a pipe") && outcome.stderr.contains(&diff_id), "{}", outcome.stderr);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// Manifest and configuration are what their descriptors say in size, too.
#[test]
fn a_document_of_another_size_is_an_error() {
    let layout = support::layout(&[Layer::new(&[Entry::file("a", "text")])]);
    let read = |digest: &str| std::fs::read(layout.path().join("blobs/sha256").join(&digest[7..])).expect("a blob");
    let mut index: Value = serde_json::from_slice(&std::fs::read(layout.path().join("index.json")).expect("an index")).expect("JSON");
    let right = index["manifests"][0].clone();
    let mut manifest: Value = serde_json::from_slice(&read(right["digest"].as_str().expect("a digest"))).expect("JSON");
    let check = |size: u64| {
        for outcome in [support::run(&[layout.arg()]), Outcome::of(plimsoll().arg("-").write_stdin(layout.archive()))] {
            outcome.assert_status(3);
            let expected = format!("size mismatch: expected {} bytes, found {size} bytes", size + 1);
            assert!(outcome.stderr.contains(&expected), "{}", outcome.stderr);
        }
    };
    let size = number(&right, "/size");
    index["manifests"][0]["size"] = (size + 1).into();
    layout.index(&[index["manifests"][0].clone()]);
    check(size);
    let size = number(&manifest, "/config/size");
    manifest["config"]["size"] = (size + 1).into();
    layout.index(&[layout.blob(manifest.to_string().as_bytes(), "application/vnd.oci.image.manifest.v1+json")]);
    check(size);
}

/// `--verify` finds nothing wrong with what real engines write.
#[test]
fn verify_passes_real_archives() {
    for known in archives() {
        let args = [vec![known.arg().to_owned(), "--verify".to_owned()], known.choice(&known.images()[0])].concat();
        support::run(&args).assert_status(0);
    }
}

/// An archive that ends early is an error wherever it ends, and half of it is never weighed.
#[test]
fn a_truncated_archive_is_an_error() {
    for known in archives() {
        let Some(tar) = known.tar() else { continue };
        let choice = known.choice(&known.images()[0]);
        // One byte into a block: no cut is by chance a shorter archive in good order.
        for cut in [1, tar.len() / 3 / 512 * 512 + 1, tar.len() / 2 / 512 * 512 + 1] {
            let (_dir, path) = support::file("cut.tar", &tar[..cut]);
            let file = Outcome::of(plimsoll().arg(&path).args(&choice));
            let pipe = Outcome::of(plimsoll().arg("-").args(&choice).write_stdin(&tar[..cut]));
            for outcome in [file, pipe] {
                assert_eq!(outcome.status, Some(3), "{} cut at {cut} of {}: {}", known.name, tar.len(), outcome.stderr);
            }
        }
        let packed = support::gzip(&tar);
        let outcome = Outcome::of(plimsoll().arg("-").args(&choice).write_stdin(&packed[..packed.len() - 9]));
        assert_eq!(outcome.status, Some(3), "{} gzipped and cut: {}", known.name, outcome.stderr);
    }
    Outcome::of(plimsoll().arg("-").write_stdin("")).assert_status(3);
}
