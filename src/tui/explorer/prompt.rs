//! What is typed, and what comes of it.

use super::super::keys::{Command, Pane};
use super::super::prompt::{Asks, Prompt, Typed};
use super::super::request::Request;
use super::{Explorer, Writing};
use crossterm::event::KeyEvent;

impl Explorer<'_> {
    pub(super) fn prompt_key(&mut self, key: &KeyEvent) -> Vec<Request> {
        let Some(prompt) = &mut self.prompt else { return Vec::new() };
        prompt.error = None;
        match prompt.key(key) {
            Typed::Changed => self.typed(),
            Typed::Accepted => return self.accepted(),
            Typed::Dropped => self.dropped(),
            // What is found can be walked through while it is typed.
            Typed::Nothing => match self.keys.command(key, Pane::Tree) {
                Some(Command::Step(by)) if self.viewer.is_none() => self.step(by),
                Some(Command::Page(by)) if self.viewer.is_none() => self.page(by),
                _ => {}
            },
        }
        Vec::new()
    }

    /// What is typed takes effect as far as it can.
    pub(super) fn typed(&mut self) {
        let Some(Prompt { asks, text, .. }) = self.prompt.clone() else { return };
        let tree = &mut self.trees[self.active];
        let result = match asks {
            Asks::Filter => tree.filter_by(&self.ground, &text),
            Asks::Search if text.is_empty() => {
                tree.finding = None;
                Ok(())
            }
            Asks::Search => tree.find(&self.ground, &text),
            Asks::InFile | Asks::Export | Asks::Extract(_) => Ok(()),
        };
        if let (Err(error), Some(prompt)) = (result, &mut self.prompt) {
            prompt.error = Some(error);
        }
    }

    pub(super) fn dropped(&mut self) {
        let Some(prompt) = self.prompt.take() else { return };
        let tree = &mut self.trees[self.active];
        match prompt.asks {
            Asks::Filter => tree.clear_filter(&self.ground),
            Asks::Search => tree.finding = None,
            Asks::InFile | Asks::Export | Asks::Extract(_) => {}
        }
    }

    pub(super) fn accepted(&mut self) -> Vec<Request> {
        let Some(Prompt { asks, text, .. }) = self.prompt.take() else { return Vec::new() };
        let mut requests = Vec::new();
        let request = match asks {
            Asks::Filter | Asks::Search => return requests,
            Asks::InFile => {
                if let Some(viewer) = &mut self.viewer {
                    viewer.looks_for = Some(text);
                    viewer.look();
                }
                return requests;
            }
            _ if text.trim().is_empty() => Err("nothing was written: there was no name".to_owned()),
            Asks::Extract(place) => Ok(Request::Extract { place, to: text.into(), ticket: self.ticket() }),
            Asks::Export => {
                let ticket = self.ticket();
                self.marks.export(&self.ground, text.trim(), ticket)
            }
        };
        match request {
            Ok(request) => {
                self.writing.extend(request.ticket().map(|ticket| Writing { ticket, read: 0 }));
                requests.push(request);
            }
            Err(error) => self.message = Some((false, error)),
        }
        requests
    }
}
