//! The domain's words and figures as the document describes them.

use domain::nutrient::Nutrient;
use serde::ser::SerializeMap as _;
use serde::{Deserialize, Serialize, Serializer};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
    ($($name:ident of $domain:ty: $about:literal;)+) => {$(
        #[doc = $about]
        #[derive(Clone, Copy, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub(super) struct $name(pub(super) $domain);

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .enum_values(Some(<$domain>::ALL.iter().map(|word| word.id())))
                    .description(Some($about))
                    .into()
            }
        }

        impl ToSchema for $name {}
    )+};
}

words! {
    Sex of domain::child::Sex: "Which of the WHO's growth standards applies.";
    Diet of domain::child::Diet: "What a family leaves out for other reasons than an allergy.";
    Eczema of domain::child::Eczema: "How much eczema the child has.";
    Region of domain::child::Region: "Whose published advice comes first where countries differ.";
    Allergen of domain::allergen::Allergen: "An allergen that labels must name in the US or the EU.";
    MealType of domain::meal::MealType: "Which meal of the day.";
    Kind of domain::meal::Kind: "What kind of meal: food, milk drunk as milk, or a supplement.";
    InputMethod of domain::meal::InputMethod: "How it was entered.";
    AnalysisState of domain::meal::AnalysisState: "What became of the analysis. A meal whose words were not understood is kept all the same.";
    How of domain::meal::How: "How the grams were found, from the surest down: set by a parent, by weight, by volume, by portion, or the usual amount.";
}

/// Amounts of nutrients; null where the food table has no figure, which is not zero.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(transparent)]
pub(super) struct Nutrients(pub(super) domain::nutrient::Nutrients);

/// The twelve nutrients a parent sees against a target, summed; null where no food has a figure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Twelve(pub(super) domain::nutrient::Nutrients);

impl Serialize for Twelve {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(Nutrient::TWELVE.len()))?;
        for nutrient in Nutrient::TWELVE {
            map.serialize_entry(nutrient.key(), &self.0.get(nutrient))?;
        }
        map.end()
    }
}

fn figures(nutrients: &[Nutrient], about: &str) -> RefOr<Schema> {
    let figure = |nutrient: Nutrient| {
        ObjectBuilder::new()
            .schema_type(SchemaType::Array(vec![Type::Number, Type::Null]))
            .description(Some(format!("{}, {}", nutrient.name(), nutrient.unit())))
    };
    nutrients
        .iter()
        .fold(ObjectBuilder::new(), |object, nutrient| {
            object
                .property(nutrient.key(), figure(*nutrient))
                .required(nutrient.key())
        })
        .description(Some(about))
        .into()
}

impl PartialSchema for Nutrients {
    fn schema() -> RefOr<Schema> {
        figures(
            &Nutrient::ALL,
            "Amounts of nutrients. Null where the food table has no figure, which is not zero.",
        )
    }
}

impl ToSchema for Nutrients {}

impl PartialSchema for Twelve {
    fn schema() -> RefOr<Schema> {
        figures(
            &Nutrient::TWELVE,
            "The twelve that are set against a target, summed over what has a figure. Null where no food has one.",
        )
    }
}

impl ToSchema for Twelve {}
