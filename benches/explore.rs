//! The explorer with a million entries: the first screen, each screen while scrolling, filters.
//!
//! `cargo bench --bench explore`. The first screen must come within 100 ms of the analysis being ready, and each further one
//! within 16 ms; filtering must give the keys back within as much.

mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use plimsoll::analysis::{Analysis, AnalysisOptions};
use plimsoll::render::size::Unit;
use plimsoll::render::style::Style;
use plimsoll::tui::{Explorer, Input};
use plimsoll::{Index, Limits, Options, Report, Source};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use std::hint::black_box;
use support::{image, layer, markers};

const ENTRIES: usize = 1_000_000;
const STYLE: Style = Style { color: true, bars: true, width: 200, unit: Unit::Si };

fn key(code: KeyCode, modifiers: KeyModifiers) -> Input {
    Input::Event(Event::Key(KeyEvent::new(code, modifiers)))
}

fn press(explorer: &mut Explorer<'_>, code: KeyCode) {
    explorer.handle(key(code, KeyModifiers::NONE));
}

fn ctrl(explorer: &mut Explorer<'_>, letter: char) {
    explorer.handle(key(KeyCode::Char(letter), KeyModifiers::CONTROL));
}

#[expect(clippy::print_stdout, reason = "criterion has no word for the longest step")]
fn explore(c: &mut Criterion) {
    let archive = image(&[layer(ENTRIES, 0), markers(ENTRIES / 100), layer(ENTRIES / 10, 10)]);
    let read = Source::stream(std::io::Cursor::new(archive), "bench").read(&Options::default(), &()).expect("a whole archive");
    let index = Index::build(read, &Limits::default()).expect("a plain image");
    let analysis = Analysis::new(&index, &AnalysisOptions::default());
    let report = Report::of(&analysis, 0);
    let mut terminal = Terminal::new(TestBackend::new(200, 60)).expect("memory");
    let mut group = c.benchmark_group("explore");
    group.sample_size(10);

    group.bench_function("first screen", |b| {
        b.iter(|| {
            let mut explorer = Explorer::new(&analysis, &report, STYLE, None);
            terminal.draw(|frame| explorer.draw(frame)).expect("memory");
            explorer
        });
    });

    let mut explorer = Explorer::new(&analysis, &report, STYLE, None);
    terminal.draw(|frame| explorer.draw(frame)).expect("memory");
    group.bench_function("open all directories, and a screen", |b| {
        b.iter_custom(|times| {
            let mut sum = std::time::Duration::ZERO;
            for _ in 0..times {
                let start = std::time::Instant::now();
                ctrl(&mut explorer, ' ');
                terminal.draw(|frame| explorer.draw(frame)).expect("memory");
                sum += start.elapsed();
                ctrl(&mut explorer, ' ');
            }
            sum
        });
    });
    ctrl(&mut explorer, ' ');
    for (name, code) in [("row", KeyCode::Down), ("page", KeyCode::PageDown), ("end", KeyCode::End), ("row up", KeyCode::Up)] {
        group.bench_function(format!("scroll a {name}, and a screen"), |b| {
            b.iter(|| {
                press(&mut explorer, code);
                terminal.draw(|frame| explorer.draw(frame)).expect("memory");
            });
        });
    }
    press(&mut explorer, KeyCode::Home);
    group.bench_function("close and open a directory, and a screen", |b| {
        b.iter(|| {
            press(&mut explorer, KeyCode::Char(' '));
            press(&mut explorer, KeyCode::Char(' '));
            terminal.draw(|frame| explorer.draw(frame)).expect("memory");
        });
    });
    ctrl(&mut explorer, ' ');
    group.bench_function("another layer, and a screen", |b| {
        press(&mut explorer, KeyCode::Char('1'));
        b.iter(|| {
            press(&mut explorer, KeyCode::Up);
            terminal.draw(|frame| explorer.draw(frame)).expect("memory");
            press(&mut explorer, KeyCode::Down);
            terminal.draw(|frame| explorer.draw(frame)).expect("memory");
        });
        press(&mut explorer, KeyCode::Char('2'));
    });
    for pattern in ["99999", "**/module-*7.js"] {
        let mut longest = std::time::Duration::ZERO;
        group.bench_function(format!("filter {pattern}"), |b| {
            b.iter(|| {
                press(&mut explorer, KeyCode::Char('f'));
                explorer.handle(Input::Event(Event::Paste(pattern.to_owned())));
                loop {
                    let start = std::time::Instant::now();
                    let busy = explorer.work();
                    terminal.draw(|frame| explorer.draw(frame)).expect("memory");
                    longest = longest.max(start.elapsed());
                    if !black_box(busy) {
                        break;
                    }
                }
                press(&mut explorer, KeyCode::Esc);
            });
        });
        println!("filter {pattern}: keys waited at most {longest:?}");
    }
    group.finish();
}

criterion_group!(benches, explore);
criterion_main!(benches);
