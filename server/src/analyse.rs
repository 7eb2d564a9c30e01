//! `tinytummy analyse`: a meal a line in, a JSON object a line out.

use crate::config::AnalyseOptions;
use crate::foods::{self, FoodsError};
use domain::allergen::Allergen;
use domain::analysis::{Eater, analyse};
use domain::food::Table;
use std::io::{self, BufRead as _, BufReader, Read, Write};

/// Why meals could not be analysed.
#[derive(Debug, thiserror::Error)]
pub enum AnalyseError {
    #[error("--allergies: {given:?} is not one of {}", known_allergens())]
    UnknownAllergen { given: String },
    #[error(transparent)]
    Foods(#[from] FoodsError),
    #[error("reading or writing failed: {0}")]
    Io(#[from] io::Error),
}

fn known_allergens() -> String {
    let ids: Vec<_> = Allergen::ALL.iter().map(|allergen| allergen.id()).collect();
    ids.join(", ")
}

/// Reads meals from `input` until it ends. Every line is answered, an empty one too, so that line N of the
/// answer is line N of the question. The same input gives the same output, byte for byte.
///
/// # Errors
/// See [`AnalyseError`]. A reader that has had enough (a broken pipe) is not one.
pub fn run(options: &AnalyseOptions, input: impl Read, output: impl Write) -> Result<(), AnalyseError> {
    let eater = eater(options)?;
    let answered = match &options.foods {
        Some(path) => answer(&foods::read(path)?, &eater, input, output),
        None => answer(services::foods::built_in(), &eater, input, output),
    };
    match answered {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        answered => Ok(answered?),
    }
}

fn eater(options: &AnalyseOptions) -> Result<Eater, AnalyseError> {
    let mut allergies = Vec::new();
    for given in options
        .allergies
        .iter()
        .map(|given| given.trim())
        .filter(|given| !given.is_empty())
    {
        let allergen = Allergen::from_id(&given.to_lowercase()).ok_or_else(|| AnalyseError::UnknownAllergen {
            given: given.to_owned(),
        })?;
        allergies.push(allergen);
    }
    Ok(Eater {
        age_days: options.age_months.map(days),
        allergies,
    })
}

/// Nobody older is anybody's baby; it keeps the arithmetic within bounds.
pub(crate) const MOST_MONTHS: u32 = 1200;

/// The day on which a child has completed so many months; a year is 365 days.
pub(crate) fn days(months: u32) -> i64 {
    (i64::from(months) * 365 + 11) / 12
}

fn answer(foods: &Table, eater: &Eater, input: impl Read, output: impl Write) -> io::Result<()> {
    let mut input = BufReader::new(input);
    let mut output = io::BufWriter::new(output);
    let mut line = Vec::new();
    while input.read_until(b'\n', &mut line)? > 0 {
        let meal = String::from_utf8_lossy(&line);
        let meal = meal.strip_suffix('\n').unwrap_or(&meal);
        let analysis = analyse(meal.strip_suffix('\r').unwrap_or(meal), foods, eater);
        serde_json::to_writer(&mut output, &analysis)?;
        output.write_all(b"\n")?;
        // Whoever talks to us line by line waits for the answer; a file at once is written at once.
        if input.buffer().is_empty() {
            output.flush()?;
        }
        line.clear();
    }
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_birthday_is_reached_on_the_day_and_not_before() {
        assert_eq!(days(0), 0);
        assert_eq!(days(6), 183);
        assert_eq!(days(12), 365);
        assert_eq!(days(24), 730);
    }
}
