//! One's own account: password, devices, and the way out.

use crate::api::device::{Devices, SignOutDevice, SignOutEverywhere, load_devices};
use crate::api::password::ChangePassword;
use crate::components::layout::{Page, Part};
use crate::components::loaded::Loaded;
use crate::form::{ErrorSummary, PostForm, TextField, refused};
use crate::pages::account::password_hint;
use domain::device::Device;
use domain::field::Field;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_query_map;

#[component]
pub(crate) fn OwnAccount() -> impl IntoView {
    let devices = Resource::new(|| (), |()| load_devices());
    view! {
        <Page title="Account" part=Part::More>
            <Loaded resource=devices shows=|devices| view! { <Shown devices/> }.into_any()/>
        </Page>
    }
}

#[component]
fn Shown(devices: Devices) -> impl IntoView {
    let done = match use_query_map().read_untracked().get("done").as_deref() {
        Some("password") => Some("Your password is changed. Every other device was signed out."),
        Some("device") => Some("That device is signed out."),
        _ => None,
    };
    let Devices { email, devices } = devices;
    view! {
        <header class="page__header">
            <h1>"Account"</h1>
            <p class="page__lead">{email.clone()}</p>
        </header>
        {done.map(|words| view! { <div class="banner" role="status"><p class="banner__text">{words}</p></div> })}
        <div class="settings">
            <section class="section" aria-labelledby="devices">
                <h2 class="section__title" id="devices">"Where you are signed in"</h2>
                <ul role="list">
                    {devices.into_iter().map(|device| view! { <Line device/> }).collect_view()}
                </ul>
                <PostForm function=SignOutEverywhere::PATH class="settings__foot">
                    <button class="button" type="submit">"Sign out everywhere"</button>
                </PostForm>
            </section>
            <section class="section" aria-labelledby="password-title">
                <h2 class="section__title" id="password-title">"Change password"</h2>
                <NewPassword email/>
            </section>
            <section class="section" aria-labelledby="delete">
                <h2 class="section__title" id="delete">"Delete the account"</h2>
                <p>"You see first what goes, and nothing goes without your password."</p>
                <p class="settings__foot">
                    <a class="button button--danger" href="/settings/account/delete">"Delete the account\u{2026}"</a>
                </p>
            </section>
        </div>
    }
}

#[component]
fn Line(device: Device) -> impl IntoView {
    let seen = if device.this {
        "this device".to_owned()
    } else {
        format!("last seen {}", device.last_seen)
    };
    let label = format!("Sign out {}, {seen}", device.name);
    let synced = device.last_synced.map(|at| format!("synced {at}"));
    view! {
        <li class="settings__line">
            <span class="settings__text">
                <span class="settings__name">{device.name}</span>
                " "
                <span class="settings__value">
                    {seen}
                    {synced.map(|synced| view! { ", "{synced} })}
                </span>
            </span>
            <PostForm function=SignOutDevice::PATH>
                <input type="hidden" name="device" value=device.id.to_string()/>
                <button class="button button--quiet" type="submit" aria-label=label>"Sign out"</button>
            </PostForm>
        </li>
    }
}

#[component]
fn NewPassword(email: String) -> impl IntoView {
    let error = Signal::stored(refused(ChangePassword::PATH).map(|back| back.error));
    view! {
        <ErrorSummary error/>
        <PostForm function=ChangePassword::PATH class="stack">
            // For password managers.
            <input type="email" name="username" autocomplete="username" value=email hidden=true/>
            <TextField
                field=Field::CurrentPassword
                label="Current password"
                kind="password"
                autocomplete="current-password"
                required=true
                error
            />
            <TextField
                field=Field::Password
                label="New password"
                kind="password"
                hint=password_hint()
                autocomplete="new-password"
                required=true
                error
            />
            <button class="button button--primary" type="submit">"Change password"</button>
        </PostForm>
    }
}
