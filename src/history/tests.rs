//! Rows as builders write them, and what is made of them; and rows as nobody should write them.

mod base;

use super::words::{columns, short};
use super::{Dialect, HistoryRow, Instruction, VERBS, Verb};

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
    assert_eq!(short(&it.text, 80), "RUN apt-get install -y python3");
    assert_eq!(short(&it.text, 30), it.text);
    assert_eq!(short(&it.text, 25), "RUN apt-get install -y p…");
    assert_eq!(short(&it.text, 24), "RUN apt-get install -y…");
    assert_eq!((short(&it.text, 1), short(&it.text, 0)), ("…".to_owned(), String::new()));
    let wide = Instruction::parse(&row("RUN echo 日本語 e\u{301}"));
    assert_eq!(short(&wide.text, 12), "RUN echo 日…");
    assert_eq!(short(&wide.text, 13), "RUN echo 日…");
    assert_eq!(short(&wide.text, 14), "RUN echo 日本…");
    assert_eq!(short(&wide.text, 17), wide.text);
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
            assert!(columns_of(&short(&it.text, 40)) <= 40);
        }
        let nix = Instruction::parse(&by("", "", &format!("store paths: {long}")));
        assert!(nix.text.starts_with("nix: store path"));
    }
    assert_eq!(text("\u{0}"), "\u{0}");
}

fn columns_of(text: &str) -> usize {
    text.chars().map(columns).sum()
}
