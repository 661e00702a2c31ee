//! A bar on standard error for what takes longer than a second; silent when that is no terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use plimsoll::progress::Progress;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Bytes read so far, shown after a second.
pub(crate) struct Bar {
    start: Instant,
    total: AtomicU64,
    read: AtomicU64,
    shown: Option<Mutex<ProgressBar>>,
}

impl Bar {
    pub(crate) fn new() -> Self {
        let visible = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        let shown = visible.then(|| Mutex::new(ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden())));
        Self { start: Instant::now(), total: 0.into(), read: 0.into(), shown }
    }

    pub(crate) fn finish(&self) {
        if let Some(bar) = self.shown.as_ref().and_then(|bar| bar.lock().ok()) {
            bar.finish_and_clear();
        }
    }
}

impl Progress for Bar {
    fn total(&self, bytes: u64) {
        self.total.store(bytes, Ordering::Relaxed);
    }

    fn advance(&self, bytes: u64) -> ControlFlow<()> {
        let read = self.read.fetch_add(bytes, Ordering::Relaxed) + bytes;
        let Some(bar) = &self.shown else { return ControlFlow::Continue(()) };
        if self.start.elapsed() < Duration::from_secs(1) {
            return ControlFlow::Continue(());
        }
        // Whoever finds the bar busy leaves it to the other.
        if let Ok(bar) = bar.try_lock() {
            if bar.is_hidden() {
                let total = self.total.load(Ordering::Relaxed);
                let template = if total > 0 {
                    "reading {bar:30} {decimal_bytes} of {decimal_total_bytes} ({decimal_bytes_per_sec})"
                } else {
                    "reading {spinner} {decimal_bytes} ({decimal_bytes_per_sec})"
                };
                if let Ok(style) = ProgressStyle::with_template(template) {
                    bar.set_style(style);
                }
                if total > 0 {
                    bar.set_length(total);
                }
                bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            }
            bar.set_position(read);
        }
        ControlFlow::Continue(())
    }
}
