//! The engine's program at work: it has the terminal, and signals are its own.

use anyhow::{Context, Result};
use std::io;
use std::process::{Command, ExitStatus};

/// Runs it to its end; the exit status that a shell would tell.
///
/// What it prints goes to standard error, where it is shown as ever: standard output is the report's.
pub(super) fn run(command: &mut Command) -> Result<u8> {
    let doing = format!("starting `{}`", command.get_program().display());
    let (status, interrupted) = signals::passed_on(command.stdout(io::stderr())).context(doing)?;
    // Who asked for an end wants no report.
    Ok(if status.success() && interrupted { 130 } else { told(status) })
}

#[cfg(unix)]
fn told(status: ExitStatus) -> u8 {
    use std::os::unix::process::ExitStatusExt;
    let by_signal = || status.signal().and_then(|signal| u8::try_from(128 + signal).ok());
    status.code().and_then(|code| u8::try_from(code).ok()).or_else(by_signal).unwrap_or(1)
}

#[cfg(not(unix))]
fn told(status: ExitStatus) -> u8 {
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

#[cfg(all(unix, feature = "tui"))]
pub(crate) mod signals {
    //! What signals do depends on who works: while the engine does, they are its business.

    use signal_hook::consts::{SIGINT, SIGTERM};
    use signal_hook::iterator::Signals;
    use std::io;
    use std::process::{Command, ExitStatus, Stdio};
    use std::sync::{Mutex, PoisonError};

    /// Who works.
    #[derive(Clone, Copy)]
    enum Works {
        /// The engine's program, of this number once it has one.
        Engine(Option<u32>),
        /// We, as a program without signal handlers would.
        Program,
        /// The explorer, which has handlers of its own.
        Explorer,
    }

    static WORKS: Mutex<(Works, bool)> = Mutex::new((Works::Program, false));

    fn set(works: Works) {
        WORKS.lock().unwrap_or_else(PoisonError::into_inner).0 = works;
    }

    /// Runs the program to its end; its status, and whether someone asked for an end meanwhile.
    pub(super) fn passed_on(command: &mut Command) -> io::Result<(ExitStatus, bool)> {
        let mut signals = Signals::new([SIGINT, SIGTERM])?;
        std::thread::spawn(move || signals.forever().for_each(on));
        set(Works::Engine(None));
        let status = command.spawn().and_then(|mut child| {
            set(Works::Engine(Some(child.id())));
            child.wait()
        });
        // What ended the engine may reach us after its end, and is no less the engine's: all that is left then is to
        // tell its status.
        let goes_on = status.as_ref().is_ok_and(ExitStatus::success);
        set(if goes_on { Works::Program } else { Works::Engine(None) });
        Ok((status?, WORKS.lock().unwrap_or_else(PoisonError::into_inner).1))
    }

    fn on(signal: i32) {
        let works = {
            let mut state = WORKS.lock().unwrap_or_else(PoisonError::into_inner);
            state.1 = true;
            state.0
        };
        match works {
            // A terminal sends what Ctrl+C means to all that run in it.
            Works::Engine(Some(child)) if signal == SIGTERM => {
                let mut kill = Command::new("kill");
                let kill = kill.args(["-TERM", &child.to_string()]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
                if !kill.status().is_ok_and(|status| status.success()) {
                    let _unknown = signal_hook::low_level::emulate_default_handler(signal);
                }
            }
            Works::Engine(_) | Works::Explorer => {}
            Works::Program => {
                let _unknown = signal_hook::low_level::emulate_default_handler(signal);
            }
        }
    }

    /// The explorer has handlers from now on.
    pub(crate) fn leave_to_explorer() {
        set(Works::Explorer);
    }
}

#[cfg(not(all(unix, feature = "tui")))]
mod signals {
    use std::io;
    use std::process::{Command, ExitStatus};

    /// Runs the program to its end. A signal ends both.
    pub(super) fn passed_on(command: &mut Command) -> io::Result<(ExitStatus, bool)> {
        Ok((command.status()?, false))
    }
}
