//! Each rule where it must warn, and where it must not.

use super::{Level, RULES};
use crate::allergen::Allergen;
use crate::analysis::{Eater, analyse, describe};
use crate::food::tests::TABLE;
use crate::meal::{How, Portion};

const SIX_MONTHS: i64 = 183;

fn rules(text: &str, age_days: i64) -> Vec<String> {
    let eater = Eater {
        age_days: Some(age_days),
        allergies: Vec::new(),
    };
    analyse(text, &TABLE, &eater)
        .warnings
        .into_iter()
        .map(|warning| warning.rule)
        .collect()
}

/// (rule, age in days, meals that are warned of, meals that are not)
const CASES: &[(&str, i64, &[&str], &[&str])] = &[
    (
        "honey",
        SIX_MONTHS,
        &[
            "honey",
            "1 tsp honey",
            "porridge with honey",
            "honey on toast",
            "honey nut cheerios",
            "graham crackers",
            "honey yoghurt",
            "toast with manuka honey",
        ],
        &[
            "honeydew melon",
            "porridge without honey",
            "porridge, no honey",
            "honey-free cereal",
            "banana",
            "doughnut",
            "120 ml enfamil",
            "150 ml formula",
        ],
    ),
    ("honey", 366, &[], &["honey", "honey nut cheerios"]),
    (
        "choking_nuts",
        500,
        &[
            "peanuts",
            "whole almonds",
            "a handful of cashews",
            "mixed nuts",
            "walnuts",
            "trail mix",
        ],
        &[
            "pasta with pesto",
            "peanut butter on toast",
            "almond butter",
            "ground almonds",
            "butternut squash",
            "a jar of Beech-Nut Stage 2 carrots",
            "coconut milk",
            "doughnut",
            "nutmeg",
            "coconut",
            "honey nut cheerios",
            "peanut powder",
            "hazelnut spread",
            "water chestnuts",
        ],
    ),
    (
        "choking_round",
        500,
        &[
            "grapes",
            "5 whole grapes",
            "cherry tomatoes",
            "cherries",
            "halved grapes",
            "blueberries",
            "grapes cut in half",
            "grapes sliced in half",
            "blueberries cut in half",
            "grape tomatoes cut in half",
            "6 grapes cut lengthwise",
            "5 grapes, cut in half lengthwise",
            "cherry tomatoes halved",
            "grapes cut into 2",
            "grapes in half",
            "a quarter cup of blueberries",
            "a quarter of a cup of grapes",
            "quarter cup grapes",
        ],
        &[
            "grapes, quartered",
            "quartered grapes",
            "grapes cut into quarters",
            "grapes cut in quarters",
            "a quarter cup of grapes, quartered",
            "grapes cut in four",
            "grapes cut up small",
            "chopped grapes",
            "sliced olives",
            "grape puree",
            "grape juice",
            "raisins",
            "mashed blueberries",
            "cherry pie",
            "tomato",
            "grapefruit",
            "grape jelly",
            "squashed blueberries",
            "blueberry muffin",
            "olive oil",
        ],
    ),
    (
        "choking_hard_raw",
        500,
        &["raw carrot", "apple", "celery sticks", "apple slices"],
        &[
            "grated apple",
            "cooked carrot",
            "carrot",
            "steamed apple",
            "applesauce",
            "apple juice",
            "apple puree",
            "pineapple",
            "raw carrot, grated",
        ],
    ),
    (
        "choking_sausage",
        700,
        &["hot dog", "a sausage", "frankfurter", "a saveloy"],
        &[
            "chicken",
            "sausage cut lengthwise",
            "sausage, cut into strips",
            "half a hot dog bun",
        ],
    ),
    (
        "choking_popcorn_chips",
        700,
        &["popcorn", "potato chips", "crisps", "pretzels", "tortilla chips"],
        &[
            "chips shop potato",
            "chocolate chip cookie",
            "french fries",
            "soft pretzel",
        ],
    ),
    (
        "choking_sticky_sweets",
        700,
        &[
            "marshmallows",
            "gummy bears",
            "chewing gum",
            "lollipop",
            "raisins",
            "jawbreakers",
            "5 pieces of licorice",
        ],
        &["banana", "sweet potato", "raisin bread"],
    ),
    (
        "nut_butter_thick",
        400,
        &["a spoonful of peanut butter", "peanut butter"],
        &[
            "peanut butter on toast",
            "toast with 1 tsp peanut butter",
            "peanut butter cookie",
            "peanut butter, thinned with water",
        ],
    ),
    (
        "cow_milk_drink",
        SIX_MONTHS,
        &[
            "a bottle of cow's milk",
            "200 ml milk",
            "a cup of milk",
            "120 ml whole milk",
            "toast and a cup of milk",
            "skimmed milk 150 ml",
            "milk in her cup",
            "120 ml milk in a bottle, cereal",
        ],
        &[
            "porridge with milk",
            "cereal with 60 ml milk",
            "milk in her cereal",
            "60 ml milk in porridge",
            "120 ml breast milk",
            "150 ml formula",
            "coconut milk",
            "soy milk",
            "1 tbsp milk",
            "yogurt",
            "scrambled egg",
        ],
    ),
    ("cow_milk_drink", 400, &[], &["200 ml milk"]),
    (
        "low_fat_milk",
        500,
        &["120 ml skimmed milk", "120 ml 1% milk", "120 ml 2% milk"],
        &["120 ml whole milk", "breast milk", "low fat yogurt"],
    ),
    (
        "plant_drink_rice",
        700,
        &["100 ml rice milk"],
        &["soy milk", "rice", "rice pudding"],
    ),
    (
        "juice",
        SIX_MONTHS,
        &[
            "apple juice",
            "60 ml orange juice",
            "a smoothie",
            "apple cider",
            "orange squash",
            "squash 100ml",
        ],
        &["butternut squash", "apple", "lemon juice", "pineapple", "tuna in water"],
    ),
    ("juice", 400, &[], &["apple juice"]),
    (
        "caffeine",
        500,
        &["coffee", "a cup of tea", "cola", "energy drink", "iced tea"],
        &[
            "chamomile tea",
            "coffee cake",
            "rooibos tea",
            "decaf coffee",
            "water",
            "babyccino",
        ],
    ),
    (
        "added_sugar",
        400,
        &[
            "chocolate",
            "biscuit",
            "ice cream",
            "cola",
            "jam",
            "strawberry yoghurt",
            "honey",
            "cake",
            "chocolate milk",
            "sugar",
            "pudding",
        ],
        &[
            "sugar snap peas",
            "rice cakes",
            "banana",
            "plain yogurt",
            "fish cake",
            "pancake",
            "toast",
            "applesauce",
            "porridge, no sugar",
            "milk",
        ],
    ),
    ("added_sugar", 800, &[], &["chocolate"]),
    (
        "high_salt",
        SIX_MONTHS,
        &["bacon", "ham", "soy sauce", "crisps", "a pinch of salt"],
        &[
            "banana",
            "unsalted butter",
            "pasta",
            "carrot",
            "chicken",
            "porridge, no salt",
            "olive oil",
        ],
    ),
    (
        "unpasteurised",
        700,
        &["unpasteurised milk", "raw milk"],
        &["milk", "cheese"],
    ),
    (
        "raw_egg",
        SIX_MONTHS,
        &["raw egg", "soft boiled egg", "runny egg", "dippy egg"],
        &["boiled egg", "scrambled egg", "egg yolk", "eggplant", "omelette"],
    ),
    (
        "raw_shellfish",
        700,
        &["raw oysters"],
        &["cooked shrimp", "mussels", "oyster mushrooms"],
    ),
    (
        "mould_cheese",
        700,
        &["brie", "blue cheese", "camembert"],
        &["cheddar", "blueberries", "baked camembert", "cream cheese"],
    ),
    (
        "high_mercury_fish",
        900,
        &["swordfish", "shark", "king mackerel", "marlin"],
        &["salmon", "mackerel", "cod", "tuna"],
    ),
    (
        "liver_excess",
        400,
        &["liver", "chicken liver", "liver pate"],
        &["olive", "beef"],
    ),
    (
        "nitrate_veg_under_3m",
        80,
        &["spinach", "carrot"],
        &["120 ml formula", "banana"],
    ),
    ("nitrate_veg_under_3m", SIX_MONTHS, &[], &["spinach"]),
    (
        "solids_too_early",
        100,
        &["banana", "baby rice", "carrot puree"],
        &["120 ml breast milk", "120 ml formula", "breastfeed"],
    ),
    ("solids_too_early", 125, &[], &["banana"]),
];

#[test]
fn a_rule_warns_where_it_must_and_only_there() {
    let mut wrong = Vec::new();
    for (rule, age, warned, quiet) in CASES {
        for meal in *warned {
            let found = rules(meal, *age);
            if !found.iter().any(|r| r == rule) {
                wrong.push(format!("{rule} missed: {meal} at {age} days gave {found:?}"));
            }
        }
        for meal in *quiet {
            if rules(meal, *age).iter().any(|r| r == rule) {
                wrong.push(format!("{rule} false alarm: {meal} at {age} days"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_rule_has_cases() {
    for rule in RULES {
        assert!(
            CASES
                .iter()
                .any(|(id, _, warned, _)| *id == rule.id && !warned.is_empty()),
            "{}",
            rule.id
        );
    }
}

#[test]
fn without_an_age_no_rule_of_age_warns_but_a_declared_allergy_does() {
    let eater = Eater {
        age_days: None,
        allergies: vec![Allergen::Milk, Allergen::TreeNut],
    };
    let warnings = analyse("honey, pesto and whole grapes", &TABLE, &eater).warnings;
    assert!(
        warnings
            .iter()
            .all(|w| w.level == Level::Allergy && w.source == "your list"),
        "{warnings:?}"
    );
    let mut rules: Vec<&str> = warnings.iter().map(|w| w.rule.as_str()).collect();
    rules.sort_unstable();
    rules.dedup();
    assert_eq!(rules, ["allergy:milk", "allergy:tree_nut"]);
}

#[test]
fn an_allergy_warning_names_the_item_it_is_about() {
    let eater = Eater {
        age_days: Some(400),
        allergies: vec![Allergen::Sesame],
    };
    let warnings = analyse("banana and hummus", &TABLE, &eater).warnings;
    let about: Vec<_> = warnings
        .iter()
        .filter(|w| w.rule == "allergy:sesame")
        .map(|w| w.item)
        .collect();
    assert_eq!(about, [1]);
}

#[test]
fn no_infant_formula_of_the_table_warns_at_eight_months() {
    let eater = Eater {
        age_days: Some(243),
        allergies: Vec::new(),
    };
    let mut seen = 0;
    for food in (0..TABLE.len()).map(|at| TABLE.at(at)) {
        if !food.name().starts_with("Infant formula") {
            continue;
        }
        seen += 1;
        let portion = Portion {
            phrase: String::new(),
            food: food.id(),
            grams: 150.0,
            how: How::Parent,
            amount: String::new(),
            confidence: 1.0,
        };
        let warnings = describe(&[portion], &TABLE, &eater).warnings;
        assert!(warnings.is_empty(), "{}: {warnings:?}", food.name());
    }
    assert!(seen > 50, "{seen}");
}

/// What the demo family eats, with the rules that warn of it and should.
const DEMO: &[(i64, &str, &[&str])] = &[
    (243, "150 ml formula", &[]),
    (243, "160 ml breast milk", &[]),
    (243, "3 tbsp baby oatmeal cereal with 60 ml formula", &[]),
    (243, "4 tbsp baby rice cereal and half a mashed banana", &[]),
    (243, "3 tbsp baby oatmeal cereal, 2 tbsp applesauce", &[]),
    (243, "2 tbsp plain whole milk yogurt and half a banana", &[]),
    (243, "3 tbsp mashed sweet potato and 2 tbsp cooked lentils", &[]),
    (243, "30 g chicken, 2 tbsp carrots, 2 tbsp mashed potatoes", &[]),
    (243, "1 scrambled egg and half a slice of toast", &[]),
    (243, "25 g salmon with 3 tbsp peas", &[]),
    (243, "2 tbsp cooked ground beef, 3 tbsp butternut squash", &[]),
    (243, "a quarter of an avocado", &[]),
    (243, "3 tbsp broccoli and 2 tbsp mashed potatoes", &[]),
    (243, "half a pear", &[]),
    (243, "3 tbsp cooked pasta with 1 tbsp tomato sauce", &[]),
    (
        790,
        "half a cup of oatmeal with 100 ml whole milk and 5 strawberries",
        &[],
    ),
    (790, "1 slice of whole wheat toast with 1 tsp butter, 1 boiled egg", &[]),
    (
        790,
        "half a cup of plain yogurt with a quarter cup of blueberries",
        &["choking_round"],
    ),
    (790, "30 g cheerios with 120 ml whole milk", &[]),
    (790, "1 pancake and half a banana", &[]),
    (790, "half an apple", &["choking_hard_raw"]),
    (790, "1 banana", &[]),
    (790, "2 rice cakes", &[]),
    (790, "20 g cheddar cheese and 4 crackers", &[]),
    (790, "half a cup of melon", &[]),
    (790, "half a cup of macaroni and cheese with 3 tbsp peas", &[]),
    (790, "50 g chicken, half a cup of rice, 3 tbsp carrots", &[]),
    (790, "half a cup of lentil soup and 1 slice of bread", &[]),
    (
        790,
        "1 slice of whole wheat bread with 1 tbsp hummus, 6 slices of cucumber",
        &[],
    ),
    (790, "60 g salmon, half a cup of mashed potatoes, 3 tbsp broccoli", &[]),
    (790, "150 ml whole milk", &[]),
    (790, "1 pear", &[]),
    (790, "2 tbsp raisins", &["choking_sticky_sweets"]),
    (790, "1 mandarin orange", &[]),
    (790, "1 peach", &[]),
    (
        790,
        "half a cup of spaghetti with 3 tbsp tomato sauce and 40 g ground beef",
        &[],
    ),
    (790, "60 g cod, 3 tbsp green beans, 1 potato", &[]),
    (
        790,
        "half a cup of black beans with half a cup of rice and a quarter of an avocado",
        &[],
    ),
    (790, "1 scrambled egg, 1 slice of toast, half a tomato", &[]),
    (790, "half a cup of vegetable soup and 2 tbsp tofu", &[]),
];

#[test]
fn the_demo_family_is_understood_and_warned_of_what_it_should_be() {
    for (age_days, meal, expected) in DEMO {
        let eater = Eater {
            age_days: Some(*age_days),
            allergies: Vec::new(),
        };
        let analysis = analyse(meal, &TABLE, &eater);
        let found: Vec<&str> = analysis.warnings.iter().map(|w| w.rule.as_str()).collect();
        assert_eq!(found, *expected, "{meal}");
        assert!(
            analysis.not_understood.is_empty(),
            "{meal}: {:?}",
            analysis.not_understood
        );
        assert!(analysis.questions.is_empty(), "{meal}: {:?}", analysis.questions);
    }
}

#[test]
fn what_was_weighed_with_another_food_is_warned_of_too() {
    let mut silent = Vec::new();
    for (rule, age, warned, _) in CASES {
        let by_its_words = RULES
            .iter()
            .any(|known| known.id == *rule && matches!(known.when, super::When::Named | super::When::Said));
        for hazard in warned.iter().filter(|_| by_its_words) {
            for meal in [
                format!("60 g porridge with {hazard} and 80 g apple"),
                format!("60 g porridge made with {hazard}"),
                format!("80 g apple, 60 g porridge topped with {hazard}"),
            ] {
                if !rules(&meal, *age).iter().any(|warned_of| warned_of == rule) {
                    silent.push(format!("{rule}: {meal}"));
                }
            }
        }
    }
    assert!(silent.is_empty(), "nothing warned of\n{}", silent.join("\n"));
}

#[test]
fn what_was_weighed_with_another_food_keeps_its_allergens() {
    const FOODS: [&str; 18] = [
        "peanut butter",
        "egg",
        "brioche",
        "pesto",
        "prawns",
        "tofu",
        "tahini",
        "walnuts",
        "salmon",
        "cheese",
        "waffles",
        "custard",
        "hummus",
        "mayonnaise",
        "fish fingers",
        "naan",
        "ice cream",
        "Worcestershire sauce",
    ];
    let eater = Eater::default();
    let allergens = |text: &str| {
        let items = analyse(text, &TABLE, &eater).items;
        items
            .into_iter()
            .flat_map(|item| item.allergens)
            .collect::<Vec<Allergen>>()
    };
    for food in FOODS {
        for meal in [
            format!("60 g rice with {food} and 80 g apple"),
            format!("60 g rice made with {food}"),
            format!("80 g apple, 60 g rice topped with {food}"),
        ] {
            let found = allergens(&meal);
            let lost: Vec<Allergen> = allergens(food)
                .into_iter()
                .filter(|allergen| !found.contains(allergen))
                .collect();
            assert!(lost.is_empty(), "{meal} lost {lost:?}");
        }
    }
}
