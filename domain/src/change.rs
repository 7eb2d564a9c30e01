//! One write to something a child owns, and how two writes to the same row merge.
//!
//! A form, the API and a phone's queue all say what they want as a [`Change`]. Merging is
//! per field and the last stamp wins, so that two parents who mend different fields of one
//! meal both get their way, whatever order the changes arrive in.

use crate::field::{Field, Refusal, text};
use crate::id::{ChangeId, ChildId, MealId};
use crate::meal::{InputMethod, Kind, MOST_ITEMS, MOST_TEXT, Meal, MealType, Portion, When};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One write. Its id makes it idempotent: applied twice it changes nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    pub id: ChangeId,
    pub child: ChildId,
    /// What is written, and to which row.
    #[serde(flatten)]
    pub noun: Noun,
    /// The writer's time, corrected by the offset to the server's it last measured.
    pub stamp: DateTime<Utc>,
}

/// The kinds of rows a change can write.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "noun", rename_all = "snake_case")]
pub enum Noun {
    Meal { row: MealId, fields: MealFields },
}

/// The fields of a meal that a client may say. `None` leaves a field as it is. What
/// follows from them (nutrients, warnings, the analysis) is the server's to derive.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MealFields {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw_input: Option<String>,
    /// All items at once: half of one list and half of another is nobody's meal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items: Option<Vec<Portion>>,
    /// Phrases the reader could not place; travels with `items`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_understood: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meal_type: Option<MealType>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// Said once, when the meal is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input_method: Option<InputMethod>,
    /// Deleting and its undo are writes like any other, with a stamp of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deleted: Option<bool>,
}

impl MealFields {
    /// Without what `stored` says already: a form sends all it shows, and what nobody
    /// changed must not win over what somebody else did.
    #[must_use]
    pub fn unlike(self, stored: &Meal) -> Self {
        let portions: Vec<_> = stored.analysis.items.iter().map(|item| item.portion.clone()).collect();
        let same_items = self.items.as_ref() == Some(&portions);
        Self {
            raw_input: self.raw_input.filter(|text| *text != stored.raw_input),
            not_understood: self.not_understood.filter(|_| !same_items),
            items: self.items.filter(|_| !same_items),
            // The form shows minutes: the seconds a phone noted are not an edit.
            when: self
                .when
                .filter(|when| when.at.timestamp() / 60 != stored.when.at.timestamp() / 60),
            meal_type: self.meal_type.filter(|meal_type| *meal_type != stored.meal_type),
            kind: self.kind.filter(|kind| *kind != stored.kind),
            notes: self.notes.filter(|notes| *notes != stored.notes),
            input_method: None,
            deleted: self.deleted,
        }
    }

    /// The names of the fields that are said, as [`FieldStamps`] has them.
    pub fn said(&self) -> Vec<&'static str> {
        let said = [
            ("raw_input", self.raw_input.is_some()),
            ("items", self.items.is_some()),
            ("not_understood", self.not_understood.is_some()),
            ("when", self.when.is_some()),
            ("meal_type", self.meal_type.is_some()),
            ("kind", self.kind.is_some()),
            ("notes", self.notes.is_some()),
            ("input_method", self.input_method.is_some()),
            ("deleted", self.deleted.is_some()),
        ];
        said.into_iter()
            .filter(|(_, said)| *said)
            .map(|(name, _)| name)
            .collect()
    }

    /// The same fields, made storable.
    ///
    /// # Errors
    /// Text too long, too many items, or a weight that is none.
    pub fn checked(self) -> Result<Self, Refusal> {
        if let Some(items) = &self.items {
            if items.len() > MOST_ITEMS {
                return Err(Refusal::new(
                    Field::Items,
                    format!(
                        "That is {} foods; {MOST_ITEMS} fit in one meal. Please split it.",
                        items.len()
                    ),
                ));
            }
            for portion in items {
                portion.check()?;
            }
        }
        let checked = |field, typed: Option<String>| typed.map(|t| text(field, &t, MOST_TEXT)).transpose();
        let phrase = |phrase: String| text(Field::Items, &phrase, MOST_TEXT);
        Ok(Self {
            raw_input: checked(Field::RawInput, self.raw_input)?,
            notes: checked(Field::Notes, self.notes)?,
            items: self
                .items
                .map(|items| {
                    items
                        .into_iter()
                        .map(|portion| {
                            Ok(Portion {
                                phrase: phrase(portion.phrase)?,
                                amount: phrase(portion.amount)?,
                                ..portion
                            })
                        })
                        .collect::<Result<_, Refusal>>()
                })
                .transpose()?,
            not_understood: self
                .not_understood
                .map(|phrases| {
                    phrases
                        .into_iter()
                        .take(MOST_ITEMS)
                        .map(phrase)
                        .collect::<Result<_, Refusal>>()
                })
                .transpose()?,
            ..self
        })
    }
}

/// How far ahead of the server a stamp may be before it is replaced: past that, a wrong
/// clock would win every later edit.
pub const MOST_AHEAD: TimeDelta = TimeDelta::seconds(60);

/// `stamp`, or the server's time when the writer's clock runs ahead of it.
pub fn restamped(stamp: DateTime<Utc>, server_now: DateTime<Utc>) -> DateTime<Utc> {
    if stamp > server_now + MOST_AHEAD {
        server_now
    } else {
        stamp
    }
}

/// Who wrote a field: a model's reading never beats a parent's edit, whatever its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writer {
    Model,
    Parent,
}

/// When a field was last written, by whom, and by which change (which breaks ties the
/// same way everywhere).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Stamp {
    pub by: Writer,
    pub at: DateTime<Utc>,
    pub change: ChangeId,
}

/// The stamp of each field of a row, by the field's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldStamps(pub BTreeMap<String, Stamp>);

impl FieldStamps {
    /// Whether a write with `stamp` wins `field`; if so the stamp is kept.
    pub fn wins(&mut self, field: &str, stamp: Stamp) -> bool {
        if self.0.get(field).is_some_and(|last| *last >= stamp) {
            return false;
        }
        self.0.insert(field.to_owned(), stamp);
        true
    }
}

/// `fields` as they stand after `incoming`, per field by stamp. Says whether anything
/// changed.
pub fn merge(fields: &mut MealFields, stamps: &mut FieldStamps, incoming: MealFields, stamp: Stamp) -> bool {
    let mut changed = false;
    macro_rules! take {
        ($($field:ident),+) => {$(
            if let Some(value) = incoming.$field && stamps.wins(stringify!($field), stamp) {
                fields.$field = Some(value);
                changed = true;
            }
        )+};
    }
    take!(
        raw_input,
        items,
        not_understood,
        when,
        meal_type,
        kind,
        notes,
        input_method,
        deleted
    );
    changed
}

/// Whether a row is there, seen from its fields and their stamps alone, so that the order
/// in which writes arrived does not matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    Here,
    Deleted,
    /// Somebody deleted it and somebody mended it later: it stays until a parent decides,
    /// since a row wrongly kept can be deleted again and a lost one is lost.
    Disputed,
}

pub fn presence(fields: &MealFields, stamps: &FieldStamps) -> Presence {
    if fields.deleted != Some(true) {
        return Presence::Here;
    }
    let deleted = stamps.0.get("deleted");
    if stamps.0.values().any(|stamp| Some(stamp) > deleted) {
        Presence::Disputed
    } else {
        Presence::Deleted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn stamp(seconds: i64, change: u128) -> Stamp {
        Stamp {
            by: Writer::Parent,
            at: DateTime::from_timestamp(seconds, 0).unwrap(),
            change: ChangeId(Uuid::from_u128(change)),
        }
    }

    fn notes(text: &str) -> MealFields {
        MealFields {
            notes: Some(text.to_owned()),
            ..MealFields::default()
        }
    }

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let writes = [
            (notes("first"), stamp(1, 1)),
            (notes("second"), stamp(2, 2)),
            (notes("tie"), stamp(2, 3)),
            (
                MealFields {
                    deleted: Some(true),
                    ..MealFields::default()
                },
                stamp(1, 4),
            ),
            (
                MealFields {
                    kind: Some(Kind::Milk),
                    ..MealFields::default()
                },
                stamp(1, 5),
            ),
        ];
        let outcome = |order: [usize; 5]| {
            let (mut fields, mut stamps) = (MealFields::default(), FieldStamps::default());
            for i in order {
                merge(&mut fields, &mut stamps, writes[i].0.clone(), writes[i].1);
            }
            (fields.notes, fields.kind)
        };
        assert_eq!(outcome([0, 1, 2, 3, 4]), (Some("tie".to_owned()), Some(Kind::Milk)));
        for order in [[4, 3, 2, 1, 0], [2, 0, 1, 4, 3], [1, 2, 0, 3, 4], [3, 1, 4, 0, 2]] {
            assert_eq!(outcome(order), outcome([0, 1, 2, 3, 4]));
        }
    }

    #[test]
    fn applied_twice_it_changes_nothing() {
        let (mut fields, mut stamps) = (MealFields::default(), FieldStamps::default());
        assert!(merge(&mut fields, &mut stamps, notes("once"), stamp(1, 1)));
        assert!(!merge(&mut fields, &mut stamps, notes("once"), stamp(1, 1)));
    }

    #[test]
    fn a_model_never_beats_a_parent() {
        let (mut fields, mut stamps) = (MealFields::default(), FieldStamps::default());
        merge(&mut fields, &mut stamps, notes("parent"), stamp(1, 1));
        let later_model = Stamp {
            by: Writer::Model,
            ..stamp(9, 2)
        };
        assert!(!merge(&mut fields, &mut stamps, notes("model"), later_model));
        assert_eq!(fields.notes.as_deref(), Some("parent"));
    }

    #[test]
    fn an_edit_later_than_a_deletion_keeps_the_row_in_either_order() {
        let delete = MealFields {
            deleted: Some(true),
            ..MealFields::default()
        };
        let after = |writes: [(MealFields, Stamp); 2]| {
            let (mut fields, mut stamps) = (MealFields::default(), FieldStamps::default());
            for (write, stamp) in writes {
                merge(&mut fields, &mut stamps, write, stamp);
            }
            presence(&fields, &stamps)
        };
        let (deletion, early, late) = (
            (delete, stamp(5, 1)),
            (notes("early"), stamp(4, 2)),
            (notes("late"), stamp(6, 3)),
        );
        assert_eq!(after([deletion.clone(), early.clone()]), Presence::Deleted);
        assert_eq!(after([early, deletion.clone()]), Presence::Deleted);
        assert_eq!(after([deletion.clone(), late.clone()]), Presence::Disputed);
        assert_eq!(after([late, deletion]), Presence::Disputed);
    }

    #[test]
    fn undoing_a_deletion_brings_the_row_back() {
        let (mut fields, mut stamps) = (MealFields::default(), FieldStamps::default());
        let deleted = |deleted| MealFields {
            deleted: Some(deleted),
            ..MealFields::default()
        };
        merge(&mut fields, &mut stamps, deleted(true), stamp(5, 1));
        merge(&mut fields, &mut stamps, deleted(false), stamp(6, 2));
        assert_eq!(presence(&fields, &stamps), Presence::Here);
    }

    #[test]
    fn a_clock_that_runs_ahead_is_set_right() {
        let now = DateTime::from_timestamp(1_000, 0).unwrap();
        assert_eq!(
            restamped(now + TimeDelta::seconds(60), now),
            now + TimeDelta::seconds(60)
        );
        assert_eq!(restamped(now + TimeDelta::seconds(61), now), now);
        assert_eq!(restamped(now - TimeDelta::days(3), now), now - TimeDelta::days(3));
    }

    #[test]
    fn a_change_keeps_its_shape_on_the_wire() {
        let change = Change {
            id: ChangeId(Uuid::from_u128(1)),
            child: ChildId(Uuid::from_u128(2)),
            noun: Noun::Meal {
                row: MealId(Uuid::from_u128(3)),
                fields: notes("x"),
            },
            stamp: DateTime::from_timestamp(0, 0).unwrap(),
        };
        let json = serde_json::to_value(&change).unwrap();
        assert_eq!(json["noun"], "meal");
        assert_eq!(json["fields"]["notes"], "x");
        assert_eq!(serde_json::from_value::<Change>(json).unwrap(), change);
    }
}
