use super::*;

fn row(created_by: &str) -> HistoryRow {
    HistoryRow { created_by: Some(created_by.to_owned()), ..HistoryRow::default() }
}

fn by(author: &str, created_by: &str, comment: &str) -> HistoryRow {
    HistoryRow { author: Some(author.to_owned()), comment: Some(comment.to_owned()), ..row(created_by) }
}

fn buildkit(created_by: &str) -> HistoryRow {
    HistoryRow { comment: Some("buildkit.dockerfile.v0".to_owned()), ..row(created_by) }
}

fn text(created_by: &str) -> String {
    Instruction::parse(&row(created_by)).text
}

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

use Confidence::{Likely, Weak};

#[test]
fn rows_of_docker_and_buildah() {
    const SHA: &str = "e023c4bdf75e2591aaa8a0c433fd136e29493a17be6181141879b98d4c8a9ff9";
    let table = [
        ("/bin/sh -c #(nop) ADD file:SHA in / ", Verb::Add, "ADD file:… in /"),
        ("/bin/sh -c #(nop) COPY dir:SHA in /app ", Verb::Copy, "COPY dir:… in /app"),
        ("/bin/sh -c #(nop) COPY multi:SHA in /app/ ", Verb::Copy, "COPY multi:… in /app/"),
        ("/bin/sh -c #(nop) COPY --chown=1:1file:SHA in /b.txt ", Verb::Copy, "COPY --chown=1:1 file:… in /b.txt"),
        ("/bin/sh -c #(nop) COPY --chown=profile:staffdir:SHA in /b", Verb::Copy, "COPY --chown=profile:staff dir:… in /b"),
        ("/bin/sh -c #(nop)  CMD [\"python3\"]", Verb::Cmd, "CMD [\"python3\"]"),
        ("/bin/sh -c #(nop)CMD [\"python3\"]", Verb::Cmd, "CMD [\"python3\"]"),
        ("/bin/sh -c #(nop) WORKDIR /srv", Verb::Workdir, "WORKDIR /srv"),
        ("/bin/sh -c #(nop)  ARG RELEASE", Verb::Arg, "ARG RELEASE"),
        ("/bin/sh -c #(nop)  EXPOSE 8000", Verb::Expose, "EXPOSE 8000"),
        ("/bin/bash -o pipefail -c #(nop) WORKDIR /x", Verb::Workdir, "WORKDIR /x"),
        ("/opt/my-shell --strict #(nop) WORKDIR /x", Verb::Workdir, "WORKDIR /x"),
        ("cmd /S /C #(nop) COPY file:SHA in C:\\x.exe ", Verb::Copy, "COPY file:… in C:\\x.exe"),
        ("powershell -Command $ErrorActionPreference = 'Stop'; #(nop)  ENV A=1", Verb::Env, "ENV A=1"),
        (
            "/bin/sh -c #(nop)  HEALTHCHECK &{[\"CMD-SHELL\" \"curl -f http://x/ \\\"a\\\" || exit 1\"] \"0s\" \"0s\" '\\x00'}",
            Verb::Healthcheck,
            "HEALTHCHECK CMD curl -f http://x/ \"a\" || exit 1",
        ),
        ("/bin/sh -c apt-get update", Verb::Run, "RUN apt-get update"),
        ("/bin/sh -c set -xe \t\t&& echo '#!/bin/sh' > /x", Verb::Run, "RUN set -xe && echo '#!/bin/sh' > /x"),
        ("/bin/sh -c echo '#(nop) is not a mark here'", Verb::Run, "RUN echo '#(nop) is not a mark here'"),
        ("apt-get install -y curl", Verb::Run, "RUN apt-get install -y curl"),
        ("bash", Verb::Run, "RUN bash"),
    ];
    for (created_by, verb, expected) in table {
        let it = Instruction::parse(&row(&created_by.replace("SHA", SHA)));
        assert_eq!((it.verb, it.text.as_str()), (verb, expected), "{created_by}");
        assert_eq!(it.raw, created_by.replace("SHA", SHA));
    }
    assert_eq!(Instruction::parse(&row("/bin/sh -c true")).dialect, Dialect::Classic);
    let it = Instruction::parse(&by("", "/bin/sh -c dnf install -y python36", "FROM registry.access.redhat.com/ubi8/ubi:latest"));
    assert_eq!((it.dialect, it.text.as_str()), (Dialect::Buildah, "RUN dnf install -y python36"));
}

#[test]
fn rows_of_buildkit() {
    let table = [
        ("ADD rootfs.tar / # buildkit", Verb::Add, "ADD rootfs.tar /"),
        ("COPY --chown=10001:10001 main.py /app/main.py # buildkit", Verb::Copy, "COPY --chown=10001:10001 main.py /app/main.py"),
        ("WORKDIR /srv", Verb::Workdir, "WORKDIR /srv"),
        ("CMD [\"bash\"]", Verb::Cmd, "CMD [\"bash\"]"),
        ("EXPOSE map[443/tcp:{} 80/tcp:{}]", Verb::Expose, "EXPOSE 443/tcp 80/tcp"),
        ("EXPOSE [80/tcp]", Verb::Expose, "EXPOSE [80/tcp]"),
        (
            "RUN /bin/sh -c apt-get update \\\n  && apt-get install -y curl # buildkit",
            Verb::Run,
            "RUN apt-get update && apt-get install -y curl",
        ),
        ("RUN /bin/sh -c apt-get update\napt-get install -y curl\n # buildkit", Verb::Run, "RUN apt-get update apt-get install -y curl"),
        ("RUN <<EOF (apt-get update...)", Verb::Run, "RUN <<EOF (apt-get update...)"),
        ("RUN apt-get update # buildkit", Verb::Run, "RUN apt-get update"),
        ("RUN cmd /S /C echo hi # buildkit", Verb::Run, "RUN echo hi"),
        ("mount / from exec /bin/sh -c make", Verb::Run, "RUN make"),
        ("SHELL [/bin/bash -o pipefail -c]", Verb::Shell, "SHELL [/bin/bash -o pipefail -c]"),
    ];
    for (created_by, verb, expected) in table {
        let it = Instruction::parse(&buildkit(created_by));
        assert_eq!((it.verb, it.text.as_str(), it.dialect), (verb, expected, Dialect::Buildkit), "{created_by}");
    }
}

#[test]
fn shells() {
    let table = [
        ("/bin/sh -c x", Some("/bin/sh -c"), "RUN x"),
        ("RUN /bin/bash -euxo pipefail -c x y", Some("/bin/bash -euxo pipefail -c"), "RUN x y"),
        ("RUN /bin/bash --login -c x", Some("/bin/bash --login -c"), "RUN x"),
        ("RUN /bin/ash -eo pipefail -c x", Some("/bin/ash -eo pipefail -c"), "RUN x"),
        ("/bin/busybox sh -c echo hi > /hello", Some("/bin/busybox sh -c"), "RUN echo hi > /hello"),
        ("/usr/bin/env bash -lc x", Some("/usr/bin/env bash -lc"), "RUN x"),
        ("C:\\Windows\\System32\\cmd.exe /S /C dir", Some("C:\\Windows\\System32\\cmd.exe /S /C"), "RUN dir"),
        (
            "powershell -NoProfile -ExecutionPolicy Bypass -Command $ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue'; $v = 1; Get-Item x",
            Some(
                "powershell -NoProfile -ExecutionPolicy Bypass -Command $ErrorActionPreference = 'Stop'; $ProgressPreference = 'SilentlyContinue';",
            ),
            "RUN $v = 1; Get-Item x",
        ),
        ("RUN bash /setup.sh # buildkit", None, "RUN bash /setup.sh"),
        ("/bin/sh -c", Some("/bin/sh -c"), "RUN"),
    ];
    for (created_by, shell, expected) in table {
        let it = Instruction::parse(&row(created_by));
        assert_eq!((it.shell.as_deref(), it.text.as_str()), (shell, expected), "{created_by}");
    }
}

#[test]
fn build_arguments() {
    type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str);
    let table: [Case; 13] = [
        ("|1 FOO=1 /bin/busybox sh -c echo hi > /hello", &[("FOO", "1")], "RUN echo hi > /hello"),
        ("RUN |1 FOO=1 /bin/sh -c make # buildkit", &[("FOO", "1")], "RUN make"),
        ("RUN |2 A=two words B=x=y z /bin/bash -o pipefail -c make # buildkit", &[("A", "two words"), ("B", "x=y z")], "RUN make"),
        (
            "RUN |2 URL=https://x/?a=b COMMIT= /bin/bash -c git clone # buildkit",
            &[("URL", "https://x/?a=b"), ("COMMIT", "")],
            "RUN git clone",
        ),
        ("|1 OPTS=-a FOO=1 sh is /bin/sh -c make", &[("OPTS", "-a FOO=1 sh is")], "RUN make"),
        ("|2 A=run /bin/sh -c now B=1 /bin/sh -c make", &[("A", "run /bin/sh -c now"), ("B", "1")], "RUN make"),
        ("|1 A=1 powershell -Command Get-Item x", &[("A", "1")], "RUN Get-Item x"),
        ("RUN |1 A=1 apt-get update # buildkit", &[("A", "1")], "RUN apt-get update"),
        ("RUN |2 /bin/bash -c pip install x # buildkit", &[], "RUN pip install x"),
        ("|9 A=1 /bin/sh -c make", &[("A", "1")], "RUN make"),
        ("|99999999999999999999999 A=1", &[("A", "1")], "RUN"),
        ("|0 /bin/sh -c make", &[], "RUN make"),
        ("RUN |tee x", &[], "RUN |tee x"),
    ];
    for (created_by, args, expected) in table {
        let it = Instruction::parse(&row(created_by));
        let found: Vec<(&str, &str)> = it.build_args.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!((found.as_slice(), it.text.as_str()), (args, expected), "{created_by}");
    }
}

#[test]
fn builders_without_a_dockerfile() {
    const A: &str = "/nix/store/kw4zxqc49fwb79xh6064pzz73svadb2v-glibc-2.39";
    let table = [
        (by("Jib", "jib-maven-plugin:3.4.0", "dependencies"), Dialect::Jib, "jib: dependencies"),
        (by("Jib", "jib-gradle-plugin:3.4.0", ""), Dialect::Jib, "jib: jib-gradle-plugin:3.4.0"),
        (by("", "", "auto-generated by Jib"), Dialect::Jib, "jib: layer of the base without history"),
        (by("ko", "ko build ko://example.org/x", "go build output, at /ko-app/x"), Dialect::Ko, "ko: go build output, at /ko-app/x"),
        (by("ko", "ko build ko://example.org/x", ""), Dialect::Ko, "ko: build ko://example.org/x"),
        (by("apko", "apko", "This is an apko single-layer image"), Dialect::Apko, "apko: single-layer image"),
        (by("apko", "apko", ""), Dialect::Apko, "apko"),
        (by("Bazel", "bazel build ...", ""), Dialect::Bazel, "bazel: build"),
        (by("", "bazel build //common:rootfs", ""), Dialect::Bazel, "bazel: build //common:rootfs"),
        (by("", "", &format!("store paths: ['{A}']")), Dialect::Nix, "nix: store path glibc-2.39"),
        (by("", "", &format!("store paths: ['{A}', '{A}']")), Dialect::Nix, "nix: store paths glibc-2.39, glibc-2.39"),
        (by("", "", "store paths: []"), Dialect::Nix, "nix: store paths"),
        (by("kaniko", "RUN apk add\tcurl", ""), Dialect::Kaniko, "RUN apk add curl"),
        (by("kaniko", "copy --from=build /x /y", ""), Dialect::Kaniko, "COPY --from=build /x /y"),
        (by("", "", "Imported from -"), Dialect::Unknown, "Imported from -"),
        (
            by("", "# debian.sh --arch 'amd64' out/ 'trixie' '@1783900800'", "debuerreotype 0.17"),
            Dialect::Unknown,
            "debian.sh --arch 'amd64' out/ 'trixie' '@1783900800'",
        ),
        (by("", "BusyBox 1.37.0 (glibc), Debian 13", ""), Dialect::Unknown, "BusyBox 1.37.0 (glibc), Debian 13"),
        (by("", "Apply image 10.0.20348.5622", ""), Dialect::Unknown, "Apply image 10.0.20348.5622"),
        (by("", "Buildpacks Launcher Config", ""), Dialect::Unknown, "Buildpacks Launcher Config"),
        (HistoryRow::default(), Dialect::Unknown, ""),
    ];
    for (row, dialect, expected) in table {
        let it = Instruction::parse(&row);
        assert_eq!((it.dialect, it.text.as_str()), (dialect, expected), "{row:?}");
    }
    let many = format!("store paths: [{}]", vec![format!("'{A}'"); 9].join(", "));
    assert!(Instruction::parse(&by("", "", &many)).text.ends_with("and 5 more"));
}

#[test]
fn rows_are_read_leniently() -> Result<(), serde_json::Error> {
    let row: HistoryRow =
        serde_json::from_str(r#"{"created": null, "created_by": null, "comment": null, "author": null, "empty_layer": null, "x": 1}"#)?;
    assert_eq!(row, HistoryRow::default());
    assert_eq!(serde_json::from_str::<HistoryRow>("{}")?, row);
    assert!(serde_json::from_str::<HistoryRow>(r#"{"empty_layer": true}"#)?.empty_layer);
    assert_eq!(serde_json::to_string(&(Verb::Run, Verb::Unknown, Dialect::Ko))?, r#"["RUN","","ko"]"#);
    Ok(())
}

#[test]
fn every_verb_has_its_own_word() {
    for (word, verb) in VERBS {
        assert_eq!(format!("{verb:?}").to_uppercase(), *word);
        assert_eq!(verb.to_string(), *word);
    }
}

#[test]
fn short_counts_columns() {
    let it = Instruction::parse(&row("RUN apt-get install -y python3 # buildkit"));
    assert_eq!(it.short(80), "RUN apt-get install -y python3");
    assert_eq!(it.short(30), it.text);
    assert_eq!(it.short(25), "RUN apt-get install -y p…");
    assert_eq!(it.short(24), "RUN apt-get install -y…");
    assert_eq!((it.short(1), it.short(0)), ("…".to_owned(), String::new()));
    let wide = Instruction::parse(&row("RUN echo 日本語 e\u{301}"));
    assert_eq!(wide.short(12), "RUN echo 日…");
    assert_eq!(wide.short(13), "RUN echo 日…");
    assert_eq!(wide.short(14), "RUN echo 日本…");
    assert_eq!(wide.short(17), wide.text);
}

#[test]
fn words_tell_what_is_done() {
    let table = [
        ("RUN apt-get update", "RUN apt-get update"),
        ("RUN apt-get install -y --no-install-recommends python3 curl", "RUN apt-get install -y python3 …"),
        ("RUN set -eux; savedAptMark=\"$(apt-mark showmanual)\"; apt-get update; apt-get install x", "RUN apt-get update …"),
        ("RUN export A=1 && cd /src && make install && rm -rf /src", "RUN make install …"),
        ("RUN DEBIAN_FRONTEND=noninteractive apt-get -y upgrade", "RUN apt-get -y upgrade"),
        ("RUN A='b c' make", "RUN A='b c' make"),
        ("RUN --mount=type=cache,target=/x pip install -r req.txt", "RUN pip install -r req.txt"),
        ("RUN useradd -m app && chown app /x", "RUN useradd -m app …"),
        ("RUN useradd --uid 1 --no-create-home --shell=/x app", "RUN useradd --uid 1 app"),
        ("RUN set -x", "RUN set -x"),
        ("RUN <<EOF (apt-get update...)", "RUN apt-get update"),
        ("COPY --chown=1:1 --link . /app", "COPY . /app"),
        ("CMD [\"a\"]", "CMD [\"a\"]"),
        ("BusyBox 1.37.0 (glibc), Debian 13", "BusyBox 1.37.0 (glibc), Debian …"),
        ("", ""),
    ];
    for (created_by, expected) in table {
        assert_eq!(Instruction::parse(&row(created_by)).words(4), expected, "{created_by}");
    }
    assert_eq!(Instruction::parse(&row("RUN make all")).words(0), "RUN …");
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

/// Long repetitions of what could make a careless parser quadratic, or panic.
#[test]
fn hostile_rows_take_linear_time() {
    let pieces = [
        "\\",
        "\\\n",
        " ",
        "|",
        "|9 ",
        "A=1 ",
        "sh -c ",
        "|99 A=1 sh -c ",
        "powershell -c $aPreference=1 ",
        "$aPreference=1;",
        "file:",
        "file:aaaaaaaaaaaaaaa",
        "#(nop)",
        "#(nop) ",
        "\"",
        "&{[\"",
        "map[",
        "; ",
        "( ",
        "$(",
        "é",
        "日",
        "\u{301}",
        "<<EOF ",
        "bash - ",
        "/nix/store/-'",
        "# buildkit",
        "busybox ",
    ];
    for piece in pieces {
        let long = piece.repeat(100_000 / piece.len());
        for prefix in [
            "",
            "RUN ",
            "RUN |9 A=1 ",
            "|2 A=1 sh -c ",
            "HEALTHCHECK &{[",
            "EXPOSE map[",
            "ADD ",
            "powershell -Command ",
            "/bin/sh -c #(nop)",
        ] {
            let it = Instruction::parse(&by("", &format!("{prefix}{long}"), ""));
            assert!(columns_of(&it.short(40)) <= 40);
            let _ = it.words(4);
        }
        let nix = Instruction::parse(&by("", "", &format!("store paths: {long}")));
        assert!(nix.text.starts_with("nix: store path"));
    }
    assert_eq!(text("\u{0}"), "\u{0}");
}

fn columns_of(text: &str) -> usize {
    text.chars().map(columns).sum()
}
