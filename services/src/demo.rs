//! A family to look around with: two children and three weeks of meals, made from a seed.
//!
//! It is logged through the same doors as any other. Each meal follows from its child and its day
//! alone, so seeding again only adds what has come due since.

use crate::database::{Database, Tx};
use crate::error::ServiceError;
use crate::sessions::Visitor;
use crate::{accounts, changes, children, zone};
use chrono::{DateTime, Days, Months, NaiveDate, NaiveTime, TimeDelta, Utc};
use domain::account::{Email, NewAccount, Password};
use domain::change::{Change, MealFields, Noun};
use domain::child::{Profile, Sex};
use domain::entitlement::{Subscription, Tier};
use domain::food::Table;
use domain::id::{AccountId, ChangeId, ChildId, MealId};
use domain::meal::{Kind, MealType};
use std::collections::BTreeMap;
use uuid::{Builder, Uuid};

/// What to sign in with.
pub const EMAIL: &str = "demo@tinytummy.example";
pub const PASSWORD: &str = "porridge and plums";

/// The demo shows all there is.
const PREMIUM: Subscription = Subscription {
    tier: Tier::Premium,
    expires_at: None,
};

const ZONE: &str = "Europe/London";
const DAYS: u64 = 21;

const BABY: ChildId = ChildId(Uuid::from_u128(0x0190_a5c0_0000_7000_8000_0000_0000_0b08));
const TODDLER: ChildId = ChildId(Uuid::from_u128(0x0190_a5c0_0000_7000_8000_0000_0000_0b1a));

/// One thing a child does every day at about the same time.
struct Habit {
    time: (u32, u32),
    meal_type: MealType,
    kind: Kind,
    /// One day in so many it does not happen; 0 for never.
    skipped: u64,
    choices: &'static [&'static str],
}

const fn food(time: (u32, u32), meal_type: MealType, skipped: u64, choices: &'static [&'static str]) -> Habit {
    Habit {
        time,
        meal_type,
        kind: Kind::Food,
        skipped,
        choices,
    }
}

const fn milk(time: (u32, u32), skipped: u64, choices: &'static [&'static str]) -> Habit {
    Habit {
        time,
        meal_type: MealType::Snack,
        kind: Kind::Milk,
        skipped,
        choices,
    }
}

const BOTTLES: &[&str] = &[
    "150 ml formula",
    "180 ml formula",
    "120 ml breast milk",
    "160 ml breast milk",
];

const BABY_HABITS: &[Habit] = &[
    milk((6, 20), 0, BOTTLES),
    food(
        (8, 40),
        MealType::Breakfast,
        6,
        &[
            "3 tbsp baby oatmeal cereal with 60 ml formula",
            "4 tbsp baby rice cereal and half a mashed banana",
            "3 tbsp baby oatmeal cereal, 2 tbsp applesauce",
            "2 tbsp plain whole milk yogurt and half a banana",
        ],
    ),
    milk((10, 45), 0, BOTTLES),
    food(
        (12, 30),
        MealType::Lunch,
        8,
        &[
            "3 tbsp mashed sweet potato and 2 tbsp cooked lentils",
            "30 g chicken, 2 tbsp carrots, 2 tbsp mashed potatoes",
            "1 scrambled egg and half a slice of toast",
            "25 g salmon with 3 tbsp peas",
            "2 tbsp cooked ground beef, 3 tbsp butternut squash",
        ],
    ),
    milk((15, 10), 0, BOTTLES),
    food(
        (17, 15),
        MealType::Dinner,
        4,
        &[
            "a quarter of an avocado",
            "3 tbsp broccoli and 2 tbsp mashed potatoes",
            "half a pear",
            "3 tbsp cooked pasta with 1 tbsp tomato sauce",
        ],
    ),
    milk((19, 0), 0, BOTTLES),
    milk((23, 30), 3, &["120 ml formula", "100 ml breast milk"]),
];

const TODDLER_HABITS: &[Habit] = &[
    food(
        (7, 30),
        MealType::Breakfast,
        0,
        &[
            "half a cup of oatmeal with 100 ml whole milk and 5 strawberries",
            "1 slice of whole wheat toast with 1 tsp butter, 1 boiled egg",
            "half a cup of plain yogurt with a quarter cup of blueberries",
            "30 g cheerios with 120 ml whole milk",
            "1 pancake and half a banana",
        ],
    ),
    food(
        (10, 0),
        MealType::Snack,
        5,
        &[
            "half an apple",
            "1 banana",
            "2 rice cakes",
            "20 g cheddar cheese and 4 crackers",
            "half a cup of melon",
        ],
    ),
    food(
        (12, 20),
        MealType::Lunch,
        9,
        &[
            "half a cup of macaroni and cheese with 3 tbsp peas",
            "50 g chicken, half a cup of rice, 3 tbsp carrots",
            "half a cup of lentil soup and 1 slice of bread",
            "1 slice of whole wheat bread with 1 tbsp hummus, 6 slices of cucumber",
            "60 g salmon, half a cup of mashed potatoes, 3 tbsp broccoli",
        ],
    ),
    milk((15, 0), 4, &["120 ml whole milk", "150 ml whole milk"]),
    food(
        (15, 30),
        MealType::Snack,
        3,
        &[
            "1 pear",
            "2 tbsp raisins",
            "half a cup of plain yogurt",
            "1 mandarin orange",
            "1 peach",
        ],
    ),
    food(
        (17, 45),
        MealType::Dinner,
        0,
        &[
            "half a cup of spaghetti with 3 tbsp tomato sauce and 40 g ground beef",
            "60 g cod, 3 tbsp green beans, 1 potato",
            "half a cup of black beans with half a cup of rice and a quarter of an avocado",
            "1 scrambled egg, 1 slice of toast, half a tomato",
            "half a cup of vegetable soup and 2 tbsp tofu",
        ],
    ),
    milk((19, 0), 0, &["150 ml whole milk", "180 ml whole milk"]),
];

/// Makes the family, or brings it up to date. A child or a meal that somebody deleted stays
/// deleted.
///
/// # Errors
/// [`ServiceError::Unavailable`] when the database is away.
pub async fn seed(db: &Database, foods: &Table, now: DateTime<Utc>) -> Result<(), ServiceError> {
    let email = Email::parse(EMAIL)?;
    let account = match accounts::find(db, &email).await? {
        Some(account) => account,
        None => match make(db, email, now).await? {
            Some(account) => account,
            // Another server was faster.
            None => return Ok(()),
        },
    };
    let mut tx = Tx::begin(db, account).await?;
    accounts::subscribe(&mut tx, PREMIUM).await?;
    for (id, habits) in [(BABY, BABY_HABITS), (TODDLER, TODDLER_HABITS)] {
        match children::get(&mut tx, id).await {
            Ok(_) => feed(&mut tx, id, habits, foods, now).await?,
            Err(ServiceError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    tx.commit().await
}

async fn make(db: &Database, email: Email, now: DateTime<Utc>) -> Result<Option<AccountId>, ServiceError> {
    let new = NewAccount {
        email,
        password: Password::choose(PASSWORD)?,
        first_name: "Robin".to_owned(),
        last_name: String::new(),
        time_zone: ZONE.to_owned(),
    };
    let account = match accounts::sign_up(db, new, &Visitor::default(), now).await {
        Ok(signed_in) => signed_in.account,
        Err(ServiceError::Refused(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut tx = Tx::begin(db, account).await?;
    accounts::subscribe(&mut tx, PREMIUM).await?;
    let today = zone::today(ZONE, now)?;
    for (id, name, months, sex) in [(BABY, "Bean", 8, Sex::Female), (TODDLER, "Pip", 26, Sex::Male)] {
        let born = today.checked_sub_months(Months::new(months)).unwrap_or(today);
        let profile = Profile::new(name, born, sex, ZONE);
        children::add(&mut tx, id, &profile, now).await?;
    }
    tx.commit().await?;
    Ok(Some(account))
}

/// Logs what has come due since the last meal.
async fn feed(
    tx: &mut Tx,
    child: ChildId,
    habits: &[Habit],
    foods: &Table,
    now: DateTime<Utc>,
) -> Result<(), ServiceError> {
    let today = zone::today(ZONE, now)?;
    let last = sqlx::query_scalar!("select max(meal_date) from meals where child_id = $1", child.0)
        .fetch_one(tx.connection())
        .await?;
    let earliest = today.checked_sub_days(Days::new(DAYS)).unwrap_or(today);
    let first = last.map_or(earliest, |last| last.max(earliest));
    let mut due = BTreeMap::new();
    for date in first.iter_days().take_while(|date| *date <= today) {
        for (number, habit) in habits.iter().enumerate() {
            if let Some((at, change)) = change(child, habit, number, date)? {
                due.insert((at, number), change);
            }
        }
    }
    for ((at, _), change) in due {
        // Entered a few minutes after it was eaten.
        let entered = at + TimeDelta::minutes(7);
        if entered <= now {
            changes::apply(tx, &change, foods, entered).await?;
        }
    }
    Ok(())
}

/// What a habit makes of a day, if it happens.
fn change(
    child: ChildId,
    habit: &Habit,
    number: usize,
    date: NaiveDate,
) -> Result<Option<(DateTime<Utc>, Change)>, ServiceError> {
    let mut dice = Dice::new(child, date, number);
    if habit.skipped > 0 && dice.roll(habit.skipped) == 0 {
        return Ok(None);
    }
    let (hour, minute) = habit.time;
    let Some(time) = NaiveTime::from_hms_opt(hour, minute, 0) else {
        return Ok(None);
    };
    let minutes_later = i64::try_from(dice.roll(25)).unwrap_or(0);
    let when = zone::when(date.and_time(time) + TimeDelta::minutes(minutes_later), ZONE)?;
    let text = habit.choices[usize::try_from(dice.roll(habit.choices.len() as u64)).unwrap_or(0)];
    let fields = MealFields {
        raw_input: Some(text.to_owned()),
        when: Some(when),
        meal_type: Some(habit.meal_type),
        kind: Some(habit.kind),
        ..MealFields::default()
    };
    let change = Change {
        id: ChangeId(dice.id(when.at)),
        child,
        noun: Noun::Meal {
            row: MealId(dice.id(when.at)),
            fields,
        },
        stamp: when.at,
    };
    Ok(Some((when.at, change)))
}

/// SplitMix64: the same throws for the same child, day and habit on every machine.
struct Dice(u64);

impl Dice {
    fn new(child: ChildId, date: NaiveDate, habit: usize) -> Self {
        let days = (date - NaiveDate::default()).num_days().unsigned_abs();
        Self((child.0.as_u128() as u64) ^ (days << 16) ^ (habit as u64))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.next() % sides
    }

    fn id(&mut self, at: DateTime<Utc>) -> Uuid {
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.next().to_le_bytes());
        random[8..].copy_from_slice(&self.next().to_le_bytes()[..2]);
        Builder::from_unix_timestamp_millis(u64::try_from(at.timestamp_millis()).unwrap_or(0), &random).into_uuid()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::analysis::{Eater, analyse};

    #[test]
    fn every_meal_of_the_demo_is_understood() {
        for (habits, age_days) in [(BABY_HABITS, 243), (TODDLER_HABITS, 790)] {
            let eater = Eater {
                age_days: Some(age_days),
                allergies: Vec::new(),
            };
            for text in habits.iter().flat_map(|habit| habit.choices) {
                let analysis = analyse(text, crate::foods::built_in(), &eater);
                assert!(
                    analysis.not_understood.is_empty(),
                    "{text}: {:?}",
                    analysis.not_understood
                );
                assert!(!analysis.items.is_empty(), "{text}");
            }
        }
    }

    #[test]
    fn the_same_day_is_made_the_same_way_twice() {
        let date = "2026-11-23".parse().unwrap();
        let twice = [0, 1].map(|_| change(BABY, &BABY_HABITS[0], 0, date).unwrap());
        assert_eq!(twice[0], twice[1]);
        assert_ne!(twice[0], change(BABY, &BABY_HABITS[2], 2, date).unwrap());
    }
}
