//! What is judged and read in which scope, and of whom it is asked anew.

use super::*;

const NEIGHBOUR: &str = "555555555555";

#[test]
fn connection_is_judged_within_its_scope_when_it_is_open_and_in_nobody_elses_hands() {
    let ignored = |state| with(connection(MEMBER, state), &[(tag::IGNORE, "true")]);
    let anothers = |state| with(connection(MEMBER, state), &[(tag::OWNER, "another")]);
    let of = |state| connection(MEMBER, state);
    let rules = rules("", MEMBERS_ONLY);
    for (connection, scope, expected) in [
        (of("pendingAcceptance"), Scope::Requests, true),
        (of("pendingAcceptance"), Scope::Everything, true),
        (of("available"), Scope::Requests, false),
        (of("available"), Scope::Everything, true),
        (of("available"), Scope::Sweep, true),
        (of("rejected"), Scope::Requests, false),
        (of("rejected"), Scope::Sweep, false),
        (ignored("pendingAcceptance"), Scope::Requests, false),
        (ignored("available"), Scope::Sweep, false),
        (anothers("pendingAcceptance"), Scope::Sweep, false),
        (anothers("available"), Scope::Everything, false),
    ] {
        assert_eq!(is_judged(&connection, scope, &rules), expected, "{connection:?} {scope:?}");
    }
}

#[test]
fn all_connections_are_read_for_a_request_only_when_a_policy_counts_them() {
    let counting = r#"@id("quota") permit (principal, action, resource) when { context.connections < 2 };"#;
    for (policy, scope, expected) in [
        (MEMBERS_ONLY, Scope::Requests, Scope::Requests),
        (MEMBERS_ONLY, Scope::Sweep, Scope::Sweep),
        (counting, Scope::Requests, Scope::Everything),
        (counting, Scope::Sweep, Scope::Sweep),
    ] {
        assert_eq!(reads(scope, &rules("", policy)), expected, "{policy} {scope:?}");
    }
}

#[test]
fn principals_are_read_by_a_review_to_manage_them_or_where_nobody_is_asked() {
    let draining = tags([("drawbridge:enabled", "true"), (tag::DRAIN, "true")]);
    for (scope, manage, acceptance_required, tags, expected) in [
        (Scope::Requests, "add", true, service().tags, (false, true)),
        (Scope::Requests, "none", false, service().tags, (false, false)),
        (Scope::Everything, "none", true, service().tags, (false, false)),
        (Scope::Everything, "none", false, service().tags, (true, false)),
        (Scope::Everything, "add", true, service().tags, (true, true)),
        (Scope::Sweep, "exact", false, service().tags, (true, true)),
        (Scope::Sweep, "exact", true, draining.clone(), (false, false)),
        (Scope::Sweep, "none", true, draining, (false, false)),
    ] {
        let rules = rules(&format!(", principals: {{manage: {manage}}}"), MEMBERS_ONLY);
        let service = EndpointService { acceptance_required, tags, ..service() };
        let read = (reads_principals(&service, scope, &rules), manages_principals(&service, &rules));
        assert_eq!(read, expected, "{scope:?} {manage} {service:?}");
    }
}

fn forbidding(owners: &[&str]) -> String {
    format!(
        "{MEMBERS_ONLY} @id(\"no\") forbid (principal, action, resource) when {{ {owners:?}.contains(principal.id) }};"
    )
}

/// What has been known for this many seconds.
fn known_for(seconds: i64, membership: Membership) -> Known {
    Known { membership, at: now() - SignedDuration::from_secs(seconds) }
}

fn asked_anew(observed: &Observed, more: &str, policy: &str) -> Vec<String> {
    let asked = to_be_asked_anew(&key(Scope::Sweep), observed, &rules(more, policy), now());
    asked.iter().map(ToString::to_string).collect()
}

#[test]
fn nobody_is_turned_away_on_a_remembered_answer() {
    let asked = |connection: Connection, seconds| {
        let owner = connection.owner.clone();
        let mut observed = observed(vec![connection], member(AccountState::Active));
        observed.owners = BTreeMap::from([(owner, known_for(seconds, member(AccountState::Active)))]);
        asked_anew(&observed, "", &forbidding(&[MEMBER])).len()
    };
    let request = || connection(MEMBER, "pendingAcceptance");
    assert_eq!(asked(request(), 60), 1, "rejected");
    assert_eq!(asked(accepted(), 60), 1, "put on a grace");
    assert_eq!(asked(request(), 10), 0, "asked just now");
}

#[test]
fn only_those_are_asked_anew_who_would_be_turned_away_and_only_when_the_answer_is_old() {
    let request = |owner: &str, number: usize| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        ..connection(owner, "pendingAcceptance")
    };
    let connections = vec![request(MEMBER, 1), request(NEIGHBOUR, 2), request(STRANGER, 3)];
    let mut observed = observed(connections, member(AccountState::Active));
    observed.owners = [(MEMBER, 60), (NEIGHBOUR, 60), (STRANGER, 1)]
        .map(|(owner, seconds)| (owner.parse().unwrap(), known_for(seconds, member(AccountState::Active))))
        .into();
    assert_eq!(asked_anew(&observed, "", &forbidding(&[MEMBER, STRANGER])), [MEMBER]);
}

#[test]
fn those_whose_removal_is_withheld_are_asked_anew_and_those_who_are_left_as_they_are_not() {
    let due = |owner: &str, number: usize| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        ..with(connection(owner, "available"), &[("drawbridge:decision", "accept")])
    };
    let observed = |revoked: &[&str]| {
        let connections = revoked.iter().zip(1..).map(|(owner, number)| due(owner, number)).collect();
        let mut observed = observed(connections, Membership::Outside);
        observed.owners.values_mut().for_each(|known| *known = known_for(60, Membership::Outside));
        observed
    };
    let at_once = ", revocation: {grace: 0s, most-percent: 1}";
    assert_eq!(asked_anew(&observed(&[MEMBER, STRANGER]), at_once, MEMBERS_ONLY), [MEMBER, STRANGER]);
    assert_eq!(asked_anew(&observed(&[MEMBER]), ", revocation: {of: []}", MEMBERS_ONLY), [] as [&str; 0]);
}

#[test]
fn accounts_are_asked_anew_before_they_are_removed_from_the_principals_and_not_before_they_are_allowed() {
    let members = [(MEMBER, member(AccountState::Suspended)), (NEIGHBOUR, member(AccountState::Active))];
    let members = members.map(|(account, membership)| (account.parse().unwrap(), known_for(60, membership)));
    let observed = Observed {
        service: Some(service()),
        principals: Some(Principals::from([Principal::Account(MEMBER.parse().unwrap())])),
        members: Some(members.into()),
        ..Observed::default()
    };
    for more in ["", ", revocation: {most: 0}"] {
        let more = format!(", principals: {{manage: exact}}{more}");
        assert_eq!(asked_anew(&observed, &more, MEMBERS_ONLY), [MEMBER], "{more}");
    }
}

#[test]
fn service_under_review_is_named_by_its_id() {
    assert_eq!(key(Scope::Sweep).to_string(), key(Scope::Sweep).service.to_string());
    assert!(key(Scope::Sweep).to_string().contains("vpce-svc-0a1b2c3d4e5f60718"));
}
