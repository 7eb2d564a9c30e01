//! The form of a child: what was typed, and what of it can be kept.

use super::{Diet, Eczema, MOST_YEARS, Profile, Region, Sex, age_months};
use crate::allergen::Allergen;
use crate::field::{Field, Refusal, required, text};
use crate::measure::{HeightCm, Units, WeightKg};
use chrono::NaiveDate;

/// How many days after birth a due date may be: a child born at 21 weeks is the youngest to live.
const MOST_EARLY: i64 = 133;

/// How many days before birth it may be: nobody is let go four weeks over.
const MOST_LATE: i64 = 28;

/// A profile as a form has it, field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileForm {
    pub name: String,
    pub date_of_birth: String,
    pub sex: String,
    pub allergies: Vec<String>,
    pub time_zone: String,
    pub due_date: String,
    /// What weight and height are typed in.
    pub units: Units,
    pub weight: String,
    pub height: String,
    pub dietary_restrictions: Vec<String>,
    pub eczema: String,
    pub region: String,
    pub pediatrician_name: String,
    pub pediatrician_contact: String,
}

impl ProfileForm {
    /// The form that [`Self::parse`] reads as this profile.
    pub fn of(profile: &Profile, units: Units) -> Self {
        Self {
            name: profile.name.clone(),
            date_of_birth: profile.date_of_birth.to_string(),
            sex: profile.sex.id().to_owned(),
            allergies: profile
                .allergies
                .iter()
                .map(|allergen| allergen.id().to_owned())
                .collect(),
            time_zone: profile.time_zone.clone(),
            due_date: profile.due_date.map(|date| date.to_string()).unwrap_or_default(),
            units,
            weight: profile.weight_kg.map(|weight| weight.shown(units)).unwrap_or_default(),
            height: profile.height_cm.map(|height| height.shown(units)).unwrap_or_default(),
            dietary_restrictions: profile
                .dietary_restrictions
                .iter()
                .map(|diet| diet.id().to_owned())
                .collect(),
            eczema: profile.eczema.map(Eczema::id).unwrap_or_default().to_owned(),
            region: profile.region.map(Region::id).unwrap_or_default().to_owned(),
            pediatrician_name: profile.pediatrician_name.clone(),
            pediatrician_contact: profile.pediatrician_contact.clone(),
        }
    }

    /// Reads the form. `today` is the date where the child lives.
    ///
    /// # Errors
    /// Every refused field, not only the first.
    pub fn parse(&self, today: NaiveDate) -> Result<Profile, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let name = kept(
            required(Field::Name, &self.name, 100, "a name, or a nickname if you prefer"),
            &mut refusals,
        );
        let date_of_birth = kept(birth_date(&self.date_of_birth, today), &mut refusals);
        let due_date = kept(due_date(&self.due_date, date_of_birth), &mut refusals);
        let sex = Sex::from_id(&self.sex)
            .ok_or_else(|| Refusal::new(Field::Sex, "Please choose which growth charts to use."));
        let sex = kept(sex, &mut refusals);
        let allergies = kept(
            chosen(Field::Allergies, &self.allergies, Allergen::from_id),
            &mut refusals,
        );
        let time_zone = kept(
            required(Field::TimeZone, &self.time_zone, 100, "a time zone"),
            &mut refusals,
        );
        let weight_kg = kept(WeightKg::parse(&self.weight, self.units), &mut refusals);
        let height_cm = kept(HeightCm::parse(&self.height, self.units), &mut refusals);
        let diets = chosen(Field::DietaryRestrictions, &self.dietary_restrictions, Diet::from_id);
        let dietary_restrictions = kept(diets, &mut refusals);
        let eczema = kept(one(Field::Eczema, &self.eczema, Eczema::from_id), &mut refusals);
        let region = kept(one(Field::Region, &self.region, Region::from_id), &mut refusals);
        let pediatrician_name = kept(
            text(Field::PediatricianName, &self.pediatrician_name, 100),
            &mut refusals,
        );
        let pediatrician_contact = kept(
            text(Field::PediatricianContact, &self.pediatrician_contact, 200),
            &mut refusals,
        );
        let whole = || {
            Some(Profile {
                name: name?,
                date_of_birth: date_of_birth?,
                sex: sex?,
                allergies: allergies?,
                time_zone: time_zone?,
                due_date: due_date?,
                weight_kg: weight_kg?,
                height_cm: height_cm?,
                dietary_restrictions: dietary_restrictions?,
                eczema: eczema?,
                region: region?,
                pediatrician_name: pediatrician_name?,
                pediatrician_contact: pediatrician_contact?,
            })
        };
        whole().ok_or(refusals)
    }
}

/// The value; a refusal goes to the others.
fn kept<T>(result: Result<T, Refusal>, refusals: &mut Vec<Refusal>) -> Option<T> {
    result.map_err(|refusal| refusals.push(refusal)).ok()
}

/// Some of a list, none twice.
fn chosen<T: Copy + Eq>(field: Field, ids: &[String], from_id: fn(&str) -> Option<T>) -> Result<Vec<T>, Refusal> {
    let mut chosen = Vec::new();
    for id in ids {
        let value = from_id(id).ok_or_else(|| Refusal::new(field, "Please choose from the list."))?;
        if !chosen.contains(&value) {
            chosen.push(value);
        }
    }
    Ok(chosen)
}

/// One of a list, or nothing said.
fn one<T>(field: Field, id: &str, from_id: fn(&str) -> Option<T>) -> Result<Option<T>, Refusal> {
    if id.is_empty() {
        return Ok(None);
    }
    from_id(id)
        .map(Some)
        .ok_or_else(|| Refusal::new(field, "Please choose from the list."))
}

fn birth_date(typed: &str, today: NaiveDate) -> Result<NaiveDate, Refusal> {
    let refuse = |message: &str| Err(Refusal::new(Field::DateOfBirth, message));
    let Ok(date) = typed.trim().parse::<NaiveDate>() else {
        return refuse("Please give the birth date as year-month-day, such as 2026-03-14.");
    };
    if date > today {
        return refuse("That date is in the future. Add your child once they are born.");
    }
    if age_months(date, today) >= MOST_YEARS * 12 {
        return refuse("That is more than eight years ago. TinyTummy is made for the first three.");
    }
    Ok(date)
}

/// Judged only beside a birth date that can be believed.
fn due_date(typed: &str, born: Option<NaiveDate>) -> Result<Option<NaiveDate>, Refusal> {
    let refuse = |message: &str| Err(Refusal::new(Field::DueDate, message));
    if typed.trim().is_empty() {
        return Ok(None);
    }
    let Ok(due) = typed.trim().parse::<NaiveDate>() else {
        return refuse("Please give the due date as year-month-day, such as 2026-03-14, or leave it empty.");
    };
    let early = born.map_or(0, |born| (due - born).num_days());
    if early > MOST_EARLY {
        return refuse("That is more than 19 weeks after the birth. Please check both dates.");
    }
    if early < -MOST_LATE {
        return refuse("That is more than 4 weeks before the birth. Please check both dates.");
    }
    Ok(Some(due))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn form() -> ProfileForm {
        ProfileForm::of(
            &Profile::new("Pip", day("2026-01-10"), Sex::Female, "Europe/Berlin"),
            Units::Metric,
        )
    }

    #[test]
    fn a_birth_date_in_the_future_is_refused_and_today_is_not() {
        let today = day("2026-11-23");
        assert!(birth_date("2026-11-23", today).is_ok());
        assert!(birth_date("2026-11-24", today).unwrap_err().message.contains("future"));
        assert!(birth_date("2018-11-23", today).is_err());
        assert!(birth_date("23.11.2025", today).is_err());
    }

    #[test]
    fn a_due_date_is_within_plausible_weeks_of_the_birth() {
        let due = |typed| due_date(typed, Some(day("2026-01-10")));
        assert_eq!(due(" "), Ok(None));
        assert_eq!(due("2026-01-10"), Ok(Some(day("2026-01-10"))));
        assert!(due("2026-05-23").is_ok(), "19 weeks early");
        assert!(due("2026-05-24").unwrap_err().message.contains("19 weeks after"));
        assert!(due("2025-12-13").is_ok(), "4 weeks late");
        assert!(due("2025-12-12").unwrap_err().message.contains("4 weeks before"));
        assert!(due("soon").is_err());
    }

    #[test]
    fn a_full_profile_survives_its_form_in_either_unit() {
        let profile = Profile {
            allergies: vec![Allergen::Milk, Allergen::Egg],
            due_date: Some(day("2026-03-01")),
            weight_kg: WeightKg::try_from(7.4).ok(),
            height_cm: HeightCm::try_from(67.5).ok(),
            dietary_restrictions: vec![Diet::Vegetarian, Diet::Halal],
            eczema: Some(Eczema::Severe),
            region: Some(Region::Uk),
            pediatrician_name: "Dr. Nguyễn".to_owned(),
            pediatrician_contact: "030 123".to_owned(),
            ..Profile::new("Pip 🍐", day("2026-01-10"), Sex::Male, "Europe/Berlin")
        };
        for units in [Units::Metric, Units::Us] {
            let again = ProfileForm::of(&profile, units).parse(day("2026-11-23"));
            assert_eq!(again.as_ref(), Ok(&profile));
        }
    }

    #[test]
    fn what_is_left_empty_is_not_known() {
        let profile = form().parse(day("2026-11-23")).unwrap();
        assert_eq!(
            (profile.due_date, profile.weight_kg, profile.eczema, profile.region),
            (None, None, None, None)
        );
    }

    #[test]
    fn every_refused_field_is_named() {
        let odd = || "x".to_owned();
        let refused = ProfileForm {
            date_of_birth: odd(),
            sex: odd(),
            allergies: vec![odd()],
            due_date: odd(),
            weight: odd(),
            height: odd(),
            dietary_restrictions: vec![odd()],
            eczema: odd(),
            region: odd(),
            pediatrician_name: "x".repeat(101),
            pediatrician_contact: "x".repeat(201),
            ..ProfileForm::default()
        };
        let refusals = refused.parse(day("2026-11-23")).unwrap_err();
        assert_eq!(refusals.len(), 13, "{refusals:?}");
    }
}
