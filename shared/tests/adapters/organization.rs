//! Members of the Organization.

use std::collections::BTreeSet;

use drawbridge::{
    model::{AccountState, Membership},
    port::{FailureKind, Organization, Wanted},
};
use serde_json::json;

use super::{CONSUMER, HUB, aws, emulator};

#[tokio::test]
async fn membership_is_what_aws_organizations_says() {
    let organization_id = emulator::organization()["organization_id"].as_str().unwrap();
    let organizations = aws(HUB).await.organizations();
    let Membership::Member(member) = organizations.membership(&CONSUMER.parse().unwrap()).await.unwrap() else {
        panic!("not a member")
    };
    assert_eq!(member.state, AccountState::Active);
    assert_eq!(member.path.organization.as_str(), organization_id);
    let suspended = organizations.membership(&"666666666666".parse().unwrap()).await.unwrap();
    let Membership::Member(suspended) = suspended else { panic!("not a member") };
    assert_eq!(suspended.state, AccountState::Suspended);
    let stranger = organizations.membership(&"999999999999".parse().unwrap()).await.unwrap();
    assert_eq!(stranger, Membership::Outside);
    let undelegated = aws(CONSUMER).await.organizations();
    let error = undelegated.membership(&CONSUMER.parse().unwrap()).await.unwrap_err();
    assert_eq!(error.kind, FailureKind::Denied, "{error}");
}

#[tokio::test]
async fn members_are_listed_to_the_end_or_until_those_that_are_wanted_are_found() {
    let organizations = aws(HUB).await.organizations();
    emulator::organization();
    emulator::control("POST", "settings", &json!({ "empty_account_pages": true }));
    let all = organizations.list_members(Wanted::All).await.unwrap();
    for account in [HUB, CONSUMER, "666666666666"] {
        assert!(matches!(all.get(&account.parse().unwrap()), Some(Membership::Member(_))), "{account}");
    }
    assert!(!all.contains_key(&"999999999999".parse().unwrap()));
    let wanted = BTreeSet::from([CONSUMER.parse().unwrap()]);
    let found = organizations.list_members(Wanted::These(&wanted, 9)).await.unwrap();
    assert!(found.contains_key(&CONSUMER.parse().unwrap()));
    // The first page is empty here, and no further one is wanted.
    assert!(organizations.list_members(Wanted::These(&wanted, 1)).await.unwrap().is_empty());
    let undelegated = aws(CONSUMER).await.organizations();
    assert_eq!(undelegated.list_members(Wanted::All).await.unwrap_err().kind, FailureKind::Denied);
}

#[tokio::test]
async fn account_tags_are_read_from_aws_organizations() {
    emulator::organization();
    let management = aws_sdk_organizations::Client::new(&emulator::loader("111111111111").load().await);
    let tag = aws_sdk_organizations::types::Tag::builder().key("stage").value("production").build().unwrap();
    management.tag_resource().resource_id("555555555555").tags(tag).send().await.unwrap();
    let organizations = aws(HUB).await.organizations();
    let tags = organizations.tags(&"555555555555".parse().unwrap()).await.unwrap();
    assert_eq!(tags["stage"], "production");
    assert!(organizations.tags(&"999999999999".parse().unwrap()).await.is_err());
}
