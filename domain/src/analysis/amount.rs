//! What an amount weighs: from the food's own portions first, then in general.

use super::clause::{Amount, Clause};
use super::number::written;
use super::unit::{self, CUP, FLUID_OUNCE, Measures, OUNCE, TABLESPOON, Unit};
use crate::food::{AliasPart, Food, Measure, word};
use crate::meal::How;
use crate::nutrient::round;

/// Of a food that weighs more than this, a slice or a piece is a part.
const WHOLE_GRAMS: f64 = 40.0;

/// Units of volume and mass in the table's portions.
const POURED: [&str; 12] = [
    "cup",
    "tbsp",
    "tablespoon",
    "tsp",
    "teaspoon",
    "fl",
    "oz",
    "ounce",
    "lb",
    "pint",
    "quart",
    "g",
];

/// Made smooth, as compared.
fn is_smooth(word: &str) -> bool {
    matches!(word, "mashed" | "mash" | "pureed" | "puree" | "blended")
}

/// What stands before a unit in the table's portions, beside a size.
const LEADING_UP: [&str; 11] = [
    "microwave",
    "single",
    "serving",
    "individual",
    "fun",
    "snack",
    "king",
    "size",
    "fresh",
    "school",
    "or",
];

/// An amount in grams.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weighed {
    pub(super) grams: f64,
    pub(super) how: How,
    /// In the parent's own measure: "1/2 medium"; empty for grams.
    pub(super) amount: String,
    /// How sure the grams are, 0..1.
    pub(super) confidence: f64,
}

impl Weighed {
    fn of(grams: f64, how: How, amount: String, confidence: f64) -> Self {
        Self {
            grams: round(grams, 1),
            how,
            amount,
            confidence,
        }
    }
}

/// The grams of one food of what `clause` names. Of a dish, `share` says how much of its
/// weight is this food's; of a food on its own it is 1. `of_unit` is what one of the unit
/// weighs by an everyday name of its own: "apple slice" for "3 slices of apple".
pub(super) fn weigh(
    clause: &Clause,
    part: &AliasPart,
    food: &Food<'_>,
    share: f64,
    of_unit: Option<f64>,
    age_days: Option<i64>,
) -> Weighed {
    // A weight says most, then a volume, then a counted measure: "a 250 ml bottle".
    let said = clause
        .amounts
        .iter()
        .max_by_key(|amount| {
            let rank = match amount.unit.map(|unit| unit.measures) {
                Some(Measures::Mass(_)) => 4,
                Some(Measures::Volume(_) | Measures::Ounce) => 3,
                Some(Measures::Household { .. }) => 2,
                None => 1,
            };
            (rank, !amount.article)
        })
        .copied();
    let scale = Scale {
        clause,
        part,
        food,
        of_unit,
        age_days,
    };
    if share < 1.0
        && let Some(Amount {
            value,
            unit: Some(unit),
            ..
        }) = said
    {
        // What is weighed or poured is the whole dish.
        let whole = match unit.measures {
            Measures::Mass(grams) => Some((value * grams, How::Mass)),
            Measures::Ounce => Some((value * OUNCE, How::Mass)),
            Measures::Volume(ml) => Some((value * ml, How::Volume)),
            Measures::Household { .. } => None,
        };
        if let Some((grams, how)) = whole {
            return Weighed::of(grams * share, how, String::new(), 0.8);
        }
    }
    if let Some(minutes) = clause.minutes.filter(|_| said.is_none() && is_breast_milk(food)) {
        return at_the_breast(minutes);
    }
    // "3/4 of a 99 g pouch"
    let part_of = |amount: &Amount| amount.unit.is_none() && !amount.article && amount.value < 1.0;
    let of_it = clause
        .amounts
        .iter()
        .find(|amount| part_of(amount))
        .map_or(1.0, |amount| amount.value);
    match said {
        Some(Amount {
            value,
            unit: Some(unit),
            ..
        }) => scale.measured(value * of_it, unit),
        Some(Amount {
            value,
            unit: None,
            article,
        }) => scale.counted(value, article),
        None if clause.size.is_some() => scale.counted(1.0, true),
        // "mashed with a bit of milk"
        None if clause.vague.is_some_and(|vague| vague < 1.0) && is_drink(food) => {
            const SPLASH: f64 = 15.0;
            Weighed::of(SPLASH, How::Default, String::new(), 0.5)
        }
        None => scale.usual(clause.vague.unwrap_or(1.0)),
    }
}

/// An estimate, and no more: a breastfeed is 76 g in the mean (Kent and others, Pediatrics 2006), most of
/// it in the first minutes, and no clock tells one baby's from another's.
fn at_the_breast(minutes: f64) -> Weighed {
    const A_FEED: f64 = 75.0;
    const TAKES: f64 = 10.0;
    let share = (minutes / TAKES).clamp(0.1, 1.2);
    Weighed::of(A_FEED * share, How::Default, format!("{} min", written(minutes)), 0.3)
}

fn is_breast_milk(food: &Food<'_>) -> bool {
    food.name().starts_with("Milk, human")
}

/// The grams of a food the table lacks, as far as the words tell.
pub(super) fn weigh_unknown(clause: &Clause) -> Weighed {
    const USUAL: f64 = 50.0;
    let said = clause
        .amounts
        .iter()
        .find(|amount| amount.is_metric())
        .or(clause.amounts.first());
    let Some(Amount {
        value,
        unit: Some(unit),
        ..
    }) = said
    else {
        return Weighed::of(USUAL, How::Default, String::new(), 0.3);
    };
    let amount = format!("{} {}", written(*value), unit.name);
    match unit.measures {
        Measures::Mass(grams) => Weighed::of(value * grams, How::Mass, amount, 0.9),
        Measures::Ounce => Weighed::of(value * OUNCE, How::Mass, amount, 0.8),
        Measures::Volume(ml) => Weighed::of(value * ml, How::Volume, amount, 0.7),
        Measures::Household { grams, ml } => Weighed::of(value * ml.unwrap_or(grams), How::Portion, amount, 0.4),
    }
}

/// One food, and who eats it how.
struct Scale<'a> {
    clause: &'a Clause,
    part: &'a AliasPart,
    food: &'a Food<'a>,
    of_unit: Option<f64>,
    age_days: Option<i64>,
}

impl Scale<'_> {
    /// So many of a unit.
    fn measured(&self, value: f64, unit: &Unit) -> Weighed {
        let shown = |size: &str| format!("{} {size}{}", written(value), unit.name);
        match unit.measures {
            Measures::Mass(grams) if unit.name == "g" => Weighed::of(value * grams, How::Mass, String::new(), 0.98),
            Measures::Mass(grams) => Weighed::of(value * grams, How::Mass, shown(""), 0.98),
            Measures::Ounce if is_drink(self.food) => self.poured(value, FLUID_OUNCE, unit),
            Measures::Ounce => Weighed::of(value * OUNCE, How::Mass, shown(""), 0.96),
            Measures::Volume(ml) => self.poured(value, ml, unit),
            Measures::Household { grams, ml } => {
                let own = self.portion(unit.portions, self.clause.size.map(|(size, _)| size));
                // A bag of 200 g is what a shop sells, not what one eats.
                let own = own.filter(|measure| unit.name != "packet" || measure.grams_of_one() <= 100.0);
                let factor = self.clause.size.map_or(1.0, |(_, factor)| factor);
                if let Some(one) = self.of_unit {
                    return Weighed::of(value * one * factor, How::Portion, shown(&self.size()), 0.7);
                }
                if let Some(measure) = own {
                    return Weighed::of(value * measure.grams_of_one(), How::Portion, shown(&self.size()), 0.9);
                }
                // "a package of soup", "a large piece of cake": one of what the table counts, or what one has.
                if unit.is_one_of_it() && self.food.unspecified().is_some() && !is_drink(self.food) {
                    let sized = self.clause.size.and_then(|(size, _)| self.sized(size));
                    let one = sized
                        .or_else(|| self.one().map(|(one, _)| one * factor))
                        .filter(|_| !unit.holds())
                        .unwrap_or_else(|| self.usual_grams() * factor);
                    return Weighed::of(value * one, How::Portion, shown(&self.size()), 0.6);
                }
                let bought = self
                    .clause
                    .size
                    .filter(|_| unit.name == "drink")
                    .and_then(|(size, _)| self.bought(size));
                if let Some(one) = bought {
                    return Weighed::of(value * one, How::Portion, shown(&self.size()), 0.7);
                }
                let (one, confidence) = match (ml, self.part.one_g) {
                    // A tub of crisps, a scoop of powder: there is little in it.
                    _ if unit.name == "cube" && (is_babyfood(self.food) || self.is_smooth()) => (20.0, 0.6),
                    _ if unit.name == "handful" && is_airy(self.food) => (6.0, 0.5),
                    (_, None) if unit.holds() && is_airy(self.food) => (40.0, 0.5),
                    (_, None) if unit.name == "scoop" && is_powder(self.food) => (25.0, 0.5),
                    (Some(_), _) if is_drink(self.food) => (self.vessel(unit, ml.unwrap_or(0.0)), 0.7),
                    // An estimate: an eighth of a round fruit, and never more than a small hand holds.
                    (_, Some(one)) if unit.may_be_part() && one > WHOLE_GRAMS && self.is_cut_up() => {
                        ((one / 8.0).clamp(4.0, 30.0), 0.5)
                    }
                    // "a pouch of mango" is no whole mango.
                    (_, Some(one))
                        if unit.holds() && unit.name != "serving" && one > WHOLE_GRAMS && self.is_cut_up() =>
                    {
                        (grams, 0.5)
                    }
                    (_, Some(one)) if !unit.is_morsel() && (one >= 20.0 || !unit.holds()) => (one, 0.8),
                    _ if unit.name == "packet" && self.is_sweetener() => (1.0, 0.7),
                    // As eaten: what is in the packet is stirred into a bowl of water.
                    _ if unit.name == "packet" && self.food.name().starts_with("Soup") => (350.0, 0.5),
                    _ if unit.name == "serving" => (self.usual_grams(), 0.6),
                    _ if unit.name == "bowl" && self.age_days.is_some() => (self.usual_grams() * 1.3, 0.5),
                    _ => (grams, 0.6),
                };
                Weighed::of(value * one * factor, How::Portion, shown(&self.size()), confidence)
            }
        }
    }

    fn is_sweetener(&self) -> bool {
        word::words(self.food.name()).iter().any(|word| word == "sweetener")
    }

    /// Whether the table measures it cut up, by the cup: a fruit or vegetable, or an egg.
    fn is_cut_up(&self) -> bool {
        const CUT: [&str; 12] = [
            "slice",
            "sliced",
            "chopped",
            "cube",
            "piece",
            "diced",
            "section",
            "mashed",
            "chunk",
            "ball",
            "strip",
            "quartered",
        ];
        self.food.portions().any(|measure| {
            let words = word::words(measure.unit);
            words.first().is_some_and(|w| w == "cup") && words.iter().any(|w| CUT.contains(&w.as_str()))
        })
    }

    /// Grams of a whole one, where people mostly count its parts: "a quarter of a melon".
    fn whole(&self) -> Option<f64> {
        let one = self.part.one_g?;
        self.portion(&["melon", "fruit", "whole"], self.clause.size.map(|(size, _)| size))
            .map(|measure| measure.grams_of_one())
            .filter(|whole| *whole > one * 2.0)
    }

    fn size(&self) -> String {
        self.clause
            .size
            .map_or_else(String::new, |(size, _)| format!("{size} "))
    }

    /// Millilitres of a drink in a vessel, by who holds it.
    fn vessel(&self, unit: &Unit, ml: f64) -> f64 {
        let density = self.food.density().unwrap_or(1.0);
        let young = self.age_days.is_some_and(|days| days < 1461);
        let ml = match unit.name {
            "bottle" if young || is_milk_feed(self.food) => 180.0,
            "glass" | "mug" if young => 120.0,
            _ => ml,
        };
        ml * density
    }

    /// "A large cola": a drink as it is bought, for whoever is no child.
    fn bought(&self, size: &str) -> Option<f64> {
        let ml = match size {
            "small" => 350.0,
            "medium" => 480.0,
            "large" => 700.0,
            _ => return None,
        };
        let is_bought = self.age_days.is_none() && is_drink(self.food) && !is_milk_feed(self.food);
        is_bought.then(|| ml * self.food.density().unwrap_or(1.0))
    }

    /// A volume, through the food's own density where it has one.
    fn poured(&self, value: f64, ml: f64, unit: &Unit) -> Weighed {
        let amount = format!("{} {}", written(value), unit.name);
        // A child's small cup is no measuring cup.
        let is_small = unit.name == "cup" && self.clause.size.is_some_and(|(size, _)| size == "small");
        let value = if is_small && is_drink(self.food) {
            0.6 * value
        } else {
            value
        };
        let of_cup = |cup: Measure<'_>| ml * cup.grams_of_one() / CUP;
        let cup = || self.portion(&["cup"], None);
        // Of what the parent made smooth, a spoon weighs what it weighs of water.
        let made_smooth = self.is_smooth() && !word::words(self.food.name()).iter().any(|word| is_smooth(word));
        if made_smooth {
            let pureed = cup().filter(|cup| word::words(cup.unit).iter().any(|word| self.is_as_cut(word)));
            return Weighed::of(value * pureed.map_or(ml, of_cup), How::Volume, amount, 0.9);
        }
        // A cup of the sliced fruit weighs what the table says of a cup of it.
        if let Some(measure) = self.portion(unit.portions, None) {
            return Weighed::of(value * measure.grams_of_one(), How::Volume, amount, 0.93);
        }
        if let Some(density) = self.food.density() {
            return Weighed::of(value * ml * density, How::Volume, amount, 0.93);
        }
        if let Some(cup) = cup() {
            return Weighed::of(value * of_cup(cup), How::Volume, amount, 0.85);
        }
        if let Some(spoon) = self.portion(&["tbsp", "tablespoon"], None) {
            return Weighed::of(
                value * ml * spoon.grams_of_one() / TABLESPOON,
                How::Volume,
                amount,
                0.85,
            );
        }
        let (density, confidence) = usual_density(self.food);
        Weighed::of(value * ml * density, How::Volume, amount, confidence)
    }

    /// So many of the food itself: "2 eggs", "a banana".
    fn counted(&self, value: f64, article: bool) -> Weighed {
        let factor = self.clause.size.map_or(1.0, |(_, factor)| factor);
        let size = self.clause.size.map(|(size, _)| size);
        if value < 1.0
            && let Some(whole) = self.whole()
        {
            return Weighed::of(value * whole, How::Portion, format!("{} whole", written(value)), 0.8);
        }
        // "2 small apple slices" are no small apples.
        let fits = |measure: &Measure<'_>| self.part.one_g.is_none_or(|one| measure.grams_of_one() < 4.0 * one);
        if let Some(size) = size
            && let Some(measure) = self.of_size(size).filter(fits)
        {
            return Weighed::of(
                value * measure.grams_of_one(),
                How::Portion,
                format!("{} {size}", written(value)),
                0.93,
            );
        }
        if let Some(grams) = size.and_then(|size| self.bought(size)) {
            let amount = size.map_or_else(String::new, |size| format!("{} {size}", written(value)));
            return Weighed::of(value * grams, How::Portion, amount, 0.7);
        }
        if let Some((one, shown)) = self.one() {
            let amount = match size {
                Some(size) => format!("{} {size}", written(value)),
                None if shown.is_empty() => written(value),
                None => format!("{} {shown}", written(value)),
            };
            return Weighed::of(value * one * factor, How::Portion, amount, 0.9);
        }
        if article {
            return self.usual(factor);
        }
        // Some of a thing nobody counts: so many times the usual, but twenty peas are no twenty helpings.
        const MOST: f64 = 3.0;
        let value = if value > MOST { 1.0 } else { value };
        Weighed::of(value * self.usual_grams(), How::Default, String::new(), 0.4)
    }

    /// The grams of one of this size, where the table says so of the food itself and not of a slice.
    fn sized(&self, size: &str) -> Option<f64> {
        let is_plain = |measure: &Measure<'_>| word::words(before_bracket(measure.unit)) == [size];
        self.food
            .portions()
            .find(is_plain)
            .map(|measure| measure.grams_of_one())
    }

    /// One of this size; "regular" is a medium one where the table has no other.
    fn of_size(&self, size: &str) -> Option<Measure<'_>> {
        let names: &[&str] = if size == "medium" {
            &["medium", "regular"]
        } else {
            &[size]
        };
        self.portion(names, None)
    }

    /// "1 sandwich", "1 breast" of chicken: counted in a word of its name that the parent said, and in
    /// nothing that is not in both. The plainest of several.
    fn of_its_name(&self) -> Option<Measure<'_>> {
        let name = word::words(self.food.name());
        let said = &self.clause.words;
        let of_name = |measure: &Measure<'_>| {
            let words = word::words(before_bracket(measure.unit));
            let fits = |w: &String| name.contains(w) || LEADING_UP.contains(&w.as_str()) || unit::size(w).is_some();
            words.iter().any(|w| name.contains(w) && said.contains(w)) && words.iter().all(fits)
        };
        let mut found: Vec<Measure<'_>> = self.food.portions().filter(of_name).collect();
        found.sort_by_key(|measure| {
            let sized = word::words(measure.unit)
                .iter()
                .any(|w| unit::size(w).is_some_and(|(size, _)| size != "medium"));
            (sized, measure.unit.len())
        });
        found.first().copied()
    }

    /// The grams of one, and what to call it.
    fn one(&self) -> Option<(f64, &'static str)> {
        // "1 breast", "1 tart": what the parent called it.
        if self.part.one_g.is_none() && self.food.unspecified().is_some() {
            if let Some(measure) = self.of_its_name() {
                return Some((measure.grams_of_one(), ""));
            }
            let of_kind = ["medium", "regular", "item", "each", "sandwich", "piece", "bar"];
            return of_kind.iter().find_map(|kind| self.sized(kind)).map(|one| (one, ""));
        }
        let medium = self.portion(&["medium"], None);
        if let Some(one) = self.part.one_g {
            let is_medium = medium.is_some_and(|measure| (measure.grams_of_one() - one).abs() < 0.05);
            return Some((one, if is_medium { "medium" } else { "" }));
        }
        if let Some(medium) = medium {
            return Some((medium.grams_of_one(), "medium"));
        }
        if let Some(large) = self.portion(&["large"], None) {
            return Some((large.grams_of_one(), "large"));
        }
        // "1 cookie", "1 fruit": the table counts it by its own name.
        let name = word::words(self.food.name());
        self.food
            .portions()
            .find(|measure| {
                let words = word::words(measure.unit);
                words.first().is_some_and(|first| {
                    name.contains(first)
                        || ["fruit", "item", "each", "unit", "sandwich", "piece", "bar"].contains(&first.as_str())
                })
            })
            .map(|measure| (measure.grams_of_one(), ""))
    }

    /// What one usually has of it.
    fn usual(&self, factor: f64) -> Weighed {
        Weighed::of(self.usual_grams() * factor, How::Default, String::new(), 0.5)
    }

    /// By age, where it is known; else what the table counts as one portion.
    fn usual_grams(&self) -> f64 {
        let at_one_year = usual_at_one_year(self.part, self.food);
        let Some(days) = self.age_days else {
            if let Some(adult) = self.food.unspecified() {
                return adult;
            }
            // "porridge with blueberries": some, whoever eats it.
            return if self.clause.lead.is_some() {
                at_one_year
            } else {
                self.any_age_grams(at_one_year)
            };
        };
        if is_drink(self.food) {
            return at_one_year;
        }
        at_one_year
            * match days {
                ..243 => 0.5,
                243..365 => 0.75,
                365..730 => 1.0,
                730..1096 => 1.3,
                _ => 1.6,
            }
    }

    /// One of what people count, else twice what a one-year-old has.
    fn any_age_grams(&self, at_one_year: f64) -> f64 {
        const GLASS: f64 = 240.0;
        match self.part.one_g.filter(|one| *one >= at_one_year) {
            Some(one) => one,
            None if is_drink(self.food) && !is_milk_feed(self.food) => GLASS,
            None => 2.0 * at_one_year,
        }
    }

    /// Whether the parent said that it was cut like this; mashed is as good as pureed.
    fn is_as_cut(&self, cut: &str) -> bool {
        self.clause.states.iter().any(|state| state == cut) || (is_smooth(cut) && self.is_smooth())
    }

    fn is_smooth(&self) -> bool {
        self.clause
            .states
            .iter()
            .chain(&self.clause.words)
            .any(|word| is_smooth(word))
    }

    /// The food's own portion named by the first of `names` that it has; of several, the
    /// one that is of this size or cut as the parent said, else the plainest.
    fn portion(&self, names: &[&str], size: Option<&str>) -> Option<Measure<'_>> {
        names.iter().find_map(|name| {
            let mut found: Option<(i32, Measure<'_>)> = None;
            for measure in self.food.portions() {
                let words = word::words(measure.unit.split('(').next().unwrap_or_default());
                // "cup, sliced" is a cup, not a slice.
                let poured = words
                    .first()
                    .is_some_and(|first| POURED.contains(&first.as_str()) && !name.starts_with(first.as_str()));
                if poured {
                    continue;
                }
                let at = words
                    .windows(name.split(' ').count())
                    .position(|run| run.join(" ") == *name);
                // "medium single serving bag" is a bag.
                let leads_up = |word: &String| LEADING_UP.contains(&word.as_str()) || unit::size(word).is_some();
                let Some(at) = at.filter(|at| *at <= 1 || words[..*at].iter().all(leads_up)) else {
                    continue;
                };
                let mut fit = -(words.len() as i32) - 4 * at as i32;
                if size.is_some_and(|size| words.iter().any(|w| w == size)) {
                    fit += 100;
                }
                fit += 20
                    * words
                        .iter()
                        .filter(|w| self.clause.words.contains(w) || self.is_as_cut(w))
                        .count() as i32;
                // Cans of a drink come in two sizes, and most are of 12 fluid ounces.
                if *name == "can" && is_drink(self.food) {
                    fit -= ((measure.grams_of_one() - 12.0 * FLUID_OUNCE) / 50.0).abs() as i32;
                }
                // A size nobody asked for: the middle one.
                if size.is_none() {
                    fit += match words.iter().find_map(|w| unit::size(w)) {
                        Some(("medium", _)) => 12,
                        Some(("small" | "large", _)) => -3,
                        Some(_) => -10,
                        None => 0,
                    };
                }
                if found.is_none_or(|(best, _)| fit > best) {
                    found = Some((fit, measure));
                }
            }
            found.map(|(_, measure)| measure)
        })
    }
}

/// A portion without its remarks: "medium (7" long)".
fn before_bracket(unit: &str) -> &str {
    unit.split(['(', ',']).next().unwrap_or(unit)
}

/// Whether an ounce of it is one of volume.
pub(super) fn is_drink(food: &Food<'_>) -> bool {
    let words = word::words(food.name());
    let first = words.first().map_or("", String::as_str);
    let has = |word: &str| words.iter().any(|w| w == word);
    if has("powder") || has("dry") || has("dried") || (has("concentrate") && !has("from")) || has("mix") {
        return false;
    }
    matches!(
        first,
        "milk" | "water" | "tea" | "coffee" | "beverage" | "soymilk" | "lemonade" | "eggnog" | "shake"
    ) || has("juice")
        || has("formula")
        || has("drink")
        || has("soda")
        || ["carbonated", "alcoholic", "beer", "wine", "horchata"]
            .iter()
            .any(|word| has(word))
        || words.windows(2).any(|pair| pair == ["coconut", "water"])
}

/// Grams a millilitre of a food takes up where the table says nothing, and how sure that is.
fn usual_density(food: &Food<'_>) -> (f64, f64) {
    const AIRY: [&str; 10] = [
        "snack",
        "cereal",
        "popcorn",
        "chip",
        "puff",
        "pretzel",
        "cracker",
        "cooky",
        "lettuce",
        "marshmallow",
    ];
    const WET: [&str; 9] = [
        "babyfood", "yogurt", "sauce", "soup", "honey", "syrup", "pudding", "jam", "dressing",
    ];
    let words = word::words(food.name());
    let has = |kind: &[&str]| words.iter().take(4).any(|w| kind.contains(&w.as_str()));
    // Of a dish as it is eaten, a spoon weighs nearly what a spoon of water does.
    let is_cooked = words
        .iter()
        .any(|w| ["cooked", "prepared", "mashed", "dinner", "stew", "pureed"].contains(&w.as_str()));
    if is_drink(food) {
        (1.0, 0.9)
    } else if is_cooked {
        (0.9, 0.6)
    } else if has(&AIRY) {
        (0.13, 0.5)
    } else if has(&WET) {
        (1.0, 0.7)
    } else {
        (0.6, 0.5)
    }
}

/// Whether a cup of it is mostly air: puffs, crisps, flakes.
fn is_airy(food: &Food<'_>) -> bool {
    usual_density(food).0 < 0.2
}

fn is_babyfood(food: &Food<'_>) -> bool {
    let name = food.name();
    name.starts_with("Babyfood") || name.contains("baby food")
}

fn is_powder(food: &Food<'_>) -> bool {
    word::words(food.name())
        .iter()
        .any(|word| ["powder", "dry", "mix"].contains(&word.as_str()))
}

/// Breast milk or formula.
fn is_milk_feed(food: &Food<'_>) -> bool {
    is_breast_milk(food) || food.name().contains("formula")
}

/// Grams a one-year-old usually has of it: about half of what an adult has, where only that is known.
pub(super) fn usual_at_one_year(part: &AliasPart, food: &Food<'_>) -> f64 {
    let of_table = || food.unspecified().map(|adult| adult / 2.0);
    part.usual_g.or_else(of_table).unwrap_or_else(|| usual_of_kind(food))
}

/// Grams a one-year-old usually has of a food nobody gave a figure for, by the kind of
/// food its name speaks of.
fn usual_of_kind(food: &Food<'_>) -> f64 {
    const KINDS: &[(&[&str], f64)] = &[
        (&["spice", "salt", "leavening"], 0.5),
        (
            &["oil", "butter", "margarine", "sugar", "syrup", "honey", "jelly", "jam"],
            5.0,
        ),
        (&["seed", "nut", "candy"], 8.0),
        (
            &["sauce", "gravy", "dressing", "cheese", "cracker", "cooky", "snack"],
            15.0,
        ),
        (&["bread", "roll", "muffin", "cake", "pancake", "waffle", "bagel"], 25.0),
        (
            &[
                "beef", "pork", "lamb", "chicken", "turkey", "fish", "veal", "sausage", "egg",
            ],
            35.0,
        ),
        (
            &["juice", "milk", "beverage", "drink", "water", "formula", "soup"],
            100.0,
        ),
        (&["babyfood"], 80.0),
    ];
    let words = word::words(food.name());
    KINDS
        .iter()
        .find(|(kind, _)| words.iter().take(3).any(|w| kind.contains(&w.as_str())))
        .map_or(50.0, |(_, grams)| *grams)
}
