//! The wasm entry: takes over a page that the server rendered, or draws one where there is none.

use domain::allergen::Allergen;
use domain::analysis::{Eater, analyse};
use domain::food::Table;
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
}

/// For the shell, which the service worker answers with.
#[wasm_bindgen]
pub fn open() {
    console_error_panic_hook::set_once();
    app::open();
}

/// The analyser for scripts: what `tinytummy analyse` prints, from the browser's own copy.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Analyser {
    foods: Table,
    eater: Eater,
}

#[wasm_bindgen]
impl Analyser {
    /// `food_file`: the unpacked bytes. `age_days`: without it no age rule is applied.
    /// `allergies`: ids with commas between them; an unknown one is left out.
    ///
    /// # Errors
    /// The bytes are no food file.
    #[wasm_bindgen(constructor)]
    pub fn new(food_file: &[u8], age_days: Option<i32>, allergies: &str) -> Result<Self, JsError> {
        Ok(Self {
            foods: Table::parse(food_file)?,
            eater: Eater {
                age_days: age_days.map(i64::from),
                allergies: allergies.split(',').filter_map(Allergen::from_id).collect(),
            },
        })
    }

    /// One meal, as one line of JSON.
    ///
    /// # Errors
    /// None that a meal can cause.
    pub fn analyse(&self, meal: &str) -> Result<String, JsError> {
        Ok(serde_json::to_string(&analyse(meal, &self.foods, &self.eater))?)
    }
}
