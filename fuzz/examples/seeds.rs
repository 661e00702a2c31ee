//! Writes the seeds of every target into `corpus/`, from the archives of `../testdata` and from
//! numbers that are the same each time: `cargo run --example seeds`, in this directory.

use plimsoll::layer::Compression;
use plimsoll::reference::{Place, Reference};
use plimsoll::source::Verify;
use plimsoll::{Options, Source, saved};
use plimsoll_fuzz::homes::HOMES;
use plimsoll_fuzz::{cached, compress};
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
        cached_layers(path, &name, &seeds)?;
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

    facts(home, &seeds)?;
    for version in ["v0.2", "v1", "min", "scratch"] {
        let archive = fs::read(home.join(format!("../testdata/provenance/{version}.tar")))?;
        let statement = bodies(&archive).into_iter().find(|body| body.starts_with(b"{\"_type\":")).ok_or("no statement")?;
        seeds.write_all("provenance", version, statement)?;
    }
    judge(home, &seeds)?;
    toc(home, &seeds)?;

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

/// Layers with a table of contents as they are, and tables of contents as text.
fn toc(home: &Path, seeds: &Seeds) -> Result<(), Box<dyn std::error::Error>> {
    const DIGEST: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    for name in ["estargz", "zstd-chunked", "zstd-chunked-old"] {
        let bytes = fs::read(home.join(format!("../testdata/toc/{name}.tar")))?;
        for (number, body) in bodies(&bytes).into_iter().enumerate() {
            if Compression::sniff(body) != Compression::None {
                seeds.write_all("toc", &format!("{name}-{number}"), &[&[0, 0], body].concat())?;
            }
        }
    }
    let items = [
        r#"{"type":"dir","name":"d/","mode":493,"modtime":"2025-06-15T15:06:40.25Z","uid":1,"gid":2}"#.to_owned(),
        format!(r#"{{"type":"reg","name":"d/a","size":700,"offset":30,"endOffset":80,"digest":"{DIGEST}","chunkSize":300}}"#),
        r#"{"type":"chunk","name":"d/a","offset":50,"chunkOffset":300,"chunkSize":400,"chunkType":"zeros"}"#.to_owned(),
        r#"{"type":"hardlink","name":"l","linkName":"d/a"},{"type":"char","name":"c","devMajor":1,"devMinor":3}"#.to_owned(),
        format!(r#"{{"type":"reg","name":"../.wh.x","size":9,"offset":90,"innerOffset":7,"digest":"{DIGEST}"}}"#),
        format!(r#"{{"type":"reg","name":"d/b","size":9,"offset":90,"innerOffset":70,"digest":"{DIGEST}"}}"#),
    ];
    let json = format!(r#"{{"version":1,"entries":[{}]}}"#, items.join(","));
    for control in [1, 2] {
        seeds.write_all("toc", &format!("text-{control}"), &[&[control, 16], json.as_bytes()].concat())?;
    }
    // A directory and a file of 700 bytes, as the headers of a tar.
    let member = |name: &[u8], kind: u8, size: usize| {
        let mut header = vec![0; 512];
        header[..name.len()].copy_from_slice(name);
        header[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
        header[156] = kind;
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        header[155] = b' ';
        header
    };
    let segment = |bytes: &[u8]| format!("{{\"type\":2,\"payload\":\"{}\",\"position\":0}}\n", plimsoll::text::base64(bytes));
    let headers = [
        segment(&member(b"d/", b'5', 0)),
        segment(&member(b"d/a", b'0', 700)),
        "{\"type\":1,\"name\":\"d/a\",\"size\":700,\"payload\":\"AAAA\",\"position\":1}\n".to_owned(),
        segment(&[0; 324 + 1024]),
    ];
    let json = format!(r#"{{"version":1,"entries":[{}]}}"#, items[..3].join(","));
    seeds.write_all("toc", "headers", &[&[1, 16], json.as_bytes(), &[0xff], headers.concat().as_bytes()].concat())?;
    let annotations = format!(
        "io.github.containers.zstd-chunked.manifest-position=264:150:{0}:1\nio.containers.zstd-chunked.manifest-position=264:150:{0}:1\n\
         containerd.io/snapshot/stargz/toc.digest={DIGEST}\nio.containers.estargz.uncompressed-size=10240\n",
        json.len()
    );
    seeds.write_all("toc", "annotations", &[&[3, 16], json.as_bytes(), &[0xff], annotations.as_bytes()].concat())?;
    Ok(())
}

/// What parsers read: texts as people and tools write them, and the databases of `../testdata`.
fn facts(home: &Path, seeds: &Seeds) -> Result<(), Box<dyn std::error::Error>> {
    const TEXTS: &[(&str, &str)] = &[
        (
            "/status",
            "Package: a\nStatus: install ok installed\nArchitecture: amd64\nSource: s (1)\nVersion: 1\nProvides: p (= 1)\nDepends: b (>= 1) | c:any, d [amd64]\nRecommends: e\nDescription: x\n more\n\nPackage: b\nEssential: yes\nStatus: deinstall ok config-files\n",
        ),
        ("/status.d/x", "Package: a\nVersion: 1\n"),
        (".md5sums", "eb7cb4d7d1ad9ac6ea8b15dd26e3d76e  usr/share/zoneinfo/GMT\n"),
        (".list", "/.\n/usr\n/usr/bin\n/usr/bin/x y\n/../x\n"),
        ("extended_states", "Package: b\nArchitecture: amd64\nAuto-Installed: 1\n\n"),
        (
            "METADATA",
            "Metadata-Version: 2.1\nName: x\nVersion: 1\nRequires-Dist: idna (<4,>=2.5)\nRequires-Dist: y[z]>=1 ; extra == 'z'\n\nName: no\n",
        ),
        ("RECORD", "x/__init__.py,sha256=47DEQ,0\n\"x/a,b.py\",,\n../../../bin/x,,\n"),
        ("PKG-INFO", "Metadata-Version: 1.0\nName: x\nVersion: 1\nRequires: y\n"),
        (".egg-info", "Metadata-Version: 1.0\nName: x\nVersion: 1\n"),
        ("installed-files.txt", "../x/__init__.py\nPKG-INFO\n"),
        ("top_level.txt", "x\n_x\n"),
        ("pyvenv.cfg", "home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n"),
        (
            "db/installed",
            "C:Q1abc=\nP:musl\nV:1.2.4-r2\nA:x86_64\no:musl\nD:so:libc.so.1>=1 !x y~2@edge\np:so:libc.musl-x86_64.so.1=1\nF:lib\nR:ld-musl-x86_64.so.1\na:0:0:755\n\nP:b\nV:1\n",
        ),
        ("world", "musl>1 .build-deps=20240101 !x b@edge\n"),
        ("os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID='12'\nVERSION_CODENAME=bookworm\n"),
        (
            "Dockerfile",
            "# syntax=docker/dockerfile:1\n# escape=`\nARG A=b\nFROM a:1 AS b\nRUN <<EOF\napt-get update\nEOF\nRUN --mount=type=cache,target=/x set -e \\\n  # c\n && true\nCOPY --from=b --chown=1:1 [\"a\", \"b\"] /c/\nHEALTHCHECK CMD x\nENTRYPOINT [\"x\"]\n",
        ),
        (
            "installed.json",
            r#"{"packages":[{"name":"a/b","version":"1","require":{"php":"*","c/d":"^1"},"provide":{"e/f":"1"},"install-path":"../a/b","type":"library"}],"dev-package-names":["a/b"]}"#,
        ),
        (
            ".gemspec",
            "# -*- encoding: utf-8 -*-\n# stub: x 1.0 ruby lib\nGem::Specification.new do |s|\n  s.add_runtime_dependency(%q<y>.freeze, [\"~> 1.0\"])\n  else\nend\n",
        ),
        (
            "x-1-0.json",
            r#"{"name":"x","version":"1","depends":["python >=3.8,<3.9.0a0","y"],"files":["lib/a","bin/x"],"requested_spec":"x"}"#,
        ),
        ("app/package.json", r#"{"dependencies":{"express":"4"},"devDependencies":{"jest":"29"}}"#),
        (
            "y/package.json",
            r#"{"name":"@x/y","version":"1","dependencies":{"a":"1"},"optionalDependencies":{"a":"1"},"peerDependencies":{"b":"*"}}"#,
        ),
        (
            "lock.json",
            r#"{"lockfileVersion":3,"packages":{"":{"devDependencies":{"jest":"29"}},"node_modules/jest":{"dev":true},"node_modules/a":{"devOptional":true}}}"#,
        ),
        ("usr/bin/x", "set -eu\nexec \"$(dirname \"$0\")/y\" --z | curl -fsS 'a' && [ -f x ] || PATH=/a:$PATH b\n"),
        ("x.py", "import subprocess\nsubprocess.run([\"git\", 'log'])\n"),
        (".env", "# c\nexport TOKEN='abc'\nA=${B:-c}\nPASSWORD=\"x y\"\n"),
        (".pem", "PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n"),
        (".htpasswd", "user:$apr1$abc$def\n"),
        (".tfstate", r#"{"version":4,"terraform_version":"1.5.0"}"#),
        ("x.json", r#"{"type":"service_account","private_key":"-----BEGIN PRIVATE KEY-----\nx"}"#),
        ("credentials", "[default]\naws_access_key_id = A\naws_secret_access_key = wJalr\n:rubygems_api_key: x\n"),
        ("credentials.json", r#"{"type":"authorized_user","client_secret":"x","refresh_token":"y"}"#),
        ("accessTokens.json", r#"[{"accessToken":"x","refreshToken":"y"}]"#),
        (".kube/config", "users:\n- name: a\n  user:\n    token: abc\n    client-key-data: LS0t\n"),
        (".docker/config.json", r#"{"auths":{"https://index.docker.io/v1/":{"auth":"dTpw"}}}"#),
        (".npmrc", "//registry.example.org/:_authToken=npm_abc\n_auth = ${X}\n"),
        (".pypirc", "[pypi]\nusername = a\npassword = b\n"),
        (".git-credentials", "https://u:p@example.com/x\n"),
        (".netrc", "machine a login b password c\n"),
        ("credentials.toml", "[registry]\ntoken = \"abc\"\n"),
        ("settings.xml", "<settings><servers><server><password>p1</password></server></servers></settings>"),
        ("auth.json", r#"{"http-basic":{"a":{"username":"b","password":"c"}},"github-oauth":{"github.com":"x"}}"#),
    ];
    let packages = home.join("../testdata/packages/rpm");
    let mut rpms = Vec::new();
    for name in ["Packages.gz", "rpmdb.sqlite.gz"] {
        let packed = fs::read(packages.join(name))?;
        let mut plain = Vec::with_capacity(1 << 20);
        // Behind ten bytes of header and the name.
        let named = packed[3] & 8 != 0;
        let start = if named { 11 + packed[10..].iter().position(|byte| *byte == 0).unwrap_or(0) } else { 10 };
        flate2::Decompress::new(false).decompress_vec(&packed[start..], &mut plain, flate2::FlushDecompress::Finish)?;
        rpms.push((name.trim_end_matches(".gz"), plain));
    }
    for (number, (path, start)) in (0u8..).zip(HOMES) {
        for (kind, (_, text)) in TEXTS.iter().filter(|(end, _)| path.ends_with(end)).enumerate() {
            let text = text.as_bytes();
            seeds.write("facts", &format!("{number}-{kind}"), number, &[&[12], text.strip_prefix(*start).unwrap_or(text)].concat())?;
        }
        for (_, database) in rpms.iter().filter(|(name, _)| path.ends_with(name)) {
            if let Some(rest) = database.strip_prefix(*start) {
                seeds.write_long("facts", &format!("{number}-rpm"), number, &[&[12], rest].concat())?;
            }
        }
        match *start {
            b"PK\x03\x04" => seeds.write("facts", "jar", number, &[&[12], &jar()[4..]].concat())?,
            b"\x7fELF\x02\x01\x01" => {
                let go = [
                    &b"\xff Go buildinf:\x08\x02"[..],
                    &[0; 16],
                    b"\x06go1.22\x4d",
                    &[b'0'; 16],
                    b"path\tx\nmod\tx\tv1\ndep\ty\tv2\th1:x\n=>\tz\tv3\tx\n\n",
                    &[b'0'; 16],
                ]
                .concat();
                seeds.write("facts", "go", number, &[&[12], &program(&go, ".symtab", b"x")[7..]].concat())?;
                let audit = br#"{"packages":[{"name":"a","version":"1","root":true,"dependencies":[1]},{"name":"b","version":"2"}]}"#;
                let mut zlib = vec![0x78, 0x01];
                zlib.extend(compress::deflate(audit, 0));
                let (a, b) =
                    audit.iter().fold((1u32, 0u32), |(a, b), byte| ((a + u32::from(*byte)) % 65521, (b + a + u32::from(*byte)) % 65521));
                zlib.extend((b << 16 | a).to_be_bytes());
                seeds.write("facts", "rust", number, &[&[12], &program(&[0; 16], ".dep-v0", &zlib)[7..]].concat())?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// A jar of one member that is stored.
fn jar() -> Vec<u8> {
    let (name, data) = (b"META-INF/maven/g/a/pom.properties", b"version=1.0\n");
    let mut common = [0; 22];
    (common[10], common[14], common[18]) = (data.len() as u8, data.len() as u8, name.len() as u8);
    let local = [&b"PK\x03\x04\x14\0\0\0"[..], &common[..18], &[name.len() as u8, 0, 0, 0][..], name, data].concat();
    let mut row = vec![0; 46];
    row[..6].copy_from_slice(b"PK\x01\x02\x14\0");
    (row[20], row[24], row[28]) = (data.len() as u8, data.len() as u8, name.len() as u8);
    row.extend(name);
    let mut end = b"PK\x05\x06\0\0\0\0\x01\0\x01\0".to_vec();
    end.extend((row.len() as u32).to_le_bytes());
    end.extend((local.len() as u32).to_le_bytes());
    end.extend([0, 0]);
    [local, row, end].concat()
}

/// A program of one writable segment and one section: 64-bit, little-endian.
fn program(segment: &[u8], name: &str, section: &[u8]) -> Vec<u8> {
    let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    let names = format!("\0{name}\0");
    let place = 64 + 56 + 8 + segment.len();
    let table = place + section.len() + names.len();
    out.extend([64u64, table as u64].map(u64::to_le_bytes).concat());
    out.extend([0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 64, 0, 3, 0, 2, 0]);
    out.extend([1u32, 6].map(u32::to_le_bytes).concat());
    out.extend([128, 128, 128, segment.len() as u64, segment.len() as u64, 4096].map(u64::to_le_bytes).concat());
    out.extend([0; 8]);
    out.extend(segment);
    out.extend(section);
    out.extend(names.as_bytes());
    out.extend([0; 64]);
    for (name, kind, from, length) in [(1u32, 1u32, place, section.len()), (0, 3, place + section.len(), names.len())] {
        out.extend([name, kind].map(u32::to_le_bytes).concat());
        out.extend([0, 0, from as u64, length as u64, 0, 1, 0].map(u64::to_le_bytes).concat());
    }
    out
}

/// The recipes of the rules, a section each.
fn judge(home: &Path, seeds: &Seeds) -> Result<(), Box<dyn std::error::Error>> {
    let mut tools: Vec<_> = fs::read_dir(home.join("../testdata/rules"))?.collect::<Result<_, _>>()?;
    tools.sort_by_key(fs::DirEntry::path);
    for tool in tools.iter().filter(|tool| tool.path().is_dir()) {
        for file in fs::read_dir(tool.path())? {
            let file = file?.path();
            let name = format!("{}-{}", tool.file_name().to_string_lossy(), file.file_stem().unwrap_or_default().to_string_lossy());
            let text = fs::read_to_string(&file)?;
            for (number, section) in text.split("\n== ").enumerate() {
                let lines: Vec<&str> =
                    section.lines().filter(|line| !line.starts_with(['#', '=']) && !line.starts_with("EXPECT")).collect();
                let control = (number as u8) << 3 | number as u8 & 1;
                seeds.write("judge", &format!("{name}-{number}"), control, lines.join("\n").as_bytes())?;
            }
        }
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

/// What a cache keeps of the archive's layers.
fn cached_layers(path: &Path, name: &str, seeds: &Seeds) -> Result<(), Box<dyn std::error::Error>> {
    let home = cached::scratch_directory("seeds")?;
    let reference = Reference { place: Place::Path(path.to_owned()), image: None, text: name.to_owned() };
    let Ok(source) = Source::open(&reference) else { return Ok(()) };
    let _other_platform = source.read(&cached::options(&home, Verify::Named), &());
    for (number, file) in cached::files(&home).iter().enumerate() {
        let cached::Parts { blob_bytes, entries, values, .. } = cached::parts(&fs::read(file)?);
        let sizes = [(blob_bytes as u32).to_le_bytes(), (entries as u32).to_le_bytes()].concat();
        seeds.write("cached", &format!("{name}-{number}"), 0, &[sizes, values].concat())?;
    }
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

    /// One that may be longer: databases are.
    fn write_long(&self, target: &str, name: &str, control: u8, bytes: &[u8]) -> std::io::Result<()> {
        let directory = self.0.join(target);
        fs::create_dir_all(&directory)?;
        fs::write(directory.join(format!("seed-{name}")), [&[control], bytes].concat())
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
