//! Images made by hand: OCI layouts and archives of `docker save`.

use super::{Entry, digest, gzip, tar, zstd};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

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
