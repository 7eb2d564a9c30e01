//! What only a browser knows or keeps.

use domain::food::Table;
use leptos::prelude::*;

/// Asks the server for the page at the address the browser is at now.
pub(crate) fn load_again() {
    // Refused only in a sandbox that may not navigate; then the page stays as it is.
    let _ = window().location().reload();
}

/// Notes where the shell was opened, and makes room in it.
pub(crate) fn make_room() {
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute(SHELL, &here());
    }
    if let Some(body) = document().body() {
        body.set_inner_html("");
    }
}

/// The attribute of the shell's root.
const SHELL: &str = "data-shell";

/// Whether the document is the shell, and this the very page it was loaded for.
pub(crate) fn opened_here() -> bool {
    let opened = document().document_element().and_then(|root| root.get_attribute(SHELL));
    opened.is_some_and(|path| path == here())
}

/// Takes what was asked for out of the address, without going anywhere: loaded again, the page is not
/// asked for it a second time.
pub(crate) fn forget_query() {
    let state = wasm_bindgen::JsValue::NULL;
    if let Ok(history) = window().history() {
        // Refused only where it is called a hundred times a second.
        let _ = history.replace_state_with_url(&history.state().unwrap_or(state), "", Some(&here()));
    }
}

fn here() -> String {
    window().location().pathname().unwrap_or_default()
}

/// Marks the document as taken over: from here on pages answer without the server.
pub(crate) fn mark_hydrated() {
    Effect::new(|_| {
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("data-hydrated", "true");
        }
    });
}

/// The food table of this page, fetched once it is asked for. It stays as long as the
/// page does, hence the leak.
#[derive(Clone, Copy)]
pub(crate) struct Foods(RwSignal<Option<&'static Table>>);

pub(crate) fn provide_foods() {
    provide_context(Foods(RwSignal::new(None)));
}

/// The table, or `None` until it is here.
pub(crate) fn foods() -> RwSignal<Option<&'static Table>> {
    let Foods(foods) = expect_context();
    if foods.get_untracked().is_none() {
        leptos::task::spawn_local(async move {
            match table().await {
                Some(table) => {
                    foods.set(Some(table));
                    if let Some(root) = document().document_element() {
                        let _ = root.set_attribute("data-foods", "true");
                    }
                }
                // The form still works: the server reads the text when it is saved.
                None => leptos::logging::warn!("The food table could not be loaded"),
            }
        });
    }
    foods
}

const FOODS: &str = "meta[name=foods]";

thread_local! {
    static TABLE: &'static tokio::sync::OnceCell<&'static Table> = Box::leak(Box::new(tokio::sync::OnceCell::new()));
}

/// The table of this build, fetched and read once a page.
pub(crate) async fn table() -> Option<&'static Table> {
    let table = TABLE.with(|table| *table);
    let fetched = table.get_or_try_init(|| async { fetch_all().await.ok().flatten().ok_or(()) });
    fetched.await.ok().copied()
}

/// From where the document says: see `root::Client`.
async fn fetch_all() -> Result<Option<&'static Table>, String> {
    let files = document()
        .query_selector(FOODS)
        .ok()
        .flatten()
        .and_then(|meta| meta.get_attribute("content"))
        .unwrap_or_default();
    let mut newest: Option<&'static Table> = None;
    for url in files.split_whitespace().rev() {
        let table = fetch(url).await?;
        newest = Some(Box::leak(Box::new(match newest {
            Some(older) => table.replacing(older),
            None => table,
        })));
    }
    Ok(newest)
}

async fn fetch(url: &str) -> Result<Table, String> {
    let answer = gloo_net::http::Request::get(url)
        .send()
        .await
        .map_err(|error| error.to_string())?;
    if !answer.ok() {
        return Err(format!("status {}", answer.status()));
    }
    let bytes = answer.binary().await.map_err(|error| error.to_string())?;
    Table::parse(&bytes).map_err(|error| error.to_string())
}
