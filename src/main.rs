//! `plimsoll`: parse, run, exit. See the library for everything else.

mod cli;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run::run(cli::Cli::parse()) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            cli::run::message(&format!("plimsoll: {}", plimsoll::text::escaped_lines(&format!("{error:#}"))));
            ExitCode::from(error.downcast_ref::<plimsoll::Error>().map_or(3, plimsoll::Error::exit_code))
        }
    }
}
