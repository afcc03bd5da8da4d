//! The example policies of `infra/policies/`: who gets in by each, and who doesn't.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that stops is a test that fails")]

use std::{collections::BTreeMap, fs, path::Path};

use drawbridge::{
    model::{Account, AccountState, Connection, ConnectionState, EndpointService, OrganizationPath, ServiceKey, Tags},
    policy::{Acceptance, Question, Verdict},
};

const PRODUCTION: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-33333333/";
const SANDBOX: &str = "o-a1b2c3d4e5/r-ab12/ou-ab12-22222222/";
const ANOTHER_ORGANIZATION: &str = "o-zzzzzzzzzz/r-zz99/ou-zz99-11111111/";

/// Someone who asks for a service.
#[derive(Clone, Copy)]
struct Asks {
    account: &'static str,
    /// Its place in an Organization; `None` for a stranger.
    place: Option<&'static str>,
    tag: Option<(&'static str, &'static str)>,
    /// A tag of the account.
    account_tag: Option<(&'static str, &'static str)>,
    /// How many connections it has already.
    connections: usize,
    region: &'static str,
    now: &'static str,
}

const MEMBER: Asks = Asks {
    account: "444444444444",
    place: Some(PRODUCTION),
    tag: None,
    account_tag: None,
    connections: 0,
    region: "eu-west-1",
    now: "2026-11-02T10:00:00Z",
};
const IN_SANDBOX: Asks = Asks { account: "555555555555", place: Some(SANDBOX), ..MEMBER };
const PARTNER: Asks = Asks { account: "777777777777", place: None, ..MEMBER };
const STRANGER: Asks = Asks { account: "999999999999", place: None, ..MEMBER };
const FOREIGN_MEMBER: Asks = Asks { account: "999999999999", place: Some(ANOTHER_ORGANIZATION), ..MEMBER };

fn cases() -> BTreeMap<&'static str, Vec<(Asks, &'static str)>> {
    let production = Some(("tier", "production"));
    let for_partners = Some(("audience", "partners"));
    let (stage, shared) = (Some(("stage", "production")), Some(("stage", "shared")));
    BTreeMap::from([
        (
            "members-only",
            vec![
                (MEMBER, "permitted ORG_MEMBER"),
                (IN_SANDBOX, "permitted ORG_MEMBER"),
                (STRANGER, "no match"),
                (FOREIGN_MEMBER, "no match"),
            ],
        ),
        (
            "by-organizational-unit",
            vec![
                (Asks { tag: production, ..MEMBER }, "permitted PRODUCTION_UNIT"),
                (Asks { tag: production, ..IN_SANDBOX }, "no match"),
                (IN_SANDBOX, "permitted ORG_MEMBER"),
                (Asks { tag: production, ..STRANGER }, "no match"),
            ],
        ),
        (
            "outside-partners",
            vec![
                (Asks { tag: for_partners, ..PARTNER }, "permitted PARTNER"),
                (PARTNER, "no match"),
                (Asks { tag: for_partners, ..STRANGER }, "no match"),
                (MEMBER, "permitted ORG_MEMBER"),
            ],
        ),
        (
            "until-a-date",
            vec![
                (Asks { now: "2026-12-31T23:59:59Z", ..PARTNER }, "permitted CONTRACT"),
                (Asks { now: "2027-01-01T00:00:00Z", ..PARTNER }, "no match"),
                (Asks { now: "2027-01-01T00:00:00Z", ..MEMBER }, "permitted ORG_MEMBER"),
                (STRANGER, "no match"),
            ],
        ),
        (
            "by-account-tag",
            vec![
                (Asks { tag: stage, account_tag: stage, ..MEMBER }, "permitted SAME_STAGE"),
                (Asks { tag: stage, account_tag: Some(("stage", "test")), ..MEMBER }, "no match"),
                (Asks { tag: stage, ..MEMBER }, "no match"),
                (Asks { account_tag: stage, ..MEMBER }, "no match"),
                (Asks { tag: shared, account_tag: Some(("stage", "test")), ..MEMBER }, "permitted SHARED_SERVICE"),
                (Asks { tag: shared, ..MEMBER }, "no match"),
                (Asks { tag: stage, account_tag: stage, ..FOREIGN_MEMBER }, "no match"),
                (Asks { tag: stage, ..STRANGER }, "no match"),
            ],
        ),
        (
            "quota-per-account",
            vec![
                (Asks { connections: 2, ..MEMBER }, "permitted ORG_MEMBER"),
                (Asks { connections: 3, ..MEMBER }, "no match"),
                (STRANGER, "no match"),
            ],
        ),
        (
            "sandbox-forbidden",
            vec![
                (MEMBER, "permitted ORG_MEMBER"),
                (IN_SANDBOX, "forbidden SANDBOX"),
                (Asks { region: "us-east-1", ..MEMBER }, "forbidden CROSS_REGION"),
                (STRANGER, "no match"),
            ],
        ),
    ])
}

#[test]
fn example_lets_in_whom_it_says_and_nobody_else() {
    for (name, asked) in cases() {
        let acceptance = read(name);
        for (number, (asks, expected)) in asked.into_iter().enumerate() {
            assert_eq!(judge(&acceptance, &asks), expected, "{name}, case {number}: account {}", asks.account);
        }
    }
}

#[test]
fn every_example_has_its_cases() {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    let names: Vec<String> = files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    for name in &names {
        assert!(cases().contains_key(name.as_str()), "{name}.cedar has no case");
    }
    assert_eq!(names.len(), cases().len());
}

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/policies")
}

fn read(name: &str) -> Acceptance {
    let text = fs::read_to_string(folder().join(format!("{name}.cedar"))).unwrap();
    Acceptance::parse(&text).unwrap_or_else(|faults| panic!("{name}: {faults}"))
}

fn judge(acceptance: &Acceptance, asks: &Asks) -> String {
    let tags: Tags = asks.tag.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    let service = EndpointService {
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
        tags,
    };
    let connection = Connection {
        endpoint: "vpce-0f1e2d3c4b5a69788".parse().unwrap(),
        owner: asks.account.parse().unwrap(),
        state: ConnectionState::PendingAcceptance,
        id: None,
        created: None,
        region: Some(asks.region.parse().unwrap()),
        ip_address_type: None,
        tags: Tags::new(),
    };
    let member = asks.place.map(|place| Account {
        id: asks.account.parse().unwrap(),
        state: AccountState::Active,
        path: format!("{place}{}/", asks.account).parse::<OrganizationPath>().unwrap(),
        name: None,
        email_domain: None,
        joined: None,
        tags: asks.account_tag.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
    });
    let question = Question {
        service: &service,
        owner: &connection.owner,
        member: member.as_ref(),
        connection: Some(&connection),
        connections: asks.connections,
        now: asks.now.parse().unwrap(),
    };
    match acceptance.judge(&question) {
        Verdict::Permitted(by) => format!("permitted {}", by.reason.unwrap_or_default()),
        Verdict::Forbidden(by) => format!("forbidden {}", by.reason.unwrap_or_default()),
        Verdict::NoMatch => "no match".to_owned(),
        Verdict::Failed { why } => format!("failed: {why}"),
    }
}
