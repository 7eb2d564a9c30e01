//! From a parent's words to portions.

use super::Eater;
use super::amount;
use super::clause::{self, Clause};
use super::matching;
use super::token;
use crate::food::{AliasPart, FoodId, Table};
use crate::meal::{MOST_ITEMS, MOST_TEXT, PLAUSIBLE_GRAMS, Portion};
use crate::nutrient::round;

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
    for clause in clause::clauses(&tokens, foods, 2 * MOST_ITEMS) {
        let phrase = clean(&part[clause.start..clause.end.max(clause.start)]);
        match matching::find(&clause.words, foods) {
            Some(found) if found.parts.is_empty() => {
                let weighed = amount::weigh_unknown(&clause);
                reading.add(Portion {
                    phrase,
                    food: FoodId(format!("word:{}", clause.words.join("-"))),
                    grams: weighed.grams,
                    how: weighed.how,
                    amount: weighed.amount,
                    confidence: round(found.confidence * weighed.confidence, 2),
                });
            }
            Some(found) => {
                let known: Vec<_> = found
                    .parts
                    .iter()
                    .map(|part| foods.everyday(part, &clause.words))
                    .collect();
                let whole: f64 = known.iter().map(weight).sum();
                for portion in &known {
                    // "a sandwich made with peanut butter": it was counted with the sandwich.
                    if clause.lead.is_some() && clause.amounts.is_empty() && reading.last_dish_has(portion.food, foods)
                    {
                        continue;
                    }
                    let food = foods.at(portion.food);
                    let share = if known.len() > 1 && whole > 0.0 {
                        weight(portion) / whole
                    } else {
                        1.0
                    };
                    // "with milk": whether it was a drink, or went into the food before.
                    let phrase = match clause.lead.filter(|_| amount::is_drink(&food)) {
                        Some(lead) => clean(&part[lead..clause.end]),
                        None => phrase.clone(),
                    };
                    let weighed = amount::weigh(&clause, portion, &food, share, eater.age_days);
                    reading.add(Portion {
                        phrase,
                        food: food.id(),
                        grams: weighed.grams,
                        how: weighed.how,
                        amount: weighed.amount,
                        confidence: round(found.confidence * weighed.confidence, 2),
                    });
                }
            }
            None => reading.puzzle(&clause, phrase),
        }
    }
    reading
}

/// The words of a phrase that may name its food.
pub(super) fn naming(phrase: &str, foods: &Table) -> Option<Clause> {
    let part: String = phrase.chars().take(MOST_TEXT).collect();
    let tokens = token::tokens(&part, MOST_TOKENS);
    clause::clauses(&tokens, foods, 8)
        .into_iter()
        .find(|clause| !clause.words.is_empty())
}

/// How much of a dish a part of it is.
fn weight(part: &AliasPart) -> f64 {
    part.one_g.or(part.usual_g).unwrap_or(0.0)
}

impl Reading {
    fn add(&mut self, mut portion: Portion) {
        if self.portions.len() == MOST_ITEMS {
            self.cut = true;
            return;
        }
        // Nobody eats that: it will be asked about.
        if portion.grams > PLAUSIBLE_GRAMS {
            portion.confidence = portion.confidence.min(0.2);
        }
        self.portions.push(portion);
    }

    /// Notes a phrase that was not understood. A word of one letter is a slip, not a food.
    fn puzzle(&mut self, clause: &Clause, phrase: String) {
        let says_something = clause.said.iter().any(|word| word.chars().count() > 1);
        let is_new = !self.not_understood.contains(&phrase);
        if says_something && is_new && self.not_understood.len() < MOST_ITEMS {
            self.not_understood.push(phrase);
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

/// A phrase as it is stored: no control characters, single spaces.
fn clean(phrase: &str) -> String {
    let plain: String = phrase.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}
