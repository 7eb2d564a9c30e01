//! Which path leads where.

use crate::{api, assets, pages};
use app::Half;
use app::request::Site;
use axum::Router;
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use leptos_axum::{AxumRouteListing, generate_route_list_with_exclusions_and_ssg_and_context};

/// What the handlers of pages and server functions share.
#[derive(Clone, Debug)]
pub struct Pages {
    pub site: Site,
    pub leptos: LeptosOptions,
    /// Which half of the app a page belongs to.
    pub half: Half,
}

/// The pages, the server functions behind them, and the API. Assets, health, headers and checks go
/// around this.
pub fn router(site: Site, leptos: LeptosOptions) -> Router {
    let context = {
        let site = site.clone();
        move || pages::provide(&site)
    };
    // The app's own lists, so that each page is known by its pattern and never by its ids.
    let (live, _) = generate_route_list_with_exclusions_and_ssg_and_context(app::App, None, context.clone());
    let (plain, _) = generate_route_list_with_exclusions_and_ssg_and_context(app::Plain, None, context);
    let of = |half| Pages {
        site: site.clone(),
        leptos: leptos.clone(),
        half,
    };
    let listed = |routes: Vec<AxumRouteListing>, half| {
        routes.iter().fold(Router::new(), |router, page| {
            router.route(page.path(), get(pages::show).post(pages::submit).with_state(of(half)))
        })
    };
    let api = api::router(site.clone(), &assets::stylesheet(&leptos));
    Router::new()
        .route("/api/{*function}", post(pages::call))
        .fallback(pages::show)
        .with_state(of(Half::Plain))
        .merge(listed(live, Half::Live))
        .merge(listed(plain, Half::Plain))
        .merge(api)
}
