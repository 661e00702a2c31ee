//! Programs that keep credentials: `docker-credential-NAME get`.
//!
//! The protocol is that of docker-credential-helpers: the address goes in on standard input, JSON
//! comes out on standard output, and so do errors. A program is started without a shell, gets a
//! time and a number of bytes, and what it says is shown only where it can be no secret.

use super::Credential;
use crate::environment::Environment;
use crate::error::{Error, Result};
use serde::Deserialize;
use std::io::{Read, Write as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// Bytes of an answer.
const LONGEST: usize = 64 << 10;
/// Bytes of an address: what every pipe takes at once.
const LONGEST_ADDRESS: usize = 511;
/// Bytes of complaints that are read away before the pipe is closed.
const DRAINED: u64 = 1 << 20;
/// Bytes of an error that are shown.
const SHOWN: usize = 1 << 10;
/// The user of an answer whose secret is a refresh token.
const TOKEN_USER: &str = "<token>";

/// How long a helper may take. Some ask the user for a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Patience(pub(super) Duration);

impl Default for Patience {
    fn default() -> Self {
        Self(Duration::from_secs(30))
    }
}

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Username", default)]
    user: String,
    #[serde(rename = "Secret", default)]
    secret: String,
}

/// The program of the helper `name`.
pub(super) fn program(name: &str) -> String {
    format!("docker-credential-{name}")
}

/// A name is part of a program's name, never of a path.
pub(super) fn check_name(name: &str) -> Result<()> {
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-')) {
        return Ok(());
    }
    Err(Error::Usage(format!("credential helper `{}`: expected a name of letters, digits, `.`, `_` and `-`", name.escape_debug())))
}

/// The helper is no program in `PATH`.
pub(super) fn missing(name: &str) -> Error {
    let program = program(name);
    Error::auth(
        format_args!("credential helper `{program}`"),
        "no such program in PATH; install it, or log in again without it after taking it out of the file",
    )
}

/// Asks the program for what it keeps under `address`; `None` if it has nothing there.
pub(super) fn get(program: &Path, address: &str, environment: &Environment, patience: Patience) -> Result<Option<Credential>> {
    let wrong = |what: &str| Error::auth(format_args!("credential helper `{}` for `{address}`", program.display()), what);
    // Helpers read a line: a second one would be another question, a long one could block.
    if address.len() > LONGEST_ADDRESS || address.contains(char::is_control) {
        return Err(wrong("expected a short address without control characters"));
    }
    let output = run(program, address, environment, patience).map_err(|what| wrong(&what))?;
    if !output.status.success() {
        return refusal(&output).map_or(Ok(None), |what| Err(wrong(&what)));
    }
    // The parser's own words would quote the secret.
    let answer: Answer = serde_json::from_slice(&output.answer).map_err(|_| wrong("expected JSON with `Username` and `Secret`"))?;
    Ok(match (answer.user, answer.secret) {
        (user, secret) if user.is_empty() && secret.is_empty() => None,
        (user, secret) if user == TOKEN_USER => Some(Credential::IdentityToken(secret)),
        (user, password) => Some(Credential::Basic { user, password }),
    })
}

/// Why a helper failed; `None` if only because it has nothing.
fn refusal(output: &Output) -> Option<String> {
    let [answer, complaint] =
        [&output.answer, &output.complaint].map(|bytes| String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]).into_owned());
    let absent = |text: &str| text.to_ascii_lowercase().contains("credentials not found");
    if absent(&answer) || absent(&complaint) {
        return None;
    }
    // What looks like an answer may hold a secret, whatever the status says.
    let said =
        [answer.trim(), complaint.trim()].into_iter().filter(|text| !text.is_empty() && !text.contains('{')).collect::<Vec<_>>().join("; ");
    Some(if said.is_empty() { format!("it failed ({})", output.status) } else { format!("it failed ({}): {said}", output.status) })
}

struct Output {
    status: ExitStatus,
    answer: Vec<u8>,
    complaint: Vec<u8>,
}

/// Runs the program to its end, or kills it.
fn run(program: &Path, address: &str, environment: &Environment, patience: Patience) -> Result<Output, String> {
    let deadline = Instant::now() + patience.0;
    let mut child = Command::new(program)
        .arg("get")
        .env_clear()
        .envs(environment.variables())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| format!("cannot be started: {error}"))?;
    let output = converse(&mut child, address, deadline, patience);
    if output.is_err() {
        // Its own end is not waited for longer than it takes to kill it.
        let _ = child.kill();
        let _ = child.wait();
    }
    output
}

fn converse(child: &mut Child, address: &str, deadline: Instant, patience: Patience) -> Result<Output, String> {
    let late = || format!("no answer after {} seconds; try `docker-credential-… get` by hand", patience.0.as_secs_f32());
    let answer = collected(child.stdout.take(), LONGEST, false);
    let complaint = collected(child.stderr.take(), SHOWN, true);
    if let Some(mut stdin) = child.stdin.take() {
        // It cannot block, and a helper need not read it.
        let _ = writeln!(stdin, "{address}");
    }
    let answer = received(&answer, deadline).ok_or_else(late)?;
    if answer.len() > LONGEST {
        return Err(format!("expected an answer of at most {LONGEST} bytes"));
    }
    let status = ended(child, deadline)?.ok_or_else(late)?;
    // What the helper has left running may hold on to its standard error for ever.
    let complaint = received(&complaint, deadline.min(Instant::now() + Duration::from_secs(1))).unwrap_or_default();
    Ok(Output { status, answer, complaint })
}

/// Reads a pipe's first `most` bytes and one more, on a thread of its own: a pipe cannot be read
/// with a time-out. The rest is read away if `drain`; else the writer finds the pipe closed.
fn collected<R: Read + Send + 'static>(pipe: Option<R>, most: usize, drain: bool) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let Some(mut pipe) = pipe else { return };
        let mut bytes = Vec::new();
        let _ = pipe.by_ref().take(most as u64 + 1).read_to_end(&mut bytes);
        if drain {
            let _ = std::io::copy(&mut pipe.take(DRAINED), &mut std::io::sink());
        }
        let _ = sender.send(bytes);
    });
    receiver
}

fn received(receiver: &Receiver<Vec<u8>>, deadline: Instant) -> Option<Vec<u8>> {
    match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(bytes) => Some(bytes),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => Some(Vec::new()),
    }
}

/// The child's status, once it has one. Its output has ended, so this is a matter of moments.
fn ended(child: &mut Child, deadline: Instant) -> Result<Option<ExitStatus>, String> {
    loop {
        match child.try_wait() {
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(2)),
            Ok(status) => return Ok(status),
            Err(error) => return Err(format!("cannot be waited for: {error}")),
        }
    }
}
