"""What sync-dns writes: nothing in mode observe, and nothing where all is as it should be."""

from __future__ import annotations

import pytest
from deployment.domains import Domains
from deployment.drawbridge import Drawbridge
from emulator.organization_sample import HUB, WORKLOADS_MEMBER, EndpointService

from ..function_calls import count_operations, naming
from .conftest import CONSUMERS, ZONE
from .names import (
    NAMES,
    addresses_of,
    await_decision,
    calls_of,
    delete_endpoint,
    describe,
    give_name,
    tag_vpc,
    written,
)


@pytest.mark.usefixtures("changed_configuration")
def test_mode_observe_says_what_would_be_done_and_writes_nothing(
    drawbridge: Drawbridge, domains: Domains, public_zone: str, named_service: EndpointService, since: int
) -> None:
    drawbridge.reconfigure(dns=NAMES, modes={"sync-dns": "observe"})
    before, after = domains.records(public_zone), drawbridge.aws.last_call()
    service = drawbridge.offer_service(notified=[])
    give_name(drawbridge, service, f"observed.{ZONE}")
    private = drawbridge.request_connection(WORKLOADS_MEMBER, named_service, private_dns="true")
    central = drawbridge.request_connection(HUB, named_service, dns_name="observed.corp.example")
    for about in (
        {"service_id": service.id, "decision": "publish"},
        {"vpc_endpoint_id": private, "decision": "enable"},
        {"dns_name": "observed.corp.example", "decision": "publish"},
    ):
        assert await_decision(drawbridge, since, result="proposed", **about)["mode"] == "observe"
    drawbridge.settle()
    drawbridge.sweep()
    drawbridge.settle()
    assert written(drawbridge, after) == []
    assert domains.records(public_zone) == before
    assert domains.zones("observed.corp.example") == []
    assert not describe(drawbridge, WORKLOADS_MEMBER, private)["PrivateDnsEnabled"]
    delete_endpoint(drawbridge, HUB, central)
    delete_endpoint(drawbridge, WORKLOADS_MEMBER, private)
    ec2 = drawbridge.aws.client("ec2", HUB)
    ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service.id])


def test_sweep_of_a_world_in_step_writes_nothing_and_reads_each_thing_once(
    drawbridge: Drawbridge, domains: Domains, public_zone: str, named_service: EndpointService
) -> None:
    account, name = WORKLOADS_MEMBER, "steady.corp.example"
    vpc = tag_vpc(drawbridge, account, selected=True)
    private = drawbridge.request_connection(account, named_service, private_dns="true")
    central = drawbridge.request_connection(HUB, named_service, dns_name=name)
    drawbridge.later_until(
        "all names lead where they should",
        lambda: (
            domains.addresses(name, account, vpc) == addresses_of(drawbridge, HUB, central)
            and describe(drawbridge, account, private)["PrivateDnsEnabled"]
        ),
    )
    drawbridge.forget_messages()
    # Cold, so that nothing is known and all is read.
    drawbridge.end_environments()
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    drawbridge.settle()
    assert written(drawbridge, after) == []
    calls = calls_of(drawbridge, after)
    assert (count_operations(calls)["SendMessage"], drawbridge.sync_dns.delayed_messages()) == (0, 0)

    # Of the whole world: the zones of the hub, and what each consumer has.
    assert count_operations(calls)["ListHostedZones"] == 1
    for consumer in CONSUMERS:
        of_the_consumer = count_operations([call for call in calls if call["account"] == consumer])
        assert (of_the_consumer["DescribeVpcs"], of_the_consumer["DescribeVpcEndpoints"]) == (1, 1)
    # For the name of one's own: its zone.
    (zone,) = domains.zones(name)
    assert count_operations(naming(calls, zone)) == {
        "ListResourceRecordSets": 1,
        "GetHostedZone": 1,
        "ListVPCAssociationAuthorizations": 1,
    }
    # For the verified service: itself. Its registration and its record were read with all the zone, which fits into a page.
    assert count_operations(naming(calls, named_service.id)) == {"DescribeVpcEndpointServiceConfigurations": 1}
    assert count_operations(naming(calls, public_zone)) == {"ListResourceRecordSets": 1}
    # For the endpoint that has its private name: nothing more than the listing.
    assert naming(calls, private) == []
    for owner, endpoint in ((HUB, central), (account, private)):
        delete_endpoint(drawbridge, owner, endpoint)
    tag_vpc(drawbridge, account, selected=False)
    drawbridge.settle()
