//! What a form can get wrong: which field, and why, in words a parent can act on.

use serde::{Deserialize, Serialize};

/// A form field that can be refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Email,
    Password,
    CurrentPassword,
    FirstName,
    LastName,
    TimeZone,
    Name,
    DateOfBirth,
    Sex,
    Allergies,
    DueDate,
    Weight,
    Height,
    DietaryRestrictions,
    Eczema,
    Region,
    PediatricianName,
    PediatricianContact,
    Role,
    RawInput,
    Items,
    Grams,
    When,
    MealType,
    Notes,
    Children,
    Access,
    Lifetime,
}

impl Field {
    /// The name of the form control, and of the field in a [`crate::change::Change`].
    pub const fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Password => "password",
            Self::CurrentPassword => "current_password",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::TimeZone => "time_zone",
            Self::Name => "name",
            Self::DateOfBirth => "date_of_birth",
            Self::Sex => "sex",
            Self::Allergies => "allergies",
            Self::DueDate => "due_date",
            Self::Weight => "weight",
            Self::Height => "height",
            Self::DietaryRestrictions => "dietary_restrictions",
            Self::Eczema => "eczema",
            Self::Region => "region",
            Self::PediatricianName => "pediatrician_name",
            Self::PediatricianContact => "pediatrician_contact",
            Self::Role => "role",
            Self::RawInput => "raw_input",
            Self::Items => "items",
            Self::Grams => "grams",
            Self::When => "when",
            Self::MealType => "meal_type",
            Self::Notes => "notes",
            Self::Children => "children",
            Self::Access => "access",
            Self::Lifetime => "lifetime",
        }
    }
}

/// One refused field and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub field: Field,
    /// A sentence for the parent: what is wrong, and what to do next.
    pub message: String,
}

impl Refusal {
    pub fn new(field: Field, message: impl Into<String>) -> Self {
        Self {
            field,
            message: message.into(),
        }
    }
}

/// Typed text made storable: no control characters (PostgreSQL refuses NUL, and a
/// stray escape would be shown to somebody), line breaks kept, outer space gone.
///
/// # Errors
/// Longer than `most` characters. Nothing is cut silently.
pub fn text(field: Field, typed: &str, most: usize) -> Result<String, Refusal> {
    let clean: String = typed
        .chars()
        .filter(|c| *c == '\n' || *c == '\t' || !c.is_control())
        .collect();
    let clean = clean.trim();
    let length = clean.chars().count();
    if length > most {
        return Err(Refusal::new(
            field,
            format!("That is {length} characters; {most} fit here. Please shorten it."),
        ));
    }
    Ok(clean.to_owned())
}

/// Like [`text`], for a field that may not stay empty. `what` completes
/// "Please type …".
///
/// # Errors
/// Empty, or too long.
pub fn required(field: Field, typed: &str, most: usize, what: &str) -> Result<String, Refusal> {
    let clean = text(field, typed, most)?;
    if clean.is_empty() {
        return Err(Refusal::new(field, format!("Please type {what}.")));
    }
    Ok(clean)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_go_and_everything_else_stays() {
        let typed = " ba\u{0}na\u{1b}na\n🍌 מוז ";
        assert_eq!(text(Field::RawInput, typed, 50), Ok("banana\n🍌 מוז".to_owned()));
    }

    #[test]
    fn too_long_says_how_long_and_how_much_fits() {
        let refusal = text(Field::Notes, &"x".repeat(11), 10).unwrap_err();
        assert!(refusal.message.contains("11") && refusal.message.contains("10"));
    }
}
