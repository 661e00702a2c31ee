//! What is kept of blobs by their digest: the same reports, from whatever state the cache is in.

mod support;

#[path = "cache/command.rs"]
mod command;
#[path = "cache/corrupt.rs"]
mod corrupt;

use plimsoll::cache::Cache;
use plimsoll::reference::Selector;
use plimsoll::source::Verify;
use plimsoll::{Error, Limits, Options, Reference, Source};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use support::{Entry, Layer, Layout, testdata};

/// A time of no meaning.
fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds)
}

/// A cache that takes the smallest blob.
fn cache(directory: &Path, most: u64, seconds: u64) -> Arc<Cache> {
    Arc::new(Cache::open(directory, most, at(seconds)).with_smallest(0))
}

fn options(verify: Verify, cache: Option<&Arc<Cache>>) -> Options {
    Options { image: Some(Selector::Index(0)), verify, threads: 2, cache: cache.cloned(), ..Options::default() }
}

/// All that is known of the image: a saved analysis has every entry, fact and note.
fn known(image: &Path, options: &Options) -> Result<Vec<u8>, Error> {
    let reference = Reference::parse(image.to_str().expect("plain names"))?;
    let mut saved = Vec::new();
    plimsoll::saved::write(&Source::open(&reference)?.read(options, &())?, &mut saved)?;
    Ok(saved)
}

/// Bytes that do not compress, the same each time.
fn noise(seed: u64, count: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    (0..count).map(|_| next()).collect()
}

/// An image of some layers, each with a few entries and `size` bytes that stay so many in gzip.
fn noisy(layers: u64, size: usize) -> Layout {
    let layer = |number: u64| {
        let entries = [
            Entry::dir("d"),
            Entry::file(format!("d/noise-{number}"), noise(number + 1, size)),
            Entry::symlink("d/link", "noise-0"),
            Entry::file("d/again", "the same"),
            Entry::whiteout("d/gone"),
            Entry::file("../up", "held at the root, which is a note"),
        ];
        Layer::new(&entries)
    };
    support::layout(&(0..layers).map(layer).collect::<Vec<_>>())
}

/// Every file below a directory but its lock.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).into_iter().flatten() {
        let path = entry.expect("readable").path();
        match path.is_dir() {
            true => found.extend(files(&path)),
            false if path.file_name() != Some("lock".as_ref()) => found.push(path),
            false => {}
        }
    }
    found.sort();
    found
}

/// In place of each blob that the cache knows, as many bytes that are no layer.
fn blank(layout: &Path, cache: &Cache) -> usize {
    let mut blanked = 0;
    for kept in cache.entries() {
        let path = layout.join(kept.digest.blob_path());
        if path.exists() {
            assert_eq!(std::fs::metadata(&path).expect("there").len(), kept.blob_bytes, "the listed size");
            std::fs::write(&path, vec![b'A'; kept.blob_bytes as usize]).expect("writable");
            blanked += 1;
        }
    }
    blanked
}

/// Archives of every writer: the first run, which fills the cache, and the second, which asks it, know
/// what a run without knows, byte for byte. That the second scanned nothing is shown by an image
/// whose blobs are gone: unverified it is still the same, verified it is not what its digests say.
#[test]
fn every_image_is_the_same_from_the_cache() {
    let mut paths: Vec<_> =
        std::fs::read_dir(testdata("archives")).expect("testdata").map(|entry| entry.expect("readable").path()).collect();
    paths.push(testdata("demo.tar"));
    paths.sort();
    let (mut images, mut layers) = (0, 0);
    for path in paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "tar")) {
        let home = tempfile::tempdir().expect("a temporary directory");
        let cache = cache(home.path(), u64::MAX, 0);
        // As an archive, where it is one; and unpacked, where that is a layout.
        let unpacked = tempfile::tempdir().expect("a temporary directory");
        tar::Archive::new(&std::fs::read(path).expect("readable")[..]).unpack(unpacked.path()).expect("a tar");
        for place in [path, unpacked.path()] {
            let fresh = [Verify::Named, Verify::All, Verify::None].map(|verify| known(place, &options(verify, None)));
            let Ok(expected) = &fresh[0] else { continue };
            images += 1;
            // Twice by each way of verifying, in an order in which one finds what another has kept.
            for verify in [Verify::None, Verify::Named, Verify::Named, Verify::All, Verify::All, Verify::None, Verify::Named] {
                let found = known(place, &options(verify, Some(&cache))).expect("an image");
                let fresh = fresh[match verify {
                    Verify::Named => 0,
                    Verify::All => 1,
                    Verify::None => 2,
                }]
                .as_ref();
                assert!(fresh.is_ok_and(|fresh| *fresh == found), "{}, {verify:?}", place.display());
            }
            assert!(!expected.is_empty());
        }
        let Ok(expected) = known(unpacked.path(), &options(Verify::None, None)) else { continue };
        let blanked = blank(unpacked.path(), &cache);
        if blanked > 0 {
            layers += blanked;
            assert!(known(unpacked.path(), &options(Verify::None, None)).is_err(), "no layer is left");
            let found = known(unpacked.path(), &options(Verify::None, Some(&cache))).expect("all is known");
            assert!(found == expected, "{}: nothing was scanned", path.display());
            let verified = known(unpacked.path(), &options(Verify::Named, Some(&cache)));
            assert!(matches!(verified, Err(Error::Mismatch { measure: "digest", .. })), "{}: other bytes", path.display());
        }
    }
    assert!(images > 60, "{images} images were compared");
    assert!(layers > 40, "{layers} layers came from the cache alone");
}

/// Nothing is kept of what was not verified, nor of what is broken, nor of small blobs at hand.
#[test]
fn only_what_was_verified_is_kept() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let layout = noisy(2, 1000);
    let open = || cache(home.path(), u64::MAX, 0);
    known(layout.path(), &options(Verify::None, Some(&open()))).expect("an image");
    assert_eq!(files(home.path()), [] as [PathBuf; 0], "not verified");
    let small = Arc::new(Cache::open(home.path(), u64::MAX, at(0)));
    known(layout.path(), &options(Verify::Named, Some(&small))).expect("an image");
    assert_eq!(files(home.path()), [] as [PathBuf; 0], "too small to be worth it");

    // Other bytes than the digest says, though they are a layer.
    let digest = support::digest(&Layer::new(&[Entry::file("f", "1")]).blob);
    let other = support::layout(&[Layer::new(&[Entry::file("f", "1")])]);
    std::fs::write(other.blob_path(&digest), &Layer::new(&[Entry::file("f", "2")]).blob).expect("writable");
    known(other.path(), &options(Verify::Named, Some(&open()))).expect_err("a mismatch");
    assert_eq!(files(home.path()), [] as [PathBuf; 0], "a mismatch");

    known(layout.path(), &options(Verify::Named, Some(&open()))).expect("an image");
    assert_eq!(files(home.path()).len(), 2, "one file for each blob");
}

/// A diff id is checked although its blob is known.
#[test]
fn diff_ids_are_checked_when_asked() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let cache = cache(home.path(), u64::MAX, 0);
    let image = support::ImageSpec::new(&[Layer::new(&[Entry::file("f", "1")])]);
    let wrong = support::ImageSpec::new(&[Layer { tar: b"another".to_vec(), ..image.layers[0].clone() }]);
    let (right, wrong) = (Layout::of(&image), Layout::of(&wrong));
    for _ in 0..2 {
        known(wrong.path(), &options(Verify::Named, Some(&cache))).expect("the digest is right");
        let error = known(wrong.path(), &options(Verify::All, Some(&cache))).expect_err("the diff id is not");
        assert!(matches!(error, Error::Mismatch { measure: "diff_id", .. }), "{error}");
        known(right.path(), &options(Verify::All, Some(&cache))).expect("all is right");
    }
    assert_eq!(cache.entries().len(), 1, "the layer is the same");
}

/// A limit that a blob reaches stops the analysis where it would have without the cache.
#[test]
fn limits_hold_for_what_is_known() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let layout = noisy(3, 1000);
    let full = cache(home.path(), u64::MAX, 0);
    known(layout.path(), &options(Verify::Named, Some(&full))).expect("an image");
    let before = files(home.path()).len();
    assert_eq!(before, 3);
    let lists = Limits::default().list();
    for (name, default) in lists {
        for value in [1, 7, 12, 17, 300, 20_000, 80 << 20, default, default * 2] {
            let mut limits = Limits::default();
            limits.set(name, value).expect("a limit");
            known(layout.path(), &options(Verify::Named, Some(&full))).expect("an image");
            let read = |cache| {
                let options = Options { threads: 1, limits: limits.clone(), ..options(Verify::Named, cache) };
                known(layout.path(), &options).map_err(|error| error.to_string())
            };
            assert!(read(None) == read(Some(&full)), "{name}={value}");
        }
    }
    assert_eq!(files(home.path()).len(), before, "nothing more is kept");
}

/// Where nothing can be kept, all goes on as before.
#[test]
fn a_directory_that_cannot_be_written() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let layout = noisy(2, 1000);
    let expected = known(layout.path(), &options(Verify::Named, None)).expect("an image");
    let file = home.path().join("file");
    std::fs::write(&file, "no directory").expect("writable");
    let full = home.path().join("full");
    let cached = cache(&full, u64::MAX, 0);
    known(layout.path(), &options(Verify::Named, Some(&cached))).expect("an image");
    for path in files(&full) {
        // What cannot be replaced nor read: a directory that is not empty.
        std::fs::remove_file(&path).expect("just listed");
        std::fs::create_dir_all(path.join("x")).expect("a new directory");
    }
    for directory in [&file, &file.join("below"), &full] {
        let cache = cache(directory, 1, 0);
        for _ in 0..2 {
            assert!(known(layout.path(), &options(Verify::Named, Some(&cache))).expect("an image") == expected);
        }
        assert_eq!((cache.entries().len(), cache.prune(Some(0)).blobs), (0, 0));
    }
    assert_eq!(std::fs::read(&file).expect("still there"), b"no directory");
}

/// The cache is held to its size: what was used longest ago goes first, and what others have there stays.
#[test]
fn what_was_used_longest_ago_goes_first() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let layouts: Vec<_> = (0..6).map(|number| support::layout(&[Layer::new(&[Entry::file("f", noise(number, 2000))])])).collect();
    let digest = |number: usize| cache(home.path(), u64::MAX, 0).entries()[number].digest.clone();
    let read = |number: usize, most, seconds| {
        known(layouts[number].path(), &options(Verify::Named, Some(&cache(home.path(), most, seconds)))).expect("an image");
        digest(0) // of what was used last
    };
    let mut digests = vec![read(0, u64::MAX, 0)];
    let one = cache(home.path(), 0, 0).entries()[0].bytes;
    digests.extend((1..5).map(|number| read(number, u64::MAX, number as u64)));
    assert_eq!(digests.iter().collect::<std::collections::BTreeSet<_>>().len(), 5);
    let of_others =
        [home.path().join("README"), home.path().join("v9/sha256/ab/no digest"), home.path().join("x/sha256/ab").join(digests[0].hex())];
    for path in &of_others {
        std::fs::create_dir_all(path.parent().expect("a directory")).expect("a new directory");
        std::fs::write(path, "x").expect("writable");
    }

    // Used again, the oldest is the youngest: the next two go, as there is room for four in all.
    assert_eq!(read(0, u64::MAX, 10), digests[0]);
    let room = 4 * one + one / 2;
    digests.push(read(5, room, 20));
    let left: Vec<_> = cache(home.path(), room, 30).entries().into_iter().map(|kept| kept.digest).collect();
    assert_eq!(left, [5, 0, 4, 3].map(|number: usize| digests[number].clone()));
    // Nothing was written: nothing is removed, though it is too much.
    read(4, one, 40);
    assert_eq!(cache(home.path(), 0, 0).entries().len(), 4);

    let removed = cache(home.path(), 0, 50).prune(Some(2 * one + one / 2));
    assert_eq!(removed.blobs, 2);
    let left: Vec<_> = cache(home.path(), room, 60).entries().into_iter().map(|kept| kept.digest).collect();
    assert_eq!(left, [4, 5].map(|number: usize| digests[number].clone()));
    assert_eq!(cache(home.path(), 0, 70).prune(None).blobs, 2);
    let left = files(home.path());
    assert_eq!(left.len(), of_others.len());
    assert!(of_others.iter().all(|path| left.contains(path)), "{left:?}");
}

/// What a process that died left half written goes too, after an hour or when all goes.
#[test]
fn what_was_abandoned_goes() {
    let home = tempfile::tempdir().expect("a temporary directory");
    let cache_at = |seconds| cache(home.path(), u64::MAX, seconds);
    let layout = noisy(1, 1000);
    known(layout.path(), &options(Verify::Named, Some(&cache_at(0)))).expect("an image");
    let kept = files(home.path());
    let half = kept[0].with_file_name(".unfinished-0123456789abcdef");
    let leave = || {
        std::fs::write(&half, "half").expect("writable");
        std::fs::File::options().append(true).open(&half).and_then(|file| file.set_modified(at(0))).expect("a time");
    };
    leave();
    assert_eq!(cache_at(3000).entries().len(), 1);
    cache_at(3000).prune(None);
    assert_eq!(files(home.path()).len(), 2, "it may still be written");
    cache_at(4000).prune(None);
    assert_eq!(files(home.path()), kept);
    leave();
    cache_at(1).prune(Some(0));
    assert_eq!(files(home.path()), [] as [PathBuf; 0]);
}

/// What parsers find in images that stay the same: where that changes, what caches keep of blobs is old,
/// and `plimsoll::facts::VERSION` must be raised, here and there.
#[test]
fn what_is_found_has_a_version() {
    let files = [
        ("usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
        ("var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\nDepends: b | c (>= 2)\n"),
        ("var/lib/dpkg/info/a.list", "/.\n/usr\n/usr/bin\n/usr/bin/a\n"),
        ("var/lib/apt/extended_states", "Package: a\nArchitecture: amd64\nAuto-Installed: 1\n"),
        ("lib/apk/db/installed", "P:b\nV:2\nA:x86_64\nD:so:libc.so.1\np:cmd:b\nF:usr/bin\nR:b\n"),
        ("etc/apk/world", "b\n"),
        ("usr/lib/python3/dist-packages/c-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: c\nVersion: 1\nRequires-Dist: d>1\n"),
        ("usr/lib/python3/dist-packages/c-1.dist-info/RECORD", "c/__init__.py,,\n../../../bin/c,,\n"),
        ("app/node_modules/d/package.json", r#"{"name":"d","version":"3","dependencies":{"e":"1"}}"#),
        ("app/package.json", r#"{"dependencies":{"d":"3"},"devDependencies":{"f":"1"}}"#),
        ("app/vendor/composer/installed.json", r#"{"packages":[{"name":"g/h","version":"1","install-path":"../g/h"}]}"#),
        ("app/Dockerfile", "FROM a\nRUN b\n"),
        ("app/.env", "TOKEN=abcdefgh12345678\n"),
        ("usr/bin/s", "#!/bin/sh\nexec curl -fsS x\n"),
    ];
    let layout = support::layout_of(&[&files.map(|(path, text)| Entry::file(path, text))]);
    let image =
        Source::open(&Reference::parse(layout.arg()).expect("a path")).expect("a layout").read(&Options::default(), &()).expect("an image");
    let changeset = image.changeset(&image.layers()[0]).expect("it is there");
    let lines = changeset.facts().iter().map(|(number, fact)| format!("{} {fact:?}", files[*number as usize].0));
    let found = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(changeset.facts().len(), files.len(), "each parser finds something:\n{found}");
    let expected = (2, "sha256:909a9704f97ef8802084702abad80c9aef1f9e364dd3da348ce1b773727a4533");
    assert_eq!((plimsoll::facts::VERSION, &*support::digest(found.as_bytes())), expected, "raise the version:\n{found}");
}
