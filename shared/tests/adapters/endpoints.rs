//! Endpoints, and what services offer to them. Each test has an account of its own.

use std::collections::BTreeSet;

use aws_sdk_ec2::types::VpcEndpointType;
use drawbridge::{
    model::{EndpointKey, Region, VpcReference},
    port::{Endpoints, FailureKind},
    reconcile::Permit,
};
use serde_json::{Value, json};

use super::{ec2, emulator, fault, private_link};

const SERVICE: &str = "com.amazonaws.eu-west-1.ec2";

fn here() -> Region {
    "eu-west-1".parse().unwrap()
}

/// A VPC, and an endpoint in it that leads to a service of AWS.
async fn endpoint(account: &str, kind: VpcEndpointType, service: &str) -> (VpcReference, EndpointKey) {
    let client = ec2(account).await;
    let vpc = client.create_vpc().cidr_block("10.8.0.0/16").send().await.unwrap();
    let vpc = vpc.vpc().unwrap().vpc_id().unwrap();
    let request = client.create_vpc_endpoint().vpc_id(vpc).service_name(service).vpc_endpoint_type(kind);
    let made = request.private_dns_enabled(false).send().await.unwrap();
    let endpoint = made.vpc_endpoint().unwrap().vpc_endpoint_id().unwrap().parse().unwrap();
    let key = EndpointKey { account: account.parse().unwrap(), region: here(), endpoint };
    (VpcReference { region: here(), vpc: vpc.parse().unwrap() }, key)
}

#[tokio::test]
async fn endpoint_has_its_names_and_interface_endpoints_are_listed_without_gateways() {
    let account = "300000000001";
    let (vpc, key) = endpoint(account, VpcEndpointType::Interface, SERVICE).await;
    let (_, gateway) = endpoint(account, VpcEndpointType::Gateway, "com.amazonaws.eu-west-1.s3").await;
    let port = private_link(account).await;
    let found = port.describe_endpoint(&key).await.unwrap().unwrap();
    assert_eq!((found.service_name.as_str(), &found.vpc), (SERVICE, &vpc.vpc));
    let regional = found.regional_name().unwrap();
    assert!(regional.name.as_str().starts_with(key.endpoint.as_str()), "{}", regional.name);
    assert!(found.state.is_established() && !found.private_dns && !found.requester_managed);
    let listed = port.list_endpoints(&key.account, &key.region).await.unwrap();
    assert_eq!(listed.iter().map(|endpoint| &endpoint.key).collect::<Vec<_>>(), [&key]);
    assert!(port.describe_endpoint(&gateway).await.unwrap().is_some());
    let missing = EndpointKey { endpoint: "vpce-00000000000000bad".parse().unwrap(), ..key };
    assert_eq!(port.describe_endpoint(&missing).await.unwrap(), None);
}

#[tokio::test]
async fn endpoints_are_listed_to_the_last_page() {
    let account = "300000000002";
    let mut made = BTreeSet::new();
    for _ in 0..7 {
        made.insert(endpoint(account, VpcEndpointType::Interface, SERVICE).await.1);
    }
    // Five a page: every other test of this program pages, too.
    emulator::control("POST", "settings", &json!({ "largest_page": 5 }));
    let listed = private_link(account).await.list_endpoints(&account.parse().unwrap(), &here()).await.unwrap();
    assert_eq!(listed.into_iter().map(|endpoint| endpoint.key).collect::<BTreeSet<_>>(), made);
}

#[tokio::test]
async fn service_of_aws_offers_its_name_and_private_dns_gives_it_to_the_endpoint() {
    let account = "300000000003";
    let (vpc, key) = endpoint(account, VpcEndpointType::Interface, SERVICE).await;
    let port = private_link(account).await;
    let offer = port.describe_offer(&key.account, &key.region, SERVICE).await.unwrap().unwrap();
    let names: Vec<_> = offer.private_names.iter().map(ToString::to_string).collect();
    assert!(offer.verified && names.contains(&"ec2.eu-west-1.amazonaws.com".to_owned()), "{names:?}");
    let nothing = "com.amazonaws.eu-west-1.nothing";
    assert_eq!(port.describe_offer(&key.account, &key.region, nothing).await.unwrap(), None);
    let set = aws_sdk_ec2::types::AttributeBooleanValue::builder().value(true).build();
    let request = ec2(account).await.modify_vpc_attribute().vpc_id(vpc.vpc.as_str()).enable_dns_hostnames(set);
    request.send().await.unwrap();
    port.enable_private_dns(&key, &Permit::for_tests()).await.unwrap();
    let found = port.describe_endpoint(&key).await.unwrap().unwrap();
    let regional = found.regional_name().unwrap();
    assert!(found.private_dns && regional.name.as_str().starts_with(key.endpoint.as_str()), "{found:?}");
    assert!(found.dns_entries.iter().any(|entry| entry.name == offer.private_names[0]), "{found:?}");
}

#[tokio::test]
async fn listing_that_fails_is_an_error_and_never_empty() {
    let account = "300000000004";
    let (vpc, key) = endpoint(account, VpcEndpointType::Interface, SERVICE).await;
    let port = private_link(account).await;
    for operation in ["DescribeVpcEndpoints", "DescribeVpcEndpointServices", "DescribeVpcs", "DescribeVpcAttribute"] {
        let order = json!({ "code": "UnauthorizedOperation", "http_status": 403, "count": -1 });
        let id = fault(account, "ec2", operation, &order);
        let error = match operation {
            "DescribeVpcEndpoints" => port.list_endpoints(&key.account, &key.region).await.unwrap_err(),
            "DescribeVpcEndpointServices" => port.describe_offer(&key.account, &key.region, SERVICE).await.unwrap_err(),
            "DescribeVpcs" => port.list_vpcs(&key.account, &key.region).await.unwrap_err(),
            _ => port.resolves_private_names(&key.account, &vpc).await.unwrap_err(),
        };
        assert_eq!((error.kind, error.call), (FailureKind::Denied, &*format!("ec2:{operation}")), "{error}");
        emulator::control("DELETE", &format!("faults/{id}"), &Value::Null);
    }
}
