"""The private DNS name of an endpoint service is verified without anybody's doing.

The local AWS fires schedules only when it is told to: no sweep has a part in what happens here.
"""

from __future__ import annotations

import pytest
from deployment.domains import Domains
from deployment.drawbridge import Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, PROVIDER, REGION

from ..bus_listener import BusListener
from .conftest import ZONE
from .names import await_decision, give_name, is_verified, verification


# Who asked AWS to look tells what it has found: one environment, so that it is the one to see it.
@pytest.mark.usefixtures("single_environment")
def test_name_is_verified_by_itself_and_its_record_goes_with_the_service(
    drawbridge: Drawbridge, domains: Domains, public_zone: str, listener: BusListener
) -> None:
    service = drawbridge.offer_service(notified=[])
    before = domains.records(public_zone)
    drawbridge.aws.control("POST", "settings", {"state_delay_ms": 2000})
    give_name(drawbridge, service, f"pay.{ZONE}")
    wait_until("the proof is there", lambda: len(domains.records(public_zone)) == len(before) + 2)
    drawbridge.settle()

    # AWS isn't asked before the record is everywhere: the function looks again, and waits nowhere.
    asked = verification(drawbridge, service)
    assert asked["State"] == "pendingVerification"
    proof, registration = f"{asked['Name']}.pay.{ZONE}", f"{service.id}._drawbridge.{ZONE}"
    records = domains.records(public_zone)
    assert records.pop((proof, "TXT")) == [f'"{asked["Value"]}"']
    (registered,) = records.pop((registration, "TXT"))
    assert f"drawbridge/resource=service/{HUB}/{REGION}/{service.id}," in registered
    assert registered.endswith(f'drawbridge/records=TXT:{proof}"')
    assert records == before
    assert drawbridge.sync_dns.delayed_messages() == 1

    # The message comes when its delay is over, of itself.
    what = f"{service.id} is verified"
    wait_until(what, lambda: is_verified(drawbridge, service), explain=drawbridge.explain)
    told = drawbridge.later_until("it is told", lambda: listener.heard(service.id, "Private Name Verified"))
    assert told[0]["detail"]["private_dns_name"] == f"pay.{ZONE}"

    ec2 = drawbridge.aws.client("ec2", service.account)
    ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service.id])
    what = "the records of the service are gone"
    wait_until(what, lambda: domains.records(public_zone) == before, explain=drawbridge.explain)


def test_service_of_a_member_is_verified_by_its_role_with_the_zone_of_the_hub(
    drawbridge: Drawbridge, domains: Domains, public_zone: str
) -> None:
    service = drawbridge.offer_service(PROVIDER, notified=[])
    give_name(drawbridge, service, f"*.reports.{ZONE}")
    drawbridge.later_until(f"{service.id} is verified", lambda: is_verified(drawbridge, service))
    proof = f"{verification(drawbridge, service)['Name']}.reports.{ZONE}"
    assert (proof, "TXT") in domains.records(public_zone)


def test_name_without_a_zone_is_held_with_the_record_to_make_by_hand(drawbridge: Drawbridge, public_zone: str) -> None:
    service = drawbridge.offer_service(notified=[])
    give_name(drawbridge, service, "pay.example.net")
    line = await_decision(drawbridge, service_id=service.id, decision="hold", reason="NO_ZONE")
    asked = verification(drawbridge, service)
    assert any(f"{asked['Name']}.pay.example.net" in change for change in line["would_change"])
    assert any(asked["Value"] in change for change in line["would_change"])
    assert asked["State"] == "pendingVerification"


def test_record_that_people_have_made_is_used_and_stays_theirs(
    drawbridge: Drawbridge, domains: Domains, public_zone: str
) -> None:
    drawbridge.sync_dns.enable_mapping(False)
    service = drawbridge.offer_service(notified=[], settled=False)
    give_name(drawbridge, service, f"theirs.{ZONE}")
    asked = verification(drawbridge, service)
    proof = (f"{asked['Name']}.theirs.{ZONE}", "TXT")
    domains.make_record(public_zone, *proof, f'"{asked["Value"]}"')
    drawbridge.sync_dns.enable_mapping(True)
    drawbridge.later_until(f"{service.id} is verified", lambda: is_verified(drawbridge, service))
    assert (f"{service.id}._drawbridge.{ZONE}", "TXT") not in domains.records(public_zone)
    ec2 = drawbridge.aws.client("ec2", service.account)
    ec2.delete_vpc_endpoint_service_configurations(ServiceIds=[service.id])
    drawbridge.settle()
    assert proof in domains.records(public_zone)
