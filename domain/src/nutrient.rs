//! Nutrients and amounts of them. Unknown is not zero.

use serde::de::{MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A nutrient the food table may have a figure for. The first twelve have a column of
/// their own in `meals`; the rest live in the stored analysis.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(usize)]
pub enum Nutrient {
    /// Energy in kcal.
    Calories,
    /// g
    Protein,
    /// g
    Fat,
    /// g, by difference
    Carbs,
    /// g
    Fiber,
    /// mg
    Iron,
    /// mg
    Calcium,
    /// mcg retinol activity equivalents (RAE)
    VitaminA,
    /// mg
    VitaminC,
    /// mcg; 1 mcg = 40 IU
    VitaminD,
    /// mg
    Zinc,
    /// mcg
    Folate,
    /// mg
    Sodium,
    /// g, all sugars
    Sugars,
    /// g
    SaturatedFat,
    /// mg
    Potassium,
    /// mcg
    VitaminB12,
    /// mg
    Caffeine,
    /// mcg, preformed vitamin A: what the upper limit speaks of
    Retinol,
}

impl Nutrient {
    pub const ALL: [Self; 19] = [
        Self::Calories,
        Self::Protein,
        Self::Fat,
        Self::Carbs,
        Self::Fiber,
        Self::Iron,
        Self::Calcium,
        Self::VitaminA,
        Self::VitaminC,
        Self::VitaminD,
        Self::Zinc,
        Self::Folate,
        Self::Sodium,
        Self::Sugars,
        Self::SaturatedFat,
        Self::Potassium,
        Self::VitaminB12,
        Self::Caffeine,
        Self::Retinol,
    ];

    /// The twelve a parent sees against a target.
    pub const TWELVE: [Self; 12] = [
        Self::Calories,
        Self::Protein,
        Self::Fat,
        Self::Carbs,
        Self::Fiber,
        Self::Iron,
        Self::Calcium,
        Self::VitaminA,
        Self::VitaminC,
        Self::VitaminD,
        Self::Zinc,
        Self::Folate,
    ];

    /// The key in `nutrition_breakdown`.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Calories => "calories",
            Self::Protein => "protein",
            Self::Fat => "fat",
            Self::Carbs => "carbs",
            Self::Fiber => "fiber",
            Self::Iron => "iron",
            Self::Calcium => "calcium",
            Self::VitaminA => "vitamin_a",
            Self::VitaminC => "vitamin_c",
            Self::VitaminD => "vitamin_d",
            Self::Zinc => "zinc",
            Self::Folate => "folate",
            Self::Sodium => "sodium",
            Self::Sugars => "sugars",
            Self::SaturatedFat => "saturated_fat",
            Self::Potassium => "potassium",
            Self::VitaminB12 => "vitamin_b12",
            Self::Caffeine => "caffeine",
            Self::Retinol => "retinol",
        }
    }

    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|n| n.key() == key)
    }

    /// The name a parent reads.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Calories => "Energy",
            Self::Protein => "Protein",
            Self::Fat => "Fat",
            Self::Carbs => "Carbohydrate",
            Self::Fiber => "Fibre",
            Self::Iron => "Iron",
            Self::Calcium => "Calcium",
            Self::VitaminA => "Vitamin A",
            Self::VitaminC => "Vitamin C",
            Self::VitaminD => "Vitamin D",
            Self::Zinc => "Zinc",
            Self::Folate => "Folate",
            Self::Sodium => "Sodium",
            Self::Sugars => "Sugars",
            Self::SaturatedFat => "Saturated fat",
            Self::Potassium => "Potassium",
            Self::VitaminB12 => "Vitamin B12",
            Self::Caffeine => "Caffeine",
            Self::Retinol => "Retinol",
        }
    }

    pub const fn unit(self) -> &'static str {
        match self {
            Self::Calories => "kcal",
            Self::Protein | Self::Fat | Self::Carbs | Self::Fiber | Self::Sugars | Self::SaturatedFat => "g",
            Self::Iron
            | Self::Calcium
            | Self::VitaminC
            | Self::Zinc
            | Self::Sodium
            | Self::Potassium
            | Self::Caffeine => "mg",
            Self::VitaminA | Self::VitaminD | Self::Folate | Self::VitaminB12 | Self::Retinol => "mcg",
        }
    }

    /// How many decimals a figure keeps: more would be noise, fewer would hide the iron
    /// of a spoon of cereal.
    pub const fn decimals(self) -> u32 {
        match self {
            Self::Iron | Self::Zinc | Self::VitaminD | Self::VitaminB12 => 2,
            _ => 1,
        }
    }

    /// `amount` rounded to this nutrient's decimals, the same on every machine.
    pub fn round(self, amount: f64) -> f64 {
        round(amount, self.decimals())
    }
}

/// Half away from zero, and never minus zero: two figures that print alike are alike.
pub fn round(figure: f64, decimals: u32) -> f64 {
    let scale = f64::from(10_u32.pow(decimals));
    (figure * scale).round() / scale + 0.0
}

/// An amount of each nutrient, or `None` where the food table has no figure.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Nutrients([Option<f64>; Nutrient::ALL.len()]);

impl Nutrients {
    pub const fn get(&self, nutrient: Nutrient) -> Option<f64> {
        self.0[nutrient as usize]
    }

    pub const fn set(&mut self, nutrient: Nutrient, amount: Option<f64>) {
        self.0[nutrient as usize] = amount;
    }

    /// What `grams` of a food hold, where `self` is for 100 g of it. Not rounded: round
    /// once, at the end.
    #[must_use]
    pub fn of_grams(&self, grams: f64) -> Self {
        Self(self.0.map(|amount| amount.map(|per_100_g| per_100_g * grams / 100.0)))
    }

    #[must_use]
    pub fn rounded(&self) -> Self {
        let mut rounded = *self;
        for nutrient in Nutrient::ALL {
            rounded.set(nutrient, self.get(nutrient).map(|amount| nutrient.round(amount)));
        }
        rounded
    }
}

impl Serialize for Nutrients {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Nutrient::ALL.len()))?;
        for nutrient in Nutrient::ALL {
            map.serialize_entry(nutrient.key(), &self.get(nutrient))?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Nutrients {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Nutrients;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map from nutrient to amount or null")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Nutrients, M::Error> {
                let mut nutrients = Nutrients::default();
                // An unknown key is a nutrient a later release added: not ours to refuse.
                while let Some((key, amount)) = map.next_entry::<String, Option<f64>>()? {
                    if let Some(nutrient) = Nutrient::from_key(&key) {
                        nutrients.set(nutrient, amount);
                    }
                }
                Ok(nutrients)
            }
        }
        deserializer.deserialize_map(Keys)
    }
}

/// A sum that says how much of it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Total {
    /// The sum of the figures there are.
    pub known: f64,
    /// How many foods went in with a figure.
    pub with_figure: u32,
    /// How many foods have no figure: the true amount is `known` or more.
    pub without_figure: u32,
}

impl Total {
    /// Adds one food's amount.
    pub fn add(&mut self, amount: Option<f64>) {
        match amount {
            Some(amount) => {
                self.known += amount;
                self.with_figure += 1;
            }
            None => self.without_figure += 1,
        }
    }

    /// Nothing at all is known, though something was eaten.
    pub const fn is_unknown(&self) -> bool {
        self.with_figure == 0 && self.without_figure > 0
    }
}

/// A sum of each nutrient over foods.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals([Total; Nutrient::ALL.len()]);

impl Totals {
    pub fn of<'a>(foods: impl IntoIterator<Item = &'a Nutrients>) -> Self {
        let mut totals = Self::default();
        for food in foods {
            for nutrient in Nutrient::ALL {
                totals.0[nutrient as usize].add(food.get(nutrient));
            }
        }
        totals
    }

    pub const fn get(&self, nutrient: Nutrient) -> Total {
        self.0[nutrient as usize]
    }

    /// The sums as stored with a meal: `None` where *any* food has no figure would hide
    /// what is known, so only a nutrient nobody has a figure for is `None`.
    pub fn known(&self) -> Nutrients {
        let mut known = Nutrients::default();
        for nutrient in Nutrient::ALL {
            let total = self.get(nutrient);
            if total.with_figure > 0 {
                known.set(nutrient, Some(nutrient.round(total.known)));
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn iron(amount: Option<f64>) -> Nutrients {
        let mut nutrients = Nutrients::default();
        nutrients.set(Nutrient::Iron, amount);
        nutrients
    }

    #[test]
    fn an_unknown_amount_is_counted_as_unknown_and_not_as_zero() {
        let total = Totals::of(&[iron(Some(1.5)), iron(None)]).get(Nutrient::Iron);
        assert_eq!(
            total,
            Total {
                known: 1.5,
                with_figure: 1,
                without_figure: 1
            }
        );
        assert!(!total.is_unknown());
        assert!(Totals::of(&[iron(None)]).get(Nutrient::Iron).is_unknown());
        assert_eq!(Totals::of(&[iron(None)]).known().get(Nutrient::Iron), None);
    }

    #[test]
    fn json_keeps_null_for_unknown() {
        let json = serde_json::to_value(iron(Some(0.3))).unwrap();
        assert_eq!(json["iron"], 0.3);
        assert!(json["zinc"].is_null());
        assert_eq!(serde_json::from_value::<Nutrients>(json).unwrap(), iron(Some(0.3)));
    }

    #[test]
    fn rounding_has_no_minus_zero() {
        assert!(round(-0.001, 1).is_sign_positive());
        assert_eq!(round(2.25, 1), 2.3);
    }
}
