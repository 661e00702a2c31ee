//! Values of arguments, read.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use plimsoll::facts::Ecosystem;

pub(super) fn size(text: &str) -> Result<u64, String> {
    plimsoll::render::size::parse(text).ok_or_else(|| "expected a size such as 500, 10kB or 1.5MiB".to_owned())
}

pub(super) fn pair(text: &str) -> Result<(String, String), String> {
    let (left, right) =
        text.split_once('=').filter(|(left, right)| !left.is_empty() && !right.is_empty()).ok_or("expected REGISTRY=HOST")?;
    Ok((left.to_owned(), right.to_owned()))
}

/// A theme, if one was named. Under this name, for an option's parser takes `Option` for the option itself.
#[cfg(feature = "tui")]
pub(super) type MaybeTheme = Option<plimsoll::tui::Theme>;

/// Names of themes, as completions and help list them; an empty variable is one that is not set.
#[cfg(feature = "tui")]
pub(super) fn theme() -> impl TypedValueParser<Value = MaybeTheme> {
    use plimsoll::tui::Theme;
    let names = Theme::ALL.into_iter().map(|theme| PossibleValue::new(theme.name()));
    let unset = std::iter::once(PossibleValue::new("").hide(true));
    PossibleValuesParser::new(names.chain(unset)).map(|name| Theme::named(&name))
}

/// One of a list of names, which completions list and messages show.
fn one_of<T: Copy + Send + Sync + 'static>(all: impl IntoIterator<Item = (&'static str, T)>) -> impl TypedValueParser<Value = T> {
    let all: Vec<(&str, T)> = all.into_iter().collect();
    // Words are joined with `_` in JSON, with `-` on command lines.
    let names = all.iter().map(|(name, _)| PossibleValue::new(*name).alias(name.replace('_', "-")));
    PossibleValuesParser::new(names).try_map(move |typed| {
        let found = all.iter().find(|(name, _)| *name == typed || name.replace('_', "-") == typed);
        found.map(|(_, value)| *value).ok_or("expected one of these")
    })
}

pub(super) fn cause() -> impl TypedValueParser<Value = plimsoll::index::Cause> {
    one_of(plimsoll::index::Cause::ALL.map(|cause| (cause.name(), cause)))
}

pub(super) fn kind() -> impl TypedValueParser<Value = plimsoll::layer::EntryKind> {
    use plimsoll::layer::EntryKind::{Directory, File, Hardlink, Opaque, Special, Symlink, Whiteout};
    one_of([File, Directory, Symlink, Hardlink, Whiteout, Opaque, Special].map(|kind| (kind.name(), kind)))
}

pub(in crate::cli) fn key() -> impl TypedValueParser<Value = plimsoll::breakdown::Key> {
    one_of(plimsoll::breakdown::Key::ALL.map(|key| (key.name(), key)))
}

pub(super) fn ecosystem() -> impl TypedValueParser<Value = Ecosystem> {
    one_of(Ecosystem::ALL.map(|ecosystem| (ecosystem.name(), ecosystem)))
}

pub(super) fn package(text: &str) -> Result<(Ecosystem, String), String> {
    let (kind, name) = text.split_once(':').ok_or_else(|| "expected ECOSYSTEM:NAME, such as deb:gcc-12".to_owned())?;
    let ecosystem = Ecosystem::ALL.into_iter().find(|ecosystem| ecosystem.name() == kind);
    let ecosystem = ecosystem.ok_or_else(|| format!("expected one of {}", Ecosystem::ALL.map(Ecosystem::name).join(", ")))?;
    Ok((ecosystem, name.to_owned()))
}
