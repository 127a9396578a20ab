//! The document around every page, and which address shows which page.

use leptos::{config::LeptosOptions, hydration::HydrationScripts, nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::{MetaTags, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

use crate::pages::{
    account, activity, artifacts, audit, change, credentials, deployments, history, palette,
    people, reference, replace, sharing, team, workload, workloads, wrong,
};

/// Whether the binary carries what a browser asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assets {
    Embedded,
    /// A plain `cargo build`: pages work, without styles and scripts.
    Missing,
}

/// Islands come to life in an idle moment, and a window that the browser does not paint may never have one: it
/// stays dead for as long as it is covered. Half a second is idle enough.
const IDLE_SOON: &str = "if ('requestIdleCallback' in window) { \
    const whenIdle = window.requestIdleCallback.bind(window); \
    window.requestIdleCallback = (work, options) => whenIdle(work, { timeout: 500, ...options }); }";

/// Says where its reader is, so that the server writes times as they are there (`zone`). In the head of every page,
/// also of the one where one signs in: the first page with a time on it then has it right.
const SAY_ZONE: &str = "document.cookie = 'handover_zone=' + Intl.DateTimeFormat().resolvedOptions().timeZone + \
    '; path=/; max-age=31536000; samesite=lax' + (location.protocol === 'https:' ? '; secure' : '');";

/// The document. Everything is rendered before the first byte leaves, because only then every script carries
/// the nonce that the policy asks for.
pub fn shell(options: LeptosOptions, assets: Assets) -> impl IntoView {
    set_policy();
    let embedded = assets == Assets::Embedded;
    let styles = format!("/pkg/{}.css", options.output_name);
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                // Nothing is painted before all of it is there: a table that grows row by row would move its columns.
                <link rel="expect" href="#end" blocking="render"/>
                {embedded.then(|| view! {
                    <link rel="stylesheet" href=styles/>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                    <script nonce=use_nonce() inner_html=SAY_ZONE></script>
                    <script nonce=use_nonce() inner_html=IDLE_SOON></script>
                    <HydrationScripts options islands=true/>
                })}
                <MetaTags/>
            </head>
            <body><App/><span id="end" hidden=true></span></body>
        </html>
    }
}

/// Scripts run only with this answer's nonce. Not `'self'`: our origin also serves workloads.
fn set_policy() {
    let (Some(nonce), Some(response)) = (use_nonce(), use_context::<ResponseOptions>()) else {
        return;
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
         style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    );
    if let Ok(policy) = policy.parse() {
        response.insert_header(http::header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// Which address shows which page.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <FlatRoutes fallback=wrong::NoPage>
                <Route path=path!("/") view=workloads::Workloads ssr=SsrMode::Async/>
                <Route path=path!("/sign-in") view=people::SignInPage ssr=SsrMode::Async/>
                <Route path=path!("/welcome") view=people::Welcome ssr=SsrMode::Async/>
                <Route path=path!("/welcome/password") view=people::NewPassword ssr=SsrMode::Async/>
                <Route path=path!("/workloads") view=workloads::Workloads ssr=SsrMode::Async/>
                <Route path=path!("/workloads/new") view=workloads::NewWorkload ssr=SsrMode::Async/>
                <Route path=path!("/workloads/filter") view=workloads::FilterPage ssr=SsrMode::Async/>
                <Route path=path!("/workloads/bulk") view=workloads::BulkPage ssr=SsrMode::Async/>
                <Route path=path!("/workloads/bulk/done") view=workloads::DonePage ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/clear-statistics") view=workloads::ClearPage ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id") view=workload::overview::Overview ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/monitoring") view=workload::monitoring::health::Health ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/monitoring/resources") view=workload::monitoring::resources::Resources ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/monitoring/metrics") view=workload::monitoring::metrics::Metrics ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/settings") view=workload::settings::Settings ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/endpoint") view=workload::endpoint::EndpointPage ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/history") view=history::History ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/history/compare") view=history::Compare ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/activity") view=activity::EventsPage ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/activity/audit") view=activity::AuditPage ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/activity/logs") view=activity::LogsPage ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/replacements/:rid") view=history::OneReplacement ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/replace") view=replace::Replace ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/promote") view=change::PromotePage ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/start") view=change::StartPage ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/stop") view=change::StopPage ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/delete") view=change::DeletePage ssr=SsrMode::Async/>
                <Route path=path!("/artifacts") view=artifacts::repositories::Repositories ssr=SsrMode::Async/>
                <Route path=path!("/artifacts/new") view=artifacts::edit::NewPage ssr=SsrMode::Async/>
                <Route path=path!("/artifacts/:id") view=artifacts::artifact::ArtifactPage ssr=SsrMode::Async/>
                <Route path=path!("/artifacts/:id/edit") view=artifacts::edit::EditPage ssr=SsrMode::Async/>
                <Route path=path!("/artifacts/:id/code") view=artifacts::code::CodePage ssr=SsrMode::Async/>
                <Route path=path!("/artifacts/:id/clone") view=artifacts::change::ClonePage ssr=SsrMode::Async/>
                <Route path=path!("/artifacts/:id/lock") view=artifacts::change::LockPage ssr=SsrMode::Async/>
                <Route path=path!("/artifacts/:id/delete") view=artifacts::change::DeletePage ssr=SsrMode::Async/>
                <Route path=path!("/artifacts/:id/builds/:build") view=artifacts::builds::BuildPage ssr=SsrMode::Async/>
                <Route path=path!("/repositories/:id") view=artifacts::repository::RepositoryPage ssr=SsrMode::Async/>
                <Route path=path!("/repositories/:id/compare") view=artifacts::compare::ComparePage ssr=SsrMode::Async/>
                <Route path=path!("/repositories/:id/delete") view=artifacts::change::DeleteRepositoryPage ssr=SsrMode::Async/>
                <Route path=path!("/deployments") view=deployments::list::Deployments ssr=SsrMode::Async/>
                <Route path=path!("/deployments/new") view=deployments::change::NewDeploymentPage ssr=SsrMode::Async/>
                <Route path=path!("/deployments/:id") view=deployments::deployment::DeploymentPage ssr=SsrMode::Async/>
                <Route path=path!("/deployments/:id/audit") view=deployments::audit::AuditPage ssr=SsrMode::Async/>
                <Route path=path!("/deployments/:id/delete") view=deployments::change::DeleteDeploymentPage ssr=SsrMode::Async/>
                <Route path=path!("/palette") view=palette::Palette ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/share") view=sharing::ShareWorkload ssr=SsrMode::Async/>
                <Route path=path!("/workloads/:id/share/why") view=sharing::WhyWorkload ssr=SsrMode::Async/>
                <Route path=path!("/artifacts/:id/share") view=sharing::ShareArtifact ssr=SsrMode::Async/>
                <Route path=path!("/artifacts/:id/share/why") view=sharing::WhyArtifact ssr=SsrMode::Async/>
                <Route path=path!("/repositories/:id/share") view=sharing::ShareRepository ssr=SsrMode::Async/>
                <Route path=path!("/repositories/:id/share/why") view=sharing::WhyRepository ssr=SsrMode::Async/>
                <Route path=path!("/deployments/:id/share") view=sharing::ShareDeployment ssr=SsrMode::Async/>
                <Route path=path!("/deployments/:id/share/why") view=sharing::WhyDeployment ssr=SsrMode::Async/>
                <Route path=path!("/team") view=team::Team ssr=SsrMode::Async/>
                <Route path=path!("/team/users/new") view=team::AddPersonPage ssr=SsrMode::Async/>
                <Route path=path!("/team/users/:id") view=team::PersonPage ssr=SsrMode::Async/>
                <Route path=path!("/team/users/:id/deactivate") view=team::DeactivatePage ssr=SsrMode::Async/>
                <Route path=path!("/team/groups") view=team::Groups ssr=SsrMode::Async/>
                <Route path=path!("/team/groups/new") view=team::NewGroupPage ssr=SsrMode::Async/>
                <Route path=path!("/team/groups/:id") view=team::GroupPage ssr=SsrMode::Async/>
                <Route path=path!("/team/groups/:id/delete") view=team::DeleteGroupPage ssr=SsrMode::Async/>
                <Route path=path!("/account") view=account::Account ssr=SsrMode::Async/>
                <Route path=path!("/account/tokens") view=account::Tokens ssr=SsrMode::Async/>
                <Route path=path!("/account/developer-tools") view=account::Tokens ssr=SsrMode::Async/>
                <Route path=path!("/account/tokens/:id/revoke") view=account::RevokeTokenPage ssr=SsrMode::Async/>
                <Route path=path!("/account/sessions") view=account::SessionList ssr=SsrMode::Async/>
                <Route path=path!("/credentials") view=credentials::Credentials ssr=SsrMode::Async/>
                <Route path=path!("/credentials/new") view=credentials::NewCredentialPage ssr=SsrMode::Async/>
                <Route path=path!("/credentials/:id") view=credentials::CredentialPage ssr=SsrMode::Async/>
                <Route path=path!("/credentials/:id/edit") view=credentials::EditCredentialPage ssr=SsrMode::Async/>
                <Route path=path!("/credentials/:id/delete") view=credentials::DeleteCredentialPage ssr=SsrMode::Async/>
                <Route path=path!("/audit") view=audit::Audit ssr=SsrMode::Async/>
                <Route path=path!("/audit/:id") view=audit::EntryPage ssr=SsrMode::Async/>
                <Route path=path!("/api/docs") view=reference::ReferencePage ssr=SsrMode::Async/>
                <Route path=path!("/api/docs/operations/:operation") view=reference::operation::OperationPage ssr=SsrMode::Async/>
                <Route path=path!("/api/docs/shapes/:name") view=reference::schema::SchemaPage ssr=SsrMode::Async/>
            </FlatRoutes>
        </Router>
    }
}
