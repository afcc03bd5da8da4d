use super::*;
use crate::model::{AccountId, ConnectionState, Tags};

const ORGANIZATION: &str = "o-a1b2c3d4e5";

fn tags<const N: usize>(tags: [(&str, &str); N]) -> Tags {
    tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

/// A request from another Region, and what is known around it.
fn facts(member: Option<Account>) -> Facts {
    let owner: AccountId = "444444444444".parse().unwrap();
    let service = EndpointService {
        key: crate::model::ServiceKey {
            account: "222222222222".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            service: "vpce-svc-0a1b2c3d4e5f60718".parse().unwrap(),
        },
        name: "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718".into(),
        acceptance_required: true,
        load_balancers: [].into(),
        availability_zones: [].into(),
        private_dns_name: None,
        verification: None,
        tags: tags([("tier", "gold")]),
    };
    let connection = Connection {
        endpoint: "vpce-0f1e2d3c4b5a69788".parse().unwrap(),
        owner: owner.clone(),
        state: ConnectionState::PendingAcceptance,
        id: None,
        created: None,
        region: Some("us-east-1".parse().unwrap()),
        ip_address_type: None,
        tags: Tags::new(),
    };
    Facts { service, member, connection: Some(connection), connections: 2, owner }
}

fn member(state: AccountState) -> Account {
    Account {
        id: "444444444444".parse().unwrap(),
        state,
        path: "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222/444444444444/".parse().unwrap(),
        name: None,
        email_domain: None,
        joined: None,
        tags: tags([("stage", "test")]),
    }
}

fn active() -> Account {
    member(AccountState::Active)
}

fn permit(condition: &str) -> String {
    format!("@id(\"p\") permit (principal, action, resource) when {{ {condition} }};")
}

fn forbid(condition: &str) -> String {
    format!("@id(\"all\") permit (principal, action, resource); {}", permit(condition).replace("permit", "forbid"))
}

/// What would turn the verdict, as it is told.
fn told(policy: &str, facts: &Facts) -> Vec<String> {
    let acceptance = Acceptance::parse(policy).unwrap();
    let connection = facts.connection.as_ref().unwrap();
    let any = Question {
        service: &facts.service,
        owner: &facts.owner,
        member: None,
        connection: Some(connection),
        connections: 0,
        now: "2026-11-02T10:00:00Z".parse().unwrap(),
    };
    let told = alternatives(&acceptance, &facts.question(&any), &ORGANIZATION.parse().unwrap());
    told.iter()
        .map(|(changes, verdict)| {
            let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
            format!("{}: {verdict}", changes.join(", and "))
        })
        .collect()
}

#[test]
fn one_change_that_turns_the_verdict_is_told() {
    let members = "principal in Drawbridge::Organization::\"o-a1b2c3d4e5\"";
    let unit = |unit: &str| format!("principal in Drawbridge::OrganizationalUnit::\"{unit}\"");
    let service_tag = |value: &str| format!("resource.hasTag(\"tier\") && resource.getTag(\"tier\") == \"{value}\"");
    let account_tag =
        |value: &str| format!("principal.hasTag(\"stage\") && principal.getTag(\"stage\") == \"{value}\"");
    for (policy, member, expected) in [
        (permit(members), None, "the account joins o-a1b2c3d4e5: p permits it"),
        (permit(members), Some(active()), "the account leaves the Organization: no policy matches"),
        (permit(&unit("ou-ab12-99999999")), Some(active()), "the account moves to ou-ab12-99999999: p permits it"),
        (permit(&service_tag("silver")), Some(active()), "the endpoint service is tagged tier=silver: p permits it"),
        (permit(&service_tag("gold")), Some(active()), "the endpoint service loses the tag tier: no policy matches"),
        (forbid(&service_tag("gold")), Some(active()), "the endpoint service loses the tag tier: all permits it"),
        (
            permit(&account_tag("live")),
            Some(active()),
            "the account is tagged stage=live in AWS Organizations: p permits it",
        ),
        (
            forbid(&account_tag("test")),
            Some(active()),
            "the account loses the tag stage in AWS Organizations: all permits it",
        ),
        (
            permit("context.connections < 2"),
            Some(active()),
            "the account deletes its other connections to the service: p permits it",
        ),
        (
            permit("!context.crossRegion"),
            Some(active()),
            "the endpoint is made in the service's own Region: p permits it",
        ),
    ] {
        let told = told(&policy, &facts(member));
        assert!(told.contains(&expected.to_owned()), "{policy}: {told:?}");
        let changed: Vec<_> = told.iter().filter(|change| !change.contains("account leaves")).collect();
        assert!(changed.len() <= 1, "{policy}: {told:?}");
    }
}

#[test]
fn unit_is_left_for_the_root_or_for_another_unit_below_it() {
    let policy = forbid("principal in Drawbridge::OrganizationalUnit::\"ou-ab12-11111111\"");
    let expected =
        ["the account leaves the Organization: all permits it", "the account moves to r-ab12: all permits it"];
    assert_eq!(told(&policy, &facts(Some(active()))), expected);
    // In the root there is no unit to leave, and a unit is entered from there.
    let account = Account { path: "o-a1b2c3d4e5/r-ab12/444444444444/".parse().unwrap(), ..active() };
    let turned: Vec<String> = told(&policy, &facts(Some(account)));
    assert_eq!(turned, ["the account moves to ou-ab12-11111111: p forbids it"]);
    // What moves stays below the root.
    let within = permit(
        "principal in Drawbridge::Root::\"r-ab12\" && principal in Drawbridge::OrganizationalUnit::\"ou-ab12-99999999\"",
    );
    assert_eq!(told(&within, &facts(Some(active()))), ["the account moves to ou-ab12-99999999: p permits it"]);
}

#[test]
fn change_that_leads_from_no_to_another_no_is_not_told() {
    let tag = "resource.hasTag(\"tier\") && resource.getTag(\"tier\") == \"silver\"";
    let never = "@id(\"never\") permit (principal, action, resource) when { false };";
    let to_forbidden = format!("{never} {}", permit(tag).replace("permit", "forbid"));
    assert_eq!(told(&to_forbidden, &facts(Some(active()))), [] as [&str; 0], "from nothing matches to forbidden");
    let from_forbidden = to_forbidden.replace("silver", "gold");
    assert_eq!(told(&from_forbidden, &facts(Some(active()))), [] as [&str; 0], "from forbidden to nothing matches");
}

#[test]
fn account_that_is_not_active_gains_nothing_by_what_the_policies_speak_of() {
    let members = permit("principal in Drawbridge::Organization::\"o-a1b2c3d4e5\"");
    assert_eq!(told(&members, &facts(Some(member(AccountState::Suspended)))), [] as [&str; 0]);
}

#[test]
fn two_changes_are_told_together_when_neither_alone_lets_it_in() {
    let both = permit(
        "resource.hasTag(\"tier\") && resource.getTag(\"tier\") == \"silver\"
         && principal.hasTag(\"stage\") && principal.getTag(\"stage\") == \"live\"",
    );
    let expected = "the endpoint service is tagged tier=silver, \
        and the account is tagged stage=live in AWS Organizations: p permits it";
    assert_eq!(told(&both, &facts(Some(active()))), [expected]);
    // Nobody looks for two ways to lose a permit.
    let either = permit(
        "(resource.hasTag(\"tier\") && resource.getTag(\"tier\") == \"gold\")
         || (principal.hasTag(\"stage\") && principal.getTag(\"stage\") == \"test\")",
    );
    assert_eq!(told(&either, &facts(Some(active()))), [] as [&str; 0]);
}
