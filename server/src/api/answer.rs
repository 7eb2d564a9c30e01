//! A meal's analysis as the API tells it: the shape that is stored, and that `tinytummy analyse` prints.

use super::words::{Allergen, How, Nutrients, Twelve};
use domain::{analysis, meal, safety};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What was understood of a meal.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Analysis {
    /// What the foods are called, without repeats.
    detected_foods: Vec<String>,
    /// The amount of each of them, such as "1/2 medium (59 g)".
    estimated_quantities: BTreeMap<String, String>,
    nutrition_breakdown: Twelve,
    /// 0 to 1.
    confidence_score: f64,
    /// A sentence or two on what is worth knowing of the figures.
    analysis_notes: String,
    items: Vec<Item>,
    warnings: Vec<Warning>,
    /// What only a parent can answer.
    questions: Vec<Question>,
    /// Words that stand for no food we know.
    not_understood: Vec<String>,
    /// Null where there is no analysis.
    origin: Option<Origin>,
}

/// One food of a meal.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Item {
    /// The words it came from; empty when it was picked.
    phrase: String,
    /// The food's id.
    food: String,
    /// The food's name in the table.
    name: String,
    grams: f64,
    how: How,
    /// In the parent's own measure, such as "1/2 medium"; empty for plain grams.
    amount: String,
    /// 0 to 1.
    confidence: f64,
    allergens: Vec<Allergen>,
    /// What these grams hold.
    nutrients: Nutrients,
}

/// Something a parent should know. It never stands in the way of logging.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Warning {
    /// The rule's id, such as honey, or allergy:milk for an allergy of this child.
    rule: String,
    level: Level,
    /// Who publishes the rule; "your list" for an allergy of this child.
    source: String,
    text: String,
    /// Which of the items, from 0.
    item: usize,
}

/// How strongly it is meant.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Level {
    /// Worth knowing.
    Note,
    /// Not at this age, or not in this form.
    Age,
    /// This child is allergic to it.
    Allergy,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Question {
    /// Which of the items, from 0.
    item: usize,
    text: String,
    choices: Vec<Choice>,
}

/// An answer, and the grams it means.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Choice {
    label: String,
    grams: f64,
}

/// Who read the words, and from which food file the figures are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Origin {
    reader: String,
    food_file: String,
}

impl From<analysis::Analysis> for Analysis {
    fn from(analysis: analysis::Analysis) -> Self {
        Self {
            detected_foods: analysis.detected_foods,
            estimated_quantities: analysis.estimated_quantities,
            nutrition_breakdown: Twelve(analysis.nutrition_breakdown),
            confidence_score: analysis.confidence_score,
            analysis_notes: analysis.analysis_notes,
            items: analysis.items.into_iter().map(Item::from).collect(),
            warnings: analysis.warnings.into_iter().map(Warning::from).collect(),
            questions: analysis.questions.into_iter().map(Question::from).collect(),
            not_understood: analysis.not_understood,
            origin: analysis.origin.map(|origin| Origin {
                reader: origin.reader,
                food_file: origin.food_file,
            }),
        }
    }
}

impl From<meal::Item> for Item {
    fn from(item: meal::Item) -> Self {
        let meal::Portion {
            phrase,
            food,
            grams,
            how,
            amount,
            confidence,
        } = item.portion;
        Self {
            phrase,
            food: food.0,
            name: item.name,
            grams,
            how: How(how),
            amount,
            confidence,
            allergens: item.allergens.into_iter().map(Allergen).collect(),
            nutrients: Nutrients(item.nutrients),
        }
    }
}

impl From<safety::Warning> for Warning {
    fn from(warning: safety::Warning) -> Self {
        Self {
            rule: warning.rule,
            level: match warning.level {
                safety::Level::Note => Level::Note,
                safety::Level::Age => Level::Age,
                safety::Level::Allergy => Level::Allergy,
            },
            source: warning.source,
            text: warning.text,
            item: warning.item,
        }
    }
}

impl From<analysis::Question> for Question {
    fn from(question: analysis::Question) -> Self {
        Self {
            item: question.item,
            text: question.text,
            choices: question
                .choices
                .into_iter()
                .map(|choice| Choice {
                    label: choice.label,
                    grams: choice.grams,
                })
                .collect(),
        }
    }
}
