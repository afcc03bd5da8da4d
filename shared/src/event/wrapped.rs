//! The one reader of EC2's call records, which `CloudTrail` converts from XML to JSON with losses.
//!
//! What is known of the conversion (AWS's samples of transit gateway calls in the VPC user guide, public logs):
//! - the parameters stand in one wrapper, `<Action>Request` or `<Action>Response` mostly, `DelTGwVpcAttachReq` once;
//! - request members are named as in the query API (`ServiceId`, singular for lists), response members as in XML
//!   (`serviceId`), so names are compared ignoring ASCII case and a plural's `s` or `Set`;
//! - an element of a request's list is `{"content": …, "tag": 1}`, of a response's list it is below `item`;
//! - a list of one is that element alone, a list of none the empty text;
//! - values are guessed: an account id may be a number, its leading zeros lost.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Unparsable, field::Field};
use crate::model::AccountId;

const ACCOUNT_DIGITS: usize = 12;

/// The parameters inside their wrapper; as they are, when there is none.
pub(super) fn unwrapped(field: Field<'_>) -> Field<'_> {
    let Some(object) = field.value.as_object() else { return field };
    let mut members = object.iter();
    let (Some((name, value)), None) = (members.next(), members.next()) else { return field };
    let inner = Field::new(field.path_of(name), value);
    // A call with a single parameter and no wrapper looks much the same, but for the marks of a list.
    let is_list = member(&inner, "content").is_some() || member(&inner, "item").is_some();
    let is_wrapper = value.is_object() && name.starts_with(|first: char| first.is_ascii_uppercase()) && !is_list;
    if is_wrapper { inner } else { field }
}

/// The member of this name, spelled as AWS likes today.
pub(super) fn member<'message>(field: &Field<'message>, name: &str) -> Option<Field<'message>> {
    field.member(name).or_else(|| {
        let object = field.value.as_object()?;
        let (spelled, value) = object.iter().find(|(key, value)| !value.is_null() && is_spelling_of(name, key))?;
        Some(Field::new(field.path_of(spelled), value))
    })
}

/// The member of this name, which must be there.
pub(super) fn required<'message>(
    field: &Field<'message>,
    name: &str,
    expected: &'static str,
) -> Result<Field<'message>, Unparsable> {
    member(field, name).ok_or_else(|| Unparsable::missing(&field.path_of(name), expected))
}

/// The elements of a list, however it was converted.
pub(super) fn elements<'message>(field: &Field<'message>) -> Vec<Field<'message>> {
    match field.value {
        Value::Null => Vec::new(),
        Value::String(text) if text.is_empty() => Vec::new(),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .flat_map(|(index, value)| elements(&Field::new(format!("{}[{index}]", field.path), value)))
            .collect(),
        Value::Object(_) => match member(field, "item") {
            Some(item) => elements(&item),
            None => vec![scalar(field.clone())],
        },
        Value::Bool(_) | Value::Number(_) | Value::String(_) => vec![field.clone()],
    }
}

/// A single value, which may be converted as an element of a list is.
pub(super) fn scalar(field: Field<'_>) -> Field<'_> {
    member(&field, "content").unwrap_or(field)
}

/// Whether a flag is set, guessed to be a boolean or not.
pub(super) fn is_true(field: &Field<'_>) -> bool {
    match field.value {
        Value::Bool(flag) => *flag,
        Value::String(text) => text.eq_ignore_ascii_case("true"),
        _ => false,
    }
}

/// An account id, as a text or as a number.
pub(super) fn account(field: &Field<'_>) -> Result<AccountId, Unparsable> {
    match field.value.as_u64() {
        Some(number) => {
            let digits = Value::String(format!("{number:0ACCOUNT_DIGITS$}"));
            Field::new(field.path.as_str(), &digits).identifier()
        }
        None => field.identifier(),
    }
}

/// What failed in a call that succeeded: `unsuccessful` of a response.
///
/// Source: EC2 API reference, `UnsuccessfulItem`. An item that names no resource takes nothing away from what the call
/// named: then there is more to look at, not less.
pub(super) fn unsuccessful<'message>(response: &Field<'message>) -> BTreeSet<&'message str> {
    member(response, "unsuccessful")
        .iter()
        .flat_map(elements)
        .filter_map(|item| member(&item, "resourceId").map(scalar))
        .filter_map(|id| id.value.as_str())
        .collect()
}

fn is_spelling_of(name: &str, key: &str) -> bool {
    key.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name))
        && key.get(name.len()..).is_some_and(|rest| rest.is_empty() || rest == "s" || rest.eq_ignore_ascii_case("set"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn values(list: &Value) -> Vec<Value> {
        elements(&Field::new("list", list)).into_iter().map(|element| element.value.clone()).collect()
    }

    #[test]
    fn list_is_read_in_every_form_that_it_takes() {
        let one = [
            json!("a"),
            json!({ "content": "a", "tag": 1 }),
            json!({ "item": "a" }),
            json!(["a"]),
            json!({ "item": ["a"] }),
            json!([{ "content": "a", "tag": 1 }]),
            json!([{ "item": "a" }, ""]),
        ];
        for list in one {
            assert_eq!(values(&list), ["a"], "{list}");
        }
        for list in [json!(""), json!(null), json!([]), json!({ "item": "" }), json!([null, ""])] {
            assert_eq!(values(&list), [] as [Value; 0], "{list}");
        }
        let two = json!([{ "content": "a", "tag": 1 }, { "content": "b", "tag": 2 }]);
        assert_eq!(values(&two), ["a", "b"]);
        assert_eq!(values(&json!({ "item": ["a", "b"] })), ["a", "b"]);
    }

    #[test]
    fn structure_in_a_list_stays_whole() {
        let list = json!({ "item": { "resourceId": "a", "error": { "code": "b" } } });
        assert_eq!(values(&list), [json!({ "resourceId": "a", "error": { "code": "b" } })]);
    }

    #[test]
    fn element_is_named_by_its_place() {
        let list = json!([{ "content": "a" }, { "content": 7 }]);
        let paths: Vec<_> = elements(&Field::new("ServiceId", &list)).into_iter().map(|element| element.path).collect();
        assert_eq!(paths, ["ServiceId[0].content", "ServiceId[1].content"]);
    }

    #[test]
    fn wrapper_is_opened_whatever_its_name() {
        for parameters in [
            json!({ "DeleteVpcEndpointsRequest": { "VpcEndpointId": "vpce-0f1e2d3c" } }),
            json!({ "DelTGwVpcAttachReq": { "vpcEndpointIdSet": "vpce-0f1e2d3c" } }),
            json!({ "vpcEndpointId": "vpce-0f1e2d3c" }),
            json!({ "VpcEndpointIds": "vpce-0f1e2d3c", "DryRun": false }),
            json!({ "VpcEndpointId": { "content": "vpce-0f1e2d3c", "tag": 1 } }),
        ] {
            let body = unwrapped(Field::new("requestParameters", &parameters));
            let id = member(&body, "VpcEndpointId").map(|id| scalar(id).value.clone());
            assert_eq!(id, Some(json!("vpce-0f1e2d3c")), "{parameters}");
        }
    }

    #[test]
    fn name_is_not_found_in_a_longer_one() {
        let body = json!({ "ServiceIdentifier": 1, "ServiceRegion": 2, "Service": 3, "ServiceÏ": 4 });
        assert!(member(&Field::new("", &body), "ServiceId").is_none());
    }

    #[test]
    fn account_keeps_the_leading_zeros_that_the_conversion_loses() {
        let read = |value: Value| account(&Field::new("ownerId", &value)).map(|id| id.to_string());
        assert_eq!(read(json!(444_444_444_444_u64)).unwrap(), "444444444444");
        assert_eq!(read(json!(12_345_678_912_u64)).unwrap(), "012345678912");
        assert_eq!(read(json!("012345678912")).unwrap(), "012345678912");
        for wrong in [json!(1_234_567_890_123_u64), json!(-1), json!(1.5), json!("12345678912"), json!({})] {
            assert!(read(wrong.clone()).is_err(), "{wrong}");
        }
    }
}
