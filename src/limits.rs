//! What hostile input may cost. Each cap is absolute: an image may be strange, not endless.
//!
//! On a breach the analysis ends with what was counted so far, marked incomplete, and names the
//! limit. Every cap can be raised by name ([`Limits::set`], `--limit NAME=VALUE`).

use crate::error::{Error, Result};

/// Caps on hostile input; the defaults fit every real image seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one manifest, configuration or index document. The distribution specification
    /// asks clients for at least 4 MiB.
    pub document: u64,
    /// Bytes of a docker-archive's `manifest.json`.
    pub archive_manifest: u64,
    /// Bytes of all documents kept from a stream before its manifest is known.
    pub documents: u64,
    /// Bytes of one attestation; `BuildKit` writes none that is larger.
    pub attestation: u64,
    /// Bytes of one extension header (GNU long name, pax) and of one sparse map.
    pub extension: u64,
    /// Extension headers in a row before one entry.
    pub extensions: u64,
    /// Path nodes of one image.
    pub nodes: u64,
    /// Entries of one image: every tar member of every layer.
    pub entries: u64,
    /// Bytes of names and link targets of one image, and of what its contents say.
    pub names: u64,
    /// Decompressed bytes of one image. No ratio: a gigabyte of zeros is 1031:1 in gzip and legitimate.
    pub output: u64,
    /// Layers of one image.
    pub layers: u64,
    /// Nesting of image indexes.
    pub index_depth: u64,
    /// Steps taken through symbolic links to find where entries land.
    pub link_steps: u64,
    /// Logarithm of the largest zstd window, as `zstd --long` counts it.
    pub zstd_window_log: u64,
    /// Bytes of all zstd windows in use at one time.
    pub zstd_windows: u64,
    /// Bytes of file contents kept for parsers (package databases, programs) at one time.
    pub captures: u64,
    /// Bytes of one layer's table of contents, as stored and unpacked.
    pub toc: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            document: 4 << 20,
            archive_manifest: 16 << 20,
            documents: 64 << 20,
            attestation: 40 << 20,
            extension: 1 << 20,
            extensions: 8,
            nodes: 10_000_000,
            entries: 20_000_000,
            names: 1 << 30,
            output: 200 << 30,
            layers: 1000,
            index_depth: 4,
            link_steps: 100_000_000,
            zstd_window_log: 27,
            zstd_windows: 256 << 20,
            captures: 64 << 20,
            toc: 50 << 20,
        }
    }
}

impl Limits {
    /// Names and values, in a fixed order.
    pub fn list(&self) -> [(&'static str, u64); 17] {
        [
            ("document", self.document),
            ("archive-manifest", self.archive_manifest),
            ("documents", self.documents),
            ("attestation", self.attestation),
            ("extension", self.extension),
            ("extensions", self.extensions),
            ("nodes", self.nodes),
            ("entries", self.entries),
            ("names", self.names),
            ("output", self.output),
            ("layers", self.layers),
            ("index-depth", self.index_depth),
            ("link-steps", self.link_steps),
            ("zstd-window-log", self.zstd_window_log),
            ("zstd-windows", self.zstd_windows),
            ("captures", self.captures),
            ("toc", self.toc),
        ]
    }

    /// Sets one limit by its name.
    pub fn set(&mut self, name: &str, value: u64) -> Result<()> {
        let slot = match name {
            "document" => &mut self.document,
            "archive-manifest" => &mut self.archive_manifest,
            "documents" => &mut self.documents,
            "attestation" => &mut self.attestation,
            "extension" => &mut self.extension,
            "extensions" => &mut self.extensions,
            "nodes" => &mut self.nodes,
            "entries" => &mut self.entries,
            "names" => &mut self.names,
            "output" => &mut self.output,
            "layers" => &mut self.layers,
            "index-depth" => &mut self.index_depth,
            "link-steps" => &mut self.link_steps,
            "zstd-window-log" => &mut self.zstd_window_log,
            "zstd-windows" => &mut self.zstd_windows,
            "captures" => &mut self.captures,
            "toc" => &mut self.toc,
            _ => {
                let names: Vec<_> = self.list().iter().map(|(name, _)| *name).collect();
                return Err(Error::Usage(format!("no limit is named `{name}`; there are {}", names.join(", "))));
            }
        };
        // Node, entry and name numbers are 32-bit ids; beyond that the caps would be a lie.
        *slot = if matches!(name, "nodes" | "entries" | "names") { value.min(u64::from(u32::MAX) - 1) } else { value };
        // The decoder's own bounds: 10 is the format's smallest window, 31 its largest here.
        self.zstd_window_log = self.zstd_window_log.clamp(10, 31);
        self.layers = self.layers.min(60_000); // a fate names its layer in 16 bits
        Ok(())
    }
}
