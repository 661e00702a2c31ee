//! `plimsoll explore`: the terminal, and what is done beside it.

mod beside;
mod screen;
mod settings;

use super::judge;
use super::progress::Bar;
use super::run::{check_built, open, reading, status};
use super::terminal::{depth, style};
use super::{Binding, Explore, Source};
use anyhow::{Context, Result};
use beside::Beside;
use plimsoll::analysis::{Analysis, AnalysisOptions};
use plimsoll::source::Contents;
use plimsoll::tui::{Explorer, Request};
use plimsoll::{Error, Index, Report};
use screen::Screen;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::mpsc::channel;

pub(crate) fn explore(args: &Explore) -> Result<u8> {
    prepare(&args.binding, args.source.image.as_deref())?;
    explore_with(args, &judge::options(&args.judge, &args.source)?)
}

/// What can be wrong before anything is read.
pub(crate) fn prepare(binding: &Binding, image: Option<&str>) -> Result<()> {
    settings::read(binding)?;
    terminal(image)
}

pub(crate) fn explore_with(args: &Explore, options: &AnalysisOptions) -> Result<u8> {
    let settings = settings::read(&args.binding)?;
    let (index, contents) = read(&args.source)?;
    let index = Arc::new(index);
    let analysis = Analysis::new(&index, options);
    judge::warn(&analysis, options);
    let report = Report::of(&analysis, 0);
    let no_contents = contents.as_ref().err().cloned();
    let mut explorer = Explorer::new(&analysis, &report, style(&args.look, false), no_contents);
    explorer.set_settings(&settings);
    explorer.set_theme(settings.theme.unwrap_or_default(), depth());

    let (events, input) = channel();
    let mut screen = Screen::open().context("opening the terminal")?;
    screen::watch(&events);
    let mut beside = Beside::new(Arc::clone(&index), contents, events);
    let done = plimsoll::tui::run(screen.terminal(), &mut explorer, &input, |terminal, request| match request {
        Request::Copy(text) => screen::copy(&text),
        Request::Suspend => screen::suspend(terminal),
        request => {
            beside.begin(request);
            Ok(())
        }
    });
    drop(screen);
    beside.end();
    done.context("drawing on the terminal")?;
    screen::end();
    Ok(status(&index, &args.source))
}

/// Refuses to begin where there is no terminal for screens and keys.
fn terminal(image: Option<&str>) -> Result<()> {
    let piped = image == Some("-");
    let why = if !std::io::stdout().is_terminal() {
        "standard output is none"
    } else if std::env::var_os("TERM").is_some_and(|name| name == "dumb") {
        "`TERM` is dumb"
    } else if !piped && !std::io::stdin().is_terminal() {
        "standard input, where keys come from, is none"
    } else if piped && !screen::has_keys() {
        "the image comes by standard input, and there is no /dev/tty for keys"
    } else {
        return Ok(());
    };
    let remedy = "`plimsoll tree IMAGE` and `plimsoll files IMAGE` print what is in it";
    Err(Error::Usage(format!("explore: a terminal is needed, and {why}; {remedy}")).into())
}

/// Reads the image; its contents too, if the source can be read again.
fn read(source: &Source) -> Result<(Index, Result<Contents, String>)> {
    let (options, reference) = reading(source)?;
    if let Some(image) = plimsoll::saved::open(&reference, &options)? {
        let why = "a saved analysis holds no file contents: name the image itself".to_owned();
        return Ok((Index::build(image, &options.limits)?, Err(why)));
    }
    let opened = open(&reference, &source.remote)?;
    let bar = Bar::new();
    let read = opened.contents_if_any(&options, &bar);
    bar.finish();
    let (image, contents) = read?;
    check_built(source, &image)?;
    Ok((Index::build(image, &options.limits)?, contents.map_err(|error| error.to_string())))
}
