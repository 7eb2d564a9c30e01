//! Which path leads where.

use crate::{api, assets, pages};
use app::Half;
use app::request::Site;
use axum::Router;
use axum::routing::{get, post};
use leptos::config::LeptosOptions;
use leptos_axum::{AxumRouteListing, generate_route_list_with_exclusions_and_ssg_and_context};
use std::sync::OnceLock;

/// What the handlers of pages and server functions share.
#[derive(Clone, Debug)]
pub struct Pages {
    pub site: Site,
    pub leptos: LeptosOptions,
    /// Which half of the app a page belongs to.
    pub half: Half,
}

/// The pages of the two halves of the app: its own lists, so that each page is known by its pattern
/// and never by its ids.
///
/// Listed once in a process. While Leptos lists them it holds back every resource of the process for
/// good (leptos-rs/leptos#4773): a page that another server of the process, as in a test, begins to
/// render just then would never be finished.
fn listed(site: &Site) -> &'static [(Vec<AxumRouteListing>, Half); 2] {
    static LISTED: OnceLock<[(Vec<AxumRouteListing>, Half); 2]> = OnceLock::new();
    LISTED.get_or_init(|| {
        let context = {
            let site = site.clone();
            move || pages::provide(&site)
        };
        let (live, _) = generate_route_list_with_exclusions_and_ssg_and_context(app::App, None, context.clone());
        let (plain, _) = generate_route_list_with_exclusions_and_ssg_and_context(app::Plain, None, context);
        [(live, Half::Live), (plain, Half::Plain)]
    })
}

/// The patterns of the pages that the wasm takes over, such as `/children/{child}`.
pub fn live_pages(site: &Site) -> Vec<String> {
    let live = listed(site).iter().filter(|(_, half)| *half == Half::Live);
    live.flat_map(|(routes, _)| routes.iter().map(|page| page.path().to_owned()))
        .collect()
}

/// The pages, the server functions behind them, and the API. Assets, health, headers and checks go
/// around this.
pub fn router(site: Site, leptos: LeptosOptions) -> Router {
    let of = |half| Pages {
        site: site.clone(),
        leptos: leptos.clone(),
        half,
    };
    let api = api::router(site.clone(), &assets::stylesheet(&leptos));
    let mut router = Router::new()
        .route("/api/{*function}", post(pages::call))
        .fallback(pages::show)
        .with_state(of(Half::Plain))
        .merge(api);
    for (routes, half) in listed(&site) {
        for page in routes {
            let handler = get(pages::show).post(pages::submit).with_state(of(*half));
            router = router.route(page.path(), handler);
        }
    }
    router
}
