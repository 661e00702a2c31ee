//! A little HTTP service; `greeter check` is its health check.
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> std::io::Result<()> {
    if std::env::args().nth(1).as_deref() == Some("check") {
        let mut peer = TcpStream::connect("127.0.0.1:8000")?;
        peer.write_all(b"GET /health HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        peer.read_to_string(&mut answer)?;
        std::process::exit(i32::from(!answer.starts_with("HTTP/1.0 200")));
    }
    let body = serde_json::json!({ "greeting": "hello" }).to_string();
    for peer in TcpListener::bind("0.0.0.0:8000")?.incoming() {
        let mut peer = peer?;
        let _ = peer.read(&mut [0; 1024])?;
        write!(peer, "HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())?;
    }
    Ok(())
}
