//! Uploaded code and builds.

use handover::{
    model::*,
    store::{Paging, StoreError, VersionFilter},
};

use crate::{
    make::{artifact, at, commit, id, org, repository, settle},
    on_both,
};

fn catalog(n: u64) -> Catalog {
    Catalog { id: id(n), org_id: org(), name: "code".into(), creator_id: id(1), created_at: at(0) }
}

fn version(n: u64, number: i64, catalog: u64) -> CatalogVersion {
    CatalogVersion {
        id: id(n),
        org_id: org(),
        catalog_id: id(catalog),
        number,
        num_files: 2,
        size: 7,
        creator_id: id(1),
        created_at: at(number),
    }
}

fn file(path: &str, seed: u8) -> StoredFile {
    let digest = FileDigest::from_bytes(&[seed; 32]);
    StoredFile { path: path.into(), digest, size: 3, executable: seed % 2 == 1 }
}

fn build(n: u64, artifact: u64) -> Build {
    Build {
        id: id(n),
        org_id: org(),
        artifact_id: id(artifact),
        name: "built \u{1f409}".into(),
        code: Code { catalog_id: id(7), catalog_version_id: id(8) },
        targets: vec![BuildTarget { dockerfile: Dockerfile::default(), image: None }],
        status: BuildStatus::Pending,
        attempts: 0,
        creator_id: id(1),
        created_at: at(n.cast_signed()),
        updated_at: at(n.cast_signed()),
    }
}

on_both! {
    async fn versions_of_code_are_kept_as_they_were(place) {
        let store = place.open().await;
        settle(&store).await;
        let files = vec![file("a b/\u{fc}", 1), file("src/app.py", 2)];
        commit(&store, async |w| {
            w.insert_catalog(&catalog(7)).await.unwrap();
            w.insert_version(&version(8, 1, 7), &[]).await.unwrap();
            w.insert_version(&version(9, 2, 7), &files).await.unwrap();
        }).await;
        assert_eq!(store.catalog(&org(), &id(7)).await.unwrap(), Some(catalog(7)));
        let stranger = "someone-else".parse().unwrap();
        assert_eq!(store.catalog(&stranger, &id(7)).await.unwrap(), None);
        assert_eq!(store.catalog_version(&stranger, &id(9)).await.unwrap(), None);
        assert_eq!(store.newest_version(&id(7)).await.unwrap(), Some(version(9, 2, 7)));
        assert_eq!(store.files(&id(9)).await.unwrap(), files);
        assert_eq!(store.files(&id(8)).await.unwrap(), []);
        let filter = VersionFilter { catalog: id(7), newest_first: true };
        let page = store.catalog_versions(&org(), &filter, Paging::first(1)).await.unwrap();
        assert_eq!((page.total, page.items), (2, vec![version(9, 2, 7)]));
        let needed = store.contents_of_versions("", 10).await.unwrap();
        let digests = files.iter().map(|file| file.digest.clone()).collect();
        assert_eq!(needed, [(id(8), vec![]), (id(9), digests)]);

        let mut write = store.write().await.unwrap();
        let twice = write.insert_version(&version(10, 2, 7), &[]).await;
        assert!(matches!(twice, Err(StoreError::Duplicate { .. })), "{twice:?}");
    }
}

on_both! {
    async fn a_stage_holds_one_file_for_each_path(place) {
        let store = place.open().await;
        settle(&store).await;
        let stage = FileStage { id: id(8), org_id: org(), catalog_id: id(7), created_at: at(5) };
        commit(&store, async |w| {
            w.insert_catalog(&catalog(7)).await.unwrap();
            w.insert_stage(&stage).await.unwrap();
            for one in [file("b", 1), file("a", 2), file("b", 3)] {
                w.stage_file(&stage, &one).await.unwrap();
            }
            assert_eq!(w.stage_weight(&stage.id).await.unwrap(), (2, 6));
            let staged = w.staged_files(&stage.id).await.unwrap();
            assert_eq!(staged, [file("a", 2), file("b", 3)]);
        }).await;
        assert_eq!(store.contents_of_stages().await.unwrap().len(), 2);
        commit(&store, async |w| {
            assert_eq!(w.delete_stages_before(at(5)).await.unwrap(), 0);
            assert_eq!(w.delete_stages_before(at(6)).await.unwrap(), 1);
        }).await;
        assert_eq!(store.stage(&org(), &id(8)).await.unwrap(), None);
        assert_eq!(store.contents_of_stages().await.unwrap(), [], "its files went with it");
    }
}

on_both! {
    async fn builds_go_with_their_artifact(place) {
        let store = place.open().await;
        settle(&store).await;
        let line = |n: i64| BuildLine {
            at: at(n),
            level: BuildLevel::Info,
            message: format!("line {n}"),
        };
        commit(&store, async |w| {
            w.insert_repository(&repository(2)).await.unwrap();
            w.insert_artifact(&artifact(3, 2)).await.unwrap();
            w.insert_build(&build(4, 3)).await.unwrap();
            w.insert_build(&build(5, 3)).await.unwrap();
            w.add_build_lines(&build(4, 3), &[line(1), line(2)], 3).await.unwrap();
            w.add_build_lines(&build(4, 3), &[line(3), line(4)], 3).await.unwrap();
        }).await;
        let page = store.builds(&org(), &id(3), Paging::first(10)).await.unwrap();
        assert_eq!(page.items, [build(5, 3), build(4, 3)]);
        assert_eq!(store.unfinished_builds().await.unwrap(), [build(4, 3), build(5, 3)]);
        let lines = store.build_lines(&id(4)).await.unwrap();
        assert_eq!(lines, [line(1), line(2), line(3)], "a log keeps its first lines");

        let mut done = build(4, 3);
        (done.status, done.attempts, done.updated_at) = (BuildStatus::Completed, 1, at(9));
        done.targets[0].image = Some("image".into());
        commit(&store, async |w| w.update_build(&done).await.unwrap()).await;
        assert_eq!(store.build(&org(), &id(4)).await.unwrap(), Some(done));
        assert!(store.is_build_known(&id(4)).await.unwrap());
        assert_eq!(store.unfinished_builds().await.unwrap(), [build(5, 3)]);

        commit(&store, async |w| w.delete_artifact(&org(), &id(3)).await.unwrap()).await;
        assert_eq!(store.build(&org(), &id(4)).await.unwrap(), None);
        assert!(!store.is_build_known(&id(4)).await.unwrap());
        assert_eq!(store.build_lines(&id(4)).await.unwrap(), []);
        let mut write = store.write().await.unwrap();
        let gone = write.update_build(&build(5, 3)).await;
        assert!(matches!(gone, Err(StoreError::Conflict { .. })), "{gone:?}");
    }
}

on_both! {
    async fn an_image_is_named_as_long_as_any_artifact_has_it(place) {
        let store = place.open().await;
        settle(&store).await;
        let image = "r.example.com:5000/a_b/c@sha256:00";
        let container = Container { image_uri: Some(image.to_owned()), ..Container::default() };
        let group = ContainerGroup { containers: vec![container], ..ContainerGroup::default() };
        let mut naming = artifact(3, 2);
        naming.spec = Spec { container_groups: vec![group], ..Spec::default() };
        commit(&store, async |w| {
            w.insert_repository(&repository(2)).await.unwrap();
            w.insert_artifact(&naming).await.unwrap();
            w.insert_artifact(&artifact(4, 2)).await.unwrap();
        }).await;
        assert!(store.is_image_named(image).await.unwrap());
        assert!(!store.is_image_named("r.example.com:5000/a_b/c").await.unwrap(), "another name");
        commit(&store, async |w| w.delete_artifact(&org(), &id(3)).await.unwrap()).await;
        assert!(!store.is_image_named(image).await.unwrap());
    }
}
