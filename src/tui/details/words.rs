//! Times and modes as people read them.

use crate::index::Placed;
use crate::layer::EntryKind;

/// A time in UTC; as a number where no calendar has it.
pub(super) fn time(mtime: i64) -> String {
    const YEAR_10000: u64 = 253_402_300_800;
    match u64::try_from(mtime) {
        Ok(seconds) if seconds < YEAR_10000 => {
            let of_day = seconds % 86_400;
            let date = crate::config::Date::of_unix(seconds);
            format!("{date} {:02}:{:02}:{:02} UTC", of_day / 3600, of_day / 60 % 60, of_day % 60)
        }
        _ => format!("{mtime} seconds since 1970"),
    }
}

/// Kind and permissions as `ls -l` writes them.
pub(in super::super) fn mode(placed: &Placed<'_>) -> String {
    let kind = match placed.entry.kind {
        EntryKind::Directory => 'd',
        EntryKind::Symlink => 'l',
        EntryKind::Special => match placed.entry.typeflag {
            b'3' => 'c',
            b'4' => 'b',
            b'6' => 'p',
            _ => '?',
        },
        _ => '-',
    };
    let mode = placed.entry.mode;
    let bit = |at: u16, sign: char| if mode & at == 0 { '-' } else { sign };
    // Set-id and sticky bits stand where the right to execute does; in capitals where there is none.
    let execute = |special: u16, at: u16, sign: char| match (mode & special != 0, mode & at != 0) {
        (true, true) => sign,
        (true, false) => sign.to_ascii_uppercase(),
        (false, true) => 'x',
        (false, false) => '-',
    };
    let signs = [
        kind,
        bit(0o400, 'r'),
        bit(0o200, 'w'),
        execute(0o4000, 0o100, 's'),
        bit(0o40, 'r'),
        bit(0o20, 'w'),
        execute(0o2000, 0o10, 's'),
        bit(0o4, 'r'),
        bit(0o2, 'w'),
        execute(0o1000, 0o1, 't'),
    ];
    signs.into_iter().collect()
}
