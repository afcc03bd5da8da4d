use super::*;
use crate::{
    model::{AccountState, Membership, OrganizationPath, Principal},
    policy::Rules,
};

const CONFIGURATION: &str = r#"{version: 1, deployment: hub, organization: o-a1b2c3d4e5, hub-account: "222222222222",
  providers: {accounts: ["222222222222"], regions: [eu-west-1]}}"#;
const MEMBERS_ONLY: &str = r#"@id("members-only") @reason("ORG_MEMBER")
permit (principal in Drawbridge::Organization::"o-a1b2c3d4e5", action, resource);"#;
const MEMBER: &str = "444444444444";
const STRANGER: &str = "999999999999";
const ENDPOINT: &str = "vpce-0f1e2d3c4b5a69788";

fn key(scope: Scope) -> Key {
    let service = ServiceKey {
        account: "222222222222".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        service: "vpce-svc-0a1b2c3d4e5f60718".parse().unwrap(),
    };
    Key { service, scope }
}

fn tags<const N: usize>(tags: [(&str, &str); N]) -> Tags {
    tags.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

fn service() -> EndpointService {
    EndpointService {
        key: key(Scope::Requests).service,
        name: "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718".into(),
        acceptance_required: true,
        load_balancers: [].into(),
        availability_zones: [].into(),
        private_dns_name: None,
        verification: None,
        tags: tags([("drawbridge:enabled", "true")]),
    }
}

fn connection(owner: &str, state: &str) -> Connection {
    Connection {
        endpoint: ENDPOINT.parse().unwrap(),
        owner: owner.parse().unwrap(),
        state: ConnectionState::parse(state),
        id: Some("vpce-svc-con-0a1b2c3d4e5f60718".parse().unwrap()),
        created: None,
        region: None,
        ip_address_type: None,
        tags: Tags::new(),
    }
}

fn member(state: AccountState) -> Membership {
    let path: OrganizationPath = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/444444444444/".parse().unwrap();
    Membership::Member(Account {
        id: MEMBER.parse().unwrap(),
        state,
        path,
        name: None,
        email_domain: None,
        joined: None,
        tags: Tags::new(),
    })
}

fn observed(connections: Vec<Connection>, membership: Membership) -> Observed {
    let owners = connections.iter().map(|connection| connection.owner.clone());
    let owners = owners.zip(std::iter::repeat(known(membership))).collect();
    Observed { service: Some(service()), connections, owners, ..Observed::default() }
}

fn known(membership: Membership) -> Known {
    Known { membership, at: now() }
}

fn now() -> Timestamp {
    "2026-11-02T10:00:00Z".parse().unwrap()
}

fn decide(policy: &str, scope: Scope, observed: &Observed) -> Plan<Step> {
    plan(&key(scope), observed, &rules("", policy), now())
}

/// Rules with more in their configuration.
fn rules(more: &str, policy: &str) -> Rules {
    Rules::parse(&CONFIGURATION.replacen("version: 1", &format!("version: 1{more}"), 1), policy).unwrap()
}

/// An established connection that was accepted when its owner was a member.
fn accepted() -> Connection {
    let record =
        tags([("drawbridge:owner", "hub"), ("drawbridge:decision", "accept"), ("drawbridge:membership", "member")]);
    Connection { tags: record, ..connection(MEMBER, "available") }
}

fn with(connection: Connection, more: &[(&str, &str)]) -> Connection {
    let mut tags = connection.tags.clone();
    tags.extend(more.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())));
    Connection { tags, ..connection }
}

/// All decisions of a plan, as `outcome REASON [policies]`.
fn decisions(plan: &Plan<Step>) -> Vec<String> {
    let decisions = plan.steps.iter().chain(&plan.removals).map(|(_, decision)| decision).chain(&plan.held);
    decisions.map(|decision| format!("{} {} {:?}", decision.outcome, decision.reason, decision.policies)).collect()
}

/// What is written to connections.
fn changes(plan: &Plan<Step>) -> Vec<Change> {
    let steps = plan.steps.iter().chain(&plan.removals).map(|(step, _)| step);
    steps.filter_map(|step| if let Step::Connection(change) = step { Some(change.clone()) } else { None }).collect()
}

fn decision_on(connection: Connection, membership: Membership, policy: &str) -> String {
    let plan = decide(policy, Scope::Everything, &observed(vec![connection], membership));
    decisions(&plan).join("; ")
}

#[test]
fn request_is_decided_by_membership_and_policy() {
    let forbid = format!("{MEMBERS_ONLY} @id(\"closed\") @reason(\"CLOSED\") forbid (principal, action, resource);");
    let partner =
        format!("@id(\"partner\") permit (principal == Drawbridge::Account::\"{STRANGER}\", action, resource);");
    let failing = format!(
        "{MEMBERS_ONLY} @id(\"bad\") permit (principal, action, resource) when {{ 9223372036854775807 + 1 == 0 }};"
    );
    let unknown = || Membership::Unknown { why: "throttled".into() };
    let cases: Vec<(&str, Membership, &str, &str)> = vec![
        (MEMBER, member(AccountState::Active), MEMBERS_ONLY, r#"accept ORG_MEMBER ["members-only"]"#),
        (STRANGER, Membership::Outside, MEMBERS_ONLY, "hold OUTSIDE_ORGANIZATION []"),
        (MEMBER, member(AccountState::Active), &partner, "hold NO_PERMIT []"),
        (STRANGER, Membership::Outside, &partner, r#"accept PERMITTED ["partner"]"#),
        (MEMBER, member(AccountState::Suspended), MEMBERS_ONLY, "hold ACCOUNT_SUSPENDED []"),
        (MEMBER, member(AccountState::PendingClosure), MEMBERS_ONLY, "hold ACCOUNT_CLOSED []"),
        (MEMBER, member(AccountState::Closed), MEMBERS_ONLY, "hold ACCOUNT_CLOSED []"),
        (MEMBER, member(AccountState::PendingActivation), MEMBERS_ONLY, "hold ACCOUNT_NOT_ACTIVE []"),
        (MEMBER, unknown(), MEMBERS_ONLY, "hold MEMBERSHIP_UNKNOWN []"),
        (STRANGER, unknown(), &partner, "hold MEMBERSHIP_UNKNOWN []"),
        (MEMBER, member(AccountState::Active), &forbid, r#"reject CLOSED ["closed"]"#),
        (STRANGER, Membership::Outside, &forbid, r#"reject CLOSED ["closed"]"#),
        (MEMBER, member(AccountState::Suspended), &forbid, r#"reject CLOSED ["closed"]"#),
        (MEMBER, unknown(), &forbid, "hold MEMBERSHIP_UNKNOWN []"),
        (MEMBER, member(AccountState::Active), &failing, "hold POLICY_ERROR []"),
    ];
    for (owner, membership, policy, expected) in cases {
        let decided = decision_on(connection(owner, "pendingAcceptance"), membership.clone(), policy);
        assert_eq!(decided, expected, "{owner} {membership:?} {policy}");
    }
}

#[test]
fn owner_who_was_not_looked_up_is_held() {
    let observed = Observed {
        owners: BTreeMap::new(),
        ..observed(vec![connection(MEMBER, "pendingAcceptance")], Membership::Outside)
    };
    assert_eq!(decisions(&decide(MEMBERS_ONLY, Scope::Requests, &observed)), ["hold MEMBERSHIP_UNKNOWN []"]);
}

#[test]
fn request_of_the_providers_own_account_is_judged_as_any_members() {
    assert_eq!(
        decision_on(connection("222222222222", "pendingAcceptance"), member(AccountState::Active), MEMBERS_ONLY),
        r#"accept ORG_MEMBER ["members-only"]"#
    );
}

/// An endpoint that an AWS service made for itself belongs to an account of AWS, which is no member.
#[test]
fn request_of_an_account_of_aws_is_held_unless_a_policy_names_it() {
    let decided = decision_on(connection("000000000000", "pendingAcceptance"), Membership::Outside, MEMBERS_ONLY);
    assert_eq!(decided, "hold OUTSIDE_ORGANIZATION []");
}

#[test]
fn established_connection_that_policy_permits_is_recorded_once() {
    for state in ["available", "pending", "partial"] {
        let decided = decision_on(connection(MEMBER, state), member(AccountState::Active), MEMBERS_ONLY);
        assert_eq!(decided, r#"keep ORG_MEMBER ["members-only"]"#, "{state}");
    }
    for decision in ["accept", "keep"] {
        let record = tags([("drawbridge:owner", "hub"), ("drawbridge:decision", decision)]);
        let recorded = Connection { tags: record, ..connection(MEMBER, "available") };
        assert_eq!(decision_on(recorded, member(AccountState::Active), MEMBERS_ONLY), "");
    }
}

#[test]
fn established_connection_that_policy_does_not_permit_is_reported_and_left() {
    let plan = decide(
        MEMBERS_ONLY,
        Scope::Everything,
        &observed(vec![connection(STRANGER, "available")], Membership::Outside),
    );
    assert_eq!(plan.steps, []);
    assert_eq!(decisions(&plan), ["hold OUTSIDE_ORGANIZATION []"]);
}

#[test]
fn connection_that_has_ended_or_is_in_an_unknown_state_is_left_alone() {
    for state in ["rejected", "deleting", "deleted", "failed", "expired", "", "quarantined"] {
        assert_eq!(decision_on(connection(MEMBER, state), member(AccountState::Active), MEMBERS_ONLY), "", "{state}");
    }
}

#[test]
fn service_that_is_not_ours_to_look_after_is_ignored_as_a_whole() {
    let pending = || observed(vec![connection(MEMBER, "pendingAcceptance")], member(AccountState::Active));
    let with = |tags: Tags| Observed { service: Some(EndpointService { tags, ..service() }), ..pending() };
    let exempt = tags([("drawbridge:enabled", "true"), ("drawbridge:ignore", "True")]);
    for (observed, expected) in [
        (Observed { service: None, ..pending() }, "ignore SERVICE_NOT_FOUND []"),
        (with(Tags::new()), "ignore NOT_SELECTED []"),
        (with(tags([("drawbridge:enabled", "false")])), "ignore NOT_SELECTED []"),
        (with(exempt), "ignore EXEMPT []"),
    ] {
        let plan = decide(MEMBERS_ONLY, Scope::Requests, &observed);
        assert_eq!(plan.steps, [], "{expected}");
        assert_eq!(decisions(&plan), [expected]);
    }
}

#[test]
fn connection_that_is_exempt_or_another_deployments_is_ignored() {
    for (tags, expected) in [
        (tags([("drawbridge:ignore", "true")]), "ignore EXEMPT []"),
        (tags([("drawbridge:owner", "another")]), "ignore NOT_OWNED []"),
    ] {
        let connection = Connection { tags, ..connection(MEMBER, "pendingAcceptance") };
        assert_eq!(decision_on(connection, member(AccountState::Active), MEMBERS_ONLY), expected);
    }
}

#[test]
fn record_says_who_decided_what_by_which_policy_and_when() {
    let observed = observed(vec![connection(MEMBER, "pendingAcceptance")], member(AccountState::Active));
    let plan = decide(MEMBERS_ONLY, Scope::Requests, &observed);
    let expected = tags([
        ("drawbridge:owner", "hub"),
        ("drawbridge:decision", "accept"),
        ("drawbridge:reason", "ORG_MEMBER"),
        ("drawbridge:policy", "members-only"),
        ("drawbridge:decided-at", "2026-11-02T10:00:00Z"),
        ("drawbridge:accepted-at", "2026-11-02T10:00:00Z"),
        ("drawbridge:membership", "member"),
    ]);
    assert_eq!(changes(&plan)[0].record, expected);
    assert_eq!(plan.steps[0].1.announce, Some("Connection Accepted"));
}

#[test]
fn step_holds_the_answer_that_is_given() {
    let approved = |connection| with(connection, &[(tag::APPROVAL, "approved")]);
    let refused = |connection| with(connection, &[(tag::APPROVAL, "refused")]);
    for (connection, expected) in [
        (approved(connection(STRANGER, "pendingAcceptance")), Some(Answer::Accept)),
        (refused(connection(STRANGER, "pendingAcceptance")), Some(Answer::Reject)),
        (refused(connection(STRANGER, "available")), Some(Answer::Revoke)),
        (connection(STRANGER, "pendingAcceptance"), None),
        (approved(connection(STRANGER, "available")), None),
    ] {
        let plan = decide(MEMBERS_ONLY, Scope::Everything, &observed(vec![connection], Membership::Outside));
        let answers: Vec<_> = changes(&plan).into_iter().map(|change| change.answer).collect();
        assert_eq!(answers, [expected], "{:?}", decisions(&plan));
    }
}

#[test]
fn hold_is_recorded_and_announced_once_for_each_reason() {
    for scope in [Scope::Requests, Scope::Everything, Scope::Sweep] {
        let request = connection(STRANGER, "pendingAcceptance");
        let plan = decide(MEMBERS_ONLY, scope, &observed(vec![request.clone()], Membership::Outside));
        assert_eq!(plan.steps[0].1.announce, Some("Connection Held"));
        let held = Connection { tags: changes(&plan)[0].record.clone(), ..request };
        let again = decide(MEMBERS_ONLY, scope, &observed(vec![held.clone()], Membership::Outside));
        assert_eq!((again.steps.len(), again.held.len()), (0, 1));
        let other = decide(MEMBERS_ONLY, scope, &observed(vec![held], member(AccountState::Suspended)));
        assert_eq!(decisions(&other), ["hold ACCOUNT_SUSPENDED []"]);
        assert_eq!(other.steps.len(), 1, "another reason is news");
    }
}

#[test]
fn hold_on_what_is_not_known_is_neither_recorded_nor_news() {
    let unknown = Membership::Unknown { why: "throttled".into() };
    let observed = observed(vec![connection(STRANGER, "pendingAcceptance")], unknown);
    let plan = decide(MEMBERS_ONLY, Scope::Requests, &observed);
    assert_eq!((plan.steps.len(), plan.held[0].announce), (0, None));
}

#[test]
fn record_of_an_acceptance_that_did_not_get_through_is_taken_back_when_the_request_is_held() {
    let record = tags([("drawbridge:owner", "hub"), ("drawbridge:decision", "accept")]);
    let accepted = Connection { tags: record, ..connection(STRANGER, "pendingAcceptance") };
    let plan = decide(MEMBERS_ONLY, Scope::Requests, &observed(vec![accepted], Membership::Outside));
    let step = &changes(&plan)[0];
    assert_eq!((step.answer, step.record["drawbridge:decision"].as_str()), (None, "hold"));
    assert_eq!(plan.steps[0].1.outcome, Outcome::Hold);
    let held = Connection { tags: step.record.clone(), ..connection(STRANGER, "pendingAcceptance") };
    let again = decide(MEMBERS_ONLY, Scope::Requests, &observed(vec![held], Membership::Outside));
    assert_eq!((again.steps.len(), again.held.len()), (0, 1));
}

#[test]
fn plan_is_the_same_whatever_the_order_of_the_connections() {
    let other =
        Connection { endpoint: "vpce-00000000000000001".parse().unwrap(), ..connection(MEMBER, "pendingAcceptance") };
    let both = vec![connection(MEMBER, "pendingAcceptance"), other];
    let reversed: Vec<_> = both.iter().rev().cloned().collect();
    let plan_of =
        |connections| decide(MEMBERS_ONLY, Scope::Requests, &observed(connections, member(AccountState::Active)));
    assert_eq!(plan_of(both), plan_of(reversed));
}

mod explanations;
mod lost_answers;
mod news;
mod notifications;
mod principals;
mod reads;
mod revocations;
