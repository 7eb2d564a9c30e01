//! Words, numbers and marks of a typed meal.

use super::{filler, number};
use crate::food::word;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Word,
    Number(f64),
    Comma,
    /// The end of a sentence or line.
    Stop,
    /// `+` or `&`.
    Plus,
    Slash,
    Dash,
    Open,
    Close,
}

/// A piece of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// In lower case without accents, as said: "quarters".
    pub(super) said: String,
    /// As compared: "quarter".
    pub(super) word: String,
    /// Where it is in the text, in bytes.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Nothing stands between it and the token before: the `g` of `78g`.
    pub(super) glued: bool,
}

impl Token {
    pub(super) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.said == word
    }

    pub(super) const fn number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }

    pub(super) fn is_word(&self) -> bool {
        self.kind == Kind::Word
    }
}

/// The tokens of `text`, at most `most`: what comes after is not read.
pub(super) fn tokens(text: &str, most: usize) -> Vec<Token> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    let mut tokens: Vec<Token> = Vec::new();
    // Up to which token they came from a picture.
    let mut pictured = 0;
    let mut at = 0;
    while at < chars.len() && tokens.len() < most {
        let (start, c) = chars[at];
        let mut next = at + 1;
        let mut said = String::new();
        let kind = if c.is_ascii_digit() {
            let (number, after) = number(&chars, at);
            next = after;
            // "2% milk" names a milk, it does not say how much.
            if chars.get(next).is_some_and(|(_, c)| *c == '%') {
                next += 1;
                said = chars[at..next].iter().map(|(_, c)| *c).collect();
                Some(Kind::Word)
            } else {
                Some(Kind::Number(number))
            }
        } else if let Some(fraction) = fraction(c) {
            Some(Kind::Number(fraction))
        } else if c.is_alphabetic() {
            while next < chars.len() && in_word(&chars, next) {
                next += 1;
            }
            for (_, c) in &chars[at..next] {
                if !matches!(c, '\'' | '’') {
                    word::push_folded(&mut said, *c);
                }
            }
            Some(Kind::Word)
        } else {
            match c {
                ',' | '،' | '、' => Some(Kind::Comma),
                ':' => {
                    said.push(':');
                    Some(Kind::Stop)
                }
                '.' | ';' | '!' | '?' | '\n' | '•' => Some(Kind::Stop),
                '+' | '&' => Some(Kind::Plus),
                '×' => {
                    said.push('x');
                    Some(Kind::Word)
                }
                '/' | '⁄' => Some(Kind::Slash),
                '-' | '–' | '—' => Some(Kind::Dash),
                '(' | '[' => Some(Kind::Open),
                ')' | ']' => Some(Kind::Close),
                c => {
                    if let Some(name) = picture(c) {
                        next += chars[next..].iter().take_while(|(_, other)| *other == c).count();
                        let end = chars.get(next).map_or(text.len(), |(end, _)| *end);
                        push_pictures(&mut tokens, name, next - at, start, end);
                        pictured = tokens.len();
                    }
                    None
                }
            }
        };
        if let Some(kind) = kind {
            let end = chars.get(next).map_or(text.len(), |(end, _)| *end);
            // "sugar-free" is read as "sugar free".
            if said == "free" && tokens.last().is_some_and(|t| t.kind == Kind::Dash && t.glued) {
                tokens.pop();
            }
            // "🍌 banana" is one banana.
            let word = word::normal(&said);
            if pictured > 0 && pictured == tokens.len() && tokens[pictured - 1].word == word {
                at = next;
                continue;
            }
            let glued = tokens.last().is_some_and(|before| before.end == start);
            tokens.push(Token {
                kind,
                word,
                said,
                start,
                end,
                glued,
            });
        }
        at = next;
        // "reduced-fat (2%) milk", "fat-free (skim) milk" are one name each.
        if let [.., open, percent, close] = &tokens[..]
            && open.kind == Kind::Open
            && close.kind == Kind::Close
            && (percent.said.ends_with('%') || percent.word == "nonfat")
        {
            let percent = percent.clone();
            tokens.truncate(tokens.len() - 3);
            tokens.push(percent);
        }
    }
    tokens.truncate(most);
    tokens
}

/// The word for a picture of a food. Teach a new one here.
fn picture(c: char) -> Option<&'static str> {
    const PICTURES: &[(char, &str)] = &[
        ('🍇', "grape"),
        ('🍈', "melon"),
        ('🍉', "watermelon"),
        ('🍊', "tangerine"),
        ('🍋', "lemon"),
        ('🍌', "banana"),
        ('🍍', "pineapple"),
        ('🥭', "mango"),
        ('🍎', "apple"),
        ('🍏', "apple"),
        ('🍐', "pear"),
        ('🍑', "peach"),
        ('🍒', "cherry"),
        ('🍓', "strawberry"),
        ('🫐', "blueberry"),
        ('🥝', "kiwi"),
        ('🍅', "tomato"),
        ('🫒', "olive"),
        ('🥥', "coconut"),
        ('🥑', "avocado"),
        ('🍆', "eggplant"),
        ('🥔', "potato"),
        ('🥕', "carrot"),
        ('🌽', "corn"),
        ('🥒', "cucumber"),
        ('🥦', "broccoli"),
        ('🍄', "mushroom"),
        ('🥜', "peanut"),
        ('🍞', "bread"),
        ('🥐', "croissant"),
        ('🥖', "baguette"),
        ('🥨', "pretzel"),
        ('🥯', "bagel"),
        ('🥞', "pancake"),
        ('🧇', "waffle"),
        ('🧀', "cheese"),
        ('🥓', "bacon"),
        ('🍔', "hamburger"),
        ('🍟', "fries"),
        ('🍕', "pizza"),
        ('🌭', "hotdog"),
        ('🥪', "sandwich"),
        ('🥚', "egg"),
        ('🍳', "egg"),
        ('🍚', "rice"),
        ('🍝', "spaghetti"),
        ('🍦', "icecream"),
        ('🍩', "doughnut"),
        ('🍪', "cookie"),
        ('🎂', "cake"),
        ('🍫', "chocolate"),
        ('🍿', "popcorn"),
        ('🍯', "honey"),
        ('🥛', "milk"),
        ('🥣', "cereal"),
        ('🥗', "salad"),
        ('🦐', "shrimp"),
        ('🍭', "lollipop"),
    ];
    PICTURES.iter().find(|(known, _)| *known == c).map(|(_, name)| *name)
}

/// "🍌🍌" is two bananas, "🥑🍞" two foods, "half a 🍌" half a banana, "banana 🍌" one.
fn push_pictures(tokens: &mut Vec<Token>, name: &str, many: usize, start: usize, end: usize) {
    let token = |kind, said: &str| Token {
        kind,
        said: said.to_owned(),
        word: word::normal(said),
        start,
        end,
        glued: false,
    };
    let picture = token(Kind::Word, name);
    let before = tokens.last();
    if before.is_some_and(|before| before.word == picture.word) {
        return;
    }
    let counted = before.is_some_and(|before| before.number().is_some());
    if before.is_some_and(|before| {
        before.is_word()
            && !filler::is_filler(&before.said)
            && !filler::is_separator(&before.said)
            && !filler::is_negation(&before.said)
            && !number::is_number_word(&before.said)
    }) {
        tokens.push(token(Kind::Comma, ""));
    }
    if many > 1 && !counted {
        tokens.push(token(Kind::Number(many as f64), ""));
    }
    tokens.push(picture);
}

/// Letters, and apostrophes and accents among them; a digit ends a word ("x2").
fn in_word(chars: &[(usize, char)], at: usize) -> bool {
    let c = chars[at].1;
    c.is_alphabetic()
        || word::is_accent(c)
        || (matches!(c, '\'' | '’') && chars.get(at + 1).is_some_and(|(_, c)| c.is_alphabetic()))
}

/// The number at `at` and where it ends: `78`, `16.9`, `,5` after digits is a decimal
/// comma, `1,000` a thousand.
fn number(chars: &[(usize, char)], at: usize) -> (f64, usize) {
    let digit = |at: usize| chars.get(at).is_some_and(|(_, c)| c.is_ascii_digit());
    let mut figures = String::new();
    let mut next = at;
    let mut decimal = false;
    while next < chars.len() {
        let c = chars[next].1;
        if c.is_ascii_digit() {
            figures.push(c);
        } else if c == '.' && !decimal && digit(next + 1) {
            decimal = true;
            figures.push('.');
        } else if c == ',' && !decimal && digit(next + 1) {
            let digits = (next + 1..chars.len()).take_while(|at| digit(*at)).count();
            match digits {
                3 => {}
                1 | 2 if digit(next - 1) => {
                    decimal = true;
                    figures.push('.');
                }
                _ => break,
            }
        } else {
            break;
        }
        next += 1;
    }
    // A row of a thousand digits is no amount of food.
    figures.truncate(15);
    (figures.parse().unwrap_or(0.0), next)
}

const fn fraction(c: char) -> Option<f64> {
    Some(match c {
        '½' => 0.5,
        '¼' => 0.25,
        '¾' => 0.75,
        '⅓' => 1.0 / 3.0,
        '⅔' => 2.0 / 3.0,
        '⅛' => 0.125,
        '⅜' => 0.375,
        '⅝' => 0.625,
        '⅞' => 0.875,
        '⅕' => 0.2,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<String> {
        tokens(text, 100)
            .into_iter()
            .map(|t| match t.kind {
                Kind::Number(n) => n.to_string(),
                Kind::Word => t.said,
                _ => text[t.start..t.end].to_owned(),
            })
            .collect()
    }

    #[test]
    fn numbers_come_apart_from_what_they_are_glued_to() {
        assert_eq!(said("78g, 1½ cups x2"), ["78", "g", ",", "1", "0.5", "cups", "x", "2"]);
        assert_eq!(
            said("1,000 g 1,5 dl 16.9 fl. oz"),
            ["1000", "g", "1.5", "dl", "16.9", "fl", ".", "oz"]
        );
        assert_eq!(said("2% milk"), ["2%", "milk"]);
        assert_eq!(said("baby's low-fat"), ["babys", "low", "-", "fat"]);
    }

    #[test]
    fn any_text_has_tokens_and_no_more_than_asked_for() {
        for text in [
            "",
            "\u{0}\u{202e}🍌",
            "ａ½/½",
            "1.",
            "1,,2",
            "9999999999999999999999",
            "é\u{301}",
        ] {
            assert!(tokens(text, 100).len() <= 100);
        }
        assert_eq!(tokens(&"a ".repeat(1000), 10).len(), 10);
    }
}
