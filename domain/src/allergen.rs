//! Allergens: the US nine and the EU fourteen.

pub(crate) mod contains;

use serde::{Deserialize, Serialize};

macro_rules! allergens {
    ($($variant:ident $id:literal $name:literal),+ $(,)?) => {
        /// An allergen that labels must name in the US or the EU.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Allergen { $($variant),+ }

        impl Allergen {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable id, as stored and as in the API.
            pub const fn id(self) -> &'static str {
                match self { $(Self::$variant => $id),+ }
            }

            /// The name a parent reads, in lower case.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            pub fn from_id(id: &str) -> Option<Self> {
                match id { $($id => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

allergens! {
    Milk "milk" "milk",
    Egg "egg" "egg",
    Fish "fish" "fish",
    Crustacean "crustacean" "shellfish (crustaceans)",
    TreeNut "tree_nut" "tree nuts",
    Peanut "peanut" "peanut",
    Wheat "wheat" "wheat",
    Soy "soy" "soy",
    Sesame "sesame" "sesame",
    Gluten "gluten" "gluten",
    Celery "celery" "celery",
    Mustard "mustard" "mustard",
    Sulphite "sulphite" "sulphites",
    Lupin "lupin" "lupin",
    Mollusc "mollusc" "molluscs",
}
