//! Chromium without a window, over its tools' protocol: JSON between zero bytes, through two pipes.

use base64::Engine as _;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;
use tempfile::TempDir;

/// One tab of one browser, which ends with it.
pub(crate) struct Browser {
    process: Child,
    write: File,
    read: BufReader<File>,
    session: Option<String>,
    number: u64,
    /// What happened that no page of ours may do.
    problems: Vec<String>,
    _home: TempDir,
}

/// What says that a page did something, whatever it is.
const WATCH: &str =
    "addEventListener('securitypolicyviolation', (event) => console.error('policy', event.violatedDirective, event.blockedURI));";

impl Browser {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().expect("a temporary directory");
        let pipe = |name: &str| {
            let path = home.path().join(name);
            assert!(Command::new("mkfifo").arg(&path).status().expect("mkfifo runs").success());
            path
        };
        let (to, from) = (pipe("to"), pipe("from"));
        let program = ["chromium-headless-shell", "chromium", "google-chrome"]
            .into_iter()
            .find(|name| Command::new(name).arg("--version").output().is_ok_and(|output| output.status.success()))
            .expect("Chromium is installed: apt-get install chromium-headless-shell");
        // The browser talks by the descriptors 3 and 4.
        let script = r#"exec "$0" "$@" 3<"$TO" 4>"$FROM""#;
        let process = Command::new("sh")
            .args(["-c", script, program])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe", "--no-first-run"])
            .arg(format!("--user-data-dir={}", home.path().join("profile").display()))
            .envs([("TO", &to), ("FROM", &from), ("HOME", &home.path().to_owned())])
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .expect("a shell");
        let write = File::options().write(true).open(&to).expect("the browser listens");
        let read = BufReader::new(File::open(&from).expect("the browser talks"));
        let mut browser = Self { process, write, read, session: None, number: 0, problems: Vec::new(), _home: home };
        let target = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attached = browser.call("Target.attachToTarget", &json!({"targetId": target["targetId"], "flatten": true}));
        browser.session = attached["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), &json!({}));
        }
        browser.call("Page.addScriptToEvaluateOnNewDocument", &json!({"source": WATCH}));
        browser.media("light");
        browser.size(1200, 900);
        browser
    }

    /// A command, and what came of it.
    #[track_caller]
    pub(crate) fn call(&mut self, method: &str, params: &Value) -> Value {
        self.number += 1;
        let mut message = json!({"id": self.number, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.write.write_all(&bytes).expect("the browser listens");
        loop {
            let answer = self.message();
            if answer["id"] == self.number {
                assert!(answer.get("error").is_none(), "{method}: {answer}");
                return answer["result"].clone();
            }
            self.watch(&answer);
        }
    }

    /// Anything on the console, any request but for the page itself, any dialog.
    fn watch(&mut self, event: &Value) {
        let params = &event["params"];
        let is_problem = match event["method"].as_str().unwrap_or_default() {
            "Runtime.exceptionThrown" | "Runtime.consoleAPICalled" | "Log.entryAdded" | "Page.javascriptDialogOpening" => true,
            "Network.requestWillBeSent" => {
                let address = params["request"]["url"].as_str().unwrap_or_default();
                params["type"] != "Document" || !address.starts_with("file://")
            }
            _ => false,
        };
        if is_problem {
            self.problems.push(event.to_string());
        }
    }

    /// Reads on until something happens.
    pub(crate) fn wait(&mut self, method: &str) {
        loop {
            let event = self.message();
            self.watch(&event);
            if event["method"] == method {
                return;
            }
        }
    }

    fn message(&mut self) -> Value {
        let mut message = Vec::new();
        self.read.read_until(0, &mut message).expect("the browser talks");
        assert_eq!(message.pop(), Some(0), "the browser ended");
        serde_json::from_slice(&message).expect("JSON")
    }

    /// Loads a page, and waits until it stands.
    pub(crate) fn go(&mut self, page: &Path, hash: &str) {
        self.call("Page.navigate", &json!({"url": "about:blank"}));
        self.call("Page.navigate", &json!({"url": format!("file://{}{hash}", page.display())}));
        self.settle();
    }

    /// Waits for the page, and for two frames after it.
    pub(crate) fn settle(&mut self) {
        self.eval(
            "new Promise((done) => { const later = () => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(1)))); \
             document.readyState === 'complete' ? later() : addEventListener('load', later); })",
        );
    }

    /// The value of an expression in the page.
    #[track_caller]
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let params = json!({"expression": expression, "returnByValue": true, "awaitPromise": true, "allowUnsafeEvalBlockedByCSP": false});
        let result = self.call("Runtime.evaluate", &params);
        assert!(result.get("exceptionDetails").is_none(), "{expression}: {result}");
        result["result"]["value"].clone()
    }

    #[track_caller]
    pub(crate) fn text(&mut self, expression: &str) -> String {
        let value = self.eval(expression);
        value.as_str().unwrap_or_else(|| panic!("{expression}: a text expected, found {value}")).to_owned()
    }

    pub(crate) fn size(&mut self, width: u32, height: u32) {
        let params = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", &params);
    }

    /// `light` or `dark`; nothing moves.
    pub(crate) fn media(&mut self, scheme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]);
        self.call("Emulation.setEmulatedMedia", &json!({"features": features}));
    }

    pub(crate) fn key(&mut self, key: &str) {
        let code = match key {
            "Enter" => 13,
            "Escape" => 27,
            "Backspace" => 8,
            "Tab" => 9,
            "ArrowLeft" => 37,
            "ArrowUp" => 38,
            "ArrowRight" => 39,
            "ArrowDown" => 40,
            _ => 0,
        };
        let text = if key.len() == 1 { key } else { "" };
        for kind in ["keyDown", "keyUp"] {
            let mut params = json!({"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code});
            if kind == "keyDown" && !text.is_empty() {
                params["text"] = json!(text);
            }
            self.call("Input.dispatchKeyEvent", &params);
        }
        self.settle();
    }

    /// Points at a place of the window, and presses there.
    pub(crate) fn click(&mut self, x: f64, y: f64) {
        for kind in ["mouseMoved", "mousePressed", "mouseReleased"] {
            let button = if kind == "mouseMoved" { "none" } else { "left" };
            self.call("Input.dispatchMouseEvent", &json!({"type": kind, "x": x, "y": y, "button": button, "clickCount": 1}));
        }
        self.settle();
    }

    /// Turns the wheel there, with Ctrl or without.
    pub(crate) fn wheel(&mut self, (x, y): (f64, f64), turned: i32, control: bool) {
        let modifiers = if control { 2 } else { 0 };
        self.call(
            "Input.dispatchMouseEvent",
            &json!({"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": turned, "modifiers": modifiers}),
        );
        self.settle();
    }

    /// Presses, moves and lets go.
    pub(crate) fn drag(&mut self, (x, y): (f64, f64), (dx, dy): (f64, f64)) {
        for (kind, part, buttons) in
            [("mouseMoved", 0.0, 0), ("mousePressed", 0.0, 1), ("mouseMoved", 0.5, 1), ("mouseMoved", 1.0, 1), ("mouseReleased", 1.0, 0)]
        {
            let button = if kind == "mouseMoved" && buttons == 0 { "none" } else { "left" };
            let at = json!({"type": kind, "x": x + dx * part, "y": y + dy * part, "button": button, "buttons": buttons, "clickCount": 1});
            self.call("Input.dispatchMouseEvent", &at);
        }
        self.settle();
    }

    pub(crate) fn point(&mut self, x: f64, y: f64) {
        self.call("Input.dispatchMouseEvent", &json!({"type": "mouseMoved", "x": x, "y": y}));
        self.settle();
    }

    /// Ends the browser, and so the test, if what is done takes longer than this.
    pub(crate) fn within<T>(&mut self, limit: Duration, act: impl FnOnce(&mut Self) -> T) -> T {
        let process = self.process.id().to_string();
        let (done, is_done) = std::sync::mpsc::channel::<()>();
        let watch = std::thread::spawn(move || {
            if is_done.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                let _ = Command::new("kill").args(["-9", &process]).status();
            }
        });
        let result = act(self);
        drop(done);
        watch.join().expect("nothing fails there");
        result
    }

    /// Clicks what a selector finds.
    #[track_caller]
    pub(crate) fn press(&mut self, selector: &str) {
        let found = self.eval(&format!("(() => {{ const it = document.querySelector({selector:?}); it?.click(); return !!it; }})()"));
        assert_eq!(found, true, "no {selector}");
        self.settle();
    }

    /// No message, no violation of the policy, no request, no dialog.
    #[track_caller]
    pub(crate) fn assert_quiet(&mut self) {
        self.settle();
        assert!(self.problems.is_empty(), "{:#?}", self.problems);
    }

    /// A picture, for people who look into a failure.
    #[allow(dead_code, reason = "for people")]
    pub(crate) fn picture(&mut self, path: &Path) {
        let picture = self.call("Page.captureScreenshot", &json!({"format": "png"}));
        let bytes = base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().expect("a picture"));
        std::fs::write(path, bytes.expect("base64")).expect("a file");
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
