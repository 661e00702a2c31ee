//! The only place where a number of bytes becomes text for people.

/// How byte counts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Powers of 1000, as `docker images` writes them: kB, MB, GB.
    #[default]
    Si,
    /// Powers of 1024: KiB, MiB, GiB.
    Iec,
    /// Whole bytes, in groups of three digits.
    Bytes,
}

/// A size with its unit: three significant digits, or all of them.
pub fn size(bytes: u64, unit: Unit) -> String {
    let (step, units) = match unit {
        Unit::Si => (1000, ["kB", "MB", "GB", "TB", "PB", "EB"]),
        Unit::Iec => (1024, ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]),
        Unit::Bytes => return format!("{} B", count(bytes)),
    };
    if bytes < step {
        return format!("{bytes} B");
    }
    // Integer arithmetic: rounding is exact, and what rounds up to 1000 kB is 1.00 MB.
    let rounded = |digits: u32, divisor: u128| (u128::from(bytes) * 10u128.pow(digits) + divisor / 2) / divisor;
    let mut divisor = u128::from(step);
    let mut unit = units[0];
    for next in &units[1..] {
        if rounded(0, divisor) < u128::from(step) {
            break;
        }
        divisor *= u128::from(step);
        unit = next;
    }
    match (rounded(2, divisor), rounded(1, divisor)) {
        (hundredths, _) if hundredths < 1000 => format!("{}.{:02} {unit}", hundredths / 100, hundredths % 100),
        (_, tenths) if tenths < 1000 => format!("{}.{} {unit}", tenths / 10, tenths % 10),
        _ => format!("{} {unit}", rounded(0, divisor)),
    }
}

/// A change of a size: always with its sign, the minus being the typographic one.
pub fn signed(bytes: i64, unit: Unit) -> String {
    let sign = match bytes {
        0 => "",
        1.. => "+",
        _ => "−",
    };
    format!("{sign}{}", size(bytes.unsigned_abs(), unit))
}

/// What a change is in percent of what was before; none where that says nothing: no change, or one of ten times as much and more.
pub fn change(bytes: i64, before: u64) -> Option<String> {
    let sign = if bytes < 0 { "−" } else { "+" };
    (bytes != 0 && before > 0 && bytes.unsigned_abs() / 10 < before).then(|| format!("{sign}{}", percent(bytes.unsigned_abs(), before)))
}

/// A number in groups of three digits.
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A number with its noun.
pub fn plural(number: u64, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{} {many}", count(number)) }
}

/// A share in percent with one decimal; 0 of nothing.
pub fn percent(part: u64, whole: u64) -> String {
    if whole == 0 {
        return "0 %".to_owned();
    }
    let tenths = (u128::from(part) * 1000 + u128::from(whole) / 2) / u128::from(whole);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

/// Parses `300`, `300 kB`, `1.5GB`, `20MiB`.
pub fn parse(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" => 1000,
        "m" | "mb" => 1_000_000,
        "g" | "gb" => 1_000_000_000,
        "t" | "tb" => 1_000_000_000_000,
        "ki" | "kib" => 1 << 10,
        "mi" | "mib" => 1 << 20,
        "gi" | "gib" => 1 << 30,
        "ti" | "tib" => 1 << 40,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let scale = 10u128.pow(fraction.len() as u32);
    let digits = u128::from(whole.parse::<u64>().ok()?) * scale + if fraction.is_empty() { 0 } else { fraction.parse::<u128>().ok()? };
    u64::try_from(digits * u128::from(factor) / scale).ok()
}

/// A number below 1,000 without a unit, but for none at all: who types it means no bytes.
///
/// ```
/// use plimsoll::render::size::without_unit;
/// assert_eq!(without_unit(" 300 "), Some("300"));
/// assert_eq!((without_unit("300B"), without_unit("0"), without_unit("5000")), (None, None, None));
/// ```
pub fn without_unit(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (is_number && text.bytes().any(|byte| matches!(byte, b'1'..=b'9')) && parse(text)? < 1000).then_some(text)
}

/// What is asked of who typed one.
pub fn ask_unit(number: &str) -> String {
    format!("{number} what? Write {number}MB, or {number}B for bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_significant_digits() {
        let si = |bytes| size(bytes, Unit::Si);
        assert_eq!(si(0), "0 B");
        assert_eq!(si(999), "999 B");
        assert_eq!(si(1000), "1.00 kB");
        assert_eq!(si(9_994), "9.99 kB");
        assert_eq!(si(9_995), "10.0 kB");
        assert_eq!(si(99_949), "99.9 kB");
        assert_eq!(si(99_950), "100 kB");
        assert_eq!(si(999_499), "999 kB");
        assert_eq!(si(999_500), "1.00 MB");
        assert_eq!(si(1_381_520_974), "1.38 GB");
        assert_eq!(si(u64::MAX), "18.4 EB");
        assert_eq!(size(1 << 20, Unit::Iec), "1.00 MiB");
        assert_eq!(size(1_048_575, Unit::Iec), "1.00 MiB");
        assert_eq!(size(1_381_520_974, Unit::Bytes), "1,381,520,974 B");
    }

    #[test]
    fn changes_have_signs() {
        assert_eq!(signed(0, Unit::Si), "0 B");
        assert_eq!(signed(1500, Unit::Si), "+1.50 kB");
        assert_eq!(signed(i64::MIN, Unit::Bytes), "−9,223,372,036,854,775,808 B");
        assert_eq!(change(5, 0), None);
        assert_eq!(change(100, 10), None);
        assert_eq!(change(-5, 10).as_deref(), Some("−50.0 %"));
    }

    #[test]
    fn sizes_people_type() {
        assert_eq!(parse("300"), Some(300));
        assert_eq!(parse("1.5 GB"), Some(1_500_000_000));
        assert_eq!(parse("20MiB"), Some(20 << 20));
        assert_eq!(parse("10 parsecs"), None);
        assert_eq!(parse(".5kB"), None);
    }
}
