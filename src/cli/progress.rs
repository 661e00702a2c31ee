//! Bars on standard error for what takes longer than a second; silent when that is no terminal.

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use plimsoll::progress::Progress;
use std::collections::HashMap;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Digits of a digest that tell layers apart, as docker shows them.
const DIGITS: usize = 12;

/// Bytes read so far, in all and of each layer that is downloaded, shown after a second.
pub(crate) struct Bar {
    start: Instant,
    total: AtomicU64,
    read: AtomicU64,
    shown: Option<Mutex<Shown>>,
}

/// The bars. They count from the start, for their rates, and are drawn after a second.
struct Shown {
    bars: MultiProgress,
    drawn: bool,
    whole: Option<ProgressBar>,
    blobs: HashMap<String, ProgressBar>,
}

impl Bar {
    pub(crate) fn new() -> Self {
        let visible = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        let bars = || MultiProgress::with_draw_target(ProgressDrawTarget::hidden());
        let shown = visible.then(|| Mutex::new(Shown { bars: bars(), drawn: false, whole: None, blobs: HashMap::new() }));
        Self { start: Instant::now(), total: 0.into(), read: 0.into(), shown }
    }

    pub(crate) fn finish(&self) {
        if let Some(shown) = self.shown.as_ref().and_then(|shown| shown.lock().ok()) {
            shown.blobs.values().chain(&shown.whole).for_each(ProgressBar::finish_and_clear);
        }
    }

    /// The bars. Whoever finds them busy leaves them to the other.
    fn shown(&self) -> Option<std::sync::MutexGuard<'_, Shown>> {
        let mut shown = self.shown.as_ref()?.try_lock().ok()?;
        if !shown.drawn && self.start.elapsed() > Duration::from_secs(1) {
            shown.drawn = true;
            shown.bars.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        Some(shown)
    }
}

impl Progress for Bar {
    fn total(&self, bytes: u64) {
        self.total.store(bytes, Ordering::Relaxed);
    }

    fn advance(&self, bytes: u64) -> ControlFlow<()> {
        let read = self.read.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if let Some(mut shown) = self.shown() {
            let total = self.total.load(Ordering::Relaxed);
            let Shown { bars, whole, .. } = &mut *shown;
            whole.get_or_insert_with(|| bars.insert(0, bar(total, "reading"))).set_position(read);
        }
        ControlFlow::Continue(())
    }

    fn blob(&self, name: &str, read: u64, total: u64) {
        let ended = read >= total;
        // An end that was passed over would leave its bar standing.
        let shown = if ended { self.shown.as_ref().and_then(|shown| shown.lock().ok()) } else { self.shown() };
        let Some(mut shown) = shown else { return };
        let Shown { bars, blobs, .. } = &mut *shown;
        if ended {
            if let Some(bar) = blobs.remove(name) {
                bar.finish_and_clear();
            }
        } else if let Some(bar) = blobs.get(name) {
            bar.set_position(read);
        } else {
            let hex = name.split_once(':').map_or(name, |(_, hex)| hex);
            let new = bars.add(bar(total, hex.get(..DIGITS).unwrap_or(hex)));
            new.set_position(read);
            blobs.insert(name.to_owned(), new);
        }
    }
}

/// A bar of `total` bytes, or a spinner where nobody knows how many there are.
fn bar(total: u64, what: &str) -> ProgressBar {
    let (bar, template) = if total > 0 {
        (ProgressBar::new(total), "{msg:12} {bar:30} {decimal_bytes} of {decimal_total_bytes} ({decimal_bytes_per_sec})")
    } else {
        (ProgressBar::no_length(), "{msg:12} {spinner} {decimal_bytes} ({decimal_bytes_per_sec})")
    };
    // A template that does not parse is our mistake, and the default bar says the same.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.with_style(style).with_message(what.to_owned())
}
