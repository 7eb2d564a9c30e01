//! Puts together what was said of one food in several clauses.
//!
//! "A burrito with meat, beans and rice" is one food where the table has it by that name. And where a
//! food was weighed, what it is made of was weighed with it, and has a share: "250 g pasta made with cheese".

use super::clause::{Amount, Clause};
use super::unit::Measures;
use super::{amount, filler, matching, read};
use crate::allergen::contains;
use crate::food::{AliasPart, Table};
use crate::safety;

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
            // "baby food with chicken and noodles" is a baby food of both.
            more = reach;
        } else if reach > 0 && meal.is_renamed(at) {
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
        let made_of = &clauses[at..at + meal.made_of(&clause, at)];
        at += made_of.len();
        if let Some(shares) = meal.shares(&clause, made_of) {
            grouped.extend(shares);
            continue;
        }
        if let Some(last) = made_of.last() {
            clause.end = last.end;
        }
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
    /// Whether a clause may say more of the food before it, rather than name another.
    fn may_belong(&self, before: &Clause, clause: &Clause) -> bool {
        let between = before.until(clause, self.text);
        // "on a white bun": an article counts nothing.
        let is_on_it = clause.is_uncounted()
            && (filler::is_making(between) || filler::is_putting_on(between) || filler::is_naming(between));
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

    /// "A sweet, which is a chocolate pie": the next clause names the same food again.
    fn is_renamed(&self, at: usize) -> bool {
        filler::is_naming(self.clauses[at].until(&self.clauses[at + 1], self.text))
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
        let has_name_of_its_own =
            read::by_unit(first, self.foods).is_some() || self.foods.alias(&first.words).is_some();
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

    /// Whether it is a dish, or a food that has others in it by its name: "burrito, with beans".
    fn is_made_up(&self, meant: &[AliasPart]) -> bool {
        match meant {
            [food] => self.foods.at(food.food).name().contains(" with "),
            parts => parts.len() > 1,
        }
    }

    /// "250 g pasta with cheese": of what was weighed, each has a share, as people usually eat of them.
    /// `None` where nothing is to be shared: a burrito's beans are in the burrito.
    fn shares(&self, clause: &Clause, made_of: &[Clause]) -> Option<Vec<Clause>> {
        if made_of.is_empty() || !is_weighed(clause) || self.is_made_up(&read::meant(clause, self.foods)) {
            return None;
        }
        let usual = |clause: &Clause| -> f64 {
            let parts = read::meant(clause, self.foods);
            let of_part = |part| amount::usual_at_one_year(part, &self.foods.at(part.food));
            parts.iter().map(of_part).sum()
        };
        let eaten: Vec<(&Clause, f64)> = [clause]
            .into_iter()
            .chain(made_of)
            .map(|clause| (clause, usual(clause)))
            .filter(|(_, grams)| *grams > 0.0)
            .collect();
        let all: f64 = eaten.iter().map(|(_, grams)| grams).sum();
        let share = |(eaten, grams): &(&Clause, f64)| {
            let mut share = (*eaten).clone();
            share.shared = true;
            share.amounts.clone_from(&clause.amounts);
            for amount in &mut share.amounts {
                amount.value *= grams / all;
            }
            share
        };
        (eaten.len() > 1).then(|| eaten.iter().map(share).collect())
    }

    /// How many of the clauses from `at` on only say what the food before them is made of. Its phrase
    /// takes them in, so that they are warned of, or they have a share of its weight.
    fn made_of(&self, clause: &Clause, at: usize) -> usize {
        let weighed = is_weighed(clause);
        let begins = |other: &Clause| {
            let between = self.clauses[at - 1].until(other, self.text);
            filler::is_making(between) || (weighed && self.all_weighed && filler::is_putting_on(between))
        };
        // Most foods are followed by another, which needs no looking up.
        if !self.clauses.get(at).is_some_and(begins) {
            return 0;
        }
        let meant = read::meant(clause, self.foods);
        if meant.is_empty() {
            return 0;
        }
        let is_made_up = self.is_made_up(&meant);
        let (mut made_of, mut put_on) = (false, false);
        let mut count = 0;
        for pair in self.clauses[at - 1..].windows(2) {
            let other = &pair[1];
            let between = pair[0].until(other, self.text);
            made_of |= filler::is_making(between);
            put_on |= self.all_weighed && filler::is_putting_on(between);
            let belongs = if weighed {
                (made_of || put_on) && self.may_belong(&pair[0], other)
            } else {
                // "An omelette made with 1 egg": the recipe's egg. Milk is drunk with it, or adds to it.
                let in_recipe = is_made_up || !other.is_uncounted();
                let by_number = other.amounts.iter().all(|amount| amount.unit.is_none());
                made_of && in_recipe && by_number && !self.is_drink(other)
            };
            let is_shared = weighed && !is_made_up;
            if !belongs || (!is_shared && self.hides(other)) {
                break;
            }
            count += 1;
        }
        count
    }

    /// Whether there is something to warn of in the food that only its name in the table tells, and not
    /// the parent's words: the honey of graham crackers.
    fn hides(&self, clause: &Clause) -> bool {
        let said = clause.said_in(self.text);
        let told = contains::named(said);
        read::meant(clause, self.foods).iter().any(|part| {
            let name = self.foods.at(part.food).name();
            let is_told = |allergen| told.contains(allergen);
            (safety::is_spoken_of(name) && !safety::is_spoken_of(said)) || !contains::named(name).iter().all(is_told)
        })
    }

    fn is_drink(&self, clause: &Clause) -> bool {
        let parts = read::meant(clause, self.foods);
        parts
            .first()
            .is_some_and(|part| amount::is_drink(&self.foods.at(part.food)))
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
        let between = before.until(blend, text);
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
