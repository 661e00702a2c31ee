//! An HTTP server that says what a test tells it to: lies, halves and endless answers.
//!
//! It knows nothing of registries. It speaks plain HTTP, and then hangs up on who opens a connection
//! with TLS; or TLS, and then records what is asked in plain, and refuses it.

#![allow(dead_code, reason = "each test file compiles its own copy and uses a part of it")]
#![allow(unreachable_pub, reason = "a test crate has no outside")]

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What was asked. Names of headers are in lower case.
#[derive(Debug, Clone)]
pub struct Request {
    pub method: String,
    /// With the query.
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    /// Over TLS.
    pub secure: bool,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn authorization(&self) -> Option<&str> {
        self.header("authorization")
    }

    /// The path without the query.
    pub fn plain_path(&self) -> &str {
        self.path.split('?').next().unwrap_or_default()
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    ending: Ending,
}

/// How an answer ends.
#[derive(Debug, Clone, Copy)]
enum Ending {
    /// As its length says.
    Whole,
    /// The connection breaks off; the length said more.
    Broken { said: usize },
    /// Without a length, by the end of the connection.
    Unsaid,
    /// Never: the body is repeated.
    Never,
    /// Never: nothing more comes.
    Silent,
    /// One byte, then a pause, and so on.
    Drip(Duration),
    /// Not even a status.
    HungUp,
}

impl Reply {
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new(), ending: Ending::Whole }
    }

    /// 200 with a body.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self::new(200).body(body)
    }

    pub fn hung_up() -> Self {
        Self { ending: Ending::HungUp, ..Self::new(0) }
    }

    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The body is all that comes of `said` bytes.
    #[must_use]
    pub fn broken(mut self, said: usize) -> Self {
        self.ending = Ending::Broken { said };
        self
    }

    #[must_use]
    pub fn unsaid(mut self) -> Self {
        self.ending = Ending::Unsaid;
        self
    }

    #[must_use]
    pub fn never_ending(mut self) -> Self {
        self.ending = Ending::Never;
        self
    }

    /// The body, then nothing, with the connection open.
    #[must_use]
    pub fn silent(mut self) -> Self {
        self.ending = Ending::Silent;
        self
    }

    #[must_use]
    pub fn drip(mut self, pause: Duration) -> Self {
        self.ending = Ending::Drip(pause);
        self
    }

    fn send(&self, stream: &mut impl Write, stop: &AtomicBool) -> std::io::Result<()> {
        if let Ending::HungUp = self.ending {
            return Ok(());
        }
        let length = match self.ending {
            Ending::Whole => Some(self.body.len()),
            Ending::Broken { said } => Some(said),
            _ => None,
        };
        write!(stream, "HTTP/1.1 {} Scripted\r\nConnection: close\r\n", self.status)?;
        for (name, value) in &self.headers {
            write!(stream, "{name}: {value}\r\n")?;
        }
        if let Some(length) = length {
            write!(stream, "Content-Length: {length}\r\n")?;
        }
        stream.write_all(b"\r\n")?;
        match self.ending {
            Ending::Never => loop {
                stream.write_all(&self.body)?;
            },
            Ending::Drip(pause) => {
                for byte in self.body.iter().cycle() {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    stream.write_all(&[*byte])?;
                    std::thread::sleep(pause);
                }
                Ok(())
            }
            Ending::Silent => {
                stream.write_all(&self.body)?;
                while !stop.load(Ordering::Relaxed) {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Ok(())
            }
            _ => stream.write_all(&self.body),
        }
    }
}

/// A certificate for this machine, of no authority.
pub struct Certificate {
    folder: tempfile::TempDir,
}

impl Certificate {
    /// Made by openssl.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a directory");
        let made = Command::new("openssl")
            .args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-noenc",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
            ])
            .args(["-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-keyout", "key.pem", "-out", "certificate.pem"])
            .current_dir(folder.path())
            .output()
            .expect("openssl runs");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        Self { folder }
    }

    /// In PEM form.
    pub fn path(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    fn server(&self) -> Arc<ServerConfig> {
        let chain = vec![CertificateDer::from_pem_file(self.path()).expect("a certificate")];
        let key = PrivateKeyDer::from_pem_file(self.folder.path().join("key.pem")).expect("a key");
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
        let config = config.with_safe_default_protocol_versions().expect("versions of TLS").with_no_client_auth();
        Arc::new(config.with_single_cert(chain, key).expect("a key that fits"))
    }
}

/// A server on a free port of this machine, until it is dropped.
pub struct Scripted {
    pub port: u16,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

type Script = Box<dyn Fn(&Request, usize) -> Reply + Send + Sync>;

struct Shared {
    answer: Script,
    tls: Option<Arc<ServerConfig>>,
    requests: Mutex<Vec<Request>>,
    stop: AtomicBool,
    unheard: AtomicUsize,
}

impl Scripted {
    /// `answer` is given each request, and the number of requests before it.
    pub fn start(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::run(Box::new(answer), None)
    }

    /// The same over TLS.
    pub fn start_tls(certificate: &Certificate, answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        Self::run(Box::new(answer), Some(certificate.server()))
    }

    fn run(answer: Script, tls: Option<Arc<ServerConfig>>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let shared =
            Arc::new(Shared { answer, tls, requests: Mutex::default(), stop: AtomicBool::new(false), unheard: AtomicUsize::new(0) });
        let thread = std::thread::spawn({
            let shared = shared.clone();
            move || {
                for stream in listener.incoming() {
                    if shared.stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let Ok(stream) = stream else { continue };
                    let shared = shared.clone();
                    std::thread::spawn(move || {
                        if shared.serve(stream).is_err() {
                            shared.unheard.fetch_add(1, Ordering::Relaxed);
                        }
                    });
                }
            }
        });
        Self { port, shared, thread: Some(thread) }
    }

    /// `127.0.0.1:PORT`.
    pub fn host(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The same server by another name: another host, to HTTP.
    pub fn other_name(&self) -> String {
        format!("localhost:{}", self.port)
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.requests.lock().expect("no test thread panics with it").clone()
    }

    /// How many answers were not heard to their end: whoever asked has hung up.
    pub fn unheard(&self) -> usize {
        self.shared.unheard.load(Ordering::Relaxed)
    }

    /// How often `path`, without its query, was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.requests().iter().filter(|request| request.plain_path() == path).count()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // One more connection wakes the thread that waits for connections.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> std::io::Result<()> {
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        stream.set_write_timeout(Some(Duration::from_secs(20)))?;
        let mut first = [0];
        stream.peek(&mut first)?;
        // A TLS record of type handshake.
        let secure = first[0] == 0x16;
        let socket = stream.try_clone()?;
        match &self.tls {
            Some(tls) if secure => {
                let connection = ServerConnection::new(tls.clone()).map_err(std::io::Error::other)?;
                self.answer(StreamOwned::new(connection, stream), true)?;
            }
            None if secure => {}
            _ => self.answer(stream, false)?,
        }
        socket.shutdown(Shutdown::Both)
    }

    fn answer(&self, stream: impl Read + Write, secure: bool) -> std::io::Result<()> {
        let mut reader = BufReader::new(stream);
        let Some(request) = read(&mut reader, secure)? else { return Ok(()) };
        let before = {
            let mut requests = self.requests.lock().expect("no test thread panics with it");
            requests.push(request.clone());
            requests.len() - 1
        };
        let reply = if secure == self.tls.is_some() { (self.answer)(&request, before) } else { Reply::new(400) };
        reply.send(reader.get_mut(), &self.stop)
    }
}

fn read(reader: &mut BufReader<impl Read>, secure: bool) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_ascii_whitespace().map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
    let mut request = Request { method, path, headers: Vec::new(), body: String::new(), secure };
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        request.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    reader.take(length).read_to_string(&mut request.body)?;
    Ok(Some(request))
}
