//! A token server as Docker's distribution describes it ("Token Authentication Specification" and
//! its variant of RFC 6749), with JSON Web Tokens (RFC 7519) that a real registry checks.

use super::{PASSWORD, REFRESH_TOKEN, USER, openssl};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const ISSUER: &str = "test tokens";
const SERVICE: &str = "test registry";

/// What tokens are given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// Seconds from now at which the registry no longer takes the token. Negative: it never does.
    /// (The registry adds a minute of leeway, which is taken off here.)
    pub lifetime: i64,
    /// What the client is told of it; by default nothing, which means a minute.
    pub expires_in: Option<u64>,
}

/// Whom a request came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// It shows no credentials.
    Nobody,
    /// The right password.
    User,
    /// The right refresh token.
    RefreshToken,
    /// Wrong credentials.
    Stranger,
}

/// What the server was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub method: String,
    pub who: Who,
    pub service: String,
    /// `repository:NAME:ACTIONS`, as asked for.
    pub scopes: Vec<String>,
}

/// The server; it ends with this value. [`USER`] gets what is asked for; nobody may pull
/// repositories whose names begin with `public/`, and gets a useless token for others, as Docker
/// Hub gives it.
pub struct Tokens {
    address: SocketAddr,
    state: Arc<State>,
    thread: Option<JoinHandle<()>>,
}

struct State {
    folder: PathBuf,
    terms: Mutex<Terms>,
    asked: Mutex<Vec<Asked>>,
    over: AtomicBool,
}

impl Tokens {
    /// Starts a server whose key is in `folder`.
    pub fn start(folder: &Path) -> Self {
        let key = ["req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "2", "-subj", "/CN=test tokens"];
        openssl(folder, &[&key[..], &["-keyout", "token.key", "-out", "token.crt"]].concat());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(State {
            folder: folder.to_owned(),
            terms: Mutex::new(Terms { lifetime: 300, expires_in: Some(300) }),
            asked: Mutex::default(),
            over: AtomicBool::new(false),
        });
        let shared = Arc::clone(&state);
        let thread = std::thread::spawn(move || {
            for connection in listener.incoming() {
                if shared.over.load(Ordering::SeqCst) {
                    return;
                }
                let state = Arc::clone(&shared);
                // A connection that breaks off is the client's affair.
                let _ = connection.map(|connection| std::thread::spawn(move || state.serve(&connection)));
            }
        });
        Self { address, state, thread: Some(thread) }
    }

    /// Where tokens are to be had.
    pub fn realm(&self) -> String {
        format!("http://{}/token", self.address)
    }

    /// The registry's `auth.token`.
    pub fn configuration(&self) -> Value {
        json!({ "realm": self.realm(), "service": SERVICE, "issuer": ISSUER, "rootcertbundle": self.state.folder.join("token.crt") })
    }

    /// Changes the terms of tokens from now on.
    pub fn set_terms(&self, terms: Terms) {
        *self.state.terms.lock().unwrap_or_else(PoisonError::into_inner) = terms;
    }

    /// What was asked, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        self.state.over.store(true, Ordering::SeqCst);
        // Wakes the thread up.
        let _ = TcpStream::connect(self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

impl State {
    /// One request, one answer.
    fn serve(&self, mut connection: &TcpStream) -> std::io::Result<()> {
        connection.set_read_timeout(Some(Duration::from_secs(30)))?;
        let mut reader = BufReader::new(connection).take(64 << 10);
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let mut words = line.split_whitespace().map(str::to_owned);
        let (method, target) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let mut headers = BTreeMap::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(':') else { break };
            headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
        }
        let body = if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
            chunks(&mut reader)?
        } else {
            let length = headers.get("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
            let mut body = Vec::new();
            reader.take(length).read_to_end(&mut body)?;
            body
        };
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let (status, answer) = match (method.as_str(), path) {
            ("GET", "/token") => self.answer("GET", &fields(query), headers.get("authorization").map(String::as_str)),
            ("POST", "/token") => self.answer("POST", &fields(&String::from_utf8_lossy(&body)), None),
            _ => ("404 Not Found", json!({})),
        };
        let answer = answer.to_string();
        let length = answer.len();
        write!(
            connection,
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{answer}"
        )
    }

    fn answer(&self, method: &str, fields: &[(String, String)], authorization: Option<&str>) -> (&'static str, Value) {
        let all = |wanted: &str| fields.iter().filter(|(name, _)| name == wanted).map(|(_, value)| value.as_str()).collect::<Vec<_>>();
        let one = |wanted: &str| all(wanted).first().copied().unwrap_or_default();
        let who = if method == "GET" {
            match authorization {
                None => Who::Nobody,
                Some(header) if header == format!("Basic {}", STANDARD.encode(format!("{USER}:{PASSWORD}"))) => Who::User,
                Some(_) => Who::Stranger,
            }
        } else {
            match one("grant_type") {
                "refresh_token" if one("refresh_token") == REFRESH_TOKEN => Who::RefreshToken,
                "password" if (one("username"), one("password")) == (USER, PASSWORD) => Who::User,
                _ => Who::Stranger,
            }
        };
        // Of a form there is one scope field, of a query any number; either may hold several.
        let scopes: Vec<String> =
            all("scope").iter().flat_map(|scope| scope.split(' ')).filter(|scope| !scope.is_empty()).map(str::to_owned).collect();
        let service = one("service").to_owned();
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(Asked {
            method: method.to_owned(),
            who,
            service,
            scopes: scopes.clone(),
        });
        if who == Who::Stranger || one("service") != SERVICE {
            return ("401 Unauthorized", json!({ "errors": [{ "code": "UNAUTHORIZED", "message": "incorrect username or password" }] }));
        }
        let terms = *self.terms.lock().unwrap_or_else(PoisonError::into_inner);
        let token = self.signed(&scopes, who, terms.lifetime);
        let mut answer =
            if method == "GET" { json!({ "token": token }) } else { json!({ "access_token": token, "scope": scopes.join(" ") }) };
        if let Some(seconds) = terms.expires_in {
            answer["expires_in"] = json!(seconds);
        }
        if who != Who::Nobody && one("offline_token") == "true" || one("access_type") == "offline" {
            answer["refresh_token"] = json!(REFRESH_TOKEN);
        }
        ("200 OK", answer)
    }

    /// A token for what is allowed of `scopes`.
    fn signed(&self, scopes: &[String], who: Who, lifetime: i64) -> String {
        let access: Vec<Value> = scopes
            .iter()
            .filter_map(|scope| {
                let (rest, actions) = scope.rsplit_once(':')?;
                let (kind, name) = rest.split_once(':')?;
                let allowed = |action: &&str| who != Who::Nobody || *action == "pull" && name.starts_with("public/");
                Some(json!({ "type": kind, "name": name, "actions": actions.split(',').filter(allowed).collect::<Vec<_>>() }))
            })
            .collect();
        let certificate = std::fs::read_to_string(self.folder.join("token.crt")).expect("a certificate");
        let certificate: String = certificate.lines().filter(|line| !line.starts_with("-----")).collect();
        let header = json!({ "typ": "JWT", "alg": "RS256", "x5c": [certificate] });
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs().cast_signed();
        let claims = json!({
            "iss": ISSUER, "aud": SERVICE, "sub": if who == Who::Nobody { "" } else { USER },
            "iat": now - 3600, "nbf": now - 3600, "exp": now + lifetime - 60, "jti": format!("{now}"), "access": access,
        });
        let [header, claims] = [header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
        let text = format!("{header}.{claims}");
        let signature = URL_SAFE_NO_PAD.encode(self.signature(text.as_bytes()));
        format!("{text}.{signature}")
    }

    fn signature(&self, text: &[u8]) -> Vec<u8> {
        let mut openssl = Command::new("openssl")
            .args(["dgst", "-sha256", "-sign"])
            .arg(self.folder.join("token.key"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("openssl is installed (see .ci/test)");
        openssl.stdin.take().expect("a pipe").write_all(text).expect("openssl reads");
        let output = openssl.wait_with_output().expect("openssl ends");
        assert!(output.status.success(), "openssl signs");
        output.stdout
    }
}

/// A body in chunks (RFC 9112, section 7.1).
fn chunks(reader: &mut impl BufRead) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let length = u64::from_str_radix(line.trim(), 16).unwrap_or(0);
        reader.take(length).read_to_end(&mut body)?;
        reader.read_line(&mut line)?;
        if length == 0 {
            return Ok(body);
        }
    }
}

/// The fields of a query or a form, decoded.
fn fields(text: &str) -> Vec<(String, String)> {
    text.split('&').map(|field| field.split_once('=').unwrap_or((field, ""))).map(|(name, value)| (decoded(name), decoded(value))).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let code =
            after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (first, code) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = after;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
