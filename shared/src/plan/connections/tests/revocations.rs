//! What becomes of established connections that lost their right, of approvals, drains, quotas and limits.

use super::*;
use crate::event::told;

const NOTHING_ABOUT_US: &str =
    r#"@id("other") permit (principal == Drawbridge::Account::"123456789012", action, resource);"#;

fn forbid() -> String {
    format!("{MEMBERS_ONLY} @id(\"no\") @reason(\"SANDBOX\") forbid (principal, action, resource);")
}

fn review_as(more: &str, policy: &str, connection: Connection, membership: Membership) -> Plan<Step> {
    plan(&key(Scope::Sweep), &observed(vec![connection], membership), &rules(more, policy), now())
}

fn review(connection: Connection, membership: Membership) -> Plan<Step> {
    review_as("", MEMBERS_ONLY, connection, membership)
}

/// The tag `drawbridge:revoke-after` that is written.
fn end_of_grace(plan: &Plan<Step>) -> Option<String> {
    changes(plan).first()?.record.get(tag::REVOKE_AFTER).cloned()
}

#[test]
fn account_that_left_is_put_on_grace_and_then_cut_off() {
    let plan = review(accepted(), Membership::Outside);
    assert_eq!(decisions(&plan), ["hold LEFT_ORGANIZATION []"]);
    assert_eq!(end_of_grace(&plan).as_deref(), Some("2026-11-03T10:00:00Z"));
    assert_eq!(plan.steps[0].1.announce, Some(told::REVOCATION_SCHEDULED));
    let written = changes(&plan)[0].record.clone();
    // The record of the acceptance stays as it was.
    assert!(!written.contains_key(tag::DECISION));
    let waiting = Connection { tags: accepted().tags.into_iter().chain(written).collect(), ..accepted() };
    let again = review(waiting.clone(), Membership::Outside);
    assert_eq!((again.steps.len(), again.removals.len(), again.held.len()), (0, 0, 1));
    let over = plan_at("2026-11-03T10:00:00Z", waiting.clone());
    assert_eq!(decisions(&over), ["revoke LEFT_ORGANIZATION []"]);
    assert_eq!(over.removals.len(), 1);
    assert_eq!(changes(&over)[0].answer, Some(Answer::Revoke));
    assert_eq!(changes(&over)[0].record[tag::REVOKE_AFTER], "");
    assert_eq!(plan_at("2026-11-03T09:59:59Z", waiting).removals, []);
}

#[test]
fn request_that_another_run_recorded_as_held_after_it_was_accepted_is_cut_off() {
    let accept = decide(
        MEMBERS_ONLY,
        Scope::Requests,
        &observed(vec![connection(MEMBER, "pendingAcceptance")], member(AccountState::Active)),
    );
    let hold = decide(
        MEMBERS_ONLY,
        Scope::Requests,
        &observed(vec![connection(MEMBER, "pendingAcceptance")], Membership::Outside),
    );
    let tags = [accept, hold].iter().flat_map(|plan| changes(plan)[0].record.clone()).collect::<Tags>();
    assert_eq!(tags[tag::DECISION], "hold");
    let established = Connection { tags, ..connection(MEMBER, "available") };
    let plan = review(established, Membership::Outside);
    assert_eq!(end_of_grace(&plan).as_deref(), Some("2026-11-03T10:00:00Z"), "{:?}", decisions(&plan));
}

fn plan_at(now: &str, connection: Connection) -> Plan<Step> {
    let observed = observed(vec![connection], Membership::Outside);
    plan(&key(Scope::Sweep), &observed, &rules("", MEMBERS_ONLY), now.parse().unwrap())
}

#[test]
fn return_to_good_standing_cancels_the_grace() {
    let waiting = with(accepted(), &[(tag::REVOKE_AFTER, "2026-11-01T00:00:00Z"), (tag::REVOKE_REASON, "X")]);
    let plan = review(waiting, member(AccountState::Active));
    assert_eq!(decisions(&plan), [r#"keep ORG_MEMBER ["members-only"]"#]);
    assert_eq!(end_of_grace(&plan).as_deref(), Some(""));
    assert_eq!(plan.steps[0].1.announce, Some(told::REVOCATION_CANCELLED));
}

#[test]
fn grace_that_was_cancelled_begins_anew_with_the_next_loss() {
    let cancelled = with(accepted(), &[(tag::REVOKE_AFTER, ""), (tag::REVOKE_REASON, "")]);
    assert_eq!(end_of_grace(&review(cancelled, Membership::Outside)).as_deref(), Some("2026-11-03T10:00:00Z"));
    let garbled = with(accepted(), &[(tag::REVOKE_AFTER, "soon")]);
    assert_eq!(end_of_grace(&review(garbled, Membership::Outside)).as_deref(), Some("2026-11-03T10:00:00Z"));
}

#[test]
fn nothing_is_cut_off_on_what_is_not_known() {
    let due = with(accepted(), &[(tag::REVOKE_AFTER, "2026-11-01T00:00:00Z")]);
    let failing = r#"@id("bad") permit (principal, action, resource) when { 9223372036854775807 + 1 == 0 };"#;
    for (policy, membership, reason) in [
        (MEMBERS_ONLY, Membership::Unknown { why: "throttled".into() }, "hold MEMBERSHIP_UNKNOWN []"),
        (failing, Membership::Outside, "hold POLICY_ERROR []"),
    ] {
        let plan = review_as("", policy, due.clone(), membership);
        assert_eq!((decisions(&plan), plan.steps.len()), (vec![reason.to_owned()], 0));
    }
}

/// The case decides: what a policy forbids, what lost its right, what never had one.
#[test]
fn connection_is_cut_off_in_the_cases_that_the_configuration_names() {
    let unknown_to_us = || connection(MEMBER, "available");
    let none = ", revocation: {of: [], grace: 0s}";
    let all = ", revocation: {of: [forbidden, lost, never-permitted], grace: 0s}";
    let default = ", revocation: {grace: 0s}";
    let forbid = forbid();
    for (more, policy, connection, expected) in [
        (default, NOTHING_ABOUT_US, accepted(), "revoke NO_PERMIT []"),
        // Cut off once, and connected again by somebody else.
        (default, NOTHING_ABOUT_US, with(accepted(), &[(tag::DECISION, "revoke")]), "revoke NO_PERMIT []"),
        (default, NOTHING_ABOUT_US, unknown_to_us(), "hold NO_PERMIT []"),
        (default, forbid.as_str(), unknown_to_us(), r#"revoke SANDBOX ["no"]"#),
        (all, NOTHING_ABOUT_US, unknown_to_us(), "revoke NO_PERMIT []"),
        (none, NOTHING_ABOUT_US, accepted(), "hold NO_PERMIT []"),
        (none, forbid.as_str(), accepted(), r#"hold SANDBOX ["no"]"#),
    ] {
        let decided = decisions(&review_as(more, policy, connection, member(AccountState::Active)));
        assert_eq!(decided, [expected], "{more} {policy}");
    }
}

#[test]
fn closed_and_suspended_accounts_lose_their_right() {
    for (state, reason) in [
        (AccountState::Suspended, "ACCOUNT_SUSPENDED"),
        (AccountState::PendingClosure, "ACCOUNT_CLOSED"),
        (AccountState::Closed, "ACCOUNT_CLOSED"),
    ] {
        let plan = review_as(", revocation: {grace: 0s}", MEMBERS_ONLY, accepted(), member(state));
        assert_eq!(decisions(&plan), [format!("revoke {reason} []")]);
    }
}

#[test]
fn grace_is_cancelled_when_the_configuration_does_not_want_the_revocation_any_more() {
    let waiting = with(accepted(), &[(tag::REVOKE_AFTER, "2026-11-01T00:00:00Z")]);
    let plan = review_as(", revocation: {of: []}", MEMBERS_ONLY, waiting, Membership::Outside);
    assert_eq!(decisions(&plan), ["hold LEFT_ORGANIZATION []"]);
    assert_eq!(end_of_grace(&plan).as_deref(), Some(""));
}

#[test]
fn hold_never_hides_that_a_connection_was_accepted() {
    for membership in [Membership::Unknown { why: String::new() }, Membership::Outside] {
        let plan = review_as(", revocation: {of: []}", MEMBERS_ONLY, accepted(), membership);
        assert_eq!(plan.steps, []);
    }
}

#[test]
fn connection_without_an_object_is_not_cut_off_without_a_grace() {
    let bare = Connection { id: None, ..accepted() };
    assert_eq!(decisions(&review(bare.clone(), Membership::Outside)), ["hold NO_RECORD []"]);
    let at_once = review_as(", revocation: {grace: 0s}", MEMBERS_ONLY, bare, Membership::Outside);
    assert_eq!(decisions(&at_once), ["revoke LEFT_ORGANIZATION []"]);
}

#[test]
fn established_connections_are_left_to_reviews() {
    let observed = observed(vec![accepted()], Membership::Outside);
    assert_eq!(decide(MEMBERS_ONLY, Scope::Requests, &observed), Plan::default());
}

#[test]
fn revocations_beyond_the_part_of_a_service_are_all_withheld() {
    let of = |owner: &str, number: usize| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        owner: owner.parse().unwrap(),
        ..with(accepted(), &[(tag::REVOKE_AFTER, "2026-11-01T00:00:00Z")])
    };
    let review = |one: usize, other: usize, stay: usize| {
        let left = (0..one).map(|number| of(MEMBER, number));
        let left = left.chain((0..other).map(|number| of(STRANGER, 100 + number))).collect();
        let mut observed = observed(left, Membership::Outside);
        observed.connections.extend((0..stay).map(|number| of("555555555555", 200 + number)));
        observed.owners.insert("555555555555".parse().unwrap(), known(member(AccountState::Active)));
        plan(&key(Scope::Sweep), &observed, &rules("", MEMBERS_ONLY), now())
    };
    // Those of one account always may, however many; of several a quarter, and not one more.
    assert_eq!(review(3, 0, 0).removals.len(), 3);
    assert_eq!(review(1, 1, 6).removals.len(), 2);
    let beyond = review(1, 1, 5);
    assert_eq!(beyond.removals, []);
    let withheld: Vec<_> = beyond.held.iter().filter(|decision| decision.reason == reason::LIMIT_REACHED).collect();
    assert_eq!(withheld.len(), 2);
    let announced = withheld.iter().filter(|decision| decision.announce == Some(told::REVOCATION_WITHHELD));
    assert_eq!(announced.count(), 1);
}

#[test]
fn person_refuses_a_connection_whatever_permits_it_and_beyond_any_limit() {
    let refused = |state| with(connection(MEMBER, state), &[(tag::APPROVAL, "Refused")]);
    for (state, expected) in [("pendingAcceptance", "reject REFUSED []"), ("available", "revoke REFUSED []")] {
        for membership in [member(AccountState::Active), Membership::Unknown { why: String::new() }] {
            let plan = review(refused(state), membership);
            assert_eq!(decisions(&plan), [expected]);
            assert_eq!(plan.steps.len(), 1, "ordered by a person: no removal that a limit withholds");
        }
    }
}

#[test]
fn person_approves_what_no_policy_permits_and_nothing_that_one_forbids() {
    let approved = |state| with(connection(STRANGER, state), &[(tag::APPROVAL, "approved")]);
    let forbid = forbid();
    for (state, policy, membership, expected) in [
        ("pendingAcceptance", MEMBERS_ONLY, Membership::Outside, "accept APPROVED []"),
        ("available", MEMBERS_ONLY, Membership::Outside, "keep APPROVED []"),
        ("pendingAcceptance", forbid.as_str(), Membership::Outside, r#"reject SANDBOX ["no"]"#),
        ("pendingAcceptance", MEMBERS_ONLY, member(AccountState::Suspended), "hold ACCOUNT_SUSPENDED []"),
        ("pendingAcceptance", MEMBERS_ONLY, Membership::Unknown { why: String::new() }, "hold MEMBERSHIP_UNKNOWN []"),
    ] {
        assert_eq!(decisions(&review_as("", policy, approved(state), membership)), [expected], "{state}");
    }
}

#[test]
fn service_that_is_drained_rejects_requests_at_once_and_ends_connections_after_the_grace() {
    let drained = |state| {
        let mut observed = observed(vec![connection(MEMBER, state)], member(AccountState::Active));
        let tags = tags([("drawbridge:enabled", "true"), (tag::DRAIN, "true")]);
        observed.service = Some(EndpointService { tags, ..service() });
        decide(MEMBERS_ONLY, Scope::Sweep, &observed)
    };
    assert_eq!(decisions(&drained("pendingAcceptance")), ["reject DRAINING []"]);
    let established = drained("available");
    assert_eq!(decisions(&established), ["hold DRAINING []"]);
    assert_eq!(end_of_grace(&established).as_deref(), Some("2026-11-03T10:00:00Z"));
}

#[test]
fn request_that_nothing_permits_is_rejected_after_the_time_that_is_configured() {
    let requested = |held: &str| {
        let request = Connection {
            created: Some("2020-01-01T00:00:00Z".parse().unwrap()),
            ..connection(STRANGER, "pendingAcceptance")
        };
        with(
            request,
            &[
                ("drawbridge:decision", "hold"),
                ("drawbridge:reason", "OUTSIDE_ORGANIZATION"),
                ("drawbridge:decided-at", held),
            ],
        )
    };
    let more = ", requests: {reject-after: 7d}";
    for (created, membership, expected) in [
        ("2026-10-26T10:00:00Z", Membership::Outside, "reject HELD_TOO_LONG []"),
        ("2026-10-26T10:00:01Z", Membership::Outside, "hold OUTSIDE_ORGANIZATION []"),
        ("2026-01-01T00:00:00Z", Membership::Unknown { why: String::new() }, "hold MEMBERSHIP_UNKNOWN []"),
    ] {
        assert_eq!(decisions(&review_as(more, MEMBERS_ONLY, requested(created), membership)), [expected], "{created}");
    }
    assert_eq!(
        decisions(&review(requested("2020-01-01T00:00:00Z"), Membership::Outside)),
        ["hold OUTSIDE_ORGANIZATION []"]
    );
}

#[test]
fn quota_counts_the_connections_of_one_batch_and_keeps_the_oldest() {
    let quota = r#"@id("quota") permit (principal, action, resource) when { context.connections < 2 };"#;
    let one = |number: usize, state| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        // The greatest id is the oldest.
        created: Some(format!("2026-11-01T00:00:{:02}Z", 10 - number).parse().unwrap()),
        ..connection(MEMBER, state)
    };
    let named = |plan: &Plan<Step>, outcome: Outcome| -> Vec<String> {
        let decisions = plan.steps.iter().map(|(_, decision)| decision).chain(&plan.held);
        let named = decisions.filter(|decision| decision.outcome == outcome);
        named
            .map(|decision| {
                decision.about.fields["vpc_endpoint_id"].trim_start_matches("vpce-0000000000000000").to_owned()
            })
            .collect()
    };
    let requests = (0..4).map(|number| one(number, "pendingAcceptance")).collect();
    let plan = decide(quota, Scope::Requests, &observed(requests, member(AccountState::Active)));
    assert_eq!((named(&plan, Outcome::Accept), named(&plan, Outcome::Hold).len()), (vec!["3".into(), "2".into()], 2));
    let mixed = vec![one(0, "pendingAcceptance"), one(2, "available"), one(3, "available"), one(1, "available")];
    let plan = decide(quota, Scope::Sweep, &observed(mixed, member(AccountState::Active)));
    assert_eq!(named(&plan, Outcome::Keep), ["3", "2"], "the request comes last, however old");
    assert_eq!(named(&plan, Outcome::Hold).len(), 2);
}

#[test]
fn what_is_due_waits_for_a_sweep_which_alone_sees_how_much_is() {
    let due =
        with(accepted(), &[(tag::REVOKE_AFTER, "2026-11-01T00:00:00Z"), (tag::REVOKE_REASON, "LEFT_ORGANIZATION")]);
    let observed = observed(vec![due], Membership::Outside);
    let plan = |scope, more| plan(&key(scope), &observed, &rules(more, MEMBERS_ONLY), now());
    assert_eq!(plan(Scope::Sweep, "").removals.len(), 1);
    assert_eq!(plan(Scope::Everything, "").removals, []);
    assert_eq!(plan(Scope::Everything, ", revocation: {grace: 0s}").removals.len(), 1, "at once is at once");
}

#[test]
fn grace_of_nothing_ends_one_that_was_recorded() {
    let prolonged = with(accepted(), &[(tag::REVOKE_AFTER, "2099-01-01T00:00:00Z")]);
    assert_eq!(review(prolonged.clone(), Membership::Outside).removals, []);
    let plan = review_as(", revocation: {grace: 0s}", MEMBERS_ONLY, prolonged, Membership::Outside);
    assert_eq!(plan.removals.len(), 1);
}

#[test]
fn grace_keeps_its_end_when_its_reason_changes() {
    let waiting =
        with(accepted(), &[(tag::REVOKE_AFTER, "2026-11-02T20:00:00Z"), (tag::REVOKE_REASON, "ACCOUNT_SUSPENDED")]);
    let plan = review(waiting, Membership::Outside);
    let record = &changes(&plan)[0].record;
    assert_eq!(
        (record[tag::REVOKE_AFTER].as_str(), record[tag::REVOKE_REASON].as_str()),
        ("2026-11-02T20:00:00Z", "LEFT_ORGANIZATION")
    );
    assert_eq!(plan.steps[0].1.announce, None);
}

#[test]
fn drain_needs_no_case_and_knows_no_limit() {
    let due = |number: usize| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        owner: format!("{number:012}").parse().unwrap(),
        ..with(accepted(), &[(tag::REVOKE_AFTER, "2026-11-01T00:00:00Z"), (tag::REVOKE_REASON, "DRAINING")])
    };
    let mut observed = observed((0..20).map(due).collect(), member(AccountState::Active));
    let tags = tags([("drawbridge:enabled", "true"), (tag::DRAIN, "true")]);
    observed.service = Some(EndpointService { tags, ..service() });
    let rules = rules(", revocation: {of: [], most: 1, most-percent: 1}", MEMBERS_ONLY);
    let plan = plan(&key(Scope::Everything), &observed, &rules, now());
    assert_eq!((plan.steps.len(), plan.removals.len(), plan.held.len()), (20, 0, 0));
}

#[test]
fn part_of_a_service_is_that_of_its_established_connections() {
    let due = |owner: &str, number: usize| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        owner: owner.parse().unwrap(),
        ..with(accepted(), &[(tag::REVOKE_AFTER, "2026-11-01T00:00:00Z")])
    };
    let request = |number: usize| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        ..connection(MEMBER, "pendingAcceptance")
    };
    let mut all = vec![due(MEMBER, 1), due(STRANGER, 2)];
    all.extend((10..30).map(request));
    assert_eq!(decide(MEMBERS_ONLY, Scope::Sweep, &observed(all, Membership::Outside)).removals, []);
}

#[test]
fn approval_lets_no_account_in_that_is_not_active() {
    let approved = with(connection(MEMBER, "pendingAcceptance"), &[(tag::APPROVAL, "approved")]);
    let decided = decisions(&review_as("", NOTHING_ABOUT_US, approved, member(AccountState::Closed)));
    assert_eq!(decided, ["hold ACCOUNT_CLOSED []"]);
}

#[test]
fn record_of_what_a_person_ordered_keeps_what_was_known_of_the_account() {
    let refused = with(accepted(), &[(tag::APPROVAL, "refused")]);
    let plan = review(refused, Membership::Unknown { why: String::new() });
    assert!(!changes(&plan)[0].record.contains_key(tag::MEMBERSHIP));
}

#[test]
fn empty_owner_is_somebody_elses_mark() {
    let marked = with(connection(MEMBER, "pendingAcceptance"), &[("drawbridge:owner", "")]);
    assert_eq!(decisions(&review(marked, member(AccountState::Active))), ["ignore NOT_OWNED []"]);
}

#[test]
fn what_we_let_stand_keeps_its_place_in_a_quota_when_somebody_adds_an_older_one() {
    let quota = r#"@id("quota") permit (principal, action, resource) when { context.connections < 1 };"#;
    let one = |number: usize, created: &str, connection: Connection| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        created: Some(created.parse().unwrap()),
        ..connection
    };
    let both = vec![
        one(1, "2026-10-01T00:00:00Z", connection(MEMBER, "available")),
        one(2, "2026-11-01T00:00:00Z", accepted()),
    ];
    let plan = decide(quota, Scope::Everything, &observed(both, member(AccountState::Active)));
    assert_eq!(decisions(&plan), ["hold NO_PERMIT []"]);
    assert_eq!(plan.held[0].about.fields["vpc_endpoint_id"], "vpce-00000000000000001");
}
