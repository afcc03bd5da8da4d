"""Endpoint services, as their provider sees them."""

from __future__ import annotations

from .parties import OTHER_CONSUMER, Party, error_of


def test_service_is_described_as_it_was_made(provider: Party) -> None:
    made = provider.make_service(
        allow=(), TagSpecifications=[{"ResourceType": "vpc-endpoint-service", "Tags": [{"Key": "team", "Value": "a"}]}]
    )
    (seen,) = provider.ec2.describe_vpc_endpoint_service_configurations(ServiceIds=[made["ServiceId"]])[
        "ServiceConfigurations"
    ]
    assert seen == made
    assert made["ServiceName"] == f"com.amazonaws.vpce.eu-west-1.{made['ServiceId']}"
    assert made["ServiceState"] == "Available"
    assert made["AvailabilityZones"] == ["eu-west-1a", "eu-west-1b"]
    assert made["AcceptanceRequired"] is True
    assert made["SupportedRegions"] == [{"Region": "eu-west-1", "ServiceState": "Available"}]
    assert made["Tags"] == [{"Key": "team", "Value": "a"}]
    assert "PrivateDnsName" not in made


def test_network_load_balancer_has_arn_of_its_kind_and_keeps_its_tags(provider: Party) -> None:
    balancers = provider.client("elbv2")
    made = balancers.create_load_balancer(
        Name="orders", Type="network", Subnets=provider.network.subnet_ids, Tags=[{"Key": "team", "Value": "a"}]
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    assert ":loadbalancer/net/orders/" in arn
    assert balancers.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]["Type"] == "network"
    (described,) = balancers.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    assert described["Tags"] == [{"Key": "team", "Value": "a"}]


def test_load_balancer_serves_one_service_only_and_stays_as_long_as_it_does(provider: Party) -> None:
    service = provider.make_service()
    arns = service["NetworkLoadBalancerArns"]
    create = provider.ec2.create_vpc_endpoint_service_configuration
    assert error_of(create, NetworkLoadBalancerArns=arns) == "InvalidParameter"
    assert error_of(provider.client("elbv2").delete_load_balancer, LoadBalancerArn=arns[0]) == "ResourceInUse"
    provider.ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service["ServiceId"]])
    provider.client("elbv2").delete_load_balancer(LoadBalancerArn=arns[0])


def test_service_needs_a_network_load_balancer(provider: Party) -> None:
    create = provider.ec2.create_vpc_endpoint_service_configuration
    assert error_of(create) == "InvalidParameter"
    application = provider.make_balancer("pages", "application")
    assert error_of(create, NetworkLoadBalancerArns=[application]) == "InvalidParameter"
    gone = application.replace("pages", "others")
    assert error_of(create, NetworkLoadBalancerArns=[gone]) == "InvalidLoadBalancerArn.NotFound"


def test_same_token_makes_a_service_once(provider: Party) -> None:
    arn = provider.make_balancer()
    create = provider.ec2.create_vpc_endpoint_service_configuration
    first = create(NetworkLoadBalancerArns=[arn], ClientToken="orders")
    again = create(NetworkLoadBalancerArns=[arn], ClientToken="orders")
    assert again["ServiceConfiguration"]["ServiceId"] == first["ServiceConfiguration"]["ServiceId"]
    assert again["ClientToken"] == "orders"
    options = {"NetworkLoadBalancerArns": [arn], "AcceptanceRequired": False, "ClientToken": "orders"}
    assert error_of(create, **options) == "IdempotentParameterMismatch"


def test_services_are_found_by_filter(provider: Party) -> None:
    tags = [{"ResourceType": "vpc-endpoint-service", "Tags": [{"Key": "drawbridge:enabled", "Value": "true"}]}]
    tagged = provider.make_service(name="orders", TagSpecifications=tags)
    other = provider.make_service(name="billing")

    def found(name: str, *values: str) -> set[str]:
        answer = provider.ec2.describe_vpc_endpoint_service_configurations(Filters=[{"Name": name, "Values": values}])
        return {service["ServiceId"] for service in answer["ServiceConfigurations"]}

    assert found("tag:drawbridge:enabled", "true") == {tagged["ServiceId"]}
    assert found("tag:drawbridge:enabled", "false") == set()
    assert found("tag-key", "drawbridge:*") == {tagged["ServiceId"]}
    assert found("service-id", other["ServiceId"]) == {other["ServiceId"]}
    assert found("service-name", "com.amazonaws.vpce.*") == {tagged["ServiceId"], other["ServiceId"]}
    assert found("service-state", "Available") == {tagged["ServiceId"], other["ServiceId"]}
    wrong = [{"Name": "color", "Values": ["red"]}]
    describe = provider.ec2.describe_vpc_endpoint_service_configurations
    assert error_of(describe, Filters=wrong) == "InvalidParameterValue"


def test_services_come_in_pages(provider: Party) -> None:
    made = [provider.make_service(name=f"service-{number}")["ServiceId"] for number in range(7)]
    describe = provider.ec2.describe_vpc_endpoint_service_configurations
    first = describe(MaxResults=5)
    second = describe(MaxResults=5, NextToken=first["NextToken"])
    seen = [service["ServiceId"] for page in (first, second) for service in page["ServiceConfigurations"]]
    assert seen == made
    assert "NextToken" not in second
    assert error_of(describe, MaxResults=4) == "InvalidParameterValue"
    assert error_of(describe, MaxResults=5, NextToken="nonsense") == "InvalidNextToken"


def test_service_of_another_account_region_or_form_is_not_found(provider: Party, consumer: Party) -> None:
    service_id = provider.make_service()["ServiceId"]
    describe = consumer.ec2.describe_vpc_endpoint_service_configurations
    assert error_of(describe, ServiceIds=[service_id]) == "InvalidVpcEndpointServiceId.NotFound"
    elsewhere = provider.emulator.client("ec2", account=provider.account, region="us-east-1")
    described = elsewhere.describe_vpc_endpoint_service_configurations()
    assert described["ServiceConfigurations"] == []
    assert error_of(describe, ServiceIds=["orders"]) == "InvalidVpcEndpointServiceIdId.Malformed"


def test_service_is_modified(provider: Party) -> None:
    service_id = provider.make_service()["ServiceId"]
    extra = provider.make_balancer("more")
    answer = provider.ec2.modify_vpc_endpoint_service_configuration(
        ServiceId=service_id,
        AcceptanceRequired=False,
        AddNetworkLoadBalancerArns=[extra],
        AddSupportedRegions=["us-east-1"],
    )
    assert answer["Return"] is True
    (seen,) = provider.ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    assert seen["AcceptanceRequired"] is False
    assert extra in seen["NetworkLoadBalancerArns"]
    assert [region["Region"] for region in seen["SupportedRegions"]] == ["eu-west-1", "us-east-1"]
    modify = provider.ec2.modify_vpc_endpoint_service_configuration
    assert error_of(modify, ServiceId=service_id, RemoveSupportedRegions=["eu-west-1"]) == "InvalidParameter"


def test_connected_service_keeps_its_load_balancers_and_is_not_deleted(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    modify = provider.ec2.modify_vpc_endpoint_service_configuration
    options = {"ServiceId": service["ServiceId"], "RemoveNetworkLoadBalancerArns": service["NetworkLoadBalancerArns"]}
    assert error_of(modify, **options) == "ExistingVpcEndpointConnections"

    delete = provider.ec2.delete_vpc_endpoint_service_configurations
    unknown = "vpce-svc-0123456789abcdef0"
    failed = delete(ServiceIds=[service["ServiceId"], unknown])["Unsuccessful"]
    assert {item["ResourceId"]: item["Error"]["Code"] for item in failed} == {
        service["ServiceId"]: "ExistingVpcEndpointConnections",
        unknown: "InvalidVpcEndpointService.NotFound",
    }
    provider.ec2.reject_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[endpoint_id])
    assert delete(ServiceIds=[service["ServiceId"]])["Unsuccessful"] == []
    assert consumer.endpoint(endpoint_id)["State"] == "rejected"


def test_consumer_sees_the_services_that_name_it(provider: Party, consumer: Party) -> None:
    mine = provider.make_service(name="orders")
    hidden = provider.make_service(name="billing", allow=(OTHER_CONSUMER,))
    public = provider.make_service(name="public", allow=("*",))
    describe = consumer.ec2.describe_vpc_endpoint_services
    owned = [{"Name": "owner", "Values": [provider.account]}]
    assert describe(Filters=owned)["ServiceNames"] == [mine["ServiceName"]]
    assert describe(ServiceNames=[public["ServiceName"]])["ServiceNames"] == [public["ServiceName"]]
    assert error_of(describe, ServiceNames=[hidden["ServiceName"]]) == "InvalidServiceName"
    (detail,) = describe(ServiceNames=[mine["ServiceName"]])["ServiceDetails"]
    assert detail["Owner"] == provider.account
    assert detail["AcceptanceRequired"] is True


def test_services_of_aws_are_offered_too(consumer: Party) -> None:
    names = consumer.ec2.describe_vpc_endpoint_services()["ServiceNames"]
    assert "com.amazonaws.eu-west-1.sqs" in names
