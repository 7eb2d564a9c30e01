//! From a parent's words to portions.

use super::Eater;
use super::amount;
use super::clause::{self, Clause};
use super::filler;
use super::group::group;
use super::matching;
use super::matching::Match;
use super::token;
use super::token::Kind;
use super::unit::Measures;
use crate::food::{Alias, AliasPart, FoodId, Table};
use crate::meal::{self, MOST_ITEMS, MOST_TEXT, Portion};
use crate::nutrient::round;
use crate::{allergen, safety};

/// A meal needs no more: what follows is not read.
const MOST_TOKENS: usize = 600;

/// What was read of a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reading {
    pub(super) portions: Vec<Portion>,
    pub(super) not_understood: Vec<String>,
    /// The text went on after the part that was read.
    pub(super) cut: bool,
}

pub(super) fn read(text: &str, foods: &Table, eater: &Eater) -> Reading {
    let part = match text.char_indices().nth(MOST_TEXT) {
        Some((end, _)) => &text[..end],
        None => text,
    };
    let tokens = token::tokens(part, MOST_TOKENS);
    let mut reading = Reading {
        cut: part.len() < text.len() || tokens.len() == MOST_TOKENS,
        ..Reading::default()
    };
    let clauses = group(&clause::clauses(&tokens, foods, 2 * MOST_ITEMS), part, foods);
    let mut after_drink = false;
    for (at, clause) in clauses.iter().enumerate() {
        let mut phrase = clean(clause.said_in(part));
        let by_unit = by_unit(clause, foods);
        let found = find(clause, by_unit, foods);
        // "roast dinner: chicken, potatoes": what follows says what it was.
        let names_parts = found.as_ref().is_none_or(|found| found.parts.len() != 1);
        if clause.heading && names_parts && clause.amounts.is_empty() && at + 1 < clauses.len() {
            continue;
        }
        match found {
            Some(found) if found.parts.is_empty() => {
                after_drink = false;
                reading.add(unknown(clause, phrase, found.confidence), meal::PLAUSIBLE_GRAMS);
            }
            Some(found) => {
                // "milk in her cereal": the drink went into it.
                if let Some(lead) = clause.lead.filter(|_| after_drink)
                    && part[lead..].starts_with(['i', 'I'])
                {
                    phrase = clean(&part[lead..clause.end]);
                }
                after_drink = false;
                let known: Vec<_> = found
                    .parts
                    .iter()
                    .map(|part| foods.everyday(part, &clause.words))
                    .collect();
                let whole: f64 = known.iter().map(weight).sum();
                let share_known = if clause.shared { 0.7 } else { 1.0 };
                let uncounted = clause.is_uncounted();
                let between = at
                    .checked_sub(1)
                    .map_or("", |before| clauses[before].until(clause, part));
                let is_of_it = clause.lead.is_some() || filler::is_putting_on(between);
                for portion in &known {
                    // "a sandwich made with peanut butter": it was counted with the sandwich.
                    if is_of_it && uncounted && reading.last_dish_has(portion.food, foods) {
                        continue;
                    }
                    let food = foods.at(portion.food);
                    let share = if known.len() > 1 && whole > 0.0 {
                        weight(portion) / whole
                    } else {
                        1.0
                    };
                    // "with milk": whether it was a drink, or went into the food before.
                    let is_drink = amount::is_drink(&food);
                    after_drink |= is_drink;
                    let phrase = match clause.lead.filter(|_| is_drink) {
                        Some(lead) => clean(&part[lead..clause.end]),
                        None => phrase.clone(),
                    };
                    let of_unit = by_unit
                        .map(|alias| alias.parts[0])
                        .filter(|part| part.food == portion.food)
                        .and_then(|part| part.one_g);
                    let weighed = amount::weigh(clause, portion, &food, share, of_unit, eater.age_days);
                    let portion = Portion {
                        phrase,
                        food: food.id(),
                        grams: weighed.grams,
                        how: weighed.how,
                        amount: weighed.amount,
                        confidence: round(found.confidence * weighed.confidence * share_known, 2),
                    };
                    reading.add(portion, meal::plausible_grams(is_drink, eater.age_days));
                }
            }
            None => {
                after_drink = false;
                if may_be_unsafe(clause, &phrase) {
                    reading.add(unknown(clause, phrase, UNSURE), meal::PLAUSIBLE_GRAMS);
                } else {
                    reading.puzzle(clause, phrase);
                }
            }
        }
    }
    reading.says_nothing_of(part, &tokens);
    reading
}

/// How sure it is that words which no table knows name a food.
const UNSURE: f64 = 0.3;

/// A food without figures, as far as the words tell.
fn unknown(clause: &Clause, phrase: String, confidence: f64) -> Portion {
    let weighed = amount::weigh_unknown(clause);
    Portion {
        phrase,
        food: FoodId(format!("word:{}", clause.words.join("-"))),
        grams: weighed.grams,
        how: weighed.how,
        amount: weighed.amount,
        confidence: round(confidence * weighed.confidence, 2),
    }
}

/// Whether words that no table knows name an allergen or a hazard: they are kept as a food, so
/// that "satay" and "jawbreakers" are warned of.
fn may_be_unsafe(clause: &Clause, phrase: &str) -> bool {
    let names_food = !clause.words.is_empty() && !clause.only_adds() && !clause.is_container();
    names_food && (!allergen::contains::named(phrase).is_empty() || safety::is_spoken_of(phrase))
}

/// What the clause's words mean. How a food was cooked is no food ("roast"), nor what it was in.
pub(super) fn find(clause: &Clause, by_unit: Option<&Alias>, foods: &Table) -> Option<Match> {
    // "a pouch of apple" is an apple pouch, which holds no apple but a puree.
    // And scoops of formula are powder.
    let held = by_unit.filter(|_| {
        let holds = |unit: &super::unit::Unit| unit.holds() || unit.name == "scoop";
        clause.amounts.iter().any(|a| a.unit.is_some_and(holds))
    });
    if let Some(alias) = held {
        return Some(Match {
            parts: alias.parts.clone(),
            confidence: 0.9,
            everyday: true,
        });
    }
    if clause.is_container() {
        return None;
    }
    if let Some(food) = clause.food {
        let part = AliasPart {
            food,
            one_g: None,
            usual_g: None,
        };
        return Some(Match {
            parts: vec![part],
            confidence: 0.9,
            everyday: false,
        });
    }
    let mut words = clause.words.clone();
    if clause.minutes.is_some() && words == ["breast"] {
        words.push("milk".to_owned());
    }
    // Squash that is poured is a drink.
    let is_poured = clause.amounts.iter().any(|a| {
        a.unit
            .is_some_and(|unit| matches!(unit.name, "ml" | "cl" | "dl" | "l" | "glass" | "beaker"))
    });
    if is_poured && words == ["squash"] {
        words.push("drink".to_owned());
    }
    // "broccoli puree" is broccoli, where no puree of it is known.
    let is_served = |word: &String| matching::is_how_it_is_served(word);
    if words.iter().any(is_served) && !words.iter().all(is_served) && foods.alias(&words).is_none() {
        words.retain(|word| !is_served(word));
    }
    let whole = matching::find(&words, &clause.asides, foods);
    // What nobody knows a food by stands before its name: "moreish banana".
    let found = whole.or_else(|| {
        let rest = (1..words.len()).find_map(|from| matching::find(&words[from..], &clause.asides, foods))?;
        Some(Match {
            confidence: rest.confidence * 0.7,
            ..rest
        })
    });
    found.filter(|found| found.everyday || !clause.only_adds())
}

/// The everyday name that the food's words make with a household unit: "apple slice" for "3
/// slices of apple".
pub(super) fn by_unit<'a>(clause: &Clause, foods: &'a Table) -> Option<&'a Alias> {
    let unit = clause.amounts.iter().find_map(|amount| amount.unit)?;
    if !matches!(unit.measures, Measures::Household { .. }) {
        return None;
    }
    let mut key = clause.words.clone();
    key.push(unit.name.to_owned());
    foods.alias(&key).filter(|alias| alias.parts.len() == 1)
}

/// The words of a phrase that may name its food.
pub(super) fn naming(phrase: &str, foods: &Table) -> Option<Clause> {
    let part: String = phrase.chars().take(MOST_TEXT).collect();
    let tokens = token::tokens(&part, MOST_TOKENS);
    group(&clause::clauses(&tokens, foods, 8), &part, foods)
        .into_iter()
        .find(|clause| !clause.words.is_empty())
}

/// The foods that a clause means.
pub(super) fn meant(clause: &Clause, foods: &Table) -> Vec<AliasPart> {
    find(clause, None, foods).map_or_else(Vec::new, |found| found.parts)
}

/// How much of a dish a part of it is.
fn weight(part: &AliasPart) -> f64 {
    part.one_g.or(part.usual_g).unwrap_or(0.0)
}

impl Reading {
    /// Adds a portion, of which nobody eats more than `plausible` grams.
    fn add(&mut self, mut portion: Portion, plausible: f64) {
        if self.portions.len() == MOST_ITEMS {
            self.cut = true;
            return;
        }
        // It will be asked about.
        if portion.grams > plausible {
            portion.confidence = portion.confidence.min(0.2);
        }
        self.portions.push(portion);
    }

    /// Notes a phrase that was not understood. A word of one letter is a slip, not a food.
    fn puzzle(&mut self, clause: &Clause, phrase: String) {
        let says_something = clause.said.iter().any(|word| word.chars().count() > 1) && !phrase.is_empty();
        let is_new = !self.not_understood.contains(&phrase);
        if says_something && is_new && self.not_understood.len() < MOST_ITEMS {
            self.not_understood.push(phrase);
        }
    }

    /// "120 ml", "🍲": where nothing was read of a text that says something, the text is what
    /// was not understood. Praise alone and "no honey" say nothing of what was eaten.
    fn says_nothing_of(&mut self, text: &str, tokens: &[token::Token]) {
        const MOST_SHOWN: usize = 80;
        let is_empty = self.portions.is_empty() && self.not_understood.is_empty();
        let has_symbol = text.chars().any(is_symbol);
        let has_number = tokens.iter().any(|t| matches!(t.kind, Kind::Number(_)));
        let has_negation = tokens.iter().any(|t| filler::is_negation(&t.said));
        if is_empty && !has_negation && (has_symbol || has_number) {
            let shown: String = text.chars().take(MOST_SHOWN).collect();
            self.not_understood.push(clean(&shown));
        }
    }

    /// Whether the dish just read has this food in it.
    fn last_dish_has(&self, food: usize, foods: &Table) -> bool {
        let id = foods.at(food).id();
        let Some(last) = self.portions.last() else { return false };
        let dish: Vec<_> = self
            .portions
            .iter()
            .rev()
            .take_while(|portion| portion.phrase == last.phrase)
            .collect();
        dish.len() > 1 && dish.iter().any(|portion| portion.food == id)
    }
}

/// A picture or other sign that means something, unlike a dash or a quotation mark.
fn is_symbol(c: char) -> bool {
    const PUNCTUATION: std::ops::RangeInclusive<char> = '\u{2000}'..='\u{206f}';
    let plain = c.is_ascii() || c.is_alphabetic() || c.is_control() || c.is_whitespace();
    !plain && !PUNCTUATION.contains(&c)
}

/// A phrase as it is stored: no control characters, single spaces.
fn clean(phrase: &str) -> String {
    let plain: String = phrase.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
