//! Values of arguments, read.

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
pub(super) fn theme() -> impl clap::builder::TypedValueParser<Value = MaybeTheme> {
    use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser as _};
    use plimsoll::tui::Theme;
    let names = Theme::ALL.into_iter().map(|theme| PossibleValue::new(theme.name()));
    let unset = std::iter::once(PossibleValue::new("").hide(true));
    PossibleValuesParser::new(names.chain(unset)).map(|name| Theme::named(&name))
}

pub(super) fn cause(text: &str) -> Result<plimsoll::index::Cause, String> {
    let all = plimsoll::index::Cause::ALL;
    all.into_iter()
        .find(|cause| cause.name() == text.replace('-', "_"))
        .ok_or_else(|| format!("expected one of {}", all.map(plimsoll::index::Cause::name).join(", ")))
}

pub(super) fn kind(text: &str) -> Result<plimsoll::layer::EntryKind, String> {
    use plimsoll::layer::EntryKind::{Directory, File, Hardlink, Opaque, Special, Symlink, Whiteout};
    let all = [File, Directory, Symlink, Hardlink, Whiteout, Opaque, Special];
    all.into_iter()
        .find(|kind| kind.name() == text)
        .ok_or_else(|| format!("expected one of {}", all.map(plimsoll::layer::EntryKind::name).join(", ")))
}

pub(in crate::cli) fn key(text: &str) -> Result<plimsoll::breakdown::Key, String> {
    let all = plimsoll::breakdown::Key::ALL;
    all.into_iter()
        .find(|key| key.name() == text.trim())
        .ok_or_else(|| format!("expected one of {}", all.map(plimsoll::breakdown::Key::name).join(", ")))
}

pub(super) fn ecosystem(text: &str) -> Result<plimsoll::facts::Ecosystem, String> {
    let all = plimsoll::facts::Ecosystem::ALL;
    all.into_iter()
        .find(|ecosystem| ecosystem.name() == text)
        .ok_or_else(|| format!("expected one of {}", all.map(plimsoll::facts::Ecosystem::name).join(", ")))
}

pub(super) fn package(text: &str) -> Result<(plimsoll::facts::Ecosystem, String), String> {
    let (kind, name) = text.split_once(':').ok_or_else(|| "expected ECOSYSTEM:NAME, such as deb:gcc-12".to_owned())?;
    Ok((ecosystem(kind)?, name.to_owned()))
}
