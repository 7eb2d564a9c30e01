//! Puts together what was said of one food in several clauses.
//!
//! "A burrito with meat, beans and rice" is one food where the table has it by that name. And where a
//! food was weighed, what it is made of was weighed with it: "250 g pasta made with cheese".

use super::clause::{Amount, Clause};
use super::unit::Measures;
use super::{filler, matching, read};
use crate::food::Table;

/// No name has so many parts.
const MOST: usize = 6;

/// What the names of baby foods say besides what is in them.
const BABY_FOOD: [&str; 8] = [
    "babyfood",
    "baby",
    "food",
    "strained",
    "junior",
    "fruit",
    "vegetable",
    "dinner",
];

/// The clauses of `text`, those of one food made into one.
pub(super) fn group(clauses: &[Clause], text: &str, foods: &Table) -> Vec<Clause> {
    let meal = Meal {
        clauses,
        text,
        foods,
        // Who weighs several foods weighs them all.
        all_weighed: clauses.iter().filter(|clause| is_weighed(clause)).count() > 1,
    };
    let mut grouped: Vec<Clause> = Vec::new();
    let mut at = 0;
    while at < clauses.len() {
        let mut clause = clauses[at].clone();
        let reach = meal.reach(at);
        let mut more = 0;
        if let Some((others, food)) = meal.named_together(at, reach).or_else(|| meal.in_a_jar(at, reach)) {
            more = others;
            clause.food = Some(food);
        } else if reach > 0 && clause.words == ["baby", "food"] {
            // "baby food with chicken and noodles": chicken baby food.
            more = 1;
        }
        for other in &clauses[at + 1..=at + more] {
            clause.words.extend(other.words.iter().cloned());
            clause.said.extend(other.said.iter().cloned());
            clause.states.extend(other.states.iter().cloned());
            clause.asides.extend(other.asides.iter().cloned());
            clause.end = other.end;
        }
        at += 1 + more;
        at += meal.weighed_with(&mut clause, at);
        grouped.push(clause);
    }
    share_blends(&mut grouped, text);
    grouped
}

/// A meal, as it was said.
struct Meal<'a> {
    clauses: &'a [Clause],
    text: &'a str,
    foods: &'a Table,
    all_weighed: bool,
}

impl Meal<'_> {
    /// The words between two clauses.
    fn between(&self, before: &Clause, after: &Clause) -> &str {
        &self.text[before.end.min(after.start)..after.start]
    }

    /// Whether a clause may say more of the food before it, rather than name another.
    fn may_belong(&self, before: &Clause, clause: &Clause) -> bool {
        let between = self.between(before, clause);
        // "on a white bun": an article counts nothing.
        let is_on_it = clause.is_uncounted() && (filler::is_making(between) || filler::is_putting_on(between));
        (clause.amounts.is_empty() || is_on_it)
            && !filler::is_beside(between)
            && clause.vague.is_none()
            && !clause.is_container()
    }

    /// How many clauses after the one at `at` may belong to it.
    fn reach(&self, at: usize) -> usize {
        let first = &self.clauses[at];
        if first.heading || first.words.is_empty() || first.is_container() {
            return 0;
        }
        self.clauses[at..]
            .windows(2)
            .take(MOST - 1)
            .take_while(|pair| self.may_belong(&pair[0], &pair[1]))
            .count()
    }

    /// The food whose name says what this clause and so many after it say together.
    fn named_together(&self, at: usize, reach: usize) -> Option<(usize, usize)> {
        (1..=reach)
            .rev()
            .find_map(|more| Some((more, self.whole(&self.clauses[at..=at + more], &[])?)))
    }

    /// "A jar of turkey and rice dinner": in a jar or a pouch is baby food, where there is one of it.
    fn in_a_jar(&self, at: usize, reach: usize) -> Option<(usize, usize)> {
        let first = &self.clauses[at];
        let in_jar = |amount: &Amount| amount.unit.is_some_and(|unit| ["jar", "pouch"].contains(&unit.name));
        if first.words.is_empty() || !first.amounts.iter().any(in_jar) {
            return None;
        }
        let has_name_of_its_own = read::by_unit(first, self.foods).is_some();
        (0..=reach)
            .rev()
            .filter(|more| *more > 0 || !has_name_of_its_own)
            .find_map(|more| Some((more, self.whole(&self.clauses[at..=at + more], &BABY_FOOD)?)))
    }

    fn whole(&self, clauses: &[Clause], besides: &[&str]) -> Option<usize> {
        let parts: Vec<&[String]> = clauses.iter().map(|clause| clause.words.as_slice()).collect();
        let mut asides: Vec<String> = clauses.iter().flat_map(|clause| clause.asides.clone()).collect();
        asides.extend(besides.iter().map(|word| (*word).to_owned()));
        matching::whole(&parts, &asides, self.foods)
    }

    /// How many of the clauses from `at` on only say what a weighed food is made of; its phrase takes
    /// them in, so that they are warned of.
    fn weighed_with(&self, clause: &mut Clause, at: usize) -> usize {
        if !is_weighed(clause) || read::find(clause, read::by_unit(clause, self.foods), self.foods).is_none() {
            return 0;
        }
        let mut made_of_it = false;
        let mut count = 0;
        for pair in self.clauses[at - 1..].windows(2) {
            let between = self.between(clause, &pair[1]);
            made_of_it |= filler::is_making(between) || (self.all_weighed && filler::is_putting_on(between));
            if !made_of_it || !self.may_belong(&pair[0], &pair[1]) {
                break;
            }
            clause.end = pair[1].end;
            count += 1;
        }
        count
    }
}

fn is_weighed(clause: &Clause) -> bool {
    let in_grams = |unit: &super::unit::Unit| matches!(unit.measures, Measures::Mass(_));
    clause.amounts.iter().any(|amount| amount.unit.is_some_and(in_grams))
}

/// "Apple and pear puree 80 g": what was weighed is both.
fn share_blends(clauses: &mut [Clause], text: &str) {
    for at in 1..clauses.len() {
        let (before, rest) = clauses.split_at_mut(at);
        let (Some(before), Some(blend)) = (before.last_mut(), rest.first_mut()) else {
            continue;
        };
        let between = &text[before.end.min(blend.start)..blend.start];
        let is_joined = between.split_whitespace().eq(["and"]) || between.trim() == "&";
        let is_blend = blend.words.iter().any(|word| matching::is_how_it_is_served(word));
        if is_joined && is_blend && before.amounts.is_empty() {
            for amount in &mut blend.amounts {
                amount.value /= 2.0;
            }
            before.amounts = blend.amounts.clone();
        }
    }
}
