//! A service with requests, and the rules to judge them by.

use drawbridge::{
    model::{
        Account, AccountId, AccountState, Connection, ConnectionState, EndpointService, Known, Membership, Scope,
        ServiceKey, Tags,
    },
    plan::connections::{Key, Observed},
    policy::Rules,
};
use jiff::Timestamp;

/// A configuration that looks after the service.
pub const CONFIGURATION: &str = "{version: 1, deployment: hub, organization: o-a1b2c3d4e5, hub-account: '222222222222',
    providers: {accounts: ['222222222222'], regions: [eu-west-1]}}";

/// The body of a message: a consumer's `CreateVpcEndpoint`.
pub fn message() -> String {
    let case: serde_json::Value =
        serde_json::from_str(include_str!("../../../tests/cases/event/create_endpoint.json")).unwrap();
    case["message"].to_string()
}

/// A policy for members and as many more as make this number.
pub fn acceptance(policies: usize) -> String {
    let member = "@id(\"members-only\") @reason(\"ORG_MEMBER\")
        permit (principal in Drawbridge::Organization::\"o-a1b2c3d4e5\", action, resource);\n";
    let unit = |number: usize| {
        format!(
            "@id(\"no-{number}\") forbid (principal in Drawbridge::OrganizationalUnit::\"ou-ab12-{number:08}\", action, resource);\n"
        )
    };
    member.to_owned() + &(1..policies).map(unit).collect::<String>()
}

/// Rules with this many policies.
pub fn rules(policies: usize) -> Rules {
    Rules::parse(CONFIGURATION, &acceptance(policies)).unwrap()
}

/// A service with requests of 100 accounts, one in ten of them a stranger.
pub fn observed(connections: usize) -> (Key, Observed) {
    let service = ServiceKey {
        account: "222222222222".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        service: "vpce-svc-0a1b2c3d4e5f60718".parse().unwrap(),
    };
    let owner = |number: usize| -> AccountId { format!("4444444444{:02}", number % 100).parse().unwrap() };
    let connection = |number: usize| Connection {
        endpoint: format!("vpce-{number:017x}").parse().unwrap(),
        owner: owner(number),
        state: ConnectionState::PendingAcceptance,
        id: Some(format!("vpce-svc-con-{number:017x}").parse().unwrap()),
        created: None,
        region: None,
        ip_address_type: None,
        tags: Tags::new(),
    };
    let membership = |number: usize| {
        if number.is_multiple_of(10) {
            return Membership::Outside;
        }
        Membership::Member(Account {
            id: owner(number),
            state: AccountState::Active,
            path: "o-a1b2c3d4e5/r-ab12/ou-ab12-99999999/ou-ab12-99999998/".parse().unwrap(),
            name: None,
            email_domain: None,
            joined: None,
            tags: Tags::new(),
        })
    };
    let observed = Observed {
        service: Some(EndpointService {
            key: service.clone(),
            name: "com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718".into(),
            acceptance_required: true,
            load_balancers: [].into(),
            availability_zones: [].into(),
            private_dns_name: None,
            verification: None,
            tags: Tags::from([("drawbridge:enabled".into(), "true".into())]),
        }),
        connections: (0..connections).map(connection).collect(),
        owners: (0..100)
            .map(|number| (owner(number), Known { membership: membership(number), at: Timestamp::UNIX_EPOCH }))
            .collect(),
        ..Observed::default()
    };
    (Key { service, scope: Scope::Requests }, observed)
}
