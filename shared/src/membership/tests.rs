use super::*;
use crate::{model::Tags, world::World};

const CONFIGURATION: &str = "{version: 1, deployment: d, organization: o-a1b2c3d4e5, hub-account: '222222222222',
    providers: {accounts: ['222222222222'], regions: [eu-west-1]}, membership: {remember: 5m}}";

fn account(state: AccountState) -> Membership {
    Membership::Member(Account {
        id: "444444444444".parse().unwrap(),
        state,
        path: "o-a1b2c3d4e5/r-ab12/444444444444/".parse().unwrap(),
        name: None,
        email_domain: None,
        joined: None,
        tags: Tags::new(),
    })
}

fn rules(policy: &str) -> Rules {
    Rules::parse(CONFIGURATION, policy).unwrap()
}

const ANYBODY: &str = "@id(\"p\") permit (principal, action, resource);";
const BY_TAG: &str = "@id(\"p\") permit (principal, action, resource) when { principal.hasTag(\"stage\") };";

fn world() -> World {
    World::at("2026-11-02T10:00:00Z".parse().unwrap())
}

/// The calls that a second look-up costs, some time after the first.
async fn calls_after(first: Membership, later: Duration) -> usize {
    let world = world();
    let owner: AccountId = "444444444444".parse().unwrap();
    world.change().accounts.insert(owner.clone(), first);
    let memberships = Memberships::default();
    memberships.look_up(&&world, &&world, [owner.clone()].into(), &rules(ANYBODY)).await;
    world.take_calls();
    world.advance(later);
    memberships.look_up(&&world, &&world, [owner].into(), &rules(ANYBODY)).await;
    world.take_calls().len()
}

#[tokio::test]
async fn active_member_is_remembered_for_a_while() {
    assert_eq!(calls_after(account(AccountState::Active), Duration::from_secs(299)).await, 0);
    assert_eq!(calls_after(account(AccountState::Active), Duration::from_mins(5)).await, 1);
}

#[tokio::test]
async fn no_other_answer_is_remembered() {
    let unknown = Membership::Unknown { why: String::new() };
    for membership in [Membership::Outside, account(AccountState::Suspended), unknown] {
        assert_eq!(calls_after(membership, Duration::ZERO).await, 1);
    }
}

#[tokio::test]
async fn forgotten_account_is_looked_up_anew() {
    let world = world();
    let owner: AccountId = "444444444444".parse().unwrap();
    world.change().accounts.insert(owner.clone(), account(AccountState::Active));
    let memberships = Memberships::default();
    let look_up = async || {
        let owners = [owner.clone()].into();
        memberships.look_up(&&world, &&world, owners, &rules(ANYBODY)).await.0[&owner].membership.clone()
    };
    look_up().await;
    world.change().accounts.remove(&owner);
    assert_eq!(look_up().await, account(AccountState::Active));
    memberships.forget(&owner).await;
    assert_eq!(look_up().await, Membership::Outside);
}

#[tokio::test]
async fn tags_are_read_only_when_a_policy_speaks_of_them() {
    for (policy, expected) in [
        (ANYBODY, vec!["organizations:DescribeAccount"]),
        (BY_TAG, vec!["organizations:DescribeAccount", "organizations:ListTagsForResource"]),
    ] {
        let world = world();
        let owner: AccountId = "444444444444".parse().unwrap();
        world.change().accounts.insert(owner.clone(), account(AccountState::Active));
        Memberships::default().look_up(&&world, &&world, [owner].into(), &rules(policy)).await;
        assert_eq!(world.take_calls(), expected);
    }
}

#[tokio::test]
async fn tags_that_cannot_be_read_leave_the_membership_unknown() {
    let world = world();
    let owner: AccountId = "444444444444".parse().unwrap();
    world.change().accounts.insert(owner.clone(), account(AccountState::Active));
    world.order(crate::world::Fault {
        call: "organizations:ListTagsForResource".into(),
        effect: crate::world::Effect::Fails(crate::port::FailureKind::Denied),
        times: 1,
    });
    let (known, gaps) = Memberships::default().look_up(&&world, &&world, [owner.clone()].into(), &rules(BY_TAG)).await;
    assert!(matches!(known[&owner].membership, Membership::Unknown { .. }));
    assert_eq!(gaps.len(), 1);
}

/// Members numbered from 0, and how many of them are looked up.
async fn calls_for(members: usize, asked: usize) -> BTreeMap<&'static str, usize> {
    let world = world();
    for number in 0..members {
        let id: AccountId = format!("{number:012}").parse().unwrap();
        let Membership::Member(member) = account(AccountState::Active) else { unreachable!() };
        world.change().accounts.insert(id.clone(), Membership::Member(Account { id, ..member }));
    }
    let owners = (0..asked).map(|number| format!("{number:012}").parse().unwrap()).collect();
    let (known, _) = Memberships::default().look_up(&&world, &&world, owners, &rules(ANYBODY)).await;
    assert!(known.values().all(|known| matches!(known.membership, Membership::Member(_))));
    let mut calls = BTreeMap::new();
    world.take_calls().into_iter().for_each(|call| *calls.entry(call).or_default() += 1);
    calls
}

#[tokio::test]
async fn many_owners_are_listed_when_that_costs_less() {
    assert_eq!(calls_for(100, 39).await, [("organizations:DescribeAccount", 39)].into());
    assert_eq!(calls_for(100, 40).await, [("organizations:ListAccounts", 2)].into());
}

#[tokio::test]
async fn listing_ends_where_it_would_cost_more_than_asking() {
    let world = world();
    let member = |number: usize| -> AccountId { format!("{number:012}").parse().unwrap() };
    for number in 0..1_000 {
        let Membership::Member(one) = account(AccountState::Active) else { unreachable!() };
        let one = Membership::Member(Account { id: member(number), ..one });
        world.change().accounts.insert(member(number), one);
    }
    // The last 60 of 50 pages: 20 pages are tried.
    let owners = (940..1_000).map(member).collect();
    Memberships::default().look_up(&&world, &&world, owners, &rules(ANYBODY)).await;
    let calls = world.take_calls();
    let count = |name: &str| calls.iter().filter(|call| **call == name).count();
    assert_eq!((count("organizations:ListAccounts"), count("organizations:DescribeAccount")), (20, 60));
}

#[tokio::test]
async fn account_that_is_not_listed_is_asked_for_before_it_is_called_outside() {
    let world = world();
    let owners: BTreeSet<AccountId> = (0..60).map(|number| format!("{number:012}").parse().unwrap()).collect();
    let (known, _) = Memberships::default().look_up(&&world, &&world, owners, &rules(ANYBODY)).await;
    assert!(known.values().all(|known| known.membership == Membership::Outside));
    let asked = world.take_calls().into_iter().filter(|call| *call == "organizations:DescribeAccount");
    assert_eq!(asked.count(), 60);
}

#[tokio::test]
async fn answer_of_a_time_to_come_is_not_relied_on() {
    assert!(is_fresh(
        "2026-11-02T10:00:00Z".parse().unwrap(),
        "2026-11-02T10:04:59Z".parse().unwrap(),
        &rules(ANYBODY)
    ));
    assert!(!is_fresh(
        "2026-11-02T10:00:01Z".parse().unwrap(),
        "2026-11-02T10:00:00Z".parse().unwrap(),
        &rules(ANYBODY)
    ));
}

#[tokio::test]
async fn members_are_listed_once_for_a_while_and_again_when_one_is_forgotten() {
    let world = world();
    let memberships = Memberships::default();
    for _ in 0..2 {
        memberships.all(&&world, &&world, &rules(ANYBODY)).await.unwrap();
    }
    assert_eq!(world.take_calls(), ["organizations:ListAccounts"]);
    memberships.forget(&"444444444444".parse().unwrap()).await;
    memberships.all(&&world, &&world, &rules(ANYBODY)).await.unwrap();
    assert_eq!(world.take_calls(), ["organizations:ListAccounts"]);
}
