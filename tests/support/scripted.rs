//! An HTTP server that says what a test tells it to: lies, halves and endless answers.
//!
//! It knows nothing of registries. Who opens a connection with TLS is hung up on, as by a server
//! that speaks plain HTTP.

#![allow(dead_code, reason = "each test file compiles its own copy and uses a part of it")]
#![allow(unreachable_pub, reason = "a test crate has no outside")]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
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

    fn send(&self, stream: &mut TcpStream, stop: &AtomicBool) -> std::io::Result<()> {
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

/// A server on a free port of this machine, until it is dropped.
pub struct Scripted {
    pub port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Scripted {
    /// `answer` is given each request, and the number of requests before it.
    pub fn start(answer: impl Fn(&Request, usize) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let requests: Arc<Mutex<Vec<Request>>> = Arc::default();
        let stop: Arc<AtomicBool> = Arc::default();
        let answer = Arc::new(answer);
        let thread = std::thread::spawn({
            let (requests, stop) = (requests.clone(), stop.clone());
            move || {
                for stream in listener.incoming() {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let Ok(stream) = stream else { continue };
                    let (requests, stop, answer) = (requests.clone(), stop.clone(), answer.clone());
                    std::thread::spawn(move || {
                        let _ = serve(stream, &requests, &stop, &*answer);
                    });
                }
            }
        });
        Self { port, requests, stop, thread: Some(thread) }
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
        self.requests.lock().expect("no test thread panics with it").clone()
    }

    /// How often `path`, without its query, was asked for.
    pub fn count(&self, path: &str) -> usize {
        self.requests().iter().filter(|request| request.plain_path() == path).count()
    }
}

impl Drop for Scripted {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // One more connection wakes the thread that waits for connections.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(
    mut stream: TcpStream,
    requests: &Mutex<Vec<Request>>,
    stop: &AtomicBool,
    answer: &(dyn Fn(&Request, usize) -> Reply + Send + Sync),
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.set_write_timeout(Some(Duration::from_secs(20)))?;
    let mut reader = BufReader::new(stream.try_clone()?);
    // A TLS record of type handshake.
    if reader.fill_buf()?.first() == Some(&0x16) {
        return stream.shutdown(Shutdown::Both);
    }
    let Some(request) = read(&mut reader)? else { return Ok(()) };
    let before = {
        let mut requests = requests.lock().expect("no test thread panics with it");
        requests.push(request.clone());
        requests.len() - 1
    };
    answer(&request, before).send(&mut stream, stop)?;
    stream.shutdown(Shutdown::Both)
}

fn read(reader: &mut BufReader<TcpStream>) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_ascii_whitespace().map(str::to_owned);
    let (Some(method), Some(path)) = (words.next(), words.next()) else { return Ok(None) };
    let mut request = Request { method, path, headers: Vec::new(), body: String::new() };
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
