"""Route 53 refuses or can't, an account can't be entered: the next sweep repairs what was left, and others go on."""

from __future__ import annotations

import pytest
from deployment.domains import Domains
from deployment.drawbridge import SYNC_ROLE, Drawbridge
from deployment.waiting import wait_until
from emulator.organization_sample import HUB, SANDBOX_MEMBER, SUSPENDED_MEMBER, WORKLOADS_MEMBER, EndpointService

from ..ordered_faults import UNTIL_CLEARED, clear, hits, order
from .conftest import ZONE
from .names import NAMES, addresses_of, delete_endpoint, describe, give_name, is_verified, tag_vpc, verification

REFUSALS = [("Throttling", 400), ("PriorRequestNotComplete", 400), ("AccessDenied", 403)]


def refuse_changes(drawbridge: Drawbridge, code: str, status: int) -> str:
    """Have Route 53 refuse the changes of records that sync-dns makes, until that is cleared; the fault's id."""
    fault = {"code": code, "http_status": status, "count": UNTIL_CLEARED, "role": SYNC_ROLE}
    return order(drawbridge, "route53", "ChangeResourceRecordSets", **fault)


def await_refusal(drawbridge: Drawbridge, fault: str, since: int, code: str) -> None:
    """Wait until a change was refused, and that is said."""

    def look() -> bool:
        said = [line for line in drawbridge.sync_dns.log.said(since) if line["level"] != "INFO" and code in str(line)]
        return bool(said) and hits(drawbridge, fault) > 0

    wait_until(f"{code} is said", look, explain=drawbridge.explain)


def repair(drawbridge: Drawbridge, fault: str) -> None:
    """The fault passes, and a sweep comes; what was refused would come back much later."""
    clear(drawbridge, fault)
    drawbridge.forget_messages()
    drawbridge.sweep()


@pytest.mark.parametrize(("code", "status"), REFUSALS)
def test_proof_that_could_not_be_written_is_written_by_the_next_sweep(
    drawbridge: Drawbridge, domains: Domains, public_zone: str, since: int, code: str, status: int
) -> None:
    before = domains.records(public_zone)
    service = drawbridge.offer_service(notified=[])
    fault = refuse_changes(drawbridge, code, status)
    give_name(drawbridge, service, f"{code.lower()}.{ZONE}")
    await_refusal(drawbridge, fault, since, code)
    assert domains.records(public_zone) == before
    repair(drawbridge, fault)
    drawbridge.later_until(f"{service.id} is verified", lambda: is_verified(drawbridge, service))
    proof = f"{verification(drawbridge, service)['Name']}.{code.lower()}.{ZONE}"
    registration = f"{service.id}._drawbridge.{ZONE}"
    assert domains.records(public_zone).keys() - before.keys() == {(proof, "TXT"), (registration, "TXT")}


@pytest.mark.parametrize(("code", "status"), REFUSALS)
def test_zone_that_was_left_without_records_gets_them_from_the_next_sweep(
    drawbridge: Drawbridge, domains: Domains, named_service: EndpointService, since: int, code: str, status: int
) -> None:
    name, vpc = f"{code.lower()}.corp.example", drawbridge.sample.networks[HUB].vpc_id
    fault = refuse_changes(drawbridge, code, status)
    endpoint = drawbridge.request_connection(HUB, named_service, dns_name=name)
    await_refusal(drawbridge, fault, since, code)
    assert [domains.records(zone) for zone in domains.zones(name)] == [{}]
    repair(drawbridge, fault)
    drawbridge.later_until(
        f"{name} leads to {endpoint}",
        lambda: domains.addresses(name, HUB, vpc) == addresses_of(drawbridge, HUB, endpoint),
    )
    assert len(domains.zones(name)) == 1
    delete_endpoint(drawbridge, HUB, endpoint)
    what = f"the zone of {name} is gone"
    wait_until(what, lambda: not domains.zones(name), explain=drawbridge.explain)


@pytest.mark.usefixtures("changed_configuration")
def test_member_whose_role_is_missing_does_not_keep_the_others_from_their_names(
    drawbridge: Drawbridge, domains: Domains, named_service: EndpointService, since: int
) -> None:
    without_role = SUSPENDED_MEMBER
    accounts = [HUB, WORKLOADS_MEMBER, SANDBOX_MEMBER, without_role]
    drawbridge.reconfigure(dns=NAMES, consumers={"accounts": accounts})
    name, account = "others.corp.example", WORKLOADS_MEMBER
    vpc = tag_vpc(drawbridge, account, selected=True)
    private = drawbridge.request_connection(account, named_service, private_dns="true")
    central = drawbridge.request_connection(HUB, named_service, dns_name=name)

    def all_is_there() -> bool:
        leads = domains.addresses(name, account, vpc) == addresses_of(drawbridge, HUB, central)
        return leads and describe(drawbridge, account, private)["PrivateDnsEnabled"]

    def look() -> bool:
        drawbridge.sync_dns.bring_forward()
        return all_is_there()

    # What is about the account without the role comes back much later: nothing settles.
    wait_until("the names of the others lead where they should", look, explain=drawbridge.explain)
    drawbridge.sweep()

    def told() -> bool:
        said = drawbridge.sync_dns.log.said(since)
        return any(line["level"] != "INFO" and without_role in str(line) for line in said)

    wait_until(f"it is said that {without_role} can't be entered", told, explain=drawbridge.explain)
    assert all_is_there()
    for owner, endpoint in ((HUB, central), (account, private)):
        delete_endpoint(drawbridge, owner, endpoint)
    tag_vpc(drawbridge, account, selected=False)
    what = f"the zone of {name} is gone"
    wait_until(what, lambda: not domains.zones(name), explain=drawbridge.explain)


def test_zone_whose_making_was_not_answered_is_known_again(
    drawbridge: Drawbridge, domains: Domains, named_service: EndpointService
) -> None:
    name, vpc = "unanswered.corp.example", drawbridge.sample.networks[HUB].vpc_id
    fault = order(drawbridge, "route53", "CreateHostedZone", role=SYNC_ROLE, after=True, disconnect=True, count=1)
    endpoint = drawbridge.request_connection(HUB, named_service, dns_name=name)
    drawbridge.later_until(
        f"{name} leads to {endpoint}",
        lambda: domains.addresses(name, HUB, vpc) == addresses_of(drawbridge, HUB, endpoint),
    )
    assert hits(drawbridge, fault) == 1
    assert len(domains.zones(name)) == 1
    delete_endpoint(drawbridge, HUB, endpoint)
    drawbridge.later_until("its zone is gone", lambda: not domains.zones(name))
