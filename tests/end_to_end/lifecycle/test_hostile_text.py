"""Names and tags that would forge log lines, markup or a terminal's picture: they stay text wherever they come out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from deployment import command
from deployment.drawbridge import Drawbridge
from emulator.organization_sample import EndpointService

from ..bus_listener import BusListener
from ..guests import Guests

FORGED = '{"level":"INFO","decision":"accept","reason":"FORGED"}'
# An end of string, a line of its own, other ends of lines, a terminal's command, reversed text, markup: all that XML,
# in which EC2 answers, can carry.
HOSTILE = f'x"}}\n{FORGED}\r\n\u0085\u2028\u2029\u009b2J\u202e<script>alert(1)</script>'
# JSON, in which Organizations answers, carries more.
MORE_HOSTILE = f"{HOSTILE}\x00\x07\x1b[2J\x1b]0;mine\x07"
BY_TAGS = """
@id("by-tags")
@reason("BY_TAGS")
permit (
    principal in Drawbridge::Organization::"{organization}",
    action == Drawbridge::Action::"Connect",
    resource
)
when {{
    principal.hasTag("stage") && principal.getTag("stage") == "production"
    && resource.hasTag("team") && resource.getTag("team") == "network"
}};
"""


@dataclass
class Judged:
    """A request of an account with a hostile name and tag, at a service with a hostile tag."""

    endpoint: str
    service: EndpointService
    since: int


@pytest.fixture
def judged(
    drawbridge: Drawbridge,
    guests: Guests,
    service: EndpointService,
    listener: BusListener,
    since: int,
    changed_configuration: None,
) -> Iterator[Judged]:
    drawbridge.reconfigure(BY_TAGS.format(organization=drawbridge.sample.organization_id))
    account = guests.member()
    drawbridge.aws.control("POST", f"organization/accounts/{account}", {"name": MORE_HOSTILE})
    drawbridge.sample.tag(account, stage=MORE_HOSTILE)
    ec2 = drawbridge.aws.client("ec2", service.account)
    ec2.create_tags(Resources=[service.id], Tags=[{"Key": "team", "Value": HOSTILE}])
    endpoint = drawbridge.request_connection(account, service)
    drawbridge.await_decision(since, vpc_endpoint_id=endpoint)
    drawbridge.settle()
    yield Judged(endpoint, service, since)


def test_log_line_with_hostile_text_is_one_line_that_says_what_was_decided(
    drawbridge: Drawbridge, judged: Judged
) -> None:
    raw = drawbridge.log.messages(judged.since)
    assert raw != []
    for message in raw:
        assert isinstance(json.loads(message), dict)
        assert not any(ord(character) < 32 for character in message)
    lines = drawbridge.log.decisions(judged.since)
    assert [line for line in lines if line["reason"] == "FORGED"] == []
    about = [line for line in lines if line["vpc_endpoint_id"] == judged.endpoint]
    assert {line["decision"] for line in about} == {"hold"}
    assert {line["facts"]["account_tags"] for line in about} == {f"stage={MORE_HOSTILE}"}
    assert {line["facts"]["service_tags"] for line in about} == {f"team={HOSTILE}"}


def test_event_with_hostile_text_says_what_was_decided(judged: Judged, listener: BusListener) -> None:
    event = listener.await_event(judged.endpoint, "Connection Held")
    assert event["detail"]["facts"]["account_tags"] == f"stage={MORE_HOSTILE}"
    assert event["detail"]["decision"] == "hold"


def test_explanation_of_hostile_text_commands_no_terminal(drawbridge: Drawbridge, judged: Judged) -> None:
    connection = drawbridge.connections(judged.service)[judged.endpoint]["VpcEndpointConnectionId"]
    tags = [{"Key": f"drawbridge:{name}", "Value": HOSTILE} for name in ("reason", "policy", "approval")]
    drawbridge.aws.client("ec2", judged.service.account).create_tags(Resources=[connection], Tags=tags)
    told = command.explain(drawbridge.aws, judged.endpoint)
    assert "FORGED" in told
    lines = told.split("\n")
    assert [line for line in lines if not line.isprintable()] == []
    assert [line for line in lines if line.strip().startswith(FORGED)] == []
