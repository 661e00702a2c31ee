//! What the content of a file says, in few words: parsed while its layer streams by and kept in
//! place of the content.
//!
//! Package databases, lock files, the dynamic section of programs, key material: whatever a later
//! stage asks of contents is a [`Fact`], found here by the file's name or its first bytes. Nothing
//! here knows of layers, fates or images. A file that cannot be parsed is a note and no error; a
//! parser that panics is a bug, and still only a note.
//!
//! To teach plimsoll another database: a file in `facts/` with a `parse`, a line in `Kind::of` and
//! one in `Kind::parse`.

mod apk;
mod bounds;
mod captured;
mod conda;
mod dpkg;
mod elf;
mod go;
mod interner;
mod java;
mod json;
mod names;
mod npm;
mod os_release;
mod php;
mod python;
mod rpm;
mod ruby;
mod rust_audit;
mod script;
mod secret;

pub(crate) use captured::{Captured, Ranges};
pub use dpkg::list_of as dpkg_list_of;
pub use elf::Elf;
pub(crate) use interner::Interner;
pub use os_release::OsRelease;
pub use script::{Script, word};
pub use secret::SecretKind;
pub(crate) use secret::{is_secret_value, is_secret_variable};

use crate::dockerfile::Step;
use crate::paths::NodeId;
use serde::{Deserialize, Serialize};

/// What is found in contents, as a number: raised whenever a parser finds more, less or something
/// else, or is asked about other files, so that a [`Cache`](crate::cache::Cache) filled before is not asked any more.
pub const VERSION: u32 = 2;

/// What one file's content says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fact {
    /// Packages that a database or a package's own record lists.
    Packages(Vec<Package>),
    /// Files that belong to a package which is named elsewhere: `NAME.list` of dpkg, `RECORD` of Python.
    Files(Vec<NodeId>),
    /// Packages that were installed because others need them (`extended_states` of apt).
    Automatic(Vec<String>),
    /// A program or library.
    Elf(Elf),
    /// Packages that somebody asked for by name (`world` of apk).
    Asked(Vec<String>),
    /// Directories and files that, with all below, belong to a package which is named elsewhere:
    /// `top_level.txt` of setuptools.
    Below(Vec<NodeId>),
    /// A virtual environment of Python.
    Venv {
        /// The directory of the interpreter that it was made with.
        home: String,
    },
    /// A script.
    Script(Script),
    /// A Dockerfile, as the lines and hashes of its instructions.
    Dockerfile(Vec<Step>),
    /// Something that should stay secret; what it is, never its value.
    Secret(SecretKind),
    /// What a Node.js project asks for by name: to run, and to develop it.
    NodeRoot {
        /// `dependencies` and `optionalDependencies`.
        dependencies: Vec<String>,
        /// `devDependencies`.
        dev: Vec<String>,
    },
    /// Directories of packages that only development needs, as a lock file says.
    DevOnly(Vec<NodeId>),
    /// Which distribution it is.
    OsRelease(OsRelease),
}

/// A package, as a database or its own record has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Which package manager's.
    pub ecosystem: Ecosystem,
    /// Its name, as the package manager writes it.
    pub name: String,
    /// Its version, likewise.
    pub version: String,
    /// Architecture, where the database tells.
    pub architecture: String,
    /// The source package that it was built from, where it differs.
    pub source: String,
    /// What it cannot do without: for each need the alternatives, as names without version bounds.
    pub depends: Vec<Vec<String>>,
    /// What it is better with, likewise.
    pub recommends: Vec<Vec<String>>,
    /// Other names that it answers to: virtual packages, sonames, capabilities.
    pub provides: Vec<String>,
    /// The system does not work without it.
    pub essential: bool,
    /// Somebody asked for it by name (`Some(true)`), or it came as a dependency (`Some(false)`).
    pub asked: Option<bool>,
    /// Only development needs it, as a lock file says.
    pub dev: bool,
    /// Its files.
    pub files: Owned,
}

/// Which files belong to a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Owned {
    /// A record elsewhere lists them.
    #[default]
    Elsewhere,
    /// These.
    Listed(Vec<NodeId>),
    /// All at and below these directories or files, but for what belongs to a package further below.
    Below(Vec<NodeId>),
}

/// Package managers, in the order of reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// Debian and its kin.
    #[default]
    Deb,
    /// Alpine and Wolfi.
    Apk,
    /// Fedora, Red Hat, SUSE and their kin.
    Rpm,
    /// Python distributions.
    Pypi,
    /// npm, pnpm and yarn.
    Npm,
    /// Ruby gems.
    Gem,
    /// PHP packages.
    Composer,
    /// Go modules in programs.
    Golang,
    /// Rust crates in programs.
    Cargo,
    /// Java archives.
    Maven,
    /// conda packages.
    Conda,
}

impl Ecosystem {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 11] = [
        Self::Deb,
        Self::Apk,
        Self::Rpm,
        Self::Pypi,
        Self::Npm,
        Self::Gem,
        Self::Composer,
        Self::Golang,
        Self::Cargo,
        Self::Maven,
        Self::Conda,
    ];

    /// Whether its packages make up the system rather than belong to one language.
    pub fn is_system(self) -> bool {
        matches!(self, Self::Deb | Self::Apk | Self::Rpm)
    }

    /// The type in a package URL (purl-spec, `types`), which is the name in reports too.
    pub fn name(self) -> &'static str {
        match self {
            Self::Deb => "deb",
            Self::Apk => "apk",
            Self::Rpm => "rpm",
            Self::Pypi => "pypi",
            Self::Npm => "npm",
            Self::Gem => "gem",
            Self::Composer => "composer",
            Self::Golang => "golang",
            Self::Cargo => "cargo",
            Self::Maven => "maven",
            Self::Conda => "conda",
        }
    }
}

/// One file to be parsed.
pub(crate) struct Input<'c> {
    /// Its path as interned, without a leading slash.
    pub(crate) path: &'c [u8],
    /// What of its content was kept.
    pub(crate) content: &'c Captured,
}

/// Most of one file that is kept for a parser: rpm databases of full installations come close.
const MOST: u64 = 32 << 20;
/// Most of a file that people write by hand.
const SMALL: u64 = 64 << 10;

/// The parsers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Dockerfile,
    DpkgStatus,
    DpkgList,
    AptStates,
    PythonMetadata,
    PythonRecord,
    Elf,
    ApkInstalled,
    ApkWorld,
    PythonInstalled,
    PythonTopLevel,
    PythonVenv,
    Secret,
    Script,
    NpmPackage,
    NpmRoot,
    NpmLock,
    Gemspec,
    Composer,
    Conda,
    Java,
    Rpm,
    OsRelease,
}

impl Kind {
    /// Whether and by which parser a regular file is read, by its path and its first bytes.
    pub(crate) fn of(path: &[u8], size: u64, start: &[u8]) -> Option<Self> {
        if size == 0 {
            return None;
        }
        if start.starts_with(b"\x7fELF") {
            return Some(Self::Elf);
        }
        let (directory, name) = match path.iter().rposition(|byte| *byte == b'/') {
            Some(cut) => (&path[..cut], &path[cut + 1..]),
            None => (&path[..0], path),
        };
        match name {
            b"status" if directory == b"var/lib/dpkg" => Some(Self::DpkgStatus),
            b"extended_states" if directory == b"var/lib/apt" => Some(Self::AptStates),
            b"METADATA" if directory.ends_with(b".dist-info") => Some(Self::PythonMetadata),
            b"PKG-INFO" if directory.ends_with(b".egg-info") => Some(Self::PythonMetadata),
            b"RECORD" if directory.ends_with(b".dist-info") => Some(Self::PythonRecord),
            _ if name.ends_with(b".list") && directory == b"var/lib/dpkg/info" => Some(Self::DpkgList),
            _ if name.ends_with(b".egg-info") => Some(Self::PythonMetadata),
            // Distroless images have one file for each package.
            _ if directory == b"var/lib/dpkg/status.d" => Some(if name.ends_with(b".md5sums") { Self::DpkgList } else { Self::DpkgStatus }),
            b"installed" if matches!(directory, b"lib/apk/db" | b"usr/lib/apk/db") => Some(Self::ApkInstalled),
            b"world" if directory == b"etc/apk" => Some(Self::ApkWorld),
            _ if os_release::is_home(directory, name) && size <= SMALL => Some(Self::OsRelease),
            b"installed-files.txt" if directory.ends_with(b".egg-info") => Some(Self::PythonInstalled),
            b"top_level.txt" if directory.ends_with(b".egg-info") => Some(Self::PythonTopLevel),
            b"pyvenv.cfg" => Some(Self::PythonVenv),
            _ if is_dockerfile(name) && size <= SMALL => Some(Self::Dockerfile),
            b"installed.json" if directory.ends_with(b"vendor/composer") => Some(Self::Composer),
            _ if name.ends_with(b".gemspec") && ruby::is_home(directory) => Some(Self::Gemspec),
            _ if name.ends_with(b".json") && names::last(directory) == b"conda-meta" => Some(Self::Conda),
            _ if start.starts_with(b"PK") && java::is_archive(name) => Some(Self::Java),
            _ => {
                let database = rpm::kind(directory, name).or_else(|| npm::kind(directory, name));
                // Last what goes by the content alone.
                database
                    .or_else(|| secret::suspect(path, size, start).then_some(Self::Secret))
                    .or_else(|| script::suspect(path, size, start).then_some(Self::Script))
            }
        }
    }

    /// What of the file the parser wants to see, by its size and its first bytes; at most `most` bytes.
    pub(crate) fn ranges(self, size: u64, start: &[u8], most: u64) -> Ranges {
        match self {
            Self::Elf => elf::ranges(size, start).within(most),
            Self::Secret | Self::Script | Self::PythonVenv | Self::Dockerfile => Ranges::whole(size.min(SMALL).min(most)),
            Self::Java => java::ranges(size).within(most),
            _ => Ranges::whole(size.min(MOST).min(most)),
        }
    }

    /// Parses; `None` where the file has nothing to say. Never panics through.
    pub(crate) fn parse(self, input: &Input<'_>, interner: &mut Interner<'_>) -> Result<Option<Fact>, String> {
        let work = std::panic::AssertUnwindSafe(|| match self {
            Self::DpkgStatus => dpkg::status(input, interner).map(Some),
            Self::Dockerfile => Ok(Some(Fact::Dockerfile(crate::dockerfile::parse(&String::from_utf8_lossy(input.content.start()))))),
            Self::DpkgList => dpkg::list(input, interner).map(Some),
            Self::AptStates => dpkg::extended_states(input).map(Some),
            Self::PythonMetadata => python::metadata(input, interner).map(Some),
            Self::PythonRecord => python::record(input, interner).map(Some),
            Self::ApkInstalled => apk::installed(input, interner).map(Some),
            Self::ApkWorld => apk::world(input).map(Some),
            Self::PythonInstalled => python::installed_files(input, interner).map(Some),
            Self::PythonTopLevel => python::top_level(input, interner).map(Some),
            Self::PythonVenv => Ok(python::venv(input)),
            Self::Secret => Ok(secret::parse(input)),
            Self::Script => Ok(script::parse(input)),
            Self::Elf => Ok(elf::parse(input, interner)),
            Self::NpmPackage => npm::package(input, interner).map(Some),
            Self::NpmRoot => npm::root(input),
            Self::NpmLock => npm::lock(input, interner),
            Self::Gemspec => ruby::gemspec(input, interner),
            Self::Composer => php::installed(input, interner).map(Some),
            Self::Conda => conda::record(input, interner).map(Some),
            Self::Java => java::archive(input, interner).map(Some),
            Self::Rpm => rpm::database(input, interner).map(Some),
            Self::OsRelease => os_release::parse(input),
        });
        std::panic::catch_unwind(work).unwrap_or_else(|_| Err("the parser failed; please report it".to_owned()))
    }
}

/// `Dockerfile`, `Dockerfile.prod`, `app.Dockerfile`, `Containerfile`.
fn is_dockerfile(name: &[u8]) -> bool {
    [&b"Dockerfile"[..], b"Containerfile"].iter().any(|known| {
        name.strip_prefix(*known).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
            || name.strip_suffix(*known).is_some_and(|rest| rest.ends_with(b"."))
    })
}

impl Fact {
    /// Whether it tells of packages, or whose files are whose.
    pub(crate) fn is_of_packages(&self) -> bool {
        match self {
            Self::Packages(packages) | Self::Elf(Elf { packages, .. }) => !packages.is_empty(),
            Self::Files(_) | Self::Below(_) => true,
            _ => false,
        }
    }

    /// Renumbers path nodes.
    pub(crate) fn remap(&mut self, map: &[NodeId]) {
        let each = |nodes: &mut Vec<NodeId>| nodes.iter_mut().for_each(|node| *node = map[*node as usize]);
        match self {
            Self::Files(nodes) | Self::Below(nodes) | Self::DevOnly(nodes) => each(nodes),
            Self::Packages(packages) | Self::Elf(Elf { packages, .. }) => {
                for package in packages {
                    if let Owned::Listed(nodes) | Owned::Below(nodes) = &mut package.files {
                        each(nodes);
                    }
                }
            }
            _ => {}
        }
    }

    /// About how many bytes of memory it takes.
    pub(crate) fn weight(&self) -> u64 {
        const OWN: u64 = size_of::<Fact>() as u64;
        // As allocators have it: eight bytes of their own, in whole sixteens, and 32 at least.
        let heap = |bytes: usize| if bytes == 0 { 0 } else { (bytes as u64 + 8).next_multiple_of(16).max(32) };
        let text = |text: &String| heap(text.len());
        let texts = |list: &[String]| heap(size_of_val(list)) + list.iter().map(text).sum::<u64>();
        let lists = |lists: &[Vec<String>]| heap(size_of_val(lists)) + lists.iter().map(|list| texts(list)).sum::<u64>();
        // Each becomes a claim of its package.
        let nodes = |nodes: &[NodeId]| 4 * size_of_val(nodes) as u64;
        let of_package = |package: &Package| {
            let Package { name, version, architecture, source, depends, recommends, provides, files, .. } = package;
            let files = match files {
                Owned::Elsewhere => 0,
                Owned::Listed(list) | Owned::Below(list) => nodes(list),
            };
            let own = size_of::<Package>() as u64;
            let names = [name, version, architecture, source].into_iter().map(text).sum::<u64>();
            own + names + lists(depends) + lists(recommends) + texts(provides) + files
        };
        let packages = |list: &[Package]| -> u64 { list.iter().map(of_package).sum() };
        OWN + match self {
            Self::Packages(list) => packages(list),
            Self::Files(list) | Self::Below(list) | Self::DevOnly(list) => nodes(list),
            Self::Automatic(list) | Self::Asked(list) => texts(list),
            Self::Elf(elf) => texts(&elf.needed) + text(&elf.soname) + packages(&elf.packages),
            Self::Venv { home } => text(home),
            Self::Script(script) => text(&script.interpreter) + size_of_val(script.words.as_slice()) as u64,
            Self::Dockerfile(steps) => size_of_val(steps.as_slice()) as u64,
            Self::NodeRoot { dependencies, dev } => texts(dependencies) + texts(dev),
            // A line or two.
            Self::Secret(_) | Self::OsRelease(_) => 0,
        }
    }

    /// Whether all its path nodes are below `count`.
    pub(crate) fn fits(&self, count: usize) -> bool {
        let all = |nodes: &[NodeId]| nodes.iter().all(|node| (*node as usize) < count);
        match self {
            Self::Files(nodes) | Self::Below(nodes) | Self::DevOnly(nodes) => all(nodes),
            Self::Packages(packages) | Self::Elf(Elf { packages, .. }) => packages.iter().all(|package| match &package.files {
                Owned::Elsewhere => true,
                Owned::Listed(nodes) | Owned::Below(nodes) => all(nodes),
            }),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    //! What the tests of the parsers share.

    use super::*;
    use crate::paths::Paths;

    pub(super) fn kind_of(path: &str, start: &[u8]) -> Option<Kind> {
        Kind::of(path.as_bytes(), start.len() as u64, start)
    }

    /// Parses a file as a scan would, but for its pieces.
    pub(super) fn fact(path: &str, content: &[u8]) -> (Paths, Result<Option<Fact>, String>) {
        let kind = kind_of(path, content).expect("a parser for it");
        let mut paths = Paths::new();
        let ranges = kind.ranges(content.len() as u64, &content[..content.len().min(64 << 10)], u64::MAX);
        let mut captured = Captured::new(content.len() as u64, ranges);
        content.chunks(1000).enumerate().for_each(|(number, piece)| captured.feed(number as u64 * 1000, piece));
        let input = Input { path: path.as_bytes(), content: &captured };
        let found = kind.parse(&input, &mut Interner::new(&mut paths, u64::MAX, u64::MAX));
        (paths, found)
    }

    pub(super) fn spelled(paths: &Paths, files: &Owned) -> Vec<String> {
        let (Owned::Listed(nodes) | Owned::Below(nodes)) = files else { return Vec::new() };
        nodes.iter().map(|node| format!("/{}", String::from_utf8_lossy(&paths.path(*node)))).collect()
    }
}
