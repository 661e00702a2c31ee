//! The terminal taken over, and given back on every way out.

use base64::Engine as _;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture, KeyboardEnhancementFlags,
    PopKeyboardEnhancementFlags, PushKeyboardEnhancementFlags,
};
use crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use crossterm::{cursor, execute};
use plimsoll::tui::Input;
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use std::io::{self, Stdout, Write, stdout};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::mpsc::Sender;

/// Whether the terminal is taken over now.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// The signal that asked to end, if one did.
static ENDED_BY: AtomicI32 = AtomicI32::new(0);

/// A terminal taken over; it is given back when this goes.
pub(super) struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
}

impl Screen {
    pub(super) fn open() -> io::Result<Self> {
        static HOOK: Once = Once::new();
        // What a panic says must be readable.
        HOOK.call_once(|| {
            let before = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |info| {
                give_back();
                before(info);
            }));
        });
        take()?;
        match Terminal::new(CrosstermBackend::new(stdout())) {
            Ok(terminal) => Ok(Self { terminal }),
            Err(error) => {
                give_back();
                Err(error)
            }
        }
    }

    pub(super) fn terminal(&mut self) -> &mut Terminal<CrosstermBackend<Stdout>> {
        &mut self.terminal
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let taken = execute!(stdout(), EnterAlternateScreen, EnableMouseCapture, EnableBracketedPaste, cursor::Hide);
    // Terminals that know it tell Ctrl+M from Enter; others pass it over.
    let _unknown = execute!(stdout(), PushKeyboardEnhancementFlags(KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES));
    if taken.is_err() {
        give_back();
    }
    taken
}

/// Gives back what was taken; once.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _unknown = execute!(stdout(), PopKeyboardEnhancementFlags);
        let _gone = execute!(stdout(), DisableBracketedPaste, DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
        let _gone = disable_raw_mode();
    }
}

/// Whether keys can be had although standard input is something else.
pub(super) fn has_keys() -> bool {
    !cfg!(unix) || std::fs::File::options().read(true).write(true).open("/dev/tty").is_ok()
}

/// Sends all that happens in the terminal, and what signals ask for.
pub(super) fn watch(events: &Sender<Input>) {
    let keys = events.clone();
    std::thread::spawn(move || {
        while let Ok(event) = crossterm::event::read() {
            if keys.send(Input::Event(event)).is_err() {
                return;
            }
        }
        // A terminal that is gone sends no more.
        let _left = keys.send(Input::End);
    });
    signals(events.clone());
}

#[cfg(unix)]
fn signals(events: Sender<Input>) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]) else { return };
    #[cfg(feature = "daemon")]
    crate::cli::build::signals::leave_to_explorer();
    std::thread::spawn(move || {
        for signal in signals.forever() {
            ENDED_BY.store(signal, Ordering::SeqCst);
            if events.send(Input::End).is_err() {
                return;
            }
        }
    });
}

#[cfg(not(unix))]
fn signals(_events: Sender<Input>) {}

/// Ends as a signal asked to, so that whoever sent it sees that it did.
#[cfg(unix)]
pub(super) fn end() {
    let signal = ENDED_BY.load(Ordering::SeqCst);
    if signal != 0 {
        let _unknown = signal_hook::low_level::emulate_default_handler(signal);
    }
}

#[cfg(not(unix))]
pub(super) fn end() {}

/// Back to the shell, until it continues this process.
pub(super) fn suspend(terminal: &mut Terminal<CrosstermBackend<Stdout>>) -> io::Result<()> {
    #[cfg(unix)]
    {
        give_back();
        signal_hook::low_level::emulate_default_handler(signal_hook::consts::SIGTSTP)?;
        take()?;
    }
    // Whatever was shown meanwhile goes. `clear` would ask the terminal where its cursor is, and keys are read elsewhere.
    let size = terminal.size()?;
    terminal.resize(ratatui::layout::Rect::from((ratatui::layout::Position::ORIGIN, size)))
}

/// Puts text on the clipboard of the terminal, on whatever machine that is: OSC 52 of xterm.
pub(super) fn copy(text: &str) -> io::Result<()> {
    let coded = base64::engine::general_purpose::STANDARD.encode(text);
    let mut out = stdout();
    write!(out, "\x1b]52;c;{coded}\x07")?;
    out.flush()
}
