//! The compact food file: columns of scaled whole numbers, so that it packs well and
//! means the same on every machine.

use super::FoodFileError;
use crate::nutrient::Nutrient;
use serde::{Deserialize, Serialize};

/// The first bytes of every food file, with the version of its layout.
const MAGIC: &[u8] = b"tinytummy foods 1\n";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) attribution: String,
    /// What stands before the colon of an id.
    pub(super) prefix: String,
    /// How many digits an id has at least: shorter ones begin with noughts.
    pub(super) digits: u32,
    /// Each id less the one before.
    pub(super) id_steps: Vec<u32>,
    /// One a line.
    pub(super) names: String,
    /// In the order of [`Nutrient::ALL`].
    pub(super) columns: Vec<Column>,
    /// Every unit there is, once.
    pub(super) units: Vec<String>,
    /// How many portions each food has; the next three lists hold them in turn.
    pub(super) portion_counts: Vec<u32>,
    pub(super) portion_units: Vec<u32>,
    /// Thousandths.
    pub(super) portion_amounts: Vec<u32>,
    /// Tenths of a gram.
    pub(super) portion_dg: Vec<u32>,
    pub(super) aliases: Vec<StoredAlias>,
}

/// One nutrient of every food.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Column {
    pub(super) divisor: u32,
    /// 0 is unknown; `n` is `(n - 1) / divisor`.
    pub(super) scaled: Vec<u32>,
}

/// Rows with the same words follow each other: together they are a dish.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct StoredAlias {
    pub(super) words: String,
    pub(super) food: u32,
    /// Tenths of a gram plus one; 0 is unknown.
    pub(super) one_dg: u32,
    pub(super) usual_dg: u32,
}

/// In place of a food: a name for something the table does not have.
pub(super) const LACKING: u32 = u32::MAX;

/// The figure a stored number stands for: 0 is unknown, the rest is one too high.
pub(super) fn known(stored: u32, divisor: f64) -> Option<f64> {
    (stored > 0).then(|| f64::from(stored - 1) / divisor)
}

impl File {
    #[cfg(any(feature = "build", test))]
    pub(super) fn encode(&self) -> Result<Vec<u8>, postcard::Error> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(postcard::to_allocvec(self)?);
        Ok(bytes)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, FoodFileError> {
        let body = bytes.strip_prefix(MAGIC).ok_or(FoodFileError::NotAFoodFile)?;
        postcard::from_bytes(body).map_err(|error| FoodFileError::Damaged(error.to_string()))
    }

    /// The ids, summed up from their steps.
    pub(super) fn numbers(&self) -> Vec<u32> {
        let mut number = 0_u32;
        self.id_steps
            .iter()
            .map(|step| {
                number = number.wrapping_add(*step);
                number
            })
            .collect()
    }

    /// Every list is as long as the others say, and points at nothing that is not there:
    /// after this no lookup can fail.
    pub(super) fn check(&self, foods: usize, names: usize, portions: usize) -> Result<(), FoodFileError> {
        let sound = [
            ("names", names == foods),
            ("ids", !self.id_steps.iter().skip(1).any(|step| *step == 0)),
            (
                "nutrients",
                self.columns.len() == Nutrient::ALL.len()
                    && self.columns.iter().all(|c| c.divisor > 0 && c.scaled.len() == foods),
            ),
            (
                "portions",
                self.portion_counts.len() == foods
                    && self.portion_units.len() == portions
                    && self.portion_amounts.len() == portions
                    && self.portion_dg.len() == portions
                    && self
                        .portion_units
                        .iter()
                        .all(|unit| (*unit as usize) < self.units.len())
                    && self.portion_amounts.iter().all(|amount| *amount > 0),
            ),
            (
                "aliases",
                self.aliases
                    .iter()
                    .all(|alias| alias.food == LACKING || (alias.food as usize) < foods),
            ),
        ];
        match sound.iter().find(|(_, holds)| !holds) {
            Some((part, _)) => Err(FoodFileError::Damaged(format!("its {part} do not add up"))),
            None => Ok(()),
        }
    }
}
