//! Registers a handler and documents it in one step, so that no route exists without documentation. Every
//! path is served in both slash forms, because clients send either and some fail on a redirect; the form
//! with the slash is the documented one.

use axum::{
    Extension, Router,
    handler::Handler,
    routing::{MethodFilter, MethodRouter, on},
};
use handover::house::House;
use utoipa::openapi::{
    Deprecated, PathItem,
    path::{HttpMethod, Operation, Paths},
};

use super::{
    idempotency,
    parameter::{self, Parameter},
    refusal::Refusal,
    sketch::{Described, Schemas, Sketch},
    tagged,
};

/// A method on a path: its handler, and what the document says of it.
pub(super) struct Route {
    path: String,
    method: HttpMethod,
    handler: MethodRouter<House>,
    sketch: Sketch,
    parameters: Vec<&'static str>,
}

/// The names of the query parameters that a route declares, for the check in [`super::query`].
#[derive(Debug, Clone)]
pub(super) struct Declared(pub(super) Vec<&'static str>);

macro_rules! methods {
    ($($name:ident: $method:ident, $filter:ident;)*) => {$(
        /// The summary is a short sentence for people, without a full stop.
        pub(super) fn $name<H, T, Parts>(path: impl Into<String>, summary: &str, handler: H) -> Route
        where
            H: Handler<T, House> + Described<Parts>,
            T: 'static,
        {
            let mut sketch = Sketch::new(summary);
            H::describe(&mut sketch);
            Route {
                path: path.into(),
                method: HttpMethod::$method,
                handler: on(MethodFilter::$filter, handler),
                sketch,
                parameters: Vec::new(),
            }
        }
    )*};
}
methods! {
    get: Get, GET;
    post: Post, POST;
    put: Put, PUT;
    patch: Patch, PATCH;
    delete: Delete, DELETE;
}

impl Route {
    /// What the summary leaves open.
    pub(super) fn says(mut self, text: &str) -> Self {
        self.sketch.operation.description = Some(text.to_owned());
        self
    }

    /// Query parameters that the handler reads.
    pub(super) fn query(mut self, parameters: impl IntoIterator<Item = Parameter>) -> Self {
        for parameter in parameters {
            self.parameters.push(parameter.name());
            self.sketch.parameter(parameter.declaration());
        }
        self
    }

    /// `offset` and `limit`, the latter up to `most`.
    pub(super) fn paged(self, most: u64) -> Self {
        self.query(parameter::page(most, super::paging::DEFAULT))
    }

    /// Refusals beyond those that follow from what the handler takes.
    pub(super) fn refuses(mut self, refusals: impl IntoIterator<Item = Refusal>) -> Self {
        refusals.into_iter().for_each(|refusal| self.sketch.refuse(refusal));
        self
    }

    /// For paths that exist for older clients only.
    pub(super) fn deprecated(mut self) -> Self {
        self.sketch.operation.deprecated = Some(Deprecated::True);
        self
    }
}

/// The routes of one resource.
pub(super) struct Routes {
    tag: &'static str,
    routes: Vec<Route>,
}

impl Routes {
    /// `tag` is the heading the document puts them under.
    pub(super) fn of(tag: &'static str) -> Self {
        Self { tag, routes: Vec::new() }
    }

    pub(super) fn with(mut self, route: Route) -> Self {
        self.routes.push(route);
        self
    }
}

/// All routes, and what the document says of them.
#[derive(Default)]
pub(super) struct Registered {
    pub(super) router: Router<House>,
    pub(super) paths: Paths,
    pub(super) schemas: Schemas,
    /// In the order of registration.
    pub(super) tags: Vec<&'static str>,
}

impl Registered {
    pub(super) fn of(resources: impl IntoIterator<Item = Routes>) -> Self {
        resources.into_iter().fold(Self::default(), Self::add)
    }

    fn add(mut self, Routes { tag, routes }: Routes) -> Self {
        if !self.tags.contains(&tag) {
            self.tags.push(tag);
        }
        for mut route in routes {
            if cfg!(debug_assertions) {
                route.handler = route.handler.layer(Extension(Declared(route.parameters)));
            }
            if route.method == HttpMethod::Post {
                idempotency::describe(&mut route.sketch);
            }
            tagged::describe(&route.path, &route.method, &mut route.sketch);
            let slashed = format!("{}/", route.path);
            self.router = self
                .router
                .route(&route.path, route.handler.clone())
                .route(&slashed, route.handler);
            // A file is asked for as what it is called.
            let documented = if route.path.contains('.') { route.path.clone() } else { slashed };
            let mut operation = route.sketch.operation;
            operation.tags = Some(vec![tag.to_owned()]);
            operation.operation_id = Some(operation_id(&route.method, &route.path));
            self.schemas.extend(route.sketch.schemas);
            document(&mut self.paths, documented, route.method, operation);
        }
        self
    }
}

fn document(paths: &mut Paths, path: String, method: HttpMethod, operation: Operation) {
    let item = PathItem::new(method, operation);
    match paths.paths.get_mut(&path) {
        Some(known) => known.merge_operations(item),
        None => drop(paths.paths.insert(path, item)),
    }
}

/// `GET /api/v2/workloads/{id}/stats` is `getWorkloadsIdStats`.
fn operation_id(method: &HttpMethod, path: &str) -> String {
    let method = match method {
        HttpMethod::Post => "post",
        HttpMethod::Put => "put",
        HttpMethod::Patch => "patch",
        HttpMethod::Delete => "delete",
        _ => "get",
    };
    let path = path.strip_prefix("/api/v2").map_or_else(|| format!("/root{path}"), str::to_owned);
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold(method.to_owned(), |id, word| {
        let (first, rest) = word.split_at(1);
        id + &first.to_ascii_uppercase() + rest
    })
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use axum::Json;
    use handover::model::WorkloadId;
    use utoipa::openapi::path::HttpMethod;

    use super::{
        super::{id::Id, refusal::Refusal},
        Registered, Routes, delete, get, operation_id,
    };

    async fn read(_: Id<WorkloadId>) -> Json<handover::model::Tag> {
        unreachable!("only registered")
    }

    #[test]
    fn one_path_holds_all_its_methods_in_both_slash_forms_and_is_documented_once() {
        let routes = Routes::of("Things")
            .with(get("/api/v2/things/{id}", "Read a thing", read))
            .with(delete("/api/v2/things/{id}", "Read it away", read).refuses([Refusal::Conflict]));
        let Registered { router, paths, schemas, tags } = Registered::of([routes]);
        let item = &paths.paths["/api/v2/things/{id}/"];
        assert_eq!(paths.paths.len(), 1);
        let reading = item.get.as_ref().unwrap();
        assert_eq!(reading.summary.as_deref(), Some("Read a thing"));
        assert_eq!(reading.responses.responses.keys().collect::<Vec<_>>(), ["200", "404"]);
        assert!(item.delete.as_ref().unwrap().responses.responses.contains_key("409"));
        assert!(schemas.contains_key("Tag"));
        assert_eq!(tags, ["Things"]);
        // Registering either form again would panic if it were not there.
        for path in ["/api/v2/things/{id}", "/api/v2/things/{id}/"] {
            let again = || router.clone().route(path, axum::routing::get(read));
            assert!(catch_unwind(AssertUnwindSafe(again)).is_err(), "{path}");
        }
    }

    #[test]
    fn operations_are_named_after_method_and_path() {
        let named = |path| operation_id(&HttpMethod::Get, path);
        assert_eq!(named("/api/v2/workloads/{id}/stats"), "getWorkloadsIdStats");
        assert_eq!(named("/version"), "getRootVersion");
    }
}
