"""Tag policies: made, attached, and merged into the effective policy of an account.

Organizations API Reference: CreatePolicy, UpdatePolicy, AttachPolicy, DescribeEffectivePolicy. moto keeps the policies, whatever
they say, and attaches them also when their type isn't enabled; it has no effective policies. Policies of other types stay as
moto has them.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from moto.organizations.models import FakeAccount, FakePolicy, OrganizationsBackend

from ..api_call import ApiCall, AwsError
from .callers import ACCOUNT_ID
from .membership import organization_backend, parents_of
from .policy_inheritance import BeyondUs, Unreadable, check, effective

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator

TAG_POLICY = "TAG_POLICY"


class TagPolicies:
    """The operations, and since when each account has its effective policy."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[str, datetime]] = {}

    def install(self, hooks: Hooks, app: Emulator) -> None:
        """Answer the operations."""
        app.on_reset(self._seen.clear)
        hooks.operation("organizations", "CreatePolicy", create)
        hooks.operation("organizations", "UpdatePolicy", update)
        hooks.operation("organizations", "AttachPolicy", attach)
        hooks.operation("organizations", "DescribeEffectivePolicy", self.describe_effective)

    def describe_effective(self, call: ApiCall) -> dict[str, Any]:
        """DescribeEffectivePolicy; its time is that at which this content was asked for first."""
        kind, target = call.parameter("PolicyType"), call.parameter("TargetId", call.account)
        if kind != TAG_POLICY:
            raise AwsError("NotImplemented", f"the emulator doesn't have effective policies of type {kind}", 501)
        if not ACCOUNT_ID.fullmatch(target):
            raise AwsError("InvalidInputException", f"'{target}' is not the id of an account.")
        backend = organization_backend(call.account)
        account = next((one for one in backend.accounts if one.id == target), None)
        if account is None:
            raise AwsError("TargetNotFoundException", "We can't find the account that you specified.")
        merged = effective(_levels(backend, account)) if is_enabled(backend, kind) else {}
        if not merged:
            raise AwsError("EffectivePolicyNotFoundException", f"The account has no effective policy of type {kind}.")
        content = json.dumps(merged)
        scope = (backend.account_id, target)
        if self._seen.get(scope, ("",))[0] != content:
            self._seen[scope] = (content, datetime.now(UTC))
        return {
            "EffectivePolicy": {
                "PolicyContent": content,
                "LastUpdatedTimestamp": self._seen[scope][1],
                "TargetId": target,
                "PolicyType": kind,
            }
        }


def _levels(backend: OrganizationsBackend, account: FakeAccount) -> list[list[dict[str, Any]]]:
    """The tag policies of the root, of the units down to the account, and of the account itself."""
    units = {unit.id: unit for unit in backend.ou}
    places = [*(units[identifier] for identifier in parents_of(backend, account.parent_id)), account]
    return [[json.loads(p.content) for p in place.attached_policies if p.type == TAG_POLICY] for place in places]


def is_enabled(backend: OrganizationsBackend, kind: str) -> bool:
    """Whether the root has policies of a type."""
    root = next(unit for unit in backend.ou if unit.type == "ROOT")
    return any(entry["Type"] == kind for entry in root.policy_types)


def create(call: ApiCall) -> Any:
    """CreatePolicy."""
    if call.parameter("Type") == TAG_POLICY:
        _check_content(call.parameter("Content", ""))
    return call.forward()


def update(call: ApiCall) -> Any:
    """UpdatePolicy."""
    policy = _find(organization_backend(call.account), call.parameter("PolicyId"))
    if policy is not None and policy.type == TAG_POLICY and call.parameter("Content") is not None:
        _check_content(call.parameter("Content"))
    return call.forward()


def attach(call: ApiCall) -> Any:
    """AttachPolicy: of an enabled type, and once."""
    backend, target = organization_backend(call.account), call.parameter("TargetId")
    policy = _find(backend, call.parameter("PolicyId"))
    if policy is None or policy.type != TAG_POLICY:
        return call.forward()
    if not is_enabled(backend, policy.type):
        raise AwsError("PolicyTypeNotEnabledException", "The policy type isn't enabled in the root.")
    if any(place.id == target for place in policy.attachments):
        raise AwsError("DuplicatePolicyAttachmentException", "The policy is already attached to the target.")
    return call.forward()


def _find(backend: OrganizationsBackend, identifier: str) -> FakePolicy | None:
    return next((policy for policy in backend.policies if policy.id == identifier), None)


def _check_content(content: str) -> None:
    try:
        check(json.loads(content))
    except (ValueError, Unreadable) as error:
        message = f"The provided policy document does not meet the requirements of the policy type: {error}"
        raise AwsError("MalformedPolicyDocumentException", message) from None
    except BeyondUs as feature:
        raise AwsError("NotImplemented", f"the emulator can't merge tag policies with {feature}", 501) from None
