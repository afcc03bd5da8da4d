//! The bodies of messages: samples of the event parser's cases, about the accounts and services of the story.

use std::{cell::RefCell, collections::BTreeMap, fs, path::Path, rc::Rc};

use drawbridge::{
    event::{self, Trigger, Unparsable},
    model::{AccountId, EndpointId, EndpointKey, ServiceKey, ZoneId},
    port::BusEvent,
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::cast::{HUB, REGION};

/// Where a message comes from: functions hear of some of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A connection notification of a service.
    Notification,
    /// A call of EC2, or a tag change of an endpoint service.
    PrivateLink,
    /// The change of an endpoint or a VPC.
    Network,
    /// A call of Elastic Load Balancing.
    LoadBalancing,
    /// A call of Cloud Map, a task of ECS, the tags of a target group.
    CloudMap,
    /// A call of Route 53.
    Zone,
    /// A call or an event of AWS Organizations.
    Organization,
    /// The sweep that Drawbridge asks of itself.
    Own,
    /// A review that it asks of itself.
    Review,
    /// What Drawbridge tells of a connection's beginning.
    Accepted,
    /// What Drawbridge tells of a connection's end.
    Decided,
}

/// A message on its way.
#[derive(Debug, Clone)]
pub struct Letter {
    pub source: Source,
    pub body: Rc<str>,
    /// What it is, in words.
    pub words: String,
}

/// A notification about the service's connections, as its topic sends it.
pub fn notification(service: &ServiceKey, what: &str) -> Letter {
    let topic = format!("arn:aws:sns:{REGION}:{}:connections", service.account);
    let message = format!("{what} at {}", service.service);
    let body = json!({ "Type": "Notification", "TopicArn": topic, "Message": message }).to_string();
    Letter {
        source: Source::Notification,
        body: body.into(),
        words: format!("the notification of {what} at {}", service.service),
    }
}

/// A request, as `CloudTrail` records it in the consumer's account. The endpoint is the sample's, unless it matters.
pub fn request(service: &ServiceKey, owner: &AccountId, endpoint: Option<&EndpointId>) -> Letter {
    let endpoint = endpoint.map_or(SAMPLE_ENDPOINT, EndpointId::as_str);
    let names =
        [(SAMPLE_SERVICE, service.service.as_str()), (SAMPLE_ENDPOINT, endpoint), ("444444444444", owner.as_str())];
    let words = format!("CreateVpcEndpoint by {owner} for {}", service.service);
    letter(Source::PrivateLink, sample("create_endpoint", &names), words)
}

/// The same by somebody who matters, at a time that does.
pub fn request_by(service: &ServiceKey, endpoint: &EndpointKey, (by, at): (&str, Timestamp)) -> Letter {
    let owner = &endpoint.account;
    let names = [
        (SAMPLE_SERVICE, service.service.as_str()),
        (SAMPLE_ENDPOINT, endpoint.endpoint.as_str()),
        ("444444444444", owner.as_str()),
        (SAMPLE_CREATOR, by),
        (SAMPLE_TIME, &at.to_string()),
    ];
    let words = format!("CreateVpcEndpoint by {owner} for {}", service.service);
    letter(Source::PrivateLink, sample("create_endpoint", &names), words)
}

/// The making of an endpoint for a service of AWS.
pub fn endpoint_made(endpoint: &EndpointKey, by: &str, at: Timestamp) -> Letter {
    let names = [
        (SAMPLE_ENDPOINT, endpoint.endpoint.as_str()),
        ("444444444444", endpoint.account.as_str()),
        (SAMPLE_CREATOR, by),
        (SAMPLE_TIME, &at.to_string()),
    ];
    let words = format!("CreateVpcEndpoint of {} by {by}", endpoint.endpoint);
    letter(Source::Network, sample("create_endpoint_of_aws_service", &names), words)
}

/// The making of an endpoint service.
pub fn service_made(service: &ServiceKey, by: &str, at: Timestamp) -> Letter {
    let names = [
        (SAMPLE_SERVICE, service.service.as_str()),
        ("333333333333", service.account.as_str()),
        (SAMPLE_CREATOR, by),
        (SAMPLE_TIME, &at.to_string()),
    ];
    let words = format!("CreateVpcEndpointServiceConfiguration of {} by {by}", service.service);
    letter(Source::PrivateLink, sample("create_service", &names), words)
}

/// A call on an endpoint, or the change of its tags, in its consumer's account.
pub fn endpoint_changed(endpoint: &EndpointKey, what: &'static str) -> Letter {
    let names = [(SAMPLE_ENDPOINT, endpoint.endpoint.as_str()), ("444444444444", endpoint.account.as_str())];
    letter(Source::Network, sample(what, &names), format!("{what} of {}", endpoint.endpoint))
}

/// A call on what a load balancer has, in the account that has it.
pub fn balancer_changed(account: &AccountId, what: &'static str) -> Letter {
    let words = format!("{what} in {account}");
    letter(Source::LoadBalancing, sample(what, &[("333333333333", account.as_str())]), words)
}

/// What changes what Cloud Map has, or who follows it, in the account where it does.
pub fn discovery_changed(account: &str, what: &'static str) -> Letter {
    let words = format!("{what} in {account}");
    letter(Source::CloudMap, sample(what, &[("333333333333", account)]), words)
}

/// A call on a VPC, or the change of its tags.
pub fn vpc_changed(account: &AccountId, what: &'static str) -> Letter {
    letter(Source::Network, sample(what, &[("444444444444", account.as_str())]), format!("{what} of {account}"))
}

/// A call on a hosted zone, in the account of whoever makes it.
pub fn zone_changed(caller: &AccountId, zone: &ZoneId, what: &'static str) -> Letter {
    let samples = ["333333333333", "444444444444"];
    let callers = samples.map(|sample| (sample, caller.as_str()));
    let names = [("Z0123456789ABCDEFGHIJ", zone.as_str()), callers[0], callers[1]];
    letter(Source::Zone, sample(what, &names), format!("{what} of {zone} by {caller}"))
}

/// What a function left in its own queue.
pub fn again(message: &Value) -> Letter {
    letter(Source::Own, message.to_string().into(), format!("Look Again {}", message["detail"]["subject"]))
}

/// What a function has published of a connection.
pub fn decided(event: &BusEvent) -> Option<Letter> {
    const HEARD: [&str; 3] = ["Connection Accepted", "Connection Rejected", "Connection Revoked"];
    let source = if event.detail_type == HEARD[0] { Source::Accepted } else { Source::Decided };
    HEARD.contains(&event.detail_type).then(|| Letter { source, ..own(event) })
}

/// A call on a service, as `CloudTrail` records it in the provider's account; or the change of its tags.
pub fn service_changed(service: &ServiceKey, what: &'static str) -> Letter {
    let id = service.service.as_str();
    // One sample names several.
    let names = [(SAMPLE_SERVICE, id), ("vpce-svc-0bbbbcccc1111dddd", id), ("333333333333", service.account.as_str())];
    letter(Source::PrivateLink, sample(what, &names), format!("{what} of {}", service.service))
}

/// An event of AWS Organizations about an account.
pub fn account_changed(account: &AccountId, what: &'static str) -> Letter {
    let samples = ["444444444444", "555555555555", "666666666666", "777777777777"];
    let names = samples.map(|sample| (sample, account.as_str()));
    letter(Source::Organization, sample(what, &names), format!("{what} about {account}"))
}

/// An event of AWS Organizations about a unit.
pub fn unit_changed() -> Letter {
    letter(Source::Organization, sample("unit_created", &[]), "a unit's creation".to_owned())
}

/// The same about a unit's name.
pub fn unit_renamed() -> Letter {
    letter(Source::Organization, sample("unit_renamed", &[]), "a unit's new name".to_owned())
}

/// The turn of the schedule.
pub fn sweep() -> Letter {
    own(&BusEvent { detail_type: event::own::SWEEP_REQUESTED, resources: Vec::new(), detail: json!({}) })
}

/// What a function has published, when it asks for something: what tells of decisions wakes nobody.
pub fn asked(event: &BusEvent) -> Option<Letter> {
    match event.detail_type {
        event::own::SWEEP_REQUESTED => Some(own(event)),
        event::own::REVIEW_REQUESTED => Some(Letter { source: Source::Review, ..own(event) }),
        _ => None,
    }
}

fn own(event: &BusEvent) -> Letter {
    let body = json!({
        "version": "0", "id": "5c3c8f6e-6f0c-4e5e-9c5e-0d9b6b577c5d", "source": event::own::SOURCE, "account": HUB,
        "detail-type": event.detail_type, "time": "2026-11-02T10:00:00Z", "region": REGION, "resources": [],
        "detail": event.detail
    });
    letter(Source::Own, body.to_string().into(), format!("{} {}", event.detail_type, event.detail))
}

fn letter(source: Source, body: Rc<str>, words: String) -> Letter {
    Letter { source, body, words }
}

const SAMPLE_SERVICE: &str = "vpce-svc-0a1b2c3d4e5f60718";
const SAMPLE_ENDPOINT: &str = "vpce-0f1e2d3c4b5a69788";
const SAMPLE_CREATOR: &str = "app-deploy";
const SAMPLE_TIME: &str = "2026-11-02T09:15:30Z";

/// A sample with other names in it.
fn sample(name: &'static str, names: &[(&str, &str)]) -> Rc<str> {
    thread_local! {
        static SAMPLES: RefCell<BTreeMap<&'static str, String>> = const { RefCell::new(BTreeMap::new()) };
    }
    let read = || {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../tests/cases/event/{name}.json"));
        let case: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
        case["message"].to_string()
    };
    SAMPLES.with_borrow_mut(|samples| {
        let mut text = samples.entry(name).or_insert_with(read).clone();
        // By way of names that occur nowhere, so that none is taken for another.
        for (index, (from, _)) in names.iter().enumerate() {
            text = text.replace(from, &format!("<{index}>"));
        }
        for (index, (_, to)) in names.iter().enumerate() {
            text = text.replace(&format!("<{index}>"), to);
        }
        text.into()
    })
}

/// Reads a body as [`event::parse_body`] does, each once in a thread: it is a pure function.
pub fn read(body: &Rc<str>) -> Result<Trigger, Unparsable> {
    thread_local! {
        static READ: RefCell<BTreeMap<Rc<str>, Result<Trigger, Unparsable>>> = const { RefCell::new(BTreeMap::new()) };
    }
    READ.with_borrow_mut(|read| read.entry(Rc::clone(body)).or_insert_with(|| event::parse_body(body)).clone())
}
