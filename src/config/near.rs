//! What somebody may have meant.

/// Names that are much like `name`, or have a part of it, the likeliest first; a few at most.
pub fn near<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    const MOST: usize = 4;
    // A typing error or two; more in what is long.
    let far = 2 + name.len() / 8;
    let offence = |id: &str| id.rsplit('/').next().unwrap_or_default().to_owned();
    let score = |id: &str| {
        let away = distance(name, id).min(distance(name, &offence(id)) + 1);
        let away = if id.split('/').any(|part| part == name) { away.min(1) } else { away };
        let shared = id.split('/').any(|part| part.len() > 2 && name.split('/').any(|own| own == part));
        if away <= far { Some(away) } else { shared.then_some(far + 1 + away) }
    };
    let mut found: Vec<(usize, &str)> = known.filter_map(|id| Some((score(id)?, id))).collect();
    found.sort_unstable();
    found.dedup();
    // Beside a likely one the others are noise.
    let best = found.first().map_or(0, |(score, _)| *score);
    found.retain(|(score, _)| *score <= best + 1);
    found.into_iter().take(MOST).map(|(_, id)| id).collect()
}

/// How many letters must be changed, added or left out (Levenshtein). Names here are short.
fn distance(a: &str, b: &str) -> usize {
    const LONG: usize = 100;
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().take(LONG).collect(), b.chars().take(LONG).collect());
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let next = (corner + usize::from(from != to)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let known = ["apt/lists", "apt/archives", "pip/cache", "npm/cache", "layer/deleted"];
        assert_eq!(near("apt/list", known.into_iter()), ["apt/lists"]);
        assert_eq!(near("lists", known.into_iter()), ["apt/lists"]);
        assert_eq!(near("cache", known.into_iter()), ["npm/cache", "pip/cache"]);
        assert_eq!(near("apt", known.into_iter().chain(["log/app"])), ["apt/archives", "apt/lists", "log/app"]);
        assert!(near("wholly/else", known.into_iter()).is_empty());
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
