//! What was typed and cannot be meant, told with what may have been: where the parser's own words lead astray.

use super::Cli;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use clap::{Command, CommandFactory, ValueEnum};
use clap_complete::Shell;
use std::ffi::OsString;

/// The parser's error, or a better one.
pub(crate) fn explained(error: Error, typed: &[OsString]) -> Error {
    match (error.kind(), typed.len()) {
        (ErrorKind::MissingRequiredArgument, 1) => Error::raw(
            ErrorKind::MissingRequiredArgument,
            "which image? Name one:\n\n    plimsoll python:3.12-slim\n    docker save app:latest | plimsoll -\n    plimsoll image.tar\n    \
             plimsoll build -t app .\n\nFor options and commands, try '--help'.\n",
        ),
        (ErrorKind::MissingRequiredArgument, _) if lacks(&error, "<SHELL>") => {
            Error::raw(ErrorKind::MissingRequiredArgument, which_shell())
        }
        (ErrorKind::ArgumentConflict, _) => match error.get(ContextKind::InvalidSubcommand) {
            Some(ContextValue::String(second)) => Error::raw(ErrorKind::ArgumentConflict, two_words(second, typed)),
            _ => error,
        },
        (ErrorKind::UnknownArgument, _) => unknown(error),
        _ => error,
    }
}

/// Whether an argument is missing that help calls so.
fn lacks(error: &Error, name: &str) -> bool {
    matches!(error.get(ContextKind::InvalidArg), Some(ContextValue::Strings(missing)) if missing.iter().any(|missing| missing == name))
}

fn which_shell() -> String {
    let shells = Shell::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let lines: Vec<String> = shells.map(|shell| format!("    plimsoll completions {}", shell.get_name())).collect();
    format!("which shell? Name one:\n\n{}\n\nFor more information, try '--help'.\n", lines.join("\n"))
}

/// Two words where one image is expected.
fn two_words(second: &str, typed: &[OsString]) -> String {
    let whole = Cli::command();
    let commands: Vec<&str> = whole.get_subcommands().map(Command::get_name).collect();
    let shown = second.escape_debug();
    if commands.contains(&second) {
        return format!("`{shown}` is a command, which comes first: `plimsoll {shown} IMAGE`\n");
    }
    let mut words = typed.iter().skip(1).map(|word| word.to_string_lossy());
    let first = words.find(|word| !word.starts_with('-')).unwrap_or_default();
    // What has a dot or a slash was meant as a file.
    let is_word = first.bytes().all(|byte| byte.is_ascii_alphabetic());
    match plimsoll::config::near(&first, commands.into_iter().filter(|_| is_word)).first() {
        Some(near) => format!("`{}` is no command; near it is `{near}`: `plimsoll {near} …`\n", first.escape_debug()),
        None => format!(
            "one image at a time, and `{shown}` is another; `plimsoll diff OLD NEW` holds two against each other, `plimsoll size` lists what several share\n"
        ),
    }
}

/// An option that there is not. An image's name never begins with a hyphen, so none is to be passed as a value.
fn unknown(mut error: Error) -> Error {
    let Some(ContextValue::String(name)) = error.get(ContextKind::InvalidArg) else { return error };
    let tip = match name.as_str() {
        "--json" | "-j" => Some("'--format json' prints the report, '--format dive-json' what dive writes"),
        "--ci" | "--ci-config" | "--lowestEfficiency" | "--highestWastedBytes" | "--highestUserWastedPercent" => {
            Some("'plimsoll check IMAGE' takes dive's rules, from .dive-ci too")
        }
        _ => None,
    };
    let tips = tip.map(StyledStr::from).into_iter().collect();
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(tips));
    error
}
