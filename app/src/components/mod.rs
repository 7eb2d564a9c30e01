//! Pieces of pages.

pub(crate) mod facts;
pub(crate) mod food_row;
pub(crate) mod food_search;
pub(crate) mod icon;
pub(crate) mod layout;
pub(crate) mod loaded;
pub(crate) mod meal_editor;
pub(crate) mod nutrients;
pub(crate) mod status;
pub(crate) mod update_banner;
pub(crate) mod warnings;
