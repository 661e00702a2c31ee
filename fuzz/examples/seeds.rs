//! Writes the seeds of every target into `corpus/`, from the archives of `../testdata` and from
//! numbers that are the same each time: `cargo run --example seeds`, in this directory.

use plimsoll::layer::Compression;
use plimsoll::reference::{Place, Reference};
use plimsoll::{Options, Source, saved};
use plimsoll_fuzz::compress;
use std::fs;
use std::path::{Path, PathBuf};

/// What the targets are given at most (`-max_len`).
const MOST: usize = 64 << 10;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let seeds = Seeds(home.join("corpus"));
    let mut archives: Vec<PathBuf> = fs::read_dir(home.join("../testdata/archives"))?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()?
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "tar" || extension == "gz"))
        .collect();
    archives.sort();
    for path in &archives {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        let bytes = fs::read(path)?;
        // Mended or not, each digest checked, and once more from a file.
        let plain = Compression::sniff(&bytes) == Compression::None;
        seeds.write("archive", &name, if plain { 0x14 } else { 0x05 }, &bytes)?;
        seeds.write("tar_walker", &name, 0, &bytes)?;
        for (number, body) in bodies(&bytes).into_iter().enumerate() {
            let name = format!("{name}-{number}");
            match Compression::sniff(body) {
                Compression::None if body.get(257..262) == Some(b"ustar") => seeds.write("tar_walker", &name, 0, body)?,
                Compression::None => {}
                _ => seeds.write("compressed_layer", &name, 0, body)?,
            }
        }
        analysis(path, &name, &seeds)?;
    }

    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for number in 0..64u8 {
        let name = format!("built-{number}");
        let choices = random.bytes(200 + 40 * usize::from(number));
        seeds.write("archive", &name, if number % 2 == 0 { 0x1a } else { 0x1e }, &choices)?;
        seeds.write("tar_walker", &name, 2, &choices)?;
        seeds.write("compressed_layer", &name, 4 + number % 2, &choices)?;
    }
    let text = b"deflate me ".repeat(400);
    seeds.write("compressed_layer", "deflated", 1, &compress::deflate(&text, 6))?;
    seeds.write("compressed_layer", "stored", 1, &compress::deflate(&text, 0))?;
    seeds.write("compressed_layer", "frame", 2, &compress::zstd(&text, 1, true)[4..])?;

    let digest = "0".repeat(64);
    let typed = [
        "-",
        "dir:.",
        "oci:.:app:1",
        "oci-archive:x.tar:@0",
        "docker-archive:-",
        "docker://alpine:3",
        "@18446744073709551615",
        "linux/arm64/v8",
        "1.5 GB",
        "18446744073709551615",
        "300",
        "20MiB",
        "**/*.{so,a}",
        "[!a-z]?\\*",
        "/usr/lib/",
        "a\u{202e}b\u{1b}[2J",
    ];
    for (number, text) in typed.iter().enumerate() {
        seeds.write_all("reference", &format!("typed-{number}"), text.as_bytes())?;
    }
    for text in [format!("sha256:{digest}"), format!("sha512:{digest}{digest}"), format!("blobs/sha256/{digest}")] {
        seeds.write_all("reference", &format!("digest-{}", text.len()), text.as_bytes())?;
    }
    Ok(())
}

/// An image of the archive: what its saved analysis unpacks to, and its history.
fn analysis(path: &Path, name: &str, seeds: &Seeds) -> Result<(), Box<dyn std::error::Error>> {
    let reference = Reference { place: Place::Path(path.to_owned()), image: None, text: name.to_owned() };
    let Ok(source) = Source::open(&reference) else { return Ok(()) };
    let image = source.read(&Options { image: Some(plimsoll::reference::Selector::Index(0)), threads: 1, ..Options::default() }, &());
    let Ok(image) = image else { return Ok(()) }; // one for another platform
    let mut file = Vec::new();
    saved::write(&image, &mut file)?;
    let mut plain = Vec::with_capacity(MOST * 4);
    // Magic number, version and checksum stand before the frame.
    zstd_safe::decompress(&mut plain, &file[8 + 4 + 64..]).map_err(zstd_safe::get_error_name)?;
    seeds.write("saved", name, 0, &plain)?;

    let rows = image.layers().iter().filter_map(|layer| layer.instruction()).map(|made| {
        let or = |field: &Option<String>| field.clone().unwrap_or_default();
        [made.raw.clone(), or(&made.created), or(&made.comment), or(&made.author)].join("\x1f")
    });
    let rows: Vec<String> = rows.collect();
    seeds.write("created_by", name, 0, rows.join("\x1e").as_bytes())?;
    Ok(())
}

/// The bodies of a tar's members.
fn bodies(tar: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(block) = tar.get(at..at + 512) {
        let size = std::str::from_utf8(&block[124..135]).ok().and_then(|size| usize::from_str_radix(size, 8).ok()).unwrap_or(0);
        found.extend(tar.get(at + 512..at + 512 + size).filter(|body| !body.is_empty()));
        at += 512 + size.next_multiple_of(512);
    }
    found
}

struct Seeds(PathBuf);

impl Seeds {
    /// A seed behind its control byte; one that is too long for the target is left out.
    fn write(&self, target: &str, name: &str, control: u8, bytes: &[u8]) -> std::io::Result<()> {
        self.write_all(target, name, &[&[control], bytes].concat())
    }

    fn write_all(&self, target: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        if bytes.len() > MOST {
            return Ok(());
        }
        let directory = self.0.join(target);
        fs::create_dir_all(&directory)?;
        fs::write(directory.join(format!("seed-{name}")), bytes)
    }
}

/// xorshift64*: numbers that are the same everywhere.
struct Random(u64);

impl Random {
    fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut next = || {
            self.0 ^= self.0 >> 12;
            self.0 ^= self.0 << 25;
            self.0 ^= self.0 >> 27;
            (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 56) as u8
        };
        (0..count).map(|_| next()).collect()
    }
}
