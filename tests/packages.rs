//! Packages and other groups of bytes: what each weighs, and that all of them add up to the image.

mod support;

#[path = "packages/bill.rs"]
mod bill;
#[path = "packages/books.rs"]
mod books;
#[path = "packages/listing.rs"]
mod listing;

use support::{Entry, ImageSpec, Layer, Layout};

const LIBC: &str = "/.\n/usr\n/usr/lib\n/usr/lib/libc.so.6\n/usr/share/doc\n";
const CURL: &str = "/.\n/usr\n/usr/bin\n/usr/bin/curl\n/usr/share/doc\n";
const LIBCURL: &str = "/.\n/usr\n/usr/lib\n/usr/lib/libcurl.so.4\n";

fn status(packages: &[&str]) -> String {
    packages.join("\n")
}

const STATUS_LIBC: &str =
    "Package: libc6\nEssential: yes\nStatus: install ok installed\nArchitecture: amd64\nSource: glibc\nVersion: 2.36-9+deb12u4\n";
const STATUS_CURL: &str =
    "Package: curl\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88.1-10\nDepends: libcurl4 (= 7.88.1-10), libc6\n";
const STATUS_LIBCURL: &str =
    "Package: libcurl4\nStatus: install ok installed\nArchitecture: amd64\nVersion: 7.88.1-10\nSource: curl\nDepends: libc6\n";

/// Debian with curl, a Python and a Node package; then curl is removed and libcurl stays.
struct Sample {
    layers: Vec<Vec<Entry>>,
}

impl Sample {
    fn new() -> Self {
        let os = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        let base = vec![
            Entry::dir("usr/share/doc"),
            Entry::file("usr/lib/os-release", os),
            Entry::symlink("etc/os-release", "../usr/lib/os-release"),
            Entry::file("usr/lib/libc.so.6", [b'c'; 20_000]),
            Entry::file("var/lib/dpkg/status", status(&[STATUS_LIBC])),
            Entry::file("var/lib/dpkg/info/libc6:amd64.list", LIBC),
        ];
        let curl = vec![
            Entry::file("usr/bin/curl", [b'u'; 5000]),
            Entry::file("usr/lib/libcurl.so.4", [b'l'; 7000]),
            Entry::file("var/lib/dpkg/status", status(&[STATUS_LIBC, STATUS_CURL, STATUS_LIBCURL])),
            Entry::file("var/lib/dpkg/info/curl.list", CURL),
            Entry::file("var/lib/dpkg/info/libcurl4:amd64.list", LIBCURL),
            Entry::file("var/lib/apt/extended_states", "Package: libcurl4\nArchitecture: amd64\nAuto-Installed: 1\n"),
            Entry::file("opt/data", [b'd'; 3000]),
        ];
        let languages = vec![
            Entry::file("usr/lib/python3/site-packages/six.py", [b's'; 1100]),
            Entry::file("usr/lib/python3/site-packages/__pycache__/six.cpython-311.pyc", [b'p'; 900]),
            Entry::file(
                "usr/lib/python3/site-packages/six-1.16.0.dist-info/METADATA",
                "Metadata-Version: 2.1\nName: six\nVersion: 1.16.0\n",
            ),
            Entry::file(
                "usr/lib/python3/site-packages/six-1.16.0.dist-info/RECORD",
                "six.py,,\nsix-1.16.0.dist-info/METADATA,,\nsix-1.16.0.dist-info/RECORD,,\n",
            ),
            Entry::file("app/node_modules/@scope/tool/package.json", r#"{"name":"@scope/tool","version":"2.0.0"}"#),
            Entry::file("app/node_modules/@scope/tool/index.js", [b'j'; 800]),
        ];
        let removal = vec![
            Entry::whiteout("usr/bin/curl"),
            Entry::whiteout("var/lib/dpkg/info/curl.list"),
            Entry::file("var/lib/dpkg/status", status(&[STATUS_LIBC, STATUS_LIBCURL])),
        ];
        Self { layers: vec![base, curl, languages, removal] }
    }

    fn layout(&self) -> Layout {
        let layers: Vec<Layer> = self.layers.iter().map(|entries| Layer::new(entries)).collect();
        let made = ["ADD rootfs.tar /", "RUN apt-get install curl", "COPY . /", "RUN apt-get remove curl"];
        Layout::of(&ImageSpec::new(&layers).created_by(&made))
    }

    /// Content and tar bytes of the entries whose names contain one of `parts`, as they were written.
    fn weight(&self, parts: &[&str]) -> (u64, u64) {
        let named = |entry: &&Entry| parts.iter().any(|part| String::from_utf8_lossy(&entry.name).contains(part));
        let of = |entry: &Entry| (entry.data.len() as u64, entry.bytes().len() as u64);
        let not_marker = |entry: &&Entry| !String::from_utf8_lossy(&entry.name).contains(".wh.");
        let found = self.layers.iter().flatten().filter(named).filter(not_marker).map(of);
        found.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }
}

/// Images of testdata that hold one image each.
fn archives() -> Vec<std::path::PathBuf> {
    let mut archives = vec![support::testdata("demo.tar")];
    for item in std::fs::read_dir(support::testdata("archives")).expect("test data") {
        let path = item.expect("test data").path();
        let Ok(truth) = std::fs::read(path.with_extension("truth.json")) else { continue };
        let truth: serde_json::Value = serde_json::from_slice(&truth).expect("JSON");
        let one = truth["images"].as_array().expect("images").len() == 1;
        if path.extension().is_some_and(|end| end == "tar") && truth["kind"].as_str().expect("a kind").ends_with("-archive") && one {
            archives.push(path);
        }
    }
    archives.sort();
    assert!(archives.len() > 15, "{archives:?}");
    archives
}
