//! What all integration tests share: the binary, its JSON, and small images built by hand.
//!
//! Nothing here comes from plimsoll: the archives are made byte by byte, so that what a test
//! expects is known without asking the program under test.

#![allow(dead_code, reason = "each test file compiles its own copy and uses a part of it")]
#![allow(unreachable_pub, reason = "a test crate has no outside")]

use assert_cmd::Command;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// The binary, with nothing in its environment that could change what it prints.
pub fn plimsoll() -> Command {
    let mut command = Command::cargo_bin("plimsoll").expect("the binary is built with the tests");
    command.env_clear();
    // A hang must fail the test, not the machine.
    command.timeout(std::time::Duration::from_secs(120));
    command
}

/// What the binary did with `args`.
pub fn run<S: AsRef<std::ffi::OsStr>>(args: &[S]) -> Outcome {
    Outcome::of(plimsoll().args(args))
}

/// The report as JSON: `plimsoll ARGS --format json` must end with `status`.
pub fn json<S: AsRef<std::ffi::OsStr>>(args: &[S], status: i32) -> Value {
    let outcome = Outcome::of(plimsoll().args(args).args(["--format", "json"]));
    outcome.assert_status(status);
    outcome.json()
}

/// Exit status and output of one run.
#[derive(Debug)]
pub struct Outcome {
    pub status: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Outcome {
    pub fn of(command: &mut Command) -> Self {
        let output = command.output().expect("the binary runs");
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!stderr.contains("panicked"), "no input may cause a panic: {stderr}");
        Self { status: output.status.code(), stdout: output.stdout, stderr }
    }

    #[track_caller]
    pub fn assert_status(&self, status: i32) {
        assert_eq!(self.status, Some(status), "exit status; stderr: {}", self.stderr);
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("JSON expected: {error}\n{}\n{}", self.text(), self.stderr))
    }
}

/// A file of `testdata`.
pub fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(name)
}

/// `sha256:` and 64 digits.
pub fn digest(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all");
        text
    })
}

/// A tar member. Long names and links get a pax header, unless [`Entry::gnu`] asks for GNU's.
#[derive(Debug, Clone)]
pub struct Entry {
    pub name: Vec<u8>,
    pub link: Vec<u8>,
    pub kind: u8,
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
    pub mtime: u64,
    pub device: (u32, u32),
    pub data: Vec<u8>,
    /// Records of a pax header of its own.
    pub pax: Vec<(Vec<u8>, Vec<u8>)>,
    pub gnu: bool,
}

impl Entry {
    pub fn new(name: impl AsRef<[u8]>, kind: u8) -> Self {
        Self {
            name: name.as_ref().to_vec(),
            link: Vec::new(),
            kind,
            mode: 0o644,
            uid: 0,
            gid: 0,
            mtime: 1_750_000_000,
            device: (0, 0),
            data: Vec::new(),
            pax: Vec::new(),
            gnu: false,
        }
    }

    /// A regular file.
    pub fn file(name: impl AsRef<[u8]>, data: impl AsRef<[u8]>) -> Self {
        Self { data: data.as_ref().to_vec(), ..Self::new(name, b'0') }
    }

    /// A directory; its name ends with a slash, as tar writes it.
    pub fn dir(name: &str) -> Self {
        Self { mode: 0o755, ..Self::new(format!("{}/", name.trim_end_matches('/')), b'5') }
    }

    pub fn symlink(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        Self { link: target.as_ref().to_vec(), mode: 0o777, ..Self::new(name, b'2') }
    }

    pub fn hardlink(name: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        Self { link: target.as_ref().to_vec(), ..Self::new(name, b'1') }
    }

    /// `a/b` becomes the marker `a/.wh.b`.
    pub fn whiteout(path: &str) -> Self {
        let (directory, name) = path.rsplit_once('/').map_or(("", path), |(directory, name)| (directory, name));
        let slash = if directory.is_empty() { "" } else { "/" };
        Self::file(format!("{directory}{slash}.wh.{name}"), b"")
    }

    /// The marker that hides what lower layers have in `directory`.
    pub fn opaque(directory: &str) -> Self {
        Self::file(format!("{}/.wh..wh..opq", directory.trim_end_matches('/')), b"")
    }

    /// A device (`b'3'`, `b'4'`) or FIFO (`b'6'`).
    pub fn special(name: &str, kind: u8, device: (u32, u32)) -> Self {
        Self { device, ..Self::new(name, kind) }
    }

    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    #[must_use]
    pub fn owner(mut self, uid: u64, gid: u64) -> Self {
        (self.uid, self.gid) = (uid, gid);
        self
    }

    #[must_use]
    pub fn mtime(mut self, mtime: u64) -> Self {
        self.mtime = mtime;
        self
    }

    #[must_use]
    pub fn pax(mut self, key: impl AsRef<[u8]>, value: impl AsRef<[u8]>) -> Self {
        self.pax.push((key.as_ref().to_vec(), value.as_ref().to_vec()));
        self
    }

    /// GNU's headers for long names instead of pax.
    #[must_use]
    pub fn gnu(mut self) -> Self {
        self.gnu = true;
        self
    }

    /// Headers, data and padding.
    pub fn bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        let mut pax = self.pax.clone();
        for (value, key, gnu) in [(&self.name, "path", b'L'), (&self.link, "linkpath", b'K')] {
            match (value.len() > 100, self.gnu) {
                (false, _) => {}
                (true, false) => pax.push((key.as_bytes().to_vec(), value.clone())),
                (true, true) => {
                    let mut long = value.clone();
                    long.push(0);
                    out.extend(Header { kind: gnu, magic: *b"ustar  \0", ..Header::new(b"././@LongLink", long.len() as u64) }.bytes());
                    out.extend(padded(long));
                }
            }
        }
        if !pax.is_empty() {
            let records: Vec<u8> = pax.iter().flat_map(|(key, value)| pax_record(key, value)).collect();
            out.extend(Header { kind: b'x', ..Header::new(b"PaxHeaders/entry", records.len() as u64) }.bytes());
            out.extend(padded(records));
        }
        let header = Header {
            kind: self.kind,
            link: self.link.clone(),
            mode: self.mode,
            uid: self.uid,
            gid: self.gid,
            mtime: self.mtime,
            device: self.device,
            magic: if self.gnu { *b"ustar  \0" } else { *b"ustar\x0000" },
            ..Header::new(&self.name, self.data.len() as u64)
        };
        out.extend(header.bytes());
        out.extend(padded(self.data.clone()));
        out
    }
}

/// One header block, right or wrong.
#[derive(Debug, Clone)]
pub struct Header {
    pub name: Vec<u8>,
    pub link: Vec<u8>,
    pub kind: u8,
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
    pub size: [u8; 12],
    pub mtime: u64,
    pub device: (u32, u32),
    pub magic: [u8; 8],
    /// Bytes put at an offset before the checksum is taken.
    pub extra: Vec<(usize, Vec<u8>)>,
}

impl Header {
    pub fn new(name: &[u8], size: u64) -> Self {
        let mut field = [0; 12];
        // Eleven octal digits hold 8 GiB; beyond that GNU's base 256.
        if size < 1 << 33 {
            field[..11].copy_from_slice(format!("{size:011o}").as_bytes());
        } else {
            field[0] = 0x80;
            field[4..].copy_from_slice(&size.to_be_bytes());
        }
        Self {
            name: name.to_vec(),
            link: Vec::new(),
            kind: b'0',
            mode: 0o644,
            uid: 0,
            gid: 0,
            size: field,
            mtime: 1_750_000_000,
            device: (0, 0),
            magic: *b"ustar\x0000",
            extra: Vec::new(),
        }
    }

    pub fn bytes(&self) -> [u8; 512] {
        let mut block = [0; 512];
        let mut put = |offset: usize, bytes: &[u8]| block[offset..offset + bytes.len()].copy_from_slice(bytes);
        put(0, &self.name[..self.name.len().min(100)]);
        put(100, format!("{:07o}\0", self.mode).as_bytes());
        put(108, format!("{:07o}\0", self.uid & 0o777_7777).as_bytes());
        put(116, format!("{:07o}\0", self.gid & 0o777_7777).as_bytes());
        put(124, &self.size);
        put(136, format!("{:011o}\0", self.mtime).as_bytes());
        put(148, b"        ");
        put(156, &[self.kind]);
        put(157, &self.link[..self.link.len().min(100)]);
        put(257, &self.magic);
        if matches!(self.kind, b'3' | b'4') {
            put(329, format!("{:07o}\0", self.device.0).as_bytes());
            put(337, format!("{:07o}\0", self.device.1).as_bytes());
        }
        for (offset, bytes) in &self.extra {
            put(*offset, bytes);
        }
        let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }
}

/// `LENGTH KEY=VALUE\n`, the length including itself.
pub fn pax_record(key: &[u8], value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while length != rest + length.to_string().len() {
        length = rest + length.to_string().len();
    }
    [length.to_string().as_bytes(), b" ", key, b"=", value, b"\n"].concat()
}

/// With zeros up to the next block.
pub fn padded(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len().next_multiple_of(512), 0);
    bytes
}

/// A whole tar: the members and two zero blocks.
pub fn tar(entries: &[Entry]) -> Vec<u8> {
    let mut out: Vec<u8> = entries.iter().flat_map(Entry::bytes).collect();
    out.resize(out.len() + 1024, 0);
    out
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all")
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0; zstd_safe::compress_bound(bytes.len())];
    let length = zstd_safe::compress(&mut out[..], bytes, 3).expect("the buffer holds the worst case");
    out.truncate(length);
    out
}

pub fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all")
}

pub fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all")
}

pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
pub const LAYER_GZIP: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
pub const LAYER_ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// A layer: its tar, and the blob that stores it.
#[derive(Debug, Clone)]
pub struct Layer {
    pub tar: Vec<u8>,
    pub blob: Vec<u8>,
    pub media_type: String,
    pub urls: Vec<String>,
    /// The manifest names the blob, the layout lacks it.
    pub absent: bool,
}

impl Layer {
    /// Gzipped, as a registry holds it.
    pub fn new(entries: &[Entry]) -> Self {
        Self::of_tar(tar(entries))
    }

    /// The same from the bytes of a tar.
    pub fn of_tar(tar: Vec<u8>) -> Self {
        let blob = gzip(&tar);
        Self { tar, blob, media_type: LAYER_GZIP.into(), urls: Vec::new(), absent: false }
    }

    /// Stored as it is.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.blob.clone_from(&self.tar);
        self.media_type = LAYER.into();
        self
    }

    /// Compressed with zstd.
    #[must_use]
    pub fn zstd(mut self) -> Self {
        self.blob = zstd(&self.tar);
        self.media_type = LAYER_ZSTD.into();
        self
    }

    #[must_use]
    pub fn blob(mut self, blob: Vec<u8>) -> Self {
        self.blob = blob;
        self
    }

    #[must_use]
    pub fn media_type(mut self, media_type: &str) -> Self {
        self.media_type = media_type.into();
        self
    }

    #[must_use]
    pub fn absent(mut self) -> Self {
        self.absent = true;
        self
    }
}

/// An image's layers and configuration.
#[derive(Debug, Clone)]
pub struct ImageSpec {
    pub layers: Vec<Layer>,
    pub architecture: String,
    pub os: String,
    pub variant: Option<String>,
    /// The `config` object of the configuration.
    pub config: Value,
    /// By default one `RUN step N` for each layer.
    pub history: Value,
}

impl ImageSpec {
    pub fn new(layers: &[Layer]) -> Self {
        Self {
            layers: layers.to_vec(),
            architecture: "amd64".into(),
            os: "linux".into(),
            variant: None,
            config: json!({"Env": ["PATH=/bin"]}),
            history: (0..layers.len()).map(|n| json!({"created": "2025-06-15T15:06:40Z", "created_by": format!("RUN step {n}")})).collect(),
        }
    }

    /// Given as `created_by` of one row for each layer.
    #[must_use]
    pub fn created_by(mut self, lines: &[&str]) -> Self {
        self.history = lines.iter().map(|line| json!({"created": "2025-06-15T15:06:40Z", "created_by": line})).collect();
        self
    }

    #[must_use]
    pub fn history(mut self, history: Value) -> Self {
        self.history = history;
        self
    }

    #[must_use]
    pub fn architecture(mut self, architecture: &str) -> Self {
        self.architecture = architecture.into();
        self
    }

    /// The configuration document.
    pub fn document(&self) -> Vec<u8> {
        let diff_ids: Vec<_> = self.layers.iter().map(|layer| digest(&layer.tar)).collect();
        let mut config = json!({
            "created": "2025-06-15T15:06:40Z", "architecture": self.architecture, "os": self.os, "config": self.config,
            "rootfs": {"type": "layers", "diff_ids": diff_ids}, "history": self.history,
        });
        if let Some(variant) = &self.variant {
            config["variant"] = variant.as_str().into();
        }
        config.to_string().into_bytes()
    }
}

/// An OCI layout in a directory that goes with it.
#[derive(Debug)]
pub struct Layout {
    pub dir: TempDir,
}

impl Layout {
    pub fn new() -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        std::fs::create_dir_all(dir.path().join("blobs/sha256")).expect("a new directory");
        std::fs::write(dir.path().join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).expect("a new file");
        Self { dir }
    }

    /// One image called `latest`.
    pub fn of(image: &ImageSpec) -> Self {
        let layout = Self::new();
        let descriptor = layout.image(image);
        layout.index(&[named(descriptor, "latest")]);
        layout
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    pub fn arg(&self) -> &str {
        self.path().to_str().expect("temporary directories have plain names")
    }

    /// The root file system of `latest` as `umoci` extracts it, and the directory that keeps it.
    #[track_caller]
    pub fn umoci(&self) -> (TempDir, PathBuf) {
        use std::os::unix::fs::MetadataExt;
        let keep = tempfile::tempdir().expect("a temporary directory");
        let rootfs = keep.path().join("rootfs");
        let mut command = std::process::Command::new("umoci");
        command.args(["raw", "unpack"]);
        if std::fs::metadata(keep.path()).expect("just made").uid() != 0 {
            command.arg("--rootless");
        }
        let output = command.arg("--image").arg(format!("{}:latest", self.arg())).arg(&rootfs).output();
        let output = output.expect("these tests compare with `umoci`, which must be installed (Debian: apt install umoci)");
        assert!(output.status.success(), "umoci refuses: {}", String::from_utf8_lossy(&output.stderr));
        (keep, rootfs)
    }

    /// Where the blob of `digest` is.
    pub fn blob_path(&self, digest: &str) -> PathBuf {
        self.path().join("blobs").join(digest.replace(':', "/"))
    }

    /// Stores a blob; its descriptor.
    pub fn blob(&self, bytes: &[u8], media_type: &str) -> Value {
        let digest = digest(bytes);
        std::fs::write(self.blob_path(&digest), bytes).expect("a new file");
        json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
    }

    /// Stores an image; the descriptor of its manifest, platform included.
    pub fn image(&self, image: &ImageSpec) -> Value {
        let layers: Vec<_> = image
            .layers
            .iter()
            .map(|layer| {
                let mut descriptor = self.blob(&layer.blob, &layer.media_type);
                if layer.absent {
                    std::fs::remove_file(self.blob_path(descriptor["digest"].as_str().expect("a digest"))).expect("just written");
                }
                if !layer.urls.is_empty() {
                    descriptor["urls"] = json!(layer.urls);
                }
                descriptor
            })
            .collect();
        let config = self.blob(&image.document(), CONFIG);
        let manifest = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers});
        let mut descriptor = self.blob(manifest.to_string().as_bytes(), MANIFEST);
        descriptor["platform"] = json!({"architecture": image.architecture, "os": image.os});
        if let Some(variant) = &image.variant {
            descriptor["platform"]["variant"] = variant.as_str().into();
        }
        descriptor
    }

    /// Stores an image index as a blob; its descriptor.
    pub fn nested(&self, manifests: &[Value]) -> Value {
        self.blob(index_document(manifests).as_bytes(), INDEX)
    }

    /// Writes `index.json`.
    pub fn index(&self, manifests: &[Value]) {
        std::fs::write(self.path().join("index.json"), index_document(manifests)).expect("a new file");
    }

    /// All its files as a tar.
    pub fn archive(&self) -> Vec<u8> {
        let mut names = vec!["index.json".to_owned(), "oci-layout".to_owned()];
        let blobs = std::fs::read_dir(self.path().join("blobs/sha256")).expect("made by `new`");
        names.extend(blobs.map(|blob| format!("blobs/sha256/{}", blob.expect("readable").file_name().to_string_lossy())));
        names.sort();
        let entries: Vec<_> =
            names.iter().map(|name| Entry::file(name, std::fs::read(self.path().join(name)).expect("just listed"))).collect();
        tar(&entries)
    }
}

/// The layout of one image with these layers, a `RUN step N` each.
pub fn layout(layers: &[Layer]) -> Layout {
    Layout::of(&ImageSpec::new(layers))
}

/// The layout of one image with these layers, each from its entries.
pub fn layout_of(layers: &[&[Entry]]) -> Layout {
    layout(&layers.iter().map(|entries| Layer::new(entries)).collect::<Vec<_>>())
}

/// The descriptor under a name.
pub fn named(mut descriptor: Value, name: &str) -> Value {
    descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": name});
    descriptor
}

fn index_document(manifests: &[Value]) -> String {
    json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}).to_string()
}

/// What `docker save` wrote of one image: `<n>/layer.tar` plain, configuration, `manifest.json`.
pub fn docker_archive(image: &ImageSpec, names: &[&str]) -> Vec<u8> {
    let config = image.document();
    let config_name = format!("{}.json", &digest(&config)[7..]);
    let mut entries = Vec::new();
    let mut layers = Vec::new();
    for (number, layer) in image.layers.iter().enumerate() {
        layers.push(format!("{number}/layer.tar"));
        entries.push(Entry::file(format!("{number}/layer.tar"), &layer.blob));
    }
    entries.push(Entry::file(&config_name, config));
    let manifest = json!([{"Config": config_name, "RepoTags": names, "Layers": layers}]);
    entries.push(Entry::file("manifest.json", manifest.to_string()));
    tar(&entries)
}

/// A file with these bytes, in a directory that goes with it.
pub fn file(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join(name);
    std::fs::write(&path, bytes).expect("a new file");
    (dir, path)
}

/// The three measures by which everything is weighed.
pub const MEASURES: [&str; 3] = ["content_bytes", "diff_bytes", "blob_bytes"];

/// A number of the report, by JSON pointer.
#[track_caller]
pub fn number(report: &Value, pointer: &str) -> u64 {
    report.pointer(pointer).and_then(Value::as_u64).unwrap_or_else(|| panic!("a number expected at {pointer}: {report:#}"))
}

/// The books balance, in every measure: `totals` = `live` + `shadowed`, `shadowed` = the sum of
/// its causes = the sum of who hid what, the layers add up to all of that, and the hull to `live`.
#[track_caller]
pub fn assert_books(report: &Value) {
    let layers = report["layers"].as_array().expect("layers");
    let sum = |values: &[Value], measure: &str| values.iter().map(|value| number(value, &format!("/{measure}"))).sum::<u64>();
    for measure in MEASURES {
        let of = |value: &Value| number(value, &format!("/{measure}"));
        assert_eq!(of(&report["totals"]), of(&report["live"]) + of(&report["shadowed"]), "totals = live + shadowed, {measure}");
        let causes: Vec<_> = report["shadowed"]["causes"].as_object().expect("causes").values().cloned().collect();
        assert_eq!(causes.len(), 7, "all causes are listed");
        assert_eq!(of(&report["shadowed"]), sum(&causes, measure), "shadowed = its causes, {measure}");
        let hidden = report["hidden"].as_array().expect("hidden");
        assert_eq!(of(&report["shadowed"]), sum(hidden, measure), "shadowed = who hid what, {measure}");
        let hull: Vec<_> = ["base", "own", "unneeded"].iter().map(|part| report["hull"][part].clone()).collect();
        assert_eq!(of(&report["live"]), sum(&hull, measure), "live = the hull, {measure}");
        for part in ["live", "shadowed", "overhead"] {
            let parts: Vec<_> = layers.iter().map(|layer| layer[part].clone()).collect();
            assert_eq!(of(&report[part]), sum(&parts, measure), "{part} = the layers' {part}, {measure}");
        }
        assert_eq!(of(&report["totals"]), sum(layers, measure), "totals = the layers, {measure}");
        for layer in layers {
            assert_eq!(of(layer), of(&layer["live"]) + of(&layer["shadowed"]), "a layer = live + shadowed, {measure}");
        }
    }
}

/// The image at `path`, stacked, by the library.
pub fn index_of(path: &str, options: &plimsoll::Options) -> plimsoll::Result<plimsoll::Index> {
    let reference = plimsoll::Reference::parse(path)?;
    let image = plimsoll::Source::open(&reference)?.read(options, &())?;
    plimsoll::Index::build(image, &options.limits)
}

/// Every path that the image's file system shows, and whether a regular file (hard links
/// included) is there; directories are left out.
pub fn live_paths(index: &plimsoll::Index) -> BTreeMap<Vec<u8>, bool> {
    use plimsoll::layer::EntryKind::{Directory, File};
    let nodes = 1..u32::try_from(index.paths().len()).expect("node numbers have 32 bits");
    let live = nodes.filter_map(|node| Some((node, index.data(&index.at(node)?).entry.kind)));
    live.filter(|(_, kind)| *kind != Directory).map(|(node, kind)| (index.paths().path(node), kind == File)).collect()
}

/// Size of every file in a layout or archive, by its digest.
pub fn stored_sizes(path: &Path) -> BTreeMap<String, u64> {
    let mut sizes = BTreeMap::new();
    let mut add = |bytes: &[u8]| sizes.insert(digest(bytes), bytes.len() as u64);
    if path.is_dir() {
        let mut directories = vec![path.to_owned()];
        while let Some(directory) = directories.pop() {
            for entry in std::fs::read_dir(directory).expect("a readable directory") {
                let path = entry.expect("a readable directory").path();
                if path.is_dir() {
                    directories.push(path);
                } else {
                    add(&std::fs::read(path).expect("a readable file"));
                }
            }
        }
        return sizes;
    }
    let mut bytes = std::fs::read(path).expect("a readable file");
    if bytes.starts_with(&[0x1f, 0x8b]) {
        bytes = gunzip(&bytes);
    }
    let mut archive = ::tar::Archive::new(&bytes[..]);
    for member in archive.entries().expect("a tar") {
        let mut member = member.expect("a whole member");
        let mut content = Vec::new();
        member.read_to_end(&mut content).expect("a whole member");
        add(&content);
    }
    sizes
}

pub fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut out).expect("gzip");
    out
}

/// Each layer that is present weighs as much as the file that stores it.
#[track_caller]
pub fn assert_blob_sizes(report: &Value, source: &Path) {
    let sizes = stored_sizes(source);
    for layer in report["layers"].as_array().expect("layers").iter().filter(|layer| layer["present"] == true) {
        let name = layer["digest"].as_str().expect("a digest");
        let weighed = number(layer, "/blob_bytes") + number(layer, "/overhead/blob_bytes");
        assert_eq!(Some(&weighed), sizes.get(name), "entries and overhead of {name} are its file's size");
    }
}
