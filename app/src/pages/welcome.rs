//! For whoever comes by: what this is, and the way in.

use super::trouble::Trouble;
use crate::components::icon::Icon;
use crate::components::layout::OpenPage;
use crate::root::home_data;
use leptos::prelude::*;
use leptos_router::components::Redirect;
use leptos_router::hooks::use_query_map;

#[component]
pub(crate) fn Welcome() -> impl IntoView {
    let home = home_data();
    view! {
        <Suspense>
            {move || home.get().map(|home| match home {
                Ok(home) if home.account.is_some() => view! { <Redirect path="/today"/> }.into_any(),
                Ok(home) => view! { <Visitor attribution=home.attribution sign_up_open=home.sign_up_open/> }.into_any(),
                Err(error) => view! { <OpenPage title="" narrow=true><Trouble error/></OpenPage> }.into_any(),
            })}
        </Suspense>
    }
}

#[component]
fn Visitor(attribution: String, sign_up_open: bool) -> impl IntoView {
    let deleted = use_query_map()
        .read_untracked()
        .get("account")
        .is_some_and(|what| what == "deleted");
    view! {
        <OpenPage title="">
            {deleted.then(|| view! {
                <div class="banner" role="status">
                    <p class="banner__text">"Your account and everything in it is deleted. Take care."</p>
                </div>
            })}
            <div class="welcome">
                <div>
                    <h1 class="welcome__title">"Did my baby get enough?"</h1>
                    <p class="welcome__lead">
                        "Write down what your child ate, in your own words. TinyTummy tells you what it gave, and what to look out for. From birth to three."
                    </p>
                    <div class="button-row">
                        {if sign_up_open {
                            view! {
                                <a class="button button--primary" href="/sign-up">"Start the first meal"</a>
                                <a class="button button--quiet" href="/sign-in">"I have an account"</a>
                            }
                            .into_any()
                        } else {
                            view! { <a class="button button--primary" href="/sign-in">"Sign in"</a> }.into_any()
                        }}
                    </div>
                </div>
                <figure class="leaf" aria-labelledby="leaf">
                    <figcaption class="leaf__caption" id="leaf">"You write"</figcaption>
                    <p class="leaf__words">"half a banana, 2 tbsp oatmeal and a little honey"</p>
                    <p class="leaf__caption">"TinyTummy reads, for a child of 8 months"</p>
                    <ul class="leaf__list" role="list">
                        <li class="leaf__line"><span>"Banana "<span class="leaf__how">"\u{bd} medium"</span></span><span>"59 g"</span></li>
                        <li class="leaf__line"><span>"Oatmeal cereal, baby "<span class="leaf__how">"2 tbsp"</span></span><span>"6.4 g"</span></li>
                        <li class="leaf__line"><span>"Honey "<span class="leaf__how">"a little"</span></span><span>"2 g"</span></li>
                        <li class="leaf__line"><strong>"Iron"</strong><span><strong>"3.2"</strong>" of 11 mg"</span></li>
                    </ul>
                    <ul class="warnings" role="list">
                        <li class="warning warning--age">
                            <Icon name="warning"/>
                            <div>
                                <p class="warning__title">"No honey before 12 months"</p>
                                <p class="warning__text">"In any form, also baked: risk of infant botulism."</p>
                                <p class="warning__source">"Source: CDC"</p>
                            </div>
                        </li>
                    </ul>
                </figure>
                <section class="promises" aria-label="What it does">
                    <div class="promises__item">
                        <h2>"Enough of what matters"</h2>
                        <p class="promises__text">
                            "Twelve nutrients against the needs of the age, iron first. What is not known is called not known, never zero."
                        </p>
                    </div>
                    <div class="promises__item">
                        <h2>"Safe at this age"</h2>
                        <p class="promises__text">
                            "Honey, whole nuts, your child\u{2019}s allergies: clear warnings, each with its source. Rules decide them, no guessing machine."
                        </p>
                    </div>
                    <div class="promises__item">
                        <h2>"Yours"</h2>
                        <p class="promises__text">
                            "No ads, nothing sold, no other company asked. You can run it on your own machine."
                        </p>
                    </div>
                </section>
            </div>
            <p class="fine-print">
                "Food figures: "
                {attribution}
                " TinyTummy informs; it does not replace your pediatrician."
            </p>
        </OpenPage>
    }
}
