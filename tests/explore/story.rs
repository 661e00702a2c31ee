//! Stories: an image, a terminal in memory, keys one after the other.

#![allow(unreachable_pub, reason = "a test crate has no outside")]

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use plimsoll::analysis::{Analysis, AnalysisOptions};
use plimsoll::render::size::Unit;
use plimsoll::render::style::Style;
use plimsoll::source::Contents;
use plimsoll::tui::{Explorer, Input, Request};
use plimsoll::{Index, Limits, Options, Reference, Report, Source};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::sync::mpsc::channel;

/// How screens look in stories: sizes rounded, no colour.
pub const PLAIN: Style = Style { color: false, bars: false, width: 100, unit: Unit::Si };
/// With whole bytes.
pub const BYTES: Style = Style { unit: Unit::Bytes, ..PLAIN };

/// An explorer on a terminal in memory.
pub struct Screen<'s> {
    pub terminal: Terminal<TestBackend>,
    pub explorer: Explorer<'s>,
    pub index: &'s Index,
    pub report: &'s Report,
    contents: Result<Contents, String>,
    /// What was asked for, and could not be done here.
    pub asked: Vec<Request>,
}

/// Tells a story of the image at `path` on a screen of this size.
pub fn story(path: &str, size: (u16, u16), style: Style, tell: impl FnOnce(&mut Screen<'_>)) {
    let reference = Reference::parse(path).expect("a path");
    let opened = Source::open(&reference).expect("an image");
    let (image, contents) = opened.contents_if_any(&Options::default(), &()).expect("a readable image");
    let index = Index::build(image, &Limits::default()).expect("layers that stack");
    let analysis = Analysis::new(&index, &AnalysisOptions::default());
    let report = Report::of(&analysis, 0);
    let contents = contents.map_err(|error| error.to_string());
    let explorer = Explorer::new(&analysis, &report, style, contents.as_ref().err().cloned());
    let terminal = Terminal::new(TestBackend::new(size.0, size.1)).expect("memory");
    let mut screen = Screen { terminal, explorer, index: &index, report: &report, contents, asked: Vec::new() };
    screen.take(Vec::new());
    tell(&mut screen);
}

impl Screen<'_> {
    /// Takes input, does what is asked, and draws.
    pub fn take(&mut self, inputs: Vec<Input>) {
        let mut next = inputs;
        loop {
            let (events, input) = channel();
            for event in next.drain(..) {
                events.send(event).expect("a receiver");
            }
            drop(events);
            let mut asked = Vec::new();
            let remember = |_: &mut Terminal<TestBackend>, request| {
                asked.push(request);
                Ok(())
            };
            plimsoll::tui::run(&mut self.terminal, &mut self.explorer, &input, remember).expect("memory");
            for request in asked {
                let contents = self.contents.as_ref().map_err(String::as_str);
                match request.clone().carry_out(self.index, contents, &()) {
                    Some(answer) => next.push(Input::Answer(answer)),
                    None => self.asked.push(request),
                }
            }
            if next.is_empty() {
                return;
            }
        }
    }

    pub fn press(&mut self, code: KeyCode) -> &mut Self {
        self.key(code, KeyModifiers::NONE)
    }

    pub fn ctrl(&mut self, key: char) -> &mut Self {
        self.key(KeyCode::Char(key), KeyModifiers::CONTROL)
    }

    pub fn key(&mut self, code: KeyCode, modifiers: KeyModifiers) -> &mut Self {
        self.take(vec![Input::Event(Event::Key(KeyEvent::new(code, modifiers)))]);
        self
    }

    /// Types letters, each a key.
    pub fn keys(&mut self, letters: &str) -> &mut Self {
        let key = |letter| Input::Event(Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE)));
        self.take(letters.chars().map(key).collect());
        self
    }

    pub fn enter(&mut self) -> &mut Self {
        self.press(KeyCode::Enter)
    }

    pub fn esc(&mut self) -> &mut Self {
        self.press(KeyCode::Esc)
    }

    /// What the screen shows.
    pub fn text(&self) -> String {
        let buffer = self.terminal.backend().buffer();
        let lines = buffer.content.chunks(buffer.area.width.into()).map(|cells| {
            // The cell after a wide sign belongs to it.
            let mut line = String::new();
            let mut skip = 0;
            for cell in cells {
                if skip == 0 {
                    line.push_str(cell.symbol());
                    skip = plimsoll::render::text::cells(cell.symbol()).max(1);
                }
                skip -= 1;
            }
            line.trim_end().to_owned()
        });
        lines.collect::<Vec<_>>().join("\n") + "\n"
    }

    /// The lines between the borders of the pane with this title.
    pub fn pane(&self, title: &str) -> Vec<String> {
        let text = self.text();
        let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
        let mut top = None;
        for (at, line) in lines.iter().enumerate() {
            let line: String = line.iter().collect();
            if let Some(byte) = line.find(title) {
                top = Some((at, line[..byte].chars().count()));
                break;
            }
        }
        let (top, title_at) = top.unwrap_or_else(|| panic!("a pane {title} in\n{text}"));
        let left = title_at - 2;
        let is_side = |sign: &char| matches!(sign, '│' | '┃');
        let width = lines[top][left + 1..].iter().position(|sign| matches!(sign, '┐' | '┓')).expect("a corner") + 1;
        let inside = lines[top + 1..].iter().take_while(|line| line.get(left).is_some_and(is_side));
        inside.map(|line| line[left + 1..(left + width).min(line.len())].iter().collect::<String>().trim_end().to_owned()).collect()
    }

    /// Rows of the tree that is on the screen, without the heading and what is empty.
    pub fn tree(&self) -> Vec<String> {
        self.pane("2 Tree").into_iter().skip(1).filter(|line| !line.is_empty()).collect()
    }

    /// Names in the tree, directories with a slash.
    pub fn names(&self) -> Vec<String> {
        let name = |row: &String| row.rsplit(['▸', '▾', ' ']).find(|part| !part.is_empty()).unwrap_or_default().to_owned();
        self.tree().iter().map(name).collect()
    }

    #[track_caller]
    pub fn shows(&mut self, text: &str) -> &mut Self {
        assert!(self.text().contains(text), "`{text}` expected in\n{}", self.text());
        self
    }

    #[track_caller]
    pub fn lacks(&mut self, text: &str) -> &mut Self {
        assert!(!self.text().contains(text), "`{text}` not expected in\n{}", self.text());
        self
    }
}
