//! Makes a food file from CSV: foods per 100 g, portions, and everyday words.

use super::UNSPECIFIED;
use super::file::{Column, File, LACKING, StoredAlias};
use crate::nutrient::Nutrient;
use std::collections::BTreeMap;

/// Why a food file could not be made: which table, which line, what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{table}, line {line}: {what}")]
pub struct BuildError {
    pub table: &'static str,
    pub line: usize,
    pub what: String,
}

const ATTRIBUTION: &str = "Food figures: U.S. Department of Agriculture, Agricultural Research Service, \
USDA National Nutrient Database for Standard Reference, Release 24. Public domain.";

/// The CSV column of a nutrient, and what one of our units is in the column's.
const fn column(nutrient: Nutrient) -> (&'static str, u32) {
    match nutrient {
        Nutrient::Calories => ("kcal", 1),
        Nutrient::Protein => ("protein_g", 1),
        Nutrient::Fat => ("fat_g", 1),
        Nutrient::Carbs => ("carb_g", 1),
        Nutrient::Fiber => ("fibre_g", 1),
        Nutrient::Iron => ("iron_mg", 1),
        Nutrient::Calcium => ("calcium_mg", 1),
        Nutrient::VitaminA => ("vit_a_rae_ug", 1),
        Nutrient::VitaminC => ("vit_c_mg", 1),
        Nutrient::VitaminD => ("vit_d_iu", 40),
        Nutrient::Zinc => ("zinc_mg", 1),
        Nutrient::Folate => ("folate_ug", 1),
        Nutrient::Sodium => ("sodium_mg", 1),
        Nutrient::Sugars => ("sugars_g", 1),
        Nutrient::SaturatedFat => ("sat_fat_g", 1),
        Nutrient::Potassium => ("potassium_mg", 1),
        Nutrient::VitaminB12 => ("b12_ug", 1),
        Nutrient::Caffeine => ("caffeine_mg", 1),
        Nutrient::Retinol => ("retinol_ug", 1),
    }
}

/// The food file of these tables, uncompressed.
///
/// `foods_csv` has `id`, `name` and nutrients per 100 g (an empty cell is unknown, a
/// missing column is unknown for all); `portions_csv` has `id, amount, unit, grams`, or
/// `id, portion, grams` with the amount at the start of the portion; `aliases_csv` has
/// `words, food, one_g, usual_g`. `name` is the version, such as `sr24-1`: what stands
/// before the dash becomes the prefix of the ids.
///
/// # Errors
/// The first line that cannot be read, or that names a food that is not there.
pub fn build(foods_csv: &str, portions_csv: &str, aliases_csv: &str, name: &str) -> Result<Vec<u8>, BuildError> {
    let prefix = name.split('-').next().unwrap_or(name).to_owned();
    let foods = Rows::read("foods", foods_csv)?;
    let id_column = foods.column("id")?;
    let name_column = foods.column("name")?;
    let mut rows: Vec<(u32, usize)> = Vec::new();
    for at in 0..foods.rows.len() {
        rows.push((foods.number(at, id_column)?, at));
    }
    rows.sort_unstable();
    let digits = foods.rows.first().map_or(0, |row| row[id_column].len());
    let places: BTreeMap<u32, usize> = rows.iter().enumerate().map(|(place, (id, _))| (*id, place)).collect();
    if let Some((_, at)) = rows.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1]) {
        return Err(foods.wrong(at, "this id was there before"));
    }

    let mut columns = Vec::new();
    for nutrient in Nutrient::ALL {
        let (header, per_unit) = column(nutrient);
        columns.push(match foods.column(header) {
            Ok(cell) => foods.nutrient(&rows, cell, per_unit)?,
            Err(_) => Column {
                divisor: 1,
                scaled: vec![0; rows.len()],
            },
        });
    }

    let (portions, units) = portions(portions_csv, &places)?;
    let mut file = File {
        attribution: ATTRIBUTION.to_owned(),
        digits: digits as u32,
        id_steps: Vec::new(),
        names: rows
            .iter()
            .map(|(_, at)| foods.rows[*at][name_column].trim())
            .collect::<Vec<_>>()
            .join("\n"),
        columns,
        units,
        portion_counts: portions.iter().map(|of_food| of_food.len() as u32).collect(),
        portion_units: Vec::new(),
        portion_amounts: Vec::new(),
        portion_dg: Vec::new(),
        aliases: aliases(aliases_csv, &prefix, &places)?,
        name: name.to_owned(),
        prefix,
    };
    let mut before = 0;
    for (id, _) in &rows {
        file.id_steps.push(id - before);
        before = *id;
    }
    for (unit, amount, grams) in portions.into_iter().flatten() {
        file.portion_units.push(unit);
        file.portion_amounts.push(amount);
        file.portion_dg.push(grams);
    }
    file.encode().map_err(|error| BuildError {
        table: "foods",
        line: 0,
        what: error.to_string(),
    })
}

/// Of each food its portions as (unit, thousandths, tenths of a gram); and the units.
type Portions = Vec<Vec<(u32, u32, u32)>>;

fn portions(csv: &str, places: &BTreeMap<u32, usize>) -> Result<(Portions, Vec<String>), BuildError> {
    let rows = Rows::read("portions", csv)?;
    let (id, grams) = (rows.column("id")?, rows.column("grams")?);
    let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
    let mut units = Vec::new();
    let mut portions: Portions = vec![Vec::new(); places.len()];
    for at in 0..rows.rows.len() {
        let row = &rows.rows[at];
        let (amount, unit) = match rows.column("portion") {
            Ok(portion) => row[portion].split_once(' ').unwrap_or(("", &row[portion])),
            Err(_) => (row[rows.column("amount")?].as_str(), row[rows.column("unit")?].as_str()),
        };
        // A negative weight means that nobody weighed it.
        if row[grams].starts_with('-') {
            continue;
        }
        let grams = scaled(&row[grams], 10).ok_or_else(|| rows.wrong(at, "grams are no number"))?;
        let unspecified = format!("{amount} {unit}").trim().eq_ignore_ascii_case(UNSPECIFIED);
        let (amount, unit) = if unspecified {
            ("1", UNSPECIFIED)
        } else {
            (amount, unit)
        };
        let amount = scaled(amount, 1000).unwrap_or(0);
        // A portion without weight or amount says nothing.
        if grams == 0 || amount == 0 {
            continue;
        }
        // Portions of foods this release dropped are dropped with them.
        let Some(place) = places.get(&rows.number(at, id)?) else {
            continue;
        };
        let unit = unit.trim().to_owned();
        let number = *numbers.entry(unit.clone()).or_insert_with(|| {
            units.push(unit);
            units.len() as u32 - 1
        });
        portions[*place].push((number, amount, grams));
    }
    Ok((portions, units))
}

fn aliases(csv: &str, prefix: &str, places: &BTreeMap<u32, usize>) -> Result<Vec<StoredAlias>, BuildError> {
    let rows = Rows::read("aliases", csv)?;
    let (words, food) = (rows.column("words")?, rows.column("food")?);
    let (one, usual) = (rows.column("one_g")?, rows.column("usual_g")?);
    // Row by row; a row without words is one more food of the dish above it.
    let mut dishes: Vec<(&str, Vec<StoredAlias>)> = Vec::new();
    let mut known: BTreeMap<Vec<String>, usize> = BTreeMap::new();
    for at in 0..rows.rows.len() {
        let row = &rows.rows[at];
        // Words for another table's foods have no place in this file.
        let lacking = row[food].is_empty();
        let Some(number) = row[food]
            .strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix(':'))
            .or(lacking.then_some(""))
        else {
            continue;
        };
        let place = match number {
            "" => LACKING,
            number => number
                .parse()
                .ok()
                .and_then(|id: u32| places.get(&id))
                .map(|place| *place as u32)
                .ok_or_else(|| rows.wrong(at, &format!("there is no food {}", row[food])))?,
        };
        let grams = |cell: &str| match cell.trim() {
            "" => Some(0),
            cell => scaled(cell, 10).map(|tenths| tenths + 1),
        };
        let part = StoredAlias {
            words: String::new(),
            food: place,
            one_dg: grams(&row[one]).ok_or_else(|| rows.wrong(at, "one_g is no number"))?,
            usual_dg: grams(&row[usual]).ok_or_else(|| rows.wrong(at, "usual_g is no number"))?,
        };
        match dishes.last_mut().filter(|_| row[words].is_empty()) {
            Some((_, parts)) => parts.push(part),
            None => {
                // Several names of one food stand in one cell: "courgette|zucchini".
                // Two spellings of one name may stand in a row, not in two: it would be
                // unclear which food is meant.
                for name in row[words].split('|') {
                    let key = super::word::words(name);
                    if known.get(&key).is_some_and(|before| *before != at) {
                        return Err(rows.wrong(at, &format!("\"{name}\" was there before")));
                    }
                    known.insert(key, at);
                }
                dishes.push((&row[words], vec![part]));
            }
        }
    }
    let mut aliases = Vec::new();
    for (names, parts) in dishes {
        let mut spelt: Vec<Vec<String>> = Vec::new();
        for name in names.split('|') {
            let key = super::word::words(name);
            if spelt.contains(&key) {
                continue;
            }
            spelt.push(key);
            aliases.extend(parts.iter().map(|part| StoredAlias {
                words: name.trim().to_owned(),
                ..*part
            }));
        }
    }
    Ok(aliases)
}

/// A CSV table with a header.
struct Rows {
    table: &'static str,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
    /// The line each row begins on, for complaints.
    lines: Vec<usize>,
}

impl Rows {
    fn read(table: &'static str, csv: &str) -> Result<Self, BuildError> {
        let mut rows = Vec::new();
        let mut lines = Vec::new();
        for (number, line) in csv.lines().enumerate() {
            if line.trim().is_empty() || line.starts_with('#') {
                continue;
            }
            rows.push(cells(line));
            lines.push(number + 1);
        }
        if rows.is_empty() {
            return Err(BuildError {
                table,
                line: 1,
                what: "it is empty".to_owned(),
            });
        }
        let header = rows.remove(0);
        lines.remove(0);
        match rows.iter().position(|row| row.len() != header.len()) {
            Some(at) => Err(BuildError {
                table,
                line: lines[at],
                what: format!("{} cells, the header has {}", rows[at].len(), header.len()),
            }),
            None => Ok(Self {
                table,
                header,
                rows,
                lines,
            }),
        }
    }

    fn wrong(&self, at: usize, what: &str) -> BuildError {
        BuildError {
            table: self.table,
            line: self.lines[at],
            what: what.to_owned(),
        }
    }

    fn column(&self, name: &str) -> Result<usize, BuildError> {
        self.header
            .iter()
            .position(|header| header == name)
            .ok_or_else(|| BuildError {
                table: self.table,
                line: 1,
                what: format!("there is no column {name}"),
            })
    }

    fn number(&self, at: usize, column: usize) -> Result<u32, BuildError> {
        self.rows[at][column]
            .parse()
            .map_err(|_| self.wrong(at, "the id is no number"))
    }

    /// A column of the foods in the order of `rows`, at no more than the decimals it has.
    fn nutrient(&self, rows: &[(u32, usize)], cell: usize, per_unit: u32) -> Result<Column, BuildError> {
        let decimals = self
            .rows
            .iter()
            .filter_map(|row| row[cell].split_once('.'))
            .map(|(_, decimals)| decimals.trim_end_matches('0').len() as u32)
            .max()
            .unwrap_or(0)
            .min(4);
        let scale = 10_u32.pow(decimals);
        let mut column = Column {
            divisor: scale * per_unit,
            scaled: Vec::with_capacity(rows.len()),
        };
        for (_, at) in rows {
            let cell = self.rows[*at][cell].trim();
            column.scaled.push(match cell {
                "" => 0,
                cell => scaled(cell, scale).ok_or_else(|| self.wrong(*at, "a figure is no number"))? + 1,
            });
        }
        Ok(column)
    }
}

/// The cells of one line; a cell in quotes may hold commas and doubled quotes.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                if let Some(cell) = cells.last_mut() {
                    cell.push('"');
                }
            }
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            c => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(c);
                }
            }
        }
    }
    cells
}

/// `figure` times `scale` as a whole number; `None` when it is no number of 0 or more.
fn scaled(figure: &str, scale: u32) -> Option<u32> {
    let figure: f64 = figure.trim().parse().ok()?;
    let scaled = (figure * f64::from(scale)).round();
    (0.0..f64::from(u32::MAX - 1))
        .contains(&scaled)
        .then_some(scaled as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::food::{FoodId, Table};

    const FOODS: &str = include_str!("../../data/foods_sr24.csv");
    const PORTIONS: &str = include_str!("../../data/portions_sr24.csv");
    const ALIASES: &str = include_str!("../../data/aliases.csv");

    #[test]
    fn the_committed_file_is_what_the_tables_make() {
        let built = build(FOODS, PORTIONS, ALIASES, "sr24-1").unwrap();
        assert!(
            built == crate::food::tests::committed(),
            "run: cargo run -p domain --features build --example build-foods"
        );
    }

    #[test]
    fn another_table_keeps_its_own_ids_and_takes_no_words_of_ours() {
        let foods = "id,name,kcal\n11000000,\"Milk, human\",70\n";
        let portions = "id,portion,grams\n11000000,1 cup,246\n11000000,Quantity not specified,0\n";
        let bytes = build(foods, portions, ALIASES, "fndds-1").unwrap();
        let table = Table::parse(&bytes).unwrap();
        let milk = table.get(&FoodId("fndds:11000000".to_owned())).unwrap();
        assert_eq!(milk.portions().count(), 1);
        assert_eq!(milk.nutrients().get(Nutrient::Iron), None);
        assert!(table.aliases().iter().all(|alias| alias.parts.is_empty()));
    }

    #[test]
    fn a_wrong_line_is_named() {
        let error = build(
            "id,name\n1,a\n1,b\n",
            "id,amount,unit,grams\n",
            "words,food,one_g,usual_g\n",
            "t",
        )
        .unwrap_err();
        assert_eq!((error.table, error.line), ("foods", 3));
        let error = build(
            "id,name\n1,a\n",
            "id,amount,unit,grams\n",
            "words,food,one_g,usual_g\nx,t:2,,\n",
            "t",
        );
        assert_eq!(error.unwrap_err().to_string(), "aliases, line 2: there is no food t:2");
    }
}
