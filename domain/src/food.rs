//! The food table: what a food is called, what it weighs and what it holds.

#[cfg(any(feature = "build", test))]
pub mod build;
#[cfg(any(feature = "build", test))]
pub mod fdc;
mod file;
pub(crate) mod index;
mod search;
pub(crate) mod word;

use crate::allergen::Allergen;
use crate::nutrient::{Nutrient, Nutrients};
use file::File;
use index::Index;
use serde::{Deserialize, Serialize};

/// A food's stable id: `sr24:01001`, `fndds:11100000`, `own:<uuid>`, `off:<ean>`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FoodId(pub String);

impl std::fmt::Display for FoodId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A food file that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FoodFileError {
    #[error("this is not a food file of TinyTummy")]
    NotAFoodFile,
    #[error("the food file is damaged or of another version: {0}")]
    Damaged(String),
}

/// Foods per 100 g, their household portions, and the everyday words for them.
///
/// Parsed once and shared: it holds some 3 MB and never changes.
#[derive(Debug)]
pub struct Table {
    file: File,
    /// Ascending, so that an id is found by halving.
    numbers: Vec<u32>,
    /// Where the name of food `i` begins; one more entry than foods.
    name_starts: Vec<usize>,
    /// Where the portions of food `i` begin; one more entry than foods.
    portion_starts: Vec<usize>,
    aliases: Vec<Alias>,
    /// Of a food with a word of its own: the words, as (food, rank, index into `aliases`), ascending.
    by_food: Vec<(usize, usize, usize)>,
    index: Index,
    /// Knows by their ids the foods of meals that were read with another table.
    older: Option<&'static Table>,
}

/// Everyday words for a food, or for a dish of several.
#[derive(Debug)]
pub(crate) struct Alias {
    /// As typed in `aliases.csv`.
    pub(crate) words: String,
    /// The same as [`word::words`] has them; aliases are sorted by it.
    pub(crate) key: Vec<String>,
    /// None of a food the table lacks.
    pub(crate) parts: Vec<AliasPart>,
    /// The place in `aliases.csv`: of two names for one food the first is the everyday one.
    pub(crate) rank: usize,
}

/// One food of an [`Alias`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct AliasPart {
    /// Index of the food.
    pub(crate) food: usize,
    /// Grams of one, where people count it ("2 fish fingers").
    pub(crate) one_g: Option<f64>,
    /// Grams a one-year-old usually has of it when nobody says how much.
    pub(crate) usual_g: Option<f64>,
}

impl Table {
    /// Reads the compact file, uncompressed. A few milliseconds natively.
    ///
    /// # Errors
    /// Not a food file, or one that does not add up.
    pub fn parse(bytes: &[u8]) -> Result<Self, FoodFileError> {
        let file = File::decode(bytes)?;
        let numbers = file.numbers();
        let count = numbers.len();
        let mut name_starts = Vec::with_capacity(count + 1);
        let mut at = 0;
        for name in file.names.split('\n') {
            name_starts.push(at);
            at += name.len() + 1;
        }
        name_starts.push(at);
        let mut portion_starts = Vec::with_capacity(count + 1);
        let mut at = 0;
        for many in &file.portion_counts {
            portion_starts.push(at);
            at += *many as usize;
        }
        portion_starts.push(at);
        file.check(count, name_starts.len() - 1, at)?;
        let mut aliases: Vec<Alias> = Vec::with_capacity(file.aliases.len());
        for (rank, stored) in file.aliases.iter().enumerate() {
            let part = AliasPart {
                food: stored.food as usize,
                one_g: file::known(stored.one_dg, 10.0),
                usual_g: file::known(stored.usual_dg, 10.0),
            };
            let parts = if stored.food == file::LACKING {
                Vec::new()
            } else {
                vec![part]
            };
            match aliases.last_mut().filter(|alias| alias.words == stored.words) {
                Some(alias) => alias.parts.extend(parts),
                None => aliases.push(Alias {
                    words: stored.words.clone(),
                    key: word::words(&stored.words),
                    parts,
                    rank,
                }),
            }
        }
        aliases.sort_by(|a, b| a.key.cmp(&b.key).then(a.rank.cmp(&b.rank)));
        aliases.dedup_by(|later, earlier| later.key == earlier.key);
        let mut by_food: Vec<(usize, usize, usize)> = aliases
            .iter()
            .enumerate()
            .filter(|(_, alias)| alias.parts.len() == 1)
            .map(|(at, alias)| (alias.parts[0].food, alias.rank, at))
            .collect();
        by_food.sort_unstable();
        let index = Index::of(
            (0..count).map(|i| &file.names[name_starts[i]..name_starts[i + 1] - 1]),
            &aliases,
        );
        Ok(Self {
            file,
            numbers,
            name_starts,
            portion_starts,
            aliases,
            by_food,
            index,
            older: None,
        })
    }

    /// The same, but [`Self::get`] also knows the foods of `older`: a family that moves to another
    /// table keeps the meals it has. They are in no search and no reading.
    #[must_use]
    pub fn replacing(self, older: &'static Self) -> Self {
        Self {
            older: Some(older),
            ..self
        }
    }

    /// The version named in `origin.food_file`, such as `sr24-1`.
    pub fn name(&self) -> &str {
        &self.file.name
    }

    /// What stands before the colon of its foods' ids.
    pub fn prefix(&self) -> &str {
        &self.file.prefix
    }

    /// Whose figures these are: a line the app shows.
    pub fn attribution(&self) -> &str {
        &self.file.attribution
    }

    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// The table that `id` is of: this one or an older one, if any.
    pub(crate) fn table_of(&self, id: &FoodId) -> &Self {
        let is_of = |table: &Self| id.0.split(':').next() == Some(table.prefix());
        self.older.filter(|older| is_of(older)).unwrap_or(self)
    }

    pub fn get(&self, id: &FoodId) -> Option<Food<'_>> {
        let table = self.table_of(id);
        if !std::ptr::eq(table, self) {
            return table.get(id);
        }
        let (prefix, digits) = id.0.split_once(':')?;
        if prefix != self.file.prefix {
            return None;
        }
        let number: u32 = digits.parse().ok()?;
        let food = self.numbers.binary_search(&number).ok().map(|at| self.at(at))?;
        // One food has one id: not also one with a sign, or with more or fewer noughts.
        (food.id() == *id).then_some(food)
    }

    /// Foods whose names, or everyday names, hold every word of `query`, the last of
    /// which may still be being typed. Everyday foods come first.
    pub fn search(&self, query: &str, limit: usize) -> Vec<Food<'_>> {
        search::search(self, query, limit)
    }

    /// The food at `at`, which must be one of this table's own indices.
    pub(crate) fn at(&self, at: usize) -> Food<'_> {
        Food { table: self, at }
    }

    pub(crate) fn index(&self) -> &Index {
        &self.index
    }

    pub(crate) fn aliases(&self) -> &[Alias] {
        &self.aliases
    }

    /// `part` with the grams of its everyday name, where it came from the table without one:
    /// the name most like `words`, else the first there is.
    pub(crate) fn everyday(&self, part: &AliasPart, words: &[String]) -> AliasPart {
        if part.one_g.is_some() || part.usual_g.is_some() {
            return *part;
        }
        self.aliases_of(part.food)
            .min_by_key(|alias| (!alias.key.iter().all(|word| words.contains(word)), alias.rank))
            .map_or(*part, |alias| alias.parts[0])
    }

    /// The everyday words for a food, the most everyday first.
    fn aliases_of(&self, food: usize) -> impl Iterator<Item = &Alias> {
        let from = self.by_food.partition_point(|(of, _, _)| *of < food);
        self.by_food[from..]
            .iter()
            .take_while(move |(of, _, _)| *of == food)
            .map(|(_, _, at)| &self.aliases[*at])
    }

    /// The everyday name with exactly these words.
    pub(crate) fn alias(&self, key: &[String]) -> Option<&Alias> {
        self.aliases_from(key.first()?).iter().find(|alias| alias.key == key)
    }

    /// The aliases whose first word is `first`: a run of the sorted list.
    pub(crate) fn aliases_from(&self, first: &str) -> &[Alias] {
        let from = self
            .aliases
            .partition_point(|a| a.key.first().is_some_and(|w| w.as_str() < first));
        let many = self.aliases[from..].partition_point(|a| a.key.first().is_some_and(|w| w == first));
        &self.aliases[from..from + many]
    }
}

/// The unit that survey foods have for an amount nobody named.
pub(crate) const UNSPECIFIED: &str = "quantity not specified";

/// One food of a [`Table`].
#[derive(Clone, Copy)]
pub struct Food<'a> {
    table: &'a Table,
    at: usize,
}

impl std::fmt::Debug for Food<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.id(), self.name())
    }
}

impl PartialEq for Food<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.at == other.at && std::ptr::eq(self.table, other.table)
    }
}

/// A household measure of a food: "1 cup, sliced" is 150 g.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure<'a> {
    /// How many of the unit the grams are for: mostly 1.
    pub amount: f64,
    /// The table's words, such as `cup, sliced` or `medium (7" to 7-7/8" long)`.
    pub unit: &'a str,
    pub grams: f64,
}

impl Measure<'_> {
    /// Grams of one of the unit.
    pub fn grams_of_one(&self) -> f64 {
        self.grams / self.amount
    }
}

impl<'a> Food<'a> {
    pub fn id(&self) -> FoodId {
        let file = &self.table.file;
        let digits = file.digits as usize;
        FoodId(format!("{}:{:0digits$}", file.prefix, self.table.numbers[self.at]))
    }

    /// The table's own name: "Bananas, raw".
    pub fn name(&self) -> &'a str {
        &self.table.file.names[self.table.name_starts[self.at]..self.table.name_starts[self.at + 1] - 1]
    }

    /// What to call it in a list, short and with a capital: the everyday name ("Porridge"), else
    /// the beginning of the table's ("Squash, winter, hubbard").
    pub fn everyday(&self) -> String {
        match self.everyday_name() {
            Some(name) => capitalised(name),
            None => capitalised(&self.baby_food().unwrap_or_else(|| self.short_name(3).to_owned())),
        }
    }

    /// What people call it, if there is a word for it.
    pub(crate) fn everyday_name(&self) -> Option<&'a str> {
        let alias = self.table.aliases_of(self.at).next()?;
        Some(alias.words.as_str())
    }

    /// Its longest everyday name whose words are all among `said`.
    pub(crate) fn everyday_name_in(&self, said: &[String]) -> Option<&'a str> {
        self.table
            .aliases_of(self.at)
            .filter(|alias| alias.key.iter().all(|word| said.contains(word)))
            .max_by_key(|alias| (alias.key.len(), std::cmp::Reverse(alias.rank)))
            .map(|alias| alias.words.as_str())
    }

    /// "Babyfood, dinner, turkey and rice, strained" as a parent would say it.
    fn baby_food(&self) -> Option<String> {
        let mut parts = self.name().strip_prefix("Babyfood, ")?.split(", ");
        let kind = parts.next()?;
        let what = parts
            .next()
            .filter(|what| !["strained", "junior", "toddler"].contains(what));
        Some(match (kind, what) {
            ("dinner" | "juice", Some(what)) => format!("{what} {kind} (baby food)"),
            ("fruit" | "vegetables" | "meat" | "cereal" | "dessert", Some(what)) => format!("{what} (baby food)"),
            (kind, Some(what)) => format!("{kind}, {what} (baby food)"),
            (kind, None) => format!("{kind} (baby food)"),
        })
    }

    /// The table's name up to its first `parts` parts.
    pub(crate) fn short_name(&self, parts: usize) -> &'a str {
        let name = self.name();
        let end = name
            .match_indices(',')
            .nth(parts.saturating_sub(1))
            .map_or(name.len(), |(at, _)| at);
        let plain = name[..end].split(" (").next().unwrap_or(name);
        plain.trim()
    }

    /// What 100 g of it hold.
    pub fn nutrients(&self) -> Nutrients {
        let mut nutrients = Nutrients::default();
        for (nutrient, column) in Nutrient::ALL.into_iter().zip(&self.table.file.columns) {
            nutrients.set(nutrient, file::known(column.scaled[self.at], f64::from(column.divisor)));
        }
        nutrients
    }

    /// What it is measured in: cups, slices, pieces.
    pub fn portions(&self) -> impl Iterator<Item = Measure<'a>> + use<'a> {
        self.measures().filter(|measure| measure.unit != UNSPECIFIED)
    }

    /// Grams of what an adult usually has of it, where the table says so.
    pub(crate) fn unspecified(&self) -> Option<f64> {
        let measure = self.measures().find(|measure| measure.unit == UNSPECIFIED)?;
        Some(measure.grams_of_one())
    }

    fn measures(&self) -> impl Iterator<Item = Measure<'a>> + use<'a> {
        let table = self.table;
        (table.portion_starts[self.at]..table.portion_starts[self.at + 1]).map(move |row| Measure {
            amount: f64::from(table.file.portion_amounts[row]) / 1000.0,
            unit: &table.file.units[table.file.portion_units[row] as usize],
            grams: f64::from(table.file.portion_dg[row]) / 10.0,
        })
    }

    /// Grams per millilitre, where a plain volume is among its portions.
    pub fn density(&self) -> Option<f64> {
        const PLAIN: [(&str, f64); 8] = [
            ("fl oz", 29.5735),
            ("cup", 236.588),
            ("ml", 1.0),
            ("tbsp", 14.7868),
            ("tablespoon", 14.7868),
            ("tsp", 4.928_92),
            ("teaspoon", 4.928_92),
            ("quart", 946.353),
        ];
        PLAIN.into_iter().find_map(|(unit, ml)| {
            let measure = self.portions().find(|measure| plain(measure.unit) == unit)?;
            Some(measure.grams_of_one() / ml)
        })
    }

    /// Allergens by its name; a parent's own words may add to them.
    pub fn allergens(&self) -> Vec<Allergen> {
        crate::allergen::contains::named(self.name())
    }
}

/// With a capital at its beginning.
pub(crate) fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A unit without its remark: `cup (8 fl oz)` is a cup, `cup, sliced` is not a plain one.
fn plain(unit: &str) -> &str {
    unit.split(" (").next().unwrap_or(unit).trim()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::LazyLock;

    /// The committed file, as the app reads it.
    pub(crate) fn committed() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut compressed = &include_bytes!("../data/foods-sr24-1.bin.br")[..];
        brotli_decompressor::BrotliDecompress(&mut compressed, &mut bytes).unwrap();
        bytes
    }

    pub(crate) static TABLE: LazyLock<Table> = LazyLock::new(|| Table::parse(&committed()).unwrap());

    pub(crate) fn food(id: &str) -> Food<'static> {
        TABLE.get(&FoodId(id.to_owned())).unwrap()
    }

    #[test]
    fn a_banana_is_what_usda_says_it_is() {
        let banana = food("sr24:09040");
        assert_eq!(banana.name(), "Bananas, raw");
        assert_eq!(banana.nutrients().get(Nutrient::Calories), Some(89.0));
        assert_eq!(banana.nutrients().get(Nutrient::Iron), Some(0.26));
        let medium = banana.portions().find(|m| m.unit.starts_with("medium")).unwrap();
        assert_eq!(medium.grams_of_one(), 118.0);
        assert_eq!(TABLE.name(), "sr24-1");
        assert_eq!(TABLE.len(), 8858);
    }

    #[test]
    fn an_empty_cell_is_unknown_and_a_nought_is_a_nought() {
        let banana = food("sr24:09040").nutrients();
        assert_eq!(banana.get(Nutrient::VitaminD), Some(0.0));
        let unknown = (0..TABLE.len())
            .filter(|at| TABLE.at(*at).nutrients().get(Nutrient::VitaminD).is_none())
            .count();
        assert_eq!(unknown, 4094);
    }

    #[test]
    fn vitamin_d_is_in_micrograms() {
        // Whole milk with added vitamin D: 51 IU.
        let milk = food("sr24:01077").nutrients().get(Nutrient::VitaminD).unwrap();
        assert!((1.0..1.5).contains(&milk), "{milk}");
    }

    #[test]
    fn milk_weighs_a_little_more_than_water() {
        let density = food("sr24:01077").density().unwrap();
        assert!((1.02..1.05).contains(&density), "{density}");
    }

    #[test]
    fn an_id_of_another_table_is_not_found() {
        for id in [
            "fndds:11100000",
            "sr24:1",
            "sr24:",
            "sr24",
            "",
            "own:09040",
            "sr24:99999",
            "sr24:9040",
            "sr24:+9040",
            "sr24:009040",
        ] {
            assert!(TABLE.get(&FoodId(id.to_owned())).is_none(), "{id}");
        }
    }

    #[test]
    fn a_baby_food_is_called_as_a_parent_would() {
        for (id, name) in [
            ("sr24:03082", "turkey and rice dinner (baby food)"),
            ("sr24:42316", "carrots (baby food)"),
        ] {
            let food = TABLE.get(&FoodId(id.to_owned())).unwrap();
            assert_eq!(food.baby_food().as_deref(), Some(name));
        }
    }

    #[test]
    fn a_damaged_file_is_refused_wherever_it_was_cut() {
        let bytes = committed();
        assert_eq!(Table::parse(b"hello").unwrap_err(), FoodFileError::NotAFoodFile);
        for part in 0..20 {
            assert!(Table::parse(&bytes[..bytes.len() * part / 20]).is_err());
        }
    }
}
