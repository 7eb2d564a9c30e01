//! How many: "2", "1 1/2", "two and a half", "a couple of", "2-3".

use super::token::{Kind, Token};

/// A count or a figure before a unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Quantity {
    pub(super) value: f64,
    /// The first token after it.
    pub(super) next: usize,
    /// Only "a" or "an": one of a countable thing, or just English.
    pub(super) article: bool,
}

/// Number words. Teach a new one here.
const WORDS: &[(&str, f64)] = &[
    ("one", 1.0),
    ("two", 2.0),
    ("three", 3.0),
    ("four", 4.0),
    ("five", 5.0),
    ("six", 6.0),
    ("seven", 7.0),
    ("eight", 8.0),
    ("nine", 9.0),
    ("ten", 10.0),
    ("eleven", 11.0),
    ("twelve", 12.0),
    ("fifteen", 15.0),
    ("twenty", 20.0),
    ("thirty", 30.0),
    ("forty", 40.0),
    ("fifty", 50.0),
    ("sixty", 60.0),
    ("hundred", 100.0),
    ("couple", 2.0),
    ("pair", 2.0),
    ("few", 3.0),
    ("several", 4.0),
    ("dozen", 12.0),
    ("single", 1.0),
];

const FRACTIONS: &[(&str, f64)] = &[
    ("half", 0.5),
    ("third", 1.0 / 3.0),
    ("thirds", 1.0 / 3.0),
    ("quarter", 0.25),
    ("quarters", 0.25),
    ("fourth", 0.25),
    ("eighth", 0.125),
];

fn listed(list: &[(&str, f64)], token: Option<&Token>) -> Option<f64> {
    let token = token.filter(|t| t.is_word())?;
    list.iter()
        .find(|(word, _)| *word == token.said)
        .map(|(_, value)| *value)
}

/// "two", "half", "couple".
pub(super) fn is_number_word(said: &str) -> bool {
    WORDS.iter().chain(FRACTIONS).any(|(word, _)| *word == said)
}

fn is(tokens: &[Token], at: usize, words: &[&str]) -> bool {
    tokens.get(at).is_some_and(|t| words.iter().any(|w| t.is(w)))
}

/// The quantity that begins at `at`.
pub(super) fn quantity(tokens: &[Token], at: usize) -> Option<Quantity> {
    let first = simple(tokens, at)?;
    let mut found = first;
    // "2-3", "2 to 3", "one or two": the middle.
    let joins = tokens.get(found.next).is_some_and(|t| t.kind == Kind::Dash) || is(tokens, found.next, &["to", "or"]);
    if joins
        && !found.article
        && let Some(second) = simple(tokens, found.next + 1)
    {
        if second.value > found.value && !second.article {
            found = Quantity {
                value: (found.value + second.value) / 2.0,
                ..second
            };
        } else if second.value < 1.0 && tokens[found.next].kind == Kind::Dash {
            found = Quantity {
                value: found.value + second.value,
                ..second
            };
        }
    }
    // "2 x 100 g", "two 4 oz jars": so many of that much.
    let times = is(tokens, found.next, &["x", "times"]);
    let after = found.next + usize::from(times);
    if !found.article
        && let Some(each) = figure(tokens, after)
    {
        return Some(Quantity {
            value: found.value * each.value,
            ..each
        });
    }
    if times {
        found.next = after;
    }
    Some(found)
}

/// A quantity without ranges and products.
fn simple(tokens: &[Token], at: usize) -> Option<Quantity> {
    if let Some(figure) = figure(tokens, at) {
        return Some(and_a_half(tokens, figure));
    }
    // "x2"
    if is(tokens, at, &["x"]) && tokens.get(at + 1).is_some_and(|t| t.glued) {
        return figure(tokens, at + 1);
    }
    // "most of a banana"
    if is(tokens, at, &["most"]) && is(tokens, at + 1, &["of"]) {
        const MOST: f64 = 0.8;
        return Some(Quantity {
            value: MOST,
            next: at + 2 + usize::from(is(tokens, at + 2, &["a", "an", "the", "one", "his", "her", "their"])),
            article: false,
        });
    }
    let article = is(tokens, at, &["a", "an", "another"]);
    let from = at + usize::from(article);
    if let Some(part) = listed(FRACTIONS, tokens.get(from)) {
        // "quarters" alone is how it was cut.
        if tokens[from].said.ends_with('s') {
            return None;
        }
        let mut next = from + 1;
        let dozen = is(tokens, next + usize::from(is(tokens, next, &["a"])), &["dozen"]);
        while is(tokens, next, &["a", "an", "of", "the", "one", "dozen"]) {
            next += 1;
        }
        return Some(Quantity {
            value: if dozen { part * 12.0 } else { part },
            next,
            article: false,
        });
    }
    if let Some(count) = listed(WORDS, tokens.get(from)) {
        let mut found = Quantity {
            value: count,
            next: from + 1,
            article: false,
        };
        // "three quarters of", "two thirds"
        if let Some(part) = listed(FRACTIONS, tokens.get(found.next)) {
            found.value *= part;
            found.next += 1;
        } else if is(tokens, found.next, &["dozen", "hundred"]) {
            found.value *= listed(WORDS, tokens.get(found.next)).unwrap_or(1.0);
            found.next += 1;
        }
        found = and_a_half(tokens, found);
        while is(tokens, found.next, &["of", "more"]) {
            found.next += 1;
        }
        return Some(found);
    }
    article.then_some(Quantity {
        value: 1.0,
        next: at + 1,
        article: true,
    })
}

/// Digits: "2", "1/2", "1 1/2", "1½".
fn figure(tokens: &[Token], at: usize) -> Option<Quantity> {
    let (whole, mut next) = over(tokens, at)?;
    let mut value = whole;
    if let Some((part, after)) = over(tokens, next)
        && part < 1.0
        && value >= 1.0
        && value.fract() == 0.0
    {
        value += part;
        next = after;
    }
    Some(Quantity {
        value,
        next,
        article: false,
    })
}

/// A number, or one over another.
fn over(tokens: &[Token], at: usize) -> Option<(f64, usize)> {
    let number = tokens.get(at)?.number()?;
    let below = tokens
        .get(at + 1)
        .filter(|t| t.kind == Kind::Slash)
        .and_then(|_| tokens.get(at + 2)?.number());
    Some(match below {
        Some(below) if below > 0.0 => (number / below, at + 3),
        _ => (number, at + 1),
    })
}

/// "two and a half", "1 and 1/2", "one and three quarters"
fn and_a_half(tokens: &[Token], found: Quantity) -> Quantity {
    if !is(tokens, found.next, &["and", "n"]) {
        return found;
    }
    let at = found.next + 1 + usize::from(is(tokens, found.next + 1, &["a"]));
    if let Some(part) = listed(FRACTIONS, tokens.get(at)) {
        // "one and half an apple" is one of something and half an apple.
        if !is(tokens, at + 1, &["a", "an", "of"]) {
            return Quantity {
                value: found.value + part,
                next: at + 1,
                article: false,
            };
        }
    }
    match over(tokens, found.next + 1) {
        Some((part, next)) if part < 1.0 => Quantity {
            value: found.value + part,
            next,
            article: false,
        },
        _ => found,
    }
}

/// A count as a parent would write it: "1/2", "2", "1 1/2", "0.3".
pub(super) fn written(value: f64) -> String {
    const PARTS: [(f64, &str); 7] = [
        (0.5, "1/2"),
        (0.25, "1/4"),
        (0.75, "3/4"),
        (1.0 / 3.0, "1/3"),
        (2.0 / 3.0, "2/3"),
        (0.125, "1/8"),
        (0.2, "1/5"),
    ];
    let whole = value.trunc();
    let rest = value - whole;
    match PARTS.iter().find(|(part, _)| (rest - part).abs() < 0.005) {
        Some((_, part)) if whole == 0.0 => (*part).to_owned(),
        Some((_, part)) if whole < 10.0 => format!("{whole} {part}"),
        _ => crate::nutrient::round(value, 2).to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::token::tokens;

    #[test]
    fn amounts_in_digits_words_and_fractions() {
        for (text, value) in [
            ("2", 2.0),
            ("1.5", 1.5),
            ("1/2", 0.5),
            ("½", 0.5),
            ("1 1/2", 1.5),
            ("1½", 1.5),
            ("1-1/2", 1.5),
            ("two", 2.0),
            ("half a", 0.5),
            ("half of a", 0.5),
            ("a half", 0.5),
            ("a quarter of a", 0.25),
            ("three quarters of", 0.75),
            ("two thirds of", 2.0 / 3.0),
            ("a couple of", 2.0),
            ("a few", 3.0),
            ("two and a half", 2.5),
            ("2 and a half", 2.5),
            ("a dozen", 12.0),
            ("half a dozen", 6.0),
            ("two dozen", 24.0),
            ("2-3", 2.5),
            ("2–3", 2.5),
            ("2 to 4", 3.0),
            ("one or two", 1.5),
            ("x2", 2.0),
            ("2 x", 2.0),
            ("2 x 100", 200.0),
            ("two 4", 8.0),
            ("a", 1.0),
        ] {
            let tokens = tokens(text, 20);
            let found = quantity(&tokens, 0).unwrap_or_else(|| panic!("{text}"));
            assert!((found.value - value).abs() < 1e-9, "{text}: {}", found.value);
            assert_eq!(found.next, tokens.len(), "{text}");
        }
        for text in ["banana", "quarters", "of", ""] {
            assert_eq!(quantity(&tokens(text, 20), 0), None, "{text}");
        }
    }

    #[test]
    fn counts_are_written_as_parents_write_them() {
        for (value, text) in [
            (0.5, "1/2"),
            (1.5, "1 1/2"),
            (2.0, "2"),
            (2.0 / 3.0, "2/3"),
            (0.3, "0.3"),
            (16.9, "16.9"),
        ] {
            assert_eq!(written(value), text);
        }
    }
}
