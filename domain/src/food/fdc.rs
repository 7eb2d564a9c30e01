//! Makes a food file from an export of USDA FoodData Central: SR Legacy, Foundation Foods or FNDDS.

use super::build::{BuildError, Foods, Portion, Row, TWICE, amount_and_unit, column, figure};
use crate::nutrient::{Nutrient, round};
use std::collections::{BTreeMap, BTreeSet};

/// The tables of an export that a food file is made of, as CSV.
#[derive(Debug)]
pub struct Tables {
    food: String,
    food_nutrient: String,
    food_portion: String,
    measure_unit: String,
    nutrient: String,
}

/// The file that every export has: where it is, the others are.
pub const FOOD: &str = "food.csv";
const FOOD_NUTRIENT: &str = "food_nutrient.csv";
const FOOD_PORTION: &str = "food_portion.csv";
const MEASURE_UNIT: &str = "measure_unit.csv";
const NUTRIENT: &str = "nutrient.csv";

impl Tables {
    /// The tables, each as `read` reads it by the name of its file.
    ///
    /// # Errors
    /// The first error of `read`.
    pub fn read<E>(mut read: impl FnMut(&'static str) -> Result<String, E>) -> Result<Self, E> {
        Ok(Self {
            food: read(FOOD)?,
            food_nutrient: read(FOOD_NUTRIENT)?,
            food_portion: read(FOOD_PORTION)?,
            measure_unit: read(MEASURE_UNIT)?,
            nutrient: read(NUTRIENT)?,
        })
    }
}

/// The data types that are foods as eaten, and what their collection is called. The others are the
/// samples behind a food, or a brand's label.
const COLLECTIONS: [(&str, &str); 3] = [
    ("sr_legacy_food", "SR Legacy"),
    ("foundation_food", "Foundation Foods"),
    (
        "survey_fndds_food",
        "Food and Nutrient Database for Dietary Studies (FNDDS)",
    ),
];

/// A nutrient of theirs that has a figure for one of ours.
struct Source {
    id: &'static str,
    unit: &'static str,
    nutrient: Nutrient,
    /// What one of its unit is in the unit of [`column`].
    times: f64,
}

const fn source(id: &'static str, unit: &'static str, nutrient: Nutrient) -> Source {
    Source {
        id,
        unit,
        nutrient,
        times: 1.0,
    }
}

/// Of several for one nutrient the first that a food has counts.
const SOURCES: [Source; 24] = [
    source("1008", "KCAL", Nutrient::Calories),
    // Foundation Foods may have only these. SR has energy by specific factors too: those first.
    source("2048", "KCAL", Nutrient::Calories),
    source("2047", "KCAL", Nutrient::Calories),
    source("1003", "G", Nutrient::Protein),
    source("1004", "G", Nutrient::Fat),
    source("1005", "G", Nutrient::Carbs),
    source("1079", "G", Nutrient::Fiber),
    source("1089", "MG", Nutrient::Iron),
    source("1087", "MG", Nutrient::Calcium),
    source("1106", "UG", Nutrient::VitaminA),
    source("1162", "MG", Nutrient::VitaminC),
    Source {
        times: column(Nutrient::VitaminD).1 as f64,
        ..source("1114", "UG", Nutrient::VitaminD)
    },
    source("1110", "IU", Nutrient::VitaminD),
    source("1095", "MG", Nutrient::Zinc),
    // Dietary folate equivalents; total folate is lower where folic acid was added.
    source("1190", "UG", Nutrient::Folate),
    source("1177", "UG", Nutrient::Folate),
    source("1093", "MG", Nutrient::Sodium),
    source("2000", "G", Nutrient::Sugars),
    source("1063", "G", Nutrient::Sugars),
    source("1258", "G", Nutrient::SaturatedFat),
    source("1092", "MG", Nutrient::Potassium),
    source("1178", "UG", Nutrient::VitaminB12),
    source("1057", "MG", Nutrient::Caffeine),
    source("1105", "UG", Nutrient::Retinol),
];

/// The food file of an export, uncompressed: `aliases_csv` and `name` as for [`super::build::build`].
/// The ids are FoodData Central's own, without noughts before them.
///
/// Foods without any figure that we know are left out, as are samples and brands.
///
/// # Errors
/// The first line that cannot be read, a nutrient in another unit than it had so far, or no food at all.
pub fn build(tables: &Tables, aliases_csv: &str, name: &str) -> Result<Vec<u8>, BuildError> {
    let (mut by_id, collections) = foods(&tables.food)?;
    figures(tables, &mut by_id)?;
    by_id.retain(|_, food| food.figures.iter().any(Option::is_some));
    if by_id.is_empty() {
        return Err(BuildError {
            table: FOOD,
            line: 1,
            what: "there is no food of SR Legacy, Foundation Foods or FNDDS with a figure".to_owned(),
        });
    }
    portions(tables, &mut by_id)?;
    let collections: Vec<&str> = collections.into_iter().collect();
    let foods = Foods {
        name: name.to_owned(),
        attribution: format!(
            "Food figures: U.S. Department of Agriculture, Agricultural Research Service, \
FoodData Central: {}. Public domain (CC0 1.0).",
            collections.join(", ")
        ),
        digits: 1,
        by_id,
    };
    foods.pack(aliases_csv)
}

/// The foods as eaten, without figures yet, and the names of their collections.
fn foods(csv: &str) -> Result<(BTreeMap<u32, Row>, BTreeSet<&'static str>), BuildError> {
    let mut foods = BTreeMap::new();
    let mut collections = BTreeSet::new();
    let columns = ["fdc_id", "data_type", "description"];
    each_row(FOOD, csv, columns, |[id, data_type, description]| {
        let Some((_, collection)) = COLLECTIONS.iter().find(|(eaten, _)| *eaten == data_type) else {
            return Ok(());
        };
        collections.insert(*collection);
        let food = Row {
            // A food file has one name a line.
            name: description.split_whitespace().collect::<Vec<_>>().join(" "),
            figures: Default::default(),
            portions: Vec::new(),
        };
        match foods.insert(number(id)?, food) {
            Some(_) => Err(TWICE.to_owned()),
            None => Ok(()),
        }
    })?;
    Ok((foods, collections))
}

fn figures(tables: &Tables, foods: &mut BTreeMap<u32, Row>) -> Result<(), BuildError> {
    let names = source_names(&tables.nutrient)?;
    let mut found: BTreeMap<u32, [Option<f64>; SOURCES.len()]> = BTreeMap::new();
    let columns = ["fdc_id", "nutrient_id", "amount"];
    each_row(
        FOOD_NUTRIENT,
        &tables.food_nutrient,
        columns,
        |[id, nutrient, amount]| {
            let Some(at) = names.get(nutrient) else {
                return Ok(());
            };
            let id = number(id)?;
            if foods.contains_key(&id) {
                // Four decimals are stored.
                let figure = figure(amount, SOURCES[*at].times)?.map(|figure| round(figure, 4));
                found.entry(id).or_default()[*at] = figure;
            }
            Ok(())
        },
    )?;
    for (id, amounts) in found {
        let Some(food) = foods.get_mut(&id) else {
            continue;
        };
        for (source, amount) in SOURCES.iter().zip(amounts) {
            let figure = &mut food.figures[source.nutrient as usize];
            *figure = figure.or(amount);
        }
    }
    Ok(())
}

/// What `food_nutrient.csv` may call each of [`SOURCES`]: its id, or, in FNDDS, the number it had
/// before there were ids (208 for 1008).
fn source_names(csv: &str) -> Result<BTreeMap<String, usize>, BuildError> {
    let mut names: BTreeMap<String, usize> = SOURCES
        .iter()
        .enumerate()
        .map(|(at, source)| (source.id.to_owned(), at))
        .collect();
    let columns = ["id", "unit_name", "nutrient_nbr"];
    each_row(NUTRIENT, csv, columns, |[id, unit, number]| {
        let Some(at) = SOURCES.iter().position(|source| source.id == id) else {
            return Ok(());
        };
        let expected = SOURCES[at].unit;
        if !unit.is_empty() && !unit.eq_ignore_ascii_case(expected) {
            return Err(format!("{id} is in {unit}, not in {expected}"));
        }
        // A spreadsheet made 208 into 208.0.
        let number = number.strip_suffix(".0").unwrap_or(number);
        // From 1000 on they are ids: never take a number for one.
        if number.len() == 3 {
            names.insert(number.to_owned(), at);
        }
        Ok(())
    })?;
    Ok(names)
}

fn portions(tables: &Tables, foods: &mut BTreeMap<u32, Row>) -> Result<(), BuildError> {
    let units = units(&tables.measure_unit)?;
    let columns = [
        "fdc_id",
        "seq_num",
        "amount",
        "measure_unit_id",
        "portion_description",
        "modifier",
        "gram_weight",
    ];
    let mut portions = Vec::new();
    let csv = &tables.food_portion;
    each_row(
        FOOD_PORTION,
        csv,
        columns,
        |[id, place, amount, unit, description, modifier, grams]| {
            let id = number(id)?;
            // Nobody weighed one without grams.
            if !foods.contains_key(&id) || grams.is_empty() {
                return Ok(());
            }
            // FNDDS has a code beside its description.
            let words = if description.is_empty() { modifier } else { description };
            let unit = in_words(units.get(unit), words);
            let (amount, unit) = match amount {
                "" => amount_and_unit(&unit),
                amount => (amount, unit.as_str()),
            };
            if !unit.is_empty()
                && let Some(portion) = Portion::new(amount, unit, grams)?
            {
                portions.push((id, place.parse().unwrap_or(0), portion));
            }
            Ok(())
        },
    )?;
    // The first of a food is its most usual one.
    portions.sort_by_key(|(id, place, _): &(u32, u32, Portion)| (*id, *place));
    for (id, _, portion) in portions {
        if let Some(food) = foods.get_mut(&id) {
            food.portions.push(portion);
        }
    }
    Ok(())
}

/// "cup" and "chopped" as one unit, as the other tables write it: "cup, chopped".
fn in_words(unit: Option<&String>, words: &str) -> String {
    match unit {
        None => words.to_owned(),
        Some(unit) if words.is_empty() => unit.clone(),
        Some(unit) if words.starts_with('(') => format!("{unit} {words}"),
        Some(unit) => format!("{unit}, {words}"),
    }
}

/// The units that have a name, by their id.
fn units(csv: &str) -> Result<BTreeMap<String, String>, BuildError> {
    let mut units = BTreeMap::new();
    each_row(MEASURE_UNIT, csv, ["id", "name"], |[id, name]| {
        if name != "undetermined" {
            units.insert(id.to_owned(), name.to_owned());
        }
        Ok(())
    })?;
    Ok(units)
}

fn number(id: &str) -> Result<u32, String> {
    id.parse().map_err(|_| "the id is no number".to_owned())
}

/// Hands the cells of these columns to `take`, row by row; what it complains of gets its line.
fn each_row<const N: usize>(
    table: &'static str,
    csv: &str,
    columns: [&str; N],
    mut take: impl FnMut([&str; N]) -> Result<(), String>,
) -> Result<(), BuildError> {
    let wrong = |line: u64, what: String| BuildError {
        table,
        line: usize::try_from(line).unwrap_or(usize::MAX),
        what,
    };
    let unreadable = |error: csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                wrong(line, format!("{len} cells, the header has {expected_len}"))
            }
            _ => wrong(line, error.to_string()),
        }
    };
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(unreadable)?;
    let mut places = [0; N];
    for (place, name) in places.iter_mut().zip(columns) {
        *place = header
            .iter()
            .position(|cell| cell.trim() == name)
            .ok_or_else(|| wrong(1, format!("there is no column {name}")))?;
    }
    let mut row = csv::StringRecord::new();
    while reader.read_record(&mut row).map_err(unreadable)? {
        let cells = places.map(|place| row.get(place).unwrap_or_default().trim());
        take(cells).map_err(|what| wrong(row.position().map_or(0, csv::Position::line), what))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::food::{Food, FoodId, Measure, Table};

    const NO_ALIASES: &str = "words,food,one_g,usual_g\n";
    const NUTRIENTS: &str = "\"id\",\"name\",\"unit_name\",\"nutrient_nbr\",\"rank\"\n\
        \"1003\",\"Protein\",\"G\",\"203\",\"600.0\"\n\
        \"1008\",\"Energy\",\"KCAL\",\"208\",\"300.0\"\n\
        \"1062\",\"Energy\",\"kJ\",\"268\",\"400.0\"\n\
        \"1063\",\"Sugars, Total\",\"G\",\"269.3\",\"1500.0\"\n\
        \"1079\",\"Fiber, total dietary\",\"G\",\"291.0\",\"1200.0\"\n\
        \"1110\",\"Vitamin D (D2 + D3), International Units\",\"IU\",\"324\",\"8650.0\"\n\
        \"1114\",\"Vitamin D (D2 + D3)\",\"UG\",\"328\",\"8700.0\"\n\
        \"2000\",\"Total Sugars\",\"G\",\"269\",\"1510.0\"\n";
    const UNITS: &str = "\"id\",\"name\"\n\"1000\",\"cup\"\n\"1001\",\"tablespoon\"\n\"9999\",\"undetermined\"\n";
    const FOODS: &str = "\"fdc_id\",\"data_type\",\"description\",\"food_category_id\",\"publication_date\"\n";
    const FIGURES: &str = "\"id\",\"fdc_id\",\"nutrient_id\",\"amount\",\"data_points\"\n";
    const PORTIONS: &str = "\"id\",\"fdc_id\",\"seq_num\",\"amount\",\"measure_unit_id\",\"portion_description\",\
        \"modifier\",\"gram_weight\",\"data_points\"\n";

    /// An export of these rows.
    fn export(foods: &str, figures: &str, portions: &str) -> Tables {
        Tables {
            food: format!("{FOODS}{foods}"),
            food_nutrient: format!("{FIGURES}{figures}"),
            food_portion: format!("{PORTIONS}{portions}"),
            measure_unit: UNITS.to_owned(),
            nutrient: NUTRIENTS.to_owned(),
        }
    }

    fn table(export: &Tables) -> Table {
        Table::parse(&build(export, NO_ALIASES, "fdc-1").unwrap()).unwrap()
    }

    fn complaint(export: &Tables) -> String {
        build(export, NO_ALIASES, "fdc-1").unwrap_err().to_string()
    }

    fn get<'a>(table: &'a Table, id: &str) -> Food<'a> {
        table.get(&FoodId(id.to_owned())).unwrap()
    }

    fn portions<'a>(food: &Food<'a>) -> Vec<(f64, &'a str, f64)> {
        let told = |measure: Measure<'a>| (measure.amount, measure.unit, measure.grams);
        food.portions().map(told).collect()
    }

    #[test]
    fn sr_legacy_has_its_units_in_the_modifier() {
        let table = table(&export(
            "\"171265\",\"sr_legacy_food\",\"Milk, whole, \"\"3.25%\"\" milkfat\",\"1\",\"2019-04-01\"\n",
            "\"1\",\"171265\",\"1008\",\"61.0\",\"1\"\n\"2\",\"171265\",\"1110\",\"51\",\"\"\n\
             \"3\",\"171265\",\"1062\",\"254\",\"\"\n\"4\",\"171265\",\"1079\",\"\",\"\"\n\"5\",\"171265\",\"2000\",\"0.0\",\"\"\n",
            "\"2\",\"171265\",\"2\",\"1.0\",\"9999\",\"\",\"tbsp\",\"15.0\",\"\"\n\
             \"1\",\"171265\",\"1\",\"1.0\",\"9999\",\"\",\"cup\",\"244.0\",\"\"\n\
             \"3\",\"171265\",\"3\",\"1.0\",\"9999\",\"\",\"pint\",\"-7\",\"\"\n\
             \"4\",\"171265\",\"4\",\"1.0\",\"9999\",\"\",\"sip\",\"\",\"\"\n",
        ));
        let milk = get(&table, "fdc:171265");
        assert_eq!(milk.name(), "Milk, whole, \"3.25%\" milkfat");
        assert_eq!(milk.nutrients().get(Nutrient::Calories), Some(61.0));
        assert_eq!(milk.nutrients().get(Nutrient::VitaminD), Some(1.275));
        assert_eq!(milk.nutrients().get(Nutrient::Sugars), Some(0.0));
        assert_eq!(milk.nutrients().get(Nutrient::Fiber), None, "an empty cell is unknown");
        assert_eq!(
            milk.nutrients().get(Nutrient::Iron),
            None,
            "a row that is not there is unknown"
        );
        assert_eq!(portions(&milk), [(1.0, "cup", 244.0), (1.0, "tbsp", 15.0)]);
        assert!(
            table.attribution().contains("FoodData Central: SR Legacy."),
            "{}",
            table.attribution()
        );
    }

    #[test]
    fn foundation_foods_come_without_their_samples_and_with_other_energy() {
        let table = table(&export(
            "\"321358\",\"foundation_food\",\"Hummus, commercial\",\"16\",\"\"\n\
             \"319874\",\"sample_food\",\"HUMMUS, SABRA CLASSIC\",\"16\",\"\"\n\
             \"319875\",\"sub_sample_food\",\"Hummus\",\"16\",\"\"\n\
             \"319876\",\"market_acquisition\",\"HUMMUS\",\"16\",\"\"\n\
             \"2727589\",\"foundation_food\",\"Hummus, commercial\",\"16\",\"\"\n\
             \"2727590\",\"foundation_food\",\"Nobody looked into it\",\"16\",\"\"\n",
            "\"1\",\"321358\",\"2047\",\"243\",\"\"\n\"2\",\"321358\",\"2048\",\"229\",\"\"\n\
             \"3\",\"319875\",\"1003\",\"7\",\"\"\n\"4\",\"2727589\",\"2047\",\"240\",\"\"\n\
             \"5\",\"2727589\",\"1063\",\"0.6\",\"\"\n\"6\",\"2727589\",\"1114\",\"1.1\",\"\"\n\
             \"7\",\"2727590\",\"1062\",\"9\",\"\"\n",
            "\"1\",\"321358\",\"1\",\"2\",\"1001\",\"\",\"heaped\",\"33.9\",\"\"\n\
             \"2\",\"321358\",\"2\",\"1\",\"1000\",\"\",\"\",\"246\",\"\"\n\
             \"3\",\"319875\",\"1\",\"1\",\"1000\",\"\",\"\",\"246\",\"\"\n",
        ));
        assert_eq!(table.len(), 2, "two releases of one food are two foods");
        let hummus = get(&table, "fdc:321358");
        assert_eq!(hummus.nutrients().get(Nutrient::Calories), Some(229.0));
        assert_eq!(
            portions(&hummus),
            [(2.0, "tablespoon, heaped", 33.9), (1.0, "cup", 246.0)]
        );
        let newer = get(&table, "fdc:2727589");
        assert_eq!(newer.id().0, "fdc:2727589");
        assert_eq!(newer.nutrients().get(Nutrient::Calories), Some(240.0));
        assert_eq!(newer.nutrients().get(Nutrient::Sugars), Some(0.6));
        assert_eq!(newer.nutrients().get(Nutrient::VitaminD), Some(1.1));
        assert!(table.get(&FoodId("fdc:0321358".to_owned())).is_none());
    }

    #[test]
    fn fndds_has_old_numbers_and_amounts_in_words() {
        let table = table(&export(
            "\"2705384\",\"survey_fndds_food\",\"Milk, whole\",\"1004\",\"2024-10-31\"\n",
            "\"1\",\"2705384\",\"208\",\"61\",\"\"\n\"2\",\"2705384\",\"203\",\"3.27\",\"\"\n\
             \"3\",\"2705384\",\"291\",\"0\",\"\"\n\"4\",\"2705384\",\"269\",\"4.81\",\"\"\n\
             \"5\",\"2705384\",\"328\",\"1.1\",\"\"\n\"6\",\"2705384\",\"268\",\"255\",\"\"\n",
            "\"1\",\"2705384\",\"1\",\"\",\"9999\",\"1 cup\",\"10205\",\"244\",\"\"\n\
             \"2\",\"2705384\",\"2\",\"\",\"9999\",\"1/2 medium (8 oz, \"\"tall\"\")\",\"1\",\"120\",\"\"\n\
             \"3\",\"2705384\",\"3\",\"\",\"9999\",\"Guideline amount per cup of hot cereal\",\"2\",\"60\",\"\"\n\
             \"4\",\"2705384\",\"4\",\"\",\"9999\",\"Quantity not specified\",\"90000\",\"200\",\"\"\n",
        ));
        let milk = get(&table, "fdc:2705384");
        assert_eq!(milk.nutrients().get(Nutrient::Calories), Some(61.0));
        assert_eq!(milk.nutrients().get(Nutrient::Protein), Some(3.27));
        assert_eq!(milk.nutrients().get(Nutrient::Fiber), Some(0.0));
        assert_eq!(milk.nutrients().get(Nutrient::Sugars), Some(4.81));
        assert_eq!(milk.nutrients().get(Nutrient::VitaminD), Some(1.1));
        assert_eq!(
            portions(&milk),
            [(1.0, "cup", 244.0), (0.5, "medium (8 oz, \"tall\")", 120.0)]
        );
        let unspecified: Vec<_> = milk.measures().filter(|m| m.unit == crate::food::UNSPECIFIED).collect();
        assert_eq!(unspecified.len(), 1);
        assert_eq!(unspecified[0].grams_of_one(), 200.0);
    }

    #[test]
    fn columns_are_found_by_their_names() {
        let mut export = export("", "", "");
        export.food = "\u{feff}description,fdc_id,data_type\r\n\"Peas,\n  raw\",7,sr_legacy_food\r\n".to_owned();
        export.food_nutrient = "amount,nutrient_id,fdc_id\n81,1008,7\n".to_owned();
        assert_eq!(get(&table(&export), "fdc:7").name(), "Peas, raw");
        export.food_nutrient = "amount,nutrient_id,food\n81,1008,7\n".to_owned();
        assert_eq!(
            complaint(&export),
            "food_nutrient.csv, line 1: there is no column fdc_id"
        );
    }

    #[test]
    fn a_wrong_line_is_named() {
        let peas = "7,sr_legacy_food,Peas,,\n";
        let energy = "1,7,1008,81,\n";
        let cup = "1,7,1,1,1000,,,145,\n";
        let said = |foods: &str, figures: &str, portions: &str| complaint(&export(foods, figures, portions));
        assert_eq!(
            said(&peas.repeat(2), energy, cup),
            "food.csv, line 3: this id was there before"
        );
        assert_eq!(
            said("7,branded_food,Peas,,\n", energy, cup),
            "food.csv, line 1: there is no food of SR Legacy, Foundation Foods or FNDDS with a figure"
        );
        for figure in ["plenty", "-1", "1e9", "NaN"] {
            assert_eq!(
                said(peas, &format!("{energy}2,7,1003,{figure},\n"), cup),
                "food_nutrient.csv, line 3: a figure is no number that a food can have"
            );
        }
        assert_eq!(
            said(peas, energy, &format!("{cup}1,7,1,1,1000,,,much,\n")),
            "food_portion.csv, line 3: grams are no number"
        );
        assert_eq!(
            said(peas, "1,7,1008\n", cup),
            "food_nutrient.csv, line 2: 3 cells, the header has 5"
        );
    }

    #[test]
    fn a_nutrient_in_another_unit_is_refused() {
        let mut export = export("7,sr_legacy_food,Peas,,\n", "1,7,1008,81,\n", "");
        export.nutrient = "id,name,unit_name,nutrient_nbr\n1008,Energy,kJ,208\n".to_owned();
        assert_eq!(complaint(&export), "nutrient.csv, line 2: 1008 is in kJ, not in KCAL");
    }
}
