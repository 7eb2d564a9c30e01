//! Children, look, account, and where the figures come from.

use super::trouble::Trouble;
use crate::api::account::{Home, SetTheme, SignOut};
use crate::components::icon::Icon;
use crate::components::layout::{Page, Part};
use crate::components::loaded::Loaded;
use crate::error::AppError;
use crate::form::PostForm;
use crate::root::home_data;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

#[component]
pub(crate) fn Settings() -> impl IntoView {
    let home = home_data();
    view! {
        <Page title="More" part=Part::More>
            <Loaded
                resource=home
                shows=|home| match home.account {
                    Some(_) => view! { <Shown home/> }.into_any(),
                    None => view! { <Trouble error=AppError::SignedOut/> }.into_any(),
                }
            />
        </Page>
    }
}

/// How the app comes to stand beside the others. Words only: no browser but Chromium's lets a page
/// ask, and none on an iPhone.
#[component]
fn HomeScreen() -> impl IntoView {
    let way = |device: &'static str, steps: [&'static str; 3]| {
        view! {
            <details class="steps">
                <summary class="steps__device">{device}</summary>
                <ol class="steps__list">{steps.into_iter().map(|step| view! { <li>{step}</li> }).collect_view()}</ol>
            </details>
        }
    };
    view! {
        <section class="section" aria-labelledby="home-screen">
            <h2 class="section__title" id="home-screen">"Put TinyTummy on your home screen"</h2>
            <p>"It then opens like any other app, in a window of its own, and without a connection too."</p>
            {way("iPhone and iPad", [
                "Open TinyTummy in Safari and tap Share, the square with an arrow that points up.",
                "Scroll down and tap \u{201c}Add to Home Screen\u{201d}.",
                "Tap \u{201c}Add\u{201d}. Open it from there and sign in once more.",
            ])}
            {way("Android", [
                "Open the menu of the browser, the three dots.",
                "Tap \u{201c}Install app\u{201d} or \u{201c}Add to Home screen\u{201d}.",
                "Tap \u{201c}Install\u{201d}. Text from other apps can then be shared with TinyTummy.",
            ])}
            {way("Computer", [
                "In Chrome or Edge, click the install sign at the right end of the address.",
                "In Safari on a Mac, choose \u{201c}Add to Dock\u{201d} in the File menu.",
                "In Firefox, keep a bookmark: it opens without a connection too.",
            ])}
        </section>
    }
}

#[component]
fn Shown(home: Home) -> impl IntoView {
    let theme = home.theme.clone().unwrap_or_else(|| "system".to_owned());
    let account = home.account.clone();
    let another_child = account.as_ref().map_or(Ok(()), |account| {
        let own = home.children.iter().filter(|child| child.owner == account.id).count();
        account.tier.allows_another_child(own)
    });
    view! {
        <header class="page__header"><h1>"More"</h1></header>
        <div class="settings">
            <section class="section" aria-labelledby="children">
                <h2 class="section__title" id="children">"Children"</h2>
                <ul role="list">
                    {home
                        .children
                        .into_iter()
                        .map(|child| {
                            let allergies: Vec<_> = child.profile.allergies.iter().map(|a| a.name()).collect();
                            let about = if allergies.is_empty() {
                                format!("born {}", child.profile.date_of_birth.format("%-d %B %Y"))
                            } else {
                                format!(
                                    "born {} \u{b7} allergies: {}",
                                    child.profile.date_of_birth.format("%-d %B %Y"),
                                    allergies.join(", "),
                                )
                            };
                            view! {
                                <li>
                                    <a class="settings__line" href=format!("/children/{}/profile", child.id)>
                                        <span class="settings__text">
                                            <span class="settings__name">{child.profile.name}</span>
                                            " "
                                            <span class="settings__value">{about}</span>
                                        </span>
                                        <Icon name="right"/>
                                    </a>
                                </li>
                            }
                        })
                        .collect_view()}
                </ul>
                {match another_child {
                    Ok(()) => view! {
                        <p class="settings__foot">
                            <a class="button" href="/new-child"><Icon name="plus"/>"Add a child"</a>
                        </p>
                    }
                    .into_any(),
                    Err(feature) => view! { <p class="settings__foot fine-print">{feature.refusal()}</p> }.into_any(),
                }}
            </section>
            <section class="section" aria-labelledby="theme">
                <h2 class="section__title" id="theme">"Light and dark"</h2>
                <PostForm function=SetTheme::PATH>
                    <fieldset class="options">
                        <legend class="visually-hidden">"Theme"</legend>
                        {[("system", "As the device"), ("light", "Light"), ("dark", "Dark, for the night")]
                            .into_iter()
                            .map(|(id, words)| view! {
                                <label class="options__item">
                                    <input class="options__input" type="radio" name="theme" value=id checked=theme == id/>
                                    <span>{words}</span>
                                </label>
                            })
                            .collect_view()}
                    </fieldset>
                    <p class="settings__foot"><button class="button" type="submit">"Save"</button></p>
                </PostForm>
            </section>
            <section class="section" aria-labelledby="account">
                <h2 class="section__title" id="account">"Account"</h2>
                {account.map(|account| view! {
                    <ul role="list">
                        <li>
                            <a class="settings__line" href="/settings/account">
                                <span class="settings__text">
                                    {(!account.first_name.is_empty()).then(|| view! {
                                        <span class="settings__name">{account.first_name.clone()}</span>
                                        " "
                                    })}
                                    <span class="settings__value">{account.email}</span>
                                    " "
                                    <span class="settings__value">"Password, devices, deleting the account"</span>
                                </span>
                                <Icon name="right"/>
                            </a>
                        </li>
                    </ul>
                })}
                <a class="settings__line" href="/settings/tokens">
                    <span class="settings__text">
                        <span class="settings__name">"Tokens"</span>
                        " "
                        <span class="settings__value">"For programs of your own"</span>
                    </span>
                    <Icon name="right"/>
                </a>
                <PostForm function=SignOut::PATH class="settings__foot">
                    <button class="button" type="submit">"Sign out"</button>
                </PostForm>
            </section>
            <HomeScreen/>
            <section class="section" aria-labelledby="about">
                <h2 class="section__title" id="about">"About and data sources"</h2>
                <div class="stack stack--tight settings__foot">
                    <p>"TinyTummy informs. It does not replace your pediatrician. In an emergency call your emergency number."</p>
                    <p>{home.attribution}</p>
                    <p>"Needs: "{domain::target::SOURCE}</p>
                    <p>"Safety: each warning names the publisher of its rule: CDC, NHS, WHO and others."</p>
                    <p class="fine-print">"Version "{env!("CARGO_PKG_VERSION")}</p>
                </div>
            </section>
        </div>
    }
}
