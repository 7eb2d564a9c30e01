//! Personal tokens: what one's own programs may reach.

use crate::api::token::{MadeToken, MakeToken, RevokeToken, TokenLine, Tokens, load_tokens};
use crate::components::layout::{Page, Part};
use crate::components::loaded::Loaded;
use crate::form::{ErrorSummary, PostForm, TextField, answered, refused};
use chrono::NaiveDate;
use domain::field::Field;
use domain::token::Lifetime;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

#[component]
pub(crate) fn TokensPage() -> impl IntoView {
    let tokens = Resource::new(|| (), |()| load_tokens());
    view! {
        <Page title="Tokens" part=Part::More>
            <Loaded resource=tokens shows=|tokens| view! { <Shown tokens/> }.into_any()/>
        </Page>
    }
}

#[component]
fn Shown(tokens: Tokens) -> impl IntoView {
    let none = tokens.tokens.is_empty();
    view! {
        <header class="page__header">
            <h1>"Tokens"</h1>
            <p class="page__lead">
                "A token lets a program of yours read or write what you log, without your password. "
                <a href="/api/v1/docs" rel="external">"What programs can do"</a>
            </p>
        </header>
        <div class="settings">
            {answered::<MadeToken>(MakeToken::PATH).map(|made| view! { <Key made/> })}
            <section class="section" aria-labelledby="yours">
                <h2 class="section__title" id="yours">"Your tokens"</h2>
                {none.then(|| view! { <p class="settings__foot">"None yet."</p> })}
                <ul role="list">{tokens.tokens.into_iter().map(|token| view! { <Line token/> }).collect_view()}</ul>
            </section>
            <section class="section" aria-labelledby="make">
                <h2 class="section__title" id="make">"Make a token"</h2>
                <Make children=tokens.children new=tokens.new/>
            </section>
        </div>
    }
}

/// The key, this once.
#[component]
fn Key(made: MadeToken) -> impl IntoView {
    view! {
        <div class="key" role="status">
            <h2>{format!("Your token \u{201c}{}\u{201d}", made.name)}</h2>
            <p>"Copy it now. It is shown this once, and nobody can show it again, neither can we."</p>
            <code class="key__text">{made.key}</code>
        </div>
    }
}

fn day(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

#[component]
fn Line(token: TokenLine) -> impl IntoView {
    let access = if token.may_write {
        "reads and writes"
    } else {
        "only reads"
    };
    let reach = match &token.children {
        None => "all children".to_owned(),
        Some(names) if names.is_empty() => "no child any more".to_owned(),
        Some(names) => names.join(", "),
    };
    let used = match token.last_used_on {
        Some(date) => format!("last used {}", day(date)),
        None => "never used".to_owned(),
    };
    let ends = match token.expires_on {
        Some(date) if token.expired => format!("expired {}", day(date)),
        Some(date) => format!("expires {}", day(date)),
        None => "does not expire".to_owned(),
    };
    let label = format!("Revoke {}", token.name);
    view! {
        <li class="settings__line">
            <span class="settings__text">
                <span class="settings__name">{token.name}</span>
                " "
                <span class="settings__value">{format!("{access} \u{b7} {reach}")}</span>
                " "
                <span class="settings__value">{format!("made {} \u{b7} {used} \u{b7} {ends}", day(token.made_on))}</span>
            </span>
            <PostForm function=RevokeToken::PATH>
                <input type="hidden" name="token" value=token.id/>
                <button class="button button--danger" type="submit" aria-label=label>"Revoke"</button>
            </PostForm>
        </li>
    }
}

#[component]
fn Make(
    /// Id and name.
    children: Vec<(String, String)>,
    new: String,
) -> impl IntoView {
    let back = refused(MakeToken::PATH);
    let error = Signal::stored(back.as_ref().map(|back| back.error.clone()));
    let typed = |name: &str, or: &str| {
        back.as_ref()
            .map_or(or, |back| back.value(name).unwrap_or_default())
            .to_owned()
    };
    let (reach, access, lifetime) = (
        typed("reach", "all"),
        typed("access", "read"),
        typed("lifetime", Lifetime::Quarter.id()),
    );
    let name = typed("name", "");
    let chosen: Vec<String> = back
        .iter()
        .flat_map(|back| &back.typed)
        .filter(|(name, _)| name.starts_with("children["))
        .map(|(_, id)| id.clone())
        .collect();
    view! {
        <div class="settings__foot">
            <ErrorSummary error/>
            <PostForm function=MakeToken::PATH class="stack">
                <input type="hidden" name="token" value=new/>
                <TextField
                    field=Field::Name
                    label="What is it for?"
                    hint="Such as \u{201c}Kitchen display\u{201d}: so that you know later which one to revoke."
                    value=name
                    autocomplete="off"
                    required=true
                    error
                />
                <fieldset id="access">
                    <legend class="field__label">"What may it do?"</legend>
                    <div class="options">
                        <Choice name="access" id="read" chosen=access.clone() words="Only read"/>
                        <Choice name="access" id="write" chosen=access words="Read and write"/>
                    </div>
                </fieldset>
                <fieldset id="children">
                    <legend class="field__label">"Which children?"</legend>
                    <div class="options">
                        <Choice name="reach" id="all" chosen=reach.clone() words="All I can see, later ones too"/>
                        <Choice name="reach" id="some" chosen=reach words="Only these"/>
                    </div>
                    <div class="chips">
                        {children
                            .into_iter()
                            .enumerate()
                            .map(|(at, (id, name))| {
                                let control = format!("child-{at}");
                                view! {
                                    <span class="chip">
                                        <input
                                            class="chip__input"
                                            type="checkbox"
                                            name=format!("children[{at}]")
                                            id=control.clone()
                                            checked=chosen.contains(&id)
                                            value=id
                                        />
                                        <label class="chip__label" for=control>{name}</label>
                                    </span>
                                }
                            })
                            .collect_view()}
                    </div>
                </fieldset>
                <div class="field">
                    <label class="field__label" for="lifetime">"How long does it live?"</label>
                    <select class="input" id="lifetime" name="lifetime">
                        {Lifetime::ALL
                            .into_iter()
                            .map(|one| view! {
                                <option value=one.id() selected=lifetime == one.id()>{one.name()}</option>
                            })
                            .collect_view()}
                    </select>
                </div>
                <button class="button button--primary" type="submit">"Make token"</button>
            </PostForm>
        </div>
    }
}

#[component]
fn Choice(name: &'static str, id: &'static str, chosen: String, words: &'static str) -> impl IntoView {
    view! {
        <label class="options__item">
            <input class="options__input" type="radio" name=name value=id checked=chosen == id/>
            <span>{words}</span>
        </label>
    }
}
