//! The builds of a draft's images, and the log of one as it is written.

use handover::{
    artifacts, builds,
    model::{
        ArtifactId, ArtifactRecord, ArtifactStatus, BuildId, BuildLevel, BuildLine, BuildRecord,
        BuildStatus, Permission,
    },
};
use leptos::{prelude::*, server_fn::ServerFn};

use super::may;
use crate::{
    actions::{CancelBuild, StartBuild},
    components::{
        curl::{ApiCall, call},
        person::person,
        time::{Ago, When},
        zone::{Zone, clock},
    },
    context,
    pages::{
        id,
        layout::{Crumbs, Layout, Part},
    },
};

#[component]
pub fn Builds(artifact: ArtifactRecord, builds: Vec<BuildRecord>) -> impl IntoView {
    let base = format!("/artifacts/{}", artifact.id);
    let draft = artifact.status == ArtifactStatus::Draft;
    let may_build = draft && may(&artifact.permissions, Permission::Update);
    let example = call("POST", &format!("/artifacts/{}/builds/", artifact.id), None);
    let none = builds.is_empty();
    let rows = builds
        .into_iter()
        .map(|build| {
            let href = format!("{base}/builds/{}", build.id);
            view! {
                <tr data-key=build.id.to_string()>
                    <td class="lead"><a class="row-link" href=href><When at=build.created_at/></a></td>
                    <td data-k="Status"><BuildChip status=build.status/></td>
                    <td data-k="By">{person(&build.creator)}</td>
                    <td class="nowrap" data-k="Changed"><Ago at=build.updated_at/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="card" id="builds">
            <header><h2>"Builds"</h2>
                {may_build.then(|| view! {
                    <form method="post" action=StartBuild::url() data-inline="" class="inline end">
                        <input type="hidden" name="id" value=artifact.id.to_string()/>
                        <button type="submit">"Start a build"</button>
                    </form>
                })}
            </header>
            {none.then(|| view! { <p class="pad quiet">"Its code has not been built. A build makes the image that its containers run."</p> })}
            {(!none).then(|| view! {
                <div class="scroll"><table class="folds">
                    <thead><tr><th scope="col">"Started"</th><th scope="col">"Status"</th><th scope="col">"By"</th><th scope="col">"Changed"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
            })}
            {may_build.then(|| view! { <div class="pad"><ApiCall text=example/></div> })}
        </section>
    }
}

/// How a build is doing, as a mark and a word.
#[component]
fn BuildChip(status: BuildStatus) -> impl IntoView {
    let (class, dot, word) = match status {
        BuildStatus::Pending => ("chip next", "dot ring", "Waiting"),
        BuildStatus::InProgress => ("chip next", "dot ring", "Building"),
        BuildStatus::Built => ("chip next", "dot ring", "Built, almost done"),
        BuildStatus::Completed => ("chip go", "dot", "Completed"),
        BuildStatus::Failed => ("chip bad", "dot square", "Failed"),
        BuildStatus::Cancelled => ("chip", "dot ring", "Cancelled"),
    };
    view! { <span class=class><span class=dot aria-hidden="true"></span>{word}</span> }
}

#[component]
pub fn BuildPage() -> impl IntoView {
    let id_of = id::<ArtifactId>("id", "artifact");
    let build = id::<BuildId>("build", "build");
    context::page(async move {
        let (house, caller) = context::door()?;
        let (artifact, build) = (id_of?, build?);
        let artifact = artifacts::get(&house, &caller, &artifact).await?;
        let build = builds::get(&house, &caller, &artifact.id, &build).await?;
        let lines = builds::log(&house, &caller, &artifact.id, &build.id).await?;
        let over = build.status.is_over();
        let live = if over { "/live/pulse?every=60" } else { "/live/pulse?every=1" };
        let cancels = !over && may(&artifact.permissions, Permission::Update);
        let base = format!("/artifacts/{}", artifact.id);
        let log = format!("/api/v2/artifacts/{}/builds/{}/logs/", artifact.id, build.id);
        let name = artifact.name.clone();
        let path = format!("/artifacts/{}/builds/{}/cancel/", artifact.id, build.id);
        let example = call("POST", &path, None);
        let ids = (artifact.id.to_string(), build.id.to_string());
        let none = lines.is_empty();
        let zone = context::zone();
        let text = lines.into_iter().map(|one| line(one, &zone)).collect_view();
        Ok(view! {
            <Layout title=format!("Build · {name}") part=Part::Artifacts live>
                <Crumbs links=vec![("/artifacts".into(), "Artifacts".into()), (base.clone(), name.clone())] here="Build"/>
                <div class="head">
                    <h1>{format!("Build of {name}")}</h1>
                    <BuildChip status=build.status/>
                    <div class="actions"><a class="btn" href=log download="build.log">"Download the log"</a></div>
                </div>
                <p class="quiet">{person(&build.creator)}", started "<When at=build.created_at/>", last step "<Ago at=build.updated_at/></p>
                {cancels.then(|| view! {
                    <form method="post" action=CancelBuild::url() data-inline="" class="foot">
                        <input type="hidden" name="id" value=ids.0/>
                        <input type="hidden" name="build" value=ids.1/>
                        <button type="submit" class="danger">"Cancel this build"</button>
                        <span class="hint">"Images that were built before stay."</span>
                        <ApiCall text=example/>
                    </form>
                })}
                <section class="card">
                    <header><h2>"Log"</h2><span class="quiet small">{format!("Times in {}", zone.words())}</span></header>
                    {none.then(|| view! { <p class="pad quiet">"Nothing is written yet. It waits for its turn."</p> })}
                    <div class="logs build-log" tabindex="0" role="log" aria-label="Log of the build">{text}</div>
                </section>
            </Layout>
        })
    })
}

fn line(line: BuildLine, zone: &Zone) -> impl IntoView + use<> {
    let class = match line.level {
        BuildLevel::Info => "line",
        BuildLevel::Warning => "line warn-text",
        BuildLevel::Failure => "line bad-text",
    };
    let at = clock(line.at, zone);
    view! { <div class=class><span class="quiet">{at}" "</span>{line.message}</div> }
}
