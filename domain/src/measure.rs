//! What is measured of a child. Kept in kilograms and centimetres, shown in what the family uses.

use crate::field::{Field, Refusal};
use crate::nutrient::round;
use serde::{Deserialize, Serialize};

words! {
    /// What a family measures in.
    #[derive(Default)]
    Units {
        #[default] Metric "metric" "Kilograms and centimetres",
        Us "us" "Pounds and inches",
    }
}

/// A body weight in kilograms, to 10 g.
///
/// Invariant: 0.3 to 40. Outside that it is a typing slip, not a child.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct WeightKg(f64);

/// A body length or height in centimetres, to 1 mm.
///
/// Invariant: 20 to 140. Outside that it is a typing slip, not a child.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct HeightCm(f64);

/// No child measures that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no child measures that")]
pub struct Implausible;

const KG_PER_POUND: f64 = 0.453_592_37;
const CM_PER_INCH: f64 = 2.54;
const OUNCES: f64 = 16.0;

impl TryFrom<f64> for WeightKg {
    type Error = Implausible;
    fn try_from(kg: f64) -> Result<Self, Implausible> {
        let kg = round(kg, 2);
        (0.3..=40.0).contains(&kg).then_some(Self(kg)).ok_or(Implausible)
    }
}

impl From<WeightKg> for f64 {
    fn from(weight: WeightKg) -> Self {
        weight.0
    }
}

impl WeightKg {
    /// Reads `7.4`, `7,4 kg`, or in US units `16.3`, `16 lb 5 oz`. Empty is `None`.
    ///
    /// # Errors
    /// No number, or no child's weight.
    pub fn parse(typed: &str, units: Units) -> Result<Option<Self>, Refusal> {
        let refuse = |message: &str| Err(Refusal::new(Field::Weight, message));
        let kg = match (numbers(typed).as_deref(), units) {
            (Some([]), _) => return Ok(None),
            (Some([kg]), Units::Metric) => *kg,
            (Some([pounds]), Units::Us) => pounds * KG_PER_POUND,
            (Some([pounds, ounces]), Units::Us) if *ounces < OUNCES => (pounds + ounces / OUNCES) * KG_PER_POUND,
            (_, Units::Metric) => return refuse("Please give the weight in kilograms, such as 7.4."),
            (_, Units::Us) => return refuse("Please give the weight in pounds and ounces, such as 16 lb 5 oz."),
        };
        match (Self::try_from(kg), units) {
            (Ok(weight), _) => Ok(Some(weight)),
            (Err(_), Units::Metric) if kg >= 300.0 => {
                refuse("That looks like grams. Please give the weight in kilograms, such as 7.4.")
            }
            (Err(_), Units::Metric) => refuse("Please check the weight: 0.3 to 40 kg fit here."),
            (Err(_), Units::Us) => refuse("Please check the weight: 1 to 88 lb fit here."),
        }
    }

    /// As [`Self::parse`] reads it. Fine enough that showing and saving it changes nothing.
    pub fn shown(self, units: Units) -> String {
        match units {
            Units::Metric => format!("{}", self.0),
            Units::Us => {
                // In tenths of an ounce, so that 15.96 oz becomes the next pound.
                let tenths = (self.0 / KG_PER_POUND * OUNCES * 10.0).round();
                let pounds = (tenths / OUNCES / 10.0).floor();
                format!("{pounds} lb {} oz", round(tenths / 10.0 - pounds * OUNCES, 1))
            }
        }
    }
}

impl TryFrom<f64> for HeightCm {
    type Error = Implausible;
    fn try_from(cm: f64) -> Result<Self, Implausible> {
        let cm = round(cm, 1);
        (20.0..=140.0).contains(&cm).then_some(Self(cm)).ok_or(Implausible)
    }
}

impl From<HeightCm> for f64 {
    fn from(height: HeightCm) -> Self {
        height.0
    }
}

impl HeightCm {
    /// Reads `67.5`, `67,5 cm`, or in US units `26.5`, `26.5 in`. Empty is `None`.
    ///
    /// # Errors
    /// No number, or no child's height.
    pub fn parse(typed: &str, units: Units) -> Result<Option<Self>, Refusal> {
        let refuse = |message: &str| Err(Refusal::new(Field::Height, message));
        let cm = match (numbers(typed).as_deref(), units) {
            (Some([]), _) => return Ok(None),
            (Some([cm]), Units::Metric) => *cm,
            (Some([inches]), Units::Us) => inches * CM_PER_INCH,
            (_, Units::Metric) => return refuse("Please give the height in centimetres, such as 67.5."),
            (_, Units::Us) => return refuse("Please give the height in inches, such as 26.5."),
        };
        match (Self::try_from(cm), units) {
            (Ok(height), _) => Ok(Some(height)),
            (Err(_), Units::Metric) => refuse("Please check the height: 20 to 140 cm fit here."),
            (Err(_), Units::Us) => refuse("Please check the height: 8 to 55 inches fit here."),
        }
    }

    /// As [`Self::parse`] reads it. Fine enough that showing and saving it changes nothing.
    pub fn shown(self, units: Units) -> String {
        match units {
            Units::Metric => format!("{}", self.0),
            Units::Us => format!("{}", round(self.0 / CM_PER_INCH, 2)),
        }
    }
}

/// The numbers in what was typed, units and spaces between them set aside: none where nothing was
/// typed, `None` where it is something else.
fn numbers(typed: &str) -> Option<Vec<f64>> {
    let typed = typed.trim().replace(',', ".");
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    if !typed
        .chars()
        .all(|c| digits(c) || c.is_ascii_alphabetic() || c.is_whitespace())
    {
        return None;
    }
    let numbers: Vec<f64> = typed
        .split(|c| !digits(c))
        .filter(|number| number.chars().any(|c| c != '.'))
        .map(|number| number.trim_end_matches('.').parse().ok())
        .collect::<Option<_>>()?;
    (typed.is_empty() || !numbers.is_empty()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Units::{Metric, Us};

    fn weight(typed: &str, units: Units) -> f64 {
        WeightKg::parse(typed, units).unwrap().unwrap().into()
    }

    #[test]
    fn a_weight_is_read_as_a_family_writes_it() {
        for typed in ["7.4", "7,4", " 7.40 kg ", "7.4kg."] {
            assert_eq!(weight(typed, Metric), 7.4, "{typed:?}");
        }
        for typed in ["16 lb 5 oz", "16lb5oz", "16 5", "16.3125"] {
            assert_eq!(weight(typed, Us), 7.4, "{typed:?}");
        }
        assert_eq!(WeightKg::parse(" ", Metric), Ok(None));
    }

    #[test]
    fn what_no_child_weighs_or_measures_is_refused_with_the_unit() {
        let why = |typed, units| WeightKg::parse(typed, units).unwrap_err().message;
        assert!(why("7400", Metric).contains("grams"));
        assert!(why("41", Metric).contains("0.3 to 40 kg"));
        assert!(why("0", Us).contains("lb"));
        for typed in ["heavy", "7.4.1", "-7", "7 4", "NaN", "1e3", "7/2"] {
            assert!(WeightKg::parse(typed, Metric).is_err(), "{typed:?} passed");
        }
        assert!(WeightKg::parse("16 lb 17 oz", Us).is_err());
        assert!(HeightCm::parse("6.7", Metric).is_err());
        assert!(HeightCm::parse("67", Us).is_err());
        assert_eq!(f64::from(HeightCm::parse("26.5 in", Us).unwrap().unwrap()), 67.3);
    }

    #[test]
    fn showing_and_saving_changes_nothing_in_either_unit() {
        for units in [Metric, Us] {
            for hundredths in 30..=4000 {
                let weight = WeightKg::try_from(f64::from(hundredths) / 100.0).unwrap();
                assert_eq!(WeightKg::parse(&weight.shown(units), units), Ok(Some(weight)));
            }
            for tenths in 200..=1400 {
                let height = HeightCm::try_from(f64::from(tenths) / 10.0).unwrap();
                assert_eq!(HeightCm::parse(&height.shown(units), units), Ok(Some(height)));
            }
        }
    }

    #[test]
    fn nothing_implausible_comes_in_by_the_wire() {
        assert_eq!(serde_json::from_str::<WeightKg>("7.4").unwrap(), WeightKg(7.4));
        assert!(serde_json::from_str::<WeightKg>("7400").is_err());
        assert!(serde_json::from_str::<HeightCm>("0.7").is_err());
    }
}
