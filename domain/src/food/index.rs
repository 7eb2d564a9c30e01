//! Which foods have which word in their name.

use super::{Alias, word};
use std::collections::{HashMap, HashSet};

/// Every word of the food names and aliases, and where it occurs.
#[derive(Debug)]
pub(crate) struct Index {
    /// Sorted.
    words: Vec<Box<str>>,
    /// Where the foods of word `i` begin in `foods`; one more entry than words.
    starts: Vec<u32>,
    /// Indices of foods, ascending for each word.
    foods: Vec<u32>,
    /// The words of each name, as indices into `words`, and where each name's begin.
    name_words: Vec<u32>,
    name_starts: Vec<u32>,
    /// For each word of a name: the part of the name it stands in, between commas and brackets.
    name_parts: Vec<u8>,
    /// How much a word tells: 1 for one in every name, more the rarer it is.
    weights: Vec<u8>,
    kinds: Vec<Kind>,
    grammar: Vec<Grammar>,
    /// Whether the word is part of an everyday name.
    everyday: Vec<bool>,
    /// The two words that some name begins with, before its first comma.
    beginnings: HashSet<(u32, u32)>,
    /// Whether a food's name begins with a class of foods: "Cookies, …", "Soft drink, …".
    in_class: Vec<bool>,
    /// The number of "NFS", not further specified.
    unspecified: Option<usize>,
    /// The number of "NS", not specified.
    unknown: Option<usize>,
    /// With how many words a food's name says what it is: "taco sauce", "burrito" (with meat).
    heads: Vec<u8>,
}

/// What follows in a name says more of what it is.
const JOINING: [&str; 9] = ["with", "on", "in", "from", "made", "for", "as", "without", "w"];

/// So many names begin with a class of foods before their first comma.
const CLASS: usize = 6;

/// What a word of a name says of the food beside what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// What it is.
    Telling,
    /// That it is the plain thing: "raw", "without salt".
    Plain,
    /// That it is not as it is eaten: "dry", "concentrate".
    NotAsEaten,
}

impl Kind {
    fn of(word: &str) -> Self {
        const PLAIN: &[&str] = &[
            "raw",
            "plain",
            "whole",
            "cooked",
            "boiled",
            "drained",
            "without",
            "salt",
            "all",
            "commercial",
            "variety",
            "regular",
            "fluid",
            "fresh",
            "prepared",
            "with",
            "and",
            "or",
            "ready",
            "to",
            "eat",
            "include",
            "skin",
            "meat",
            "only",
            "added",
            "unsweetened",
            "enriched",
            "nf",
            "n",
            "ns",
            "as",
            "part",
            "commercially",
            "fast",
            "food",
            "type",
            "various",
            "mcdonald",
        ];
        const NOT_AS_EATEN: &[&str] = &[
            "dry",
            "powder",
            "concentrate",
            "undiluted",
            "unprepared",
            "uncooked",
            "dehydrated",
            "mix",
            "condensed",
            "unenriched",
            "commodity",
            "native",
            "imported",
            "substitute",
            "imitation",
            "unbaked",
            "industrial",
            "babyfood",
            "baby",
            "ingredient",
            "navajo",
        ];
        if PLAIN.contains(&word) {
            Self::Plain
        } else if NOT_AS_EATEN.contains(&word) {
            Self::NotAsEaten
        } else {
            Self::Telling
        }
    }
}

/// What a word of a name does to the words around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Grammar {
    Or,
    And,
    /// What follows is not in it: "no frosting", "flavors other than chocolate".
    Lacks,
    None,
}

impl Grammar {
    fn of(word: &str) -> Self {
        match word {
            "or" => Self::Or,
            "and" => Self::And,
            "no" | "without" | "than" => Self::Lacks,
            _ => Self::None,
        }
    }
}

/// A word of a food's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NameWord {
    /// The word's number in the index.
    pub(crate) word: usize,
    /// The part of the name it stands in, from 0: commas and brackets begin another.
    pub(crate) part: u8,
}

impl Index {
    pub(super) fn of<'a>(names: impl Iterator<Item = &'a str>, aliases: &[Alias]) -> Self {
        // Every spelling is brought to its compared form once: names share most words.
        let mut spellings: HashMap<&str, usize> = HashMap::new();
        let mut compared: Vec<String> = Vec::new();
        let mut said: Vec<(usize, u8)> = Vec::new();
        let mut name_starts = vec![0_u32];
        for name in names {
            for (part, text) in name.split([',', '(']).enumerate() {
                for raw in word::raw(text) {
                    let spelling = *spellings.entry(raw).or_insert_with(|| {
                        compared.push(word::compared(raw));
                        compared.len() - 1
                    });
                    said.push((spelling, part.min(255) as u8));
                }
            }
            name_starts.push(said.len() as u32);
        }
        let count = name_starts.len() - 1;
        let mut words: Vec<&str> = compared.iter().map(String::as_str).collect();
        words.extend(aliases.iter().flat_map(|alias| alias.key.iter().map(String::as_str)));
        words.sort_unstable();
        words.dedup();
        let numbers: Vec<usize> = compared
            .iter()
            .map(|word| words.partition_point(|known| *known < word.as_str()))
            .collect();
        let name_words: Vec<u32> = said.iter().map(|(spelling, _)| numbers[*spelling] as u32).collect();
        // Foods come in order, so each word's list fills up in order.
        let words_of = |food: usize| &name_words[name_starts[food] as usize..name_starts[food + 1] as usize];
        let first_time = |food: usize, at: usize| !words_of(food)[..at].contains(&words_of(food)[at]);
        let mut starts = vec![0_u32; words.len() + 1];
        for food in 0..count {
            for (at, word) in words_of(food).iter().enumerate() {
                starts[*word as usize + 1] += u32::from(first_time(food, at));
            }
        }
        for word in 0..words.len() {
            starts[word + 1] += starts[word];
        }
        let mut filled: Vec<u32> = starts.clone();
        let mut foods = vec![0_u32; starts[words.len()] as usize];
        for food in 0..count {
            for (at, word) in words_of(food).iter().enumerate() {
                if first_time(food, at) {
                    foods[filled[*word as usize] as usize] = food as u32;
                    filled[*word as usize] += 1;
                }
            }
        }
        let part_of = |food: usize| {
            let (from, to) = (name_starts[food] as usize, name_starts[food + 1] as usize);
            let part = said[from..to].iter().take_while(|(_, part)| *part == 0).count();
            &name_words[from..from + part]
        };
        let mut classes: HashMap<&[u32], usize> = HashMap::new();
        for food in 0..count {
            *classes.entry(part_of(food)).or_default() += 1;
        }
        let in_class = (0..count).map(|food| classes[part_of(food)] >= CLASS).collect();
        let joins = |word: u32| JOINING.contains(&words[word as usize]);
        let heads = (0..count)
            .map(|food| part_of(food).iter().take_while(|word| !joins(**word)).count().min(255) as u8)
            .collect();
        let beginnings = (0..count)
            .filter_map(|food| match part_of(food) {
                [first, second, ..] => Some((*first, *second)),
                _ => None,
            })
            .collect();
        let mut everyday = vec![false; words.len()];
        for word in aliases.iter().flat_map(|alias| &alias.key) {
            if let Ok(number) = words.binary_search(&word.as_str()) {
                everyday[number] = true;
            }
        }
        let weights = (0..words.len())
            .map(|word| (count as u32 / (starts[word + 1] - starts[word]).max(1)).max(1).ilog2() as u8 + 1)
            .collect();
        Self {
            foods,
            starts,
            weights,
            everyday,
            beginnings,
            in_class,
            heads,
            unspecified: words.binary_search(&word::compared("NFS").as_str()).ok(),
            unknown: words.binary_search(&word::compared("NS").as_str()).ok(),
            kinds: words.iter().map(|word| Kind::of(word)).collect(),
            grammar: words.iter().map(|word| Grammar::of(word)).collect(),
            name_words,
            name_starts,
            name_parts: said.into_iter().map(|(_, part)| part).collect(),
            words: words.into_iter().map(Into::into).collect(),
        }
    }

    /// The number of a word in its compared form.
    pub(crate) fn number(&self, word: &str) -> Option<usize> {
        self.words.binary_search_by(|w| w.as_ref().cmp(word)).ok()
    }

    pub(crate) fn word(&self, number: usize) -> &str {
        &self.words[number]
    }

    /// The numbers of the words that begin with `start`.
    pub(crate) fn beginning(&self, start: &str) -> std::ops::Range<usize> {
        let from = self.words.partition_point(|w| w.as_ref() < start);
        let many = self.words[from..].partition_point(|w| w.starts_with(start));
        from..from + many
    }

    /// The foods with this word in their name, ascending.
    pub(crate) fn foods(&self, word: usize) -> &[u32] {
        &self.foods[self.starts[word] as usize..self.starts[word + 1] as usize]
    }

    pub(crate) fn kind(&self, word: usize) -> Kind {
        self.kinds[word]
    }

    pub(crate) fn grammar(&self, word: usize) -> Grammar {
        self.grammar[word]
    }

    /// The two words of names that a word no name has is made of, where some name has them side by
    /// side: "milkshake".
    pub(crate) fn compound(&self, word: &str) -> Option<(usize, usize)> {
        const SHORTEST: usize = 3;
        (SHORTEST..word.len().saturating_sub(SHORTEST - 1))
            .filter(|at| word.is_char_boundary(*at))
            .filter_map(|at| Some((self.number(&word[..at])?, self.number(&word[at..])?)))
            .find(|(one, other)| self.beginnings.contains(&(*one as u32, *other as u32)))
    }

    /// Whether the name of some food begins with these two words.
    pub(crate) fn begins_name(&self, first: &str, second: &str) -> bool {
        let (Some(first), Some(second)) = (self.number(first), self.number(second)) else {
            return false;
        };
        self.beginnings.contains(&(first as u32, second as u32))
    }

    /// Whether the food's name begins with a class of foods.
    pub(crate) fn is_in_class(&self, food: usize) -> bool {
        self.in_class[food]
    }

    /// Whether it stands for all of its kind: "Milk, NFS".
    pub(crate) fn is_unspecified(&self, food: usize) -> bool {
        self.name(food)
            .any(|of_name| Some(of_name.word) == self.unspecified || self.is_unknown(of_name.word))
    }

    /// Whether a part of a name that begins with this word says that something is not known: "NS as to
    /// type of crust".
    pub(crate) fn is_unknown(&self, word: usize) -> bool {
        Some(word) == self.unknown
    }

    /// With how many words its name says what the food is.
    pub(crate) fn head(&self, food: usize) -> usize {
        usize::from(self.heads[food])
    }

    pub(crate) fn weight(&self, word: usize) -> u32 {
        u32::from(self.weights[word])
    }

    pub(crate) fn name(&self, food: usize) -> impl Iterator<Item = NameWord> + '_ {
        (self.name_starts[food] as usize..self.name_starts[food + 1] as usize).map(|at| NameWord {
            word: self.name_words[at] as usize,
            part: self.name_parts[at],
        })
    }

    /// The word meant by one that is in no name: an everyday one, one slip away, of several
    /// the one in the most names. Only for words of five letters or more, whose first
    /// letter is right: shorter ones are too near to each other ("pear", "peas").
    pub(crate) fn meant(&self, typed: &str) -> Option<usize> {
        let length = typed.chars().count();
        if length < 5 || !typed.chars().all(char::is_alphabetic) {
            return None;
        }
        let first = typed.chars().next()?;
        let mut start = [0; 4];
        self.beginning(first.encode_utf8(&mut start))
            .filter(|number| {
                let word = &self.words[*number];
                self.everyday[*number]
                    && word.len().abs_diff(typed.len()) <= 1
                    && word.len() >= 4
                    && word::one_slip_apart(typed, word)
            })
            .max_by_key(|number| (self.foods(*number).len(), std::cmp::Reverse(*number)))
    }
}
