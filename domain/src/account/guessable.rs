//! Passwords that are tried first: a common word or two, dressed up with digits, signs, keyboard
//! rows or letters swapped for figures.
//!
//! The words are our own pick of what people everywhere choose; a password falls when nothing is
//! left of it once they are taken out. Three words or more in a row are left alone.

use super::Password;

const WORDS: &[&str] = &[
    "abc",
    "access",
    "account",
    "adidas",
    "admin",
    "administrator",
    "alexander",
    "amanda",
    "america",
    "andrea",
    "andrew",
    "angel",
    "anthony",
    "apple",
    "arsenal",
    "ashley",
    "autumn",
    "baby",
    "babygirl",
    "bailey",
    "banana",
    "barcelona",
    "baseball",
    "basketball",
    "batman",
    "beautiful",
    "benjamin",
    "blink",
    "boy",
    "buster",
    "butterfly",
    "changeme",
    "charlie",
    "cheese",
    "chelsea",
    "chicken",
    "chocolate",
    "christian",
    "computer",
    "cookie",
    "daddy",
    "daniel",
    "default",
    "demo",
    "dragon",
    "elizabeth",
    "facebook",
    "family",
    "flower",
    "football",
    "forever",
    "freedom",
    "friends",
    "gabriel",
    "george",
    "ginger",
    "girl",
    "google",
    "guest",
    "hallo",
    "hannah",
    "harley",
    "hello",
    "hunter",
    "iceman",
    "iloveu",
    "iloveyou",
    "instagram",
    "internet",
    "jasmine",
    "jennifer",
    "jessica",
    "jesus",
    "jordan",
    "joshua",
    "juventus",
    "killer",
    "letmein",
    "liverpool",
    "login",
    "london",
    "love",
    "lovely",
    "loveme",
    "madison",
    "maggie",
    "mama",
    "manchester",
    "maria",
    "master",
    "matrix",
    "matthew",
    "me",
    "mercedes",
    "metallica",
    "michael",
    "michelle",
    "mickey",
    "minecraft",
    "mommy",
    "monkey",
    "mother",
    "mummy",
    "mustang",
    "my",
    "naruto",
    "newborn",
    "nicole",
    "nothing",
    "pass",
    "passwd",
    "passwort",
    "password",
    "pepper",
    "playstation",
    "please",
    "pokemon",
    "porsche",
    "princess",
    "purple",
    "rainbow",
    "robert",
    "samantha",
    "samsung",
    "secret",
    "september",
    "shadow",
    "snoopy",
    "soccer",
    "spiderman",
    "spring",
    "starwars",
    "summer",
    "sunshine",
    "superman",
    "sweetheart",
    "system",
    "temp",
    "test",
    "testing",
    "the",
    "thomas",
    "tigger",
    "tinkerbell",
    "tiny",
    "tinytummy",
    "trustno",
    "tummy",
    "user",
    "victoria",
    "welcome",
    "whatever",
    "william",
    "winter",
    "you",
    "your",
];

/// Neighbours on these are no surprise in either direction; a row's end goes on at its start.
const ROWS: &[&str] = &[
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "qwertyuiop",
    "qwertzuiop",
    "azertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "yxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p",
];

/// A run of so many neighbours is one thing to guess.
const LONG_RUN: usize = 4;

/// How many words are still guessed at once.
const FEW: usize = 2;

/// Longer ones are not taken apart: nobody dresses a word up that far.
const LONGEST: usize = 48;

/// Whether `password` is among the first that are tried for a person; `own` are words that are
/// known of that person, such as the parts of the e-mail address.
pub(super) fn is_guessable(password: &str, own: &[&str]) -> bool {
    let letters: Vec<char> = password.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let unit = repeated_unit(&letters);
    if unit.len() < letters.len() && unit.len() < Password::LEAST {
        return true;
    }
    if has_few_different(unit) || unit.iter().all(char::is_ascii_digit) {
        return true;
    }
    // Signs and digits alone are no dressed-up word.
    unit.len() <= LONGEST && unit.iter().any(|c| c.is_alphabetic()) && words_in(unit, own) <= FEW
}

/// The shortest beginning whose repetition makes the whole.
fn repeated_unit(letters: &[char]) -> &[char] {
    let length = (1..=letters.len())
        .find(|length| letters.iter().zip(letters.iter().skip(*length)).all(|(a, b)| a == b))
        .unwrap_or(0);
    &letters[..length]
}

fn has_few_different(letters: &[char]) -> bool {
    let mut different = letters.to_vec();
    different.sort_unstable();
    different.dedup();
    different.len() <= 3
}

/// The fewest known words that, with digits, signs and runs between them, make up the whole;
/// more than [`FEW`] when nothing does.
fn words_in(letters: &[char], own: &[&str]) -> usize {
    const NONE: usize = usize::MAX;
    let mut fewest = vec![NONE; letters.len() + 1];
    fewest[0] = 0;
    for from in 0..letters.len() {
        let so_far = fewest[from];
        if so_far > FEW {
            continue;
        }
        let rest = &letters[from..];
        let mut reach = |length: usize, words: usize| {
            let to = &mut fewest[from + length];
            *to = (*to).min(words);
        };
        if !rest[0].is_alphabetic() {
            reach(1, so_far);
        }
        let run = run_length(rest);
        if run >= LONG_RUN {
            for length in LONG_RUN..=run {
                reach(length, so_far);
            }
        }
        for word in WORDS.iter().chain(own) {
            let length = word.chars().count();
            if length > 0 && length <= rest.len() && word.chars().zip(rest).all(|(w, c)| reads_as(*c, w)) {
                reach(length, so_far + 1);
            }
        }
    }
    fewest[letters.len()]
}

/// How far the letters walk along one row of neighbours.
fn run_length(letters: &[char]) -> usize {
    let along = |a: char, b: char| ROWS.iter().any(|row| row.contains(&*String::from_iter([a, b])));
    let walk =
        |step: &dyn Fn(char, char) -> bool| 1 + letters.windows(2).take_while(|pair| step(pair[0], pair[1])).count();
    walk(&along).max(walk(&|a, b| along(b, a))).max(walk(&|a, b| a == b))
}

/// Whether `c` stands for `letter`: itself, or the figure that is written for it.
fn reads_as(c: char, letter: char) -> bool {
    c == letter
        || matches!(
            (c, letter),
            ('0', 'o') | ('1' | '!' | '|', 'i' | 'l') | ('3', 'e') | ('4' | '@', 'a') | ('5' | '$', 's') | ('7', 't')
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_tried_first_falls() {
        for password in [
            "password123",
            "Password2026!",
            "P@$$w0rd!!",
            "passwordpassword",
            "1234567890",
            "0987654321",
            "aaaaaaaaaa",
            "abababababab",
            "abcabcabcabc",
            "abcdefghij",
            "qwertyuiop",
            "qwertzuiop1",
            "asdfghjkl123",
            "1qaz2wsx3edc",
            "iloveyou2024",
            "I Love You 12",
            "sunshine!!!1",
            "TinyTummy2026",
            "mytinytummy",
            "tinytummy-baby",
            "summer_2026",
            "porridgeporridge",
            "19841126000",
            "letmein12345",
        ] {
            assert!(is_guessable(password, &[]), "{password}");
        }
    }

    #[test]
    fn what_nobody_guesses_stands() {
        for password in [
            "correct horse",
            "correct horse battery staple",
            "plums and porridge",
            "porridge and plums",
            "another password",
            "x7#9$2!4@8q",
            "#8$2!9@4%7?6",
            "bananas at five past two",
            "Möhrenbrei um halb acht",
            "ミルクとバナナとおかゆです",
            "baby sunshine flower porridge",
            "correcthorsecorrecthorse",
            "dKw2mPq8sLz",
        ] {
            assert!(!is_guessable(password, &[]), "{password}");
        }
    }

    #[test]
    fn ones_own_words_are_known_to_whoever_knows_the_address() {
        assert!(!is_guessable("lovelacemeadow", &[]));
        assert!(is_guessable("lovelacemeadow", &["lovelace", "meadow"]));
        assert!(is_guessable("Lovelace-1234", &["lovelace"]));
        assert!(!is_guessable("lovelace eats plums", &["lovelace"]));
    }

    #[test]
    fn a_password_as_long_as_one_may_be_is_judged_at_once() {
        assert!(is_guessable(&"a".repeat(1000), &[]));
        assert!(!is_guessable(&"porridge and plums; ".repeat(30), &[]));
    }
}
