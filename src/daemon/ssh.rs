//! An engine on another machine: `ssh` runs the engine's command line there, which joins its
//! standard input and output to the engine's socket (docker/cli `cli/connhelper`).
//!
//! The HTTP client knows sockets and no pipes, so a private socket stands between: in a new
//! directory that only this user may enter, every connection to it is one child.

use super::address::Address;
use super::program::{self, Said};
use super::{Endpoint, Engine};
use crate::environment::Environment;
use crate::error::{Error, Result};
use std::io::{ErrorKind, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// The socket and what is behind it. Ends with its children.
pub(super) struct Relay {
    socket: PathBuf,
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

struct Shared {
    stop: AtomicBool,
    /// What the last child that ended said.
    said: Mutex<Option<String>>,
    /// Our ends of the connections, and the threads that end their children.
    open: Mutex<Vec<(UnixStream, JoinHandle<()>)>>,
}

impl Relay {
    /// Listens on a private socket; `ssh` is run when a client connects.
    pub(super) fn start(endpoint: &Endpoint, environment: &Environment) -> Result<Self> {
        let mut command = command(endpoint, environment)?;
        let directory = environment.private_directory()?;
        let socket = directory.join("engine.sock");
        let listener = UnixListener::bind(&socket).map_err(|error| {
            let _ = std::fs::remove_dir(&directory);
            Error::io(format!("listening on `{}`", socket.display()))(error)
        })?;
        let shared = Arc::new(Shared { stop: AtomicBool::new(false), said: Mutex::default(), open: Mutex::default() });
        let accepting = std::thread::spawn({
            let shared = Arc::clone(&shared);
            move || {
                for stream in listener.incoming() {
                    if shared.stop.load(Ordering::SeqCst) {
                        break;
                    }
                    // A client that finds its connection closed says so.
                    let _ = stream.and_then(|stream| serve(stream, &mut command, &shared));
                }
            }
        });
        Ok(Self { socket, shared, accepting: Some(accepting) })
    }

    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// What `ssh`, or the program it runs, says has gone wrong.
    pub(super) fn said(&self) -> Option<String> {
        self.shared.said.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::SeqCst);
        // Wakes the thread that accepts, which then sees that it is to stop.
        let woken = UnixStream::connect(&self.socket).is_ok();
        if let (true, Some(accepting)) = (woken, self.accepting.take()) {
            let _ = accepting.join();
        }
        for (stream, thread) in self.shared.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
            let _ = thread.join();
        }
        let _ = std::fs::remove_file(&self.socket);
        let _ = self.socket.parent().map(std::fs::remove_dir);
    }
}

/// `ssh … -- HOST docker system dial-stdio`, or Podman's counterpart.
fn command(endpoint: &Endpoint, environment: &Environment) -> Result<Command> {
    let Address::Ssh { destination, port, socket } = &endpoint.address else {
        return Err(Error::Usage(format!("`{}`: expected an address of ssh", endpoint.address)));
    };
    // An address may be made by hand, and so may its parts: what is shown must parse as it is.
    if Address::parse(&endpoint.address.to_string(), None).ok().as_ref() != Some(&endpoint.address) {
        return Err(Error::Usage(format!("`{}`: expected ssh://[USER@]HOST[:PORT]", endpoint.address.to_string().escape_debug())));
    }
    let mut command = program::command("ssh", environment)?;
    if let Some(port) = port {
        command.args(["-p", &port.to_string()]);
    }
    command.args(["-o", "ConnectTimeout=30", "-T", "--", destination]);
    let (program, option) = match endpoint.engine {
        Engine::Docker => ("docker", "--host"),
        Engine::Podman => ("podman", "--url"),
    };
    command.arg(program);
    if let Some(socket) = socket {
        command.args([option, &format!("unix://{socket}")]);
    }
    command.args(["system", "dial-stdio"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    Ok(command)
}

/// Joins a connection to a child of its own.
fn serve(stream: UnixStream, command: &mut Command, shared: &Arc<Shared>) -> std::io::Result<()> {
    let (from_client, to_client) = (stream.try_clone()?, stream.try_clone()?);
    let mut child = command.spawn()?;
    let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take()) else {
        return child.kill();
    };
    let said = Said::listen(stderr);
    std::thread::spawn({
        let shared = Arc::clone(shared);
        move || {
            copy(stdout, &to_client);
            // Before the client learns of the end, so that it can say why.
            if let Some(words) = said.words() {
                *shared.said.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
            }
            let _ = to_client.shutdown(Shutdown::Both);
        }
    });
    let thread = std::thread::spawn(move || {
        copy(&from_client, stdin);
        // An HTTP client that hangs up wants no more of the answer.
        let _ = child.kill();
        let _ = child.wait();
    });
    shared.open.lock().unwrap_or_else(PoisonError::into_inner).push((stream, thread));
    Ok(())
}

/// Until either side ends: which of them, and why, the client sees for itself.
///
/// Not `std::io::copy`: it splices, and Linux keeps a pipe locked while it waits for the socket, so
/// that the child could not read what is in the pipe already.
fn copy(mut from: impl Read, mut to: impl Write) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match from.read(&mut buffer) {
            Ok(count @ 1..) if to.write_all(&buffer[..count]).is_ok() => {}
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            _ => return,
        }
    }
}
