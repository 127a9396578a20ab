//! The rules of who may, each by itself; the table in `bin/tests/api/roles.rs` walks the doors with them.

use super::{Caller, Origin, Via, administrator, may_create, need, permissions};
use crate::{
    error::Error,
    model::{
        Grant, OrgId, Permission, Permissions, PlatformRole, Recipient, Scope, ShareRole,
        Timestamp, User,
    },
};

const LOOK_AND_CALL: Permissions = Permissions::of(&[Permission::View, Permission::Invoke]);

fn id<T: std::str::FromStr>(text: &str) -> T
where
    T::Err: std::fmt::Debug,
{
    text.parse().unwrap()
}

/// Ada, of the organisation `o`, in the groups `g` and `h`.
fn ada(role: PlatformRole, via: Via) -> Caller {
    let user = User {
        id: id("ada"),
        org_id: id("o"),
        username: "ada".into(),
        full_name: String::new(),
        email: String::new(),
        password_hash: None,
        role,
        created_at: Timestamp::from_micros(0),
        deactivated_at: None,
    };
    Caller { user, groups: vec![id("g"), id("h")], via, origin: Origin::default(), expects: None }
}

fn member() -> Caller {
    ada(PlatformRole::Member, Via::Session)
}

fn token(scopes: &[Scope]) -> Via {
    Via::Token { id: id("t"), name: "tests".into(), scopes: scopes.to_vec() }
}

fn grant(recipient: Recipient, role: ShareRole) -> Grant {
    Grant { recipient, role, granted_at: Timestamp::from_micros(0) }
}

fn org() -> OrgId {
    id("o")
}

#[test]
fn a_grant_means_whom_it_names() {
    for (meant, recipient) in [
        (true, Recipient::User(id("ada"))),
        (false, Recipient::User(id("eve"))),
        // An id is one of its kind only.
        (false, Recipient::User(id("g"))),
        (true, Recipient::Group(id("g"))),
        (true, Recipient::Group(id("h"))),
        (false, Recipient::Group(id("i"))),
        (false, Recipient::Group(id("ada"))),
        (true, Recipient::Organization(id("o"))),
        (false, Recipient::Organization(id("p"))),
        (true, Recipient::Role(PlatformRole::Member)),
        (false, Recipient::Role(PlatformRole::Reader)),
        (false, Recipient::Role(PlatformRole::Admin)),
    ] {
        let held = permissions(&member(), &org(), &[grant(recipient.clone(), ShareRole::User)]);
        let expected = if meant { LOOK_AND_CALL } else { Permissions::NONE };
        assert_eq!(held, expected, "{recipient:?}");
        assert_eq!(member().recipients().contains(&recipient), meant, "lists say the same");
    }
}

#[test]
fn all_grants_count_together() {
    let looks = grant(Recipient::User(id("ada")), ShareRole::Observer);
    let calls = grant(Recipient::Group(id("h")), ShareRole::Consumer);
    let other = grant(Recipient::User(id("eve")), ShareRole::Owner);
    for grants in [[&looks, &calls, &other], [&other, &calls, &looks], [&calls, &looks, &other]] {
        let grants: Vec<Grant> = grants.into_iter().cloned().collect();
        assert_eq!(permissions(&member(), &org(), &grants), LOOK_AND_CALL);
    }
    assert_eq!(permissions(&member(), &org(), &[]), Permissions::NONE);
}

#[test]
fn nothing_of_another_organisation_is_ones_own() {
    let grants = [grant(Recipient::User(id("ada")), ShareRole::Owner)];
    for role in PlatformRole::ALL {
        let caller = ada(*role, Via::Session);
        assert_eq!(permissions(&caller, &id("p"), &grants), Permissions::NONE, "{role}");
    }
}

#[test]
fn what_was_granted_is_narrowed_by_role_and_token() {
    let owner = [grant(Recipient::User(id("ada")), ShareRole::Owner)];
    let held = |role, via| permissions(&ada(role, via), &org(), &owner);
    let unshared = |via| permissions(&ada(PlatformRole::Admin, via), &org(), &[]);
    assert_eq!(held(PlatformRole::Member, Via::Session), Permissions::ALL);
    assert_eq!(held(PlatformRole::Reader, Via::Session), LOOK_AND_CALL);
    assert_eq!(unshared(Via::Session), Permissions::ALL, "an administrator needs no grant");
    for scopes in [&[][..], &[Scope::Read], &[Scope::Invoke], &[Scope::Operate], Scope::ALL] {
        let most = scopes.iter().fold(Permissions::NONE, |sum, one| sum.and(one.permissions()));
        assert_eq!(held(PlatformRole::Member, token(scopes)), most, "{scopes:?}");
        assert_eq!(unshared(token(scopes)), most, "{scopes:?}");
        let reader = most.within(LOOK_AND_CALL);
        assert_eq!(held(PlatformRole::Reader, token(scopes)), reader, "{scopes:?}");
    }
}

/// Whoever may do nothing learns nothing, whoever may do something learns what they may not.
#[test]
fn a_refusal_tells_no_more_than_one_may_know() {
    let only = |one| Permissions::of(&[one]);
    for (held, wanted, answer) in [
        (Permissions::NONE, Permission::View, "unknown"),
        (only(Permission::Share), Permission::Update, "unknown"),
        (only(Permission::View), Permission::Update, "forbidden"),
        (only(Permission::Invoke), Permission::View, "forbidden"),
        (only(Permission::View), Permission::View, "passes"),
        (only(Permission::Invoke), Permission::Invoke, "passes"),
        (Permissions::ALL, Permission::Delete, "passes"),
    ] {
        let told = match need(held, wanted, "thing") {
            Ok(()) => "passes",
            Err(Error::NotFound("thing")) => "unknown",
            Err(Error::Forbidden(_)) => "forbidden",
            Err(other) => panic!("{other}"),
        };
        assert_eq!(told, answer, "{wanted} with {:?}", held.words());
    }
}

#[test]
fn creating_and_administering_take_role_and_scope() {
    let read = || token(&[Scope::Read, Scope::Invoke]);
    for (role, via, creates, administers) in [
        (PlatformRole::Admin, Via::Session, true, true),
        (PlatformRole::Admin, token(&[Scope::Operate]), true, true),
        (PlatformRole::Admin, read(), false, false),
        (PlatformRole::Member, Via::Session, true, false),
        (PlatformRole::Member, token(&[Scope::Operate]), true, false),
        (PlatformRole::Member, read(), false, false),
        (PlatformRole::Reader, Via::Session, false, false),
        (PlatformRole::Reader, token(Scope::ALL), false, false),
    ] {
        let caller = ada(role, via);
        let told =
            (may_create(&caller).is_ok(), administrator(&caller, Permission::Update).is_ok());
        assert_eq!(told, (creates, administers), "{role} {:?}", caller.via);
    }
    let reads = ada(PlatformRole::Admin, read());
    assert!(administrator(&reads, Permission::View).is_ok());
}

/// A list holds what gives any of what is wanted, as far as role and token let it.
#[test]
fn lists_are_seen_through_what_remains() {
    let roles = |caller: Caller, wanted| caller.viewer(wanted).map(|viewer| viewer.roles);
    let all = || Some(ShareRole::ALL.to_vec());
    let viewing: Vec<_> =
        ShareRole::ALL.iter().copied().filter(|role| *role != ShareRole::Consumer).collect();
    assert_eq!(roles(member(), LOOK_AND_CALL), all());
    assert_eq!(roles(member(), Permissions::VIEW), Some(viewing.clone()));
    let reads = || token(&[Scope::Read]);
    assert_eq!(roles(ada(PlatformRole::Member, reads()), LOOK_AND_CALL), Some(viewing));
    let calls = || token(&[Scope::Invoke]);
    assert_eq!(roles(ada(PlatformRole::Reader, calls()), Permissions::VIEW), Some(vec![]));
    assert_eq!(roles(ada(PlatformRole::Admin, Via::Session), Permissions::VIEW), None);
    assert_eq!(roles(ada(PlatformRole::Admin, calls()), LOOK_AND_CALL), None);
    assert_eq!(roles(ada(PlatformRole::Admin, calls()), Permissions::VIEW), Some(vec![]));
}
