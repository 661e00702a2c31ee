//! The terminal explorer: layers, tree, findings and edits, and what is in files, hidden ones too.
//!
//! [`Explorer`] is a value: it takes [`Input`], draws itself on any of ratatui's backends, and asks for what it cannot do
//! itself by [`Request`]. [`run`] joins it to a terminal and a channel of input. No size is computed here but by adding up
//! entries that [`crate::Index`] has fates for, as [`crate::Report`] does.

mod comparison;
mod details;
mod draw;
mod explorer;
mod found;
mod ground;
mod keys;
mod links;
mod list;
mod marks;
mod matcher;
mod prompt;
mod request;
mod rows;
mod settings;
mod syntax;
mod theme;
mod tree;
mod viewer;
mod wrap;

pub use comparison::{Scope, Weight};
pub use explorer::{Explorer, Input};
pub use keys::{Command, Keys, Pane};
pub use request::{Answer, Request, Score};
pub use rows::{Measure, Sort};
pub use settings::Settings;
pub use theme::{Depth, Theme};
pub use viewer::LOOKED_AT;

use ratatui::Terminal;
use ratatui::backend::Backend;
use std::sync::mpsc::{Receiver, TryRecvError};

/// Draws, waits for input, and does what it asks, until the explorer is left or nobody sends any more.
///
/// All input that waits is taken before the screen is drawn again: keys that repeat faster than screens are drawn are not
/// lost, and cause no queue.
pub fn run<B: Backend>(
    terminal: &mut Terminal<B>,
    explorer: &mut Explorer<'_>,
    input: &Receiver<Input>,
    mut carry_out: impl FnMut(&mut Terminal<B>, Request) -> Result<(), B::Error>,
) -> Result<(), B::Error> {
    while !explorer.is_done() {
        terminal.draw(|frame| explorer.draw(frame))?;
        let busy = explorer.work();
        let mut next = if busy { input.try_recv() } else { input.recv().map_err(|_| TryRecvError::Disconnected) };
        loop {
            match next {
                Ok(event) => {
                    for request in explorer.handle(event) {
                        carry_out(terminal, request)?;
                    }
                }
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) if busy => break,
                Err(TryRecvError::Disconnected) => {
                    return terminal.draw(|frame| explorer.draw(frame)).map(drop);
                }
            }
            if explorer.is_done() {
                break;
            }
            next = input.try_recv();
            if matches!(next, Err(TryRecvError::Disconnected)) {
                break;
            }
        }
    }
    Ok(())
}
