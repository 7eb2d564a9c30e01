//! Who looks after a child: for its owner to decide, for a caregiver to see and to leave.

use crate::api::caregiver::{
    Caregivers, Fresh, InviteCaregiver, LeaveChild, RevokeCaregiver, SetCaregiverRole, load_caregivers,
};
use crate::components::icon::Icon;
use crate::components::layout::{Page, Part};
use crate::components::loaded::Loaded;
use crate::form::{ChipField, ErrorSummary, PostForm, TextField, answered, refused};
use domain::caregiver::{INVITATION_LIFE, Link, Role, Standing};
use domain::child::Child;
use domain::entitlement::Feature;
use domain::field::Field;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn CaregiversPage() -> impl IntoView {
    let params = use_params_map();
    let caregivers = Resource::new(move || params.read().get("child").unwrap_or_default(), load_caregivers);
    view! {
        <Page title="Caregivers" part=Part::More narrow=true>
            <Loaded
                resource=caregivers
                shows=|Caregivers { child, links, withheld }| match links {
                    Some(links) => view! { <Owned child links withheld/> }.into_any(),
                    None => view! { <LookedAfter child/> }.into_any(),
                }
            />
        </Page>
    }
}

#[component]
fn Head(child: Child) -> impl IntoView {
    let name = child.profile.name;
    view! {
        <header class="page__header">
            <p><a href=format!("/children/{}/profile", child.id)>{format!("Back to {name}")}</a></p>
            <h1>"Who looks after "{name}</h1>
        </header>
    }
}

#[component]
fn Owned(child: Child, links: Vec<Link>, withheld: Option<Feature>) -> impl IntoView {
    let id = child.id.to_string();
    view! {
        <Head child=child.clone()/>
        {answered::<Fresh>(InviteCaregiver::PATH).map(|fresh| view! { <FreshLink fresh/> })}
        {(!links.is_empty()).then(|| view! {
            <ul role="list">
                {links
                    .into_iter()
                    .map(|link| view! { <LinkLine child=id.clone() link/> })
                    .collect_view()}
            </ul>
        })}
        {match withheld {
            Some(feature) => view! { <p class="fine-print">{feature.refusal()}</p> }.into_any(),
            None => view! { <Invite child/> }.into_any(),
        }}
    }
}

/// The link of an invitation, which is not to be had again.
#[component]
fn FreshLink(fresh: Fresh) -> impl IntoView {
    let words = match fresh.mailed {
        Some(true) => {
            "We mailed this link to them. You can pass it on yourself too: it is shown only now, and only that address can use it."
        }
        Some(false) => {
            "The mail could not be sent. Copy this link and send it to them: it is shown only now, and only that address can use it."
        }
        None => "Copy this link and send it to them. It is shown only now, and only that address can use it.",
    };
    view! {
        <section class="banner" aria-labelledby="fresh">
            <Icon name="check"/>
            <div class="banner__text stack stack--tight">
                <h2 class="field__label" id="fresh">{format!("{} is invited", fresh.email)}</h2>
                <label class="field__hint" for="link">{words}</label>
                <input class="input" id="link" type="text" readonly=true value=fresh.url/>
            </div>
        </section>
    }
}

/// One who is, was, or may become a caregiver.
#[component]
fn LinkLine(child: String, link: Link) -> impl IntoView {
    let id = link.id.to_string();
    let who = if link.name.is_empty() {
        link.email.clone()
    } else {
        format!("{} ({})", link.name, link.email)
    };
    let state = match link.standing {
        Standing::Active => link.role.name().to_owned(),
        Standing::Invited => format!(
            "{}, until {} \u{b7} {}",
            link.standing.name(),
            link.expires_at.format("%-d %B"),
            link.role.name().to_lowercase()
        ),
        ended => ended.name().to_owned(),
    };
    let other = Role::of(!link.role.may_write());
    let give = match other {
        Role::Writer => "Let them log too",
        Role::Reader => "Let them look only",
    };
    let take = match link.standing {
        Standing::Invited => "Take invitation back",
        _ => "End access",
    };
    let email = link.email;
    let open = link.standing.is_open();
    view! {
        <li class="settings__line settings__line--wrap">
            <span class="settings__text">
                <span class="settings__name">{who}</span>
                " "
                <span class="settings__value">{state}</span>
            </span>
            {open.then(|| view! {
                <div class="button-row">
                    <LinkButton
                        function=SetCaregiverRole::PATH
                        child=child.clone()
                        link=id.clone()
                        role=other.id()
                        words=give
                        email=email.clone()
                    />
                    <LinkButton function=RevokeCaregiver::PATH child link=id words=take email/>
                </div>
            })}
        </li>
    }
}

/// One thing to do about one link.
#[component]
fn LinkButton(
    function: &'static str,
    child: String,
    link: String,
    /// The role to give; without one, the link ends.
    #[prop(optional)]
    role: &'static str,
    words: &'static str,
    /// Whose link it is, for those who hear the page.
    email: String,
) -> impl IntoView {
    let class = if role.is_empty() {
        "button button--danger"
    } else {
        "button button--quiet"
    };
    view! {
        <PostForm function>
            <input type="hidden" name="child" value=child/>
            <input type="hidden" name="link" value=link/>
            <input type="hidden" name="role" value=role/>
            <button class=class type="submit">
                {words}
                <span class="visually-hidden">{format!(": {email}")}</span>
            </button>
        </PostForm>
    }
}

#[component]
fn Invite(child: Child) -> impl IntoView {
    let back = refused(InviteCaregiver::PATH);
    let error = Signal::stored(back.as_ref().map(|back| back.error.clone()));
    let typed = |name: &str| back.as_ref().and_then(|back| back.value(name)).map(str::to_owned);
    let (email, role) = (typed("email").unwrap_or_default(), typed("role"));
    let role = role.unwrap_or_else(|| Role::Writer.id().to_owned());
    view! {
        <section class="section" aria-labelledby="invite">
            <h2 class="section__title" id="invite">"Invite somebody"</h2>
            <p class="field__hint">
                {format!(
                    "A second parent, a grandmother, a nanny. They get an account of their own and see only {}.",
                    child.profile.name,
                )}
            </p>
            <ErrorSummary error/>
            <PostForm function=InviteCaregiver::PATH class="stack">
                <input type="hidden" name="child" value=child.id.to_string()/>
                <TextField
                    field=Field::Email
                    label="Their e-mail address"
                    kind="email"
                    hint=invitation_hint()
                    value=email
                    autocomplete="off"
                    required=true
                    error
                />
                <ChipField
                    legend="What they may do"
                    name="role"
                    options=Role::ALL.iter().map(|role| (role.id(), role.name())).collect()
                    chosen=role
                    error=Signal::derive(move || error.get().and_then(|error| error.of(Field::Role)))
                />
                <button class="button button--primary" type="submit">"Invite"</button>
            </PostForm>
        </section>
    }
}

const fn invitation_hint() -> &'static str {
    // Said in words, so that a change of the rule is a change here too.
    const { assert!(INVITATION_LIFE.num_days() == 7) };
    "Only this address can accept. The invitation holds for seven days."
}

/// A caregiver's own part, and the way out.
#[component]
fn LookedAfter(child: Child) -> impl IntoView {
    let role = Role::of(child.may_write);
    let name = child.profile.name.clone();
    view! {
        <Head child=child.clone()/>
        <p>{format!("You were invited to look after {name}. You see meals, totals and the profile.")}</p>
        <p>{match role {
            Role::Writer => "You may log and change meals, and keep the profile up to date.",
            Role::Reader => "You may look, and change nothing.",
        }}</p>
        <details class="disclosure">
            <summary>{format!("Stop looking after {name}")}</summary>
            <PostForm function=LeaveChild::PATH class="stack">
                <input type="hidden" name="child" value=child.id.to_string()/>
                <p>"What you logged stays. To come back you need a new invitation."</p>
                <button class="button button--danger" type="submit">{format!("Leave {name}")}</button>
            </PostForm>
        </details>
    }
}
