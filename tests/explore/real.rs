//! On real terminals: those of tmux, which goes with the test.

#![allow(unreachable_pub, reason = "a test crate has no outside")]

use crate::support::testdata;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// Until this a screen must have come; real ones come at once.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A terminal with a shell in it.
pub struct Tmux {
    socket: String,
}

impl Tmux {
    pub fn new(name: &str, size: (u16, u16)) -> Self {
        let tmux = Self { socket: format!("plimsoll-{name}-{}", std::process::id()) };
        let (width, height) = (size.0.to_string(), size.1.to_string());
        let shell = ["env", "-i", "TERM=screen-256color", "PS1=$ ", "PATH=/usr/bin:/bin", "LC_ALL=C.UTF-8", "HOME=/nonexistent", "/bin/sh"];
        let mut new = vec!["-f", "/dev/null", "-u", "new-session", "-d", "-x", &width, "-y", &height];
        new.extend(shell);
        tmux.run(&new);
        tmux.wait("$");
        tmux
    }

    pub fn run(&self, args: &[&str]) -> String {
        let output =
            Command::new("tmux").args(["-L", &self.socket]).args(args).env("LC_ALL", "C.UTF-8").output().expect("tmux is installed");
        assert!(output.status.success(), "tmux {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    pub fn screen(&self) -> String {
        self.run(&["capture-pane", "-p"])
    }

    pub fn keys(&self, keys: &[&str]) {
        let mut args = vec!["send-keys"];
        args.extend(keys);
        self.run(&args);
    }

    pub fn type_line(&self, line: &str) {
        self.run(&["send-keys", "-l", line]);
        self.keys(&["Enter"]);
    }

    /// Waits for a text.
    #[track_caller]
    pub fn wait(&self, text: &str) -> String {
        self.wait_for(|screen| screen.contains(text))
    }

    #[track_caller]
    pub fn wait_for(&self, is_there: impl Fn(&str) -> bool) -> String {
        let start = Instant::now();
        loop {
            let screen = self.screen();
            if is_there(&screen) {
                return screen;
            }
            assert!(start.elapsed() < PATIENCE, "this did not come in time:\n{screen}");
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Quits, and sees that the shell has its terminal back as it was.
    #[track_caller]
    pub fn quit(&self, key: &str) {
        self.keys(&[key]);
        self.wait("status 0.");
        assert_eq!(
            self.run(&["display-message", "-p", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}"]).trim(),
            "0 0 1",
            "all is given back"
        );
        self.type_line("clear; stty -a | grep -ow -e '-icanon' -e '-echo'; echo modes.");
        let modes = self.wait_for(|screen| screen.lines().any(|line| line == "modes."));
        assert!(!modes.lines().any(|line| ["-icanon", "-echo"].contains(&line)), "lines and echo are back: {modes}");
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        let _gone = Command::new("tmux").args(["-L", &self.socket, "kill-server"]).output();
    }
}

fn plimsoll() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_plimsoll"))
}

pub fn explore(image: &str) -> String {
    format!("{} explore --no-cache {image}; echo status $?.", plimsoll().display())
}

#[test]
fn on_terminals_of_every_size() {
    let demo = testdata("demo.tar");
    for (size, quit) in [((80, 24), "q"), ((200, 60), "C-c"), ((20, 6), "q")] {
        let tmux = Tmux::new(&format!("size{}", size.0), size);
        tmux.type_line(&explore(&demo.display().to_string()));
        tmux.wait("Tree");
        if size.0 >= 80 {
            tmux.wait("15.0 MB on disk");
            tmux.keys(&["1", "C-l"]);
            tmux.wait("layer 11 alone");
            tmux.keys(&["C-a"]);
            tmux.wait("the whole image");
            tmux.keys(&["Tab", "/"]);
            tmux.run(&["send-keys", "-l", "start.sh"]);
            tmux.keys(&["Enter", "Enter"]);
            tmux.wait("/app/start.sh  of layer 9");
            tmux.wait("line 1 of");
            tmux.keys(&["Escape"]);
            tmux.wait("2 Tree");
            tmux.run(&["resize-window", "-x", "100", "-y", "30"]);
            tmux.wait("1 hit");
        }
        tmux.quit(quit);
    }
}

#[test]
fn from_a_pipe_with_keys_from_the_terminal() {
    let tmux = Tmux::new("pipe", (100, 30));
    tmux.type_line(&format!("cat {} | {}", testdata("demo.tar").display(), explore("-")));
    tmux.wait("2 Tree: the whole image");
    tmux.keys(&["j", "Enter"]);
    tmux.wait("2/");
    tmux.quit("q");
}

#[test]
fn whoever_ends_it_gets_the_terminal_back() {
    let tmux = Tmux::new("ended", (80, 24));
    tmux.type_line(&explore(&testdata("demo.tar").display().to_string()));
    tmux.wait("2 Tree");
    let shell = tmux.run(&["display-message", "-p", "#{pane_pid}"]);
    let children = Command::new("ps").args(["-o", "pid=", "--ppid", shell.trim()]).output().expect("ps is there");
    let child = String::from_utf8_lossy(&children.stdout).trim().to_owned();
    assert!(Command::new("kill").args(["-TERM", &child]).status().expect("kill is there").success());
    // As a shell tells that it was this signal.
    tmux.wait("status 143.");
    assert_eq!(tmux.run(&["display-message", "-p", "#{alternate_on} #{mouse_any_flag} #{cursor_flag}"]).trim(), "0 0 1");
}

#[test]
fn it_stops_and_goes_on() {
    let tmux = Tmux::new("stopped", (80, 24));
    tmux.type_line(&explore(&testdata("demo.tar").display().to_string()));
    tmux.wait("2 Tree");
    tmux.keys(&["C-z"]);
    tmux.wait("$");
    assert_eq!(
        tmux.run(&["display-message", "-p", "#{alternate_on} #{cursor_flag}"]).trim(),
        "0 1",
        "stopped, the terminal is the shell's"
    );
    tmux.type_line("fg");
    tmux.wait("2 Tree");
    tmux.keys(&["j"]);
    tmux.wait("2/");
    tmux.keys(&["q"]);
    tmux.wait("$");
}

#[test]
fn without_colour_where_none_is_wanted() {
    let tmux = Tmux::new("plain", (80, 24));
    tmux.type_line(&format!(
        "NO_COLOR=1 PLIMSOLL_THEME=dracula COLORTERM=truecolor {}",
        explore(&testdata("demo.tar").display().to_string())
    ));
    tmux.wait("2 Tree");
    let with_codes = tmux.run(&["capture-pane", "-e", "-p"]);
    let coloured = with_codes.split('\x1b').any(|part| {
        let codes = part.strip_prefix('[').and_then(|part| part.split_once('m')).map_or("", |(codes, _)| codes);
        codes.split(';').any(|code| code.len() == 2 && (code.starts_with('3') || code.starts_with('4')) && code != "39" && code != "49")
    });
    assert!(!coloured, "{with_codes:?}");
    tmux.quit("q");
}

/// What a terminal says of its colours decides which ones it is sent.
#[test]
fn themes_by_what_the_terminal_has() {
    for (set, sent) in [
        ("COLORTERM=truecolor", "48;2;40;42;54"),
        ("TERM=screen-256color", "48;5;"),
        ("COLORTERM=truecolor PLIMSOLL_THEME=nord", "48;2;46;52;64"),
    ] {
        let tmux = Tmux::new(&format!("theme{}", sent.len() + set.len()), (80, 24));
        // Colours as they are sent, whatever tmux can show of them.
        let name = if set.contains("PLIMSOLL_THEME") { "" } else { "PLIMSOLL_THEME=dracula " };
        tmux.run(&["set", "-sa", "terminal-features", ",screen-256color:RGB"]);
        tmux.type_line(&format!("{name}{set} {}", explore(&testdata("demo.tar").display().to_string())));
        tmux.wait("2 Tree");
        let with_codes = tmux.run(&["capture-pane", "-e", "-p"]);
        assert!(with_codes.contains(sent), "{set}: {with_codes:?}");
        tmux.quit("q");
    }
}

#[test]
fn without_a_terminal_it_says_what_to_use() {
    let demo = testdata("demo.tar");
    let outcome = crate::support::run(&["explore", demo.to_str().expect("a plain path")]);
    outcome.assert_status(2);
    assert!(outcome.stdout.is_empty());
    for words in ["a terminal is needed", "standard output is none", "plimsoll tree", "plimsoll files"] {
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    }
    let tmux = Tmux::new("dumb", (200, 24));
    tmux.type_line(&format!("TERM=dumb {}", explore(&demo.display().to_string())));
    tmux.wait("`TERM` is dumb");
    tmux.wait("status 2.");
    tmux.type_line(&format!("{} </dev/null", explore(&demo.display().to_string()).split(';').next().unwrap_or_default()));
    tmux.wait("standard input, where keys come from, is none");
}
