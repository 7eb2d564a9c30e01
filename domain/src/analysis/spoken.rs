//! Meals as parents type them in a hurry: what is understood of them, and what honestly is not.

use super::{Analysis, Eater, analyse};
use crate::allergen::Allergen;
use crate::food::tests::TABLE;

fn read(text: &str) -> Analysis {
    let eater = Eater {
        age_days: Some(400),
        allergies: Vec::new(),
    };
    analyse(text, &TABLE, &eater)
}

fn grams(text: &str) -> f64 {
    read(text).items.iter().map(|item| item.portion.grams).sum()
}

fn foods(text: &str) -> Vec<String> {
    read(text).items.into_iter().map(|item| item.portion.food.0).collect()
}

#[test]
fn a_part_of_a_fruit_weighs_a_part_of_it() {
    for (text, least, most) in [
        ("3 cucumber slices", 12.0, 40.0),
        ("6 slices of cucumber", 30.0, 70.0),
        ("10 slices of carrot", 20.0, 60.0),
        ("10 slices of raw carrot", 20.0, 60.0),
        ("6 slices of apple", 80.0, 150.0),
        ("6 apple slices", 80.0, 150.0),
        ("2 small apple slices", 15.0, 45.0),
        ("5 slices of banana", 15.0, 50.0),
        ("4 slices of pear", 50.0, 100.0),
        ("3 pieces of banana", 15.0, 60.0),
        ("4 pieces of mango", 25.0, 80.0),
        ("mango 2 chunks", 10.0, 40.0),
        ("3 slices of peach", 30.0, 70.0),
        ("2 slices of avocado", 20.0, 50.0),
        ("3 slices of orange", 25.0, 60.0),
        ("2 pieces of papaya", 15.0, 60.0),
        ("a piece of egg", 3.0, 15.0),
        ("pouch of apple", 90.0, 120.0),
        ("a pouch of mango", 90.0, 120.0),
        ("half a pouch of pear puree", 45.0, 60.0),
        ("a quarter of a cantaloupe", 120.0, 160.0),
        ("half a melon", 250.0, 300.0),
        ("a slice of melon", 50.0, 110.0),
        ("a slice of pizza", 90.0, 130.0),
        ("a slice of banana bread", 40.0, 70.0),
        ("raisins a small box", 30.0, 45.0),
        ("avocado toast 1 slice", 50.0, 65.0),
        ("3 toast fingers", 15.0, 25.0),
        ("3 fingers of toast", 15.0, 25.0),
        ("2 strips of toast", 10.0, 20.0),
    ] {
        let found = grams(text);
        assert!((least..=most).contains(&found), "{text}: {found} g");
    }
}

#[test]
fn a_part_that_is_only_estimated_is_less_sure() {
    let sure = |text: &str| read(text).items[0].portion.confidence;
    assert!(sure("2 pieces of papaya") < sure("1 papaya"));
}

#[test]
fn halving_is_how_it_was_cut_and_not_how_much() {
    for (text, grams_of_it) in [
        ("6 grapes cut in half", 30.0),
        ("6 grapes, sliced in half lengthwise", 30.0),
        ("6 grapes cut into 4", 30.0),
        ("1 banana cut into small pieces", 118.0),
        ("60 g chicken in bite-sized pieces", 60.0),
    ] {
        assert_eq!(grams(text), grams_of_it, "{text}");
        assert_eq!(read(text).items[0].portion.phrase, text);
    }
    assert_eq!(foods("cheerios in half a cup of milk").len(), 2);
    assert!(grams("cheerios in half a cup of milk") > 120.0);
}

#[test]
fn one_food_that_no_small_child_eats_so_much_of_is_asked_about() {
    for (text, asked) in [
        ("500 g banana", true),
        ("5 bananas", true),
        ("500 ml water", false),
        ("500 ml milk", false),
        ("2 l milk", true),
        ("300 g banana", false),
    ] {
        assert_eq!(!read(text).questions.is_empty(), asked, "{text}");
    }
    let grown = Eater {
        age_days: Some(1500),
        allergies: Vec::new(),
    };
    assert!(analyse("500 g banana", &TABLE, &grown).questions.is_empty());
    let question = &read("900 kg of banana").questions[0];
    assert!(question.text.starts_with("900 kg of banana"), "{}", question.text);
    let mut portion = read("900 kg of banana").items[0].portion.clone();
    assert!(portion.check().unwrap_err().message.contains("900 kg"));
    portion.phrase = String::new();
    let picked = super::describe(&[portion], &TABLE, &Eater::default());
    assert!(
        picked.questions[0].text.starts_with("900 kg of banana"),
        "{}",
        picked.questions[0].text
    );
}

#[test]
fn what_names_no_food_is_not_taken_for_one() {
    for text in ["8 oz bottle", "bottle 120ml", "vitamin d drops", "120 ml", "100", "🍲"] {
        let analysis = read(text);
        assert!(analysis.items.is_empty(), "{text}: {:?}", analysis.detected_foods);
        assert_eq!(
            analysis.not_understood.len(),
            1,
            "{text}: {:?}",
            analysis.not_understood
        );
    }
    for text in ["yummy!", "no honey", "..."] {
        assert!(read(text).not_understood.is_empty(), "{text}");
    }
}

#[test]
fn what_held_a_food_is_no_food() {
    for (text, food) in [
        ("120 ml formula in a bottle", "sr24:03832"),
        ("bottle formula 120 ml", "sr24:03832"),
        ("milk in her cup", "sr24:01077"),
        ("peas in a bowl", "sr24:11305"),
        ("raisins box", "sr24:09298"),
        ("water from her sippy cup", "sr24:14411"),
    ] {
        let analysis = read(text);
        assert_eq!(foods(text), [food], "{text}");
        assert!(
            analysis.not_understood.is_empty(),
            "{text}: {:?}",
            analysis.not_understood
        );
    }
    assert_eq!(foods("peanut butter cup"), ["sr24:19150"]);
}

#[test]
fn everyday_words_mean_their_food() {
    for (text, food) in [
        ("bf 20 min both sides", "sr24:01107"),
        ("nursed 15 min left", "sr24:01107"),
        ("120 mls of aptamil", "sr24:03832"),
        ("yoplait", "sr24:01121"),
        ("coco pops", "sr24:08014"),
        ("orange squash", "sr24:14267"),
        ("squash 100ml", "sr24:14267"),
        ("100 g squash", "sr24:11644"),
        ("lactose free milk", "sr24:01077"),
        ("lactose-free milk", "sr24:01077"),
        ("apple cider", "sr24:09016"),
        ("gluten free bread", "word:gluten-free-bread"),
        ("gluten-free bread", "word:gluten-free-bread"),
        ("coconut milk curry", "word:coconut-milk-curry"),
        ("date syrup", "word:date-syrup"),
        ("half a hot dog bun", "sr24:18350"),
    ] {
        assert_eq!(foods(text), [food], "{text}");
        assert!(read(text).not_understood.is_empty(), "{text}");
    }
    assert_eq!(foods("lentil soup"), ["sr24:16070", "sr24:14411"]);
    assert_eq!(
        foods("roast dinner: chicken, potatoes and carrots"),
        foods("chicken, potatoes and carrots")
    );
    assert!(read("roast dinner: chicken and carrots").not_understood.is_empty());
    assert_eq!(read("gluten-free bread").items[0].allergens, []);
    assert_eq!(read("dairy-free yoghurt").items[0].allergens, []);
    assert_eq!(read("cottage pie").items.len(), 2);
    assert!(
        read("cottage pie")
            .items
            .iter()
            .all(|item| !item.allergens.contains(&Allergen::Egg))
    );
}

#[test]
fn pictures_of_food_are_words_for_it() {
    for (text, meant) in [
        ("🥑", "avocado"),
        ("🍌🍌", "2 bananas"),
        ("half a 🍌", "half a banana"),
        ("2 🥚", "2 eggs"),
        ("🥑🍞", "avocado, bread"),
        ("banana 🍌", "banana"),
        ("🍌 banana", "banana"),
        ("toast with 🧀", "toast with cheese"),
        ("toast 🥑 and milk 🥛", "toast, avocado and milk"),
    ] {
        assert_eq!(foods(text), foods(meant), "{text}");
        assert_eq!(grams(text), grams(meant), "{text}");
    }
}

#[test]
fn iron_is_spoken_of_where_there_is_much() {
    let notes = |text| read(text).analysis_notes;
    assert!(!notes("1 slice of toast with butter").contains("iron"));
    assert!(!notes("6 slices of cucumber and 1 tsp butter").contains("iron"));
    let rich = notes("15 g baby oatmeal cereal and half a banana");
    assert!(rich.contains("Most of the iron: Baby oatmeal cereal."), "{rich}");
}

#[test]
fn every_food_has_a_short_name_that_tells_it_from_the_others() {
    let names = |text| -> Vec<String> {
        let items = read(text).items;
        items.iter().map(|item| item.display_name().to_owned()).collect()
    };
    assert_eq!(names("porridge, 5 strawberries"), ["Porridge", "Strawberries"]);
    assert_eq!(names("30 g cheerios with 120 ml milk"), ["Cheerios", "Milk"]);
    assert_eq!(names("pasta bolognese and water"), ["Pasta bolognese", "Water"]);
    let alike = names("cooked beef and roast beef sandwich");
    assert_eq!(alike.len(), 2);
    assert_ne!(alike[0], alike[1]);
    let picked = |id: &str| {
        let mut portion = read("100 g milk").items[0].portion.clone();
        portion.phrase = String::new();
        portion.food = crate::food::FoodId(id.to_owned());
        portion
    };
    let analysis = super::describe(
        &["sr24:08121", "sr24:01077", "sr24:11644"].map(picked),
        &TABLE,
        &Eater::default(),
    );
    let shown: Vec<&str> = analysis.items.iter().map(crate::meal::Item::display_name).collect();
    assert_eq!(shown, ["Porridge", "Milk", "Squash"]);
    // Without a name of its own, a food has the beginning of the table's.
    assert_eq!(
        crate::food::tests::food("sr24:11490").everyday(),
        "Squash, winter, hubbard"
    );
    // An analysis from before there were short names still reads, and shows the table's.
    let mut json = serde_json::to_value(&analysis).unwrap();
    json["items"][0].as_object_mut().unwrap().remove("everyday");
    let old: Analysis = serde_json::from_value(json).unwrap();
    assert_eq!(old.items[0].display_name(), old.items[0].name);
}

#[test]
fn an_allergen_is_seen_in_words_that_no_table_knows() {
    for (text, allergen) in [
        ("satay", Allergen::Peanut),
        ("a piece of baklava", Allergen::TreeNut),
        ("scampi", Allergen::Crustacean),
        ("tiramisu", Allergen::Egg),
    ] {
        let analysis = read(text);
        assert!(
            analysis.items.iter().any(|item| item.allergens.contains(&allergen)),
            "{text}: {:?}",
            analysis.items
        );
        assert!(analysis.confidence_score < 0.5, "{text}");
    }
    assert!(read("yummy and sweetened").items.is_empty());
    assert!(read("gluten free").items.is_empty());
}

#[test]
fn what_was_left_out_of_a_food_does_not_take_the_food_away() {
    for text in [
        "no honey porridge",
        "no added sugar porridge",
        "porridge, no honey",
        "porridge without honey",
    ] {
        let analysis = read(text);
        assert_eq!(analysis.items.len(), 1, "{text}: {:?}", analysis.items);
        assert_eq!(analysis.items[0].display_name(), "Porridge", "{text}");
    }
}

#[test]
fn what_was_weighed_together_is_shared() {
    let analysis = read("60 g pasta with prawns and 20 g peas");
    let foods: Vec<&str> = analysis.items.iter().map(|item| item.display_name()).collect();
    assert_eq!(foods, ["Pasta", "Prawns", "Peas"]);
    let grams: Vec<f64> = analysis.items.iter().map(|item| item.portion.grams).collect();
    assert!(
        (grams[0] + grams[1] - 60.0).abs() < 0.2 && grams[0] > 20.0 && grams[1] > 10.0,
        "{grams:?}"
    );
    assert_eq!(grams[2], 20.0);
}

#[test]
fn no_order_of_words_breaks_the_reading() {
    const SAID: &str = "60 g porridge with grapes , a small cup of milk and half banana , medium large fun puree 2 tbsp \
        made from that included topped x 3 left 60 most of no actually two jar pouch breast 10 min 3/4 ½ 🍌 é spread \
        fast food infant feeding 1e9 - ( ) : & + skin not eaten without any soft drink in a bottle on toast mix";
    let words: Vec<&str> = SAID.split_whitespace().collect();
    // A generator with a seed of its own: the same texts at every run.
    let mut state: u64 = 0x2545_f491_4f6c_dd1d;
    let mut below = |most: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % most as u64) as usize
    };
    read("slice of toast along with my yogurt water, large");
    for _ in 0..2_000 {
        let many = 1 + below(14);
        let between = if below(9) == 0 { "" } else { " " };
        let text: Vec<&str> = (0..many).map(|_| words[below(words.len())]).collect();
        let text = text.join(between);
        let analysis = read(&text);
        for item in &analysis.items {
            let grams = item.portion.grams;
            assert!(grams.is_finite() && grams >= 0.0, "{text}: {grams}");
        }
        assert!((0.0..=1.0).contains(&analysis.confidence_score), "{text}");
    }
}
