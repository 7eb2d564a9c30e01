//! From portions to everything that is shown of a meal.

use super::confidence::{confidence, least_sure};
use super::{Analysis, Choice, Eater, Origin, Question, read};
use crate::allergen::{self, Allergen};
use crate::food::{AliasPart, Food, Table, capitalised, word};
use crate::meal::{self, How, Item, MOST_GRAMS, Portion};
use crate::nutrient::{Nutrient, Nutrients, Totals, round};
use crate::safety;
use std::collections::BTreeMap;

/// See [`super::describe`].
pub(super) fn describe(portions: &[Portion], foods: &Table, eater: &Eater) -> Analysis {
    let mut analysis = Analysis {
        origin: Some(Origin {
            reader: "local".to_owned(),
            food_file: foods.name().to_owned(),
        }),
        ..Analysis::default()
    };
    let mut exact: Vec<Nutrients> = Vec::new();
    let mut amounts: BTreeMap<String, (Vec<String>, f64)> = BTreeMap::new();
    let mut named: Option<Named<'_>> = None;
    for (at, portion) in portions.iter().enumerate() {
        // Its words were read with the table it is of.
        let foods = foods.table_of(&portion.food);
        let food = foods.get(&portion.food);
        // The foods of a dish have its phrase in common: it is read once.
        let is_next = |of: &Named<'_>| of.phrase == portion.phrase && std::ptr::eq(of.foods, foods);
        let of_phrase = named.take().filter(is_next);
        let of_phrase = of_phrase.unwrap_or_else(|| Named::of(&portion.phrase, foods));
        let spoken = of_phrase.spoken_for(food.as_ref());
        let name = short_name(portion, &spoken, food.as_ref());
        if !analysis.detected_foods.contains(&name) {
            analysis.detected_foods.push(name.clone());
        }
        let (shown, grams) = amounts.entry(name.clone()).or_default();
        shown.push(portion.amount.clone());
        *grams += portion.grams;
        let nutrients = food.map_or_else(Nutrients::default, |food| food.nutrients().of_grams(portion.grams));
        exact.push(nutrients);
        let table_name = food.map_or(portion.phrase.as_str(), |food| food.name());
        let allergens = allergens(&spoken, table_name);
        analysis
            .questions
            .extend(question(at, portion, &name, food.as_ref(), eater));
        analysis.items.push(Item {
            portion: portion.clone(),
            name: if table_name.is_empty() {
                portion.food.0.clone()
            } else {
                table_name.to_owned()
            },
            said: spoken.counts,
            everyday: everyday(portion, &name, food.as_ref(), foods),
            allergens,
            nutrients: nutrients.rounded(),
        });
        named = Some(of_phrase);
    }
    analysis.warnings = safety::warnings(&analysis.items, eater);
    tell_apart(&mut analysis.items, foods);
    for (name, (shown, grams)) in amounts {
        analysis.estimated_quantities.insert(name, quantity(&shown, grams));
    }
    analysis.nutrition_breakdown = Totals::of(&exact).known();
    analysis.confidence_score = confidence(&analysis.items, 0);
    if analysis.questions.is_empty() && analysis.confidence_score < ASKED_BELOW {
        analysis
            .questions
            .extend(least_sure(&analysis.items).map(|(at, item)| how_much(at, item)));
    }
    analysis.analysis_notes = notes(&analysis, &exact);
    analysis
}

/// What a portion's phrase says of it.
struct Spoken<'a> {
    phrase: &'a str,
    /// The words that name the food.
    said: Option<String>,
    /// They mean this food and no other.
    only: bool,
    /// The words are this food's. Of a dish, they are the first food's.
    counts: bool,
    /// The food they were read as, where the parent then chose another.
    read_as: Option<&'a str>,
}

/// What a phrase names.
struct Named<'a> {
    phrase: &'a str,
    foods: &'a Table,
    /// The words that do.
    said: Option<String>,
    found: Vec<AliasPart>,
}

impl<'a> Named<'a> {
    fn of(phrase: &'a str, foods: &'a Table) -> Self {
        let clause = read::naming(phrase, foods);
        Self {
            phrase,
            foods,
            found: clause
                .as_ref()
                .map_or_else(Vec::new, |clause| read::meant(clause, foods)),
            said: clause.map(|clause| clause.said.join(" ")),
        }
    }

    /// What it says of one of the foods that have it.
    fn spoken_for(&self, food: Option<&Food<'a>>) -> Spoken<'a> {
        let is_it = |part: &AliasPart| food.is_some_and(|food| *food == self.foods.at(part.food));
        let place = self.found.iter().position(is_it);
        Spoken {
            phrase: self.phrase,
            said: self.said.clone(),
            only: place.is_some() && self.found.len() == 1,
            counts: place.is_none_or(|place| place == 0),
            read_as: match (place, self.found.first()) {
                (None, Some(first)) if food.is_some() => Some(self.foods.at(first.food).name()),
                _ => None,
            },
        }
    }
}

/// What the food's name says, and what the parent's words say beyond it. Where the parent
/// chose another food, what made up the first one no longer counts: soy milk for "milk".
fn allergens(spoken: &Spoken<'_>, name: &str) -> Vec<Allergen> {
    let mut found = allergen::contains::eaten(if spoken.counts { spoken.phrase } else { "" }, name);
    if let Some(read_as) = spoken.read_as {
        let (of_first, of_this) = (allergen::contains::named(read_as), allergen::contains::named(name));
        found.retain(|allergen| of_this.contains(allergen) || !of_first.contains(allergen));
    }
    found
}

/// "1/2 medium (59 g)", "60 g".
fn quantity(shown: &[String], grams: f64) -> String {
    let grams = round(grams, 1);
    if shown.iter().any(String::is_empty) {
        return format!("{grams} g");
    }
    format!("{} ({grams} g)", shown.join(" + "))
}

/// What the parent called it; else the everyday name; else the table's.
fn short_name(portion: &Portion, spoken: &Spoken<'_>, food: Option<&Food<'_>>) -> String {
    // The words stand for a food only if they still mean it, and it alone.
    if let Some(food) = food
        && !spoken.only
    {
        return food.everyday_name().unwrap_or_else(|| food.name()).to_owned();
    }
    match &spoken.said {
        Some(said) => said.clone(),
        None if portion.phrase.is_empty() => portion.food.0.clone(),
        None => portion.phrase.clone(),
    }
}

/// What to call a food on a page: as the parent did, where that is a name of this food and no
/// other ("Peas"), else by its everyday name that has most of the parent's words.
fn everyday(portion: &Portion, said: &str, food: Option<&Food<'_>>, foods: &Table) -> String {
    let Some(food) = food else { return capitalised(said) };
    let words = word::words(said);
    let is_name = |key: &[String]| {
        foods
            .alias(key)
            .is_some_and(|alias| alias.parts.len() == 1 && foods.at(alias.parts[0].food) == *food)
    };
    if is_name(&words) {
        return capitalised(said);
    }
    let phrase = word::words(&portion.phrase);
    food.everyday_name_in(&phrase)
        .map_or_else(|| food.everyday(), capitalised)
}

/// Gives foods of one meal that would be called alike longer names.
fn tell_apart(items: &mut [Item], foods: &Table) {
    let alike = |items: &[Item], at: usize| {
        items
            .iter()
            .any(|other| other.everyday == items[at].everyday && other.portion.food != items[at].portion.food)
    };
    for parts in [3, usize::MAX] {
        let unclear: Vec<usize> = (0..items.len()).filter(|at| alike(items, *at)).collect();
        for at in unclear {
            if let Some(food) = foods.get(&items[at].portion.food) {
                items[at].everyday = food.short_name(parts).to_owned();
            }
        }
    }
}

/// Asks about an amount no child eats; it never stands in the way.
/// Likelier wrong than right: one question may help.
const ASKED_BELOW: f64 = 0.5;

/// "How much pasta was it?", with a little, what was taken for it, and a lot.
fn how_much(at: usize, item: &Item) -> Question {
    let grams = item.portion.grams;
    let choice = |words: &str, grams: f64| {
        let grams = round(grams, if grams < 10.0 { 1 } else { 0 });
        Choice {
            label: format!("{words}: {grams} g"),
            grams,
        }
    };
    Question {
        item: at,
        text: format!("{}: how much was it?", item.display_name()),
        choices: vec![
            choice("A little", grams / 2.0),
            choice("About", grams),
            choice("A lot", grams * 2.0),
        ],
    }
}

fn question(at: usize, portion: &Portion, name: &str, food: Option<&Food<'_>>, eater: &Eater) -> Option<Question> {
    let is_drink = food.is_none_or(super::amount::is_drink);
    let plausible = meal::plausible_grams(is_drink, eater.age_days);
    if portion.grams <= plausible || portion.how == How::Parent {
        return None;
    }
    let name = food
        .filter(|food| food.name() == name)
        .map_or(name, |food| food.short_name(3));
    let mut choices = Vec::new();
    let thousandth = round(portion.grams / 1000.0, 1);
    if portion.how == How::Mass && (1.0..=meal::PLAUSIBLE_GRAMS).contains(&thousandth) {
        choices.push(Choice {
            label: format!("{thousandth} g"),
            grams: thousandth,
        });
    }
    let medium = food.and_then(|food| {
        food.portions()
            .find(|m| m.unit.starts_with("medium"))
            .or_else(|| food.portions().next())
    });
    if let Some(measure) = medium {
        let grams = round(measure.grams_of_one(), 1);
        let unit = measure.unit.split([',', '(']).next().unwrap_or(measure.unit).trim();
        choices.push(Choice {
            label: format!("1 {unit} ({grams} g)"),
            grams,
        });
    }
    if portion.grams <= MOST_GRAMS {
        choices.push(Choice {
            label: format!("Yes, {}", meal::weight(portion.grams)),
            grams: portion.grams,
        });
    }
    let text = format!(
        "{} of {name} is more than a small child {}. How much was it?",
        meal::weight(portion.grams),
        if is_drink { "drinks" } else { "eats" }
    );
    Some(Question {
        item: at,
        text,
        choices,
    })
}

/// Milligrams of iron from one food that are worth a sentence: about a fifth of what a
/// toddler needs in a day (7 mg by the US dietary reference intakes).
const IRON_WORTH_SAYING: f64 = 1.5;

/// A sentence or two on what is worth knowing of the figures.
fn notes(analysis: &Analysis, exact: &[Nutrients]) -> String {
    let mut notes: Vec<String> = Vec::new();
    let iron = Totals::of(exact).get(Nutrient::Iron);
    let most = exact
        .iter()
        .enumerate()
        .filter_map(|(at, n)| n.get(Nutrient::Iron).map(|iron| (at, iron)))
        .fold(None, |most: Option<(usize, f64)>, (at, iron)| match most {
            Some((_, before)) if before >= iron => most,
            _ => Some((at, iron)),
        });
    if let Some((at, most)) = most
        && analysis.items.len() > 1
        && most >= IRON_WORTH_SAYING
        && most > iron.known * 0.5
    {
        let from = &analysis.items[at].everyday;
        notes.push(format!("Most of the iron: {from}."));
    }
    let unknown: Vec<String> = Nutrient::TWELVE
        .into_iter()
        .filter(|nutrient| exact.iter().any(|food| food.get(*nutrient).is_none()))
        .map(|nutrient| {
            nutrient
                .name()
                .to_lowercase()
                .replace("vitamin a", "vitamin A")
                .replace("vitamin c", "vitamin C")
                .replace("vitamin d", "vitamin D")
        })
        .collect();
    match unknown.len() {
        0 => {}
        1..=4 => notes.push(format!("The food table has no full figure for {}.", unknown.join(", "))),
        more => notes.push(format!(
            "The food table has no full figure for {more} of the twelve nutrients."
        )),
    }
    if analysis.items.iter().any(|item| item.portion.amount.ends_with(" min")) {
        notes.push("What was drunk at the breast is an estimate by the time it took.".to_owned());
    }
    let guessed: Vec<&str> = analysis
        .items
        .iter()
        .filter(|item| item.portion.how == How::Default)
        .map(|item| item.portion.phrase.as_str())
        .filter(|phrase| !phrase.is_empty())
        .take(3)
        .collect();
    if !guessed.is_empty() {
        notes.push(format!("Usual amount taken for: {}.", guessed.join(", ")));
    }
    notes.join(" ")
}
