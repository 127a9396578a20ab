//! The pages as a router. It is put together here and not in the server, so that the views, which are one
//! large type each, are compiled once.

use axum::{
    Router,
    body::Body,
    extract::{Form, FromRequest, Request},
    http::Method,
    response::{IntoResponse, Redirect, Response},
    routing::post,
};
use handover::house::House;
use leptos::{config::LeptosOptions, prelude::provide_context};
use leptos_axum::{LeptosRoutes, generate_route_list};

use crate::{
    context::Posted,
    invoke::Invoker,
    reference::Reference,
    shell::{App, Assets, shell},
};

/// Every page and server function, and for what has no other route the page that says so. `output_name` is
/// what the scripts and styles are called; some pages show the API by its `reference`, one calls endpoints by
/// `invoker`.
pub fn router(
    house: &House,
    reference: Reference,
    invoker: Invoker,
    output_name: &str,
    assets: Assets,
) -> Router {
    let options = LeptosOptions::builder()
        .output_name(output_name.to_owned())
        // Nothing is read from the disk; a path that exists would be served.
        .site_root("/nonexistent")
        .site_pkg_dir("pkg")
        .build();
    let context = {
        let house = house.clone();
        move || {
            provide_context(house.clone());
            provide_context(reference.clone());
            provide_context(invoker.clone());
        }
    };
    let document = {
        let options = options.clone();
        move || shell(options.clone(), assets)
    };
    let no_page = leptos_axum::render_app_async_with_context(context.clone(), document.clone());
    let page = no_page.clone();
    let answer = post(move |request: Request| answered(page.clone(), request));
    Router::new()
        .leptos_routes_with_context(&options, generate_route_list(App), context, document)
        .route("/artifacts/new", answer.clone())
        .route("/artifacts/{id}/edit", answer)
        .fallback(move |request: Request| {
            let no_page = no_page.clone();
            async move {
                match without_slash(&request) {
                    Some(path) => Redirect::permanent(&path).into_response(),
                    None => no_page(request).await,
                }
            }
        })
        .with_state(options)
}

/// Shows a page what was sent to it. Some forms are answered by their own page, because what was typed is more than
/// a session should keep.
async fn answered<F>(page: impl Fn(Request) -> F, request: Request) -> Response
where
    F: Future<Output = Response>,
{
    let (mut parts, body) = request.into_parts();
    let sent = Request::from_parts(parts.clone(), body);
    match Form::<Vec<(String, String)>>::from_request(sent, &()).await {
        Ok(Form(pairs)) => {
            parts.method = Method::GET;
            parts.extensions.insert(Posted(pairs));
            page(Request::from_parts(parts, Body::empty())).await
        }
        Err(refused) => refused.into_response(),
    }
}

/// Pages have no slash at the end; an address that was typed with one leads there.
fn without_slash(request: &Request) -> Option<String> {
    let path = request.uri().path();
    let trimmed = path.trim_end_matches('/');
    let reading = matches!(*request.method(), Method::GET | Method::HEAD);
    (reading
        && trimmed.len() < path.len()
        && trimmed.starts_with('/')
        && !trimmed.starts_with("//"))
    .then(|| trimmed.to_owned())
}
