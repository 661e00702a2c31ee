//! Images made in memory.
#![allow(dead_code, reason = "each bench uses its part")]

use std::io::Write;

/// How a layer is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Plain,
    Gzip,
    Zstd,
}

/// A layer of `files` files of `size` bytes, 100 to a directory, half of it compressible.
pub(crate) fn layer(files: usize, size: usize) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    let mut state = 1u64;
    let mut content = vec![0; size];
    for number in 0..files {
        for (at, byte) in content.iter_mut().enumerate() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            *byte = if at % 2 == 0 { (state >> 60) as u8 } else { b'x' };
        }
        entry(&mut tar, &format!("srv/package-{:05}/module-{number:07}.js", number / 100), &content);
    }
    tar.into_inner().expect("memory")
}

/// A layer with a whiteout for each file of [`layer`].
pub(crate) fn markers(files: usize) -> Vec<u8> {
    let mut tar = tar::Builder::new(Vec::new());
    for number in 0..files {
        entry(&mut tar, &format!("srv/package-{:05}/.wh.module-{number:07}.js", number / 100), &[]);
    }
    tar.into_inner().expect("memory")
}

fn entry(tar: &mut tar::Builder<Vec<u8>>, path: &str, content: &[u8]) {
    let mut header = tar::Header::new_ustar();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, path, content).expect("memory");
}

pub(crate) fn compressed(tar: &[u8], kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Plain => tar.to_vec(),
        Kind::Gzip => {
            let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            gzip.write_all(tar).expect("memory");
            gzip.finish().expect("memory")
        }
        Kind::Zstd => {
            let mut out = vec![0; zstd_safe::compress_bound(tar.len())];
            let length = zstd_safe::compress(&mut out[..], tar, 3).expect("memory");
            out.truncate(length);
            out
        }
    }
}

/// A docker-archive of one layer.
pub(crate) fn archive(blob: &[u8], tar: &[u8]) -> Vec<u8> {
    build(&[(blob, digest(tar))])
}

/// A docker-archive of plain layers.
pub(crate) fn image(layers: &[Vec<u8>]) -> Vec<u8> {
    build(&layers.iter().map(|layer| (layer.as_slice(), digest(layer))).collect::<Vec<_>>())
}

fn digest(tar: &[u8]) -> String {
    use sha2::Digest;
    let hash = sha2::Sha256::digest(tar);
    hash.iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

fn build(layers: &[(&[u8], String)]) -> Vec<u8> {
    let diff_ids: Vec<_> = layers.iter().map(|(_, digest)| digest).collect();
    let names: Vec<_> = (0..layers.len()).map(|number| format!("{number}/layer.tar")).collect();
    let config = serde_json::json!({ "architecture": "amd64", "os": "linux", "rootfs": { "type": "layers", "diff_ids": diff_ids } });
    let manifest = serde_json::json!([{ "Config": "config.json", "RepoTags": ["bench:1"], "Layers": names }]);
    let mut tar = tar::Builder::new(Vec::new());
    for ((layer, _), name) in layers.iter().zip(&names) {
        entry(&mut tar, name, layer);
    }
    entry(&mut tar, "config.json", config.to_string().as_bytes());
    entry(&mut tar, "manifest.json", manifest.to_string().as_bytes());
    tar.into_inner().expect("memory")
}
