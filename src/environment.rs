//! The environment as a value: variables are read once, by the command line, and passed in.
//!
//! Nothing below the command line asks the process for a variable, so that a library's caller
//! decides what is seen, and a test says what it means.

use crate::error::{Error, Result};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs::DirBuilder;
use std::hash::{BuildHasher, RandomState};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Names to try for a private directory before giving up: one is enough unless someone guesses.
const NAMES: u32 = 16;

/// Variables of an environment. What is empty counts as not set, as POSIX programs have it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Environment {
    variables: BTreeMap<OsString, OsString>,
}

impl Environment {
    /// The process's own. For `main` and its kin: the library itself never calls it.
    pub fn current() -> Self {
        Self::of(std::env::vars_os())
    }

    /// An environment of these variables and no others; of two with one name the later counts.
    pub fn of<N: Into<OsString>, V: Into<OsString>>(variables: impl IntoIterator<Item = (N, V)>) -> Self {
        Self { variables: variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }

    /// The variable's value, as the system has it.
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(OsString::as_os_str).filter(|value| !value.is_empty())
    }

    /// The variable's value as text; what is no UTF-8 is an error, as it cannot be meant.
    pub fn text(&self, name: &str) -> Result<Option<&str>> {
        self.get(name)
            .map(|value| value.to_str().ok_or_else(|| Error::Usage(format!("variable `{}`: expected text in UTF-8", name.escape_debug()))))
            .transpose()
    }

    /// The variable's value as a path.
    pub fn path(&self, name: &str) -> Option<&Path> {
        self.get(name).map(Path::new)
    }

    /// The user's own directory.
    pub fn home(&self) -> Option<&Path> {
        self.path(if cfg!(windows) { "USERPROFILE" } else { "HOME" })
    }

    /// Every variable, for a program that is started with this environment.
    pub fn variables(&self) -> impl Iterator<Item = (&OsStr, &OsStr)> {
        self.variables.iter().map(|(name, value)| (name.as_os_str(), value.as_os_str()))
    }

    /// The program `name` of the first directory in `PATH` that has one. Relative directories are
    /// passed over: what stands in the working directory is not what the user installed.
    pub fn program(&self, name: &str) -> Option<PathBuf> {
        let name = format!("{name}{}", std::env::consts::EXE_SUFFIX);
        let directories = std::env::split_paths(self.get("PATH")?);
        directories.filter(|directory| directory.is_absolute()).map(|directory| directory.join(&name)).find(|path| executable(path))
    }

    /// Makes a new directory of this user alone, for sockets and what programs leave behind. Whoever
    /// asks for it removes it.
    pub fn private_directory(&self) -> Result<PathBuf> {
        // The directory for sockets first; a path in it is short enough for one, too.
        let named = ["XDG_RUNTIME_DIR", "TMPDIR", "TEMP"].into_iter().filter_map(|name| self.path(name));
        let base = named.filter(|path| path.is_absolute()).find(|path| path.is_dir()).unwrap_or_else(|| Path::new("/tmp"));
        for attempt in 0..NAMES {
            // Seeded by the system's random numbers.
            let random = RandomState::new().hash_one(attempt);
            let path = base.join(format!("plimsoll-{random:016x}"));
            match private().create(&path) {
                Ok(()) => return Ok(path),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io(format!("making a private directory in `{}`", base.display()))(error)),
            }
        }
        Err(Error::Usage(format!("making a private directory in `{}`: every name is taken", base.display())))
    }
}

#[cfg(unix)]
fn private() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn private() -> DirBuilder {
    DirBuilder::new()
}

/// Names only: values are passwords as often as not.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

#[cfg(unix)]
fn executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn executable(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_empty_is_not_set() {
        let environment = Environment::of([("HOME", "/home/me"), ("DOCKER_HOST", "")]);
        assert_eq!(environment.get("HOME"), Some(OsStr::new("/home/me")));
        assert_eq!(environment.get("DOCKER_HOST"), None);
        assert_eq!(environment.get("PATH"), None);
        assert_eq!(environment.variables().count(), 2, "a child gets what there is, empty or not");
    }

    #[test]
    fn values_are_not_shown() {
        let shown = format!("{:?}", Environment::of([("DOCKER_AUTH_CONFIG", "hunter2")]));
        assert!(shown.contains("DOCKER_AUTH_CONFIG") && !shown.contains("hunter2"), "{shown}");
    }

    #[cfg(unix)]
    #[test]
    fn text_is_utf_8() {
        use std::os::unix::ffi::OsStringExt as _;
        let environment = Environment::of([(OsString::from("A"), OsString::from_vec(vec![0xff])), ("B".into(), "b".into())]);
        assert!(environment.text("A").is_err());
        assert_eq!(environment.text("B").expect("text"), Some("b"));
        assert_eq!(environment.text("C").expect("nothing"), None);
    }

    #[cfg(unix)]
    #[test]
    fn a_private_directory_is_new_and_of_this_user_alone() {
        use std::os::unix::fs::PermissionsExt as _;
        let base = tempfile::tempdir().expect("a directory");
        let environment = Environment::of([("XDG_RUNTIME_DIR", Path::new("no/such")), ("TMPDIR", base.path())]);
        let [one, other] = [(), ()].map(|()| environment.private_directory().expect("a directory"));
        assert_ne!(one, other);
        for path in [one, other] {
            assert_eq!(path.parent(), Some(base.path()));
            assert_eq!(path.metadata().expect("it is there").permissions().mode() & 0o777, 0o700);
        }
    }

    #[cfg(unix)]
    #[test]
    fn programs_come_from_absolute_directories_of_path() {
        use std::os::unix::fs::PermissionsExt as _;
        let [first, second] = [(), ()].map(|()| tempfile::tempdir().expect("a directory"));
        for (directory, mode) in [(&first, 0o644), (&second, 0o755)] {
            let path = directory.path().join("tool");
            std::fs::write(&path, "").expect("a file");
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).expect("a mode");
        }
        let path = std::env::join_paths([Path::new("src"), Path::new(""), first.path(), second.path()]).expect("a PATH");
        let environment = Environment::of([("PATH", path)]);
        assert_eq!(environment.program("tool"), Some(second.path().join("tool")), "the first is not executable");
        assert_eq!(environment.program("other"), None);
        assert_eq!(Environment::of([("PATH", "src")]).program("lib.rs"), None);
    }
}
