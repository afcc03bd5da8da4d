//! What we have told about a connection, heard by ourselves: with the connection the names that lead to its endpoint
//! come and go, the provider's object gets its tags, and both sides their alarms.
//!
//! A hint like any other: whether the endpoint is connected is read afresh.

use std::collections::BTreeSet;

use super::{ConnectionReference, EndpointReference, Subject, Trigger, Unparsable, envelope::Envelope};
use crate::model::EndpointId;

/// Reads which endpoint was decided on.
pub(super) fn read(envelope: &Envelope<'_>) -> Result<Trigger, Unparsable> {
    let detail = envelope.detail()?;
    let endpoint: EndpointId = detail.required("vpc_endpoint_id", "the endpoint that was decided on")?.identifier()?;
    let account = detail.required("endpoint_owner", "the account that owns the endpoint")?.identifier()?;
    // The endpoint's Region is among the facts only when it isn't the service's.
    let region = detail.member("facts").and_then(|facts| facts.member("endpoint_region"));
    let region = region.map_or_else(|| detail.required("region", "the Region of the service"), Ok)?.identifier()?;
    let at_consumer = EndpointReference { account, region, endpoint: endpoint.clone() };
    let account = detail.required("account", "the provider's account")?.identifier()?;
    let region = detail.required("region", "the Region of the service")?.identifier()?;
    let service = detail.required("service_id", "the endpoint service")?.identifier()?;
    let at_provider = ConnectionReference { account, region, service, endpoint };
    let subjects = [Subject::Endpoint(at_consumer), Subject::Connection(at_provider)];
    Ok(Trigger::Subjects(BTreeSet::from(subjects)))
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use serde_json::{Value, json};

    use crate::event::{Trigger, own, parse, told};

    /// What the walks of the connections' cases tell, as detail-type and detail.
    fn told_in_cases() -> Vec<(String, Value)> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/connections");
        let cases = fs::read_dir(folder).unwrap().map(|case| case.unwrap().path().join("expected.txt"));
        let stories: Vec<String> = cases.map(|story| fs::read_to_string(story).unwrap()).collect();
        let events = stories.iter().flat_map(|story| story.lines()).filter_map(|line| line.strip_prefix("event "));
        let events = events.map(|event| event.split_once(": ").unwrap());
        events.map(|(kind, detail)| (kind.to_owned(), serde_json::from_str(detail).unwrap())).collect()
    }

    #[test]
    fn what_is_told_of_a_connection_names_its_endpoint() {
        let told_in_cases = told_in_cases();
        for kind in [told::CONNECTION_ACCEPTED, told::CONNECTION_REJECTED, told::CONNECTION_REVOKED] {
            let details: Vec<&Value> =
                told_in_cases.iter().filter(|(told, _)| told == kind).map(|(_, detail)| detail).collect();
            assert!(!details.is_empty(), "no case tells {kind}");
            for detail in details {
                let event = json!({ "version": "0", "source": own::SOURCE, "detail-type": kind, "detail": detail });
                let text = |name: &str| detail[name].as_str().unwrap();
                let endpoint = text("vpc_endpoint_id");
                let place = format!("{}/{}/{}", text("account"), text("region"), text("service_id"));
                let expected = [
                    format!("endpoint {}/{}/{endpoint}", text("endpoint_owner"), text("region")),
                    format!("connection {place}/{endpoint}"),
                ];
                let Ok(Trigger::Subjects(subjects)) = parse(&event) else { panic!("{event}") };
                let found: Vec<String> = subjects.iter().map(ToString::to_string).collect();
                assert_eq!(found, expected);
            }
        }
    }
}
