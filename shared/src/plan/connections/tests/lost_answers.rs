//! What becomes of an answer that didn't get through, or whose own answer got lost: the record on the connection tells.

use super::*;
use crate::event::told;

fn sweep(connection: Connection, membership: Membership) -> Plan<Step> {
    decide(MEMBERS_ONLY, Scope::Sweep, &observed(vec![connection], membership))
}

/// A connection that was due, and is rejected now though the record doesn't say so.
fn cut_off() -> Connection {
    let due = [(tag::REVOKE_AFTER, "2026-11-02T10:00:00Z"), (tag::REVOKE_REASON, "LEFT_ORGANIZATION")];
    Connection { state: ConnectionState::Rejected, ..with(accepted(), &due) }
}

#[test]
fn connection_that_was_cut_off_without_an_answer_is_recorded_and_told_once() {
    let plan = sweep(cut_off(), Membership::Outside);
    assert_eq!(decisions(&plan), ["revoke LEFT_ORGANIZATION []"]);
    assert_eq!((changes(&plan)[0].answer, plan.steps[0].1.announce), (None, Some(told::CONNECTION_REVOKED)));
    assert_eq!(
        plan.steps[0].1.detail.as_deref(),
        Some("its grace ended 2026-11-02T10:00:00Z; the answer to its being cut off got lost")
    );
    let tags = cut_off().tags.into_iter().chain(changes(&plan)[0].record.clone()).collect();
    assert_eq!(sweep(Connection { tags, ..cut_off() }, Membership::Outside), Plan::default());
}

#[test]
fn connection_that_we_can_not_have_cut_off_or_that_is_none_of_ours_is_not_told_as_cut_off() {
    for (why, connection) in [
        ("no grace", Connection { state: ConnectionState::Rejected, ..accepted() }),
        ("the grace has not ended", with(cut_off(), &[(tag::REVOKE_AFTER, "2026-11-02T10:00:01Z")])),
        ("no object to record it on", Connection { id: None, ..cut_off() }),
        ("a person's", with(cut_off(), &[(tag::IGNORE, "true")])),
        ("another deployment's", with(cut_off(), &[(tag::OWNER, "another")])),
        ("never let in", with(cut_off(), &[(tag::DECISION, "hold")])),
        ("gone", Connection { state: ConnectionState::parse("deleted"), ..cut_off() }),
    ] {
        assert_eq!(sweep(connection, Membership::Outside), Plan::default(), "{why}");
    }
}

#[test]
fn record_of_an_acceptance_that_did_not_get_through_is_taken_back_silently_when_nothing_can_be_told() {
    let unknown = || Membership::Unknown { why: "throttled".into() };
    let waiting = Connection { state: ConnectionState::PendingAcceptance, ..accepted() };
    let plan = sweep(waiting.clone(), unknown());
    assert_eq!(decisions(&plan), ["hold MEMBERSHIP_UNKNOWN []"]);
    let change = &changes(&plan)[0];
    assert_eq!((change.answer, change.record["drawbridge:decision"].as_str()), (None, "hold"));
    let decision = &plan.steps[0].1;
    assert_eq!((decision.announce, decision.remedies.len()), (None, 0), "what can't be told is no news");
    // Nothing to record it on, or nothing to take back.
    for request in [Connection { id: None, ..waiting.clone() }, with(waiting, &[(tag::DECISION, "hold")])] {
        let plan = sweep(request, unknown());
        assert_eq!((plan.steps.len(), plan.held.len()), (0, 1));
    }
}
