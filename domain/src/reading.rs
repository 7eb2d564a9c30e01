//! What a parent does with a reading: keeps it, mends it, or goes on typing.
//!
//! The same rules serve the browser, where they run at every key, and the server, which
//! gets the rows back as a form.

use crate::analysis::Analysis;
use crate::field::{Field, Refusal};
use crate::food::FoodId;
use crate::meal::{How, PLAUSIBLE_GRAMS, Portion, weight};
use serde::{Deserialize, Serialize};

/// One food of the meal form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    pub portion: Portion,
    /// The parent set the food or the amount: typing on does not undo that.
    pub edited: bool,
    /// The parent took it out: typing on does not bring it back.
    pub removed: bool,
}

impl Row {
    pub const fn new(portion: Portion) -> Self {
        Self {
            portion,
            edited: false,
            removed: false,
        }
    }

    /// A food picked from the list rather than read from words.
    pub fn picked(food: FoodId, grams: f64) -> Self {
        let portion = Portion {
            phrase: String::new(),
            food,
            grams,
            how: How::Parent,
            amount: String::new(),
            confidence: 1.0,
        };
        Self {
            portion,
            edited: true,
            removed: false,
        }
    }

    pub fn set_grams(&mut self, grams: f64) {
        self.portion.grams = grams;
        self.portion.how = How::Parent;
        self.portion.amount.clear();
        self.edited = true;
        self.portion.confidence = 1.0;
    }

    pub fn set_food(&mut self, food: FoodId) {
        self.portion.food = food;
        self.portion.confidence = 1.0;
        self.edited = true;
    }
}

/// The rows of a reading nobody has touched yet.
pub fn rows(analysis: &Analysis) -> Vec<Row> {
    analysis
        .items
        .iter()
        .map(|item| Row::new(item.portion.clone()))
        .collect()
}

/// The portions that count: what was taken out stays in the form, not in the meal.
pub fn portions(rows: &[Row]) -> Vec<Portion> {
    rows.iter()
        .filter(|row| !row.removed)
        .map(|row| row.portion.clone())
        .collect()
}

/// `rows` after the text was read afresh. A row the parent touched stays as long as its
/// words are still there; a food picked from the list always stays.
pub fn reread(rows: &[Row], fresh: &Analysis) -> Vec<Row> {
    let mut touched: Vec<&Row> = rows.iter().filter(|row| row.edited || row.removed).collect();
    let mut next: Vec<Row> = fresh
        .items
        .iter()
        .map(
            |item| match touched.iter().position(|row| row.portion.phrase == item.portion.phrase) {
                Some(place) => touched.remove(place).clone(),
                None => Row::new(item.portion.clone()),
            },
        )
        .collect();
    next.extend(
        touched
            .into_iter()
            .filter(|row| row.portion.phrase.is_empty() && !row.removed)
            .cloned(),
    );
    next
}

/// Asks about an amount no small child eats, unless the parent set it: a reading that nobody has
/// seen yet may hold a slip such as 900 kg. `analysis` is that of `rows` without what was taken out.
///
/// # Errors
/// The first such amount. Once the parent has set it, it is believed.
pub fn ask(rows: &[Row], analysis: &Analysis) -> Result<(), Refusal> {
    let doubtful = analysis
        .items
        .iter()
        .zip(rows.iter().filter(|row| !row.removed))
        .find(|(item, row)| item.portion.grams > PLAUSIBLE_GRAMS && !row.edited);
    match doubtful {
        None => Ok(()),
        Some((item, _)) => Err(Refusal::new(
            Field::Items,
            format!(
                "{} of {} is a lot at once. Please check the weight.",
                weight(item.portion.grams),
                item.display_name().to_lowercase()
            ),
        )),
    }
}

/// A [`Row`] as form fields: all text, since a parent may type anything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RowForm {
    pub phrase: String,
    pub food: String,
    /// The food as the page offered it: another one here was chosen by the parent.
    pub was_food: String,
    pub grams: String,
    /// The grams as the page offered them.
    pub was_grams: String,
    pub how: String,
    pub amount: String,
    pub confidence: String,
    pub edited: String,
    pub removed: String,
}

impl RowForm {
    /// # Errors
    /// Grams that are no number.
    pub fn row(&self) -> Result<Row, Refusal> {
        let mut row = Row {
            portion: Portion {
                phrase: self.phrase.clone(),
                food: FoodId(if self.was_food.is_empty() {
                    self.food.clone()
                } else {
                    self.was_food.clone()
                }),
                grams: grams(if self.was_grams.is_empty() {
                    &self.grams
                } else {
                    &self.was_grams
                })?,
                how: How::from_id(&self.how).unwrap_or(How::Parent),
                amount: self.amount.clone(),
                confidence: self.confidence.parse().unwrap_or(1.0_f64).clamp(0.0, 1.0),
            },
            edited: !self.edited.is_empty(),
            removed: !self.removed.is_empty(),
        };
        // Without a word on the food it is still the one offered.
        if !self.food.is_empty() && row.portion.food.0 != self.food {
            row.set_food(FoodId(self.food.clone()));
        }
        if self.grams != self.was_grams {
            row.set_grams(grams(&self.grams)?);
        }
        Ok(row)
    }
}

/// Grams as typed: a decimal comma is as good as a point.
///
/// # Errors
/// Not a number, or below zero.
pub fn grams(typed: &str) -> Result<f64, Refusal> {
    typed
        .trim()
        .replace(',', ".")
        .parse::<f64>()
        .ok()
        .filter(|grams| grams.is_finite() && *grams >= 0.0)
        .ok_or_else(|| {
            Refusal::new(
                Field::Grams,
                "Please give the weight in grams as a number, such as 40 or 12.5.",
            )
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::meal::Item;
    use crate::nutrient::Nutrients;

    fn portion(phrase: &str, grams: f64) -> Portion {
        Portion {
            phrase: phrase.to_owned(),
            food: FoodId(format!("sr24:{phrase}")),
            grams,
            how: How::Portion,
            amount: "1".to_owned(),
            confidence: 0.8,
        }
    }

    fn read(phrases: &[&str]) -> Analysis {
        let items = phrases.iter().map(|phrase| Item {
            portion: portion(phrase, 10.0),
            name: (*phrase).to_owned(),
            said: true,
            everyday: String::new(),
            allergens: vec![],
            nutrients: Nutrients::default(),
        });
        Analysis {
            items: items.collect(),
            ..Analysis::default()
        }
    }

    #[test]
    fn typing_on_keeps_what_the_parent_mended_and_what_they_took_out() {
        let mut rows = rows(&read(&["banana", "rice"]));
        rows[0].set_grams(30.0);
        rows[1].removed = true;
        rows.push(Row::picked(FoodId("sr24:1".to_owned()), 5.0));
        let rows = reread(&rows, &read(&["banana", "rice", "peas"]));
        let kept: Vec<_> = portions(&rows).iter().map(|p| (p.phrase.clone(), p.grams)).collect();
        assert_eq!(
            kept,
            [("banana".into(), 30.0), ("peas".into(), 10.0), (String::new(), 5.0)]
        );
    }

    #[test]
    fn a_phrase_that_is_gone_takes_its_row_along() {
        let mut rows = rows(&read(&["banana"]));
        rows[0].set_grams(30.0);
        assert_eq!(portions(&reread(&rows, &read(&["pear"])))[0].grams, 10.0);
    }

    #[test]
    fn nine_hundred_kilos_are_asked_about_until_a_parent_sets_them() {
        let mut analysis = read(&["rice", "banana"]);
        analysis.items[1].portion.grams = 900_000.0;
        let mut rows = rows(&analysis);
        assert!(ask(&rows, &analysis).unwrap_err().message.contains("900 kg of banana"));
        rows[1].edited = true;
        assert_eq!(ask(&rows, &analysis), Ok(()));
    }

    #[test]
    fn a_form_row_tells_a_mended_weight_from_an_offered_one() {
        let offered = RowForm {
            food: "sr24:1".to_owned(),
            was_food: "sr24:1".to_owned(),
            grams: "59".to_owned(),
            was_grams: "59".to_owned(),
            how: "portion".to_owned(),
            amount: "1/2 medium".to_owned(),
            confidence: "0.9".to_owned(),
            ..RowForm::default()
        };
        assert!(!offered.row().unwrap().edited);
        let mended = RowForm {
            grams: "40,5".to_owned(),
            ..offered.clone()
        }
        .row()
        .unwrap();
        assert_eq!(
            (mended.portion.grams, mended.portion.how, mended.edited),
            (40.5, How::Parent, true)
        );
        assert!(
            RowForm {
                grams: "a lot".to_owned(),
                ..offered.clone()
            }
            .row()
            .is_err()
        );
        let other_food = RowForm {
            food: "sr24:2".to_owned(),
            ..offered
        }
        .row()
        .unwrap();
        assert_eq!(other_food.portion.food.0, "sr24:2");
    }
}
