//! What configurations and policies mean, in words that no name of the code is part of.

use drawbridge::{
    model::{Account, AccountId, AccountState, EndpointService, ServiceKey, Tags},
    policy::{Acceptance, Configuration, ManagePrincipals, Period, Question, RevocationCase, Select, Verdict},
};
use serde_json::{Map, Value, json};

/// What a configuration says, with all that it leaves out.
pub fn meaning(text: &str) -> Value {
    let read = Configuration::parse(text).unwrap_or_else(|faults| panic!("{faults}"));
    let seconds = |period: Period| period.as_duration().as_secs();
    let texts = |texts: &mut dyn Iterator<Item = String>| texts.collect::<Vec<_>>();
    json!({
        "deployment": read.deployment.as_str(),
        "organization": read.organization.as_str(),
        "hub account": read.hub_account.as_str(),
        "mode": read.mode.as_str(),
        "provider accounts": texts(&mut read.providers.accounts.iter().map(ToString::to_string)),
        "provider Regions": texts(&mut read.providers.regions.iter().map(ToString::to_string)),
        "role": read.providers.role,
        "external id": read.providers.external_id,
        "looks after every service": read.services.select == Select::Every,
        "tag that opts in": [read.services.tag.key, read.services.tag.value],
        "remembers a member for, in seconds": seconds(read.membership.remember),
        "rejects held requests after, in seconds": read.requests.reject_after.map(seconds),
        "cuts off": texts(&mut read.revocation.of.iter().map(|case| revoked(*case).to_owned())),
        "grace, in seconds": seconds(read.revocation.grace),
        "most that a run cuts off": read.revocation.most,
        "most percent of a service": read.revocation.most_percent,
        "allowed principals": match read.principals.manage {
            ManagePrincipals::None => "left alone",
            ManagePrincipals::Add => "added",
            ManagePrincipals::Exact => "added and removed",
        },
        "makes open services ask": read.principals.require_acceptance,
    })
}

fn revoked(case: RevocationCase) -> &'static str {
    match case {
        RevocationCase::Forbidden => "what is forbidden",
        RevocationCase::Lost => "what was permitted once",
        RevocationCase::NeverPermitted => "what was never permitted",
    }
}

/// Tags that the example policies speak of.
const TAGGED: [(&str, &str); 3] = [("stage", "production"), ("tier", "production"), ("audience", "partners")];

/// What policies say of some accounts, at some services, with no and with many connections.
pub fn judgements(text: &str) -> Value {
    let acceptance = Acceptance::parse(text).unwrap_or_else(|faults| panic!("{faults}"));
    let mut judgements = Map::new();
    for (who, account, member) in accounts() {
        for (tags, service) in [("", service(&[])), (" at a tagged service", service(&TAGGED))] {
            for connections in [0, 100] {
                let now = "2026-11-02T10:00:00Z".parse().unwrap();
                let (owner, member) = (&account, member.as_ref());
                let question = Question { service: &service, owner, member, connection: None, connections, now };
                let asked = format!("{who}{tags}, {connections} connections");
                judgements.insert(asked, told(&acceptance.judge(&question)));
            }
        }
    }
    Value::Object(judgements)
}

fn told(verdict: &Verdict) -> Value {
    match verdict {
        Verdict::Permitted(by) => json!({ "permitted by": by.policies, "reason": by.reason }),
        Verdict::Forbidden(by) => json!({ "forbidden by": by.policies, "reason": by.reason }),
        Verdict::NoMatch => json!("nothing matches"),
        Verdict::Failed { .. } => json!("fails"),
    }
}

/// Members of two units, with and without tags; a partner whom examples name; a stranger.
fn accounts() -> Vec<(&'static str, AccountId, Option<Account>)> {
    let member = |id: &AccountId, unit: &str, tags: &[(&str, &str)]| Account {
        id: id.clone(),
        state: AccountState::Active,
        path: format!("o-a1b2c3d4e5/r-ab12/{unit}/{id}/").parse().unwrap(),
        name: Some("payments".to_owned()),
        email_domain: Some("example.com".to_owned()),
        joined: Some("2026-01-01T00:00:00Z".parse().unwrap()),
        tags: pairs(tags),
    };
    let (one, partner, stranger) = ("444444444444", "777777777777", "999999999999");
    let id = |id: &str| id.parse::<AccountId>().unwrap();
    vec![
        ("a member of the first unit", id(one), Some(member(&id(one), "ou-ab12-11111111", &[]))),
        (
            "a member of the first unit in production",
            id(one),
            Some(member(&id(one), "ou-ab12-11111111", &[("stage", "production")])),
        ),
        ("a member of the second unit", id(one), Some(member(&id(one), "ou-ab12-22222222", &[]))),
        ("a partner", id(partner), None),
        ("a stranger", id(stranger), None),
    ]
}

fn service(tags: &[(&str, &str)]) -> EndpointService {
    let key = ServiceKey {
        account: "222222222222".parse().unwrap(),
        region: "eu-west-1".parse().unwrap(),
        service: "vpce-svc-0a1b2c3d4e5f60718".parse().unwrap(),
    };
    let name = format!("com.amazonaws.vpce.{}.{}", key.region, key.service);
    EndpointService {
        key,
        name,
        acceptance_required: true,
        load_balancers: [].into(),
        availability_zones: [].into(),
        private_dns_name: None,
        verification: None,
        tags: pairs(tags),
    }
}

fn pairs(tags: &[(&str, &str)]) -> Tags {
    tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}
