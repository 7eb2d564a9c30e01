//! What parents type of a baby's food, with the foods and the grams they mean: `baby_foods.csv`.
//!
//! The phrases were made up for this test. `+` stands between the foods of a meal, in the order they
//! are read, and `/` between rows of the table that are equally right. The grams are of the whole meal.

use domain::analysis::{Eater, analyse};
use domain::food::Table;

struct Row {
    phrase: String,
    age_months: i64,
    foods: String,
    grams_from: f64,
    grams_to: f64,
}

impl Row {
    /// Only the phrase may hold commas, so the line is split from its end.
    fn parse(line: &str) -> Option<Self> {
        let mut cells = line.rsplitn(5, ',');
        let grams_to = cells.next()?.parse().ok()?;
        let grams_from = cells.next()?.parse().ok()?;
        let foods = cells.next()?.to_owned();
        let age_months = cells.next()?.parse().ok()?;
        let cell = cells.next()?;
        let quoted = cell.strip_prefix('"').and_then(|cell| cell.strip_suffix('"'));
        Some(Self {
            phrase: quoted.map_or_else(|| cell.to_owned(), |inside| inside.replace("\"\"", "\"")),
            age_months,
            foods,
            grams_from,
            grams_to,
        })
    }

    fn has_foods(&self, found: &[&str]) -> bool {
        let meant: Vec<&str> = self.foods.split('+').collect();
        meant.len() == found.len()
            && meant
                .iter()
                .zip(found)
                .all(|(ids, id)| ids.split('/').any(|meant| meant == *id))
    }
}

#[test]
fn the_food_of_babies_is_understood() {
    let mut bytes = Vec::new();
    let mut packed = &include_bytes!("../data/foods-sr24-1.bin.br")[..];
    brotli_decompressor::BrotliDecompress(&mut packed, &mut bytes).unwrap();
    let foods = Table::parse(&bytes).unwrap();
    let mut rows = 0;
    let mut wrong = Vec::new();
    for line in include_str!("baby_foods.csv").lines().skip(1) {
        let row = Row::parse(line).unwrap_or_else(|| panic!("not a row: {line}"));
        let eater = Eater {
            age_days: Some(row.age_months * 30),
            allergies: Vec::new(),
        };
        let analysis = analyse(&row.phrase, &foods, &eater);
        let found: Vec<&str> = analysis.items.iter().map(|item| item.portion.food.0.as_str()).collect();
        let grams: f64 = analysis.items.iter().map(|item| item.portion.grams).sum();
        rows += 1;
        if !row.has_foods(&found) || !(row.grams_from..=row.grams_to).contains(&grams) {
            let named = analysis
                .items
                .iter()
                .map(|item| format!("{} {} g", item.name, item.portion.grams));
            wrong.push(format!(
                "{:?} at {} months\n  expected {}, {} to {} g\n  got      {}, {grams:.1} g ({})",
                row.phrase,
                row.age_months,
                row.foods,
                row.grams_from,
                row.grams_to,
                found.join("+"),
                named.collect::<Vec<_>>().join("; ")
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {rows} phrases were not understood:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
