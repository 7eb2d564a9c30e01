//! Which food is meant by words.
//!
//! Everyday names (`data/aliases.csv`) come first. Where they leave words over, they
//! compete with the table's own names on how many of the words each explains, how rare
//! those are, and how little else the name says.

use crate::food::index::{Grammar, Kind, NameWord};
use crate::food::{AliasPart, Table};

/// What some words were taken for.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Match {
    /// One food, or the foods of a dish; none where the words name a food the table lacks.
    pub(super) parts: Vec<AliasPart>,
    /// 0..1
    pub(super) confidence: f64,
    /// By an everyday name, not by the table's.
    pub(super) everyday: bool,
}

/// How many words of a phrase are looked at: more is no food's name.
const MOST_WORDS: usize = 12;

/// "Broccoli puree" is broccoli: how a food is served, where no food of that name is known.
pub(super) fn is_how_it_is_served(word: &str) -> bool {
    matches!(word, "puree" | "mash")
}

/// A phrase made ready to be matched.
struct Phrase {
    /// The words as compared; a slip of the finger mended.
    words: Vec<String>,
    /// Their numbers in the table's index; `None` for a word no food has.
    numbers: Vec<Option<usize>>,
    /// Numbers of words that need not be in the food's name, but fit where they are.
    asides: Vec<usize>,
    mended: bool,
}

/// The food, or dish, that `words` mean; `None` when no word is a food's. Of foods that fit alike it
/// is the one with more of the `asides` in its name: fried, hot.
pub(super) fn find(words: &[String], asides: &[String], foods: &Table) -> Option<Match> {
    let phrase = Phrase::of(words, asides, foods);
    let found = best(&phrase, foods, 1).into_iter().next()?;
    let typed = if phrase.mended { 0.85 } else { 1.0 };
    let confidence = (found.score as f64 / 1200.0).clamp(0.2, 0.95) * typed;
    Some(Match {
        parts: found.parts,
        confidence,
        everyday: found.everyday,
    })
}

/// Foods that `words` may mean, likeliest first.
pub(super) fn ranked(words: &[String], asides: &[String], foods: &Table, limit: usize) -> Vec<usize> {
    let phrase = Phrase::of(words, asides, foods);
    let mut ranked: Vec<usize> = Vec::new();
    for found in best(&phrase, foods, limit) {
        for part in found.parts {
            if !ranked.contains(&part.food) {
                ranked.push(part.food);
            }
        }
    }
    ranked.truncate(limit);
    ranked
}

/// The one food whose name says all of what these phrases say, each of them a part of it: "burrito",
/// "meat", "beans and rice". The asides belong to the whole.
pub(super) fn whole(parts: &[&[String]], asides: &[String], foods: &Table) -> Option<usize> {
    let index = foods.index();
    let words: Vec<String> = parts.concat();
    let phrase = Phrase::of(&words, asides, foods);
    if phrase.words.len() >= MOST_WORDS {
        return None;
    }
    let parts: Vec<Vec<usize>> = parts
        .iter()
        .map(|part| part.iter().filter_map(|word| index.number(word)).collect())
        .collect();
    // "Butter next to peanut butter": the one is no part of the other.
    let repeats =
        |at: usize| (0..parts.len()).any(|other| other != at && parts[at].iter().all(|w| parts[other].contains(w)));
    if (0..parts.len()).any(repeats) {
        return None;
    }
    let mut known: Vec<usize> = phrase.numbers.iter().flatten().copied().collect();
    known.sort_unstable();
    known.dedup();
    let weigh = |words: &mut dyn Iterator<Item = usize>| words.map(|word| index.weight(word)).sum::<u32>();
    let said = weigh(&mut known.iter().copied());
    // Every part has a word in the name: in few names, mostly.
    let rarest = known.iter().min_by_key(|word| index.foods(**word).len())?;
    let mut best: Option<(u32, usize)> = None;
    for food in index.foods(*rarest).iter().map(|food| *food as usize) {
        let name: Vec<NameWord> = index.name(food).collect();
        let in_name = |word: usize| name.iter().any(|of_name| of_name.word == word);
        // What it is, was said: oatmeal with raisins is no oatmeal cookie.
        let head = index.head(food).checked_sub(1).and_then(|last| name.get(last));
        let is_it = head.is_some_and(|head| known.contains(&head.word) || phrase.asides.contains(&head.word));
        if !is_it || !parts.iter().all(|part| part.iter().any(|word| in_name(*word))) {
            continue;
        }
        let explained = weigh(&mut known.iter().copied().filter(|word| in_name(*word)));
        let mut of_name = 0;
        let mut fits = 0;
        for word in name {
            let weight = index.weight(word.word);
            if known.contains(&word.word) || phrase.asides.contains(&word.word) {
                of_name += weight;
                fits += weight;
            } else {
                of_name += match index.kind(word.word) {
                    Kind::Plain => 1,
                    Kind::Telling => weight,
                    Kind::NotAsEaten => 4 * weight,
                };
            }
        }
        let says_all = explained * 10 >= said * 9;
        let says_little_else = fits * 10 >= of_name * 6;
        let fit = 1000 * explained / said.max(1) + 500 * fits / of_name.max(1);
        if says_all && says_little_else && best.is_none_or(|(before, _)| fit > before) {
            best = Some((fit, food));
        }
    }
    best.map(|(_, food)| food)
}

impl Phrase {
    fn of(words: &[String], asides: &[String], foods: &Table) -> Self {
        let index = foods.index();
        let mut mended = false;
        let mut phrase = Self {
            words: Vec::new(),
            numbers: Vec::new(),
            asides: asides.iter().filter_map(|word| index.number(word)).collect(),
            mended: false,
        };
        let has_everyday_name = foods.alias(words).is_some();
        let mut words = words
            .iter()
            .filter(|word| word.chars().count() > 1)
            .take(MOST_WORDS)
            .peekable();
        while let Some(word) = words.next() {
            // As the table spells it.
            let baby_food = word == "baby"
                && !has_everyday_name
                && words.peek().is_some_and(|next| *next == "food")
                && index.number("babyfood").is_some();
            if baby_food {
                words.next();
            }
            let babyfood = "babyfood".to_owned();
            let word = if baby_food { &babyfood } else { word };
            let number = index.number(word);
            // "milkshake" is a milk shake.
            if let Some((one, other)) = number.map_or_else(|| index.compound(word), |_| None) {
                for number in [one, other] {
                    phrase.words.push(index.word(number).to_owned());
                    phrase.numbers.push(Some(number));
                }
                continue;
            }
            let number = number.or_else(|| {
                let meant = index.meant(word);
                mended |= meant.is_some();
                meant
            });
            phrase
                .words
                .push(number.map_or_else(|| word.clone(), |number| index.word(number).to_owned()));
            phrase.numbers.push(number);
        }
        phrase.mended = mended;
        phrase
    }
}

struct Candidate {
    /// 1200 for a perfect match.
    score: i64,
    parts: Vec<AliasPart>,
    /// For a fixed order among equals.
    at: usize,
    everyday: bool,
}

fn best(phrase: &Phrase, foods: &Table, limit: usize) -> Vec<Candidate> {
    let index = foods.index();
    let weight = |at: usize| phrase.numbers[at].map_or(2, |number| i64::from(index.weight(number)));
    let total: i64 = (0..phrase.words.len()).map(weight).sum();
    // "Organic 2nd foods" names none.
    let names_some = |at: usize| phrase.numbers[at].is_some() && phrase.words[at] != "food";
    let known = (0..phrase.words.len()).any(names_some);
    if !known || total == 0 {
        return Vec::new();
    }
    // The last word that a food has is the head: apple *juice*, banana *bread*.
    let head = phrase.numbers.iter().rposition(Option::is_some).unwrap_or(0);
    let mut found: Vec<Candidate> = Vec::new();
    for (from, alias) in aliases_in(phrase, foods) {
        let to = from + alias.key.len();
        let covered: i64 = (from..to).map(weight).sum();
        let has_head = (from..to).contains(&head);
        let score = 750 * covered / total + 250 + if has_head { 200 } else { 0 };
        found.push(Candidate {
            score,
            parts: alias.parts.clone(),
            at: alias.rank,
            everyday: true,
        });
    }
    // An everyday name that says it all needs no comparing with thousands of others.
    let says_it_all = limit == 1 && found.iter().any(|candidate| candidate.score >= 1200);
    let others = if says_it_all {
        Vec::new()
    } else {
        candidates(phrase, foods)
    };
    for food in others {
        if let Some(score) = score(phrase, total, head, food, foods) {
            let part = AliasPart {
                food,
                one_g: None,
                usual_g: None,
            };
            found.push(Candidate {
                score,
                parts: vec![part],
                at: 10_000 + foods.at(food).name().len() * 10_000 + food,
                everyday: false,
            });
        }
    }
    found.retain(|candidate| candidate.score >= 560);
    found.sort_by_key(|candidate| (-candidate.score, candidate.at));
    found.truncate(limit);
    found
}

/// The everyday names found in the phrase, with where they begin.
fn aliases_in<'a>(phrase: &Phrase, foods: &'a Table) -> Vec<(usize, &'a crate::food::Alias)> {
    let mut found = Vec::new();
    for from in 0..phrase.words.len() {
        for alias in foods.aliases_from(&phrase.words[from]) {
            if phrase.words[from..].starts_with(&alias.key) {
                found.push((from, alias));
            }
        }
    }
    found
}

/// Foods with a word of the phrase in their name; those of the rarest words, when the
/// common ones are in hundreds of names.
fn candidates(phrase: &Phrase, foods: &Table) -> Vec<usize> {
    const MOST: usize = 500;
    let index = foods.index();
    let mut numbers: Vec<usize> = phrase.numbers.iter().flatten().copied().collect();
    numbers.sort_by_key(|number| index.foods(*number).len());
    numbers.dedup();
    let mut found: Vec<u32> = Vec::new();
    for number in numbers {
        let more = index.foods(number);
        if found.is_empty() || found.len() + more.len() <= MOST {
            found.extend_from_slice(more);
        }
    }
    found.sort_unstable();
    found.dedup();
    found.into_iter().map(|food| food as usize).collect()
}

/// How well a table name fits: up to 750 for the phrase's words explained, 200 for how
/// little else the name says, 200 for its head.
fn score(phrase: &Phrase, total: i64, head: usize, food: usize, foods: &Table) -> Option<i64> {
    let index = foods.index();
    // Most names have one of the words, and are somebody else's: tell those first.
    let in_name = |number: usize| index.name(food).any(|of_name| of_name.word == number);
    let mut most = 0;
    for (at, number) in phrase.numbers.iter().enumerate() {
        if let Some(number) = number.filter(|number| !phrase.numbers[..at].contains(&Some(*number)))
            && in_name(number)
        {
            most += i64::from(index.weight(number));
        }
    }
    if most * 2 < total {
        return None;
    }
    let mut covered = 0;
    let mut name_total = 0;
    let mut name_covered = 0;
    let mut penalty = 0;
    let mut head_bonus = 0;
    let mut aside = 0;
    let mut seen = [false; MOST_WORDS];
    let mut in_front = false;
    let mut part_before = None;
    // Its last word is what it is: a taco sauce is no taco.
    let head_length = index.head(food);
    let mut says_nothing = false;
    let mut lacks = false;
    let mut names_it = false;
    let mut explains_head = false;
    let mut explained_before = false;
    let mut others = 0;
    for (place, name_word) in index.name(food).enumerate() {
        let begins_part = part_before.replace(name_word.part) != Some(name_word.part);
        // "NS as to type of crust" says nothing of it.
        if begins_part {
            says_nothing = index.is_unknown(name_word.word);
            lacks = false;
        }
        if says_nothing {
            continue;
        }
        // "No frosting" has none.
        if lacks {
            let is_said = phrase.numbers.contains(&Some(name_word.word)) || phrase.asides.contains(&name_word.word);
            if is_said {
                penalty += 130;
            }
            name_total += 1;
            continue;
        }
        let grammar = index.grammar(name_word.word);
        lacks = grammar == Grammar::Lacks;
        let weight = i64::from(index.weight(name_word.word));
        let matched = phrase.numbers.iter().position(|number| *number == Some(name_word.word));
        let in_head = place < head_length;
        let explains = matched.is_some() || phrase.asides.contains(&name_word.word);
        explains_head |= in_head && matched.is_some();
        let ends_alternative = grammar == Grammar::Or && explained_before;
        explained_before = explains;
        if in_head && (place + 1 == head_length || ends_alternative) {
            names_it |= explains || ends_alternative;
        } else if in_head && !explains {
            match grammar {
                // "Frankfurter or hot dog" is either, "rum and cola" is both.
                Grammar::Or => others = 0,
                Grammar::And => others *= 2,
                _ if index.kind(name_word.word) != Kind::Plain => others += 1,
                _ => {}
            }
        }
        if let Some(at) = matched {
            in_front |= name_word.part == 0 || begins_part;
            if !seen[at] {
                covered += weight;
                seen[at] = true;
            }
            if at == head {
                head_bonus = head_bonus.max(if name_word.part == 0 {
                    200
                } else if name_word.part == 1 && index.is_in_class(food) {
                    150
                } else if name_word.part == 1 {
                    120
                } else {
                    40
                });
            }
            name_covered += weight;
            name_total += weight;
            continue;
        }
        if phrase.asides.contains(&name_word.word) {
            aside += if name_word.part == 0 { 40 } else { 25 };
            name_covered += weight;
            name_total += weight;
            continue;
        }
        match index.kind(name_word.word) {
            Kind::Plain => name_total += 1,
            Kind::Telling => name_total += weight,
            Kind::NotAsEaten => {
                name_total += weight;
                penalty += 130;
            }
        }
    }
    // A name that explains less than half of what was said is somebody else's.
    if covered * 2 < total {
        return None;
    }
    // One word from within a part of a long name says too little: "drop" is no egg drop soup.
    let explained = seen.iter().filter(|seen| **seen).count();
    if explained == 1 && !in_front && name_covered * 2 < name_total {
        return None;
    }
    let is_it = match names_it {
        true => 40 - 90 * others,
        false if index.is_in_class(food) && !explains_head => 30,
        false => -120,
    };
    let plain = if index.is_unspecified(food) { 10 } else { 0 };
    Some(
        is_it + plain + 750 * covered / total + 200 * name_covered / name_total.max(1) + head_bonus + aside.min(100)
            - penalty,
    )
}
