//! What takes a while, beside the screen: keys are never kept waiting, and what nobody waits for any more stops.

use plimsoll::Index;
use plimsoll::progress::Progress;
use plimsoll::source::Contents;
use plimsoll::tui::{Answer, Input, Request};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Between two words on how far something is.
const PAUSE: Duration = Duration::from_millis(100);
/// What is being written gets so long to stop and to remove what it began, in the end.
const LAST: Duration = Duration::from_secs(2);

/// What is being done.
pub(super) struct Beside {
    index: Arc<Index>,
    contents: Arc<Result<Contents, String>>,
    answers: Sender<Input>,
    running: Vec<Running>,
}

struct Running {
    ticket: u64,
    writes: bool,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Beside {
    pub(super) fn new(index: Arc<Index>, contents: Result<Contents, String>, answers: Sender<Input>) -> Self {
        Self { index, contents: Arc::new(contents), answers, running: Vec::new() }
    }

    /// Begins what is asked for, or stops it. Each has a thread of its own: one that waits for a network keeps no other waiting.
    pub(super) fn begin(&mut self, request: Request) {
        self.running.retain(|running| !running.thread.is_finished());
        if let Request::Stop { ticket } = request {
            self.running.iter().filter(|running| running.ticket == ticket).for_each(Running::stop);
        } else if let Some(ticket) = request.ticket() {
            let writes = request.writes();
            let stop = Arc::new(AtomicBool::new(false));
            let told = Told::new(ticket, Arc::clone(&stop), self.answers.clone());
            let (index, contents) = (Arc::clone(&self.index), Arc::clone(&self.contents));
            let thread = std::thread::spawn(move || {
                let answer = request.carry_out(&index, contents.as_ref().as_ref().map_err(String::as_str), &told);
                // Nobody may be left to hear it.
                let _left = answer.map(|answer| told.answers.send(Input::Answer(answer)));
            });
            self.running.push(Running { ticket, writes, stop, thread });
        }
    }

    /// Stops all of it. Half a file is not left behind, unless it cannot be stopped: nobody waits for long.
    pub(super) fn end(self) {
        self.running.iter().for_each(Running::stop);
        let start = Instant::now();
        while self.running.iter().any(|running| running.writes && !running.thread.is_finished()) && start.elapsed() < LAST {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Running {
    fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// Tells the screen how far something is, and it that it is to stop.
struct Told {
    ticket: u64,
    stop: Arc<AtomicBool>,
    answers: Sender<Input>,
    bytes: AtomicU64,
    last: Mutex<Instant>,
}

impl Told {
    fn new(ticket: u64, stop: Arc<AtomicBool>, answers: Sender<Input>) -> Self {
        Self { ticket, stop, answers, bytes: 0.into(), last: Mutex::new(Instant::now()) }
    }
}

impl Progress for Told {
    fn advance(&self, bytes: u64) -> ControlFlow<()> {
        if self.stop.load(Ordering::Relaxed) {
            return ControlFlow::Break(());
        }
        let bytes = self.bytes.fetch_add(bytes, Ordering::Relaxed) + bytes;
        if let Ok(mut last) = self.last.try_lock()
            && last.elapsed() >= PAUSE
        {
            *last = Instant::now();
            // Nobody may be left to hear it.
            let _left = self.answers.send(Input::Answer(Answer::Progress { ticket: self.ticket, bytes }));
        }
        ControlFlow::Continue(())
    }
}
