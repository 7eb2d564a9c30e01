//! What amounts are counted in. Teach a new unit here.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Millilitres.
pub(super) const FLUID_OUNCE: f64 = 29.5735;
pub(super) const CUP: f64 = 236.588;
pub(super) const TABLESPOON: f64 = 14.7868;

/// Grams.
pub(super) const OUNCE: f64 = 28.3495;

/// What a unit measures.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Measures {
    /// Grams of one.
    Mass(f64),
    /// Millilitres of one.
    Volume(f64),
    /// An ounce: a weight of solids, a volume of drinks.
    Ounce,
    /// Only the food can say; these are for when it does not.
    Household {
        /// Grams of one, for a small child.
        grams: f64,
        /// Millilitres of one, where it holds a drink.
        ml: Option<f64>,
    },
}

/// A unit and its names.
#[derive(Debug, PartialEq)]
pub(super) struct Unit {
    /// In the singular, as it is shown: "2 tbsp".
    pub(super) name: &'static str,
    /// Names in the singular; of more than one word with a space.
    pub(super) names: &'static [&'static str],
    /// Words for it in the food table's portions, the most fitting first.
    pub(super) portions: &'static [&'static str],
    pub(super) measures: Measures,
}

const fn mass(name: &'static str, names: &'static [&'static str], grams: f64) -> Unit {
    Unit {
        name,
        names,
        portions: &[],
        measures: Measures::Mass(grams),
    }
}

const fn volume(
    name: &'static str,
    names: &'static [&'static str],
    portions: &'static [&'static str],
    ml: f64,
) -> Unit {
    Unit {
        name,
        names,
        portions,
        measures: Measures::Volume(ml),
    }
}

const fn household(
    name: &'static str,
    names: &'static [&'static str],
    portions: &'static [&'static str],
    grams: f64,
    ml: Option<f64>,
) -> Unit {
    Unit {
        name,
        names,
        portions,
        measures: Measures::Household { grams, ml },
    }
}

const UNITS: &[Unit] = &[
    mass("g", &["g", "gram", "gramme", "gm", "gr"], 1.0),
    mass("kg", &["kg", "kilo", "kilogram"], 1000.0),
    mass("mg", &["mg", "milligram"], 0.001),
    mass("lb", &["lb", "lbs", "pound"], 453.592),
    Unit {
        name: "fl oz",
        names: &["fl oz", "fluid ounce", "floz", "fl ounce"],
        portions: &["fl oz"],
        measures: Measures::Volume(FLUID_OUNCE),
    },
    Unit {
        name: "oz",
        names: &["oz", "ounce"],
        portions: &[],
        measures: Measures::Ounce,
    },
    volume("ml", &["ml", "milliliter", "millilitre", "mil", "cc"], &[], 1.0),
    volume("cl", &["cl", "centiliter", "centilitre"], &[], 10.0),
    volume("dl", &["dl", "deciliter", "decilitre"], &[], 100.0),
    volume("l", &["l", "liter", "litre", "ltr"], &[], 1000.0),
    volume("pint", &["pint", "pt"], &["pint"], 473.176),
    volume("quart", &["quart"], &["quart"], 946.353),
    volume("cup", &["cup", "cupful"], &["cup"], CUP),
    volume(
        "tbsp",
        &[
            "tbsp",
            "tablespoon",
            "table spoon",
            "tbs",
            "tblsp",
            "tablespoonful",
            "heaped tbsp",
        ],
        &["tbsp", "tablespoon"],
        TABLESPOON,
    ),
    volume(
        "tsp",
        &["tsp", "teaspoon", "tea spoon", "teaspoonful"],
        &["tsp", "teaspoon"],
        4.928_92,
    ),
    volume("dessert spoon", &["dessert spoon", "dessertspoon", "dsp"], &[], 10.0),
    volume("spoon", &["spoon", "spoonful", "baby spoon", "weaning spoon"], &[], 7.0),
    household("slice", &["slice", "round"], &["slice", "piece"], 25.0, None),
    household(
        "piece",
        &["piece", "pc"],
        &["piece", "slice", "item", "each"],
        15.0,
        None,
    ),
    household("stick", &["stick", "baton"], &["stick", "strip", "piece"], 15.0, None),
    household("strip", &["strip", "finger"], &["strip", "piece", "slice"], 12.0, None),
    household("wedge", &["wedge"], &["wedge", "slice"], 20.0, None),
    household("cube", &["cube", "ice cube"], &["cube", "cubic inch"], 8.0, None),
    household("chunk", &["chunk"], &["chunk", "piece"], 12.0, None),
    household(
        "floret",
        &["floret", "tree"],
        &["floweret", "spear", "floret"],
        12.0,
        None,
    ),
    household("spear", &["spear"], &["spear"], 15.0, None),
    household("segment", &["segment", "section"], &["section"], 10.0, None),
    household("leaf", &["leaf"], &["leaf"], 5.0, None),
    household("clove", &["clove"], &["clove"], 3.0, None),
    household("ear", &["ear", "cob"], &["ear"], 90.0, None),
    household("stalk", &["stalk", "rib"], &["stalk"], 40.0, None),
    household("rasher", &["rasher"], &["slice"], 8.0, None),
    household("fillet", &["fillet", "filet"], &["fillet", "filet"], 100.0, None),
    household("patty", &["patty"], &["patty"], 80.0, None),
    household("link", &["link"], &["link"], 25.0, None),
    household("bar", &["bar"], &["bar"], 30.0, None),
    household("square", &["square"], &["square", "piece"], 10.0, None),
    household("scoop", &["scoop"], &["scoop", "cup"], 60.0, None),
    household("ball", &["ball"], &["ball", "piece"], 15.0, None),
    household(
        "packet",
        &["packet", "pack", "package", "pkt", "sachet", "bag", "envelope"],
        &["packet", "package", "bag", "envelope", "pouch"],
        28.0,
        Some(200.0),
    ),
    household(
        "pouch",
        &["pouch"],
        &["pouch", "jar", "container", "packet"],
        100.0,
        Some(177.0),
    ),
    household("jar", &["jar"], &["jar", "container"], 113.0, Some(113.0)),
    household("can", &["can", "tin"], &["can", "container"], 300.0, Some(355.0)),
    household("bottle", &["bottle"], &["bottle", "can or bottle"], 150.0, Some(500.0)),
    household(
        "carton",
        &["carton", "box", "juice box"],
        &["carton", "box", "container", "drink box"],
        100.0,
        Some(200.0),
    ),
    household(
        "pot",
        &["pot", "tub", "container"],
        &["container", "tub", "pot"],
        113.0,
        Some(150.0),
    ),
    household("tube", &["tube"], &["tube"], 57.0, Some(57.0)),
    household(
        "glass",
        &["glass", "tumbler", "beaker", "sippy cup"],
        &["glass"],
        200.0,
        Some(200.0),
    ),
    household("mug", &["mug"], &["mug"], 240.0, Some(300.0)),
    household("drink", &["drink"], &["drink"], 240.0, Some(300.0)),
    household("bowl", &["bowl", "bowlful"], &["bowl"], 150.0, Some(240.0)),
    household("plate", &["plate", "plateful"], &["plate"], 150.0, None),
    household(
        "serving",
        &["serving", "portion", "helping"],
        &["serving", "portion"],
        0.0,
        None,
    ),
    household("sleeve", &["sleeve"], &["sleeve"], 100.0, None),
    household("order", &["order"], &["order"], 150.0, None),
    household("handful", &["handful", "fistful"], &[], 20.0, None),
    household("bite", &["bite", "nibble", "taste", "mouthful"], &[], 7.0, Some(10.0)),
    household("sip", &["sip", "gulp"], &[], 10.0, Some(10.0)),
    household("dollop", &["dollop", "blob"], &[], 15.0, Some(15.0)),
    household(
        "drizzle",
        &["drizzle", "splash", "dash", "smear", "knob", "pat", "scrape", "spread"],
        &["pat"],
        5.0,
        Some(5.0),
    ),
    household("sprinkle", &["sprinkle", "sprinkling"], &[], 2.0, None),
    household("pinch", &["pinch"], &[], 0.4, None),
    household("drop", &["drop"], &[], 0.1, Some(0.05)),
    household("head", &["head"], &["head"], 200.0, None),
    household("bunch", &["bunch"], &["bunch"], 60.0, None),
    household("sprig", &["sprig"], &["sprig"], 1.0, None),
];

impl Unit {
    /// It holds several of a small thing, or a puree of a large one.
    pub(super) fn holds(&self) -> bool {
        matches!(
            self.name,
            "packet"
                | "pouch"
                | "jar"
                | "can"
                | "bottle"
                | "carton"
                | "pot"
                | "tube"
                | "glass"
                | "mug"
                | "bowl"
                | "serving"
                | "order"
        )
    }

    /// It is always less than one of the food.
    pub(super) fn is_morsel(&self) -> bool {
        matches!(
            self.name,
            "strip"
                | "wedge"
                | "cube"
                | "chunk"
                | "floret"
                | "spear"
                | "segment"
                | "leaf"
                | "clove"
                | "handful"
                | "bite"
                | "sip"
                | "dollop"
                | "drizzle"
                | "sprinkle"
                | "pinch"
                | "drop"
                | "bunch"
                | "plate"
        )
    }

    /// Where the table knows no such measure, it is one of the food, or what one has of it.
    pub(super) fn is_one_of_it(&self) -> bool {
        matches!(
            self.name,
            "piece" | "serving" | "order" | "packet" | "pot" | "carton" | "can" | "tube"
        )
    }

    /// It may be one of the food, and is a part of a food that is cut up: a slice of pizza, of apple.
    pub(super) fn may_be_part(&self) -> bool {
        matches!(self.name, "slice" | "piece" | "stick")
    }
}

static BY_NAME: LazyLock<HashMap<&str, &Unit>> = LazyLock::new(|| {
    let names = |unit: &'static Unit| unit.names.iter().map(move |name| (*name, unit));
    UNITS.iter().flat_map(names).collect()
});

/// The unit whose name begins at `at` of these words, and how many words it takes.
pub(super) fn unit(words: &[&str]) -> Option<(&'static Unit, usize)> {
    let two = words.get(..2).map(|pair| pair.join(" "));
    let named = |name: &str, long: usize| BY_NAME.get(name).map(|unit| (*unit, long));
    two.and_then(|pair| named(&pair, 2))
        .or_else(|| named(words.first()?, 1))
}

/// A size, and how much more or less than a medium one it is where the table has no row.
const SIZES: &[(&str, &str, f64)] = &[
    ("tiny", "small", 0.5),
    ("mini", "mini", 0.4),
    ("miniature", "miniature", 0.4),
    ("fun", "fun", 0.4),
    ("small", "small", 0.7),
    ("little", "small", 0.7),
    ("medium", "medium", 1.0),
    ("regular", "medium", 1.0),
    ("large", "large", 1.35),
    ("big", "large", 1.35),
    ("jumbo", "jumbo", 1.7),
    ("huge", "large", 1.7),
    ("thick", "thick", 1.3),
    ("thin", "thin", 0.7),
];

/// A size word: the table's word for it, and its factor.
pub(super) fn size(word: &str) -> Option<(&'static str, f64)> {
    SIZES
        .iter()
        .find(|(said, _, _)| *said == word)
        .map(|(_, table, factor)| (*table, *factor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_belongs_to_one_unit() {
        let mut names: Vec<&str> = UNITS.iter().flat_map(|unit| unit.names).copied().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn names_of_two_words_are_found_first() {
        assert_eq!(
            unit(&["fl", "oz"]).map(|(unit, long)| (unit.name, long)),
            Some(("fl oz", 2))
        );
        assert_eq!(unit(&["tbsp"]).map(|(unit, long)| (unit.name, long)), Some(("tbsp", 1)));
        assert!(unit(&["banana"]).is_none());
        assert!(unit(&[]).is_none());
    }
}
