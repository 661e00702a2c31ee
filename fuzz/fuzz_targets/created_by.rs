//! History rows: free text from strangers, read without failing.
//!
//! The input is a control byte, then rows divided by `\x1e`, their fields by `\x1f`: created_by,
//! created, comment, author. A row whose created_by begins with `!` made no layer.

#![no_main]

use libfuzzer_sys::fuzz_target;
use plimsoll::history::{Alignment, Confidence, HistoryRow, Instruction, guess_base, pair};

fuzz_target!(|data: &[u8]| {
    let Some((&control, rest)) = data.split_first() else { return };
    // Repetition shows what takes more than linear time.
    let text = String::from_utf8_lossy(rest).repeat(if control & 0x80 == 0 { 1 } else { 16 });
    let history: Vec<HistoryRow> = text.split('\x1e').map(row).collect();
    for row in &history {
        instruction(row);
    }

    let made = history.iter().filter(|row| !row.empty_layer).count();
    let layers = (made + usize::from(control & 7)).saturating_sub(usize::from(control >> 3 & 7));
    let pairing = pair(&history, layers);
    assert_eq!(pairing.rows.len(), layers);
    assert_eq!(pairing.mismatch.is_none(), made == layers);
    let rows: Vec<usize> = pairing.rows.iter().flatten().copied().collect();
    assert!(rows.is_sorted_by(|a, b| a < b), "rows are paired in order, each once: {rows:?}");
    assert!(rows.iter().all(|row| !history[*row].empty_layer));
    let unknown = pairing.mismatch.is_some_and(|mismatch| mismatch.how == Alignment::Unknown);
    assert_eq!(rows.len(), if unknown { 0 } else { layers });
    if let Some(mismatch) = &pairing.mismatch {
        assert!(!mismatch.to_string().is_empty());
    }
    if let Some(guess) = guess_base(&history, &pairing) {
        assert!(guess.layers >= 1 && guess.layers < layers, "{} of {layers} layers are the base", guess.layers);
        assert!(!guess.evidence.is_empty() && !unknown);
        assert!(pairing.mismatch.is_none() || guess.confidence == Confidence::Weak);
    }
});

fn row(text: &str) -> HistoryRow {
    let mut fields = text.split('\x1f').map(|field| Some(field.to_owned()).filter(|field| !field.is_empty()));
    let mut next = || fields.next().flatten();
    let (created_by, created, comment, author) = (next(), next(), next(), next());
    let empty_layer = created_by.as_ref().is_some_and(|by| by.starts_with('!'));
    let created_by = created_by.map(|by| by.strip_prefix('!').map(str::to_owned).unwrap_or(by));
    HistoryRow { created, created_by, comment, author, empty_layer }
}

fn instruction(row: &HistoryRow) {
    let made = Instruction::parse(row);
    assert_eq!(made.raw, row.created_by.clone().unwrap_or_default());
    assert!(!made.text.contains('\n'), "the text has one line: {:?}", made.text);
    assert_eq!(made.text.trim(), made.text);
    assert!(made.text.starts_with(made.verb.as_str()));
}
