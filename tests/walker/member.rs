//! One member of an archive, as plimsoll and as others tell it.

use crate::support::{Layer, layout, plimsoll};
use serde_json::Value;
use std::collections::BTreeMap;

/// What is compared of a member.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Member {
    pub(crate) kind: String,
    pub(crate) mode: u32,
    pub(crate) uid: u64,
    pub(crate) gid: u64,
    /// Apparent size: a hole counts.
    pub(crate) size: u64,
    pub(crate) mtime: i64,
    pub(crate) link: Option<String>,
}

/// By path, without slashes around it, bytes that are no ASCII escaped.
pub(crate) type Members = BTreeMap<String, Member>;

/// The key of a member.
pub(crate) fn key(path: &[u8]) -> String {
    let path = path.strip_prefix(b"/").unwrap_or(path);
    path.strip_suffix(b"/").unwrap_or(path).escape_ascii().to_string()
}

/// What plimsoll says of a tar, which becomes the only layer of an image.
pub(crate) fn told(tar: &[u8]) -> Members {
    let layout = layout(&[Layer::of_tar(tar.to_vec()).plain()]);
    let output = plimsoll().args(["files", layout.arg(), "--format", "json"]).output().expect("the binary runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let files: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    let text = |file: &Value, key: &str| file[key].as_str().expect("text").to_owned();
    let members: Members = files
        .iter()
        .map(|file| {
            let path = file["path_b64"].as_str().map_or_else(|| text(file, "path").into_bytes(), base64);
            let member = Member {
                kind: text(file, "kind"),
                mode: u32::from_str_radix(&text(file, "mode"), 8).expect("octal"),
                uid: file["uid"].as_u64().expect("a number"),
                gid: file["gid"].as_u64().expect("a number"),
                size: file["logical_bytes"].as_u64().unwrap_or_else(|| file["content_bytes"].as_u64().expect("a number")),
                mtime: file["mtime"].as_i64().expect("a number"),
                link: file["link"].as_str().map(str::to_owned),
            };
            (key(&path), member)
        })
        .collect();
    assert_eq!(members.len(), files.len(), "no path comes twice in these archives");
    members
}

/// What the `tar` crate says of it; pax times and sizes it leaves to the caller.
pub(crate) fn by_tar_crate(tar: &[u8]) -> Members {
    let mut members = Members::new();
    for entry in tar::Archive::new(tar).entries().expect("a tar") {
        let mut entry = entry.expect("a tar");
        if entry.header().entry_type().is_pax_global_extensions() {
            continue;
        }
        let path = key(&entry.path_bytes());
        let link = entry.link_name_bytes().map(|link| String::from_utf8_lossy(&link).into_owned());
        let mut member = Member {
            kind: match entry.header().entry_type() {
                tar::EntryType::Directory => "directory",
                tar::EntryType::Symlink => "symlink",
                tar::EntryType::Link => "hardlink",
                tar::EntryType::Char | tar::EntryType::Block | tar::EntryType::Fifo => "special",
                _ => "file",
            }
            .to_owned(),
            mode: entry.header().mode().expect("a mode") & 0o7777,
            uid: entry.header().uid().expect("an id"),
            gid: entry.header().gid().expect("an id"),
            size: 0,
            mtime: i64::from_be_bytes(entry.header().mtime().expect("a time").to_be_bytes()),
            link: None,
        };
        if member.kind == "file" {
            member.size = entry.size();
        }
        if matches!(member.kind.as_str(), "symlink" | "hardlink") {
            member.link = link;
        }
        if let Some(extensions) = entry.pax_extensions().expect("pax records") {
            for extension in extensions {
                let extension = extension.expect("a pax record");
                let value = String::from_utf8_lossy(extension.value_bytes()).into_owned();
                match extension.key().expect("a key") {
                    "uid" => member.uid = value.parse().expect("a number"),
                    "gid" => member.gid = value.parse().expect("a number"),
                    "mtime" => member.mtime = floor(&value),
                    "GNU.sparse.size" | "GNU.sparse.realsize" => member.size = value.parse().expect("a number"),
                    _ => {}
                }
            }
        }
        members.insert(path, member);
    }
    members
}

/// The whole second at or before a decimal time.
pub(crate) fn floor(time: &str) -> i64 {
    let (whole, fraction) = time.split_once('.').unwrap_or((time, ""));
    let seconds: i64 = whole.parse().expect("a number");
    if time.starts_with('-') && fraction.bytes().any(|digit| digit != b'0') { seconds - 1 } else { seconds }
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |byte: u8| match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::new();
    for group in text.as_bytes().chunks(4) {
        let digits: Vec<u32> = group.iter().filter(|byte| **byte != b'=').map(|byte| u32::from(digit(*byte))).collect();
        let word = digits.iter().enumerate().fold(0, |word, (at, digit)| word | digit << (18 - 6 * at));
        bytes.extend(&word.to_be_bytes()[1..digits.len()]);
    }
    bytes
}
