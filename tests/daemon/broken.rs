//! Engines that answer as none should, and what an engine is asked. Each is a few bytes on a socket.

use crate::support::{Entry, ImageSpec, Layer, Outcome, plimsoll, tar};
use crate::{all, at, connect};
use plimsoll::daemon::Daemon;
use plimsoll::oci::Platform;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::{Arc, Mutex};
use tempfile::TempDir;

/// A socket that answers each request on a connection of its own.
struct Fake {
    directory: TempDir,
    /// The first line of every request.
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// `answer` writes what follows a request line other than that of the ping, which it is given.
    fn new(version: &'static str, answer: impl Fn(&str, &mut UnixStream) + Send + 'static) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let listener = UnixListener::bind(directory.path().join("engine.sock")).expect("a socket");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        // Ends with the test's process; it holds nothing but its socket.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().map_while(Result::ok) {
                let lines: Vec<String> =
                    BufReader::new(&stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
                let Some(line) = lines.first() else { continue };
                log.lock().expect("no panic").push(line.clone());
                if line.contains("/_ping") {
                    let _ = write!(stream, "HTTP/1.1 200 OK\r\nApi-Version: {version}\r\nConnection: close\r\nContent-Length: 2\r\n\r\nOK");
                } else {
                    answer(line, &mut stream);
                }
            }
        });
        Self { directory, asked }
    }

    /// One that answers every request with `text`.
    fn saying(text: impl Into<Vec<u8>>) -> Self {
        let text = text.into();
        Self::new("1.41", move |_, stream| {
            // The client may have heard enough.
            let _ = stream.write_all(&text);
        })
    }

    fn daemon(&self) -> Daemon {
        connect(&at(&self.directory.path().join("engine.sock"))).expect("it answers pings")
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().expect("no panic").clone()
    }
}

fn answer(head: &str, body: &str) -> String {
    format!("HTTP/1.1 {head}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn three_endpoints_are_asked_in_the_engines_own_version() {
    let platform = Platform::parse("linux/arm/v7").expect("valid");
    for (version, prefix, query) in [
        ("1.41", "/v1.41", ""),
        ("1.47", "/v1.47", ""),
        ("1.48", "/v1.48", "?platform=%7B%22architecture%22%3A%22arm%22%2C%22os%22%3A%22linux%22%2C%22variant%22%3A%22v7%22%7D"),
        ("2.0", "/v2.0", "?platform=%7B%22architecture%22%3A%22arm%22%2C%22os%22%3A%22linux%22%2C%22variant%22%3A%22v7%22%7D"),
        ("1.41/../../containers", "", ""),
        ("", "", ""),
    ] {
        let fake = Fake::new(version, |_, stream| {
            let _ = stream.write_all(answer("200 OK", "archive").as_bytes());
        });
        assert_eq!(all(fake.daemon().save("team/app:1", Some(&platform)).expect("an answer")), b"archive");
        let _ = fake.daemon().image("team/app:1");
        assert_eq!(
            fake.asked(),
            [
                "GET /_ping HTTP/1.1".to_owned(),
                format!("GET {prefix}/images/team/app:1/get{query} HTTP/1.1"),
                "GET /_ping HTTP/1.1".to_owned(),
                format!("GET {prefix}/images/team/app:1/json HTTP/1.1"),
            ]
        );
    }
}

#[test]
fn documents_are_bounded_and_checked() {
    let id = "0".repeat(64);
    let bare = Fake::saying(answer("200 OK", &format!(r#"{{"Id":"{id}","RepoTags":null,"Size":7,"Os":"linux","Variant":"v8"}}"#)));
    let info = bare.daemon().image("app").expect("an answer").expect("an image");
    assert_eq!((info.id.hex(), info.repo_tags.len(), info.size, info.platform.variant.as_str()), (id.as_str(), 0, 7, "v8"));
    for (body, code) in [
        ("[]".to_owned(), "malformed"),
        (r#"{"Id":"sha256:../../x"}"#.to_owned(), "malformed"),
        (r#"{"Id":"md5:0"}"#.to_owned(), "malformed"),
        ("[".repeat(1 << 20), "malformed"),
        (format!(r#"{{"Id":"{}"}}"#, "0".repeat(5 << 20)), "malformed"),
    ] {
        let error = Fake::saying(answer("200 OK", &body)).daemon().image("app").expect_err("no image");
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains("asking Docker's engine at `unix://"), "{error}");
    }
}

#[test]
fn an_endless_answer_is_left_after_its_limit() {
    let endless = Fake::new("1.41", |_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
        while stream.write_all(&[b' '; 8192]).is_ok() {}
    });
    let error = endless.daemon().image("app").expect_err("no end");
    assert!(error.to_string().contains("expected an answer of at most 4194304 bytes"), "{error}");
    let endless = Fake::new("1.41", |_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 500 No\r\nConnection: close\r\n\r\n");
        while stream.write_all(&[b'x'; 8192]).is_ok() {}
    });
    let error = endless.daemon().image("app").expect_err("no end");
    assert!(error.to_string().len() < 4096, "{} bytes", error.to_string().len());
}

#[test]
fn refusals_are_in_the_engines_words_made_safe() {
    let said = r#"{"message":"no \u001b[31mred\nwords"}"#;
    for (head, code) in
        [("401 Unauthorized", "auth"), ("403 Forbidden", "auth"), ("500 No", "network"), ("400 No", "network"), ("418 No", "network")]
    {
        let fake = Fake::saying(answer(head, said));
        let errors = [fake.daemon().image("app").expect_err(head), fake.daemon().save("app", None).err().expect(head)];
        for error in errors {
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().ends_with(": no \\x1b[31mred\\nwords"), "{error}");
        }
    }
    let redirect = "HTTP/1.1 301 Moved\r\nLocation: http://127.0.0.1:1/\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    let error = Fake::saying(redirect).daemon().image("app").expect_err("not followed");
    assert!(error.to_string().contains("found 301"), "{error}");
}

#[test]
fn an_archive_that_breaks_off_is_an_error_and_no_end() {
    for text in [
        "HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n7\r\narchive\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 100\r\n\r\narchive",
    ] {
        let mut stream = Fake::saying(text).daemon().save("app:1", None).expect("it begins well");
        let mut bytes: Vec<u8> = Vec::new();
        let error = loop {
            let mut buffer = [0; 4];
            match stream.read(&mut buffer) {
                Ok(0) => panic!("no end"),
                Ok(count) => bytes.extend(&buffer[..count]),
                Err(error) => break plimsoll::Error::io("reading")(error),
            }
        };
        assert_eq!(bytes, b"archive", "what came is passed on");
        assert_eq!((error.code(), error.exit_code()), ("network", 4));
        let text = error.to_string();
        assert!(text.starts_with("receiving `app:1` from Docker's engine at `unix://"), "{text}");
        assert!(text.contains("broke off after 7 bytes: "), "{text}");
    }
}

/// Chunks of HTTP, each sent by itself.
fn chunked(chunks: &'static [&'static str]) -> Fake {
    Fake::new("1.41", move |_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
        for chunk in chunks {
            let _ = write!(stream, "{:x}\r\n{chunk}\r\n", chunk.len());
        }
        let _ = stream.write_all(b"0\r\n\r\n");
    })
}

#[test]
fn a_failure_that_docker_appends_is_no_part_of_the_archive() {
    const FAILURE: &str = "{\"errorDetail\":{\"message\":\"no such blob\"},\"error\":\"no such blob\"}\r\n";
    for size in [1, 20, 4096] {
        let mut stream = chunked(&["archive", FAILURE]).daemon().save("app:1", None).expect("it begins well");
        let mut bytes: Vec<u8> = Vec::new();
        let mut buffer = vec![0; size];
        let error = loop {
            match stream.read(&mut buffer) {
                Ok(0) => panic!("no end"),
                Ok(count) => bytes.extend(&buffer[..count]),
                Err(error) => break plimsoll::Error::io("reading")(error).to_string(),
            }
        };
        assert_eq!(bytes, b"archive", "in reads of {size}");
        assert!(error.ends_with("broke off after 7 bytes: no such blob"), "{error}");
    }
    // The same text as what a file of the image holds.
    for chunks in [&["archive", FAILURE, "\0\0"][..], &["archive{\"errorDetail\":", "{}}"], &["{"], &["{\"errorDetail\":", "1"]] {
        let stream = chunked(Box::leak(chunks.into())).daemon().save("app:1", None).expect("an archive");
        assert_eq!(all(stream), chunks.concat().as_bytes());
    }
}

#[test]
fn no_http_is_an_error() {
    for text in ["", "hello\n", "HTTP/1.1 200 OK\r\n", "SSH-2.0-x\r\n"] {
        let error = Fake::saying(text).daemon().image("app").expect_err(text);
        assert_eq!(error.code(), "network", "{error}");
    }
    let headers = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(1 << 20));
    assert_eq!(Fake::saying(headers).daemon().image("app").expect_err("too many headers").code(), "network");
}

/// The engine is asked once more for all contents, and again only for what had passed before a link to it was seen.
#[test]
fn contents_come_in_as_few_passes_as_can_be() {
    let layers = [
        Layer::new(&[Entry::file("one", "first"), Entry::file("both", "of one")]),
        Layer::new(&[Entry::file("two", "second"), Entry::file("both", "of two")]),
    ];
    let image = ImageSpec::new(&[layers[0].clone(), layers[1].clone(), layers[0].clone()]);
    let manifest =
        serde_json::json!([{"Config": "c.json", "RepoTags": ["app:1"], "Layers": ["c/layer.tar", "b/layer.tar", "a/layer.tar"]}]);
    // As old engines have it: a layer that is there twice is a link the second time, wherever that stands.
    let archive = tar(&[
        Entry::file("a/layer.tar", &layers[0].blob),
        Entry::file("b/layer.tar", &layers[1].blob),
        Entry::symlink("c/layer.tar", "../a/layer.tar"),
        Entry::file("c.json", image.document()),
        Entry::file("manifest.json", manifest.to_string()),
    ]);
    let fake = Fake::new("1.41", move |line, stream| {
        let id = format!(r#"{{"Id":"sha256:{}","Os":"linux","Architecture":"amd64"}}"#, "0".repeat(64));
        let body = if line.contains("/get") { &archive } else { id.as_bytes() };
        // Who has what it wanted hangs up.
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n\r\n", body.len());
        let _ = stream.write_all(body);
    });
    let address = format!("unix://{}", fake.directory.path().join("engine.sock").display());
    let run = |arguments: &[&str]| {
        let before = fake.asked().iter().filter(|line| line.contains("/get")).count();
        let outcome = Outcome::of(plimsoll().env("DOCKER_HOST", &address).args(arguments));
        outcome.assert_status(0);
        (outcome.text(), fake.asked().iter().filter(|line| line.contains("/get")).count() - before)
    };
    let target = tempfile::tempdir().expect("a directory");
    let directory = target.path().join("root");
    let (_, passes) = run(&["extract", "docker:app:1", directory.to_str().expect("UTF-8")]);
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).expect("a file");
    assert_eq!([read("one"), read("two"), read("both")], ["first", "second", "of one"]);
    assert_eq!(passes, 2, "one for the analysis, one for all contents");
    assert_eq!(run(&["cat", "docker:app:1", "/both", "--layer", "2"]), ("of two".to_owned(), 2));
    // The link comes after what it means.
    assert_eq!(run(&["cat", "docker:app:1", "/one", "--layer", "1"]), ("first".to_owned(), 3));
}
