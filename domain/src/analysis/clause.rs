//! Takes a meal apart into the foods it names, each with its amount in words.

use super::filler;
use super::number::{self, Quantity};
use super::token::{Kind, Token};
use super::unit::{self, Measures, Unit};
use crate::food::{Alias, Table};

/// One food as it was said.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Clause {
    /// The words that may name the food, as compared, in order.
    pub(super) words: Vec<String>,
    /// The same as typed.
    pub(super) said: Vec<String>,
    /// How it was cut or cooked, as compared.
    pub(super) states: Vec<String>,
    /// Words that need not name the food, as compared, but may be in its name: "hot", "fried".
    pub(super) asides: Vec<String>,
    pub(super) amounts: Vec<Amount>,
    /// Its amount is a share of what several foods weighed together.
    pub(super) shared: bool,
    /// How long it took: "10 minutes at the breast".
    pub(super) minutes: Option<f64>,
    /// How much was left of it, in the measure of what there was.
    pub(super) left: Option<f64>,
    /// The food, where several clauses name it together.
    pub(super) food: Option<usize>,
    /// "some", "a bit of": how much more or less than usual.
    pub(super) vague: Option<f64>,
    pub(super) size: Option<(&'static str, f64)>,
    /// "with", "in": how it goes with the food before.
    pub(super) lead: Option<usize>,
    /// "no salt": named, not eaten.
    pub(super) negated: bool,
    /// "roast dinner: …": a heading of what follows.
    pub(super) heading: bool,
    /// Where it is in the text, in bytes.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// An amount as it was said.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Amount {
    pub(super) value: f64,
    pub(super) unit: Option<&'static Unit>,
    /// Only "a" or "an".
    pub(super) article: bool,
}

impl Amount {
    /// Says a weight or a volume, which leaves nothing to guess.
    pub(super) fn is_metric(&self) -> bool {
        self.unit
            .is_some_and(|unit| !matches!(unit.measures, Measures::Household { .. }))
    }
}

impl Clause {
    fn is_empty(&self) -> bool {
        self.words.is_empty() && self.amounts.is_empty() && self.states.is_empty() && self.left.is_none()
    }

    /// What was said of it, in the text that it was read from.
    pub(super) fn said_in<'a>(&self, text: &'a str) -> &'a str {
        &text[self.start..self.end.max(self.start)]
    }

    /// The words between it and the clause after it.
    pub(super) fn until<'a>(&self, next: &Self, text: &'a str) -> &'a str {
        &text[self.end.min(next.start)..next.start]
    }

    /// Nobody said how much: an article counts nothing.
    pub(super) fn is_uncounted(&self) -> bool {
        self.amounts
            .iter()
            .all(|amount| amount.article && amount.unit.is_none())
    }

    /// Nothing but what held it: "bottle", "in her cup".
    pub(super) fn is_container(&self) -> bool {
        !self.words.is_empty() && self.words.iter().all(|word| filler::is_container(word))
    }

    /// Nothing but how it was cut or cooked, or how much it was: belongs to the food before.
    pub(super) fn only_adds(&self) -> bool {
        self.words
            .iter()
            .zip(&self.said)
            .all(|(word, said)| filler::is_state(said, word))
    }
}

/// The foods named in `tokens`, in order, at most `most`.
pub(super) fn clauses(tokens: &[Token], foods: &Table, most: usize) -> Vec<Clause> {
    let named = everyday_names(tokens, foods);
    let mut clauses: Vec<Clause> = Vec::new();
    let mut reader = Reader {
        tokens,
        foods,
        named: &named,
        at: 0,
    };
    let mut after_comma = false;
    let mut lead = None;
    let mut held = false;
    let mut ahead: Vec<Amount> = Vec::new();
    while reader.at < tokens.len() && clauses.len() < most {
        let start = reader.at;
        let mut clause = reader.clause();
        clause.lead = lead.take();
        // "milk in a 120 ml bottle": only the amount says something.
        if held && clause.is_container() {
            clause.words.clear();
            clause.said.clear();
        }
        clause.heading = tokens
            .get(reader.at)
            .is_some_and(|t| t.kind == Kind::Stop && t.said == ":");
        held = false;
        if reader.at == start {
            after_comma = matches!(tokens[reader.at].kind, Kind::Comma | Kind::Open | Kind::Dash)
                || filler::is_separator(&tokens[reader.at].said);
            held = ["in", "into", "on", "from"]
                .iter()
                .any(|word| tokens[reader.at].is(word));
            if ["with", "in", "into"].iter().any(|word| tokens[reader.at].is(word)) {
                lead = Some(tokens[reader.at].start);
            }
            reader.at += 1;
        }
        if clause.negated || (clause.is_empty() && clause.size.is_none()) {
            continue;
        }
        // "248 g of milk and a 147 g slice of goodness on pizza": an amount of what comes.
        let weighed = |clause: &Clause| clause.amounts.iter().any(Amount::is_metric);
        if !weighed(&clause) {
            clause.amounts.append(&mut ahead);
        }
        ahead.clear();
        // "165 g of boiled and drained corn", too.
        if clause.only_adds() && weighed(&clause) && clauses.last().is_none_or(weighed) {
            ahead = clause.amounts;
            continue;
        }
        // "210 ml but left 60"
        if let Some(left) = clause.left
            && clause.words.is_empty()
            && let Some(amount) = clauses
                .last_mut()
                .and_then(|before| before.amounts.iter_mut().find(|a| a.is_metric()))
        {
            amount.value = (amount.value - left).max(0.0);
            continue;
        }
        let may_join = clause.only_adds() && (after_comma || clause.words.is_empty());
        match clauses.last_mut().filter(|_| may_join) {
            Some(before) => {
                // "banana, 60 g": an amount on its own is the last food's, if that has none.
                if clause.amounts.iter().any(Amount::is_metric) || before.amounts.is_empty() {
                    before.amounts.extend(clause.amounts.iter().filter(|a| !a.article));
                }
                before.size = before.size.or(clause.size);
                before.states.extend(clause.words);
                before.states.extend(clause.states);
                before.end = before.end.max(clause.end);
            }
            None if clause.words.is_empty() || clause.said.iter().all(|said| filler::is_taste(said)) => {}
            // "a comfort food", "cola over ice"
            None if clause.words == ["food"] || clause.words == ["ice"] || clause.words == ["ice", "cube"] => {}
            None => clauses.push(clause),
        }
        after_comma = false;
    }
    clauses
}

/// For each token, how many tokens an everyday name that begins there takes: of several
/// words, the longest. Such a name is never taken apart ("macaroni and cheese").
fn everyday_names(tokens: &[Token], foods: &Table) -> Vec<usize> {
    let mut named = vec![0; tokens.len()];
    let mut at = 0;
    while at < tokens.len() {
        let long = foods
            .aliases_from(&tokens[at].word)
            .iter()
            .filter(|alias| alias.key.len() > 1 && begins(&tokens[at..], alias))
            .map(|alias| alias.key.len())
            .max()
            .unwrap_or(0);
        named[at] = long;
        at += long.max(1);
    }
    named
}

fn begins(tokens: &[Token], alias: &Alias) -> bool {
    tokens.len() >= alias.key.len()
        && alias
            .key
            .iter()
            .zip(tokens)
            .all(|(word, token)| &token.word == word || (word == "and" && token.kind == Kind::Plus))
}

struct Reader<'a> {
    tokens: &'a [Token],
    foods: &'a Table,
    named: &'a [usize],
    at: usize,
}

impl Reader<'_> {
    /// Reads up to the next separator, or to an amount that begins another food.
    fn clause(&mut self) -> Clause {
        let mut clause = Clause::default();
        while let Some(token) = self.tokens.get(self.at) {
            let before = self.at;
            match token.kind {
                Kind::Word if self.passes_brand() => {}
                // Part of a name: "macaroni and cheese" is not two foods.
                Kind::Word if self.named[self.at] > 0 => self.name(&mut clause),
                Kind::Word if self.cut_into(&mut clause) => {}
                Kind::Word if filler::is_separator(&token.said) => break,
                Kind::Word if filler::is_negation(&token.said) || self.is_free_of() => self.negation(&mut clause),
                Kind::Word if self.times(&mut clause) || self.leaves(&mut clause) => {}
                Kind::Word if self.is_made_of() || self.is_spread_with(&clause) => break,
                Kind::Word if filler::is_origin(&token.said) && !clause.words.is_empty() => self.skip_to_separator(),
                Kind::Word | Kind::Number(_) => match number::quantity(self.tokens, self.at) {
                    // "a 90 calorie bar" is one bar, "a 9-inch pie" one pie.
                    Some(quantity) if self.counts_otherwise(quantity.next) => {
                        let counted = self.tokens[quantity.next..].iter().find(|t| t.is_word());
                        if counted.is_some_and(|t| filler::is_minutes(&t.said)) {
                            clause.minutes = Some(quantity.value);
                        }
                        self.at = quantity.next + 1 + usize::from(self.tokens[quantity.next].kind == Kind::Dash);
                        while self.tokens.get(self.at).is_some_and(|t| filler::is_dimension(&t.said)) {
                            self.at += 1;
                        }
                    }
                    Some(quantity) if !quantity.article && self.begins_another(&clause, &quantity) => break,
                    Some(quantity) if self.is_amount(&quantity) => self.amount(&mut clause, quantity),
                    _ => self.word(&mut clause),
                },
                Kind::Dash | Kind::Slash => self.at += 1,
                Kind::Stop if self.is_abbreviation() => self.at += 1,
                Kind::Comma | Kind::Stop | Kind::Plus | Kind::Open | Kind::Close => break,
            }
            if clause.negated && self.at == before {
                break;
            }
            if !clause.is_empty() || clause.size.is_some() {
                if clause.end == 0 {
                    clause.start = token.start;
                }
                // What was left out is no part of the phrase; a tail is, where it may say
                // more of the food ("yogurt that has honey in it").
                let absent = token.is_word() && filler::is_negation(&token.said);
                let idle = token.is_word()
                    && filler::is_origin(&token.said)
                    && self.tokens[before + 1..self.at]
                        .iter()
                        .all(|t| filler::is_filler(&t.said));
                let read_food = !clause.is_empty() && self.at > before && !absent && !idle;
                let last = self.tokens[..self.at].last().map_or(token.end, |t| t.end);
                // "cut up small" says how it was cut.
                let tells_cut = ["up", "small", "tiny", "fine"].contains(&token.said.as_str())
                    && self.tokens[..before]
                        .last()
                        .is_some_and(|t| filler::is_cutting(&t.said));
                let filler_only = self.at == before + 1 && filler::is_filler(&token.said) && !tells_cut;
                if read_food && (!filler_only || clause.end == 0) {
                    clause.end = last;
                }
            }
        }
        clause
    }

    /// "cut in half", "sliced into small pieces", "grapes in quarters": how it was cut, not
    /// how much there was.
    fn cut_into(&mut self, clause: &mut Clause) -> bool {
        const SIZES: [&str; 9] = [
            "small", "tiny", "little", "thin", "long", "large", "bite", "size", "sized",
        ];
        const COUNTS: [&str; 6] = ["two", "three", "four", "six", "eight", "ten"];
        if !["in", "into"].iter().any(|word| self.tokens[self.at].is(word)) {
            return false;
        }
        let was_cut = self.tokens[..self.at]
            .last()
            .is_some_and(|t| filler::is_cutting(&t.said));
        if !was_cut && clause.words.is_empty() {
            return false;
        }
        let pass_sizes = |mut at: usize| {
            while self
                .tokens
                .get(at)
                .is_some_and(|t| t.kind == Kind::Dash || SIZES.contains(&t.said.as_str()))
            {
                at += 1;
            }
            at
        };
        let mut at = pass_sizes(self.at + 1);
        let counted = self
            .tokens
            .get(at)
            .is_some_and(|t| t.number().is_some() || COUNTS.contains(&t.said.as_str()));
        if counted {
            at = pass_sizes(at + 1);
        }
        let part = self.tokens.get(at).filter(|t| filler::is_part(&t.word));
        let end = at + usize::from(part.is_some());
        if part.is_none() && !(counted && was_cut) {
            return false;
        }
        // "in half a cup of milk", "in 2 pieces of toast"
        let then = self.tokens.get(end).filter(|t| t.is_word());
        let goes_on = then.is_some_and(|t| {
            ["a", "an", "of", "the", "my", "her", "his"].contains(&t.said.as_str())
                || (!was_cut && !filler::is_separator(&t.said) && !filler::is_state(&t.said, &t.word))
                || (part.is_none() && unit::unit(&[&t.word]).is_some())
        });
        if goes_on {
            return false;
        }
        clause
            .states
            .push(part.map_or_else(|| "cut".to_owned(), |part| part.word.clone()));
        self.at = end;
        true
    }

    /// How many tokens are a maker's name here, which says nothing of the food behind it; or its stage of baby
    /// food: "Beech-Nut Stage 2 carrots".
    fn brand(&self) -> usize {
        // Asked of every word: most are no maker's.
        let first = &self.tokens[self.at];
        if !first.is("stage") && !filler::begins_brand(&first.said) {
            return 0;
        }
        let rest = &self.tokens[self.at..];
        if rest[0].is("stage") && rest.get(1).is_some_and(|t| t.number().is_some()) {
            return 2;
        }
        let words: Vec<(usize, &str)> = rest
            .iter()
            .enumerate()
            .filter(|(_, t)| t.kind != Kind::Dash)
            .take_while(|(_, t)| t.is_word() || t.kind == Kind::Plus)
            .take(5)
            .map(|(at, t)| (at, if t.kind == Kind::Plus { "and" } else { t.said.as_str() }))
            .collect();
        let said: Vec<&str> = words.iter().map(|(_, said)| *said).collect();
        let long = match filler::brand(&said) {
            0 => return 0,
            // Alone it is what they are known for, where that has a name: Cow & Gate make formula.
            long if self.named[self.at] > 0 && long == said.len() => return 0,
            long => long,
        };
        words[long - 1].0 + 1
    }

    /// Goes past a maker's name, if one stands here.
    fn passes_brand(&mut self) -> bool {
        let long = self.brand();
        self.at += long;
        long > 0
    }

    /// "Free of nuts", "free from sugar".
    fn is_free_of(&self) -> bool {
        let next = self.tokens.get(self.at + 1);
        self.tokens[self.at].is("free") && next.is_some_and(|t| t.is("of") || t.is("from"))
    }

    /// All the words of an everyday name.
    fn name(&mut self, clause: &mut Clause) {
        drop_container(clause);
        for _ in 0..self.named[self.at] {
            let token = &self.tokens[self.at];
            let plus = token.kind == Kind::Plus;
            clause
                .words
                .push(if plus { "and".to_owned() } else { token.word.clone() });
            clause
                .said
                .push(if plus { "and".to_owned() } else { token.said.clone() });
            self.at += 1;
        }
    }

    /// "no added salt", "without honey": what follows was not eaten.
    fn negation(&mut self, clause: &mut Clause) {
        // "1 egg, no, actually two"
        if self
            .tokens
            .get(self.at + 1)
            .is_some_and(|t| ["actually", "wait", "sorry"].iter().any(|word| t.is(word)))
        {
            if let Some(quantity) = number::quantity(self.tokens, self.at + 2)
                && let Some(amount) = clause.amounts.last_mut()
            {
                amount.value = quantity.value;
                self.at = quantity.next;
                return;
            }
            self.at += 1;
            return;
        }
        // "skin not eaten"
        let left = |at: usize| self.tokens.get(at).is_some_and(|t| t.is("eaten") || t.is("consumed"));
        if clause.is_empty() || (clause.amounts.is_empty() && left(self.at + 1)) {
            clause.negated = true;
            self.at += 1;
        }
        // "no sugar porridge": only the sugar was left out.
        const LEFT_OUT: [&str; 5] = ["salt", "sugar", "honey", "salted", "added"];
        let left_out = |at: usize| self.tokens.get(at).is_some_and(|t| LEFT_OUT.contains(&t.said.as_str()));
        if clause.negated && left_out(self.at) {
            while left_out(self.at) {
                self.at += 1;
            }
            clause.negated = false;
            return;
        }
        self.skip_to_separator();
    }

    fn skip_to_separator(&mut self) {
        self.at = (self.at + usize::from(!self.at_boundary())).min(self.tokens.len());
        while let Some(token) = self.tokens.get(self.at) {
            if !matches!(token.kind, Kind::Word | Kind::Number(_) | Kind::Dash | Kind::Slash)
                || (filler::is_separator(&token.said) && !token.is("in"))
                || filler::is_negation(&token.said)
            {
                break;
            }
            self.at += 1;
        }
    }

    /// Whether the clause goes on with a word that may name a food.
    fn is_word_at(&self, at: usize) -> bool {
        self.tokens
            .get(at)
            .is_some_and(|t| t.is_word() && !filler::is_filler(&t.said) && !filler::is_separator(&t.said))
    }

    fn at_boundary(&self) -> bool {
        self.tokens
            .get(self.at)
            .is_none_or(|t| !t.is_word() && t.number().is_none())
    }

    /// The stop of "oz." or "approx.": no new sentence begins after it.
    fn is_abbreviation(&self) -> bool {
        let stop = &self.tokens[self.at];
        self.tokens[..self.at].last().is_some_and(|before| {
            stop.glued
                && ["oz", "fl", "tbsp", "tsp", "lb", "lbs", "approx", "g", "ml", "c"].contains(&before.said.as_str())
        })
    }

    /// "2 eggs 3 slices toast": a second amount after food words begins another food,
    /// unless it ends the first ("banana 60 g").
    fn begins_another(&self, clause: &Clause, quantity: &Quantity) -> bool {
        if clause.words.is_empty() {
            return false;
        }
        let words = self.words_from(quantity.next);
        let after = unit::unit(&words).map_or(quantity.next, |(_, long)| quantity.next + long);
        let ends = self
            .tokens
            .get(after)
            .is_none_or(|t| !t.is_word() || filler::is_separator(&t.said));
        !(ends && clause.amounts.iter().all(|amount| amount.article))
    }

    /// An article or number word that stands before a filler phrase ("a quick snack") is no amount of it;
    /// digits always are.
    fn is_amount(&self, quantity: &Quantity) -> bool {
        quantity.next > self.at
    }

    fn counts_otherwise(&self, at: usize) -> bool {
        let at = at + usize::from(self.tokens.get(at).is_some_and(|t| t.kind == Kind::Dash));
        self.tokens
            .get(at)
            .is_some_and(|t| t.is_word() && filler::is_measured_otherwise(&t.said))
    }

    fn words_from(&self, at: usize) -> Vec<&str> {
        self.tokens[at.min(self.tokens.len())..]
            .iter()
            .take_while(|t| t.is_word())
            .take(2)
            .map(|t| t.word.as_str())
            .collect()
    }

    /// A quantity with its unit, if it has one.
    fn amount(&mut self, clause: &mut Clause, quantity: Quantity) {
        let mut at = quantity.next;
        let mut vague = None;
        let mut size = None;
        let mut long = 0;
        let mut found = None;
        // "a big heaped spoon of": sizes and praise may come before the unit.
        while let Some(token) = self
            .tokens
            .get(at)
            .filter(|t| t.is_word() && self.named.get(at) == Some(&0))
        {
            let words = self.words_from(at);
            if let Some((unit, words_long)) = unit::unit(&words)
                && (self.is_unit_at(at, words_long, unit) || self.ends_food(clause, at + words_long))
            {
                found = Some(unit);
                long = words_long;
                // "a single serving bag": the bag.
                let then = self.words_from(at + long);
                if let Some((vessel, more)) = unit::unit(&then)
                    && unit.name == "serving"
                    && self.is_unit_at(at + long, more, vessel)
                {
                    found = Some(vessel);
                    long += more;
                }
                break;
            }
            if quantity.article && filler::vague(&token.said).is_some() && token.said != "tiny" {
                vague = filler::vague(&token.said);
            } else if let Some(found) = unit::size(&token.said) {
                size = Some(found);
            } else if !(filler::is_filler(&token.said)
                || filler::is_taste(&token.said)
                || ["heaped", "level", "heaping", "full", "whole", "of"].contains(&token.said.as_str()))
            {
                break;
            }
            at += 1;
        }
        if found.is_none() && vague.is_none() {
            // Nothing but food follows: the sizes are read as words of their own.
            at = quantity.next;
        }
        self.at = at + long;
        if vague.is_some() {
            clause.vague = vague;
            return;
        }
        // "a mix of squash and corn" is no one squash.
        let is_of = found.is_none() && quantity.article && {
            let rest = &self.tokens[quantity.next..];
            let prose = rest
                .iter()
                .take_while(|t| t.is_word() && !t.is("of") && filler::is_filler(&t.said))
                .count();
            prose > 0 && rest.get(prose).is_some_and(|t| t.is("of"))
        };
        if is_of {
            return;
        }
        if found.is_some() && size.is_some() {
            clause.size = size;
        }
        clause.amounts.push(Amount {
            value: quantity.value,
            unit: found,
            article: quantity.article,
        });
    }

    /// "mango 2 chunks", "raisins, a small box": the unit comes last.
    fn ends_food(&self, clause: &Clause, after: usize) -> bool {
        !clause.words.is_empty()
            && !clause.is_container()
            && self
                .tokens
                .get(after)
                .is_none_or(|t| !t.is_word() || filler::is_separator(&t.said) || filler::is_cutting(&t.said))
    }

    /// "a fruit juice drink": part of the name, right behind what kind of drink.
    fn is_kind_of_drink(&self, clause: &Clause) -> bool {
        let before = self.at.checked_sub(2).map(|at| &self.tokens[at]);
        self.tokens[self.at - 1].is("drink")
            && before.is_some_and(|before| before.is_word() && clause.words.last() == Some(&before.word))
    }

    /// "made from pears", "that included chicken": what follows is in the food before.
    fn is_made_of(&self) -> bool {
        let token = &self.tokens[self.at];
        let next = self.tokens.get(self.at + 1);
        let before = self.at.checked_sub(1).map(|at| &self.tokens[at]);
        (token.is("from") && before.is_some_and(|t| t.is("made")))
            || (["that", "which"].iter().any(|word| token.is(word)) && next.is_some_and(|t| filler::is_made(&t.said)))
    }

    /// "formula 4 oz x 3": so many of the amount before.
    fn times(&mut self, clause: &mut Clause) -> bool {
        let by = self.tokens.get(self.at + 1).and_then(Token::number);
        match (by, clause.amounts.last_mut()) {
            (Some(by), Some(amount)) if self.tokens[self.at].is("x") && amount.unit.is_some() => {
                amount.value *= by;
                self.at += 2;
                true
            }
            _ => false,
        }
    }

    /// "210 ml but left 60": what was not eaten.
    fn leaves(&mut self, clause: &mut Clause) -> bool {
        let is_left = ["left", "leaving", "wasted"]
            .iter()
            .any(|word| self.tokens[self.at].is(word));
        let Some(quantity) = number::quantity(self.tokens, self.at + 1).filter(|quantity| !quantity.article) else {
            return false;
        };
        if !is_left || !clause.words.is_empty() {
            return false;
        }
        let words = self.words_from(quantity.next);
        clause.left = Some(quantity.value);
        self.at = quantity.next + unit::unit(&words).map_or(0, |(_, long)| long);
        true
    }

    /// "a bagel spread with jam"
    fn is_spread_with(&self, clause: &Clause) -> bool {
        let next = self.tokens.get(self.at + 1);
        self.tokens[self.at].is("spread") && next.is_some_and(|t| t.is("with")) && !clause.words.is_empty()
    }

    /// Whether a verb of eating follows.
    fn is_who_ate(&self, at: usize) -> bool {
        const ATE: [&str; 22] = [
            "had",
            "ate",
            "has",
            "eats",
            "drank",
            "drinks",
            "got",
            "is",
            "was",
            "loved",
            "enjoyed",
            "took",
            "tried",
            "finished",
            "managed",
            "eaten",
            "just",
            "also",
            "then",
            "breakfast",
            "lunch",
            "dinner",
        ];
        self.tokens.get(at).is_some_and(|t| ATE.contains(&t.said.as_str()))
    }

    /// A weight or volume is always a unit; "stick" or "bar" only before a food, or before "of".
    fn is_unit_at(&self, at: usize, long: usize, unit: &Unit) -> bool {
        if !matches!(unit.measures, Measures::Household { .. }) {
            return true;
        }
        self.tokens[at + long..]
            .iter()
            .take_while(|t| t.is_word() && !filler::is_separator(&t.said) && !filler::is_origin(&t.said))
            .any(|t| t.is("of") || !filler::is_filler(&t.said))
    }

    fn word(&mut self, clause: &mut Clause) {
        let token = &self.tokens[self.at];
        let next = self.tokens.get(self.at + 1);
        // "honey-free", "dairy free": not in it, and said for a reason. "Fat free" names a food.
        let is_range = self.tokens.get(self.at + 2).is_some_and(|t| t.is("range"));
        if next.is_some_and(|t| t.is("free")) && !is_range && filler::is_left_out(&token.said) {
            if clause.end == 0 {
                clause.start = token.start;
            }
            clause.end = self.tokens[self.at + 1].end;
            self.at += 2;
            return;
        }
        // "a burst of citrus flavour": a taste, and no citrus.
        let tastes = next.is_some_and(|t| ["flavor", "flavors", "flavour", "flavours"].contains(&t.said.as_str()));
        if tastes && clause.is_empty() && clause.size.is_none() && !self.is_word_at(self.at + 2) {
            self.at += 2;
            return;
        }
        // "handful of blueberries", without a number.
        let words = self.words_from(self.at);
        if clause.words.is_empty()
            && let Some((unit, long)) = unit::unit(&words)
            && self.tokens.get(self.at + long).is_some_and(|t| t.is("of"))
        {
            clause.amounts.push(Amount {
                value: 1.0,
                unit: Some(unit),
                article: true,
            });
            self.at += long + 1;
            return;
        }
        // "for infant feeding"
        if token.is("infant") && next.is_some_and(|t| t.is("feeding")) {
            self.at += 2;
            return;
        }
        // "fast food" says where it was bought, which may be part of a food's name.
        if token.is("fast") && next.is_some_and(|t| t.is("food")) {
            clause.asides.extend(["fast".to_owned(), "food".to_owned()]);
            self.at += 2;
            return;
        }
        // "a soft drink", "a breakfast tart": prose elsewhere, here the beginning of a name.
        if let Some(next) = next.filter(|next| next.is_word() && !filler::is_separator(&next.said))
            && [token, next]
                .iter()
                .any(|t| filler::is_filler(&t.said) || filler::is_taste(&t.said))
            && !["to", "of", "a", "the"].contains(&next.said.as_str())
            && self.foods.index().begins_name(&token.word, &next.word)
        {
            for token in [token, next] {
                clause.words.push(token.word.clone());
                clause.said.push(token.said.clone());
            }
            self.at += 2;
            return;
        }
        self.at += 1;
        if filler::is_container(&token.word) && !clause.words.is_empty() && !clause.is_container() {
            // "raisins box": one of it, unless it was said how much. A cup may be a child's.
            if clause.amounts.is_empty()
                && let Some((unit, _)) = unit::unit(&[token.word.as_str()])
                && matches!(unit.measures, Measures::Household { .. })
            {
                clause.amounts.push(Amount {
                    value: 1.0,
                    unit: Some(unit),
                    article: true,
                });
            }
        } else if let Some(size) = unit::size(&token.said) {
            clause.size = Some(size);
        } else if !token.is_word() {
            // A number that is no amount of anything.
        } else if filler::vague(&token.said).is_some() && clause.words.is_empty() {
            clause.vague = filler::vague(&token.said);
        } else if filler::is_cut(&token.said, &token.word) {
            // "4 soft pear slices": slices were counted.
            if let Some((unit, _)) = unit::unit(&[token.word.as_str()])
                && !clause.words.is_empty()
                && let Some(amount) = clause.amounts.last_mut().filter(|a| a.unit.is_none() && !a.article)
            {
                amount.unit = Some(unit);
            }
            clause.states.push(token.word.clone());
            clause.asides.push(token.word.clone());
        } else if token.is("baby") && self.is_who_ate(self.at) {
            // "my baby had …": who ate, not what.
        } else if (filler::is_filler(&token.said) && !self.is_kind_of_drink(clause)) || filler::is_taste(&token.said) {
            if !filler::is_made(&token.said) && !filler::is_grammar(&token.said) {
                clause.asides.push(token.word.clone());
            }
        } else {
            if !filler::is_container(&token.word) {
                drop_container(clause);
            }
            clause.words.push(token.word.clone());
            clause.said.push(token.said.clone());
        }
    }
}

/// "bottle formula": the first word only held the second.
fn drop_container(clause: &mut Clause) {
    if clause.is_container() {
        clause.words.clear();
        clause.said.clear();
    }
}
