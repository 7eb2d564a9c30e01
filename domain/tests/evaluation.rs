//! Measures the analyser on meals whose figures are known, where they are at hand: they
//! are for evaluation only and are not part of this project.

use domain::analysis::{Eater, analyse};
use domain::food::Table;
use domain::nutrient::Nutrient;
use std::io::Write;
use std::path::Path;

/// (file, the least share of meals, in percent, within 7.5 g of carbohydrate)
const FLOORS: [(&str, f64); 3] = [
    ("dev_who_meal_metric.csv", 62.0),
    ("dev_wweia_meal_metric.csv", 71.0),
    ("dev_wweia_meal_natural.csv", 48.0),
];

#[test]
fn the_analyser_is_no_worse_than_it_was() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/bench");
    let mut bytes = Vec::new();
    let mut packed = &include_bytes!("../data/foods-sr24-1.bin.br")[..];
    brotli_decompressor::BrotliDecompress(&mut packed, &mut bytes).unwrap();
    let foods = Table::parse(&bytes).unwrap();
    for (file, floor) in FLOORS {
        let path = folder.join(file);
        let Ok(csv) = std::fs::read_to_string(&path) else {
            writeln!(
                std::io::stderr(),
                "skipped: {} is not here, so the analyser was not measured on it",
                path.display()
            )
            .unwrap();
            continue;
        };
        let mut meals = 0;
        let mut near = 0;
        for line in csv.lines().skip(1) {
            let mut cells = line.rsplitn(5, ',');
            let carbs: f64 = cells.nth(3).unwrap().trim().parse().unwrap();
            let text = cells.next().unwrap().trim_matches('"').replace("\"\"", "\"");
            let analysis = analyse(&text, &foods, &Eater::default());
            let found = analysis.nutrition_breakdown.get(Nutrient::Carbs).unwrap_or(0.0);
            meals += 1;
            near += usize::from((found - carbs).abs() <= 7.5);
        }
        let share = 100.0 * near as f64 / meals as f64;
        assert!(
            share >= floor,
            "{file}: {share:.1} % within 7.5 g, it was {floor} % or more"
        );
    }
}
