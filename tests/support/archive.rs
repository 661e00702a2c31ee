//! Tar archives, made byte by byte, and what compresses them.

use std::io::{Read, Write};

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

pub fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes).read_to_end(&mut out).expect("gzip");
    out
}
