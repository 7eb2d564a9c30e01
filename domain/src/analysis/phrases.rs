//! Phrases as parents say them, with the food and the grams they mean.

use super::{Eater, analyse};
use crate::food::tests::TABLE;
use crate::meal::How;

/// A year old, no allergies.
fn toddler() -> Eater {
    Eater {
        age_days: Some(400),
        allergies: Vec::new(),
    }
}

/// (what is said, the foods meant as (id, grams))
const PHRASES: &[(&str, &[(&str, f64)])] = &[
    // Counts and fractions
    ("half a banana", &[("09040", 59.0)]),
    ("1/2 banana", &[("09040", 59.0)]),
    ("½ banana", &[("09040", 59.0)]),
    ("a banana", &[("09040", 118.0)]),
    ("2 bananas", &[("09040", 236.0)]),
    ("1 1/2 bananas", &[("09040", 177.0)]),
    ("one and a half bananas", &[("09040", 177.0)]),
    ("two and a half bananas", &[("09040", 295.0)]),
    ("a small banana", &[("09040", 101.0)]),
    ("a large banana", &[("09040", 136.0)]),
    ("banana x2", &[("09040", 236.0)]),
    ("a quarter of an avocado", &[("09037", 37.5)]),
    ("half an avocado", &[("09037", 75.0)]),
    ("a couple of eggs", &[("01129", 100.0)]),
    ("a dozen blueberries", &[("09050", 16.3)]),
    ("2-3 strawberries", &[("09316", 30.0)]),
    ("two or three strawberries", &[("09316", 30.0)]),
    ("an egg", &[("01129", 50.0)]),
    ("1 scrambled egg", &[("01132", 61.0)]),
    ("three fish fingers", &[("15027", 84.0)]),
    ("5 cheerios", &[("08013", 0.5)]),
    // Weights
    ("60 g banana", &[("09040", 60.0)]),
    ("60g of banana", &[("09040", 60.0)]),
    ("banana, 60 g", &[("09040", 60.0)]),
    ("banana (60g)", &[("09040", 60.0)]),
    ("banana 60g", &[("09040", 60.0)]),
    ("0.5 kg potatoes", &[("11367", 500.0)]),
    ("1 oz cheddar cheese", &[("01009", 28.3)]),
    ("2 x 30 g cheese", &[("01009", 60.0)]),
    ("1,5 kg carrots", &[("11125", 1500.0)]),
    // Volumes
    ("60ml breast milk", &[("01107", 62.5)]),
    ("120 ml formula", &[("03832", 123.8)]),
    ("4 oz formula", &[("03832", 122.0)]),
    ("6 fl oz whole milk", &[("01077", 183.0)]),
    ("1 cup whole milk", &[("01077", 244.0)]),
    ("half a cup of milk", &[("01077", 122.0)]),
    ("2 dl milk", &[("01077", 206.0)]),
    ("1.5 dl formula", &[("03832", 154.0)]),
    ("2 tbsp porridge", &[("08121", 29.2)]),
    ("1 tbsp peanut butter", &[("16398", 16.0)]),
    ("1 tsp olive oil", &[("04053", 4.5)]),
    ("2 tablespoons of hummus", &[("16158", 30.0)]),
    ("1/4 cup of cooked lentils", &[("16070", 49.5)]),
    ("a cup of cooked rice", &[("20045", 158.0)]),
    // Household measures
    ("a slice of toast", &[("18070", 22.0)]),
    ("2 slices of whole wheat bread", &[("18075", 56.0)]),
    ("a jar of sweet potato puree", &[("03108", 113.0)]),
    ("half a jar of apple puree", &[("03116", 56.5)]),
    ("1 slice of cheddar", &[("01009", 28.0)]),
    // Everyday words, British and American
    ("200 g courgette", &[("11478", 200.0)]),
    ("200 g zucchini", &[("11478", 200.0)]),
    ("50g aubergine", &[("11210", 50.0)]),
    ("50 g yoghurt", &[("01116", 50.0)]),
    ("50 g plain yogurt", &[("01116", 50.0)]),
    ("40 g mince", &[("23570", 40.0)]),
    ("10 g houmous", &[("16158", 10.0)]),
    ("30 g porridge oats", &[("20038", 30.0)]),
    ("100 g porridge", &[("08121", 100.0)]),
    ("15g baby rice", &[("03194", 15.0)]),
    ("15 g rice cereal", &[("03194", 15.0)]),
    ("10 g oatmeal cereal", &[("03189", 10.0)]),
    ("100 g carrot puree", &[("03099", 100.0)]),
    ("30 g cooked pasta", &[("20121", 30.0)]),
    ("30 g lentils", &[("16070", 30.0)]),
    ("30 g chicken", &[("05064", 30.0)]),
    ("30 g salmon", &[("15237", 30.0)]),
    ("20 g cottage cheese", &[("01012", 20.0)]),
    ("20 g cream cheese", &[("01017", 20.0)]),
    ("100 g sweet potato", &[("11510", 100.0)]),
    ("100 g butternut squash", &[("11486", 100.0)]),
    ("100 g honeydew melon", &[("09184", 100.0)]),
    ("30 g peas", &[("11305", 30.0)]),
    ("30 g pears", &[("09252", 30.0)]),
    ("30 g tofu", &[("16126", 30.0)]),
    ("100 ml goat's milk", &[("01106", 103.1)]),
    ("100 g apple juice", &[("09016", 100.0)]),
    ("50 g raw carrots", &[("11124", 50.0)]),
    ("a teething biscuit", &[("03216", 11.0)]),
    // Typing slips
    ("30 g bananna", &[("09040", 30.0)]),
    ("30 g brocolli", &[("11091", 30.0)]),
    ("30 g chiken", &[("05064", 30.0)]),
    // Several foods
    ("60 g banana and 30 g yoghurt", &[("09040", 60.0), ("01116", 30.0)]),
    ("60 g banana with 30 g yogurt", &[("09040", 60.0), ("01116", 30.0)]),
    ("2 eggs 3 slices toast", &[("01129", 100.0), ("18070", 66.0)]),
    ("10 g butter on 25 g toast", &[("01001", 10.0), ("18070", 25.0)]),
    ("50 g rice + 30 g peas", &[("20045", 50.0), ("11305", 30.0)]),
    ("100 g macaroni and cheese", &[("22960", 100.0)]),
    (
        "half a banana, 2 tbsp oatmeal with 60 ml breast milk",
        &[("09040", 59.0), ("08121", 29.2), ("01107", 62.5)],
    ),
    // Prose
    ("For breakfast my baby had 60 g of banana.", &[("09040", 60.0)]),
    ("She ate some leftover 40 g pasta for lunch", &[("20121", 40.0)]),
    (
        "He happily munched one medium apple this afternoon!",
        &[("09003", 182.0)],
    ),
    // Not eaten
    ("60 g porridge without honey", &[("08121", 60.0)]),
    ("60 g porridge, no sugar", &[("08121", 60.0)]),
    ("25 g toast, no butter", &[("18070", 25.0)]),
    ("no honey", &[]),
    // How it was cut belongs to the food
    ("40 g grapes, quartered", &[("09132", 40.0)]),
    ("40 g grapes cut into quarters", &[("09132", 40.0)]),
    ("60 g mashed banana", &[("09040", 60.0)]),
    // A usual amount for a one-year-old
    ("banana", &[("09040", 60.0)]),
    ("some blueberries", &[("09050", 30.0)]),
    ("a bit of avocado", &[("09037", 17.5)]),
];

#[test]
fn phrases_mean_what_parents_mean() {
    let mut wrong = Vec::new();
    for (text, meant) in PHRASES {
        let analysis = analyse(text, &TABLE, &toddler());
        let found: Vec<(String, f64)> = analysis
            .items
            .iter()
            .map(|i| (i.portion.food.0.replace("sr24:", ""), i.portion.grams))
            .collect();
        let right = found.len() == meant.len()
            && found
                .iter()
                .zip(*meant)
                .all(|((id, grams), (food, meant))| id == food && (grams - meant).abs() < 1.1);
        if !right || !analysis.not_understood.is_empty() {
            wrong.push(format!(
                "{text}: {found:?}, not understood {:?}",
                analysis.not_understood
            ));
        }
    }
    assert!(PHRASES.len() >= 80);
    assert!(
        wrong.is_empty(),
        "{} of {} wrong:\n{}",
        wrong.len(),
        PHRASES.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_stored_shape_is_the_documents() {
    let analysis = analyse("half a banana, zorbles", &TABLE, &toddler());
    let json = serde_json::to_value(&analysis).unwrap();
    assert_eq!(json["detected_foods"], serde_json::json!(["banana"]));
    assert_eq!(json["estimated_quantities"]["banana"], "1/2 medium (59 g)");
    assert_eq!(json["not_understood"], serde_json::json!(["zorbles"]));
    assert_eq!(json["origin"]["food_file"], "sr24-1");
    assert_eq!(json["items"][0]["phrase"], "half a banana");
    assert_eq!(json["items"][0]["how"], "portion");
    assert_eq!(json["nutrition_breakdown"].as_object().unwrap().len(), 12);
    assert!((json["nutrition_breakdown"]["calories"].as_f64().unwrap() - 52.5).abs() < 0.2);
    assert_eq!(serde_json::from_value::<super::Analysis>(json).unwrap(), {
        // The breakdown keeps the twelve; the rest is with the items.
        let mut kept = analysis.clone();
        for nutrient in crate::nutrient::Nutrient::ALL.into_iter().skip(12) {
            kept.nutrition_breakdown.set(nutrient, None);
        }
        kept
    });
}

#[test]
fn two_items_of_one_name_are_one_food_with_both_amounts() {
    let analysis = analyse("60 g banana, 30 g banana", &TABLE, &toddler());
    assert_eq!(analysis.detected_foods, ["banana"]);
    assert_eq!(analysis.estimated_quantities["banana"], "90 g");
    assert_eq!(analysis.items.len(), 2);
}

#[test]
fn nine_hundred_kilograms_of_banana_are_asked_about() {
    let analysis = analyse("900 kg of banana", &TABLE, &toddler());
    assert_eq!(analysis.items[0].portion.grams, 900_000.0);
    assert!(
        analysis.items[0].portion.check().is_err(),
        "it cannot be saved as it is"
    );
    assert!(analysis.confidence_score <= 0.3);
    let question = &analysis.questions[0];
    assert_eq!(question.item, 0);
    assert!(
        question.choices.iter().any(|choice| choice.grams == 900.0),
        "{question:?}"
    );
    assert!(
        question.choices.iter().any(|choice| choice.grams == 118.0),
        "{question:?}"
    );
}

#[test]
fn amounts_without_words_are_guesses_by_age() {
    let grams = |age_days| {
        analyse(
            "sweet potato",
            &TABLE,
            &Eater {
                age_days,
                ..Eater::default()
            },
        )
        .items[0]
            .portion
            .grams
    };
    assert!(grams(Some(190)) < grams(Some(300)));
    assert!(grams(Some(300)) < grams(Some(500)));
    assert!(grams(Some(500)) < grams(Some(900)));
    let guessed = analyse("sweet potato", &TABLE, &toddler());
    assert_eq!(guessed.items[0].portion.how, How::Default);
    let weighed = analyse("60 g sweet potato", &TABLE, &toddler());
    assert!(guessed.confidence_score < weighed.confidence_score);
}

#[test]
fn unknown_stays_unknown() {
    let analysis = analyse("100 g garlic bread", &TABLE, &toddler());
    let json = serde_json::to_value(&analysis).unwrap();
    for (nutrient, amount) in json["nutrition_breakdown"].as_object().unwrap() {
        assert_eq!(amount, &json["items"][0]["nutrients"][nutrient], "{nutrient}");
    }
    let nothing = analyse("zorbles", &TABLE, &toddler());
    assert!(nothing.items.is_empty() && nothing.confidence_score == 0.0);
    assert!(serde_json::to_value(nothing).unwrap()["nutrition_breakdown"]["iron"].is_null());
}

#[test]
fn any_text_is_read_without_a_panic_in_bounded_time_and_always_alike() {
    let long = "banana ".repeat(20_000);
    let dense = "1/2 ".repeat(30_000);
    let deep = "a, ".repeat(40_000);
    for text in [
        "",
        " ",
        "\u{0}",
        "🍌🍌 banana 🍌",
        "מוז 60 גרם",
        "\u{202e}ananab",
        "½",
        "1/0 banana",
        "'; drop table meals; --",
        "<script>alert(1)</script>",
        "99999999999999999999 kg",
        "a a a a",
        "and with and",
        "(((",
        "no",
        "x",
        "x2",
        "-",
        &long,
        &dense,
        &deep,
        "ﬁsh ﬁngers",
        "é\u{301}\u{301}gg",
        "1 1 1 1 1",
        "half half half",
        "of of of",
        "2 x",
        "60g",
    ] {
        let once = serde_json::to_string(&analyse(text, &TABLE, &toddler())).unwrap();
        let twice = serde_json::to_string(&analyse(text, &TABLE, &toddler())).unwrap();
        assert_eq!(once, twice);
        assert!(analyse(text, &TABLE, &toddler()).items.len() <= crate::meal::MOST_ITEMS);
    }
    assert!(
        analyse(&long, &TABLE, &toddler())
            .analysis_notes
            .contains("Only the first part")
    );
}

#[test]
fn the_parents_choice_counts_and_a_food_the_table_lacks_is_honest() {
    let mut portion = analyse("200 ml milk", &TABLE, &toddler()).items[0].portion.clone();
    portion.food = crate::food::FoodId("sr24:16139".to_owned());
    portion.confidence = 1.0;
    let soy = super::describe(&[portion.clone()], &TABLE, &toddler());
    assert_eq!(soy.detected_foods, ["soy milk"]);
    assert_eq!(soy.items[0].allergens, [crate::allergen::Allergen::Soy]);
    portion.food = crate::food::FoodId("own:0190".to_owned());
    let own = super::describe(&[portion], &TABLE, &toddler());
    assert_eq!(own.items[0].nutrients, crate::nutrient::Nutrients::default());
    assert_eq!(own.nutrition_breakdown, crate::nutrient::Nutrients::default());
}

#[test]
fn a_food_known_to_be_missing_is_an_item_without_figures() {
    let analysis = analyse("200 ml almond milk", &TABLE, &toddler());
    assert_eq!(analysis.detected_foods, ["almond milk"]);
    assert_eq!(analysis.items[0].portion.food.0, "word:almond-milk");
    assert_eq!(analysis.items[0].portion.grams, 200.0);
    assert_eq!(analysis.items[0].allergens, [crate::allergen::Allergen::TreeNut]);
    assert_eq!(analysis.nutrition_breakdown, crate::nutrient::Nutrients::default());
}

#[test]
fn another_food_can_be_chosen_from_likely_ones() {
    let chosen = crate::food::FoodId("sr24:01077".to_owned());
    let others = super::alternatives("2 cups of milk", &chosen, &TABLE, 6);
    assert_eq!(others.len(), 6);
    assert!(
        others
            .iter()
            .all(|food| food.id() != chosen && food.name().to_lowercase().contains("milk")),
        "{others:?}"
    );
}
