//! Enums whose variants have a stable id, as stored and as in the API, and a name to show.

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$about:meta])* $variant:ident $id:literal $label:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$about])* #[serde(rename = $id)] $variant),+ }

        impl $name {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            pub const fn id(self) -> &'static str { match self { $(Self::$variant => $id),+ } }
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $label),+ } }
            pub fn from_id(id: &str) -> Option<Self> { match id { $($id => Some(Self::$variant),)+ _ => None } }
        }
    };
}
