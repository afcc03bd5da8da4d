//! Allowed principals in step with the policy.

use super::*;
use crate::event::told;

const PARTNER: &str = "777777777777";

fn policy() -> String {
    format!(
        "{MEMBERS_ONLY} @id(\"partner\") permit (principal == Drawbridge::Account::\"{PARTNER}\", action, resource);"
    )
}

/// A service with these principals in an Organization of one active member, one suspended, and the provider itself.
fn decide_with(more: &str, principals: &[&str], acceptance_required: bool) -> Plan<Step> {
    let suspended: AccountId = "666666666666".parse().unwrap();
    let members = [
        (MEMBER.parse().unwrap(), known(member(AccountState::Active))),
        ("222222222222".parse().unwrap(), known(member(AccountState::Active))),
        (suspended, known(member(AccountState::Suspended))),
    ];
    let outside = ["777777777777", STRANGER].map(|id| (id.parse().unwrap(), known(Membership::Outside)));
    let members: BTreeMap<AccountId, Known> = members.into_iter().chain(outside).collect();
    let observed = Observed {
        service: Some(EndpointService { acceptance_required, ..service() }),
        principals: Some(principals.iter().map(|text| text.parse::<Principal>().unwrap()).collect()),
        members: Some(members),
        ..Observed::default()
    };
    plan(&key(Scope::Sweep), &observed, &rules(more, &policy()), now())
}

#[test]
fn accounts_that_the_policy_permits_are_allowed() {
    for manage in ["add", "exact"] {
        let plan = decide_with(&format!(", principals: {{manage: {manage}}}"), &[], true);
        let steps: Vec<_> = plan.steps.iter().map(|(step, _)| step.clone()).collect();
        assert_eq!(steps, [Step::Allow(MEMBER.parse().unwrap()), Step::Allow(PARTNER.parse().unwrap())]);
        assert_eq!(decisions(&plan), [r#"allow ORG_MEMBER ["members-only"]"#, r#"allow PERMITTED ["partner"]"#]);
    }
}

#[test]
fn allowed_principals_in_step_are_left_as_they_are_however_aws_shows_them() {
    for member in [MEMBER, "arn:aws:iam::444444444444:root"] {
        let principals = [member, PARTNER, "arn:aws:iam::999999999999:role/theirs", "222222222222"];
        assert_eq!(decide_with(", principals: {manage: exact}", &principals, true), Plan::default());
    }
}

#[test]
fn accounts_that_the_policy_does_not_permit_are_removed_only_where_that_is_wanted() {
    let principals = [MEMBER, PARTNER, STRANGER, "666666666666", "arn:aws:iam::999999999999:user/them"];
    assert_eq!(decide_with(", principals: {manage: add}", &principals, true), Plan::default());
    let plan = decide_with(", principals: {manage: exact}", &principals, true);
    assert_eq!(plan.removals, [], "no connection is in use by them");
    let removed: Vec<_> = plan.steps.iter().map(|(step, _)| step.clone()).collect();
    assert_eq!(removed, [Step::Remove("666666666666".parse().unwrap()), Step::Remove(STRANGER.parse().unwrap())]);
}

#[test]
fn service_that_is_open_to_everybody_is_reported_and_closed_where_that_is_wanted() {
    assert_eq!(decisions(&decide_with("", &["*"], false)), ["hold OPEN_TO_EVERYBODY []"]);
    let closed = decide_with(", principals: {require-acceptance: true}", &["*"], false);
    assert_eq!(closed.steps[0].0, Step::RequireAcceptance);
    assert_eq!(decide_with("", &["*"], true), Plan::default());
    assert_eq!(decisions(&decide_with("", &[MEMBER], false)), ["hold NOBODY_ASKED []"]);
}

#[test]
fn principals_that_could_not_be_read_are_left_alone() {
    let observed = Observed { service: Some(service()), ..Observed::default() };
    let rules = rules(", principals: {manage: exact, require-acceptance: true}", MEMBERS_ONLY);
    assert_eq!(plan(&key(Scope::Sweep), &observed, &rules, now()), Plan::default());
}

#[test]
fn more_principals_than_may_be_removed_are_all_withheld_and_hinder_no_revocation() {
    let plan = decide_with(", principals: {manage: exact}, revocation: {most: 1}", &[STRANGER, "666666666666"], true);
    assert!(plan.steps.iter().all(|(step, _)| matches!(step, Step::Allow(_))));
    assert_eq!(plan.removals, []);
    assert_eq!(plan.held.iter().filter(|decision| decision.reason == reason::LIMIT_REACHED).count(), 2);
}

#[test]
fn account_of_which_nothing_is_known_is_not_removed() {
    assert!(
        !decide_with(", principals: {manage: exact}", &[MEMBER, PARTNER, "888888888888"], true)
            .steps
            .iter()
            .any(|(step, _)| matches!(step, Step::Remove(_)))
    );
}

#[test]
fn account_with_a_connection_that_a_person_approved_may_ask_for_others() {
    let approved = Connection { tags: tags([(tag::APPROVAL, "approved")]), ..connection(STRANGER, "available") };
    let mut observed = observed(vec![approved], Membership::Outside);
    observed.principals = Some(Principals::from([Principal::Account(STRANGER.parse().unwrap())]));
    observed.members = Some(BTreeMap::from([(STRANGER.parse().unwrap(), known(Membership::Outside))]));
    let rules = rules(", principals: {manage: exact}", MEMBERS_ONLY);
    let plan = plan(&key(Scope::Sweep), &observed, &rules, now());
    assert_eq!(decisions(&plan), ["keep APPROVED []"]);
}

#[test]
fn principals_are_not_removed_on_what_is_not_known() {
    let failing = r#"@id("bad") permit (principal, action, resource) when { 9223372036854775807 + 1 == 0 };"#;
    let unknown = Membership::Unknown { why: "no State that is known".into() };
    for (policy, membership) in [(failing, Membership::Outside), (MEMBERS_ONLY, unknown)] {
        let observed = Observed {
            service: Some(service()),
            principals: Some(Principals::from([Principal::Account(MEMBER.parse().unwrap())])),
            members: Some(BTreeMap::from([(MEMBER.parse().unwrap(), known(membership))])),
            ..Observed::default()
        };
        let rules = rules(", principals: {manage: exact}", policy);
        assert_eq!(plan(&key(Scope::Sweep), &observed, &rules, now()), Plan::default(), "{policy}");
    }
}

#[test]
fn service_that_is_drained_gets_no_principals() {
    let tags = tags([("drawbridge:enabled", "true"), ("drawbridge:drain", "true")]);
    let drained = EndpointService { tags, ..service() };
    assert!(!manages_principals(&drained, &rules(", principals: {manage: add}", MEMBERS_ONLY)));
}

#[test]
fn what_is_done_to_a_principal_is_told_with_its_reason_and_its_facts() {
    let told = |plan: &Plan<Step>| -> Vec<_> {
        let decisions = plan.steps.iter().map(|(_, decision)| decision);
        decisions
            .map(|decision| (decision.about.subject.clone(), decision.reason.to_string(), decision.announce))
            .collect()
    };
    let subject = |account| format!("account {account} as principal of vpce-svc-0a1b2c3d4e5f60718");
    let allowed = decide_with(", principals: {manage: add}", &[PARTNER], true);
    let expected = (subject(MEMBER), "ORG_MEMBER".to_owned(), Some(told::PRINCIPAL_ALLOWED));
    assert_eq!(told(&allowed), [expected]);
    let facts =
        [("account", "ACTIVE in o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"), ("account_read_at", "2026-11-02T10:00:00Z")];
    assert_eq!(allowed.steps[0].1.facts, facts.map(|(name, value)| (name, value.to_owned())).into());
    let removed = decide_with(", principals: {manage: exact}", &[MEMBER, PARTNER, STRANGER, "666666666666"], true);
    let expected = [("666666666666", reason::ACCOUNT_SUSPENDED), (STRANGER, reason::OUTSIDE_ORGANIZATION)];
    let announce = Some(told::PRINCIPAL_REMOVED);
    assert_eq!(told(&removed), expected.map(|(account, reason)| (subject(account), reason.to_owned(), announce)));
    assert_eq!(removed.steps[0].1.about.fields["principal"], "666666666666");
    assert!(removed.steps[1].1.facts.is_empty(), "nothing is known of a stranger");
}

#[test]
fn member_that_no_policy_permits_is_removed_for_that() {
    let observed = Observed {
        service: Some(service()),
        principals: Some(Principals::from([Principal::Account(MEMBER.parse().unwrap())])),
        members: Some(BTreeMap::from([(MEMBER.parse().unwrap(), known(member(AccountState::Active)))])),
        ..Observed::default()
    };
    let nobody = r#"@id("nobody") permit (principal, action, resource) when { false };"#;
    let plan = plan(&key(Scope::Sweep), &observed, &rules(", principals: {manage: exact}", nobody), now());
    assert_eq!(decisions(&plan), ["remove NO_PERMIT []"]);
}

#[test]
fn service_that_asks_nobody_is_told_with_what_is_wrong() {
    let open = "everybody is an allowed principal, and acceptance is off";
    let unasked = "AWS connects every allowed principal without asking";
    let close = ", principals: {require-acceptance: true}";
    for (more, principal, announce, detail) in [
        ("", "*", Some(told::SERVICE_OPEN), open),
        (close, "*", Some(told::ACCEPTANCE_REQUIRED), open),
        ("", MEMBER, None, unasked),
        (close, MEMBER, None, unasked),
    ] {
        let plan = decide_with(more, &[principal], false);
        let decision = plan.steps.iter().map(|(_, decision)| decision).chain(&plan.held).next().unwrap();
        assert_eq!((decision.announce, decision.detail.as_deref()), (announce, Some(detail)));
        assert_eq!(decision.about.subject, "vpce-svc-0a1b2c3d4e5f60718");
    }
}
