//! The directory that is written to, and nothing outside it.

use super::Piece;
use crate::error::{Error, Result};
use crate::text::escaped;
use cap_std::ambient_authority;
use cap_std::fs::{Dir, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// An empty directory, held open. Every operation resolves names below the handle: neither `..`
/// nor a symbolic link leads out of it.
pub(super) struct Target {
    root: Dir,
}

/// A file being written.
pub(super) struct Out {
    file: cap_std::fs::File,
    file_path: PathBuf,
    path: String,
}

impl Target {
    pub(super) fn create(path: &Path) -> Result<Self> {
        let doing = format!("creating `{}`", path.display());
        std::fs::create_dir_all(path).map_err(Error::io(&doing))?;
        let root = Dir::open_ambient_dir(path, ambient_authority()).map_err(Error::io(&doing))?;
        if root.entries().map_err(Error::io(&doing))?.next().is_some() {
            return Err(Error::Usage(format!("`{}` is not empty: extract into a new directory", path.display())));
        }
        Ok(Self { root })
    }

    pub(super) fn directory(&self, path: &[u8]) -> Result<()> {
        self.root.create_dir_all(os_path(path)).map_err(Error::io(format_args!("creating the directory `{}`", escaped(path))))
    }

    /// Creates a file that is not there yet, and its directories.
    pub(super) fn file(&self, path: &[u8]) -> Result<Out> {
        self.parents(path)?;
        let doing = format!("creating `{}`", escaped(path));
        let file = self.root.open_with(os_path(path), OpenOptions::new().write(true).create_new(true)).map_err(Error::io(&doing))?;
        Ok(Out { file, file_path: os_path(path), path: escaped(path) })
    }

    /// A file that could not be written whole does not stay.
    pub(super) fn drop_unfinished(&self, out: Out) {
        drop(out.file);
        let _gone = self.root.remove_file(&out.file_path);
    }

    pub(super) fn hard_link(&self, from: &[u8], to: &[u8]) -> Result<()> {
        self.parents(to)?;
        self.root.hard_link(os_path(from), &self.root, os_path(to)).map_err(Error::io(format_args!(
            "linking `{}` to `{}`",
            escaped(to),
            escaped(from)
        )))
    }

    /// The target of a link is just text here; nothing looks where it leads.
    #[cfg(unix)]
    pub(super) fn symlink(&self, target: &[u8], path: &[u8]) -> Result<()> {
        self.parents(path)?;
        self.root
            .symlink_contents(os_path(target), os_path(path))
            .map_err(Error::io(format_args!("creating the symbolic link `{}`", escaped(path))))
    }

    #[cfg(not(unix))]
    pub(super) fn symlink(&self, _target: &[u8], _path: &[u8]) -> Result<()> {
        Ok(()) // needs a privilege there that few have
    }

    fn parents(&self, path: &[u8]) -> Result<()> {
        match path.iter().rposition(|byte| *byte == b'/') {
            Some(slash) => self.directory(&path[..slash]),
            None => Ok(()),
        }
    }

    pub(super) fn finish_file(&self, path: &[u8], mode: u16, mtime: i64) -> Result<()> {
        let doing = format!("setting mode and time of `{}`", escaped(path));
        let time = match u64::try_from(mtime) {
            Ok(after) => SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(after)),
            Err(_) => SystemTime::UNIX_EPOCH.checked_sub(Duration::from_secs(mtime.unsigned_abs())),
        };
        let file = self.root.open_with(os_path(path), OpenOptions::new().write(true)).map_err(Error::io(&doing))?;
        if let Some(time) = time {
            file.into_std().set_modified(time).map_err(Error::io(&doing))?;
        }
        self.mode(path, mode).map_err(Error::io(&doing))
    }

    pub(super) fn finish_directory(&self, path: &[u8], mode: u16) -> Result<()> {
        self.mode(path, mode).map_err(Error::io(format_args!("setting the mode of `{}`", escaped(path))))
    }

    /// Without set-id bits: what is extracted is to be looked at.
    #[cfg(unix)]
    fn mode(&self, path: &[u8], mode: u16) -> std::io::Result<()> {
        use cap_std::fs::PermissionsExt;
        self.root.set_permissions(os_path(path), cap_std::fs::Permissions::from_mode(u32::from(mode & 0o1777)))
    }

    #[cfg(not(unix))]
    fn mode(&self, _path: &[u8], _mode: u16) -> std::io::Result<()> {
        Ok(())
    }
}

impl Out {
    /// A hole stays a hole, and the file ends where the last piece did.
    pub(super) fn write(&mut self, piece: Piece<'_>) -> Result<()> {
        let io = match piece {
            Piece::Data(data) => self.file.write_all(data),
            Piece::Hole(0) => Ok(()),
            Piece::Hole(length) => i64::try_from(length)
                .map_err(std::io::Error::other)
                .and_then(|length| self.file.seek(SeekFrom::Current(length)))
                .and_then(|end| self.file.set_len(end)),
        };
        io.map_err(Error::io(format_args!("writing `{}`", self.path)))
    }
}

#[cfg(unix)]
fn os_path(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn os_path(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
