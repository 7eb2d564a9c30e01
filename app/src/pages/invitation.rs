//! An invitation to look after a child, for whoever holds its link.

use super::trouble::{Trouble, set_status};
use super::with_next;
use crate::api::account::SignOut;
use crate::api::caregiver::{AcceptInvitation, Answerable, DeclineInvitation, load_invitation};
use crate::components::layout::OpenPage;
use crate::error::AppError;
use crate::form::{ErrorSummary, PostForm, came_back};
use domain::caregiver::Role;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn InvitationPage() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.read().get("token").unwrap_or_default();
    let invitation = Resource::new(token, load_invitation);
    view! {
        <OpenPage title="Invitation" narrow=true>
            <Suspense>
                {move || invitation.get().map(|invitation| match invitation {
                    Ok(answerable) => view! { <Open token=token() answerable/> }.into_any(),
                    Err(AppError::NotFound) => view! { <NotOpen/> }.into_any(),
                    Err(error) => view! { <Trouble error/> }.into_any(),
                })}
            </Suspense>
        </OpenPage>
    }
}

#[component]
fn NotOpen() -> impl IntoView {
    set_status(&AppError::NotFound);
    view! {
        <header class="page__header">
            <h1>"This invitation is not open"</h1>
            <p class="page__lead">
                "It was answered, taken back, replaced by a newer one, or has run out after seven days."
            </p>
        </header>
        <p>"Ask whoever sent it to you for a new one. If you accepted it, the child is already yours to see."</p>
        <a class="button button--primary" href="/today">"Go to today"</a>
    }
}

#[component]
fn Open(token: String, answerable: Answerable) -> impl IntoView {
    let Answerable {
        invitation,
        me,
        sign_up_open,
    } = answerable;
    let error = Signal::stored(came_back().map(|back| back.error));
    let here = format!("/invitations/{token}");
    let (accepted, declined) = (token.clone(), token);
    let child = invitation.child_name;
    let email = invitation.email;
    view! {
        <header class="page__header">
            <h1>{format!("{} invites you to look after {child}", invitation.invited_by)}</h1>
            <p class="page__lead">
                {match invitation.role {
                    Role::Writer => format!("You will see what {child} eats, and can log and change meals."),
                    Role::Reader => format!("You will see what {child} eats."),
                }}
            </p>
        </header>
        <ErrorSummary error/>
        {match me {
            Some(me) if me.eq_ignore_ascii_case(&email) => view! {
                <div class="stack">
                    <PostForm function=AcceptInvitation::PATH>
                        <input type="hidden" name="token" value=accepted/>
                        <button class="button button--primary button--wide" type="submit">"Accept"</button>
                    </PostForm>
                    <PostForm function=DeclineInvitation::PATH>
                        <input type="hidden" name="token" value=declined/>
                        <button class="button button--wide" type="submit">"Decline"</button>
                    </PostForm>
                </div>
            }
            .into_any(),
            Some(me) => view! {
                <div class="stack">
                    <p>
                        "You are signed in as "<strong>{me}</strong>", but this invitation is for "
                        <strong>{email}</strong>". Sign out and come back with that address, or ask for an invitation to yours."
                    </p>
                    <PostForm function=SignOut::PATH>
                        <input type="hidden" name="next" value=here/>
                        <button class="button button--primary button--wide" type="submit">"Sign out"</button>
                    </PostForm>
                </div>
            }
            .into_any(),
            None => view! {
                <div class="stack">
                    <p>"It is for "<strong>{email.clone()}</strong>". Use that address to answer it."</p>
                    {sign_up_open.then(|| view! {
                        <a class="button button--primary button--wide" href=with_next("/sign-up", &here, &email)>"Sign up"</a>
                    })}
                    <a class="button button--wide" href=with_next("/sign-in", &here, &email)>"I have an account"</a>
                </div>
            }
            .into_any(),
        }}
    }
}
