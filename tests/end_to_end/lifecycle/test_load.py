"""A thousand mixed events as fast as they come: none is lost, none is acted on twice, and what is poison is put aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from deployment.configuration import POLICY
from deployment.drawbridge import FUNCTION_ROLE, Drawbridge
from emulator.organization_sample import MANAGEMENT, ORGANIZATIONS_REGION

from ..function_calls import MEMBER_ROLE, writing
from ..guests import Guests
from .mixed_events import MIX, ONCE, MixedEvents, make_accounts
from .test_moving import FORBIDDING

SEED = 20
EVENTS = 1_000
ANSWERS = ("AcceptVpcEndpointConnections", "RejectVpcEndpointConnections")


@pytest.fixture
def mixed_events(drawbridge: Drawbridge, guests: Guests, changed_configuration: None) -> Iterator[MixedEvents]:
    """The accounts and services, at rest; connections that lose their right are cut off at once."""
    organizations = drawbridge.aws.client("organizations", MANAGEMENT, ORGANIZATIONS_REGION)
    made = organizations.create_organizational_unit(ParentId=drawbridge.sample.root_id, Name="forbidden")
    drawbridge.sample.units["forbidden"] = unit = made["OrganizationalUnit"]["Id"]
    accounts = make_accounts(guests)
    policy = drawbridge.configuration.first_version(POLICY) + FORBIDDING.format(unit=unit)
    drawbridge.reconfigure(policy, revocation={"grace": "0s", "most": EVENTS, "most-percent": 100})
    drawbridge.aws.control("POST", "settings", {"endpoints_per_vpc": EVENTS})
    events = MixedEvents(drawbridge, accounts, "forbidden", SEED)
    # EventBridge tells of each call twice: everything that is forwarded is a duplicate, too.
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 2})
    yield events
    drawbridge.aws.control("POST", "settings", {"trail_deliveries": 1})


def work(drawbridge: Drawbridge) -> None:
    """Do all that waits, and give up what can't be done."""
    drawbridge.watch_organization.give_up()
    drawbridge.accept_connections.give_up()
    drawbridge.sync_dns.give_up()


def histories(drawbridge: Drawbridge, events: MixedEvents) -> dict[str, list[str]]:
    """What became of all endpoints."""
    told = [drawbridge.histories(service) for service in events.all_services()]
    return {endpoint: states for of_service in told for endpoint, states in of_service.items()}


def answers(drawbridge: Drawbridge, after: int) -> Counter[tuple[str, str]]:
    """How often each endpoint was accepted and rejected, as the local AWS's list of calls has it."""
    return Counter(
        (operation, endpoint)
        for role in (FUNCTION_ROLE, MEMBER_ROLE)
        for operation in ANSWERS
        for call in drawbridge.aws.calls(role=role, operation=operation, after=after)
        for endpoint in call["parameters"]["VpcEndpointIds"]
    )


def story(drawbridge: Drawbridge, events: MixedEvents, endpoint: str) -> str:
    """What was decided about an endpoint, and what is recorded on its connection."""
    account, service = events.endpoints[endpoint]
    lines = drawbridge.log.decisions(vpc_endpoint_id=endpoint)
    decided = [f"{line['timestamp']} {line['decision']} {line['reason']} {line['result']}" for line in lines]
    return f"{endpoint} of {account}: {decided}; recorded {drawbridge.tags_of(service, endpoint)}"


def sweep_writes(drawbridge: Drawbridge) -> list[str]:
    """The changes that a sweep makes by environments that remember nothing."""
    drawbridge.end_environments()
    after = drawbridge.aws.last_call()
    drawbridge.sweep()
    work(drawbridge)
    calls = [call for role in (FUNCTION_ROLE, MEMBER_ROLE) for call in drawbridge.aws.calls(role=role, after=after)]
    return [call["operation"] for call in writing(calls)]


def answers_given(told: dict[str, list[str]]) -> set[tuple[str, str]]:
    """Who was accepted and rejected in fact."""
    states = dict(zip(ANSWERS, ("available", "rejected"), strict=True))
    return {(operation, e) for operation, state in states.items() for e, past in told.items() if state in past}


def accepted_lines(drawbridge: Drawbridge, since: int) -> Counter[str]:
    """How often the log says of each endpoint that it was accepted."""
    lines = drawbridge.log.decisions(since, decision="accept", result="done")
    return Counter(line["vpc_endpoint_id"] for line in lines)


def concurrent_runs(drawbridge: Drawbridge) -> int:
    """How many runs of the function are at work at the same moment at most."""
    mapping = drawbridge.aws.client("lambda").get_event_source_mapping(UUID=drawbridge.outputs["MappingId"])
    return mapping["ScalingConfig"]["MaximumConcurrency"]


def test_thousand_mixed_events_are_all_done_and_none_is_done_twice(
    drawbridge: Drawbridge, mixed_events: MixedEvents, since: int
) -> None:
    assert sum(MIX.values()) + sum(ONCE.values()) == EVENTS
    after = drawbridge.aws.last_call()
    mixed_events.happen()
    assert mixed_events.made.total() == EVENTS
    work(drawbridge)

    # None lost: no sweep has helped.
    told = histories(drawbridge, mixed_events)
    assert set(told) == set(mixed_events.endpoints)
    assert {e for e in mixed_events.welcome() if told[e][-1] != "available"} == set()
    letters = drawbridge.accept_connections.dead_letters()
    assert len(letters) == len(mixed_events.poison)
    assert {name for name in mixed_events.poison if any(name in body for body in letters)} == mixed_events.poison
    assert drawbridge.watch_organization.dead_letters() == []

    # At rest: what a memory of members has kept for a while is made good by a look without it.
    sweep_writes(drawbridge)
    told = histories(drawbridge, mixed_events)
    wrong = {e: past for e, past in told.items() if past[-1] != mixed_events.last_state(e, past)}
    assert wrong == {}, [story(drawbridge, mixed_events, endpoint) for endpoint in wrong]
    assert sweep_writes(drawbridge) == []

    # None done twice: nothing was gone through twice, or told of twice. Two runs that are at work at the same moment may
    # both ask for an answer: AWS gives one, and refuses the other, as it does when the endpoint was deleted meanwhile.
    assert {e: past for e, past in told.items() if len(past) != len(set(past))} == {}
    asked, given = answers(drawbridge, after), answers_given(told)
    assert set(asked.values()) <= {*range(1, concurrent_runs(drawbridge) + 1)}
    assert given <= set(asked)
    assert {told[endpoint][-1] for _, endpoint in set(asked) - given} <= {"deleting", "rejected"}
    assert accepted_lines(drawbridge, since) == Counter(e for e, past in told.items() if "available" in past)
