"""Endpoint services with Gateway Load Balancers, and the endpoints to them."""

from __future__ import annotations

import json
from typing import Any

from .parties import CONSUMER, Party, error_of

GATEWAY = "GatewayLoadBalancer"


def make_service(provider: Party, name: str = "inspection", **options: Any) -> dict[str, Any]:
    """A service with a Gateway Load Balancer, to which the consumer may connect."""
    balancer = provider.make_balancer(name, "gateway")
    request = {"GatewayLoadBalancerArns": [balancer], **options}
    service = provider.ec2.create_vpc_endpoint_service_configuration(**request)["ServiceConfiguration"]
    provider.ec2.modify_vpc_endpoint_service_permissions(
        ServiceId=service["ServiceId"], AddAllowedPrincipals=[CONSUMER]
    )
    return service


def connect(consumer: Party, service: dict[str, Any], **options: Any) -> dict[str, Any]:
    """An endpoint in the consumer's first subnet."""
    request = {"VpcEndpointType": GATEWAY, "SubnetIds": consumer.network.subnet_ids[:1], **options}
    return consumer.connect(service, **request)


def test_service_says_that_it_is_for_gateway_load_balancers(provider: Party, consumer: Party) -> None:
    service = make_service(provider)
    assert service["ServiceType"] == [{"ServiceType": GATEWAY}]
    assert ":loadbalancer/gwy/" in service["GatewayLoadBalancerArns"][0]
    assert "NetworkLoadBalancerArns" not in service
    (seen,) = consumer.ec2.describe_vpc_endpoint_services(ServiceNames=[service["ServiceName"]])["ServiceDetails"]
    assert seen["ServiceType"] == [{"ServiceType": GATEWAY}]
    create = provider.ec2.create_vpc_endpoint_service_configuration
    network = provider.make_balancer()
    assert error_of(create, GatewayLoadBalancerArns=[network]) == "InvalidParameter"
    both = {"NetworkLoadBalancerArns": [network], "GatewayLoadBalancerArns": service["GatewayLoadBalancerArns"]}
    assert error_of(create, **both) == "InvalidParameter"
    modify = provider.ec2.modify_vpc_endpoint_service_configuration
    assert error_of(modify, ServiceId=service["ServiceId"], AddNetworkLoadBalancerArns=[network]) == "InvalidParameter"
    assert error_of(modify, ServiceId=service["ServiceId"], PrivateDnsName="a.example.com") == "InvalidParameter"


def test_endpoint_has_one_interface_of_its_own_type_and_no_names(provider: Party, consumer: Party) -> None:
    service = make_service(provider, AcceptanceRequired=False)
    endpoint = consumer.endpoint(connect(consumer, service)["VpcEndpointId"])
    assert (endpoint["VpcEndpointType"], endpoint["State"]) == (GATEWAY, "available")
    assert not {"DnsEntries", "Groups", "PolicyDocument", "PrivateDnsEnabled"} & set(endpoint)
    wanted = [{"Name": "interface-type", "Values": ["gateway_load_balancer_endpoint", "vpc_endpoint"]}]
    (interface,) = consumer.ec2.describe_network_interfaces(Filters=wanted)["NetworkInterfaces"]
    assert [interface["NetworkInterfaceId"]] == endpoint["NetworkInterfaceIds"]
    assert (interface["InterfaceType"], interface["RequesterManaged"]) == ("gateway_load_balancer_endpoint", True)
    assert interface["Description"] == f"VPC Endpoint Interface {endpoint['VpcEndpointId']}"
    assert interface["Groups"] == []
    by_type = [{"Name": "vpc-endpoint-type", "Values": ["Interface", GATEWAY]}]
    assert len(consumer.ec2.describe_vpc_endpoints(Filters=by_type)["VpcEndpoints"]) == 1


def test_connection_is_accepted_like_any_other(provider: Party, consumer: Party) -> None:
    service = make_service(provider)
    endpoint_id = connect(consumer, service)["VpcEndpointId"]
    assert provider.states() == {endpoint_id: "pendingAcceptance"}
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    assert connection["GatewayLoadBalancerArns"] == service["GatewayLoadBalancerArns"]
    assert not connection.get("DnsEntries") and "NetworkLoadBalancerArns" not in connection
    provider.ec2.accept_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[endpoint_id])
    assert provider.states() == {endpoint_id: "available"}
    consumer.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    assert consumer.ec2.describe_network_interfaces()["NetworkInterfaces"] == []


def test_endpoint_of_another_type_or_with_more_than_a_subnet_is_refused(provider: Party, consumer: Party) -> None:
    service, network = make_service(provider), provider.make_service()
    assert error_of(consumer.connect, service) == "InvalidParameter"
    assert error_of(connect, consumer, network) == "InvalidParameter"
    first, second = consumer.network.subnet_ids
    for options in (
        {"SubnetIds": [first, second]},
        {"SubnetIds": []},
        {"PrivateDnsEnabled": True},
        {"PolicyDocument": "{}"},
        {"SecurityGroupIds": ["sg-0123456789abcdef0"]},
    ):
        assert error_of(connect, consumer, service, **options) == "InvalidParameter"
    endpoint_id = connect(consumer, service)["VpcEndpointId"]
    modify = consumer.ec2.modify_vpc_endpoint
    assert error_of(modify, VpcEndpointId=endpoint_id, AddSubnetIds=[second]) == "InvalidParameter"
    topic = f"arn:aws:sns:eu-west-1:{provider.account}:news"
    notify = provider.ec2.create_vpc_endpoint_connection_notification
    request = {"ServiceId": service["ServiceId"], "ConnectionNotificationArn": topic, "ConnectionEvents": ["Connect"]}
    assert error_of(notify, **request) == "InvalidParameter"


def test_endpoint_of_a_cloudformation_stack_is_a_connection(provider: Party, consumer: Party) -> None:
    properties = {
        "VpcEndpointType": GATEWAY,
        "VpcId": consumer.network.vpc_id,
        "SubnetIds": consumer.network.subnet_ids[:1],
        "ServiceName": make_service(provider)["ServiceName"],
    }
    template = {"Resources": {"Endpoint": {"Type": "AWS::EC2::VPCEndpoint", "Properties": properties}}}
    cloudformation = consumer.client("cloudformation")
    cloudformation.create_stack(StackName="connect", TemplateBody=json.dumps(template))
    (endpoint,) = consumer.ec2.describe_vpc_endpoints()["VpcEndpoints"]
    assert endpoint["VpcEndpointType"] == GATEWAY
    assert provider.states() == {endpoint["VpcEndpointId"]: "pendingAcceptance"}
    cloudformation.delete_stack(StackName="connect")
    assert consumer.ec2.describe_network_interfaces()["NetworkInterfaces"] == []
