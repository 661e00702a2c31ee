//! Random headers written by the `tar` crate.

use crate::member::{Member, Members, by_tar_crate, key, told};
use crate::support::{self, Entry, Header, Layer};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

#[derive(Debug, Clone)]
struct Drawn {
    name: Vec<u8>,
    kind: tar::EntryType,
    mode: u32,
    uid: u32,
    gid: u32,
    mtime: u64,
    size: usize,
    link: Vec<u8>,
    gnu: bool,
}

/// Names are any bytes but NUL and slash; short ones and such as need GNU's long headers.
fn name() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![4 => b'a'..=b'z', 1 => 1u8..=255].prop_map(|byte| if byte == b'/' { b'_' } else { byte });
    let part = proptest::collection::vec(byte, 1..40);
    let short = proptest::collection::vec(part, 1..4).prop_map(|parts| parts.join(&b'/'));
    prop_oneof![4 => short.clone(), 1 => (short, 1usize..250).prop_map(|(name, more)| [name, vec![b'z'; more]].concat())]
}

fn drawn() -> impl Strategy<Value = Drawn> {
    let kind = prop_oneof![
        4 => Just(tar::EntryType::Regular),
        1 => Just(tar::EntryType::Directory),
        1 => Just(tar::EntryType::Symlink),
        1 => Just(tar::EntryType::Link),
        1 => Just(tar::EntryType::Fifo),
        1 => Just(tar::EntryType::Char),
        1 => Just(tar::EntryType::Continuous),
    ];
    let time = prop_oneof![0u64..1 << 33, (1u64 << 33)..1 << 40];
    let size = prop_oneof![Just(0usize), Just(511), Just(512), Just(513), 0usize..3000];
    (name(), kind, 0u32..0o10000, any::<u32>(), any::<u32>(), time, size, name(), any::<bool>())
        .prop_map(|(name, kind, mode, uid, gid, mtime, size, link, gnu)| Drawn { name, kind, mode, uid, gid, mtime, size, link, gnu })
}

impl Drawn {
    fn write(&self, number: usize, builder: &mut tar::Builder<Vec<u8>>) -> (String, Member) {
        let mut header = if self.gnu { tar::Header::new_gnu() } else { tar::Header::new_ustar() };
        // ustar has seven digits for an id and eleven for a time.
        let id = |id: u32| u64::from(if self.gnu { id } else { id & 0o777_7777 });
        let mtime = if self.gnu { self.mtime } else { self.mtime & 0o777_7777_7777 };
        header.set_entry_type(self.kind);
        header.set_mode(self.mode);
        header.set_uid(id(self.uid));
        header.set_gid(id(self.gid));
        header.set_mtime(mtime);
        let has_body = matches!(self.kind, tar::EntryType::Regular | tar::EntryType::Continuous);
        let has_link = matches!(self.kind, tar::EntryType::Symlink | tar::EntryType::Link);
        let size = if has_body { self.size } else { 0 };
        header.set_size(size as u64);
        // A number in front keeps paths apart and `.` and `..` out.
        let mut path = [format!("{number}-").as_bytes(), &self.name].concat();
        path = path
            .split(|byte| *byte == b'/')
            .map(|part| if matches!(part, b"." | b"..") { b"dots" } else { part })
            .collect::<Vec<_>>()
            .join(&b'/');
        let mut link = self.link.clone();
        let long = |block: &mut [u8], text: &mut Vec<u8>| {
            if !self.gnu {
                text.truncate(block.len());
                *text = text.strip_suffix(b"/").unwrap_or(text).to_vec();
            }
            let end = text.len().min(block.len());
            block[..end].copy_from_slice(&text[..end]);
            text.len() > block.len()
        };
        let long_path = long(&mut header.as_old_mut().name, &mut path);
        let long_link = has_link && long(&mut header.as_old_mut().linkname, &mut link);
        for (text, kind, is_long) in [(&path, b'L', long_path), (&link, b'K', long_link)] {
            if is_long {
                let mut extension = tar::Header::new_gnu();
                extension.as_old_mut().name[..13].copy_from_slice(b"././@LongLink");
                extension.set_entry_type(tar::EntryType::new(kind));
                extension.set_size(text.len() as u64 + 1);
                extension.set_cksum();
                builder.append(&extension, &[&text[..], b"\0"].concat()[..]).expect("memory takes all");
            }
        }
        header.set_cksum();
        builder.append(&header, &vec![b'x'; size][..]).expect("memory takes all");
        let kind = match self.kind {
            tar::EntryType::Directory => "directory",
            tar::EntryType::Symlink => "symlink",
            tar::EntryType::Link => "hardlink",
            tar::EntryType::Fifo | tar::EntryType::Char => "special",
            _ => "file",
        };
        let member = Member {
            kind: kind.to_owned(),
            mode: self.mode,
            uid: id(self.uid),
            gid: id(self.gid),
            size: size as u64,
            mtime: mtime.cast_signed(),
            link: has_link.then(|| String::from_utf8_lossy(&link).into_owned()),
        };
        (key(&path), member)
    }
}

/// What is written is what is told, and what the `tar` crate reads back.
#[test]
fn random_headers() {
    let cases = std::env::var("PLIMSOLL_CASES").ok().map_or(100, |cases| cases.parse().expect("a number"));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let result = runner.run(&proptest::collection::vec(drawn(), 1..12), |all| {
        let mut builder = tar::Builder::new(Vec::new());
        let expected: Members = all.iter().enumerate().map(|(number, drawn)| drawn.write(number, &mut builder)).collect();
        let tar = builder.into_inner().expect("memory takes all");
        let told = told(&tar);
        prop_assert_eq!(&told, &expected, "told (left) and written (right)");
        prop_assert_eq!(&told, &by_tar_crate(&tar), "told (left) and read by the tar crate (right)");
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
}

/// Headers that only Go reads so: engines are written in Go, and `umoci` is asked.
#[test]
fn odd_headers_as_go_reads_them() {
    let file = |name: &str, extra: Vec<(usize, Vec<u8>)>, magic: &[u8; 8]| {
        let header = Header { extra, magic: *magic, ..Header::new(name.as_bytes(), 4) };
        [&header.bytes()[..], &support::padded(b"text".to_vec())].concat()
    };
    let (posix, gnu) = (b"ustar\x0000", b"ustar  \0");
    let tar = [
        support::tar(&[Entry::dir("pre"), Entry::dir("pre/fix")])[..2 * 512].to_vec(),
        file("old-go", vec![(345, b"pre/fix".to_vec())], gnu),
        file("times", vec![(345, b"14763010000\x0014763010000\0".to_vec())], gnu),
        file("nobody", vec![(108, vec![0xff; 8]), (116, vec![0xff; 8])], posix),
        file("nuls", vec![(124, b"\0\0\0\0\x000000004 ".to_vec())], posix),
        Entry::file("pax-nobody", "text").pax("uid", "-1").pax("gid", "-1").bytes(),
        vec![0; 1024],
    ];
    let layout = support::layout(&[Layer::of_tar(tar.concat())]);
    let (_keep, rootfs) = layout.umoci();
    let files = support::run(&["files", layout.arg(), "--format", "json", "--kind", "file"]).json();
    let files = files.as_array().expect("a list");
    assert_eq!(files.len(), 5, "{files:?}");
    for file in files {
        let path = file["path"].as_str().expect("text");
        assert_eq!(std::fs::read(rootfs.join(&path[1..])).expect(path), b"text", "{path}");
        assert_eq!(file["content_bytes"], 4, "{path}");
    }
}
