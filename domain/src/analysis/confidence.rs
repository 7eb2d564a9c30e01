//! How sure the figures of a meal are.

use crate::meal::{How, Item};
use crate::nutrient::{Nutrient, round};

/// Right means this near in carbohydrate, in grams.
const NEAR_G: f64 = 7.5;

/// Grams of carbohydrate that a meal is off by though all of it was weighed: tables differ.
const TABLE_G: f64 = 4.8;

/// Grams that words which were not understood leave open: mostly they are no food.
const UNREAD_G: f64 = 3.1;

/// Grams that a food without figures leaves open.
const UNKNOWN_FOOD_G: f64 = 12.0;

/// Grams by which a usual amount is off however small it is.
const USUAL_G: f64 = 3.6;

/// How far off an item is for a food that is not at all sure, as a share of it.
const WRONG_FOOD: f64 = 0.56;

/// Nothing is surer than this.
const MOST: f64 = 0.97;

/// The chance, 0..1, that the carbohydrate of a meal of these items, in which so many phrases were not
/// understood, is within 7.5 g of the truth.
///
/// The constants were fitted to meals of known figures, and checked on a quarter of them that were held
/// out: `make bench-analyser` prints what was said beside what came true.
pub(super) fn confidence(items: &[Item], not_understood: usize) -> f64 {
    if items.is_empty() {
        return 0.0;
    }
    // The parent said so.
    if not_understood == 0 && items.iter().all(|item| item.portion.confidence >= 1.0) {
        return MOST;
    }
    let of_items: f64 = items.iter().map(|item| off_by(item).powi(2)).sum();
    let variance = TABLE_G.powi(2) + not_understood as f64 * UNREAD_G.powi(2) + of_items;
    round(within(NEAR_G / variance.sqrt()).min(MOST), 2)
}

/// The item whose amount, which nobody weighed, leaves the most open; and its index.
pub(super) fn least_sure(items: &[Item]) -> Option<(usize, &Item)> {
    items
        .iter()
        .enumerate()
        .filter(|(_, item)| matches!(item.portion.how, How::Default | How::Portion) && item.portion.grams > 0.0)
        .max_by(|(_, one), (_, other)| off_by(one).total_cmp(&off_by(other)))
}

/// By how many grams of carbohydrate an item may be off: one standard deviation.
fn off_by(item: &Item) -> f64 {
    let Some(carbs) = item.nutrients.get(Nutrient::Carbs) else {
        return UNKNOWN_FOOD_G;
    };
    let (share, grams) = match item.portion.how {
        How::Parent | How::Mass => (0.0, 0.0),
        How::Volume => (0.025, 0.0),
        How::Portion => (0.1, 0.0),
        How::Default => (0.47, USUAL_G),
    };
    carbs * (share + WRONG_FOOD * (1.0 - item.portion.confidence)) + grams
}

/// The chance that a normal error is within `z` standard deviations, to a thousandth.
fn within(z: f64) -> f64 {
    (0.7988 * z * (1.0 + 0.04417 * z * z)).tanh()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Eater, analyse};
    use crate::food::tests::TABLE;

    fn sure(text: &str) -> f64 {
        analyse(text, &TABLE, &Eater::default()).confidence_score
    }

    #[test]
    fn what_was_weighed_is_surer_than_what_was_guessed() {
        assert!(sure("200 g cooked rice") > sure("a cup of cooked rice"));
        assert!(sure("a cup of cooked rice") > sure("rice"));
        assert!(sure("50 g banana") > sure("50 g banana and a flurble"));
    }

    #[test]
    fn a_meal_likelier_wrong_than_right_asks_one_question_and_a_sure_one_none() {
        let asked = analyse("pasta and 20 g cheese", &TABLE, &Eater::default());
        assert_eq!(asked.questions.len(), 1, "{:?}", asked.questions);
        let question = &asked.questions[0];
        assert_eq!(asked.items[question.item].portion.phrase, "pasta");
        let grams: Vec<f64> = question.choices.iter().map(|choice| choice.grams).collect();
        let usual = asked.items[0].portion.grams;
        assert_eq!(grams, [usual / 2.0, usual, usual * 2.0]);
        assert!(analyse("60 g pasta", &TABLE, &Eater::default()).questions.is_empty());
        let baby = Eater {
            age_days: Some(200),
            allergies: Vec::new(),
        };
        assert!(analyse("some carrot", &TABLE, &baby).questions.is_empty());
    }

    #[test]
    fn the_chance_is_that_of_a_normal_error() {
        for (z, chance) in [(0.0, 0.0), (0.5, 0.383), (1.0, 0.683), (1.96, 0.95)] {
            assert!((within(z) - chance).abs() < 0.002, "{z}");
        }
    }
}
