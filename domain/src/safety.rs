//! Whether a food is safe for this child at this age. Deterministic: no model decides any of it.

mod rule;
#[cfg(test)]
mod tests;

use crate::allergen::Allergen;
use crate::allergen::contains::as_food;
use crate::analysis::Eater;
use crate::food::word;
use crate::meal::Item;
use rule::{RULES, Rule, When};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::LazyLock;

/// How strongly a warning is shown. None of them stops a meal from being logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Not at this age, or not in this form.
    Age,
    /// This child is allergic to it.
    Allergy,
}

/// One warning on one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// The rule's id (`honey`, `choking_nuts`, …), or `allergy:milk` for a declared allergy.
    pub rule: String,
    pub level: Level,
    /// The publisher: `CDC`, `NHS`, `WHO` …; `your list` for a declared allergy.
    pub source: String,
    /// What it is and what to do, in a parent's words.
    pub text: String,
    /// Index into the analysis' `items`.
    pub item: usize,
}

/// An item of a meal as the rules look at it.
#[derive(Clone, Copy, Debug)]
struct Served<'a> {
    /// Its index in the analysis.
    item: usize,
    /// The parent's words for it, as far as they say more than the food's name.
    phrase: &'a str,
    /// The parent's words for the dish that it is a part of: pine nuts in pesto are ground.
    dish: &'a str,
    /// The food's name in the table.
    name: &'a str,
    grams: f64,
    allergens: &'a [Allergen],
    /// The name of the food before it in the meal, which it may be mixed into.
    before: Option<&'a str>,
    /// The name of the food after it, which it was put into: "milk in her cereal".
    into: Option<&'a str>,
    /// Nothing else was eaten with it.
    alone: bool,
}

/// What a parent should know of a meal of these items.
///
/// It follows from the items and the child alone, so a stored meal is asked again whenever it is
/// read: an allergy that was found later, or a birth date put right, speaks of old meals too.
/// Age is counted from birth, never corrected for an early one (see [`crate::child::age`]).
pub fn warnings(items: &[Item], eater: &Eater) -> Vec<Warning> {
    items
        .iter()
        .enumerate()
        .flat_map(|(at, item)| {
            let served = Served {
                item: at,
                phrase: if item.said { &item.portion.phrase } else { "" },
                dish: if item.said { "" } else { &item.portion.phrase },
                name: &item.name,
                grams: item.portion.grams,
                allergens: &item.allergens,
                before: at.checked_sub(1).map(|before| items[before].name.as_str()),
                into: items
                    .get(at + 1)
                    .filter(|next| is_led_in(next))
                    .map(|next| next.name.as_str()),
                alone: items.len() == 1,
            };
            check(&served, eater)
        })
        .collect()
}

/// Whether the food before went into it: "in her cereal".
fn is_led_in(item: &Item) -> bool {
    word::words(&item.portion.phrase)
        .first()
        .is_some_and(|first| ["in", "into"].contains(&first.as_str()))
}

/// A rule with its words made ready to be compared.
struct Ready {
    rule: &'static Rule,
    words: Vec<Vec<String>>,
    look_alikes: Vec<Vec<String>>,
    unless: Vec<Vec<String>>,
    /// Harmless only if it was not said that it was merely halved.
    unless_halved: Vec<Vec<String>>,
}

static READY: LazyLock<Vec<Ready>> = LazyLock::new(|| {
    let split = |listed: &str| {
        listed
            .split('|')
            .map(word::words)
            .filter(|words| !words.is_empty())
            .collect()
    };
    // The words marked with `~`, or the others.
    let pick = |listed: &str, marked: bool| {
        let picked: Vec<&str> = listed
            .split('|')
            .filter(|words| words.starts_with('~') == marked)
            .collect();
        picked.join("|")
    };
    RULES
        .iter()
        .map(|rule| Ready {
            rule,
            words: split(rule.words),
            look_alikes: split(rule.look_alikes),
            unless: split(&pick(rule.unless, false)),
            unless_halved: split(&pick(rule.unless, true)),
        })
        .collect()
});

/// Which rules have a word that begins with this one.
static SPEAK_OF: LazyLock<HashMap<&'static str, Vec<usize>>> = LazyLock::new(|| {
    let mut rules: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, ready) in READY.iter().enumerate() {
        for words in &ready.words {
            rules.entry(&words[0]).or_default().push(at);
        }
    }
    rules
});

/// The rules that may have something to say of these words, in their order. Warnings are derived
/// at every reading of a meal, and most foods are in no rule.
fn that_speak_of<'a>(texts: impl IntoIterator<Item = &'a [String]>) -> Vec<usize> {
    let mut rules: Vec<usize> = texts
        .into_iter()
        .flatten()
        .filter_map(|word| SPEAK_OF.get(word.as_str()))
        .flatten()
        .copied()
        .collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// What a parent should know of this item. Without an age no rule of age warns; a
/// declared allergy always does.
fn check(served: &Served<'_>, eater: &Eater) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = eater
        .allergies
        .iter()
        .filter(|allergen| served.allergens.contains(allergen))
        .map(|allergen| Warning {
            rule: format!("allergy:{}", allergen.id()),
            level: Level::Allergy,
            source: "your list".to_owned(),
            text: format!("Has {} in it, which is on your list of allergies. If your child had it, watch closely and follow your allergy plan.", allergen.name()),
            item: served.item,
        })
        .collect();
    let Some(age) = eater.age_days else { return warnings };
    let phrases = parts(served.phrase);
    let name = as_food(served.name);
    let speaking = that_speak_of(phrases.iter().chain([&name]).map(Vec::as_slice));
    let of_any_food = READY.iter().filter(|ready| ready.rule.when == When::AnySolid);
    let rules = speaking.into_iter().map(|at| &READY[at]).chain(of_any_food);
    for ready in rules.filter(|ready| (ready.rule.from_day..ready.rule.to_day).contains(&age)) {
        if applies(ready, served, &phrases, &name) && !warnings.iter().any(|w| w.rule == ready.rule.id) {
            warnings.push(Warning {
                rule: ready.rule.id.to_owned(),
                level: ready.rule.level,
                source: ready.rule.source.to_owned(),
                text: ready.rule.text.to_owned(),
                item: served.item,
            });
        }
    }
    warnings
}

/// Whether a rule has something to say of these words, at some age, though no food table knows them.
pub(crate) fn is_spoken_of(phrase: &str) -> bool {
    let words = word::words(phrase);
    that_speak_of([words.as_slice()])
        .iter()
        .any(|at| READY[*at].names(&words))
}

fn applies(ready: &Ready, served: &Served<'_>, phrases: &[Vec<String>], name: &[String]) -> bool {
    // Asked for only where it matters: this runs for every food that is shown.
    let in_name = || ready.names(name);
    let said = |phrase: &[String]| phrases.iter().any(|said| has(said, phrase));
    // What the parent said excuses what the parent said, and what the table says of it excuses it if the
    // table speaks of it too: grapes in cooked porridge are not cooked.
    let named_harmfully = || {
        phrases
            .iter()
            .any(|phrase| ready.names(phrase) && !ready.is_harmless(phrase) && !(in_name() && ready.is_harmless(name)))
    };
    let is_excused = || {
        let dish = word::words(served.dish);
        phrases.iter().chain([&dish]).any(|phrase| ready.is_harmless(phrase))
    };
    let is_harmful_by_name = || in_name() && !ready.is_harmless(name) && !is_excused();
    match ready.rule.when {
        When::Named => named_harmfully() || is_harmful_by_name(),
        When::Said => named_harmfully() || (phrases.is_empty() && is_harmful_by_name()),
        When::Raw => name.iter().any(|w| w == "raw") && is_harmful_by_name(),
        When::Drunk => {
            ready.begins(name)
                && !ready.is_harmless(name)
                && !phrases.iter().any(|phrase| ready.is_harmless(phrase))
                && !is_mixed_in(served, &word::words(served.phrase))
        }
        When::Thick => {
            let by_the_spoon = || {
                ["spoon", "spoonful", "thick", "glob", "dollop", "lump", "chunk"]
                    .iter()
                    .any(|how| said(&[(*how).to_owned()]))
            };
            (served.alone || by_the_spoon()) && (named_harmfully() || is_harmful_by_name())
        }
        When::AnySolid => {
            !DRINKS.iter().any(|words| name.starts_with(words))
                && !MILKS.iter().any(|words| said(words) || name.starts_with(words))
        }
    }
}

/// The parts of a phrase that speak of different foods: "porridge", "grapes, quartered". Each is looked at
/// by itself, since it is not the porridge that was quartered.
fn parts(phrase: &str) -> Vec<Vec<String>> {
    const ANOTHER: [&str; 9] = [
        "with",
        "made",
        "topped",
        "filled",
        "containing",
        "including",
        "featuring",
        "loaded",
        "stuffed",
    ];
    without_quarter_amounts(phrase)
        .split(|word| ANOTHER.contains(&word.as_str()))
        .filter(|part| !part.is_empty())
        .map(<[String]>::to_vec)
        .collect()
}

/// What a food's name begins with that is no solid food.
static DRINKS: LazyLock<[Vec<String>; 3]> =
    LazyLock::new(|| ["milk human", "water", "infant formula"].map(word::words));

/// What a parent calls it.
static MILKS: LazyLock<[Vec<String>; 3]> = LazyLock::new(|| ["breast milk", "formula", "milk"].map(word::words));

impl Ready {
    /// Whether `text` has one of the words, and not only inside a look-alike.
    fn names(&self, text: &[String]) -> bool {
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let like = self
                .look_alikes
                .iter()
                .filter(|words| rest.starts_with(words))
                .map(Vec::len)
                .max()
                .unwrap_or(0);
            let named = self
                .words
                .iter()
                .filter(|words| rest.starts_with(words))
                .map(Vec::len)
                .max()
                .unwrap_or(0);
            if named > like || (named > 0 && like == 0) {
                return true;
            }
            at += like.max(1);
        }
        false
    }

    /// Whether these words say that it was served so that it does no harm.
    fn is_harmless(&self, text: &[String]) -> bool {
        let any = |listed: &[Vec<String>]| listed.iter().any(|words| has(text, words));
        any(&self.unless) || (any(&self.unless_halved) && !any(&HALVED))
    }

    fn begins(&self, name: &[String]) -> bool {
        self.words.iter().any(|words| name.starts_with(words))
            && !self.look_alikes.iter().any(|words| name.starts_with(words))
    }
}

static HALVED: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| rule::HALVED.split('|').map(word::words).collect());

/// The words of a phrase as they are compared, without the quarter of "a quarter cup": that is
/// how much there was, not how it was cut.
fn without_quarter_amounts(phrase: &str) -> Vec<String> {
    const MEASURES: [&str; 12] = [
        "a",
        "an",
        "cup",
        "tsp",
        "teaspoon",
        "tbsp",
        "tablespoon",
        "pint",
        "punnet",
        "lb",
        "pound",
        "pack",
    ];
    let words = word::words(phrase);
    let is = |at: usize, listed: &[&str]| words.get(at).is_some_and(|w| listed.contains(&w.as_str()));
    let said: Vec<&str> = word::raw(phrase).collect();
    let is_amount = |at: usize| {
        let of = usize::from(is(at + 1, &["of"]));
        let one = said.get(at).is_some_and(|said| !said.to_lowercase().ends_with('s'));
        is(at, &["quarter"]) && (is(at + 1 + of, &MEASURES) || (one && of == 1))
    };
    (0..words.len())
        .filter(|at| !is_amount(*at))
        .map(|at| words[at].clone())
        .collect()
}

fn has(text: &[String], words: &[String]) -> bool {
    text.windows(words.len().max(1)).any(|run| run == words)
}

/// Milk in porridge is food, a cup of milk beside it is a drink. A few spoons are never
/// one.
fn is_mixed_in(served: &Served<'_>, phrase: &[String]) -> bool {
    const MOST_IN_FOOD: f64 = 40.0;
    const VESSELS: [&str; 9] = [
        "bottle", "glass", "beaker", "mug", "drink", "drank", "sippy", "sip", "carton",
    ];
    const TAKES_MILK: [&str; 14] = [
        "cereal", "oat", "farina", "potato", "pancake", "egg", "pasta", "macaroni", "rice", "flour", "babyfood",
        "pudding", "sauce", "soup",
    ];
    if phrase.iter().any(|w| VESSELS.contains(&w.as_str())) {
        return false;
    }
    let added = phrase
        .first()
        .is_some_and(|w| ["with", "in", "into", "on", "over"].contains(&w.as_str()));
    let takes_milk = |name: &str| {
        word::words(name)
            .iter()
            .take(4)
            .any(|w| TAKES_MILK.contains(&w.as_str()))
    };
    let into = served.before.is_some_and(takes_milk);
    served.grams < MOST_IN_FOOD || (added && into) || served.into.is_some_and(takes_milk)
}
