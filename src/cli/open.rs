//! A page, shown in a browser: `BROWSER`, or whatever the system opens pages with.

use super::run::message;
use anyhow::{Context, Result};
use plimsoll::Error;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::hash::{BuildHasher, RandomState};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// So long a browser may take to say that it cannot; one that runs on is showing the page.
const PATIENCE: Duration = Duration::from_secs(3);

/// A file that nobody can guess the name of, in the directory for temporary files.
pub(crate) fn place() -> PathBuf {
    std::env::temp_dir().join(format!("plimsoll-{:016x}.html", RandomState::new().hash_one(std::process::id())))
}

/// Makes that file, for its owner alone, and says where it is: it stays, as the browser reads it when it likes.
pub(crate) fn create(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).with_context(|| format!("creating `{}`", path.display()))?;
    message(&format!("plimsoll: the page is {}", path.display()));
    Ok(())
}

/// Shows a page.
pub(crate) fn open(path: &Path) -> Result<()> {
    let address = address(path)?;
    let mut tried = Vec::new();
    for line in browsers(&address) {
        match run(&line) {
            Ok(()) => return Ok(()),
            Err(why) => tried.push(format!("`{}` {why}", line[0].to_string_lossy().escape_debug())),
        }
    }
    let page = path.display().to_string();
    let what = format!(
        "the page `{}` is written, but nothing shows it ({}); name a browser in BROWSER, or open the file by hand",
        page.escape_debug(),
        tried.join(", ")
    );
    Err(Error::Usage(what).into())
}

/// Programs to try in turn, each with its arguments.
fn browsers(address: &OsString) -> Vec<Vec<OsString>> {
    let mut lines = Vec::new();
    // Names with colons between them, as `xdg-open` takes them; `%s` is the page.
    let named = std::env::var("BROWSER").unwrap_or_default();
    for browser in named.split(':') {
        let mut line: Vec<OsString> = browser.split_whitespace().map(OsString::from).collect();
        if line.is_empty() {
            continue;
        }
        let mut has_place = false;
        for word in line.iter_mut().skip(1).filter(|word| *word == "%s") {
            word.clone_from(address);
            has_place = true;
        }
        if !has_place {
            line.push(address.clone());
        }
        lines.push(line);
    }
    let own: &[&[&str]] = if cfg!(target_os = "macos") {
        &[&["open"]]
    } else if cfg!(windows) {
        &[&["rundll32.exe", "url.dll,FileProtocolHandler"]]
    } else {
        &[&["xdg-open"], &["gio", "open"], &["wslview"], &["sensible-browser"], &["x-www-browser"]]
    };
    lines.extend(own.iter().map(|words| words.iter().map(OsString::from).chain([address.clone()]).collect()));
    lines
}

/// The page as a browser is told of it: no sign of its name means anything there.
fn address(path: &Path) -> Result<OsString> {
    let path = std::path::absolute(path).with_context(|| format!("finding `{}`", path.display()))?;
    if cfg!(windows) {
        return Ok(path.into());
    }
    let mut text = String::from("file://");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(*byte)),
            byte => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    Ok(text.into())
}

/// Whether it took the page, as far as can be told soon.
fn run(line: &[OsString]) -> Result<(), String> {
    let mut command = Command::new(&line[0]);
    command.args(&line[1..]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut process = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => "is not there".to_owned(),
        _ => format!("cannot be run: {error}"),
    })?;
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        match process.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => return Err(format!("ended with {status}")),
            Ok(None) => std::thread::sleep(Duration::from_millis(20)),
            Err(error) => return Err(format!("is lost: {error}")),
        }
    }
    Ok(())
}
