//! `plimsoll`: parse, run, exit. See the library for everything else.

mod cli;

use cli::plugin::{self, Call};
use std::process::ExitCode;

fn main() -> ExitCode {
    match plugin::call(std::env::args_os().collect()).and_then(carry_out) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            cli::run::message(&format!("plimsoll: {}", plimsoll::text::escaped_lines(&format!("{error:#}"))));
            ExitCode::from(error.downcast_ref::<plimsoll::Error>().map_or(3, plimsoll::Error::exit_code))
        }
    }
}

fn carry_out(call: Call) -> anyhow::Result<u8> {
    match call {
        Call::Line(cli) => cli::run::run(*cli),
        Call::Metadata => cli::run::with_output(None, |out| Ok(plugin::metadata(out)?)),
    }
}
