//! Which path leads where.

use crate::{api, assets, pages};
use app::request::Site;
use axum::Router;
use axum::routing::{get, post};
use leptos::config::LeptosOptions;

/// What the handlers of pages and server functions share.
#[derive(Clone, Debug)]
pub struct Pages {
    pub site: Site,
    pub leptos: LeptosOptions,
}

/// The pages, the server functions behind them, and the API. Assets, health, headers and checks go
/// around this.
pub fn router(pages: Pages) -> Router {
    let context = {
        let site = pages.site.clone();
        move || pages::provide(&site)
    };
    // The app's own list, so that each page is known by its pattern and never by its ids.
    let (listed, _) = leptos_axum::generate_route_list_with_exclusions_and_ssg_and_context(app::App, None, context);
    let mut router = Router::new().route("/api/{*function}", post(pages::call));
    for page in listed {
        router = router.route(page.path(), get(pages::show).post(pages::submit));
    }
    let api = api::router(pages.site.clone(), &assets::stylesheet(&pages.leptos));
    router.fallback(pages::show).with_state(pages).merge(api)
}
