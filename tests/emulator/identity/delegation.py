"""Who may ask Organizations what.

The management account may ask everything. A member may read only if it is a delegated administrator, or if the
Organization's resource-based delegation policy allows it (Organizations User Guide, "Delegated administrator for
AWS Organizations" and "Create a resource-based delegation policy").
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Response

from ..api_call import ApiCall, AwsError
from ..permissions import request_of
from ..policy_documents import Principal, judge
from .callers import ACCOUNT_ID, PARTITION
from .membership import NOT_IN_USE, management_of, organization_backend

if TYPE_CHECKING:
    from ..hooks import Hooks
    from ..server import Emulator, Proceed

# What an account may do for itself, whatever its role in the Organization.
FOR_ITSELF = {
    "CreateOrganization",
    "DescribeOrganization",
    "AcceptHandshake",
    "DeclineHandshake",
    "DescribeHandshake",
    "ListHandshakesForAccount",
    "LeaveOrganization",
}
EFFECTIVE = "DescribeEffectivePolicy"  # every account may read its own
READS = ("Describe", "List")
# The parameter that names the resource of a read, and the resource's kind in its ARN.
RESOURCES = {
    "DescribeAccount": "AccountId",
    "DescribeEffectivePolicy": "TargetId",
    "DescribeOrganizationalUnit": "OrganizationalUnitId",
    "ListAccountsForParent": "ParentId",
    "ListChildren": "ParentId",
    "ListOrganizationalUnitsForParent": "ParentId",
    "ListParents": "ChildId",
    "ListTagsForResource": "ResourceId",
    "DescribePolicy": "PolicyId",
    "ListPoliciesForTarget": "TargetId",
    "ListTargetsForPolicy": "PolicyId",
}
POLICY_LIMIT = 40_000  # characters of a delegation policy


class Delegation:
    """The delegation policies, and the check of every Organizations call."""

    def __init__(self) -> None:
        self._policies: dict[str, dict[str, Any]] = {}

    def install(self, hooks: Hooks, app: Emulator) -> None:
        """Check every call, and answer the operations on delegation policies."""
        app.around(self.check)
        app.on_reset(self._policies.clear)
        hooks.operation("organizations", "PutResourcePolicy", self.put)
        hooks.operation("organizations", "DescribeResourcePolicy", self.describe)
        hooks.operation("organizations", "DeleteResourcePolicy", self.delete)

    def check(self, call: ApiCall, proceed: Proceed) -> Response:
        """Refuse what the caller's account may not ask; what it may is asked of the management account's record."""
        if call.service != "organizations" or call.operation in FOR_ITSELF or call.caller.kind == "Unknown":
            return proceed(call)
        if call.operation == EFFECTIVE and call.parameter("TargetId", call.account) == call.account:
            return proceed(call)
        management = management_of(call.account)
        if management is None:
            return call.write(AwsError(*NOT_IN_USE))
        if call.account != management and not self._may_read(call, management):
            message = "You don't have permissions to access this resource."
            return call.write(AwsError("AccessDeniedException", message))
        call.environ["HTTP_X_MOTO_ACCOUNT_ID"] = management
        return proceed(call)

    def _may_read(self, call: ApiCall, management: str) -> bool:
        if not call.operation.startswith(READS):
            return False
        backend = organization_backend(management)
        if any(admin.account.id == call.account for admin in backend.admins):
            return True
        policy = self._policies.get(management)
        if policy is None:
            return False
        principal = Principal(account=call.account, arns=call.caller.policy_arns)
        request = request_of(principal, f"organizations:{call.operation}", resource_of(call), context_of(call))
        return judge(policy["content"], request).allowed

    def put(self, call: ApiCall) -> dict[str, Any]:
        """PutResourcePolicy; since June 2026 AWS refuses NotAction and NotResource in it."""
        content = call.parameter("Content", "")
        try:
            statements = json.loads(content)["Statement"]
        except (ValueError, KeyError, TypeError):
            raise AwsError("InvalidInputException", "The policy is not a JSON policy document.") from None
        if len(content) > POLICY_LIMIT:
            raise AwsError("ConstraintViolationException", f"The policy is longer than {POLICY_LIMIT} characters.")
        for statement in statements if isinstance(statements, list) else [statements]:
            if {"NotAction", "NotResource"} & set(statement):
                raise AwsError("InvalidInputException", "NotAction and NotResource are not allowed in the policy.")
        backend = organization_backend(call.account)
        assert backend.org is not None
        known = self._policies.get(call.account)
        if known and call.parameter("Tags"):
            raise AwsError("InvalidInputException", "Tags can be given only to a policy that is created.")
        identifier = f"rp-{backend.org.root_id.removeprefix('r-')}delegate"
        arn = f"arn:{PARTITION}:organizations::{call.account}:resourcepolicy/{backend.org.id}/{identifier}"
        tags = known["tags"] if known else {tag["Key"]: tag["Value"] for tag in call.parameter("Tags", [])}
        self._policies[call.account] = {"id": identifier, "arn": arn, "content": content, "tags": tags}
        return self.describe(call)

    def describe(self, call: ApiCall) -> dict[str, Any]:
        """DescribeResourcePolicy."""
        policy = self._policies.get(management_of(call.account) or "")
        if policy is None:
            raise AwsError("ResourcePolicyNotFoundException", "The organization has no resource policy.")
        summary = {"Id": policy["id"], "Arn": policy["arn"]}
        return {"ResourcePolicy": {"ResourcePolicySummary": summary, "Content": policy["content"]}}

    def delete(self, call: ApiCall) -> None:
        """DeleteResourcePolicy."""
        self.describe(call)
        del self._policies[call.account]

    def tags_of(self, management: str, identifier: str) -> dict[str, str] | None:
        """The tags of an Organization's policy, by its id."""
        policy = self._policies.get(management)
        return policy["tags"] if policy and policy["id"] == identifier else None


def context_of(call: ApiCall) -> dict[str, str]:
    """The condition key that reads of policies have."""
    kind = call.parameter("PolicyType")
    return {"organizations:PolicyType": kind} if kind else {}


def resource_of(call: ApiCall) -> str:
    """The ARN of what a read is about; `*` for listings of the whole Organization.

    Who may ask is decided before it is known whether the account or unit exists: the ARN is made from the id asked for.
    """
    wanted = call.parameter(RESOURCES.get(call.operation, ""), call.account if call.operation == EFFECTIVE else None)
    management = management_of(call.account)
    if wanted is None or management is None:
        return "*"
    backend = organization_backend(management)
    things = [*backend.accounts, *backend.ou, *backend.policies]
    known = next((thing.arn for thing in things if thing.id == wanted), None)
    kind = "account" if ACCOUNT_ID.fullmatch(wanted) else "ou" if wanted.startswith("ou-") else None
    if known or kind is None:
        return known or "*"
    assert backend.org is not None
    return f"arn:{PARTITION}:organizations::{management}:{kind}/{backend.org.id}/{wanted}"
