//! Who made what, as the record of a call says: the one thing of an event that is believed, since nothing else knows it.
//!
//! It becomes a tag and decides nothing. `EventBridge` takes events in the name of AWS from AWS alone, and a record speaks of
//! its own account; what it says is written once, and never over what is there (`docs/security.md`).
//!
//! Source: `CloudTrail` user guide, "`CloudTrail` userIdentity element".

use jiff::Timestamp;
use serde_json::Value;

use super::{field::Field, wrapped};
use crate::model::{Creation, Creator, EndpointId, Resource, ResourceKind, ServiceId, ZoneId, partition};

/// Other services have calls of the same names.
const LOAD_BALANCING: &str = "elasticloadbalancing.amazonaws.com";

/// Longest text of an identity that is kept, in characters: what fits into a tag.
const LONGEST_TEXT: usize = 256;

/// What the call of a record made, and who made it. Nothing for a call that failed or is none of these, and for a record that
/// lacks or garbles one of both.
#[must_use]
pub fn creations(record: &Value) -> Vec<Creation> {
    read(&Field::new("", record))
}

pub(super) fn read(record: &Field<'_>) -> Vec<Creation> {
    let text = |name: &str| record.member(name).and_then(|field| field.value.as_str());
    let (None, Some(source), Some(call), Some(response)) =
        (record.member("errorCode"), text("eventSource"), text("eventName"), record.member("responseElements"))
    else {
        return Vec::new();
    };
    let made = made((source, call), response, text("awsRegion").unwrap_or_default());
    let at = text("eventTime").and_then(|time| time.parse::<Timestamp>().ok());
    let (Some(creator), Some(at)) = (record.member("userIdentity").and_then(|identity| creator(&identity)), at) else {
        return Vec::new();
    };
    made.into_iter().map(|resource| Creation { resource, creator: creator.clone(), at }).collect()
}

/// What a call made, by its reply.
fn made(called: (&str, &str), response: Field<'_>, region: &str) -> Vec<Resource> {
    let of_ec2 = |response: Field<'_>, object: &str, id: &str| {
        let made = wrapped::member(&wrapped::unwrapped(response), object)?;
        Some(wrapped::scalar(wrapped::member(&made, id)?).value.as_str()?.to_owned())
    };
    // Elastic Load Balancing answers with a list, whose every element has its ARN.
    let arns = |response: Field<'_>, kind: ResourceKind, list: &str, arn: &str| {
        let list = response.member(list).and_then(|list| list.value.as_array()).into_iter().flatten();
        let arns = list.filter_map(|made| made.get(arn)?.as_str().filter(|arn| arn.starts_with("arn:")));
        arns.map(|arn| Resource::new(kind, arn)).collect()
    };
    match called {
        ("ec2.amazonaws.com", "CreateVpcEndpoint") => {
            let id = of_ec2(response, "vpcEndpoint", "vpcEndpointId").filter(|id| id.parse::<EndpointId>().is_ok());
            id.map(|id| Resource::new(ResourceKind::Endpoint, id)).into_iter().collect()
        }
        ("ec2.amazonaws.com", "CreateVpcEndpointServiceConfiguration") => {
            let id = of_ec2(response, "serviceConfiguration", "serviceId").filter(|id| id.parse::<ServiceId>().is_ok());
            id.map(|id| Resource::new(ResourceKind::EndpointService, id)).into_iter().collect()
        }
        (LOAD_BALANCING, "CreateLoadBalancer") => {
            arns(response, ResourceKind::LoadBalancer, "loadBalancers", "loadBalancerArn")
        }
        (LOAD_BALANCING, "CreateListener") => arns(response, ResourceKind::Listener, "listeners", "listenerArn"),
        (LOAD_BALANCING, "CreateTargetGroup") => {
            arns(response, ResourceKind::TargetGroup, "targetGroups", "targetGroupArn")
        }
        ("route53.amazonaws.com", "CreateHostedZone") => {
            let zone = response.member("hostedZone").and_then(|zone| zone.member("id")?.value.as_str()?.parse().ok());
            let arn = |zone: ZoneId| format!("arn:{}:route53:::hostedzone/{zone}", partition(region));
            zone.map(|zone| Resource::new(ResourceKind::HostedZone, arn(zone))).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Who called. Every type of identity has other members; whatever else AWS adds is called by what it has of these.
fn creator(identity: &Field<'_>) -> Option<Creator> {
    let text = |name: &str| of(identity, name);
    let kind = text("type").unwrap_or_else(|| "AWSService".to_owned());
    let issuer = identity.member("sessionContext").and_then(|context| context.member("sessionIssuer"));
    let issuer = issuer.as_ref().and_then(|issuer| of(issuer, "userName"));
    let invoked_by = text("invokedBy");
    // arn:aws:sts::<account>:assumed-role/<role>/<session>, arn:aws:sts::<account>:federated-user/<name>
    let arn = text("arn");
    let path: Vec<&str> =
        arn.as_deref().and_then(|arn| arn.splitn(6, ':').nth(5)).unwrap_or_default().split('/').collect();
    let of_arn = |kind: &str, index: usize| path.first().filter(|first| **first == kind).and_then(|_| path.get(index));
    let last = path.last().filter(|last| !last.is_empty()).map(|last| (*last).to_owned());
    let behind_colon = text("principalId").and_then(|id| Some(id.split_once(':')?.1.to_owned()));
    let (name, session) = match kind.as_str() {
        "Root" => (Some("root".to_owned()), None),
        "AssumedRole" => {
            let role = issuer.or_else(|| of_arn("assumed-role", 1).map(|role| (*role).to_owned()));
            (role, of_arn("assumed-role", 2).map(|session| (*session).to_owned()).or(behind_colon))
        }
        "FederatedUser" => {
            let session = of_arn("federated-user", 1).map(|name| (*name).to_owned()).or(behind_colon);
            (issuer.or_else(|| session.clone()), session)
        }
        "IdentityCenterUser" => {
            let person = identity.member("onBehalfOf").as_ref().and_then(|person| of(person, "userId"));
            (person.or_else(|| text("userName")), None)
        }
        "AWSService" => (invoked_by.clone(), None),
        "AWSAccount" => (text("accountId"), None),
        // IAMUser, SAMLUser, WebIdentityUser, Role, Directory, Unknown, and what may come.
        _ => (text("userName").or(last), None),
    };
    let name = name.or_else(|| text("userName")).or_else(|| text("principalId")).or_else(|| invoked_by.clone())?;
    let account = identity.member("accountId").and_then(|account| wrapped::account(&account).ok());
    Some(Creator { kind, name, session, account, invoked_by })
}

/// A text, unless it is empty.
fn of(field: &Field<'_>, name: &str) -> Option<String> {
    let text = field.member(name)?.value.as_str()?;
    (!text.is_empty()).then(|| text.chars().take(LONGEST_TEXT).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Kind, name, session, account and invoker of an identity.
    fn shown(identity: &Value) -> Option<String> {
        let creator = creator(&Field::new("", identity))?;
        let or = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let Creator { kind, name, session, account, invoked_by } = creator;
        Some(format!("{kind} {name} {} {} {}", or(session), or(account.map(Into::into)), or(invoked_by)))
    }

    #[test]
    fn every_type_of_identity_has_a_name() {
        let role = json!({
            "type": "AssumedRole", "principalId": "AROAEXAMPLE:ci-run-7", "accountId": "444444444444",
            "arn": "arn:aws:sts::444444444444:assumed-role/deployer/ci-run-7",
            "sessionContext": { "sessionIssuer": { "type": "Role", "userName": "deployer" } }
        });
        let federated = json!({
            "type": "FederatedUser", "principalId": "444444444444:alice", "accountId": "444444444444",
            "arn": "arn:aws:sts::444444444444:federated-user/alice",
            "sessionContext": { "sessionIssuer": { "type": "IAMUser", "userName": "broker" } }
        });
        let person = json!({ "type": "IdentityCenterUser", "accountId": "444444444444",
            "onBehalfOf": { "userId": "94d00cd8-e9e6-4810-b177-b08e84775435", "identityStoreArn": "arn:x" } });
        for (identity, expected) in [
            (
                json!({ "type": "Root", "principalId": "444444444444", "accountId": "444444444444",
                "arn": "arn:aws:iam::444444444444:root" }),
                "Root root - 444444444444 -",
            ),
            (
                json!({ "type": "IAMUser", "userName": "alice", "accountId": 44_444_444_444_u64,
                "arn": "arn:aws:iam::044444444444:user/team/alice" }),
                "IAMUser alice - 044444444444 -",
            ),
            (role, "AssumedRole deployer ci-run-7 444444444444 -"),
            (
                json!({ "type": "AssumedRole", "arn": "arn:aws:sts::444444444444:assumed-role/deployer/ci" }),
                "AssumedRole deployer ci - -",
            ),
            (json!({ "type": "AssumedRole", "principalId": "AROAEXAMPLE:ci" }), "AssumedRole AROAEXAMPLE:ci ci - -"),
            (
                json!({ "type": "Role", "arn": "arn:aws:iam::444444444444:role/x/deployer", "accountId": "444444444444" }),
                "Role deployer - 444444444444 -",
            ),
            (federated, "FederatedUser broker alice 444444444444 -"),
            (person, "IdentityCenterUser 94d00cd8-e9e6-4810-b177-b08e84775435 - 444444444444 -"),
            (
                json!({ "type": "SAMLUser", "principalId": "x:bob", "userName": "bob", "identityProvider": "idp" }),
                "SAMLUser bob - - -",
            ),
            (
                json!({ "type": "WebIdentityUser", "userName": "carol", "principalId": "accounts.example.com:app:user" }),
                "WebIdentityUser carol - - -",
            ),
            (
                json!({ "type": "Directory", "principalId": "d-9067:dora", "accountId": "444444444444" }),
                "Directory d-9067:dora - 444444444444 -",
            ),
            (
                json!({ "type": "AWSAccount", "principalId": "AIDAEXAMPLE", "accountId": "555555555555" }),
                "AWSAccount 555555555555 - 555555555555 -",
            ),
            (
                json!({ "type": "AWSService", "invokedBy": "vpce.amazonaws.com" }),
                "AWSService vpce.amazonaws.com - - vpce.amazonaws.com",
            ),
            (
                json!({ "accountId": "444444444444", "invokedBy": "vpce.amazonaws.com" }),
                "AWSService vpce.amazonaws.com - 444444444444 vpce.amazonaws.com",
            ),
            (
                json!({ "type": "IAMUser", "userName": "alice", "invokedBy": "cloudformation.amazonaws.com" }),
                "IAMUser alice - - cloudformation.amazonaws.com",
            ),
            (json!({ "type": "Unknown", "principalId": "somebody" }), "Unknown somebody - - -"),
            (json!({ "type": "Martian", "arn": "arn:aws:sts::444444444444:martian/zork" }), "Martian zork - - -"),
        ] {
            assert_eq!(shown(&identity).as_deref(), Some(expected), "{identity}");
        }
        for identity in [json!({}), json!({ "type": "Unknown" }), json!({ "type": "" }), json!("alice"), json!([])] {
            assert_eq!(shown(&identity), None, "{identity}");
        }
    }

    #[test]
    fn text_of_an_identity_is_cut_to_what_a_tag_holds() {
        let identity = json!({ "type": "IAMUser", "userName": "n".repeat(100_000) });
        assert_eq!(creator(&Field::new("", &identity)).unwrap().name.len(), LONGEST_TEXT);
    }

    fn record(call: &str, response: &Value) -> Value {
        let source = match call {
            "CreateVpcEndpoint" | "CreateVpcEndpointServiceConfiguration" => "ec2.amazonaws.com",
            "CreateHostedZone" => "route53.amazonaws.com",
            _ => LOAD_BALANCING,
        };
        json!({
            "eventSource": source, "eventName": call, "awsRegion": "eu-west-1", "eventTime": "2026-11-02T10:00:00Z",
            "userIdentity": { "type": "IAMUser", "userName": "alice" }, "responseElements": response
        })
    }

    #[test]
    fn what_a_call_made_is_named_by_its_reply() {
        let balancer = "arn:aws:elasticloadbalancing:eu-west-1:333333333333:loadbalancer/net/a/50dc6c495c0c9188";
        for (call, response, expected) in [
            (
                "CreateVpcEndpoint",
                json!({ "CreateVpcEndpointResponse": { "vpcEndpoint": { "vpcEndpointId": "vpce-0f1e2d3c4b5a69788" } } }),
                "endpoint vpce-0f1e2d3c4b5a69788",
            ),
            (
                "CreateVpcEndpointServiceConfiguration",
                json!({ "CreateVpcEndpointServiceConfigurationResponse": { "serviceConfiguration": { "serviceId": "vpce-svc-0a1b2c3d4e5f60718" } } }),
                "endpoint-service vpce-svc-0a1b2c3d4e5f60718",
            ),
            (
                "CreateLoadBalancer",
                json!({ "loadBalancers": [{ "loadBalancerArn": balancer }] }),
                &format!("load-balancer {balancer}"),
            ),
            ("CreateListener", json!({ "listeners": [{ "listenerArn": "arn:l" }] }), "listener arn:l"),
            ("CreateTargetGroup", json!({ "targetGroups": [{ "targetGroupArn": "arn:t" }] }), "target-group arn:t"),
            (
                "CreateHostedZone",
                json!({ "hostedZone": { "id": "/hostedzone/Z0123456789ABCDEFGHIJ" } }),
                "hosted-zone arn:aws:route53:::hostedzone/Z0123456789ABCDEFGHIJ",
            ),
        ] {
            let made = creations(&record(call, &response));
            let shown: Vec<String> =
                made.iter().map(|made| format!("{} {}", made.resource.kind, made.resource)).collect();
            assert_eq!(shown, [expected]);
            assert_eq!((made[0].creator.name.as_str(), made[0].at), ("alice", "2026-11-02T10:00:00Z".parse().unwrap()));
        }
    }

    #[test]
    fn nothing_was_made_where_the_record_does_not_say_so() {
        let reply = json!({ "loadBalancers": [{ "loadBalancerArn": "arn:b" }] });
        let good = record("CreateLoadBalancer", &reply);
        assert_eq!(creations(&good).len(), 1);
        for (member, value) in [
            ("errorCode", json!("AccessDenied")),
            ("eventName", json!("DeleteLoadBalancer")),
            ("eventSource", json!("vpc-lattice.amazonaws.com")),
            ("eventTime", json!("yesterday")),
            ("userIdentity", json!({ "type": "Unknown" })),
            ("responseElements", Value::Null),
            ("responseElements", json!({ "loadBalancers": [{ "loadBalancerArn": "b" }, {}, 7] })),
        ] {
            let mut record = good.clone();
            record[member] = value;
            assert_eq!(creations(&record), [], "{member}");
        }
    }
}
