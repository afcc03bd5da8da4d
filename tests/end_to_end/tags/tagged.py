"""What the tests of tags wait for, and which calls they count."""

from __future__ import annotations

from typing import Any

from deployment.drawbridge import TAGS_ROLE, Drawbridge
from deployment.tags import Tags, holds
from deployment.waiting import wait_until
from emulator.organization_sample import WORKLOADS_MEMBER, EndpointService

from ..function_calls import MEMBER_ROLE, function_calls, writing

# The services that resources are tagged by. Those that events are told and messages are kept by change nothing of anybody.
KEEPERS = ("ec2", "elbv2", "resourcegroupstaggingapi", "route53")


def await_everywhere(drawbridge: Drawbridge, tags: Tags, endpoint: str, **expected: str) -> None:
    """Wait until an endpoint and each of its interfaces have these tags (`cost_centre` is cost-centre)."""
    wanted = {key.replace("_", "-"): value for key, value in expected.items()}

    def look() -> bool:
        return all(holds(found, wanted) for found in tags.of_endpoint_and_interfaces(endpoint))

    what = f"{endpoint} and its interfaces have {wanted}"
    wait_until(what, look, explain=lambda: f"{tags.of_endpoint_and_interfaces(endpoint)} {drawbridge.explain()}")


def await_on_connection(drawbridge: Drawbridge, service: EndpointService, endpoint: str, **expected: str) -> None:
    """Wait until the connection of an endpoint has these tags at the provider's side."""
    wanted = {key.replace("_", "-"): value for key, value in expected.items()}
    what = f"the connection of {endpoint} has {wanted}"
    wait_until(
        what,
        lambda: holds(drawbridge.tags_of(service, endpoint), wanted),
        explain=lambda: f"{drawbridge.tags_of(service, endpoint)} {drawbridge.explain()}",
    )


def await_held(drawbridge: Drawbridge, since: int, resource: str, **fields: Any) -> dict[str, Any]:
    """Wait until tag-resources tells that it leaves a tag of a resource as it is."""

    def look() -> list[dict[str, Any]]:
        held = drawbridge.tag_resources.log.decisions(since, decision="hold", **fields)
        return [line for line in held if resource in str(line)]

    return wait_until(f"{resource} is held with {fields}", look, explain=drawbridge.explain)[0]


def await_failure(drawbridge: Drawbridge, since: int, *texts: str) -> dict[str, Any]:
    """Wait until tag-resources tells of a failure in a line that has all these texts."""

    def look() -> list[dict[str, Any]]:
        said = [line for line in drawbridge.tag_resources.log.said(since) if line["level"] != "INFO"]
        return [line for line in said if all(text in str(line) for text in texts)]

    return wait_until(f"a failure with {texts} is told", look, explain=drawbridge.explain)[0]


def calls_of(drawbridge: Drawbridge, after: int) -> list[dict[str, Any]]:
    """The calls of tag-resources after that number, in whichever account; those of other functions in members are among them."""
    return [call for role in (TAGS_ROLE, MEMBER_ROLE) for call in function_calls(drawbridge, after, role)]


def written(drawbridge: Drawbridge, after: int) -> list[str]:
    """The operations among them that change something."""
    return [call["operation"] for call in writing(calls_of(drawbridge, after)) if call["service"] in KEEPERS]


def tag_by_hand(drawbridge: Drawbridge, resource: str, account: str = WORKLOADS_MEMBER, **tags: str) -> None:
    """Have somebody tag what belongs to their account (`drawbridge_ignore` is drawbridge:ignore)."""
    pairs = [{"Key": key.replace("_", ":", 1), "Value": value} for key, value in tags.items()]
    drawbridge.aws.client("ec2", account).create_tags(Resources=[resource], Tags=pairs)


def untag_by_hand(drawbridge: Drawbridge, resource: str, *keys: str, account: str = WORKLOADS_MEMBER) -> None:
    """Have somebody take tags from what belongs to their account."""
    drawbridge.aws.client("ec2", account).delete_tags(Resources=[resource], Tags=[{"Key": key} for key in keys])
