//! What is told of a decision: to whom it is news, why, and what would change it.

use super::*;
use crate::event::told;

fn sweep(more: &str, connection: Connection) -> Plan<Step> {
    let observed = observed(vec![connection], Membership::Outside);
    plan(&key(Scope::Sweep), &observed, &rules(more, MEMBERS_ONLY), now())
}

/// The one decision of a plan.
fn only(plan: &Plan<Step>) -> &Decision {
    let mut decisions =
        plan.steps.iter().chain(&plan.removals).map(|(_, decision)| decision).chain(&plan.held).collect::<Vec<_>>();
    assert_eq!(decisions.len(), 1, "{decisions:?}");
    decisions.remove(0)
}

#[test]
fn decision_says_what_it_is_about_and_what_it_rests_on() {
    let request = Connection {
        created: Some("2026-11-02T09:15:30Z".parse().unwrap()),
        region: Some("us-east-1".parse().unwrap()),
        ip_address_type: Some("dualstack".into()),
        ..connection(MEMBER, "pendingAcceptance")
    };
    let policy = r#"@id("q") permit (principal, action, resource) when { context.connections < 1
        && principal.hasTag("stage") && principal.getTag("stage") == "production"
        && resource.hasTag("tier") && resource.getTag("tier") == "gold" };"#;
    let Membership::Member(account) = member(AccountState::Active) else { panic!("no member") };
    let account = Account { tags: tags([("stage", "production"), ("cost", "1")]), ..account };
    let mut observed = observed(vec![request], Membership::Member(account));
    let gold = tags([("drawbridge:enabled", "true"), ("tier", "gold")]);
    observed.service = Some(EndpointService { tags: gold, ..service() });
    let plan = decide(policy, Scope::Requests, &observed);
    let decision = only(&plan);
    assert_eq!(decisions(&plan), [r#"accept PERMITTED ["q"]"#]);
    let facts = [
        ("account", "ACTIVE in o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"),
        ("account_read_at", "2026-11-02T10:00:00Z"),
        ("account_tags", "stage=production"),
        ("connections_before", "0"),
        ("endpoint_region", "us-east-1"),
        ("ip_address_type", "dualstack"),
        ("requested_at", "2026-11-02T09:15:30Z"),
        ("service_tags", "tier=gold"),
    ];
    assert_eq!(decision.facts, facts.map(|(name, value)| (name, value.to_owned())).into());
    let about = About {
        subject: "vpce-0f1e2d3c4b5a69788 of account 444444444444".to_owned(),
        fields: [
            ("account", "222222222222"),
            ("endpoint_owner", MEMBER),
            ("region", "eu-west-1"),
            ("service_id", "vpce-svc-0a1b2c3d4e5f60718"),
            ("state", "pendingAcceptance"),
            ("vpc_endpoint_id", ENDPOINT),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into(),
        resource: key(Scope::Requests).service.arn(),
    };
    assert_eq!(decision.about, about);
}

#[test]
fn facts_say_where_an_account_stands_and_nothing_that_no_policy_reads() {
    for (membership, expected) in [
        (Membership::Outside, "outside the Organization"),
        (Membership::Unknown { why: "throttled".into() }, "unknown"),
        (member(AccountState::Suspended), "SUSPENDED in o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"),
    ] {
        let plan =
            decide(MEMBERS_ONLY, Scope::Requests, &observed(vec![connection(MEMBER, "pendingAcceptance")], membership));
        let facts = [("account", expected), ("account_read_at", "2026-11-02T10:00:00Z")];
        assert_eq!(only(&plan).facts, facts.map(|(name, value)| (name, value.to_owned())).into());
    }
}

#[test]
fn decision_on_a_service_that_is_left_alone_names_it() {
    let plan = decide(MEMBERS_ONLY, Scope::Sweep, &Observed::default());
    assert_eq!(only(&plan).about.subject, "vpce-svc-0a1b2c3d4e5f60718");
}

#[test]
fn what_is_unclear_says_why() {
    let request = || connection(MEMBER, "pendingAcceptance");
    let unknown = observed(vec![request()], Membership::Unknown { why: "throttled".into() });
    let not_looked_up = Observed { owners: BTreeMap::new(), ..unknown.clone() };
    let suspended = observed(vec![request()], member(AccountState::Suspended));
    for (observed, expected) in [
        (unknown, "throttled"),
        (not_looked_up, "the account was not looked up"),
        (suspended, "the account is SUSPENDED"),
    ] {
        let plan = decide(MEMBERS_ONLY, Scope::Requests, &observed);
        assert_eq!(only(&plan).detail.as_deref(), Some(expected));
    }
}

#[test]
fn request_that_waited_too_long_is_told_as_rejected_with_the_reason_it_was_held_for() {
    let held = with(
        connection(STRANGER, "pendingAcceptance"),
        &[(tag::DECISION, "hold"), (tag::DECIDED_AT, "2026-10-01T00:00:00Z")],
    );
    let plan = sweep(", requests: {reject-after: 7d}", held);
    let decision = only(&plan);
    assert_eq!((decision.outcome, decision.reason.as_ref()), (Outcome::Reject, reason::HELD_TOO_LONG));
    assert_eq!(decision.detail.as_deref(), Some("held for OUTSIDE_ORGANIZATION"));
    assert_eq!(decision.announce, Some(told::CONNECTION_REJECTED));
    assert_eq!(changes(&plan)[0].record[tag::REASON], reason::HELD_TOO_LONG);
}

#[test]
fn answer_is_told_with_what_would_change_it_and_a_review_that_changes_nothing_is_not() {
    let by_joining = "the account joins o-a1b2c3d4e5: then members-only permits it";
    let by_a_person = "a person approves it: drawbridge approve vpce-0f1e2d3c4b5a69788, \
        or the tag drawbridge:approval=approved on the connection";
    let approved = with(connection(STRANGER, "available"), &[(tag::APPROVAL, "approved")]);
    let at_once = ", revocation: {grace: 0s}";
    for (more, connection, announce, remedies) in [
        ("", connection(STRANGER, "pendingAcceptance"), Some(told::CONNECTION_HELD), vec![by_joining, by_a_person]),
        ("", connection(STRANGER, "available"), None, vec![]),
        ("", approved, None, vec![]),
        ("", accepted(), Some(told::REVOCATION_SCHEDULED), vec![by_joining, by_a_person]),
        (at_once, accepted(), Some(told::CONNECTION_REVOKED), vec![by_joining]),
    ] {
        let plan = sweep(more, connection);
        let decision = only(&plan);
        assert_eq!(decision.announce, announce, "{decision:?}");
        assert_eq!(decision.remedies, remedies, "{decision:?}");
    }
}

#[test]
fn what_would_change_it_is_told_of_the_first_twenty_of_a_plan() {
    let request = |number: usize| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        ..connection(STRANGER, "pendingAcceptance")
    };
    let plan = decide(MEMBERS_ONLY, Scope::Requests, &observed((0..22).map(request).collect(), Membership::Outside));
    let explained: Vec<bool> = plan.steps.iter().map(|(_, decision)| !decision.remedies.is_empty()).collect();
    assert_eq!(explained, [[true; 20].as_slice(), &[false; 2]].concat());
}

#[test]
fn grace_is_told_from_its_beginning_to_its_end() {
    let until = |end: &str| with(accepted(), &[(tag::REVOKE_AFTER, end), (tag::REVOKE_REASON, "LEFT_ORGANIZATION")]);
    let waits = "cut off after 2026-11-03T10:00:00Z unless it regains the right";
    let none = ", revocation: {grace: 0s}";
    let not_wanted = ", revocation: {of: []}";
    let suspended = with(until("2026-11-03T10:00:00Z"), &[(tag::REVOKE_REASON, "ACCOUNT_SUSPENDED")]);
    for (more, connection, announce, detail) in [
        ("", accepted(), Some(told::REVOCATION_SCHEDULED), waits),
        ("", until("2026-11-03T10:00:00Z"), None, waits),
        ("", suspended, None, waits),
        ("", until("2026-11-02T10:00:00Z"), Some(told::CONNECTION_REVOKED), "its grace ended 2026-11-02T10:00:00Z"),
        (
            none,
            until("2026-11-03T10:00:00Z"),
            Some(told::CONNECTION_REVOKED),
            "the configuration grants no grace any more",
        ),
        (
            not_wanted,
            until("2026-11-03T10:00:00Z"),
            Some(told::REVOCATION_CANCELLED),
            "no longer to be cut off after 2026-11-03T10:00:00Z",
        ),
        (
            "",
            Connection { id: None, ..accepted() },
            None,
            "LEFT_ORGANIZATION is nowhere to be recorded: a grace of 0s would cut it off",
        ),
    ] {
        let plan = sweep(more, connection);
        let decision = only(&plan);
        assert_eq!((decision.announce, decision.detail.as_deref()), (announce, Some(detail)), "{decision:?}");
    }
}

#[test]
fn connection_that_is_due_outside_a_sweep_says_that_it_waits_for_one() {
    let due = with(accepted(), &[(tag::REVOKE_AFTER, "2026-11-02T10:00:00Z")]);
    let plan = decide(MEMBERS_ONLY, Scope::Everything, &observed(vec![due], Membership::Outside));
    let decision = only(&plan);
    assert_eq!(
        decision.detail.as_deref(),
        Some("its grace ended 2026-11-02T10:00:00Z, cut off with the next sweep unless too many are due")
    );
    assert_eq!((decision.outcome, decision.announce), (Outcome::Hold, None));
}

#[test]
fn removals_that_are_withheld_are_told_once_with_what_they_were_for() {
    let due = |owner: &str, number: usize| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        owner: owner.parse().unwrap(),
        ..accepted()
    };
    let both = observed(vec![due(MEMBER, 1), due(STRANGER, 2)], Membership::Outside);
    let plan = plan(&key(Scope::Sweep), &both, &rules(", revocation: {grace: 0s}", MEMBERS_ONLY), now());
    assert_eq!(decisions(&plan), ["hold LIMIT_REACHED []", "hold LIMIT_REACHED []"]);
    let announced: Vec<_> = plan.held.iter().map(|decision| decision.announce).collect();
    assert_eq!(announced, [Some(told::REVOCATION_WITHHELD), None]);
    let expected = "revoke for LEFT_ORGANIZATION, but 2 of the service's 2 connections would be cut off at once, \
        and revocation.most-percent allows 0; raise the limit, or refuse them one by one";
    assert!(plan.held.iter().all(|decision| decision.detail.as_deref() == Some(expected)), "{:?}", plan.held);
}
