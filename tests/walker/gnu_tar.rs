//! Archives written by GNU tar in all its formats, and by Python in pax, listed by GNU tar again.

use crate::member::{Member, Members, by_tar_crate, floor, key, told};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

/// What old formats hold too: short names, ids and times in eleven octal digits.
#[test]
fn all_formats_of_gnu_tar() {
    for format in ["v7", "ustar", "oldgnu", "gnu", "pax"] {
        let kept = tempfile::tempdir().expect("a temporary directory");
        plain_tree(kept.path());
        let tar = archive(kept.path(), format, &[]);
        compare(&tar, format);
    }
}

/// Names beyond 100 bytes: ustar splits them, GNU and pax have headers of their own for them.
#[test]
fn long_names() {
    for format in ["ustar", "oldgnu", "gnu", "pax"] {
        let kept = tempfile::tempdir().expect("a temporary directory");
        let root = kept.path();
        // ustar's limits: 155 bytes, a slash, 100 bytes.
        let directory = format!("{}/{}", "d".repeat(80), "e".repeat(70));
        write(root, format!("{directory}/{}", "f".repeat(99)), b"long");
        if format != "ustar" {
            write(root, format!("{directory}/{}", "g".repeat(255)), b"longer");
            symlink("t".repeat(300), root.join("link")).expect("a new link");
            std::fs::hard_link(root.join(&directory).join("g".repeat(255)), root.join("hard")).expect("a new link");
            write(root, OsStr::from_bytes(&[b'\xff'; 120]), b"no UTF-8");
        }
        compare(&archive(root, format, &[]), format);
    }
}

/// Times before 1970, with fractions, and beyond 2242, where octal ends: the second at or before.
/// (GNU tar lists fractions before 1970 one second too late; the disk tells the truth.)
#[test]
fn times() {
    for format in ["oldgnu", "gnu", "pax"] {
        let kept = tempfile::tempdir().expect("a temporary directory");
        for time in
            ["1969-12-31 23:59:58.5", "1969-12-31 23:59:59", "1901-12-13 00:00:00.25", "1970-01-01 00:00:00.75", "2300-01-01 00:00:00"]
        {
            write(kept.path(), time, b"");
            let status = Command::new("touch").args(["-d", &format!("{time} UTC")]).arg(kept.path().join(time)).status();
            assert!(status.expect("touch").success());
        }
        let tar = archive(kept.path(), format, &[]);
        let told = told(&tar);
        assert_eq!(told, by_tar_crate(&tar), "{format}: plimsoll (left) and the tar crate (right)");
        for (name, member) in told {
            assert_eq!(member.mtime, std::fs::metadata(kept.path().join(&name)).expect("archived").mtime(), "{format}: {name}");
        }
    }
}

/// Ids beyond seven octal digits.
#[test]
fn big_ids() {
    for format in ["oldgnu", "gnu", "pax"] {
        let kept = tempfile::tempdir().expect("a temporary directory");
        plain_tree(kept.path());
        compare(&archive(kept.path(), format, &["--owner=big:3000000", "--group=bigger:4294967294"]), format);
    }
}

/// Sparse files in every way to store them: the apparent size is kept, what is stored is charged.
#[test]
fn sparse_files() {
    for (format, version) in [("oldgnu", "1.0"), ("gnu", "1.0"), ("pax", "0.0"), ("pax", "0.1"), ("pax", "1.0")] {
        let kept = tempfile::tempdir().expect("a temporary directory");
        // Forty pieces: more than fit the header of the old format.
        let file = std::fs::File::create(kept.path().join("pieces")).expect("a new file");
        for piece in 0..40 {
            std::os::unix::fs::FileExt::write_all_at(&file, b"some data", piece * 100_000).expect("a new file");
        }
        std::fs::File::create(kept.path().join("hole")).and_then(|file| file.set_len(70_000)).expect("a new file");
        write(kept.path(), "whole", b"no hole");
        let tar = archive(kept.path(), format, &["--sparse", &format!("--sparse-version={version}")]);
        assert!(tar.len() < 500_000, "{format} {version}: holes are not stored");
        assert_eq!(told(&tar), by_gnu_tar(&tar), "{format} {version}: plimsoll (left) and GNU tar (right)");
    }
}

/// Python's tarfile writes other pax headers than GNU tar: all records of a member in one.
#[test]
fn pax_by_python() {
    const SCRIPT: &str = r"
import io, sys, tarfile
with tarfile.open(fileobj=sys.stdout.buffer, mode='w|', format=tarfile.PAX_FORMAT, pax_headers={'comment': 'global'}) as tar:
    def add(name, data=b'', **more):
        info = tarfile.TarInfo(name)
        info.size = len(data)
        for key, value in more.items():
            setattr(info, key, value)
        tar.addfile(info, io.BytesIO(data))
    add('plain', b'text', mtime=1750000000)
    add('fraction', b'', mtime=1750000000.75)
    add('before', b'', mtime=-2)
    add('ids', b'', uid=2**31 + 7, gid=2**32 - 2)
    add('n' * 200 + '/' + 'm' * 200, b'long')
    add('\u65e5\u672c/\xfc', b'names')
    add('link', type=tarfile.SYMTYPE, linkname='t' * 200)
    add('hard', type=tarfile.LNKTYPE, linkname='plain')
    add('xattr', b'x' * 600, pax_headers={'SCHILY.xattr.user.k': 'v' * 900, 'size': '600'})
    add('pipe', type=tarfile.FIFOTYPE, mode=0o600)
    add('null', type=tarfile.CHRTYPE, devmajor=1, devminor=3)
";
    let output = Command::new("python3").args(["-c", SCRIPT]).output().expect("these tests need Python 3");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    compare(&output.stdout, "pax by Python");
}

fn compare(tar: &[u8], what: &str) {
    let told = told(tar);
    assert!(!told.is_empty());
    assert_eq!(told, by_gnu_tar(tar), "{what}: plimsoll (left) and GNU tar (right)");
    assert_eq!(told, by_tar_crate(tar), "{what}: plimsoll (left) and the tar crate (right)");
}

/// All types but devices, and unusual modes.
fn plain_tree(root: &Path) {
    write(root, "d/file", b"text");
    write(root, "d/empty", b"");
    write(root, "d/block", &[b'x'; 512]);
    write(root, "d/more", &[b'y'; 1025]);
    write(root, "with space\tand\\tab", b"");
    write(root, "日本語 ü", b"names");
    symlink("d/file", root.join("link")).expect("a new link");
    symlink("nowhere at all", root.join("dangling")).expect("a new link");
    std::fs::hard_link(root.join("d/file"), root.join("hard")).expect("a new link");
    for mode in [0o4755, 0o2755, 0o1777, 0o7777, 0o444, 0o711] {
        let path = root.join(format!("mode-{mode:o}"));
        write(root, path.file_name().expect("a name"), b"");
        std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("our own file");
    }
    std::fs::create_dir(root.join("sticky")).expect("a new directory");
    std::fs::set_permissions(root.join("sticky"), PermissionsExt::from_mode(0o1777)).expect("our own directory");
}

fn write(root: &Path, name: impl AsRef<OsStr>, data: &[u8]) {
    let path = root.join(name.as_ref());
    std::fs::create_dir_all(path.parent().expect("below the root")).expect("a new directory");
    std::fs::write(path, data).expect("a new file");
}

fn archive(root: &Path, format: &str, options: &[&str]) -> Vec<u8> {
    let names = std::fs::read_dir(root).expect("a directory").map(|item| item.expect("an item").file_name());
    let names: Vec<_> = names.collect();
    let mut command = Command::new("tar");
    command.args(["-c", "--sort=name", "--no-unquote", &format!("--format={format}"), "-C"]).arg(root).args(options).arg("--").args(names);
    success(command.output().expect("these tests need GNU tar")).stdout
}

fn success(output: Output) -> Output {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// `-rw-r--r-- 0/0    5 1969-12-31 23:59:59 NAME`, and ` -> ` or ` link to ` with a target.
fn by_gnu_tar(tar: &[u8]) -> Members {
    let (_kept, path) = crate::support::file("listed.tar", tar);
    let mut command = Command::new("tar");
    command.args(["-tv", "--numeric-owner", "--full-time", "--utc", "--quoting-style=literal", "-f"]).arg(path).env("LC_ALL", "C");
    let output = success(command.output().expect("these tests need GNU tar"));
    // The column of times is as wide as the widest so far.
    let mut width = 0;
    output.stdout.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|row| listed(row, &mut width)).collect()
}

fn listed(row: &[u8], width: &mut usize) -> (String, Member) {
    let mut at = 0;
    let mut column = || {
        let start = at + row[at..].iter().position(|byte| *byte != b' ').expect("a column");
        at = start + row[start..].iter().position(|byte| *byte == b' ').expect("a column");
        (start, std::str::from_utf8(&row[start..at]).expect("columns are ASCII"))
    };
    let [(_, mode), (_, owner), (_, size), (start, date), (_, time)] = std::array::from_fn(|_| column());
    *width = (*width).max(at - start);
    let name = &row[start + *width + 1..];
    let kind = match mode.as_bytes()[0] {
        b'd' => "directory",
        b'l' => "symlink",
        b'h' => "hardlink",
        b'-' => "file",
        _ => "special",
    };
    let sign: &[u8] = match kind {
        "symlink" => b" -> ",
        "hardlink" => b" link to ",
        _ => b"",
    };
    let cut = if sign.is_empty() { None } else { name.windows(sign.len()).position(|found| found == sign) };
    let (path, link) =
        cut.map_or((name, None), |cut| (&name[..cut], Some(String::from_utf8_lossy(&name[cut + sign.len()..]).into_owned())));
    let (uid, gid) = owner.split_once('/').expect("user and group");
    let member = Member {
        kind: kind.to_owned(),
        mode: permissions(&mode.as_bytes()[1..]),
        uid: uid.parse().expect("a number"),
        gid: gid.parse().expect("a number"),
        size: if kind == "file" { size.parse().expect("a number") } else { 0 },
        mtime: seconds(date, time),
        link,
    };
    (key(path), member)
}

/// `rwsr-xr-t` as a number.
fn permissions(text: &[u8]) -> u32 {
    let mut mode = 0;
    for (at, letter) in text.iter().take(9).enumerate() {
        if !matches!(letter, b'-' | b'S' | b'T') {
            mode |= 0o400 >> at;
        }
        if matches!(letter, b's' | b'S' | b't' | b'T') {
            mode |= 0o4000 >> (at / 3);
        }
    }
    mode
}

/// Seconds since 1970 of a date of the Gregorian calendar, rounded down.
fn seconds(date: &str, time: &str) -> i64 {
    let numbers = |text: &str, sign: char| text.split(sign).map(|part| part.parse().expect("a number")).collect::<Vec<i64>>();
    let whole = time.split('.').next().expect("a time");
    let (date, clock) = (numbers(date, '-'), numbers(whole, ':'));
    // March starts the year, so that the day of leap years is its last.
    let (year, month) = if date[1] > 2 { (date[0], date[1] - 3) } else { (date[0] - 1, date[1] + 9) };
    let days =
        365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (153 * month + 2) / 5 + date[2] - 1 - 719_468;
    // The clock's fraction always points forward: dropping it rounds down.
    days * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2]
}

/// The calendar above is right.
#[test]
fn the_calendar() {
    assert_eq!(seconds("1970-01-01", "00:00:00"), 0);
    assert_eq!(seconds("1969-12-31", "23:59:58.5"), -2);
    assert_eq!(seconds("2025-06-15", "15:06:40"), 1_750_000_000);
    assert_eq!(floor("-1.5"), -2);
}
