"""Connections: list, accept, reject."""

from __future__ import annotations

from .parties import CONSUMER, OTHER_CONSUMER, STRANGER, Party, error_of


def test_provider_sees_who_asks(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    endpoint = consumer.connect(service)
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    assert connection["ServiceId"] == service["ServiceId"]
    assert connection["VpcEndpointId"] == endpoint["VpcEndpointId"]
    assert connection["VpcEndpointOwner"] == CONSUMER
    assert connection["VpcEndpointState"] == "pendingAcceptance"
    assert connection["VpcEndpointRegion"] == "eu-west-1"
    assert connection["NetworkLoadBalancerArns"] == service["NetworkLoadBalancerArns"]
    assert connection["VpcEndpointConnectionId"].startswith("vpce-svc-con-")
    assert connection["DnsEntries"] == endpoint["DnsEntries"]
    assert connection["CreationTimestamp"] == endpoint["CreationTimestamp"]
    assert "VpcId" not in connection
    assert consumer.states() == {}


def test_accepted_connection_is_pending_and_then_available(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    provider.emulator.control("POST", "settings", {"state_delay_ms": 3_600_000})
    answer = provider.ec2.accept_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[endpoint_id])
    assert answer["Unsuccessful"] == []
    assert provider.states() == {endpoint_id: "pending"}
    assert consumer.endpoint(endpoint_id)["State"] == "pending"
    provider.ec2.reject_vpc_endpoint_connections(ServiceId=service["ServiceId"], VpcEndpointIds=[endpoint_id])
    provider.emulator.control("POST", "settings", {"state_delay_ms": 0})
    assert provider.states() == {endpoint_id: "rejected"}


def test_available_connection_can_be_rejected_but_not_accepted_again(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    request = {"ServiceId": service["ServiceId"], "VpcEndpointIds": [consumer.connect(service)["VpcEndpointId"]]}
    provider.ec2.accept_vpc_endpoint_connections(**request)
    (refused,) = provider.ec2.accept_vpc_endpoint_connections(**request)["Unsuccessful"]
    assert refused["Error"]["Code"] == "InvalidState"
    assert provider.ec2.reject_vpc_endpoint_connections(**request)["Unsuccessful"] == []
    assert list(provider.states().values()) == ["rejected"]
    (refused,) = provider.ec2.reject_vpc_endpoint_connections(**request)["Unsuccessful"]
    assert refused["Error"]["Code"] == "InvalidState"


def test_rejected_connection_is_accepted_only_when_set_so(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    request = {"ServiceId": service["ServiceId"], "VpcEndpointIds": [consumer.connect(service)["VpcEndpointId"]]}
    provider.ec2.reject_vpc_endpoint_connections(**request)
    assert len(provider.ec2.accept_vpc_endpoint_connections(**request)["Unsuccessful"]) == 1
    provider.emulator.control("POST", "settings", {"accept_rejected": True})
    assert provider.ec2.accept_vpc_endpoint_connections(**request)["Unsuccessful"] == []
    assert list(provider.states().values()) == ["available"]


def test_each_connection_is_answered_for_with_http_200(provider: Party, consumer: Party) -> None:
    service = provider.make_service(name="orders")
    other = provider.make_service(name="billing")
    mine, elsewhere = consumer.connect(service)["VpcEndpointId"], consumer.connect(other)["VpcEndpointId"]
    answer = provider.ec2.accept_vpc_endpoint_connections(
        ServiceId=service["ServiceId"], VpcEndpointIds=[mine, elsewhere]
    )
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    (failed,) = answer["Unsuccessful"]
    assert (failed["ResourceId"], failed["Error"]["Code"]) == (elsewhere, "InvalidVpcEndpointId.NotFound")
    assert provider.states() == {mine: "available", elsewhere: "pendingAcceptance"}


def test_connections_can_be_answered_by_the_owner_of_the_service_only(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    accept = consumer.ec2.accept_vpc_endpoint_connections
    request = {"ServiceId": service["ServiceId"], "VpcEndpointIds": [endpoint_id]}
    assert error_of(accept, **request) == "InvalidVpcEndpointServiceId.NotFound"
    assert error_of(provider.ec2.accept_vpc_endpoint_connections, **request, DryRun=True) == "DryRunOperation"
    assert provider.states() == {endpoint_id: "pendingAcceptance"}


def test_connections_come_in_pages_the_last_without_token(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    made = [consumer.connect(service)["VpcEndpointId"] for _ in range(11)]
    pages = list(
        provider.ec2.get_paginator("describe_vpc_endpoint_connections").paginate(PaginationConfig={"PageSize": 5})
    )
    assert [len(page["VpcEndpointConnections"]) for page in pages] == [5, 5, 1]
    assert [c["VpcEndpointId"] for page in pages for c in page["VpcEndpointConnections"]] == made
    assert "NextToken" not in pages[-1]
    assert error_of(provider.ec2.describe_vpc_endpoint_connections, MaxResults=4) == "InvalidParameterValue"
    assert len(provider.ec2.describe_vpc_endpoint_connections(MaxResults=2_000)["VpcEndpointConnections"]) == 11


def test_page_goes_on_where_the_last_ended_though_connections_vanish(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    made = [consumer.connect(service)["VpcEndpointId"] for _ in range(7)]
    first = provider.ec2.describe_vpc_endpoint_connections(MaxResults=5)
    consumer.ec2.delete_vpc_endpoints(VpcEndpointIds=made[3:5])
    second = provider.ec2.describe_vpc_endpoint_connections(MaxResults=5, NextToken=first["NextToken"])
    assert [c["VpcEndpointId"] for c in second["VpcEndpointConnections"]] == made[5:]


def test_connections_are_found_by_filter(provider: Party, consumer: Party) -> None:
    orders = provider.make_service(name="orders", allow=(CONSUMER, OTHER_CONSUMER), SupportedRegions=["us-east-1"])
    billing = provider.make_service(name="billing")
    first = consumer.connect(orders)["VpcEndpointId"]
    second = consumer.connect(billing)["VpcEndpointId"]
    remote = Party(provider.emulator, OTHER_CONSUMER, "us-east-1")
    third = remote.connect(orders, ServiceRegion="eu-west-1")["VpcEndpointId"]
    provider.ec2.accept_vpc_endpoint_connections(ServiceId=billing["ServiceId"], VpcEndpointIds=[second])

    def found(**filters: list[str]) -> set[str]:
        wanted = [{"Name": name.replace("_", "-"), "Values": values} for name, values in filters.items()]
        answer = provider.ec2.describe_vpc_endpoint_connections(Filters=wanted)
        return {connection["VpcEndpointId"] for connection in answer["VpcEndpointConnections"]}

    assert found(service_id=[orders["ServiceId"]]) == {first, third}
    assert found(vpc_endpoint_owner=[CONSUMER]) == {first, second}
    assert found(vpc_endpoint_state=["available"]) == {second}
    assert found(vpc_endpoint_state=["pendingAcceptance", "available"]) == {first, second, third}
    assert found(vpc_endpoint_id=[third]) == {third}
    assert found(vpc_endpoint_region=["cross-region"]) == {third}
    assert found(service_id=[orders["ServiceId"]], vpc_endpoint_owner=[CONSUMER]) == {first}
    assert found(service_id=["vpce-svc-0123456789abcdef0"]) == set()
    wrong = [{"Name": "owner", "Values": [CONSUMER]}]
    assert error_of(provider.ec2.describe_vpc_endpoint_connections, Filters=wrong) == "InvalidParameterValue"


def test_connections_of_an_owner_are_found_over_all_services_of_the_account_and_region(
    provider: Party, consumer: Party
) -> None:
    first, second = provider.make_service(name="orders"), provider.make_service(name="billing")
    elsewhere = Party(provider.emulator, provider.account, "us-east-1")
    remote = elsewhere.make_service(allow=(CONSUMER,), SupportedRegions=["us-east-1", "eu-west-1"])
    stranger = Party(provider.emulator, STRANGER)
    foreign = consumer.connect(stranger.make_service())["VpcEndpointId"]
    wanted = {consumer.connect(service)["VpcEndpointId"] for service in (first, second)}
    provider.connect(first)
    over_there = consumer.connect(remote, ServiceRegion="us-east-1")["VpcEndpointId"]

    def of_consumer(party: Party, *states: str) -> set[str]:
        filters = [{"Name": "vpc-endpoint-owner", "Values": [CONSUMER]}]
        filters += [{"Name": "vpc-endpoint-state", "Values": [*states]}] if states else []
        found = party.ec2.describe_vpc_endpoint_connections(Filters=filters)["VpcEndpointConnections"]
        return {connection["VpcEndpointId"] for connection in found}

    assert of_consumer(provider) == wanted
    assert of_consumer(elsewhere) == {over_there}
    assert of_consumer(stranger) == {foreign}
    assert of_consumer(provider, "available") == set()
    assert of_consumer(provider, "pendingAcceptance", "available") == wanted


def test_rejected_connection_keeps_its_tags_until_its_endpoint_is_deleted(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    request = {"ServiceId": service["ServiceId"], "VpcEndpointIds": [consumer.connect(service)["VpcEndpointId"]]}
    provider.ec2.accept_vpc_endpoint_connections(**request)
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    tags = [{"Key": "drawbridge:revoke-after", "Value": "2026-11-24T00:00:00Z"}]
    provider.ec2.create_tags(Resources=[connection["VpcEndpointConnectionId"]], Tags=tags)
    provider.ec2.reject_vpc_endpoint_connections(**request)
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    assert (connection["VpcEndpointState"], connection["Tags"]) == ("rejected", tags)
    provider.ec2.create_tags(
        Resources=[connection["VpcEndpointConnectionId"]], Tags=[{"Key": "drawbridge:revoke-after", "Value": ""}]
    )
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    assert connection["Tags"] == [{"Key": "drawbridge:revoke-after", "Value": ""}]
    consumer.ec2.delete_vpc_endpoints(VpcEndpointIds=request["VpcEndpointIds"])
    assert provider.states() == {}


def test_empty_filter_value_filters_nothing(provider: Party, consumer: Party) -> None:
    endpoint_id = consumer.connect(provider.make_service())["VpcEndpointId"]
    answer = provider.ec2.describe_vpc_endpoint_connections(Filters=[{"Name": "service-id", "Values": [""]}])
    assert [c["VpcEndpointId"] for c in answer["VpcEndpointConnections"]] == [endpoint_id]


def test_connection_has_tags_of_its_own(provider: Party, consumer: Party) -> None:
    tags = [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": "whose", "Value": "consumer"}]}]
    consumer.connect(provider.make_service(), TagSpecifications=tags)
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    assert connection["Tags"] == []
    connection_id = connection["VpcEndpointConnectionId"]
    mark = [{"Key": "drawbridge:decision", "Value": "accept"}]
    provider.ec2.create_tags(Resources=[connection_id], Tags=mark)
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    assert connection["Tags"] == mark
    (described,) = provider.ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [connection_id]}])["Tags"]
    assert described["ResourceType"] == "vpc-endpoint-connection"
    provider.ec2.delete_tags(Resources=[connection_id], Tags=[{"Key": "drawbridge:decision"}])
    (connection,) = provider.ec2.describe_vpc_endpoint_connections()["VpcEndpointConnections"]
    assert connection["Tags"] == []


def test_history_of_an_endpoint_outlives_it(provider: Party, consumer: Party) -> None:
    service = provider.make_service()
    endpoint_id = consumer.connect(service)["VpcEndpointId"]
    for answer in (provider.ec2.accept_vpc_endpoint_connections, provider.ec2.reject_vpc_endpoint_connections):
        answer(ServiceId=service["ServiceId"], VpcEndpointIds=[endpoint_id])
    consumer.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    (told,) = provider.emulator.control("GET", "endpoints")["endpoints"]
    assert told == {
        "id": endpoint_id,
        "account": consumer.account,
        "service": service["ServiceId"],
        "states": ["pendingAcceptance", "pending", "available", "rejected", "deleting"],
    }
