//! Search as you type.

use super::{Food, Table, word};

/// See [`Table::search`].
pub(super) fn search<'a>(table: &'a Table, query: &str, limit: usize) -> Vec<Food<'a>> {
    // Nobody types more than a few words; what is pasted must not cost more.
    let query: String = query.chars().take(100).collect();
    let words: Vec<String> = word::words(&query).into_iter().take(8).collect();
    let Some((last, before)) = words.split_last() else {
        return Vec::new();
    };
    let typing = query.chars().last().is_some_and(char::is_alphanumeric);
    let mut found: Vec<(Rank, usize)> = Vec::new();
    for alias in table.aliases() {
        let whole = alias.key == words;
        let matches = before.iter().all(|w| alias.key.contains(w))
            && alias
                .key
                .iter()
                .any(|w| w == last || (typing && w.starts_with(last.as_str())));
        if matches && let [part] = alias.parts[..] {
            let class = if whole { 0 } else { 1 };
            let begins = alias.key.iter().zip(&words).all(|(a, w)| a.starts_with(w.as_str()));
            found.push((
                Rank {
                    class,
                    late: !begins,
                    length: alias.words.len(),
                    at: alias.rank,
                },
                part.food,
            ));
        }
    }
    for food in foods_with(table, before, last, typing) {
        let name = table.at(food).name();
        let in_head = table.index().name(food).filter(|w| w.part == 0).any(|w| {
            let word = table.index().word(w.word);
            word == last || (typing && word.starts_with(last.as_str())) || before.iter().any(|b| b == word)
        });
        found.push((
            Rank {
                class: 2,
                late: !in_head,
                length: name.len(),
                at: food,
            },
            food,
        ));
    }
    found.sort_unstable();
    let mut foods: Vec<usize> = Vec::new();
    for (_, food) in found {
        if foods.len() >= limit {
            break;
        }
        if !foods.contains(&food) {
            foods.push(food);
        }
    }
    foods.into_iter().map(|at| table.at(at)).collect()
}

/// What comes first: everyday words before table names, a match at the beginning
/// before one inside, short before long.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    class: u8,
    late: bool,
    length: usize,
    at: usize,
}

/// The foods whose names have all of the words, the last perhaps only begun.
fn foods_with(table: &Table, before: &[String], last: &str, typing: bool) -> Vec<usize> {
    let index = table.index();
    let mut numbers: Vec<usize> = index.number(last).into_iter().collect();
    if typing {
        numbers.extend(index.beginning(last));
    }
    if numbers.is_empty() {
        numbers.extend(index.meant(last));
    }
    let mut foods: Vec<u32> = numbers.iter().flat_map(|n| index.foods(*n)).copied().collect();
    foods.sort_unstable();
    foods.dedup();
    for word in before {
        let Some(number) = index.number(word).or_else(|| index.meant(word)) else {
            return Vec::new();
        };
        foods.retain(|food| index.foods(number).binary_search(food).is_ok());
    }
    foods.into_iter().map(|food| food as usize).collect()
}

#[cfg(test)]
mod tests {
    use crate::food::tests::TABLE;

    fn first(query: &str) -> String {
        TABLE
            .search(query, 5)
            .first()
            .map_or_else(String::new, |food| food.name().to_owned())
    }

    #[test]
    fn everyday_foods_come_first_while_one_types() {
        for (query, name) in [
            ("ban", "Bananas, raw"),
            ("banana", "Bananas, raw"),
            ("Bananas", "Bananas, raw"),
            ("sweet pot", "Sweet potato, cooked, boiled, without skin"),
            ("breast m", "Milk, human, mature, fluid"),
            (
                "courgette",
                "Squash, summer, zucchini, includes skin, cooked, boiled, drained, without salt",
            ),
        ] {
            assert_eq!(first(query), name, "{query}");
        }
    }

    #[test]
    fn a_search_is_bounded_and_never_panics() {
        assert!(TABLE.search("", 10).is_empty());
        assert!(TABLE.search("zzzzqqq", 10).is_empty());
        assert!(TABLE.search("🍌 \u{0} \u{202e}", 10).is_empty());
        assert_eq!(TABLE.search("a", 7).len(), 7);
        TABLE.search(&"milk ".repeat(100_000), 10);
        assert!(TABLE.search("banana", 0).is_empty());
    }
}
