"""What roles did while end-to-end tests ran, against what their policies let them do, in both directions.

The emulator writes it down (emulator/recording.py): operations of the SDK that sessions of a role called, and actions that
were asked of the role's policies, also for a service of AWS that acts in the role's name. Read off the Rust source the same
is asked by test_code_agreement; here it is what ran. recorded_session.py asks it at the end of the tests.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.conditions import holds
from infra.delivery import permissions
from infra.permission import Statement, actions
from infra.rendering import (
    EVERYTHING,
    HUB_ACCOUNT,
    MANAGEMENT_ACCOUNT,
    ORGANIZATIONS_REGION,
    PLACES,
    REGION,
    Rendering,
)
from infra.rust_calls import ACTIONS
from infra.template import read

Role = tuple[str, str]
"""Template and logical id."""
Policies = Mapping[Role, list[Statement]]

HUB, MEMBER, MANAGEMENT = "hub.yaml", "member.yaml", "management.yaml"
MEMBER_ROLE: Role = (MEMBER, "MemberRole")
# The functions' roles in the hub, by the name of the session that each has in a member.
FUNCTION_ROLES: dict[str, Role] = {
    "accept-connections": (HUB, "FunctionRole"),
    "watch-organization": (HUB, "WatchRole"),
    "sync-dns": (HUB, "SyncRole"),
    "tag-resources": (HUB, "TagsRole"),
    "publish-alarms": (HUB, "AlarmsRole"),
    "sync-cloud-map": (HUB, "CloudMapRole"),
}
# Anybody may ask who he is.
FREE = {"sts:GetCallerIdentity"}


@dataclass(frozen=True)
class Line:
    """One thing that a session of a role did, or a service in its name (then without a session)."""

    role: Role
    session: str
    action: str
    called: bool
    """An operation of the SDK, and not what the role's policies were asked."""
    allowed: bool = True


@functools.cache
def _renderings() -> dict[str, Rendering]:
    """Each template with everything let, where it belongs."""
    return {name: Rendering(read(name), EVERYTHING[name], *place) for name, place in PLACES.items()}


def policies() -> Policies:
    """The statements of every role of the templates."""
    return {
        (name, role): permissions(rendering, role)
        for name, rendering in _renderings().items()
        for role in rendering.of_type("AWS::IAM::Role")
    }


def in_files(files: Iterable[Path]) -> list[Line]:
    """What several wrote, about roles of ours; tests have roles of their own besides."""
    texts = [file.read_text(encoding="utf-8") for file in files]
    found = [_line(**json.loads(line)) for text in texts for line in text.splitlines()]
    return [line for line in found if line is not None]


def _line(role: str, session: str, called: str = "", asked: str = "", allowed: bool = True) -> Line | None:
    known = _roles().get(_template_and_name(role))
    if known is None:
        return None
    service, _, operation = called.partition(":")
    return Line(known, session, asked or f"{ACTIONS.get(service, service)}:{operation}", bool(called), allowed)


@functools.cache
def _roles() -> dict[tuple[str, str], Role]:
    return {
        (name, _template_and_name(rendering.arn(role))[1]): (name, role)
        for name, rendering in _renderings().items()
        for role in rendering.of_type("AWS::IAM::Role")
    }


def _template_and_name(arn: str) -> tuple[str, str]:
    """Whose role it is by its account, and its name without the Region that ends it."""
    account, _, name = arn.split(":", 4)[4].partition(":role/")
    for region in (REGION, ORGANIZATIONS_REGION):
        name = name.removesuffix(f"-{region}")
    return {HUB_ACCOUNT: HUB, MANAGEMENT_ACCOUNT: MANAGEMENT}.get(account, MEMBER), name


def beyond(lines: Iterable[Line], of: Policies) -> list[str]:
    """What a role did that none of its statements lets its session do, or that nobody asked its policies about."""
    lines = set(lines)
    judged = {(line.role, line.session, line.action) for line in lines if not line.called}
    found = []
    for line in lines:
        statements = [statement for statement in of[line.role] if _concerns(statement, line.session)]
        if line.action not in actions(statements) | FREE:
            found.append(f"{_named(line.role)} {_did(line)}, and no statement names it")
        elif line.called and (line.role, line.session, line.action) not in judged and line.action not in FREE:
            found.append(f"{_named(line.role)} {_did(line)}, and the emulator did not ask whether it may")
    return sorted(found)


def idle(lines: Iterable[Line], of: Policies) -> dict[Role, set[str]]:
    """Actions that a role has, and that were never allowed to it.

    A function does the same in the hub by its role, and elsewhere by the member role; test_function_role sees that both have
    the same actions. What it did in one place, it has them for in both.
    """
    used: dict[Role, set[str]] = {role: set() for role in of}
    for line in lines:
        if line.allowed:
            used[line.role].add(line.action)
            if line.role in FUNCTION_ROLES.values():
                used[MEMBER_ROLE].add(line.action)
            if line.role == MEMBER_ROLE:
                used[FUNCTION_ROLES[line.session]].add(line.action)
    return {role: actions(statements) - used[role] for role, statements in of.items()}


def disagreement(
    lines: Iterable[Line], of: Policies, unreached: Mapping[Role, Mapping[str, str]], whole: bool
) -> list[str]:
    """All that is wrong; only when the `whole` of the tests ran, what they don't reach is wrong, too."""
    lines = set(lines)
    left = idle(lines, of)
    found = beyond(lines, of)
    for role in of:
        listed = set(unreached.get(role, {}))
        found += [
            f"{_named(role)} did {action}: unreached.py says no test can" for action in sorted(listed - left[role])
        ]
        if whole:
            never = sorted(left[role] - listed)
            found += [
                f"{_named(role)} never did {action}: take it away, or say in unreached.py why" for action in never
            ]
    return found


def _concerns(statement: Statement, session: str) -> bool:
    """Whether a statement is for sessions of this name; one that asks for none is for all."""
    wanted = statement.get("Condition", {}).get("StringLike", {}).get("aws:userid")
    return wanted is None or holds("StringLike", wanted, f"AROA:{session}")


def _named(role: Role) -> str:
    return f"{role[1]} of {role[0]}"


def _did(line: Line) -> str:
    how = "called" if line.called else "was asked for"
    return f"{how} {line.action}" + (f" as {line.session}" if line.session else "")
