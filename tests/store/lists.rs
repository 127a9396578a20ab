//! Filters and orders, against the same done in plain Rust over the same records.

use std::{cmp::Ordering, collections::HashMap};

use handover::{
    model::*,
    store::{
        ArtifactFilter, ArtifactKey, ArtifactOrder, Paging, RepositoryFilter, Store, TagFilter,
        WorkloadFilter, WorkloadKey, WorkloadOrder,
    },
};

use crate::{
    make::{artifact, at, commit, id, org, proton, repository, settle, workload},
    on_both,
};

struct World {
    artifacts: Vec<Artifact>,
    workloads: Vec<Workload>,
    protons: HashMap<ProtonId, ProtonStatus>,
}

/// Every pair of what is wanted and what the active proton is, with names that sort differently by
/// language than by byte.
fn world() -> World {
    let names = ["zeta", "Äpfel", "apple", "B_52", "b%52", "Zeta\\", "élan", "alpha-1", "alpha 1"];
    let mut artifacts = Vec::new();
    for n in 1..=6 {
        let locked = n % 2 == 0;
        artifacts.push(Artifact {
            kind: ArtifactKind::ALL[(n % 3) as usize],
            state: if locked {
                ArtifactState::Locked { version: n as i64 }
            } else {
                ArtifactState::Draft
            },
            created_at: at((n * 7 % 5) as i64),
            description: if n == 3 { "Fast 100% of the time".into() } else { String::new() },
            ..artifact(n, 1 + n % 2)
        });
    }
    let mut world = World { artifacts, workloads: Vec::new(), protons: HashMap::new() };
    let statuses = ProtonStatus::ALL.iter().copied().map(Some).chain([None]);
    let pairs = statuses.flat_map(|status| Wanted::ALL.iter().map(move |wanted| (*wanted, status)));
    for (n, (wanted, status)) in (0_u64..).zip(pairs) {
        let active = status.map(|status| {
            let proton_id: ProtonId = id(1000 + n);
            world.protons.insert(proton_id.clone(), status);
            proton_id
        });
        let spot = n as usize;
        world.workloads.push(Workload {
            name: format!("{} {n}", names[spot % names.len()]),
            description: if n % 5 == 0 { "Über alles_".into() } else { "plain".into() },
            importance: Importance::ALL[spot % 4],
            wanted,
            artifact_id: id(1 + n % 6),
            active_proton: active,
            runtime: WorkloadRuntime {
                enclaves: match n % 5 {
                    0 => Some(vec!["left".into()]),
                    1 => Some(vec!["Left \"hand\" \\ é".into()]),
                    _ => None,
                },
                ..WorkloadRuntime::default()
            },
            creator_id: id(1 + n % 3),
            created_at: at((n * 7 % 11) as i64),
            updated_at: at((n * 5 % 13) as i64),
            ..workload(n)
        });
    }
    world
}

async fn fill(store: &Store, world: &World) {
    settle(store).await;
    commit(store, async |w| {
        for n in 1..=2 {
            w.insert_repository(&repository(n)).await.unwrap();
        }
        for artifact in &world.artifacts {
            w.insert_artifact(artifact).await.unwrap();
        }
        for (n, workload) in (0..).zip(&world.workloads) {
            w.insert_workload(workload).await.unwrap();
            if let Some(active) = &workload.active_proton {
                let status = world.protons[active];
                let role = Some(Role::Active);
                w.insert_proton(&Proton { status, role, ..proton(1000 + n, n) }).await.unwrap();
            }
        }
    })
    .await;
}

fn holds(text: &str, parts: [&str; 3]) -> bool {
    parts.iter().any(|part| part.to_lowercase().contains(&text.to_lowercase()))
}

/// What [`Store::workloads`] promises, in Rust.
fn expected(world: &World, filter: &WorkloadFilter) -> Vec<WorkloadId> {
    let status = |w: &Workload| w.status(w.active_proton.as_ref().map(|p| world.protons[p]));
    let artifact =
        |w: &Workload| world.artifacts.iter().find(|a| a.id == w.artifact_id).unwrap().clone();
    let mut found: Vec<&Workload> = world
        .workloads
        .iter()
        .filter(|w| w.wanted != Wanted::Deleted)
        .filter(|w| filter.created_by.as_ref().is_none_or(|user| *user == w.creator_id))
        .filter(|w| filter.ids.is_empty() || filter.ids.contains(&w.id))
        .filter(|w| {
            let parts = [w.name.as_str(), &w.description, w.id.as_str()];
            filter.search.as_ref().is_none_or(|text| holds(text, parts))
        })
        .filter(|w| filter.status.is_empty() || filter.status.contains(&status(w)))
        .filter(|w| {
            let wanted = &filter.artifact_status;
            wanted.is_empty() || wanted.contains(&artifact(w).state.status())
        })
        .filter(|w| filter.kind.is_empty() || filter.kind.contains(&artifact(w).kind))
        .filter(|w| {
            let told = w.runtime.enclaves.iter().flatten();
            filter.enclaves.is_empty() || told.into_iter().any(|e| filter.enclaves.contains(e))
        })
        .filter(|w| filter.importance.is_empty() || filter.importance.contains(&w.importance))
        .filter(|w| filter.artifact_id.as_ref().is_none_or(|id| *id == w.artifact_id))
        .filter(|w| filter.repository_id.as_ref().is_none_or(|id| *id == artifact(w).repository_id))
        .collect();
    let by = |a: &Workload, b: &Workload| -> Ordering {
        match filter.order.key {
            WorkloadKey::Name => a.name.to_lowercase().cmp(&b.name.to_lowercase()),
            WorkloadKey::CreatedAt => a.created_at.cmp(&b.created_at),
            WorkloadKey::UpdatedAt => a.updated_at.cmp(&b.updated_at),
            WorkloadKey::Status => status(a).word().cmp(status(b).word()),
            WorkloadKey::Importance => a.importance.rank().cmp(&b.importance.rank()),
            // None of them ever answered; see `by_last_answer`.
            WorkloadKey::LastResponse => Ordering::Equal,
        }
        .then(a.id.cmp(&b.id))
    };
    found.sort_by(|a, b| if filter.order.descending { by(b, a) } else { by(a, b) });
    found.into_iter().map(|w| w.id.clone()).collect()
}

fn workload_filters() -> Vec<WorkloadFilter> {
    let none = WorkloadFilter::default;
    let search = |text: &str| WorkloadFilter { search: Some(text.into()), ..none() };
    let mut all = vec![
        none(),
        WorkloadFilter { created_by: Some(id(2)), ..none() },
        WorkloadFilter { ids: vec![id(3), id(5), id(999)], ..none() },
        search("äPFEL"),
        search("ÜBER"),
        search("b%5"),
        search("b_5"),
        search("s_"),
        search("a\\"),
        search("000000000000000000000011"),
        search("nothing has this"),
        WorkloadFilter { artifact_status: vec![ArtifactStatus::Locked], ..none() },
        WorkloadFilter { importance: vec![Importance::High, Importance::Low], ..none() },
        WorkloadFilter { kind: vec![ArtifactKind::Nim, ArtifactKind::Agent], ..none() },
        WorkloadFilter { enclaves: vec!["left".into()], ..none() },
        WorkloadFilter { enclaves: vec!["Left \"hand\" \\ é".into(), "right".into()], ..none() },
        WorkloadFilter { enclaves: vec!["lef".into()], ..none() },
        WorkloadFilter { artifact_id: Some(id(3)), ..none() },
        WorkloadFilter { repository_id: Some(id(2)), ..none() },
        WorkloadFilter {
            status: vec![WorkloadStatus::Running, WorkloadStatus::Stopping],
            importance: vec![Importance::Critical],
            repository_id: Some(id(2)),
            search: Some("l".into()),
            ..none()
        },
    ];
    all.extend(WorkloadStatus::ALL.iter().map(|s| WorkloadFilter { status: vec![*s], ..none() }));
    let keys = [
        WorkloadKey::Name,
        WorkloadKey::CreatedAt,
        WorkloadKey::UpdatedAt,
        WorkloadKey::Status,
        WorkloadKey::Importance,
        WorkloadKey::LastResponse,
    ];
    for key in keys {
        for descending in [false, true] {
            all.push(WorkloadFilter { order: WorkloadOrder { key, descending }, ..none() });
        }
    }
    all
}

on_both! {
    async fn workloads_are_filtered_and_ordered_as_promised(place) {
        let world = world();
        let store = place.open().await;
        fill(&store, &world).await;
        for filter in workload_filters() {
            let wanted = expected(&world, &filter);
            let mut found = Vec::new();
            // Page by page, so that pages that overlap or leave something out show.
            loop {
                let paging = Paging { offset: found.len() as u64, limit: 7 };
                let page = store.workloads(&org(), &filter, paging).await.unwrap();
                assert_eq!(page.total, wanted.len() as u64, "{filter:?}");
                if page.items.is_empty() {
                    break;
                }
                found.extend(page.items.into_iter().map(|w| w.id));
            }
            assert_eq!(found, wanted, "{filter:?}");
        }
        let stranger = "someone-else".parse().unwrap();
        let page =
            store.workloads(&stranger, &WorkloadFilter::default(), Paging::first(9)).await.unwrap();
        assert_eq!(page.total, 0);
    }
}

on_both! {
    async fn by_last_answer(place) {
        let store = place.open().await;
        settle(&store).await;
        commit(&store, async |w| {
            for n in 1..=4 {
                w.insert_workload(&workload(n)).await.unwrap();
            }
            for (n, last) in [(2, 30), (4, 20)] {
                w.add_minutes(&org(), &id(n), &id(n), &[], Some(at(last))).await.unwrap();
            }
        })
        .await;
        for (descending, expected) in [(true, [2, 4, 3, 1]), (false, [1, 3, 4, 2])] {
            let order = WorkloadOrder { key: WorkloadKey::LastResponse, descending };
            let filter = WorkloadFilter { order, ..WorkloadFilter::default() };
            let page = store.workloads(&org(), &filter, Paging::first(9)).await.unwrap();
            let found: Vec<WorkloadId> = page.items.into_iter().map(|w| w.id).collect();
            assert_eq!(found, expected.map(id), "descending: {descending}");
        }
    }
}

on_both! {
    async fn what_matches_is_counted_by_how_it_is_and_who_made_it(place) {
        let world = world();
        let store = place.open().await;
        fill(&store, &world).await;
        commit(&store, async |w| {
            let tag = |n, value: &str| Tag { id: id(n), name: "team".into(), value: value.into() };
            for (workload, value) in [(1, "blue"), (3, "red"), (4, "red")] {
                let workload: WorkloadId = id(workload);
                let tags = [tag(1, value)];
                w.set_tags(&org(), EntityKind::Workload, workload.as_str(), &tags).await.unwrap();
            }
        })
        .await;
        for filter in workload_filters() {
            let expected = expected(&world, &filter);
            let all: Vec<&Workload> =
                expected.iter().map(|id| world.workloads.iter().find(|w| w.id == *id).unwrap()).collect();
            let tally = store.workload_tally(&org(), &filter).await.unwrap();
            assert_eq!(tally.iter().map(|one| one.count).sum::<u64>(), all.len() as u64, "{filter:?}");
            for one in &tally {
                let same = |w: &&&Workload| {
                    let artifact = world.artifacts.iter().find(|a| a.id == w.artifact_id).unwrap();
                    w.status(w.active_proton.as_ref().map(|p| world.protons[p])) == one.status
                        && w.importance == one.importance
                        && Some(artifact.state.status()) == one.artifact
                };
                assert_eq!(all.iter().filter(same).count() as u64, one.count, "{one:?} {filter:?}");
            }
            let makers = store.workload_creators(&org(), &filter).await.unwrap();
            let mut counted: HashMap<UserId, u64> = HashMap::new();
            for w in &all {
                *counted.entry(w.creator_id.clone()).or_default() += 1;
            }
            assert!(makers.is_sorted_by(|a, b| a.1 >= b.1), "{makers:?}");
            assert_eq!(makers.into_iter().collect::<HashMap<_, _>>(), counted, "{filter:?}");
        }
        let three = WorkloadFilter { ids: vec![id(1), id(3), id(4), id(5)], ..Default::default() };
        let mut wanted = expected(&world, &three);
        wanted.retain(|w| *w != id(5));
        let found = store.workload_tags(&org(), &three, 9).await.unwrap();
        let all: u64 = found.iter().map(|(.., count)| count).sum();
        assert_eq!(all, wanted.len() as u64, "{found:?}");
        assert!(found.iter().all(|(name, value, _)| name == "team" && (value == "red" || value == "blue")));
        assert_eq!(store.workload_tags(&org(), &three, 1).await.unwrap()[..], found[..1]);
    }
}

on_both! {
    async fn artifacts_and_repositories_are_filtered(place) {
        let world = world();
        let store = place.open().await;
        fill(&store, &world).await;
        let ids = async |filter: ArtifactFilter| -> Vec<ArtifactId> {
            let page = store.artifacts(&org(), &filter, Paging::first(100)).await.unwrap();
            assert_eq!(page.total, page.items.len() as u64);
            page.items.into_iter().map(|a| a.id).collect()
        };
        let none = ArtifactFilter::default;
        let order = |key, descending| ArtifactOrder { key, descending };
        let by_name = order(ArtifactKey::Name, false);
        let drafts = vec![ArtifactStatus::Draft];
        let found = ids(ArtifactFilter { status: drafts, order: by_name, ..none() }).await;
        assert_eq!(found, [id(1), id(3), id(5)]);
        let found = ids(ArtifactFilter {
            repository_id: Some(id(2)),
            kind: vec![ArtifactKind::ALL[0]],
            ..none()
        }).await;
        assert_eq!(found, [id(3)]);
        assert_eq!(ids(ArtifactFilter { search: Some("100% OF".into()), ..none() }).await, [id(3)]);
        // created_at of 1…6: 2 4 1 3 0 2
        assert_eq!(ids(none()).await, [id(2), id(4), id(6), id(1), id(3), id(5)]);
        let by_status = order(ArtifactKey::Status, true);
        let found = ids(ArtifactFilter { order: by_status, ..none() }).await;
        assert_eq!(found, [id(6), id(4), id(2), id(5), id(3), id(1)]);

        let named = RepositoryFilter { search: Some("LINEAGE 2".into()), ..Default::default() };
        let page = store.repositories(&org(), &named, Paging::first(9)).await.unwrap();
        assert_eq!(page.items, [repository(2)]);
        assert_eq!(store.artifact_count(&id(2)).await.unwrap(), 3);
    }
}

on_both! {
    async fn what_is_tagged_is_found_by_name_and_value(place) {
        let world = world();
        let store = place.open().await;
        fill(&store, &world).await;
        let tag = |n, name: &str, value: &str| Tag { id: id(n), name: name.into(), value: value.into() };
        let all = [tag(1, "team", "blue"), tag(2, "Stage", "50% 'prod'"), tag(3, "team", "red")];
        commit(&store, async |w| {
            // The same id as an artifact's, which must stay untouched.
            w.set_tags(&org(), EntityKind::Workload, id::<WorkloadId>(5).as_str(), &all[..2]).await.unwrap();
            w.set_tags(&org(), EntityKind::Artifact, id::<ArtifactId>(4).as_str(), &all[2..]).await.unwrap();
            w.set_tags(&org(), EntityKind::Repository, id::<RepositoryId>(2).as_str(), &all[..1]).await.unwrap();
        })
        .await;
        let of = |names: &[&str], values: &[&str]| {
            let texts = |all: &[&str]| all.iter().map(ToString::to_string).collect();
            TagFilter { names: texts(names), values: texts(values), each: Vec::new() }
        };
        let each = |each: &[&str]| {
            TagFilter { each: each.iter().map(ToString::to_string).collect(), ..TagFilter::default() }
        };
        for (filter, workloads, artifacts, repositories) in [
            (of(&["team"], &[]), vec![id(5)], vec![id(4)], vec![id(2)]),
            (of(&["stage", "Stage"], &[]), vec![id(5)], vec![], vec![]),
            (of(&[], &["red", "50% 'prod'"]), vec![id(5)], vec![id(4)], vec![]),
            (of(&["team"], &["red"]), vec![], vec![id(4)], vec![]),
            (of(&["tea_"], &["%"]), vec![], vec![], vec![]),
            (each(&["team"]), vec![id(5)], vec![id(4)], vec![id(2)]),
            (each(&["team=blue", "Stage"]), vec![id(5)], vec![], vec![]),
            (each(&["team=blue", "team=red"]), vec![], vec![], vec![]),
            (each(&["Stage=50% 'prod'"]), vec![id(5)], vec![], vec![]),
            (each(&["blue", "team="]), vec![], vec![], vec![]),
        ] {
            let page = Paging::first(9);
            let wanted = WorkloadFilter { tags: filter.clone(), ..Default::default() };
            let found = store.workloads(&org(), &wanted, page).await.unwrap();
            let found: Vec<WorkloadId> = found.items.into_iter().map(|w| w.id).collect();
            assert_eq!(found, workloads, "{filter:?}");
            let wanted = ArtifactFilter { tags: filter.clone(), ..Default::default() };
            let found = store.artifacts(&org(), &wanted, page).await.unwrap();
            let found: Vec<ArtifactId> = found.items.into_iter().map(|a| a.id).collect();
            assert_eq!(found, artifacts, "{filter:?}");
            let wanted = RepositoryFilter { tags: filter.clone(), ..Default::default() };
            let found = store.repositories(&org(), &wanted, page).await.unwrap();
            let found: Vec<RepositoryId> = found.items.into_iter().map(|r| r.id).collect();
            assert_eq!(found, repositories, "{filter:?}");
        }
        let five = id::<WorkloadId>(5);
        let ids = [five.as_str(), "nobody"];
        let among = store.tags_among(EntityKind::Workload, ids).await.unwrap();
        assert_eq!(among, HashMap::from([(five.to_string(), all[..2].to_vec())]), "in their order");
        let again = tag(4, "team", "green");
        commit(&store, async |w| {
            w.set_tags(&org(), EntityKind::Workload, five.as_str(), std::slice::from_ref(&again)).await.unwrap();
            w.delete_artifact(&org(), &id(4)).await.unwrap();
        })
        .await;
        assert_eq!(store.tags_on(EntityKind::Workload, five.as_str()).await.unwrap(), [again]);
        let gone = store.tags_on(EntityKind::Artifact, id::<ArtifactId>(4).as_str()).await.unwrap();
        assert!(gone.is_empty(), "tags go with what carries them");
    }
}

on_both! {
    async fn a_page_gets_its_companions_at_once(place) {
        let world = world();
        let store = place.open().await;
        fill(&store, &world).await;
        let all: Vec<ProtonId> = world.protons.keys().cloned().chain([id(1)]).collect();
        let found = store.protons_by_id(&all).await.unwrap();
        let found: HashMap<_, _> = found.into_iter().map(|(id, p)| (id, p.status)).collect();
        assert_eq!(found, world.protons);
        let found = store.artifacts_by_id(&[id(2), id(77)]).await.unwrap();
        assert_eq!(found.into_values().collect::<Vec<_>>(), [world.artifacts[1].clone()]);
        assert!(store.protons_by_id(&[]).await.unwrap().is_empty());
        assert!(store.latest_replacements(&[]).await.unwrap().is_empty());
    }
}
