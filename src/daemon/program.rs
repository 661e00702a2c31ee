//! Programs of the machine that are run as children: where they are, and what they say.

use crate::environment::Environment;
use crate::error::{Error, Result};
use std::collections::VecDeque;
use std::io::Read;
use std::process::Command;
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
