//! How near the analyser comes to meals whose figures are known:
//!
//! ```text
//! cargo run --release -p domain --example bench-analyser -- CSV [FOODS]
//! ```
//!
//! The CSV has `meal_description, carb, protein, fat, energy`. FOODS is a food file,
//! uncompressed; without it the built-in one is used. `--worst` lists the twenty worst,
//! `--line TEXT` analyses one meal and prints it.

use domain::analysis::{Analysis, Eater, analyse};
use domain::food::Table;
use domain::nutrient::Nutrient;
use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

const BUILT_IN: &[u8] = include_bytes!("../data/foods-sr24-1.bin.br");

/// Right means this near in carbohydrate, in grams.
const NEAR: f64 = 7.5;

#[expect(clippy::disallowed_methods, reason = "it measures how long an analysis takes")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let worst = arguments.iter().any(|a| a == "--worst");
    let files: Vec<&String> = arguments.iter().filter(|a| !a.starts_with("--")).collect();
    let bytes = match files.get(1).filter(|_| !arguments.iter().any(|a| a == "--line")) {
        Some(path) => std::fs::read(path)?,
        None => {
            let mut bytes = Vec::new();
            brotli_decompressor::BrotliDecompress(&mut &BUILT_IN[..], &mut bytes)?;
            bytes
        }
    };
    let foods = Table::parse(&bytes)?;
    // The best of ten: a busy machine says nothing about the parser.
    let mut fastest = Duration::MAX;
    for _ in 0..10 {
        let started = Instant::now();
        Table::parse(&bytes)?;
        fastest = fastest.min(started.elapsed());
    }
    writeln!(out, "{} foods of {} in {fastest:?}", foods.len(), foods.name())?;
    let eater = Eater::default();
    if arguments.iter().any(|a| a == "--line") {
        for text in files {
            let analysis = analyse(text, &foods, &eater);
            writeln!(out, "{}", line(text, &analysis))?;
        }
        return Ok(());
    }
    let path = files.first().ok_or("which CSV?")?;
    let meals = meals(&std::fs::read_to_string(path)?);
    let started = Instant::now();
    let analyses: Vec<Analysis> = meals.iter().map(|meal| analyse(&meal.text, &foods, &eater)).collect();
    let taken = started.elapsed();
    let mut misses: Vec<(f64, usize)> = Vec::new();
    let mut errors = [0.0; 4];
    let mut near = 0;
    let mut understood = 0;
    for (at, (meal, analysis)) in meals.iter().zip(&analyses).enumerate() {
        let found = [Nutrient::Carbs, Nutrient::Protein, Nutrient::Fat, Nutrient::Calories]
            .map(|nutrient| analysis.nutrition_breakdown.get(nutrient).unwrap_or(0.0));
        for (error, (found, truth)) in errors.iter_mut().zip(found.iter().zip(meal.truth)) {
            *error += (found - truth).abs() / meals.len() as f64;
        }
        let off = (found[0] - meal.truth[0]).abs();
        near += usize::from(off <= NEAR);
        understood += usize::from(analysis.not_understood.is_empty() && !analysis.items.is_empty());
        misses.push((off, at));
    }
    let percent = |count: usize| 100.0 * count as f64 / meals.len().max(1) as f64;
    writeln!(out, "{path}: {} meals", meals.len())?;
    writeln!(out, "  within {NEAR} g carbohydrate  {:.1} %", percent(near))?;
    writeln!(
        out,
        "  mean error  carbohydrate {:.1} g, protein {:.1} g, fat {:.1} g, energy {:.0} kcal",
        errors[0], errors[1], errors[2], errors[3]
    )?;
    writeln!(out, "  fully understood  {:.1} %", percent(understood))?;
    writeln!(
        out,
        "  {:.0} microseconds a meal",
        taken.as_secs_f64() * 1e6 / meals.len().max(1) as f64
    )?;
    if worst {
        misses.sort_by(|a, b| b.0.total_cmp(&a.0));
        for (off, at) in misses.iter().take(60) {
            writeln!(
                out,
                "{off:.0} g off, truth {}: {}",
                meals[*at].truth[0],
                line(&meals[*at].text, &analyses[*at])
            )?;
        }
    }
    Ok(())
}

fn line(text: &str, analysis: &Analysis) -> String {
    let items: Vec<String> = analysis
        .items
        .iter()
        .map(|item| {
            let p = &item.portion;
            format!(
                "\n    {:?} = {} | {} g {} {} {}",
                p.phrase,
                item.name,
                p.grams,
                p.how.id(),
                p.amount,
                p.confidence
            )
        })
        .collect();
    format!(
        "{text}{}\n    not understood {:?}",
        items.concat(),
        analysis.not_understood
    )
}

struct Meal {
    text: String,
    /// Carbohydrate, protein, fat in grams; energy in kcal.
    truth: [f64; 4],
}

fn meals(csv: &str) -> Vec<Meal> {
    csv.lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.rsplitn(5, ',');
            let mut truth = [0.0; 4];
            for figure in truth.iter_mut().rev() {
                *figure = cells.next()?.trim().parse().ok()?;
            }
            let text = cells.next()?.trim_matches('"').replace("\"\"", "\"");
            Some(Meal { text, truth })
        })
        .collect()
}
