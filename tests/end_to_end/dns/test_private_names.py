"""A consumer's endpoint gets the private DNS name of its service, once it is connected."""

from __future__ import annotations

from deployment.domains import Domains
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from .conftest import ZONE
from .names import addresses_of, await_decision, delete_endpoint, describe

NAME = f"ready.{ZONE}"


def has_name(drawbridge: Drawbridge, account: str, endpoint: str) -> bool:
    """Whether the private DNS name of an endpoint is switched on."""
    return describe(drawbridge, account, endpoint)["PrivateDnsEnabled"]


def test_endpoint_that_asks_for_it_gets_its_name_when_it_is_accepted(
    drawbridge: Drawbridge, domains: Domains, named_service: EndpointService, since: int
) -> None:
    account, vpc = WORKLOADS_MEMBER, drawbridge.sample.networks[WORKLOADS_MEMBER].vpc_id
    drawbridge.sync_dns.forget_messages()
    drawbridge.accept_connections.enable_mapping(False)
    endpoint = drawbridge.request_connection(account, named_service, private_dns="true")
    line = await_decision(drawbridge, since, vpc_endpoint_id=endpoint, decision="hold", reason="NOT_CONNECTED")
    assert line["endpoint_owner"] == account
    drawbridge.sync_dns.settle()
    assert domains.addresses(NAME, account, vpc) == []

    # Nothing else wakes sync-dns from here on: it hears of the acceptance.
    assert drawbridge.sync_dns.delayed_messages() == 0
    drawbridge.accept_connections.enable_mapping(True)
    what = f"{endpoint} has its name"
    wait_until(what, lambda: has_name(drawbridge, account, endpoint), explain=drawbridge.explain)
    assert domains.addresses(NAME, account, vpc) == addresses_of(drawbridge, account, endpoint) != []
    assert domains.resolve(NAME, account, vpc)["zone"]["owner"] != SANDBOX_MEMBER
    assert domains.addresses(NAME, SANDBOX_MEMBER, drawbridge.sample.networks[SANDBOX_MEMBER].vpc_id) == []
    delete_endpoint(drawbridge, account, endpoint)
    drawbridge.settle()


def test_endpoint_that_does_not_ask_gets_no_name(drawbridge: Drawbridge, named_service: EndpointService) -> None:
    endpoint = drawbridge.request_connection(SANDBOX_MEMBER, named_service)
    drawbridge.await_state(SANDBOX_MEMBER, endpoint, "available")
    drawbridge.settle()
    drawbridge.sweep()
    drawbridge.settle()
    assert not has_name(drawbridge, SANDBOX_MEMBER, endpoint)
    assert drawbridge.sync_dns.log.decisions(vpc_endpoint_id=endpoint) == []


def test_zone_of_the_name_that_answers_already_is_foretold_and_not_run_into(
    drawbridge: Drawbridge, domains: Domains, named_service: EndpointService
) -> None:
    account, vpc = SANDBOX_MEMBER, drawbridge.sample.networks[SANDBOX_MEMBER].vpc_id
    theirs = Domains(drawbridge.aws, account)
    zone = theirs.make_zone(NAME, vpc)
    after = drawbridge.aws.last_call()
    endpoint = drawbridge.request_connection(account, named_service, private_dns="true")
    line = await_decision(drawbridge, vpc_endpoint_id=endpoint, decision="hold", reason="CONFLICT")
    assert any(zone in change for change in line["would_change"])
    drawbridge.settle()
    assert drawbridge.aws.calls(operation="ModifyVpcEndpoint", after=after) == []
    theirs.api.delete_hosted_zone(Id=zone)
    drawbridge.sweep_until(lambda: has_name(drawbridge, account, endpoint))
    delete_endpoint(drawbridge, account, endpoint)
    drawbridge.settle()
