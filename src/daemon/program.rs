//! Programs of the machine that are run as children: where they are, and what they say.

use crate::environment::Environment;
use crate::error::{Error, Result};
use std::collections::VecDeque;
use std::io::Read;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Bytes kept of what a child says: the end, where the reason is.
const SAID_LIMIT: usize = 4 << 10;

/// How long to wait for a child's last words. A connection that `ssh` shares stays open in the
/// background with the same standard error, so the end may never come.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// A command of the program `name`, which finds its own helpers in the same `PATH`.
pub(super) fn command(name: &str, environment: &Environment) -> Result<Command> {
    let path = environment.program(name).ok_or_else(|| Error::NotFound(format!("the program `{name}` is not in PATH: install it")))?;
    let mut command = Command::new(path);
    command.env("PATH", environment.get("PATH").unwrap_or_default());
    Ok(command)
}

/// What a program answers that is asked for a line or two: its status, its output and what it complains of.
pub(super) fn ask(mut command: Command, place: &str) -> Result<(ExitStatus, String, String)> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(Error::io(place))?;
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Error::network(place, "the program has no output"));
    };
    let said = Said::listen(stderr);
    let mut answer = Vec::new();
    // More than that is no answer; a program that goes on finds its output closed.
    stdout.take(SAID_LIMIT as u64).read_to_end(&mut answer).map_err(Error::io(place))?;
    let status = child.wait().map_err(Error::io(place))?;
    Ok((status, String::from_utf8_lossy(&answer).trim().to_owned(), said.words().unwrap_or_else(|| "no reason given".into())))
}

/// Whether a program complains that there is no such image. None has a status of its own for this.
pub(super) fn is_missing(words: &str) -> bool {
    ["not found", "no such image", "image not known"].iter().any(|phrase| words.contains(phrase))
}

/// A program whose output is an archive. Ended with the reader.
///
/// Whether it succeeded is known at the end alone: a failure is an error there, not an archive that
/// happens to be short.
pub(super) struct Exported {
    child: Child,
    stdout: ChildStdout,
    said: Said,
    place: String,
    /// The end has been told.
    over: bool,
}

impl Exported {
    pub(super) fn start(mut command: Command, place: String) -> Result<Box<dyn Read + Send>> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(Error::io(&place))?;
        let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
            return Err(Error::network(place, "the program has no output"));
        };
        Ok(Box::new(Self { child, stdout, said: Said::listen(stderr), place, over: false }))
    }

    fn end(&mut self) -> Result<()> {
        self.over = true;
        let status = self.child.wait().map_err(Error::io(&self.place))?;
        if status.success() {
            return Ok(());
        }
        let words = self.said.words().unwrap_or_else(|| "no reason given".into());
        if is_missing(&words) {
            return Err(Error::NotFound(format!("{}: {words}", self.place)));
        }
        Err(Error::network(&self.place, format_args!("{status}: {words}")))
    }
}

impl Read for Exported {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.over || buffer.is_empty() {
            return Ok(0);
        }
        let count = self.stdout.read(buffer)?;
        if count == 0 {
            self.end().map_err(Error::into_io)?;
        }
        Ok(count)
    }
}

impl Drop for Exported {
    fn drop(&mut self) {
        // Both fail only where the child has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What a child says on standard error. It is read to the end, or the child would wait.
pub(super) struct Said(Receiver<VecDeque<u8>>);

impl Said {
    pub(super) fn listen(mut stderr: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        std::thread::spawn(move || {
            let mut kept = VecDeque::new();
            let mut buffer = [0; 1024];
            while let Ok(count @ 1..) = stderr.read(&mut buffer) {
                kept.extend(&buffer[..count]);
                kept.drain(..kept.len().saturating_sub(SAID_LIMIT));
            }
            // Nobody may be listening any more.
            let _ = sender.send(kept);
        });
        Self(receiver)
    }

    /// Its words on one line; to be asked when the child has ended.
    pub(super) fn words(&self) -> Option<String> {
        let kept = Vec::from(self.0.recv_timeout(LAST_WORDS).ok()?);
        let text = String::from_utf8_lossy(&kept);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        (!lines.is_empty()).then(|| crate::text::escaped(lines.join("; ").as_bytes()))
    }
}
