//! How words are compared: lower case, without accents, in the singular, and in the
//! spelling of the food table (which is American).

/// Spellings and words that mean the same food word for word. Sorted by the first.
/// Words for whole foods belong in `data/aliases.csv`.
const SPELLINGS: &[(&str, &str)] = &[
    ("aubergine", "eggplant"),
    ("avo", "avocado"),
    ("bbq", "barbecue"),
    ("beetroot", "beet"),
    ("brocoli", "broccoli"),
    ("brocolli", "broccoli"),
    ("choc", "chocolate"),
    ("courgette", "zucchini"),
    ("donut", "doughnut"),
    ("fibre", "fiber"),
    ("fromage", "cheese"),
    ("garbanzo", "chickpea"),
    ("houmous", "hummus"),
    ("houmus", "hummus"),
    ("humous", "hummus"),
    ("humus", "hummus"),
    ("maccaroni", "macaroni"),
    ("maize", "corn"),
    ("nana", "banana"),
    ("omelet", "omelette"),
    ("pitta", "pita"),
    ("prawn", "shrimp"),
    ("rocket", "arugula"),
    ("satsuma", "tangerine"),
    ("skim", "nonfat"),
    ("skimmed", "nonfat"),
    ("swede", "rutabaga"),
    ("sweetcorn", "corn"),
    ("veg", "vegetable"),
    ("veggie", "vegetable"),
    ("yog", "yogurt"),
    ("yoghourt", "yogurt"),
    ("yoghurt", "yogurt"),
];

/// Plurals that no rule finds.
const PLURALS: &[(&str, &str)] = &[
    ("calves", "calf"),
    ("children", "child"),
    ("halves", "half"),
    ("knives", "knife"),
    ("leaves", "leaf"),
    ("loaves", "loaf"),
];

/// The words of `text` as they are compared, in order.
///
/// A word is a run of letters and digits, with a percent sign or an apostrophe inside
/// it; `low-fat` and `low fat` are two words, `2%` and `don't` are one each.
pub(crate) fn words(text: &str) -> Vec<String> {
    raw(text).map(compared).collect()
}

/// The words of `text` as they are written, apostrophes and all.
pub(crate) fn raw(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || matches!(c, '%' | '\'' | '’') || is_accent(c)))
        .filter(|word| word.chars().any(|c| c.is_alphanumeric() || c == '%'))
}

/// A word as it is compared.
pub(crate) fn compared(raw: &str) -> String {
    let mut word = String::with_capacity(raw.len());
    for c in raw.chars().filter(|c| !matches!(c, '\'' | '’')) {
        push_folded(&mut word, c);
    }
    normal(&word)
}

/// A mark that joins the letter before it.
pub(crate) const fn is_accent(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}')
}

/// Adds `c` in lower case and without its accent.
pub(crate) fn push_folded(word: &mut String, c: char) {
    if c.is_ascii() {
        word.push(c.to_ascii_lowercase());
        return;
    }
    for c in c.to_lowercase() {
        match c {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => word.push('a'),
            'ç' => word.push('c'),
            'è' | 'é' | 'ê' | 'ë' => word.push('e'),
            'ì' | 'í' | 'î' | 'ï' => word.push('i'),
            'ñ' => word.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' => word.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => word.push('u'),
            'ß' => word.push_str("ss"),
            'æ' => word.push_str("ae"),
            'œ' => word.push_str("oe"),
            c if is_accent(c) => {}
            c => word.push(c),
        }
    }
}

/// The form in which a folded word is compared: singular, in the table's spelling.
pub(crate) fn normal(word: &str) -> String {
    let singular = singular(word);
    let spelt = |said: &str| SPELLINGS.binary_search_by(|(known, _)| (*known).cmp(said)).ok();
    match spelt(&singular) {
        Some(at) => SPELLINGS[at].1.to_owned(),
        None => singular,
    }
}

/// The singular of an English noun, by its ending. Not always a word ("cookie" and
/// "cookies" both become "cooky"), but the same for both forms.
fn singular(word: &str) -> String {
    if let Some((_, one)) = PLURALS.iter().find(|(many, _)| *many == word) {
        return (*one).to_owned();
    }
    let cut = |by: usize| word[..word.len() - by].to_owned();
    if !word.is_ascii() || word.len() < 3 {
        word.to_owned()
    } else if word.len() > 4 && word.ends_with("ies") {
        cut(3) + "y"
    } else if word.len() > 4 && word.ends_with("ie") {
        cut(2) + "y"
    } else if ["ches", "shes", "sses", "xes", "zzes", "oes"]
        .iter()
        .any(|end| word.len() > 4 && word.ends_with(end))
    {
        cut(2)
    } else if ["ss", "us", "is", "ous"].iter().any(|end| word.ends_with(end)) || !word.ends_with('s') {
        word.to_owned()
    } else {
        cut(1)
    }
}

/// Whether the words are one slip of the finger apart: a letter wrong, missing, too
/// many, or two swapped.
pub(crate) fn one_slip_apart(typed: &str, word: &str) -> bool {
    let (a, b) = (typed.as_bytes(), word.as_bytes());
    let same_start = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[same_start..], &b[same_start..]);
    match (a.len(), b.len()) {
        (0, 0) => false,
        (n, m) if n == m => a[1..] == b[1..] || (n > 1 && a[0] == b[1] && a[1] == b[0] && a[2..] == b[2..]),
        (n, m) if n == m + 1 => a[1..] == *b,
        (n, m) if n + 1 == m => *a == b[1..],
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn singular_and_plural_compare_alike() {
        for (one, many) in [
            ("berry", "berries"),
            ("cookie", "cookies"),
            ("pie", "pies"),
            ("peach", "peaches"),
            ("potato", "potatoes"),
            ("radish", "radishes"),
            ("leaf", "leaves"),
            ("egg", "eggs"),
            ("pea", "peas"),
            ("cheese", "cheeses"),
            ("box", "boxes"),
            ("sausage", "sausages"),
            ("olive", "olives"),
            ("sandwich", "sandwiches"),
        ] {
            assert_eq!(normal(one), normal(many));
        }
        for word in ["hummus", "asparagus", "swiss", "couscous", "as"] {
            assert_eq!(normal(word), word);
        }
    }

    #[test]
    fn words_are_folded_and_split_at_hyphens() {
        assert_eq!(
            words("Low-fat CRÈME fraîche, 2% milk"),
            ["low", "fat", "creme", "fraiche", "2%", "milk"]
        );
        assert_eq!(words("Wendy's"), words("wendys"));
        assert_eq!(words("שלום 🍌 1/2"), ["שלום", "1", "2"]);
        assert_eq!(words("yoghurts"), ["yogurt"]);
    }

    #[test]
    fn spellings_are_sorted_to_be_found() {
        assert!(SPELLINGS.is_sorted_by(|a, b| a.0 < b.0));
    }

    #[test]
    fn one_slip_is_one_slip() {
        for typed in ["banan", "bananna", "bannaa", "bxnana", "abnana"] {
            assert!(one_slip_apart(typed, "banana"), "{typed}");
        }
        for typed in ["banana", "bonono", "ban", "", "nabana"] {
            assert!(!one_slip_apart(typed, "banana"), "{typed}");
        }
    }
}
