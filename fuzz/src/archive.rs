//! Whole archives: digests mended in what the fuzzer mutated, or images built layer by layer.

use crate::{compress, tar};
use arbitrary::{Result, Unstructured};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// Mends checksums, and then the digests by which documents name each other, as long as something
/// changes: what names a changed document changes with it.
pub fn mend(archive: &mut [u8]) {
    tar::mend(archive);
    for _ in 0..4 {
        let mut changed = false;
        for (name, start, end) in blobs(archive) {
            let found = hex(&archive[start..end]);
            if name != found.as_bytes() {
                changed |= replace(archive, &name, found.as_bytes());
            }
        }
        if !changed {
            break;
        }
        tar::mend(archive);
    }
}

/// Members named `blobs/sha256/…`: the name's last part, and where the body is.
fn blobs(archive: &[u8]) -> Vec<(Vec<u8>, usize, usize)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(block) = archive.get(at..at + 512) {
        let size = std::str::from_utf8(&block[124..135]).ok().and_then(|size| usize::from_str_radix(size, 8).ok()).unwrap_or(0);
        let (start, end) = (at + 512, (at + 512).saturating_add(size).min(archive.len()));
        if block.starts_with(b"blobs/sha256/") && block[13..77].is_ascii() && !block[13..77].contains(&0) {
            found.push((block[13..77].to_vec(), start, end));
        }
        at = start.saturating_add(size.next_multiple_of(512));
    }
    found
}

fn replace(archive: &mut [u8], old: &[u8], new: &[u8]) -> bool {
    let mut changed = false;
    let mut at = 0;
    while let Some(window) = archive.get_mut(at..at + old.len()) {
        if window == old {
            window.copy_from_slice(new);
            changed = true;
            at += old.len();
        } else {
            at += 1;
        }
    }
    changed
}

pub fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// A docker-archive of one layer; `plain` is what the layer's bytes decompress to, where that is known.
pub fn of_layer(blob: &[u8], plain: Option<&[u8]>) -> Vec<u8> {
    let diff_ids: Vec<String> = plain.iter().map(|plain| format!("sha256:{}", hex(plain))).collect();
    let config = json!({ "os": "linux", "architecture": "amd64", "rootfs": { "type": "layers", "diff_ids": diff_ids } });
    let mut archive = Vec::new();
    tar::file(&mut archive, "layer.tar", blob);
    tar::file(&mut archive, "config.json", config.to_string().as_bytes());
    tar::file(&mut archive, "manifest.json", br#"[{"Config":"config.json","RepoTags":null,"Layers":["layer.tar"]}]"#);
    archive.resize(archive.len() + 1024, 0);
    archive
}

/// Long, wide and not for terminals.
const HOSTILE: &str =
    "\u{202e}\u{1b}]52;c;x\u{7}\r\n漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字\u{fe0f}";

struct Layer {
    blob: Vec<u8>,
    diff_id: String,
}

/// An image of a few layers, in one of the layouts that writers are known for.
pub fn build(u: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let mut layers = Vec::new();
    for _ in 0..u.int_in_range(0..=4)? {
        let plain = tar::build(u, 12)?;
        let diff_id = format!("sha256:{}", hex(&plain));
        let blob = match u.int_in_range(0..=5)? {
            0 => compress::gzip(&plain, 1),
            1 => compress::zstd(&plain, 1, true),
            _ => plain,
        };
        layers.push(Layer { blob, diff_id });
    }
    // The same layer twice is two layers.
    let mut order: Vec<usize> = (0..layers.len()).collect();
    if !layers.is_empty() && u.ratio(1, 4)? {
        order.push(u.choose_index(layers.len())?);
    }
    let diff_ids: Vec<&str> = order.iter().map(|number| layers[*number].diff_id.as_str()).collect();
    let config = json!({
        "created": *u.choose(&["2024-01-02T03:04:05Z", "", "x"])?,
        "os": "linux",
        "architecture": *u.choose(&["amd64", "amd64", "", "\u{1b}[31m", HOSTILE])?,
        "config": { "Labels": { "org.opencontainers.image.base.name": "base:1", "x": null } },
        "rootfs": { "type": "layers", "diff_ids": diff_ids },
        "history": history(u, order.len())?,
    })
    .to_string();
    let mut archive = Vec::new();
    match u.int_in_range(0..=2)? {
        0 => docker(u, &mut archive, &layers, &order, &config)?,
        1 => oci(u, &mut archive, &layers, &order, &config)?,
        _ => {
            // As docker writes it since 25: both.
            oci(u, &mut archive, &layers, &order, &config)?;
            let paths: Vec<String> = order.iter().map(|number| format!("blobs/sha256/{}", hex(&layers[*number].blob))).collect();
            let manifest = json!([{ "Config": format!("blobs/sha256/{}", hex(config.as_bytes())), "RepoTags": ["a:1"], "Layers": paths }]);
            tar::file(&mut archive, "manifest.json", manifest.to_string().as_bytes());
        }
    }
    archive.resize(archive.len() + 1024, 0);
    Ok(archive)
}

fn docker(u: &mut Unstructured<'_>, archive: &mut Vec<u8>, layers: &[Layer], order: &[usize], config: &str) -> Result<()> {
    let linked = u.ratio(1, 4)?;
    for (number, layer) in layers.iter().enumerate() {
        if u.ratio(1, 24)? {
            continue; // absent
        }
        tar::file(archive, &format!("{number}/layer.tar"), &layer.blob);
        if linked {
            let mut link = tar::header(format!("link{number}").as_bytes(), *u.choose(b"12")?, 0);
            let target = format!("{number}/layer.tar");
            link[157..157 + target.len()].copy_from_slice(target.as_bytes());
            tar::seal(&mut link);
            archive.extend_from_slice(&link);
        }
    }
    let path = |number: &usize| if linked { format!("link{number}") } else { format!("./{number}/layer.tar") };
    let paths: Vec<String> = order.iter().map(path).collect();
    tar::file(archive, "config.json", config.as_bytes());
    let manifest = json!([{ "Config": "config.json", "RepoTags": [*u.choose(&["a:1", "", HOSTILE])?, "b"], "Layers": paths }]);
    tar::file(archive, "manifest.json", manifest.to_string().as_bytes());
    Ok(())
}

fn oci(u: &mut Unstructured<'_>, archive: &mut Vec<u8>, layers: &[Layer], order: &[usize], config: &str) -> Result<()> {
    let mut blob = |bytes: &[u8], media_type: &str| {
        let hex = hex(bytes);
        tar::file(archive, &format!("blobs/sha256/{hex}"), bytes);
        json!({ "mediaType": media_type, "digest": format!("sha256:{hex}"), "size": bytes.len() })
    };
    let mut descriptors = Vec::new();
    for number in order {
        if u.ratio(1, 16)? {
            // Not there, and of any size.
            let size = *u.choose(&[0, 1000, i64::MAX as u64, u64::MAX])?;
            let digest = format!("sha256:{}", hex(&size.to_le_bytes()));
            descriptors.push(json!({ "mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": digest, "size": size }));
            continue;
        }
        let mut descriptor = blob(&layers[*number].blob, "application/vnd.oci.image.layer.v1.tar");
        if u.ratio(1, 24)? {
            descriptor["urls"] = json!(["https://example.com/x"]);
        }
        descriptors.push(descriptor);
    }
    let config = blob(config.as_bytes(), "application/vnd.oci.image.config.v1+json");
    let manifest = json!({ "schemaVersion": 2, "config": config, "layers": descriptors, "annotations": { "k": "v" } });
    let mut top = blob(manifest.to_string().as_bytes(), "application/vnd.oci.image.manifest.v1+json");
    for depth in 0..u.int_in_range(0..=5)?.max(2) - 2 {
        top["platform"] = json!({ "os": "linux", "architecture": "amd64", "variant": if depth == 0 { "" } else { "v2" } });
        let index = json!({ "schemaVersion": 2, "manifests": [top] });
        top = blob(index.to_string().as_bytes(), "application/vnd.oci.image.index.v1+json");
    }
    top["annotations"] = json!({ "org.opencontainers.image.ref.name": *u.choose(&["a:1", HOSTILE])? });
    tar::file(archive, "oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#);
    tar::file(archive, "index.json", json!({ "schemaVersion": 2, "manifests": [top] }).to_string().as_bytes());
    Ok(())
}

fn history(u: &mut Unstructured<'_>, layers: usize) -> Result<Value> {
    const ROWS: [&str; 8] = [
        "/bin/sh -c #(nop) ADD file:0123456789abcdef0123456789abcdef in / ",
        "/bin/sh -c #(nop)  CMD [\"sh\"]",
        "RUN |1 A=b /bin/sh -c set -eux; apt-get update && rm -rf /x # buildkit",
        "COPY . /app # buildkit",
        "ENTRYPOINT [\"/app\"]",
        "bazel build ...",
        HOSTILE,
        "",
    ];
    if u.ratio(1, 8)? {
        return Ok(Value::Null);
    }
    let mut rows = Vec::new();
    for _ in 0..(layers + u.int_in_range(0..=4)?).saturating_sub(1) {
        rows.push(json!({
            "created": *u.choose(&["2020-01-02T03:04:05Z", "2024-01-02T03:04:05Z", "1970-01-01T00:00:00Z", "x"])?,
            "created_by": *u.choose(&ROWS)?,
            "comment": *u.choose(&["", "buildkit.dockerfile.v0", "FROM alpine:3", "FROM 0123456789ab"])?,
            "empty_layer": u.ratio(1, 3)?,
        }));
    }
    Ok(Value::Array(rows))
}
