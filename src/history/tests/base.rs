//! Histories of real images, cut short: which row made which layer, and where the base ends.

use super::{buildkit, by, row};
use crate::history::base::seconds;
use crate::history::{Alignment, Confidence, HistoryRow, Mismatch, Pairing, guess_base, pair};
use Confidence::{Likely, Weak};

/// `L` or `E` (layer or empty), the time, and what the row says.
fn history(rows: &[(char, &str, HistoryRow)]) -> Vec<HistoryRow> {
    let filled = rows.iter().map(|(kind, created, row)| HistoryRow {
        created: Some((*created).to_owned()).filter(|time| !time.is_empty()),
        empty_layer: *kind == 'E',
        ..row.clone()
    });
    filled.collect()
}

fn guess(history: &[HistoryRow]) -> Option<(usize, Confidence)> {
    let layers = history.iter().filter(|row| !row.empty_layer).count();
    guess_base(history, &pair(history, layers)).map(|guess| (guess.layers, guess.confidence))
}

#[test]
fn pairs_one_to_one_from_the_end_or_not_at_all() {
    let rows = history(&[
        ('L', "", row("ADD a /")),
        ('E', "", row("CMD x")),
        ('L', "", row("RUN b")),
        ('L', "", row("RUN c")),
        ('E', "", row("CMD y")),
    ]);
    assert_eq!(pair(&rows, 3), Pairing { rows: vec![Some(0), Some(2), Some(3)], mismatch: None });
    let mismatch = |rows, layers, how| Some(Mismatch { rows, layers, how });
    assert_eq!(pair(&rows, 2), Pairing { rows: vec![Some(2), Some(3)], mismatch: mismatch(3, 2, Alignment::AlignedFromEnd) });
    assert_eq!(pair(&rows, 4), Pairing { rows: vec![None; 4], mismatch: mismatch(3, 4, Alignment::Unknown) });
    assert_eq!(pair(&[], 2), Pairing { rows: vec![None; 2], mismatch: mismatch(0, 2, Alignment::Unknown) });
    assert_eq!(pair(&[], 0), Pairing { rows: vec![], mismatch: None });
    assert_eq!(pair(&rows, 0).mismatch, mismatch(3, 0, Alignment::AlignedFromEnd));
}

/// Debian's own row, python's build a day later, then an application.
fn python_app() -> Vec<HistoryRow> {
    history(&[
        ('L', "2026-07-13T00:00:00Z", by("", "# debian.sh --arch 'amd64' out/ 'trixie' '@1783900800'", "debuerreotype 0.17")),
        ('E', "2026-07-14T01:00:00Z", buildkit("ENV LANG=C.UTF-8")),
        ('L', "2026-07-14T01:00:00Z", buildkit("RUN /bin/sh -c set -eux; apt-get update # buildkit")),
        ('L', "2026-07-14T01:02:00Z", buildkit("RUN /bin/sh -c set -eux; wget python # buildkit")),
        ('E', "2026-07-14T01:02:00Z", buildkit("CMD [\"python3\"]")),
        ('L', "2026-08-01T10:00:00.123456789+02:00", buildkit("WORKDIR /app")),
        ('L', "2026-08-01T10:00:01+02:00", buildkit("COPY . . # buildkit")),
        ('E', "2026-08-01T10:00:01+02:00", buildkit("CMD [\"python3\" \"main.py\"]")),
    ])
}

#[test]
fn base_of_official_images() {
    assert_eq!(guess(&python_app()), Some((3, Likely)));
    // Debian's part alone, with an application on it.
    let mut rows = python_app();
    rows.drain(1..5);
    assert_eq!(guess(&rows), Some((1, Likely)));
    // The image of Debian itself: nothing to set apart.
    rows.truncate(1);
    assert_eq!(guess(&rows), None);
    // A row too many: the answer stands, but weaker.
    let rows = python_app();
    let found = guess_base(&rows, &pair(&rows, 4));
    assert_eq!(found.map(|guess| (guess.layers, guess.confidence)), Some((2, Weak)));
    assert_eq!(guess_base(&rows, &pair(&rows, 9)), None);
}

/// A service with a bloated Dockerfile: classic builder, base built less than a minute before.
#[test]
fn base_of_a_fresh_root_filesystem() {
    let rows = history(&[
        ('L', "2026-11-22T05:18:01.36Z", row("/bin/sh -c #(nop) ADD file:e023c4bdf75e2591aaa8a0c433fd136e29493a17 in / ")),
        ('E', "2026-11-22T05:18:01.88Z", row("/bin/sh -c #(nop)  CMD [\"bash\"]")),
        ('E', "2026-11-22T05:18:51.60Z", row("/bin/sh -c #(nop)  LABEL a=b")),
        ('L', "2026-11-22T05:18:53.39Z", row("|1 APP_ENV=production /bin/sh -c apt-get update")),
        ('L', "2026-11-22T05:19:12.67Z", row("|1 APP_ENV=production /bin/sh -c apt-get install -y gcc")),
        ('L', "2026-11-22T05:19:17.26Z", row("/bin/sh -c #(nop) WORKDIR /app")),
        ('E', "2026-11-22T05:19:52.15Z", row("/bin/sh -c #(nop)  CMD [\"uvicorn\" \"main:app\"]")),
    ]);
    assert_eq!(guess(&rows), Some((1, Likely)));
    let found = guess_base(&rows, &pair(&rows, 4));
    assert_eq!(found.map(|g| g.evidence).as_deref(), Some("it is a root filesystem, followed by `CMD [\"bash\"]`"));
}

#[test]
fn a_root_filesystem_without_more() {
    let rows = |first: HistoryRow| history(&[('L', "", first), ('L', "", row("RUN make # buildkit"))]);
    assert_eq!(guess(&rows(row("ADD rootfs.tar / # buildkit"))), Some((1, Weak)));
    assert_eq!(guess(&rows(row("ADD alpine-minirootfs-3.20.3-x86_64.tar.gz / # buildkit"))), Some((1, Weak)));
    assert_eq!(guess(&rows(by("", "", "Imported from -"))), Some((1, Likely)));
    assert_eq!(guess(&rows(row("COPY app / # buildkit"))), None);
    assert_eq!(guess(&rows(row("ADD rootfs.tar /srv/ # buildkit"))), None);
}

#[test]
fn windows_base() {
    let rows = history(&[
        ('L', "2024-09-06T00:01:38Z", row("Apply image 10.0.20348.2700")),
        ('L', "2024-10-06T04:56:48Z", row("Install update 10.0.20348.2762")),
        ('L', "2024-10-09T23:05:01Z", row("cmd /S /C #(nop) WORKDIR C:\\app")),
    ]);
    assert_eq!(guess(&rows), Some((2, Likely)));
}

#[test]
fn own_cmd_before_copy_swallows_nothing() {
    let own = [
        ('L', "2026-08-01T10:00:00Z", buildkit("RUN /bin/sh -c apk add curl # buildkit")),
        ('L', "2026-08-01T10:00:04Z", buildkit("COPY requirements.txt . # buildkit")),
        ('E', "2026-08-01T10:00:04Z", buildkit("CMD [\"app\"]")),
        ('L', "2026-08-01T10:00:05Z", buildkit("COPY . . # buildkit")),
    ];
    let base = [
        ('L', "2026-07-01T00:00:00Z", buildkit("ADD alpine-minirootfs.tar.gz / # buildkit")),
        ('E', "2026-07-01T00:00:00Z", buildkit("CMD [\"/bin/sh\"]")),
    ];
    // With the gap the base ends at its own CMD.
    assert_eq!(guess(&history(&[&base[..], &own[..]].concat())), Some((1, Likely)));
    // Without a base row in sight the own CMD is a weak sign.
    assert_eq!(guess(&history(&own)), Some((2, Weak)));
    // No times at all: the root filesystem is still known.
    let mut rows = history(&[&base[..], &own[..]].concat());
    for row in &mut rows {
        row.created = Some("1970-01-01T00:00:01Z".to_owned());
    }
    assert_eq!(guess(&rows), Some((1, Likely)));
    // A CMD at the end says nothing.
    assert_eq!(guess(&history(own.get(..3).unwrap_or_default())), None);
}

#[test]
fn base_of_buildah() {
    const ID: &str = "9aa3a5f1cc0b7cd6b5e0b2e8a4d3e6d1f0a1b2c3d4e5f60718293a4b5c6d7e8f";
    let on = |created_by: &str, base: &str| by("", created_by, &format!("FROM {base}"));
    let base = [
        ('L', "2026-07-01T00:00:00Z", row("/bin/sh -c #(nop) ADD file:e023c4bdf75e2591aaa8a0c433fd136e in / ")),
        ('E', "2026-07-01T00:00:01Z", row("/bin/sh -c #(nop) CMD [\"/bin/sh\"]")),
        ('L', "2026-07-01T00:00:02Z", row("/bin/sh -c apk add python3")),
    ];
    let own = |first: &str| {
        [
            ('L', "2026-07-01T00:00:09Z", on("/bin/sh -c apk add curl", first)),
            ('E', "2026-07-01T00:00:10Z", on("/bin/sh -c #(nop) WORKDIR /app", ID)),
            ('L', "2026-07-01T00:00:11Z", on("/bin/sh -c #(nop) COPY dir:1234567890abcdef in /app ", ID)),
        ]
    };
    let named = history(&[&base[..], &own("docker.io/library/python:3")[..]].concat());
    assert_eq!(guess(&named), Some((2, Likely)));
    let found = guess_base(&named, &pair(&named, 4)).map(|guess| guess.evidence);
    assert_eq!(found.as_deref(), Some("buildah noted `FROM docker.io/library/python:3` on the row above it"));
    // Only ids, all in one minute: from scratch it would look the same.
    assert_eq!(guess(&history(&[&base[..], &own(ID)[..]].concat())), Some((2, Weak)));
    // Another builder on top: the remark is of the base.
    let mut rows = named;
    rows.extend(history(&[
        ('E', "2026-07-01T00:00:12Z", row("/bin/sh -c #(nop) CMD [\"a\"]")),
        ('L', "2026-08-01T00:00:00Z", buildkit("COPY . . # buildkit")),
    ]));
    assert_eq!(guess(&rows), Some((4, Likely)));
}

#[test]
fn a_change_of_builder_ends_the_base() {
    const ZERO: &str = "0001-01-01T00:00:00Z";
    let apko = ('L', "2026-07-08T23:06:13Z", by("apko", "apko", "static by Chainguard"));
    let ko = [
        ('L', ZERO, by("ko", "ko build ko://example.org/x", "kodata contents, at $KO_DATA_PATH")),
        ('L', ZERO, by("ko", "ko build ko://example.org/x", "go build output, at /ko-app/x")),
    ];
    assert_eq!(guess(&history(&[std::slice::from_ref(&apko), &ko[..]].concat())), Some((1, Likely)));
    assert_eq!(guess(&history(&ko)), None);
    let kaniko = ('L', ZERO, by("kaniko", "COPY manager .", ""));
    assert_eq!(guess(&history(&[apko, kaniko])), Some((1, Likely)));
    let jib = [
        ('L', "1970-01-01T00:00:00Z", by("Jib", "", "auto-generated by Jib")),
        ('L', "1970-01-01T00:00:00Z", by("Jib", "jib-maven-plugin:3.4.0", "dependencies")),
        ('L', "1970-01-01T00:00:00Z", by("Jib", "jib-maven-plugin:3.4.0", "classes")),
    ];
    assert_eq!(guess(&history(&jib)), Some((1, Likely)));
}

#[test]
fn nothing_known_is_no_guess() {
    assert_eq!(guess(&[]), None);
    assert_eq!(guess(&vec![HistoryRow::default(); 5]), None);
    assert_eq!(guess_base(&[], &pair(&[], 3)), None);
    // A pairing of another history must not matter.
    assert_eq!(guess_base(&[], &Pairing { rows: vec![Some(7), Some(3), None], mismatch: None }), None);
}

#[test]
fn times() {
    assert_eq!(seconds("2000-03-01T00:00:00Z"), Some(951_868_800));
    assert_eq!(seconds("2026-11-22T05:18:01.36Z"), Some(1_795_324_681));
    assert_eq!(seconds("2026-11-22T07:18:01+02:00"), Some(1_795_324_681));
    assert_eq!(seconds("2026-11-22 00:18:01.000000001-05:00"), Some(1_795_324_681));
    for none in [
        "",
        "0001-01-01T00:00:00Z",
        "1970-01-01T00:00:01Z",
        "1980-01-01T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-1é-01",
        "yesterday, at noon",
    ] {
        assert_eq!(seconds(none), None, "{none}");
    }
}
