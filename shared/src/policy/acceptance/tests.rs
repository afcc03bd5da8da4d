use super::*;
use crate::model::AccountState;

const MEMBERS_ONLY: &str = r#"@id("members-only")
@reason("ORG_MEMBER")
permit (principal in Drawbridge::Organization::"o-a1b2c3d4e5", action, resource);
"#;

fn service() -> EndpointService {
    EndpointService {
        key: ServiceKey {
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
        tags: Tags::from([("tier".into(), "gold".into())]),
    }
}

fn connection() -> Connection {
    Connection {
        endpoint: "vpce-0f1e2d3c4b5a69788".parse().unwrap(),
        owner: "444444444444".parse().unwrap(),
        state: ConnectionState::PendingAcceptance,
        id: None,
        created: Some("2026-11-02T09:15:30Z".parse().unwrap()),
        region: None,
        ip_address_type: Some("ipv4".into()),
        tags: Tags::new(),
    }
}

fn member() -> Account {
    Account {
        id: "444444444444".parse().unwrap(),
        state: AccountState::Active,
        path: "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/444444444444/".parse().unwrap(),
        name: Some("payments \"prod\"".into()),
        email_domain: Some("example.com".into()),
        joined: Some("2024-01-01T00:00:00Z".parse().unwrap()),
        tags: Tags::from([("stage".into(), "production".into())]),
    }
}

fn judge(policy: &str, member: Option<&Account>) -> Verdict {
    let (service, connection) = (service(), connection());
    let question = Question {
        service: &service,
        owner: &connection.owner,
        member,
        connection: Some(&connection),
        connections: 2,
        now: "2026-11-02T10:00:00Z".parse().unwrap(),
    };
    Acceptance::parse(policy).unwrap().judge(&question)
}

fn determining(id: &str, reason: Option<&str>) -> Determining {
    Determining { policies: vec![id.into()], reason: reason.map(Into::into) }
}

#[test]
fn members_only_permits_a_member_and_matches_nobody_else() {
    let permitted = Verdict::Permitted(determining("members-only", Some("ORG_MEMBER")));
    assert_eq!(judge(MEMBERS_ONLY, Some(&member())), permitted);
    assert_eq!(judge(MEMBERS_ONLY, None), Verdict::NoMatch);
}

#[test]
fn policies_can_tell_an_established_connection_and_another_region() {
    let (service, established) = (service(), Connection { state: ConnectionState::Available, ..connection() });
    let elsewhere = Connection { region: Some("us-east-1".parse().unwrap()), ..connection() };
    for (condition, connection) in [("context.established", established), ("context.crossRegion", elsewhere)] {
        let policy = format!("@id(\"p\") permit (principal, action, resource) when {{ {condition} }};");
        let (owner, now) = (&connection.owner, Timestamp::UNIX_EPOCH);
        let question =
            Question { service: &service, owner, member: None, connection: Some(&connection), connections: 0, now };
        let verdict = Acceptance::parse(&policy).unwrap().judge(&question);
        assert_eq!(verdict, Verdict::Permitted(determining("p", None)), "{condition}");
    }
}

#[test]
fn forbid_wins_over_permit() {
    let policy = format!(
        "{MEMBERS_ONLY}\n@id(\"no-sandbox\") forbid (principal in Drawbridge::OrganizationalUnit::\"ou-ab12-11111111\", action, resource);"
    );
    assert_eq!(judge(&policy, Some(&member())), Verdict::Forbidden(determining("no-sandbox", None)));
}

#[test]
fn policies_can_speak_of_everything_in_the_schema() {
    for condition in [
        "principal.id == \"444444444444\"",
        "principal has name && principal.name == \"payments \\\"prod\\\"\"",
        "principal has emailDomain && principal.emailDomain == \"example.com\"",
        "principal has joined && principal.joined < datetime(\"2025-01-01\")",
        "principal in Drawbridge::Root::\"r-ab12\"",
        "resource.id == \"vpce-svc-0a1b2c3d4e5f60718\" && resource.account == \"222222222222\"",
        "resource.name like \"com.amazonaws.vpce.eu-west-1.*\" && resource.region == \"eu-west-1\"",
        "!(resource has privateDnsName)",
        "resource.hasTag(\"tier\") && resource.getTag(\"tier\") == \"gold\"",
        "context.now > datetime(\"2026-11-01\") && context has requested && context.requested < context.now",
        "context.endpointRegion == \"eu-west-1\" && !context.crossRegion && !context.established",
        "context has ipAddressType && context.ipAddressType == \"ipv4\"",
        "context has endpoint && context.endpoint like \"vpce-*\"",
        "context has age && context.age > duration(\"44m\") && context.age < duration(\"45m\")",
        "context.connections == 2",
        "principal has state && principal.state == \"ACTIVE\"",
        "principal.hasTag(\"stage\") && principal.getTag(\"stage\") == \"production\"",
    ] {
        let policy = format!("@id(\"p\") permit (principal, action, resource) when {{ {condition} }};");
        assert_eq!(judge(&policy, Some(&member())), Verdict::Permitted(determining("p", None)), "{condition}");
    }
}

#[test]
fn policy_that_permits_every_account_there_is_is_found() {
    let found = |policy: &str| {
        let (regions, now) = (["eu-west-1".parse().unwrap()].into(), "2026-11-02T10:00:00Z".parse().unwrap());
        Acceptance::parse(policy).unwrap().permits_everybody(&regions, now).is_some()
    };
    assert!(found("@id(\"p\") permit (principal, action, resource);"));
    assert!(found("@id(\"p\") permit (principal, action, resource) when { principal.id != \"000000000001\" };"));
    for condition in [
        "context has endpoint",
        "resource.region == \"eu-west-1\"",
        "context.now > datetime(\"2026-01-01\")",
        "resource.hasTag(\"x\") && resource.getTag(\"x\") == \"y\"",
    ] {
        assert!(
            found(&format!("@id(\"p\") permit (principal, action, resource) when {{ {condition} }};")),
            "{condition}"
        );
    }
    assert!(!found(MEMBERS_ONLY));
    assert!(!found("@id(\"p\") permit (principal == Drawbridge::Account::\"000000000001\", action, resource);"));
}

#[test]
fn policy_that_fails_at_evaluation_fails_the_verdict_even_when_another_permits() {
    let policy = format!(
        "{MEMBERS_ONLY}\n@id(\"overflow\") permit (principal, action, resource) when {{ 9223372036854775807 + 1 == 0 }};"
    );
    let Verdict::Failed { why } = judge(&policy, Some(&member())) else { panic!("not failed") };
    assert!(why.contains("overflow"), "{why}");
}

#[test]
fn all_faults_of_a_policy_are_reported_with_line_and_column() {
    let policy = "permit (principal, action, resource);\n\n@id(\"a\") @reason(\"because\")\npermit (principal, action, resource);\n\n@id(\"b\")\nforbid (principal, action, resource)\nwhen { principal.nmae == \"x\" };\n@id(\"b\") permit (principal, action, resource);\n";
    let faults = Acceptance::parse(policy).unwrap_err().to_string();
    let lines: Vec<&str> = faults.lines().collect();
    assert_eq!(lines.len(), 4, "{faults}");
    assert!(lines[0].starts_with("acceptance.cedar:1:1: the policy needs an @id"), "{faults}");
    assert!(lines[1].starts_with("acceptance.cedar:3:1: @reason(\"because\")"), "{faults}");
    assert!(lines.iter().any(|line| line.starts_with("acceptance.cedar:8:") && line.contains("nmae")), "{faults}");
    assert!(lines.iter().any(|line| line.contains("@id(\"b\") is the id of another policy")), "{faults}");
}

#[test]
fn policy_brings_a_reason_that_is_none_of_ours() {
    let policy = MEMBERS_ONLY.replace("ORG_MEMBER", "MEMBERSHIP_UNKNOWN");
    let faults = Acceptance::parse(&policy).unwrap_err().to_string();
    assert!(faults.contains("@reason(\"MEMBERSHIP_UNKNOWN\") is a code of Drawbridge's own"), "{faults}");
}

#[test]
fn text_that_is_not_cedar_is_refused_with_its_place() {
    let faults = Acceptance::parse("@id(\"a\")\npermit (principal, action, resorce);").unwrap_err().to_string();
    assert!(faults.starts_with("acceptance.cedar:2:"), "{faults}");
    assert_eq!(
        Acceptance::parse("").unwrap_err().to_string(),
        "acceptance.cedar:1:1: no policy: nobody could ever be accepted"
    );
}

#[test]
fn verdict_names_all_policies_that_determine_it_and_the_reason_of_the_first_that_has_one() {
    let policy = format!(
        "{MEMBERS_ONLY} @id(\"b\") @reason(\"B\") permit (principal, action, resource);
         @id(\"a\") permit (principal, action, resource);"
    );
    let policies = ["a", "b", "members-only"].map(ToOwned::to_owned).to_vec();
    let determining = Determining { policies, reason: Some("B".to_owned()) };
    assert_eq!(judge(&policy, Some(&member())), Verdict::Permitted(determining));
    assert_eq!(Acceptance::parse(&policy).unwrap().count(), 3);
}

#[test]
fn verdict_is_told_in_words() {
    let determining = Determining { policies: vec!["a".to_owned(), "b".to_owned()], reason: None };
    for (verdict, expected) in [
        (Verdict::Permitted(determining.clone()), "a, b permits it"),
        (Verdict::Forbidden(determining), "a, b forbids it"),
        (Verdict::NoMatch, "no policy matches"),
        (Verdict::Failed { why: "overflow".to_owned() }, "it can't be told: overflow"),
    ] {
        assert_eq!(verdict.to_string(), expected);
    }
}

#[test]
fn policy_that_permits_everybody_is_named() {
    let everybody = "@id(\"p\") permit (principal, action, resource);";
    let regions = ["eu-west-1".parse().unwrap()].into();
    assert_eq!(
        Acceptance::parse(everybody).unwrap().permits_everybody(&regions, Timestamp::UNIX_EPOCH).as_deref(),
        Some("p permits every account there is, members of the Organization or not")
    );
}

#[test]
fn id_and_reason_of_a_policy_are_words_of_at_most_64_characters() {
    let parsed =
        |annotations: &str| Acceptance::parse(&format!("{annotations} permit (principal, action, resource);")).is_ok();
    let long = "A".repeat(64);
    let too_long = "A".repeat(65);
    for (word, id, reason) in [
        ("a", true, false),
        ("A", true, true),
        (long.as_str(), true, true),
        (too_long.as_str(), false, false),
        ("", false, false),
        ("A-1_b", true, false),
        ("A1_B", true, true),
        ("A-B", true, false),
        ("AbC", true, false),
        ("1A", true, false),
        ("_A", true, false),
        ("A B", false, false),
        ("\u{c4}", false, false),
    ] {
        assert_eq!(parsed(&format!("@id(\"{word}\")")), id, "@id {word}");
        assert_eq!(parsed(&format!("@id(\"p\") @reason(\"{word}\")")), reason, "@reason {word}");
    }
}
