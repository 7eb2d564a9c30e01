//! Makes a food file from CSV: foods per 100 g, portions, and everyday words; and packs what
//! [`super::fdc`] read.

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

/// Whose figures a table's are: release 24 is known by the prefix of its name, other tables are their maker's.
fn attribution(prefix: &str, name: &str) -> String {
    match prefix {
        "sr24" => "Food figures: U.S. Department of Agriculture, Agricultural Research Service, \
USDA National Nutrient Database for Standard Reference, Release 24. Public domain."
            .to_owned(),
        _ => format!("Food figures: {name}, a table added by whoever runs this server."),
    }
}

/// The most of anything that 100 g of a food may hold: the file has four bytes for it, at four decimals.
const MOST: f64 = 400_000.0;

/// What a food file is made of, from whichever tables it came.
pub(super) struct Foods {
    /// The version, such as `sr24-1`: what stands before the dash becomes the prefix of the ids.
    pub(super) name: String,
    pub(super) attribution: String,
    /// How many digits an id has at least.
    pub(super) digits: usize,
    pub(super) by_id: BTreeMap<u32, Row>,
}

/// One food of [`Foods`].
pub(super) struct Row {
    pub(super) name: String,
    /// Per 100 g in the unit of [`column`], in the order of [`Nutrient::ALL`].
    pub(super) figures: Figures,
    pub(super) portions: Vec<Portion>,
}

pub(super) type Figures = [Option<f64>; Nutrient::ALL.len()];

/// What a household measure of a food weighs.
pub(super) struct Portion {
    unit: String,
    thousandths: u32,
    /// Tenths of a gram.
    grams_dg: u32,
}

/// The CSV column of a nutrient, and what one of our units is in the column's.
pub(super) const fn column(nutrient: Nutrient) -> (&'static str, u32) {
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
    let rows = Rows::read("foods", foods_csv)?;
    let id_column = rows.column("id")?;
    let prefix = prefix(name);
    let mut foods = Foods {
        name: name.to_owned(),
        attribution: attribution(prefix, name),
        digits: rows.rows.first().map_or(0, |row| row[id_column].len()),
        by_id: foods(&rows, id_column)?,
    };
    portions(portions_csv, &mut foods.by_id)?;
    foods.pack(aliases_csv)
}

/// What stands before the dash of a table's name.
fn prefix(name: &str) -> &str {
    name.split('-').next().unwrap_or(name)
}

fn foods(rows: &Rows, id: usize) -> Result<BTreeMap<u32, Row>, BuildError> {
    let name = rows.column("name")?;
    // A column that is not there is unknown for all.
    let cells = Nutrient::ALL.map(|nutrient| rows.column(column(nutrient).0).ok());
    let mut by_id = BTreeMap::new();
    for (at, row) in rows.rows.iter().enumerate() {
        let mut figures = Figures::default();
        for (into, cell) in figures.iter_mut().zip(cells) {
            *into = match cell {
                Some(cell) => figure(&row[cell], 1.0).map_err(|what| rows.wrong(at, what))?,
                None => None,
            };
        }
        let food = Row {
            name: row[name].trim().to_owned(),
            figures,
            portions: Vec::new(),
        };
        if by_id.insert(rows.number(at, id)?, food).is_some() {
            return Err(rows.wrong(at, TWICE));
        }
    }
    Ok(by_id)
}

pub(super) const TWICE: &str = "this id was there before";

/// `times` the figure of a cell; an empty one is unknown.
pub(super) fn figure(cell: &str, times: f64) -> Result<Option<f64>, &'static str> {
    if cell.trim().is_empty() {
        return Ok(None);
    }
    let figure = cell.trim().parse().ok().map(|figure: f64| figure * times);
    match figure.filter(|figure| (0.0..MOST).contains(figure)) {
        None => Err("a figure is no number that a food can have"),
        known => Ok(known),
    }
}

fn portions(csv: &str, foods: &mut BTreeMap<u32, Row>) -> Result<(), BuildError> {
    let rows = Rows::read("portions", csv)?;
    let (id, grams) = (rows.column("id")?, rows.column("grams")?);
    for (at, row) in rows.rows.iter().enumerate() {
        let (amount, unit) = match rows.column("portion") {
            Ok(portion) => amount_and_unit(&row[portion]),
            Err(_) => (row[rows.column("amount")?].as_str(), row[rows.column("unit")?].as_str()),
        };
        let Some(portion) = Portion::new(amount, unit, &row[grams]).map_err(|what| rows.wrong(at, what))? else {
            continue;
        };
        // Portions of foods this release dropped are dropped with them.
        if let Some(food) = foods.get_mut(&rows.number(at, id)?) {
            food.portions.push(portion);
        }
    }
    Ok(())
}

/// "1 cup, diced" in its two halves.
pub(super) fn amount_and_unit(portion: &str) -> (&str, &str) {
    portion.split_once(' ').unwrap_or(("", portion))
}

impl Portion {
    /// `None` for one that says nothing: without a weight, or without an amount.
    ///
    /// # Errors
    /// The weight is no number.
    pub(super) fn new(amount: &str, unit: &str, grams: &str) -> Result<Option<Self>, &'static str> {
        // A negative weight means that nobody weighed it.
        if grams.trim().starts_with('-') {
            return Ok(None);
        }
        let grams_dg = scaled(grams, 10).ok_or("grams are no number")?;
        let whole = format!("{amount} {unit}");
        let unspecified = [unit, &whole]
            .iter()
            .any(|words| words.trim().eq_ignore_ascii_case(UNSPECIFIED));
        let (thousandths, unit) = if unspecified {
            (1000, UNSPECIFIED)
        } else {
            (thousandths(amount), unit.trim())
        };
        Ok((grams_dg > 0 && thousandths > 0).then(|| Self {
            unit: unit.to_owned(),
            thousandths,
            grams_dg,
        }))
    }
}

/// Of `2`, `0.5` or `1/2`; 0 for what is no amount.
fn thousandths(amount: &str) -> u32 {
    match amount.split_once('/') {
        Some((upper, lower)) => match (scaled(upper, 1000), scaled(lower, 1)) {
            (Some(upper), Some(lower)) if lower > 0 => upper / lower,
            _ => 0,
        },
        None => scaled(amount, 1000).unwrap_or(0),
    }
}

impl Foods {
    /// The food file, uncompressed.
    ///
    /// # Errors
    /// An alias that makes no sense.
    pub(super) fn pack(&self, aliases_csv: &str) -> Result<Vec<u8>, BuildError> {
        let prefix = prefix(&self.name);
        let places: BTreeMap<u32, usize> = self.by_id.keys().enumerate().map(|(place, id)| (*id, place)).collect();
        let mut file = File {
            name: self.name.clone(),
            attribution: self.attribution.clone(),
            prefix: prefix.to_owned(),
            digits: self.digits as u32,
            id_steps: self.id_steps(),
            names: self
                .rows()
                .map(|food| food.name.as_str())
                .collect::<Vec<_>>()
                .join("\n"),
            columns: Nutrient::ALL.map(|nutrient| self.column(nutrient)).into(),
            units: Vec::new(),
            portion_counts: self.rows().map(|food| food.portions.len() as u32).collect(),
            portion_units: Vec::new(),
            portion_amounts: Vec::new(),
            portion_dg: Vec::new(),
            aliases: aliases(aliases_csv, prefix, &places)?,
        };
        let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
        for portion in self.rows().flat_map(|food| &food.portions) {
            let number = *numbers.entry(&portion.unit).or_insert_with(|| {
                file.units.push(portion.unit.clone());
                file.units.len() as u32 - 1
            });
            file.portion_units.push(number);
            file.portion_amounts.push(portion.thousandths);
            file.portion_dg.push(portion.grams_dg);
        }
        file.encode().map_err(|error| BuildError {
            table: "foods",
            line: 0,
            what: error.to_string(),
        })
    }

    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.by_id.values()
    }

    fn id_steps(&self) -> Vec<u32> {
        let before = std::iter::once(0).chain(self.by_id.keys().copied());
        self.by_id.keys().zip(before).map(|(id, before)| id - before).collect()
    }

    /// A nutrient of every food, at no more than the decimals its figures have.
    fn column(&self, nutrient: Nutrient) -> Column {
        let figures = || self.rows().map(|food| food.figures[nutrient as usize]);
        let scale = 10_u32.pow(figures().flatten().map(decimals).max().unwrap_or(0).min(4));
        Column {
            divisor: scale * column(nutrient).1,
            scaled: figures()
                .map(|figure| figure.map_or(0, |figure| (figure * f64::from(scale)).round() as u32 + 1))
                .collect(),
        }
    }
}

/// How many decimals `figure` is written with, which is no more than it was read with.
fn decimals(figure: f64) -> u32 {
    figure
        .to_string()
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.len() as u32)
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
