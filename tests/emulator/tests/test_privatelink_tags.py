"""Tags of PrivateLink resources, and the events of their change."""

from __future__ import annotations

import json

from .parties import Party, error_of
from .queues import subscribe_queue


def test_tags_are_given_only_to_what_exists_in_the_account(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    consumer.connect(service)
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    tags = [{"Key": "team", "Value": "a"}]
    foreign = {
        service["ServiceId"]: "InvalidVpcEndpointServiceId.NotFound",
        connection["VpcEndpointConnectionId"]: "InvalidVpcEndpointConnectionId.NotFound",
        "vpce-0123456789abcdef0": "InvalidVpcEndpointId.NotFound",
    }
    for resource_id, code in foreign.items():
        assert error_of(consumer.ec2.create_tags, Resources=[resource_id], Tags=tags) == code


def test_tagging_api_knows_endpoints_services_and_connections(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    arns = {
        provider: [
            f"arn:aws:ec2:eu-west-1:{provider.account}:vpc-endpoint-service/{service['ServiceId']}",
            f"arn:aws:ec2:eu-west-1:{provider.account}:vpc-endpoint-connection/{connection['VpcEndpointConnectionId']}",
        ],
        consumer: [f"arn:aws:ec2:eu-west-1:{consumer.account}:vpc-endpoint/{endpoint_id}"],
    }
    for party, owned in arns.items():
        tagging = party.client("resourcegroupstaggingapi")
        assert tagging.tag_resources(ResourceARNList=owned, Tags={"team": "a"})["FailedResourcesMap"] == {}
        listed = tagging.get_resources(TagFilters=[{"Key": "team", "Values": ["a"]}])["ResourceTagMappingList"]
        assert sorted(one["ResourceARN"] for one in listed) == sorted(owned)
    tagging = consumer.client("resourcegroupstaggingapi")
    only = tagging.get_resources(ResourceTypeFilters=["ec2:vpc-endpoint"])["ResourceTagMappingList"]
    assert [one["Tags"] for one in only] == [[{"Key": "team", "Value": "a"}]]
    assert consumer.endpoint(endpoint_id)["Tags"] == [{"Key": "team", "Value": "a"}]


def test_tagging_api_answers_for_each_resource(provider: Party) -> None:
    service_id = provider.make_service()["ServiceId"]
    prefix = f"arn:aws:ec2:eu-west-1:{provider.account}:vpc-endpoint-service/"
    gone = f"{prefix}vpce-svc-0123456789abcdef0"
    failed = provider.client("resourcegroupstaggingapi").tag_resources(
        ResourceARNList=[gone, f"{prefix}{service_id}"], Tags={"team": "a"}
    )["FailedResourcesMap"]
    assert list(failed) == [gone]
    (service,) = provider.ec2.describe_vpc_endpoint_service_configurations()["ServiceConfigurations"]
    assert service["Tags"] == [{"Key": "team", "Value": "a"}]


def test_tags_vanish_with_their_resource(provider: Party, consumer: Party) -> None:
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "team", "Value": "a"}]}]
    endpoint_id = consumer.connect(provider.make_service(), TagSpecifications=tags)["VpcEndpointId"]
    consumer.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    assert consumer.ec2.describe_vpc_endpoints()["VpcEndpoints"] == []
    assert consumer.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [endpoint_id]}])["Tags"] == []


def test_change_of_a_services_tags_is_an_event(provider: Party) -> None:
    service_id = provider.make_service()["ServiceId"]
    queue = subscribe_queue(provider, {"source": ["aws.tag"]})
    provider.ec2.create_tags(Resources=[service_id], Tags=[{"Key": "drawbridge:enabled", "Value": "true"}])
    provider.ec2.create_tags(Resources=[service_id], Tags=[{"Key": "drawbridge:enabled", "Value": "true"}])
    provider.ec2.delete_tags(Resources=[service_id], Tags=[{"Key": "drawbridge:enabled"}])
    events = sorted((json.loads(body) for body in queue.read(2)), key=lambda event: event["detail"]["version"])
    arn = f"arn:aws:ec2:eu-west-1:{provider.account}:vpc-endpoint-service/{service_id}"
    assert [event["resources"] for event in events] == [[arn], [arn]]
    assert all(event["time"].endswith("Z") for event in events)
    assert [event["detail-type"] for event in events] == ["Tag Change on Resource"] * 2
    assert [event["detail"]["tags"] for event in events] == [{"drawbridge:enabled": "true"}, {}]
    assert [event["detail"]["version"] for event in events] == [1, 2]
    assert events[0]["detail"]["changed-tag-keys"] == ["drawbridge:enabled"]
    assert events[0]["detail"]["resource-type"] == "vpc-endpoint-service"


def test_change_of_a_vpcs_tags_is_an_event(consumer: Party) -> None:
    vpc = consumer.network.vpc_id
    queue = subscribe_queue(consumer, {"source": ["aws.tag"]})
    consumer.ec2.create_tags(Resources=[vpc], Tags=[{"Key": "dns", "Value": "yes"}])
    (event,) = (json.loads(body) for body in queue.read(1))
    assert event["resources"] == [f"arn:aws:ec2:eu-west-1:{consumer.account}:vpc/{vpc}"]
    assert (event["detail"]["resource-type"], event["detail"]["tags"]) == ("vpc", {"dns": "yes"})
