//! How near the analyser comes to meals whose figures are known:
//!
//! ```text
//! cargo run --release -p domain --example bench-analyser -- CSV… [--foods FILE]
//! ```
//!
//! A CSV has `meal_description, carb, protein, fat, energy`. FILE is a food file, uncompressed; without
//! it the built-in one is used. Of each file a quarter is held out: `--worst N` lists the worst of the
//! others, so that nobody learns it by heart. `--line TEXT…` analyses meals and prints them.

use domain::analysis::{Analysis, Eater, analyse};
use domain::food::Table;
use domain::meal::How;
use domain::nutrient::Nutrient;
use std::error::Error;
use std::io::Write;
use std::time::Instant;

const BUILT_IN: &[u8] = include_bytes!("../data/foods-sr24-1.bin.br");

/// Right means this near in carbohydrate, in grams.
const NEAR: f64 = 7.5;

fn main() -> Result<(), Box<dyn Error>> {
    let mut out = std::io::stdout().lock();
    let mut arguments = std::env::args().skip(1);
    let (mut texts, mut lines, mut worst, mut table) = (Vec::new(), false, 0, None);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--foods" => table = Some(arguments.next().ok_or("which food file?")?),
            "--worst" => worst = arguments.next().ok_or("how many?")?.parse()?,
            "--line" => lines = true,
            _ => texts.push(argument),
        }
    }
    let bytes = match table {
        Some(path) => std::fs::read(path)?,
        None => {
            let mut bytes = Vec::new();
            brotli_decompressor::BrotliDecompress(&mut &BUILT_IN[..], &mut bytes)?;
            bytes
        }
    };
    let foods = Table::parse(&bytes)?;
    let eater = Eater::default();
    if lines {
        for text in texts {
            writeln!(out, "{}", line(&text, &analyse(&text, &foods, &eater)))?;
        }
        return Ok(());
    }
    writeln!(out, "{}: {} foods", foods.name(), foods.len())?;
    let mut sure: Vec<(f64, bool)> = Vec::new();
    for path in &texts {
        let meals = read(&std::fs::read_to_string(path)?, &foods, &eater);
        report(&mut out, path, &meals, worst)?;
        sure.extend(
            meals
                .iter()
                .map(|meal| (meal.analysis.confidence_score, meal.is_near())),
        );
    }
    writeln!(out, "\nHow sure it was, and how often it was right")?;
    for tenth in 0..10 {
        let (from, to) = (f64::from(tenth) / 10.0, f64::from(tenth + 1) / 10.0);
        let within: Vec<_> = sure.iter().filter(|(sure, _)| (from..to).contains(sure)).collect();
        if !within.is_empty() {
            let right = within.iter().filter(|(_, right)| *right).count();
            let said = within.iter().map(|(sure, _)| sure).sum::<f64>() / within.len() as f64;
            writeln!(
                out,
                "  {from:.1} to {to:.1}  {:5} meals  said {:3.0} %  right {:3.0} %",
                within.len(),
                100.0 * said,
                percent(right, within.len())
            )?;
        }
    }
    Ok(())
}

/// A meal of known figures, and what was made of it.
struct Meal {
    text: String,
    /// Carbohydrate, protein, fat in grams; energy in kcal.
    truth: [f64; 4],
    analysis: Analysis,
    micros: f64,
    held_out: bool,
}

#[expect(clippy::disallowed_methods, reason = "it measures how long an analysis takes")]
fn read(csv: &str, foods: &Table, eater: &Eater) -> Vec<Meal> {
    csv.lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.rsplitn(5, ',');
            let mut truth = [0.0; 4];
            for figure in truth.iter_mut().rev() {
                *figure = cells.next()?.trim().parse().ok()?;
            }
            let text = cells.next()?.trim_matches('"').replace("\"\"", "\"");
            let began = Instant::now();
            let analysis = analyse(&text, foods, eater);
            let micros = began.elapsed().as_secs_f64() * 1e6;
            // The same meals whoever asks, in no order of theirs.
            let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
            });
            Some(Meal {
                held_out: (hash >> 32) % 4 == 0,
                text,
                truth,
                analysis,
                micros,
            })
        })
        .collect()
}

impl Meal {
    fn found(&self) -> [f64; 4] {
        [Nutrient::Carbs, Nutrient::Protein, Nutrient::Fat, Nutrient::Calories]
            .map(|nutrient| self.analysis.nutrition_breakdown.get(nutrient).unwrap_or(0.0))
    }

    fn off(&self) -> f64 {
        (self.found()[0] - self.truth[0]).abs()
    }

    fn is_near(&self) -> bool {
        self.off() <= NEAR
    }

    fn is_understood(&self) -> bool {
        self.analysis.not_understood.is_empty() && !self.analysis.items.is_empty()
    }

    /// What a miss is likeliest due to.
    fn went_wrong(&self) -> &'static str {
        let how = |how| self.analysis.items.iter().any(|item| item.portion.how == how);
        if !self.is_understood() {
            "words not understood"
        } else if how(How::Default) {
            "no amount was read"
        } else if how(How::Portion) {
            "a counted or household measure"
        } else {
            "another food, or other figures"
        }
    }
}

fn percent(part: usize, of: usize) -> f64 {
    100.0 * part as f64 / of.max(1) as f64
}

/// Some of the meals: their name, and which.
type Part = (&'static str, fn(&Meal) -> bool);

fn report(out: &mut impl Write, path: &str, meals: &[Meal], worst: usize) -> std::io::Result<()> {
    writeln!(out, "\n{path}")?;
    writeln!(
        out,
        "  {:9} {:>5}  {:>8}  {:>6} {:>7} {:>5} {:>6}  {:>10} {:>5}",
        "", "meals", "in 7.5 g", "carb g", "protein", "fat", "kcal", "understood", "µs"
    )?;
    let parts: [Part; 3] = [
        ("all", |_| true),
        ("tuned on", |meal| !meal.held_out),
        ("held out", |meal| meal.held_out),
    ];
    for (name, is_in) in parts {
        let part: Vec<&Meal> = meals.iter().filter(|meal| is_in(meal)).collect();
        let count = |is: fn(&Meal) -> bool| percent(part.iter().filter(|meal| is(meal)).count(), part.len());
        let mean = |figure: &dyn Fn(&Meal) -> f64| {
            part.iter().map(|meal| figure(meal)).sum::<f64>() / part.len().max(1) as f64
        };
        let error = |at: usize| mean(&|meal| (meal.found()[at] - meal.truth[at]).abs());
        writeln!(
            out,
            "  {name:9} {:5}  {:6.1} %  {:6.1} {:7.1} {:5.1} {:6.0}  {:8.1} % {:5.0}",
            part.len(),
            count(Meal::is_near),
            error(0),
            error(1),
            error(2),
            error(3),
            count(Meal::is_understood),
            mean(&|meal| meal.micros)
        )?;
    }
    let mut misses: Vec<&Meal> = meals.iter().filter(|meal| !meal.is_near()).collect();
    for why in [
        "words not understood",
        "no amount was read",
        "a counted or household measure",
        "another food, or other figures",
    ] {
        let these: Vec<_> = misses.iter().filter(|meal| meal.went_wrong() == why).collect();
        let grams = these.iter().map(|meal| meal.off()).sum::<f64>() / meals.len() as f64;
        writeln!(
            out,
            "  missed: {why:31} {:4} meals, {grams:.1} g of the mean error",
            these.len()
        )?;
    }
    misses.retain(|meal| !meal.held_out);
    misses.sort_by(|a, b| b.off().total_cmp(&a.off()));
    for meal in misses.iter().take(worst) {
        let off = meal.found()[0] - meal.truth[0];
        writeln!(
            out,
            "  {off:+.0} g of {:.0}, {}: {}",
            meal.truth[0],
            meal.went_wrong(),
            line(&meal.text, &meal.analysis)
        )?;
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
