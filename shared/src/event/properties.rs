//! Properties that hold for any message, above all for those that are nearly right.

use std::{fmt::Debug, str::FromStr, sync::LazyLock};

use proptest::{prelude::*, sample::Index};
use serde_json::Value;

use super::{
    ConnectionReference, EndpointReference, SUBJECT_LIMIT, ServiceReference, Subject, Trigger, Unparsable,
    ZoneReference, cases, own, parse, parse_body,
};

/// In characters. A dead letter's reason is to be read, not scrolled.
const REASON_LIMIT: usize = 1_000;

static MESSAGES: LazyLock<Vec<Value>> = LazyLock::new(|| {
    let bodies = cases::all().into_values().map(|case| case.message.body());
    bodies.filter_map(|body| serde_json::from_str(&body).ok()).filter(Value::is_object).collect()
});

/// Words that mean something to the parser, so that arbitrary messages reach its depths.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("vpce-svc-0a1b2c3d4e5f60718".to_owned()),
        Just("com.amazonaws.vpce.eu-west-1.vpce-svc-0a1b2c3d4e5f60718".to_owned()),
        Just("vpce-0f1e2d3c4b5a69788".to_owned()),
        Just("Z0123456789ABCDEFGHIJ".to_owned()),
        Just("eu-west-1".to_owned()),
        Just("333333333333".to_owned()),
        Just("arn:aws:sns:eu-west-1:333333333333:connections".to_owned()),
        "(content|item|tag|ServiceId|serviceIdSet|detail|Message|TopicArn|Type|account|region|accountId|owners|services)",
        "(hostedZoneId|vpcEndpointId|VpcEndpointId|vpc_endpoint_id|endpoint_owner|subject|kind|zone|endpoint|review)",
        "vpce-svc-[0-9a-g]{0,20}",
        ".{0,20}",
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// A case's message with values replaced somewhere inside.
fn nearly_right() -> impl Strategy<Value = Value> {
    (any::<Index>(), prop::collection::vec((any::<Index>(), prop::option::of(any_json())), 1..4)).prop_map(
        |(which, changes)| {
            let mut message = which.get(&MESSAGES).clone();
            for (place, value) in changes {
                let places = count(&message);
                change(&mut message, &mut place.index(places), value.as_ref());
            }
            message
        },
    )
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Array(list) => list.iter().map(count).sum(),
        Value::Object(object) => object.values().map(count).sum(),
        _ => 0,
    }
}

/// Puts `new` in the value with this number, counted in order; without `new` it wraps that value in a list.
fn change(value: &mut Value, number: &mut usize, new: Option<&Value>) -> bool {
    if *number == 0 {
        let old = value.take();
        *value = new.cloned().unwrap_or_else(|| Value::from(vec![old]));
        return true;
    }
    *number -= 1;
    match value {
        Value::Array(list) => list.iter_mut().any(|element| change(element, number, new)),
        Value::Object(object) => object.values_mut().any(|element| change(element, number, new)),
        _ => false,
    }
}

/// The id of what a subject stands for; a place is put together from what the message says and has none.
fn id(subject: &Subject) -> Option<&str> {
    match subject {
        Subject::Everything | Subject::Place { .. } | Subject::LoadBalancers { .. } | Subject::CloudMap { .. } => None,
        Subject::Service(reference) | Subject::ServiceReview(reference) => Some(reference.service.as_str()),
        Subject::Owner(account) => Some(account.as_str()),
        Subject::Endpoint(reference) => Some(reference.endpoint.as_str()),
        Subject::Zone(reference) => Some(reference.zone.as_str()),
        Subject::Connection(reference) => Some(reference.endpoint.as_str()),
        // An ARN of a zone is put together, too, but only of records that no rule sends.
        Subject::Creation(reference) => Some(&reference.creation.resource.id),
    }
}

fn identifier<T: FromStr<Err: Debug> + Debug>(pattern: &'static str) -> impl Strategy<Value = T> {
    pattern.prop_map(|text| text.parse().unwrap())
}

fn any_subject() -> impl Strategy<Value = Subject> {
    let account = || identifier("[0-9]{12}");
    let region = || identifier("(us|eu|ap|us-gov)-(north|south|east|west|central)-[1-9]");
    let owner = || prop::option::of(account());
    let service = || {
        (owner(), region(), identifier("vpce-svc-[0-9a-f]{8,17}"))
            .prop_map(|(account, region, service)| ServiceReference { account, region, service })
    };
    let endpoint = (account(), region(), identifier("vpce-[0-9a-f]{8,17}"))
        .prop_map(|(account, region, endpoint)| EndpointReference { account, region, endpoint });
    let zone = (owner(), identifier("Z[A-Z0-9]{1,31}")).prop_map(|(account, zone)| ZoneReference { account, zone });
    let connection = (account(), region(), identifier("vpce-svc-[0-9a-f]{8,17}"), identifier("vpce-[0-9a-f]{8,17}"))
        .prop_map(|(account, region, service, endpoint)| ConnectionReference { account, region, service, endpoint });
    prop_oneof![
        connection.prop_map(Subject::Connection),
        Just(Subject::Everything),
        (account(), region()).prop_map(|(account, region)| Subject::Place { account, region }),
        (account(), region()).prop_map(|(account, region)| Subject::LoadBalancers { account, region }),
        (account(), region()).prop_map(|(account, region)| Subject::CloudMap { account, region }),
        service().prop_map(Subject::Service),
        service().prop_map(Subject::ServiceReview),
        account().prop_map(Subject::Owner),
        endpoint.prop_map(Subject::Endpoint),
        zone.prop_map(Subject::Zone),
    ]
}

fn is_bounded(result: &Result<Trigger, Unparsable>) -> bool {
    match result {
        Ok(Trigger::Subjects(subjects)) => (1..=SUBJECT_LIMIT).contains(&subjects.len()),
        Ok(Trigger::Ignored(_)) => true,
        Err(reason) => {
            let reason = reason.to_string();
            reason.chars().count() <= REASON_LIMIT && !reason.contains(char::is_control)
        }
    }
}

proptest! {
    #[test]
    fn any_json_is_read_or_refused_within_bounds(message in any_json()) {
        prop_assert!(is_bounded(&parse(&message)));
    }

    #[test]
    fn any_message_that_is_nearly_right_is_read_or_refused_within_bounds(message in nearly_right()) {
        let result = parse(&message);
        prop_assert!(is_bounded(&result));
        prop_assert_eq!(parse_body(&message.to_string()), result);
    }

    #[test]
    fn what_is_named_stands_in_the_message(message in nearly_right()) {
        let body = message.to_string();
        if let Ok(Trigger::Subjects(subjects)) = parse(&message) {
            for subject in subjects {
                prop_assert!(id(&subject).is_none_or(|id| body.contains(id)), "{}", subject);
            }
        }
    }

    #[test]
    fn subject_to_look_at_again_is_read_as_it_was(subject in any_subject()) {
        let message = own::look_again(&subject);
        prop_assert_eq!(parse_body(&message.to_string()), Ok(subject.into()));
    }

    #[test]
    fn any_text_is_read_or_refused_within_bounds(body in prop_oneof![any::<String>(), word(), "[\\[{\"]{1,200}.*"]) {
        prop_assert!(is_bounded(&parse_body(&body)));
    }

    #[test]
    fn any_message_that_was_cut_off_is_refused(which in any::<Index>(), at in any::<Index>()) {
        let body = which.get(&MESSAGES).to_string();
        let cut: String = body.chars().take(at.index(body.chars().count())).collect();
        prop_assert!(parse_body(&cut).is_err());
    }
}
