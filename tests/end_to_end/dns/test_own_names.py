"""A central endpoint gets a name of one's own: a private zone, its alias, and the VPCs in which it answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from deployment.domains import Domains
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, SANDBOX_MEMBER, WORKLOADS_MEMBER, EndpointService

from ..bus_listener import BusListener
from .names import VPC_TAG, addresses_of, await_decision, delete_endpoint, describe, tag_vpc


@dataclass(frozen=True)
class Central:
    """A central endpoint of the hub account, with its name."""

    drawbridge: Drawbridge
    domains: Domains
    endpoint: str
    name: str

    @property
    def zone(self) -> str:
        """The id of its zone, which is there."""
        (zone,) = self.domains.zones(self.name)
        return zone

    def answers_in(self, account: str) -> bool:
        """Whether the name leads to the endpoint in the VPC of an account."""
        vpc = self.drawbridge.sample.networks[account].vpc_id
        found = self.domains.addresses(self.name, account, vpc)
        return bool(found) and found == addresses_of(self.drawbridge, HUB, self.endpoint)

    def await_answer_in(self, account: str) -> None:
        """Wait until it does, by the looks that sync-dns puts off."""
        self.drawbridge.later_until(f"{self.name} answers in {account}", lambda: self.answers_in(account))


@pytest.fixture(scope="module")
def service(drawbridge: Drawbridge) -> EndpointService:
    """A service that central endpoints lead to."""
    return drawbridge.offer_service(notified=["Connect"])


@pytest.fixture
def selected_vpc(drawbridge: Drawbridge) -> Iterator[str]:
    """The VPC of a member in which names of one's own answer."""
    yield tag_vpc(drawbridge, WORKLOADS_MEMBER, selected=True)
    tag_vpc(drawbridge, WORKLOADS_MEMBER, selected=False)
    drawbridge.settle()


def central_endpoint(drawbridge: Drawbridge, domains: Domains, service: EndpointService, name: str) -> Central:
    """A central endpoint that wants a name."""
    endpoint = drawbridge.request_connection(HUB, service, dns_name=name)
    return Central(drawbridge, domains, endpoint, name)


def test_name_answers_in_the_selected_vpc_of_another_account_and_goes_with_the_endpoint(
    drawbridge: Drawbridge, domains: Domains, service: EndpointService, selected_vpc: str, listener: BusListener
) -> None:
    home, sandbox = (drawbridge.sample.networks[account].vpc_id for account in (HUB, SANDBOX_MEMBER))
    theirs = domains.make_zone("people.corp.example", home)
    domains.make_record(theirs, "pay.people.corp.example", "A", "10.9.9.9")
    untouched = domains.records(theirs)
    central = central_endpoint(drawbridge, domains, service, "pay.corp.example")
    central.await_answer_in(WORKLOADS_MEMBER)
    assert central.answers_in(HUB)
    assert domains.resolve(central.name, SANDBOX_MEMBER, sandbox)["status"] == "NOT_HERE"

    zone = central.zone
    assert domains.associated(zone) == {home, selected_vpc}
    assert domains.authorized(zone) == set()
    records = domains.records(zone)
    regional = describe(drawbridge, HUB, central.endpoint)["DnsEntries"][0]["DnsName"]
    assert records.pop((central.name, "A")) == regional
    registered = {name.removesuffix(f"._drawbridge.{central.name}") for name, _ in records}
    assert registered == {central.endpoint, home, selected_vpc}

    delete_endpoint(drawbridge, HUB, central.endpoint)
    what = f"the zone of {central.name} is gone"
    wait_until(what, lambda: not domains.zones(central.name), explain=drawbridge.explain)
    assert central.name not in domains.answering_in(WORKLOADS_MEMBER, selected_vpc)
    assert domains.resolve(central.name, WORKLOADS_MEMBER, selected_vpc)["status"] == "NOT_HERE"
    drawbridge.settle()
    assert (domains.records(theirs), domains.associated(theirs)) == (untouched, {home})


def test_vpc_that_is_selected_later_is_let_in_and_put_out_again_when_it_is_not_any_more(
    drawbridge: Drawbridge, domains: Domains, service: EndpointService
) -> None:
    central = central_endpoint(drawbridge, domains, service, "late.corp.example")
    central.await_answer_in(HUB)
    vpc = tag_vpc(drawbridge, SANDBOX_MEMBER, selected=True)
    central.await_answer_in(SANDBOX_MEMBER)
    assert domains.authorized(central.zone) == set()
    tag_vpc(drawbridge, SANDBOX_MEMBER, selected=False)
    what = f"{central.name} answers in {vpc} no more"
    drawbridge.later_until(what, lambda: vpc not in domains.associated(central.zone))
    assert (f"{vpc}._drawbridge.{central.name}", "TXT") not in domains.records(central.zone)
    assert central.answers_in(HUB)
    delete_endpoint(drawbridge, HUB, central.endpoint)
    wait_until("its zone is gone", lambda: not domains.zones(central.name), explain=drawbridge.explain)


def test_vpc_that_comes_is_let_in_when_it_resolves_names_and_is_let_go_when_it_is_deleted(
    drawbridge: Drawbridge, domains: Domains, service: EndpointService, since: int
) -> None:
    central = central_endpoint(drawbridge, domains, service, "comes.corp.example")
    central.await_answer_in(HUB)
    ec2 = drawbridge.aws.client("ec2", SANDBOX_MEMBER)
    tags = [{"ResourceType": "vpc", "Tags": [VPC_TAG]}]
    # Nothing that was put off has a part in what follows: sync-dns hears of the calls.
    drawbridge.forget_messages()
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    # A new VPC has DNS host names off.
    about = {"dns_name": central.name, "vpc_id": vpc}
    line = await_decision(drawbridge, since, decision="hold", reason="DNS_SUPPORT_OFF", **about)
    assert any(vpc in change for change in line["would_change"])
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    what = f"{central.name} answers in {vpc}"
    wait_until(what, lambda: domains.addresses(central.name, SANDBOX_MEMBER, vpc), explain=drawbridge.explain)
    assert vpc in domains.associated(central.zone)

    drawbridge.settle()
    ec2.delete_vpc(VpcId=vpc)
    what = f"the zone of {central.name} has let {vpc} go"
    wait_until(what, lambda: vpc not in domains.associated(central.zone), explain=drawbridge.explain)
    drawbridge.settle()
    assert (f"{vpc}._drawbridge.{central.name}", "TXT") not in domains.records(central.zone)
    assert central.answers_in(HUB)
    delete_endpoint(drawbridge, HUB, central.endpoint)
    wait_until("its zone is gone", lambda: not domains.zones(central.name), explain=drawbridge.explain)


def test_zone_in_which_people_made_a_record_stays_with_that_record_alone(
    drawbridge: Drawbridge, domains: Domains, service: EndpointService
) -> None:
    central = central_endpoint(drawbridge, domains, service, "shared.corp.example")
    central.await_answer_in(HUB)
    zone, theirs = central.zone, (f"db.{central.name}", "A")
    domains.make_record(zone, *theirs, "10.9.9.9")
    drawbridge.settle()
    delete_endpoint(drawbridge, HUB, central.endpoint)
    what = "the records of the endpoint are gone"
    wait_until(what, lambda: (central.name, "A") not in domains.records(zone), explain=drawbridge.explain)
    drawbridge.settle()
    assert domains.records(zone)[theirs] == ["10.9.9.9"]
    line = await_decision(drawbridge, zone_id=zone, decision="hold", reason="NOT_OWNED")
    assert any(theirs[0] in change for change in line["would_change"])


def test_second_endpoint_that_wants_a_name_is_told_and_the_first_keeps_it(
    drawbridge: Drawbridge, domains: Domains, service: EndpointService, since: int
) -> None:
    central = central_endpoint(drawbridge, domains, service, "twice.corp.example")
    central.await_answer_in(HUB)
    other = central_endpoint(drawbridge, domains, service, central.name)
    await_decision(drawbridge, since, dns_name=central.name, decision="hold", reason="CONFLICT")
    drawbridge.settle()
    assert central.answers_in(HUB)
    for endpoint in (other.endpoint, central.endpoint):
        delete_endpoint(drawbridge, HUB, endpoint)
    wait_until("its zone is gone", lambda: not domains.zones(central.name), explain=drawbridge.explain)


EXCEPT_CLOSED = """
@id("members-but-closed")
@reason("ORG_MEMBER")
permit (
    principal in Drawbridge::Organization::"{organization}",
    action == Drawbridge::Action::"Connect",
    resource
)
unless {{ principal.hasTag("stage") && principal.getTag("stage") == "closed" }};
"""


def test_name_answers_in_the_vpcs_of_a_unit_also_when_a_policy_speaks_of_tags(
    drawbridge: Drawbridge, domains: Domains, service: EndpointService, changed_configuration: None
) -> None:
    unit = drawbridge.sample.units["workloads"]
    policy = EXCEPT_CLOSED.format(organization=drawbridge.sample.organization_id)
    drawbridge.reconfigure(policy, dns={"names": {"vpcs": {"organizational-units": [unit]}}})
    central = central_endpoint(drawbridge, domains, service, "unit.corp.example")
    central.await_answer_in(WORKLOADS_MEMBER)
    sandbox = drawbridge.sample.networks[SANDBOX_MEMBER].vpc_id
    assert domains.resolve(central.name, SANDBOX_MEMBER, sandbox)["status"] == "NOT_HERE"
    delete_endpoint(drawbridge, HUB, central.endpoint)
    drawbridge.later_until("its zone is gone", lambda: not domains.zones(central.name))
