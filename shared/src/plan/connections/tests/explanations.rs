//! What the command and the reports tell about one connection.

use super::*;

fn explained(connection: Connection, membership: Membership, policy: &str) -> Explanation {
    let rules = rules(", mode: enforce", policy);
    let observed = observed(vec![connection], membership);
    explain(&key(Scope::Sweep), &observed, &ENDPOINT.parse().unwrap(), &rules, now()).unwrap()
}

fn accepted(membership: Membership) -> String {
    let record = tags([
        ("drawbridge:owner", "hub"),
        ("drawbridge:decision", "accept"),
        ("drawbridge:reason", "ORG_MEMBER"),
        ("drawbridge:policy", "members-only"),
        ("drawbridge:decided-at", "2026-10-01T08:00:00Z"),
        ("drawbridge:membership", "member"),
    ]);
    let connection = Connection { tags: record, ..connection(MEMBER, "available") };
    explained(connection, membership, MEMBERS_ONLY).to_string()
}

#[test]
fn accepted_connection_is_explained_by_policy_facts_and_record() {
    let expected = "\
vpce-0f1e2d3c4b5a69788 of account 444444444444 at vpce-svc-0a1b2c3d4e5f60718 (222222222222, eu-west-1): available

It may connect: members-only permits it (ORG_MEMBER).
It stays connected; nothing is to be done.

Facts
  account: ACTIVE in o-a1b2c3d4e5/r-ab12/ou-ab12-11111111
  account read at: 2026-11-02T10:00:00Z

Recorded
  accept for ORG_MEMBER by members-only, 2026-10-01T08:00:00Z

It would be otherwise, if
  the account leaves the Organization: then no policy matches

Judged 2026-11-02T10:00:00Z.
";
    assert_eq!(accepted(member(AccountState::Active)), expected);
}

#[test]
fn connection_of_an_account_that_left_is_explained_by_that() {
    let told = accepted(Membership::Outside);
    assert!(
        told.contains("Nothing permits it any more: the account has left the Organization (LEFT_ORGANIZATION)."),
        "{told}"
    );
    assert!(told.contains("It will be left connected for a while: cut off after 2026-11-03T10:00:00Z"), "{told}");
    assert!(told.contains("the account joins o-a1b2c3d4e5: then members-only permits it"), "{told}");
}

#[test]
fn held_request_says_what_would_let_it_in() {
    let policy = r#"@id("production") permit (principal in Drawbridge::OrganizationalUnit::"ou-ab12-99999999", action, resource)
        when { resource.hasTag("tier") && resource.getTag("tier") == "gold" };
        @id("approved-accounts") permit (principal, action, resource)
        when { principal.hasTag("network") && principal.getTag("network") == "shared" };"#;
    let told = explained(connection(MEMBER, "pendingAcceptance"), member(AccountState::Active), policy);
    assert_eq!(told.would_change.len(), 2, "{told}");
    assert_eq!(
        told.would_change[0],
        "the account is tagged network=shared in AWS Organizations: then approved-accounts permits it"
    );
    assert!(told.would_change[1].starts_with("a person approves it: drawbridge approve vpce-0f1e2d3c4b5a69788"));
    assert_eq!(told.next, "It will be held until something changes, and that is recorded.");
    let record = tags([("drawbridge:decision", "hold"), ("drawbridge:reason", "NO_PERMIT")]);
    let recorded = Connection { tags: record, ..connection(MEMBER, "pendingAcceptance") };
    let again = explained(recorded, member(AccountState::Active), policy);
    assert_eq!(again.next, "It waits, and is judged again with each sweep.");
    // Two changes are named together when neither helps alone.
    let both = policy.split("@id(\"approved").next().unwrap();
    let told = explained(connection(MEMBER, "pendingAcceptance"), member(AccountState::Active), both);
    assert_eq!(
        told.would_change[0],
        "the account moves to ou-ab12-99999999, and the endpoint service is tagged tier=gold: then production permits it"
    );
}

#[test]
fn rejected_connection_says_what_forbids_it_and_what_a_new_request_would_meet() {
    let policy = format!(
        "{MEMBERS_ONLY} @id(\"no-sandbox\") @reason(\"SANDBOX\") forbid (principal in Drawbridge::OrganizationalUnit::\"ou-ab12-11111111\", action, resource);"
    );
    let told = explained(connection(MEMBER, "rejected"), member(AccountState::Active), &policy);
    assert_eq!(told.finding, "It may not connect: no-sandbox forbids it (SANDBOX).");
    assert_eq!(told.next, "It has ended, and its owner can only delete the endpoint; a new request would be rejected.");
    assert_eq!(told.would_change, ["the account moves to r-ab12: then members-only permits it"]);
}

#[test]
fn in_mode_observe_it_says_what_enforce_would_do() {
    let observed = observed(vec![connection(MEMBER, "pendingAcceptance")], member(AccountState::Active));
    let rules = rules(", mode: observe", MEMBERS_ONLY);
    let told = explain(&key(Scope::Sweep), &observed, &ENDPOINT.parse().unwrap(), &rules, now()).unwrap();
    assert_eq!(told.next, "In mode enforce it would be accepted; in mode observe nothing is done.");
    assert_eq!(told.to_json()["reason"], "ORG_MEMBER");
}

#[test]
fn endpoint_that_the_service_does_not_have_is_not_explained() {
    let observed = observed(vec![connection(MEMBER, "available")], member(AccountState::Active));
    let other = "vpce-00000000000000000".parse().unwrap();
    assert_eq!(explain(&key(Scope::Sweep), &observed, &other, &rules("", MEMBERS_ONLY), now()), None);
}

#[test]
fn connection_that_was_cut_off_keeps_its_reason_and_is_not_offered_what_comes_too_late() {
    let record = tags([
        ("drawbridge:owner", "hub"),
        ("drawbridge:decision", "revoke"),
        ("drawbridge:reason", "LEFT_ORGANIZATION"),
        ("drawbridge:membership", "outside"),
        ("drawbridge:decided-at", "2026-11-01T08:00:00Z"),
    ]);
    let connection = Connection { tags: record, ..connection(MEMBER, "rejected") };
    let told = explained(connection, Membership::Outside, MEMBERS_ONLY);
    assert_eq!(told.reason, "LEFT_ORGANIZATION");
    assert_eq!(told.would_change, ["the account joins o-a1b2c3d4e5: then members-only permits it"]);
    let text = told.to_string();
    assert!(
        text.contains("A new request would be otherwise, if") && text.contains("revoke for LEFT_ORGANIZATION"),
        "{text}"
    );
}

/// A service with a quota, used by two accounts: of ours two connections and two requests, of the other one of each.
fn explained_quota(quota: usize) -> Explanation {
    let policy =
        format!("@id(\"quota\") permit (principal, action, resource) when {{ context.connections < {quota} }};");
    let of = |number: usize, owner, state| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        created: Some(format!("2026-11-01T00:00:{number:02}Z").parse().unwrap()),
        ..connection(owner, state)
    };
    let connections = vec![
        of(1, STRANGER, "available"),
        of(2, MEMBER, "available"),
        of(3, MEMBER, "available"),
        of(4, STRANGER, "pendingAcceptance"),
        of(5, MEMBER, "pendingAcceptance"),
        of(6, MEMBER, "pendingAcceptance"),
    ];
    let observed = observed(connections, member(AccountState::Active));
    let rules = rules(", mode: enforce", &policy);
    let endpoint = format!("vpce-{:017x}", 6).parse().unwrap();
    explain(&key(Scope::Sweep), &observed, &endpoint, &rules, now()).unwrap()
}

#[test]
fn connections_before_a_request_are_those_of_its_account_that_stand_or_will_be_accepted() {
    for (quota, before, next) in [
        (2, "2", "It will be held until something changes, and that is recorded."),
        (3, "3", "It will be held until something changes, and that is recorded."),
        (4, "3", "It will be accepted."),
    ] {
        let told = explained_quota(quota);
        assert_eq!((told.facts["connections_before"].as_str(), told.next.as_str()), (before, next), "{quota}");
    }
}

#[test]
fn what_comes_next_depends_on_what_is_decided_and_on_the_mode() {
    let stranger = |state| connection(STRANGER, state);
    let approved = |connection, word| with(connection, &[(tag::APPROVAL, word)]);
    let due = |end: &str| {
        let connection = Connection { owner: STRANGER.parse().unwrap(), ..super::accepted() };
        with(connection, &[(tag::REVOKE_AFTER, end), (tag::REVOKE_REASON, "LEFT_ORGANIZATION")])
    };
    let held =
        with(stranger("pendingAcceptance"), &[(tag::DECISION, "hold"), (tag::DECIDED_AT, "2026-10-01T00:00:00Z")]);
    for (mode, connection, expected) in [
        ("enforce", stranger("available"), "It stays connected, and is reported."),
        ("observe", stranger("available"), "It is left as it is; in mode observe nothing is done."),
        ("enforce", approved(stranger("available"), "approved"), "It will be kept, and that is recorded."),
        ("enforce", approved(stranger("available"), "refused"), "It will be cut off."),
        ("enforce", approved(stranger("pendingAcceptance"), "refused"), "It will be rejected."),
        ("enforce", held, "It will be rejected: held for OUTSIDE_ORGANIZATION."),
        (
            "enforce",
            due("2026-11-02T10:00:00Z"),
            "It will be cut off: its grace ended 2026-11-02T10:00:00Z, unless more are due than a sweep may cut off.",
        ),
        (
            "observe",
            due("2026-11-02T10:00:00Z"),
            "In mode enforce it would be cut off: its grace ended 2026-11-02T10:00:00Z; in mode observe nothing is done.",
        ),
        (
            "enforce",
            due("2026-11-02T10:00:01Z"),
            "It stays connected for now: cut off after 2026-11-02T10:00:01Z unless it regains the right.",
        ),
    ] {
        let rules = rules(&format!(", mode: {mode}, requests: {{reject-after: 7d}}"), MEMBERS_ONLY);
        let observed = observed(vec![connection], Membership::Outside);
        let told = explain(&key(Scope::Sweep), &observed, &ENDPOINT.parse().unwrap(), &rules, now()).unwrap();
        assert_eq!(told.next, expected, "{mode}");
    }
    let unknown = Membership::Unknown { why: "throttled".into() };
    let told = explained(stranger("pendingAcceptance"), unknown, MEMBERS_ONLY);
    assert_eq!(told.next, "It waits, and is judged again with each sweep.");
}
