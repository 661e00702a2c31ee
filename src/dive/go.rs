//! What Go does to a tar header before `dive` sees it: clean names and file modes.
//!
//! [`LayerBuilder`](super::LayerBuilder) makes [`Attributes`] of each entry; the trees hold them and the JSON shows them.

use super::Entry;

/// How the entry of a node wrote its path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Named {
    /// No entry named it: it is a parent of others.
    #[default]
    No,
    Relative,
    Absolute,
}

/// A node's attributes; the default is what `dive` gives to a parent that no entry names.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub(super) size: u64,
    pub(super) uid: i64,
    pub(super) gid: i64,
    pub(super) link_name: Box<[u8]>,
    /// As in Go's `os.FileMode`.
    pub(super) mode: u32,
    pub(super) type_flag: u8,
    pub(super) named: Named,
}

impl Attributes {
    /// Those of `entry`, without its link target.
    pub(super) fn of(entry: &Entry<'_>, absolute: bool) -> Self {
        let type_flag = match entry.type_flag {
            0 if entry.path.ends_with(b"/") => b'5',
            0 => b'0',
            flag => flag,
        };
        Self {
            size: entry.size,
            uid: entry.uid,
            gid: entry.gid,
            link_name: Box::default(),
            mode: go_file_mode(entry.mode, type_flag),
            type_flag,
            named: if absolute { Named::Absolute } else { Named::Relative },
        }
    }

    pub(super) fn is_dir(&self) -> bool {
        self.mode & go_mode::DIR != 0
    }
}

/// Bits of Go's `os.FileMode` above the permissions.
mod go_mode {
    pub(super) const DIR: u32 = 1 << 31;
    pub(super) const SYMLINK: u32 = 1 << 27;
    pub(super) const DEVICE: u32 = 1 << 26;
    pub(super) const NAMED_PIPE: u32 = 1 << 25;
    pub(super) const SOCKET: u32 = 1 << 24;
    pub(super) const SETUID: u32 = 1 << 23;
    pub(super) const SETGID: u32 = 1 << 22;
    pub(super) const CHAR_DEVICE: u32 = 1 << 21;
    pub(super) const STICKY: u32 = 1 << 20;
}

/// Go's `os.FileMode` of a tar header. Both the type bits in the mode field, if any, and the type flag have a say.
pub(super) fn go_file_mode(mode: u32, type_flag: u8) -> u32 {
    let special = [(0o4000, go_mode::SETUID), (0o2000, go_mode::SETGID), (0o1000, go_mode::STICKY)];
    let special = special.iter().filter(|(bit, _)| mode & bit != 0).fold(0, |bits, (_, go)| bits | go);
    let by_mode = match mode & !0o7777 {
        0o040_000 => go_mode::DIR,
        0o010_000 => go_mode::NAMED_PIPE,
        0o120_000 => go_mode::SYMLINK,
        0o060_000 => go_mode::DEVICE,
        0o020_000 => go_mode::DEVICE | go_mode::CHAR_DEVICE,
        0o140_000 => go_mode::SOCKET,
        _ => 0,
    };
    let by_flag = match type_flag {
        b'2' => go_mode::SYMLINK,
        b'3' => go_mode::DEVICE | go_mode::CHAR_DEVICE,
        b'4' => go_mode::DEVICE,
        b'5' => go_mode::DIR,
        b'6' => go_mode::NAMED_PIPE,
        _ => 0,
    };
    (mode & 0o777) | special | by_mode | by_flag
}

/// A name after Go's `path.Clean`.
pub(super) struct Cleaned<'a> {
    pub(super) absolute: bool,
    pub(super) names: Vec<&'a [u8]>,
}

pub(super) fn clean(path: &[u8]) -> Cleaned<'_> {
    let absolute = path.starts_with(b"/");
    let mut names: Vec<&[u8]> = Vec::new();
    for name in path.split(|&byte| byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => match names.last() {
                Some(&last) if last != b".." => {
                    names.pop();
                }
                None if absolute => {}
                _ => names.push(name),
            },
            _ => names.push(name),
        }
    }
    Cleaned { absolute, names }
}
