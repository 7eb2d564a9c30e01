//! Deleting one's account: what goes, what stays, and the password.

use crate::api::account::{DeleteAccount, Farewell, load_farewell};
use crate::components::layout::{Page, Part};
use crate::components::loaded::Loaded;
use crate::form::{ErrorSummary, PostForm, TextField, refused};
use domain::account::{Belongings, OwnChild};
use domain::field::Field;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

#[component]
pub(crate) fn FarewellPage() -> impl IntoView {
    let farewell = Resource::new(|| (), |()| load_farewell());
    view! {
        <Page title="Delete the account" part=Part::More narrow=true>
            <Loaded resource=farewell shows=|farewell| view! { <Shown farewell/> }.into_any()/>
        </Page>
    }
}

#[component]
fn Shown(farewell: Farewell) -> impl IntoView {
    let error = Signal::stored(refused(DeleteAccount::PATH).map(|back| back.error));
    let stays = farewell.belongings.others_children;
    view! {
        <header class="page__header">
            <h1>"Delete the account"</h1>
            <p class="page__lead">{farewell.email}</p>
        </header>
        <ErrorSummary error/>
        <div class="stack">
            <h2 class="section__title">"This goes for good"</h2>
            <ul role="list">
                {goes(&farewell.belongings)
                    .into_iter()
                    .map(|line| view! { <li class="settings__line">{line}</li> })
                    .collect_view()}
            </ul>
            {(stays > 0).then(|| view! {
                <h2 class="section__title">"This stays"</h2>
                <p>{format!(
                    "What you logged for {} of other families stays with them, with your first name beside it.",
                    count(stays, "child", "children"),
                )}</p>
            })}
            <p>"There is no way back, and no copy on this server."</p>
            <PostForm function=DeleteAccount::PATH class="stack">
                <TextField
                    field=Field::CurrentPassword
                    label="Your password"
                    kind="password"
                    autocomplete="current-password"
                    required=true
                    error
                />
                <div class="button-row">
                    <button class="button button--danger" type="submit">"Delete everything"</button>
                    <a class="button button--quiet" href="/settings/account">"Keep my account"</a>
                </div>
            </PostForm>
        </div>
    }
}

/// One line for each thing that goes; what there is none of is not mentioned.
fn goes(belongings: &Belongings) -> Vec<String> {
    let mut lines: Vec<_> = belongings.children.iter().map(of_child).collect();
    lines.push("your name, e-mail address and password".to_owned());
    for (number, one, many) in [
        (belongings.own_foods, "food of your own", "foods of your own"),
        (belongings.conversations, "conversation", "conversations"),
        (belongings.access_tokens, "access token", "access tokens"),
        (belongings.devices, "signed-in device", "signed-in devices"),
    ] {
        if number > 0 {
            lines.push(count(number, one, many));
        }
    }
    lines
}

fn of_child(child: &OwnChild) -> String {
    let mut line = format!(
        "{}: the profile and {}",
        child.name,
        count(child.meals, "meal", "meals")
    );
    if child.other_records > 0 {
        line.push_str(&format!(
            ", {}",
            count(child.other_records, "other record", "other records")
        ));
    }
    match child.caregivers {
        0 => {}
        1 => line.push_str(", also for the caregiver you let in"),
        more => line.push_str(&format!(", also for the {more} caregivers you let in")),
    }
    line
}

fn count(number: i64, one: &str, many: &str) -> String {
    if number == 1 {
        format!("1 {one}")
    } else {
        format!("{number} {many}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_is_said_child_by_child_and_nothing_else_is() {
        let belongings = Belongings {
            children: vec![
                OwnChild {
                    name: "Pip".to_owned(),
                    meals: 1,
                    other_records: 0,
                    caregivers: 0,
                },
                OwnChild {
                    name: "Bean".to_owned(),
                    meals: 212,
                    other_records: 3,
                    caregivers: 2,
                },
            ],
            devices: 1,
            ..Belongings::default()
        };
        assert_eq!(
            goes(&belongings),
            [
                "Pip: the profile and 1 meal",
                "Bean: the profile and 212 meals, 3 other records, also for the 2 caregivers you let in",
                "your name, e-mail address and password",
                "1 signed-in device",
            ]
        );
    }
}
