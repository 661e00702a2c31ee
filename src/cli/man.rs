//! The man page, and what it shares with the help: what holds for all commands.

use super::Cli;
use clap::CommandFactory;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use std::io::Write;

/// What the exit status means.
const EXIT_STATUS: &str = "0 done, whatever was found; 1 `plimsoll check`: a budget fails; 2 wrong usage, or several images to choose \
    from; 3 the input is missing, broken or not what its digests say; 4 a registry or engine cannot be reached or refuses; 5 \
    incomplete: a blob is not in the source or a limit was reached. `plimsoll build` ends with the engine's own where a build fails.";

/// What comes after all options of the long help.
pub(crate) fn closing() -> String {
    format!("Limits (--limit NAME=VALUE), with what they are by default: {}.\n\nExit status: {EXIT_STATUS}", limits())
}

fn limits() -> String {
    plimsoll::Limits::default().list().iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
}

/// The man page, made from the same definition as the help: the default command, then each other with its closing
/// remarks, then what holds for all.
pub(crate) fn man(mut out: &mut dyn Write) -> std::io::Result<()> {
    let mut whole = Cli::command();
    whole.build();
    let out = &mut out;
    let man = Man::new(whole.clone());
    man.render_title(out)?;
    man.render_name_section(out)?;
    man.render_synopsis_section(out)?;
    man.render_description_section(out)?;
    man.render_options_section(out)?;
    man.render_subcommands_section(out)?;
    let commands = whole
        .get_subcommands()
        .filter(|command| command.get_name() != "help")
        .flat_map(|command| std::iter::once(command).chain(command.get_subcommands()));
    for command in commands {
        let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
        writeln!(out, ".SH \"{}\"", name.to_uppercase())?;
        let man = Man::new(command.clone());
        man.render_synopsis_section(out)?;
        man.render_description_section(out)?;
        man.render_options_section(out)?;
        if let Some(remarks) = command.get_after_long_help() {
            Roff::new().control("PP", []).text([roman(remarks.to_string())]).to_writer(out)?;
        }
    }
    for (title, text) in [("LIMITS", format!("By default: {}.", limits())), ("EXIT STATUS", EXIT_STATUS.to_owned())] {
        Roff::new().control("SH", [title]).text([roman(text)]).to_writer(out)?;
    }
    Man::new(whole).render_version_section(out)
}
