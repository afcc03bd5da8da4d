"""Service control policies: what nobody in a member account may do, whatever its own policies say; not even its root user.

Organizations User Guide, "SCP evaluation": every level from the root down to the account has to allow, and none may deny. They
bind neither the management account nor service-linked roles, and count once their type is enabled in the root.
"""

from __future__ import annotations

from collections.abc import Iterable

from moto.organizations.models import organizations_backends

from ..api_call import ApiCall, AwsError
from ..permissions import PARTITION, request_of
from ..policy_documents import Principal, judge_all
from .callers import caller_keys
from .demand import EVERYTHING, Demand, of_everything
from .membership import find_account, management_of, parents_of

SCP = "SERVICE_CONTROL_POLICY"
# The parameter that names the resource, and how its ARN ends, for calls that are judged by nothing else.
NAMED = {
    "iam": (
        ("RoleName", "iam::{account}:role/{name}"),
        ("PolicyArn", ""),
        ("PolicyName", "iam::{account}:policy/{name}"),
    ),
    "events": (("Rule", "events:{region}:{account}:rule/{name}"), ("Name", "events:{region}:{account}:rule/{name}")),
    "cloudformation": (("StackName", "cloudformation:{region}:{account}:stack/{name}/any"),),
}


def refusal(call: ApiCall, demands: Iterable[Demand] | None) -> AwsError | None:
    """Why the caller's Organization doesn't let it; None when it does."""
    levels = _levels(call.account)
    for demand in (demands if demands is not None else _demands(call)) if levels else ():
        context = demand.context | caller_keys(call.caller) | {"aws:RequestedRegion": call.region}
        principal = Principal(arns=frozenset([call.caller.role_arn or call.caller.arn]))
        request = request_of(principal, demand.action, demand.resource, context)
        for policies in levels:
            judgement = judge_all(policies, request, with_principal=False)
            if not judgement.allowed:
                message = (
                    f"User: {call.caller.arn} is not authorized to perform: {demand.action} on resource: "
                    f"{demand.resource} with an explicit deny in a service control policy ({judgement.reason})"
                )
                return AwsError("UnauthorizedOperation" if call.service == "ec2" else "AccessDenied", message, 403)
    return None


def _levels(account_id: str) -> list[list[str]]:
    """The documents of each level, from the root to the account; none where they don't count."""
    management = management_of(account_id)
    if management in (None, account_id):
        return []
    backend = organizations_backends[management][PARTITION]
    places = {unit.id: unit for unit in backend.ou}
    root = next(unit for unit in places.values() if unit.type == "ROOT")
    if all(entry["Type"] != SCP for entry in root.policy_types):
        return []
    account = find_account(backend, account_id)
    above = [places[identifier] for identifier in parents_of(backend, account.parent_id)]
    return [[policy.content for policy in place.attached_policies if policy.type == SCP] for place in [*above, account]]


def _demands(call: ApiCall) -> Iterable[Demand]:
    for demand in of_everything(call):
        yield Demand(demand.action, _resource(call), demand.context)


def _resource(call: ApiCall) -> str:
    for parameter, form in NAMED.get(call.service, ()):
        name = call.parameter(parameter)
        if name is None:
            continue
        if str(name).startswith("arn:"):
            return str(name)
        return f"arn:{PARTITION}:" + form.format(account=call.account, region=call.region, name=name)
    return EVERYTHING
